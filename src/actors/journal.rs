//! Journal: the group commit. What arrives while a batch is being committed makes up the next one: no timer, no delay under
//! little load, large batches under much. A shell around [`Lanes`], which decides.

mod core;
#[cfg(debug_assertions)]
mod early;

pub use core::{Batch, Entry, Lanes, Pending, Raise, Stored, lane_of, store};

use super::{
    chat_server::{ChatServer, Committed, Doubtful, Origin, Refused},
    db_executor::Executor,
};
#[cfg(debug_assertions)]
use crate::faults::{self, Sabotage};
use crate::{
    db::append,
    domain::{Millis, NewMessage, Refusal, RoomId},
};
use actix::prelude::*;
use std::time::Duration;

/// How often [`Lanes::tick`] is called.
const TICK: Duration = Duration::from_millis(250);

impl Message for Entry {
    type Result = ();
}

/// The actor.
pub struct Journal {
    lanes: Lanes,
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
        Self { lanes: Lanes::new(writers.len(), bound), writers: writers.to_vec(), chat, drained: None }
    }

    fn commit(&self, lane: usize, batch: Option<append::Batch>, ctx: &Context<Self>) {
        let Some(work) = batch else { return };
        let journal = ctx.address();
        let marks = work.marks.clone();
        let mut rooms: Vec<RoomId> = work.messages.iter().map(|message| message.room).collect();
        rooms.dedup();
        self.writers[lane].run(
            move |db| {
                let now = Millis::now();
                store(&work, |work| append::run(db, work, now)).map(|stored| (work.messages, stored))
            },
            move |result| journal.do_send(Done { lane, result, marks, rooms }),
        );
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
        ctx.run_interval(TICK, |act, _| {
            for origin in act.lanes.tick() {
                act.refuse(origin);
            }
            act.check_drained();
        });
    }
}

impl Handler<Entry> for Journal {
    type Result = ();

    fn handle(&mut self, entry: Entry, ctx: &mut Self::Context) {
        match self.lanes.push(entry) {
            Err(origin) => self.refuse(origin),
            Ok(Some(at)) => {
                // After the mailbox: what came together is stored together.
                ctx.spawn(actix::fut::ready(()).map(move |(), act: &mut Self, ctx| {
                    let batch = act.lanes.start(at);
                    act.commit(at, batch, ctx);
                }));
            }
            Ok(None) => {}
        }
    }
}

impl Handler<Done> for Journal {
    type Result = ();

    fn handle(&mut self, Done { lane, result, marks, rooms }: Done, ctx: &mut Self::Context) {
        let (senders, markers, next) = self.lanes.done(lane);
        // First the next batch, so that it is on its way while this one is told.
        self.commit(lane, next, ctx);
        match result {
            Ok((messages, stored)) => self.tell(Committed { messages, senders, stored, marks, markers }),
            Err(refusal) => {
                self.chat.do_send(Committed::failed(senders, marks, markers, &refusal));
                self.chat.do_send(Doubtful(rooms));
            }
        }
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
