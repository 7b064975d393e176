//! What goes out: one write for each touched socket, the beat, and the end of connections.

use super::{Listeners, Place, Roster};
use crate::{
    actors::{connection::Due, counters::Counters, courier::parcel::ConnId},
    faults::{Point, crash_at},
    protocol::{Event, close_frame, event_frame},
};
use bytes::Bytes;

impl Roster {
    pub(super) fn close(&mut self, id: ConnId, last: Option<Bytes>, code: u16, reason: &str) {
        if let Some(place) = self.place(id) {
            if let Some(frame) = last {
                place.connection.force(frame);
            }
            place.connection.close(close_frame(code, reason));
            self.touch(id.place);
        }
    }

    /// Gives up all connections, and what was not handed out: its rooms will be others'.
    pub fn abandon(&mut self) {
        // All rooms: whoever panicked may have taken the lists.
        for listeners in &mut self.rooms {
            listeners.runs.clear();
            listeners.bytes = 0;
        }
        self.unsettled.clear();
        self.touched.clear();
        for (_, place) in &mut self.places {
            place.touched = false;
            place.connection.kill();
        }
    }

    pub(super) fn close_all(&mut self, code: u16, reason: &str) {
        let frame = close_frame(code, reason);
        for (at, place) in &mut self.places {
            place.connection.close(frame.clone());
            if !place.touched {
                place.touched = true;
                self.touched.push(at as u32);
            }
        }
    }

    /// Writes each touched socket once. Who has room again hears what it missed. Returns [`Roster::reach`].
    pub fn flush(&mut self) -> usize {
        self.settle_to_write();
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
        std::mem::take(&mut self.reach)
    }

    pub(super) fn tell_missed(rooms: &[Listeners], place: &mut Place) {
        if !place.connection.has_room() {
            return;
        }
        Self::force_missed(rooms, place);
        place.connection.flush();
    }

    /// Tells what was missed, whether there is room or not.
    pub(super) fn force_missed(rooms: &[Listeners], place: &mut Place) {
        for (room, after_rev) in std::mem::take(&mut place.missed) {
            if let Some(id) = rooms.get(room.0 as usize).and_then(|l| l.id) {
                place.connection.force(event_frame(&Event::Resync { room: id, after_rev }));
            }
        }
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
            // They came between two ticks: what was left of that second does not count.
            if !place.signed_in && now.wrapping_sub(place.entered) > self.beat.hello_s {
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
                Due::Missed => connection.close_silent(close_frame(4408, "heartbeat missed"), &self.beat),
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
