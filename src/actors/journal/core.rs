//! What the Journal decides: what waits in which lane, and when a lane's next batch goes. Pure: no actor, no database, no clock.

use super::pending::{Batch, Entry, Pending};
use crate::{actors::chat_server::Origin, db::append};
use std::mem;

// Times are counted in calls of [`Lanes::tick`], of which the actor makes four a second.

/// So long has the first one waited when the next are refused at the door: they would hardly get their turn in time.
const CROWDED: u32 = 4;
/// So long waits whoever is then told to try again.
const WAITED: u32 = 6;
/// So long waits, all in all, who is in a batch that does not end: what becomes of it is unknown.
const UNKNOWN: u32 = 18;

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
        actors::{
            chat_server::Reply,
            courier::ConnId,
            journal::{Raise, pending::BYTES},
        },
        domain::{ClientId, NewMessage, RoomId, UserId},
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
            assert!(pending.push(raise(read, delivered), 3, 0).is_ok());
        }
        assert!(pending.push(raise(Some(9), None), 3, 0).is_err(), "each who asked waits for an answer");
        let batch = pending.take();
        assert_eq!(batch.work.marks.len(), 1);
        assert_eq!((batch.work.marks[0].read_seq, batch.work.marks[0].delivered_seq), (Some(3), Some(5)));
        assert_eq!(batch.markers[0].len(), 3);
        for tick in 0..3 {
            assert!(pending.push(raise(Some(4), None), 3, tick).is_ok(), "the next batch has room of its own");
        }
        let mut late = Vec::new();
        pending.give_up(1, &mut late);
        assert_eq!(late.len(), 3);
        assert!(pending.push(raise(Some(4), None), 1, 3).is_ok(), "and so has what was given up");
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
