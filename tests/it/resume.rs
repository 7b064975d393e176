//! Coming back with cursors: exactly what was missed, and nothing while behind.

use crate::support::{Backend, Server, new_client_id};
use serde_json::json;

both!(
    a_returning_window_gets_what_it_missed,
    more_than_a_page_is_fetched_while_others_go_on,
    nothing_is_missed_while_others_send_during_the_resume,
    a_cursor_that_cannot_be_served_starts_from_the_beginning,
    a_server_that_was_killed_serves_cursors,
    sync_pages_are_exact,
);

async fn a_returning_window_gets_what_it_missed(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let quiet = alice.group("Quiet", &[&bob]).await;
    let busy = alice.group("Busy", &[&bob]).await;
    let unknown = alice.group("Not asked for", &[&bob]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    for room in [&quiet, &busy, &unknown] {
        a.send(room, "before").await;
        b.next_message().await;
    }
    let (epoch, cursors) = (b.epoch(), json!({ &quiet: b.rev(&quiet), &busy: b.rev(&busy) }));
    b.close().await;
    for number in 0..3 {
        a.send(&busy, &format!("missed {number}")).await;
        a.send(&unknown, &format!("missed {number}")).await;
    }

    let mut b = bob.connect_with(json!({ "epoch": epoch, "cursors": cursors })).await;
    assert_eq!(b.room(&busy)["rev"], 4);
    let sync = b.next("sync").await;
    let bodies: Vec<_> = sync["messages"].as_array().unwrap().iter().map(|message| message["body"].as_str().unwrap()).collect();
    assert_eq!((&sync["room"], &sync["rev"], &sync["more"]), (&json!(busy), &json!(4), &json!(false)));
    assert_eq!(bodies, ["missed 0", "missed 1", "missed 2"]);
    for room in [&quiet, &busy, &unknown] {
        a.send(room, "after").await;
        assert_eq!(b.next_message_in(room).await.body, "after");
    }
    b.holds(&busy, 1, &bob.history(&busy).await);
    assert!(b.settled().await.iter().all(|event| event["event"] != "sync" && event["event"] != "resync"), "only what moved is synced");
}

async fn more_than_a_page_is_fetched_while_others_go_on(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let room = alice.group("Busy", &[&bob]).await;
    let mut a = alice.connect().await;
    let mut ids = Vec::new();
    for number in 0..450 {
        ids.push(a.post("send", json!({ "room": room, "client_id": new_client_id(), "body": format!("{number}") })).await);
    }
    for id in ids {
        a.reply(id).await.unwrap();
    }
    let mut b = bob.connect_with(json!({ "cursors": { &room: 0 } })).await;
    let sync = b.next("sync").await;
    assert_eq!((sync["messages"].as_array().unwrap().len(), &sync["rev"], &sync["more"]), (200, &json!(200), &json!(true)));

    // Behind: live messages are held back, while other rooms go on. The window itself would protest at one.
    a.send(&room, "while behind").await;
    a.send("#lobby", "elsewhere").await;
    assert!(b.until_body("elsewhere").await.iter().all(|event| event["event"] != "message"));
    let page = b.ok("sync", json!({ "room": room, "after_rev": 200, "limit": 200 })).await;
    assert_eq!((&page["rev"], &page["more"]), (&json!(400), &json!(true)));
    a.send(&room, "still behind").await;
    a.send("#lobby", "elsewhere again").await;
    assert!(b.until_body("elsewhere again").await.iter().all(|event| event["event"] != "message"));
    // The own reply comes at any time.
    let own = b.send(&room, "mine").await;
    assert_eq!(own.rev, 453);
    let page = b.ok("sync", json!({ "room": room, "after_rev": 400, "limit": 200 })).await;
    assert_eq!((page["messages"].as_array().unwrap().len(), &page["rev"], &page["more"]), (53, &json!(453), &json!(false)));
    a.send(&room, "live").await;
    assert_eq!(b.next_message_in(&room).await.rev, 454);
    b.holds(&room, 0, &bob.history(&room).await);
}

async fn nothing_is_missed_while_others_send_during_the_resume(backend: Backend) {
    const TOTAL: i64 = 400;
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let room = alice.group("Busy", &[&bob, &carol]).await;
    let mut senders = Vec::new();
    // Both are there before anything is said, so that each holds all of it.
    for mut window in [alice.connect().await, carol.connect().await] {
        let room = room.clone();
        senders.push(actix_rt::spawn(async move {
            for number in 0..TOTAL / 2 {
                window.send(&room, &format!("{number}")).await;
            }
            window
        }));
    }
    // Comes and goes all the while, each time with the cursor of the time before.
    let (mut cursor, mut visits) = (0, 0);
    let mut learnt = std::collections::BTreeMap::new();
    while cursor < TOTAL {
        visits += 1;
        let mut b = bob.connect_with(json!({ "cursors": { &room: cursor } })).await;
        let known = b.room(&room)["rev"].as_i64().unwrap();
        assert!(known >= cursor);
        let target = (known + 15).min(TOTAL);
        while b.rev(&room) < target || !b.is_live(&room) {
            if b.is_live(&room) {
                b.next_message_in(&room).await;
            } else {
                let sync = b.wait("sync", |event| event["event"] == "sync").await;
                if sync["more"] == true {
                    b.sync_all(&room, sync["rev"].as_i64().unwrap()).await;
                }
            }
        }
        let stored = bob.history(&room).await;
        let reached = b.rev(&room);
        let upto: Vec<_> = stored.iter().filter(|message| message["rev"].as_i64().unwrap() <= reached).cloned().collect();
        b.holds(&room, cursor, &upto);
        for message in upto.into_iter().filter(|message| message["rev"].as_i64().unwrap() > cursor) {
            assert!(learnt.insert(message["rev"].as_i64().unwrap(), message).is_none(), "told twice");
        }
        cursor = reached;
    }
    assert!(visits > 3, "{visits}");
    assert_eq!(learnt.keys().copied().collect::<Vec<_>>(), (1..=TOTAL).collect::<Vec<_>>());
    let stored = bob.history(&room).await;
    for sender in senders {
        let mut window = sender.await.unwrap();
        while window.rev(&room) < TOTAL {
            window.next_message_in(&room).await;
        }
        window.holds(&room, 0, &stored);
    }
}

async fn a_cursor_that_cannot_be_served_starts_from_the_beginning(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut a = alice.connect().await;
    let lobby = a.lobby();
    for number in 0..3 {
        a.send("#lobby", &format!("{number}")).await;
    }
    let epoch = a.epoch();
    for (what, epoch, ahead) in [
        ("ahead", Some(epoch.as_str()), 1),
        ("ahead, without an epoch", None, 1_000_000),
        ("another epoch, behind", Some("another"), -1),
        ("another epoch, by chance the same rev", Some("another"), 0),
    ] {
        let mut b = bob.connect_with(json!({ "epoch": epoch, "cursors": { &lobby: a.rev(&lobby) + ahead } })).await;
        let resync = b.next("resync").await;
        assert_eq!((&resync["room"], &resync["after_rev"]), (&json!(lobby), &json!(0)), "{what}");
        // Behind until it has asked.
        a.send("#lobby", what).await;
        assert!(b.settled().await.iter().all(|event| event["event"] != "message"), "{what}");
        b.sync_all(&lobby, 0).await;
        a.send("#lobby", "live again").await;
        while b.next_message().await.body != "live again" {}
        b.holds(&lobby, 0, &bob.history("#lobby").await);
    }
    // A cursor for a room that this user is not in, or that does not exist, is nobody's business.
    let stranger = alice.group("Not bob's", &[]).await;
    let mut b = bob.connect_with(json!({ "cursors": { stranger: 0, new_client_id(): 3 } })).await;
    assert!(b.settled().await.is_empty());
}

async fn a_server_that_was_killed_serves_cursors(backend: Backend) {
    let mut server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    let lobby = a.lobby();
    a.send("#lobby", "seen").await;
    b.next_message().await;
    let (epoch, cursor) = (b.epoch(), b.rev(&lobby));
    for number in 0..5 {
        a.send("#lobby", &format!("{number}")).await;
    }
    server.kill();
    server.run();
    let mut b = bob.connect_with(json!({ "epoch": epoch, "cursors": { &lobby: cursor } })).await;
    let sync = b.next("sync").await;
    assert_eq!((sync["messages"].as_array().unwrap().len(), &sync["rev"], &sync["more"]), (5, &json!(6), &json!(false)));
    b.holds(&lobby, 1, &bob.history("#lobby").await);
}

async fn sync_pages_are_exact(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    for number in 1..=120 {
        a.send("#lobby", &format!("{number}")).await;
    }
    for (after, limit, count, rev, more) in [
        (0, None, 100, 100, true),
        (0, Some(7), 7, 7, true),
        (100, None, 20, 120, false),
        (20, None, 100, 120, false),
        (19, None, 100, 119, true),
        (119, Some(1), 1, 120, false),
        (120, None, 0, 120, false),
        (0, Some(200), 120, 120, false),
    ] {
        let mut fields = json!({ "room": "#lobby", "after_rev": after });
        if let Some(limit) = limit {
            fields["limit"] = limit.into();
        }
        let page = a.ok("sync", fields).await;
        assert_eq!(
            (page["messages"].as_array().unwrap().len(), &page["rev"], &page["more"]),
            (count, &json!(rev), &json!(more)),
            "after {after}, {limit:?}"
        );
        a.sync_all("#lobby", 120).await;
    }
    for fields in [
        json!({ "room": "#lobby", "after_rev": -1 }),
        json!({ "room": "#lobby", "after_rev": 0, "limit": 0 }),
        json!({ "room": "#lobby", "after_rev": 0, "limit": 201 }),
    ] {
        a.refused("sync", fields, "invalid").await;
    }
}
