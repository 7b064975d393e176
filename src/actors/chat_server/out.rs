//! Effects: what the pure state wants done. The actor does it.

use super::ask::Ask;
use crate::{
    actors::{
        courier::{Caught, ConnId, Hearing, Parcel, RoomIx, Run},
        journal::Entry,
    },
    domain::{Millis, Receipt, Refusal, RoomId, RoomRef, Sent, SessionId, Sharing, UserId},
    protocol::{DeliveredOk, Event, ReadOk, SentOk, error_frame, event_frame, reply_frame, sync_event, sync_reply},
};
use bytes::Bytes;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Which operation of a connection a commit answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// `send`
    Sent,
    /// `read`
    Read,
    /// `delivered`
    Delivered,
}

/// Who waits for a commit.
#[derive(Debug)]
pub enum Origin {
    /// A connection: its request's id and operation.
    Conn(ConnId, i64, Reply),
    /// A caller that sent a message.
    Sent(oneshot::Sender<Result<Sent, Refusal>>),
    /// A caller that raised a watermark, and what they share; none where it had been reached before.
    Marked(oneshot::Sender<Result<Option<Receipt>, Refusal>>, Sharing),
    /// Nobody.
    Nobody,
}

/// What a connection wants to be told of a room.
#[derive(Clone, Copy, Debug)]
pub struct Want {
    /// Whom to tell.
    pub conn: ConnId,
    /// The request, or none for the event after `hello`.
    pub id: Option<i64>,
    /// Where.
    pub room: RoomIx,
    /// What the connection holds.
    pub after_rev: i64,
    /// At most so many messages.
    pub limit: u32,
}

/// Work for a database thread, whose result comes back as a message.
#[derive(Debug)]
pub enum Job {
    /// A user and their rooms.
    Load {
        /// Whose.
        user: UserId,
        /// What there was of news before.
        news: u64,
    },
    /// Changes of a room, for a connection that missed them.
    Sync {
        /// Who asks.
        user: UserId,
        /// Where.
        room: RoomId,
        /// From where on, and whom to tell.
        want: Want,
    },
    /// Makes a user a member of a channel.
    Join {
        /// Whom to answer.
        conn: ConnId,
        /// The request.
        id: i64,
        /// Who joins.
        user: UserId,
        /// What.
        room: RoomRef<'static>,
    },
    /// Why a room is none of the caller's: an answer that only the database can give.
    Explain {
        /// Whom to answer.
        conn: ConnId,
        /// The request.
        id: i64,
        /// Who asks.
        user: UserId,
        /// What; it is about a room.
        ask: Box<Ask>,
    },
    /// Do these sign-ins still hold?
    Recheck(Vec<(UserId, SessionId)>),
    /// Users were last seen then.
    Saw(Vec<(UserId, Millis)>),
    /// How far have these rooms come?
    Settle(Vec<RoomId>),
}

/// Collects effects in order.
#[derive(Debug)]
pub struct Out {
    /// For each worker's Courier.
    pub parcels: Vec<Vec<Parcel>>,
    /// For the Journal.
    pub entries: Vec<Entry>,
    /// For the DbExecutor.
    pub jobs: Vec<Job>,
}

impl Out {
    /// For so many workers.
    pub fn new(workers: usize) -> Self {
        Self { parcels: (0..workers).map(|_| Vec::new()).collect(), entries: Vec::new(), jobs: Vec::new() }
    }

    fn one(&mut self, conn: ConnId, parcel: Parcel) {
        if let Some(parcels) = self.parcels.get_mut(usize::from(conn.worker)) {
            parcels.push(parcel);
        }
    }

    fn every(&mut self, parcel: &Parcel) {
        for parcels in &mut self.parcels {
            parcels.push(parcel.clone());
        }
    }

    /// Answers a request.
    pub fn ok(&mut self, conn: ConnId, id: i64, ok: &impl Serialize) {
        self.one(conn, Parcel::Reply(conn, reply_frame(id, ok)));
    }

    /// Answers a request with a frame that is ready.
    pub fn reply(&mut self, conn: ConnId, frame: Bytes) {
        self.one(conn, Parcel::Reply(conn, frame));
    }

    /// Refuses a request.
    pub fn refuse(&mut self, conn: ConnId, id: i64, refusal: &Refusal) {
        self.one(conn, Parcel::Reply(conn, error_frame(Some(id), refusal)));
    }

    /// Tells one connection.
    pub fn to(&mut self, conn: ConnId, frame: Bytes) {
        self.one(conn, Parcel::To(conn, frame));
    }

    /// Tells a room's listeners something passing.
    pub fn room(&mut self, room: RoomIx, event: &Event<'_>, except: Option<ConnId>) {
        self.every(&Parcel::Room(room, event_frame(event), except));
    }

    /// Tells the listeners of several rooms, each once.
    pub fn rooms(&mut self, rooms: Vec<RoomIx>, event: &Event<'_>) {
        if !rooms.is_empty() {
            self.every(&Parcel::Rooms(rooms.into(), event_frame(event)));
        }
    }

    /// Tells everybody.
    pub fn all(&mut self, event: &Event<'_>) {
        self.every(&Parcel::All(event_frame(event)));
    }

    /// Closes every connection.
    pub fn close_all(&mut self, code: u16, reason: &'static str) {
        self.every(&Parcel::CloseAll(code, reason));
    }

    /// New messages of a room.
    pub fn log(&mut self, room: RoomIx, run: Run) {
        self.every(&Parcel::Log(room, Arc::new(run)));
    }

    /// Nobody holds all of a room.
    pub fn gap(&mut self, room: RoomIx, after_rev: i64) {
        self.every(&Parcel::Gap(room, after_rev));
    }

    /// A connection hears rooms from now on.
    pub fn listen(&mut self, conn: ConnId, hearings: Vec<Hearing>) {
        self.one(conn, Parcel::Listen(conn, hearings));
    }

    /// A connection no longer hears a room.
    pub fn unlisten(&mut self, conn: ConnId, room: RoomIx) {
        self.one(conn, Parcel::Unlisten(conn, room));
    }

    /// Whether a connection holds all of a room.
    pub fn live(&mut self, conn: ConnId, room: RoomIx, live: bool) {
        self.one(conn, if live { Parcel::Live(conn, room) } else { Parcel::Behind(conn, room) });
    }

    /// Closes a connection.
    pub fn close(&mut self, conn: ConnId, last: Option<Bytes>, code: u16, reason: &'static str) {
        self.one(conn, Parcel::Close(conn, last, code, reason));
    }

    /// A connection's sign-in is over.
    pub fn revoked(&mut self, conn: ConnId) {
        self.close(conn, Some(event_frame(&Event::SessionRevoked {})), 4401, "signed out");
    }

    /// Answers `sync`, or tells a returning connection what it missed. `messages` is the inside of a JSON list. With the last of it the
    /// connection holds all of the room.
    pub fn synced(&mut self, want: &Want, room: RoomId, messages: &[u8], rev: i64, more: bool) {
        let &Want { conn, id, room: at, after_rev, .. } = want;
        match id {
            Some(id) => {
                self.reply(conn, sync_reply(id, messages, rev, more));
                // With more to come it is behind, also where the answer to another `sync` has made it live meanwhile.
                self.live(conn, at, !more);
            }
            None => {
                let frame = sync_event(room, messages, rev, more);
                self.one(conn, Parcel::Caught(conn, Caught { room: at, after_rev, frame, live: !more }));
            }
        }
    }

    /// Refuses what waited for a commit.
    pub fn fail(&mut self, origin: Origin, refusal: &Refusal) {
        match origin {
            Origin::Conn(conn, id, _) => self.refuse(conn, id, refusal),
            Origin::Sent(caller) => drop(caller.send(Err(refusal.clone()))),
            Origin::Marked(caller, _) => drop(caller.send(Err(refusal.clone()))),
            Origin::Nobody => {}
        }
    }

    /// Answers a `send` out of the log's order (a duplicate, or a room that nobody hears).
    pub fn sent(&mut self, origin: Origin, sent: Sent) {
        match origin {
            Origin::Conn(conn, id, _) => self.ok(conn, id, &SentOk::from(&sent)),
            Origin::Sent(caller) => drop(caller.send(Ok(sent))),
            Origin::Marked(..) | Origin::Nobody => {}
        }
    }

    /// Answers a `read` or `delivered` with the watermarks as they are now.
    pub fn marked(&mut self, origin: Origin, receipt: &Receipt, last_seq: i64, rose: bool) {
        match origin {
            Origin::Conn(conn, id, Reply::Read) => self.ok(conn, id, &ReadOk::new(receipt, last_seq)),
            Origin::Conn(conn, id, _) => self.ok(conn, id, &DeliveredOk { delivered_seq: receipt.delivered_seq }),
            Origin::Marked(caller, _) => drop(caller.send(Ok(rose.then_some(*receipt)))),
            Origin::Sent(_) | Origin::Nobody => {}
        }
    }
}
