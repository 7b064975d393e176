//! ChatServer: owns rooms, presence and routing. A shell around [`State`], which decides; this actor performs what it decided.

mod bucket;
mod commit;
mod hello;
mod messages;
mod out;
mod presence;
mod requests;
mod room;
mod state;
#[cfg(test)]
mod tests;
mod users;

pub use bucket::{Bucket, Rate};
pub use messages::{
    Apply, Ask, Asked, Attach, AttachJournal, CloseAll, Committed, CountOnline, Doubtful, Gone, Presence, Refused, StartOver, Stop, Submit,
    Unsure, WhoIsThere,
};
pub use out::{Job, Origin, Out, Reply, Want};
pub use presence::presence_ok;
#[cfg(test)]
pub use room::{Follows, RoomState};
pub use state::{Delta, Greeting, Loaded, Now, SendAsk, Settings, State};

use super::{
    counters::Counters,
    courier::{ConnId, Courier, Parcels},
    db_executor::{Executor, in_time},
    journal::{Drain, Journal, lane_of},
    pressure::Pressure,
};
use crate::{
    db::{self, Db, members, messages::Most, rooms},
    domain::{Change, Millis, Refusal, Room, RoomHead, RoomId, RoomRef, SessionId, UserId},
    faults::{Sabotage, sabotaged},
    protocol::RoomOk,
};
use actix::prelude::*;
use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

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

/// A job's result.
#[derive(Message)]
#[rtype(result = "()")]
enum Done {
    Loaded(UserId, Result<Vec<Loaded>, Refusal>),
    Synced { want: Want, room: RoomId, result: Result<Delta, Refusal> },
    Joined { conn: ConnId, id: i64, result: Box<Result<Room, Refusal>> },
    Explained { conn: ConnId, id: i64, refusal: Refusal },
    Rechecked(Vec<(UserId, SessionId)>),
    Saw(Vec<UserId>),
    Settled(Vec<RoomId>, Result<Vec<RoomHead>, Refusal>),
}

/// The threads that run database jobs.
#[derive(Clone)]
pub struct Store {
    /// Any of them may read.
    pub readers: Executor,
    /// Each writes its own rooms, in order.
    pub writers: Arc<[Executor]>,
}

impl Store {
    /// The writer of what belongs to this id.
    pub fn writer(&self, lane: &[u8; 16]) -> &Executor {
        &self.writers[lane_of(lane, self.writers.len())]
    }
}

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

    fn run(&self, job: Job, me: Addr<Self>) {
        match job {
            Job::Load(user) => self.read(
                me,
                move |db| rooms::mine(db, user),
                move |result| {
                    let loaded = |m: rooms::Mine| Loaded { head: m.head, mine: m.membership, peer: m.peer };
                    Done::Loaded(user, result.map(|rooms| rooms.into_iter().map(loaded).collect()))
                },
            ),
            Job::Sync { user, room, want } => {
                let most = Most::within(self.state.limits(), want.limit);
                let read = move |db: &mut Db| read_delta(db, user, room, want.after_rev, most);
                self.read(me, read, move |result| Done::Synced { want, room, result });
            }
            Job::Join { conn, id, user, room } => self.join(conn, id, user, room, me),
            Job::Explain { conn, id, user, room } => self.read(
                me,
                move |db| {
                    let room = rooms::resolve(db, &room)?;
                    members::as_member(db, user, room).map(|_| ())
                },
                // A member whom memory does not know as one joined this very moment, so a retry is right.
                move |result| Done::Explained { conn, id, refusal: result.err().unwrap_or_else(Refusal::unavailable) },
            ),
            Job::Recheck(in_use) => self.read(
                me,
                move |db| {
                    let ids: Vec<_> = in_use.iter().map(|(_, session)| *session).collect();
                    let alive = db::sessions::alive(db, &ids, Millis::now())?;
                    Ok(in_use.into_iter().filter(|(_, session)| !alive.contains(session)).collect())
                },
                // Where the database cannot be asked, the next time will do.
                move |result| Done::Rechecked(result.unwrap_or_default()),
            ),
            Job::Saw(users) => {
                let Some((first, _)) = users.first() else { return };
                let lane = *first.as_bytes();
                let ids = users.iter().map(|(id, _)| *id).collect();
                // A failure is in the log; that they are gone is told all the same.
                let writer = self.store.writer(&lane).clone();
                actix_rt::spawn(async move {
                    let _ = writer.ask(move |db| db::users::saw(db, &users)).await;
                    me.do_send(Done::Saw(ids));
                });
            }
            Job::Settle(rooms) => self.settle(rooms, &me),
        }
    }

    /// Asks a reader.
    fn read<T: Send + 'static>(
        &self,
        me: Addr<Self>,
        job: impl FnOnce(&mut Db) -> db::Result<T> + Send + 'static,
        told: impl FnOnce(Result<T, Refusal>) -> Done + 'static,
    ) {
        let readers = self.store.readers.clone();
        actix_rt::spawn(async move { me.do_send(told(readers.ask(job).await)) });
    }

    /// Names are resolved by a reader, so that the change runs in its room's own lane.
    fn join(&self, conn: ConnId, id: i64, user: UserId, room: RoomRef<'static>, me: Addr<Self>) {
        let store = self.store.clone();
        let chat = me.clone();
        let joined = async move {
            let room = store.readers.ask(move |db| rooms::resolve(db, &room)).await?;
            let (tell, told) = oneshot::channel();
            let job = move |db: &mut Db| members::join(db, user, room, Millis::now());
            change(&store, &chat, room.as_bytes(), job, move |result| drop(tell.send(result)));
            told.await.unwrap_or_else(|_| Err(Refusal::unavailable()))
        };
        actix_rt::spawn(async move {
            let result = Box::new(in_time(joined).await);
            me.do_send(Done::Joined { conn, id, result });
        });
    }

    /// Asks for the heads of rooms, each on its own lane: behind whatever was written there.
    fn settle(&self, rooms: Vec<RoomId>, me: &Addr<Self>) {
        let lanes = self.store.writers.len();
        let mut by_lane = vec![Vec::new(); lanes];
        for room in rooms {
            by_lane[lane_of(room.as_bytes(), lanes)].push(room);
        }
        for (writer, rooms) in self.store.writers.iter().zip(by_lane).filter(|(_, rooms)| !rooms.is_empty()) {
            let (me, writer, ids) = (me.clone(), writer.clone(), rooms.clone());
            actix_rt::spawn(async move {
                let heads = writer.ask(move |db| rooms::settled_heads(db, &ids)).await;
                me.do_send(Done::Settled(rooms, heads));
            });
        }
    }
}

fn read_delta(db: &mut Db, user: UserId, room: RoomId, after_rev: i64, most: Most) -> db::Result<Delta> {
    let room = members::as_member(db, user, room)?;
    let delta = db::messages::since(db, &room, after_rev, most)?;
    let (mut json, mut ends) = (Vec::new(), Vec::with_capacity(delta.messages.len()));
    for message in &delta.messages {
        if !json.is_empty() {
            json.push(b',');
        }
        // A message always encodes; were one not to, the client would see the gap and ask again.
        if let Err(error) = serde_json::to_writer(&mut json, message) {
            log::error!("a message could not be encoded: {error}");
        }
        ends.push((message.rev, json.len()));
    }
    Ok(Delta { json, ends, rev: delta.rev, more: delta.more })
}

/// Runs a change on the writer of its lane, in a transaction; then memory follows and sessions are told; then `done` is called.
pub fn change<T: Send + 'static>(
    store: &Store,
    chat: &Addr<ChatServer>,
    lane: &[u8; 16],
    job: impl FnOnce(&mut Db) -> db::Result<(T, Vec<Change>)> + Send + 'static,
    done: impl FnOnce(Result<T, Refusal>) + Send + 'static,
) {
    let chat = chat.clone();
    let meant = Meant::default();
    let noted = meant.clone();
    store.writer(lane).run(
        move |db| db::transaction(db, |db| job(db).inspect(|(_, changes)| noted.put(changes))),
        move |result| match result {
            Ok((value, changes)) if !changes.is_empty() => {
                chat.do_send(Apply { changes, then: Box::new(move || done(Ok(value))) });
            }
            Ok((value, _)) => done(Ok(value)),
            Err(refusal) => {
                // The work was done and its commit failed: it may be so, or not.
                chat.do_send(Unsure(meant.take()));
                done(Err(refusal));
            }
        },
    );
}

/// What a change was to change, for the case that its commit fails.
#[derive(Clone, Default)]
pub struct Meant(Arc<Mutex<Vec<Change>>>);

impl Meant {
    /// Notes it.
    pub fn put(&self, changes: &[Change]) {
        changes.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What was noted.
    pub fn take(&self) -> Vec<Change> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
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
        catch_unwind(AssertUnwindSafe(|| step(self, ctx))).unwrap_or_else(|_| {
            log::error!("ChatServer panicked: it starts over, and all clients come back");
            self.start_over(ctx);
            T::default()
        })
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
        let mut every = |period: Duration, step: fn(&mut Self)| {
            ctx.run_interval(period, move |act, ctx| {
                act.guarded(ctx, |act, ctx| {
                    step(act);
                    act.perform(ctx);
                });
            });
        };
        every(PRESENCE, |act| act.state.tell_presence(act.now(), &mut act.out));
        every(COUNTS, |act| act.state.tell_counts(&mut act.out));
        every(RECHECK, |act| act.state.recheck(&mut act.out));
        every(SETTLE, |act| act.state.settle(&mut act.out));
        every(EVICT, |act| act.state.evict(act.now()));
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

impl Step<Asked> for ChatServer {
    fn step(&mut self, Asked { conn, id, ask, since }: Asked, ctx: &mut Context<Self>) {
        self.pressure.taken();
        if since.elapsed() > LATE && !matches!(ask, Ask::Hello(_)) && !sabotaged(Sabotage::NoShedding) {
            // Nothing is lost by it, and those behind it get their answer in time.
            self.out.refuse(conn, id, &Refusal::unavailable());
            return self.perform(ctx);
        }
        let now = self.now();
        let (state, out) = (&mut self.state, &mut self.out);
        match ask {
            Ask::Hello(greeting) => state.hello(*greeting, out),
            Ask::Send(ask) => state.send(conn, id, ask, now, out),
            Ask::Sync { room, after_rev, limit } => state.sync(conn, id, &room, after_rev, limit, out),
            Ask::Mark { room, seq, reply } => state.mark(conn, id, &room, seq, reply, out),
            Ask::Typing { room, on } => state.typing(conn, id, &room, on, now, out),
            Ask::Join(room) => state.join(conn, id, room, out),
            Ask::SetPresence(presence) => state.set_presence(conn, id, presence, out),
            Ask::Presence(seen) => state.presence(conn, id, seen, now, out),
        }
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
        self.pressure.taken();
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
            Done::Loaded(user, rooms) => state.loaded(user, rooms, now, out),
            Done::Synced { want, room, result } => match result {
                Ok(delta) => state.synced(want, room, delta, out),
                Err(refusal) => state.sync_failed(&want, room, &refusal, out),
            },
            Done::Joined { conn, id, result } => match *result {
                Ok(room) => out.ok(conn, id, &RoomOk { room }),
                Err(refusal) => out.refuse(conn, id, &refusal),
            },
            Done::Explained { conn, id, refusal } => out.refuse(conn, id, &refusal),
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
