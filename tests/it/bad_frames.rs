//! Bad input on the socket: a code for each, the connection in a defined state, nothing stored.

use crate::support::{BINARY, Backend, CLOSE, Frame, PING, PONG, Raw, Server, TEXT, User, new_client_id};
use serde_json::{Value, json};

both!(
    a_bad_frame_is_answered_and_forgotten,
    eight_bad_frames_in_a_row_are_enough,
    fields_are_checked,
    what_is_one_of_some_names_is_checked,
    json_is_not_nested_for_ever,
    bodies_are_checked,
    rooms_that_are_not_ones_own,
    before_hello_nothing_is_answered,
    large_frames_end_the_connection,
    breaches_of_the_websocket_protocol,
    frames_in_pieces_are_one_message,
    the_first_frame_must_come,
    what_comes_with_the_upgrade_is_not_lost,
);

/// The lobby must still be empty, and the server well.
async fn nothing_is_stored(user: &User) {
    assert!(user.history("#lobby").await.is_empty());
    user.connect().await.ok("ping", json!({})).await;
}

async fn signed_in(server: &Server, user: &User) -> Raw {
    let mut raw = Raw::open(server.port()).await;
    raw.hello(&user.token).await;
    raw
}

fn refused(answer: &Value) -> (Option<i64>, &str) {
    assert!(answer["error"]["message"].as_str().is_some_and(|text| !text.is_empty()), "{answer}");
    (answer["id"].as_i64(), answer["error"]["code"].as_str().unwrap())
}

async fn a_bad_frame_is_answered_and_forgotten(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut raw = signed_in(&server, &alice).await;
    for (frame, id, code) in [
        ("nonsense", None, "bad_request"),
        ("", None, "bad_request"),
        ("{", None, "bad_request"),
        ("[]", None, "bad_request"),
        ("null", None, "bad_request"),
        ("7", None, "bad_request"),
        ("{}", None, "bad_request"),
        (r#"{"op":"ping"}"#, None, "bad_request"),
        (r#"{"id":null,"op":"ping"}"#, None, "bad_request"),
        (r#"{"id":"1","op":"ping"}"#, None, "bad_request"),
        (r#"{"id":1.5,"op":"ping"}"#, None, "bad_request"),
        (r#"{"id":99999999999999999999999,"op":"ping"}"#, None, "bad_request"),
        (r#"{"id":9}"#, Some(9), "bad_request"),
        (r#"{"id":9,"op":7}"#, Some(9), "bad_request"),
        (r#"{"id":9,"op":""}"#, Some(9), "bad_request"),
        (r#"{"id":9,"op":"nope"}"#, Some(9), "bad_request"),
        (r#"{"id":9,"op":"SEND"}"#, Some(9), "bad_request"),
        (r#"{"id":9,"op":"ping"} {"id":10,"op":"ping"}"#, None, "bad_request"),
        (r#"{"id":9,"op":"send","room":"\ud800"}"#, Some(9), "bad_request"),
        (r#"{"id":9,"op":"send"}"#, Some(9), "invalid"),
    ] {
        raw.text(frame).await;
        let answer = raw.answer().await;
        let (got, why) = refused(&answer);
        let shown: String = frame.chars().take(80).collect();
        assert_eq!(why, code, "{shown}: {answer}");
        // Where an id could be read it must be the right one; in broken JSON it need not be found.
        assert!(got == id || (code == "bad_request" && got == Some(9) && id.is_none()), "{shown}: {answer}");
        // Still there, and a good frame makes up for it.
        raw.text(r#"{"id":2,"op":"ping"}"#).await;
        assert!(raw.answer().await["ok"]["at"].is_string());
    }
    nothing_is_stored(&alice).await;
}

async fn eight_bad_frames_in_a_row_are_enough(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut raw = signed_in(&server, &alice).await;
    for _ in 0..7 {
        raw.text("nonsense").await;
        refused(&raw.answer().await);
    }
    raw.text(r#"{"id":2,"op":"ping"}"#).await;
    assert!(raw.answer().await["ok"].is_object(), "seven are forgiven");
    for _ in 0..8 {
        raw.text("nonsense").await;
    }
    for _ in 0..8 {
        refused(&raw.answer().await);
    }
    assert_eq!(raw.closed().await, 1008);
    // A refused request is no bad frame.
    let mut raw = signed_in(&server, &alice).await;
    for _ in 0..20 {
        raw.text(r##"{"id":3,"op":"history","room":"#nowhere"}"##).await;
        assert_eq!(refused(&raw.answer().await), (Some(3), "not_found"));
    }
    nothing_is_stored(&alice).await;
}

async fn fields_are_checked(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    let id = new_client_id();
    for (op, fields, field) in [
        ("send", json!({ "client_id": id, "body": "hi" }), "room"),
        ("send", json!({ "room": "#lobby", "body": "hi" }), "client_id"),
        ("send", json!({ "room": "#lobby", "client_id": id }), "body"),
        ("send", json!({ "room": 5, "client_id": id, "body": "hi" }), "room"),
        ("send", json!({ "room": null, "client_id": id, "body": "hi" }), "room"),
        ("send", json!({ "room": "#lobby", "client_id": "no uuid", "body": "hi" }), "client_id"),
        ("send", json!({ "room": "#lobby", "client_id": 7, "body": "hi" }), "client_id"),
        ("send", json!({ "room": "#lobby", "client_id": id, "body": ["hi"] }), "body"),
        ("send", json!({ "room": "#lobby", "client_id": id, "body": "hi", "reply_to": "1" }), "reply_to"),
        ("send", json!({ "room": "#lobby", "client_id": id, "body": "hi", "thread": 1.5 }), "thread"),
        ("sync", json!({ "room": "#lobby" }), "after_rev"),
        ("sync", json!({ "room": "#lobby", "after_rev": "0" }), "after_rev"),
        ("sync", json!({ "room": "#lobby", "after_rev": 0, "limit": -5 }), "limit"),
        ("read", json!({ "room": "#lobby", "seq": "1" }), "seq"),
        ("read", json!({ "room": "#lobby", "seqs": [1, "2"] }), "seqs"),
        ("delivered", json!({ "room": "#lobby" }), "seq"),
        ("receipts", json!({ "room": "#lobby" }), "seq"),
        ("typing", json!({ "room": "#lobby" }), "on"),
        ("join", json!({}), "room"),
        ("leave", json!({ "room": {} }), "room"),
        ("direct", json!({}), "user"),
        ("direct", json!({ "user": 5 }), "user"),
        ("presence", json!({ "users": "alice" }), "users"),
        ("send", json!({ "room": "#lobby", "client_id": id, "body": "hi", "reply_to": 0 }), "reply_to"),
        ("send", json!({ "room": "#lobby", "client_id": id, "body": "hi", "thread": -1 }), "thread"),
        ("read", json!({ "room": "#lobby", "seq": 1 }), "seq"),
        ("delivered", json!({ "room": "#lobby", "seq": 9_223_372_036_854_775_807_i64 }), "seq"),
    ] {
        let refused = a.refused(op, fields.clone(), "invalid").await;
        let named =
            refused.fields.keys().any(|key| key == field || key.starts_with(&format!("{field}[")) || key.starts_with(&format!("{field}.")));
        assert!(named, "{op} {fields} is about {field}: {refused:?}");
        a.ok("ping", json!({})).await;
    }
    nothing_is_stored(&alice).await;
}

/// Behind either door a value that is none of the names is `invalid`, whatever its type.
async fn what_is_one_of_some_names_is_checked(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    let wrong = [json!("king"), json!(1), json!(null), json!(true), json!(["away"]), json!({ "away": 1 })];
    let mut codes = Vec::new();
    for value in &wrong {
        codes.push(a.request("set_presence", json!({ "state": value })).await.unwrap_err());
        let answer = alice.put("/rooms/%23lobby/members/alice", json!({ "role": value })).await;
        // No role at all is none to change.
        assert!(answer.status == 422 || value.is_null(), "role {value}: {answer:?}");
        alice.post("/rooms", json!({ "kind": value, "name": "Team" })).await.invalid("kind");
    }
    assert!(codes.iter().all(|refused| refused.code == "invalid" && refused.fields.contains_key("state")), "{codes:?}");
}

async fn json_is_not_nested_for_ever(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut raw = signed_in(&server, &alice).await;
    let nested = |depth: usize| format!(r#"{{"id":9,"op":"ping","x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    raw.text(&nested(20)).await;
    assert!(raw.answer().await["ok"].is_object());
    raw.text(&nested(2000)).await;
    assert_eq!(raw.answer().await["error"]["code"], "bad_request", "the other door refuses more than 32 levels");
}

async fn bodies_are_checked(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    let long = "ä".repeat(10_001);
    for (body, status, code) in [
        ("", 422, "invalid"),
        (" ", 422, "invalid"),
        ("\n\t ", 422, "invalid"),
        ("a\u{0}b", 422, "invalid"),
        (long.as_str(), 413, "too_large"),
    ] {
        let form = json!({ "room": "#lobby", "client_id": new_client_id(), "body": body });
        a.refused("send", form.clone(), code).await;
        alice.post("/rooms/%23lobby/messages", form).await.refused(status, code);
    }
    nothing_is_stored(&alice).await;
    let longest = "ä".repeat(10_000);
    let sent = a.send("#lobby", &longest).await;
    assert_eq!(sent.seq, 1);
    assert_eq!(alice.history("#lobby").await[0]["body"], longest);
}

async fn rooms_that_are_not_ones_own(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Secret", &[]).await;
    let channel = alice.channel("open", &[]).await;
    let mut b = bob.connect().await;
    let nowhere = new_client_id();
    for (room, code) in [
        (group.as_str(), "not_found"),
        (nowhere.as_str(), "not_found"),
        ("#nowhere", "not_found"),
        ("nonsense", "not_found"),
        (channel.as_str(), "not_member"),
        ("#open", "not_member"),
    ] {
        let fields = json!({ "room": room, "client_id": new_client_id(), "body": "hi", "seq": 0, "on": true, "after_rev": 0 });
        for op in ["send", "sync", "history", "read", "delivered", "typing", "leave"] {
            b.refused(op, fields.clone(), code).await;
        }
    }
    assert!(alice.history(&group).await.is_empty() && alice.history(&channel).await.is_empty());
}

async fn before_hello_nothing_is_answered(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut raw = Raw::with(server.port(), &format!("Authorization: Bearer {}\r\n", alice.token)).await;
    for op in [
        r#""ping""#,
        r##""send","room":"#lobby","client_id":"0198f0d2-0000-7000-8000-000000000000","body":"early""##,
        r##""history","room":"#lobby""##,
    ] {
        raw.text(&format!(r#"{{"id":5,"op":{op}}}"#)).await;
        assert_eq!(refused(&raw.answer().await), (Some(5), "unauthorized"));
    }
    raw.text(r#"{"id":6,"op":"hello"}"#).await;
    assert_eq!(raw.answer().await["ok"]["user"]["username"], "alice");
    raw.text(&format!(r#"{{"id":7,"op":"hello","token":"{}"}}"#, alice.token)).await;
    assert_eq!(refused(&raw.answer().await), (Some(7), "conflict"));
    raw.text(r#"{"id":8,"op":"ping"}"#).await;
    assert!(raw.answer().await["ok"].is_object(), "the first hello holds");
    nothing_is_stored(&alice).await;
}

async fn large_frames_end_the_connection(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let padded = |len: usize| {
        let frame = r##"{"id":2,"op":"send","room":"#lobby","client_id":"0198f0d2-0000-7000-8000-000000000000","body":"large","x":""}"##;
        frame.replace(r#""x":"""#, &format!(r#""x":"{}""#, "x".repeat(len - frame.len())))
    };
    let hello = |len: usize| {
        let frame = format!(r#"{{"id":1,"op":"hello","token":"{}","x":""}}"#, alice.token);
        frame.replace(r#""x":"""#, &format!(r#""x":"{}""#, "x".repeat(len - frame.len())))
    };
    let mut raw = Raw::open(server.port()).await;
    raw.text(&hello(4097)).await;
    assert_eq!(raw.closed().await, 1009, "4 KiB before hello");

    let mut raw = Raw::open(server.port()).await;
    raw.text(&hello(4096)).await;
    assert!(raw.answer().await["ok"].is_object());
    raw.text(&padded(64 * 1024 + 1)).await;
    assert_eq!(raw.closed().await, 1009);
    nothing_is_stored(&alice).await;

    // In pieces it is as large; and what is only announced is too.
    let mut raw = signed_in(&server, &alice).await;
    raw.part(TEXT, &padded(40_000).into_bytes()).await;
    raw.part(0x80, &vec![b'x'; 40_000]).await;
    assert_eq!(raw.closed().await, 1009);
    let mut raw = signed_in(&server, &alice).await;
    let mut head = vec![0x81, 0xff];
    head.extend((1_u64 << 40).to_be_bytes());
    raw.write(&head).await;
    raw.write(&[0; 4]).await;
    assert_eq!(raw.closed().await, 1009);
    nothing_is_stored(&alice).await;
    let mut raw = signed_in(&server, &alice).await;
    raw.text(&padded(64 * 1024)).await;
    assert_eq!(raw.answer().await["ok"]["seq"], 1);
}

async fn breaches_of_the_websocket_protocol(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    for before_hello in [true, false] {
        for (what, first, payload, code) in [
            ("binary", 0x80 | BINARY, &br#"{"id":1,"op":"ping"}"#[..], 1003),
            ("not UTF-8", 0x80 | TEXT, &b"{\"id\":1,\"op\":\"\xff\xfe\"}"[..], 1007),
            ("half a character", 0x80 | TEXT, &b"\xe2\x82"[..], 1007),
            ("reserved bit", 0xc0 | TEXT, &b"{}"[..], 1002),
            ("unknown opcode", 0x83, &b"{}"[..], 1002),
            ("unknown control opcode", 0x8b, &b""[..], 1002),
            ("continuation of nothing", 0x80, &b"{}"[..], 1002),
            ("ping in pieces", PING, &b"x"[..], 1002),
            ("large ping", 0x80 | PING, &[0; 126][..], 1002),
            ("half a close code", 0x80 | CLOSE, &[3][..], 1002),
            ("close code that must not be sent", 0x80 | CLOSE, &[0x03, 0xed][..], 1002),
        ] {
            let mut raw = Raw::open(server.port()).await;
            if !before_hello {
                raw.hello(&alice.token).await;
            }
            raw.part(first, payload).await;
            assert_eq!(raw.closed().await, code, "{what}, before hello: {before_hello}");
        }
    }
    let mut raw = signed_in(&server, &alice).await;
    raw.write(b"\x81\x02{}").await;
    assert_eq!(raw.closed().await, 1002, "not masked");
    let mut raw = signed_in(&server, &alice).await;
    raw.part(TEXT, b"{").await;
    raw.frame(TEXT, b"{}").await;
    assert_eq!(raw.closed().await, 1002, "a message inside another");
    let mut raw = signed_in(&server, &alice).await;
    raw.frame(CLOSE, &[0x03, 0xe8]).await;
    assert_eq!(raw.closed().await, 1000);
    nothing_is_stored(&alice).await;
}

async fn frames_in_pieces_are_one_message(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut raw = signed_in(&server, &alice).await;
    let text = r##"{"id":5,"op":"send","room":"#lobby","client_id":"0198f0d2-0000-7000-8000-000000000000","body":"Zoë 山"}"##.as_bytes();
    // Cut inside of a character, with a ping between.
    let cut = text.len() - 4;
    raw.part(TEXT, &text[..10]).await;
    raw.part(0, &text[10..cut]).await;
    raw.frame(PING, b"are you there").await;
    raw.part(0x80, &text[cut..]).await;
    assert_eq!(raw.control().await, Some(Frame { opcode: PONG, payload: b"are you there".to_vec() }));
    assert_eq!(raw.answer().await["ok"]["seq"], 1);
    // Byte by byte, and many at once.
    let mut raw = Raw::open(server.port()).await;
    let hello = format!(r#"{{"id":1,"op":"hello","token":"{}"}}"#, alice.token);
    let mut bytes = vec![0x81, 0x80 | u8::try_from(hello.len()).unwrap(), 0, 0, 0, 0];
    bytes.extend(hello.as_bytes());
    for byte in bytes {
        raw.write(&[byte]).await;
    }
    assert!(raw.answer().await["ok"].is_object());
    let ping = |id: u8| {
        let text = format!(r#"{{"id":{id},"op":"ping"}}"#);
        let mut bytes = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        bytes.extend(text.as_bytes());
        bytes
    };
    let many: Vec<u8> = (0..200).flat_map(ping).collect();
    raw.write(&many).await;
    for id in 0..200 {
        assert_eq!(raw.answer().await["id"], id);
    }
    assert_eq!(alice.history("#lobby").await[0]["body"], "Zoë 山");
}

async fn the_first_frame_must_come(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_HEARTBEAT__HELLO_WITHIN_S", "1")]).await;
    let alice = server.user("alice").await;
    let (mut silent, mut chatty) = (Raw::open(server.port()).await, Raw::open(server.port()).await);
    let mut raw = Raw::open(server.port()).await;
    raw.hello(&alice.token).await;
    chatty.text(r#"{"id":1,"op":"ping"}"#).await;
    assert_eq!(refused(&chatty.answer().await), (Some(1), "unauthorized"));
    assert_eq!(silent.closed().await, 4401);
    assert_eq!(chatty.closed().await, 4401, "other frames don't count");
    raw.text(r#"{"id":2,"op":"ping"}"#).await;
    assert!(raw.answer().await["ok"].is_object());
    nothing_is_stored(&alice).await;
}

async fn what_comes_with_the_upgrade_is_not_lost(backend: Backend) {
    let server = Server::start(backend).await;
    let deflate = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let [alice, bob] = server.users(["alice", "bob"]).await;
    // The server knows nothing of alice yet, then her token and rooms, of bob the token only.
    bob.get("/me").await.ok(200);
    for (what, user, extensions) in [("nothing is known", &alice, ""), ("the token is known", &bob, ""), ("all is known", &alice, deflate)]
    {
        // Four frames in the same packet as the request.
        let mut frames = Vec::new();
        for text in [
            format!(r#"{{"id":1,"op":"hello","token":"{}"}}"#, user.token),
            r#"{"id":2,"op":"ping"}"#.to_owned(),
            format!(r##"{{"id":3,"op":"send","room":"#lobby","client_id":"{}","body":"hi"}}"##, new_client_id()),
            r##"{"id":4,"op":"history","room":"#lobby"}"##.to_owned(),
        ] {
            frames.extend([0x81, 0x80 | 126]);
            frames.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
            frames.extend([0; 4]);
            frames.extend(text.as_bytes());
        }
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
        let mut raw = Raw::with_first(stream, extensions, &frames).await;
        assert!(raw.head.starts_with("HTTP/1.1 101 "), "{}", raw.head);
        assert!(!raw.head.to_ascii_lowercase().contains("sec-websocket-extensions"), "{}", raw.head);
        let mut answered = Vec::new();
        for _ in 0..4 {
            let answer = raw.answer().await;
            assert!(answer["ok"].is_object(), "{what}: {answer}");
            answered.push(answer["id"].as_i64().unwrap());
        }
        assert_eq!(answered[0], 1, "{what}: hello is answered first: {answered:?}");
        answered.sort_unstable();
        assert_eq!(answered, [1, 2, 3, 4]);
    }
}
