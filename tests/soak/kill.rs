//! kill -9 of the server under load, again and again.

use crate::{
    plan::{Plan, bounds, times},
    support::Backend,
    world::{Cast, Judged, World},
};
use std::time::Duration;

both!(kill_cycles);

/// Kills in one history; then a new one begins, so that the reading after each restart stays short.
const CHUNK: usize = 20;

/// One history with so many kills.
pub async fn killed(backend: Backend, seed: u64, cycles: usize, cast: &Cast) -> Judged {
    let mut world = World::new(backend, seed, cast).await;
    world.enter(cast);
    for _ in 0..cycles {
        let more = 150 + world.random.below(250);
        world.acknowledged(more).await;
        world.kill();
        world.comes_back().await;
    }
    world.linger().await;
    world.judge(&bounds()).await
}

async fn kill_cycles(backend: Backend) {
    let mut plan = Plan::new("kill_cycles", backend, 10, 1_000);
    let (mut ready, mut acked, mut done, mut chunks) = (Vec::new(), 0, 0, 0);
    while done < plan.count {
        let (seed, cycles) = (plan.seed + chunks, CHUNK.min(plan.count - done));
        // In every second history SQLite's log is begun anew and cut all the time: no run is so long that it would be otherwise.
        let cast = if chunks % 2 == 1 { Cast::default().set("CHIRM_TEST_SHORT_LOG", 1024) } else { Cast::default() };
        let judged = killed(backend, seed, cycles, &cast).await;
        judged.is_green(&plan, seed);
        ready.extend(judged.ready);
        (acked, done, chunks) = (acked + judged.acked, done + cycles, chunks + 1);
        plan.progress(done);
    }
    // A machine that runs other tests beside may take longer than the promise says; a full run has it to itself.
    let bound = Duration::from_secs(if plan.full { 2 } else { 5 });
    assert!(ready.iter().all(|time| *time <= bound), "{}", times("ready again", &ready));
    plan.figure(format!("{acked} acknowledged, 0 violations of K1–K14"));
    plan.figure(times("ready again", &ready));
    plan.done(chunks);
}
