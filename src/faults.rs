//! Faults on purpose: crashes at chosen lines, threads that stand still, and promises that are broken, so that tests can show that they would
//! notice.
//!
//! A debug build looks into these variables; a release build has none of this: the functions are empty there and cost nothing.
//!
//! | variable | what |
//! |---|---|
//! | `CHIRM_TEST_CRASH_AT=after_commit:17` | the process ends at the 17th pass of that point |
//! | `CHIRM_TEST_PANIC_AT=before_telling:17` | the thread that passes it panics |
//! | `CHIRM_TEST_STALL_AT=before_telling:17` | the thread that passes it stands still for as long as the file `CHIRM_TEST_STALL_WHILE` is there |
//! | `CHIRM_TEST_SABOTAGE=no_deduplication` | a promise is broken |
//! | `CHIRM_TEST_SHORT_LOG=1024` | SQLite's log is begun anew and cut at so many times smaller sizes, and sooner |

/// Lines at which a process can be made to end, as if by `kill -9`, or a thread to panic or to stand still.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Point {
    /// A batch is about to be stored.
    BeforeBegin,
    /// All of a batch is written, and not committed.
    AfterInsert,
    /// A transaction is about to be committed.
    BeforeCommit,
    /// A transaction is committed, and nobody knows.
    AfterCommit,
    /// Memory is about to follow a commit.
    BeforeTelling,
    /// A message of a commit is being encoded, others may be ready.
    WhileEncoding,
    /// Replies and events are about to be written to a socket, others may be written.
    BeforeWriting,
    /// The write-ahead log is being moved into the database file.
    InCheckpoint,
    /// Migrations are run, and not committed.
    InMigration,
    /// The Journal is about to put a message into its lane.
    InJournal,
    /// A session is about to read a request.
    InSession,
}

/// Promises that can be broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sabotage {
    /// A batch is committed when the next one comes, and acknowledged before.
    ReplyBeforeCommit,
    /// A batch is committed when the next one comes, and told before; acknowledged it is after.
    PublishBeforeCommit,
    /// A retry is stored again.
    NoDeduplication,
    /// A message takes its number from memory, before it is known whether it will be stored.
    SeqFromMemory,
    /// What does not fit into an Outbox is dropped without a word.
    NoResync,
    /// Everything fits into an Outbox.
    UnboundedOutbox,
    /// Pages of any origin may connect.
    AnyOrigin,
    /// Who waited too long for ChatServer is served all the same.
    NoShedding,
}

#[cfg(debug_assertions)]
pub use armed::{crash_at, crash_during, log_scale, number_from_memory, sabotaged};
#[cfg(not(debug_assertions))]
pub use disarmed::{crash_at, crash_during, log_scale, number_from_memory, sabotaged};

#[cfg(debug_assertions)]
mod armed {
    use super::{Point, Sabotage};
    use std::{
        collections::HashMap,
        path::PathBuf,
        sync::{
            LazyLock, Mutex, PoisonError,
            atomic::{AtomicU32, Ordering::Relaxed},
        },
        thread,
        time::Duration,
    };

    const POINTS: [(&str, Point); 11] = [
        ("before_begin", Point::BeforeBegin),
        ("after_insert", Point::AfterInsert),
        ("before_commit", Point::BeforeCommit),
        ("after_commit", Point::AfterCommit),
        ("before_telling", Point::BeforeTelling),
        ("while_encoding", Point::WhileEncoding),
        ("before_writing", Point::BeforeWriting),
        ("in_checkpoint", Point::InCheckpoint),
        ("in_migration", Point::InMigration),
        ("in_journal", Point::InJournal),
        ("in_session", Point::InSession),
    ];

    const WAYS: [(&str, Sabotage); 8] = [
        ("reply_before_commit", Sabotage::ReplyBeforeCommit),
        ("publish_before_commit", Sabotage::PublishBeforeCommit),
        ("no_deduplication", Sabotage::NoDeduplication),
        ("seq_from_memory", Sabotage::SeqFromMemory),
        ("no_resync", Sabotage::NoResync),
        ("unbounded_outbox", Sabotage::UnboundedOutbox),
        ("any_origin", Sabotage::AnyOrigin),
        ("no_shedding", Sabotage::NoShedding),
    ];

    /// Where, and how many passes are left.
    type At = Option<(Point, AtomicU32)>;

    static CRASH: LazyLock<At> = LazyLock::new(|| asked("CHIRM_TEST_CRASH_AT", "this process ends"));
    static PANIC: LazyLock<At> = LazyLock::new(|| asked("CHIRM_TEST_PANIC_AT", "a thread panics"));
    static STALL: LazyLock<At> = LazyLock::new(|| asked("CHIRM_TEST_STALL_AT", "a thread stands still"));

    fn asked(variable: &str, what: &str) -> At {
        let asked = std::env::var(variable).ok()?;
        let (name, passes) = asked.split_once(':').unwrap_or((&asked, "1"));
        let point = known(&POINTS, name);
        let passes = passes.parse().unwrap_or_else(|_| unknown(&asked));
        log::warn!("{what} at pass {passes} of {name}");
        Some((point, AtomicU32::new(passes)))
    }

    static SABOTAGE: LazyLock<Option<Sabotage>> = LazyLock::new(|| {
        let asked = std::env::var("CHIRM_TEST_SABOTAGE").ok()?;
        log::warn!("this process breaks a promise: {asked}");
        Some(known(&WAYS, &asked))
    });

    static SHORT_LOG: LazyLock<u32> = LazyLock::new(|| {
        let Ok(asked) = std::env::var("CHIRM_TEST_SHORT_LOG") else { return 1 };
        log::warn!("SQLite's log is {asked} times shorter");
        asked.parse().ok().filter(|scale| *scale > 0).unwrap_or_else(|| unknown(&asked))
    });

    fn known<T: Copy>(all: &[(&str, T)], asked: &str) -> T {
        all.iter().find(|(name, _)| *name == asked).map_or_else(|| unknown(asked), |(_, found)| *found)
    }

    /// A test that believes it has made a fault when it has not would prove nothing.
    fn unknown(asked: &str) -> ! {
        log::error!("there is no such fault: {asked}");
        std::process::abort()
    }

    fn is_due(at: &At, point: Point) -> bool {
        matches!(at, Some((at, left)) if *at == point && left.fetch_sub(1, Relaxed) == 1)
    }

    fn stand_still() {
        let Some(file) = std::env::var_os("CHIRM_TEST_STALL_WHILE").map(PathBuf::from) else { unknown("CHIRM_TEST_STALL_WHILE") };
        log::warn!("standing still on purpose");
        while file.exists() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends the process, panics or stands still, where it was asked to do that here.
    #[allow(clippy::panic, reason = "that is what it is for")]
    pub fn crash_at(point: Point) {
        if is_due(&CRASH, point) {
            std::process::abort();
        }
        if is_due(&PANIC, point) {
            std::panic::panic_any("a panic on purpose");
        }
        if is_due(&STALL, point) {
            stand_still();
        }
    }

    /// Ends the process some hundred microseconds from now: in the middle of what follows.
    pub fn crash_during(point: Point) {
        if is_due(&CRASH, point) {
            let moment = Duration::from_micros(u64::from(std::process::id() % 16) * 60);
            thread::spawn(move || {
                thread::sleep(moment);
                std::process::abort();
            });
        }
    }

    /// Whether this promise is to be broken.
    pub fn sabotaged(way: Sabotage) -> bool {
        *SABOTAGE == Some(way)
    }

    /// By what to divide the sizes of SQLite's log.
    pub fn log_scale() -> u32 {
        *SHORT_LOG
    }

    /// The number of a message where numbers come from memory.
    pub fn number_from_memory(room: &[u8; 16], stored: impl FnOnce() -> i64) -> Option<i64> {
        static LAST: LazyLock<Mutex<HashMap<[u8; 16], i64>>> = LazyLock::new(Mutex::default);
        if !sabotaged(Sabotage::SeqFromMemory) {
            return None;
        }
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        let number = last.entry(*room).or_insert_with(stored);
        *number += 1;
        Some(*number)
    }
}

#[cfg(not(debug_assertions))]
mod disarmed {
    use super::{Point, Sabotage};

    /// Nothing.
    #[inline(always)]
    pub const fn crash_at(_: Point) {}

    /// Nothing.
    #[inline(always)]
    pub const fn crash_during(_: Point) {}

    /// No promise is broken.
    #[inline(always)]
    pub const fn sabotaged(_: Sabotage) -> bool {
        false
    }

    /// The sizes of SQLite's log are what they are.
    #[inline(always)]
    pub const fn log_scale() -> u32 {
        1
    }

    /// Numbers come from the database.
    #[inline(always)]
    pub fn number_from_memory(_: &[u8; 16], _: impl FnOnce() -> i64) -> Option<i64> {
        None
    }
}
