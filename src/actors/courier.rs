//! Courier: delivers to the connections of one worker thread. A message to a room is one actor message per worker, whatever the
//! number of its listeners; the mailbox is emptied first, then each touched socket is written once.

use super::{
    connection::{Beat, Connection, Due},
    counters::Counters,
};
use crate::{
    domain::RoomId,
    protocol::{Event, close_frame, event_frame},
};
use actix::prelude::*;
use bytes::Bytes;
use slab::Slab;
use smallvec::SmallVec;
use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

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
}

/// The connections of one worker thread and what they listen to. Pure but for the sockets.
pub struct Roster {
    worker: u16,
    beat: Beat,
    places: Slab<Place>,
    rooms: Vec<Listeners>,
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
        Self { worker, beat, places: Slab::new(), rooms: Vec::new(), touched: Vec::new(), turns: 0, round: 0, now: 1, counters }
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
        match parcel {
            Parcel::Reply(id, frame) => self.reply(id, frame),
            Parcel::To(id, frame) => self.to(id, frame),
            Parcel::Log(room, run) => self.log(room, &run),
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
            // What a client is told alone (its rooms, its sign-in) is little and must not be lost.
            place.connection.force(frame);
            self.touch(id.place);
        }
    }

    fn touch(&mut self, place: u32) {
        let slot = &mut self.places[place as usize];
        if !slot.touched {
            slot.touched = true;
            self.touched.push(place);
        }
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

    fn is_live(&self, id: ConnId, room: RoomIx) -> bool {
        let listeners = self.rooms.get(room.0 as usize);
        listeners.is_some_and(|l| l.list.iter().any(|l| l.place() == id.place as usize && l.is_live()))
    }

    fn set_live(&mut self, id: ConnId, room: RoomIx, live: bool) {
        if self.place(id).is_none() {
            return;
        }
        if let Some(listeners) = self.rooms.get_mut(room.0 as usize) {
            if let Some(listener) = listeners.list.iter_mut().find(|l| l.place() == id.place as usize) {
                *listener = Listener::new(id.place, live);
            }
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
        let now = self.now;
        if let Some(place) = self.place(id) {
            if let Some(frame) = last {
                place.connection.force(frame);
            }
            place.connection.close(close_frame(code, reason), now);
            self.touch(id.place);
        }
    }

    fn close_all(&mut self, code: u16, reason: &str) {
        let frame = close_frame(code, reason);
        for (at, place) in &mut self.places {
            place.connection.close(frame.clone(), self.now);
            if !place.touched {
                place.touched = true;
                self.touched.push(at as u32);
            }
        }
    }

    /// Writes each touched socket once. Who has room again hears what it missed.
    pub fn flush(&mut self) {
        let mut touched = std::mem::take(&mut self.touched);
        for at in touched.drain(..) {
            let Some(place) = self.places.get_mut(at as usize) else { continue };
            place.touched = false;
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
        if let Some(place) = self.place(id) {
            if !place.missed.is_empty() {
                Self::tell_missed(&rooms, place);
            }
        }
        self.rooms = rooms;
    }

    /// Once a second: pings, and the end of those who do not answer, do not read, or never said hello.
    fn tick(&mut self, ping: &Bytes) {
        self.now = self.now.wrapping_add(1).max(1);
        let now = self.now;
        for (at, place) in &mut self.places {
            let connection = &place.connection;
            if !place.signed_in && now.wrapping_sub(place.entered) >= self.beat.hello_s {
                connection.close(close_frame(4401, "hello did not come in time"), now);
            }
            match connection.tick(now, &self.beat) {
                Due::Nothing => continue,
                Due::Ping => connection.force(ping.clone()),
                Due::Missed => connection.close(close_frame(4408, "heartbeat missed"), now),
                Due::TooSlow => connection.close(close_frame(4413, "too slow to keep up, resume with cursors"), now),
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

/// The actor: a shell around a [`Roster`] that its thread's sessions share.
pub struct Courier {
    roster: Rc<RefCell<Roster>>,
    flushing: bool,
}

impl Courier {
    /// Starts it on this thread.
    pub fn start_on(roster: Rc<RefCell<Roster>>) -> Addr<Self> {
        Self { roster, flushing: false }.start()
    }
}

impl Actor for Courier {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let ping = Bytes::from_static(&[0x89, 0]);
        ctx.run_interval(Duration::from_secs(1), move |act, _| act.roster.borrow_mut().tick(&ping));
    }
}

impl Handler<Parcels> for Courier {
    type Result = ();

    fn handle(&mut self, Parcels(parcels): Parcels, ctx: &mut Self::Context) {
        let mut roster = self.roster.borrow_mut();
        for parcel in parcels {
            roster.deliver(parcel);
        }
        if !self.flushing {
            self.flushing = true;
            // The context runs this when the mailbox is empty: that is what gathers frames into one write.
            ctx.spawn(actix::fut::ready(()).map(|(), act: &mut Self, _| {
                act.flushing = false;
                act.roster.borrow_mut().flush();
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::connection::Phase;
    use std::{
        cell::Cell,
        io,
        pin::Pin,
        task::{Context as Task, Poll},
    };
    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

    /// A socket that takes bytes while its peer reads.
    struct Peer {
        got: Rc<RefCell<Vec<u8>>>,
        reads: Rc<Cell<bool>>,
    }

    impl AsyncRead for Peer {
        fn poll_read(self: Pin<&mut Self>, _: &mut Task<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Peer {
        fn poll_write(self: Pin<&mut Self>, _: &mut Task<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            if !self.reads.get() {
                return Poll::Pending;
            }
            self.got.borrow_mut().extend_from_slice(bytes);
            Poll::Ready(Ok(bytes.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    struct Listening {
        conn: ConnId,
        connection: Rc<Connection>,
        got: Rc<RefCell<Vec<u8>>>,
        reads: Rc<Cell<bool>>,
    }

    const ROOM: RoomIx = RoomIx(3);
    const BEAT: Beat = Beat { ping_s: 25, answer_s: 10, hello_s: 10, stuck_s: 30, linger_s: 3 };

    fn roster() -> Roster {
        Roster::new(0, BEAT, Arc::default())
    }

    fn listen(roster: &mut Roster, bound: usize, live: bool) -> Listening {
        let (got, reads) = (Rc::default(), Rc::new(Cell::new(true)));
        let peer = Peer { got: Rc::clone(&got), reads: reads.clone() };
        let connection = Rc::new(Connection::new(peer, bound, roster.now()));
        let conn = roster.enter(connection.clone());
        roster.deliver(Parcel::Listen(conn, vec![Hearing { room: ROOM, id: RoomId::from([7; 16]), live }]));
        Listening { conn, connection, got, reads }
    }

    fn run(first: i64, frames: &[&str], author: Option<(ConnId, usize)>) -> Parcel {
        let mut bytes = Vec::new();
        let marks = frames
            .iter()
            .enumerate()
            .map(|(at, frame)| {
                bytes.extend_from_slice(frame.as_bytes());
                let reply = author.filter(|(_, n)| *n == at).map(|(conn, _)| (conn, Bytes::from_static(b"<ok>")));
                Mark { rev: first + at as i64, end: bytes.len() as u32, reply }
            })
            .collect();
        Parcel::Log(ROOM, Arc::new(Run { frames: bytes.into(), marks }))
    }

    fn text(listening: &Listening) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut *listening.got.borrow_mut())).into_owned()
    }

    #[test]
    fn the_author_gets_the_reply_in_the_message_s_place() {
        let mut roster = roster();
        let (author, other) = (listen(&mut roster, 1000, true), listen(&mut roster, 1000, true));
        roster.deliver(run(1, &["a", "b", "c"], Some((author.conn, 1))));
        roster.flush();
        assert_eq!((text(&author), text(&other)), ("a<ok>c".into(), "abc".into()));
    }

    #[test]
    fn who_is_behind_hears_no_message_until_live() {
        let mut roster = roster();
        let behind = listen(&mut roster, 1000, false);
        roster.deliver(run(1, &["a"], Some((behind.conn, 0))));
        roster.deliver(run(2, &["b"], None));
        roster.flush();
        assert_eq!(text(&behind), "<ok>", "replies are not held back");
        roster.deliver(Parcel::Live(behind.conn, ROOM));
        roster.deliver(run(3, &["c"], None));
        roster.flush();
        assert_eq!(text(&behind), "c");
    }

    #[test]
    fn who_is_too_slow_is_told_what_to_fetch_and_harms_nobody() {
        let mut roster = roster();
        let (slow, quick) = (listen(&mut roster, 10, true), listen(&mut roster, 10, true));
        slow.reads.set(false);
        for rev in 1..=5 {
            roster.deliver(run(rev, &["12345678"], None));
            roster.flush();
        }
        assert_eq!(text(&quick).len(), 40);
        assert_eq!(slow.connection.unsent(), 8, "no more than the bound waits");
        slow.reads.set(true);
        slow.connection.flush();
        roster.drained(slow.conn);
        let got = text(&slow);
        assert!(got.starts_with("12345678") && got.contains(r#""event":"resync""#) && got.ends_with(r#""after_rev":1}"#), "{got}");
        roster.deliver(run(6, &["x"], None));
        roster.flush();
        assert_eq!(text(&slow), "");
    }

    #[test]
    fn places_are_not_mistaken_for_their_successors() {
        let mut roster = roster();
        let first = listen(&mut roster, 1000, true);
        roster.leave(first.conn);
        let second = listen(&mut roster, 1000, true);
        assert_eq!(first.conn.place, second.conn.place);
        roster.deliver(Parcel::To(first.conn, Bytes::from_static(b"secret")));
        roster.deliver(run(1, &["a"], Some((first.conn, 0))));
        roster.flush();
        assert_eq!(text(&second), "a");
        roster.leave(second.conn);
        assert!(roster.rooms[3].list.is_empty() && roster.is_empty());
    }

    #[test]
    fn several_rooms_are_told_once() {
        let mut roster = roster();
        let one = listen(&mut roster, 1000, true);
        roster.deliver(Parcel::Listen(one.conn, vec![Hearing { room: RoomIx(4), id: RoomId::from([8; 16]), live: true }]));
        roster.deliver(Parcel::Rooms([ROOM, RoomIx(4)].into(), Bytes::from_static(b"p")));
        roster.flush();
        assert_eq!(text(&one), "p");
    }

    #[test]
    fn the_clock_pings_and_gives_up() {
        let mut roster = roster();
        let here = listen(&mut roster, 1000, true);
        let ping = Bytes::from_static(b"!");
        for _ in 0..25 {
            roster.tick(&ping);
        }
        assert_eq!(text(&here), "!");
        here.connection.heard(roster.now());
        for _ in 0..24 {
            roster.tick(&ping);
        }
        assert_eq!(here.connection.phase(), Phase::Open);
        for _ in 0..11 {
            roster.tick(&ping);
        }
        assert_eq!(here.connection.phase(), Phase::Closing);
        for _ in 0..3 {
            roster.tick(&ping);
        }
        assert_eq!(here.connection.phase(), Phase::Dead);
    }
}
