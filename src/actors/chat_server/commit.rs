//! What is done after a commit: memory follows, answers go out, listeners are told. Nothing here runs before the database said yes.

use super::{
    Committed, Origin,
    news::About,
    out::{Job, Out},
    room::Follows,
    state::State,
    users::UserIx,
};
use crate::{
    actors::courier::{Mark, RoomIx, Run},
    db::append,
    domain::{Membership, Message, NewMessage, Receipt, Refusal, RoomHead, RoomId, Sent},
    faults::{Point, crash_at},
    protocol::{Event, Frames, MESSAGE_PREFIX, SentOk, event_frame, reply_frame},
};
use bytes::Bytes;
use smallvec::SmallVec;
use std::mem;

/// The new messages of one room in one commit.
struct Gathering {
    room: RoomIx,
    frames: Frames,
    marks: SmallVec<[Mark; 1]>,
    /// `rev` and where the object's fields are, for the tail.
    fields: SmallVec<[(i64, usize, usize); 1]>,
    gap: Option<i64>,
}

impl State {
    /// A batch was committed, or failed.
    pub fn committed(&mut self, committed: Committed, out: &mut Out) {
        crash_at(Point::BeforeTelling);
        let Committed { messages, senders, stored, marks, markers } = committed;
        let mut gatherings: Vec<Gathering> = Vec::new();
        let mut by_room = hashbrown::HashMap::new();
        if messages.is_empty() {
            for (origin, result) in senders.into_iter().zip(stored.messages) {
                out.fail(origin, &result.err().unwrap_or_else(Refusal::unavailable));
            }
        } else {
            for ((message, origin), result) in messages.into_iter().zip(senders).zip(stored.messages) {
                match result {
                    Err(refusal) => out.fail(origin, &refusal),
                    Ok(sent) if sent.duplicate => self.known_already(&message, origin, sent, out),
                    Ok(sent) => self.stored(message, origin, sent, &mut gatherings, &mut by_room, out),
                }
            }
        }
        for gathering in gatherings {
            self.publish(gathering, out);
        }
        for ((mark, origins), result) in marks.into_iter().zip(markers).zip(stored.marks) {
            self.marked(mark, origins, result, out);
        }
    }

    fn stored(
        &mut self,
        message: NewMessage,
        origin: Origin,
        sent: Sent,
        gatherings: &mut Vec<Gathering>,
        by_room: &mut hashbrown::HashMap<RoomId, usize>,
        out: &mut Out,
    ) {
        let id = message.room;
        let Some(&room) = self.room_ix.get(&id) else {
            // Nobody who is here is a member. Whoever is just coming must read again.
            self.news.add(About::Room(id));
            return out.sent(origin, sent);
        };
        let follows = self.room(room).commit(sent.seq, sent.rev, sent.created_at);
        self.lift(room, &message, &sent);
        if follows == Follows::Known {
            return out.sent(origin, sent);
        }
        let at = *by_room.entry(id).or_insert_with(|| {
            gatherings.push(Gathering {
                room,
                frames: Frames::with_capacity(256 + message.body.len()),
                marks: SmallVec::new(),
                fields: SmallVec::new(),
                gap: None,
            });
            gatherings.len() - 1
        });
        let gathering = &mut gatherings[at];
        if let Follows::Gap { after_rev } = follows {
            gathering.gap.get_or_insert(after_rev);
        }
        gathering.add(message, origin, sent);
    }

    /// A retry. Where the first attempt was stored without an answer, nobody was told of the message.
    fn known_already(&mut self, message: &NewMessage, origin: Origin, sent: Sent, out: &mut Out) {
        self.reached(message.room, sent.seq, sent.rev, out);
        // It lifted its author's watermarks all the same.
        if let (Some(&at), Some(&author)) = (self.room_ix.get(&message.room), self.user_ix.get(&message.author))
            && let Some(state) = self.user(author).in_room(at)
        {
            state.mine.read_seq = state.mine.read_seq.max(sent.seq);
            state.mine.delivered_seq = state.mine.delivered_seq.max(sent.seq);
        }
        out.sent(origin, sent);
    }

    /// A room has come at least this far: if nobody was told, everybody fetches it.
    fn reached(&mut self, room: RoomId, seq: i64, rev: i64, out: &mut Out) {
        let Some(&at) = self.room_ix.get(&room) else { return };
        if let Some(after_rev) = self.room(at).reach(seq, rev) {
            out.gap(at, after_rev);
        }
    }

    /// A commit failed: what became of it is unknown.
    pub fn doubt(&mut self, rooms: &[RoomId]) {
        self.doubtful.extend(rooms.iter().filter(|room| self.room_ix.contains_key(*room)));
    }

    /// Asks how far the doubtful rooms have come. Called once a second.
    pub fn settle(&mut self, out: &mut Out) {
        if !self.doubtful.is_empty() {
            let mut rooms: Vec<RoomId> = mem::take(&mut self.doubtful).into_iter().collect();
            rooms.sort_unstable();
            out.jobs.push(Job::Settle(rooms));
        }
    }

    /// The answer, or none: then it is asked again.
    pub fn settled(&mut self, rooms: &[RoomId], heads: Option<&[RoomHead]>, out: &mut Out) {
        match heads {
            Some(heads) => heads.iter().for_each(|head| self.reached(head.id, head.last_seq, head.rev, out)),
            None => self.doubt(rooms),
        }
    }

    /// The author has read what they wrote; who is named has one more mention. Of whom is just being loaded, this may have come too late to be read.
    fn lift(&mut self, room: RoomIx, message: &NewMessage, sent: &Sent) {
        match self.user_ix.get(&message.author).copied() {
            Some(author) => {
                if let Some(state) = self.user(author).in_room(room) {
                    state.mine.read_seq = state.mine.read_seq.max(sent.seq);
                    state.mine.delivered_seq = state.mine.delivered_seq.max(sent.seq);
                    // What was read after it may count mentions that came later.
                    if state.counted < sent.seq {
                        state.mine.mentions = 0;
                    }
                }
            }
            None => self.news.add(About::User(message.author)),
        }
        for named in sent.mentions.iter().filter(|named| **named != message.author) {
            match self.user_ix.get(named).copied() {
                Some(named) => {
                    if let Some(state) = self.user(named).in_room(room).filter(|state| state.counted < sent.seq) {
                        state.mine.mentions += 1;
                    }
                }
                None => self.news.add(About::Mention(*named, message.room, sent.seq)),
            }
        }
    }

    fn publish(&mut self, gathering: Gathering, out: &mut Out) {
        let Gathering { room, frames, marks, fields, gap } = gathering;
        let frames = frames.finish();
        let state = self.room(room);
        if let Some(after_rev) = gap {
            // Something of this room was committed that this node did not hear of. Everybody fetches it.
            state.tail.reset(state.head.rev);
            out.gap(room, after_rev);
            // Nobody is live any more, so this only answers the authors: each after the news that something before the own message is missing.
            return out.log(room, Run { frames, marks });
        }
        for (rev, start, end) in fields {
            state.tail.push(rev, frames.slice(start..end));
        }
        out.log(room, Run { frames, marks });
    }

    /// A watermark that was reached before, of which nobody was told: it was stored without an answer.
    fn unheard(&mut self, mark: append::Mark) -> Option<Receipt> {
        let append::Mark { room, user, read_seq, delivered_seq } = mark;
        let (at, of) = (*self.room_ix.get(&room)?, *self.user_ix.get(&user)?);
        let last_seq = self.room(at).head.last_seq;
        let mine = &self.user(of).in_room(at)?.mine;
        let read_seq = read_seq.unwrap_or_default().max(mine.read_seq);
        let delivered_seq = delivered_seq.unwrap_or_default().max(mine.delivered_seq).max(read_seq);
        let mentions = if read_seq >= last_seq { 0 } else { mine.mentions };
        let rose = read_seq > mine.read_seq || delivered_seq > mine.delivered_seq;
        rose.then_some(Receipt { room, user, read_seq, delivered_seq, mentions })
    }

    fn marked(&mut self, mark: append::Mark, origins: Vec<Origin>, result: Result<Option<Receipt>, Refusal>, out: &mut Out) {
        let append::Mark { room, user, .. } = mark;
        let receipt = match result {
            Ok(receipt) => receipt.or_else(|| self.unheard(mark)),
            Err(refusal) => return origins.into_iter().for_each(|origin| out.fail(origin, &refusal)),
        };
        let at = self.room_ix.get(&room).copied();
        let last_seq = at.map_or(0, |at| self.room(at).head.last_seq);
        let mine = self.user_ix.get(&user).copied();
        if mine.is_none() {
            self.news.add(About::User(user));
        }
        let shared = self.shares_reading(mine, &origins);
        let mut delivered = None;
        let known = mine.zip(at).and_then(|(user, at)| self.user(user).in_room(at)).map(|state| {
            delivered = Some(state.mine.delivered_seq);
            if let Some(receipt) = receipt {
                if receipt.read_seq > state.mine.read_seq {
                    (state.mine.read_seq, state.mine.mentions) = (receipt.read_seq, receipt.mentions);
                }
                state.mine.delivered_seq = state.mine.delivered_seq.max(receipt.delivered_seq);
            }
            let Membership { read_seq, delivered_seq, mentions, .. } = state.mine;
            Receipt { room, user, read_seq, delivered_seq, mentions }
        });
        let now = known.or(receipt).unwrap_or(Receipt { room, user, read_seq: 0, delivered_seq: 0, mentions: 0 });
        let asked = match &origins[..] {
            [Origin::Conn(conn, _, _)] => Some(*conn),
            _ => None,
        };
        if let Some((receipt, at)) = receipt.zip(at) {
            let event = |read_seq| Event::Receipt { room, user, read_seq, delivered_seq: Some(receipt.delivered_seq) };
            let whole = event(Some(receipt.read_seq));
            let small = !self.is_large(at);
            // Of who does not share what they read, only news of delivery goes out: an event without any would tell when they read.
            if small && shared {
                out.room(at, &whole, asked);
            } else if small && delivered.is_some_and(|before| receipt.delivered_seq > before) {
                out.room(at, &event(None), asked);
            }
            // Who has left meanwhile hears nothing of the room.
            if let Some(user) = mine.filter(|_| known.is_some() && !(small && shared)) {
                self.tell_windows(user, &event_frame(&whole), out);
            }
        }
        for origin in origins {
            out.marked(origin, &now, last_seq, receipt.is_some());
        }
    }

    /// Whether others may know what a user has read. Who has no window was asked at the door; where nobody knows, nothing is told.
    fn shares_reading(&self, user: Option<UserIx>, origins: &[Origin]) -> bool {
        match user {
            Some(user) => self.users[user.0 as usize].user.shares.read_receipts,
            None => origins.iter().any(|origin| matches!(origin, Origin::Marked(_, shares) if shares.read_receipts)),
        }
    }

    pub(super) fn tell_windows(&self, user: UserIx, frame: &Bytes, out: &mut Out) {
        for window in &self.users[user.0 as usize].windows {
            out.to(window.conn, frame.clone());
        }
    }
}

impl Gathering {
    fn add(&mut self, message: NewMessage, origin: Origin, sent: Sent) {
        let reply = match &origin {
            Origin::Conn(conn, id, _) => Some((*conn, reply_frame(*id, &SentOk::from(&sent)))),
            _ => None,
        };
        let NewMessage { room, author, client_id, body, reply_to, thread, .. } = message;
        let full = Message {
            room,
            seq: sent.seq,
            rev: sent.rev,
            author,
            client_id,
            body,
            created_at: sent.created_at,
            reply_to,
            thread,
            mentions: sent.mentions.clone(),
            edited_at: None,
            deleted_at: None,
        };
        crash_at(Point::WhileEncoding);
        let (start, end) = self.frames.push_message(&full);
        self.fields.push((sent.rev, start + MESSAGE_PREFIX.len(), end));
        self.marks.push(Mark { rev: sent.rev, end: end as u32, reply });
        if let Origin::Sent(caller) = origin {
            let _ = caller.send(Ok(sent));
        }
    }
}
