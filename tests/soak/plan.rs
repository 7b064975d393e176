//! How much of a scenario is run, and what is said of it in the end.
//!
//! | variable | what |
//! |---|---|
//! | `CHIRM_TEST_SOAK=full` | the full figure instead of the short one |
//! | `CHIRM_TEST_COUNT` | so many cycles, whichever |
//! | `CHIRM_TEST_SEED` | the first seed; else the time |
//! | `CHIRM_TEST_KEEP=1` | green histories are kept and reported, too |

use crate::{history::check::Config, support::Backend};
use std::{
    fs,
    io::Write,
    path::PathBuf,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// One run of a scenario: how often, and from which seed on.
pub struct Plan {
    pub scenario: String,
    pub backend: Backend,
    pub count: usize,
    pub seed: u64,
    pub full: bool,
    /// Green histories are kept, too.
    pub keeps: bool,
    began: Instant,
    figures: Vec<String>,
}

impl Plan {
    /// `short` in `cargo test`, `full` in `make soak`.
    pub fn new(scenario: &str, backend: Backend, short: usize, full: usize) -> Self {
        let is_full = is_full();
        let count = variable("CHIRM_TEST_COUNT").map(|value| value.parse().expect("CHIRM_TEST_COUNT is a number"));
        let seed = variable("CHIRM_TEST_SEED").map(|value| value.parse().expect("CHIRM_TEST_SEED is a number"));
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let plan = Self {
            scenario: scenario.to_owned(),
            backend,
            count: count.unwrap_or(if is_full { full } else { short }),
            seed: seed.unwrap_or(u64::try_from(time % 1_000_000_000).unwrap()),
            full: is_full,
            keeps: variable("CHIRM_TEST_KEEP").is_some(),
            began: Instant::now(),
            figures: Vec::new(),
        };
        eprintln!("{}: {} times, from seed {}", plan.name(), plan.count, plan.seed);
        plan
    }

    /// The scenario and its database.
    pub fn name(&self) -> String {
        format!("{} ({})", self.scenario, format!("{:?}", self.backend).to_lowercase())
    }

    /// How to see a seed again.
    pub fn replay(&self, seed: u64, count: usize) -> String {
        format!("make soak SCENARIO={} COUNT={count} SEED={seed}", self.scenario)
    }

    /// Said as it goes on, in a full run.
    pub fn progress(&self, done: usize) {
        if self.full {
            eprintln!("{}: {done} of {} after {} s", self.name(), self.count, self.began.elapsed().as_secs());
        }
    }

    /// A figure for the table.
    pub fn figure(&mut self, text: impl Into<String>) {
        self.figures.push(text.into());
    }

    /// It went well: the row of the table, which a full run keeps.
    pub fn done(self, seeds: u64) {
        let seeds = if seeds > 1 { format!("{}–{}", self.seed, self.seed + seeds - 1) } else { self.seed.to_string() };
        let took = self.began.elapsed().as_secs();
        let row = format!("| {} | {} | {seeds} | {took} s | {} |", self.name(), self.count, self.figures.join("; "));
        eprintln!("{row}");
        if self.full {
            let path = folder().join("table.md");
            let mut file = fs::File::options().create(true).append(true).open(path).unwrap();
            writeln!(file, "{row}").unwrap();
        }
    }
}

/// What a run is measured by. A machine that runs other tests beside answers late now and then; a full run has it to itself.
pub fn bounds() -> Config {
    let promised = Config::default();
    if is_full() { promised } else { Config { available: 0.99, ..promised } }
}

fn is_full() -> bool {
    variable("CHIRM_TEST_SOAK").is_some_and(|value| value == "full")
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where a full run keeps its table, and every run its red histories.
pub fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("soak");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The middle and the worst of some times, in words.
pub fn times(what: &str, times: &[Duration]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let (Some(worst), Some(middle)) = (sorted.last(), sorted.get(sorted.len() / 2)) else { return format!("{what}: never") };
    format!("{what}: median {} ms, worst {} ms", middle.as_millis(), worst.as_millis())
}
