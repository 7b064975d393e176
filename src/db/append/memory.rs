//! The log in memory, for the simulator: the third store beside SQLite's and PostgreSQL's. It decides with the real plan, and keeps apart
//! what a transaction decided and that it took place.

use super::{Batch, Facts, Head, Outcome, Plan, Stored, Wanted, Watermarks, Writes, plan::plan};
use crate::{
    db::{number, types::unpack},
    domain::{ClientId, Membership, Message, Millis, Receipt, RoomHead, RoomId, Sent, User, UserId},
};
use std::collections::{BTreeMap, BTreeSet};

/// What is stored.
#[derive(Clone, Default, Debug)]
pub(crate) struct Tables {
    pub(crate) users: BTreeMap<UserId, User>,
    pub(crate) rooms: BTreeMap<RoomId, RoomHead>,
    pub(crate) seats: BTreeMap<(RoomId, UserId), Membership>,
    pub(crate) messages: BTreeMap<(RoomId, i64), Message>,
    pub(crate) sent: BTreeMap<(UserId, ClientId), (RoomId, i64)>,
    pub(crate) mentions: BTreeSet<(UserId, RoomId, i64)>,
}

/// One change of a transaction.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    Message(Message),
    Head { room: RoomId, last_seq: i64, rev: i64 },
    Marks { room: RoomId, user: UserId, read_seq: i64, delivered_seq: i64 },
    Mention(UserId, RoomId, i64),
    Seat(RoomId, UserId, Membership),
    Unseat(RoomId, UserId),
    Seen(UserId, Millis),
}

/// How a store is spoilt on purpose, to see that it is noticed.
#[derive(Default, Debug)]
pub(crate) struct Spoil {
    /// It does not look whether a message was stored before.
    pub(crate) forget_sent: bool,
    /// It takes a room's numbers from here where it finds them, and not from the room.
    pub(crate) heads: Option<BTreeMap<RoomId, (i64, i64)>>,
}

impl Tables {
    /// What becomes of a batch, and what is written where its transaction commits.
    pub(crate) fn decide(&self, batch: &Batch, now: Millis, spoil: &mut Spoil) -> (Outcome, Vec<Write>) {
        let wanted = Wanted::of(batch);
        let facts = self.facts(&wanted, spoil);
        let Plan { messages, marks, writes } = plan(batch, &facts, now);
        if let Some(heads) = &mut spoil.heads {
            heads.extend(&writes.rooms);
        }
        let mut receipts = writes.receipts.iter().map(|receipt| self.counted(receipt, &writes));
        let marks = marks.into_iter().map(|mark| mark.map(|rose| if rose { receipts.next() } else { None })).collect();
        (Outcome { messages, marks }, self.writes(&writes))
    }

    fn facts<'a>(&self, wanted: &Wanted<'a>, spoil: &Spoil) -> Facts<'a> {
        let mut facts = Facts::default();
        for (no, (id, head)) in (1..).zip(&self.rooms) {
            if wanted.rooms.contains(id) {
                let known = spoil.heads.as_ref().and_then(|heads| heads.get(id).copied());
                let (last_seq, rev) = known.unwrap_or((head.last_seq, head.rev));
                facts.rooms.insert(*id, Head { no, kind: head.kind, last_seq, rev, archived_at: head.archived_at });
            }
        }
        for seat in &wanted.seats {
            if let Some(&Membership { read_seq, delivered_seq, .. }) = self.seats.get(seat) {
                let marks = Watermarks { read_seq, read_at: Millis(0), delivered_seq, delivered_at: Millis(0) };
                facts.seats.insert(*seat, marks);
            }
        }
        for key in wanted.sent.iter().filter(|_| !spoil.forget_sent) {
            facts.sent.extend(self.sent.get(key).map(|at| (*key, stored(&self.messages[at]))));
        }
        for &(room, name) in &wanted.named {
            let named = self.users.values().find(|user| user.username == name && self.seats.contains_key(&(room, user.id)));
            facts.named.extend(named.map(|user| ((room, name), user.id)));
        }
        facts
    }

    fn counted(&self, receipt: &Receipt, writes: &Writes<'_>) -> Receipt {
        let Receipt { room, user, read_seq, .. } = *receipt;
        let fresh = writes.mentions.iter().filter(|(named, at, seq)| (*named, *at) == (user, room) && *seq > read_seq);
        Receipt { mentions: self.unread_mentions(user, room, read_seq) + fresh.count() as i64, ..*receipt }
    }

    /// How many messages after this one name somebody.
    pub(crate) fn unread_mentions(&self, user: UserId, room: RoomId, read_seq: i64) -> i64 {
        self.mentions.range((user, room, read_seq + 1)..=(user, room, i64::MAX)).count() as i64
    }

    fn writes(&self, writes: &Writes<'_>) -> Vec<Write> {
        let messages = writes.messages.iter().map(|row| {
            let of = |no: i64| number::message(no, number::seq(row.id)) == row.id;
            let (_, room) = (1..).zip(self.rooms.keys()).find(|(no, _)| of(*no)).expect("the row is of a room");
            Write::Message(Message {
                room: *room,
                seq: number::seq(row.id),
                rev: row.rev,
                author: row.author,
                client_id: row.client_id,
                body: row.body.to_owned(),
                created_at: row.created_at,
                reply_to: row.reply_to,
                thread: row.thread,
                mentions: unpack(row.mentions.as_deref()),
                edited_at: None,
                deleted_at: None,
            })
        });
        let heads = writes.rooms.iter().map(|(&room, &(last_seq, rev))| Write::Head { room, last_seq, rev });
        let seats = writes.seats.iter().map(|(&(room, user), &Watermarks { read_seq, delivered_seq, .. })| Write::Marks {
            room,
            user,
            read_seq,
            delivered_seq,
        });
        let mentions = writes.mentions.iter().map(|&(user, room, seq)| Write::Mention(user, room, seq));
        messages.chain(heads).chain(seats).chain(mentions).collect()
    }

    /// A transaction took place. An error names the promise that it broke.
    pub(crate) fn apply(&mut self, writes: &[Write]) -> Result<(), String> {
        writes.iter().try_for_each(|write| self.write(write))
    }

    fn write(&mut self, write: &Write) -> Result<(), String> {
        match write {
            Write::Message(message) => {
                let &Message { room, seq, rev, .. } = message;
                let last = self.messages.range((room, 0)..=(room, i64::MAX)).next_back().map_or((0, 0), |(_, last)| (last.seq, last.rev));
                if (seq, rev) != (last.0 + 1, last.1 + 1) {
                    return Err(format!("seq {seq} rev {rev} was stored after {last:?} in {room}"));
                }
                if let Some(client_id) = message.client_id {
                    self.sent.insert((message.author, client_id), (room, seq));
                }
                self.messages.insert((room, seq), message.clone());
                self.rooms.get_mut(&room).ok_or("a message in no room")?.last_at = Some(message.created_at);
            }
            &Write::Head { room, last_seq, rev } => {
                let head = self.rooms.get_mut(&room).ok_or("a head of no room")?;
                (head.last_seq, head.rev) = (last_seq, rev);
            }
            &Write::Marks { room, user, read_seq, delivered_seq } => {
                let head = self.rooms[&room].last_seq;
                // Who left meanwhile has none.
                let Some(seat) = self.seats.get_mut(&(room, user)) else { return Ok(()) };
                if read_seq < seat.read_seq || delivered_seq < seat.delivered_seq || read_seq > delivered_seq || delivered_seq > head {
                    return Err(format!("watermarks {read_seq}, {delivered_seq} after {seat:?} in a room with {head} messages"));
                }
                (seat.read_seq, seat.delivered_seq) = (read_seq, delivered_seq);
            }
            &Write::Mention(user, room, seq) => drop(self.mentions.insert((user, room, seq))),
            &Write::Seat(room, user, seat) => {
                self.seats.insert((room, user), seat);
                self.rooms.get_mut(&room).ok_or("a seat in no room")?.members += 1;
            }
            &Write::Unseat(room, user) => {
                self.seats.remove(&(room, user));
                self.rooms.get_mut(&room).ok_or("a seat in no room")?.members -= 1;
            }
            Write::Seen(user, at) => self.users.get_mut(user).ok_or("no such user")?.last_seen = Some(*at),
        }
        Ok(())
    }
}

fn stored(message: &Message) -> Stored {
    let &Message { room, seq, rev, created_at, .. } = message;
    let sent = Sent { seq, rev, created_at, duplicate: true, mentions: message.mentions.clone() };
    Stored { room, body: message.body.clone(), touched: false, sent }
}
