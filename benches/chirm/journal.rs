//! What a commit costs on SQLite with `synchronous=FULL`, by the size of the batch.

use chirm::{
    db::{self, Synchronous, append::Batch, rooms::NewRoom, users::NewUser},
    domain::{ClientId, Millis, NewMessage, RoomId, RoomKind, ServerRole, User, Username},
};
use criterion::{BatchSize, Criterion, Throughput};
use uuid::Uuid;

fn message(room: RoomId, author: &User) -> NewMessage {
    NewMessage {
        room,
        author: author.id,
        client_id: Some(ClientId(Uuid::now_v7())),
        body: "x".repeat(128),
        reply_to: None,
        thread: None,
        named: Vec::new(),
        check_member: false,
        audit: None,
    }
}

pub fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("journal on SQLite");
    group.sample_size(30);
    let dir = tempfile::tempdir().unwrap();
    let url = db::Url::sqlite(&dir.path().join("bench.db"));
    let mut db = db::Connector::writer(&url, Synchronous::Full).connect().unwrap();
    let now = Millis::now();
    db::migrate::run(&mut db, now).unwrap();
    let new = NewUser {
        username: Username::parse("alice").unwrap(),
        display_name: None,
        role: ServerRole::Member,
        guest: false,
        password_hash: None,
    };
    let (author, _) = db::users::create(&mut db, new, now).unwrap();
    let rooms: Vec<RoomId> = (0..100)
        .map(|n| {
            let new = NewRoom { kind: RoomKind::Group, name: format!("room {n}"), topic: None, members: Vec::new() };
            db::rooms::create(&mut db, &author, new, now).unwrap().0.id
        })
        .collect();
    for size in [1, 100, 1000] {
        group.throughput(Throughput::Elements(size));
        group.bench_function(format!("a batch of {size}, 100 rooms"), |b| {
            b.iter_batched(
                || Batch { messages: (0..size).map(|n| message(rooms[n as usize % 100], &author)).collect(), marks: Vec::new() },
                |batch| db::append::run(&mut db, &batch, now).unwrap(),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}
