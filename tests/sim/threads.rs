//! A writer's thread: one job at a time, each in two steps, between which the power may fail.

use super::{
    book::Book,
    node::{Fates, Letter, Node, Part, Then},
    store::{Fate, Store},
};
use crate::{
    actors::{
        chat_server::{Committed, Origin},
        courier::ConnId,
        journal::{Stored, store},
    },
    db::append::{self, Batch},
    domain::{Change, Millis, Refusal, Room, RoomId, UserId},
    protocol::error_frame,
};
use std::collections::VecDeque;

/// A job.
pub enum Write {
    Batch(Batch),
    Join {
        conn: ConnId,
        id: i64,
        user: UserId,
        room: RoomId,
    },
    Leave {
        conn: ConnId,
        id: i64,
        user: UserId,
        room: RoomId,
    },
    Saw(Vec<(UserId, Millis)>),
    /// How far has the room come?
    Settle(RoomId),
}

/// A transaction that was written and not yet synced: its place in the store's log, and what it comes to.
enum UnderWay {
    Batch { batch: Batch, at: usize, outcome: append::Outcome },
    Join { conn: ConnId, id: i64, at: usize, room: Room, changes: Vec<Change> },
    Leave { conn: ConnId, id: i64, at: usize, room: RoomId, changes: Vec<Change> },
    Saw { at: usize, users: Vec<UserId> },
}

#[derive(Default)]
pub struct Writer {
    pub queue: VecDeque<Write>,
    under_way: Option<UnderWay>,
}

impl Writer {
    pub fn is_quiet(&self) -> bool {
        self.queue.is_empty() && self.under_way.is_none()
    }

    /// A transaction is on its way to the disk.
    pub fn is_committing(&self) -> bool {
        self.under_way.is_some()
    }

    /// A transaction with messages is.
    pub fn is_storing(&self) -> bool {
        matches!(self.under_way, Some(UnderWay::Batch { .. }))
    }
}

impl Node {
    /// A writer takes its next job and writes, up to the commit.
    pub fn begin(&mut self, lane: usize, db: &mut Store, now: Millis, book: &mut Book) {
        let Some(job) = self.writers[lane].queue.pop_front() else { return };
        let under_way = match job {
            Write::Batch(batch) => {
                let (outcome, at) = db.decide(&batch, now);
                self.hurry(lane, &batch, &outcome);
                book.step(format_args!("writer {lane} writes {} messages: {outcome:?}", batch.messages.len()));
                UnderWay::Batch { batch, at, outcome }
            }
            Write::Join { conn, id, user, room } => match db.join(user, room, now) {
                Ok((room, changes, writes)) => {
                    let at = db.write(writes);
                    book.step(format_args!("writer {lane} lets {user} into {}", room.id));
                    UnderWay::Join { conn, id, at, room, changes }
                }
                Err(refusal) => {
                    self.send(Part::Writer(lane), Part::Chat, Letter::Joined { conn, id, result: Err(refusal) });
                    return book.step(format_args!("writer {lane} refuses {user} in {room}"));
                }
            },
            Write::Leave { conn, id, user, room } => match db.leave(user, room) {
                Ok((changes, writes)) => {
                    let at = db.write(writes);
                    book.step(format_args!("writer {lane} lets {user} out of {room}"));
                    UnderWay::Leave { conn, id, at, room, changes }
                }
                Err(refusal) => {
                    self.answer(conn, error_frame(Some(id), &refusal));
                    return book.step(format_args!("writer {lane} refuses to let {user} out of {room}"));
                }
            },
            Write::Settle(room) => {
                let head = db.tables.rooms.get(&room).cloned();
                book.step(format_args!("writer {lane} finds {head:?}"));
                return self.send(Part::Writer(lane), Part::Chat, Letter::Settled(vec![room], Ok(head.into_iter().collect())));
            }
            Write::Saw(users) => {
                let at = db.write(users.iter().map(|(user, seen)| append::memory::Write::Seen(*user, *seen)).collect());
                book.step(format_args!("writer {lane} writes who was seen"));
                UnderWay::Saw { at, users: users.into_iter().map(|(user, _)| user).collect() }
            }
        };
        self.writers[lane].under_way = Some(under_way);
    }

    /// Sabotage: what is told before it is true.
    fn hurry(&mut self, lane: usize, batch: &Batch, outcome: &append::Outcome) {
        if self.faulty.publish_before_commit {
            let senders = batch.messages.iter().map(|_| Origin::Nobody).collect();
            let stored = Stored { messages: outcome.messages.clone(), marks: Vec::new() };
            let messages = batch.messages.clone();
            let early = Committed { messages, senders, stored, marks: Vec::new(), markers: Vec::new() };
            self.send(Part::Writer(lane), Part::Chat, Letter::Committed(early));
        }
    }

    /// The writer hears how its commit ended, and tells.
    pub fn end_commit(&mut self, lane: usize, db: &mut Store, now: Millis, fates: Fates<'_>, book: &mut Book) -> Result<(), String> {
        let Some(under_way) = self.writers[lane].under_way.take() else { return Ok(()) };
        let fate = fates();
        book.step(format_args!("writer {lane} ends: {fate:?}"));
        match under_way {
            UnderWay::Batch { batch, at, outcome } => self.end_batch(lane, db, now, (batch, at, outcome), fate, fates)?,
            UnderWay::Join { conn, id, at, room, changes } => {
                let letter = match db.end(at, plain(fate))? {
                    Ok(()) if changes.is_empty() => Letter::Joined { conn, id, result: Ok(room) },
                    Ok(()) => Letter::Apply(changes, Then::Joined(conn, id, room)),
                    Err(fault) => Letter::Joined { conn, id, result: Err(fault.refusal()) },
                };
                self.send(Part::Writer(lane), Part::Chat, letter);
            }
            UnderWay::Leave { conn, id, at, room, changes } => match db.end(at, plain(fate))? {
                Ok(()) => self.send(Part::Writer(lane), Part::Chat, Letter::Apply(changes, Then::Left(conn, id, room))),
                Err(fault) => self.answer(conn, error_frame(Some(id), &fault.refusal())),
            },
            UnderWay::Saw { at, users } => {
                // A failure is in the log; that they are gone is told all the same.
                let _ = db.end(at, plain(fate))?;
                self.send(Part::Writer(lane), Part::Chat, Letter::Saw(users));
            }
        }
        Ok(())
    }

    fn end_batch(
        &mut self,
        lane: usize,
        db: &mut Store,
        now: Millis,
        (batch, at, outcome): (Batch, usize, append::Outcome),
        fate: Fate,
        fates: Fates<'_>,
    ) -> Result<(), String> {
        let mut broken = Ok(());
        let mut first = Some(db.end(at, fate)?.map(|()| outcome));
        let stored = store(&batch, |one| match first.take() {
            Some(result) => result,
            None => db.run(one, now, plain(fates())).unwrap_or_else(|why| {
                broken = Err(why);
                Err(Refusal::internal().into())
            }),
        });
        broken?;
        let Batch { messages, marks } = batch;
        let mut rooms: Vec<RoomId> = messages.iter().map(|message| message.room).collect();
        rooms.dedup();
        let result = stored.map(|stored| (messages, stored)).map_err(|fault| fault.refusal());
        self.send(Part::Writer(lane), Part::Journal, Letter::Done { lane, result, marks, rooms });
        Ok(())
    }
}

/// Where nothing is tried again, nothing was in the way; and nothing yet makes up for a change of members that took place without an answer.
fn plain(fate: Fate) -> Fate {
    if fate == Fate::Stored { fate } else { Fate::Lost }
}
