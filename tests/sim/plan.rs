//! What kind of a run a seed makes: how many, how large, how often what fails.

use super::{
    Sabotage,
    history::generate::Random,
    node::{Faulty, Sizes},
    store::Fate,
};
use crate::{
    actors::chat_server::{Rate, Settings},
    domain::Limits,
};

#[derive(Clone, Debug)]
pub struct Plan {
    pub users: usize,
    pub windows: usize,
    pub rooms: usize,
    pub acts: usize,
    pub crashes: usize,
    /// Of 1,000 commits, how many fail.
    pub failing: usize,
    pub outages: bool,
    /// The time between two steps is below this, in milliseconds.
    pub pace: usize,
    /// Bytes that lie between the node and a client.
    pub pipe: usize,
    pub sizes: Sizes,
    pub rate: Rate,
    /// Rooms of more members are large ones.
    pub large: u32,
    pub faulty: Faulty,
    /// Clients do not hear `resync`.
    pub deaf: bool,
}

impl Plan {
    pub fn new(random: &mut Random, sabotage: Option<Sabotage>) -> Self {
        let mut pick = |from: &[usize]| from[random.below(from.len())];
        let sizes = Sizes {
            workers: pick(&[1, 2]),
            readers: pick(&[1, 2, 3]),
            lanes: pick(&[1, 1, 2]),
            journal: pick(&[2, 5, 1_000]),
            outbox: pick(&[1_000, 3_000, 100_000]),
            in_flight: pick(&[2, 8, 64]) as u32,
            chat: pick(&[4, 30, 1_000]),
        };
        Self {
            users: pick(&[2, 3, 4]),
            windows: pick(&[1, 2]),
            rooms: pick(&[1, 2, 3]),
            acts: pick(&[20, 60, 120]),
            crashes: pick(&[0, 1, 3]),
            failing: pick(&[0, 30, 200]),
            outages: pick(&[0, 1]) == 1,
            pace: pick(&[2, 10, 60]),
            pipe: pick(&[50, 600, 20_000]),
            rate: if pick(&[0, 1, 2]) == 0 { Rate { per_s: 50.0, burst: 4.0 } } else { Rate::FREE },
            large: pick(&[1, 200, 200]) as u32,
            sizes,
            faulty: Faulty {
                publish_before_commit: sabotage == Some(Sabotage::PublishBeforeCommit),
                forget_cursors: sabotage == Some(Sabotage::ForgetCursors),
            },
            deaf: sabotage == Some(Sabotage::NoResync),
        }
    }

    pub fn settings(&self) -> Settings {
        Settings {
            version: "0",
            epoch: "simulated".to_owned(),
            limits: Limits { presence_members: self.large, page: 4, ..Limits::default() },
            send: self.rate,
            send_in_room: Rate::FREE,
            typing: Rate { per_s: 1.0, burst: 1.0 },
            leave_after_ms: 1_000,
        }
    }

    /// How the next commit ends.
    pub fn fate(&self, random: &mut Random, down: bool) -> Fate {
        if down {
            return Fate::Lost;
        }
        if random.below(1_000) >= self.failing {
            return Fate::Stored;
        }
        [Fate::Lost, Fate::Unheard, Fate::InTheWay][random.below(3)]
    }
}
