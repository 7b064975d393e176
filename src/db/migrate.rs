//! Bringing a database to the schema that this program knows.

use super::{Db, Fault, Result, dialect, meta, rooms, transaction};
use crate::{
    domain::{Millis, Refusal},
    faults::{Point, crash_at},
};
use std::collections::BTreeSet;

/// A migration's name and whether it was run.
pub type Status = (String, bool);

/// Runs what has not been run, and fills what every database has: its epoch and its lobby. Gives the names of what was run.
/// Refuses a database that a newer program has changed. Several programs may start at once.
pub fn run(db: &mut Db, now: Millis) -> Result<Vec<String>> {
    transaction(db, |db| {
        dialect::lock_start(db)?;
        refuse_newer(db)?;
        let ran = dialect::run_migrations(db).map_err(failed)?;
        crash_at(Point::InMigration);
        meta::prepare(db)?;
        rooms::prepare(db, now)?;
        Ok(ran)
    })
}

/// Every migration that this program or the database knows, in order.
pub fn status(db: &mut Db) -> Result<Vec<Status>> {
    let ran: BTreeSet<String> = dialect::ran_migrations(db)?.into_iter().collect();
    let known = dialect::known_migrations(db).map_err(failed)?;
    let names: BTreeSet<&String> = ran.iter().chain(&known).collect();
    Ok(names.into_iter().map(|name| (name.clone(), ran.contains(name))).collect())
}

/// Whether nothing is left to be run, and nothing was run that this program does not know.
pub fn is_current(db: &mut Db) -> Result<bool> {
    Ok(newer(db)?.is_empty() && status(db)?.iter().all(|(_, ran)| *ran))
}

/// Undoes the last migration. What it had added is lost.
pub fn revert_last(db: &mut Db) -> Result<String> {
    transaction(db, |db| {
        dialect::lock_start(db)?;
        refuse_newer(db)?;
        dialect::revert_migration(db).map_err(failed)
    })
}

/// Migrations of the database that this program does not know.
fn newer(db: &mut Db) -> Result<Vec<String>> {
    let known = dialect::known_migrations(db).map_err(failed)?;
    let ran = dialect::ran_migrations(db)?;
    Ok(ran.into_iter().filter(|name| !known.contains(name)).collect())
}

fn refuse_newer(db: &mut Db) -> Result<()> {
    match newer(db)?.as_slice() {
        [] => Ok(()),
        names => {
            let names = names.join(", ");
            Err(Refusal::conflict(format!("This database was changed by a newer version of Chirm ({names}): use that one.")).into())
        }
    }
}

fn failed(error: dialect::MigrationError) -> Fault {
    Fault::Failed(diesel::result::Error::QueryBuilderError(error))
}
