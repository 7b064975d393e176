//! The rest of REST: users, documents, and what operators ask.

use crate::support::{Backend, Raw, Server, encode, new_client_id};
use serde_json::{Value, json};

both!(
    users_are_found,
    a_message_by_rest_alone,
    documents_and_health,
    settings_are_in_force,
    the_server_may_live_under_a_path,
    numbers_can_be_guarded,
    addresses_come_from_trusted_proxies_only,
    the_data_directory_is_private,
);

async fn users_are_found(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, bobby] = server.users(["alice", "bob", "bobby"]).await;
    alice.patch("/me", json!({ "display_name": "Bob's sister" })).await.ok(200);
    let names = |answer: &Value| {
        let mut names: Vec<String> =
            answer["users"].as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&bob.get("/users").await.ok(200)), ["alice", "bob", "bobby"]);
    assert_eq!(names(&bob.get("/users?q=BOB").await.ok(200)), ["alice", "bob", "bobby"], "the beginning of either name");
    assert_eq!(names(&bob.get("/users?q=bobb").await.ok(200)), ["bobby"]);
    for nobody in ["zz", "%25", "_", "ob", "%5C"] {
        assert_eq!(names(&bob.get(&format!("/users?q={nobody}")).await.ok(200)), Vec::<String>::new(), "{nobody}");
    }
    let ids = format!("{},{},{}", alice.id, bobby.id, new_client_id());
    assert_eq!(names(&bob.get(&format!("/users?ids={ids}")).await.ok(200)), ["alice", "bobby"]);
    bob.get(&format!("/users?ids={}", vec![alice.id.as_str(); 101].join(","))).await.invalid("ids");
    bob.get("/users?ids=alice").await.invalid("ids");
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bob.get(&format!("/users?limit=1{cursor}")).await.ok(200);
        found.extend(names(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", encode(next)),
            None => break,
        }
    }
    found.sort();
    assert_eq!(found, ["alice", "bob", "bobby"]);
    for path in ["/users/alice", "/users/ALICE", &format!("/users/{}", alice.id)] {
        let user = bob.get(path).await.ok(200)["user"].clone();
        assert_eq!((&user["id"], &user["display_name"]), (&json!(alice.id), &json!("Bob's sister")));
        assert!(user.get("password_hash").is_none() && user.get("token").is_none());
    }
    for path in ["/users/nobody", "/users/%00", &format!("/users/{}", new_client_id())] {
        bob.get(path).await.refused(404, "not_found");
    }
    server.http().get("/users").await.refused(401, "unauthorized");
}

async fn a_message_by_rest_alone(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let client_id = new_client_id();
    let sent = alice.post(&format!("/rooms/{group}/messages"), json!({ "client_id": client_id, "body": "@bob hi" })).await.ok(201);
    assert_eq!((&sent["seq"], &sent["rev"], &sent["duplicate"]), (&json!(1), &json!(1), &json!(false)));
    let message = bob.get(&format!("/rooms/{group}/messages/1")).await.ok(200)["message"].clone();
    let wanted = json!({ "room": group, "seq": 1, "rev": 1, "author": alice.id, "client_id": client_id, "body": "@bob hi", "created_at": sent["created_at"], "mentions": [bob.id] });
    assert_eq!(message, wanted);
    let rooms = bob.get("/rooms").await.ok(200);
    let room = rooms["rooms"].as_array().unwrap().iter().find(|room| room["id"] == json!(group)).unwrap();
    assert_eq!((&room["unread"], &room["mentions"], &room["last_seq"]), (&json!(1), &json!(1), &json!(1)));
    bob.put(&format!("/rooms/{group}/read"), json!({ "seq": 1 })).await.ok(200);
    let receipts = alice.get(&format!("/rooms/{group}/messages/1/receipts")).await.ok(200);
    assert_eq!((&receipts["read"][0]["user"], &receipts["delivered"][0]["user"]), (&json!(bob.id), &json!(bob.id)));
}

async fn documents_and_health(backend: Backend) {
    let server = Server::start(backend).await;
    let http = server.http();
    assert_eq!(http.raw("GET", "/healthz", Vec::new()).await.status, 200);
    let ready = http.raw("GET", "/readyz", Vec::new()).await.ok(200);
    assert_eq!(
        (&ready["ready"], &ready["database"], &ready["migrations"], &ready["draining"]),
        (&json!(true), &json!(true), &json!(true), &json!(false))
    );
    let document = http.get("/openapi.json").await.ok(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    for path in ["/auth/register", "/rooms/{room}/messages", "/admin/rooms/{room}/announcement", "/presence"] {
        assert!(document["paths"][format!("/api/v1{path}")].is_object(), "{path}");
    }
    let metrics = http.raw("GET", "/metrics", Vec::new()).await;
    assert!(metrics.status == 200 && metrics.text.ends_with("# EOF\n"), "{metrics:?}");
    http.with("x-forwarded-for", "203.0.113.9").raw("GET", "/metrics", Vec::new()).await.refused(404, "not_found");
    let page = http.raw("GET", "/", Vec::new()).await;
    assert!(page.status == 200 && page.header("content-type").unwrap().starts_with("text/html"), "{page:?}");
    // The client knows its own addresses; what looks like a file is one or is nothing.
    assert_eq!(http.raw("GET", "/r/some-room", Vec::new()).await.text, page.text);
    http.raw("GET", "/no/such/file.js", Vec::new()).await.refused(404, "not_found");
    http.raw("GET", "/../etc/passwd", Vec::new()).await.text.contains("root:").then(|| panic!("a file of the machine"));
    let tag = page.header("etag").unwrap().to_owned();
    assert_eq!(http.with("if-none-match", &tag).raw("GET", "/", Vec::new()).await.status, 304);
}

/// Sizes that `hello` tells are those that the configuration sets, and they are kept to.
async fn settings_are_in_force(backend: Backend) {
    let settings = [
        ("CHIRM_LIMITS__BODY_CHARS", "20"),
        ("CHIRM_LIMITS__ROOMS_JOINED", "3"),
        ("CHIRM_LIMITS__REQUEST_BYTES", "5000"),
        ("CHIRM_LIMITS__FRAME_BYTES", "5000"),
    ];
    let server = Server::with(backend, &settings).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    let limits = &a.greeting["server"]["limits"];
    assert_eq!((&limits["body_chars"], &limits["rooms_joined"], &limits["frame_bytes"]), (&json!(20), &json!(3), &json!(5000)));
    a.send("#lobby", &"ä".repeat(20)).await;
    let long = "ä".repeat(21);
    let by_socket = a.request("send", json!({ "room": "#lobby", "client_id": new_client_id(), "body": long })).await;
    let by_rest = alice.post("/rooms/%23lobby/messages", json!({ "client_id": new_client_id(), "body": long })).await;
    assert_eq!((by_socket.map_err(|refused| refused.code), by_rest.status), (Err("too_large".to_owned()), 413), "limits.body_chars is 20");
    let big = json!({ "client_id": new_client_id(), "body": "hi", "ignored": "x".repeat(5000) });
    alice.post("/rooms/%23lobby/messages", big).await.refused(413, "too_large");
    alice.group("One", &[]).await;
    alice.group("Two", &[]).await;
    alice.post("/rooms", json!({ "kind": "group", "name": "One too many" })).await.refused(409, "conflict");
}

async fn the_server_may_live_under_a_path(backend: Backend) {
    let settings = [("CHIRM_PUBLIC_URL", "https://example.org/chat"), ("CHIRM_AUTH__REGISTRATION", "open")];
    let server = Server::with(backend, &settings).await;
    let alice = server.user("alice").await;
    // A proxy may leave the prefix on or take it off.
    for prefix in ["", "/chat"] {
        assert_eq!(alice.http.raw("GET", &format!("{prefix}/api/v1/me"), Vec::new()).await.ok(200)["user"]["username"], "alice");
        let page = alice.http.raw("GET", &format!("{prefix}/"), Vec::new()).await;
        assert!(page.status == 200 && page.header("content-type").unwrap().starts_with("text/html"), "{prefix}: {page:?}");
        assert_eq!(alice.http.raw("GET", &format!("{prefix}/healthz"), Vec::new()).await.status, 200);
        let mut raw = Raw::at(server.port(), &format!("{prefix}/ws"), "Origin: https://example.org\r\n").await;
        raw.hello(&alice.token).await;
    }
    let invite = alice.post("/admin/invites", Value::Null).await.ok(201);
    assert!(invite["url"].as_str().unwrap().starts_with("https://example.org/chat/"), "{invite}");
}

async fn numbers_can_be_guarded(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_METRICS__TOKEN", "let-me-see")]).await;
    let alice = server.user("alice").await;
    alice.connect().await.send("#lobby", "hi").await;
    let http = server.http();
    http.raw("GET", "/metrics", Vec::new()).await.refused(401, "unauthorized");
    http.bearer("let-me-se").raw("GET", "/metrics", Vec::new()).await.refused(401, "unauthorized");
    let numbers = http.bearer("let-me-see").raw("GET", "/metrics", Vec::new()).await;
    assert_eq!(numbers.status, 200);
    assert!(numbers.text.lines().any(|line| line.starts_with("chirm_")), "{}", numbers.text);
    assert!(!numbers.text.contains("alice") && !numbers.text.contains("lobby"), "no names in numbers");
}

async fn addresses_come_from_trusted_proxies_only(backend: Backend) {
    for (trusted, given, wanted) in [
        ("", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.0/8", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1,203.0.113.0/24", "198.51.100.7, 203.0.113.9", "198.51.100.7"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
    ] {
        let server = Server::with(backend, &[("CHIRM_TRUSTED_PROXIES", trusted)]).await;
        server.user("alice").await;
        let login = json!({ "username": "alice", "password": "correct horse battery" });
        let answer = server.http().with("x-forwarded-for", given).post("/auth/login", login).await.ok(200);
        let alice = crate::support::User::signed_in(server.http(), &answer);
        let listed = alice.get("/auth/sessions").await.ok(200);
        let current = listed["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
        assert_eq!(current["address"], wanted, "{given} with {trusted:?} trusted");
    }
}

async fn the_data_directory_is_private(backend: Backend) {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start(backend).await;
    server.user("alice").await;
    let mode = std::fs::metadata(server.data_dir()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700, "{mode:o}");
    assert!(!server.log().contains("correct horse"), "no password in the log");
}
