//! What was acknowledged is there, once, whatever happens to the process.

use crate::support::{Backend, Server, User, new_client_id};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{cell::Cell, collections::HashMap, rc::Rc};

both!(
    kill_in_the_middle_of_load_loses_nothing,
    a_retry_after_a_restart_finds_the_first,
    a_client_id_names_one_message,
    the_same_message_from_two_windows_at_once_is_stored_once,
    state_survives_a_kill,
);

/// What a sender tried.
struct Attempt {
    room: String,
    client_id: String,
    body: String,
    /// `seq` and `rev`, where the answer came.
    acknowledged: Option<(i64, i64)>,
}

async fn send_until_cut(user: User, rooms: Vec<String>, number: usize, acknowledged: Rc<Cell<usize>>) -> Vec<Attempt> {
    let mut window = user.connect().await;
    let mut attempts: Vec<Attempt> = Vec::new();
    loop {
        let mut asked = Vec::new();
        for _ in 0..4 {
            let room = rooms[attempts.len() % rooms.len()].clone();
            let (client_id, body) = (new_client_id(), format!("{number}: {}", attempts.len()));
            let id = window.post("send", json!({ "room": room, "client_id": client_id, "body": body })).await;
            asked.push((id, attempts.len()));
            attempts.push(Attempt { room, client_id, body, acknowledged: None });
        }
        for (id, at) in asked {
            let Some(reply) = window.try_reply(id).await else { return attempts };
            let answer = reply.unwrap();
            attempts[at].acknowledged = Some((answer["seq"].as_i64().unwrap(), answer["rev"].as_i64().unwrap()));
            acknowledged.set(acknowledged.get() + 1);
        }
    }
}

/// Numbers without a hole, and each `client_id` once.
fn check_log(stored: &[Value]) -> HashMap<String, &Value> {
    for (at, message) in (1..).zip(stored) {
        assert_eq!((message["seq"].as_i64(), message["rev"].as_i64()), (Some(at), Some(at)), "{message}");
    }
    let by_id: HashMap<String, &Value> =
        stored.iter().map(|message| (message["client_id"].as_str().unwrap().to_owned(), message)).collect();
    assert_eq!(by_id.len(), stored.len(), "a client_id was stored twice");
    by_id
}

async fn kill_in_the_middle_of_load_loses_nothing(backend: Backend) {
    const SENDERS: usize = 4;
    let mut server = Server::start(backend).await;
    let users = server.users(["sender1", "sender2", "sender3", "sender4"]).await;
    let mut rooms = vec![users[0].connect().await.lobby()];
    for title in ["One", "Two"] {
        rooms.push(users[0].group(title, &users[1..].iter().collect::<Vec<_>>()).await);
    }
    let mut attempts: Vec<(usize, Attempt)> = Vec::new();
    for round in 1..=3 {
        let acknowledged = Rc::new(Cell::new(0));
        let mut senders = Vec::new();
        for (number, user) in users.iter().enumerate() {
            senders.push(actix_rt::spawn(send_until_cut(user.clone(), rooms.clone(), number, acknowledged.clone())));
        }
        let wanted = 60 * round;
        crate::support::eventually("enough acknowledged messages", || {
            let enough = acknowledged.get() >= wanted;
            async move { enough.then_some(()) }
        })
        .await;
        server.kill();
        for (number, tried) in join_all(senders).await.into_iter().enumerate() {
            attempts.extend(tried.unwrap().into_iter().map(|attempt| (number, attempt)));
        }
        server.run();

        for room in &rooms {
            let stored = users[0].history(room).await;
            let by_id = check_log(&stored);
            let known: HashMap<&str, &(usize, Attempt)> =
                attempts.iter().filter(|(_, attempt)| attempt.room == *room).map(|one| (one.1.client_id.as_str(), one)).collect();
            for (number, attempt) in known.values() {
                let found = by_id.get(&attempt.client_id);
                if let Some((seq, rev)) = attempt.acknowledged {
                    let message = found.unwrap_or_else(|| panic!("acknowledged as {seq} and gone: {}", attempt.body));
                    assert_eq!((message["seq"].as_i64(), message["rev"].as_i64()), (Some(seq), Some(rev)));
                    assert_eq!(
                        (message["body"].as_str(), message["author"].as_str()),
                        (Some(attempt.body.as_str()), Some(users[*number].id.as_str()))
                    );
                }
            }
            for id in by_id.keys() {
                assert!(known.contains_key(id.as_str()), "nobody sent {id}");
            }
            let head = users[1].get(&format!("/rooms/{room}")).await.ok(200);
            let count = stored.len() as i64;
            assert_eq!((head["room"]["last_seq"].as_i64(), head["room"]["rev"].as_i64()), (Some(count), Some(count)));
        }
    }
    // Whatever was cut is tried again: stored once, and where it had been stored, under its first number.
    for (number, user) in users.iter().enumerate().take(SENDERS) {
        let mut window = user.connect().await;
        for (_, attempt) in attempts.iter().filter(|(of, _)| *of == number) {
            let again = window.send_as(&attempt.room, &attempt.client_id, &attempt.body).await.unwrap();
            if let Some((seq, rev)) = attempt.acknowledged {
                assert_eq!((again.seq, again.rev, again.duplicate), (seq, rev, true));
            }
        }
    }
    let mut total = 0;
    for room in &rooms {
        total += check_log(&users[0].history(room).await).len();
    }
    assert_eq!(total, attempts.len());
}

async fn a_retry_after_a_restart_finds_the_first(backend: Backend) {
    let mut server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let client_id = new_client_id();
    let first = alice.connect().await.send_as("#lobby", &client_id, "once").await.unwrap();
    server.kill();
    server.run();
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    let again = a.send_as("#lobby", &client_id, "once").await.unwrap();
    assert_eq!((again.seq, again.rev, &again.created_at, again.duplicate), (first.seq, first.rev, &first.created_at, true));
    let next = a.send("#lobby", "next").await;
    assert_eq!((next.seq, next.rev), (first.seq + 1, first.rev + 1));
    // A duplicate is told to nobody.
    assert!(b.until_body("next").await.iter().all(|event| event["event"] != "message"));
}

async fn a_client_id_names_one_message(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let mut a = alice.connect().await;
    let client_id = new_client_id();
    let first = a.send_as(&group, &client_id, "this").await.unwrap();
    for (room, body) in [(group.as_str(), "that"), ("#lobby", "this")] {
        assert_eq!(a.send_as(room, &client_id, body).await.unwrap_err().code, "conflict", "{room} {body}");
        let by_rest =
            alice.post(&format!("/rooms/{}/messages", crate::support::encode(room)), json!({ "client_id": client_id, "body": body })).await;
        by_rest.refused(409, "conflict");
    }
    assert_eq!(alice.history(&group).await.len(), 1);
    assert!(alice.history("#lobby").await.is_empty());
    let next = a.send(&group, "next").await;
    assert_eq!((next.seq, next.rev), (first.seq + 1, first.rev + 1), "a refused message uses no number");
}

async fn the_same_message_from_two_windows_at_once_is_stored_once(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut one, mut two, mut b) = (alice.connect().await, alice.connect().await, bob.connect().await);
    for _ in 0..20 {
        let fields = json!({ "room": "#lobby", "client_id": new_client_id(), "body": "twice" });
        let (first, second) = (one.post("send", fields.clone()).await, two.post("send", fields).await);
        let (first, second) = (one.reply(first).await.unwrap(), two.reply(second).await.unwrap());
        assert_eq!((&first["seq"], &first["rev"]), (&second["seq"], &second["rev"]));
        assert_ne!(first["duplicate"], second["duplicate"]);
        assert_eq!(json!(b.next_message().await.seq), first["seq"]);
    }
    assert_eq!(alice.history("#lobby").await.len(), 20);
}

async fn state_survives_a_kill(backend: Backend) {
    let mut server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    for number in 1..=5 {
        a.send(&group, &format!("@bob {number}")).await;
        b.next_message().await;
    }
    b.ok("delivered", json!({ "room": group, "seq": 4 })).await;
    b.ok("read", json!({ "room": group, "seq": 2 })).await;
    let epoch = b.epoch();
    bob.patch(&format!("/rooms/{group}"), json!({ "muted": true })).await.ok(200);
    alice.put(&format!("/rooms/{group}/members/bob"), json!({ "role": "admin" })).await.ok(200);
    bob.patch("/me", json!({ "display_name": "Bob B." })).await.ok(200);
    server.kill();
    server.run();

    let b = bob.connect().await;
    let room = b.room(&group);
    let held = ["read_seq", "delivered_seq", "unread", "mentions", "last_seq", "rev"].map(|key| room[key].as_i64().unwrap());
    assert_eq!(held, [2, 4, 3, 3, 5, 5]);
    assert_eq!((&room["role"], &room["muted"], &room["name"]), (&json!("admin"), &json!(true), &json!("Team")));
    assert_eq!(b.greeting["user"]["display_name"], "Bob B.");
    assert_eq!(b.epoch(), epoch, "only a restored backup is another epoch");
}

/// A burst of messages leaves a long file behind, most of which is used no more. Here it is one hole.
#[actix_rt::test]
async fn a_long_log_is_cut_while_nobody_writes() {
    const MIB: u64 = 1 << 20;
    let mut server = Server::start(Backend::Sqlite).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let log = server.data_dir().join("chirm.db-wal");
    std::fs::File::options().write(true).open(&log).unwrap().set_len(280 * MIB).unwrap();
    alice.connect().await.send(&group, "stored").await;
    crate::support::eventually("a log of 256 MiB", || {
        let size = std::fs::metadata(&log).unwrap().len();
        async move { (size == 256 * MIB).then_some(()) }
    })
    .await;
    alice.connect().await.send(&group, "stored after it").await;
    server.kill();
    server.run();
    assert_eq!(bob.connect().await.room(&group)["last_seq"], 2);
}
