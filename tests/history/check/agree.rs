//! K5 and K8: all see one history, and nothing that is not in it.

use super::{
    super::{
        load::{Event, NONE},
        record::{Op, Phase},
    },
    Check, Room, Tally,
};
use hashbrown::HashMap;

/// A message as somebody saw it, the own one's answer among them.
fn is_sight(event: &Event) -> bool {
    event.is(Op::Message, Phase::Event) || (event.is(Op::Send, Phase::Ok) && !event.duplicate)
}

/// K5: a `rev` is one body, for every session, node and door.
pub struct OneHistory;

impl Check for OneHistory {
    fn name(&self) -> &'static str {
        "K5 one history"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        let mut bodies: HashMap<u32, u64> = HashMap::new();
        for event in room.events.iter().filter(|event| is_sight(event) || event.is(Op::Log, Phase::Event)) {
            let first = *bodies.entry(event.rev).or_insert(event.hash);
            tally.expect(first == event.hash, event, || {
                format!("rev {} is {first:016x} to one and {:016x} to another", event.rev, event.hash)
            });
        }
        for reading in room.log.finals() {
            let agree = reading.entries.len() == room.log.entries().len();
            let Some(line) = reading.end.or(reading.entries.last().copied()).or(room.log.entries().last().copied()) else { continue };
            tally.expect(agree, &line, || {
                format!("{:?} has {} entries, the log {}", reading.door, reading.entries.len(), room.log.entries().len())
            });
        }
    }
}

/// K8: whatever somebody saw is in the final log.
pub struct NoDirtyRead;

impl Check for NoDirtyRead {
    fn name(&self) -> &'static str {
        "K8 no dirty read"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        if !room.log.is_known() {
            return;
        }
        for event in room.events.iter().filter(|event| is_sight(event)) {
            let same = |entry: &Event| {
                entry.seq == event.seq && entry.user == event.user && (event.client_id == 0 || entry.client_id == event.client_id)
            };
            let held = event.rev != NONE && room.log.at_rev(event.rev).is_some_and(same);
            tally.expect(held, event, || format!("seq {} rev {} was seen, and is not in the final log", event.seq, event.rev));
        }
    }
}
