//! Reads histories into a form of which ten million lines fit into 2 GB: names become numbers, lines become 88 bytes.

use super::record::{Door, Line, Op, Phase, State, Via};
use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};

/// A number that a line does not have.
pub const NONE: u32 = u32::MAX;
/// Every so many lines the place in the file is kept, so that a line can be shown again.
const STRIDE: u32 = 256;

/// A line, interned. Ids are 0 where absent, numbers [`NONE`].
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// ns.
    pub t: u64,
    /// Of the body; 0 where absent.
    pub hash: u64,
    /// Number of the line, over all files.
    pub line: u32,
    /// Id in [`Names`].
    pub room: u32,
    /// Id in [`Names`].
    pub user: u32,
    /// Id in [`Names`].
    pub client: u32,
    /// Id in [`Names`].
    pub session: u32,
    /// Id in [`Names`].
    pub node: u32,
    /// Id in [`Names`].
    pub code: u32,
    /// Id of its own space.
    pub client_id: u32,
    /// See [`Line`].
    pub call: u32,
    /// See [`Line`].
    pub seq: u32,
    /// See [`Line`].
    pub rev: u32,
    /// See [`Line`].
    pub after_rev: u32,
    /// See [`Line`].
    pub read_seq: u32,
    /// See [`Line`]; of a drained client: `unread`.
    pub delivered_seq: u32,
    /// See [`Line`].
    pub op: Op,
    /// See [`Line`].
    pub phase: Phase,
    /// See [`Line`].
    pub door: Option<Door>,
    /// See [`Line`].
    pub via: Option<Via>,
    /// See [`Line`].
    pub state: Option<State>,
    /// See [`Line`].
    pub more: bool,
    /// See [`Line`].
    pub duplicate: bool,
    /// See [`Line`].
    pub repeat: bool,
}

impl Event {
    /// Op and phase in one.
    pub fn is(&self, op: Op, phase: Phase) -> bool {
        self.op == op && self.phase == phase
    }
}

/// Names of rooms, users, clients, sessions, nodes and codes, in one space: there are few of them.
#[derive(Default)]
pub struct Names {
    ids: HashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
    /// There may be millions of `client_id`s: they are kept by value and have no name.
    messages: HashMap<u128, u32>,
}

impl Names {
    fn id(&mut self, name: Option<&str>) -> u32 {
        let Some(name) = name else { return 0 };
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        self.names.push(name.into());
        let id = number(self.names.len());
        self.ids.insert(name.into(), id);
        id
    }

    fn message(&mut self, client_id: Option<&str>) -> u32 {
        let Some(client_id) = client_id else { return 0 };
        let next = number(self.messages.len() + 1);
        *self.messages.entry(value_of(client_id)).or_insert(next)
    }

    /// The name behind an id.
    pub fn name(&self, id: u32) -> &str {
        (id as usize).checked_sub(1).and_then(|at| self.names.get(at)).map_or("-", |name| name)
    }

    /// The id of a name, if it occurs.
    pub fn find(&self, name: &str) -> u32 {
        self.ids.get(name).copied().unwrap_or(0)
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("fewer than four milliards")
}

/// A UUID is its number; anything else is as good as its digest.
fn value_of(client_id: &str) -> u128 {
    let mut value = 0_u128;
    let mut digits = 0;
    for digit in client_id.bytes().filter(|byte| *byte != b'-') {
        match (digit as char).to_digit(16) {
            Some(digit) => value = (value << 4) | u128::from(digit),
            None => digits = 64,
        }
        digits += 1;
    }
    if digits == 32 {
        return value;
    }
    let digest = Sha256::digest(client_id.as_bytes());
    digest.iter().take(16).fold(0, |value, byte| (value << 8) | u128::from(*byte))
}

/// Where the text of lines is to be had again.
enum Text {
    Memory(Vec<String>),
    Files(Vec<Indexed>),
}

struct Indexed {
    path: PathBuf,
    first: u32,
    /// Of every [`STRIDE`]th line.
    places: Vec<u64>,
}

/// A whole run.
pub struct History {
    /// By room, then by time; what has no room comes first.
    pub events: Vec<Event>,
    /// Of the ids in them.
    pub names: Names,
    /// Of the run, where the harness said it.
    pub seed: Option<u64>,
    /// The files it came from.
    pub files: Vec<PathBuf>,
    /// Lines of a kind that this checker does not know.
    pub unknown: u64,
    text: Text,
}

impl History {
    /// From lines in memory; they need not be in order.
    pub fn from_lines(lines: &[Line]) -> Self {
        let text: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).expect("a line can be written")).collect();
        let mut history = Self::empty(Text::Memory(Vec::new()));
        for (at, line) in text.iter().enumerate() {
            history.push(line.as_bytes(), at).expect("a line that was just written");
        }
        history.text = Text::Memory(text);
        history.sort();
        history
    }

    /// From files, which may be of several processes.
    pub fn from_files(paths: &[PathBuf]) -> io::Result<Self> {
        let mut history = Self::empty(Text::Memory(Vec::new()));
        let mut files = Vec::new();
        let mut count = 0;
        for path in paths {
            files.push(history.file(path, &mut count)?);
        }
        history.files = paths.to_vec();
        history.text = Text::Files(files);
        history.sort();
        Ok(history)
    }

    fn empty(text: Text) -> Self {
        History { events: Vec::new(), names: Names::default(), seed: None, files: Vec::new(), unknown: 0, text }
    }

    fn file(&mut self, path: &Path, count: &mut usize) -> io::Result<Indexed> {
        let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
        let mut indexed = Indexed { path: path.to_owned(), first: number(*count), places: Vec::new() };
        let (mut buffer, mut place, mut at) = (Vec::new(), 0, 0_u32);
        loop {
            buffer.clear();
            let read = reader.read_until(b'\n', &mut buffer)?;
            if read == 0 {
                return Ok(indexed);
            }
            if at.is_multiple_of(STRIDE) {
                indexed.places.push(place);
            }
            place += read as u64;
            at += 1;
            self.push(&buffer, *count).map_err(|error| io::Error::other(format!("{}:{at}: {error}", path.display())))?;
            *count += 1;
        }
    }

    fn push(&mut self, bytes: &[u8], at: usize) -> Result<(), String> {
        let line: Line<&str> = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let hash = match line.hash {
            None => 0,
            Some(text) => u64::from_str_radix(text, 16).map_err(|error| format!("hash {text}: {error}"))?,
        };
        self.seed = self.seed.or(line.seed);
        self.unknown += u64::from(line.op == Op::Other);
        let names = &mut self.names;
        let or_none = |number: Option<u32>| number.unwrap_or(NONE);
        let event = Event {
            t: line.t,
            hash,
            line: number(at),
            room: names.id(line.room),
            user: names.id(line.user),
            client: names.id(line.client),
            session: names.id(line.session),
            node: names.id(line.node),
            code: names.id(line.code),
            client_id: names.message(line.client_id),
            call: or_none(line.call),
            seq: or_none(line.seq),
            rev: or_none(line.rev),
            after_rev: or_none(line.after_rev),
            read_seq: or_none(line.read_seq),
            delivered_seq: or_none(line.delivered_seq.or(line.unread)),
            op: line.op,
            phase: line.phase,
            door: line.door,
            via: line.via,
            state: line.state,
            more: line.more == Some(true),
            duplicate: line.duplicate == Some(true),
            repeat: line.repeat == Some(true),
        };
        self.events.push(event);
        Ok(())
    }

    fn sort(&mut self) {
        self.events.sort_unstable_by_key(|event| (event.room, event.t, event.line));
    }

    /// What belongs to no room.
    pub fn general(&self) -> &[Event] {
        &self.events[..self.events.partition_point(|event| event.room == 0)]
    }

    /// The part of each room.
    pub fn rooms(&self) -> impl Iterator<Item = &[Event]> {
        self.events[self.general().len()..].chunk_by(|one, other| one.room == other.room)
    }

    /// The lines of that room (and of no room, but of that time) around one, the line itself marked.
    pub fn around(&self, line: u32, lines: usize) -> Vec<String> {
        let Some(at) = self.events.iter().position(|event| event.line == line) else { return Vec::new() };
        let room = self.events[at].room;
        let part = self.events.partition_point(|event| event.room < room)..self.events.partition_point(|event| event.room <= room);
        let near = &self.events[window(&part, at, lines)];
        let mut shown: Vec<&Event> = near.iter().collect();
        if room != 0
            && let (Some(first), Some(last)) = (near.first(), near.last())
        {
            let harness = |event: &&Event| matches!(event.op, Op::Kill | Op::Cut | Op::Ready) && (first.t..=last.t).contains(&event.t);
            shown.extend(self.general().iter().filter(harness));
        }
        shown.sort_by_key(|event| (event.t, event.line));
        let text = |event: &Event| self.line(event.line).unwrap_or_else(|error| format!("line {}: {error}", event.line));
        shown.into_iter().map(|event| format!("{} {}", if event.line == line { '>' } else { ' ' }, text(event))).collect()
    }

    /// The text of a line.
    fn line(&self, line: u32) -> io::Result<String> {
        let files = match &self.text {
            Text::Memory(lines) => return Ok(lines[line as usize].clone()),
            Text::Files(files) => files,
        };
        let indexed = &files[files.partition_point(|file| file.first <= line) - 1];
        let at = line - indexed.first;
        let mut file = File::open(&indexed.path)?;
        file.seek(SeekFrom::Start(indexed.places[(at / STRIDE) as usize]))?;
        let wanted = BufReader::new(file.take(1 << 24)).lines().nth((at % STRIDE) as usize);
        wanted.unwrap_or_else(|| Err(io::Error::other("the file has changed")))
    }
}

fn window(part: &Range<usize>, at: usize, lines: usize) -> Range<usize> {
    at.saturating_sub(lines).max(part.start)..(at + lines + 1).min(part.end)
}
