//! Journal: the group commit. What arrives while a batch is being committed makes up the next one: no timer, no delay under
//! little load, large batches under much. A shell around [`Lanes`], which decides.

mod core;
#[cfg(debug_assertions)]
mod early;

pub use core::{Batch, Entry, Lanes, Pending, Raise, Stored, lane_of, store};

use super::{
    chat_server::{ChatServer, Committed, Refused},
    db_executor::Executor,
};
#[cfg(debug_assertions)]
use crate::faults::{self, Sabotage};
use crate::{
    db::append,
    domain::{Millis, Refusal},
};
use actix::prelude::*;

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
struct Done(usize);

/// Tells when everything that was accepted is stored.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain(pub tokio::sync::oneshot::Sender<()>);

impl Journal {
    /// One lane for each writer; at most `bound` messages wait in each.
    pub fn new(writers: &[Executor], chat: Addr<ChatServer>, bound: usize) -> Self {
        Self { lanes: Lanes::new(writers.len(), bound), writers: writers.to_vec(), chat, drained: None }
    }

    fn commit(&self, at: usize, batch: Option<Batch>, ctx: &Context<Self>) {
        let Some(Batch { work, senders, markers }) = batch else { return };
        let (chat, journal) = (self.chat.clone(), ctx.address());
        let marks = work.marks.clone();
        self.writers[at].run(
            move |db| {
                let now = Millis::now();
                store(&work, |work| append::run(db, work, now)).map(|stored| (work.messages, stored))
            },
            move |result| {
                let committed = match result {
                    Ok((messages, stored)) => Committed { messages, senders, stored, marks, markers },
                    Err(refusal) => Committed::failed(senders, marks, markers, &refusal),
                };
                // First the journal, so that the next batch is on its way while this one is told.
                journal.do_send(Done(at));
                #[cfg(debug_assertions)]
                if faults::sabotaged(Sabotage::PublishBeforeCommit) {
                    return early::tell(&chat, committed);
                }
                chat.do_send(committed);
            },
        );
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
}

impl Handler<Entry> for Journal {
    type Result = ();

    fn handle(&mut self, entry: Entry, ctx: &mut Self::Context) {
        match self.lanes.push(entry) {
            Err(origin) => self.chat.do_send(Refused(origin, Refusal::unavailable())),
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

    fn handle(&mut self, Done(at): Done, ctx: &mut Self::Context) {
        let batch = self.lanes.done(at);
        self.commit(at, batch, ctx);
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
