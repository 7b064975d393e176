//! Rooms and who is in them.

use super::{Millis, RoomId, User, UserId};
use serde::{Deserialize, Serialize};

/// What a room is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Exactly two users; at most one such room per pair.
    Direct,
    /// Private, by invitation.
    Group,
    /// Public: anyone signed in may join.
    Channel,
}

/// What a member may do in a room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and writes.
    Member,
    /// Manages members, name and topic.
    Admin,
    /// Manages administrators too, archives and deletes. A group or channel that somebody made keeps at least one.
    Owner,
}

/// A room without the view of any one member: what routing needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomHead {
    /// The room's id.
    pub id: RoomId,
    /// What it is.
    pub kind: RoomKind,
    /// A channel's unique name, a group's title, none for a direct room.
    pub name: Option<String>,
    /// Empty where none was set.
    pub topic: String,
    /// How many members it has.
    pub members: i64,
    /// The last message's number; 0 before the first.
    pub last_seq: i64,
    /// When the last message was stored; none before the first.
    pub last_at: Option<Millis>,
    /// The last change's number; 0 before the first.
    pub rev: i64,
    /// When it was made.
    pub created_at: Millis,
    /// Since when it is read-only.
    pub archived_at: Option<Millis>,
}

impl RoomHead {
    /// A room that is made now: nobody is in it yet, and nothing was said.
    pub fn new(kind: RoomKind, name: Option<String>, topic: String, now: Millis) -> Self {
        Self { id: RoomId::new(), kind, name, topic, members: 0, last_seq: 0, last_at: None, rev: 0, created_at: now, archived_at: None }
    }
}

/// One member's own state in a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Membership {
    /// What they may do there.
    pub role: Role,
    /// All up to this was read. Only rises.
    pub read_seq: i64,
    /// All up to this reached one of their devices. Only rises; never below `read_seq`.
    pub delivered_seq: i64,
    /// Unread messages that name them.
    pub mentions: i64,
    /// They want no notification.
    pub muted: bool,
    /// They keep it on top of their list.
    pub favourite: bool,
    /// When they came in.
    pub joined_at: Millis,
}

/// A room as one user sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Room {
    /// The room's id.
    pub id: RoomId,
    /// What it is.
    pub kind: RoomKind,
    /// A channel's unique name, a group's title, null for a direct room.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Empty where none was set.
    pub topic: String,
    /// Mine; null where I am not a member.
    #[schema(required = true)]
    pub role: Option<Role>,
    /// How many members it has.
    pub members: i64,
    /// The last message's number; 0 before the first.
    pub last_seq: i64,
    /// When the last message was stored; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    pub last_at: Option<Millis>,
    /// The last change's number; 0 before the first.
    pub rev: i64,
    /// All up to this I have read.
    pub read_seq: i64,
    /// All up to this reached one of my devices.
    pub delivered_seq: i64,
    /// How many messages I have not read.
    pub unread: i64,
    /// How many of these name me.
    pub mentions: i64,
    /// I want no notification.
    pub muted: bool,
    /// I keep it on top of my list.
    pub favourite: bool,
    /// When it was made.
    pub created_at: Millis,
    /// Since when it is read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    pub archived_at: Option<Millis>,
    /// The other user of a direct room.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    pub peer: Option<User>,
}

impl Room {
    /// The room as somebody sees it: a member with their own state, or none.
    pub fn seen(head: &RoomHead, mine: Option<&Membership>, peer: Option<User>) -> Self {
        Self {
            id: head.id,
            kind: head.kind,
            name: head.name.clone(),
            topic: head.topic.clone(),
            role: mine.map(|m| m.role),
            members: head.members,
            last_seq: head.last_seq,
            last_at: head.last_at,
            rev: head.rev,
            read_seq: mine.map_or(0, |m| m.read_seq),
            delivered_seq: mine.map_or(0, |m| m.delivered_seq),
            unread: mine.map_or(0, |m| (head.last_seq - m.read_seq).max(0)),
            mentions: mine.map_or(0, |m| m.mentions),
            muted: mine.is_some_and(|m| m.muted),
            favourite: mine.is_some_and(|m| m.favourite),
            created_at: head.created_at,
            archived_at: head.archived_at,
            peer,
        }
    }
}

/// A row of a room's member list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Their unique name.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// What they may do in the room.
    pub role: Role,
    /// When they came in.
    pub joined_at: Millis,
    /// All up to this they have read; null where they do not share it.
    #[schema(required = true)]
    pub read_seq: Option<i64>,
    /// All up to this reached one of their devices.
    pub delivered_seq: i64,
}
