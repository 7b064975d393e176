//! One client's socket, shared on its worker thread by the Session, which reads, and the Courier, which writes.

use super::outbox::{Full, Outbox};
use crate::protocol::close_frame;
use bytes::Bytes;
use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a connection runs over: TCP, or TLS over TCP.
pub trait Transport: AsyncRead + AsyncWrite + Unpin + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + 'static> Transport for T {}

/// Replies and what a client is told alone may wait up to so many times the bound for events. Only who does not read what it asked for gets
/// there: requests are not read while more than the bound itself waits.
const RESERVE: usize = 4;
/// A peer that reads what waits before a close frame, however slowly, is let go after so many times [`Beat::linger_s`].
const LINGERS: u32 = 10;

/// Where a connection is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Frames go both ways.
    Open,
    /// A close frame is in the Outbox, or went out: nothing more is taken, and what the peer sends is dropped.
    Closing,
    /// The socket is of no more use.
    Dead,
}

/// A socket and its Outbox.
pub struct Connection {
    transport: RefCell<Box<dyn Transport>>,
    outbox: RefCell<Outbox>,
    /// The Session's: the socket's readiness and the Courier's wishes wake it.
    waker: RefCell<Option<Waker>>,
    phase: Cell<Phase>,
    /// Bytes that may wait before an event is not taken.
    bound: usize,
    /// Requests that were not answered yet.
    in_flight: Cell<u32>,
    /// Reading stopped until something is answered or sent.
    held_back: Cell<bool>,
    /// `hello` was answered.
    greeted: Cell<bool>,
    shut: Cell<bool>,
    /// It was closed for that, and nobody has counted it yet.
    too_slow: Cell<bool>,
    /// The last tick.
    now: Cell<u32>,
    /// Ticks of the Courier's clock (one a second).
    heard_at: Cell<u32>,
    pinged_at: Cell<u32>,
    stuck_since: Cell<u32>,
    closing_since: Cell<u32>,
    /// When the close frame was put behind what waits.
    closed_at: Cell<u32>,
    /// The socket took no more at the last write.
    full: Cell<bool>,
}

impl Connection {
    /// Over this transport; at most `bound` bytes wait. `now` is the Courier's tick.
    pub fn new(transport: impl Transport, bound: usize, now: u32) -> Self {
        Self {
            transport: RefCell::new(Box::new(transport)),
            outbox: RefCell::default(),
            waker: RefCell::default(),
            phase: Cell::new(Phase::Open),
            bound,
            in_flight: Cell::new(0),
            held_back: Cell::new(false),
            greeted: Cell::new(false),
            shut: Cell::new(false),
            too_slow: Cell::new(false),
            now: Cell::new(now),
            heard_at: Cell::new(now),
            pinged_at: Cell::new(0),
            stuck_since: Cell::new(0),
            closing_since: Cell::new(0),
            closed_at: Cell::new(0),
            full: Cell::new(false),
        }
    }

    /// Takes an event frame, unless the Outbox is full.
    pub fn push(&self, frame: Bytes) -> Result<(), Full> {
        if self.phase.get() != Phase::Open {
            return Ok(());
        }
        self.outbox.borrow_mut().push(frame, self.bound)
    }

    /// Takes an event frame and writes it at once: what a crowd hears is then queued, and counted, only where a socket does not take all of it.
    pub fn send(&self, frame: &Bytes) -> Result<(), Full> {
        if self.phase.get() != Phase::Open {
            return Ok(());
        }
        if self.has_unsent() {
            self.push(frame.clone())?;
            self.flush();
        } else {
            self.write(Some(frame));
        }
        Ok(())
    }

    /// Takes a reply; a full Outbox stops the reading of further requests instead.
    pub fn reply(&self, frame: Bytes) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
        self.force(frame);
        if self.held_back.take() {
            self.wake();
        }
    }

    /// `hello` was answered: further requests may be read.
    pub fn greet(&self) {
        self.greeted.set(true);
        self.wake();
    }

    /// Whether `hello` was answered.
    pub fn greeted(&self) -> bool {
        self.greeted.get()
    }

    /// Takes a frame that must not be left out: a connection that has no room for it, four times the bound, is closed instead, and its
    /// client resumes with cursors.
    pub fn force(&self, frame: Bytes) {
        if self.phase.get() != Phase::Open {
            return;
        }
        let taken = self.outbox.borrow_mut().push(frame, self.bound.saturating_mul(RESERVE));
        if taken.is_err() {
            self.too_slow();
        }
    }

    /// Sends a close frame after what waits, or, where the peer does not read, instead of it.
    pub fn close(&self, frame: Bytes) {
        if self.phase.get() != Phase::Open {
            return;
        }
        self.outbox.borrow_mut().finish(frame, self.bound / 2);
        self.phase.set(Phase::Closing);
        self.closing_since.set(self.now.get());
        self.closed_at.set(self.now.get());
        self.wake();
    }

    /// The same for a peer that has long been silent: nobody waits for its goodbye longer than a second.
    pub fn close_silent(&self, frame: Bytes, beat: &Beat) {
        self.close(frame);
        self.closing_since.set(self.now.get().wrapping_sub(beat.linger_s));
    }

    /// Lets go of a peer that does not read.
    pub fn too_slow(&self) {
        self.too_slow.set(true);
        self.close(close_frame(4413, "too slow to keep up, resume with cursors"));
    }

    /// Whether it was closed for not reading; true once.
    pub fn take_too_slow(&self) -> bool {
        self.too_slow.take()
    }

    /// Gives the socket up.
    pub fn kill(&self) {
        self.phase.set(Phase::Dead);
        self.wake();
    }

    /// Where it is in its life.
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Whether the next request may be read: not while answers to others wait for the peer or for the server.
    pub fn may_read(&self, most_in_flight: u32) -> bool {
        let may = self.in_flight.get() < most_in_flight && self.outbox.borrow().bytes() <= self.bound;
        self.held_back.set(!may);
        may
    }

    /// A request goes in; [`Connection::reply`] takes it out.
    pub fn asked(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    /// Whether enough of the Outbox went out to speak of what was dropped.
    pub fn has_room(&self) -> bool {
        self.outbox.borrow().bytes() <= self.bound / 2
    }

    /// Whether bytes wait.
    pub fn has_unsent(&self) -> bool {
        !self.outbox.borrow().is_empty()
    }

    /// How many bytes wait.
    pub fn unsent(&self) -> usize {
        self.outbox.borrow().bytes()
    }

    /// Writes what waits until the socket takes no more; the Session is woken when it does again.
    pub fn flush(&self) {
        if self.phase.get() != Phase::Dead {
            self.write(None);
        }
    }

    /// Writes what waits, or a frame before which nothing does.
    fn write(&self, frame: Option<&Bytes>) {
        let waker = self.waker.borrow();
        let mut cx = Context::from_waker(waker.as_ref().unwrap_or(Waker::noop()));
        let mut transport = self.transport.borrow_mut();
        let mut outbox = self.outbox.borrow_mut();
        let waited = outbox.bytes();
        let write = |slices: &[io::IoSlice<'_>]| {
            let polled = match slices {
                [one] => Pin::new(&mut **transport).poll_write(&mut cx, one),
                many => Pin::new(&mut **transport).poll_write_vectored(&mut cx, many),
            };
            match polled {
                Poll::Ready(Ok(0)) => Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(result) => result,
                Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
            }
        };
        let result = match frame {
            Some(frame) => outbox.write_through(frame, write),
            None => outbox.drain(write),
        };
        if self.full.get() && outbox.bytes() < waited {
            // The peer reads: it is given its time anew to come to the reason for the end.
            self.closing_since.set(self.now.get());
        }
        match result {
            Ok(()) => self.full.set(false),
            // The transport wakes the Session when it takes bytes again.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.full.set(true),
            Err(_) => self.phase.set(Phase::Dead),
        }
        if outbox.bytes() <= self.bound && self.held_back.take() {
            // Nothing else would have the Session read what came meanwhile.
            self.wake();
        }
        if outbox.is_empty() {
            // A TLS stream keeps what it encrypted until it is told to write it.
            let _ = Pin::new(&mut **transport).poll_flush(&mut cx);
        }
    }

    /// Says to the peer that nothing more comes.
    pub fn shut(&self, cx: &mut Context<'_>) {
        if !self.shut.replace(true) {
            let _ = Pin::new(&mut **self.transport.borrow_mut()).poll_shutdown(cx);
        }
    }

    /// Reads what is there into `buffer`. `Ready(Ok(0))` is the end.
    pub fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut read = ReadBuf::new(buffer);
        match Pin::new(&mut **self.transport.borrow_mut()).poll_read(cx, &mut read) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(read.filled().len())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Remembers whom to wake.
    pub fn set_waker(&self, cx: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        match &mut *waker {
            Some(known) => known.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// The peer said something at this tick.
    pub fn heard(&self, now: u32) {
        self.heard_at.set(now);
        self.pinged_at.set(0);
    }

    /// What the Courier's clock asks of this connection.
    pub fn tick(&self, now: u32, beat: &Beat) -> Due {
        self.now.set(now);
        match self.phase.get() {
            Phase::Dead => return Due::Nothing,
            Phase::Closing => return if self.is_overdue(now, beat) { Due::Kill } else { Due::Nothing },
            Phase::Open => {}
        }
        let stuck = self.stuck_since.get();
        if self.has_room() {
            self.stuck_since.set(0);
        } else if stuck == 0 {
            self.stuck_since.set(now.max(1));
        } else if now.wrapping_sub(stuck) >= beat.stuck_s {
            return Due::TooSlow;
        }
        let pinged = self.pinged_at.get();
        if pinged != 0 {
            return if now.wrapping_sub(pinged) >= beat.answer_s { Due::Missed } else { Due::Nothing };
        }
        if now.wrapping_sub(self.heard_at.get()) >= beat.ping_s {
            self.pinged_at.set(now.max(1));
            return Due::Ping;
        }
        Due::Nothing
    }

    /// Whether the close frame was waited for long enough: a peer that reads is given its time anew, but not for ever.
    fn is_overdue(&self, now: u32, beat: &Beat) -> bool {
        let longest = beat.linger_s.saturating_mul(LINGERS);
        // Both began between two ticks: what was left of that second does not count.
        now.wrapping_sub(self.closing_since.get()) > beat.linger_s || now.wrapping_sub(self.closed_at.get()) > longest
    }
}

/// The times of a connection's life, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Beat {
    /// Silence before a ping.
    pub ping_s: u32,
    /// Silence after it before the connection is given up.
    pub answer_s: u32,
    /// From the handshake to `hello`.
    pub hello_s: u32,
    /// How long the Outbox may stay more than half full.
    pub stuck_s: u32,
    /// How long a peer may take to answer a close frame, from the last time on that it was seen to read.
    pub linger_s: u32,
}

/// What is to be done with a connection at a tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// All is well.
    Nothing,
    /// Ask whether it is there.
    Ping,
    /// It was not.
    Missed,
    /// It does not read what it is sent.
    TooSlow,
    /// It does not answer the close frame.
    Kill,
}
