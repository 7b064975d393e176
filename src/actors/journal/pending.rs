//! What waits for a lane's next batch. Pure.

use crate::{
    actors::chat_server::Origin,
    db::append,
    domain::{NewMessage, RoomId, UserId},
};
use hashbrown::HashMap;
use std::{collections::VecDeque, mem};

/// Most messages in one batch: bounds how long a commit takes, and so how long the next message waits.
const BATCH: usize = 2_000;
/// Most bytes of messages that wait in a lane.
pub(super) const BYTES: usize = 16 * 1024 * 1024;

/// A watermark that is to rise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raise {
    /// Where.
    pub room: RoomId,
    /// Whose.
    pub user: UserId,
    /// All up to this was read.
    pub read_seq: Option<i64>,
    /// All up to this was delivered.
    pub delivered_seq: Option<i64>,
}

/// Something to store.
#[derive(Debug)]
pub enum Entry {
    /// A message.
    Append(NewMessage, Origin),
    /// A watermark.
    Mark(Raise, Origin),
}

impl Entry {
    pub(super) fn room(&self) -> RoomId {
        match self {
            Self::Append(message, _) => message.room,
            Self::Mark(raise, _) => raise.room,
        }
    }
}

/// What waits for one lane's next batch.
#[derive(Default, Debug)]
pub struct Pending {
    /// With the tick at which each came.
    messages: VecDeque<(NewMessage, Origin, u32)>,
    bytes: usize,
    marks: Vec<(Raise, Vec<Origin>, u32)>,
    /// Who asked for `marks`, all together.
    markers: usize,
    by_member: HashMap<(RoomId, UserId), usize>,
}

/// A batch with who asked for what.
#[derive(Debug)]
pub struct Batch {
    /// Goes to the store.
    pub work: append::Batch,
    /// Who sent each message.
    pub senders: Vec<Origin>,
    /// Who asked for each watermark.
    pub markers: Vec<Vec<Origin>>,
    /// The tick at which the first of them came.
    pub since: u32,
}

impl Pending {
    /// Takes an entry at this tick, unless `bound` messages wait already, or `bound` who asked for watermarks.
    ///
    /// Watermarks of one member in one room are merged: only the highest counts. Each who asked is still answered, so each counts for the bound.
    pub fn push(&mut self, entry: Entry, bound: usize, now: u32) -> Result<(), Origin> {
        match entry {
            Entry::Append(_, origin) if self.messages.len() >= bound || self.bytes >= BYTES => Err(origin),
            Entry::Append(message, origin) => {
                self.bytes += message.body.len();
                self.messages.push_back((message, origin, now));
                Ok(())
            }
            Entry::Mark(_, origin) if self.markers >= bound => Err(origin),
            Entry::Mark(raise, origin) => {
                self.markers += 1;
                match self.by_member.get(&(raise.room, raise.user)) {
                    Some(&at) => {
                        let (known, origins, _) = &mut self.marks[at];
                        known.read_seq = known.read_seq.max(raise.read_seq);
                        known.delivered_seq = known.delivered_seq.max(raise.delivered_seq);
                        origins.push(origin);
                    }
                    None => {
                        self.by_member.insert((raise.room, raise.user), self.marks.len());
                        self.marks.push((raise, vec![origin], now));
                    }
                }
                Ok(())
            }
        }
    }

    /// How many messages wait.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.marks.is_empty()
    }

    /// The tick at which the first of those who wait came.
    pub(super) fn since(&self) -> Option<u32> {
        let message = self.messages.front().map(|(.., tick)| *tick);
        let mark = self.marks.first().map(|(.., tick)| *tick);
        message.into_iter().chain(mark).min()
    }

    /// The next batch; what is over its size waits on.
    pub fn take(&mut self) -> Batch {
        let since = self.since().unwrap_or_default();
        let count = self.messages.len().min(BATCH);
        let (messages, senders): (Vec<_>, Vec<_>) = self.messages.drain(..count).map(|(message, origin, _)| (message, origin)).unzip();
        self.bytes -= messages.iter().map(|message| message.body.len()).sum::<usize>();
        let (marks, markers) = mem::take(&mut self.marks)
            .into_iter()
            .map(|(raise, origins, _)| {
                let Raise { room, user, read_seq, delivered_seq } = raise;
                (append::Mark { room, user, read_seq, delivered_seq }, origins)
            })
            .unzip();
        self.markers = 0;
        self.by_member.clear();
        Batch { work: append::Batch { messages, marks }, senders, markers, since }
    }

    /// Takes out who has waited since `since` or longer.
    pub(super) fn give_up(&mut self, since: u32, out: &mut Vec<Origin>) {
        let late = self.messages.iter().take_while(|(.., tick)| *tick <= since).count();
        for (message, origin, _) in self.messages.drain(..late) {
            self.bytes -= message.body.len();
            out.push(origin);
        }
        let late = self.marks.iter().take_while(|(.., tick)| *tick <= since).count();
        if late > 0 {
            let before = out.len();
            out.extend(self.marks.drain(..late).flat_map(|(_, origins, _)| origins));
            self.markers -= out.len() - before;
            self.by_member = self.marks.iter().enumerate().map(|(at, (raise, ..))| ((raise.room, raise.user), at)).collect();
        }
    }
}
