//! Rates, where they are on.

use crate::support::{Backend, Raw, Server, User, new_client_id};
use serde_json::{Value, json};
use tokio::net::TcpStream;

both!(
    sending_too_fast_is_refused,
    one_room_has_a_rate_of_its_own,
    typing_too_fast_is_refused,
    guessing_passwords_is_slowed_down,
    connections_per_address_are_counted,
    requests_in_flight_are_bounded,
    a_flood_of_frames_ends_the_connection,
    a_full_journal_answers_and_loses_nothing,
);

const ON: (&str, &str) = ("CHIRM_LIMITS__ENABLED", "true");

fn message(room: &str) -> Value {
    json!({ "room": room, "client_id": new_client_id(), "body": "hi" })
}

async fn sending_too_fast_is_refused(backend: Backend) {
    let server = Server::with(backend, &[ON, ("CHIRM_LIMITS__SEND_PER_S", "1"), ("CHIRM_LIMITS__SEND_BURST", "5")]).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut a, mut two, mut b) = (alice.connect().await, alice.connect().await, bob.connect().await);
    let mut stored = 0;
    let refused = loop {
        match a.request("send", message(if stored % 2 == 0 { "#lobby" } else { &group })).await {
            Ok(_) => stored += 1,
            Err(refused) => break refused,
        }
        assert!(stored < 15, "never refused");
    };
    assert_eq!(refused.code, "rate_limited");
    assert!((1..=1000).contains(&refused.retry_after_ms), "{refused:?}");
    assert!((5..=8).contains(&stored), "{stored}");
    // It is the user's, not the window's; another user's is another one.
    let mut by_the_other = Vec::new();
    for _ in 0..2 {
        by_the_other.push(two.request("send", message("#lobby")).await.map_err(|refused| refused.code));
    }
    assert!(by_the_other.contains(&Err("rate_limited".to_owned())), "{by_the_other:?}");
    b.send("#lobby", "I may").await;
    // The connection is fine, and what was refused was not stored.
    a.ok("ping", json!({})).await;
    let count = alice.history("#lobby").await.len() + alice.history(&group).await.len();
    assert!((stored..=stored + 3).contains(&count), "{count} of {stored}");

    let mut last = None;
    for _ in 0..15 {
        let answer = bob.post("/rooms/%23lobby/messages", message("#lobby")).await;
        if answer.status == 429 {
            last = Some(answer);
            break;
        }
    }
    let answer = last.expect("never refused by REST");
    let problem = answer.refused(429, "rate_limited");
    assert!(problem["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0), "{problem}");
    assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok_and(|s| s >= 1)));
}

async fn one_room_has_a_rate_of_its_own(backend: Backend) {
    let settings =
        [ON, ("CHIRM_LIMITS__SEND_PER_S", "1000"), ("CHIRM_LIMITS__SEND_BURST", "1000"), ("CHIRM_LIMITS__SEND_PER_ROOM_MIN", "6")];
    let server = Server::with(backend, &settings).await;
    let alice = server.user("alice").await;
    let group = alice.group("Team", &[]).await;
    let mut a = alice.connect().await;
    for _ in 0..6 {
        a.send(&group, "hi").await;
    }
    let refused = a.refused("send", message(&group), "rate_limited").await;
    assert!((1..=10_000).contains(&refused.retry_after_ms), "{refused:?}");
    a.send("#lobby", "another room").await;
    assert_eq!(alice.history(&group).await.len(), 6);
}

async fn typing_too_fast_is_refused(backend: Backend) {
    let server = Server::with(backend, &[ON]).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    let on = json!({ "room": "#lobby", "on": true });
    a.ok("typing", on.clone()).await;
    let mut refused = None;
    for _ in 0..5 {
        if let Err(why) = a.request("typing", on.clone()).await {
            refused = Some(why);
        }
    }
    assert_eq!(refused.expect("never refused").code, "rate_limited");
    a.ok("typing", json!({ "room": "#lobby", "on": false })).await;
}

async fn guessing_passwords_is_slowed_down(backend: Backend) {
    let server = Server::with(backend, &[ON, ("CHIRM_LIMITS__SIGN_IN_PER_MIN", "6")]).await;
    let alice = server.user("alice").await;
    let guess = json!({ "username": "alice", "password": "a wrong guess" });
    let mut refused = None;
    for _ in 0..8 {
        let answer = server.http().post("/auth/login", guess.clone()).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        answer.refused(401, "unauthorized");
    }
    let problem = refused.expect("never refused").refused(429, "rate_limited");
    assert!(problem["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0));
    // Who is signed in already is not concerned.
    alice.get("/me").await.ok(200);
}

async fn upgrade(server: &Server) -> Raw {
    Raw::over(TcpStream::connect(("127.0.0.1", server.port())).await.unwrap(), "").await
}

async fn connections_per_address_are_counted(backend: Backend) {
    let server = Server::with(
        backend,
        &[
            ON,
            ("CHIRM_LIMITS__CONNECTIONS_PER_ADDRESS", "3"),
            ("CHIRM_LIMITS__UPGRADE_PER_S", "1000"),
            ("CHIRM_LIMITS__UPGRADE_BURST", "1000"),
        ],
    )
    .await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let raw = upgrade(&server).await;
        assert!(raw.head.starts_with("HTTP/1.1 101"), "{}", raw.head);
        held.push(raw);
    }
    let one_more = upgrade(&server).await;
    assert!(one_more.head.starts_with("HTTP/1.1 429"), "{}", one_more.head);
    held.pop();
    crate::support::eventually("a free place", || async { upgrade(&server).await.head.starts_with("HTTP/1.1 101").then_some(()) }).await;

    let few = Server::with(backend, &[ON, ("CHIRM_LIMITS__UPGRADE_PER_S", "1"), ("CHIRM_LIMITS__UPGRADE_BURST", "4")]).await;
    let mut heads = Vec::new();
    for _ in 0..12 {
        heads.push(upgrade(&few).await.head[9..12].to_owned());
    }
    assert!(heads[..4].iter().all(|status| status == "101"), "{heads:?}");
    assert!(heads.iter().any(|status| status == "429"), "{heads:?}");
}

/// More requests than may be in flight are not lost: they wait in the socket until there is room.
async fn requests_in_flight_are_bounded(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_LIMITS__REQUESTS_IN_FLIGHT", "4")]).await;
    let alice: User = server.user("alice").await;
    let mut a = alice.connect().await;
    let mut ids = Vec::new();
    for number in 0..100 {
        ids.push(if number % 3 == 0 {
            a.post("history", json!({ "room": "#lobby" })).await
        } else {
            a.post("send", message("#lobby")).await
        });
    }
    for id in ids {
        a.reply(id).await.unwrap();
    }
    assert_eq!(alice.history("#lobby").await.len(), 66);
}

async fn a_flood_of_frames_ends_the_connection(backend: Backend) {
    let server = Server::with(backend, &[ON]).await;
    let alice = server.user("alice").await;
    let mut raw = Raw::open(server.port()).await;
    raw.hello(&alice.token).await;
    for _ in 0..40 {
        for _ in 0..50 {
            raw.text(r#"{"id":7,"op":"ping"}"#).await;
        }
    }
    let mut limited = 0;
    loop {
        let Some(frame) = raw.next().await else { panic!("it just ended, after {limited} refusals") };
        if frame.opcode == crate::support::CLOSE {
            assert_eq!(&frame.payload[..2], 4429_u16.to_be_bytes());
            break;
        }
        if String::from_utf8_lossy(&frame.payload).contains("rate_limited") {
            limited += 1;
        }
    }
    assert!(limited > 0);
    Raw::open(server.port()).await.hello(&alice.token).await;
}

async fn a_full_journal_answers_and_loses_nothing(backend: Backend) {
    let settings = [("CHIRM_LIMITS__JOURNAL_MESSAGES", "4"), ("CHIRM_LIMITS__REQUESTS_IN_FLIGHT", "1000")];
    let server = Server::with(backend, &settings).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    let mut waiting: Vec<Value> = (0..300).map(|_| message("#lobby")).collect();
    let (mut rounds, mut refusals) = (0, 0);
    while !waiting.is_empty() {
        rounds += 1;
        assert!(rounds < 200, "{} are never stored", waiting.len());
        let mut ids = Vec::new();
        for fields in &waiting {
            ids.push(a.post("send", fields.clone()).await);
        }
        let mut again = Vec::new();
        for (id, fields) in ids.into_iter().zip(waiting) {
            if let Err(refused) = a.reply(id).await {
                assert!(refused.code == "unavailable" && refused.retry_after_ms > 0, "{refused:?}");
                refusals += 1;
                again.push(fields);
            }
        }
        waiting = again;
    }
    assert!(refusals > 0, "the bound was never met");
    assert_eq!(alice.history("#lobby").await.len(), 300);
}
