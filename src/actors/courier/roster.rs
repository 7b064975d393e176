//! Roster: a worker thread's connections and what they listen to. Without an actor, so that tests and benches can drive it.

mod clock;
mod log;

use super::parcel::{Caught, ConnId, Hearing, Parcel, RoomIx, Run};
use crate::{
    actors::{
        connection::{Beat, Connection},
        counters::Counters,
    },
    domain::RoomId,
};
use bytes::Bytes;
use slab::Slab;
use smallvec::SmallVec;
use std::{rc::Rc, sync::Arc};

/// A connection in its worker's roster.
struct Place {
    connection: Rc<Connection>,
    turn: u32,
    entered: u32,
    /// `hello` was answered.
    signed_in: bool,
    /// Has bytes to flush since the last round.
    touched: bool,
    /// The last round of [`Parcel::Rooms`] that reached it.
    round: u32,
    rooms: SmallVec<[RoomIx; 2]>,
    /// Rooms of which something was dropped, with the last `rev` that was not.
    missed: Vec<(RoomIx, i64)>,
}

/// A listener of a room: the place, and in the lowest bit whether it is behind.
#[derive(Clone, Copy)]
struct Listener(u32);

impl Listener {
    fn new(place: u32, live: bool) -> Self {
        Self(place << 1 | u32::from(!live))
    }
    fn place(self) -> usize {
        (self.0 >> 1) as usize
    }
    fn is_live(self) -> bool {
        self.0 & 1 == 0
    }
}

#[derive(Default)]
struct Listeners {
    id: Option<RoomId>,
    list: Vec<Listener>,
    /// New messages that were not handed out yet, and their size.
    runs: Vec<Arc<Run>>,
    bytes: usize,
}

/// The connections of one worker thread and what they listen to. Pure but for the sockets.
pub struct Roster {
    worker: u16,
    beat: Beat,
    places: Slab<Place>,
    rooms: Vec<Listeners>,
    /// Rooms with new messages that were not handed out yet.
    unsettled: Vec<RoomIx>,
    touched: Vec<u32>,
    /// Most listeners of anything since the last flush.
    reach: usize,
    turns: u32,
    round: u32,
    /// One a second.
    now: u32,
    counters: Arc<Counters>,
}

impl Roster {
    /// An empty one.
    pub fn new(worker: u16, beat: Beat, counters: Arc<Counters>) -> Self {
        Self {
            worker,
            beat,
            places: Slab::new(),
            rooms: Vec::new(),
            unsettled: Vec::new(),
            touched: Vec::new(),
            reach: 0,
            turns: 0,
            round: 0,
            now: 1,
            counters,
        }
    }

    /// Seconds since the start, about.
    pub fn now(&self) -> u32 {
        self.now
    }

    /// How many listeners one thing at most goes to that is to be flushed.
    pub fn reach(&self) -> usize {
        self.reach
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Takes a new connection in.
    pub fn enter(&mut self, connection: Rc<Connection>) -> ConnId {
        self.turns = self.turns.wrapping_add(1);
        let turn = self.turns;
        let place = self.places.insert(Place {
            connection,
            turn,
            entered: self.now,
            signed_in: false,
            touched: false,
            round: 0,
            rooms: SmallVec::new(),
            missed: Vec::new(),
        });
        ConnId { worker: self.worker, place: place as u32, turn }
    }

    /// Takes a connection out of everything.
    pub fn leave(&mut self, id: ConnId) {
        self.settle();
        if self.place(id).is_none() {
            return;
        }
        let place = self.places.remove(id.place as usize);
        for room in place.rooms {
            self.drop_listener(room, id.place);
        }
    }

    fn place(&mut self, id: ConnId) -> Option<&mut Place> {
        self.places.get_mut(id.place as usize).filter(|place| place.turn == id.turn && id.worker == self.worker)
    }

    fn drop_listener(&mut self, room: RoomIx, place: u32) {
        let Some(listeners) = self.rooms.get_mut(room.0 as usize) else { return };
        if let Some(at) = listeners.list.iter().position(|l| l.place() == place as usize) {
            listeners.list.swap_remove(at);
        }
        if listeners.list.is_empty() {
            listeners.list = Vec::new();
        }
    }

    /// Does what a parcel says; [`Roster::flush`] writes it out.
    pub fn deliver(&mut self, parcel: Parcel) {
        if let Parcel::Log(room, run) = parcel {
            return self.gather(room, run);
        }
        // Nothing may overtake the messages that came before it.
        self.settle();
        match parcel {
            Parcel::Reply(id, frame) => self.reply(id, frame),
            Parcel::To(id, frame) => self.to(id, frame),
            Parcel::Caught(id, caught) => self.caught(id, caught),
            Parcel::Log(..) => {}
            Parcel::Room(room, frame, except) => self.room(room, &frame, except),
            Parcel::Rooms(rooms, frame) => self.rooms(&rooms, &frame),
            Parcel::All(frame) => self.all(&frame),
            Parcel::Listen(id, hearings) => self.listen(id, &hearings),
            Parcel::Unlisten(id, room) => self.unlisten(id, room),
            Parcel::Live(id, room) => self.set_live(id, room, true),
            Parcel::Behind(id, room) => self.set_live(id, room, false),
            Parcel::Gap(room, after_rev) => self.gap(room, after_rev),
            Parcel::Close(id, last, code, reason) => self.close(id, last, code, reason),
            Parcel::CloseAll(code, reason) => self.close_all(code, reason),
        }
    }

    /// A reply must not stand where something before it is missing: what was missed is told first.
    fn reply(&mut self, id: ConnId, frame: Bytes) {
        let rooms = std::mem::take(&mut self.rooms);
        if let Some(place) = self.place(id) {
            Self::force_missed(&rooms, place);
            place.connection.reply(frame);
            self.touch(id.place);
        }
        self.rooms = rooms;
    }

    fn to(&mut self, id: ConnId, frame: Bytes) {
        if let Some(place) = self.place(id) {
            // What a client is told alone (its rooms, its sign-in) is told once.
            place.connection.force(frame);
            self.touch(id.place);
        }
    }

    /// What a returning client missed in one room. Where there is no room for it now, the client will be told to fetch it. Then, and with more to
    /// come, it is behind, also where the answer to a `sync` has made it live meanwhile.
    fn caught(&mut self, id: ConnId, Caught { room, after_rev, frame, live }: Caught) {
        let Some(place) = self.place(id) else { return };
        let taken = place.connection.push(frame).is_ok();
        self.set_live(id, room, taken && live);
        if !taken {
            self.places[id.place as usize].missed.push((room, after_rev));
            Counters::add(&self.counters.resyncs, 1);
        }
        self.touch(id.place);
    }

    fn touch(&mut self, place: u32) {
        let slot = &mut self.places[place as usize];
        if !slot.touched {
            slot.touched = true;
            self.touched.push(place);
        }
    }

    /// A passing event. Who cannot take it does without: it is state, and the next one replaces it.
    fn room(&mut self, room: RoomIx, frame: &Bytes, except: Option<ConnId>) {
        let Some(listeners) = self.rooms.get(room.0 as usize) else { return };
        self.reach = self.reach.max(listeners.list.len());
        let except = except.filter(|id| id.worker == self.worker).map(|id| id.place as usize);
        for listener in &listeners.list {
            let at = listener.place();
            let place = &mut self.places[at];
            if Some(at) != except && place.connection.push(frame.clone()).is_ok() && !place.touched {
                place.touched = true;
                self.touched.push(at as u32);
            }
        }
    }

    fn rooms(&mut self, rooms: &[RoomIx], frame: &Bytes) {
        self.round = self.round.wrapping_add(1);
        for room in rooms {
            let Some(listeners) = self.rooms.get(room.0 as usize) else { continue };
            self.reach = self.reach.max(listeners.list.len());
            for listener in &listeners.list {
                let at = listener.place();
                let place = &mut self.places[at];
                if place.round == self.round {
                    continue;
                }
                place.round = self.round;
                if place.connection.push(frame.clone()).is_ok() && !place.touched {
                    place.touched = true;
                    self.touched.push(at as u32);
                }
            }
        }
    }

    fn all(&mut self, frame: &Bytes) {
        self.reach = self.places.len();
        for (at, place) in &mut self.places {
            if place.signed_in && place.connection.push(frame.clone()).is_ok() && !place.touched {
                place.touched = true;
                self.touched.push(at as u32);
            }
        }
    }

    fn listen(&mut self, id: ConnId, hearings: &[Hearing]) {
        let Some(place) = self.place(id) else { return };
        if !place.signed_in {
            place.signed_in = true;
            place.connection.greet();
        }
        for hearing in hearings {
            let at = hearing.room.0 as usize;
            if self.rooms.len() <= at {
                self.rooms.resize_with(at + 1, Listeners::default);
            }
            let place = &mut self.places[id.place as usize];
            if place.rooms.contains(&hearing.room) {
                continue;
            }
            place.rooms.push(hearing.room);
            self.rooms[at].id = Some(hearing.id);
            self.rooms[at].list.push(Listener::new(id.place, hearing.live));
        }
    }

    fn unlisten(&mut self, id: ConnId, room: RoomIx) {
        let Some(place) = self.place(id) else { return };
        place.rooms.retain(|r| *r != room);
        place.missed.retain(|(r, _)| *r != room);
        self.drop_listener(room, id.place);
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
