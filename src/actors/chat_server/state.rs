//! The state of routing: users, rooms, who hears what. Pure: no actor, no database, no clock. Each step takes what happened and the
//! time, and leaves what is to be done in [`Out`](super::Out).

use super::{
    bucket::Rate,
    news::{About, News},
    out::Want,
    room::RoomState,
    users::{UserIx, UserState},
};
use crate::{
    actors::courier::{ConnId, RoomIx},
    domain::{Limits, Membership, Millis, RoomHead, RoomId, RoomRef, SessionId, User, UserId},
};
use bytes::Bytes;
use hashbrown::{HashMap, HashSet};
use slab::Slab;
use std::{mem, sync::Arc};

/// What the configuration says of routing.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Chirm's version.
    pub version: &'static str,
    /// The database's epoch.
    pub epoch: String,
    /// Sizes and bounds.
    pub limits: Limits,
    /// Messages of one user.
    pub send: Rate,
    /// Messages of one user in one room.
    pub send_in_room: Rate,
    /// Typing of one user in one room.
    pub typing: Rate,
    /// How long a user without a window is still told as there, in milliseconds.
    pub leave_after_ms: u32,
}

/// The moment of a step.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Monotonic milliseconds, wrapping.
    pub ms: u32,
    /// The wall clock, for what is shown.
    pub wall: Millis,
}

/// Who says hello, already signed in.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// The connection.
    pub conn: ConnId,
    /// The request.
    pub id: i64,
    /// Who, as the database had them when there was so much news ([`State::news`]).
    pub user: User,
    /// So much.
    pub news: u64,
    /// Their rooms, where those were read along with them.
    pub rooms: Option<Arc<Vec<Loaded>>>,
    /// Their sign-in.
    pub session: SessionId,
    /// What they hold of each room.
    pub cursors: Vec<(RoomId, i64)>,
    /// From which epoch.
    pub epoch: Option<String>,
}

/// A room as the database knows it for one of its members.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The room.
    pub head: RoomHead,
    /// The user's state there.
    pub mine: Membership,
    /// Of a direct room: the other one.
    pub peer: Option<User>,
}

/// Greetings that wait for a user's rooms.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) greetings: Vec<Greeting>,
    /// How often the read was done again, because something changed meanwhile.
    pub(super) again: u8,
}

/// What is read of a room: changes after which, and how many messages at most.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Reading {
    pub(super) room: RoomId,
    pub(super) after_rev: i64,
    pub(super) limit: u32,
}

impl Reading {
    pub(super) fn of(want: &Want, room: RoomId) -> Self {
        Self { room, after_rev: want.after_rev, limit: want.limit }
    }
}

/// All of it.
#[derive(Debug)]
pub struct State {
    pub(super) settings: Settings,
    pub(super) users: Slab<UserState>,
    pub(super) user_ix: HashMap<UserId, UserIx>,
    pub(super) rooms: Slab<RoomState>,
    pub(super) room_ix: HashMap<RoomId, RoomIx>,
    pub(super) channels: HashMap<String, RoomIx>,
    /// By worker and place: the connection's turn and user.
    conns: Vec<Vec<(u32, Option<UserIx>)>>,
    pub(super) waiting: HashMap<UserId, Waiting>,
    /// What changed lately.
    pub(super) news: News,
    /// Users whose presence may have changed.
    pub(super) stirred: HashSet<UserIx>,
    /// Large rooms whose number of users online changed.
    pub(super) recount: HashSet<RoomIx>,
    /// Sign-ins that ended a moment ago: a hello that was checked just before must not slip in.
    pub(super) ended: HashMap<SessionId, u32>,
    /// Rooms of which a commit failed: they may have messages that nobody was told of.
    pub(super) doubtful: HashSet<RoomId>,
    /// Reads for `sync` that are under way, with those who asked for the same meanwhile.
    pub(super) reading: HashMap<Reading, Vec<(UserId, Want)>>,
    /// Set when the server stops: no more hellos.
    pub(super) draining: bool,
    pub(super) connections: usize,
    /// Users with a connection.
    pub(super) present: usize,
}

impl State {
    /// Nobody is here.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            users: Slab::new(),
            user_ix: HashMap::new(),
            rooms: Slab::new(),
            room_ix: HashMap::new(),
            channels: HashMap::new(),
            conns: Vec::new(),
            reading: HashMap::new(),
            waiting: HashMap::new(),
            news: News::default(),
            stirred: HashSet::new(),
            recount: HashSet::new(),
            ended: HashMap::new(),
            doubtful: HashSet::new(),
            draining: false,
            connections: 0,
            present: 0,
        }
    }

    /// The sizes that clients were told.
    pub fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// How many changes were taken in that what is just being read may lack. Who reads of a user for [`State::hello`] notes this before.
    pub fn news(&self) -> u64 {
        self.news.count()
    }

    /// Forgets everybody: after a panic nothing here can be trusted. What ended stays ended, and what was read before is old.
    pub fn start_over(&mut self) {
        let (ended, mut news) = (mem::take(&mut self.ended), mem::take(&mut self.news));
        news.add(About::Anybody);
        *self = Self { ended, news, draining: self.draining, ..Self::new(self.settings.clone()) };
    }

    /// How many connections are signed in, and of how many users.
    pub fn counts(&self) -> (usize, usize) {
        (self.connections, self.present)
    }

    pub(super) fn user_of(&self, conn: ConnId) -> Option<UserIx> {
        let (turn, user) = *self.conns.get(usize::from(conn.worker))?.get(conn.place as usize)?;
        user.filter(|_| turn == conn.turn)
    }

    pub(super) fn set_conn(&mut self, conn: ConnId, user: Option<UserIx>) {
        let worker = usize::from(conn.worker);
        if self.conns.len() <= worker {
            self.conns.resize_with(worker + 1, Vec::new);
        }
        let places = &mut self.conns[worker];
        if places.len() <= conn.place as usize {
            places.resize(conn.place as usize + 1, (0, None));
        }
        places[conn.place as usize] = (conn.turn, user);
    }

    pub(super) fn user(&mut self, at: UserIx) -> &mut UserState {
        &mut self.users[at.0 as usize]
    }

    pub(super) fn room(&mut self, at: RoomIx) -> &mut RoomState {
        &mut self.rooms[at.0 as usize]
    }

    pub(super) fn find_room(&self, room: &RoomRef<'_>) -> Option<RoomIx> {
        match room {
            RoomRef::Id(id) => self.room_ix.get(id).copied(),
            RoomRef::Name(name) => self.channels.get(name.as_ref()).copied(),
        }
    }
}

/// Changes of a room as they were read: messages as a JSON list's inside.
#[derive(Debug, Clone, Default)]
pub struct Delta {
    /// Message objects with commas between.
    pub json: Vec<u8>,
    /// Of each: its change, and where it ends.
    pub ends: Vec<(i64, usize)>,
    /// The change reached.
    pub rev: i64,
    /// There is more.
    pub more: bool,
}

impl Delta {
    /// Takes out what came after this change.
    pub(super) fn cut(&mut self, rev: i64) {
        if self.rev > rev {
            self.ends.truncate(self.ends.partition_point(|(at, _)| *at <= rev));
            self.json.truncate(self.ends.last().map_or(0, |(_, end)| *end));
            (self.rev, self.more) = (rev, false);
        }
    }

    /// The messages, each without its opening brace, the last one first.
    pub(super) fn last_first(&self) -> impl Iterator<Item = (i64, Bytes)> {
        (0..self.ends.len()).rev().map(|at| {
            let (rev, end) = self.ends[at];
            // Past the comma and the brace.
            let start = if at == 0 { 1 } else { self.ends[at - 1].1 + 2 };
            (rev, Bytes::copy_from_slice(self.json.get(start..end).unwrap_or_default()))
        })
    }
}
