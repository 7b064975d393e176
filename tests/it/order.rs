//! One order for everybody.

use crate::support::{Backend, Server, new_client_id};
use futures_util::future::join_all;
use serde_json::json;

both!(concurrent_senders_make_one_order, an_answer_comes_before_what_is_sent_after_it);

/// Every window checks on its own that `rev` rises by one and that replies to its own messages take their place.
async fn concurrent_senders_make_one_order(backend: Backend) {
    const EACH: usize = 40;
    let server = Server::start(backend).await;
    let names = ["sender1", "sender2", "sender3", "sender4", "sender5", "sender6"];
    let users = server.users(names).await;
    let room = users[0].group("Crowd", &users[1..].iter().collect::<Vec<_>>()).await;
    let mut windows = Vec::new();
    for user in &users {
        windows.push(user.connect().await);
        windows.push(user.connect().await);
    }
    // The first window of each user writes, several at a time; the second one only listens.
    let work = windows.iter_mut().enumerate().map(|(at, window)| {
        let room = room.clone();
        async move {
            if at % 2 == 0 {
                for number in 0..EACH / 4 {
                    let mut ids = Vec::new();
                    for part in 0..4 {
                        let fields = json!({ "room": room, "client_id": new_client_id(), "body": format!("{at} {number} {part}") });
                        ids.push(window.post("send", fields).await);
                    }
                    let mut seqs = Vec::new();
                    for id in ids {
                        seqs.push(window.reply(id).await.unwrap()["seq"].as_i64().unwrap());
                    }
                    assert!(seqs.is_sorted(), "one after the other, so in this order: {seqs:?}");
                }
            }
            let total = (EACH * 6) as i64;
            while window.rev(&room) < total {
                window.next_message().await;
            }
            assert_eq!(window.rev(&room), total);
        }
    });
    join_all(work).await;
    let stored = users[0].history(&room).await;
    let seqs: Vec<i64> = stored.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (1..=(EACH * 6) as i64).collect::<Vec<_>>());
    for window in &windows {
        window.holds(&room, 0, &stored);
    }
}

async fn an_answer_comes_before_what_is_sent_after_it(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    for _ in 0..30 {
        let first = a.send("#lobby", "first").await;
        let history = b.ok("history", json!({ "room": "#lobby", "limit": 1 })).await;
        assert_eq!(history["messages"][0]["seq"], first.seq, "a read after the answer contains it");
        let second = b.send("#lobby", "second").await;
        assert!(second.seq > first.seq);
        let by_rest = alice.get(&format!("/rooms/%23lobby/messages/{}", second.seq)).await.ok(200);
        assert_eq!(by_rest["message"]["body"], "second");
    }
}
