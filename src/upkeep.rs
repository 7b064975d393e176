//! Upkeep: what must happen now and then, off every hot path.

use crate::{
    actors::hub::Hub,
    db::{self, Pool},
    domain::Millis,
};
use std::{thread, time::Duration};

/// How often SQLite's log is moved into the database file.
const CHECKPOINT: Duration = Duration::from_millis(500);
/// How often the use of sign-ins is written down.
const TOUCH: Duration = Duration::from_secs(60);
/// How often what has expired is removed.
const PURGE: Duration = Duration::from_secs(600);
/// Messages of a deleted room that are removed at a time: a moment's work for the writer.
const PURGE_BATCH: u32 = 500;

/// Moves SQLite's log into the database file from a thread and a connection of its own, so that no commit ever does. Ends with the process.
pub fn checkpoints(readers: Pool) {
    let spawned = thread::Builder::new().name("chirm-checkpoint".into()).spawn(move || {
        loop {
            thread::sleep(CHECKPOINT);
            let Ok(mut connection) = readers.get() else { continue };
            if let Err(fault) = db::checkpoint(&mut connection) {
                log::warn!("checkpoint: {fault}");
            }
        }
    });
    if let Err(error) = spawned {
        log::error!("no thread for checkpoints, the log will grow: {error}");
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
