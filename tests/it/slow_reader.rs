//! One who never reads costs the others nothing, the server little, and loses nothing.

use crate::support::{Backend, Server, Window, new_client_id};
use futures_util::future::join_all;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::net::TcpSocket;

both!(a_window_that_never_reads, a_window_that_reads_again_is_told_what_to_fetch, an_answer_does_not_overtake_what_was_dropped);

const GROUPS: usize = 5;
const OTHERS: usize = 50;
const EACH: usize = 30;
/// Together far more than what the kernel takes for a peer that does not read.
const BODY: usize = 8 * 1024;

/// A window with a small receive buffer.
async fn narrow(server: &Server) -> Window {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(([127, 0, 0, 1], server.port()).into()).await.unwrap();
    Window::over(stream, &[]).await
}

async fn a_window_that_never_reads(backend: Backend) {
    let mut server = Server::start(backend).await;
    let slow = server.user("slow").await;
    let mut others = Vec::new();
    for number in 0..OTHERS {
        others.push(server.user(&format!("other-{number:02}")).await);
    }
    let mut rooms = Vec::new();
    for group in others.chunks(OTHERS / GROUPS) {
        let members: Vec<_> = group.iter().chain([&slow]).collect();
        rooms.push(group[0].group("Loud", &members[1..]).await);
    }
    let mut windows = Vec::new();
    for (at, other) in others.iter().enumerate() {
        windows.push((rooms[at / (OTHERS / GROUPS)].clone(), other.connect().await));
    }
    let mut never = narrow(&server).await;
    never.hello(&slow.token, json!({})).await;
    let before = server.resident_kib();

    let total = (OTHERS / GROUPS * EACH) as i64;
    let body = "x".repeat(BODY);
    let chats = windows.iter_mut().map(|(room, window)| {
        let body = body.clone();
        async move {
            for _ in 0..EACH {
                window.insist("send", json!({ "room": room, "client_id": new_client_id(), "body": body })).await;
            }
            while window.rev(room) < total {
                window.next_message_in(room).await;
            }
        }
    });
    join_all(chats).await;
    let grown = server.resident_kib().saturating_sub(before);
    assert!(grown < 64 * 1024, "{grown} KiB more for one who does not read");

    // It reads again: each room is whole, or it is told where to go on, or it was let go.
    let mut behind = Vec::new();
    let mut cut = false;
    while rooms.iter().any(|room| never.rev(room) < total && !behind.contains(room)) {
        match never.next_any().await {
            Some(event) if event["event"] == "resync" => behind.push(event["room"].as_str().unwrap().to_owned()),
            Some(_) => {}
            None => {
                let (code, reason) = never.closed().await;
                assert!(code == 4413 || code == 1006, "{code} {reason}");
                cut = true;
                break;
            }
        }
    }
    assert!(cut || !behind.is_empty(), "12 MB cannot have been kept for it");
    if cut {
        let cursors: serde_json::Map<_, _> = rooms.iter().map(|room| (room.clone(), json!(never.rev(room)))).collect();
        never = slow.connect_with(json!({ "cursors": cursors })).await;
        for room in &rooms {
            never.catch_up(room).await;
        }
    } else {
        for room in &behind {
            let after = never.rev(room);
            never.sync_all(room, after).await;
            assert!(never.rev(room) == total && never.is_live(room));
            never.holds(room, 0, &slow.history(room).await);
        }
    }
    // And it is as good as any other.
    let (room, sender) = &mut windows[0];
    let sent = sender.send(room, "can you hear me").await;
    assert_eq!(never.next_message_in(room).await.seq, sent.seq);
    drop(windows);
    server.kill();
}

async fn a_window_that_reads_again_is_told_what_to_fetch(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_LIMITS__OUTBOX_BYTES", "16384")]).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut a = alice.connect().await;
    let mut slow = narrow(&server).await;
    slow.hello(&bob.token, json!({})).await;
    // Twice: what comes after the first time is delivered live again.
    let mut total = 0;
    for _ in 0..2 {
        let from = slow.rev("#lobby");
        total += until_dropped(&server, &mut a).await;
        let told = slow.next("resync").await;
        let after = told["after_rev"].as_i64().unwrap();
        assert!(after >= from && after == slow.rev("#lobby"), "{told}: it holds {}", slow.rev("#lobby"));
        slow.sync_all("#lobby", after).await;
        assert_eq!(slow.rev("#lobby"), total);
        total += 1;
        let sent = a.send("#lobby", "live").await;
        while slow.next_message().await.seq < sent.seq {}
    }
    slow.holds("#lobby", 0, &bob.history("#lobby").await);
}

/// A window that was too slow and sends something itself: it must hear that it missed something before it hears of the own message's
/// place behind that.
async fn an_answer_does_not_overtake_what_was_dropped(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_LIMITS__OUTBOX_BYTES", "16384")]).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut a = alice.connect().await;
    let mut slow = narrow(&server).await;
    slow.hello(&bob.token, json!({})).await;
    until_dropped(&server, &mut a).await;
    // The window itself protests at a gap.
    let sent = slow.send("#lobby", "what did I miss").await;
    let after = slow.rev("#lobby");
    slow.sync_all("#lobby", after).await;
    assert_eq!(slow.rev("#lobby"), sent.rev);
    slow.holds("#lobby", 0, &bob.history("#lobby").await);
}

/// What the server counts.
async fn counted(server: &Server, name: &str) -> u64 {
    let metrics = server.http().raw("GET", "/metrics", Vec::new()).await.text;
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {metrics}"));
    line.trim().parse().unwrap()
}

/// Waits until the server has let go of one that does not read.
async fn until_let_go(server: &Server) {
    let until = Instant::now() + Duration::from_secs(60);
    while counted(server, "chirm_too_slow_total ").await == 0 {
        assert!(Instant::now() < until, "it is still there");
    }
}

/// Sends until something did not fit into the Outbox of one that does not read: then the kernel and the Outbox are full. Gives how many messages
/// that took.
async fn until_dropped(server: &Server, sender: &mut Window) -> i64 {
    let (until, before) = (Instant::now() + Duration::from_secs(60), counted(server, "chirm_resyncs_total ").await);
    let (body, mut sent) = ("x".repeat(10_000), 0);
    while counted(server, "chirm_resyncs_total ").await == before {
        assert!(Instant::now() < until, "everything is kept for it");
        for _ in 0..20 {
            sender.ok("send", json!({ "room": "#lobby", "client_id": new_client_id(), "body": body })).await;
            sent += 1;
        }
    }
    sent
}

/// A second without room for what waits, and it is let go; that is not about the database, so it runs on one.
#[actix_rt::test]
async fn a_window_that_never_reads_again_is_let_go() {
    let server =
        Server::with(Backend::Sqlite, &[("CHIRM_LIMITS__OUTBOX_BYTES", "65536"), ("CHIRM_HEARTBEAT__TOO_SLOW_AFTER_S", "1")]).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut a = alice.connect().await;
    let mut slow = narrow(&server).await;
    slow.hello(&bob.token, json!({})).await;
    until_dropped(&server, &mut a).await;
    until_let_go(&server).await;
    // It is given three seconds to begin to read: what was on its way arrives, then the reason.
    slow.closes_with(4413).await;
    let (epoch, cursor) = (slow.epoch(), slow.rev("#lobby"));
    let mut back = bob.connect_with(json!({ "epoch": epoch, "cursors": { a.lobby(): cursor } })).await;
    back.catch_up(&a.lobby()).await;
    back.holds("#lobby", cursor, &bob.history("#lobby").await);
}

/// Answers are bounded too: who asks for many large pages and reads none is let go at once, not after thirty seconds.
#[actix_rt::test]
async fn pages_that_nobody_reads_are_not_kept() {
    let server = Server::with(Backend::Sqlite, &[("CHIRM_LIMITS__OUTBOX_BYTES", "262144")]).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut a = alice.connect().await;
    let body = "x".repeat(10_000);
    for _ in 0..30 {
        a.ok("send", json!({ "room": "#lobby", "client_id": new_client_id(), "body": body })).await;
    }
    let mut greedy = narrow(&server).await;
    greedy.hello(&bob.token, json!({})).await;
    for _ in 0..60 {
        greedy.post("history", json!({ "room": "#lobby", "limit": 200 })).await;
    }
    until_let_go(&server).await;
    greedy.closes_with(4413).await;
    // One that reads gets them all, as large as they may be.
    let mut reader = bob.connect().await;
    let page = reader.ok("history", json!({ "room": "#lobby", "limit": 200 })).await;
    let kept = page["messages"].as_array().unwrap();
    assert!((10..30).contains(&kept.len()) && page["has_before"] == true && page["has_after"] == false);
    assert_eq!(kept.last().unwrap()["seq"], 30);
}
