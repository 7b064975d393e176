//! What is written down of a run: lines for the history checker, and a trace whose hash tells two runs apart.

use super::history::record::{Line, Op, Phase};
use std::{collections::VecDeque, fmt::Arguments};

/// Steps shown where a run fails.
const TAIL: usize = 60;

/// FNV-1a: small, and the same everywhere.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

pub struct Book {
    pub lines: Vec<Line>,
    /// The store is spoilt on purpose: what is not stored is left for the checker to find.
    pub lenient: bool,
    /// In milliseconds.
    pub now: u64,
    last: u64,
    trace: Fnv,
    tail: VecDeque<String>,
    told: Told,
}

/// What becomes of the words for each step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// There are none: words take most of the time.
    Nothing,
    /// The last ones are kept.
    Last,
    /// All are printed.
    All,
}

impl Book {
    pub fn new(lenient: bool, told: Told) -> Self {
        Self { lines: Vec::new(), lenient, now: 1, last: 0, trace: Fnv::new(), tail: VecDeque::new(), told }
    }

    /// A line of this moment; no two have the same.
    pub fn line(&mut self, op: Op, phase: Phase) -> Line {
        self.last = (self.last + 1).max(self.now * 1_000_000);
        Line::new(self.last, op, phase)
    }

    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Stands for the hash of a body: the checker only compares.
    pub fn hash(&self, body: &str) -> String {
        let mut fnv = Fnv::new();
        fnv.add(body.as_bytes());
        format!("{:016x}", fnv.0)
    }

    /// One of so many things happens.
    pub fn chosen(&mut self, at: usize, of: usize) {
        self.trace.add(&self.now.to_le_bytes());
        self.trace.add(&[at as u8, of as u8]);
    }

    /// What it is, in words.
    pub fn step(&mut self, what: Arguments<'_>) {
        match self.told {
            Told::Nothing => {}
            Told::All => println!("{:>8} {what}", self.now),
            Told::Last => {
                if self.tail.len() == TAIL {
                    self.tail.pop_front();
                }
                self.tail.push_back(format!("{:>8} {what}", self.now));
            }
        }
    }

    /// A client read this.
    pub fn seen(&mut self, bytes: &[u8]) {
        self.trace.add(bytes);
        self.step(format_args!("  {}", String::from_utf8_lossy(bytes)));
    }

    /// Two runs of which this is the same were the same.
    pub fn hash_of_all(&self) -> u64 {
        self.trace.0
    }

    pub fn tail(&self) -> String {
        self.tail.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
