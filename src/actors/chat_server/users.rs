//! UserState: what routing holds of a user who is here, or was a moment ago.

use super::{
    super::courier::{ConnId, RoomIx},
    bucket::Bucket,
};
use crate::domain::{Membership, Millis, PresenceState, SessionId, User};
use smallvec::SmallVec;

/// A user's place in the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct UserIx(pub u32);

/// One user.
#[derive(Debug)]
pub struct UserState {
    /// As others see them.
    pub user: User,
    /// Their rooms, ascending by place.
    pub rooms: Vec<InRoom>,
    /// Their open connections.
    pub windows: SmallVec<[Window; 1]>,
    /// What others were last told.
    pub told: PresenceState,
    /// Somebody who asked meanwhile was answered something else.
    pub answered_ahead: bool,
    /// The monotonic millisecond at which the last window closed.
    pub left_at_ms: u32,
    /// The same by the wall clock, to be written down; others see it as a part of `user` only where it is shared.
    pub left_at: Option<Millis>,
    /// How much they sent.
    pub sends: Bucket,
}

/// A user in a room.
#[derive(Clone, Copy, Debug)]
pub struct InRoom {
    /// Which.
    pub room: RoomIx,
    /// Their state there.
    pub mine: Membership,
    /// Mentions up to this message were counted when the state was read.
    pub counted: i64,
    /// How much they sent there.
    pub sends: Bucket,
    /// How often they were typing there.
    pub typing: Bucket,
}

/// A connection of a user.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Which.
    pub conn: ConnId,
    /// The sign-in that it uses.
    pub session: SessionId,
    /// Nobody is at it.
    pub away: bool,
}

impl UserState {
    /// Their state in a room.
    pub fn in_room(&mut self, room: RoomIx) -> Option<&mut InRoom> {
        match self.rooms.binary_search_by_key(&room, |r| r.room) {
            Ok(at) => Some(&mut self.rooms[at]),
            Err(_) => None,
        }
    }

    /// Their membership of a room.
    pub fn membership(&self, room: RoomIx) -> Option<&Membership> {
        let at = self.rooms.binary_search_by_key(&room, |r| r.room).ok()?;
        Some(&self.rooms[at].mine)
    }

    /// They are in a room now, or their state there changed; it was read when the room's last message was `last_seq`.
    pub fn enter(&mut self, room: RoomIx, mine: Membership, last_seq: i64) {
        let fresh = InRoom { room, mine, counted: last_seq, sends: Bucket::default(), typing: Bucket::default() };
        match self.rooms.binary_search_by_key(&room, |r| r.room) {
            Ok(at) => self.rooms[at] = fresh,
            Err(at) => self.rooms.insert(at, fresh),
        }
    }

    /// They are no longer in a room.
    pub fn leave(&mut self, room: RoomIx) -> bool {
        match self.rooms.binary_search_by_key(&room, |r| r.room) {
            Ok(at) => {
                self.rooms.remove(at);
                true
            }
            Err(_) => false,
        }
    }

    /// They have no window, and nobody believes that they have.
    pub fn is_known_to_be_gone(&self) -> bool {
        self.windows.is_empty() && self.told == PresenceState::Offline && !self.answered_ahead
    }

    /// What their windows say. Several windows are one user: at any of them, online; away at all, away.
    pub fn state(&self) -> PresenceState {
        match self.windows.iter().map(|w| w.away).min() {
            None => PresenceState::Offline,
            Some(true) => PresenceState::Away,
            Some(false) => PresenceState::Online,
        }
    }
}
