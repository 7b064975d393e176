//! Messages, and what changes a room.

use super::{AuditEntry, ClientId, Membership, Millis, Role, RoomHead, RoomId, SessionId, User, UserId};
use serde::{Deserialize, Serialize};

/// A stored message, as in `message` events and in history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Message {
    /// Where.
    pub room: RoomId,
    /// Its place in the room: 1, 2, 3 … without a gap.
    pub seq: i64,
    /// The room's change that last touched it.
    pub rev: i64,
    /// Who sent it.
    pub author: UserId,
    /// Chosen by the sender; null where the server wrote it.
    #[schema(required = true)]
    pub client_id: Option<ClientId>,
    /// The text, as it was sent.
    pub body: String,
    /// When it was stored.
    pub created_at: Millis,
    /// The message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    pub reply_to: Option<i64>,
    /// The root of the thread that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    pub thread: Option<i64>,
    /// The members that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<UserId>>"))]
    pub mentions: Vec<UserId>,
    /// When it was last edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    pub edited_at: Option<Millis>,
    /// When it was deleted; the body is then empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    pub deleted_at: Option<Millis>,
}

/// A message on its way into the log; its body was checked.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Where to.
    pub room: RoomId,
    /// From whom.
    pub author: UserId,
    /// The sender's own id for it; none where the server itself writes.
    pub client_id: Option<ClientId>,
    /// The text.
    pub body: String,
    /// The message that it answers; must exist.
    pub reply_to: Option<i64>,
    /// The root of its thread; must exist.
    pub thread: Option<i64>,
    /// Usernames in it that may be mentions, folded; which are members' is found while storing.
    pub named: Vec<String>,
    /// Whether the store itself must check that the author is a member (where memory does not know).
    pub check_member: bool,
    /// Goes into the audit log with it, in one transaction; its detail becomes the message's `seq`.
    pub audit: Option<Box<AuditEntry>>,
}

/// What became of a stored message: the answer to `send`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// Its place in the room.
    pub seq: i64,
    /// The room's change that stored it.
    pub rev: i64,
    /// When it was stored.
    pub created_at: Millis,
    /// It was stored before: nothing new was.
    pub duplicate: bool,
    /// The members that it names.
    pub mentions: Vec<UserId>,
}

/// A watermark that rose, after its commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// Where.
    pub room: RoomId,
    /// Whose.
    pub user: UserId,
    /// All up to this was read.
    pub read_seq: i64,
    /// All up to this was delivered.
    pub delivered_seq: i64,
    /// Unread mentions that remain.
    pub mentions: i64,
}

/// A committed change of state other than a message; ChatServer applies it to memory and tells who is concerned.
#[derive(Clone, PartialEq, Debug)]
#[expect(clippy::large_enum_variant, reason = "few at a time, and the large one is the most frequent")]
pub enum Change {
    /// Somebody came into a room (its first members too). `head.members` counts them.
    MemberJoined {
        /// The room after it.
        head: RoomHead,
        /// Who.
        user: User,
        /// Their state there.
        membership: Membership,
        /// For a direct room: the other user.
        peer: Option<User>,
    },
    /// Somebody left or was removed.
    MemberLeft {
        /// The room after it.
        head: RoomHead,
        /// Who.
        user: UserId,
    },
    /// A member's role changed.
    MemberUpdated {
        /// Where.
        room: RoomId,
        /// Who.
        user: UserId,
        /// The new role.
        role: Role,
    },
    /// What a member set for themselves in a room changed.
    Preferred {
        /// Where.
        room: RoomId,
        /// Who.
        user: UserId,
        /// They want no notification.
        muted: bool,
        /// They keep it on top of their list.
        favourite: bool,
    },
    /// A room's name, topic, kind or archived state changed.
    RoomUpdated {
        /// The room after it.
        head: RoomHead,
    },
    /// A room is gone.
    RoomDeleted {
        /// Which.
        room: RoomId,
    },
    /// A user's display name or role changed.
    UserUpdated {
        /// The user after it.
        user: User,
    },
    /// These sign-ins are over; their connections close.
    SessionsEnded {
        /// Whose.
        user: UserId,
        /// Which.
        sessions: Vec<SessionId>,
    },
}
