//! RoomState: what routing holds of a room that somebody present is a member of.

use super::users::UserIx;
use crate::domain::{Millis, RoomHead, User};
use bytes::Bytes;
use hashbrown::HashSet;
use std::collections::VecDeque;

/// Most messages kept of a room for returning sessions.
const TAIL: usize = 64;
/// Most bytes of them.
const TAIL_BYTES: usize = 256 * 1024;

/// One room.
#[derive(Debug)]
pub struct RoomState {
    /// As last committed.
    pub head: RoomHead,
    /// Of a direct room: both users.
    pub pair: Option<Box<[User; 2]>>,
    /// Its members whose state is loaded.
    pub members: HashSet<UserIx>,
    /// How many of them are online or away.
    pub online: u32,
    /// Its last messages.
    pub tail: Tail,
}

impl RoomState {
    /// Nobody is in it yet.
    pub fn new(head: RoomHead, pair: Option<Box<[User; 2]>>) -> Self {
        Self { tail: Tail::new(head.rev), head, pair, members: HashSet::new(), online: 0 }
    }

    /// A message was committed. Says whether it follows what is known; if not, something was missed.
    pub fn commit(&mut self, seq: i64, rev: i64, at: Millis) -> Follows {
        if rev <= self.head.rev {
            return Follows::Known;
        }
        let follows = if rev == self.head.rev + 1 { Follows::Next } else { Follows::Gap { after_rev: self.head.rev } };
        self.head.rev = rev;
        if seq > self.head.last_seq {
            (self.head.last_seq, self.head.last_at) = (seq, Some(at));
        }
        follows
    }

    /// The room is known to have come at least this far. Says after which change something was missed, if so.
    pub fn reach(&mut self, seq: i64, rev: i64) -> Option<i64> {
        let after_rev = self.head.rev;
        if rev <= after_rev {
            return None;
        }
        self.head.rev = rev;
        self.head.last_seq = self.head.last_seq.max(seq);
        self.tail.reset(rev);
        Some(after_rev)
    }

    /// Takes a committed head's describing fields. Numbers of the log come with commits only.
    pub fn describe(&mut self, head: &RoomHead) {
        self.head.kind = head.kind;
        self.head.name.clone_from(&head.name);
        self.head.topic.clone_from(&head.topic);
        self.head.members = head.members;
        self.head.archived_at = head.archived_at;
    }
}

/// How a commit relates to what is known of its room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Follows {
    /// It is the next change.
    Next,
    /// Changes between were missed.
    Gap {
        /// The last one that was not.
        after_rev: i64,
    },
    /// It was known already.
    Known,
}

/// The last messages of a room, encoded, so that a session that was gone for a moment costs no read.
#[derive(Debug)]
pub struct Tail {
    /// Holds all messages changed after this.
    from: i64,
    /// `rev` and the message's JSON object without its opening brace.
    messages: VecDeque<(i64, Bytes)>,
    bytes: usize,
}

impl Tail {
    /// Empty, in a room at this `rev`.
    pub fn new(rev: i64) -> Self {
        Self { from: rev, messages: VecDeque::new(), bytes: 0 }
    }

    /// Adds the next message. `fields` is its object without the opening brace.
    pub fn push(&mut self, rev: i64, fields: Bytes) {
        self.bytes += fields.len();
        self.messages.push_back((rev, fields));
        while (self.messages.len() > TAIL || self.bytes > TAIL_BYTES)
            && let Some((gone, fields)) = self.messages.pop_front()
        {
            self.from = gone;
            self.bytes -= fields.len();
        }
    }

    /// Whether it would hold more with all changes after `after_rev` and up to `rev`.
    pub fn lacks(&self, after_rev: i64, rev: i64) -> bool {
        after_rev < self.from && self.from <= rev
    }

    /// Adds what was read and what it [lacks](Tail::lacks): all changes after `after_rev`, the last ones first. What does not fit is left out.
    pub fn prepend(&mut self, after_rev: i64, last_first: impl Iterator<Item = (i64, Bytes)>) {
        let held_after = self.from;
        for (rev, fields) in last_first.skip_while(|(rev, _)| *rev > held_after) {
            if self.messages.len() == TAIL || self.bytes + fields.len() > TAIL_BYTES {
                self.from = rev;
                return;
            }
            self.bytes += fields.len();
            self.messages.push_front((rev, fields));
        }
        self.from = after_rev;
    }

    /// Forgets everything up to `rev`.
    pub fn reset(&mut self, rev: i64) {
        *self = Self::new(rev);
    }

    /// The messages after `after_rev` as a JSON list's inside, or none where some of them are not here.
    pub fn since(&self, after_rev: i64) -> Option<Vec<u8>> {
        if after_rev < self.from {
            return None;
        }
        let mut json = Vec::new();
        for (_, fields) in self.messages.iter().filter(|(rev, _)| *rev > after_rev) {
            if !json.is_empty() {
                json.push(b',');
            }
            json.push(b'{');
            json.extend_from_slice(fields);
        }
        Some(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tail_serves_only_what_it_has_all_of() {
        let mut tail = Tail::new(10);
        for rev in 11..=100 {
            tail.push(rev, Bytes::from(format!("\"rev\":{rev}}}")));
        }
        assert_eq!(tail.since(98).as_deref(), Some(&b"{\"rev\":99},{\"rev\":100}"[..]));
        assert_eq!(tail.since(100).as_deref(), Some(&b""[..]));
        assert!(tail.since(36).is_some());
        assert!(tail.since(35).is_none());
        tail.push(101, Bytes::from(vec![b'x'; TAIL_BYTES - 20]));
        assert!(tail.since(99).is_some() && tail.since(95).is_none(), "large ones leave room for few others");
    }

    #[test]
    fn tail_takes_what_was_read_before_what_it_heard() {
        let message = |rev: i64| (rev, Bytes::from(format!("\"rev\":{rev}}}")));
        let mut tail = Tail::new(10);
        tail.push(11, message(11).1);
        assert!(!tail.lacks(10, 11) && !tail.lacks(5, 9) && tail.lacks(5, 10) && tail.lacks(5, 11));
        tail.prepend(5, [11, 10, 8, 7].map(message).into_iter());
        assert_eq!(tail.since(5).as_deref(), Some(&b"{\"rev\":7},{\"rev\":8},{\"rev\":10},{\"rev\":11}"[..]));
        assert!(tail.since(4).is_none());
        tail.prepend(0, (1..=5).rev().map(|rev| (rev, Bytes::from(vec![b'x'; TAIL_BYTES / 3]))));
        assert!(tail.since(3).is_some() && tail.since(2).is_none(), "two of the large ones fit");
        let mut full = Tail::new(100);
        full.prepend(0, (1..=100).rev().map(message));
        assert!(full.since(36).is_some() && full.since(35).is_none());
    }
}
