//! What the Journal decides: what waits in which lane, and when a lane's next batch goes. Pure: no actor, no database, no clock.

use crate::{
    actors::chat_server::Origin,
    db::{self, append},
    domain::{NewMessage, Receipt, Refusal, RoomId, Sent, UserId},
};
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
#[derive(Debug)]
pub enum Entry {
    /// A message.
    Append(NewMessage, Origin),
    /// A watermark.
    Mark(Raise, Origin),
}

impl Entry {
    fn room(&self) -> RoomId {
        match self {
            Self::Append(message, _) => message.room,
            Self::Mark(raise, _) => raise.room,
        }
    }
}

/// What waits for one lane's next batch.
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

/// Stores a batch with `run`. Where the database refuses it as a whole, each entry is tried alone, so that a bad one harms no other. Where
/// the database itself fails the error goes up: then nothing is known of any of it.
pub fn store(batch: &append::Batch, mut run: impl FnMut(&append::Batch) -> db::Result<append::Outcome>) -> db::Result<Stored> {
    let first = match run(batch) {
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
        stored.messages.push(alone(run(&one), |o| o.messages));
    }
    for mark in &batch.marks {
        let one = append::Batch { messages: Vec::new(), marks: vec![*mark] };
        stored.marks.push(alone(run(&one), |o| o.marks));
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

/// What a lane does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Idle,
    /// A batch is about to be taken.
    Called,
    /// A batch is being committed.
    Busy,
}

#[derive(Debug)]
struct Lane {
    pending: Pending,
    phase: Phase,
}

/// Which lane does what, and what waits. SQLite has one lane; PostgreSQL several, each room always in the same one.
#[derive(Debug)]
pub struct Lanes {
    lanes: Vec<Lane>,
    bound: usize,
}

/// Which of `lanes` serves a room.
pub fn lane_of(room: &[u8; 16], lanes: usize) -> usize {
    // The last bytes of a UUIDv7 are random.
    usize::from(u16::from_be_bytes([room[14], room[15]])) % lanes.max(1)
}

impl Lanes {
    /// So many, in each of which at most `bound` messages wait.
    pub fn new(lanes: usize, bound: usize) -> Self {
        let lane = || Lane { pending: Pending::default(), phase: Phase::Idle };
        Self { lanes: (0..lanes).map(|_| lane()).collect(), bound }
    }

    /// Takes an entry. Names the lane whose batch is to be started when all is here that came together; none where that is under way.
    pub fn push(&mut self, entry: Entry) -> Result<Option<usize>, Origin> {
        let at = lane_of(entry.room().as_bytes(), self.lanes.len());
        let lane = &mut self.lanes[at];
        lane.pending.push(entry, self.bound)?;
        if lane.phase != Phase::Idle {
            return Ok(None);
        }
        lane.phase = Phase::Called;
        Ok(Some(at))
    }

    /// A lane's next batch, where [`Lanes::push`] called for it.
    pub fn start(&mut self, at: usize) -> Option<Batch> {
        let lane = &mut self.lanes[at];
        if lane.phase == Phase::Busy {
            return None;
        }
        lane.phase = if lane.pending.is_empty() { Phase::Idle } else { Phase::Busy };
        (lane.phase == Phase::Busy).then(|| lane.pending.take())
    }

    /// A lane's batch is done: what gathered meanwhile is the next one.
    pub fn done(&mut self, at: usize) -> Option<Batch> {
        self.lanes[at].phase = Phase::Idle;
        self.start(at)
    }

    /// Whether everything that was taken is stored.
    pub fn is_idle(&self) -> bool {
        self.lanes.iter().all(|lane| lane.phase != Phase::Busy && lane.pending.is_empty())
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
            audit: None,
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

    #[test]
    fn one_batch_at_a_time_in_each_lane() {
        let mut lanes = Lanes::new(2, 10);
        let to = |room: u8, n: u8| Entry::Append(NewMessage { room: RoomId::from([room; 16]), ..message(n) }, Origin::Nobody);
        let ids =
            |batch: Option<Batch>| batch.map(|b| b.work.messages.iter().map(|m| m.client_id.unwrap().as_bytes()[0]).collect::<Vec<_>>());
        assert_eq!(lanes.push(to(0, 1)).unwrap(), Some(0));
        assert_eq!(lanes.push(to(0, 2)).unwrap(), None, "it was called for already");
        assert_eq!(lanes.push(to(1, 3)).unwrap(), Some(1), "another room, another lane");
        assert_eq!(ids(lanes.start(0)), Some(vec![1, 2]));
        assert_eq!(lanes.push(to(0, 4)).unwrap(), None);
        assert_eq!(ids(lanes.start(0)), None, "one is under way");
        assert_eq!(ids(lanes.start(1)), Some(vec![3]));
        assert_eq!(ids(lanes.done(0)), Some(vec![4]));
        assert!(lanes.done(1).is_none() && !lanes.is_idle());
        assert!(lanes.done(0).is_none() && lanes.is_idle());
        assert_eq!(lanes.push(to(1, 5)).unwrap(), Some(1));
    }
}
