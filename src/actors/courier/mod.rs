//! Courier: delivers to the connections of one worker thread. A message to a room is one actor message per worker, whatever the
//! number of its listeners; the mailbox is emptied first, then each touched socket is written once.

mod parcel;
mod roster;

pub use parcel::{ConnId, Hearing, Mark, Parcel, Parcels, RoomIx, Run};
pub use roster::Roster;

use actix::prelude::*;
use bytes::Bytes;
use std::{cell::RefCell, rc::Rc, time::Duration};

/// The actor: a shell around a [`Roster`] that its thread's sessions share.
pub struct Courier {
    roster: Rc<RefCell<Roster>>,
    flushing: bool,
}

impl Courier {
    /// Starts it on this thread.
    pub fn start_on(roster: Rc<RefCell<Roster>>) -> Addr<Self> {
        Self { roster, flushing: false }.start()
    }
}

impl Actor for Courier {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let ping = Bytes::from_static(&[0x89, 0]);
        ctx.run_interval(Duration::from_secs(1), move |act, _| act.roster.borrow_mut().tick(&ping));
    }
}

impl Handler<Parcels> for Courier {
    type Result = ();

    fn handle(&mut self, Parcels(parcels): Parcels, ctx: &mut Self::Context) {
        let mut roster = self.roster.borrow_mut();
        for parcel in parcels {
            roster.deliver(parcel);
        }
        if !self.flushing {
            self.flushing = true;
            // The context runs this when the mailbox is empty: that is what gathers frames into one write.
            ctx.spawn(actix::fut::ready(()).map(|(), act: &mut Self, _| {
                act.flushing = false;
                act.roster.borrow_mut().flush();
            }));
        }
    }
}
