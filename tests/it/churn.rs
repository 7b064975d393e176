//! What happens at the seams: people come, go and are removed while others write, and the server dies while people listen.

use crate::support::{Backend, Server, User, eventually, new_client_id};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

both!(
    members_come_and_go_while_others_write,
    a_removal_takes_effect_before_it_is_answered,
    an_addition_takes_effect_before_it_is_answered,
    what_was_seen_stays_over_kills,
    windows_come_and_go_in_large_numbers,
);

/// Every window checks that nothing reaches it from outside of its membership, and that `rev` goes on where `room_added` said.
async fn members_come_and_go_while_others_write(backend: Backend) {
    const VISITS: usize = 12;
    let server = Server::start(backend).await;
    let writers = server.users(["writer1", "writer2"]).await;
    let visitors = server.users(["visitor1", "visitor2", "visitor3"]).await;
    let room = writers[0].channel("busy", &[&writers[1]]).await;
    let done = Rc::new(Cell::new(false));
    let mut writing = Vec::new();
    for writer in &writers {
        let (writer, room, done) = (writer.clone(), room.clone(), done.clone());
        writing.push(actix_rt::spawn(async move {
            let mut window = writer.connect().await;
            while !done.get() {
                window.send(&room, "on and on").await;
            }
            window
        }));
    }
    let visits = visitors.iter().enumerate().map(|(at, visitor)| {
        let (room, owner) = (room.clone(), writers[0].clone());
        async move {
            let (mut one, mut two) = (visitor.connect().await, visitor.connect().await);
            for visit in 0..VISITS {
                // In by one door or the other, out by one's own will or not.
                match (at + visit) % 2 {
                    0 => drop(one.ok("join", json!({ "room": "#busy" })).await),
                    _ => drop(visitor.post(&format!("/rooms/{room}/join"), Value::Null).await.ok(200)),
                }
                for window in [&mut one, &mut two] {
                    window.wait("the room", |event| event["event"] == "room_added").await;
                    for _ in 0..3 {
                        window.next_message_in(&room).await;
                    }
                }
                let own = one.send(&room, "just visiting").await;
                while two.rev(&room) < own.rev {
                    two.next_message_in(&room).await;
                }
                match visit % 3 {
                    0 => drop(two.ok("leave", json!({ "room": room })).await),
                    1 => drop(visitor.post(&format!("/rooms/{room}/leave"), Value::Null).await.ok(204)),
                    _ => drop(owner.delete(&format!("/rooms/{room}/members/{}", visitor.name)).await.ok(204)),
                }
                for window in [&mut one, &mut two] {
                    window.next("room_removed").await;
                }
            }
            (one, two)
        }
    });
    let windows = join_all(visits).await;
    done.set(true);
    let writing: Vec<_> = join_all(writing).await.into_iter().map(Result::unwrap).collect();
    let stored = writers[0].history(&room).await;
    for (at, message) in (1..).zip(&stored) {
        assert_eq!((message["seq"].as_i64(), message["rev"].as_i64()), (Some(at), Some(at)));
    }
    for mut window in writing {
        while window.rev(&room) < stored.len() as i64 {
            window.next_message_in(&room).await;
        }
        let from = window.room(&room)["rev"].as_i64().unwrap();
        window.holds(&room, from, &stored);
    }
    let stored: BTreeMap<i64, &Value> = stored.iter().map(|message| (message["rev"].as_i64().unwrap(), message)).collect();
    for (one, two) in &windows {
        for window in [one, two] {
            let seen = window.seen_of(&room);
            assert!(seen.len() >= VISITS * 4, "{}", seen.len());
            for (rev, body) in seen {
                assert_eq!(stored[&rev]["body"], json!(body));
            }
        }
    }
    let members = writers[0].get(&format!("/rooms/{room}")).await.ok(200);
    assert_eq!(members["room"]["members"], 2, "whoever left is not counted");
}

async fn a_removal_takes_effect_before_it_is_answered(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    for _ in 0..10 {
        alice.delete(&format!("/rooms/{group}/members/bob")).await.ok(204);
        let fields = json!({ "room": group, "client_id": new_client_id(), "body": "too late" });
        b.refused("send", fields.clone(), "not_found").await;
        bob.post(&format!("/rooms/{group}/messages"), fields).await.refused(404, "not_found");
        let sent = a.send(&group, "without bob").await;
        let heard = b.settled().await;
        assert!(heard.iter().all(|event| event["event"] != "message"), "seq {}: {heard:?}", sent.seq);
        alice.put(&format!("/rooms/{group}/members/bob"), json!({})).await.ok(201);
    }
}

async fn an_addition_takes_effect_before_it_is_answered(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    for number in 0..10 {
        // A new room each time, so that nothing is known of it from before.
        let group = alice.group(&format!("Team {number}"), &[]).await;
        alice.put(&format!("/rooms/{group}/members/bob"), json!({})).await.ok(201);
        let sent = b.send(&group, "here I am").await;
        assert_eq!(a.next_message_in(&group).await.seq, sent.seq);
        let channel = alice.channel(&format!("channel-{number}"), &[]).await;
        bob.post(&format!("/rooms/%23channel-{number}/join"), Value::Null).await.ok(200);
        b.send(&format!("#channel-{number}"), "by name").await;
        assert_eq!(a.next_message_in(&channel).await.author, bob.id);
        let raised = alice.put(&format!("/rooms/{group}/members/bob"), json!({ "role": "admin" })).await.ok(200);
        assert_eq!(raised["member"]["role"], "admin");
        bob.patch(&format!("/rooms/{group}"), json!({ "topic": "mine" })).await.ok(200);
    }
}

/// What a listener knows of one room: body by `rev`.
type Known = Rc<RefCell<BTreeMap<i64, String>>>;

/// Listens until the connection is cut, having come back with the cursor of the time before.
async fn listen(user: User, room: String, epoch: Option<String>, known: Known) -> Option<String> {
    let cursor = known.borrow().keys().next_back().copied().unwrap_or(0);
    let mut window = user.connect_with(json!({ "epoch": epoch, "cursors": { &room: cursor } })).await;
    let epoch = window.epoch();
    loop {
        let event = window.next_any().await;
        known.borrow_mut().extend(window.seen_of(&room));
        match event {
            None => return Some(epoch),
            Some(event) if event["event"] == "sync" && event["more"] == true => {
                let after = event["rev"].as_i64().unwrap();
                if !window.try_sync_all(&room, after).await {
                    return Some(epoch);
                }
            }
            Some(_) => {}
        }
    }
}

async fn what_was_seen_stays_over_kills(backend: Backend) {
    let mut server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let room = alice.group("Team", &[&bob, &carol]).await;
    let known: Vec<Known> = (0..3).map(|_| Known::default()).collect();
    let mut epochs = vec![None; 3];
    for round in 1..=3_usize {
        let mut listeners = Vec::new();
        for ((user, known), epoch) in [&bob, &bob, &carol].into_iter().zip(&known).zip(&epochs) {
            listeners.push(actix_rt::spawn(listen(user.clone(), room.clone(), epoch.clone(), known.clone())));
        }
        let mut senders = Vec::new();
        for user in [alice.clone(), carol.clone()] {
            let room = room.clone();
            senders.push(actix_rt::spawn(async move {
                let mut window = user.connect().await;
                loop {
                    let mut ids = Vec::new();
                    for _ in 0..3 {
                        let fields = json!({ "room": room, "client_id": new_client_id(), "body": new_client_id() });
                        ids.push(window.post("send", fields).await);
                    }
                    for id in ids {
                        if window.try_reply(id).await.is_none() {
                            return;
                        }
                    }
                }
            }));
        }
        eventually("everybody heard some", || {
            let enough = known.iter().all(|known| known.borrow().len() >= 80 * round);
            async move { enough.then_some(()) }
        })
        .await;
        server.kill();
        epochs = join_all(listeners).await.into_iter().map(Result::unwrap).collect();
        for sender in senders {
            sender.await.unwrap();
        }
        server.run();
        let stored = alice.history(&room).await;
        let stored: BTreeMap<i64, String> =
            stored.iter().map(|message| (message["rev"].as_i64().unwrap(), message["body"].as_str().unwrap().to_owned())).collect();
        for known in &known {
            let known = known.borrow();
            for (at, (rev, body)) in (1..).zip(known.iter()) {
                assert_eq!(*rev, at, "no gap, over all connections");
                assert_eq!(stored.get(rev), Some(body), "what somebody saw is in the log");
            }
        }
    }
    assert!(epochs.iter().all(|epoch| *epoch == epochs[0]));
}

async fn windows_come_and_go_in_large_numbers(backend: Backend) {
    const CROWD: usize = 40;
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut users = Vec::new();
    for number in 0..8 {
        users.push(server.user(&format!("user-{number}")).await);
    }
    let mut a = alice.connect().await;
    let lobby = a.lobby();
    // All at once, five windows each, while somebody writes; some hang up in the middle of it.
    let writing = async {
        for number in 0..50 {
            a.send(&lobby, &format!("{number}")).await;
        }
    };
    let coming = (0..CROWD).map(|at| {
        let user = users[at % users.len()].clone();
        let lobby = lobby.clone();
        async move {
            let window = user.connect_with(json!({ "cursors": { lobby: 0 } })).await;
            (at % 4 != 0).then_some(window)
        }
    });
    let (_, windows) = join(writing, join_all(coming)).await;
    let stored = alice.history(&lobby).await;
    assert_eq!(stored.len(), 50);
    for mut window in windows.into_iter().flatten() {
        while window.rev(&lobby) < 50 || !window.is_live(&lobby) {
            window.next_any().await.expect("it should live");
        }
        window.holds(&lobby, 0, &stored);
    }
    eventually("the connections are counted right", || async {
        let stats = alice.get("/admin/stats").await.ok(200);
        (stats["connections"] == 1 && stats["online"] == 1).then_some(())
    })
    .await;
}
