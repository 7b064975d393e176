//! The cores beside models that are too simple to be wrong: whatever is done, and in whatever order, both say the same. Each model is the rule
//! spelled out over plain lists, written without a look at how the core does it; a failing sequence is shrunk to the few steps that matter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails says why and ends")]

mod ears;
mod outbox;
mod presence;
mod room;
mod routing;

use super::{
    chat_server::{Greeting, Job, Loaded, Now, Out, Rate, Settings, State},
    courier::ConnId,
};
use crate::domain::{Limits, Millis, SessionId, samples};
use proptest::prelude::ProptestConfig;
use std::sync::Arc;

/// How long a user without a window is still told as there.
const LEAVE_AFTER_MS: u32 = 1_000;

/// So many sequences in each run. What fails once is printed with its seed; nothing is written beside the sources.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The core with one worker.
struct Core {
    state: State,
    out: Out,
}

impl Core {
    fn new() -> Self {
        let settings = Settings {
            version: "0",
            epoch: "model".to_owned(),
            limits: Limits::default(),
            send: Rate::FREE,
            send_in_room: Rate::FREE,
            typing: Rate::FREE,
            leave_after_ms: LEAVE_AFTER_MS,
        };
        Self { state: State::new(settings), out: Out::new(1) }
    }

    /// A window of a user opens.
    fn hello(&mut self, n: u8, conn: ConnId, now: Now) {
        let news = self.state.news();
        self.hello_with(n, conn, news, None, now);
    }

    /// The same, with what was read of the user when there was so much news.
    fn hello_with(&mut self, n: u8, conn: ConnId, news: u64, rooms: Option<Vec<Loaded>>, now: Now) {
        let (user, session) = (samples::user(n), SessionId::from([n; 16]));
        let rooms = rooms.map(Arc::new);
        self.state.hello(Greeting { conn, id: 1, user, news, rooms, session, cursors: Vec::new(), epoch: None }, now, &mut self.out);
    }

    /// Where the user's rooms were asked for, they are these.
    fn loaded(&mut self, n: u8, rooms: Vec<Loaded>, now: Now) {
        if let Some(Job::Load { news, .. }) = self.out.jobs.pop() {
            self.state.loaded(samples::user(n).id, news, Ok((samples::user(n), rooms)), now, &mut self.out);
        }
    }
}

/// The connection of this number; no two are at one place.
fn conn(place: u32) -> ConnId {
    ConnId { worker: 0, place, turn: 1 }
}

fn at(ms: u32) -> Now {
    Now { ms, wall: Millis(i64::from(ms)) }
}
