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
    /// A message names a user. Who reads them need not read again: it can be told by its number whether the read has counted it.
    Mention(UserId, RoomId, i64),
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

    /// What came after there were `count` changes, as far as it is kept.
    fn since(&self, count: u64) -> impl Iterator<Item = &About> {
        self.last.iter().rev().take(self.count.saturating_sub(count) as usize)
    }

    /// Whether what was read of a user and these rooms, when there were `count` changes, may be old.
    pub(super) fn outdate(&self, count: u64, user: UserId, rooms: &[Loaded]) -> bool {
        self.count.saturating_sub(count) > self.last.len() as u64
            || self.since(count).any(|about| match about {
                About::User(id) => *id == user,
                About::Room(id) => rooms.iter().any(|room| room.head.id == *id),
                About::Mention(..) => false,
                About::Anybody => true,
            })
    }

    /// Counts the mentions of a user that came after these rooms were read.
    pub(super) fn top_up(&self, count: u64, user: UserId, rooms: &mut [Loaded]) {
        for about in self.since(count) {
            if let About::Mention(named, id, seq) = about
                && *named == user
                && let Some(room) = rooms.iter_mut().find(|room| room.head.id == *id && room.head.last_seq < *seq)
            {
                room.mine.mentions += 1;
            }
        }
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
    fn mentions_after_a_read_are_counted() {
        let anna = UserId::from([1; 16]);
        let head = samples::channel(7, 2, 5);
        let mention = |user, seq| About::Mention(user, head.id, seq);
        let mut news = News::default();
        news.add(mention(anna, 4));
        let count = news.count();
        // The read has seen the first; the last names another.
        for about in [mention(anna, 5), mention(anna, 6), mention(anna, 7), mention(UserId::from([2; 16]), 8)] {
            news.add(about);
        }
        let mut rooms = [Loaded { head, mine: samples::seat(0), peer: None }];
        assert!(!news.outdate(count, anna, &rooms));
        news.top_up(count, anna, &mut rooms);
        assert_eq!(rooms[0].mine.mentions, 2);
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
