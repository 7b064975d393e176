//! New messages: gathered, handed out to who holds all of their room, and what becomes of listeners that cannot take them.

use super::{Listener, Roster};
use crate::{
    actors::{
        counters::Counters,
        courier::parcel::{ConnId, RoomIx, Run},
    },
    faults::{Point, Sabotage, crash_at, sabotaged},
};
use smallvec::SmallVec;
use std::sync::Arc;

/// Messages of one room that are handed out together, in bytes: more would make it likelier that a listener with some room has none for all
/// of it.
const TOGETHER: usize = 64 * 1024;
/// So many listeners are worth a copy of their own: counting references to a buffer that another thread counts too costs more.
const CROWD: usize = 32;

/// What becomes of messages that are handed out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivery {
    /// They wait in each listener's Outbox for the next write.
    Queued,
    /// They are written, to each listener for whom nothing else waits: one pass over a crowd instead of two.
    Written,
}

impl Roster {
    /// Keeps new messages until something else is to be said or the sockets are written: what several commits brought to a room is then one
    /// buffer, and costs each listener one count and one piece of a write.
    pub(super) fn gather(&mut self, room: RoomIx, run: Arc<Run>) {
        let Some(listeners) = self.rooms.get_mut(room.0 as usize) else { return self.log(room, &run, Delivery::Queued) };
        if listeners.runs.is_empty() {
            self.unsettled.push(room);
        }
        self.reach = self.reach.max(listeners.list.len());
        listeners.bytes += run.frames.len();
        listeners.runs.push(run);
        if listeners.bytes >= TOGETHER {
            self.settle();
        }
    }

    /// Hands out what was gathered: more is to be said before the sockets are written.
    pub(super) fn settle(&mut self) {
        self.hand_out(Delivery::Queued);
    }

    /// Hands out what was gathered, for the sockets to be written next. What one room alone brought is written on the way.
    pub(super) fn settle_to_write(&mut self) {
        self.hand_out(if self.unsettled.len() == 1 { Delivery::Written } else { Delivery::Queued });
    }

    fn hand_out(&mut self, delivery: Delivery) {
        let mut unsettled = std::mem::take(&mut self.unsettled);
        for room in unsettled.drain(..) {
            let listeners = &mut self.rooms[room.0 as usize];
            let bytes = std::mem::take(&mut listeners.bytes);
            let runs = std::mem::take(&mut listeners.runs);
            match &runs[..] {
                [one] if delivery == Delivery::Written || listeners.list.len() < CROWD => self.log(room, one, delivery),
                several => self.log(room, &Run::joined(several, bytes), delivery),
            }
        }
        self.unsettled = unsettled;
    }

    /// New messages: the whole run at once to whom wrote none of it, in pieces around their replies to who did.
    fn log(&mut self, room: RoomIx, run: &Run, delivery: Delivery) {
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
                let at_once = delivery == Delivery::Written && !place.touched && place.missed.is_empty();
                let taken = if at_once {
                    crash_at(Point::BeforeWriting);
                    place.connection.send(&run.frames)
                } else {
                    place.connection.push(run.frames.clone())
                };
                if taken.is_err() {
                    if sabotaged(Sabotage::NoResync) {
                        continue;
                    }
                    *listener = Listener::new(at as u32, false);
                    place.missed.push((room, first_rev - 1));
                    Counters::add(&self.counters.resyncs, 1);
                    continue;
                }
                reached += 1;
                if !at_once && !place.touched {
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

    pub(super) fn log_to_author(&mut self, room: RoomIx, run: &Run, id: ConnId) {
        let mut live = self.is_live(id, room);
        let mut start = 0;
        for mark in &run.marks {
            let end = mark.end as usize;
            match &mark.reply {
                Some((author, reply)) if *author == id => self.reply(id, reply.clone()),
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

    pub(super) fn is_live(&self, id: ConnId, room: RoomIx) -> bool {
        let listeners = self.rooms.get(room.0 as usize);
        listeners.is_some_and(|l| l.list.iter().any(|l| l.place() == id.place as usize && l.is_live()))
    }

    pub(super) fn set_live(&mut self, id: ConnId, room: RoomIx, live: bool) {
        let Some(place) = self.place(id) else { return };
        // It fetches what it missed, or has fetched it: to be told so now would send it back.
        place.missed.retain(|(missed, _)| *missed != room);
        if let Some(listeners) = self.rooms.get_mut(room.0 as usize)
            && let Some(listener) = listeners.list.iter_mut().find(|l| l.place() == id.place as usize)
        {
            *listener = Listener::new(id.place, live);
        }
    }

    pub(super) fn gap(&mut self, room: RoomIx, after_rev: i64) {
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
}
