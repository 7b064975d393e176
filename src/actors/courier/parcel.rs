//! What ChatServer gives a Courier to deliver.

use crate::domain::RoomId;
use actix::prelude::*;
use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use std::sync::Arc;

/// Names a live connection: which worker, which place there, and how often that place was taken before.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ConnId {
    /// The worker thread.
    pub worker: u16,
    /// The place in that worker's roster.
    pub place: u32,
    /// Tells later connections at the same place apart.
    pub turn: u32,
}

/// A room, by its place in ChatServer's table. It is another room's only after all connections were taken out of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct RoomIx(pub u32);

/// The messages that one commit added to one room, encoded once for all listeners.
#[derive(Debug)]
pub struct Run {
    /// The frames, in `rev` order without a gap.
    pub frames: Bytes,
    /// Where each ends, and who sent it.
    pub marks: SmallVec<[Mark; 1]>,
}

impl Run {
    /// Runs that follow one another as one. A copy, so that the threads that hand out the same run don't share the counts of their listeners.
    pub fn joined(runs: &[Arc<Self>], bytes: usize) -> Self {
        let mut frames = BytesMut::with_capacity(bytes);
        let mut marks = SmallVec::with_capacity(runs.iter().map(|run| run.marks.len()).sum());
        for run in runs {
            let start = frames.len() as u32;
            frames.extend_from_slice(&run.frames);
            marks.extend(run.marks.iter().map(|mark| Mark { end: start + mark.end, ..mark.clone() }));
        }
        Self { frames: frames.freeze(), marks }
    }
}

/// One message of a [`Run`].
#[derive(Clone, Debug)]
pub struct Mark {
    /// The room's change.
    pub rev: i64,
    /// Where its frame ends.
    pub end: u32,
    /// The connection that sent it gets this reply in the message's place.
    pub reply: Option<(ConnId, Bytes)>,
}

/// Something to deliver.
#[derive(Clone, Debug)]
pub enum Parcel {
    /// A reply to one connection.
    Reply(ConnId, Bytes),
    /// An event to one connection.
    To(ConnId, Bytes),
    /// What a returning connection missed in one room.
    Caught(ConnId, Caught),
    /// New messages to all live listeners of a room.
    Log(RoomIx, Arc<Run>),
    /// A passing event to all listeners of a room but one.
    Room(RoomIx, Bytes, Option<ConnId>),
    /// A passing event to all listeners of several rooms, once each.
    Rooms(Box<[RoomIx]>, Bytes),
    /// A passing event to everybody.
    All(Bytes),
    /// The connection hears these rooms from now on.
    Listen(ConnId, Vec<Hearing>),
    /// The connection no longer hears this room.
    Unlisten(ConnId, RoomIx),
    /// The connection holds all of a room up to now.
    Live(ConnId, RoomIx),
    /// The connection holds not all of a room: no message of it until it is live again.
    Behind(ConnId, RoomIx),
    /// Nobody holds all of a room: everybody is to fetch what came after this `rev`.
    Gap(RoomIx, i64),
    /// Last words and a close code.
    Close(ConnId, Option<Bytes>, u16, &'static str),
    /// The same to everybody.
    CloseAll(u16, &'static str),
}

/// The `sync` event of one room, for one connection.
#[derive(Clone, Debug)]
pub struct Caught {
    /// Where.
    pub room: RoomIx,
    /// What the connection holds without it.
    pub after_rev: i64,
    /// The event.
    pub frame: Bytes,
    /// With it the connection holds all of the room.
    pub live: bool,
}

/// A room that a connection is to hear.
#[derive(Clone, Copy, Debug)]
pub struct Hearing {
    /// Its place in ChatServer's table.
    pub room: RoomIx,
    /// Its id, for `resync`.
    pub id: RoomId,
    /// Whether new messages may be told, or a `sync` must come first.
    pub live: bool,
}

impl Parcel {
    /// About how many bytes it keeps while it waits. Frames are shared, so this counts them once for each worker.
    pub fn size(&self) -> usize {
        let frame = match self {
            Self::Reply(_, frame) | Self::To(_, frame) | Self::Room(_, frame, _) | Self::Rooms(_, frame) | Self::All(frame) => frame.len(),
            Self::Caught(_, caught) => caught.frame.len(),
            Self::Log(_, run) => run.frames.len() + run.marks.len() * size_of::<Mark>(),
            Self::Listen(_, hearings) => hearings.len() * size_of::<Hearing>(),
            Self::Close(_, last, ..) => last.as_ref().map_or(0, Bytes::len),
            Self::Unlisten(..) | Self::Live(..) | Self::Behind(..) | Self::Gap(..) | Self::CloseAll(..) => 0,
        };
        size_of::<Self>() + frame
    }
}

/// What ChatServer hands over at a time; delivered in this order.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct Parcels {
    /// In this order.
    pub parcels: Vec<Parcel>,
    /// Their sizes together.
    pub bytes: usize,
}

impl Parcels {
    /// Of these.
    pub fn new(parcels: Vec<Parcel>) -> Self {
        Self { bytes: parcels.iter().map(Parcel::size).sum(), parcels }
    }
}
