//! Arrivals and departures: whose rooms are loaded, who is told what on `hello`, what is forgotten.

use super::{
    news::About,
    out::{Job, Out, Want},
    room::RoomState,
    state::{Greeting, Loaded, Now, State},
    users::{InRoom, UserIx, UserState, Window},
};
use crate::{
    actors::courier::{ConnId, Hearing, RoomIx},
    domain::{Change, PresenceState, Refusal, Room, RoomHead, RoomId, RoomKind, SessionId, User, UserId},
    protocol::{Event, HelloOk, ServerInfo, error_frame, event_frame, reply_frame},
};
use hashbrown::HashMap;
use std::{mem, sync::Arc};

/// How long idle users' rooms stay loaded after their last window closed, in milliseconds: a reload or a network's hiccup costs no read.
const KEEP_MS: u32 = 120_000;

/// How often a read is done again because something changed meanwhile. Past it a stale one serves: the next commit does not follow it, and
/// everybody fetches.
const READ_AGAIN: u8 = 5;

impl State {
    /// Somebody signed in on a connection. Answers at once where their rooms are loaded, or came with them.
    pub fn hello(&mut self, mut greeting: Greeting, now: Now, out: &mut Out) {
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
        if !self.waiting.contains_key(&id)
            && let Some(rooms) = greeting.rooms.take_if(|rooms| !self.news.outdate(greeting.news, id, rooms))
        {
            let user = self.insert_user(greeting.user.clone(), Arc::unwrap_or_clone(rooms), greeting.news, now);
            return self.welcome(user, greeting, out);
        }
        let news = self.news.count();
        let waiting = self.waiting.entry(id).or_default();
        waiting.greetings.push(greeting);
        if waiting.greetings.len() == 1 {
            out.jobs.push(Job::Load { user: id, news });
        }
    }

    /// A user and their rooms were read, when there was so much news.
    pub fn loaded(&mut self, id: UserId, news: u64, read: Result<(User, Vec<Loaded>), Refusal>, now: Now, out: &mut Out) {
        let Some(waiting) = self.waiting.get_mut(&id) else { return };
        let rooms = read.as_ref().map_or(&[][..], |(_, rooms)| rooms);
        if self.news.outdate(news, id, rooms) && waiting.again < READ_AGAIN {
            waiting.again += 1;
            out.jobs.push(Job::Load { user: id, news: self.news.count() });
            return;
        }
        let greetings = mem::take(&mut waiting.greetings);
        self.waiting.remove(&id);
        let (user, rooms) = match read {
            Ok(read) => read,
            Err(refusal) => {
                for greeting in greetings {
                    out.reply(greeting.conn, error_frame(Some(greeting.id), &refusal));
                    out.close(greeting.conn, None, 1013, "try again later");
                }
                return;
            }
        };
        if greetings.is_empty() {
            return;
        }
        let user = self.insert_user(user, rooms, news, now);
        for greeting in greetings {
            self.welcome(user, greeting, out);
        }
    }

    fn insert_user(&mut self, user: User, mut rooms: Vec<Loaded>, news: u64, now: Now) -> UserIx {
        let id = user.id;
        self.news.top_up(news, id, &mut rooms);
        let at = UserIx(self.users.insert(UserState {
            user,
            rooms: Vec::with_capacity(rooms.len()),
            windows: Default::default(),
            told: PresenceState::Offline,
            answered_ahead: false,
            left_at_ms: now.ms,
            left_at: None,
            sends: Default::default(),
        }) as u32);
        self.user_ix.insert(id, at);
        for Loaded { head, mine, peer } in rooms {
            let last_seq = head.last_seq;
            let room = self.ensure_room(head, at, peer);
            self.room(room).members.insert(at);
            self.user(at).enter(room, mine, last_seq);
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
        if let Some(before) = before
            && self.channels.get(&before) == Some(&room)
        {
            self.channels.remove(&before);
        }
        let head = &self.rooms[room.0 as usize].head;
        if head.kind == RoomKind::Channel
            && let Some(name) = head.name.clone()
        {
            self.channels.insert(name, room);
        }
    }

    pub(super) fn forget_room(&mut self, room: RoomIx) {
        let gone = self.rooms.remove(room.0 as usize);
        self.room_ix.remove(&gone.head.id);
        if let Some(name) = gone.head.name
            && self.channels.get(&name) == Some(&room)
        {
            self.channels.remove(&name);
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
        let Greeting { conn, id, session, cursors, epoch, user: fresh, news, rooms: _ } = greeting;
        self.set_conn(conn, Some(user));
        self.connections += 1;
        let same_epoch = epoch.as_ref().is_none_or(|epoch| *epoch == self.settings.epoch);
        let outdated = self.news.outdate(news, fresh.id, &[]);
        let state = self.user(user);
        if !outdated {
            // Another program may have changed them.
            state.user.display_name = fresh.display_name;
            state.user.role = fresh.role;
        }
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
        self.tell_online(user, conn, out);
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
        let limit = self.settings.limits.page;
        self.sync_from(user, Want { conn, id: None, room, after_rev: rev, limit }, out);
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
            state.left_at = Some(now.wall);
            if state.user.shares.last_seen {
                state.user.last_seen = state.left_at;
            }
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
            .filter(|(_, u)| u.is_known_to_be_gone() && now.ms.wrapping_sub(u.left_at_ms) > KEEP_MS)
            .map(|(at, _)| UserIx(at as u32))
            .collect();
        for user in idle {
            self.forget_user(user);
        }
    }

    fn forget_user(&mut self, user: UserIx) {
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

    /// The commit of these changes failed. Whom they concern comes back, and is read again: what is so, the database says.
    pub fn unsure(&mut self, changes: &[Change], out: &mut Out) {
        let mut concerned: Vec<UserIx> = Vec::new();
        for change in changes {
            match change {
                Change::MemberJoined { user: User { id, .. }, .. }
                | Change::MemberLeft { user: id, .. }
                | Change::MemberUpdated { user: id, .. }
                | Change::Preferred { user: id, .. }
                | Change::UserUpdated { user: User { id, .. } }
                | Change::SessionsEnded { user: id, .. } => {
                    self.news.add(About::User(*id));
                    concerned.extend(self.user_ix.get(id));
                }
                Change::RoomUpdated { head: RoomHead { id, .. } } | Change::RoomDeleted { room: id } => {
                    self.news.add(About::Room(*id));
                    concerned.extend(self.room_ix.get(id).into_iter().flat_map(|at| &self.rooms[at.0 as usize].members));
                }
            }
        }
        concerned.sort();
        concerned.dedup();
        for user in concerned {
            self.part_with(user, out);
        }
    }

    fn part_with(&mut self, user: UserIx, out: &mut Out) {
        let windows = mem::take(&mut self.user(user).windows);
        for window in &windows {
            self.set_conn(window.conn, None);
            out.close(window.conn, None, 1012, "come back");
        }
        self.connections -= windows.len();
        self.present -= usize::from(!windows.is_empty());
        self.tell(user, PresenceState::Offline, out);
        self.forget_user(user);
    }
}
