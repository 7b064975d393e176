//! One worker's Courier: a run of messages to a thousand connections. Sockets that take everything stand in for the kernel, so that what
//! is measured is ours.

use chirm::{
    actors::{
        connection::{Beat, Connection},
        courier::{Hearing, Mark, Parcel, RoomIx, Roster, Run},
    },
    domain::RoomId,
    protocol::Frames,
};
use criterion::{Criterion, Throughput};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

struct Sink;

impl AsyncRead for Sink {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_write_vectored(self: Pin<&mut Self>, _: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(slices.iter().map(|s| s.len()).sum()))
    }
    fn is_write_vectored(&self) -> bool {
        true
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

const ROOM: RoomIx = RoomIx(0);

pub fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("fan-out");
    let beat = Beat { ping_s: 25, answer_s: 10, hello_s: 10, stuck_s: 30, linger_s: 3 };
    let mut roster = Roster::new(0, beat, Arc::default());
    for _ in 0..1000 {
        let conn = roster.enter(Rc::new(Connection::new(Sink, 1 << 20, 1)));
        roster.deliver(Parcel::Listen(conn, vec![Hearing { room: ROOM, id: RoomId::from([1; 16]), live: true }]));
    }
    let message = super::codec::message(128);
    for count in [1, 50] {
        let mut frames = Frames::default();
        let marks = (0..count).map(|n| Mark { rev: n + 1, end: frames.push_message(&message).1 as u32, reply: None }).collect();
        let run = Arc::new(Run { frames: frames.finish(), marks });
        group.throughput(Throughput::Elements(1000 * count as u64));
        group.bench_function(format!("{count} messages to 1,000 connections"), |b| {
            b.iter(|| {
                roster.deliver(Parcel::Log(ROOM, run.clone()));
                roster.flush();
            });
        });
    }
    group.finish();
}
