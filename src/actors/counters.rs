//! Counts of what the actors do, for `/metrics` and the administrators' page.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Written by the actors, read by whoever asks. Relaxed, but for `news`: each number stands alone.
#[derive(Debug, Default)]
pub struct Counters {
    /// Signed-in connections now.
    pub connections: AtomicUsize,
    /// Users with at least one connection now.
    pub users: AtomicUsize,
    /// Messages committed.
    pub messages: AtomicU64,
    /// Commits of messages and watermarks.
    pub batches: AtomicU64,
    /// Watermarks committed.
    pub marks: AtomicU64,
    /// Message frames handed to connections.
    pub deliveries: AtomicU64,
    /// Connections told to fetch what they were too slow for.
    pub resyncs: AtomicU64,
    /// Connections closed because they did not read.
    pub too_slow: AtomicU64,
    /// [`State::news`](super::chat_server::State::news) after ChatServer's last step. Acquired before a read whose result is held against it.
    pub news: AtomicU64,
}

impl Counters {
    /// Adds to a count.
    pub fn add(count: &AtomicU64, n: usize) {
        count.fetch_add(n as u64, Relaxed);
    }

    /// The counts that only rise: name, meaning, value.
    pub fn totals(&self) -> [(&'static str, &'static str, u64); 6] {
        [
            ("chirm_messages", "Messages committed", self.messages.load(Relaxed)),
            ("chirm_commits", "Commits of messages and watermarks", self.batches.load(Relaxed)),
            ("chirm_watermarks", "Watermarks committed", self.marks.load(Relaxed)),
            ("chirm_deliveries", "Message frames handed to connections", self.deliveries.load(Relaxed)),
            ("chirm_resyncs", "Connections told to fetch what they were too slow for", self.resyncs.load(Relaxed)),
            ("chirm_too_slow", "Connections closed because they did not read", self.too_slow.load(Relaxed)),
        ]
    }
}
