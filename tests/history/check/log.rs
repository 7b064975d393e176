//! The log of a room, as final readers found it.

use super::super::{
    load::{Event, NONE},
    record::{Door, Op, Phase},
};
use hashbrown::HashMap;

/// One reading: the same door, and after restarts the same number.
pub struct Reading {
    /// Where.
    pub door: Door,
    /// What was read, in the order of `rev`.
    pub entries: Vec<Event>,
    /// The heads that the reader was told.
    pub end: Option<Event>,
}

/// All readings of a room; the database's is the log, else REST's, else WebSocket's.
#[derive(Default)]
pub struct Log {
    /// Every one of them.
    pub readings: Vec<Reading>,
    chosen: Option<usize>,
    by_message: HashMap<(u32, u32), Vec<u32>>,
    /// The last `seq` and the last `rev`.
    head: (u32, u32),
}

impl Log {
    /// Collects it from a room's lines.
    pub fn of(events: &[Event]) -> Self {
        let mut readings: HashMap<(Door, u32), Reading> = HashMap::new();
        for event in events.iter().filter(|event| event.op == Op::Log) {
            let door = event.door.unwrap_or(Door::Ws);
            let number = if door == Door::Restart { event.call } else { 0 };
            let reading = readings.entry((door, number)).or_insert_with(|| Reading { door, entries: Vec::new(), end: None });
            match event.phase {
                Phase::Ok => reading.end = Some(*event),
                _ => reading.entries.push(*event),
            }
        }
        let mut readings: Vec<_> = readings.into_iter().collect();
        readings.sort_by_key(|(key, _)| *key);
        let mut log = Log { readings: readings.into_iter().map(|(_, reading)| reading).collect(), ..Log::default() };
        for reading in &mut log.readings {
            reading.entries.sort_by_key(|event| (event.rev, event.line));
        }
        let final_door = |at: &usize| log.readings[*at].door != Door::Restart;
        log.chosen = (0..log.readings.len()).filter(final_door).max_by_key(|at| log.readings[*at].door);
        log.index();
        log
    }

    fn index(&mut self) {
        let mut by_message: HashMap<(u32, u32), Vec<u32>> = HashMap::new();
        for (at, entry) in (0..).zip(self.entries()) {
            by_message.entry((entry.user, entry.client_id)).or_default().push(at);
        }
        self.by_message = by_message;
        let last = |of: fn(&Event) -> u32| self.entries().iter().map(of).filter(|number| *number != NONE).max().unwrap_or(0);
        self.head = (last(|entry| entry.seq), last(|entry| entry.rev));
    }

    /// It was read at the end.
    pub fn is_known(&self) -> bool {
        self.chosen.is_some()
    }

    /// By `rev`.
    pub fn entries(&self) -> &[Event] {
        self.chosen.map_or(&[], |at| &self.readings[at].entries)
    }

    /// The readings after the end.
    pub fn finals(&self) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(|reading| reading.door != Door::Restart)
    }

    /// The last `seq` and the last `rev`.
    pub fn head(&self) -> (u32, u32) {
        self.head
    }

    /// The entry of a `rev`.
    pub fn at_rev(&self, rev: u32) -> Option<&Event> {
        let entries = self.entries();
        entries.get(entries.partition_point(|entry| entry.rev < rev)).filter(|entry| entry.rev == rev)
    }

    /// How many entries have a `rev` past the first and up to the second.
    pub fn count(&self, after: u32, until: u32) -> usize {
        let entries = self.entries();
        let before = |rev: u32| entries.partition_point(|entry| entry.rev <= rev);
        before(until).saturating_sub(before(after))
    }

    /// All entries under an author's `client_id`: one, where all is well.
    pub fn of_message(&self, user: u32, client_id: u32) -> impl Iterator<Item = &Event> {
        let found = self.by_message.get(&(user, client_id)).map_or(&[][..], Vec::as_slice);
        found.iter().map(|at| &self.entries()[*at as usize])
    }
}
