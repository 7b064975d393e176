//! K7: when all is quiet, what a client holds is what a fresh one would fetch.

use super::{
    super::{
        load::{Event, History, NONE},
        record::{Op, Phase},
    },
    Check, Room, Tally,
};
use hashbrown::{HashMap, HashSet};

/// K7. The checker folds what each client was told by itself, over all its sessions, and does not believe the client's own account alone.
#[derive(Default)]
pub struct Convergence {
    drained: HashSet<u32>,
}

impl Check for Convergence {
    fn name(&self) -> &'static str {
        "K7 convergence"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        let drained: Vec<&Event> = room.events.iter().filter(|event| event.op == Op::Drained).collect();
        let mut held: HashMap<u32, HashMap<u32, u64>> = drained.iter().map(|event| (event.client, HashMap::new())).collect();
        for event in room.events {
            let told = event.is(Op::Message, Phase::Event) || event.is(Op::Send, Phase::Ok);
            if told && let Some(held) = held.get_mut(&event.client) {
                held.insert(event.rev, event.hash);
            }
        }
        for event in drained {
            self.drained.insert(event.client);
            compare(room, event, &held[&event.client], tally);
        }
    }

    fn end(&mut self, _: &History, tally: &mut Tally) {
        tally.notes.push(format!("{} clients were drained", self.drained.len()));
    }
}

fn compare(room: &Room<'_>, event: &Event, held: &HashMap<u32, u64>, tally: &mut Tally) {
    let (last_seq, head) = room.log.head();
    tally.expect(event.rev == head, event, || format!("drained at rev {}, and the head is {head}", event.rev));
    let after = if event.after_rev == NONE { head } else { event.after_rev };
    for entry in room.log.entries().iter().filter(|entry| entry.rev > after) {
        tally.expect(held.get(&entry.rev) == Some(&entry.hash), event, || match held.get(&entry.rev) {
            None => format!("this client was never told of rev {}", entry.rev),
            Some(other) => format!("this client holds {other:016x} as rev {}, the log {:016x}", entry.rev, entry.hash),
        });
    }
    let unread = event.delivered_seq;
    if unread != NONE && event.read_seq != NONE {
        tally.expect(event.read_seq + unread == last_seq, event, || {
            format!("{unread} unread after {}, and the last seq is {last_seq}", event.read_seq)
        });
    }
}
