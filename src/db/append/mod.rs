//! The log of every room: how messages and watermarks get into the database, many at once.
//!
//! Three steps in one transaction: what must be known is read, with the rooms locked; `plan` decides, without a database; what it
//! decided is written. A room's `seq` and `rev` come from its row in that transaction, never from memory.

#[cfg(test)]
pub(crate) mod memory;
mod plan;
pub(super) mod postgres;
pub(super) mod sqlite;

use super::{Db, Result, audit, connection, dialect, transaction};
use crate::domain::{AuditEntry, ClientId, Millis, NewMessage, Receipt, Refusal, RoomId, RoomKind, Sent, UserId};
use crate::faults::{Point, Sabotage, crash_at, sabotaged};
use plan::{Plan, plan};
use std::collections::{BTreeMap, HashMap};

/// A watermark to be raised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Where.
    pub room: RoomId,
    /// Whose.
    pub user: UserId,
    /// All up to this was read; so it was delivered too.
    pub read_seq: Option<i64>,
    /// All up to this was delivered.
    pub delivered_seq: Option<i64>,
}

/// What is to be stored in one transaction: the messages in this order, then the marks.
#[derive(Clone, Default, Debug)]
pub struct Batch {
    /// On their way into the log.
    pub messages: Vec<NewMessage>,
    /// After them.
    pub marks: Vec<Mark>,
}

/// What became of each part of a batch, in its order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// A refused message used no number.
    pub messages: Vec<std::result::Result<Sent, Refusal>>,
    /// None where nothing rose.
    pub marks: Vec<std::result::Result<Option<Receipt>, Refusal>>,
}

/// Stores a batch: all that is not refused, or nothing. A refusal of one part does not touch the others.
///
/// On [`super::Fault::Failed`] the outcome is unknown; the parts can be run again, together or one by one: a message with a `client_id` is
/// stored once.
pub fn run(db: &mut Db, batch: &Batch, now: Millis) -> Result<Outcome> {
    crash_at(Point::BeforeBegin);
    if sabotaged(Sabotage::ReplyBeforeCommit) || sabotaged(Sabotage::PublishBeforeCommit) {
        return run_and_commit_the_one_before(db, batch, now);
    }
    let first = transaction(db, |db| run_once(db, batch, now));
    match first {
        // Another node stored one of these messages in another room between our look and our insert: now it is seen.
        Err(fault) if fault.is_passing() => transaction(db, |db| run_once(db, batch, now)),
        outcome => outcome,
    }
}

fn run_once(db: &mut Db, batch: &Batch, now: Millis) -> Result<Outcome> {
    let wanted = Wanted::of(batch);
    let facts = dialect::append_facts(db, &wanted)?;
    let Plan { messages, marks, mut writes } = plan(batch, &facts, now);
    let receipts = dialect::append_write(db, &writes)?;
    for entry in writes.audit.drain(..) {
        audit::record(db, entry)?;
    }
    crash_at(Point::AfterInsert);
    let mut receipts = receipts.into_iter();
    let marks = marks.into_iter().map(|mark| mark.map(|rose| if rose { receipts.next() } else { None })).collect();
    Ok(Outcome { messages, marks })
}

/// Sabotage: a batch stays open until the next one comes.
fn run_and_commit_the_one_before(db: &mut Db, batch: &Batch, now: Millis) -> Result<Outcome> {
    if connection::is_in_transaction(db) {
        connection::commit(db)?;
    }
    dialect::begin(db)?;
    run_once(db, batch, now)
}

/// What must be known to decide about a batch. Sorted, so that concurrent batches lock in one order.
#[derive(Default, Debug)]
pub(super) struct Wanted<'a> {
    rooms: Vec<RoomId>,
    seats: Vec<(RoomId, UserId)>,
    sent: Vec<(UserId, ClientId)>,
    named: Vec<(RoomId, &'a str)>,
}

impl<'a> Wanted<'a> {
    fn of(batch: &'a Batch) -> Self {
        let mut wanted = Self::default();
        for message in &batch.messages {
            wanted.rooms.push(message.room);
            if message.check_member {
                wanted.seats.push((message.room, message.author));
            }
            wanted.sent.extend(message.client_id.map(|id| (message.author, id)));
            wanted.named.extend(message.named.iter().map(|name| (message.room, name.as_str())));
        }
        for mark in &batch.marks {
            wanted.rooms.push(mark.room);
            wanted.seats.push((mark.room, mark.user));
        }
        once(&mut wanted.rooms);
        once(&mut wanted.seats);
        once(&mut wanted.sent);
        once(&mut wanted.named);
        wanted
    }
}

fn once<T: Ord>(items: &mut Vec<T>) {
    items.sort_unstable();
    items.dedup();
}

/// What is known about a batch, in its transaction.
#[derive(Default, Debug)]
pub(super) struct Facts<'a> {
    rooms: HashMap<RoomId, Head>,
    seats: HashMap<(RoomId, UserId), Watermarks>,
    sent: HashMap<(UserId, ClientId), Stored>,
    named: HashMap<(RoomId, &'a str), UserId>,
}

/// A room that is not deleted.
#[derive(Clone, Copy, Debug)]
struct Head {
    no: i64,
    kind: RoomKind,
    last_seq: i64,
    rev: i64,
    archived_at: Option<Millis>,
}

/// A member's watermarks, and when each last rose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Watermarks {
    read_seq: i64,
    read_at: Millis,
    delivered_seq: i64,
    delivered_at: Millis,
}

/// A message that was stored earlier.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Stored {
    room: RoomId,
    body: String,
    /// It was edited or deleted since, so its body says nothing about what was sent.
    touched: bool,
    sent: Sent,
}

/// What a plan writes.
#[derive(Default, Debug)]
pub(super) struct Writes<'a> {
    messages: Vec<Row<'a>>,
    /// When the messages are stored.
    now: Millis,
    /// The rooms' last numbers after it.
    rooms: BTreeMap<RoomId, (i64, i64)>,
    seats: BTreeMap<(RoomId, UserId), Watermarks>,
    mentions: Vec<(UserId, RoomId, i64)>,
    audit: Vec<AuditEntry>,
    /// Who gets a receipt, with what it says; the count of unread mentions is added after the writing.
    receipts: Vec<Receipt>,
}

/// A row of `messages`.
#[derive(Debug)]
struct Row<'a> {
    id: i64,
    rev: i64,
    author: UserId,
    client_id: Option<ClientId>,
    body: &'a str,
    created_at: Millis,
    reply_to: Option<i64>,
    thread: Option<i64>,
    mentions: Option<Vec<u8>>,
}
