//! Courier: delivers to the connections of one worker thread. A message to a room is one actor message per worker, whatever the
//! number of its listeners; the mailbox is emptied first, then each touched socket is written once.

mod parcel;
mod roster;

pub use parcel::{Caught, ConnId, Hearing, Mark, Parcel, Parcels, RoomIx, Run};
pub use roster::Roster;

use super::pressure::Pressure;
use actix::prelude::*;
use bytes::Bytes;
use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

/// The actor: a shell around a [`Roster`] that its thread's sessions share.
pub struct Courier {
    roster: Rc<RefCell<Roster>>,
    pressure: Arc<Pressure>,
    flushing: bool,
    /// When the sockets may be written again.
    not_before: Instant,
}

/// Most of the pause after a flush.
const LONGEST_PAUSE: Duration = Duration::from_millis(40);
/// Pauses that are not worth a timer, whose steps are milliseconds.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);

/// How long after a flush the next one waits: four times what it took, so that writing takes at most a fifth of a thread's time. Under
/// little load this is nothing. Under much, what comes meanwhile goes out in the same write, and writes are what many small rooms cost.
fn pause(flush_took: Duration) -> Duration {
    let pause = (flush_took * 4).min(LONGEST_PAUSE);
    if pause < SHORTEST_PAUSE { Duration::ZERO } else { pause }
}

impl Courier {
    /// Starts it on this thread. `pressure` is told what it took.
    pub fn start_on(roster: Rc<RefCell<Roster>>, pressure: Arc<Pressure>) -> Addr<Self> {
        Self { roster, pressure, flushing: false, not_before: Instant::now() }.start()
    }

    fn flush(&mut self) {
        self.flushing = false;
        let began = Instant::now();
        self.guarded(Roster::flush);
        let ended = Instant::now();
        self.not_before = ended + pause(ended - began);
    }

    /// Does something with the roster. Should it panic, nobody knows what was delivered: this thread's clients come back and fetch.
    fn guarded(&self, step: impl FnOnce(&mut Roster)) {
        if catch_unwind(AssertUnwindSafe(|| step(&mut self.roster.borrow_mut()))).is_err() {
            log::error!("a Courier panicked: its clients come back");
            self.roster.borrow_mut().abandon();
        }
    }
}

impl Actor for Courier {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let ping = Bytes::from_static(&[0x89, 0]);
        ctx.run_interval(Duration::from_secs(1), move |act, _| act.guarded(|roster| roster.tick(&ping)));
    }
}

impl Handler<Parcels> for Courier {
    type Result = ();

    fn handle(&mut self, Parcels { parcels, bytes }: Parcels, ctx: &mut Self::Context) {
        self.pressure.delivered(bytes);
        self.guarded(|roster| parcels.into_iter().for_each(|parcel| roster.deliver(parcel)));
        if !self.flushing {
            self.flushing = true;
            let wait = self.not_before.saturating_duration_since(Instant::now());
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

    #[test]
    fn pauses_are_for_long_flushes() {
        let ms = |us| pause(Duration::from_micros(us)).as_micros();
        assert_eq!([ms(50), ms(300), ms(400), ms(5_000), ms(100_000)], [0, 1_200, 1_600, 20_000, 40_000]);
    }
}
