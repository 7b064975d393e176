//! Pace: when sockets may be written again. Pure: it is told the time.

use std::time::{Duration, Instant};

/// Most of a pause.
const LONGEST: Duration = Duration::from_millis(40);
/// Pauses that are not worth a timer, whose steps are milliseconds.
const SHORTEST: Duration = Duration::from_millis(2);
/// The pause of a crowd, for each of its listeners: 15 ms for a thousand. See [`Pace`].
const EACH: Duration = Duration::from_micros(15);

/// The pauses between the flushes of one thread: what comes meanwhile goes out in the same writes.
///
/// After each flush, as long as it took, so that writing takes at most half of a thread's time. Under little load this is nothing. Under much it
/// spares writes, which are what many small rooms cost.
///
/// What goes to a crowd also waits until the one before it, to the same crowd or another, was [`EACH`] times its listeners ago: a thousand writes are
/// what a message to a thousand costs, and nobody sees that one came 15 ms later. What goes to few does not wait for that, unless something
/// for a crowd waits already: nothing overtakes it.
pub(super) struct Pace {
    not_before: Instant,
    crowd_not_before: Instant,
}

impl Pace {
    /// Nothing waits yet.
    pub fn new(now: Instant) -> Self {
        Self { not_before: now, crowd_not_before: now }
    }

    /// There was a flush, with something for `listeners` at most.
    pub fn flushed(&mut self, began: Instant, ended: Instant, listeners: usize) {
        self.not_before = ended + worthwhile(ended - began);
        self.crowd_not_before = self.crowd_not_before.max(ended + crowd(listeners));
    }

    /// How long a flush with something for so many waits.
    pub fn wait(&self, now: Instant, listeners: usize) -> Duration {
        let is_crowd = !crowd(listeners).is_zero();
        let not_before = if is_crowd { self.not_before.max(self.crowd_not_before) } else { self.not_before };
        not_before.saturating_duration_since(now)
    }
}

fn worthwhile(pause: Duration) -> Duration {
    if pause < SHORTEST { Duration::ZERO } else { pause.min(LONGEST) }
}

fn crowd(listeners: usize) -> Duration {
    worthwhile(EACH.saturating_mul(listeners.try_into().unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_flushes_and_crowds_are_followed_by_pauses() {
        let began = Instant::now();
        // A flush: how long it took in µs, for how many. After it, in µs: how long few wait, and how long a crowd does.
        for (took, listeners, few, many) in [
            (50, 2, 0, 0),
            (1_900, 133, 0, 0),
            (2_100, 2, 2_100, 2_100),
            (100_000, 2, 40_000, 40_000),
            (50, 134, 0, 2_010),
            (1_500, 1_000, 0, 15_000),
            (5_000, 1_000, 5_000, 15_000),
            (30_000, 1_000, 30_000, 30_000),
            (50, usize::MAX, 0, 40_000),
        ] {
            let mut pace = Pace::new(began);
            let ended = began + Duration::from_micros(took);
            pace.flushed(began, ended, listeners);
            let waits = [133, 134].map(|listeners| pace.wait(ended, listeners).as_micros());
            assert_eq!(waits, [few, many], "after {took} µs for {listeners}");
        }
    }

    #[test]
    fn a_crowd_waits_out_its_pause_though_few_are_written_to_meanwhile() {
        let began = Instant::now();
        let at = |us| began + Duration::from_micros(us);
        let mut pace = Pace::new(began);
        pace.flushed(at(0), at(0), 1_000);
        pace.flushed(at(4_000), at(4_050), 1);
        assert_eq!(pace.wait(at(4_050), 1).as_micros(), 0);
        assert_eq!(pace.wait(at(5_000), 1_000).as_micros(), 10_000);
        assert_eq!(pace.wait(at(15_000), 1_000).as_micros(), 0);
    }
}
