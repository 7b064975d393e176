//! Two users, three windows, and who hears what.

use crate::support::{Backend, Message, Server, new_client_id};
use serde_json::json;

both!(
    a_message_reaches_every_other_window,
    direct_messages_are_for_two,
    one_room_per_pair,
    replies_threads_and_mentions_are_kept,
    a_message_is_the_same_behind_every_door,
    rest_and_socket_share_one_order
);

async fn a_message_reaches_every_other_window(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut one, mut two, mut bobs) = (alice.connect().await, alice.connect().await, bob.connect().await);
    let lobby = one.lobby();

    let sent = one.send("#lobby", "hi").await;
    assert!(!sent.duplicate);
    for window in [&mut two, &mut bobs] {
        let got = window.next_message().await;
        let told = (got.room.as_str(), got.seq, got.rev, got.author.as_str(), got.client_id.as_deref(), got.body.as_str());
        assert_eq!(told, (lobby.as_str(), sent.seq, sent.rev, alice.id.as_str(), Some(sent.client_id.as_str()), "hi"));
        assert_eq!(got.created_at, sent.created_at);
        assert!(got.created_at.len() == 24 && got.created_at.ends_with('Z'), "{}", got.created_at);
    }

    // The sending window gets its reply and no event: the next that it hears is bob's.
    let reply = bobs.send("#lobby", "hello").await;
    assert_eq!((reply.seq, reply.rev), (sent.seq + 1, sent.rev + 1));
    for window in [&mut one, &mut two] {
        let got = window.next_message().await;
        assert_eq!((got.seq, got.body.as_str()), (reply.seq, "hello"));
    }
    assert!(one.settled().await.iter().all(|event| event["event"] != "message"));
}

async fn direct_messages_are_for_two(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let (mut a, mut b, mut c) = (alice.connect().await, bob.connect().await, carol.connect().await);

    let room = a.ok("direct", json!({ "user": "bob" })).await["room"].clone();
    assert_eq!((&room["kind"], &room["name"], &room["members"]), (&json!("direct"), &json!(null), &json!(2)));
    assert_eq!(room["peer"]["username"], "bob");
    let id = room["id"].as_str().unwrap().to_owned();
    let added = b.next("room_added").await;
    assert_eq!((&added["room"]["id"], &added["room"]["peer"]["username"]), (&json!(id), &json!("alice")));

    let sent = a.send(&id, "between us").await;
    assert_eq!(sent.seq, 1);
    assert_eq!(b.next_message().await.seq, sent.seq);
    b.ok("read", json!({ "room": id, "seq": 1 })).await;
    b.ok("typing", json!({ "room": id, "on": true })).await;
    assert_eq!(a.next("receipt").await["read_seq"], 1);
    assert_eq!(a.next("typing").await["user"], json!(bob.id));

    a.send("#lobby", "to all").await;
    for event in c.until_body("to all").await {
        assert!(!event.to_string().contains(&id), "carol heard {event}");
    }
    for (op, fields) in [
        ("send", json!({ "room": id, "client_id": new_client_id(), "body": "me too" })),
        ("history", json!({ "room": id })),
        ("sync", json!({ "room": id, "after_rev": 0 })),
        ("read", json!({ "room": id, "seq": 1 })),
        ("delivered", json!({ "room": id, "seq": 1 })),
        ("receipts", json!({ "room": id, "seq": 1 })),
        ("typing", json!({ "room": id, "on": true })),
        ("join", json!({ "room": id })),
        ("leave", json!({ "room": id })),
        ("presence", json!({ "room": id })),
    ] {
        c.refused(op, fields, "not_found").await;
    }
    assert_eq!(alice.history(&id).await.len(), 1);
}

async fn one_room_per_pair(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);

    // Both at once, and over both doors.
    let (first, second) = (a.post("direct", json!({ "user": bob.id })).await, b.post("direct", json!({ "user": "@alice" })).await);
    let (first, second) = (a.reply(first).await.unwrap(), b.reply(second).await.unwrap());
    assert_eq!(first["room"]["id"], second["room"]["id"]);
    let again = bob.post("/direct", json!({ "user": "alice" })).await.ok(200);
    assert_eq!(again["room"]["id"], first["room"]["id"]);
    let carol = server.user("carol").await;
    let new = carol.post("/direct", json!({ "user": "alice" })).await.ok(201);
    assert_ne!(new["room"]["id"], first["room"]["id"]);
    assert_eq!(
        a.wait("carol's room", |event| event["event"] == "room_added" && event["room"]["id"] == new["room"]["id"]).await["room"]["kind"],
        "direct"
    );

    a.refused("direct", json!({ "user": "alice" }), "invalid").await;
    a.refused("direct", json!({ "user": "nobody" }), "not_found").await;
    a.refused("direct", json!({ "user": "no such name!" }), "not_found").await;
    let id = first["room"]["id"].as_str().unwrap();
    a.refused("leave", json!({ "room": id }), "conflict").await;
    alice.patch(&format!("/rooms/{id}"), json!({ "name": "ours" })).await.refused(409, "conflict");
    alice.put(&format!("/rooms/{id}/members/carol"), json!({})).await.refused(409, "conflict");
    alice.delete(&format!("/rooms/{id}")).await.refused(409, "conflict");
}

async fn replies_threads_and_mentions_are_kept(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);

    let root = a.send(&group, "root").await.seq;
    // Carol is no member.
    let body = "@bob @Bob, @carol: mail bob@example.org";
    let fields = json!({ "room": group, "client_id": new_client_id(), "body": body, "reply_to": root, "thread": root });
    let sent = a.ok("send", fields).await;
    b.next_message().await;
    let got = b.next_message().await;
    assert_eq!((got.seq, got.reply_to, got.thread), (sent["seq"].as_i64().unwrap(), Some(root), Some(root)));
    assert_eq!(got.mentions, [bob.id.as_str()]);
    let stored = alice.get(&format!("/rooms/{group}/messages/{}", got.seq)).await.ok(200);
    assert_eq!(Message::of(&stored["message"]), got);
    let missing = json!({ "room": group, "client_id": new_client_id(), "body": "to what?", "reply_to": 99 });
    a.refused("send", missing, "invalid").await;
    let missing = json!({ "room": group, "client_id": new_client_id(), "body": "where?", "thread": 99 });
    a.refused("send", missing, "invalid").await;
    let file = json!({ "room": group, "client_id": new_client_id(), "body": "see", "attachments": [new_client_id()] });
    a.refused("send", file, "invalid").await;
    assert_eq!(alice.history(&group).await.len(), 2);
    assert_eq!(carol.connect().await.room("#lobby")["mentions"], 0);
}

async fn a_message_is_the_same_behind_every_door(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    let lobby = a.lobby();
    let bodies = ["plain", "two\nlines", "quotes \" and \\", "Zoë 山田 👩‍👩‍👧‍👦", "<b>not HTML</b>", "  spaces  ", "\u{202e}turned", "tab\there"];
    for body in bodies {
        a.send("#lobby", body).await;
        let mut event = b.next("message").await;
        assert_eq!(event["body"], body);
        event.as_object_mut().unwrap().remove("event");
        let seq = event["seq"].as_i64().unwrap();
        let by_rest = bob.get(&format!("/rooms/%23lobby/messages/{seq}")).await.ok(200);
        let by_list = bob.get(&format!("/rooms/{lobby}/messages?around={seq}&limit=1")).await.ok(200);
        let by_socket = b.ok("history", json!({ "room": lobby, "around": seq, "limit": 1 })).await;
        let by_sync = b.ok("sync", json!({ "room": lobby, "after_rev": seq - 1, "limit": 1 })).await;
        for other in [&by_rest["message"], &by_list["messages"][0], &by_socket["messages"][0], &by_sync["messages"][0]] {
            assert_eq!(*other, event);
        }
    }
}

async fn rest_and_socket_share_one_order(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    let client_id = new_client_id();
    let form = json!({ "client_id": client_id, "body": "by REST" });

    let sent = alice.post("/rooms/%23lobby/messages", form.clone()).await.ok(201);
    assert_eq!(sent["duplicate"], false);
    for window in [&mut a, &mut b] {
        let got = window.next_message().await;
        assert_eq!((json!(got.seq), got.client_id.as_deref()), (sent["seq"].clone(), Some(client_id.as_str())));
    }
    let again = alice.post("/rooms/%23lobby/messages", form).await.ok(200);
    assert_eq!((&again["seq"], &again["rev"], &again["duplicate"]), (&sent["seq"], &sent["rev"], &json!(true)));
    assert_eq!(again["created_at"], sent["created_at"]);
    let by_socket = a.send_as("#lobby", &client_id, "by REST").await.unwrap();
    assert_eq!((json!(by_socket.seq), by_socket.duplicate), (sent["seq"].clone(), true));
    // Ids are each author's own.
    assert!(!b.send_as("#lobby", &client_id, "by REST").await.unwrap().duplicate);
    a.send("#lobby", "end").await;
    assert!(b.until_body("end").await.iter().all(|event| event["event"] != "message"));
}
