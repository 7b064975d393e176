//! What the database knows about itself.

use super::{Db, Result, schema::meta, transaction};
use crate::domain::Millis;
use diesel::prelude::*;
use uuid::Uuid;

const EPOCH: &str = "epoch";

pub(super) fn get(db: &mut Db, name: &str) -> Result<Option<String>> {
    Ok(meta::table.find(name).select(meta::value).first(db).optional()?)
}

pub(super) fn put(db: &mut Db, name: &str, value: &str) -> Result<()> {
    transaction(db, |db| {
        if diesel::update(meta::table.find(name)).set(meta::value.eq(value)).execute(db)? == 0 {
            diesel::insert_into(meta::table).values((meta::name.eq(name), meta::value.eq(value))).execute(db)?;
        }
        Ok(())
    })
}

/// Makes an epoch where there is none.
pub(super) fn prepare(db: &mut Db) -> Result<()> {
    if get(db, EPOCH)?.is_none() {
        new_epoch(db)?;
    }
    Ok(())
}

/// Changes something that nobody reads, to find out whether anything can be changed.
pub fn try_to_write(db: &mut Db, now: Millis) -> Result<()> {
    put(db, "tried", &now.0.to_string())
}

/// Names this history: cursors of another epoch mean nothing in it. Made at the first start.
pub fn epoch(db: &mut Db) -> Result<String> {
    Ok(meta::table.find(EPOCH).select(meta::value).first(db)?)
}

/// Begins another history: to be called when messages that clients may have seen could be missing, as after a backup was restored.
pub fn new_epoch(db: &mut Db) -> Result<String> {
    let epoch = Uuid::now_v7().as_hyphenated().to_string();
    put(db, EPOCH, &epoch)?;
    Ok(epoch)
}
