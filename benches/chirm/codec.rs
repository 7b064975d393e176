//! Frames in and out.

use chirm::{
    actors::session::Decoder,
    domain::{ClientId, Message, Millis, RoomId, UserId},
    protocol::{Frames, Request, SentOk, reply_frame},
};
use criterion::{BatchSize, Criterion, Throughput};
use std::hint::black_box;

pub fn message(body: usize) -> Message {
    Message {
        room: RoomId::from([1; 16]),
        seq: 123_456,
        rev: 123_456,
        author: UserId::from([2; 16]),
        client_id: Some(ClientId::from([3; 16])),
        body: "x".repeat(body),
        created_at: Millis(1_769_860_800_000),
        reply_to: None,
        thread: None,
        mentions: Vec::new(),
        edited_at: None,
        deleted_at: None,
    }
}

fn request(body: usize) -> String {
    let body = "x".repeat(body);
    format!(r##"{{"id":17,"op":"send","room":"#lobby","client_id":"00000000-0000-4000-8000-000000000001","body":"{body}"}}"##)
}

fn masked(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend((payload.len() as u16).to_be_bytes());
    frame.extend([1, 2, 3, 4]);
    frame.extend(payload.iter().zip([1, 2, 3, 4].iter().cycle()).map(|(b, k)| b ^ k));
    frame
}

pub fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("codec");
    let json = request(128);
    group.throughput(Throughput::Elements(1));
    group.bench_function("decode a send of 128 bytes", |b| b.iter(|| Request::decode(black_box(&json)).unwrap()));
    let frame = masked(json.as_bytes());
    group.bench_function("unmask and split a frame", |b| {
        b.iter_batched_ref(
            || (Decoder::default(), frame.clone()),
            |(decoder, bytes)| {
                decoder
                    .feed(bytes, 65_536, |incoming| {
                        black_box(incoming);
                        Some(65_536)
                    })
                    .unwrap()
            },
            BatchSize::SmallInput,
        );
    });
    let event = message(128);
    group.bench_function("encode a message event of 128 bytes", |b| {
        b.iter(|| {
            let mut frames = Frames::with_capacity(512);
            frames.push_message(black_box(&event));
            frames.finish()
        });
    });
    let ok = SentOk { seq: 1, rev: 1, created_at: Millis(1_769_860_800_000), duplicate: false };
    group.bench_function("encode a reply", |b| b.iter(|| reply_frame(7, black_box(&ok))));
    group.finish();
}
