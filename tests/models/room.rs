//! RoomState: the changes of which this node heard, as a list that is never shortened.

use super::cases;
use crate::{
    actors::chat_server::{Follows, RoomState},
    domain::{Millis, RoomHead, samples},
};
use bytes::Bytes;
use proptest::prelude::*;

/// What a room keeps for those who come back: its last messages, as many as this and at most so many bytes.
const KEPT: usize = 64;
const KEPT_BYTES: usize = 256 * 1024;

#[derive(Clone, Debug)]
enum Do {
    /// So many messages follow one another, each so large.
    Commit(usize, usize),
    /// One comes that is so many changes ahead of the next, or was known.
    Elsewhere(i64),
    /// The database says how far the room has come: so many changes further.
    Reach(i64),
    Describe(i64),
}

fn steps() -> impl Strategy<Value = Vec<Do>> {
    let one = prop_oneof![
        8 => (1usize..40, prop_oneof![4 => 30usize..200, 1 => 4_000usize..9_000]).prop_map(|(count, size)| Do::Commit(count, size)),
        1 => (KEPT_BYTES - 300..KEPT_BYTES + 300).prop_map(|size| Do::Commit(1, size)),
        2 => (-5i64..5).prop_map(Do::Elsewhere),
        2 => (-3i64..4).prop_map(Do::Reach),
        1 => any::<u8>().prop_map(|members| Do::Describe(i64::from(members))),
    ];
    prop::collection::vec(one, 0..25)
}

struct Model {
    head: RoomHead,
    /// Every message of which this node heard, by its change, as the inside of a JSON object.
    heard: Vec<(i64, Vec<u8>)>,
}

impl Model {
    /// The messages after this change, where none is missing and all are among the last ones that are kept.
    fn since(&self, after: i64) -> Option<Vec<u8>> {
        let wanted: Vec<_> = self.heard.iter().filter(|(rev, _)| *rev > after).collect();
        let revs: Vec<i64> = wanted.iter().map(|(rev, _)| *rev).collect();
        let complete = revs == (after + 1..=self.head.rev).collect::<Vec<_>>();
        let size: usize = wanted.iter().map(|(_, fields)| fields.len()).sum();
        let objects = wanted.iter().map(|(_, fields)| [b"{", &fields[..]].concat()).collect::<Vec<_>>();
        (complete && wanted.len() <= KEPT && size <= KEPT_BYTES).then(|| objects.join(&b','))
    }
}

/// A message whose object, without its opening brace, has this size.
fn fields(rev: i64, size: usize) -> Vec<u8> {
    format!("\"rev\":{rev},\"body\":\"{}\"}}", "x".repeat(size)).into_bytes()
}

/// The room hears of a message, and does with it as ChatServer does.
fn commit(room: &mut RoomState, seq: i64, rev: i64, size: usize) -> Follows {
    let follows = room.commit(seq, rev, Millis(rev));
    match follows {
        Follows::Next => room.tail.push(rev, Bytes::from(fields(rev, size))),
        Follows::Gap { .. } => room.tail.reset(rev),
        Follows::Known => {}
    }
    follows
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn room_state_is_a_list_of_changes(first in 0i64..100, steps in steps()) {
        let head = samples::channel(1, 2, first);
        let mut room = RoomState::new(head.clone(), None);
        let mut model = Model { head, heard: Vec::new() };
        for step in steps {
            match step {
                Do::Commit(count, size) => for _ in 0..count {
                    let next = model.head.rev + 1;
                    prop_assert_eq!(commit(&mut room, next, next, size), Follows::Next);
                    model.heard.push((next, fields(next, size)));
                    (model.head.last_seq, model.head.rev, model.head.last_at) = (next, next, Some(Millis(next)));
                },
                Do::Elsewhere(ahead) => {
                    let (known, rev) = (model.head.rev, model.head.rev + 1 + ahead);
                    let follows = commit(&mut room, rev, rev, 10);
                    match ahead {
                        ..0 => prop_assert_eq!(follows, Follows::Known),
                        0 => {
                            prop_assert_eq!(follows, Follows::Next);
                            model.heard.push((rev, fields(rev, 10)));
                        }
                        _ => prop_assert_eq!(follows, Follows::Gap { after_rev: known }),
                    }
                    if ahead >= 0 {
                        (model.head.last_seq, model.head.rev, model.head.last_at) = (rev, rev, Some(Millis(rev)));
                    }
                }
                Do::Reach(further) => {
                    let (known, rev) = (model.head.rev, model.head.rev + further);
                    prop_assert_eq!(room.reach(rev, rev), (further > 0).then_some(known));
                    (model.head.last_seq, model.head.rev) = (known.max(rev), known.max(rev));
                }
                Do::Describe(members) => {
                    // A head that was read before the last messages.
                    let told = RoomHead { members, topic: format!("{members} of us"), ..samples::channel(1, 2, 0) };
                    room.describe(&told);
                    (model.head.members, model.head.topic) = (members, told.topic);
                }
            }
            prop_assert_eq!(&room.head, &model.head);
            for after in (model.head.rev - 70..=model.head.rev).step_by(3).chain([model.head.rev - 1, model.head.rev - 63, model.head.rev - 64, model.head.rev - 65]) {
                prop_assert_eq!(room.tail.since(after), model.since(after), "after {} of {}", after, model.head.rev);
            }
        }
    }
}
