//! A panic in an actor or in a job: the others go on, clients whose place was lost come back at once, and nothing acknowledged is lost.

use crate::{
    plan::{Plan, bounds, times},
    support::Backend,
    world::{Cast, World},
};
use std::time::{Duration, Instant};

both!(panics_at_each_point);

/// Where, whose step that is, and how many connections of all may have to come back.
const POINTS: [(&str, &str, Lost); 8] = [
    ("before_telling", "ChatServer", Lost::All),
    ("while_encoding", "ChatServer", Lost::All),
    ("in_journal", "the Journal", Lost::All),
    ("before_writing", "a Courier", Lost::All),
    ("in_session", "a Session", Lost::One),
    ("before_begin", "a database job", Lost::None),
    ("after_insert", "a database job", Lost::None),
    ("after_commit", "a database job", Lost::None),
];
/// What a panic on purpose says.
const SAID: &str = "a panic on purpose";

/// Connections that a panic costs.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Lost {
    None,
    One,
    All,
}

async fn panics_at_each_point(backend: Backend) {
    let mut plan = Plan::new("panics_at_each_point", backend, 1, 25);
    let (mut back, mut acked, mut seed) = (Vec::new(), 0, plan.seed);
    for done in 0..plan.count {
        for (point, whose, lost) in POINTS {
            let cast = Cast { visits: false, ..Cast::default() };
            let passes = 100 + seed % 100;
            // The words of a panic are printed by the thread that panics, and finding the names for a backtrace takes a debug build seconds.
            let cast = cast.set("CHIRM_TEST_PANIC_AT", format!("{point}:{passes}")).set("RUST_BACKTRACE", 0);
            let mut world = World::new(backend, seed, &cast).await;
            world.enter(&cast);
            world.hurt(whose, |server| server.log().contains(SAID)).await;
            let (hurt, opened) = (Instant::now(), world.shared.opened.get());
            world.acknowledged(20).await;
            back.push(hurt.elapsed());
            world.linger().await;
            let again = world.shared.opened.get() - opened;
            let windows = cast.users * cast.windows;
            let most = match lost {
                Lost::None => 0,
                Lost::One => 1,
                Lost::All => windows,
            };
            assert!(again <= most, "{point}: {again} of {windows} connections had to come back\n{}", world.server.log());
            let judged = world.judge(&bounds()).await;
            judged.is_green(&plan, seed);
            (acked, seed) = (acked + judged.acked, seed + 1);
        }
        plan.progress(done + 1);
    }
    // A machine that runs other tests beside may take longer than the promise says; a full run has it to itself.
    let bound = Duration::from_secs(if plan.full { 1 } else { 4 });
    assert!(back.iter().all(|time| *time <= bound), "{}", times("back", &back));
    plan.figure(format!("{} panics, {acked} acknowledged, 0 violations of K1–K14", POINTS.len() * plan.count));
    plan.figure(times("back", &back));
    let seeds = seed - plan.seed;
    plan.done(seeds);
}
