//! Servers that break a promise on purpose: the scenario that is there for it must turn red, by the check that is there for it. A test that has never
//! failed says little.

use crate::{
    kill::killed,
    late::late,
    power::losing_without_waiting,
    stall::stalled,
    support::{Backend, Server, Window},
    world::Cast,
};

const SEED: u64 = 7;
/// What is broken is the server's; one database is enough.
const BACKEND: Backend = Backend::Sqlite;

#[actix_rt::test]
async fn reply_before_commit() {
    killed(BACKEND, SEED, 3, &Cast::sabotaged("reply_before_commit")).await.is_caught_by("K1");
}

#[actix_rt::test]
async fn publish_before_commit() {
    let judged = killed(BACKEND, SEED, 3, &Cast::sabotaged("publish_before_commit")).await;
    judged.is_caught_by("K8");
    assert_eq!(judged.outcome.of("K1").violations, 0, "what was acknowledged was committed:\n{}", judged.text);
}

/// Not a server's fault but a setting's: `synchronous = normal` must not pass for `full`.
#[actix_rt::test]
async fn the_disk_is_not_waited_for() {
    losing_without_waiting(SEED).await.is_caught_by("K1");
}

#[actix_rt::test]
async fn a_retry_is_stored_again() {
    killed(BACKEND, SEED, 1, &Cast::sabotaged("no_deduplication")).await.is_caught_by("K3");
}

#[actix_rt::test]
async fn numbers_from_memory() {
    killed(BACKEND, SEED, 1, &Cast::sabotaged("seq_from_memory")).await.is_caught_by("K4");
}

#[actix_rt::test]
async fn dropped_without_a_word() {
    let stalled = stalled(BACKEND, SEED, 1, Cast::sabotaged("no_resync")).await;
    stalled.judged.is_caught_by("K6");
    stalled.judged.is_caught_by("K7");
}

#[actix_rt::test]
async fn without_a_bound() {
    let stalled = stalled(BACKEND, SEED, 1, Cast::sabotaged("unbounded_outbox")).await;
    assert!(!stalled.is_bounded(), "the outbox has no bound, and something was dropped all the same");
}

#[actix_rt::test]
async fn who_waited_too_long_is_served_all_the_same() {
    let late = late(Some("no_shedding")).await;
    assert!(!late.is_shed(), "nothing is shed, and it looks as if it were");
}

/// The same as `auth::foreign_pages_are_refused` asks, of a server that lets them in.
#[actix_rt::test]
async fn any_page_may_connect() {
    for (sabotage, is_refused) in [(None, true), (Some("any_origin"), false)] {
        let settings: Vec<(&str, &str)> = sabotage.map(|way| ("CHIRM_TEST_SABOTAGE", way)).into_iter().collect();
        let server = Server::with(BACKEND, &settings).await;
        let alice = server.user("alice").await;
        let mut window = Window::open(&alice.http, &[("origin", "https://elsewhere.example")]).await;
        if is_refused {
            window.closes_with(4403).await;
        } else {
            window.hello(&alice.token, serde_json::json!({})).await;
        }
    }
}
