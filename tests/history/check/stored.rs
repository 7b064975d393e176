//! K1 to K4: what the log must hold, and what it must not.

use super::{
    super::{
        load::{Event, History, NONE},
        record::{Op, Phase},
    },
    Check, Room, Tally,
};
use hashbrown::{HashMap, HashSet};

/// K1: what was acknowledged is in the log, where the answer said.
pub struct NoAckedLoss;

impl Check for NoAckedLoss {
    fn name(&self) -> &'static str {
        "K1 no acked loss"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        for ok in room.events.iter().filter(|event| event.is(Op::Send, Phase::Ok)) {
            let same = |entry: &Event| (entry.seq, entry.rev, entry.hash) == (ok.seq, ok.rev, ok.hash);
            let held = room.log.of_message(ok.user, ok.client_id).any(same);
            tally.expect(held, ok, || format!("acknowledged as seq {} rev {}, and the final log has it not, or not so", ok.seq, ok.rev));
        }
    }
}

/// K2: what is in the log was sent, and not refused.
#[derive(Default)]
pub struct NoPhantom {
    by_server: u64,
}

impl Check for NoPhantom {
    fn name(&self) -> &'static str {
        "K2 no phantom"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        let (mut tried, mut refused) = (HashMap::<_, u32>::new(), HashMap::<_, u32>::new());
        for event in room.events.iter().filter(|event| event.op == Op::Send) {
            let of = match event.phase {
                Phase::Invoke => &mut tried,
                Phase::Fail => &mut refused,
                _ => continue,
            };
            *of.entry((event.user, event.client_id, event.hash)).or_default() += 1;
        }
        for entry in room.log.entries() {
            if entry.client_id == 0 {
                self.by_server += 1;
                continue;
            }
            let key = (entry.user, entry.client_id, entry.hash);
            let (tried, refused) = (tried.get(&key).copied().unwrap_or(0), refused.get(&key).copied().unwrap_or(0));
            tally.expect(tried > refused, entry, || match tried {
                0 => format!("seq {} was stored, and nobody sent it", entry.seq),
                _ => format!("seq {} was stored, and each of its {tried} attempts was refused", entry.seq),
            });
        }
    }

    fn end(&mut self, _: &History, tally: &mut Tally) {
        if self.by_server > 0 {
            tally.notes.push(format!("{} written by the server itself", self.by_server));
        }
    }
}

/// K3: an author's `client_id` is one message.
#[derive(Default)]
pub struct OnePerId {
    /// In which room an id is; (author, id) → (room, line of the first mention).
    rooms: HashMap<(u32, u32), u32>,
}

impl Check for OnePerId {
    fn name(&self) -> &'static str {
        "K3 one per id"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        let mut places: HashMap<(u32, u32), u32> = HashMap::new();
        let mut firsts: HashSet<(u32, u32)> = HashSet::new();
        let answers = room.events.iter().filter(|event| event.is(Op::Send, Phase::Ok));
        for event in room.log.entries().iter().filter(|entry| entry.client_id != 0).chain(answers) {
            let key = (event.user, event.client_id);
            let seq = *places.entry(key).or_insert(event.seq);
            tally.expect(seq == event.seq, event, || format!("one client_id is seq {seq} and seq {}", event.seq));
            if event.op == Op::Send && !event.duplicate && !firsts.insert(key) {
                tally.wrong(event.line, || format!("seq {} was twice answered with duplicate false", event.seq));
            }
        }
        let twice = room.log.entries().iter().filter(|entry| entry.client_id != 0);
        for entry in twice {
            let count = room.log.of_message(entry.user, entry.client_id).count();
            if count > 1 {
                tally.wrong(entry.line, || format!("stored {count} times under one client_id"));
            }
            let elsewhere = *self.rooms.entry((entry.user, entry.client_id)).or_insert(entry.room);
            if elsewhere != entry.room {
                tally.wrong(entry.line, || format!("the same client_id is stored in room {}", room.history.names.name(elsewhere)));
            }
        }
    }
}

/// K4: numbers begin at 1, and there are no holes, in no reading at all.
pub struct NoHoles;

impl Check for NoHoles {
    fn name(&self) -> &'static str {
        "K4 no holes"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        for reading in &room.log.readings {
            for (wanted, entry) in (1..).zip(&reading.entries) {
                tally.expect(entry.rev == wanted, entry, || format!("rev {} where {wanted} was due, {:?}", entry.rev, reading.door));
            }
            let mut by_seq: Vec<&Event> = reading.entries.iter().collect();
            by_seq.sort_by_key(|entry| (entry.seq, entry.rev));
            for (wanted, entry) in (1..).zip(by_seq) {
                tally.expect(entry.seq == wanted, entry, || format!("seq {} where {wanted} was due, {:?}", entry.seq, reading.door));
            }
            let Some(end) = &reading.end else { continue };
            let count = reading.entries.len() as u32;
            let held = [end.seq, end.rev].iter().all(|head| *head == NONE || *head == count);
            tally.expect(held, end, || format!("{count} entries, and heads of {} and {}, {:?}", end.seq, end.rev, reading.door));
        }
    }
}
