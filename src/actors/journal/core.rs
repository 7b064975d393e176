//! What the Journal decides: what waits in which lane, and when a lane's next batch goes. Pure: no actor, no database, no clock.

use crate::{
    actors::chat_server::Origin,
    db::{self, append},
    domain::{NewMessage, Receipt, Refusal, RoomId, Sent, UserId},
};
use hashbrown::HashMap;
use std::{collections::VecDeque, mem};

/// Most messages in one batch: bounds how long a commit takes, and so how long the next message waits.
const BATCH: usize = 2_000;
/// Most bytes of messages that wait in a lane.
const BYTES: usize = 16 * 1024 * 1024;

// Times are counted in calls of [`Lanes::tick`], of which the actor makes four a second.

/// So long has the first one waited when the next are refused at the door: they would hardly get their turn in time.
const CROWDED: u32 = 4;
/// So long waits whoever is then told to try again.
const WAITED: u32 = 6;
/// So long waits, all in all, who is in a batch that does not end: what becomes of it is unknown.
const UNKNOWN: u32 = 18;

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
    /// With the tick at which each came.
    messages: VecDeque<(NewMessage, Origin, u32)>,
    bytes: usize,
    marks: Vec<(Raise, Vec<Origin>, u32)>,
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
    /// The tick at which the first of them came.
    pub since: u32,
}

impl Pending {
    /// Takes an entry at this tick, unless `bound` messages or watermarks wait already.
    ///
    /// Watermarks of one member in one room are merged: only the highest counts.
    pub fn push(&mut self, entry: Entry, bound: usize, now: u32) -> Result<(), Origin> {
        match entry {
            Entry::Append(_, origin) if self.messages.len() >= bound || self.bytes >= BYTES => Err(origin),
            Entry::Append(message, origin) => {
                self.bytes += message.body.len();
                self.messages.push_back((message, origin, now));
                Ok(())
            }
            Entry::Mark(raise, origin) => match self.by_member.get(&(raise.room, raise.user)) {
                Some(&at) => {
                    let (known, origins, _) = &mut self.marks[at];
                    known.read_seq = known.read_seq.max(raise.read_seq);
                    known.delivered_seq = known.delivered_seq.max(raise.delivered_seq);
                    origins.push(origin);
                    Ok(())
                }
                None if self.marks.len() >= bound => Err(origin),
                None => {
                    self.by_member.insert((raise.room, raise.user), self.marks.len());
                    self.marks.push((raise, vec![origin], now));
                    Ok(())
                }
            },
        }
    }

    /// How many messages wait.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.marks.is_empty()
    }

    /// The tick at which the first of those who wait came.
    fn since(&self) -> Option<u32> {
        let message = self.messages.front().map(|(.., tick)| *tick);
        let mark = self.marks.first().map(|(.., tick)| *tick);
        message.into_iter().chain(mark).min()
    }

    /// The next batch; what is over its size waits on.
    pub fn take(&mut self) -> Batch {
        let since = self.since().unwrap_or_default();
        let count = self.messages.len().min(BATCH);
        let (messages, senders): (Vec<_>, Vec<_>) = self.messages.drain(..count).map(|(message, origin, _)| (message, origin)).unzip();
        self.bytes -= messages.iter().map(|message| message.body.len()).sum::<usize>();
        let (marks, markers) = mem::take(&mut self.marks)
            .into_iter()
            .map(|(raise, origins, _)| {
                let Raise { room, user, read_seq, delivered_seq } = raise;
                (append::Mark { room, user, read_seq, delivered_seq }, origins)
            })
            .unzip();
        self.by_member.clear();
        Batch { work: append::Batch { messages, marks }, senders, markers, since }
    }

    /// Takes out who has waited since `since` or longer.
    fn give_up(&mut self, since: u32, out: &mut Vec<Origin>) {
        let late = self.messages.iter().take_while(|(.., tick)| *tick <= since).count();
        for (message, origin, _) in self.messages.drain(..late) {
            self.bytes -= message.body.len();
            out.push(origin);
        }
        let late = self.marks.iter().take_while(|(.., tick)| *tick <= since).count();
        if late > 0 {
            out.extend(self.marks.drain(..late).flat_map(|(_, origins, _)| origins));
            self.by_member = self.marks.iter().enumerate().map(|(at, (raise, ..))| ((raise.room, raise.user), at)).collect();
        }
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
#[derive(Debug)]
enum Phase {
    Idle,
    /// A batch is about to be taken.
    Called,
    /// A batch is being committed.
    Busy(UnderWay),
}

/// Who waits for a batch that is being committed.
#[derive(Debug)]
struct UnderWay {
    senders: Vec<Origin>,
    markers: Vec<Vec<Origin>>,
    since: u32,
}

#[derive(Debug)]
struct Lane {
    pending: Pending,
    phase: Phase,
}

/// Which lane does what, what waits, and for how long. SQLite has one lane; PostgreSQL several, each room always in the same one.
#[derive(Debug)]
pub struct Lanes {
    lanes: Vec<Lane>,
    bound: usize,
    now: u32,
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
        Self { lanes: (0..lanes).map(|_| lane()).collect(), bound, now: 0 }
    }

    /// Takes an entry. Names the lane whose batch is to be started when all is here that came together; none where that is under way.
    pub fn push(&mut self, entry: Entry) -> Result<Option<usize>, Origin> {
        let at = lane_of(entry.room().as_bytes(), self.lanes.len());
        let lane = &mut self.lanes[at];
        let crowded = lane.pending.since().is_some_and(|since| self.now - since >= CROWDED);
        lane.pending.push(entry, if crowded { 0 } else { self.bound }, self.now)?;
        if !matches!(lane.phase, Phase::Idle) {
            return Ok(None);
        }
        lane.phase = Phase::Called;
        Ok(Some(at))
    }

    /// A lane's next batch, where [`Lanes::push`] called for it. Who waits for it stays here.
    pub fn start(&mut self, at: usize) -> Option<append::Batch> {
        let lane = &mut self.lanes[at];
        if matches!(lane.phase, Phase::Busy(_)) {
            return None;
        }
        if lane.pending.is_empty() {
            lane.phase = Phase::Idle;
            return None;
        }
        let Batch { work, senders, markers, since } = lane.pending.take();
        lane.phase = Phase::Busy(UnderWay { senders, markers, since });
        Some(work)
    }

    /// A lane's batch is done: who waits for it, and the next one, of what gathered meanwhile.
    pub fn done(&mut self, at: usize) -> (Vec<Origin>, Vec<Vec<Origin>>, Option<append::Batch>) {
        let (senders, markers) = match mem::replace(&mut self.lanes[at].phase, Phase::Idle) {
            Phase::Busy(UnderWay { senders, markers, .. }) => (senders, markers),
            Phase::Idle | Phase::Called => (Vec::new(), Vec::new()),
        };
        (senders, markers, self.start(at))
    }

    /// Time passes. Gives those whom nobody may let wait any longer: they are to be told to try again. What they asked for may be in a
    /// batch under way, and become true.
    pub fn tick(&mut self) -> Vec<Origin> {
        self.now += 1;
        let mut late = Vec::new();
        for lane in &mut self.lanes {
            if let Some(since) = self.now.checked_sub(WAITED) {
                lane.pending.give_up(since, &mut late);
            }
            if let Phase::Busy(batch) = &mut lane.phase
                && self.now - batch.since >= UNKNOWN
            {
                let origins = batch.senders.iter_mut().chain(batch.markers.iter_mut().flatten());
                late.extend(origins.map(|origin| mem::replace(origin, Origin::Nobody)));
            }
        }
        late.retain(|origin| !matches!(origin, Origin::Nobody));
        late
    }

    /// How many messages wait in the fullest lane.
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.pending.len()).max().unwrap_or(0)
    }

    /// Whether everything that was taken is stored.
    pub fn is_idle(&self) -> bool {
        self.lanes.iter().all(|lane| !matches!(lane.phase, Phase::Busy(_)) && lane.pending.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        actors::{chat_server::Reply, courier::ConnId},
        domain::ClientId,
    };

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
            assert!(pending.push(Entry::Append(message(n), Origin::Nobody), 3, 0).is_ok());
        }
        assert!(pending.push(Entry::Append(message(9), Origin::Nobody), 3, 0).is_err());
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
            assert!(pending.push(raise(read, delivered), 1, 0).is_ok());
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
            |batch: Option<append::Batch>| batch.map(|b| b.messages.iter().map(|m| m.client_id.unwrap().as_bytes()[0]).collect::<Vec<_>>());
        assert_eq!(lanes.push(to(0, 1)).unwrap(), Some(0));
        assert_eq!(lanes.push(to(0, 2)).unwrap(), None, "it was called for already");
        assert_eq!(lanes.push(to(1, 3)).unwrap(), Some(1), "another room, another lane");
        assert_eq!(ids(lanes.start(0)), Some(vec![1, 2]));
        assert_eq!(lanes.push(to(0, 4)).unwrap(), None);
        assert_eq!(ids(lanes.start(0)), None, "one is under way");
        assert_eq!(ids(lanes.start(1)), Some(vec![3]));
        assert_eq!(ids(lanes.done(0).2), Some(vec![4]));
        assert!(lanes.done(1).2.is_none() && !lanes.is_idle());
        assert!(lanes.done(0).2.is_none() && lanes.is_idle());
        assert_eq!(lanes.push(to(1, 5)).unwrap(), Some(1));
    }
    fn asked(n: u8) -> (Entry, i64) {
        let conn = ConnId { worker: 0, place: 0, turn: 0 };
        (Entry::Append(message(n), Origin::Conn(conn, i64::from(n), Reply::Sent)), i64::from(n))
    }

    fn ids_of(origins: &[Origin]) -> Vec<i64> {
        origins.iter().map(|origin| if let Origin::Conn(_, id, _) = origin { *id } else { -1 }).collect()
    }

    #[test]
    fn nobody_waits_for_ever() {
        let mut lanes = Lanes::new(1, 10);
        assert!(lanes.push(asked(1).0).is_ok());
        assert!(lanes.start(0).is_some());
        // The first batch does not end. What comes meanwhile waits for a while, and no more is taken in behind it.
        assert!(lanes.push(asked(2).0).is_ok());
        for _ in 0..CROWDED {
            assert!(lanes.tick().is_empty());
        }
        assert_eq!(ids_of(&[lanes.push(asked(3).0).unwrap_err()]), [3]);
        for _ in CROWDED + 1..WAITED {
            assert!(lanes.tick().is_empty());
        }
        assert_eq!(ids_of(&lanes.tick()), [2]);
        assert!(lanes.push(asked(4).0).is_ok(), "nobody is before it any more");
        for _ in WAITED + 1..UNKNOWN {
            let late = lanes.tick();
            assert!(late.is_empty() || ids_of(&late) == [4]);
        }
        assert_eq!(ids_of(&lanes.tick()), [1]);
        // It ends at last: nobody is told twice, and all goes on.
        assert!(lanes.push(asked(5).0).is_ok());
        let (senders, _, next) = lanes.done(0);
        assert_eq!(ids_of(&senders), [-1]);
        assert_eq!(next.map(|batch| batch.messages.len()), Some(1));
        assert_eq!(ids_of(&lanes.done(0).0), [5]);
        assert!(lanes.is_idle());
    }

    #[test]
    fn watermarks_that_waited_too_long_leave_the_others() {
        let mut pending = Pending::default();
        let raise = |user| Raise { room: RoomId::from([0; 16]), user: UserId::from([user; 16]), read_seq: Some(1), delivered_seq: None };
        for (user, tick) in [(1, 0), (2, 0), (3, 1)] {
            assert!(pending.push(Entry::Mark(raise(user), Origin::Nobody), 9, tick).is_ok());
        }
        let mut late = Vec::new();
        pending.give_up(0, &mut late);
        assert_eq!(late.len(), 2);
        assert!(pending.push(Entry::Mark(raise(3), Origin::Nobody), 9, 2).is_ok());
        let batch = pending.take();
        assert_eq!((batch.work.marks.len(), batch.markers[0].len(), batch.since), (1, 2, 1));
    }

    #[test]
    fn what_waits_is_bounded_in_bytes() {
        let mut pending = Pending::default();
        let large = || NewMessage { body: "x".repeat(BYTES / 2), ..message(1) };
        for _ in 0..2 {
            assert!(pending.push(Entry::Append(large(), Origin::Nobody), 10, 0).is_ok());
        }
        assert!(pending.push(Entry::Append(large(), Origin::Nobody), 10, 0).is_err());
        assert_eq!(pending.take().work.messages.len(), 2);
        assert!(pending.push(Entry::Append(large(), Origin::Nobody), 10, 0).is_ok());
    }
}
