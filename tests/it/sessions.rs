//! Devices that are signed in, and how they are signed out: at once, on open connections too.

use crate::support::{Backend, Server, User, Window};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

both!(
    devices_are_listed,
    a_revoked_session_is_cut_off_at_once,
    a_new_password_ends_the_others,
    administrators_sign_people_out,
    a_locked_account_is_out,
    sessions_survive_a_restart_and_revocations_too,
    one_session_too_many_ends_the_oldest,
);

async fn session_of(user: &User) -> String {
    let listed = user.get("/auth/sessions").await.ok(200);
    let current = listed["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    current["id"].as_str().unwrap().to_owned()
}

/// `session_revoked`, then the close, and all of it within a second.
async fn is_cut_off(window: &mut Window, since: Instant) {
    window.next("session_revoked").await;
    window.closes_with(4401).await;
    let took = since.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
}

async fn devices_are_listed(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let login = json!({ "username": "alice", "password": "correct horse battery", "device": " My\u{7} phone " });
    server.http().with("user-agent", "Browser/1.0").post("/auth/login", login).await.ok(200);
    let plain = json!({ "username": "alice", "password": "correct horse battery" });
    server.http().with("user-agent", "Browser/1.0").post("/auth/login", plain).await.ok(200);
    let listed = alice.get("/auth/sessions").await.ok(200);
    let rows = listed["sessions"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{listed}");
    for row in rows {
        assert_eq!(row["address"], "127.0.0.1");
        for key in ["id", "created_at", "last_seen", "expires_at"] {
            assert!(row[key].is_string(), "{key}: {row}");
        }
        assert!(row.get("token").is_none());
    }
    assert_eq!(rows.iter().filter(|row| row["current"] == true).count(), 1);
    let mut devices: Vec<_> = rows.iter().filter_map(|row| row["device"].as_str()).filter(|device| !device.contains("awc")).collect();
    devices.sort_unstable();
    assert_eq!(devices, ["Browser/1.0", "My phone"]);
}

async fn a_revoked_session_is_cut_off_at_once(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let (phone, bob) = (server.login("alice").await, server.user("bob").await);
    let (mut kept, mut one, mut two, mut b) = (alice.connect().await, phone.connect().await, phone.connect().await, bob.connect().await);
    let id = session_of(&phone).await;
    assert_eq!(one.session(), id);
    bob.delete(&format!("/auth/sessions/{id}")).await.refused(404, "not_found");
    alice.delete("/auth/sessions/nonsense").await.refused(404, "not_found");

    let asked = Instant::now();
    alice.delete(&format!("/auth/sessions/{id}")).await.ok(204);
    b.send("#lobby", "not for the phone").await;
    for window in [&mut one, &mut two] {
        is_cut_off(window, asked).await;
        assert!(window.unseen().all(|event| event["event"] != "message"), "nothing after the revocation");
    }
    phone.get("/me").await.refused(401, "unauthorized");
    phone.get("/rooms").await.refused(401, "unauthorized");
    let mut again = Window::open(&server.http(), &[]).await;
    again.refused("hello", json!({ "token": phone.token }), "unauthorized").await;
    again.closes_with(4401).await;
    assert_eq!(kept.next_message().await.body, "not for the phone");
    kept.send("#lobby", "still here").await;
    alice.delete(&format!("/auth/sessions/{id}")).await.refused(404, "not_found");

    // Signing out is the same for oneself.
    let asked = Instant::now();
    alice.post("/auth/logout", Value::Null).await.ok(204);
    is_cut_off(&mut kept, asked).await;
    alice.get("/me").await.refused(401, "unauthorized");
}

async fn a_new_password_ends_the_others(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let phone = server.login("alice").await;
    let (mut own, mut other) = (alice.connect().await, phone.connect().await);
    let (old, new) = ("correct horse battery", "something else altogether");
    alice.post("/auth/password", json!({ "current": "wrong one", "new": new })).await.invalid("current");
    alice.post("/auth/password", json!({ "current": old, "new": "short" })).await.invalid("new");
    assert!(phone.get("/me").await.status == 200, "nothing happened yet");
    let asked = Instant::now();
    alice.post("/auth/password", json!({ "current": old, "new": new })).await.ok(204);
    is_cut_off(&mut other, asked).await;
    phone.get("/me").await.refused(401, "unauthorized");
    own.send("#lobby", "still here").await;
    alice.get("/me").await.ok(200);
    server.http().post("/auth/login", json!({ "username": "alice", "password": old })).await.refused(401, "unauthorized");
    server.http().post("/auth/login", json!({ "username": "alice", "password": new })).await.ok(200);
}

async fn administrators_sign_people_out(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let phone = server.login("bob").await;
    let (mut one, mut two) = (bob.connect().await, phone.connect().await);
    bob.delete("/admin/users/alice/sessions").await.refused(403, "forbidden");
    let asked = Instant::now();
    alice.delete("/admin/users/bob/sessions").await.ok(204);
    for window in [&mut one, &mut two] {
        is_cut_off(window, asked).await;
    }
    for user in [&bob, &phone] {
        user.get("/me").await.refused(401, "unauthorized");
    }
    server.login("bob").await.connect().await;
}

async fn a_locked_account_is_out(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut b = bob.connect().await;
    let asked = Instant::now();
    alice.patch("/admin/users/bob", json!({ "disabled": true })).await.ok(200);
    is_cut_off(&mut b, asked).await;
    bob.get("/me").await.refused(401, "unauthorized");
    let login = json!({ "username": "bob", "password": "correct horse battery" });
    server.http().post("/auth/login", login.clone()).await.refused(401, "unauthorized");
    let listed = alice.get("/admin/users?q=bob").await.ok(200);
    assert!(listed["users"][0]["disabled_at"].is_string(), "{listed}");
    alice.patch("/admin/users/alice", json!({ "disabled": true })).await.refused(409, "conflict");
    alice.patch("/admin/users/bob", json!({ "disabled": false })).await.ok(200);
    server.http().post("/auth/login", login).await.ok(200);
    bob.get("/me").await.refused(401, "unauthorized");
}

async fn sessions_survive_a_restart_and_revocations_too(backend: Backend) {
    let mut server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let phone = server.login("alice").await;
    phone.get("/me").await.ok(200);
    alice.delete(&format!("/auth/sessions/{}", session_of(&phone).await)).await.ok(204);
    server.kill();
    server.run();
    alice.connect().await.send("#lobby", "hi").await;
    phone.get("/me").await.refused(401, "unauthorized");
}

async fn one_session_too_many_ends_the_oldest(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_AUTH__SESSIONS_PER_USER", "3")]).await;
    let first = server.user("alice").await;
    let mut window = first.connect().await;
    let mut others = Vec::new();
    for _ in 0..2 {
        others.push(server.login("alice").await);
    }
    // In use or not: what counts is when each was last used, and the first is the longest ago.
    first.get("/me").await.ok(200);
    let asked = Instant::now();
    let last = server.login("alice").await;
    let listed = last.get("/auth/sessions").await.ok(200);
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 3, "auth.sessions_per_user is 3: {listed}");
    is_cut_off(&mut window, asked).await;
    for user in others {
        user.get("/me").await.ok(200);
    }
}
