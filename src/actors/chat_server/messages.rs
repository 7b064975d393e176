//! What ChatServer is told and asked.

use super::{Origin, ask::Ask};
use crate::{
    actors::{
        courier::{ConnId, Courier},
        journal::{Entry, Journal, Stored},
    },
    db,
    domain::{Change, Millis, NewMessage, PresenceState, Refusal, RoomId, UserId},
};
use actix::prelude::*;
use std::time::Instant;
use tokio::sync::oneshot;

/// Who asks what under which request id.
#[derive(Debug)]
pub struct Asked {
    /// The connection.
    pub conn: ConnId,
    /// The request.
    pub id: i64,
    /// What it asks.
    pub ask: Ask,
    /// Since when it waits.
    pub since: Instant,
}

/// Requests of one thread's connections, in the order in which they came.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct AskedAll(pub Vec<Asked>);

/// A connection is gone.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct Gone(pub ConnId);

/// A worker thread's Courier.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Attach(pub u16, pub Addr<Courier>);

/// The Journal, which knows ChatServer and is therefore made after it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AttachJournal(pub Addr<Journal>);

/// What a batch came to.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct Committed {
    /// The messages; none where the whole batch failed.
    pub messages: Vec<NewMessage>,
    /// Who sent them.
    pub senders: Vec<Origin>,
    /// How each ended.
    pub stored: Stored,
    /// The watermarks.
    pub marks: Vec<db::append::Mark>,
    /// Who asked for them.
    pub markers: Vec<Vec<Origin>>,
}

impl Committed {
    /// A batch of which nothing is known.
    pub fn failed(senders: Vec<Origin>, marks: Vec<db::append::Mark>, markers: Vec<Vec<Origin>>, refusal: &Refusal) -> Self {
        let stored = Stored {
            messages: senders.iter().map(|_| Err(refusal.clone())).collect(),
            marks: marks.iter().map(|_| Err(refusal.clone())).collect(),
        };
        Self { messages: Vec::new(), senders, stored, marks, markers }
    }
}

/// A commit failed: whether these rooms have messages that nobody was told of is to be asked.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct Doubtful(pub Vec<RoomId>);

/// An entry was not taken, or waits too long.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct Refused(pub Origin, pub Refusal);

/// Committed changes, and what to do once they were told.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Apply {
    /// In the order of their commits.
    pub changes: Vec<Change>,
    /// Answers the caller.
    pub then: Box<dyn FnOnce() + Send>,
}

/// A message of a caller without a connection.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct Submit(pub Entry);

/// What is known of whether a user is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Presence {
    /// Who.
    pub user: UserId,
    /// There, or not.
    pub state: PresenceState,
    /// Open connections.
    pub connections: u32,
    /// When they last were, where that is newer than what is stored.
    pub last_seen: Option<Millis>,
}

impl Presence {
    /// Of somebody of whom nothing is known.
    pub fn absent(user: UserId) -> Self {
        Self { user, state: PresenceState::Offline, connections: 0, last_seen: None }
    }
}

/// Asks who is there; answered in the order of the question.
#[derive(Message)]
#[rtype(result = "Vec<Presence>")]
pub struct WhoIsThere(pub Vec<UserId>);

/// How many members of these rooms are there.
#[derive(Message)]
#[rtype(result = "Vec<u32>")]
pub struct CountOnline(pub Vec<RoomId>);

/// The server stops: says so, and answers once everything accepted is stored.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Stop {
    /// When clients may come back.
    pub reconnect_after_ms: u32,
    /// Told when nothing waits any more.
    pub stored: oneshot::Sender<()>,
}

/// The commit of these changes failed: whether they were made, nobody knows.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Unsure(pub Vec<Change>);

/// Somebody forgot who waits for what: all connections are closed, and their clients come back.
#[derive(Message)]
#[rtype(result = "()")]
pub struct StartOver;

/// Closes every connection.
#[derive(Message)]
#[rtype(result = "()")]
pub struct CloseAll;
