//! Bad input by REST: a code for each, nothing stored.

use crate::support::{Backend, Raw, Server, new_client_id};
use serde_json::json;
use tokio::net::TcpStream;

both!(bodies_must_be_json, paths_and_methods, large_requests, upgrades_that_are_none);

async fn bodies_must_be_json(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let path = "/api/v1/rooms/%23lobby/messages";
    let good = json!({ "client_id": new_client_id(), "body": "hi" }).to_string().into_bytes();
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("nonsense"),
    ] {
        let http = kind.map_or(alice.http.clone(), |kind| alice.http.with("content-type", kind));
        http.raw("POST", path, good.clone()).await.refused(415, "unsupported_media_type");
    }
    let json_http = alice.http.with("content-type", "application/json");
    json_http.with("content-encoding", "gzip").raw("POST", path, good.clone()).await.refused(415, "unsupported_media_type");
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let deep_field = format!(r#"{{"client_id":"{}","body":"hi","x":{deep}}}"#, new_client_id());
    for broken in ["{", "nonsense", "[]", "7", "null", "", r#"{"body":"#, &deep, &deep_field, "{\"body\":\"\u{1}\"}"] {
        json_http.raw("POST", path, broken.as_bytes().to_vec()).await.refused(400, "bad_request");
    }
    json_http.raw("POST", path, [&good[..], b" {}"].concat()).await.refused(400, "bad_request");
    json_http.raw("POST", path, b"{\"client_id\":\"\xff\"}".to_vec()).await.refused(400, "bad_request");
    for (form, field) in [
        (json!({}), "client_id"),
        (json!({ "client_id": "x", "body": "hi" }), "client_id"),
        (json!({ "client_id": new_client_id() }), "body"),
        (json!({ "client_id": new_client_id(), "body": 7 }), "body"),
        (json!({ "client_id": new_client_id(), "body": "hi", "reply_to": 7 }), "reply_to"),
        (json!({ "client_id": new_client_id(), "body": "hi", "attachments": [new_client_id()] }), "attachments"),
    ] {
        alice.post("/rooms/%23lobby/messages", form).await.invalid(field);
    }
    assert!(alice.history("#lobby").await.is_empty());
    let charset = alice.http.with("content-type", "application/json; charset=utf-8");
    charset.raw("POST", path, good).await.ok(201);
}

async fn paths_and_methods(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    for path in ["/", "/nothing", "/rooms/x/y/z", "/admin", "/admin/nothing"] {
        alice.get(path).await.refused(404, "not_found");
    }
    for (method, path, allow) in [
        ("DELETE", "/rooms", "GET, POST"),
        ("PUT", "/me", "GET, PATCH"),
        ("GET", "/auth/login", "POST"),
        ("POST", "/admin/stats", "GET"),
        ("PATCH", "/rooms/x/members/y", "PUT, DELETE"),
    ] {
        let answer = alice.http.ask(method, path, None).await;
        answer.refused(405, "bad_request");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
    alice.http.raw("POST", "/", Vec::new()).await.refused(405, "bad_request");
    alice.http.raw("GET", "/api/v1/rooms/%ff", Vec::new()).await.refused(400, "bad_request");
    for room in ["nonsense", "%23", "%23no%20such", "%00", "..%2f..%2fetc", &"x".repeat(2000)] {
        alice.get(&format!("/rooms/{room}")).await.refused(404, "not_found");
    }
    for query in ["limit=0", "limit=201", "limit=-1", "limit=many", "limit=99999999999999999999"] {
        alice.get(&format!("/users?{query}")).await.invalid("limit");
    }
    for cursor in ["nonsense", "%00", "AAAA", "-1"] {
        alice.get(&format!("/users?cursor={cursor}")).await.invalid("cursor");
    }
    let head = alice.http.raw("HEAD", "/api/v1/me", Vec::new()).await;
    assert!(head.status == 200 && head.text.is_empty(), "{head:?}");
    let other = alice.get("/me?unknown=1&unknown=2").await.ok(200);
    assert_eq!(other["user"]["username"], "alice");
}

async fn large_requests(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let form = |len: usize| json!({ "client_id": new_client_id(), "body": "hi", "x": "x".repeat(len) });
    alice.post("/rooms/%23lobby/messages", form(256 * 1024)).await.refused(413, "too_large");
    assert!(alice.history("#lobby").await.is_empty());
    alice.post("/rooms/%23lobby/messages", form(255 * 1024)).await.ok(201);
    // Without a length it is counted as it comes.
    let mut raw = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    let head = format!(
        "POST /api/v1/rooms/%23lobby/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        alice.token
    );
    let mut bytes = head.into_bytes();
    for _ in 0..20 {
        bytes.extend(format!("{:x}\r\n", 16 * 1024).into_bytes());
        bytes.extend(vec![b' '; 16 * 1024]);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    let answer = exchange(&mut raw, &bytes).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    // A head without an end.
    let mut raw = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    let answer = exchange(&mut raw, format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(200 * 1024)).as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    alice.get("/me").await.ok(200);
}

/// Writes what the peer takes and reads what it says until it has nothing more to say.
async fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> String {
    let (mut sent, mut got) = (0, Vec::new());
    let talk = async {
        while sent < bytes.len() {
            stream.writable().await.unwrap();
            match stream.try_write(&bytes[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
        }
        loop {
            stream.readable().await.unwrap();
            match stream.try_read_buf(&mut got) {
                Ok(0) => break,
                // The answer is there; what comes after it does not matter.
                Ok(_) if got.windows(4).any(|four| four == b"\r\n\r\n") => break,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, talk).await.expect("no answer");
    String::from_utf8_lossy(&got).into_owned()
}

async fn upgrades_that_are_none(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let plain = alice.http.raw("GET", "/ws", Vec::new()).await;
    assert!((400..500).contains(&plain.status), "{plain:?}");
    let port = server.port();
    for (path, lines) in [
        (
            "/other",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        ),
        ("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        ("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"),
        ("/ws", "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let answer = exchange(&mut stream, format!("GET {path} HTTP/1.1\r\nHost: x\r\n{lines}\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path} {lines}: {answer}");
    }
    // Without the subprotocol it is a socket all the same, and none is named.
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let upgrade = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let answer = exchange(&mut stream, upgrade.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 101") && answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("sec-websocket-protocol"), "{answer}");
    Raw::open(port).await.hello(&alice.token).await;
}
