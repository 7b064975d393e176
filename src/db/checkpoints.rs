//! How SQLite's write-ahead log gets into the database file, off the way of every commit.

use super::{Connector, Db, statement::statement};
use crate::faults::{Point, crash_during, log_scale};
use diesel::{
    QueryResult, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_types::{Integer, Text},
    sqlite::Sqlite,
};
use std::{
    fmt,
    fs::File,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Past this the log is begun anew, in pages of 4 KiB: 128 MiB. Each time costs the writer what it has cached.
const LONG_LOG: i64 = 32 * 1024;
/// What the log's file may keep of a size that it once had, in bytes: 256 MiB. A commit that writes over old pages is cheaper than one that makes the file grow.
const KEPT: u64 = 256 << 20;
/// What is cut off it at a time, in bytes. A virtual machine's ext4 takes 1.2 ms for a MiB.
const PIECE: u64 = 16 << 20;

statement!(
    /// Moves pages without waiting for readers or writers.
    MovePages for Sqlite {} -> (Integer, Integer, Integer) = "PRAGMA wal_checkpoint(PASSIVE)"
);
statement!(
    /// The same, and the next writer starts at the log's beginning.
    RestartLog for Sqlite {} -> (Integer, Integer, Integer) = "PRAGMA wal_checkpoint(RESTART)"
);
statement!(
    /// Tells how long the log is, and moves nothing.
    MeasureLog for Sqlite {} -> (Integer, Integer, Integer) = "PRAGMA wal_checkpoint(NOOP)"
);
statement!(
    /// The whole path of the database file.
    Path for Sqlite {} -> Text = "SELECT file FROM pragma_database_list WHERE name = 'main'"
);

/// What a checkpoint found and did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Checkpoint {
    /// Pages that the log holds.
    pub pages: i64,
    /// Of these, how many are in the database file as well.
    pub moved: i64,
    /// Somebody was in the way of beginning the log anew.
    pub busy: bool,
}

impl Checkpoint {
    /// All is in the database file, and the disk has it. A reader of an older state keeps what came later from being moved.
    pub fn is_whole(&self) -> bool {
        self.moved == self.pages
    }

    /// The log is long and nearly all of it is in the database file: time to begin it anew. Who reads what the database was long ago would be waited
    /// for in vain, and nobody could write meanwhile.
    pub fn is_ripe(&self) -> bool {
        self.pages > long_log() && self.pages - self.moved <= long_log() / 4
    }
}

/// Why a checkpoint did not go well.
#[derive(Debug)]
pub enum Trouble {
    /// It can be tried again.
    Failed(String),
    /// The disk did not take what was moved before, and the kernel says so once only: the next sync would succeed without it. SQLite never moves
    /// it again while it is open, so from now on nothing is moved and the log is kept: the next start reads it from its beginning.
    Lost(io::Error),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) => f.write_str(why),
            Self::Lost(error) => write!(f, "a sync of the database file failed: {error}"),
        }
    }
}

/// Moves the log into the database file, one call after the other. Nothing on PostgreSQL, which does so itself.
pub struct Checkpoints {
    reader: Connector,
    held: Option<SqliteConnection>,
    /// A handle of our own, to sync the database file while the writer goes on, and to hear of syncs that failed. It is never closed: with any
    /// handle of a file that a process closes go all locks that SQLite holds on it (POSIX).
    file: Option<&'static File>,
    lost: Option<io::ErrorKind>,
}

impl Checkpoints {
    /// With connections that only read, of a database that exists and is migrated.
    pub fn new(reader: Connector) -> Self {
        Self { reader, held: None, file: None, lost: None }
    }

    /// Moves what the log holds, without waiting for anybody.
    pub fn run(&mut self) -> Result<Checkpoint, Trouble> {
        self.with(work)
    }

    /// Has the next writer begin the log anew, where it is long and nearly all of it was moved. Holds the write lock meanwhile, and finds no gap between the
    /// commits of a writer that has much to do: that is to stand aside.
    pub fn begin_anew(&mut self) -> Result<Checkpoint, Trouble> {
        self.with(|db, _| begin_anew(db).map_err(failed))
    }

    fn with(&mut self, work: impl FnOnce(&mut SqliteConnection, &File) -> Result<Checkpoint, Trouble>) -> Result<Checkpoint, Trouble> {
        if let Some(kind) = self.lost {
            return Err(Trouble::Lost(kind.into()));
        }
        let mut db = match self.held.take() {
            Some(db) => db,
            None => match self.reader.connect().map_err(Trouble::Failed)? {
                Db::Sqlite(db) => db,
                Db::Postgres(_) => return Ok(Checkpoint::default()),
            },
        };
        let file = match self.file {
            Some(file) => file,
            None => *self.file.insert(open(&mut db).map_err(Trouble::Failed)?),
        };
        crash_during(Point::InCheckpoint);
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut db, file)));
        let done = done.unwrap_or_else(|_| Err(Trouble::Failed("it panicked".to_owned()))).map_err(|trouble| lost(trouble, file));
        if let Err(Trouble::Lost(error)) = &done {
            self.lost = Some(error.kind());
        }
        // One that failed is closed: what it could not sync is for another handle to write again. But where the log is kept, no other connection
        // must be the last one, whose end would move it.
        if !matches!(done, Err(Trouble::Failed(_))) {
            self.held = Some(db);
        }
        done
    }
}

fn long_log() -> i64 {
    LONG_LOG / i64::from(log_scale())
}

/// Moves the whole log and waits for the disk, as a start does before anybody hears of what it found there: that may be in the kernel's memory alone,
/// because whoever wrote it was killed before the disk had it. Fails, with words, where that cannot be done. Nothing on PostgreSQL.
pub fn settle(db: &mut Db) -> Result<(), String> {
    let Db::Sqlite(db) = db else { return Ok(()) };
    let done = found(RestartLog {}.get_result(db)).map_err(|error| error.to_string())?;
    done.is_whole().then_some(()).ok_or_else(|| "another process reads what the database was before".to_owned())
}

/// Cuts a piece off the log's file where it once grew past 256 MiB and most of that is used no more. Returns whether it did: then there may be more. For
/// a writer with nothing to do. SQLite would cut all of it at once within a commit (`journal_size_limit`), for which a gigabyte has everybody
/// wait for more than a second.
pub fn shorten(db: &mut SqliteConnection) -> Result<bool, String> {
    let path: String = Path {}.get_result(db).map_err(|error| error.to_string())?;
    let path = path + "-wal";
    let log = File::options().read(true).write(true).open(&path).map_err(|error| format!("{path}: {error}"))?;
    let size = log.metadata().map_err(|error| format!("{path}: {error}"))?.len();
    let scale = u64::from(log_scale());
    let (kept, piece) = (KEPT / scale, PIECE / scale);
    if size <= kept || !has_leftovers(found(MeasureLog {}.get_result(db)).map_err(|error| error.to_string())?.pages) {
        return Ok(false);
    }
    // Nobody writes meanwhile.
    db.immediate_transaction(|_| Ok(log.set_len(kept.max(size.saturating_sub(piece)))))
        .map_err(|error: diesel::result::Error| error.to_string())?
        .map_err(|error| format!("{path}: {error}"))?;
    Ok(true)
}

/// Whether a file of more than [`KEPT`] has an end that nobody reads, with so many pages in its log. A log that was begun anew has, as soon as its first page
/// is there: the file's new header was synced before, by which whoever reads it after a crash knows what is left over. An empty one may still have
/// the old header, under which all pages count: without the last ones the first would take the database back to what it was.
fn has_leftovers(pages: i64) -> bool {
    (1..=long_log()).contains(&pages)
}

fn open(db: &mut SqliteConnection) -> Result<&'static File, String> {
    let path: String = Path {}.get_result(db).map_err(|error| error.to_string())?;
    let file = File::open(&path).map_err(|error| format!("{path}: {error}"))?;
    Ok(Box::leak(Box::new(file)))
}

fn work(db: &mut SqliteConnection, file: &File) -> Result<Checkpoint, Trouble> {
    let mut done = move_pages(db)?;
    // To begin anew SQLite holds the writer up until the disk has everything: most of that is done before, what came meanwhile in a second turn.
    for _ in 0..2 {
        if done.is_ripe() {
            file.sync_data().map_err(Trouble::Lost)?;
            done = move_pages(db)?;
        }
    }
    Ok(done)
}

fn move_pages(db: &mut SqliteConnection) -> Result<Checkpoint, Trouble> {
    found(MovePages {}.get_result(db)).map_err(failed)
}

/// Waits for readers, too: better to give up soon and come again.
fn begin_anew(db: &mut SqliteConnection) -> QueryResult<Checkpoint> {
    db.batch_execute("PRAGMA busy_timeout = 100;")?;
    let done = RestartLog {}.get_result(db);
    db.batch_execute("PRAGMA busy_timeout = 2000;")?;
    found(done)
}

fn failed(error: diesel::result::Error) -> Trouble {
    Trouble::Failed(error.to_string())
}

fn found(row: QueryResult<(i32, i32, i32)>) -> QueryResult<Checkpoint> {
    row.map(|(busy, pages, moved)| Checkpoint { pages: pages.max(0).into(), moved: moved.max(0).into(), busy: busy != 0 })
}

/// What failed may have been a sync, and each handle is told of that once.
fn lost(trouble: Trouble, file: &File) -> Trouble {
    match trouble {
        Trouble::Failed(why) => file.sync_data().err().map_or(Trouble::Failed(why), Trouble::Lost),
        lost => lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_log_that_was_begun_anew_has_leftovers() {
        assert_eq!([0, 1, LONG_LOG, LONG_LOG + 1].map(has_leftovers), [false, true, true, false]);
        assert!(LONG_LOG as u64 * (4096 + 24) + 32 <= KEPT, "what is used is never cut");
    }
}
