//! Decides what becomes of a batch, from what is known; no database, no clock.

use super::{Batch, Facts, Head, Mark, Row, Stored, Watermarks, Writes};
use crate::db::{number, types::pack};
use crate::domain::{AuditEntry, ClientId, Millis, NewMessage, Receipt, Refusal, RoomId, Sent, UserId, rules};
use crate::faults::{Sabotage, number_from_memory, sabotaged};
use std::collections::HashMap;

/// What becomes of a batch.
pub(super) struct Plan<'a> {
    pub(super) messages: Vec<Result<Sent, Refusal>>,
    /// Whether it rose; those that did have their receipts in `writes`, in this order.
    pub(super) marks: Vec<Result<bool, Refusal>>,
    pub(super) writes: Writes<'a>,
}

/// Messages first, then marks, each in its order and seeing what those before it did.
pub(super) fn plan<'a>(batch: &'a Batch, facts: &Facts<'a>, now: Millis) -> Plan<'a> {
    let mut planner = Planner { facts, now, writes: Writes { now, ..Writes::default() }, fresh: HashMap::new() };
    let messages = batch.messages.iter().map(|message| planner.message(message)).collect();
    let marks = batch.marks.iter().map(|mark| planner.mark(mark)).collect();
    Plan { messages, marks, writes: planner.writes }
}

struct Planner<'a, 'f> {
    facts: &'f Facts<'a>,
    now: Millis,
    writes: Writes<'a>,
    /// What this batch stores under a sender's own id.
    fresh: HashMap<(UserId, ClientId), Stored>,
}

impl<'a> Planner<'a, '_> {
    fn message(&mut self, message: &'a NewMessage) -> Result<Sent, Refusal> {
        let number = number_from_memory(message.room.as_bytes(), || self.head(message.room).map_or(0, |head| head.last_seq));
        if let Some(before) = self.sent_before(message) {
            return repeated(message, before);
        }
        let head = self.head(message.room).ok_or_else(|| Refusal::not_found("room"))?;
        if message.check_member && !self.facts.seats.contains_key(&(message.room, message.author)) {
            return Err(rules::outsider(head.kind));
        }
        rules::may_post(head.archived_at)?;
        for (field, seq) in [("reply_to", message.reply_to), ("thread", message.thread)] {
            // Numbers have no gap: what is in range exists.
            if seq.is_some_and(|seq| !(1..=head.last_seq).contains(&seq)) {
                return Err(Refusal::invalid(field, "There is no such message in this room."));
            }
        }
        let head = number.map_or(head, |number| Head { last_seq: number - 1, rev: number - 1, ..head });
        Ok(self.store(message, head))
    }

    fn sent_before(&self, message: &NewMessage) -> Option<&Stored> {
        let key = (message.author, message.client_id?);
        self.facts.sent.get(&key).or_else(|| self.fresh.get(&key))
    }

    /// A room as the messages before have left it.
    fn head(&self, room: RoomId) -> Option<Head> {
        let head = *self.facts.rooms.get(&room)?;
        Some(match self.writes.rooms.get(&room) {
            Some(&(last_seq, rev)) => Head { last_seq, rev, ..head },
            None => head,
        })
    }

    fn store(&mut self, message: &'a NewMessage, head: Head) -> Sent {
        let NewMessage { room, author, client_id, .. } = *message;
        let client_id = client_id.filter(|_| !sabotaged(Sabotage::NoDeduplication));
        let (seq, rev, now) = (head.last_seq + 1, head.rev + 1, self.now);
        let mut mentions = Vec::new();
        for name in &message.named {
            match self.facts.named.get(&(room, name.as_str())) {
                Some(user) if !mentions.contains(user) => mentions.push(*user),
                _ => {}
            }
        }
        self.writes.rooms.insert(room, (seq, rev));
        // What one writes oneself is read.
        let read = Watermarks { read_seq: seq, read_at: now, delivered_seq: seq, delivered_at: now };
        self.writes.seats.insert((room, author), read);
        self.writes.mentions.extend(mentions.iter().filter(|user| **user != author).map(|&user| (user, room, seq)));
        self.writes.messages.push(Row {
            id: number::message(head.no, seq),
            rev,
            author,
            client_id,
            body: &message.body,
            created_at: now,
            reply_to: message.reply_to,
            thread: message.thread,
            mentions: pack(&mentions),
        });
        self.writes
            .audit
            .extend(message.audit.as_deref().map(|entry| AuditEntry { detail: Some(format!(r#"{{"seq":{seq}}}"#)), ..entry.clone() }));
        let sent = Sent { seq, rev, created_at: now, duplicate: false, mentions };
        if let Some(client_id) = client_id {
            let stored = Stored { room, body: message.body.clone(), touched: false, sent: sent.clone() };
            self.fresh.insert((author, client_id), stored);
        }
        sent
    }

    fn mark(&mut self, mark: &Mark) -> Result<bool, Refusal> {
        let &Mark { room, user, read_seq, delivered_seq } = mark;
        let head = self.head(room).ok_or_else(|| Refusal::not_found("room"))?;
        let Some(stored) = self.facts.seats.get(&(room, user)) else {
            return Err(rules::outsider(head.kind));
        };
        let before = *self.writes.seats.get(&(room, user)).unwrap_or(stored);
        if read_seq.max(delivered_seq) > Some(head.last_seq) {
            return Err(Refusal::invalid("seq", "There is no such message in this room yet."));
        }
        let after = raised(before, read_seq, delivered_seq, self.now);
        if after == before {
            return Ok(false);
        }
        self.writes.seats.insert((room, user), after);
        let Watermarks { read_seq, delivered_seq, .. } = after;
        self.writes.receipts.push(Receipt { room, user, read_seq, delivered_seq, mentions: 0 });
        Ok(true)
    }
}

/// The answer to a message that was sent before under the same id.
fn repeated(message: &NewMessage, before: &Stored) -> Result<Sent, Refusal> {
    if before.room == message.room && (before.touched || before.body == message.body) {
        Ok(Sent { duplicate: true, ..before.sent.clone() })
    } else {
        Err(Refusal::conflict("This client_id was used for another message."))
    }
}

/// Watermarks only rise; what was read was delivered.
fn raised(before: Watermarks, read: Option<i64>, delivered: Option<i64>, now: Millis) -> Watermarks {
    let mut after = before;
    if let Some(seq) = read.filter(|seq| *seq > before.read_seq) {
        (after.read_seq, after.read_at) = (seq, now);
    }
    if let Some(seq) = read.max(delivered).filter(|seq| *seq > before.delivered_seq) {
        (after.delivered_seq, after.delivered_at) = (seq, now);
    }
    after
}
