//! Courier: delivers to the connections of one worker thread. A message to a room is one actor message per worker, whatever the
//! number of its listeners; the mailbox is emptied first, then each touched socket is written once.

mod pace;
mod parcel;
mod roster;

pub use parcel::{Caught, ConnId, Hearing, Mark, Parcel, Parcels, RoomIx, Run};
pub use roster::Roster;

use super::{every, pressure::Pressure};
use actix::prelude::*;
use bytes::Bytes;
use pace::Pace;
use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::unconstrained;

/// The actor: a shell around a [`Roster`] that its thread's sessions share.
pub struct Courier {
    roster: Rc<RefCell<Roster>>,
    pressure: Arc<Pressure>,
    flushing: bool,
    pace: Pace,
}

impl Courier {
    /// Starts it on this thread. `pressure` is told what it took.
    pub fn start_on(roster: Rc<RefCell<Roster>>, pressure: Arc<Pressure>) -> Addr<Self> {
        Self { roster, pressure, flushing: false, pace: Pace::new(Instant::now()) }.start()
    }

    fn flush(&mut self) {
        self.flushing = false;
        let (began, mut reach) = (Instant::now(), 0);
        self.guarded(|roster| reach = roster.flush());
        self.pace.flushed(began, Instant::now(), reach);
    }

    /// Does something with the roster. Should it panic, nobody knows what was delivered: this thread's clients come back and fetch.
    fn guarded(&self, step: impl FnOnce(&mut Roster)) {
        // Tokio lets a task do so much before it must yield (128 writes), and then wakes a Session for each socket that was to be
        // written: more costly than the write. A flush writes each socket once, and the pause after it is the others' turn.
        let step = unconstrained(async { step(&mut self.roster.borrow_mut()) });
        if catch_unwind(AssertUnwindSafe(|| futures_util::FutureExt::now_or_never(step))).is_err() {
            log::error!("a Courier panicked: its clients come back");
            self.roster.borrow_mut().abandon();
        }
    }
}

impl Actor for Courier {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let ping = Bytes::from_static(&[0x89, 0]);
        every(ctx, Duration::from_secs(1), move |act, _| act.guarded(|roster| roster.tick(&ping)));
    }
}

impl Handler<Parcels> for Courier {
    type Result = ();

    fn handle(&mut self, Parcels { parcels, bytes }: Parcels, ctx: &mut Self::Context) {
        self.pressure.delivered(bytes);
        self.guarded(|roster| parcels.into_iter().for_each(|parcel| roster.deliver(parcel)));
        if !self.flushing {
            self.flushing = true;
            let wait = self.pace.wait(Instant::now(), self.roster.borrow().reach());
            if wait.is_zero() {
                // The context runs this when the mailbox is empty: that is what gathers frames into one write.
                ctx.spawn(actix::fut::ready(()).map(|(), act: &mut Self, _| act.flush()));
            } else {
                ctx.run_later(wait, |act, _| act.flush());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        actors::connection::{Beat, Connection},
        domain::RoomId,
    };
    use tokio::net::{TcpListener, TcpStream};

    /// More than the runtime lets a task write before it must yield.
    const CROWD: usize = 200;

    #[actix_rt::test]
    async fn one_flush_writes_to_everybody() {
        let beat = Beat { ping_s: 25, answer_s: 10, hello_s: 10, stuck_s: 30, linger_s: 3 };
        let roster = Rc::new(RefCell::new(Roster::new(0, beat, Arc::default())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut peers = Vec::new();
        for _ in 0..CROWD {
            peers.push(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
            let connection = Rc::new(Connection::new(listener.accept().await.unwrap().0, 1024, 1));
            let mut roster = roster.borrow_mut();
            let conn = roster.enter(connection);
            let hearing = Hearing { room: RoomIx(0), id: RoomId::from([7; 16]), live: true };
            roster.deliver(Parcel::Listen(conn, vec![hearing]));
        }
        let courier = Courier::start_on(roster, Arc::new(Pressure::bounded(1, 1)));
        courier.send(Parcels::new(vec![Parcel::All(Bytes::from_static(b"hello"))])).await.unwrap();
        // Nobody else writes: these connections have no Session that could be woken.
        for peer in &peers {
            tokio::time::timeout(Duration::from_secs(10), peer.readable()).await.expect("all are written to").unwrap();
        }
    }
}
