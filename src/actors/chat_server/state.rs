//! The state of routing: users, rooms, who hears what. Pure: no actor, no database, no clock. Each step takes what happened and the
//! time, and leaves what is to be done in [`Out`].

use super::{
    bucket::Rate,
    out::{Job, Out},
    room::RoomState,
    users::{InRoom, UserIx, UserState, Window},
};
use crate::{
    actors::{
        courier::{ConnId, Hearing, RoomIx},
        journal::Raise,
    },
    domain::{
        ClientId, Limits, Membership, Millis, PresenceState, Refusal, Room, RoomHead, RoomId, RoomKind, RoomRef, SessionId, User, UserId,
    },
    protocol::{Event, HelloOk, ServerInfo, error_frame, event_frame, reply_frame},
};
use hashbrown::{HashMap, HashSet};
use slab::Slab;
use std::mem;

/// How many idle users' rooms stay loaded after their last window closed, in milliseconds: a reload or a network's hiccup costs no read.
const KEEP_MS: u32 = 120_000;

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
    /// Who.
    pub user: User,
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

/// Greetings that wait for a user's rooms.
#[derive(Debug, Default)]
struct Waiting {
    greetings: Vec<Greeting>,
    /// Something of the user's changed since the read began: it must be done again.
    stale: bool,
}

/// All of it.
#[derive(Debug)]
pub struct State {
    pub(super) settings: Settings,
    pub(super) users: Slab<UserState>,
    pub(super) user_ix: HashMap<UserId, UserIx>,
    pub(super) rooms: Slab<RoomState>,
    pub(super) room_ix: HashMap<RoomId, RoomIx>,
    channels: HashMap<String, RoomIx>,
    /// By worker and place: the connection's turn and user.
    conns: Vec<Vec<(u32, Option<UserIx>)>>,
    waiting: HashMap<UserId, Waiting>,
    /// Users whose presence may have changed.
    pub(super) stirred: HashSet<UserIx>,
    /// Large rooms whose number of users online changed.
    pub(super) recount: HashSet<RoomIx>,
    /// Sign-ins that ended a moment ago: a hello that was checked just before must not slip in.
    pub(super) ended: HashMap<SessionId, u32>,
    /// Set when the server stops: no more hellos.
    pub(super) draining: bool,
    connections: usize,
    /// Users with a connection.
    present: usize,
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
            waiting: HashMap::new(),
            stirred: HashSet::new(),
            recount: HashSet::new(),
            ended: HashMap::new(),
            draining: false,
            connections: 0,
            present: 0,
        }
    }

    /// How many connections are signed in, and of how many users.
    pub fn counts(&self) -> (usize, usize) {
        (self.connections, self.present)
    }

    pub(super) fn user_of(&self, conn: ConnId) -> Option<UserIx> {
        let (turn, user) = *self.conns.get(usize::from(conn.worker))?.get(conn.place as usize)?;
        user.filter(|_| turn == conn.turn)
    }

    fn set_conn(&mut self, conn: ConnId, user: Option<UserIx>) {
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

    // --- hello and goodbye -------------------------------------------------------------------------------------------------------

    /// Somebody signed in on a connection. Answers at once where their rooms are loaded.
    pub fn hello(&mut self, greeting: Greeting, out: &mut Out) {
        if self.draining {
            out.refuse(greeting.conn, greeting.id, &Refusal::unavailable());
            out.close(greeting.conn, None, 1001, "the server stops");
            return;
        }
        if self.ended.contains_key(&greeting.session) {
            return out.revoked(greeting.conn);
        }
        if let Some(&user) = self.user_ix.get(&greeting.user.id) {
            return self.welcome(user, greeting, out);
        }
        let id = greeting.user.id;
        let waiting = self.waiting.entry(id).or_default();
        waiting.greetings.push(greeting);
        if waiting.greetings.len() == 1 {
            out.jobs.push(Job::Load(id));
        }
    }

    /// A user's rooms were read.
    pub fn loaded(&mut self, id: UserId, rooms: Result<Vec<Loaded>, Refusal>, now: Now, out: &mut Out) {
        let Some(waiting) = self.waiting.get_mut(&id) else { return };
        if waiting.stale && rooms.is_ok() {
            waiting.stale = false;
            out.jobs.push(Job::Load(id));
            return;
        }
        let greetings = mem::take(&mut waiting.greetings);
        self.waiting.remove(&id);
        let rooms = match rooms {
            Ok(rooms) => rooms,
            Err(refusal) => {
                for greeting in greetings {
                    out.reply(greeting.conn, error_frame(Some(greeting.id), &refusal));
                    out.close(greeting.conn, None, 1013, "try again later");
                }
                return;
            }
        };
        let Some(first) = greetings.first() else { return };
        let user = self.insert_user(first.user.clone(), rooms, now);
        for greeting in greetings {
            self.welcome(user, greeting, out);
        }
    }

    fn insert_user(&mut self, user: User, rooms: Vec<Loaded>, now: Now) -> UserIx {
        let id = user.id;
        let at = UserIx(self.users.insert(UserState {
            user,
            rooms: Vec::with_capacity(rooms.len()),
            windows: Default::default(),
            told: PresenceState::Offline,
            left_at_ms: now.ms,
            sends: Default::default(),
        }) as u32);
        self.user_ix.insert(id, at);
        for Loaded { head, mine, peer } in rooms {
            let room = self.ensure_room(head, at, peer);
            self.room(room).members.insert(at);
            self.user(at).enter(room, mine);
        }
        at
    }

    pub(super) fn ensure_room(&mut self, head: RoomHead, user: UserIx, peer: Option<User>) -> RoomIx {
        if let Some(&room) = self.room_ix.get(&head.id) {
            return room;
        }
        let id = head.id;
        let name = head.name.clone().filter(|_| head.kind == RoomKind::Channel);
        let pair = peer.map(|peer| Box::new([self.users[user.0 as usize].user.clone(), peer]));
        let room = RoomIx(self.rooms.insert(RoomState::new(head, pair)) as u32);
        self.room_ix.insert(id, room);
        if let Some(name) = name {
            self.channels.insert(name, room);
        }
        room
    }

    pub(super) fn rename_channel(&mut self, room: RoomIx, before: Option<String>) {
        if let Some(before) = before {
            if self.channels.get(&before) == Some(&room) {
                self.channels.remove(&before);
            }
        }
        let head = &self.rooms[room.0 as usize].head;
        if head.kind == RoomKind::Channel {
            if let Some(name) = head.name.clone() {
                self.channels.insert(name, room);
            }
        }
    }

    pub(super) fn forget_room(&mut self, room: RoomIx) {
        let gone = self.rooms.remove(room.0 as usize);
        self.room_ix.remove(&gone.head.id);
        if let Some(name) = gone.head.name {
            if self.channels.get(&name) == Some(&room) {
                self.channels.remove(&name);
            }
        }
        self.recount.remove(&room);
    }

    /// The room as this user sees it.
    pub(super) fn seen(&self, user: UserIx, room: RoomIx) -> Room {
        let state = &self.rooms[room.0 as usize];
        let me = &self.users[user.0 as usize];
        let peer = state.pair.as_ref().map(|pair| {
            let peer = if pair[0].id == me.user.id { &pair[1] } else { &pair[0] };
            let loaded = self.user_ix.get(&peer.id).map(|at| &self.users[at.0 as usize].user);
            loaded.unwrap_or(peer).clone()
        });
        Room::seen(&state.head, me.membership(room), peer)
    }

    fn welcome(&mut self, user: UserIx, greeting: Greeting, out: &mut Out) {
        let Greeting { conn, id, session, cursors, epoch, user: fresh } = greeting;
        self.set_conn(conn, Some(user));
        self.connections += 1;
        let same_epoch = epoch.as_ref().is_none_or(|epoch| *epoch == self.settings.epoch);
        let state = self.user(user);
        state.user.display_name = fresh.display_name;
        state.user.role = fresh.role;
        state.windows.push(Window { conn, session, away: false });
        let first = state.windows.len() == 1;
        self.present += usize::from(first);
        self.stirred.insert(user);

        let rooms: Vec<RoomIx> = self.users[user.0 as usize].rooms.iter().map(|r| r.room).collect();
        let answer = HelloOk {
            user: self.users[user.0 as usize].user.clone(),
            session,
            server: ServerInfo { version: self.settings.version, epoch: self.settings.epoch.clone(), limits: self.settings.limits },
            rooms: rooms.iter().map(|room| self.seen(user, *room)).collect(),
        };
        out.reply(conn, reply_frame(id, &answer));

        let held: HashMap<RoomId, i64> = cursors.into_iter().collect();
        let mut hearings = Vec::with_capacity(rooms.len());
        let mut missed = Vec::new();
        for room in rooms {
            let head = &self.rooms[room.0 as usize].head;
            let cursor = held.get(&head.id).copied();
            let live = cursor.is_none_or(|rev| same_epoch && rev == head.rev);
            hearings.push(Hearing { room, id: head.id, live });
            if let Some(rev) = cursor.filter(|_| !live) {
                missed.push((room, rev));
            }
        }
        out.listen(conn, hearings);
        for (room, rev) in missed {
            self.catch_up(user, conn, room, rev, same_epoch, out);
        }
    }

    fn catch_up(&mut self, user: UserIx, conn: ConnId, room: RoomIx, rev: i64, same_epoch: bool, out: &mut Out) {
        let head = &self.room(room).head;
        if !same_epoch || rev > head.rev || rev < 0 {
            let event = Event::Resync { room: head.id, after_rev: 0 };
            return out.to(conn, event_frame(&event));
        }
        self.sync_from(user, conn, None, room, rev, self.settings.limits.page, out);
    }

    /// A connection is gone.
    pub fn gone(&mut self, conn: ConnId, now: Now) {
        for waiting in self.waiting.values_mut() {
            waiting.greetings.retain(|g| g.conn != conn);
        }
        let Some(user) = self.user_of(conn) else { return };
        self.set_conn(conn, None);
        self.connections -= 1;
        let state = self.user(user);
        state.windows.retain(|w| w.conn != conn);
        if state.windows.is_empty() {
            state.left_at_ms = now.ms;
            state.user.last_seen = Some(now.wall);
            self.present -= 1;
        }
        self.stirred.insert(user);
    }

    /// Asks whether the sign-ins of all connections still hold.
    pub fn recheck(&self, out: &mut Out) {
        let windows = |user: &UserState| user.windows.iter().map(|w| (user.user.id, w.session)).collect::<Vec<_>>();
        let in_use: Vec<_> = self.users.iter().flat_map(|(_, user)| windows(user)).collect();
        out.jobs.extend(in_use.chunks(500).map(|some| Job::Recheck(some.to_vec())));
    }

    /// Takes out the hellos of these sign-ins that still wait.
    pub(super) fn forget_greetings(&mut self, user: UserId, sessions: &[SessionId], out: &mut Out) {
        let Some(waiting) = self.waiting.get_mut(&user) else { return };
        let (ended, alive) = mem::take(&mut waiting.greetings).into_iter().partition(|g| sessions.contains(&g.session));
        waiting.greetings = alive;
        let ended: Vec<Greeting> = ended;
        for greeting in ended {
            out.revoked(greeting.conn);
        }
    }

    /// Forgets users who have been gone for a while, and rooms in which nobody is left.
    pub fn evict(&mut self, now: Now) {
        self.ended.retain(|_, at| now.ms.wrapping_sub(*at) < KEEP_MS);
        let idle: Vec<UserIx> = self
            .users
            .iter()
            .filter(|(_, u)| u.windows.is_empty() && u.told == PresenceState::Offline && now.ms.wrapping_sub(u.left_at_ms) > KEEP_MS)
            .map(|(at, _)| UserIx(at as u32))
            .collect();
        for user in idle {
            let gone = self.users.remove(user.0 as usize);
            self.user_ix.remove(&gone.user.id);
            self.stirred.remove(&user);
            for InRoom { room, .. } in gone.rooms {
                self.room(room).members.remove(&user);
                if self.room(room).members.is_empty() {
                    self.forget_room(room);
                }
            }
        }
    }

    /// Rooms or users that are being loaded changed: what was read may be old.
    pub(super) fn spoil(&mut self, user: Option<UserId>) {
        match user {
            Some(user) => {
                if let Some(waiting) = self.waiting.get_mut(&user) {
                    waiting.stale = true;
                }
            }
            None => self.waiting.values_mut().for_each(|w| w.stale = true),
        }
    }

    // --- requests ----------------------------------------------------------------------------------------------------------------

    /// The caller and a room that they are in; otherwise the request is answered here or by the database.
    fn inside(&mut self, conn: ConnId, id: i64, room: &RoomRef<'static>, out: &mut Out) -> Option<(UserIx, RoomIx)> {
        let Some(user) = self.user_of(conn) else {
            out.refuse(conn, id, &Refusal::unauthorized());
            return None;
        };
        if let Some(at) = self.find_room(room) {
            if self.user(user).membership(at).is_some() {
                return Some((user, at));
            }
        }
        let user = self.user(user).user.id;
        out.jobs.push(Job::Explain { conn, id, user, room: room.clone() });
        None
    }

    /// A message to store; gives it back with its room where the caller may send it.
    pub fn send(&mut self, conn: ConnId, id: i64, ask: SendAsk, now: Now, out: &mut Out) {
        let Some((user, room)) = self.inside(conn, id, &ask.room, out) else { return };
        let head = &self.rooms[room.0 as usize].head;
        let to = head.id;
        if head.archived_at.is_some() {
            return out.refuse(conn, id, &Refusal::conflict("This room is archived: nobody can write in it."));
        }
        let (rate, rate_in_room) = (self.settings.send, self.settings.send_in_room);
        let state = self.user(user);
        let author = state.user.id;
        let wait = state.sends.take(rate, now.ms).err();
        let wait = wait.or_else(|| state.in_room(room)?.sends.take(rate_in_room, now.ms).err());
        if let Some(ms) = wait {
            return out.refuse(conn, id, &Refusal::rate_limited(ms));
        }
        out.entries.push(super::Entry::Append(
            crate::domain::NewMessage {
                room: to,
                author,
                client_id: Some(ask.client_id),
                body: ask.body,
                reply_to: ask.reply_to,
                thread: ask.thread,
                named: ask.named,
                check_member: false,
            },
            super::Origin::Conn(conn, id, super::Reply::Sent),
        ));
    }

    /// `read` or `delivered`.
    pub fn mark(&mut self, conn: ConnId, id: i64, room: &RoomRef<'static>, seq: i64, reply: super::Reply, out: &mut Out) {
        let Some((user, at)) = self.inside(conn, id, room, out) else { return };
        let head = &self.rooms[at.0 as usize].head;
        let (room, last_seq) = (head.id, head.last_seq);
        if seq < 0 || seq > last_seq {
            return out.refuse(conn, id, &Refusal::invalid("seq", format!("This room's last message is {last_seq}.")));
        }
        let state = self.user(user);
        let (user, Some(mine)) = (state.user.id, state.membership(at)) else { return };
        let read = (reply == super::Reply::Read).then_some(seq);
        let rises = read.is_some_and(|seq| seq > mine.read_seq) || seq > mine.delivered_seq;
        let origin = super::Origin::Conn(conn, id, reply);
        if rises {
            let raise = Raise { room, user, read_seq: read, delivered_seq: Some(seq) };
            out.entries.push(super::Entry::Mark(raise, origin));
        } else {
            let now =
                crate::domain::Receipt { room, user, read_seq: mine.read_seq, delivered_seq: mine.delivered_seq, mentions: mine.mentions };
            out.marked(origin, &now, last_seq, false);
        }
    }

    /// `sync`
    pub fn sync(&mut self, conn: ConnId, id: i64, room: &RoomRef<'static>, after_rev: i64, limit: u32, out: &mut Out) {
        let Some((user, room)) = self.inside(conn, id, room, out) else { return };
        if after_rev < 0 {
            return out.refuse(conn, id, &Refusal::invalid("after_rev", "Must not be negative."));
        }
        // From here to the answer the connection is behind: nothing may overtake what is being read.
        out.live(conn, room, false);
        self.sync_from(user, conn, Some(id), room, after_rev, limit, out);
    }

    fn sync_from(&mut self, user: UserIx, conn: ConnId, id: Option<i64>, room: RoomIx, after_rev: i64, limit: u32, out: &mut Out) {
        let state = self.room(room);
        let (room_id, rev) = (state.head.id, state.head.rev);
        if rev - after_rev <= i64::from(limit) {
            if let Some(messages) = state.tail.since(after_rev) {
                out.synced(conn, id, room_id, &messages, rev, false);
                return out.live(conn, room, true);
            }
        }
        let user = self.user(user).user.id;
        out.jobs.push(Job::Sync { conn, id, user, room: room_id, after_rev, limit });
    }

    /// A read for `sync` came back. What was committed meanwhile is added from the room's tail, or left to the client's next `sync`.
    pub fn synced(&mut self, conn: ConnId, id: Option<i64>, room: RoomId, delta: Delta, out: &mut Out) {
        if self.user_of(conn).is_none() {
            return;
        }
        let Some(&at) = self.room_ix.get(&room) else { return };
        let state = &self.rooms[at.0 as usize];
        let Delta { mut json, mut rev, mut more } = delta;
        if !more && rev < state.head.rev {
            match state.tail.since(rev) {
                Some(rest) => {
                    if !json.is_empty() && !rest.is_empty() {
                        json.push(b',');
                    }
                    json.extend_from_slice(&rest);
                    rev = state.head.rev;
                }
                None => more = true,
            }
        }
        out.synced(conn, id, room, &json, rev, more);
        if !more {
            out.live(conn, at, true);
        }
    }

    /// A read for the `sync` event after `hello` failed: the client is told to ask for it itself.
    pub fn sync_failed(&mut self, conn: ConnId, room: RoomId, out: &mut Out) {
        if self.user_of(conn).is_some() {
            out.to(conn, event_frame(&Event::Resync { room, after_rev: 0 }));
        }
    }

    /// `typing`
    pub fn typing(&mut self, conn: ConnId, id: i64, room: &RoomRef<'static>, on: bool, now: Now, out: &mut Out) {
        let Some((user, at)) = self.inside(conn, id, room, out) else { return };
        let rate = self.settings.typing;
        let state = self.user(user);
        let user = state.user.id;
        // Only the news that somebody writes is held back; that they stopped must come through.
        if let Some(Err(ms)) = state.in_room(at).filter(|_| on).map(|r| r.typing.take(rate, now.ms)) {
            return out.refuse(conn, id, &Refusal::rate_limited(ms));
        }
        let room = self.room(at).head.id;
        out.room(at, &Event::Typing { room, user, on }, Some(conn));
        out.ok(conn, id, &crate::protocol::Nothing {});
    }

    /// `join`: at once where the caller is in the room already.
    pub fn join(&mut self, conn: ConnId, id: i64, room: RoomRef<'static>, out: &mut Out) {
        let Some(user) = self.user_of(conn) else { return out.refuse(conn, id, &Refusal::unauthorized()) };
        if let Some(at) = self.find_room(&room) {
            if self.user(user).membership(at).is_some() {
                return out.ok(conn, id, &crate::protocol::RoomOk { room: self.seen(user, at) });
            }
        }
        let user = self.user(user).user.id;
        out.jobs.push(Job::Join { conn, id, user, room });
    }

    /// `set_presence`
    pub fn set_presence(&mut self, conn: ConnId, id: i64, state: PresenceState, out: &mut Out) {
        let Some(user) = self.user_of(conn) else { return out.refuse(conn, id, &Refusal::unauthorized()) };
        if state == PresenceState::Offline {
            return out.refuse(conn, id, &Refusal::invalid("state", "online or away."));
        }
        for window in self.user(user).windows.iter_mut().filter(|w| w.conn == conn) {
            window.away = state == PresenceState::Away;
        }
        self.stirred.insert(user);
        out.ok(conn, id, &crate::protocol::SetPresenceOk { state });
    }

    /// Says goodbye to everybody; nobody can say hello any more.
    pub fn drain(&mut self, reconnect_after_ms: u32, out: &mut Out) {
        self.draining = true;
        out.all(&Event::ServerDraining { reconnect_after_ms });
    }
}

/// Changes of a room as they were read: messages as a JSON list's inside.
#[derive(Debug, Clone, Default)]
pub struct Delta {
    /// Message objects with commas between.
    pub json: Vec<u8>,
    /// The change reached.
    pub rev: i64,
    /// There is more.
    pub more: bool,
}
