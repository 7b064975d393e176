//! Crashes at chosen lines: the process aborts at its n-th pass of a point, n by seed, under load.

use crate::{
    plan::{Plan, bounds, times},
    support::{Backend, Server},
    world::{Cast, World},
};
use std::os::unix::process::ExitStatusExt;

both!(crashes_at_each_point, crashes_in_a_migration);

/// Points of a running server, and the most passes that are waited for: an abort comes within a second or two.
const POINTS: [(&str, usize); 7] = [
    ("before_begin", 120),
    ("after_insert", 120),
    ("before_commit", 120),
    ("after_commit", 120),
    ("before_telling", 120),
    ("while_encoding", 300),
    ("before_writing", 900),
];
/// Only SQLite has them, twice a second.
const CHECKPOINT: (&str, usize) = ("in_checkpoint", 2);
/// Crashes in one history; then a new one begins, so that the reading after each restart stays short.
const CHUNK: usize = 20;

async fn crashes_at_each_point(backend: Backend) {
    let mut plan = Plan::new("crashes_at_each_point", backend, 1, 100);
    let mut points = POINTS.to_vec();
    points.extend((backend == Backend::Sqlite).then_some(CHECKPOINT));
    let mut crashes: Vec<(&str, usize)> = points.iter().flat_map(|point| std::iter::repeat_n(*point, plan.count)).collect();
    let total = crashes.len();
    let (mut ready, mut acked, mut seed) = (Vec::new(), 0, plan.seed);
    while !crashes.is_empty() {
        let cast = Cast::default();
        let mut world = World::new(backend, seed, &cast).await;
        world.enter(&cast);
        world.acknowledged(150).await;
        world.kill();
        for _ in 0..CHUNK.min(crashes.len()) {
            let (point, most) = crashes.swap_remove(world.random.below(crashes.len()));
            // The first passes are those of the start itself; and something is to be done in between.
            let passes = 1 + most / 5 + world.random.below(most);
            world.server.set("CHIRM_TEST_CRASH_AT", Some(&format!("{point}:{passes}")));
            world.comes_back().await;
            world.crashed().await;
        }
        world.server.set("CHIRM_TEST_CRASH_AT", None);
        world.comes_back().await;
        // Each crash leaves some requests without an outcome; they are to be few among those that have one, whatever the passes were.
        world.acknowledged(400).await;
        world.linger().await;
        let judged = world.judge(&bounds()).await;
        judged.is_green(&plan, seed);
        ready.extend(judged.ready);
        (acked, seed) = (acked + judged.acked, seed + 1);
        plan.progress((total - crashes.len()) / points.len());
    }
    plan.figure(format!("{} points, {total} crashes, {acked} acknowledged, 0 violations of K1–K14", points.len()));
    plan.figure(times("ready again", &ready));
    let seeds = seed - plan.seed;
    plan.done(seeds);
}

/// A migration that was cut off was not begun: the next start makes the whole schema.
async fn crashes_in_a_migration(backend: Backend) {
    let mut plan = Plan::new("crashes_in_a_migration", backend, 3, 100);
    for done in 0..plan.count {
        let mut server = Server::prepared(backend, &[("CHIRM_TEST_CRASH_AT", "in_migration:1")]);
        server.spawn();
        let status = server.ended(std::time::Duration::from_secs(10)).await;
        assert_eq!(status.signal(), Some(6), "it should have aborted: {status}\n{}", server.log());
        server.set("CHIRM_TEST_CRASH_AT", None);
        server.run();
        let alice = server.user("alice").await;
        assert_eq!(alice.connect().await.send("#lobby", "whole").await.seq, 1);
        plan.progress(done + 1);
    }
    plan.figure("each start after it had the whole schema");
    let count = plan.count as u64;
    plan.done(count);
}
