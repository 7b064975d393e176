//! What is said in the end: a line per check, the first counter-example of each, and how to see it again.

use super::{check::Outcome, load::History};
use std::fmt::Write as _;

/// Lines shown on each side of a counter-example.
const AROUND: usize = 20;

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found, and something could have been.
    Green,
    /// A rule was broken.
    Red,
    /// The run proves nothing.
    Void,
}

impl Verdict {
    /// Of an outcome; what is broken is broken, however little was tried.
    pub fn of(outcome: &Outcome) -> Self {
        match (outcome.green(), outcome.void.is_empty()) {
            (false, _) => Verdict::Red,
            (true, false) => Verdict::Void,
            (true, true) => Verdict::Green,
        }
    }

    /// For a process that ends with it.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Green => 0,
            Verdict::Red => 1,
            Verdict::Void => 2,
        }
    }
}

/// The whole report.
pub fn text(history: &History, outcome: &Outcome, replay: &str) -> String {
    let mut out = String::new();
    let seed = history.seed.map_or_else(|| "unknown".to_owned(), |seed| seed.to_string());
    let _ = writeln!(out, "{} lines, seed {seed}", history.events.len());
    for (name, tally) in &outcome.checks {
        let notes = if tally.notes.is_empty() { String::new() } else { format!("  ({})", tally.notes.join("; ")) };
        let _ = writeln!(out, "{name:<20} {:>12} examined {:>8} violations{notes}", tally.examined, tally.violations);
    }
    if history.unknown > 0 {
        let _ = writeln!(out, "{} lines are of kinds unknown to this checker", history.unknown);
    }
    for (name, tally) in &outcome.checks {
        if let Some((line, why)) = &tally.first {
            let _ = writeln!(out, "\n{name}: line {}: {why}\n  seed {seed}; again: {replay}", line + 1);
            for shown in history.around(*line, AROUND) {
                let _ = writeln!(out, "  {shown}");
            }
        }
    }
    for why in &outcome.void {
        let _ = writeln!(out, "void: {why}");
    }
    let _ = writeln!(out, "{:?}", Verdict::of(outcome));
    out
}
