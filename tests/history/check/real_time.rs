//! K9: what was acknowledged before something was asked comes before it, and is in what is read.

use super::{
    super::{
        load::{Event, NONE},
        record::{Op, Phase},
    },
    Check, Room, Tally,
};
use hashbrown::{HashMap, HashSet};

/// The highest numbers acknowledged at a time strictly before the present one: at the same nanosecond nobody was first.
#[derive(Default)]
struct Acked {
    settled: (u32, u32),
    pending: (u32, u32),
    at: u64,
}

impl Acked {
    fn before(&mut self, t: u64) -> (u32, u32) {
        if t > self.at {
            self.settled = self.pending;
        }
        self.settled
    }

    fn add(&mut self, ok: &Event) {
        self.before(ok.t);
        self.at = ok.t;
        self.pending = (self.pending.0.max(ok.seq), self.pending.1.max(ok.rev));
    }
}

/// K9, over all nodes: a reader on another node than the writer's gets no discount.
pub struct RealTime;

impl Check for RealTime {
    fn name(&self) -> &'static str {
        "K9 real time"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        let mut acked = Acked::default();
        let mut begun: HashSet<(u32, u32)> = HashSet::new();
        // What a read that is under way must contain.
        let mut due: HashMap<(u32, u32), (u32, u32)> = HashMap::new();
        for event in room.events {
            match (event.op, event.phase) {
                // A retry may have been stored at its first attempt.
                (Op::Send, Phase::Invoke) if begun.insert((event.user, event.client_id)) => {
                    after_all_acked(room, event, acked.before(event.t).0, tally);
                }
                (Op::Send, Phase::Ok) if event.seq != NONE && event.rev != NONE => acked.add(event),
                (Op::Sync | Op::History, Phase::Invoke) => drop(due.insert((event.session, event.call), acked.before(event.t))),
                (Op::Sync | Op::History, Phase::Ok) => {
                    if let Some(due) = due.remove(&(event.session, event.call)).filter(|_| !event.more) {
                        contains(event, due, tally);
                    }
                }
                _ => {}
            }
        }
    }
}

fn after_all_acked(room: &Room<'_>, event: &Event, acked: u32, tally: &mut Tally) {
    for entry in room.log.of_message(event.user, event.client_id) {
        tally.expect(entry.seq > acked, event, || {
            format!("this is stored as seq {}, and seq {acked} was acknowledged before it was sent", entry.seq)
        });
    }
}

fn contains(event: &Event, due: (u32, u32), tally: &mut Tally) {
    let (what, reached, due) = match event.op {
        Op::Sync => ("rev", event.rev, due.1),
        _ => ("seq", event.seq, due.0),
    };
    let reached = if reached == NONE { 0 } else { reached };
    tally.expect(reached >= due, event, || format!("this ends at {what} {reached}, and {due} was acknowledged before it was asked"));
}
