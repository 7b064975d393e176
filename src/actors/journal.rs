//! Journal: the group commit. What arrives while a batch is being committed makes up the next one: no timer, no delay under
//! little load, large batches under much.

use super::{
    chat_server::{ChatServer, Committed, Origin},
    db_executor::Executor,
};
use crate::{
    db::{self, Db, append},
    domain::{Millis, NewMessage, Receipt, Refusal, RoomId, Sent, UserId},
};
use actix::prelude::*;
use hashbrown::HashMap;
use std::mem;

/// Most messages in one batch: bounds how long a commit takes, and so how long the next message waits.
const BATCH: usize = 2_000;

/// A watermark that is to rise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raise {
    /// Where.
    pub room: RoomId,
    /// Whose.
    pub user: UserId,
    /// All up to this was read.
    pub read_seq: Option<i64>,
    /// All up to this was delivered.
    pub delivered_seq: Option<i64>,
}

/// Something to store.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub enum Entry {
    /// A message.
    Append(NewMessage, Origin),
    /// A watermark.
    Mark(Raise, Origin),
}

/// What waits for one lane's next batch. Pure.
#[derive(Default, Debug)]
pub struct Pending {
    messages: Vec<(NewMessage, Origin)>,
    bytes: usize,
    marks: Vec<(Raise, Vec<Origin>)>,
    by_member: HashMap<(RoomId, UserId), usize>,
}

/// A batch with who asked for what.
#[derive(Debug)]
pub struct Batch {
    /// Goes to the store.
    pub work: append::Batch,
    /// Who sent each message.
    pub senders: Vec<Origin>,
    /// Who asked for each watermark.
    pub markers: Vec<Vec<Origin>>,
}

impl Pending {
    /// Takes an entry, unless `bound` messages or watermarks wait already.
    ///
    /// Watermarks of one member in one room are merged: only the highest counts.
    pub fn push(&mut self, entry: Entry, bound: usize) -> Result<(), Origin> {
        match entry {
            Entry::Append(_, origin) if self.messages.len() >= bound => Err(origin),
            Entry::Append(message, origin) => {
                self.bytes += message.body.len();
                self.messages.push((message, origin));
                Ok(())
            }
            Entry::Mark(raise, origin) => match self.by_member.get(&(raise.room, raise.user)) {
                Some(&at) => {
                    let (known, origins) = &mut self.marks[at];
                    known.read_seq = known.read_seq.max(raise.read_seq);
                    known.delivered_seq = known.delivered_seq.max(raise.delivered_seq);
                    origins.push(origin);
                    Ok(())
                }
                None if self.marks.len() >= bound => Err(origin),
                None => {
                    self.by_member.insert((raise.room, raise.user), self.marks.len());
                    self.marks.push((raise, vec![origin]));
                    Ok(())
                }
            },
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.marks.is_empty()
    }

    /// The next batch; what is over its size waits on.
    pub fn take(&mut self) -> Batch {
        let rest = self.messages.split_off(self.messages.len().min(BATCH));
        let (messages, senders) = mem::replace(&mut self.messages, rest).into_iter().unzip();
        let (marks, markers) = mem::take(&mut self.marks)
            .into_iter()
            .map(|(raise, origins)| {
                let Raise { room, user, read_seq, delivered_seq } = raise;
                (append::Mark { room, user, read_seq, delivered_seq }, origins)
            })
            .unzip();
        self.by_member.clear();
        Batch { work: append::Batch { messages, marks }, senders, markers }
    }
}

/// What one attempt to store a batch came to.
#[derive(Debug)]
pub struct Stored {
    /// For each message.
    pub messages: Vec<Result<Sent, Refusal>>,
    /// For each watermark; none where it had been reached before.
    pub marks: Vec<Result<Option<Receipt>, Refusal>>,
}

/// Stores a batch. Where the database refuses it as a whole, each entry is tried alone, so that a bad one harms no other. Where the
/// database itself fails the error goes up: then nothing is known of any of it.
fn store(db: &mut Db, batch: &append::Batch) -> db::Result<Stored> {
    let now = Millis::now();
    let first = match append::run(db, batch, now) {
        Ok(outcome) => return Ok(Stored { messages: outcome.messages, marks: outcome.marks }),
        Err(fault) => fault,
    };
    if batch.messages.len() + batch.marks.len() == 1 || !first.is_passing() {
        return Err(first);
    }
    log::warn!("a batch is stored one by one: {first}");
    let mut stored = Stored { messages: Vec::new(), marks: Vec::new() };
    for message in &batch.messages {
        let one = append::Batch { messages: vec![message.clone()], marks: Vec::new() };
        stored.messages.push(alone(append::run(db, &one, now), |o| o.messages));
    }
    for mark in &batch.marks {
        let one = append::Batch { messages: Vec::new(), marks: vec![*mark] };
        stored.marks.push(alone(append::run(db, &one, now), |o| o.marks));
    }
    Ok(stored)
}

fn alone<T>(result: db::Result<append::Outcome>, pick: impl FnOnce(append::Outcome) -> Vec<Result<T, Refusal>>) -> Result<T, Refusal> {
    match result {
        Ok(outcome) => pick(outcome).pop().unwrap_or_else(|| Err(Refusal::internal())),
        Err(fault) => {
            log::error!("an entry could not be stored: {fault}");
            Err(fault.refusal())
        }
    }
}

struct Lane {
    pending: Pending,
    /// A batch is being committed.
    busy: bool,
    /// A batch is about to be taken.
    scheduled: bool,
    writer: Executor,
}

/// The actor. SQLite has one lane; PostgreSQL several, each room always in the same one.
pub struct Journal {
    lanes: Vec<Lane>,
    chat: Addr<ChatServer>,
    bound: usize,
    drained: Option<tokio::sync::oneshot::Sender<()>>,
}

/// A lane's batch is done.
#[derive(Message)]
#[rtype(result = "()")]
struct Done(usize);

/// Tells when everything that was accepted is stored.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain(pub tokio::sync::oneshot::Sender<()>);

/// Which of `lanes` serves a room.
pub fn lane_of(room: &[u8; 16], lanes: usize) -> usize {
    // The last bytes of a UUIDv7 are random.
    usize::from(u16::from_be_bytes([room[14], room[15]])) % lanes.max(1)
}

impl Journal {
    /// One lane for each writer; at most `bound` messages wait in each.
    pub fn new(writers: &[Executor], chat: Addr<ChatServer>, bound: usize) -> Self {
        let lanes =
            writers.iter().map(|writer| Lane { pending: Pending::default(), busy: false, scheduled: false, writer: writer.clone() });
        Self { lanes: lanes.collect(), chat, bound, drained: None }
    }

    fn start_batch(&mut self, at: usize, ctx: &Context<Self>) {
        let lane = &mut self.lanes[at];
        lane.scheduled = false;
        if lane.busy || lane.pending.is_empty() {
            return;
        }
        lane.busy = true;
        let batch = lane.pending.take();
        let (chat, journal) = (self.chat.clone(), ctx.address());
        let Batch { work, senders, markers } = batch;
        let marks = work.marks.clone();
        lane.writer.run(
            move |db| store(db, &work).map(|stored| (work.messages, stored)),
            move |result| {
                let committed = match result {
                    Ok((messages, stored)) => Committed { messages, senders, stored, marks, markers },
                    Err(refusal) => Committed::failed(senders, marks, markers, &refusal),
                };
                // First the journal, so that the next batch is on its way while this one is told.
                journal.do_send(Done(at));
                chat.do_send(committed);
            },
        );
    }

    fn check_drained(&mut self) {
        if self.lanes.iter().all(|lane| !lane.busy && lane.pending.is_empty())
            && let Some(drained) = self.drained.take()
        {
            let _ = drained.send(());
        }
    }
}

impl Actor for Journal {
    type Context = Context<Self>;
}

impl Handler<Entry> for Journal {
    type Result = ();

    fn handle(&mut self, entry: Entry, ctx: &mut Self::Context) {
        let room = match &entry {
            Entry::Append(message, _) => message.room,
            Entry::Mark(raise, _) => raise.room,
        };
        let at = lane_of(room.as_bytes(), self.lanes.len());
        let lane = &mut self.lanes[at];
        match lane.pending.push(entry, self.bound) {
            Err(origin) => self.chat.do_send(super::chat_server::Refused(origin, Refusal::unavailable())),
            Ok(()) if !lane.busy && !lane.scheduled => {
                lane.scheduled = true;
                // After the mailbox: what came together is stored together.
                ctx.spawn(actix::fut::ready(()).map(move |(), act: &mut Self, ctx| act.start_batch(at, ctx)));
            }
            Ok(()) => {}
        }
    }
}

impl Handler<Done> for Journal {
    type Result = ();

    fn handle(&mut self, Done(at): Done, ctx: &mut Self::Context) {
        self.lanes[at].busy = false;
        self.start_batch(at, ctx);
        self.check_drained();
    }
}

impl Handler<Drain> for Journal {
    type Result = ();

    fn handle(&mut self, Drain(done): Drain, _: &mut Self::Context) {
        self.drained = Some(done);
        self.check_drained();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ClientId;

    fn message(n: u8) -> NewMessage {
        NewMessage {
            room: RoomId::from([0; 16]),
            author: UserId::from([1; 16]),
            client_id: Some(ClientId::from([n; 16])),
            body: "x".into(),
            reply_to: None,
            thread: None,
            named: Vec::new(),
            check_member: false,
        }
    }

    #[test]
    fn bounded_and_in_order() {
        let mut pending = Pending::default();
        for n in 0..3 {
            assert!(pending.push(Entry::Append(message(n), Origin::Nobody), 3).is_ok());
        }
        assert!(pending.push(Entry::Append(message(9), Origin::Nobody), 3).is_err());
        let batch = pending.take();
        let ids: Vec<u8> = batch.work.messages.iter().map(|m| m.client_id.unwrap().as_bytes()[0]).collect();
        assert_eq!(ids, [0, 1, 2]);
        assert!(pending.is_empty());
    }

    #[test]
    fn watermarks_merge() {
        let mut pending = Pending::default();
        let raise = |read_seq, delivered_seq| {
            Entry::Mark(Raise { room: RoomId::from([0; 16]), user: UserId::from([1; 16]), read_seq, delivered_seq }, Origin::Nobody)
        };
        for (read, delivered) in [(None, Some(5)), (Some(3), None), (Some(2), Some(4))] {
            assert!(pending.push(raise(read, delivered), 1).is_ok());
        }
        let batch = pending.take();
        assert_eq!(batch.work.marks.len(), 1);
        assert_eq!((batch.work.marks[0].read_seq, batch.work.marks[0].delivered_seq), (Some(3), Some(5)));
        assert_eq!(batch.markers[0].len(), 3);
    }
}
