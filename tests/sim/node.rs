//! One server process: the real cores, each behind mailboxes of its own. What one part sends another arrives in order; what two parts send a
//! third arrives in any.

mod letters;
mod sessions;

use letters::Named;
pub use letters::{Letter, Part, Then};
pub use sessions::Session;

use super::{
    book::Book,
    store::{Fate, Store},
    threads::{Write, Writer},
};
use crate::{
    actors::{
        chat_server::{self, Asked, Committed, Job, Now, Out, State},
        connection::Beat,
        courier::{ConnId, Roster},
        journal::{Lanes, lane_of},
    },
    domain::{Refusal, RoomId, RoomRef, UserId},
    protocol::{RoomIdOk, RoomOk, reply_frame},
};
use bytes::Bytes;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// The sizes of a node.
#[derive(Clone, Debug)]
pub struct Sizes {
    pub workers: usize,
    pub readers: usize,
    pub lanes: usize,
    pub journal: usize,
    pub outbox: usize,
    pub in_flight: u32,
    /// Requests that may wait for ChatServer.
    pub chat: usize,
}

pub const BEAT: Beat = Beat { ping_s: 25, answer_s: 10, hello_s: 10, stuck_s: 30, linger_s: 3 };

/// Sabotage that concerns the node.
#[derive(Clone, Copy, Default, Debug)]
pub struct Faulty {
    pub publish_before_commit: bool,
    pub forget_cursors: bool,
}

pub struct Node {
    pub state: State,
    out: Out,
    pub lanes: Lanes,
    pub rosters: Vec<Roster>,
    pub sessions: BTreeMap<u32, Session>,
    pub mail: BTreeMap<(Part, Part), VecDeque<Letter>>,
    pub writers: Vec<Writer>,
    pub jobs: VecDeque<Job>,
    /// What readers found and did not yet tell.
    pub found: Vec<Option<Found>>,
    pub sizes: Sizes,
    pub faulty: Faulty,
    queued: usize,
    opened: u32,
}

/// What a reader found.
pub enum Found {
    Tell(Letter),
    /// The room is known: the writer of its lane joins.
    Join {
        conn: ConnId,
        id: i64,
        user: UserId,
        room: RoomId,
    },
}

impl Node {
    pub fn new(settings: chat_server::Settings, sizes: Sizes, faulty: Faulty) -> Self {
        let counters = Arc::default();
        Self {
            state: State::new(settings),
            out: Out::new(sizes.workers),
            lanes: Lanes::new(sizes.lanes, sizes.journal),
            rosters: (0..sizes.workers).map(|worker| Roster::new(worker as u16, BEAT, Arc::clone(&counters))).collect(),
            sessions: BTreeMap::new(),
            mail: BTreeMap::new(),
            writers: (0..sizes.lanes).map(|_| Writer::default()).collect(),
            jobs: VecDeque::new(),
            found: (0..sizes.readers).map(|_| None).collect(),
            sizes,
            faulty,
            queued: 0,
            opened: 0,
        }
    }

    pub fn send(&mut self, from: Part, to: Part, letter: Letter) {
        self.mail.entry((from, to)).or_default().push_back(letter);
    }

    /// Delivers the next letter of one sender to one receiver.
    pub fn deliver(&mut self, from: Part, to: Part, now: Now, book: &mut Book) {
        let Some(letters) = self.mail.get_mut(&(from, to)) else { return };
        let Some(letter) = letters.pop_front() else { return };
        if letters.is_empty() {
            self.mail.remove(&(from, to));
        }
        book.step(format_args!("{from:?} to {to:?}: {}", Named(&letter)));
        match to {
            Part::Chat => self.chat(letter, now),
            Part::Journal => self.journal(letter),
            Part::Worker(worker) => self.worker(worker, letter),
            Part::Writer(_) | Part::Reader(_) | Part::Hub => {}
        }
    }

    fn chat(&mut self, letter: Letter, now: Now) {
        let (state, out) = (&mut self.state, &mut self.out);
        match letter {
            Letter::Asked(Asked { conn, id, ask, .. }) => {
                self.queued -= 1;
                state.asked(conn, id, ask, now, out);
            }
            Letter::Gone(conn) => state.gone(conn, now),
            Letter::Committed(committed) => state.committed(committed, out),
            Letter::Doubtful(rooms) => state.doubt(&rooms),
            Letter::Settled(rooms, heads) => state.settled(&rooms, heads.as_deref().ok(), out),
            Letter::Refused(origin, refusal) => out.fail(origin, &refusal),
            Letter::Loaded(user, news, read) => state.loaded(user, news, read, now, out),
            Letter::Synced { want, room, result } => match result {
                Ok(delta) => state.synced(want, room, delta, out),
                Err(refusal) => state.sync_failed(&want, room, &refusal, out),
            },
            Letter::Joined { conn, id, result } => match result {
                Ok(room) => out.ok(conn, id, &RoomOk { room }),
                Err(refusal) => out.refuse(conn, id, &refusal),
            },
            Letter::Explained { conn, id, ask, result } => state.explained(conn, id, *ask, result, now, out),
            Letter::Saw(users) => state.saw(&users, now, out),
            Letter::Apply(changes, then) => {
                for change in changes {
                    state.apply(change, now, out);
                }
                self.perform();
                return self.then(then);
            }
            _ => {}
        }
        self.perform();
    }

    fn then(&mut self, then: Then) {
        match then {
            Then::Joined(conn, id, room) => self.send(Part::Chat, Part::Chat, Letter::Joined { conn, id, result: Ok(room) }),
            Then::Left(conn, id, room) => self.answer(conn, reply_frame(id, &RoomIdOk { room })),
        }
    }

    /// An answer that its session awaits.
    pub fn answer(&mut self, conn: ConnId, frame: Bytes) {
        self.send(Part::Hub, Part::Worker(usize::from(conn.worker)), Letter::Answer(conn, frame));
    }

    /// What the state decided goes out, as ChatServer sends it.
    pub fn perform(&mut self) {
        for worker in 0..self.rosters.len() {
            let parcels = std::mem::take(&mut self.out.parcels[worker]);
            if !parcels.is_empty() {
                self.send(Part::Chat, Part::Worker(worker), Letter::Parcels(parcels));
            }
        }
        for entry in std::mem::take(&mut self.out.entries) {
            self.send(Part::Chat, Part::Journal, Letter::Entry(entry));
        }
        for job in std::mem::take(&mut self.out.jobs) {
            match job {
                Job::Saw(users) => {
                    let lane = lane_of(users[0].0.as_bytes(), self.sizes.lanes);
                    self.writers[lane].queue.push_back(Write::Saw(users));
                }
                Job::Settle(rooms) => {
                    for room in rooms {
                        self.writers[lane_of(room.as_bytes(), self.sizes.lanes)].queue.push_back(Write::Settle(room));
                    }
                }
                job => self.jobs.push_back(job),
            }
        }
    }

    /// What ChatServer's clock does.
    pub fn on_clock(&mut self, clock: Clock, now: Now) {
        match clock {
            Clock::Presence => self.state.tell_presence(now, &mut self.out),
            Clock::Counts => self.state.tell_counts(&mut self.out),
            Clock::Recheck => self.state.recheck(&mut self.out),
            Clock::Evict => self.state.evict(now),
            Clock::Settle => self.state.settle(&mut self.out),
            Clock::Journal => {
                for origin in self.lanes.tick() {
                    self.send(Part::Journal, Part::Chat, Letter::Refused(origin, Refusal::unavailable()));
                }
            }
            Clock::Courier(worker) => self.rosters[worker].tick(&Bytes::from_static(&[0x89, 0])),
        }
        self.perform();
    }

    fn journal(&mut self, letter: Letter) {
        match letter {
            Letter::Entry(entry) => match self.lanes.push(entry) {
                Err(origin) => self.send(Part::Journal, Part::Chat, Letter::Refused(origin, Refusal::unavailable())),
                Ok(Some(lane)) => self.send(Part::Journal, Part::Journal, Letter::Start(lane)),
                Ok(None) => {}
            },
            Letter::Start(lane) => {
                let batch = self.lanes.start(lane);
                self.writers[lane].queue.extend(batch.map(Write::Batch));
            }
            Letter::Done { lane, result, marks, rooms } => {
                let (senders, markers, next) = self.lanes.done(lane);
                self.writers[lane].queue.extend(next.map(Write::Batch));
                let (committed, doubtful) = match result {
                    Ok((messages, stored)) => (Committed { messages, senders, stored, marks, markers }, None),
                    Err(refusal) => (Committed::failed(senders, marks, markers, &refusal), Some(rooms)),
                };
                self.send(Part::Journal, Part::Chat, Letter::Committed(committed));
                doubtful.into_iter().for_each(|rooms| self.send(Part::Journal, Part::Chat, Letter::Doubtful(rooms)));
            }
            _ => {}
        }
    }

    fn worker(&mut self, worker: usize, letter: Letter) {
        match letter {
            Letter::Parcels(parcels) => {
                for parcel in parcels {
                    self.rosters[worker].deliver(parcel);
                }
                self.send(Part::Worker(worker), Part::Worker(worker), Letter::Flush);
            }
            Letter::Flush => {
                self.rosters[worker].flush();
            }
            Letter::Answer(conn, frame) => {
                let found = self.sessions.iter().find(|(_, session)| session.conn == conn).map(|(key, _)| *key);
                if let Some(key) = found {
                    self.sessions[&key].connection.reply(frame);
                    self.write(key);
                }
            }
            _ => {}
        }
    }

    /// A reader takes a job and looks; what it found it tells later.
    pub fn look(&mut self, reader: usize, store: &Store, down: bool, book: &mut Book) {
        let Some(job) = self.jobs.pop_front() else { return };
        book.step(format_args!("reader {reader} looks: {job:?}"));
        let ok = |_| if down { Err(Refusal::unavailable()) } else { Ok(()) };
        let found = match job {
            Job::Load { user, news } => Found::Tell(Letter::Loaded(user, news, ok(()).map(|()| (store.user(user), store.load(user))))),
            Job::Sync { user, room, want } => {
                let result = ok(()).and_then(|()| store.delta(user, room, want.after_rev, want.limit));
                Found::Tell(Letter::Synced { want, room, result })
            }
            Job::Join { conn, id, user, room: RoomRef::Id(room) } if !down => Found::Join { conn, id, user, room },
            Job::Join { conn, id, .. } => Found::Tell(Letter::Joined { conn, id, result: Err(Refusal::unavailable()) }),
            Job::Explain { conn, id, user, ask } => {
                let Some(&RoomRef::Id(room)) = ask.room() else { return };
                let result = ok(()).and_then(|()| store.explain(user, room));
                Found::Tell(Letter::Explained { conn, id, ask, result })
            }
            // All sign-ins hold here.
            _ => return,
        };
        self.found[reader] = Some(found);
    }

    pub fn tell(&mut self, reader: usize) {
        match self.found[reader].take() {
            Some(Found::Tell(letter)) => self.send(Part::Reader(reader), Part::Chat, letter),
            Some(Found::Join { conn, id, user, room }) => {
                let lane = lane_of(room.as_bytes(), self.sizes.lanes);
                self.writers[lane].queue.push_back(Write::Join { conn, id, user, room });
            }
            None => {}
        }
    }

    /// Nothing is under way.
    pub fn is_quiet(&self) -> bool {
        let writers = self.writers.iter().all(Writer::is_quiet);
        writers && self.mail.is_empty() && self.jobs.is_empty() && self.found.iter().all(Option::is_none)
    }
}

/// What happens by the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clock {
    Presence,
    Counts,
    Recheck,
    Evict,
    Settle,
    Journal,
    Courier(usize),
}

/// Fates other than [`Fate::Stored`] are rare, and drawn by the world.
pub type Fates<'a> = &'a mut dyn FnMut() -> Fate;
