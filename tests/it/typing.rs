//! Typing and ping: they come and go, and are stored nowhere.

use crate::support::{Backend, Server};
use serde_json::json;

both!(typing_is_told_to_the_others, a_ping_is_answered, display_names_change_everywhere, a_change_by_somebody_who_is_not_there_is_told_too);

async fn typing_is_told_to_the_others(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut one, mut two, mut b, mut c) = (alice.connect().await, alice.connect().await, bob.connect().await, carol.connect().await);
    for on in [true, false] {
        assert_eq!(one.ok("typing", json!({ "room": group, "on": on })).await, json!({}));
        for window in [&mut two, &mut b] {
            assert_eq!(window.next("typing").await, json!({ "event": "typing", "room": group, "user": alice.id, "on": on }));
        }
    }
    one.ok("typing", json!({ "room": "#lobby", "on": true })).await;
    assert_eq!(c.next("typing").await["room"], json!(one.lobby()));
    one.send("#lobby", "end").await;
    assert!(c.until_body("end").await.iter().all(|event| event["event"] != "typing"));
    assert!(one.settled().await.iter().all(|event| event["event"] != "typing"), "the own window knows");
    assert_eq!(alice.connect().await.room(&group)["rev"], 0);
    b.refused("typing", json!({ "room": group }), "invalid").await;
    b.refused("typing", json!({ "room": group, "on": "yes" }), "invalid").await;
}

async fn a_ping_is_answered(backend: Backend) {
    let server = Server::start(backend).await;
    let mut a = server.user("alice").await.connect().await;
    let answer = a.ok("ping", json!({})).await;
    assert!(answer["at"].as_str().is_some_and(|at| at.len() == 24 && at.ends_with('Z')), "{answer}");
    // Any integer may be an id, and unknown fields are ignored.
    for id in [0, -1, 9_007_199_254_740_991_i64, -9_007_199_254_740_991] {
        a.write(json!({ "op": "ping", "id": id, "new": { "fields": [1] } }).to_string()).await;
        assert!(a.reply(id).await.unwrap()["at"].is_string());
    }
}

async fn display_names_change_everywhere(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    let room = a.ok("direct", json!({ "user": "bob" })).await["room"]["id"].clone();
    let changed = alice.patch("/me", json!({ "display_name": "  Alice Älpler 山 " })).await.ok(200);
    assert_eq!(changed["user"]["display_name"], "Alice Älpler 山");
    for window in [&mut a, &mut b] {
        let event = window.next("user_updated").await;
        assert_eq!((&event["user"]["id"], &event["user"]["display_name"]), (&json!(alice.id), &json!("Alice Älpler 山")));
    }
    assert_eq!(alice.get("/me").await.ok(200)["user"]["display_name"], "Alice Älpler 山");
    let later = bob.connect().await;
    assert_eq!(later.room(room.as_str().unwrap())["peer"]["display_name"], "Alice Älpler 山");
    for bad in ["", "   ", "a\u{202e}b", "a\nb", "\u{200b}", &"x".repeat(65)] {
        alice.patch("/me", json!({ "display_name": bad })).await.invalid("display_name");
    }
    assert_eq!(alice.get("/me").await.ok(200)["user"]["display_name"], "Alice Älpler 山");
}

async fn a_change_by_somebody_who_is_not_there_is_told_too(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let room = alice.post("/direct", json!({ "user": "bob" })).await.ok(201)["room"]["id"].clone();
    let mut a = alice.connect().await;
    // By REST; bob has no window and had none.
    bob.patch("/me", json!({ "display_name": "Robert" })).await.ok(200);
    let again = alice.connect().await;
    assert_eq!(again.room(room.as_str().unwrap())["peer"]["display_name"], "Robert", "what hello says is what is stored");
    let event = a.next("user_updated").await;
    assert_eq!(event["user"]["display_name"], "Robert");
}
