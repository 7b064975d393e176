//! A window that stops reading while others go on: it is told what to fetch once it reads again, and what waits for it has a bound.

use crate::{
    device::Habits,
    plan::{Plan, bounds},
    support::Backend,
    world::{Cast, Judged, World},
};
use std::{cell::Cell, rc::Rc, time::Duration};

both!(a_window_stalls);

/// What came of it.
pub struct Stalled {
    pub judged: Judged,
    /// `resync` events: what did not fit was dropped, and said to be.
    pub resyncs: usize,
}

impl Stalled {
    /// What waits for a window that does not read has a bound: past it, the window was told what to fetch.
    pub fn is_bounded(&self) -> bool {
        self.resyncs > 0
    }
}

/// Sends so much past a window with a small buffer that does not read that the kernel cannot have it all.
pub async fn stalled(backend: Backend, seed: u64, times: usize, cast: Cast) -> Stalled {
    // 1.5 MB: several times what the kernel and the Outbox take for one that does not read.
    const MESSAGES: usize = 150;
    let habits = Habits { body: 9_800, ..Habits::default() };
    let cast = Cast { users: 2, windows: 1, habits, visits: false, ..cast }.set("CHIRM_LIMITS__OUTBOX_BYTES", 65_536);
    let mut world = World::new(backend, seed, &cast).await;
    let slow = Rc::new(Cell::new(false));
    world.enter_as(1, "slow", Habits { narrow: true, stalled: slow.clone(), depth: 1, ..Habits::default() });
    world.until("the slow window", Duration::from_secs(10), || world.shared.opened.get() == 1).await;
    world.enter(&cast);
    for _ in 0..times {
        world.stalls("slow");
        slow.set(true);
        world.acknowledged(MESSAGES).await;
        slow.set(false);
        world.wakes("slow");
        world.acknowledged(50).await;
    }
    world.linger().await;
    let shared = world.shared.clone();
    let judged = world.judge(&bounds()).await;
    Stalled { judged, resyncs: shared.resyncs.get() }
}

async fn a_window_stalls(backend: Backend) {
    let mut plan = Plan::new("a_window_stalls", backend, 1, 20);
    let seed = plan.seed;
    let stalled = stalled(backend, seed, plan.count, Cast::default()).await;
    stalled.judged.is_green(&plan, seed);
    assert!(stalled.is_bounded(), "nothing was dropped: what waits for one that does not read has no bound");
    plan.figure(format!("{} acknowledged, {} resyncs, 0 violations of K1–K14", stalled.judged.acked, stalled.resyncs));
    plan.done(1);
}
