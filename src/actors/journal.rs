//! Journal: the group commit. What arrives while a batch is being committed makes up the next one: no timer, no delay under
//! little load, large batches under much. A shell around [`Lanes`], which decides.

mod core;
#[cfg(debug_assertions)]
mod early;
mod pending;
mod store;

pub use core::{Lanes, lane_of};
pub use pending::{Batch, Entry, Pending, Raise};
pub use store::{Stored, store};

use super::{
    chat_server::{ChatServer, Committed, Doubtful, Origin, Refused, StartOver},
    db_executor::Executor,
    every,
};
#[cfg(debug_assertions)]
use crate::faults::{self, Sabotage};
use crate::{
    db::append,
    domain::{Millis, NewMessage, Refusal, RoomId},
    faults::{Point, crash_at},
};
use actix::prelude::*;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// How often [`Lanes::tick`] is called.
const TICK: Duration = Duration::from_millis(250);

impl Message for Entry {
    type Result = ();
}

/// The actor.
pub struct Journal {
    lanes: Lanes,
    bound: usize,
    /// How often it started over. What was begun before that, nobody here knows.
    turn: u32,
    /// Of each lane.
    writers: Vec<Executor>,
    chat: Addr<ChatServer>,
    drained: Option<tokio::sync::oneshot::Sender<()>>,
}

/// A lane's batch is done.
#[derive(Message)]
#[rtype(result = "()")]
struct Done {
    lane: usize,
    turn: u32,
    result: Result<(Vec<NewMessage>, Stored), Refusal>,
    marks: Vec<append::Mark>,
    /// Of the messages.
    rooms: Vec<RoomId>,
}

/// Tells when everything that was accepted is stored.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain(pub tokio::sync::oneshot::Sender<()>);

impl Journal {
    /// One lane for each writer; at most `bound` messages wait in each.
    pub fn new(writers: &[Executor], chat: Addr<ChatServer>, bound: usize) -> Self {
        Self { lanes: Lanes::new(writers.len(), bound), bound, turn: 0, writers: writers.to_vec(), chat, drained: None }
    }

    fn commit(&self, lane: usize, batch: Option<append::Batch>, ctx: &Context<Self>) {
        let Some(work) = batch else { return };
        let (journal, turn) = (ctx.address(), self.turn);
        let marks = work.marks.clone();
        let mut rooms: Vec<RoomId> = work.messages.iter().map(|message| message.room).collect();
        rooms.dedup();
        self.writers[lane].run(
            move |db| {
                let now = Millis::now();
                store(&work, |work| append::run(db, work, now)).map(|stored| (work.messages, stored))
            },
            move |result| journal.do_send(Done { lane, turn, result, marks, rooms }),
        );
    }

    /// Runs a step. Should it panic, nobody knows who waited for what: all clients come back and ask again.
    fn guarded(&mut self, ctx: &mut Context<Self>, step: impl FnOnce(&mut Self, &mut Context<Self>)) {
        if catch_unwind(AssertUnwindSafe(|| step(self, ctx))).is_err() {
            log::error!("the Journal panicked: it starts over, and all clients come back");
            self.lanes = Lanes::new(self.writers.len(), self.bound);
            self.turn += 1;
            self.chat.do_send(StartOver);
            self.check_drained();
        }
    }

    fn done(&mut self, Done { lane, turn, result, marks, rooms }: Done, ctx: &Context<Self>) {
        if turn != self.turn {
            return self.chat.do_send(Doubtful(rooms));
        }
        let (senders, markers, next) = self.lanes.done(lane);
        // First the next batch, so that it is on its way while this one is told.
        self.commit(lane, next, ctx);
        match result {
            Ok((messages, stored)) => self.tell(Committed { messages, senders, stored, marks, markers }),
            // Whatever it was: what was asked may have been done, and a retry finds out.
            Err(_) => {
                self.chat.do_send(Committed::failed(senders, marks, markers, &Refusal::unavailable()));
                self.chat.do_send(Doubtful(rooms));
            }
        }
        self.check_drained();
    }

    fn take(&mut self, entry: Entry, ctx: &mut Context<Self>) {
        crash_at(Point::InJournal);
        match self.lanes.push(entry) {
            Err(origin) => self.refuse(origin),
            Ok(Some(at)) => {
                // After the mailbox: what came together is stored together.
                ctx.spawn(actix::fut::ready(()).map(move |(), act: &mut Self, ctx| act.guarded(ctx, |act, ctx| act.start(at, ctx))));
            }
            Ok(None) => {}
        }
    }

    fn start(&mut self, at: usize, ctx: &Context<Self>) {
        let batch = self.lanes.start(at);
        self.commit(at, batch, ctx);
    }

    fn tell(&self, committed: Committed) {
        #[cfg(debug_assertions)]
        if faults::sabotaged(Sabotage::PublishBeforeCommit) {
            return early::tell(&self.chat, committed);
        }
        self.chat.do_send(committed);
    }

    fn refuse(&self, origin: Origin) {
        self.chat.do_send(Refused(origin, Refusal::unavailable()));
    }

    fn check_drained(&mut self) {
        if self.lanes.is_idle()
            && let Some(drained) = self.drained.take()
        {
            let _ = drained.send(());
        }
    }
}

impl Actor for Journal {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        every(ctx, TICK, |act, ctx| {
            act.guarded(ctx, |act, _| {
                for origin in act.lanes.tick() {
                    act.refuse(origin);
                }
                act.check_drained();
            });
        });
    }
}

impl Handler<Entry> for Journal {
    type Result = ();

    fn handle(&mut self, entry: Entry, ctx: &mut Self::Context) {
        self.guarded(ctx, |act, ctx| act.take(entry, ctx));
    }
}

impl Handler<Done> for Journal {
    type Result = ();

    fn handle(&mut self, done: Done, ctx: &mut Self::Context) {
        self.guarded(ctx, |act, ctx| act.done(done, ctx));
    }
}

impl Handler<Drain> for Journal {
    type Result = ();

    fn handle(&mut self, Drain(done): Drain, _: &mut Self::Context) {
        self.drained = Some(done);
        self.check_drained();
    }
}
