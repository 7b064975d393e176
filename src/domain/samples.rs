//! Users and rooms as tests need them: numbered, and alike in all else.

use super::{Membership, Millis, Role, RoomHead, RoomId, RoomKind, ServerRole, Sharing, User, UserId};

/// The user of this number.
pub fn user(n: u8) -> User {
    User {
        id: UserId::from([n; 16]),
        username: format!("user{n}"),
        display_name: format!("User {n}"),
        role: ServerRole::Member,
        guest: false,
        created_at: Millis(0),
        last_seen: None,
        shares: Sharing::default(),
    }
}

/// The channel of this number, of which so many messages were stored, and nothing else changed.
pub fn channel(n: u8, members: i64, last_seq: i64) -> RoomHead {
    RoomHead {
        id: RoomId::from([n; 16]),
        members,
        last_seq,
        rev: last_seq,
        ..RoomHead::new(RoomKind::Channel, Some(format!("room{n}")), String::new(), Millis(0))
    }
}

/// A plain member's state who has read up to there.
pub fn seat(read_seq: i64) -> Membership {
    Membership { role: Role::Member, read_seq, delivered_seq: read_seq, mentions: 0, muted: false, favourite: false, joined_at: Millis(0) }
}
