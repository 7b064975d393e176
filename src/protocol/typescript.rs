//! The protocol's types for TypeScript clients, from the same structs that the server encodes.

use super::{
    Delivered, DeliveredOk, Direct, Event, Hello, HelloOk, History, HistoryOk, Nothing, PongOk, PresenceOf, PresenceOk, PresenceRow, Read,
    ReadOk, ReceiptAt, Receipts, ReceiptsOk, RoomIdOk, RoomOk, RoomOnly, Send, SentOk, ServerInfo, SetPresence, SetPresenceOk, Sync,
    SyncOk, Typing,
};
use crate::domain::{
    ClientId, Code, Limits, Member, Message, PresenceState, Role, Room, RoomId, RoomKind, ServerRole, SessionId, User, UserId,
};
use std::{fs, path::Path};
use ts_rs::{Config, TS};

const FILE: &str = "web/packages/client/src/generated/protocol.ts";

macro_rules! declare {
    ($config:expr, $($type:ty),* $(,)?) => {
        [$(<$type as TS>::decl(&$config)),*].map(|decl| format!("export {decl}\n")).concat()
    };
}

pub fn typescript() -> String {
    // Every number on the wire is below 2^53.
    let config = Config::default().with_large_int("number");
    let types = declare!(
        config,
        UserId,
        RoomId,
        SessionId,
        ClientId,
        PresenceState,
        ServerRole,
        RoomKind,
        Role,
        Code,
        Limits,
        User,
        Room,
        Member,
        Message,
        ServerInfo,
        Hello<'static>,
        HelloOk,
        Sync<'static>,
        SyncOk,
        Send<'static>,
        SentOk,
        History<'static>,
        HistoryOk,
        Read<'static>,
        ReadOk,
        Delivered<'static>,
        DeliveredOk,
        Receipts<'static>,
        ReceiptAt,
        ReceiptsOk,
        Typing<'static>,
        RoomOnly<'static>,
        RoomOk,
        RoomIdOk,
        Direct<'static>,
        PresenceOf<'static>,
        PresenceRow,
        PresenceOk,
        SetPresence,
        SetPresenceOk,
        PongOk,
        Nothing,
        Event<'static>,
    );
    let types: Vec<&str> = types.lines().map(str::trim_end).collect();
    format!("// Made from the server's types by `make types`. Do not edit.\n\n{}\n\n{OPS}", types.join("\n"))
}

/// Which request goes with which reply.
const OPS: &str = "\
/** Each operation's request fields and reply. */
export interface Ops {
  hello: [HelloRequest, HelloReply];
  sync: [SyncRequest, SyncReply];
  send: [SendRequest, SendReply];
  history: [HistoryRequest, HistoryReply];
  read: [ReadRequest, ReadReply];
  delivered: [DeliveredRequest, DeliveredReply];
  receipts: [ReceiptsRequest, ReceiptsReply];
  typing: [TypingRequest, Nothing];
  join: [RoomRequest, RoomReply];
  leave: [RoomRequest, RoomIdReply];
  direct: [DirectRequest, RoomReply];
  presence: [PresenceRequest, PresenceReply];
  set_presence: [SetPresenceRequest, SetPresenceReply];
  ping: [Nothing, PingReply];
}
";

/// With `CHIRM_UPDATE=1` the file is written; otherwise it must be what would be written.
#[test]
fn types_are_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let wanted = typescript();
    if std::env::var_os("CHIRM_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{FILE} is not what the server speaks: run `make types`");
}

#[test]
fn every_operation_is_in_the_table() {
    for name in super::Op::NAMES {
        assert!(OPS.contains(&format!("\n  {name}: [")), "{name}");
    }
}
