//! Clients that fell silent without a word: their connections, handles and memory are given back, and the others hear that they are gone.

use crate::{
    plan::{Plan, times},
    proxy::Proxy,
    support::{Backend, Raw, Server},
};
use futures_util::future::join_all;
use serde_json::json;
use std::{
    fs,
    time::{Duration, Instant},
};

/// A ping after so many seconds, so many for the answer; the settings of the short form.
const SHORT: (u64, u64) = (4, 2);
/// What they are by default.
const FULL: (u64, u64) = (25, 10);
/// For the goodbye, and for the clock that looks at it once a second.
const GOODBYE_S: u64 = 5;
/// Handles that come and go for other reasons.
const HANDLES: usize = 4;
/// What the allocator keeps.
const KEPT_KIB: u64 = 24 * 1024;

fn handles(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count()
}

async fn connections(server: &Server) -> usize {
    let text = server.http().raw("GET", "/metrics", Vec::new()).await.text;
    let value = text.lines().find_map(|line| line.strip_prefix("chirm_connections "));
    value.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

#[actix_rt::test]
async fn black_holed_clients_are_let_go() {
    let mut plan = Plan::new("black_holed_clients_are_let_go", Backend::Sqlite, 100, 1_000);
    let (ping, answer) = if plan.full { FULL } else { SHORT };
    let gone_within = Duration::from_secs(ping + answer + GOODBYE_S);
    let settings = [("CHIRM_HEARTBEAT__PING_AFTER_S", &*ping.to_string()), ("CHIRM_HEARTBEAT__ANSWER_WITHIN_S", &*answer.to_string())];
    let server = Server::with(Backend::Sqlite, &settings).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let proxy = Proxy::to(server.port());
    let mut b = bob.connect().await;
    // Once there and gone, so that what is made at the first use is there.
    let mut first = Raw::open(server.port()).await;
    first.hello(&alice.token).await;
    drop(first);
    while connections(&server).await > 1 {
        b.ok("ping", json!({})).await;
    }
    let (handles_before, memory_before) = (handles(&server), server.resident_kib());

    let open = async || {
        let mut raw = Raw::open(proxy.port).await;
        raw.hello(&alice.token).await;
        raw
    };
    let silent = join_all((0..plan.count).map(|_| open())).await;
    assert_eq!(connections(&server).await, silent.len() + 1);
    let of_alice = |state: &'static str| {
        let id = json!(alice.id);
        move |event: &serde_json::Value| event["event"] == "presence" && event["user"] == id && event["state"] == state
    };
    b.wait("alice is there", of_alice("online")).await;
    proxy.hold();
    let hole = Instant::now();
    while b.found(of_alice("offline")).is_none() {
        assert!(hole.elapsed() < gone_within, "nobody was told that alice is gone");
        b.listen(Duration::from_millis(100)).await;
    }
    let told = hole.elapsed();
    while connections(&server).await > 1 || handles(&server) > handles_before + HANDLES {
        assert!(hole.elapsed() < gone_within, "{} connections, {} handles", connections(&server).await, handles(&server));
        b.ok("ping", json!({})).await;
    }
    let (gone, memory) = (hole.elapsed(), server.resident_kib());
    assert!(memory < memory_before + KEPT_KIB, "{memory} KiB, before {memory_before}");
    b.send("#lobby", "and bob is here").await;
    plan.figure(times("all gone", &[gone]));
    plan.figure(times("others told", &[told]));
    plan.figure(format!("handles {handles_before} → {}, memory {memory_before} → {memory} KiB", handles(&server)));
    plan.done(1);
}
