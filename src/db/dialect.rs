//! The differences between the databases: the only place that asks which one it is.

use super::{
    Result, append,
    connection::{Db, MultiBackend, Purpose, Synchronous},
    statement::statement,
};
use crate::domain::{Receipt, RoomId};
use diesel::{
    Connection, QueryResult, RunQueryDsl, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    pg::{Pg, PgConnection},
    sql_types::{BigInt, Binary, Bool, Text},
    sqlite::Sqlite,
};
use diesel::{backend::Backend, migration::MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::sync::Once;

/// A server's address with bounds for what can hang, where it names none itself.
pub(super) fn with_timeouts(address: &str) -> String {
    let mut address = address.to_owned();
    for (key, value) in [("connect_timeout", "3"), ("tcp_user_timeout", "4000"), ("keepalives_idle", "30"), ("application_name", "chirm")] {
        if !address.contains(&format!("{key}=")) {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(&format!("{key}={value}"));
        }
    }
    address
}

/// Whether the server ended this connection while nobody used it.
pub(super) fn hung_up(db: &mut Db) -> bool {
    match db {
        Db::Sqlite(_) => false,
        // Looking for notifications reads what has come, and so meets the end of the stream, without waiting.
        Db::Postgres(db) => db.notifications_iter().any(|notification| notification.is_err()),
    }
}

/// Prepares a new connection.
pub(super) fn set_up(db: &mut Db, purpose: Purpose) -> QueryResult<()> {
    match db {
        Db::Sqlite(db) => set_up_sqlite(db, purpose),
        Db::Postgres(db) => set_up_postgres(db, purpose),
    }
}

fn set_up_sqlite(db: &mut SqliteConnection, purpose: Purpose) -> QueryResult<()> {
    // First of all, because switching to WAL may meet a lock. Who waits longer for another process is told to try again. Nothing is mapped
    // into memory: each commit of somebody else takes a reader's mapping away, and a disk that cannot read would end the process.
    db.batch_execute("PRAGMA busy_timeout = 2000; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
    match purpose {
        Purpose::Read => db.batch_execute("PRAGMA cache_size = -16384; PRAGMA query_only = ON;"),
        Purpose::Write(synchronous) => {
            // Checkpoints happen elsewhere, so that no commit waits for one, and the log's file is cut while nothing is to be done. After
            // each commit that split a page SQLite walks through all that it has cached, so a larger cache is a slower one.
            db.batch_execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384;")?;
            db.batch_execute(match synchronous {
                Synchronous::Full => "PRAGMA synchronous = FULL;",
                Synchronous::Normal => "PRAGMA synchronous = NORMAL;",
            })
        }
    }
}

fn set_up_postgres(db: &mut PgConnection, purpose: Purpose) -> QueryResult<()> {
    // Whoever asked has been told to try again by then; and a transaction whose process is gone must not keep its rooms locked.
    db.batch_execute(
        "SET statement_timeout = '15s'; SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '4s'; SET client_min_messages = warning;",
    )?;
    // Every query finds its rows by an index. A plan is kept from when the tables were small, until PostgreSQL next looks at them: one that read a
    // small table whole would go on doing so for each batch while it grows.
    db.batch_execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;")?;
    match purpose {
        Purpose::Read => db.batch_execute("SET default_transaction_read_only = on;"),
        Purpose::Write(_) => warn_of_forgetting(db),
    }
}

statement!(
    /// Settings without which an acknowledged message may be lost.
    Durability for Pg {} -> (Text, Text)
        = "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
);

/// Says so, once, when the server does not wait for its disk.
fn warn_of_forgetting(db: &mut PgConnection) -> QueryResult<()> {
    static SAID: Once = Once::new();
    let (fsync, commit): (String, String) = Durability {}.get_result(db)?;
    if fsync != "on" || commit == "off" {
        SAID.call_once(|| {
            log::warn!(fsync:%, synchronous_commit = commit.as_str();
                "this PostgreSQL does not wait for its disk: acknowledged messages can be lost when it crashes");
        });
    }
    Ok(())
}

/// Frees the pages that SQLite keeps of what was read and written lately; the kernel has them, too.
pub(super) fn give_back(db: &mut Db) -> QueryResult<()> {
    match db {
        Db::Sqlite(db) => db.batch_execute("PRAGMA shrink_memory;"),
        Db::Postgres(_) => Ok(()),
    }
}

/// Begins a transaction that is going to write.
pub(super) fn begin(db: &mut Db) -> QueryResult<()> {
    match db {
        Db::Sqlite(db) => AnsiTransactionManager::begin_transaction_sql(db, "BEGIN IMMEDIATE"),
        Db::Postgres(db) => <PgConnection as Connection>::TransactionManager::begin_transaction(db),
    }
}

statement!(
    /// Locks a room's row, so that its numbers stand still.
    LockRoom for Pg { id: RoomId } -> Binary = "SELECT id FROM rooms WHERE id = " id " FOR UPDATE"
);
statement!(
    /// Locks the rows of those who manage the server.
    LockStaff for Pg {} -> Binary = "SELECT id FROM users WHERE role > 0 ORDER BY id FOR UPDATE"
);
statement!(
    /// Holds a lock on a name until the transaction ends.
    LockName for Pg { name: i64 } -> BigInt = "SELECT 0::bigint FROM pg_advisory_xact_lock(" name ")"
);

/// Nobody else changes this room until the transaction ends. SQLite has one writer anyway.
pub(super) fn lock_room(db: &mut Db, id: RoomId) -> Result<()> {
    if let Db::Postgres(db) = db {
        LockRoom { id }.load::<RoomId>(db)?;
    }
    Ok(())
}

/// Nobody else makes or unmakes administrators and owners until the transaction ends.
pub(super) fn lock_staff(db: &mut Db) -> Result<()> {
    if let Db::Postgres(db) = db {
        LockStaff {}.load::<crate::domain::UserId>(db)?;
    }
    Ok(())
}

/// Nobody else prepares the database or makes the first account until the transaction ends.
pub(super) fn lock_start(db: &mut Db) -> Result<()> {
    /// Any number that no other program would use.
    const NAME: i64 = 0x0063_6869_726d;
    if let Db::Postgres(db) = db {
        LockName { name: NAME }.load::<i64>(db)?;
    }
    Ok(())
}

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// What a migration fails with.
pub(super) type MigrationError = Box<dyn std::error::Error + Send + Sync>;

/// Runs what has not been run.
pub(super) fn run_migrations(db: &mut Db) -> std::result::Result<Vec<String>, MigrationError> {
    fn run<DB: Backend>(db: &mut impl MigrationHarness<DB>, all: EmbeddedMigrations) -> std::result::Result<Vec<String>, MigrationError> {
        Ok(db.run_pending_migrations(all)?.iter().map(ToString::to_string).collect())
    }
    match db {
        Db::Sqlite(db) => run(db, SQLITE),
        Db::Postgres(db) => {
            // A migration of a large table may take its time.
            db.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;")?;
            run(db, POSTGRES)
        }
    }
}

/// Undoes the last one.
pub(super) fn revert_migration(db: &mut Db) -> std::result::Result<String, MigrationError> {
    match db {
        Db::Sqlite(db) => db.revert_last_migration(SQLITE),
        Db::Postgres(db) => db.revert_last_migration(POSTGRES),
    }
    .map(|version| version.to_string())
}

statement!(
    /// Whether any was ever run.
    AnyRanSqlite for Sqlite {} -> Bool = "SELECT count(*) > 0 FROM sqlite_schema WHERE name = '__diesel_schema_migrations'"
);
statement!(
    /// Whether any was ever run.
    AnyRanPostgres for Pg {} -> Bool = "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL"
);
statement!(
    /// Those that were run.
    Ran for MultiBackend {} -> Text = "SELECT version FROM __diesel_schema_migrations ORDER BY version"
);

/// The versions of those that were run, oldest first. diesel's own function would make its table, which a reader may not.
pub(super) fn ran_migrations(db: &mut Db) -> QueryResult<Vec<String>> {
    let any: bool = match db {
        Db::Sqlite(db) => AnyRanSqlite {}.get_result(db),
        Db::Postgres(db) => AnyRanPostgres {}.get_result(db),
    }?;
    if any { Ran {}.load(db) } else { Ok(Vec::new()) }
}

/// The versions of those that this program has, oldest first.
pub(super) fn known_migrations(db: &Db) -> std::result::Result<Vec<String>, MigrationError> {
    fn known<DB: Backend>(all: EmbeddedMigrations) -> std::result::Result<Vec<String>, MigrationError> {
        let mut known: Vec<_> =
            MigrationSource::<DB>::migrations(&all)?.iter().map(|migration| migration.name().version().to_string()).collect();
        known.sort();
        Ok(known)
    }
    match db {
        Db::Sqlite(_) => known::<Sqlite>(SQLITE),
        Db::Postgres(_) => known::<Pg>(POSTGRES),
    }
}

/// Reads what must be known to decide about a batch.
pub(super) fn append_facts<'a>(db: &mut Db, wanted: &append::Wanted<'a>) -> QueryResult<append::Facts<'a>> {
    match db {
        Db::Sqlite(db) => append::sqlite::facts(db, wanted),
        Db::Postgres(db) => append::postgres::facts(db, wanted),
    }
}

/// Writes what was decided about a batch.
pub(super) fn append_write(db: &mut Db, writes: &append::Writes<'_>) -> QueryResult<Vec<Receipt>> {
    match db {
        Db::Sqlite(db) => append::sqlite::write(db, writes),
        Db::Postgres(db) => append::postgres::write(db, writes),
    }
}
