//! Who waited too long for ChatServer is told to try again, and nothing of what they asked is done behind their back. So what has piled up is over at
//! once, and who comes after it is served in time, instead of everybody late.
//!
//! ChatServer is made to stand still for as long as a file is there; requests pile up meanwhile through real sockets.

use crate::support::{Backend, PATIENCE, Server, Window, new_client_id};
use serde_json::json;
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

/// The server's bound is 400 ms.
const TOO_LONG: Duration = Duration::from_millis(500);
/// Requests of each kind.
const ROUNDS: usize = 5;

/// What came of requests that waited for longer than the bound.
#[derive(Debug)]
pub struct Late {
    asked: usize,
    /// Who was told to try again, and when.
    refused: usize,
    /// How many of their messages are stored.
    stored: usize,
}

impl Late {
    /// All of them were told to try again, and nothing was done.
    pub fn is_shed(&self) -> bool {
        self.refused == self.asked && self.stored == 0
    }
}

/// What the server counts.
async fn queued(server: &Server) -> usize {
    let text = server.http().raw("GET", "/metrics", Vec::new()).await.text;
    let value = text.lines().find_map(|line| line.strip_prefix("chirm_queue_requests "));
    value.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

/// Waits for something, and says what, should it not come.
async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let (began, mut pace) = (Instant::now(), tokio::time::interval(Duration::from_millis(5)));
    while !is().await {
        assert!(began.elapsed() < PATIENCE, "never happened: {what}");
        pace.tick().await;
    }
}

/// Requests of all kinds that ChatServer answers, without waiting for the answers.
async fn ask_all(window: &mut Window, room: &str) -> Vec<i64> {
    let mut ids = Vec::new();
    for _ in 0..ROUNDS {
        ids.push(window.post("send", json!({ "room": room, "client_id": new_client_id(), "body": "too late" })).await);
        ids.push(window.post("sync", json!({ "room": room, "after_rev": 0, "limit": 10 })).await);
        ids.push(window.post("read", json!({ "room": room, "seq": 1 })).await);
        ids.push(window.post("typing", json!({ "room": room, "on": true })).await);
        ids.push(window.post("set_presence", json!({ "state": "away" })).await);
        ids.push(window.post("join", json!({ "room": room })).await);
    }
    ids
}

/// Lets requests wait for longer than the bound.
pub async fn late(sabotage: Option<&str>) -> Late {
    let still = NamedTempFile::new().unwrap();
    let mut settings = vec![("CHIRM_TEST_STALL_AT", "before_telling:1"), ("CHIRM_TEST_STALL_WHILE", still.path().to_str().unwrap())];
    settings.extend(sabotage.map(|way| ("CHIRM_TEST_SABOTAGE", way)));
    let server = Server::with(Backend::Sqlite, &settings).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    // Whose sign-in is known needs nothing but ChatServer.
    drop(carol.connect().await);
    let mut c = Window::open(&carol.http, &[]).await;

    let first = a.post("send", json!({ "room": "#lobby", "client_id": new_client_id(), "body": "the first" })).await;
    until("ChatServer stands still", async || server.log().contains("standing still on purpose")).await;
    let ids = ask_all(&mut b, "#lobby").await;
    let hello = c.post("hello", json!({ "token": carol.token })).await;
    until("all wait", async || queued(&server).await == ids.len() + 1).await;
    let waiting = Instant::now();
    until("they waited for too long", async || waiting.elapsed() > TOO_LONG).await;
    drop(still);

    // What was stored before is told, and who signs in is let in: to be turned away would make them come back, which costs more.
    a.reply(first).await.unwrap();
    c.reply(hello).await.unwrap();
    let (asked, mut refused) = (ids.len(), 0);
    for id in ids {
        refused += usize::from(b.reply(id).await.is_err_and(|no| no.code == "unavailable" && no.retry_after_ms > 0));
    }
    // Who comes after is served, on the same connection too.
    b.send("#lobby", "in time").await;
    let stored = alice.history("#lobby").await;
    let stored = stored.iter().filter(|message| message["body"] == "too late").count();
    Late { asked, refused, stored }
}

#[actix_rt::test]
async fn who_waited_too_long_is_told_to_try_again() {
    let late = late(None).await;
    assert!(late.is_shed(), "{late:?}");
}
