//! What users let others know of them: what they have read, and when they were last here.

use crate::support::{Backend, Server, User, Window};
use serde_json::{Value, json};

both!(
    settings_are_kept_and_nobody_elses_business,
    reading_is_told_to_ones_own_windows_alone,
    reading_without_a_window_is_as_private,
    last_seen_is_told_to_nobody,
);

fn shared(answer: &Value) -> (bool, bool) {
    let shares = |what: &str| answer["user"][what].as_bool().unwrap();
    (shares("share_read_receipts"), shares("share_last_seen"))
}

async fn share(user: &User, change: Value) {
    user.patch("/me", change).await.ok(200);
}

async fn settings_are_kept_and_nobody_elses_business(backend: Backend) {
    let mut server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    assert_eq!(shared(&alice.get("/me").await.ok(200)), (true, true));
    assert_eq!(shared(&alice.patch("/me", json!({ "share_read_receipts": false })).await.ok(200)), (false, true));
    let both = alice.patch("/me", json!({ "display_name": "Al", "share_last_seen": false })).await.ok(200);
    assert_eq!((shared(&both), &both["user"]["display_name"]), ((false, false), &json!("Al")));
    assert_eq!(shared(&alice.patch("/me", json!({})).await.ok(200)), (false, false));
    alice.patch("/me", json!({ "share_last_seen": "no" })).await.invalid("share_last_seen");
    assert_eq!(shared(&bob.get("/me").await.ok(200)), (true, true));

    server.kill();
    server.run();
    assert_eq!(shared(&alice.get("/me").await.ok(200)), (false, false));
    let seen = bob.get("/users/alice").await.ok(200);
    let hello = alice.connect().await.ok("direct", json!({ "user": "bob" })).await;
    for user in [&seen["user"], &hello["room"]["peer"]] {
        assert!(user.as_object().unwrap().keys().all(|key| !key.starts_with("share")), "{user}");
    }
}

/// Who is told to have got, and to have read a message.
async fn receipts(window: &mut Window, room: &str, seq: i64) -> (Vec<Value>, Vec<Value>) {
    let receipts = window.ok("receipts", json!({ "room": room, "seq": seq })).await;
    let users = |list: &str| receipts[list].as_array().unwrap().iter().map(|row| row["user"].clone()).collect();
    (users("delivered"), users("read"))
}

async fn told(window: &mut Window) -> Vec<Value> {
    window.settled().await.into_iter().filter(|event| event["event"] == "receipt").collect()
}

async fn reading_is_told_to_ones_own_windows_alone(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut a, mut b, mut other) = (alice.connect().await, bob.connect().await, bob.connect().await);
    share(&bob, json!({ "share_read_receipts": false })).await;
    for number in 1..=4 {
        a.send(&group, &format!("{number}")).await;
    }

    b.ok("delivered", json!({ "room": group, "seq": 3 })).await;
    let event = a.next("receipt").await;
    assert_eq!((event.get("read_seq"), &event["delivered_seq"]), (None, &json!(3)), "{event}");
    assert_eq!(b.ok("read", json!({ "room": group, "seq": 3 })).await, json!({ "read_seq": 3, "unread": 1 }));
    other.wait("what the other window read", |event| event["event"] == "receipt" && event["read_seq"] == 3).await;
    assert_eq!(told(&mut a).await, [] as [Value; 0], "not even that something was read");
    assert_eq!(bob.connect().await.room(&group)["unread"], 1);
    // What was not delivered before is delivered by being read.
    b.ok("read", json!({ "room": group, "seq": 4 })).await;
    let events = told(&mut a).await;
    assert_eq!((events.len(), events[0].get("read_seq"), &events[0]["delivered_seq"]), (1, None, &json!(4)), "{events:?}");

    let bobs = vec![json!(bob.id)];
    assert_eq!(receipts(&mut a, &group, 3).await, (bobs.clone(), vec![]));
    assert_eq!(receipts(&mut b, &group, 3).await, (bobs.clone(), bobs.clone()));
    let marks = async |user: &User| {
        let listed = user.get(&format!("/rooms/{group}/members")).await.ok(200);
        let row = |member: &User| listed["members"].as_array().unwrap().iter().find(|row| row["user"] == json!(member.id)).unwrap().clone();
        [row(&alice), row(&bob)].map(|row| (row["read_seq"].clone(), row["delivered_seq"].clone()))
    };
    assert_eq!(marks(&alice).await, [(json!(4), json!(4)), (json!(null), json!(4))]);

    share(&bob, json!({ "share_read_receipts": true })).await;
    assert_eq!(receipts(&mut a, &group, 3).await, (bobs.clone(), bobs));
    assert_eq!(marks(&alice).await[1], (json!(4), json!(4)));
    a.send(&group, "5").await;
    b.ok("read", json!({ "room": group, "seq": 5 })).await;
    assert_eq!(a.next("receipt").await["read_seq"], 5);
}

async fn reading_without_a_window_is_as_private(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = alice.group("Team", &[&bob, &carol]).await;
    share(&bob, json!({ "share_read_receipts": false })).await;
    let mut a = alice.connect().await;
    a.send(&group, "hi").await;
    for user in [&bob, &carol] {
        assert_eq!(user.put(&format!("/rooms/{group}/read"), json!({ "seq": 1 })).await.ok(200), json!({ "read_seq": 1, "unread": 0 }));
    }
    let events = told(&mut a).await;
    assert_eq!((events.len(), &events[0]["user"], &events[0]["read_seq"]), (1, &json!(carol.id), &json!(1)), "{events:?}");
}

async fn presence(window: &mut Window, user: &User) -> Value {
    window.ok("presence", json!({ "users": [user.id] })).await["presence"][0].clone()
}

/// What an observer is told of a user who opens a window and closes it again: when they came, and when they went.
async fn visit(observer: &mut Window, user: &User) -> [Value; 2] {
    let is = |state: &'static str| {
        move |event: &Value| event["event"] == "presence" && event["user"] == json!(user.id) && event["state"] == state
    };
    let window = user.connect().await;
    let came = observer.wait("that somebody came", is("online")).await;
    assert_eq!(presence(observer, user).await["state"], "online");
    window.close().await;
    let went = observer.wait("that somebody went", is("offline")).await;
    [came, went].map(|event| event["last_seen"].clone())
}

async fn last_seen_is_told_to_nobody(backend: Backend) {
    let server = Server::start(backend).await;
    let [owner, alice] = server.users(["olive", "alice"]).await;
    let direct = owner.post("/direct", json!({ "user": "alice" })).await.ok(201)["room"]["id"].as_str().unwrap().to_owned();
    let mut o = owner.connect().await;
    assert!(visit(&mut o, &alice).await[1].is_string());

    share(&alice, json!({ "share_last_seen": false })).await;
    let updated = o.wait("the change", |event| event["event"] == "user_updated" && event["user"]["id"] == json!(alice.id)).await;
    assert_eq!(updated["user"].get("last_seen"), None);
    assert_eq!(presence(&mut o, &alice).await, json!({ "user": alice.id, "state": "offline", "last_seen": null }));
    assert_eq!(visit(&mut o, &alice).await, [json!(null), json!(null)]);
    let _window = alice.connect().await;
    assert_eq!(presence(&mut o, &alice).await, json!({ "user": alice.id, "state": "online", "last_seen": null }));

    assert_eq!(owner.get("/users/alice").await.ok(200)["user"].get("last_seen"), None);
    assert_eq!(owner.get(&format!("/rooms/{direct}")).await.ok(200)["room"]["peer"].get("last_seen"), None);
    assert_eq!(owner.connect().await.room(&direct)["peer"].get("last_seen"), None);
    assert_eq!(owner.get("/admin/users?q=alice").await.ok(200)["users"][0].get("last_seen"), None);
    let members = owner.get("/admin/rooms/%23lobby/members").await.ok(200);
    let row = members["members"].as_array().unwrap().iter().find(|row| row["user"] == json!(alice.id)).unwrap();
    assert_eq!(row["last_seen"], json!(null));

    share(&alice, json!({ "share_last_seen": true })).await;
    assert!(presence(&mut o, &alice).await["last_seen"].is_string());
    assert!(owner.get("/users/alice").await.ok(200)["user"]["last_seen"].is_string());
}
