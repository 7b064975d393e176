//! What the clients of a run are to do, and what they share with its harness.

use crate::history::record::Recorder;
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::Duration,
};

/// What all clients of a run are to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mood {
    /// Things of all kinds.
    Load,
    /// Nothing new; what is unknown is found out, what was missed is fetched.
    Settle,
    /// Say what is held, and good-bye.
    Over,
}

/// What the clients of a run and its harness share.
pub struct Shared {
    pub recorder: Recorder,
    pub mood: Cell<Mood>,
    /// Which run of the server's process this is.
    pub run: Cell<u32>,
    /// When the first connection of this run of the process was cut.
    pub cut: Cell<u64>,
    /// Acknowledged messages.
    pub acked: Cell<usize>,
    /// Each of them.
    pub acks: RefCell<Vec<Ack>>,
    /// Connections that were opened.
    pub opened: Cell<usize>,
    /// `resync` events.
    pub resyncs: Cell<usize>,
    /// Epochs that differed from the one before.
    pub epochs: Cell<usize>,
    /// Where each room ends, once nobody sends any more.
    pub heads: RefCell<HashMap<String, u32>>,
    /// Clients that wait for no outcome.
    pub quiet: RefCell<HashMap<String, bool>>,
    /// Clients that hold everything.
    pub caught_up: RefCell<HashMap<String, bool>>,
}

/// An acknowledged message.
pub struct Ack {
    pub room: String,
    pub seq: u32,
    pub client_id: String,
}

/// What one client does.
#[derive(Clone, Debug)]
pub struct Habits {
    /// Time between two things that it does.
    pub pace: Duration,
    /// Things that it has under way at a time.
    pub depth: usize,
    /// Characters that a message is filled up with, at most.
    pub body: usize,
    /// A room that it joins and leaves.
    pub visits: Option<String>,
    /// A small receive buffer.
    pub narrow: bool,
    /// While it is true, nothing is read or written.
    pub stalled: Rc<Cell<bool>>,
}

impl Default for Habits {
    fn default() -> Self {
        Self { pace: Duration::from_millis(6), depth: 3, body: 100, visits: None, narrow: false, stalled: Rc::default() }
    }
}
