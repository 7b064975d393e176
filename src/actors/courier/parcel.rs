//! What ChatServer gives a Courier to deliver.

use crate::domain::RoomId;
use actix::prelude::*;
use bytes::Bytes;
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

/// One message of a [`Run`].
#[derive(Debug)]
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

/// What ChatServer hands over at a time; delivered in this order.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct Parcels(pub Vec<Parcel>);
