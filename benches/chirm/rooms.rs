//! The state of routing, without database and sockets.

use chirm::{
    actors::{
        chat_server::{Committed, Greeting, Loaded, Now, Origin, Out, Rate, Reply, SendAsk, Settings, State},
        courier::ConnId,
        journal::Stored,
    },
    domain::{
        ClientId, Limits, Membership, Millis, NewMessage, Role, RoomHead, RoomId, RoomKind, RoomRef, Sent, ServerRole, SessionId, Sharing,
        User, UserId,
    },
};
use criterion::{BatchSize, Criterion, Throughput};
use std::sync::Arc;

const NOW: Now = Now { ms: 1, wall: Millis(1) };

fn id(n: u32) -> [u8; 16] {
    let mut id = [0; 16];
    id[12..].copy_from_slice(&n.to_be_bytes());
    id
}

fn head(n: u32) -> RoomHead {
    RoomHead { id: RoomId::from(id(n)), members: 2, ..RoomHead::new(RoomKind::Channel, Some(format!("room{n}")), String::new(), Millis(0)) }
}

/// `rooms` rooms of two users each, all of them here.
fn filled(rooms: u32) -> (State, Vec<ConnId>) {
    let settings = Settings {
        version: "0",
        epoch: String::new(),
        limits: Limits::default(),
        send: Rate::FREE,
        send_in_room: Rate::FREE,
        typing: Rate::FREE,
        leave_after_ms: 1000,
    };
    let mut state = State::new(settings);
    let mut out = Out::new(2);
    let mut conns = Vec::new();
    for n in 0..rooms * 2 {
        let user = User {
            id: UserId::from(id(n)),
            username: format!("user{n}"),
            display_name: format!("User {n}"),
            role: ServerRole::Member,
            guest: false,
            created_at: Millis(0),
            last_seen: None,
            shares: Sharing::default(),
        };
        let conn = ConnId { worker: (n % 2) as u16, place: n, turn: 1 };
        conns.push(conn);
        let session = SessionId::from(id(n));
        let mine = Membership {
            role: Role::Member,
            read_seq: 0,
            delivered_seq: 0,
            mentions: 0,
            muted: false,
            favourite: false,
            joined_at: Millis(0),
        };
        let rooms = Some(Arc::new(vec![Loaded { head: head(n / 2), mine, peer: None }]));
        state.hello(Greeting { conn, id: 1, user, news: 0, rooms, session, cursors: Vec::new(), epoch: None }, NOW, &mut out);
    }
    (state, conns)
}

fn committed(rooms: u32, count: u32, rev: i64, conns: &[ConnId]) -> Committed {
    let mut committed = Committed {
        messages: Vec::new(),
        senders: Vec::new(),
        stored: Stored { messages: Vec::new(), marks: Vec::new() },
        marks: Vec::new(),
        markers: Vec::new(),
    };
    for n in 0..count {
        let room = n % rooms;
        committed.messages.push(NewMessage {
            room: RoomId::from(id(room)),
            author: UserId::from(id(room * 2)),
            client_id: Some(ClientId::from(id(n))),
            body: "x".repeat(128),
            reply_to: None,
            thread: None,
            named: Vec::new(),
            check_member: false,
            audit: None,
        });
        committed.senders.push(Origin::Conn(conns[(room * 2) as usize], 1, Reply::Sent));
        let seq = rev + i64::from(n / rooms);
        committed.stored.messages.push(Ok(Sent { seq, rev: seq, created_at: Millis(1), duplicate: false, mentions: Vec::new() }));
    }
    committed
}

pub fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("routing");
    group.throughput(Throughput::Elements(1));
    let (mut state, conns) = filled(1000);
    group.bench_function("accept a send", |b| {
        let mut n = 0;
        b.iter_batched(
            || {
                n = (n + 1) % conns.len();
                let room = RoomRef::Id(RoomId::from(id(n as u32 / 2)));
                let client_id = ClientId::from(id(7));
                (conns[n], SendAsk { room, client_id, body: "x".repeat(128), reply_to: None, thread: None, named: Vec::new() }, Out::new(2))
            },
            |(conn, ask, mut out)| {
                state.send(conn, 1, ask, NOW, &mut out);
                out
            },
            BatchSize::SmallInput,
        );
    });
    for (rooms, count) in [(1, 100), (200, 400)] {
        group.throughput(Throughput::Elements(u64::from(count)));
        group.bench_function(format!("a commit of {count} messages in {rooms} rooms"), |b| {
            let (mut state, conns) = filled(rooms);
            let mut rev = 1;
            b.iter_batched(
                || {
                    let batch = committed(rooms, count, rev, &conns);
                    rev += i64::from(count.div_ceil(rooms));
                    (batch, Out::new(2))
                },
                |(batch, mut out)| {
                    state.committed(batch, &mut out);
                    out
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}
