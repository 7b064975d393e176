//! ChatServer: owns rooms, presence and routing. A shell around [`State`], which decides; this actor performs what it decided.

mod ask;
mod bucket;
mod changes;
mod commit;
mod hello;
mod jobs;
mod messages;
mod news;
mod out;
mod presence;
mod requests;
mod room;
mod state;
#[cfg(test)]
mod tests;
mod users;

pub use ask::{Ask, SendAsk};
pub use bucket::{Bucket, Rate};
use jobs::Done;
pub use jobs::{Meant, Store, change, read_rooms};
pub use messages::{
    Apply, Asked, AskedAll, Attach, AttachJournal, CloseAll, Committed, CountOnline, Doubtful, Gone, Presence, Refused, StartOver, Stop,
    Submit, Unsure, WhoIsThere,
};
pub use out::{Job, Origin, Out, Reply, Want};
pub use presence::presence_ok;
#[cfg(test)]
pub use room::{Follows, RoomState};
pub use state::{Delta, Greeting, Loaded, Now, Settings, State};

use super::{
    counters::Counters,
    courier::{Courier, Parcels},
    every,
    journal::{Drain, Journal},
    pressure::Pressure,
};
use crate::{
    domain::{Change, Millis, Refusal},
    faults::{Sabotage, sabotaged},
    protocol::RoomOk,
};
use actix::prelude::*;
use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::Ordering::{Relaxed, Release},
    },
    time::{Duration, Instant},
};

/// How often presence is told.
const PRESENCE: Duration = Duration::from_millis(200);
/// How often large rooms are told how many are there.
const COUNTS: Duration = Duration::from_secs(1);
/// How often the sign-ins of open connections are checked again.
const RECHECK: Duration = Duration::from_secs(300);
/// Who waited longer for this actor is told to try again instead: the rest of what they ask takes its time, too.
const LATE: Duration = Duration::from_millis(400);
/// How often rooms are looked at of which a commit failed, until that goes well.
const SETTLE: Duration = Duration::from_secs(1);
/// How often idle users and rooms are forgotten.
const EVICT: Duration = Duration::from_secs(20);

/// The actor.
pub struct ChatServer {
    state: State,
    out: Out,
    couriers: Vec<Option<Addr<Courier>>>,
    journal: Option<Addr<Journal>>,
    store: Store,
    pressure: Arc<Pressure>,
    counters: Arc<Counters>,
    started: Instant,
}

impl ChatServer {
    /// With so many workers to come. `pressure` is told what it took and what it handed on.
    pub fn new(settings: Settings, workers: usize, store: Store, pressure: Arc<Pressure>, counters: Arc<Counters>) -> Self {
        Self {
            state: State::new(settings),
            out: Out::new(workers),
            couriers: vec![None; workers],
            journal: None,
            store,
            pressure,
            counters,
            started: Instant::now(),
        }
    }

    fn now(&self) -> Now {
        Now { ms: self.started.elapsed().as_millis() as u32, wall: Millis::now() }
    }

    fn count(&self) {
        let (connections, users) = self.state.counts();
        self.counters.connections.store(connections, Relaxed);
        self.counters.users.store(users, Relaxed);
    }

    /// Performs what the state decided.
    fn perform(&mut self, ctx: &Context<Self>) {
        for (courier, parcels) in self.couriers.iter().zip(&mut self.out.parcels) {
            if let Some(courier) = courier {
                if !parcels.is_empty() {
                    let parcels = Parcels::new(mem::take(parcels));
                    self.pressure.handed(parcels.bytes);
                    courier.do_send(parcels);
                }
            } else {
                parcels.clear();
            }
        }
        if let Some(journal) = &self.journal {
            for entry in self.out.entries.drain(..) {
                journal.do_send(entry);
            }
        }
        for job in mem::take(&mut self.out.jobs) {
            self.run(job, ctx.address());
        }
    }
}

/// What this actor does with a message that is not answered.
trait Step<M> {
    fn step(&mut self, message: M, ctx: &mut Context<ChatServer>);
}

impl<M: Message<Result = ()>> Handler<M> for ChatServer
where
    Self: Step<M>,
{
    type Result = ();

    fn handle(&mut self, message: M, ctx: &mut Self::Context) {
        self.guarded(ctx, |act, ctx| act.step(message, ctx));
    }
}

impl ChatServer {
    /// Runs a step. Should it panic, nothing that is held in memory can be trusted: all clients come back, and what they need is read again.
    fn guarded<T: Default>(&mut self, ctx: &mut Context<Self>, step: impl FnOnce(&mut Self, &mut Context<Self>) -> T) -> T {
        let done = catch_unwind(AssertUnwindSafe(|| step(self, ctx))).unwrap_or_else(|_| {
            log::error!("ChatServer panicked: it starts over, and all clients come back");
            self.start_over(ctx);
            T::default()
        });
        // After all that the step did: who notes this number before a read is sure that the read has what the number counts.
        self.counters.news.store(self.state.news(), Release);
        done
    }

    fn start_over(&mut self, ctx: &Context<Self>) {
        self.state.start_over();
        self.out = Out::new(self.out.parcels.len());
        self.out.close_all(1012, "the server starts over");
        self.count();
        self.perform(ctx);
    }
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let mut often = |period: Duration, step: fn(&mut Self)| {
            every(ctx, period, move |act, ctx| {
                act.guarded(ctx, |act, ctx| {
                    step(act);
                    act.perform(ctx);
                });
            });
        };
        often(PRESENCE, |act| act.state.tell_presence(act.now(), &mut act.out));
        often(COUNTS, |act| act.state.tell_counts(&mut act.out));
        often(RECHECK, |act| act.state.recheck(&mut act.out));
        often(SETTLE, |act| act.state.settle(&mut act.out));
        often(EVICT, |act| act.state.evict(act.now()));
    }
}

impl Step<Attach> for ChatServer {
    fn step(&mut self, Attach(worker, courier): Attach, _: &mut Context<Self>) {
        // A worker thread that died is replaced by one with the next number.
        let at = usize::from(worker);
        if self.couriers.len() <= at {
            self.couriers.resize(at + 1, None);
            self.out.parcels.resize_with(at + 1, Vec::new);
        }
        self.couriers[at] = Some(courier);
    }
}

impl Step<AttachJournal> for ChatServer {
    fn step(&mut self, AttachJournal(journal): AttachJournal, _: &mut Context<Self>) {
        self.journal = Some(journal);
    }
}

impl ChatServer {
    fn decide(&mut self, Asked { conn, id, ask, since }: Asked) {
        if since.elapsed() > LATE && !matches!(ask, Ask::Hello(_)) && !sabotaged(Sabotage::NoShedding) {
            // Nothing is lost by it, and those behind it get their answer in time.
            return self.out.refuse(conn, id, &Refusal::unavailable());
        }
        let now = self.now();
        self.state.asked(conn, id, ask, now, &mut self.out);
    }
}

impl Step<AskedAll> for ChatServer {
    fn step(&mut self, AskedAll(asked): AskedAll, ctx: &mut Context<Self>) {
        self.pressure.taken(asked.len());
        asked.into_iter().for_each(|asked| self.decide(asked));
        self.count();
        self.perform(ctx);
    }
}

impl Step<Gone> for ChatServer {
    fn step(&mut self, Gone(conn): Gone, _: &mut Context<Self>) {
        let now = self.now();
        self.state.gone(conn, now);
        self.count();
    }
}

impl Step<Committed> for ChatServer {
    fn step(&mut self, committed: Committed, ctx: &mut Context<Self>) {
        Counters::add(&self.counters.batches, 1);
        Counters::add(&self.counters.messages, committed.stored.messages.iter().filter(|m| m.is_ok()).count());
        Counters::add(&self.counters.marks, committed.stored.marks.iter().filter(|m| m.is_ok()).count());
        self.state.committed(committed, &mut self.out);
        self.perform(ctx);
    }
}

impl Step<Doubtful> for ChatServer {
    fn step(&mut self, Doubtful(rooms): Doubtful, _: &mut Context<Self>) {
        self.state.doubt(&rooms);
    }
}

impl Step<Refused> for ChatServer {
    fn step(&mut self, Refused(origin, refusal): Refused, ctx: &mut Context<Self>) {
        self.out.fail(origin, &refusal);
        self.perform(ctx);
    }
}

impl Step<Apply> for ChatServer {
    fn step(&mut self, Apply { changes, then }: Apply, ctx: &mut Context<Self>) {
        let now = self.now();
        for change in changes {
            self.state.apply(change, now, &mut self.out);
        }
        self.perform(ctx);
        then();
    }
}

impl Step<Submit> for ChatServer {
    fn step(&mut self, Submit(entry): Submit, ctx: &mut Context<Self>) {
        self.pressure.taken(1);
        self.out.entries.push(entry);
        self.perform(ctx);
    }
}

impl Handler<WhoIsThere> for ChatServer {
    type Result = MessageResult<WhoIsThere>;

    fn handle(&mut self, WhoIsThere(users): WhoIsThere, ctx: &mut Self::Context) -> Self::Result {
        let now = self.now();
        MessageResult(self.guarded(ctx, |act, _| act.state.presence_of(&users, now)))
    }
}

impl Handler<CountOnline> for ChatServer {
    type Result = MessageResult<CountOnline>;

    fn handle(&mut self, CountOnline(rooms): CountOnline, ctx: &mut Self::Context) -> Self::Result {
        MessageResult(self.guarded(ctx, |act, _| act.state.online_in(&rooms)))
    }
}

impl Step<Done> for ChatServer {
    fn step(&mut self, done: Done, ctx: &mut Context<Self>) {
        let now = self.now();
        let (state, out) = (&mut self.state, &mut self.out);
        match done {
            Done::Loaded { user, news, read } => state.loaded(user, news, read, now, out),
            Done::Synced { want, room, result } => match result {
                Ok(delta) => state.synced(want, room, delta, out),
                Err(refusal) => state.sync_failed(&want, room, &refusal, out),
            },
            Done::Joined { conn, id, result } => match *result {
                Ok(room) => out.ok(conn, id, &RoomOk { room }),
                Err(refusal) => out.refuse(conn, id, &refusal),
            },
            Done::Explained { conn, id, ask, result } => state.explained(conn, id, *ask, result, now, out),
            Done::Saw(users) => state.saw(&users, now, out),
            Done::Settled(rooms, heads) => state.settled(&rooms, heads.as_deref().ok(), out),
            Done::Rechecked(over) => {
                for (user, session) in over {
                    state.apply(Change::SessionsEnded { user, sessions: vec![session] }, now, out);
                }
            }
        }
        self.perform(ctx);
    }
}

impl Step<Stop> for ChatServer {
    fn step(&mut self, Stop { reconnect_after_ms, stored }: Stop, ctx: &mut Context<Self>) {
        self.state.drain(reconnect_after_ms, &mut self.out);
        self.perform(ctx);
        if let Some(journal) = &self.journal {
            journal.do_send(Drain(stored));
        }
    }
}

impl Step<CloseAll> for ChatServer {
    fn step(&mut self, _: CloseAll, ctx: &mut Context<Self>) {
        self.out.close_all(1001, "the server stops");
        self.perform(ctx);
    }
}

impl Step<Unsure> for ChatServer {
    fn step(&mut self, Unsure(changes): Unsure, ctx: &mut Context<Self>) {
        self.state.unsure(&changes, &mut self.out);
        self.perform(ctx);
    }
}

impl Step<StartOver> for ChatServer {
    fn step(&mut self, _: StartOver, ctx: &mut Context<Self>) {
        self.start_over(ctx);
    }
}
