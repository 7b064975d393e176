//! What requests of connections come to.

use super::{
    ask::{Ask, SendAsk},
    out::{Job, Origin, Out, Reply, Want},
    state::{Delta, Now, Reading, State},
    users::UserIx,
};
use crate::{
    actors::{
        courier::ConnId,
        journal::{Entry, Raise},
    },
    domain::{Code, NewMessage, PresenceState, Receipt, Refusal, RoomId, RoomRef},
    protocol::{Event, Nothing, RoomOk, SetPresenceOk, event_frame},
};
use hashbrown::hash_map::Entry as Slot;
use std::iter;

/// Most who share one read for `sync`; whoever comes after them has one of their own.
const TOGETHER: usize = 10_000;

impl State {
    /// A message to store, where the caller may send it.
    pub fn send(&mut self, conn: ConnId, id: i64, ask: SendAsk, now: Now, out: &mut Out) {
        let Some((user, room)) = self.inside(conn, &ask.room) else { return self.explain(conn, id, Ask::Send(ask), out) };
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
        out.entries.push(Entry::Append(
            NewMessage {
                room: to,
                author,
                client_id: Some(ask.client_id),
                body: ask.body,
                reply_to: ask.reply_to,
                thread: ask.thread,
                named: ask.named,
                check_member: false,
                audit: None,
            },
            Origin::Conn(conn, id, Reply::Sent),
        ));
    }

    /// `read` or `delivered`.
    pub fn mark(&mut self, conn: ConnId, id: i64, room: RoomRef<'static>, seq: i64, reply: Reply, out: &mut Out) {
        let Some((user, at)) = self.inside(conn, &room) else { return self.explain(conn, id, Ask::Mark { room, seq, reply }, out) };
        let head = &self.rooms[at.0 as usize].head;
        let (room, last_seq) = (head.id, head.last_seq);
        if seq < 0 || seq > last_seq {
            return out.refuse(conn, id, &Refusal::invalid("seq", format!("This room's last message is {last_seq}.")));
        }
        let state = self.user(user);
        let (user, Some(mine)) = (state.user.id, state.membership(at)) else { return };
        let read = (reply == Reply::Read).then_some(seq);
        let rises = read.is_some_and(|seq| seq > mine.read_seq) || seq > mine.delivered_seq;
        let origin = Origin::Conn(conn, id, reply);
        if rises {
            let raise = Raise { room, user, read_seq: read, delivered_seq: Some(seq) };
            out.entries.push(Entry::Mark(raise, origin));
        } else {
            let now = Receipt { room, user, read_seq: mine.read_seq, delivered_seq: mine.delivered_seq, mentions: mine.mentions };
            out.marked(origin, &now, last_seq, false);
        }
    }

    /// `sync`
    pub fn sync(&mut self, conn: ConnId, id: i64, room: RoomRef<'static>, after_rev: i64, limit: u32, out: &mut Out) {
        let Some((user, room)) = self.inside(conn, &room) else { return self.explain(conn, id, Ask::Sync { room, after_rev, limit }, out) };
        if after_rev < 0 {
            return out.refuse(conn, id, &Refusal::invalid("after_rev", "Must not be negative."));
        }
        // From here to the answer the connection is behind: nothing may overtake what is being read.
        out.live(conn, room, false);
        self.sync_from(user, Want { conn, id: Some(id), room, after_rev, limit }, out);
    }

    pub(super) fn sync_from(&mut self, user: UserIx, want: Want, out: &mut Out) {
        let state = self.room(want.room);
        let (room, rev) = (state.head.id, state.head.rev);
        if rev - want.after_rev <= i64::from(want.limit)
            && let Some(messages) = state.tail.since(want.after_rev)
        {
            return out.synced(&want, room, &messages, rev, false);
        }
        let user = self.user(user).user.id;
        match self.reading.entry(Reading::of(&want, room)) {
            Slot::Occupied(mut read) if read.get().len() < TOGETHER => read.get_mut().push((user, want)),
            Slot::Occupied(_) => out.jobs.push(Job::Sync { user, room, want }),
            Slot::Vacant(read) => {
                read.insert(Vec::new());
                out.jobs.push(Job::Sync { user, room, want });
            }
        }
    }

    /// A read for `sync` came back. It serves all who asked for the same meanwhile, and the room's tail, so that a thousand who come back to a server
    /// that was started anew cost one read.
    pub fn synced(&mut self, want: Want, room: RoomId, delta: Delta, out: &mut Out) {
        let others = self.reading.remove(&Reading::of(&want, room)).unwrap_or_default();
        // In the order in which they asked: a connection may be among them twice, with its `hello` and a `sync`.
        for want in iter::once(want).chain(others.into_iter().map(|(_, other)| other)) {
            self.caught_up(want, room, delta.clone(), out);
        }
    }

    /// What was committed while a read was under way is added from the room's tail, or left to the client's next `sync`; what memory has not heard of
    /// is left out, because it will be told as every commit is.
    fn caught_up(&mut self, want: Want, room: RoomId, mut delta: Delta, out: &mut Out) {
        let Want { conn, id, after_rev, limit, .. } = want;
        // Its place may be another's by now.
        let Some((_, at)) = self.inside(conn, &RoomRef::Id(room)) else {
            let Some(id) = id else { return };
            return self.explain(conn, id, Ask::Sync { room: RoomRef::Id(room), after_rev, limit }, out);
        };
        let state = &mut self.rooms[at.0 as usize];
        delta.cut(state.head.rev);
        if state.tail.lacks(want.after_rev, delta.rev) {
            state.tail.prepend(want.after_rev, delta.last_first());
        }
        let Delta { mut json, mut rev, mut more, .. } = delta;
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
        out.synced(&Want { room: at, ..want }, room, &json, rev, more);
    }

    /// A read for `sync`, or for the event after `hello`, failed: the connection stays behind, and its client is told so. A refusal alone would
    /// not tell it: who was live when it asked would take itself to be live again. The refusal comes last, so that it sets the pace of the next try.
    pub fn sync_failed(&mut self, want: &Want, room: RoomId, refusal: &Refusal, out: &mut Out) {
        for (user, other) in self.reading.remove(&Reading::of(want, room)).unwrap_or_default() {
            match refusal.code {
                Code::Unavailable => self.left_behind(&other, room, refusal, out),
                // What is wrong may be wrong with the one who asked first.
                _ => out.jobs.push(Job::Sync { user, room, want: other }),
            }
        }
        self.left_behind(want, room, refusal, out);
    }

    fn left_behind(&mut self, want: &Want, room: RoomId, refusal: &Refusal, out: &mut Out) {
        let &Want { conn, id, after_rev, .. } = want;
        if let Some((_, at)) = self.inside(conn, &RoomRef::Id(room)) {
            // The answer to another `sync` may have made it live meanwhile.
            out.live(conn, at, false);
            out.to(conn, event_frame(&Event::Resync { room, after_rev }));
        }
        if let Some(id) = id {
            out.refuse(conn, id, refusal);
        }
    }

    /// `typing`
    pub fn typing(&mut self, conn: ConnId, id: i64, room: RoomRef<'static>, on: bool, now: Now, out: &mut Out) {
        let Some((user, at)) = self.inside(conn, &room) else { return self.explain(conn, id, Ask::Typing { room, on }, out) };
        let rate = self.settings.typing;
        let state = self.user(user);
        let user = state.user.id;
        // Only the news that somebody writes is held back; that they stopped must come through.
        if let Some(Err(ms)) = state.in_room(at).filter(|_| on).map(|r| r.typing.take(rate, now.ms)) {
            return out.refuse(conn, id, &Refusal::rate_limited(ms));
        }
        let room = self.room(at).head.id;
        out.room(at, &Event::Typing { room, user, on }, Some(conn));
        out.ok(conn, id, &Nothing {});
    }

    /// `join`: at once where the caller is in the room already.
    pub fn join(&mut self, conn: ConnId, id: i64, room: RoomRef<'static>, out: &mut Out) {
        if let Some((user, at)) = self.inside(conn, &room) {
            return out.ok(conn, id, &RoomOk { room: self.seen(user, at) });
        }
        let Some(user) = self.user_of(conn) else { return out.refuse(conn, id, &Refusal::unauthorized()) };
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
        out.ok(conn, id, &SetPresenceOk { state });
    }

    /// Says goodbye to everybody; nobody can say hello any more.
    pub fn drain(&mut self, reconnect_after_ms: u32, out: &mut Out) {
        self.draining = true;
        out.all(&Event::ServerDraining { reconnect_after_ms });
    }
}
