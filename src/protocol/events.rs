//! Events: what the server says unasked.

use crate::domain::{Message, Millis, PresenceState, Role, Room, RoomId, User, UserId};
use serde::Serialize;

/// An event frame. `event` comes first on the wire.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "ServerEvent"))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// A new message.
    Message(&'a Message),
    /// What a returning session missed in one room.
    Sync {
        /// Which room.
        room: RoomId,
        /// Ascending by `rev`.
        messages: &'a [Message],
        /// The change reached.
        rev: i64,
        /// There is more: go on with the operation `sync`.
        more: bool,
    },
    /// This session was too slow for what followed, or its cursor cannot be served.
    Resync {
        /// Which room.
        room: RoomId,
        /// Fetch what came after this with `sync`.
        after_rev: i64,
    },
    /// A member's watermarks rose.
    Receipt {
        /// Which room.
        room: RoomId,
        /// Whose.
        user: UserId,
        /// All up to this was read.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        read_seq: Option<i64>,
        /// All up to this was delivered.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        delivered_seq: Option<i64>,
    },
    /// A member is writing, or no longer.
    Typing {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
        /// Writing, or no longer.
        on: bool,
    },
    /// Somebody came, went, or is away.
    Presence {
        /// Who.
        user: UserId,
        /// There, or not.
        state: PresenceState,
        /// When they last were.
        last_seen: Option<Millis>,
    },
    /// How many members of a large room are there.
    RoomOnline {
        /// Which room.
        room: RoomId,
        /// Online or away.
        online: u32,
    },
    /// I am in a room that I was not in before.
    RoomAdded {
        /// As I see it.
        room: &'a Room,
    },
    /// A room's name, topic, kind, member count, archived state or my own settings there changed.
    RoomUpdated {
        /// As I see it.
        room: &'a Room,
    },
    /// I am no longer in a room, or it is gone.
    RoomRemoved {
        /// Which room.
        room: RoomId,
    },
    /// Somebody came into a room.
    MemberJoined {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
        /// Their unique name.
        username: &'a str,
        /// The name that others see.
        display_name: &'a str,
        /// What they may do there.
        role: Role,
        /// How many members the room has now.
        members: i64,
    },
    /// Somebody left a room.
    MemberLeft {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
        /// How many members the room has now.
        members: i64,
    },
    /// A member's role changed.
    MemberUpdated {
        /// Which room.
        room: RoomId,
        /// Who.
        user: UserId,
        /// The new role.
        role: Role,
    },
    /// A user's display name or role changed.
    UserUpdated {
        /// The user now.
        user: &'a User,
    },
    /// This sign-in is over; the connection closes.
    SessionRevoked {},
    /// The server stops; come back.
    ServerDraining {
        /// Not before.
        reconnect_after_ms: u32,
    },
}
