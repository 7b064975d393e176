//! K11: some time after the last change all observers agree with the truth about who is there.

use super::{
    super::{
        load::{Event, History},
        record::{Op, Phase, State, close},
    },
    Check, Faults, Room, SECOND, Tally,
};
use hashbrown::HashMap;

/// What is true of a user from a time on, and by when others know.
struct Change {
    t: u64,
    state: State,
    within: u64,
    line: u32,
}

/// A connection, as an observer.
#[derive(Default)]
struct Observer {
    client: u32,
    from: u64,
    until: u64,
    /// What it was told, by user, in order.
    told: HashMap<u32, Vec<(u64, State, u32)>>,
}

/// K11. A session observes those of whom it was told at all.
pub struct Presence;

impl Check for Presence {
    fn name(&self) -> &'static str {
        "K11 presence"
    }

    fn room(&mut self, _: &Room<'_>, _: &mut Tally) {}

    fn end(&mut self, history: &History, tally: &mut Tally) {
        let general = history.general();
        let Some(last) = general.last() else { return };
        let (truth, observers) = (changes(history, general), observers(general, last.t));
        let faults = Faults::of(history);
        let (mut times, mut flaps) = (Vec::new(), 0);
        for observer in &observers {
            for (user, told) in &observer.told {
                let Some(changes) = truth.get(user) else { continue };
                flaps += told.windows(2).filter(|pair| pair[0].1 == pair[1].1).count();
                for (at, change) in changes.iter().enumerate() {
                    let until = changes.get(at + 1).map_or(last.t, |next| next.t);
                    judge(observer, told, change, until, &faults, &mut times, tally);
                }
            }
        }
        times.sort_unstable();
        if let Some(p99) = times.get(times.len().saturating_sub(1) * 99 / 100) {
            tally.notes.push(format!("p99 {:.3} s to converge, {flaps} told again without a change", *p99 as f64 / SECOND as f64));
        }
    }
}

/// The truth, by user: from sessions that open and close, and from what users say of themselves.
fn changes(history: &History, general: &[Event]) -> HashMap<u32, Vec<Change>> {
    let mut open: HashMap<u32, i32> = HashMap::new();
    let mut truth: HashMap<u32, Vec<Change>> = HashMap::new();
    for event in general {
        let (state, within) = match (event.op, event.phase) {
            (Op::Session, Phase::Open) => {
                *open.entry(event.user).or_default() += 1;
                (State::Online, 2)
            }
            (Op::Session, Phase::Close) => {
                let left = open.entry(event.user).or_default();
                *left -= 1;
                if *left > 0 {
                    continue;
                }
                (State::Offline, bound(history.names.name(event.code)))
            }
            (Op::SetPresence, Phase::Ok) => (event.state.unwrap_or(State::Online), 2),
            _ => continue,
        };
        let changes = truth.entry(event.user).or_default();
        if changes.last().is_none_or(|last| last.state != state) {
            changes.push(Change { t: event.t, state, within: within * SECOND, line: event.line });
        }
    }
    truth
}

/// In seconds, by how the session ended.
fn bound(code: &str) -> u64 {
    match code {
        close::CLEAN => 2,
        close::NODE => 60,
        _ => 40,
    }
}

fn observers(general: &[Event], last: u64) -> Vec<Observer> {
    let mut observers: HashMap<u32, Observer> = HashMap::new();
    for event in general.iter().filter(|event| event.session != 0) {
        match (event.op, event.phase, event.state) {
            (Op::Session, Phase::Open, _) => {
                drop(observers.insert(event.session, Observer { client: event.client, from: event.t, until: last, ..Observer::default() }))
            }
            (Op::Session, Phase::Close, _) => observers.entry(event.session).or_default().until = event.t,
            (Op::Presence, Phase::Event, Some(state)) => {
                let observer = observers.entry(event.session).or_default();
                observer.told.entry(event.user).or_default().push((event.t, state, event.line));
            }
            _ => {}
        }
    }
    let mut observers: Vec<_> = observers.into_iter().collect();
    observers.sort_by_key(|(session, _)| *session);
    observers.into_iter().map(|(_, observer)| observer).collect()
}

/// Where nothing else changed for long enough and the observer was there all the time, it must be right at the end of that time.
fn judge(
    observer: &Observer,
    told: &[(u64, State, u32)],
    change: &Change,
    until: u64,
    faults: &Faults,
    times: &mut Vec<u64>,
    tally: &mut Tally,
) {
    let mut begin = change.t.max(observer.from);
    // A client that does not read is no observer until it does again.
    while let Some(back) = faults.deaf(observer.client, begin, begin + change.within).filter(|back| *back > begin) {
        begin = back;
    }
    let due = begin + change.within;
    if due > until || due > observer.until {
        return;
    }
    tally.examined += 1;
    let heard = &told[..told.partition_point(|(t, _, _)| *t <= due)];
    match heard.last() {
        // Told of this user later only: not yet an observer.
        None => tally.examined -= 1,
        Some((_, state, line)) if *state != change.state => {
            tally.wrong(*line, || {
                format!(
                    "{state:?} is what this session believes {} s after line {}, and {:?} is true",
                    change.within / SECOND,
                    change.line,
                    change.state
                )
            });
        }
        Some((t, _, _)) if begin == change.t => times.push(t.saturating_sub(change.t)),
        Some(_) => {}
    }
}
