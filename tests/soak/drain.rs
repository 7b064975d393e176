//! SIGTERM under load: everybody is told, what was accepted is stored and answered or can be retried, and the process ends well and soon.

use crate::{
    history::record::Op,
    plan::{Plan, bounds, times},
    support::{Backend, Raw},
    world::{Cast, World},
};
use futures_util::future::join_all;
use std::time::{Duration, Instant};

both!(drains);

/// From the signal to the end of the process.
const ENDED_WITHIN: Duration = Duration::from_secs(10);
/// Drains in one history; then a new one begins, so that the reading after each restart stays short.
const CHUNK: usize = 10;

async fn drains(backend: Backend) {
    let mut plan = Plan::new("drains", backend, 2, 100);
    // Besides those that chat.
    let idle = if plan.full { 1_000 } else { 100 };
    let (mut took, mut acked, mut done, mut seed) = (Vec::new(), 0, 0, plan.seed);
    while done < plan.count {
        let cast = Cast::default();
        let mut world = World::new(backend, seed, &cast).await;
        let user = world.server.user("idle").await;
        world.enter(&cast);
        for _ in 0..CHUNK.min(plan.count - done) {
            let port = world.server.port();
            let open = async || {
                let mut raw = Raw::open(port).await;
                raw.hello(&user.token).await;
                raw
            };
            let opened = join_all((0..idle).map(|_| open())).await;
            world.acknowledged(150).await;
            world.fault(Op::Kill);
            let asked = Instant::now();
            world.server.signal("TERM");
            let status = world.server.ended(ENDED_WITHIN).await;
            assert_eq!(status.code(), Some(0), "{}", world.server.log());
            took.push(asked.elapsed());
            for mut raw in opened {
                assert_eq!(raw.closed().await, 1001);
            }
            world.restart();
            done += 1;
        }
        world.linger().await;
        let judged = world.judge(&bounds()).await;
        judged.is_green(&plan, seed);
        (acked, seed) = (acked + judged.acked, seed + 1);
        plan.progress(done);
    }
    plan.figure(format!("{} sessions, {acked} acknowledged, 0 violations of K1–K14, exit 0", idle + 8));
    plan.figure(times("ended", &took));
    let seeds = seed - plan.seed;
    plan.done(seeds);
}
