//! Committed changes other than messages: memory follows, and whom they concern is told.

use super::{
    news::About,
    out::Out,
    state::{Now, State},
    users::UserIx,
};
use crate::{
    actors::courier::{Hearing, RoomIx},
    domain::{Change, Membership, PresenceState, Role, RoomHead, RoomId, SessionId, User, UserId},
    protocol::{Event, event_frame},
};

impl State {
    /// A change was committed.
    pub fn apply(&mut self, change: Change, now: Now, out: &mut Out) {
        match change {
            Change::MemberJoined { head, user, membership, peer } => self.member_joined(head, user, membership, peer, out),
            Change::MemberLeft { head, user } => self.member_left(&head, user, out),
            Change::MemberUpdated { room, user, role } => self.member_updated(room, user, role, out),
            Change::Preferred { room, user, muted, favourite } => self.preferred(room, user, muted, favourite, out),
            Change::RoomUpdated { head } => self.room_updated(&head, out),
            Change::RoomDeleted { room } => self.room_deleted(room, out),
            Change::UserUpdated { user } => self.user_updated(user, out),
            Change::SessionsEnded { user, sessions } => self.sessions_ended(user, &sessions, now, out),
        }
    }

    fn member_joined(&mut self, head: RoomHead, user: User, mine: Membership, peer: Option<User>, out: &mut Out) {
        self.news.add(About::User(user.id));
        if let Some(&room) = self.room_ix.get(&head.id) {
            self.room(room).describe(&head);
            let event = Event::MemberJoined {
                room: head.id,
                user: user.id,
                username: &user.username,
                display_name: &user.display_name,
                role: mine.role,
                members: head.members,
            };
            out.room(room, &event, None);
        }
        let Some(&at) = self.user_ix.get(&user.id) else { return };
        let (id, last_seq) = (head.id, head.last_seq);
        let room = self.ensure_room(head, at, peer);
        let here = self.users[at.0 as usize].told != PresenceState::Offline;
        if self.room(room).members.insert(at) {
            self.room(room).online += u32::from(here);
        }
        self.recount(room);
        self.user(at).enter(room, mine, last_seq);
        let seen = self.seen(at, room);
        let frame = event_frame(&Event::RoomAdded { room: &seen });
        let windows = self.users[at.0 as usize].windows.clone();
        for window in windows {
            out.to(window.conn, frame.clone());
            out.listen(window.conn, vec![Hearing { room, id, live: true }]);
        }
    }

    fn member_left(&mut self, head: &RoomHead, user: UserId, out: &mut Out) {
        self.news.add(About::User(user));
        let Some(&room) = self.room_ix.get(&head.id) else { return };
        self.room(room).describe(head);
        if let Some(&at) = self.user_ix.get(&user) {
            self.take_out(at, room, out);
        }
        out.room(room, &Event::MemberLeft { room: head.id, user, members: head.members }, None);
        self.recount(room);
        if self.room(room).members.is_empty() {
            self.forget_room(room);
        }
    }

    /// From here on the user hears nothing of the room.
    fn take_out(&mut self, user: UserIx, room: RoomIx, out: &mut Out) {
        let id = self.room(room).head.id;
        let here = self.user(user).told != PresenceState::Offline;
        if self.user(user).leave(room) && self.room(room).members.remove(&user) {
            self.room(room).online -= u32::from(here);
        }
        let frame = event_frame(&Event::RoomRemoved { room: id });
        let windows = self.users[user.0 as usize].windows.clone();
        for window in windows {
            out.unlisten(window.conn, room);
            out.to(window.conn, frame.clone());
        }
    }

    fn member_updated(&mut self, room: RoomId, user: UserId, role: Role, out: &mut Out) {
        self.news.add(About::User(user));
        let Some(&at) = self.room_ix.get(&room) else { return };
        if let Some(&member) = self.user_ix.get(&user)
            && let Some(state) = self.user(member).in_room(at)
        {
            state.mine.role = role;
        }
        out.room(at, &Event::MemberUpdated { room, user, role }, None);
    }

    fn preferred(&mut self, room: RoomId, user: UserId, muted: bool, favourite: bool, out: &mut Out) {
        self.news.add(About::User(user));
        let (Some(&at), Some(&member)) = (self.room_ix.get(&room), self.user_ix.get(&user)) else { return };
        if let Some(state) = self.user(member).in_room(at) {
            (state.mine.muted, state.mine.favourite) = (muted, favourite);
            self.tell_seen(member, at, out);
        }
    }

    /// Tells all windows of a user how a room looks to them now.
    fn tell_seen(&self, user: UserIx, room: RoomIx, out: &mut Out) {
        if !self.users[user.0 as usize].windows.is_empty() {
            let seen = self.seen(user, room);
            self.tell_windows(user, &event_frame(&Event::RoomUpdated { room: &seen }), out);
        }
    }

    fn room_updated(&mut self, head: &RoomHead, out: &mut Out) {
        self.news.add(About::Room(head.id));
        let Some(&room) = self.room_ix.get(&head.id) else { return };
        let before = self.room(room).head.name.clone();
        self.room(room).describe(head);
        self.rename_channel(room, before);
        let mut members: Vec<UserIx> = self.room(room).members.iter().copied().collect();
        members.sort_unstable();
        for member in members {
            self.tell_seen(member, room, out);
        }
    }

    fn room_deleted(&mut self, room: RoomId, out: &mut Out) {
        self.news.add(About::Room(room));
        let Some(&at) = self.room_ix.get(&room) else { return };
        let mut members: Vec<UserIx> = self.room(at).members.iter().copied().collect();
        members.sort_unstable();
        for member in members {
            self.take_out(member, at, out);
        }
        self.forget_room(at);
    }

    /// Everybody is in the lobby, so everybody is told.
    fn user_updated(&mut self, user: User, out: &mut Out) {
        self.news.add(About::Anybody);
        let seen = self.user_ix.get(&user.id).and_then(|at| self.users[at.0 as usize].left_at).filter(|_| user.shares.last_seen);
        let user = User { last_seen: user.last_seen.max(seen), ..user };
        if let Some(&at) = self.user_ix.get(&user.id) {
            self.user(at).user = user.clone();
        }
        for (_, room) in &mut self.rooms {
            for one in room.pair.iter_mut().flat_map(|pair| pair.iter_mut()).filter(|one| one.id == user.id) {
                *one = user.clone();
            }
        }
        out.all(&Event::UserUpdated { user: &user });
    }

    fn sessions_ended(&mut self, user: UserId, sessions: &[SessionId], now: Now, out: &mut Out) {
        self.ended.extend(sessions.iter().map(|session| (*session, now.ms)));
        self.forget_greetings(user, sessions, out);
        let Some(&at) = self.user_ix.get(&user) else { return };
        for window in self.users[at.0 as usize].windows.iter().filter(|w| sessions.contains(&w.session)) {
            out.revoked(window.conn);
        }
    }
}
