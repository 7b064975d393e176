//! K10: watermarks rise, keep their order, and survive.

use super::{
    super::{
        load::{Event, NONE},
        record::{Op, Phase},
    },
    Check, Room, Tally,
};
use hashbrown::HashMap;

/// `read` and `delivered`.
type Marks = (u32, u32);

/// K10.
pub struct Receipts;

impl Check for Receipts {
    fn name(&self) -> &'static str {
        "K10 receipts"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        let sent = first_sent(room);
        let mut seen: HashMap<(u32, u32), Marks> = HashMap::new();
        let mut users: HashMap<u32, User> = HashMap::new();
        for event in room.events {
            match (event.op, event.phase) {
                (Op::Receipt, Phase::Event) if event.door.is_none() => {
                    in_bounds(room, event, &sent, tally);
                    rises(event, seen.entry((event.session, event.user)).or_default(), tally);
                }
                // Who comes in has nothing unread, however far the room was then.
                (Op::Join | Op::Add, Phase::Ok | Phase::Info) => users.entry(event.user).or_default().may_reach(room.log.head().0),
                (Op::Read | Op::Delivered | Op::Send, _) => users.entry(event.user).or_default().own(event, tally),
                _ => {}
            }
        }
        // A send of unknown outcome that was stored has lifted them too.
        for entry in room.log.entries() {
            users.entry(entry.user).or_default().may_reach(entry.seq);
        }
        for event in room.events.iter().filter(|event| event.is(Op::Receipt, Phase::Event) && event.door.is_some()) {
            in_bounds(room, event, &sent, tally);
            users.entry(event.user).or_default().last(event, tally);
        }
    }
}

/// When each `seq` was first sent: nobody can have read it before.
fn first_sent(room: &Room<'_>) -> HashMap<u32, u64> {
    let mut times = HashMap::new();
    for event in room.events.iter().filter(|event| event.is(Op::Send, Phase::Invoke)) {
        for entry in room.log.of_message(event.user, event.client_id) {
            times.entry(entry.seq).or_insert(event.t);
        }
    }
    times
}

fn in_bounds(room: &Room<'_>, event: &Event, sent: &HashMap<u32, u64>, tally: &mut Tally) {
    let (read, delivered) = (event.read_seq, event.delivered_seq);
    if read != NONE && delivered != NONE {
        tally.expect(read <= delivered, event, || format!("read {read}, delivered {delivered}"));
    }
    if !room.log.is_known() {
        return;
    }
    let head = room.log.head().0;
    for mark in [read, delivered].into_iter().filter(|mark| *mark != NONE && *mark > 0) {
        let exists = mark <= head && sent.get(&mark).is_none_or(|first| *first <= event.t);
        tally.expect(exists, event, || format!("a watermark at {mark}, and no such message was sent yet (the head is {head} in the end)"));
    }
}

fn rises(event: &Event, before: &mut Marks, tally: &mut Tally) {
    for (mark, before) in [(event.read_seq, &mut before.0), (event.delivered_seq, &mut before.1)] {
        if mark != NONE {
            tally.expect(mark >= *before, event, || format!("a watermark fell from {before} to {mark}"));
            *before = mark.max(*before);
        }
    }
}

/// What a user did to the own watermarks.
#[derive(Default)]
struct User {
    acked: Marks,
    /// As far as they may be, if everything of unknown outcome was done.
    tried: Marks,
    /// Requests under way: what was acknowledged when they were asked.
    asked: HashMap<(u32, u32), Marks>,
}

impl User {
    fn may_reach(&mut self, seq: u32) {
        self.tried = (self.tried.0.max(seq), self.tried.1.max(seq));
    }

    fn own(&mut self, event: &Event, tally: &mut Tally) {
        let key = (event.session, event.call);
        match (event.op, event.phase) {
            (_, Phase::Invoke) => {
                self.asked.insert(key, self.acked);
                self.attempt(event);
            }
            (_, Phase::Ok) => {
                let asked = self.asked.remove(&key).unwrap_or_default();
                self.answered(event, asked, tally);
            }
            _ => drop(self.asked.remove(&key)),
        }
    }

    fn attempt(&mut self, event: &Event) {
        if event.seq == NONE || event.op == Op::Send {
            return;
        }
        self.tried.1 = self.tried.1.max(event.seq);
        if event.op == Op::Read {
            self.tried.0 = self.tried.0.max(event.seq);
        }
    }

    fn answered(&mut self, event: &Event, asked: Marks, tally: &mut Tally) {
        let (read, delivered) = match event.op {
            // Who writes has read.
            Op::Send => (event.seq, event.seq),
            Op::Read => (event.read_seq, event.read_seq),
            _ => (0, event.delivered_seq),
        };
        if read == NONE || delivered == NONE {
            return;
        }
        match event.op {
            Op::Read => tally.expect(read >= asked.0, event, || format!("read_seq {read}, and {} was acknowledged before", asked.0)),
            Op::Delivered => {
                tally.expect(delivered >= asked.1, event, || format!("delivered_seq {delivered}, and {} was acknowledged before", asked.1));
            }
            _ => {}
        }
        self.acked = (self.acked.0.max(read), self.acked.1.max(delivered));
        self.tried = (self.tried.0.max(read), self.tried.1.max(delivered));
    }

    /// The final watermark is what was acknowledged, or more only where something of unknown outcome was more.
    fn last(&self, event: &Event, tally: &mut Tally) {
        for (what, mark, acked, tried) in
            [("read", event.read_seq, self.acked.0, self.tried.0), ("delivered", event.delivered_seq, self.acked.1, self.tried.1)]
        {
            if mark != NONE {
                let within = (acked..=tried.max(acked)).contains(&mark);
                tally.expect(within, event, || format!("in the end {what} is {mark}; {acked} was acknowledged, {tried} tried"));
            }
        }
    }
}
