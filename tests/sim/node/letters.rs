//! What the parts of a node send one another.

use crate::{
    actors::{
        chat_server::{Ask, Asked, Committed, Delta, Loaded, Origin, Want},
        courier::{ConnId, Parcel},
        journal::{Entry, Stored},
    },
    db::append,
    domain::{Change, NewMessage, Refusal, Room, RoomHead, RoomId, User, UserId},
};
use bytes::Bytes;
use std::fmt;

/// Who sends and receives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    Worker(usize),
    Chat,
    Journal,
    Writer(usize),
    Reader(usize),
    /// The way of answers that are awaited: it overtakes the mailboxes.
    Hub,
}

/// What is sent.
#[derive(Debug)]
pub enum Letter {
    Asked(Asked),
    Gone(ConnId),
    Entry(Entry),
    Start(usize),
    Done { lane: usize, result: Result<(Vec<NewMessage>, Stored), Refusal>, marks: Vec<append::Mark>, rooms: Vec<RoomId> },
    Committed(Committed),
    Doubtful(Vec<RoomId>),
    Settled(Vec<RoomId>, Result<Vec<RoomHead>, Refusal>),
    Refused(Origin, Refusal),
    Apply(Vec<Change>, Then),
    Loaded(UserId, u64, Result<(User, Vec<Loaded>), Refusal>),
    Synced { want: Want, room: RoomId, result: Result<Delta, Refusal> },
    Joined { conn: ConnId, id: i64, result: Result<Room, Refusal> },
    Explained { conn: ConnId, id: i64, ask: Box<Ask>, result: Result<(), Refusal> },
    Saw(Vec<UserId>),
    Parcels(Vec<Parcel>),
    Flush,
    Answer(ConnId, Bytes),
}

/// What follows when a change was told.
#[derive(Debug)]
pub enum Then {
    Joined(ConnId, i64, Room),
    Left(ConnId, i64, RoomId),
}

/// A letter in few words.
pub(super) struct Named<'a>(pub(super) &'a Letter);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Letter::Asked(asked) => write!(f, "{} of {:?}", asked.id, asked.conn),
            Letter::Gone(conn) => write!(f, "{conn:?} is gone"),
            Letter::Entry(_) => f.write_str("an entry"),
            Letter::Start(lane) => write!(f, "start lane {lane}"),
            Letter::Done { lane, result, .. } => write!(f, "lane {lane} is done: {result:?}"),
            Letter::Doubtful(rooms) => write!(f, "{} rooms are doubtful", rooms.len()),
            Letter::Settled(rooms, heads) => write!(f, "heads of {rooms:?}: {heads:?}"),
            Letter::Committed(committed) => write!(f, "committed {:?}", committed.stored),
            Letter::Refused(origin, _) => write!(f, "no room for {origin:?}"),
            Letter::Apply(changes, _) => write!(f, "{} changes", changes.len()),
            Letter::Loaded(user, _, read) => write!(f, "rooms of {user}: {:?}", read.as_ref().map(|(_, rooms)| rooms.len())),
            Letter::Synced { want, room, .. } => write!(f, "delta of {room} for {want:?}"),
            Letter::Joined { conn, id, .. } => write!(f, "joined, for {id} of {conn:?}"),
            Letter::Explained { conn, id, .. } => write!(f, "explained, for {id} of {conn:?}"),
            Letter::Saw(users) => write!(f, "saw {}", users.len()),
            Letter::Parcels(parcels) => write!(f, "{} parcels", parcels.len()),
            Letter::Flush => f.write_str("flush"),
            Letter::Answer(conn, _) => write!(f, "answer to {conn:?}"),
        }
    }
}
