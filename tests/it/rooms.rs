//! Groups, channels and the lobby.

use crate::support::{Backend, Server, Window, encode, new_client_id};
use serde_json::{Value, json};

both!(
    everybody_is_in_the_lobby,
    a_group_from_its_making_to_its_end,
    a_removed_member_gets_nothing_further,
    leaving_and_coming_back,
    roles_decide_who_may_what,
    a_room_is_handed_over_when_its_owner_leaves,
    channels_are_joined_by_name_behind_every_door,
    channel_names_are_unique,
    an_archived_room_can_only_be_read,
    muting_is_ones_own,
    favourites_are_ones_own,
    rooms_say_when_they_were_last_written_in,
    names_and_topics_are_checked,
    rooms_are_listed_in_pages,
);

fn about(event: &Value) -> (String, String, String) {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    (text("event"), text("room"), text("user"))
}

async fn next_about(window: &mut Window, event: &str, room: &str, user: &str) -> Value {
    let wanted = (event.to_owned(), room.to_owned(), user.to_owned());
    window.wait(event, |frame| about(frame) == wanted).await
}

async fn everybody_is_in_the_lobby(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    let lobby = a.room("#lobby").clone();
    let id = lobby["id"].as_str().unwrap().to_owned();
    assert_eq!((&lobby["kind"], &lobby["members"], &lobby["last_seq"]), (&json!("channel"), &json!(1), &json!(0)));

    let bob = server.user("bob").await;
    let joined = next_about(&mut a, "member_joined", &id, &bob.id).await;
    assert_eq!((&joined["username"], &joined["display_name"], &joined["role"]), (&json!("bob"), &json!("bob"), &json!("member")));
    let mut b = bob.connect().await;
    assert_eq!((b.lobby(), &b.room("#lobby")["members"], &b.room("#lobby")["role"]), (id.clone(), &json!(2), &json!("member")));
    let guest = server.http().post("/auth/guest", json!({ "username": "visitor" })).await.ok(201);
    assert_eq!(guest["user"]["guest"], true);
    next_about(&mut a, "member_joined", &id, guest["user"]["id"].as_str().unwrap()).await;

    b.refused("leave", json!({ "room": "#lobby" }), "conflict").await;
    bob.post("/rooms/%23lobby/leave", Value::Null).await.refused(409, "conflict");
    alice.delete(&format!("/admin/rooms/{id}")).await.refused(409, "conflict");
    alice.patch(&format!("/admin/rooms/{id}"), json!({ "kind": "group" })).await.refused(409, "conflict");
    assert_eq!(b.ok("join", json!({ "room": "#LOBBY" })).await["room"]["id"], json!(id), "who is in may join again");
}

async fn a_group_from_its_making_to_its_end(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let (mut a, mut b, mut c) = (alice.connect().await, bob.connect().await, carol.connect().await);
    let made =
        alice.post("/rooms", json!({ "kind": "group", "name": " The Team 山 ", "topic": "plans", "members": ["bob"] })).await.ok(201);
    let room = &made["room"];
    let group = room["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&room["kind"], &room["name"], &room["topic"], &room["role"], &room["members"]),
        (&json!("group"), &json!("The Team 山"), &json!("plans"), &json!("owner"), &json!(2))
    );
    assert_eq!(
        (&room["last_seq"], &room["rev"], &room["unread"], &room["mentions"], &room["muted"]),
        (&json!(0), &json!(0), &json!(0), &json!(0), &json!(false))
    );
    for (window, role) in [(&mut a, "owner"), (&mut b, "member")] {
        let added = window.next("room_added").await;
        assert_eq!((&added["room"]["id"], &added["room"]["role"], &added["room"]["members"]), (&json!(group), &json!(role), &json!(2)));
    }
    a.send(&group, "hello").await;
    assert_eq!(b.next_message().await.body, "hello");

    let member = alice.put(&format!("/rooms/{group}/members/carol"), Value::Null).await.ok(201);
    assert_eq!(
        (&member["member"]["user"], &member["member"]["username"], &member["member"]["role"]),
        (&json!(carol.id), &json!("carol"), &json!("member"))
    );
    let added = c.next("room_added").await;
    assert_eq!((&added["room"]["id"], &added["room"]["members"], &added["room"]["last_seq"]), (&json!(group), &json!(3), &json!(1)));
    for window in [&mut a, &mut b] {
        assert_eq!(next_about(window, "member_joined", &group, &carol.id).await["username"], "carol");
    }
    c.send(&group, "thanks").await;
    assert_eq!((a.next_message().await.seq, b.next_message().await.seq), (2, 2));
    alice.put(&format!("/rooms/{group}/members/{}", carol.id), json!({})).await.ok(200);

    let renamed = alice.patch(&format!("/rooms/{group}"), json!({ "name": "Crew", "topic": "" })).await.ok(200);
    assert_eq!((&renamed["room"]["name"], &renamed["room"]["topic"]), (&json!("Crew"), &json!("")));
    for (window, role) in [(&mut a, "owner"), (&mut b, "member"), (&mut c, "member")] {
        let event = window.next("room_updated").await;
        assert_eq!((&event["room"]["name"], &event["room"]["role"], &event["room"]["rev"]), (&json!("Crew"), &json!(role), &json!(2)));
    }

    let members = bob.get(&format!("/rooms/{group}/members")).await.ok(200);
    let mut names: Vec<_> = members["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| (member["username"].as_str().unwrap(), member["role"].as_str().unwrap()))
        .collect();
    names.sort_unstable();
    assert_eq!(names, [("alice", "owner"), ("bob", "member"), ("carol", "member")]);
    for key in ["user", "display_name", "joined_at", "read_seq", "delivered_seq"] {
        assert!(!members["members"][0][key].is_null(), "{key}");
    }

    bob.delete(&format!("/rooms/{group}")).await.refused(403, "forbidden");
    alice.delete(&format!("/rooms/{group}")).await.ok(204);
    for window in [&mut a, &mut b, &mut c] {
        assert_eq!(window.next("room_removed").await["room"], json!(group));
    }
    for answer in [alice.get(&format!("/rooms/{group}")).await, alice.get(&format!("/rooms/{group}/messages")).await] {
        answer.refused(404, "not_found");
    }
    a.refused("send", json!({ "room": group, "client_id": new_client_id(), "body": "gone?" }), "not_found").await;
    assert!(alice.connect().await.greeting["rooms"].as_array().unwrap().iter().all(|room| room["id"] != json!(group)));
}

async fn a_removed_member_gets_nothing_further(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = alice.group("Team", &[&bob, &carol]).await;
    let (mut a, mut b, mut one, mut two) = (alice.connect().await, bob.connect().await, carol.connect().await, carol.connect().await);
    a.send(&group, "all of us").await;
    let cursor = json!({ "cursors": { &group: 1 } });
    alice.delete(&format!("/rooms/{group}/members/carol")).await.ok(204);
    for window in [&mut a, &mut b] {
        next_about(window, "member_left", &group, &carol.id).await;
    }
    a.send(&group, "without carol").await;
    a.ok("typing", json!({ "room": group, "on": true })).await;
    b.ok("read", json!({ "room": group, "seq": 2 })).await;
    alice.patch(&format!("/rooms/{group}"), json!({ "name": "Renamed" })).await.ok(200);
    a.send("#lobby", "to all").await;
    for window in [&mut one, &mut two] {
        let heard = window.until_body("to all").await;
        let of_group: Vec<_> =
            heard.iter().filter(|event| event.to_string().contains(&group)).map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(of_group, ["message", "room_removed"]);
    }
    for (op, fields) in [
        ("send", json!({ "room": group, "client_id": new_client_id(), "body": "still here" })),
        ("history", json!({ "room": group })),
        ("sync", json!({ "room": group, "after_rev": 1 })),
        ("read", json!({ "room": group, "seq": 2 })),
        ("receipts", json!({ "room": group, "seq": 1 })),
        ("typing", json!({ "room": group, "on": true })),
        ("join", json!({ "room": group })),
    ] {
        one.refused(op, fields, "not_found").await;
    }
    for path in ["", "/messages", "/messages/1", "/messages/1/receipts", "/members"] {
        carol.get(&format!("/rooms/{group}{path}")).await.refused(404, "not_found");
    }
    carol.post(&format!("/rooms/{group}/messages"), json!({ "client_id": new_client_id(), "body": "hi" })).await.refused(404, "not_found");
    carol.put(&format!("/rooms/{group}/read"), json!({ "seq": 1 })).await.refused(404, "not_found");
    let mut later = carol.connect_with(cursor).await;
    assert!(later.greeting["rooms"].as_array().unwrap().iter().all(|room| room["id"] != json!(group)));
    assert!(later.settled().await.iter().all(|event| !event.to_string().contains(&group)));
    assert_eq!(alice.history(&group).await.len(), 2);
}

async fn leaving_and_coming_back(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let channel = alice.channel("general", &[&bob]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    a.send(&channel, "one").await;
    assert_eq!(b.next_message().await.seq, 1);
    let left = b.ok("leave", json!({ "room": "#general" })).await;
    assert_eq!(left, json!({ "room": channel }));
    assert_eq!(b.next("room_removed").await["room"], json!(channel));
    next_about(&mut a, "member_left", &channel, &bob.id).await;
    b.refused("leave", json!({ "room": "#general" }), "not_member").await;
    a.send(&channel, "two").await;
    b.refused("sync", json!({ "room": channel, "after_rev": 1 }), "not_member").await;

    let joined = b.ok("join", json!({ "room": channel })).await;
    assert_eq!((&joined["room"]["rev"], &joined["room"]["role"], &joined["room"]["unread"]), (&json!(2), &json!("member"), &json!(0)));
    let added = b.next("room_added").await;
    assert_eq!(added["room"], joined["room"]);
    next_about(&mut a, "member_joined", &channel, &bob.id).await;
    a.send(&channel, "three").await;
    assert_eq!(b.next_message().await.rev, 3);
    // A group that everybody left is nobody's.
    let group = alice.group("Mine", &[]).await;
    a.ok("leave", json!({ "room": group })).await;
    a.refused("history", json!({ "room": group }), "not_found").await;
}

async fn roles_decide_who_may_what(backend: Backend) {
    let server = Server::start(backend).await;
    // The first account owns the server; rooms are about the others.
    let [_, alice, bob, carol, dave] = server.users(["root", "alice", "bob", "carol", "dave"]).await;
    let group = alice.group("Team", &[&bob, &carol]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    let path = |rest: &str| format!("/rooms/{group}{rest}");

    for answer in [
        bob.patch(&path(""), json!({ "name": "Mine" })).await,
        bob.patch(&path(""), json!({ "topic": "mine" })).await,
        bob.patch(&path(""), json!({ "archived": true })).await,
        bob.put(&path("/members/dave"), json!({})).await,
        bob.put(&path("/members/carol"), json!({ "role": "admin" })).await,
        bob.put(&path("/members/bob"), json!({ "role": "owner" })).await,
        bob.delete(&path("/members/carol")).await,
        bob.delete(&path("")).await,
    ] {
        answer.refused(403, "forbidden");
    }
    let raised = alice.put(&path("/members/bob"), json!({ "role": "admin" })).await.ok(200);
    assert_eq!(raised["member"]["role"], "admin");
    for window in [&mut a, &mut b] {
        assert_eq!(next_about(window, "member_updated", &group, &bob.id).await["role"], "admin");
    }
    bob.patch(&path(""), json!({ "name": "Renamed" })).await.ok(200);
    bob.put(&path("/members/dave"), json!({})).await.ok(201);
    bob.delete(&path("/members/dave")).await.ok(204);
    for answer in [
        bob.put(&path("/members/carol"), json!({ "role": "admin" })).await,
        bob.put(&path("/members/alice"), json!({ "role": "member" })).await,
        bob.put(&path("/members/dave"), json!({ "role": "admin" })).await,
        bob.delete(&path("/members/alice")).await,
        bob.patch(&path(""), json!({ "archived": true })).await,
        bob.delete(&path("")).await,
    ] {
        answer.refused(403, "forbidden");
    }
    alice.put(&path("/members/alice"), json!({ "role": "member" })).await.refused(409, "conflict");
    alice.put(&path("/members/carol"), json!({ "role": "owner" })).await.ok(200);
    alice.put(&path("/members/alice"), json!({ "role": "member" })).await.ok(200);
    alice.put(&path("/members/bob"), json!({ "role": "member" })).await.refused(403, "forbidden");
    carol.put(&path("/members/bob"), json!({ "role": "member" })).await.ok(200);
    assert_eq!(alice.connect().await.room(&group)["role"], "member");
    carol.put(&path("/members/nobody"), json!({})).await.refused(404, "not_found");
    carol.put(&path("/members/bob"), json!({ "role": "king" })).await.invalid("role");
    carol.delete(&path("/members/dave")).await.refused(404, "not_found");
    dave.put(&path("/members/dave"), json!({})).await.refused(404, "not_found");
}

async fn a_room_is_handed_over_when_its_owner_leaves(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = alice.group("Team", &[&bob, &carol]).await;
    alice.put(&format!("/rooms/{group}/members/carol"), json!({ "role": "admin" })).await.ok(200);
    let (mut b, mut c) = (bob.connect().await, carol.connect().await);
    alice.post(&format!("/rooms/{group}/leave"), Value::Null).await.ok(204);
    for window in [&mut b, &mut c] {
        next_about(window, "member_left", &group, &alice.id).await;
        assert_eq!(next_about(window, "member_updated", &group, &carol.id).await["role"], "owner");
    }
    c.ok("leave", json!({ "room": group })).await;
    assert_eq!(next_about(&mut b, "member_updated", &group, &bob.id).await["role"], "owner");
    assert_eq!(bob.get(&format!("/rooms/{group}")).await.ok(200)["room"]["role"], "owner");
}

async fn channels_are_joined_by_name_behind_every_door(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let channel = alice.channel("General.Talk", &[]).await;
    let (mut a, mut b, mut c) = (alice.connect().await, bob.connect().await, carol.connect().await);
    let public = bob.get("/rooms/public?q=gen").await.ok(200);
    let listed = &public["rooms"][0];
    assert_eq!(
        (&listed["id"], &listed["name"], &listed["role"], &listed["members"]),
        (&json!(channel), &json!("general.talk"), &json!(null), &json!(1))
    );
    assert_eq!(bob.get("/rooms/%23general.talk").await.ok(200)["room"]["role"], Value::Null);

    for op in ["send", "history", "read", "typing", "sync", "receipts", "delivered"] {
        let fields = json!({ "room": "#general.talk", "client_id": new_client_id(), "body": "hi", "seq": 1, "on": true, "after_rev": 0 });
        b.refused(op, fields, "not_member").await;
    }
    for (method, path) in [("GET", "/messages"), ("GET", "/members"), ("POST", "/messages"), ("PUT", "/read"), ("POST", "/leave")] {
        let body = json!({ "client_id": new_client_id(), "body": "hi", "seq": 0 });
        let body = (method != "GET").then_some(body);
        bob.http.ask(method, &format!("/rooms/%23general.talk{path}"), body).await.refused(403, "not_member");
    }

    let joined = b.ok("join", json!({ "room": "#General.Talk" })).await;
    assert_eq!(
        (&joined["room"]["id"], &joined["room"]["role"], &joined["room"]["members"]),
        (&json!(channel), &json!("member"), &json!(2))
    );
    assert_eq!(b.next("room_added").await["room"]["id"], json!(channel));
    let by_rest = carol.post("/rooms/%23general.talk/join", Value::Null).await.ok(200);
    assert_eq!((&by_rest["room"]["id"], &by_rest["room"]["members"]), (&json!(channel), &json!(3)));
    assert_eq!(c.next("room_added").await["room"]["id"], json!(channel));
    for user in [&bob, &carol] {
        next_about(&mut a, "member_joined", &channel, &user.id).await;
    }
    b.send("#general.talk", "by name").await;
    carol.post("/rooms/%23general.talk/messages", json!({ "client_id": new_client_id(), "body": "by path" })).await.ok(201);
    assert_eq!((a.next_message().await.room, a.next_message().await.body), (channel.clone(), "by path".to_owned()));
    b.refused("join", json!({ "room": "#nowhere" }), "not_found").await;
    bob.post("/rooms/%23nowhere/join", Value::Null).await.refused(404, "not_found");

    // Renamed: the old name is free and leads nowhere.
    alice.patch(&format!("/rooms/{channel}"), json!({ "name": "chat" })).await.ok(200);
    b.send("#chat", "by the new name").await;
    b.refused("send", json!({ "room": "#general.talk", "client_id": new_client_id(), "body": "hi" }), "not_found").await;
}

async fn channel_names_are_unique(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let first = alice.channel("general", &[]).await;
    let form = |kind: &str, name: &str| json!({ "kind": kind, "name": name });
    bob.post("/rooms", form("channel", "GENERAL")).await.refused(409, "conflict");
    bob.post("/rooms", form("channel", "lobby")).await.refused(409, "conflict");
    let other = bob.channel("other", &[]).await;
    bob.patch(&format!("/rooms/{other}"), json!({ "name": "general" })).await.refused(409, "conflict");
    // Groups may share a title, also a channel's.
    bob.post("/rooms", form("group", "general")).await.ok(201);
    bob.post("/rooms", form("group", "general")).await.ok(201);
    alice.delete(&format!("/rooms/{first}")).await.ok(204);
    assert_ne!(bob.channel("general", &[]).await, first);
}

async fn an_archived_room_can_only_be_read(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let channel = alice.channel("old", &[&bob]).await;
    let mut b = bob.connect().await;
    let sent = b.send(&channel, "before").await;
    let archived = alice.patch(&format!("/rooms/{channel}"), json!({ "archived": true })).await.ok(200);
    assert!(archived["room"]["archived_at"].is_string());
    assert!(b.next("room_updated").await["room"]["archived_at"].is_string());
    b.refused("send", json!({ "room": channel, "client_id": new_client_id(), "body": "after" }), "conflict").await;
    bob.post(&format!("/rooms/{channel}/messages"), json!({ "client_id": new_client_id(), "body": "after" }))
        .await
        .refused(409, "conflict");
    carol.post(&format!("/rooms/{channel}/join"), Value::Null).await.refused(409, "conflict");
    assert_eq!(b.ok("history", json!({ "room": channel })).await["messages"][0]["seq"], sent.seq);
    b.ok("read", json!({ "room": channel, "seq": sent.seq })).await;
    let open = alice.patch(&format!("/rooms/{channel}"), json!({ "archived": false })).await.ok(200);
    assert!(open["room"].get("archived_at").is_none());
    assert_eq!(b.send(&channel, "again").await.seq, sent.seq + 1);
}

async fn muting_is_ones_own(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut a, mut one, mut two) = (alice.connect().await, bob.connect().await, bob.connect().await);
    let muted = bob.patch(&format!("/rooms/{group}"), json!({ "muted": true })).await.ok(200);
    assert_eq!(muted["room"]["muted"], true);
    for window in [&mut one, &mut two] {
        assert_eq!(window.next("room_updated").await["room"]["muted"], true);
    }
    assert!(a.settled().await.iter().all(|event| event["event"] != "room_updated"));
    assert_eq!(a.send(&group, "psst").await.seq, one.next_message().await.seq);
    assert_eq!(bob.connect().await.room(&group)["muted"], true);
    assert_eq!(alice.connect().await.room(&group)["muted"], false);
}

async fn favourites_are_ones_own(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut a, mut one, mut two) = (alice.connect().await, bob.connect().await, bob.connect().await);
    for favourite in [true, false, true] {
        let set = bob.patch(&format!("/rooms/{group}"), json!({ "favourite": favourite })).await.ok(200);
        assert_eq!((&set["room"]["favourite"], &set["room"]["muted"]), (&json!(favourite), &json!(false)));
        for window in [&mut one, &mut two] {
            assert_eq!(window.next("room_updated").await["room"]["favourite"], favourite);
        }
    }
    assert!(a.settled().await.iter().all(|event| event["event"] != "room_updated"));
    assert_eq!(bob.get("/rooms").await.ok(200)["rooms"][1]["favourite"], true);
    assert_eq!(bob.connect().await.room(&group)["favourite"], true);
    assert_eq!(alice.connect().await.room(&group)["favourite"], false);
    let carol = server.user("carol").await;
    carol.patch("/rooms/%23lobby", json!({ "favourite": true })).await.ok(200);
    carol.patch(&format!("/rooms/{group}"), json!({ "favourite": true })).await.refused(404, "not_found");
}

/// The time of a room's last message: in `hello` from memory and from the database, over REST, in what windows are told.
async fn rooms_say_when_they_were_last_written_in(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let mut a = alice.connect().await;
    assert_eq!(a.room(&group).get("last_at"), None);
    assert_eq!(alice.get(&format!("/rooms/{group}")).await.ok(200)["room"].get("last_at"), None);
    let mut last = Value::Null;
    for body in ["one", "two"] {
        last = a.ok("send", json!({ "room": group, "client_id": new_client_id(), "body": body })).await["created_at"].clone();
        assert!(last.is_string());
    }
    // Alice's rooms are in memory, Bob's are read.
    for user in [&alice, &bob] {
        assert_eq!(user.connect().await.room(&group)["last_at"], last);
        assert_eq!(user.get(&format!("/rooms/{group}")).await.ok(200)["room"]["last_at"], last);
    }
    alice.patch(&format!("/rooms/{group}"), json!({ "topic": "new" })).await.ok(200);
    assert_eq!(a.next("room_updated").await["room"]["last_at"], last);
}

async fn names_and_topics_are_checked(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let group = alice.group("Team", &[]).await;
    let (long, title, topic) = ("x".repeat(65), "x".repeat(81), "x".repeat(251));
    for name in ["", "two words", "günther", "a\u{200b}b", "аbс", long.as_str()] {
        alice.post("/rooms", json!({ "kind": "channel", "name": name })).await.invalid("name");
    }
    for name in ["", "  ", "a\nb", "a\u{202e}b", "\u{200b}", title.as_str()] {
        alice.post("/rooms", json!({ "kind": "group", "name": name })).await.invalid("name");
        alice.patch(&format!("/rooms/{group}"), json!({ "name": name })).await.invalid("name");
    }
    for bad in ["a\u{0}b", "a\u{2066}b", topic.as_str()] {
        alice.post("/rooms", json!({ "kind": "group", "name": "Team", "topic": bad })).await.invalid("topic");
        alice.patch(&format!("/rooms/{group}"), json!({ "topic": bad })).await.invalid("topic");
    }
    alice.post("/rooms", json!({ "kind": "direct", "name": "us" })).await.refused(422, "invalid");
    alice.post("/rooms", json!({ "kind": "club", "name": "us" })).await.invalid("kind");
    alice.post("/rooms", json!({ "kind": "group" })).await.invalid("name");
    alice.post("/rooms", json!({ "kind": "group", "name": "Team", "members": ["nobody"] })).await.refused(404, "not_found");
    let rooms = alice.get("/rooms").await.ok(200);
    assert_eq!(rooms["rooms"].as_array().unwrap().len(), 2, "the lobby and the team: {rooms}");
    assert_eq!(alice.get(&format!("/rooms/{group}")).await.ok(200)["room"]["name"], "Team");
    alice.post("/rooms", json!({ "kind": "channel", "name": "x".repeat(64) })).await.ok(201);
    alice.post("/rooms", json!({ "kind": "group", "name": "山".repeat(80), "topic": "山".repeat(250) })).await.ok(201);
}

async fn rooms_are_listed_in_pages(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut made = vec![bob.connect().await.lobby()];
    for number in 0..7 {
        made.push(alice.channel(&format!("channel-{number}"), &[&bob]).await);
    }
    for path in ["/rooms?limit=3", "/rooms/public?limit=3", "/rooms/public?limit=3&q=channel"] {
        let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = bob.get(&format!("{path}{cursor}")).await.ok(200);
            found.extend(page["rooms"].as_array().unwrap().iter().map(|room| room["id"].as_str().unwrap().to_owned()));
            pages += 1;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={}", encode(next)),
                None => break,
            }
        }
        let mut wanted = if path.contains("q=") { made[1..].to_vec() } else { made.clone() };
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{path}");
        assert_eq!(pages, 3, "{path}");
    }
    for path in ["/rooms?limit=0", "/rooms?limit=201", "/rooms?limit=x"] {
        bob.get(path).await.invalid("limit");
    }
    bob.get("/rooms?cursor=nonsense").await.invalid("cursor");
}
