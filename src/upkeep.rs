//! Upkeep: what must happen now and then, off every hot path.

use crate::{
    actors::{db_executor::Executor, hub::Hub},
    db::{self, Checkpoint, Checkpoints, Trouble},
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

/// How often SQLite's log is moved into the database file. What gathers in it meanwhile is what a start after a crash has to move: 100 MiB and more, with
/// 100,000 messages a second.
const CHECKPOINT: Duration = Duration::from_millis(250);
/// The same where somebody was in the way of beginning a long log anew; then twice as long each time, because each attempt may hold the writer up.
const AGAIN: Duration = Duration::from_millis(50);
/// The longest of these.
const AT_LAST: Duration = Duration::from_secs(1);
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

/// Moves SQLite's log into the database file from a thread of its own, so that no commit ever does; where it is long, `writer` stands aside while it is
/// begun anew. Ends with the process.
pub fn checkpoints(checkpoints: Arc<Mutex<Checkpoints>>, writer: Executor) {
    let spawned = thread::Builder::new().name("chirm-checkpoint".into()).spawn(move || {
        let (mut failing, mut pause, mut again) = (false, CHECKPOINT, AGAIN);
        loop {
            // A shorter log is to be found long now and then, so not as much sooner.
            thread::sleep(pause / log_scale().isqrt());
            let result = checkpoint(&mut checkpoints.lock().unwrap_or_else(PoisonError::into_inner), &writer);
            // The same line several times a second would bury everything else.
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
                Ok(done) if done.busy => (again, (again * 2).min(AT_LAST)),
                _ => (CHECKPOINT, AGAIN),
            };
        }
    });
    if let Err(error) = spawned {
        log::error!("no thread for checkpoints, the log will grow: {error}");
    }
}

fn checkpoint(checkpoints: &mut Checkpoints, writer: &Executor) -> Result<Checkpoint, Trouble> {
    let done = checkpoints.run()?;
    if done.is_ripe() { writer.stand_aside(|| checkpoints.begin_anew()) } else { Ok(done) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Connector, Db, Synchronous, Url};
    use diesel::connection::SimpleConnection;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    /// Writes one transaction after the other, until it is told to stop.
    fn keep_busy(writer: Executor, stop: Arc<AtomicBool>) {
        let next = (writer.clone(), stop.clone());
        writer.run(
            |db| {
                let Db::Sqlite(db) = db else { unreachable!() };
                Ok(db.batch_execute("BEGIN IMMEDIATE; INSERT INTO filled VALUES (zeroblob(1 << 20)); COMMIT")?)
            },
            move |done| {
                done.unwrap();
                if !stop.load(Relaxed) {
                    keep_busy(next.0, next.1);
                }
            },
        );
    }

    #[test]
    fn a_long_log_is_begun_anew_in_the_middle_of_a_burst() {
        let folder = tempfile::tempdir().unwrap();
        let url = Url::sqlite(&folder.path().join("chirm.db"));
        let connector = Connector::writer(&url, Synchronous::Normal);
        let mut db = connector.connect().unwrap();
        let Db::Sqlite(sqlite) = &mut db else { unreachable!() };
        sqlite.batch_execute("CREATE TABLE filled (bytes BLOB)").unwrap();
        let (writer, stop) = (Executor::start("writer", 1, &connector.pool(1), 10).unwrap(), Arc::new(AtomicBool::new(false)));
        keep_busy(writer.clone(), stop.clone());
        keep_busy(writer.clone(), stop.clone());
        let mut checkpoints = Checkpoints::new(Connector::reader(&url));
        for _ in 0..3 {
            let done = loop {
                let done = checkpoint(&mut checkpoints, &writer).unwrap();
                if done.is_ripe() {
                    break done;
                }
            };
            assert!(done.is_whole() && !done.busy, "{done:?}");
        }
        stop.store(true, Relaxed);
    }
}
