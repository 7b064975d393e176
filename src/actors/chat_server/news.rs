//! News: what changed lately, so that what was read of the database before a change is known to be old.

use super::state::Loaded;
use crate::domain::{RoomId, UserId};
use std::collections::VecDeque;

/// How many changes are kept. What was read before the oldest of them passes for old and is read again.
const KEPT: usize = 4096;

/// What a change was about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum About {
    User(UserId),
    Room(RoomId),
    Anybody,
}

/// The last changes, each with its number.
#[derive(Debug, Default)]
pub(super) struct News {
    count: u64,
    last: VecDeque<About>,
}

impl News {
    /// How many changes there were. Who reads the database notes this before.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn add(&mut self, about: About) {
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(about);
        self.count += 1;
    }

    /// Whether what was read of a user and these rooms, when there were `count` changes, may be old.
    pub(super) fn outdate(&self, count: u64, user: UserId, rooms: &[Loaded]) -> bool {
        let since = self.count.saturating_sub(count);
        since > self.last.len() as u64
            || self.last.iter().rev().take(since as usize).any(|about| match about {
                About::User(id) => *id == user,
                About::Room(id) => rooms.iter().any(|room| room.head.id == *id),
                About::Anybody => true,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;

    #[test]
    fn what_was_read_before_a_change_of_its_own_is_old() {
        let (anna, bert) = (UserId::from([1; 16]), UserId::from([2; 16]));
        let rooms = [Loaded { head: samples::channel(7, 2, 0), mine: samples::seat(0), peer: None }];
        let mut news = News::default();
        let mut old = |about: About| {
            let count = news.count();
            news.add(about);
            let outdated = news.outdate(count, anna, &rooms);
            assert!(!news.outdate(news.count(), anna, &rooms), "what is read now is not");
            outdated
        };
        assert!(old(About::User(anna)) && old(About::Room(rooms[0].head.id)) && old(About::Anybody));
        assert!(!old(About::User(bert)) && !old(About::Room(RoomId::from([8; 16]))));
    }

    #[test]
    fn what_nobody_remembers_is_old() {
        let (anna, bert) = (UserId::from([1; 16]), UserId::from([2; 16]));
        let mut news = News::default();
        (0..KEPT).for_each(|_| news.add(About::User(bert)));
        assert!(!news.outdate(0, anna, &[]));
        news.add(About::User(bert));
        assert!(news.outdate(0, anna, &[]));
        assert!(!news.outdate(1, anna, &[]));
    }
}
