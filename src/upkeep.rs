//! Upkeep: what must happen now and then, off every hot path.

use crate::{
    actors::hub::Hub,
    db::{self, Checkpoints, Trouble},
    domain::Millis,
    faults::log_scale,
};
use futures_util::FutureExt;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

/// How often SQLite's log is moved into the database file.
const CHECKPOINT: Duration = Duration::from_millis(500);
/// The same where somebody was in the way of beginning a long log anew; then twice as long each time, because each attempt may hold the writer up.
const AGAIN: Duration = Duration::from_millis(50);
/// How often it is said that the log can be moved no more.
const REMIND: Duration = Duration::from_secs(600);
/// How often it is tried whether a database that took no changes takes them again.
const TRY: Duration = Duration::from_secs(1);
/// How often the use of sign-ins is written down.
const TOUCH: Duration = Duration::from_secs(60);
/// How often what has expired is removed.
const PURGE: Duration = Duration::from_secs(600);
/// Messages of a deleted room that are removed at a time: a moment's work for the writer.
const PURGE_BATCH: u32 = 500;

/// Moves SQLite's log into the database file from a thread of its own, so that no commit ever does. Ends with the process.
pub fn checkpoints(checkpoints: Arc<Mutex<Checkpoints>>) {
    let spawned = thread::Builder::new().name("chirm-checkpoint".into()).spawn(move || {
        let (mut failing, mut pause, mut again) = (false, CHECKPOINT, AGAIN);
        loop {
            // A shorter log is to be found long now and then, so not as much sooner.
            thread::sleep(pause / log_scale().isqrt());
            let result = checkpoints.lock().unwrap_or_else(PoisonError::into_inner).run();
            // Twice a second the same line would bury everything else.
            match &result {
                Err(Trouble::Failed(why)) if !failing => log::warn!("checkpoint: {why}; it is tried again until it goes well"),
                Err(lost @ Trouble::Lost(_)) => {
                    log::error!("{lost}; nothing acknowledged is lost, the log is kept and grows: start the server anew soon, which repairs the file");
                    thread::sleep(REMIND);
                }
                Ok(_) if failing => log::info!("checkpoints go well again"),
                _ => {}
            }
            failing = result.is_err();
            (pause, again) = match result {
                Ok(done) if done.busy => (again, (again * 2).min(CHECKPOINT)),
                _ => (CHECKPOINT, AGAIN),
            };
        }
    });
    if let Err(error) = spawned {
        log::error!("no thread for checkpoints, the log will grow: {error}");
    }
}

/// Runs what never ends, and begins it anew should it panic.
pub async fn supervised<F: Future<Output = ()>>(what: &str, work: impl Fn() -> F) {
    while AssertUnwindSafe(work()).catch_unwind().await.is_err() {
        log::error!("{what} panicked and begins anew");
        tokio::time::sleep(TRY).await;
    }
}

/// Finds out when a database that took no changes takes them again.
pub async fn healing(hub: Hub) {
    loop {
        tokio::time::sleep(TRY).await;
        let failed = !hub.can_write();
        hub.try_to_write().await;
        if failed && hub.can_write() {
            log::info!("the database takes changes again");
        }
    }
}

/// Writes down which sign-ins were used, and ends those that were not for too long.
pub async fn sessions(hub: Hub) {
    let mut since_purge = Duration::ZERO;
    loop {
        tokio::time::sleep(TOUCH).await;
        touch(&hub).await;
        since_purge += TOUCH;
        if since_purge >= PURGE {
            since_purge = Duration::ZERO;
            let purged = hub.change(hub.lobby(), |db| Ok((db::sessions::purge_expired(db, Millis::now())?, Vec::new()))).await;
            match purged {
                Ok(0) => {}
                Ok(count) => log::info!("{count} expired sign-ins removed"),
                Err(refusal) => log::warn!("expired sign-ins: {refusal}"),
            }
        }
    }
}

/// Writes down which sign-ins were used.
pub async fn touch(hub: &Hub) {
    let used = hub.take_used_sessions();
    if used.is_empty() {
        return;
    }
    if let Err(refusal) = hub.change(hub.lobby(), move |db| Ok((db::sessions::touch(db, &used)?, Vec::new()))).await {
        log::warn!("use of sign-ins: {refusal}");
    }
}

/// Removes the messages of deleted rooms, a few at a time.
pub async fn deleted_rooms(hub: Hub) {
    loop {
        let purged = hub.change(hub.lobby(), |db| Ok((db::rooms::purge_deleted(db, PURGE_BATCH)?, Vec::new()))).await;
        let pause = if matches!(purged, Ok(1..)) { Duration::from_millis(100) } else { Duration::from_secs(30) };
        tokio::time::sleep(pause).await;
    }
}
