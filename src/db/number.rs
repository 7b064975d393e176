//! A message's number in its table: the room's number, then `seq`.
//!
//! One integer instead of a room's 16 bytes and a `seq`: rows lie in the order in which they are read, SQLite keeps them in the tree
//! that it is best at, and a search index can refer to them.

/// How many bits hold `seq`.
const SEQ_BITS: u32 = 36;

/// The highest `seq` that a room can have: 68 thousand million messages. The schema sees to it that rooms' numbers fit above it.
const LAST_SEQ: i64 = (1 << SEQ_BITS) - 1;

/// The number of a room's message. What is out of range is taken for the nearest end.
pub(super) fn message(room: i64, seq: i64) -> i64 {
    room << SEQ_BITS | seq.clamp(0, LAST_SEQ)
}

/// The highest number that a message of the room can have.
pub(super) fn end(room: i64) -> i64 {
    message(room, LAST_SEQ)
}

/// The `seq` of a message.
pub(super) fn seq(message: i64) -> i64 {
    message & LAST_SEQ
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (room, at) in [(1, 1), (1, 0), (7, LAST_SEQ), (134_217_727, 1), (134_217_727, LAST_SEQ)] {
            let number = message(room, at);
            assert_eq!((number >> SEQ_BITS, seq(number)), (room, at));
            assert!((message(room, 0)..=end(room)).contains(&number));
        }
        assert_eq!(message(3, -1), message(3, 0));
        assert_eq!(message(3, i64::MAX), end(3));
        assert!(end(3) < message(4, 0));
    }
}
