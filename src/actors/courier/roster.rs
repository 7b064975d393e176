//! Roster: a worker thread's connections and what they listen to. Without an actor, so that tests and benches can drive it.

use super::parcel::{Caught, ConnId, Hearing, Parcel, RoomIx, Run};
use crate::{
    actors::{
        connection::{Beat, Connection, Due},
        counters::Counters,
    },
    domain::RoomId,
    faults::{Point, Sabotage, crash_at, sabotaged},
    protocol::{Event, close_frame, event_frame},
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

/// Messages of one room that are handed out together, in bytes: more would make it likelier that a listener with some room has none for all
/// of it.
const TOGETHER: usize = 64 * 1024;
/// So many listeners are worth a copy of their own: counting references to a buffer that another thread counts too costs more.
const CROWD: usize = 32;

/// The connections of one worker thread and what they listen to. Pure but for the sockets.
pub struct Roster {
    worker: u16,
    beat: Beat,
    places: Slab<Place>,
    rooms: Vec<Listeners>,
    /// Rooms with new messages that were not handed out yet.
    unsettled: Vec<RoomIx>,
    touched: Vec<u32>,
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

    fn reply(&mut self, id: ConnId, frame: Bytes) {
        if let Some(place) = self.place(id) {
            place.connection.reply(frame);
            self.touch(id.place);
        }
    }

    fn to(&mut self, id: ConnId, frame: Bytes) {
        if let Some(place) = self.place(id) {
            // What a client is told alone (its rooms, its sign-in) is told once.
            place.connection.force(frame);
            self.touch(id.place);
        }
    }

    /// What a returning client missed in one room. Where there is no room for it now, the client will be told to fetch it.
    fn caught(&mut self, id: ConnId, Caught { room, after_rev, frame, live }: Caught) {
        let Some(place) = self.place(id) else { return };
        if place.connection.push(frame).is_err() {
            place.missed.push((room, after_rev));
            Counters::add(&self.counters.resyncs, 1);
        } else if live {
            self.set_live(id, room, true);
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

    /// Keeps new messages until something else is to be said or the sockets are written: what several commits brought to a room is then one
    /// buffer, and costs each listener one count and one piece of a write.
    fn gather(&mut self, room: RoomIx, run: Arc<Run>) {
        let Some(listeners) = self.rooms.get_mut(room.0 as usize) else { return self.log(room, &run) };
        if listeners.runs.is_empty() {
            self.unsettled.push(room);
        }
        listeners.bytes += run.frames.len();
        listeners.runs.push(run);
        if listeners.bytes >= TOGETHER {
            self.settle();
        }
    }

    /// Hands out what was gathered.
    fn settle(&mut self) {
        let mut unsettled = std::mem::take(&mut self.unsettled);
        for room in unsettled.drain(..) {
            let listeners = &mut self.rooms[room.0 as usize];
            let bytes = std::mem::take(&mut listeners.bytes);
            let runs = std::mem::take(&mut listeners.runs);
            match &runs[..] {
                [one] if listeners.list.len() < CROWD => self.log(room, one),
                several => self.log(room, &Run::joined(several, bytes)),
            }
        }
        self.unsettled = unsettled;
    }

    /// New messages: the whole run at once to whom wrote none of it, in pieces around their replies to who did.
    fn log(&mut self, room: RoomIx, run: &Run) {
        let mine: SmallVec<[(u32, u32); 4]> = run
            .marks
            .iter()
            .filter_map(|mark| mark.reply.as_ref())
            .filter(|(id, _)| id.worker == self.worker && self.places.get(id.place as usize).is_some_and(|p| p.turn == id.turn))
            .map(|(id, _)| (id.place, id.turn))
            .collect();
        if let Some(listeners) = self.rooms.get_mut(room.0 as usize) {
            let first_rev = run.marks.first().map_or(0, |mark| mark.rev);
            let mut reached = 0;
            for listener in &mut listeners.list {
                let at = listener.place();
                let place = &mut self.places[at];
                if !listener.is_live() || (!mine.is_empty() && mine.contains(&(at as u32, place.turn))) {
                    continue;
                }
                if place.connection.push(run.frames.clone()).is_err() {
                    if sabotaged(Sabotage::NoResync) {
                        continue;
                    }
                    *listener = Listener::new(at as u32, false);
                    place.missed.push((room, first_rev - 1));
                    Counters::add(&self.counters.resyncs, 1);
                    continue;
                }
                reached += 1;
                if !place.touched {
                    place.touched = true;
                    self.touched.push(at as u32);
                }
            }
            Counters::add(&self.counters.deliveries, reached * run.marks.len());
        }
        for (at, &(place, turn)) in mine.iter().enumerate() {
            if !mine[..at].contains(&(place, turn)) {
                self.log_to_author(room, run, ConnId { worker: self.worker, place, turn });
            }
        }
    }

    fn log_to_author(&mut self, room: RoomIx, run: &Run, id: ConnId) {
        let mut live = self.is_live(id, room);
        let mut start = 0;
        for mark in &run.marks {
            let end = mark.end as usize;
            match &mark.reply {
                Some((author, reply)) if *author == id => {
                    // The reply must not stand where something before it is missing.
                    self.tell_missed_of(id, room);
                    self.reply(id, reply.clone());
                }
                _ if live => {
                    let frame = run.frames.slice(start..end);
                    if self.place(id).is_some_and(|place| place.connection.push(frame).is_err()) {
                        live = false;
                        self.set_live(id, room, false);
                        if let Some(place) = self.place(id) {
                            place.missed.push((room, mark.rev - 1));
                        }
                    }
                    self.touch(id.place);
                }
                _ => {}
            }
            start = end;
        }
    }

    /// Tells a connection of one room of which it missed something, if it did.
    fn tell_missed_of(&mut self, id: ConnId, room: RoomIx) {
        let of = self.rooms.get(room.0 as usize).and_then(|listeners| listeners.id);
        let Some((place, of)) = self.place(id).zip(of) else { return };
        if let Some(at) = place.missed.iter().position(|(missed, _)| *missed == room) {
            let (_, after_rev) = place.missed.swap_remove(at);
            place.connection.force(event_frame(&Event::Resync { room: of, after_rev }));
        }
    }

    fn is_live(&self, id: ConnId, room: RoomIx) -> bool {
        let listeners = self.rooms.get(room.0 as usize);
        listeners.is_some_and(|l| l.list.iter().any(|l| l.place() == id.place as usize && l.is_live()))
    }

    fn set_live(&mut self, id: ConnId, room: RoomIx, live: bool) {
        if self.place(id).is_none() {
            return;
        }
        if let Some(listeners) = self.rooms.get_mut(room.0 as usize)
            && let Some(listener) = listeners.list.iter_mut().find(|l| l.place() == id.place as usize)
        {
            *listener = Listener::new(id.place, live);
        }
    }

    /// A passing event. Who cannot take it does without: it is state, and the next one replaces it.
    fn room(&mut self, room: RoomIx, frame: &Bytes, except: Option<ConnId>) {
        let Some(listeners) = self.rooms.get(room.0 as usize) else { return };
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

    fn gap(&mut self, room: RoomIx, after_rev: i64) {
        let Some(listeners) = self.rooms.get_mut(room.0 as usize) else { return };
        for listener in &mut listeners.list {
            if listener.is_live() {
                let at = listener.place();
                *listener = Listener::new(at as u32, false);
                let place = &mut self.places[at];
                place.missed.push((room, after_rev));
                if !place.touched {
                    place.touched = true;
                    self.touched.push(at as u32);
                }
            }
        }
    }

    fn close(&mut self, id: ConnId, last: Option<Bytes>, code: u16, reason: &str) {
        if let Some(place) = self.place(id) {
            if let Some(frame) = last {
                place.connection.force(frame);
            }
            place.connection.close(close_frame(code, reason));
            self.touch(id.place);
        }
    }

    /// Gives up all connections.
    pub fn abandon(&mut self) {
        self.touched.clear();
        for (_, place) in &mut self.places {
            place.touched = false;
            place.connection.kill();
        }
    }

    fn close_all(&mut self, code: u16, reason: &str) {
        let frame = close_frame(code, reason);
        for (at, place) in &mut self.places {
            place.connection.close(frame.clone());
            if !place.touched {
                place.touched = true;
                self.touched.push(at as u32);
            }
        }
    }

    /// Writes each touched socket once. Who has room again hears what it missed.
    pub fn flush(&mut self) {
        self.settle();
        let mut touched = std::mem::take(&mut self.touched);
        for at in touched.drain(..) {
            let Some(place) = self.places.get_mut(at as usize) else { continue };
            place.touched = false;
            crash_at(Point::BeforeWriting);
            place.connection.flush();
            if !place.missed.is_empty() {
                Self::tell_missed(&self.rooms, place);
            }
        }
        self.touched = touched;
    }

    fn tell_missed(rooms: &[Listeners], place: &mut Place) {
        if !place.connection.has_room() {
            return;
        }
        for (room, after_rev) in std::mem::take(&mut place.missed) {
            if let Some(id) = rooms.get(room.0 as usize).and_then(|l| l.id) {
                place.connection.force(event_frame(&Event::Resync { room: id, after_rev }));
            }
        }
        place.connection.flush();
    }

    /// The socket took bytes again: who was too slow is told what to fetch.
    pub fn drained(&mut self, id: ConnId) {
        let rooms = std::mem::take(&mut self.rooms);
        if let Some(place) = self.place(id)
            && !place.missed.is_empty()
        {
            Self::tell_missed(&rooms, place);
        }
        self.rooms = rooms;
    }

    /// Once a second: pings, and the end of those who do not answer, do not read, or never said hello.
    pub fn tick(&mut self, ping: &Bytes) {
        self.now = self.now.wrapping_add(1).max(1);
        let now = self.now;
        for (at, place) in &mut self.places {
            let connection = &place.connection;
            if !place.signed_in && now.wrapping_sub(place.entered) >= self.beat.hello_s {
                connection.close(close_frame(4401, "hello did not come in time"));
            }
            let due = connection.tick(now, &self.beat);
            if due == Due::TooSlow {
                connection.too_slow();
            }
            if connection.take_too_slow() {
                Counters::add(&self.counters.too_slow, 1);
            }
            match due {
                Due::Nothing => continue,
                Due::Ping => connection.force(ping.clone()),
                Due::Missed => connection.close(close_frame(4408, "heartbeat missed")),
                Due::TooSlow => {}
                Due::Kill => connection.kill(),
            }
            if !place.touched {
                place.touched = true;
                self.touched.push(at as u32);
            }
        }
        self.flush();
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
