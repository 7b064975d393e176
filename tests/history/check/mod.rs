//! The checks, K1 to K14. The server names the order, so each is a pass over lines sorted by time with a hash map or two; only one room's
//! tables are held at a time.

mod agree;
mod answers;
mod faults;
mod fold;
mod log;
mod presence;
mod real_time;
mod receipts;
mod secrecy;
mod session;
mod stored;

use super::load::{Event, History};
pub use faults::Faults;
pub use log::Log;

/// One second of a history.
pub const SECOND: u64 = 1_000_000_000;

/// What a run is measured by.
#[derive(Clone, Debug)]
pub struct Config {
    /// A request without a fault near it is answered within this.
    pub answer: u64,
    /// A request near a fault has at least ended by then: a half-open connection is found out within 40 s.
    pub answer_in_fault: u64,
    /// What was under way when a member was removed may still arrive for so long.
    pub removal: u64,
    /// After a fault is over, so long is still counted to it.
    pub recovery: u64,
    /// Share of `ok` outside of faults.
    pub available: f64,
    /// With a smaller share of `ok`, in per cent, a run says nothing.
    pub void_below: f64,
    /// A run without a fault says nothing.
    pub faults_wanted: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            answer: 5 * SECOND,
            answer_in_fault: 40 * SECOND,
            removal: SECOND,
            recovery: 2 * SECOND,
            available: 0.999,
            void_below: 90.0,
            faults_wanted: true,
        }
    }
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Tally {
    /// How much was looked at: a check that saw nothing says nothing.
    pub examined: u64,
    /// How often the rule was broken.
    pub violations: u64,
    /// The line where it first was, and why that is wrong.
    pub first: Option<(u32, String)>,
    /// Figures beside the verdict.
    pub notes: Vec<String>,
}

impl Tally {
    /// One thing was looked at.
    pub fn expect(&mut self, holds: bool, event: &Event, why: impl FnOnce() -> String) {
        self.examined += 1;
        if !holds {
            self.wrong(event.line, why);
        }
    }

    /// The rule was broken.
    pub fn wrong(&mut self, line: u32, why: impl FnOnce() -> String) {
        self.violations += 1;
        self.first.get_or_insert_with(|| (line, why()));
    }
}

/// One room, with what every check needs of it.
pub struct Room<'a> {
    /// The whole.
    pub history: &'a History,
    /// Its lines, by time.
    pub events: &'a [Event],
    /// Its log as it was found in the end.
    pub log: Log,
}

/// A rule. Rooms come one after the other, and then the end.
pub trait Check {
    /// As the report has it.
    fn name(&self) -> &'static str;
    /// Looks at one room.
    fn room(&mut self, room: &Room<'_>, tally: &mut Tally);
    /// Looks at what is left when all rooms were seen.
    fn end(&mut self, _history: &History, _tally: &mut Tally) {}
}

/// The outcome of all of them.
pub struct Outcome {
    /// By name.
    pub checks: Vec<(&'static str, Tally)>,
    /// Why this run proves nothing, where it does not.
    pub void: Vec<String>,
}

impl Outcome {
    /// No rule was broken.
    pub fn green(&self) -> bool {
        self.checks.iter().all(|(_, tally)| tally.violations == 0)
    }

    /// The check of a name that begins so, as `K6`.
    pub fn of(&self, name: &str) -> &Tally {
        let found = self.checks.iter().find(|(full, _)| full.split(' ').next() == Some(name));
        &found.expect("there is such a check").1
    }
}

/// Judges a history.
pub fn run(history: &History, config: &Config) -> Outcome {
    let faults = Faults::of(history);
    let mut checks: Vec<(Box<dyn Check>, Tally)> =
        all(history, config, &faults).into_iter().map(|check| (check, Tally::default())).collect();
    let mut void = Vec::new();
    for events in history.rooms() {
        let room = Room { history, events, log: Log::of(events) };
        if !room.log.is_known() {
            void.push(format!("no final reading of room {}", history.names.name(events[0].room)));
        }
        for (check, tally) in &mut checks {
            check.room(&room, tally);
        }
    }
    for (check, tally) in &mut checks {
        check.end(history, tally);
    }
    if config.faults_wanted && faults.is_empty() {
        void.push("no fault was hit".to_owned());
    }
    let share = answers::share_of_ok(history);
    if share * 100.0 < config.void_below {
        void.push(format!("{:.1} % of all requests were done, and {} % are wanted", share * 100.0, config.void_below));
    }
    Outcome { checks: checks.into_iter().map(|(check, tally)| (check.name(), tally)).collect(), void }
}

fn all<'a>(history: &'a History, config: &'a Config, faults: &'a Faults) -> Vec<Box<dyn Check + 'a>> {
    vec![
        Box::new(stored::NoAckedLoss),
        Box::new(stored::NoPhantom::default()),
        Box::new(stored::OnePerId::default()),
        Box::new(stored::NoHoles),
        Box::new(agree::OneHistory),
        Box::new(session::SessionOrder::default()),
        Box::new(fold::Convergence::default()),
        Box::new(agree::NoDirtyRead),
        Box::new(real_time::RealTime),
        Box::new(receipts::Receipts),
        Box::new(presence::Presence),
        Box::new(answers::Answers::new(config, faults)),
        Box::new(secrecy::Secrecy::new(history, config)),
        Box::new(answers::Availability::new(config, faults)),
    ]
}
