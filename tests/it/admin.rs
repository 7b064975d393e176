//! What is for administrators.

use crate::support::{Backend, Server, eventually, new_client_id};
use serde_json::{Value, json};

both!(
    everything_is_for_administrators_only,
    stats_tell_what_is_there,
    rooms_can_be_managed_from_outside,
    members_can_be_managed_from_outside,
    announcements_reach_everybody,
    roles_on_the_server,
    acts_are_written_down,
);

async fn everything_is_for_administrators_only(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[]).await;
    let id = new_client_id();
    for (method, path, body) in [
        ("GET", "/admin/stats".to_owned(), None),
        ("GET", "/admin/rooms".to_owned(), None),
        ("POST", "/admin/rooms".to_owned(), Some(json!({ "kind": "group", "name": "Mine" }))),
        ("GET", format!("/admin/rooms/{group}"), None),
        ("PATCH", format!("/admin/rooms/{group}"), Some(json!({ "name": "Mine" }))),
        ("DELETE", format!("/admin/rooms/{group}"), None),
        ("GET", format!("/admin/rooms/{group}/members"), None),
        ("PUT", format!("/admin/rooms/{group}/members/bob"), Some(json!({}))),
        ("DELETE", format!("/admin/rooms/{group}/members/alice"), None),
        ("POST", format!("/admin/rooms/{group}/announcement"), Some(json!({ "body": "hi" }))),
        ("GET", "/admin/users".to_owned(), None),
        ("PATCH", "/admin/users/bob".to_owned(), Some(json!({ "role": "owner" }))),
        ("DELETE", "/admin/users/alice/sessions".to_owned(), None),
        ("GET", "/admin/invites".to_owned(), None),
        ("POST", "/admin/invites".to_owned(), Some(json!({}))),
        ("DELETE", format!("/admin/invites/{id}"), None),
        ("GET", "/admin/audit".to_owned(), None),
    ] {
        bob.http.ask(method, &path, body.clone()).await.refused(403, "forbidden");
        server.http().ask(method, &path, body).await.refused(401, "unauthorized");
    }
    assert_eq!(alice.get(&format!("/rooms/{group}")).await.ok(200)["room"]["name"], "Team");
}

async fn stats_tell_what_is_there(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut one, _two) = (alice.connect().await, alice.connect().await);
    let _b = bob.connect().await;
    for number in 0..3 {
        one.send(&group, &format!("{number}")).await;
    }
    let stats = alice.get("/admin/stats").await.ok(200);
    let numbers = ["users", "online", "rooms", "messages", "connections"].map(|key| stats[key].as_i64().unwrap());
    assert_eq!(numbers, [2, 2, 2, 3, 3], "{stats}");
    let wanted = if backend == Backend::Sqlite { "sqlite" } else { "postgres" };
    assert_eq!((&stats["version"], &stats["database"]), (&json!(env!("CARGO_PKG_VERSION")), &json!(wanted)));
    assert!(stats["uptime_s"].is_u64());
}

async fn rooms_can_be_managed_from_outside(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = bob.group("Bob's", &[&carol]).await;
    let (mut b, mut c) = (bob.connect().await, carol.connect().await);
    b.send(&group, "hi").await;

    // Who is there is told a moment later.
    let shown = eventually("both are online", || async {
        let shown = alice.get(&format!("/admin/rooms/{group}")).await.ok(200);
        (shown["room"]["online"] == 2).then_some(shown)
    });
    let shown = shown.await;
    let room = &shown["room"];
    let told = (&room["kind"], &room["name"], &room["members"], &room["messages"]);
    assert_eq!(told, (&json!("group"), &json!("Bob's"), &json!(2), &json!(1)));
    let renamed =
        alice.patch(&format!("/admin/rooms/{group}"), json!({ "name": "bobs", "topic": "about bob", "kind": "channel" })).await.ok(200);
    assert_eq!(
        (&renamed["room"]["kind"], &renamed["room"]["name"], &renamed["room"]["topic"]),
        (&json!("channel"), &json!("bobs"), &json!("about bob"))
    );
    for window in [&mut b, &mut c] {
        let event = window.next("room_updated").await;
        assert_eq!((&event["room"]["kind"], &event["room"]["name"]), (&json!("channel"), &json!("bobs")));
    }
    assert_eq!(b.send("#bobs", "now by name").await.seq, 2);
    alice.patch(&format!("/admin/rooms/{group}"), json!({ "kind": "group" })).await.ok(200);
    alice.patch(&format!("/admin/rooms/{group}"), json!({ "kind": "direct" })).await.refused(409, "conflict");
    alice.patch(&format!("/admin/rooms/{group}"), json!({ "archived": true })).await.ok(200);
    b.refused("send", json!({ "room": group, "client_id": new_client_id(), "body": "no" }), "conflict").await;

    let listed = |answer: Value| {
        answer["rooms"].as_array().unwrap().iter().map(|room| room["name"].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>()
    };
    for (query, wanted) in [
        ("?kind=group", vec!["bobs"]),
        ("?kind=channel", vec!["lobby"]),
        ("?archived=true", vec!["bobs"]),
        ("?archived=false", vec!["lobby"]),
        ("?q=ob", vec!["bobs", "lobby"]),
        ("?q=nothing", vec![]),
    ] {
        let mut names = listed(alice.get(&format!("/admin/rooms{query}")).await.ok(200));
        names.sort();
        assert_eq!(names, wanted, "{query}");
    }
    alice.get("/admin/rooms?kind=club").await.invalid("kind");

    let form = json!({ "kind": "channel", "name": "news", "members": ["carol"], "owner": "bob" });
    let made = alice.post("/admin/rooms", form).await.ok(201);
    let id = made["room"]["id"].as_str().unwrap();
    assert_eq!(b.wait("the room", |event| event["event"] == "room_added").await["room"]["role"], "owner");
    assert_eq!(c.wait("the room", |event| event["event"] == "room_added").await["room"]["role"], "member");
    assert!(
        alice.connect().await.greeting["rooms"].as_array().unwrap().iter().all(|room| room["id"] != json!(id)),
        "she made it for others"
    );
    alice.delete(&format!("/admin/rooms/{id}")).await.ok(204);
    for window in [&mut b, &mut c] {
        assert_eq!(window.next("room_removed").await["room"], json!(id));
    }
    alice.get(&format!("/admin/rooms/{id}")).await.refused(404, "not_found");
    alice.get(&format!("/admin/rooms/{}", new_client_id())).await.refused(404, "not_found");
}

async fn members_can_be_managed_from_outside(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = bob.group("Bob's", &[]).await;
    let (_one, _two, mut c) = (bob.connect().await, bob.connect().await, carol.connect().await);
    let added = alice.put(&format!("/admin/rooms/{group}/members/carol"), json!({ "role": "admin" })).await.ok(201);
    assert_eq!(added["member"]["role"], "admin");
    assert_eq!(c.next("room_added").await["room"]["role"], "admin");
    let listed = alice.get(&format!("/admin/rooms/{group}/members")).await.ok(200);
    let find = |id: &str| listed["members"].as_array().unwrap().iter().find(|member| member["user"] == *id).unwrap().clone();
    let (b, c_row) = (find(&bob.id), find(&carol.id));
    assert_eq!((&b["state"], &b["connections"], &b["role"]), (&json!("online"), &json!(2), &json!("owner")));
    assert_eq!((&c_row["state"], &c_row["connections"]), (&json!("online"), &json!(1)));
    for key in ["username", "display_name", "joined_at", "read_seq", "delivered_seq"] {
        assert!(!b[key].is_null(), "{key}");
    }
    assert!(b.as_object().unwrap().contains_key("last_seen"));
    // The administrator is no member and sees no message through the ordinary door.
    alice.get(&format!("/rooms/{group}/messages")).await.refused(404, "not_found");
    alice.delete(&format!("/admin/rooms/{group}/members/carol")).await.ok(204);
    assert_eq!(c.next("room_removed").await["room"], json!(group));
    alice.delete(&format!("/admin/rooms/{group}/members/carol")).await.refused(404, "not_found");
    let users = alice.get("/admin/users?q=bo").await.ok(200);
    assert_eq!((&users["users"][0]["username"], &users["users"][0]["connections"]), (&json!("bob"), &json!(2)));
}

async fn announcements_reach_everybody(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = bob.group("Bob's", &[]).await;
    let mut b = bob.connect().await;
    b.send(&group, "one").await;
    let told = alice.post(&format!("/admin/rooms/{group}/announcement"), json!({ "body": "Maintenance at 8, @bob" })).await.ok(201);
    assert_eq!((&told["seq"], &told["rev"]), (&json!(2), &json!(2)));
    let got = b.next_message().await;
    assert_eq!((got.seq, got.author.as_str(), got.client_id, got.body.as_str()), (2, alice.id.as_str(), None, "Maintenance at 8, @bob"));
    assert_eq!(got.mentions, [bob.id.as_str()]);
    assert_eq!(b.send(&group, "three").await.rev, 3);
    let written = alice.get("/admin/audit?limit=1").await.ok(200)["entries"][0].clone();
    assert_eq!((&written["act"], &written["target"]), (&json!("room.announce"), &json!(group)));
    assert_eq!((&written["actor"], &written["detail"]), (&json!(alice.id), &json!({ "seq": 2 })));
    alice.post(&format!("/admin/rooms/{group}/announcement"), json!({ "body": "" })).await.invalid("body");
    alice.post(&format!("/admin/rooms/{}/announcement", new_client_id()), json!({ "body": "hi" })).await.refused(404, "not_found");
    let archived = alice.channel("old", &[]).await;
    alice.patch(&format!("/rooms/{archived}"), json!({ "archived": true })).await.ok(200);
    alice.post(&format!("/admin/rooms/{archived}/announcement"), json!({ "body": "hi" })).await.refused(409, "conflict");
    let acts = alice.get("/admin/audit").await.ok(200);
    let told = acts["entries"].as_array().unwrap().iter().filter(|entry| entry["act"] == "room.announce").count();
    assert_eq!(told, 1, "what was refused did not happen");
    assert_eq!(bob.history(&group).await.len(), 3);
}

async fn roles_on_the_server(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let mut c = carol.connect().await;
    let raised = alice.patch("/admin/users/bob", json!({ "role": "admin" })).await.ok(200);
    assert_eq!(raised["user"]["role"], "admin");
    let event = c.wait("bob's role", |event| event["event"] == "user_updated").await;
    assert_eq!((&event["user"]["id"], &event["user"]["role"]), (&json!(bob.id), &json!("admin")));
    // At once, on the token that he has.
    bob.get("/admin/stats").await.ok(200);
    bob.patch("/admin/users/carol", json!({ "role": "admin" })).await.refused(403, "forbidden");
    bob.patch("/admin/users/alice", json!({ "role": "member" })).await.refused(403, "forbidden");
    bob.patch("/admin/users/alice", json!({ "disabled": true })).await.refused(403, "forbidden");
    alice.patch("/admin/users/alice", json!({ "role": "member" })).await.refused(409, "conflict");
    alice.patch("/admin/users/nobody", json!({ "role": "member" })).await.refused(404, "not_found");
    alice.patch("/admin/users/bob", json!({ "role": "emperor" })).await.invalid("role");
    alice.patch("/admin/users/bob", json!({ "role": "member" })).await.ok(200);
    bob.get("/admin/stats").await.refused(403, "forbidden");
}

async fn acts_are_written_down(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let wrong = json!({ "username": "bob", "password": "a wrong secret" });
    server.http().post("/auth/login", wrong).await.refused(401, "unauthorized");
    let answer = alice.patch("/admin/users/bob", json!({ "role": "admin" })).await;
    answer.ok(200);
    bob.connect().await.send("#lobby", "a private word").await;
    let audit = alice.get("/admin/audit").await.ok(200);
    let entries = audit["entries"].as_array().unwrap();
    let newest = &entries[0];
    assert_eq!((&newest["actor"], &newest["target"], &newest["act"]), (&json!(alice.id), &json!(bob.id), &json!("user.role")));
    assert_eq!((newest["request_id"].as_str(), newest["address"].as_str()), (answer.header("x-request-id"), Some("127.0.0.1")));
    assert_eq!(newest["detail"], json!({ "before": "member", "after": "admin" }));
    let acts: Vec<&str> = entries.iter().map(|entry| entry["act"].as_str().unwrap()).collect();
    assert!(acts.contains(&"session.refuse") && acts.contains(&"user.register"), "{acts:?}");
    let mut ids: Vec<&str> = entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|newer, older| newer > older), "{ids:?}");
    ids.dedup();
    assert_eq!(ids.len(), entries.len());
    let text = audit.to_string();
    for secret in ["a wrong secret", "correct horse", "a private word", &alice.token, &bob.token] {
        assert!(!text.contains(secret), "{secret}");
    }
    let page = alice.get("/admin/audit?limit=1").await.ok(200);
    let next = alice.get(&format!("/admin/audit?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).await.ok(200);
    assert_eq!((&page["entries"][0], &next["entries"][0]), (newest, &entries[1]));
}
