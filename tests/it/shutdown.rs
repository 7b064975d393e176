//! Stopping: everybody is told, everything accepted is stored.

use crate::support::{Backend, Raw, Server, eventually, new_client_id};
use serde_json::json;
use std::{cell::RefCell, rc::Rc, time::Duration};

both!(
    sigterm_drains,
    sigterm_at_once_ends_it_gracefully,
    sigterm_under_load_loses_nothing,
    a_peer_that_does_not_read_delays_nothing,
    two_servers_do_not_share_a_folder,
);

const WITHIN: Duration = Duration::from_secs(25);

async fn sigterm_drains(backend: Backend) {
    let mut server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    a.send("#lobby", "before").await;
    server.signal("TERM");
    for window in [&mut a, &mut b] {
        let told = window.next("server_draining").await;
        assert!(told["reconnect_after_ms"].is_u64(), "{told}");
        window.closes_with(1001).await;
    }
    assert_eq!(server.ended(WITHIN).await.code(), Some(0));
    server.run();
    assert_eq!(alice.connect().await.send("#lobby", "after").await.seq, 2);
    server.signal("INT");
    assert_eq!(server.ended(WITHIN).await.code(), Some(0));
}

/// Whoever waits for the line that says it is ready may stop it in the same moment.
async fn sigterm_at_once_ends_it_gracefully(backend: Backend) {
    let mut server = Server::prepared(backend, &[]);
    for _ in 0..10 {
        server.run();
        server.signal("TERM");
        assert_eq!(server.ended(WITHIN).await.code(), Some(0));
    }
}

async fn sigterm_under_load_loses_nothing(backend: Backend) {
    let mut server = Server::start(backend).await;
    let users = server.users(["sender1", "sender2", "sender3"]).await;
    let acknowledged = Rc::new(RefCell::new(Vec::new()));
    let mut senders = Vec::new();
    for user in &users {
        let (user, acknowledged) = (user.clone(), acknowledged.clone());
        senders.push(actix_rt::spawn(async move {
            let mut window = user.connect().await;
            // Several at a time, so that some are always on their way.
            let mut unknown = Vec::new();
            loop {
                let mut ids = Vec::new();
                for _ in 0..5 {
                    let client_id = new_client_id();
                    let id = window.post("send", json!({ "room": "#lobby", "client_id": client_id, "body": "under load" })).await;
                    ids.push((id, client_id));
                }
                for (id, client_id) in ids {
                    match window.try_reply(id).await {
                        Some(Ok(answer)) => acknowledged.borrow_mut().push((client_id, answer["seq"].as_i64().unwrap())),
                        Some(Err(refused)) => {
                            assert_eq!(refused.code, "unavailable");
                            unknown.push(client_id);
                        }
                        None => unknown.push(client_id),
                    }
                }
                if !unknown.is_empty() {
                    let (code, _) = window.closed().await;
                    return (user, unknown, code);
                }
            }
        }));
    }
    eventually("some messages", || {
        let enough = acknowledged.borrow().len() > 60;
        async move { enough.then_some(()) }
    })
    .await;
    server.signal("TERM");
    let mut unknown = Vec::new();
    for sender in senders {
        let (user, ids, code) = sender.await.unwrap();
        assert_eq!(code, 1001);
        unknown.push((user, ids));
    }
    assert_eq!(server.ended(WITHIN).await.code(), Some(0));
    server.run();
    for (user, ids) in unknown {
        let mut window = user.connect().await;
        for id in ids {
            window.send_as("#lobby", &id, "under load").await.unwrap();
        }
    }
    let stored = users[0].history("#lobby").await;
    for (at, message) in (1..).zip(&stored) {
        assert_eq!(message["seq"].as_i64(), Some(at));
    }
    for (client_id, seq) in acknowledged.borrow().iter() {
        assert_eq!(stored[usize::try_from(*seq).unwrap() - 1]["client_id"], json!(client_id));
    }
    let ids: std::collections::HashSet<&str> = stored.iter().map(|message| message["client_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), stored.len());
}

async fn a_peer_that_does_not_read_delays_nothing(backend: Backend) {
    let mut server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut deaf = Raw::open(server.port()).await;
    deaf.hello(&alice.token).await;
    let _silent = Raw::open(server.port()).await;
    let _idle = tokio::net::TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    server.signal("TERM");
    assert_eq!(server.ended(WITHIN).await.code(), Some(0));
    assert_eq!(deaf.closed().await, 1001);
}

async fn two_servers_do_not_share_a_folder(backend: Backend) {
    let server = Server::start(backend).await;
    let second = server.cli(&["serve", "--bind", "127.0.0.1:0"], "");
    assert!(!second.success && second.said().contains("in use"), "{second:?}");
    assert!(!second.said().contains("is ready"));
    server.user("alice").await;
}
