//! One literal example of every reply and event, in `tests/golden/`. The server must encode these bytes; the web client's tests read
//! the same files. `CHIRM_TEST_BLESS=1` writes them anew.

use chirm::{
    domain::{
        ClientId, Code, Limits, Message, Millis, PresenceState, Refusal, Role, Room, RoomId, RoomKind, ServerRole, SessionId, Sharing,
        User, UserId,
    },
    protocol::{
        DeliveredOk, Event, HelloOk, HistoryOk, Nothing, Op, PongOk, PresenceOk, PresenceRow, ReadOk, ReceiptAt, ReceiptsOk, RoomIdOk,
        RoomOk, SentOk, ServerInfo, SetPresenceOk, SyncOk, error_frame, event_frame, reply_frame,
    },
};
use serde::Serialize;
use std::{collections::BTreeMap, fs, path::PathBuf};

const NOON: Millis = Millis(1_769_860_800_000);

fn id<T: std::str::FromStr>(last: u8) -> T {
    format!("01980000-0000-7000-8000-0000000000{last:02x}").parse().ok().unwrap()
}

fn user(last: u8, name: &str) -> User {
    User {
        id: id(last),
        username: name.to_owned(),
        display_name: name.to_owned(),
        role: ServerRole::Member,
        guest: false,
        created_at: NOON,
        last_seen: None,
        shares: Sharing::default(),
    }
}

fn alice() -> User {
    User { display_name: "Alice Älpler".to_owned(), role: ServerRole::Owner, ..user(1, "alice") }
}

fn bob() -> User {
    User { guest: true, last_seen: Some(NOON.plus(5)), ..user(2, "bob") }
}

const LOBBY: u8 = 0x10;
const DIRECT: u8 = 0x11;

fn message() -> Message {
    Message {
        room: id(LOBBY),
        seq: 12,
        rev: 12,
        author: id(1),
        client_id: Some(id::<ClientId>(0x20)),
        body: "hi".to_owned(),
        created_at: NOON,
        reply_to: None,
        thread: None,
        mentions: Vec::new(),
        edited_at: None,
        deleted_at: None,
    }
}

/// With everything that a message can have.
fn full_message() -> Message {
    Message {
        seq: 13,
        rev: 15,
        author: id(2),
        client_id: None,
        body: "\"@alice\": a\\b\n<b>山</b> \u{1f469}\u{200d}\u{1f467} \u{1}".to_owned(),
        reply_to: Some(12),
        thread: Some(11),
        mentions: vec![id(1)],
        edited_at: Some(NOON.plus(60_000)),
        deleted_at: Some(NOON.plus(61_001)),
        ..message()
    }
}

fn lobby() -> Room {
    Room {
        id: id(LOBBY),
        kind: RoomKind::Channel,
        name: Some("lobby".to_owned()),
        topic: String::new(),
        role: Some(Role::Member),
        members: 2,
        last_seq: 13,
        last_at: Some(NOON.plus(3)),
        rev: 15,
        read_seq: 11,
        delivered_seq: 12,
        unread: 2,
        mentions: 1,
        muted: false,
        favourite: false,
        created_at: NOON,
        archived_at: None,
        peer: None,
    }
}

fn direct() -> Room {
    let read = Room { last_seq: 0, last_at: None, rev: 0, read_seq: 0, delivered_seq: 0, unread: 0, mentions: 0, ..lobby() };
    Room { id: id(DIRECT), kind: RoomKind::Direct, name: None, peer: Some(bob()), ..read }
}

/// A group that is archived, as one sees it who is no member.
fn archived() -> Room {
    Room {
        kind: RoomKind::Group,
        name: Some("Old".to_owned()),
        topic: "what was".to_owned(),
        role: None,
        muted: true,
        favourite: true,
        archived_at: Some(NOON.plus(1)),
        ..direct_without_peer()
    }
}

fn direct_without_peer() -> Room {
    Room { id: id(0x12), peer: None, ..direct() }
}

/// The JSON inside of a frame of fewer than 64 KiB.
fn inside(frame: &[u8]) -> String {
    let start = if frame[1] < 126 { 2 } else { 4 };
    String::from_utf8(frame[start..].to_vec()).unwrap()
}

fn replies() -> Vec<(&'static str, String)> {
    fn reply(ok: &impl Serialize) -> String {
        inside(&reply_frame(7, ok))
    }
    let server = ServerInfo { version: "0.1.0", epoch: "01980000-0000-7000-8000-0000000000ee".to_owned(), limits: Limits::default() };
    let at = |last: u8| ReceiptAt { user: id(last), at: NOON };
    let row = |last: u8, state, last_seen| PresenceRow { user: id(last), state, last_seen };
    vec![
        ("hello", reply(&HelloOk { user: alice(), session: id::<SessionId>(0x30), server, rooms: vec![lobby(), direct()] })),
        ("sync", reply(&SyncOk { messages: vec![message(), full_message()], rev: 15, more: false })),
        ("send", reply(&SentOk { seq: 12, rev: 12, created_at: NOON, duplicate: false })),
        ("history", reply(&HistoryOk { messages: vec![message(), full_message()], has_before: true, has_after: false })),
        ("read", reply(&ReadOk { read_seq: 12, unread: 1 })),
        ("delivered", reply(&DeliveredOk { delivered_seq: 13 })),
        ("receipts", reply(&ReceiptsOk { delivered: vec![at(1), at(2)], read: vec![at(2)] })),
        ("typing", reply(&Nothing {})),
        ("join", reply(&RoomOk { room: lobby() })),
        ("leave", reply(&RoomIdOk { room: id(LOBBY) })),
        ("direct", reply(&RoomOk { room: direct() })),
        (
            "presence",
            reply(&PresenceOk {
                presence: vec![
                    row(1, PresenceState::Online, Some(NOON)),
                    row(2, PresenceState::Away, Some(NOON)),
                    row(3, PresenceState::Offline, None),
                ],
            }),
        ),
        ("set_presence", reply(&SetPresenceOk { state: PresenceState::Away })),
        ("ping", reply(&PongOk { at: NOON })),
    ]
}

fn events() -> Vec<(&'static str, String)> {
    let event = |event: Event<'_>| inside(&event_frame(&event));
    let (room, user) = (id::<RoomId>(LOBBY), id::<UserId>(2));
    vec![
        ("message", event(Event::Message(&message()))),
        ("message.full", event(Event::Message(&full_message()))),
        ("sync", event(Event::Sync { room, messages: &[message(), full_message()], rev: 15, more: true })),
        ("resync", event(Event::Resync { room, after_rev: 12 })),
        ("receipt", event(Event::Receipt { room, user, read_seq: Some(12), delivered_seq: Some(13) })),
        ("receipt.delivered", event(Event::Receipt { room, user, read_seq: None, delivered_seq: Some(13) })),
        ("typing", event(Event::Typing { room, user, on: true })),
        ("presence", event(Event::Presence { user, state: PresenceState::Offline, last_seen: Some(NOON) })),
        ("presence.online", event(Event::Presence { user, state: PresenceState::Online, last_seen: None })),
        ("room_online", event(Event::RoomOnline { room, online: 250 })),
        ("room_added", event(Event::RoomAdded { room: &direct() })),
        ("room_updated", event(Event::RoomUpdated { room: &archived() })),
        ("room_removed", event(Event::RoomRemoved { room })),
        (
            "member_joined",
            event(Event::MemberJoined { room, user, username: "bob", display_name: "Bob B.", role: Role::Member, members: 2 }),
        ),
        ("member_left", event(Event::MemberLeft { room, user, members: 1 })),
        ("member_updated", event(Event::MemberUpdated { room, user, role: Role::Admin })),
        ("user_updated", event(Event::UserUpdated { user: &bob() })),
        ("session_revoked", event(Event::SessionRevoked {})),
        ("server_draining", event(Event::ServerDraining { reconnect_after_ms: 1000 })),
    ]
}

fn errors() -> Vec<(&'static str, String)> {
    let error = |id, refusal: Refusal| inside(&error_frame(id, &refusal));
    vec![
        ("not_member", error(Some(7), Refusal::not_member())),
        ("invalid", error(Some(7), Refusal::invalid("body", "A message must not be empty."))),
        ("rate_limited", error(Some(7), Refusal::rate_limited(250))),
        ("no_id", error(None, Refusal::bad_request("Not valid JSON."))),
        ("unavailable", error(Some(7), Refusal::unavailable())),
    ]
}

fn all() -> BTreeMap<String, String> {
    let of =
        |kind: &'static str, list: Vec<(&'static str, String)>| list.into_iter().map(move |(name, text)| (format!("{kind}.{name}"), text));
    of("reply", replies()).chain(of("event", events())).chain(of("error", errors())).collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn frames_are_these_bytes() {
    let frames = all();
    if std::env::var_os("CHIRM_TEST_BLESS").is_some() {
        for (name, text) in &frames {
            fs::write(folder().join(format!("{name}.json")), format!("{text}\n")).unwrap();
        }
    }
    for (name, text) in &frames {
        let file = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap_or_else(|error| panic!("{name}.json: {error}"));
        assert_eq!(file, format!("{text}\n"), "{name}.json");
    }
    let mut files: Vec<String> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let mut names: Vec<String> = frames.keys().map(|name| format!("{name}.json")).collect();
    names.sort();
    assert_eq!(files, names, "a file that nothing encodes");
}

#[test]
fn every_operation_and_every_event_has_an_example() {
    let replies: Vec<&str> = replies().into_iter().map(|(name, _)| name).collect();
    assert_eq!(replies, Op::NAMES);
    let page = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/protocol.md")).unwrap();
    let (_, list) = page.split_once("\nEvents: ").expect("the list of events");
    let named: Vec<&str> = list[..list.find("\n\n").unwrap()].split('`').skip(1).step_by(2).collect();
    assert!(named.len() > 10, "{named:?}");
    for name in named {
        assert!(folder().join(format!("event.{name}.json")).exists(), "{name}");
    }
    for code in Code::ALL {
        assert!(page.contains(&format!("`{}` {}", code.name(), code.status())), "{} is not on the page", code.name());
    }
}
