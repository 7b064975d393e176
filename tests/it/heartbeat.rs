//! Peers that fell silent.

use crate::support::{Backend, CLOSE, PING, PONG, Raw, Server, TEXT};
use futures_util::future::join;
use serde_json::json;
use std::time::Duration;

both!(who_answers_no_ping_is_let_go, whoever_says_anything_is_there, a_server_that_stood_still_takes_nobody_for_silent);

const QUICK: [(&str, &str); 2] = [("CHIRM_HEARTBEAT__PING_AFTER_S", "1"), ("CHIRM_HEARTBEAT__ANSWER_WITHIN_S", "1")];

async fn who_answers_no_ping_is_let_go(backend: Backend) {
    let server = Server::with(backend, &QUICK).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut b = bob.connect().await;
    let mut silent = Raw::open(server.port()).await;
    silent.hello(&alice.token).await;
    // Alice hears the ping and says nothing; bob's window answers all of them as long as it is waited for.
    let silence = async {
        let mut pinged = false;
        loop {
            let frame = silent.next().await.expect("the connection just ended");
            match frame.opcode {
                PING => pinged = true,
                TEXT => {}
                _ => {
                    assert_eq!((frame.opcode, &frame.payload[..2]), (CLOSE, &4408_u16.to_be_bytes()[..]));
                    break;
                }
            }
        }
        assert!(pinged);
        drop(silent);
    };
    let of_alice = |state: &'static str| {
        let id = json!(alice.id);
        move |event: &serde_json::Value| event["event"] == "presence" && event["user"] == id && event["state"] == state
    };
    let watching = async {
        b.wait("alice is there", of_alice("online")).await;
        b.wait("alice is gone", of_alice("offline")).await;
    };
    join(silence, watching).await;
    b.send("#lobby", "and bob is here").await;
}

async fn whoever_says_anything_is_there(backend: Backend) {
    let server = Server::with(backend, &QUICK).await;
    let alice = server.user("alice").await;
    let mut answering = Raw::open(server.port()).await;
    answering.hello(&alice.token).await;
    // Three pings answered: long past the time at which a silent peer is closed.
    for _ in 0..3 {
        loop {
            let frame = answering.next().await.expect("it should live");
            assert!(frame.opcode == PING || frame.opcode == TEXT, "{frame:?}");
            if frame.opcode == PING {
                answering.frame(PONG, &frame.payload).await;
                break;
            }
        }
    }
    // A request is as good as a pong.
    loop {
        let frame = answering.next().await.expect("it should live");
        if frame.opcode == PING {
            answering.text(r#"{"id":2,"op":"ping"}"#).await;
            break;
        }
    }
    assert!(answering.answer().await["ok"].is_object());
    while answering.next().await.expect("it should live").opcode != PING {}
}

/// A frozen container or a suspended machine: who answered the last ping before it, or had none to answer, is there.
async fn a_server_that_stood_still_takes_nobody_for_silent(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_HEARTBEAT__PING_AFTER_S", "1"), ("CHIRM_HEARTBEAT__ANSWER_WITHIN_S", "2")]).await;
    let alice = server.user("alice").await;
    let mut raw = Raw::open(server.port()).await;
    raw.hello(&alice.token).await;
    while raw.next().await.expect("it should live").opcode != PING {}
    server.signal("STOP");
    raw.frame(PONG, b"").await;
    // Longer than a ping and its answer may take: what is shown is that this time does not count.
    tokio::time::sleep(Duration::from_secs(5)).await;
    server.signal("CONT");
    loop {
        let frame = raw.next().await.expect("it should live");
        assert!(frame.opcode == PING || frame.opcode == TEXT, "{frame:?}");
        if frame.opcode == PING {
            break;
        }
    }
    raw.text(r#"{"id":2,"op":"ping"}"#).await;
    assert!(raw.answer().await["ok"].is_object());
}
