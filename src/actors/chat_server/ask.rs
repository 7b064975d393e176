//! What connections ask, and what is told to those who ask about rooms that are not theirs.

use super::{
    out::{Job, Out, Reply},
    state::{Greeting, Now, State},
    users::UserIx,
};
use crate::{
    actors::courier::{ConnId, RoomIx},
    domain::{ClientId, Millis, PresenceState, Refusal, RoomRef, UserId},
};

/// A request of a signed-in connection, decoded and checked for form.
#[derive(Debug)]
pub enum Ask {
    /// `hello`, after the token was found good.
    Hello(Box<Greeting>),
    /// `send`
    Send(SendAsk),
    /// `sync`
    Sync {
        /// Which room.
        room: RoomRef<'static>,
        /// From where on.
        after_rev: i64,
        /// At most so many messages.
        limit: u32,
    },
    /// `read` and `delivered`
    Mark {
        /// Which room.
        room: RoomRef<'static>,
        /// All up to this.
        seq: i64,
        /// Which of the two.
        reply: Reply,
    },
    /// `typing`
    Typing {
        /// Which room.
        room: RoomRef<'static>,
        /// Writing, or no longer.
        on: bool,
    },
    /// `join`
    Join(RoomRef<'static>),
    /// `set_presence`
    SetPresence(PresenceState),
    /// `presence`: of whom, and when each was last seen as far as that is stored
    Presence(Vec<(UserId, Option<Millis>)>),
}

impl Ask {
    /// The room that the caller must be in; none where nobody must be.
    pub fn room(&self) -> Option<&RoomRef<'static>> {
        match self {
            Self::Send(ask) => Some(&ask.room),
            Self::Sync { room, .. } | Self::Mark { room, .. } | Self::Typing { room, .. } => Some(room),
            Self::Hello(_) | Self::Join(_) | Self::SetPresence(_) | Self::Presence(_) => None,
        }
    }
}

/// A request to send, with checked fields.
#[derive(Debug)]
pub struct SendAsk {
    /// Where to.
    pub room: RoomRef<'static>,
    /// The sender's id for it.
    pub client_id: ClientId,
    /// The text.
    pub body: String,
    /// What it answers.
    pub reply_to: Option<i64>,
    /// The root of its thread.
    pub thread: Option<i64>,
    /// Who may be mentioned.
    pub named: Vec<String>,
}

impl State {
    /// A request of a connection.
    pub fn asked(&mut self, conn: ConnId, id: i64, ask: Ask, now: Now, out: &mut Out) {
        match ask {
            Ask::Hello(greeting) => self.hello(*greeting, now, out),
            Ask::Send(ask) => self.send(conn, id, ask, now, out),
            Ask::Sync { room, after_rev, limit } => self.sync(conn, id, room, after_rev, limit, out),
            Ask::Mark { room, seq, reply } => self.mark(conn, id, room, seq, reply, out),
            Ask::Typing { room, on } => self.typing(conn, id, room, on, now, out),
            Ask::Join(room) => self.join(conn, id, room, out),
            Ask::SetPresence(presence) => self.set_presence(conn, id, presence, out),
            Ask::Presence(seen) => self.presence(conn, id, seen, now, out),
        }
    }

    /// The caller and a room that they are in.
    pub(super) fn inside(&self, conn: ConnId, room: &RoomRef<'_>) -> Option<(UserIx, RoomIx)> {
        let (user, at) = (self.user_of(conn)?, self.find_room(room)?);
        self.users[user.0 as usize].membership(at).map(|_| (user, at))
    }

    /// A request about a room that memory does not know as the caller's: the database says why not.
    pub(super) fn explain(&self, conn: ConnId, id: i64, ask: Ask, out: &mut Out) {
        match self.user_of(conn) {
            Some(user) => out.jobs.push(Job::Explain { conn, id, user: self.users[user.0 as usize].user.id, ask: Box::new(ask) }),
            None => out.refuse(conn, id, &Refusal::unauthorized()),
        }
    }

    /// What the database said. A member whom memory did not know as one became it this very moment, through another window or by somebody else:
    /// by now memory has mostly heard of it, and the request is done. Else a retry is right; asking once more here might never end.
    pub fn explained(&mut self, conn: ConnId, id: i64, ask: Ask, result: Result<(), Refusal>, now: Now, out: &mut Out) {
        match result {
            Ok(()) if ask.room().is_some_and(|room| self.inside(conn, room).is_some()) => self.asked(conn, id, ask, now, out),
            Ok(()) => out.refuse(conn, id, &Refusal::unavailable()),
            Err(refusal) => out.refuse(conn, id, &refusal),
        }
    }
}
