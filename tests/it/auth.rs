//! Accounts, sign-ins, and how each door learns who is there.

use crate::support::{Answer, Backend, Raw, Server, Window};
use serde_json::{Value, json};

both!(
    the_first_account_owns_the_server,
    from_elsewhere_the_first_account_needs_the_link,
    names_are_folded_and_look_alikes_refused,
    registration_is_checked,
    passwords_are_compared,
    guests_need_a_name_only,
    registration_by_invite,
    registration_closed,
    cookies_need_the_header,
    a_socket_signs_in_by_cookie_header_or_token,
    a_socket_without_a_sign_in_is_closed,
    foreign_pages_are_refused,
    behind_https_the_cookie_is_secure,
);

const PASSWORD: &str = "correct horse battery";

fn form(name: &str) -> Value {
    json!({ "username": name, "password": PASSWORD })
}

/// The `name=value` of the session's cookie, and its attributes in lower case.
fn cookie(answer: &Answer) -> (String, Vec<String>) {
    let line = answer.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {answer:?}"));
    let mut parts = line.split(';').map(str::trim);
    (parts.next().unwrap().to_owned(), parts.map(str::to_ascii_lowercase).collect())
}

async fn the_first_account_owns_the_server(backend: Backend) {
    let server = Server::start(backend).await;
    assert_eq!(server.http().get("/auth/options").await.ok(200), json!({ "registration": "open", "guests": true, "first": true }));
    let first = server.http().post("/auth/register", form("alice")).await;
    let body = first.ok(201);
    assert_eq!(
        (&body["user"]["role"], &body["user"]["username"], &body["user"]["display_name"], &body["user"]["guest"]),
        (&json!("owner"), &json!("alice"), &json!("alice"), &json!(false))
    );
    assert!(body["token"].as_str().unwrap().len() >= 40 && body["expires_at"].as_str().unwrap().ends_with('Z'));
    let (pair, attributes) = cookie(&first);
    assert_eq!(pair, format!("chirm_session={}", body["token"].as_str().unwrap()));
    for attribute in ["httponly", "samesite=lax", "path=/"] {
        assert!(attributes.iter().any(|one| one == attribute), "{attribute}: {attributes:?}");
    }
    assert!(!attributes.iter().any(|one| one == "secure" || one.starts_with("domain")), "{attributes:?}");

    let second =
        server.http().post("/auth/register", json!({ "username": "bob", "password": PASSWORD, "display_name": "Bob B." })).await.ok(201);
    assert_eq!((&second["user"]["role"], &second["user"]["display_name"]), (&json!("member"), &json!("Bob B.")));
    assert_eq!(server.http().get("/auth/options").await.ok(200)["first"], false);
    let me = server.http().bearer(body["token"].as_str().unwrap()).get("/me").await.ok(200);
    assert_eq!(me["user"]["id"], body["user"]["id"]);
}

async fn from_elsewhere_the_first_account_needs_the_link(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let link = (0..2).map(|_| server.next_line()).find(|line| line.contains("setup=")).expect("no link");
    let code = link.split_once("setup=").unwrap().1.trim().to_owned();
    let elsewhere = server.http().with("x-forwarded-for", "203.0.113.9");
    assert_eq!(elsewhere.get("/auth/options").await.ok(200)["registration"], "setup");
    elsewhere.post("/auth/register", form("mallory")).await.refused(403, "forbidden");
    let mut with = form("mallory");
    with["setup"] = "0000".into();
    elsewhere.post("/auth/register", with.clone()).await.refused(403, "forbidden");
    with["setup"] = code.clone().into();
    with["username"] = "alice".into();
    assert_eq!(elsewhere.post("/auth/register", with.clone()).await.ok(201)["user"]["role"], "owner");
    // It is good for the first account only.
    with["username"] = "mallory".into();
    let second = elsewhere.post("/auth/register", with).await;
    assert!(second.status != 201 || second.json()["user"]["role"] == "member", "{second:?}");
}

async fn names_are_folded_and_look_alikes_refused(backend: Backend) {
    let server = Server::start(backend).await;
    let http = server.http();
    assert_eq!(http.post("/auth/register", form("PayPal")).await.ok(201)["user"]["username"], "paypal");
    for taken in ["paypal", "PAYPAL", "paypa1"] {
        http.post("/auth/register", form(taken)).await.refused(409, "username_taken");
        http.post("/auth/guest", json!({ "username": taken })).await.refused(409, "username_taken");
    }
    assert_eq!(http.post("/auth/login", form("PAYPAL")).await.ok(200)["user"]["username"], "paypal");
    http.post("/auth/register", form("paypals")).await.ok(201);
    // At once: one of them gets it.
    let posts = (0..4).map(|_| {
        let http = server.http();
        async move { http.post("/auth/register", form("carol")).await.status }
    });
    let mut statuses = futures_util::future::join_all(posts).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

async fn registration_is_checked(backend: Backend) {
    let server = Server::start(backend).await;
    let http = server.http();
    let long = "x".repeat(33);
    for name in ["", "ab", ".dot", "-dash", "_line", "two words", "аlice", "bob\u{200b}", "bob\n", "a\u{0}b", "böb", long.as_str()] {
        http.post("/auth/register", form(name)).await.invalid("username");
        http.post("/auth/guest", json!({ "username": name })).await.invalid("username");
    }
    let long = "x".repeat(1025);
    for password in ["", "1234567", "password", "12345678", "alice-alice", long.as_str()] {
        http.post("/auth/register", json!({ "username": "alice-alice", "password": password })).await.invalid("password");
    }
    for name in ["", "a\u{202e}b", "\u{200b}"] {
        http.post("/auth/register", json!({ "username": "alice", "password": PASSWORD, "display_name": name }))
            .await
            .invalid("display_name");
    }
    http.post("/auth/register", json!({ "username": "alice" })).await.invalid("password");
    http.post("/auth/register", json!({ "username": 5, "password": PASSWORD })).await.invalid("username");
    let alice = server.user("alice").await;
    assert_eq!(alice.get("/users").await.ok(200)["users"].as_array().unwrap().len(), 1, "nothing was stored before");
    assert_eq!(alice.get("/me").await.ok(200)["user"]["role"], "owner");
}

async fn passwords_are_compared(backend: Backend) {
    let server = Server::start(backend).await;
    server.user("alice").await;
    let http = server.http();
    let good = http.post("/auth/login", json!({ "username": "alice", "password": PASSWORD, "device": "Phone" })).await;
    assert!(cookie(&good).0.starts_with("chirm_session="));
    let wrong = http.post("/auth/login", json!({ "username": "alice", "password": "another one" })).await.refused(401, "unauthorized");
    for name in ["nobody", "x", "no such name!"] {
        let unknown = http.post("/auth/login", json!({ "username": name, "password": "another one" })).await.refused(401, "unauthorized");
        assert_eq!(unknown["detail"], wrong["detail"], "the answer does not tell who exists");
    }
    http.post("/auth/login", json!({ "username": "alice" })).await.invalid("password");
    for bad in ["", "nonsense", &"A".repeat(43)] {
        http.bearer(bad).get("/me").await.refused(401, "unauthorized");
    }
    http.get("/me").await.refused(401, "unauthorized");
}

async fn guests_need_a_name_only(backend: Backend) {
    let server = Server::start(backend).await;
    server.user("alice").await;
    let answer = server.http().post("/auth/guest", json!({ "username": "Visitor", "display_name": "A visitor" })).await;
    let guest = crate::support::User::signed_in(server.http(), &answer.ok(201));
    assert_eq!(answer.json()["user"]["guest"], true);
    assert!(cookie(&answer).0.starts_with("chirm_session="));
    guest.connect().await.send("#lobby", "hi").await;
    server.http().post("/auth/guest", json!({ "username": "visitor" })).await.refused(409, "username_taken");
    server.http().post("/auth/login", json!({ "username": "visitor", "password": "" })).await.refused(401, "unauthorized");
    server.http().post("/auth/login", form("visitor")).await.refused(401, "unauthorized");

    let without = Server::with(backend, &[("CHIRM_AUTH__GUESTS", "false")]).await;
    without.user("alice").await;
    assert_eq!(without.http().get("/auth/options").await.ok(200)["guests"], false);
    without.http().post("/auth/guest", json!({ "username": "visitor" })).await.refused(404, "not_found");
}

async fn registration_by_invite(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_AUTH__REGISTRATION", "invite")]).await;
    let alice = server.user("alice").await;
    let http = server.http();
    assert_eq!(http.get("/auth/options").await.ok(200)["registration"], "invite");
    http.post("/auth/register", form("bob")).await.refused(403, "forbidden");
    let with = |name: &str, code: &str| json!({ "username": name, "password": PASSWORD, "invite": code });
    let wrong = http.post("/auth/register", with("bob", "nonsense")).await;
    assert!((400..500).contains(&wrong.status), "{wrong:?}");

    let made = alice.post("/admin/invites", json!({ "uses": 2, "expires_in_s": 600 })).await.ok(201);
    let code = made["code"].as_str().unwrap();
    assert!(made["url"].as_str().unwrap().contains(code));
    // A refusal uses nothing up.
    http.post("/auth/register", with("alice", code)).await.refused(409, "username_taken");
    assert_eq!(http.post("/auth/register", with("bob", code)).await.ok(201)["user"]["role"], "member");
    http.post("/auth/register", with("carol", code)).await.ok(201);
    let spent = http.post("/auth/register", with("dave", code)).await;
    assert!((400..500).contains(&spent.status), "{spent:?}");

    let made = alice.post("/admin/invites", Value::Null).await.ok(201);
    let (id, code) = (made["invite"]["id"].as_str().unwrap(), made["code"].as_str().unwrap());
    let listed = alice.get("/admin/invites").await.ok(200);
    assert!(listed["invites"].as_array().unwrap().iter().any(|invite| invite["id"] == json!(id)));
    assert!(!listed.to_string().contains(code), "the code is told once");
    alice.delete(&format!("/admin/invites/{id}")).await.ok(204);
    let revoked = http.post("/auth/register", with("dave", code)).await;
    assert!((400..500).contains(&revoked.status), "{revoked:?}");
    assert_eq!(alice.get("/users").await.ok(200)["users"].as_array().unwrap().len(), 3);
}

async fn registration_closed(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_AUTH__REGISTRATION", "closed")]).await;
    let alice = server.user("alice").await;
    assert_eq!(server.http().get("/auth/options").await.ok(200)["registration"], "closed");
    let code = alice.post("/admin/invites", Value::Null).await.ok(201)["code"].clone();
    server
        .http()
        .post("/auth/register", json!({ "username": "bob", "password": PASSWORD, "invite": code }))
        .await
        .refused(403, "forbidden");
    assert_eq!(alice.get("/users").await.ok(200)["users"].as_array().unwrap().len(), 1);
}

async fn cookies_need_the_header(backend: Backend) {
    let server = Server::start(backend).await;
    let answer = server.http().post("/auth/register", form("alice")).await;
    let by_cookie = server.http().with("cookie", &format!("theme=dark; {}", cookie(&answer).0));
    let marked = by_cookie.with("x-requested-with", "chirm");
    assert_eq!(by_cookie.get("/me").await.ok(200)["user"]["username"], "alice");
    let group = json!({ "kind": "group", "name": "Team" });
    for (method, path, body) in [
        ("POST", "/rooms", group.clone()),
        ("PATCH", "/me", json!({ "display_name": "Mallory" })),
        ("PUT", "/rooms/%23lobby/read", json!({ "seq": 0 })),
        ("DELETE", "/rooms/%23lobby", Value::Null),
        ("POST", "/auth/logout", Value::Null),
        ("POST", "/auth/password", json!({ "current": PASSWORD, "new": "another good one" })),
    ] {
        by_cookie.ask(method, path, Some(body.clone())).await.refused(403, "forbidden");
        by_cookie.with("x-requested-with", "XMLHttpRequest").ask(method, path, Some(body)).await.refused(403, "forbidden");
    }
    assert_eq!(marked.get("/me").await.ok(200)["user"]["display_name"], "alice");
    marked.post("/rooms", group.clone()).await.ok(201);
    server.http().bearer(answer.json()["token"].as_str().unwrap()).post("/rooms", group).await.ok(201);
    let out = marked.post("/auth/logout", Value::Null).await;
    out.ok(204);
    let (pair, attributes) = cookie(&out);
    assert_eq!(pair, "chirm_session=");
    assert!(attributes.iter().any(|one| one == "max-age=0"), "{attributes:?}");
    by_cookie.get("/me").await.refused(401, "unauthorized");
}

async fn a_socket_signs_in_by_cookie_header_or_token(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let own = format!("http://127.0.0.1:{}", server.port());
    let localhost = format!("http://localhost:{}", server.port());
    let (cookie, bearer) = (format!("chirm_session={}", alice.token), format!("Bearer {}", alice.token));
    for headers in [
        vec![("cookie", cookie.as_str()), ("origin", &own)],
        vec![("cookie", cookie.as_str()), ("origin", &localhost)],
        vec![("cookie", cookie.as_str())],
        vec![("authorization", bearer.as_str())],
    ] {
        let mut window = Window::open(&server.http(), &headers).await;
        let answer = window.hello("", json!({ "device": "test" })).await;
        assert_eq!(answer["user"]["id"], json!(alice.id), "{headers:?}");
    }
    let mut window = Window::open(&server.http(), &[]).await;
    let answer = window.hello(&alice.token, json!({})).await;
    assert!(answer["session"].as_str().is_some_and(|id| id.len() == 36));
    assert_eq!(answer["server"]["version"], env!("CARGO_PKG_VERSION"));
    for limit in ["frame_bytes", "body_chars", "page", "presence_members", "rooms_joined", "outbox_bytes"] {
        assert!(answer["server"]["limits"][limit].is_u64(), "{limit}");
    }
    // The token of the first frame is meant.
    let mut window = Window::open(&server.http(), &[("cookie", &cookie)]).await;
    assert_eq!(window.hello(&bob.token, json!({})).await["user"]["id"], json!(bob.id));
}

async fn a_socket_without_a_sign_in_is_closed(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    alice.post("/auth/logout", Value::Null).await.ok(204);
    for (token, bearer) in [
        (json!(null), None),
        (json!("nonsense"), None),
        (json!("A".repeat(43)), None),
        (json!(alice.token), None),
        (json!(null), Some("Bearer nonsense")),
    ] {
        let headers: Vec<(&str, &str)> = bearer.map(|bearer| ("authorization", bearer)).into_iter().collect();
        let mut window = Window::open(&server.http(), &headers).await;
        let fields = if token.is_null() { json!({}) } else { json!({ "token": token }) };
        window.refused("hello", fields, "unauthorized").await;
        window.closes_with(4401).await;
    }
    // In the URL it is no token.
    let bob = server.user("bob").await;
    let answer = server.http().raw("GET", &format!("/api/v1/me?token={}", bob.token), Vec::new()).await;
    answer.refused(401, "unauthorized");
}

async fn foreign_pages_are_refused(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let (port, cookie) = (server.port(), format!("chirm_session={}", alice.token));
    for origin in [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("https://127.0.0.1:{port}"),
        "http://127.0.0.1".to_owned(),
        format!("http://127.0.0.1:{}", port.wrapping_add(1)),
        format!("http://127.0.0.1:{port}.evil.example"),
        format!("http://127.0.0.1:{port}/"),
    ] {
        let mut raw = Raw::with(port, &format!("Origin: {origin}\r\nCookie: {cookie}\r\n")).await;
        assert_eq!(raw.closed().await, 4403, "{origin}");
    }
    // REST offers nothing to other sites either.
    let asked = server.http().with("origin", "https://evil.example").with("cookie", &cookie).get("/me").await;
    assert!(asked.header("access-control-allow-origin").is_none());
}

async fn behind_https_the_cookie_is_secure(backend: Backend) {
    let settings = [("CHIRM_PUBLIC_URL", "https://chat.example.org"), ("CHIRM_AUTH__REGISTRATION", "open")];
    let server = Server::with(backend, &settings).await;
    let answer = server.http().post("/auth/register", form("alice")).await;
    let token = answer.ok(201)["token"].as_str().unwrap().to_owned();
    let (pair, attributes) = cookie(&answer);
    assert_eq!(pair, format!("__Host-chirm_session={token}"));
    assert!(attributes.iter().any(|one| one == "secure") && !attributes.iter().any(|one| one.starts_with("domain")), "{attributes:?}");
    assert!(answer.header("strict-transport-security").is_some_and(|value| value.contains("max-age=31536000")));
    let by_name = |name: &str| server.http().with("cookie", &format!("{name}={token}"));
    by_name("__Host-chirm_session").get("/me").await.ok(200);
    by_name("chirm_session").get("/me").await.refused(401, "unauthorized");

    let (port, cookie) = (server.port(), format!("Cookie: __Host-chirm_session={token}\r\n"));
    let mut raw = Raw::with(port, &format!("Origin: https://chat.example.org\r\n{cookie}")).await;
    raw.text(r#"{"id":1,"op":"hello"}"#).await;
    assert_eq!(raw.answer().await["ok"]["user"]["username"], "alice");
    for origin in ["http://chat.example.org", "https://chat.example.org:8443", "https://evil.example", &format!("http://127.0.0.1:{port}")]
    {
        let mut raw = Raw::with(port, &format!("Origin: {origin}\r\n{cookie}")).await;
        assert_eq!(raw.closed().await, 4403, "{origin}");
    }
}
