//! Who is there: a user with several windows is one user, who leaves with the last of them.

use crate::support::{Backend, Server, Window, new_client_id};
use serde_json::{Value, json};

both!(
    several_windows_are_one_user,
    away_is_what_every_window_says,
    presence_can_be_asked_for,
    strangers_hear_nothing,
    a_reload_is_no_departure
);

/// The next presence event about this user: its state and last-seen time.
async fn presence_of(window: &mut Window, user: &str) -> (String, Option<String>) {
    let event = window.wait("presence", |event| event["event"] == "presence" && event["user"] == *user).await;
    (event["state"].as_str().unwrap().to_owned(), event["last_seen"].as_str().map(str::to_owned))
}

async fn asked(window: &mut Window, user: &str) -> Value {
    window.ok("presence", json!({ "users": [user] })).await["presence"][0].clone()
}

async fn several_windows_are_one_user(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut b = bob.connect().await;
    assert_eq!(asked(&mut b, &alice.id).await, json!({ "user": alice.id, "state": "offline", "last_seen": null }));

    let one = alice.connect().await;
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "online");
    let (two, mut three) = (alice.connect().await, alice.connect().await);
    one.close().await;
    assert_eq!(asked(&mut b, &alice.id).await["state"], "online");
    two.close().await;
    three.send("#lobby", "still here").await;
    let events = b.until_body("still here").await;
    assert!(events.iter().all(|event| event["event"] != "presence" || event["user"] != json!(alice.id)), "{events:?}");

    three.close().await;
    let (state, last_seen) = presence_of(&mut b, &alice.id).await;
    assert_eq!(state, "offline", "and nothing about her before that");
    assert!(last_seen.is_some_and(|at| at.ends_with('Z')));
    let row = asked(&mut b, &alice.id).await;
    assert_eq!(row["state"], "offline");
    assert!(row["last_seen"].is_string());
    let seen = bob.get("/users/alice").await.ok(200);
    assert!(seen["user"]["last_seen"].is_string(), "{seen}");

    // A connection that is cut without a goodbye counts as well.
    let window = alice.connect().await;
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "online");
    drop(window);
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "offline");
}

async fn away_is_what_every_window_says(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut b = bob.connect().await;
    let (mut one, mut two) = (alice.connect().await, alice.connect().await);
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "online");

    assert_eq!(one.ok("set_presence", json!({ "state": "away" })).await, json!({ "state": "away" }));
    assert_eq!(asked(&mut b, &alice.id).await["state"], "online", "somebody is at the other window");
    two.ok("set_presence", json!({ "state": "away" })).await;
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "away");
    assert_eq!(asked(&mut b, &alice.id).await["state"], "away");
    one.ok("set_presence", json!({ "state": "online" })).await;
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "online");
    // The one in use goes: what remains says away.
    one.close().await;
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "away");
    for state in ["offline", "busy", ""] {
        two.refused("set_presence", json!({ "state": state }), "invalid").await;
    }
    two.refused("set_presence", json!({}), "invalid").await;
}

async fn presence_can_be_asked_for(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    b.ok("set_presence", json!({ "state": "away" })).await;
    // That he came may be told before, or may not.
    a.wait("bob is away", |event| event["event"] == "presence" && event["user"] == *bob.id && event["state"] == "away").await;

    let states = |answer: &Value| {
        let mut rows: Vec<(String, String)> = answer["presence"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["user"].as_str().unwrap().to_owned(), row["state"].as_str().unwrap().to_owned()))
            .collect();
        rows.sort();
        rows
    };
    let wanted = |rows: &[(&str, &str)]| {
        let mut rows: Vec<(String, String)> = rows.iter().map(|(user, state)| ((*user).to_owned(), (*state).to_owned())).collect();
        rows.sort();
        rows
    };
    let of_group = wanted(&[(&alice.id, "online"), (&bob.id, "away")]);
    let of_all = wanted(&[(&alice.id, "online"), (&bob.id, "away"), (&carol.id, "offline")]);
    assert_eq!(states(&a.ok("presence", json!({ "room": group })).await), of_group);
    assert_eq!(states(&alice.get(&format!("/presence?room={group}")).await.ok(200)), of_group);
    assert_eq!(states(&a.ok("presence", json!({ "room": "#lobby" })).await), of_all);
    let ids = [&alice.id, &bob.id, &carol.id, &new_client_id()];
    assert_eq!(states(&a.ok("presence", json!({ "users": ids })).await), of_all, "who does not exist has no row");
    let query = ids.map(String::as_str).join(",");
    assert_eq!(states(&alice.get(&format!("/presence?users={query}")).await.ok(200)), of_all);

    a.refused("presence", json!({}), "invalid").await;
    a.refused("presence", json!({ "users": ["alice"] }), "invalid").await;
    a.refused("presence", json!({ "users": vec![&alice.id; 201] }), "invalid").await;
    alice.get("/presence").await.invalid("users");
    carol.get(&format!("/presence?room={group}")).await.refused(404, "not_found");
}

async fn strangers_hear_nothing(backend: Backend) {
    // Everybody shares the lobby, so it is made too large for presence.
    let server = Server::with(backend, &[("CHIRM_LIMITS__PRESENCE_MEMBERS", "2")]).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut b, mut c) = (bob.connect().await, carol.connect().await);
    let mut a = alice.connect().await;
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "online");
    // A large room is told a number.
    let count = c.wait("how many are there", |event| event["event"] == "room_online" && event["online"] == 3).await;
    assert_eq!(count["room"], json!(a.lobby()));
    a.ok("set_presence", json!({ "state": "away" })).await;
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "away");
    a.close().await;
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "offline");
    let count = c.until("one less", |event| event["event"] == "room_online" && event["online"] == 2).await;
    assert!(count.iter().all(|event| event["event"] != "presence" || event["user"] == json!(carol.id)), "{count:?}");
    assert_eq!(b.room(&group)["members"], 2);
}

async fn a_reload_is_no_departure(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut b = bob.connect().await;
    let mut a = alice.connect().await;
    assert_eq!(presence_of(&mut b, &alice.id).await.0, "online");
    for _ in 0..3 {
        a.close().await;
        a = alice.connect().await;
    }
    a.send("#lobby", "back").await;
    let events = b.until_body("back").await;
    assert!(events.iter().all(|event| event["user"] != json!(alice.id)), "{events:?}");
}
