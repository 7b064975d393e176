//! One line of a history, and the recorder that clients share.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

/// What a line is about: an operation, an event, or something that the harness did. New kinds are added here; a checker that does not know
/// one counts it and goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// `hello`; with a room and phase `event`: where this session stands in that room (`rev` is the room's, `after_rev` the cursor sent).
    Hello,
    /// The op, or the event of that name; its messages come before it, as [`Op::Message`] with [`Via::Sync`].
    Sync,
    /// The op. Each line of it carries `room`, `user`, `client_id` and `hash`, the answer also `seq`, `rev`, `duplicate`.
    Send,
    /// The op; its messages come before the answer, which has the last `seq` of the page and, in `more`, `has_after`.
    History,
    /// The op; asked: `seq`, answered: `read_seq`.
    Read,
    /// The op; asked: `seq`, answered: `delivered_seq`.
    Delivered,
    /// The op.
    Receipts,
    /// The op or the event.
    Typing,
    /// The op; `user` is who joins.
    Join,
    /// The op; `user` is who leaves.
    Leave,
    /// A member is added by another one; `user` is who is added.
    Add,
    /// A member is removed by another one; `user` is who is removed.
    Remove,
    /// `user` is a member from here on, says the harness (phase `event`).
    Member,
    /// The op.
    Direct,
    /// The op, or the event: `user` is `state`.
    Presence,
    /// The op.
    SetPresence,
    /// The op.
    Ping,
    /// A message as it was seen; `user` is its author.
    Message,
    /// A watermark of `user` as it was seen; with a `door`: as it was read after the end.
    Receipt,
    /// The event.
    Resync,
    /// The event; `rev` is the room's.
    RoomAdded,
    /// The event.
    RoomRemoved,
    /// A connection: `open`, or `close` with a code of [`close`]; `user` is whose.
    Session,
    /// One stored message as a final reader found it at `door` (phase `event`), and the end of that reading (phase `ok`: `seq` and `rev`
    /// are the heads). A reading at [`Door::Restart`] has its number in `call`.
    Log,
    /// What a client holds of a room when all is quiet: everything in `after_rev`+1…`rev`, and its own `read_seq` and `unread`.
    Drained,
    /// The harness killed `node`, or all of them.
    Kill,
    /// The harness cut the connection of `client`, or of all of `node`.
    Cut,
    /// What was killed or cut is to be had again.
    Ready,
    /// The seed of this run.
    Seed,
    /// Something newer than this checker.
    #[serde(other)]
    Other,
}

/// Where a line stands in the life of its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The request is about to be written.
    Invoke,
    /// It was done.
    Ok,
    /// It was refused with a code that promises that nothing was stored.
    Fail,
    /// Nobody knows: `unavailable`, no answer in time, a cut connection.
    Info,
    /// Something that was not asked for.
    Event,
    /// A connection is there.
    Open,
    /// A connection is gone.
    Close,
}

/// Through which door an operation went, or a final reading was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// WebSocket.
    Ws,
    /// REST.
    Rest,
    /// The database itself.
    Db,
    /// A reading in the middle of the run, after a restart.
    Restart,
}

/// In what a message came, where it was not live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The event or the answer `sync`.
    Sync,
    /// A page of `history`.
    History,
}

/// A user's presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Somebody is there.
    Online,
    /// Somebody is there, and said to be away.
    Away,
    /// Nobody is.
    Offline,
}

/// Codes of a closed session; they decide how soon others must know of it.
pub mod close {
    /// The client said good-bye.
    pub const CLEAN: &str = "clean";
    /// The client fell silent.
    pub const SILENT: &str = "silent";
    /// The node died.
    pub const NODE: &str = "node";
}

/// One line. `S` is `String` where lines are made and `&str` where they are read. What does not apply is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "S: Serialize", deserialize = "S: Deserialize<'de>"))]
pub struct Line<S = String> {
    /// CLOCK_MONOTONIC in ns: comparable between the processes of one machine.
    pub t: u64,
    /// What this is about.
    pub op: Op,
    /// Where in its life.
    pub phase: Phase,
    /// A device, over all its connections: it keeps what it holds.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub client: Option<S>,
    /// One connection of it.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub session: Option<S>,
    /// The server process that it speaks to.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub node: Option<S>,
    /// The number of the request, unique in its session; the end has that of its `invoke`.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub call: Option<u32>,
    /// The room's id, on each line of an operation that names a room.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub room: Option<S>,
    /// The message's, from its sender.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub client_id: Option<S>,
    /// Number of a message.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub seq: Option<u32>,
    /// Number of a change.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub rev: Option<u32>,
    /// The change after which a `sync` begins.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub after_rev: Option<u32>,
    /// There is more of it.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub more: Option<bool>,
    /// The author of a message, or whom the line is about.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub user: Option<S>,
    /// The body's [`hash`].
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub hash: Option<S>,
    /// Why it failed or was closed.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub code: Option<S>,
    /// The answer to a `send` said so.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub duplicate: Option<bool>,
    /// The watermark.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub read_seq: Option<u32>,
    /// The watermark.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub delivered_seq: Option<u32>,
    /// What a drained client counts as unread.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub unread: Option<u32>,
    /// Absent: WebSocket.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub door: Option<Door>,
    /// Absent: live.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub via: Option<Via>,
    /// The presence told.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub state: Option<State>,
    /// The client had this already and dropped it.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub repeat: Option<bool>,
    /// Of the run.
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    pub seed: Option<u64>,
}

/// `Option::default` would ask `S` for a default that `&str` needs no more than `String` does; this asks for nothing.
fn none<T>() -> Option<T> {
    None
}

impl<S> Line<S> {
    /// A line that says nothing yet but when and what.
    pub fn new(t: u64, op: Op, phase: Phase) -> Self {
        Line {
            t,
            op,
            phase,
            client: None,
            session: None,
            node: None,
            call: None,
            room: None,
            client_id: None,
            seq: None,
            rev: None,
            after_rev: None,
            more: None,
            user: None,
            hash: None,
            code: None,
            duplicate: None,
            read_seq: None,
            delivered_seq: None,
            unread: None,
            door: None,
            via: None,
            state: None,
            repeat: None,
            seed: None,
        }
    }
}

/// The first 16 hexadecimal digits of the body's SHA-256.
pub fn hash(body: &str) -> String {
    Sha256::digest(body.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Writes lines to a file. A clone is another handle to the same file: each client, thread or task has its own.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

struct Shared {
    file: Mutex<BufWriter<File>>,
    start: Instant,
    /// CLOCK_MONOTONIC at `start`.
    anchor: u64,
}

impl Recorder {
    /// A new, empty history.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = Mutex::new(BufWriter::with_capacity(1 << 18, File::create(path)?));
        let start = Instant::now();
        Ok(Recorder { shared: Arc::new(Shared { file, start, anchor: monotonic(start) }) })
    }

    /// Now, as lines count it. An `invoke` takes it before the request is written, an end after the answer was read.
    pub fn now(&self) -> u64 {
        self.shared.anchor + u64::try_from(self.shared.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// A line of this moment.
    pub fn line(&self, op: Op, phase: Phase) -> Line {
        Line::new(self.now(), op, phase)
    }

    /// Encodes outside of the lock; what is held under it is a copy into a buffer.
    pub fn write<S: Serialize>(&self, line: &Line<S>) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file().write_all(&bytes)
    }

    /// To be called at the end; a history whose process was killed ends where the buffer was last written.
    pub fn flush(&self) -> io::Result<()> {
        self.file().flush()
    }

    fn file(&self) -> std::sync::MutexGuard<'_, BufWriter<File>> {
        // Whoever panicked while writing has left whole lines or one torn one, which the reader reports.
        self.shared.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The clock behind `Instant`, which only its `Debug` form gives away without unsafe code. Should that form change, lines of one process are
/// still comparable with each other.
fn monotonic(at: Instant) -> u64 {
    let text = format!("{at:?}");
    let field = |name: &str| -> Option<u64> {
        let rest = &text[text.find(name)? + name.len()..];
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    match (field("tv_sec: "), field("tv_nsec: ")) {
        (Some(seconds), Some(nanos)) => seconds * 1_000_000_000 + nanos,
        _ => 0,
    }
}
