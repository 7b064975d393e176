//! K12 and K14: everything asked is answered, in time, and nearly always with what was asked for.

use super::{
    super::{
        load::{Event, History},
        record::{Op, Phase},
    },
    Check, Config, Faults, Room, SECOND, Tally,
};
use hashbrown::HashMap;

fn is_end(event: &Event) -> bool {
    matches!(event.phase, Phase::Ok | Phase::Fail | Phase::Info) && !matches!(event.op, Op::Log | Op::Drained)
}

/// Of all requests that ended, how many were done.
pub fn share_of_ok(history: &History) -> f64 {
    let (mut all, mut done) = (0_u64, 0_u64);
    for event in history.events.iter().filter(|event| is_end(event)) {
        all += 1;
        done += u64::from(event.phase == Phase::Ok);
    }
    if all == 0 { 0.0 } else { done as f64 / all as f64 }
}

/// Calls `told` with each request and its end, or none.
fn pair(events: &[Event], mut told: impl FnMut(Option<&Event>, Option<&Event>)) {
    let mut open: HashMap<(u32, u32), &Event> = HashMap::new();
    for event in events {
        let key = (event.session, event.call);
        if event.phase == Phase::Invoke {
            if let Some(earlier) = open.insert(key, event) {
                told(Some(earlier), None);
            }
        } else if is_end(event) {
            told(open.remove(&key), Some(event));
        }
    }
    let mut silent: Vec<&Event> = open.into_values().collect();
    silent.sort_by_key(|event| event.line);
    silent.into_iter().for_each(|event| told(Some(event), None));
}

/// K12.
pub struct Answers<'a> {
    config: &'a Config,
    faults: &'a Faults,
}

impl<'a> Answers<'a> {
    /// With its bounds.
    pub fn new(config: &'a Config, faults: &'a Faults) -> Self {
        Answers { config, faults }
    }

    fn judge(&self, history: &History, events: &[Event], tally: &mut Tally) {
        pair(events, |asked, end| match (asked, end) {
            (Some(asked), None) => tally.expect(false, asked, || "this has no end".to_owned()),
            (None, Some(end)) => tally.expect(false, end, || "an end that nobody waits for: a second one, or to nothing".to_owned()),
            (Some(asked), Some(end)) => {
                let hurt = self.faults.near(asked, asked.t, end.t, self.config.recovery);
                let bound = if hurt { self.config.answer_in_fault } else { self.config.answer };
                let took = end.t - asked.t;
                tally.expect(took <= bound, end, || format!("{} ms, and {} are allowed", took / 1_000_000, bound / 1_000_000));
                if !hurt && end.phase == Phase::Info && history.names.name(end.code) == "timeout" {
                    tally.wrong(end.line, || "silence, and no fault near it".to_owned());
                }
            }
            (None, None) => {}
        });
    }
}

impl Check for Answers<'_> {
    fn name(&self) -> &'static str {
        "K12 answers"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        self.judge(room.history, room.events, tally);
    }

    fn end(&mut self, history: &History, tally: &mut Tally) {
        self.judge(history, history.general(), tally);
    }
}

/// K14.
pub struct Availability<'a> {
    config: &'a Config,
    faults: &'a Faults,
    done: u64,
    unknown: u64,
    first: Option<Event>,
    /// The first `ok` after the end of each fault.
    back: Vec<(u64, u64)>,
}

impl<'a> Availability<'a> {
    /// With its share.
    pub fn new(config: &'a Config, faults: &'a Faults) -> Self {
        let back = faults.ends().into_iter().map(|end| (end, u64::MAX)).collect();
        Availability { config, faults, done: 0, unknown: 0, first: None, back }
    }

    fn count(&mut self, events: &[Event]) {
        pair(events, |asked, end| {
            let (Some(asked), Some(end)) = (asked, end) else { return };
            if end.phase == Phase::Ok {
                let before = self.back.partition_point(|(over, _)| *over <= asked.t);
                if let Some((_, first)) = before.checked_sub(1).map(|at| &mut self.back[at]) {
                    *first = (*first).min(end.t);
                }
            }
            // A refusal is an answer, but says nothing of whether writing works.
            if end.phase == Phase::Fail || self.faults.near(asked, asked.t, end.t, self.config.recovery) {
                return;
            }
            match end.phase {
                Phase::Ok => self.done += 1,
                _ => {
                    self.unknown += 1;
                    self.first.get_or_insert(*end);
                }
            }
        });
    }
}

impl Check for Availability<'_> {
    fn name(&self) -> &'static str {
        "K14 availability"
    }

    fn room(&mut self, room: &Room<'_>, _: &mut Tally) {
        self.count(room.events);
    }

    fn end(&mut self, history: &History, tally: &mut Tally) {
        self.count(history.general());
        tally.examined = self.done + self.unknown;
        let share = if tally.examined == 0 { 1.0 } else { self.done as f64 / tally.examined as f64 };
        tally.notes.push(format!("{:.3} % ok outside of faults", share * 100.0));
        if let Some(first) = self.first.filter(|_| share < self.config.available) {
            tally
                .wrong(first.line, || format!("{} of {} had no known outcome, with no fault near", self.unknown, self.done + self.unknown));
        }
        let times: Vec<u64> = self.back.iter().filter(|(_, first)| *first != u64::MAX).map(|(over, first)| first - over).collect();
        if let Some(longest) = times.iter().max() {
            tally.notes.push(format!("first ok at most {:.3} s after a fault, of {}", *longest as f64 / SECOND as f64, times.len()));
        }
    }
}
