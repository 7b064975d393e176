//! Presence: who is told what, and when.

use super::{
    super::courier::ConnId,
    Presence,
    out::{Job, Out},
    state::{Now, State},
    users::UserIx,
};
use crate::{
    actors::courier::RoomIx,
    domain::{Millis, PresenceState, RoomId, UserId},
    protocol::{Event, PresenceOk, PresenceRow, event_frame},
};

/// The answer to `presence`: when each was last seen as far as that is stored, and what memory knows of them.
pub fn presence_ok(seen: Vec<(UserId, Option<Millis>)>, known: Vec<Presence>) -> PresenceOk {
    let rows = seen.into_iter().zip(known);
    let rows = rows.map(|((user, seen), known)| PresenceRow { user, state: known.state, last_seen: known.last_seen.max(seen) });
    PresenceOk { presence: rows.collect() }
}

impl State {
    /// `presence`: answered the way that events go, or one of them could overtake an answer that is older than itself.
    pub fn presence(&mut self, conn: ConnId, id: i64, seen: Vec<(UserId, Option<Millis>)>, now: Now, out: &mut Out) {
        let users: Vec<UserId> = seen.iter().map(|(user, _)| *user).collect();
        out.ok(conn, id, &presence_ok(seen, self.presence_of(&users, now)));
    }

    /// Tells what changed since the last time. Called a few times a second, so that a thousand arrivals cost each listener one write; a user
    /// without a window is still there for a moment, so that a reload is no departure.
    pub fn tell_presence(&mut self, now: Now, out: &mut Out) {
        let mut saw = Vec::new();
        let mut stirred: Vec<UserIx> = self.stirred.iter().copied().collect();
        // The same steps have the same effects, whatever a table's order.
        stirred.sort_unstable();
        for at in stirred {
            let Some(user) = self.users.get(at.0 as usize) else {
                self.stirred.remove(&at);
                continue;
            };
            match user.state() {
                PresenceState::Offline if !self.has_left(at, now) => continue,
                PresenceState::Offline => saw.extend(user.left_at.map(|seen| (user.user.id, seen))),
                state => self.tell(at, state, out),
            }
            self.stirred.remove(&at);
        }
        if !saw.is_empty() {
            out.jobs.push(Job::Saw(saw));
        }
    }

    /// When these users were last seen is written down: now others may be told that they are gone, unless they are back, or were.
    pub fn saw(&mut self, users: &[UserId], now: Now, out: &mut Out) {
        for user in users {
            if let Some(&at) = self.user_ix.get(user)
                && self.has_left(at, now)
            {
                self.tell(at, PresenceState::Offline, out);
            }
        }
    }

    /// Whether a user has had no window for so long that this is no reload.
    fn has_left(&self, at: UserIx, now: Now) -> bool {
        let user = &self.users[at.0 as usize];
        user.windows.is_empty() && now.ms.wrapping_sub(user.left_at_ms) >= self.settings.leave_after_ms
    }

    pub(super) fn tell(&mut self, at: UserIx, state: PresenceState, out: &mut Out) {
        let user = self.user(at);
        let before = std::mem::replace(&mut user.told, state);
        let answered_ahead = std::mem::take(&mut user.answered_ahead);
        if before == state && !answered_ahead {
            return;
        }
        let user = &self.users[at.0 as usize];
        let came = before == PresenceState::Offline && state != PresenceState::Offline;
        let went = before != PresenceState::Offline && state == PresenceState::Offline;
        let mut small = Vec::with_capacity(user.rooms.len());
        for in_room in &user.rooms {
            let room = &mut self.rooms[in_room.room.0 as usize];
            room.online += u32::from(came);
            room.online -= u32::from(went);
            if !self.is_large(in_room.room) {
                small.push(in_room.room);
            } else if came || went {
                self.recount.insert(in_room.room);
            }
        }
        let event = Event::Presence { user: user.user.id, state, last_seen: user.user.last_seen };
        out.rooms(small, &event);
    }

    /// Tells large rooms how many are there. Called once a second.
    pub fn tell_counts(&mut self, out: &mut Out) {
        let mut changed: Vec<RoomIx> = std::mem::take(&mut self.recount).into_iter().collect();
        changed.sort_unstable();
        for at in changed {
            if let Some(room) = self.rooms.get(at.0 as usize) {
                out.room(at, &Event::RoomOnline { room: room.head.id, online: room.online }, None);
            }
        }
    }

    /// Tells a new connection how many are in its large rooms, unless all of them are about to hear it because its user has just come.
    pub(super) fn tell_online(&self, user: UserIx, conn: ConnId, out: &mut Out) {
        let user = &self.users[user.0 as usize];
        if user.told == PresenceState::Offline {
            return;
        }
        for in_room in user.rooms.iter().filter(|in_room| self.is_large(in_room.room)) {
            let room = &self.rooms[in_room.room.0 as usize];
            out.to(conn, event_frame(&Event::RoomOnline { room: room.head.id, online: room.online }));
        }
    }

    /// Whether a room's members are told a number instead of who is there.
    pub(super) fn is_large(&self, room: RoomIx) -> bool {
        self.rooms[room.0 as usize].head.members > i64::from(self.settings.limits.presence_members)
    }

    /// Somebody came into a room or left it: in a large one the number may be another, and in one that has just become large nobody knows it.
    pub(super) fn recount(&mut self, room: RoomIx) {
        if self.is_large(room) {
            self.recount.insert(room);
        }
    }

    /// How many members of these rooms are there.
    pub fn online_in(&self, rooms: &[RoomId]) -> Vec<u32> {
        rooms.iter().map(|id| self.room_ix.get(id).map_or(0, |at| self.rooms[at.0 as usize].online)).collect()
    }

    /// What is known of these users: their state, and open connections. Whoever asks believes the answer until an event says otherwise.
    pub fn presence_of(&mut self, users: &[UserId], now: Now) -> Vec<Presence> {
        let known = |id: &UserId| match self.user_ix.get(id) {
            Some(at) => {
                let user = &mut self.users[at.0 as usize];
                // Somebody who just came is there, even if nobody was told yet.
                let state = if user.windows.is_empty() { user.told } else { user.state() };
                user.answered_ahead |= state != user.told;
                let here = !user.windows.is_empty() && user.user.shares.last_seen;
                Presence {
                    user: *id,
                    state,
                    connections: user.windows.len() as u32,
                    last_seen: if here { Some(now.wall) } else { user.user.last_seen },
                }
            }
            None => Presence::absent(*id),
        };
        users.iter().map(known).collect()
    }
}
