//! Session: one connection's actor. It owns the socket, decodes frames, keeps who is signed in, asks ChatServer and holds no room state.

mod asks;
mod dispatch;
mod ws;

pub use asks::Asks;
pub use ws::{Breach, Decoder, Incoming};

use super::{
    chat_server::{Bucket, Rate},
    connection::{Connection, Phase, Transport},
    courier::{ConnId, Roster},
    hub::Hub,
};
use crate::{
    domain::{Refusal, UserId},
    protocol::{close_frame, error_frame},
};
use actix::{fut::ActorFuture, prelude::*};
use bytes::{BufMut, BytesMut};
use serde::Serialize;
use std::{
    any::Any,
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context as Task, Poll},
    time::Instant,
};

/// Bytes read at a time. One buffer serves all connections of a thread.
const READ: usize = 64 * 1024;
/// Reads of one connection before others get their turn.
const READS: usize = 4;
/// Largest frame before `hello` was answered.
const FIRST_FRAME: usize = 4 * 1024;
/// Bad frames in a row before the connection is closed with 1008.
const BAD_FRAMES: u8 = 8;
/// Refusals for flooding in a row before the connection is closed with 4429.
const FLOODS: u8 = 200;

thread_local! {
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into_boxed_slice());
}

/// What sessions of a worker thread share.
pub struct Worker {
    /// The actors.
    pub hub: Hub,
    /// Its connections' requests.
    pub asks: Rc<Asks>,
    /// This thread's connections.
    pub roster: Rc<RefCell<Roster>>,
    /// Requests of one connection that may wait for their answers; then it is not read.
    pub in_flight: u32,
    /// Frames of one connection.
    pub frames: Rate,
    /// For [`Rate`]s.
    pub started: Instant,
}

/// How far a connection has come.
enum Standing {
    /// `hello` is awaited; the token that the upgrade brought.
    New(Option<Box<str>>),
    /// The token of a `hello` is being looked up.
    Greeting,
    /// Signed in; nothing more is read until `hello` is answered.
    Open(UserId),
}

/// The actor.
pub struct Session {
    worker: Rc<Worker>,
    connection: Rc<Connection>,
    conn: ConnId,
    standing: Standing,
    decoder: Decoder,
    bad: u8,
    floods: u8,
    frames: Bucket,
    /// Whatever must live as long as the connection.
    _guard: Box<dyn Any>,
}

impl Session {
    /// Starts a session on this thread. `first` are bytes that came with the handshake; `token` is what the upgrade brought; `guard` is dropped when the connection is gone.
    pub fn open(worker: Rc<Worker>, transport: impl Transport, first: &[u8], token: Option<String>, guard: impl Any) {
        let limits = *worker.hub.limits();
        let mut roster = worker.roster.borrow_mut();
        let connection = Rc::new(Connection::new(transport, limits.outbox_bytes as usize, roster.now()));
        let conn = roster.enter(connection.clone());
        drop(roster);
        let mut decoder = Decoder::default();
        decoder.keep(first);
        Self {
            worker,
            connection,
            conn,
            standing: Standing::New(token.map(String::into_boxed_str)),
            decoder,
            bad: 0,
            floods: 0,
            frames: Bucket::default(),
            _guard: Box::new(guard),
        }
        .start();
    }

    /// Accepts a connection only to close it with a reason.
    pub fn refuse(worker: &Worker, transport: impl Transport, code: u16, reason: &'static str) {
        let mut roster = worker.roster.borrow_mut();
        let connection = Rc::new(Connection::new(transport, 1024, roster.now()));
        let conn = roster.enter(connection.clone());
        connection.close(close_frame(code, reason));
        drop(roster);
        let worker = Worker {
            hub: worker.hub.clone(),
            asks: worker.asks.clone(),
            roster: worker.roster.clone(),
            in_flight: worker.in_flight,
            frames: worker.frames,
            started: worker.started,
        };
        Self {
            worker: Rc::new(worker),
            connection,
            conn,
            standing: Standing::Greeting,
            decoder: Decoder::default(),
            bad: 0,
            floods: 0,
            frames: Bucket::default(),
            _guard: Box::new(()),
        }
        .start();
    }

    fn now_ms(&self) -> u32 {
        self.worker.started.elapsed().as_millis() as u32
    }

    /// Answers a request that never left this actor.
    fn ok(&self, id: i64, ok: &impl Serialize) {
        self.connection.reply(crate::protocol::reply_frame(id, ok));
    }

    /// Refuses a request that never left this actor.
    fn refuse_request(&self, id: Option<i64>, refusal: &Refusal) {
        self.connection.reply(error_frame(id, refusal));
    }

    fn close(&self, code: u16, reason: &str) {
        self.connection.close(close_frame(code, reason));
    }

    /// Reads, decodes and answers until the socket has no more, then writes what waits.
    fn poll(&mut self, ctx: &mut Context<Self>, task: &mut Task<'_>) -> Poll<()> {
        self.connection.set_waker(task);
        let mut reads = 0;
        loop {
            match self.connection.phase() {
                Phase::Dead => return Poll::Ready(()),
                Phase::Closing => return self.poll_close(task),
                Phase::Open => {}
            }
            if !self.may_read() {
                break;
            }
            if self.decoder.has_rest() {
                // Frames that came while reading was stopped.
                self.take(&mut [], ctx);
                if self.decoder.has_rest() && !self.may_read() {
                    break;
                }
            }
            if reads == READS {
                task.waker().wake_by_ref();
                break;
            }
            reads += 1;
            match self.poll_read(ctx, task) {
                Poll::Ready(true) => {}
                Poll::Ready(false) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        self.write();
        if self.connection.phase() == Phase::Dead { Poll::Ready(()) } else { Poll::Pending }
    }

    fn may_read(&self) -> bool {
        let awaited = !matches!(self.standing, Standing::New(_)) && !self.connection.greeted();
        self.connection.may_read(self.worker.in_flight) && !awaited
    }

    /// One read. False at the end of the stream.
    fn poll_read(&mut self, ctx: &mut Context<Self>, task: &mut Task<'_>) -> Poll<bool> {
        // Taken out of its cell, because what is read may lead anywhere.
        let mut buffer = BUFFER.take();
        if buffer.is_empty() {
            buffer = vec![0; READ].into_boxed_slice();
        }
        let polled = match self.connection.poll_read(task, &mut buffer) {
            Poll::Ready(Ok(0) | Err(_)) => Poll::Ready(false),
            Poll::Ready(Ok(count)) => {
                self.connection.heard(self.worker.roster.borrow().now());
                self.take(&mut buffer[..count], ctx);
                Poll::Ready(true)
            }
            Poll::Pending => Poll::Pending,
        };
        BUFFER.set(buffer);
        polled
    }

    fn take(&mut self, bytes: &mut [u8], ctx: &mut Context<Self>) {
        let mut decoder = std::mem::take(&mut self.decoder);
        let limit = self.frame_limit();
        let result = decoder.feed(bytes, limit, |incoming| {
            self.incoming(incoming, ctx);
            (self.connection.phase() == Phase::Open && self.may_read()).then(|| self.frame_limit())
        });
        self.decoder = decoder;
        if let Err(breach) = result {
            self.close(breach.code, breach.reason);
        }
    }

    fn frame_limit(&self) -> usize {
        match self.standing {
            Standing::New(_) => FIRST_FRAME,
            _ => self.worker.hub.limits().frame_bytes as usize,
        }
    }

    fn incoming(&mut self, incoming: Incoming<'_>, ctx: &mut Context<Self>) {
        match incoming {
            Incoming::Text(text) => self.request(text, ctx),
            Incoming::Binary(_) => self.close(1003, "text frames only"),
            Incoming::Ping(payload) => self.pong(payload),
            Incoming::Pong => {}
            Incoming::Close(code) => {
                self.close(code.unwrap_or(1000), "");
            }
        }
    }

    fn pong(&self, payload: &[u8]) {
        let mut frame = BytesMut::with_capacity(2 + payload.len());
        frame.put_u8(0x8a);
        frame.put_u8(payload.len() as u8);
        frame.extend_from_slice(payload);
        // Who sends pings and does not read loses the answers, not the server its memory.
        let _ = self.connection.push(frame.freeze());
    }

    /// Writes what waits, and tells who was too slow, once there is room.
    fn write(&self) {
        if self.connection.has_unsent() {
            self.connection.flush();
            self.worker.roster.borrow_mut().drained(self.conn);
        }
    }

    /// After a close frame: it goes out, then the peer's is awaited, so that unread bytes don't make the kernel throw ours away. The Courier's
    /// clock ends the wait.
    fn poll_close(&self, task: &mut Task<'_>) -> Poll<()> {
        self.connection.flush();
        if self.connection.has_unsent() {
            return self.dead_or_pending();
        }
        self.connection.shut(task);
        let mut sink = [0; 4096];
        loop {
            match self.connection.poll_read(task, &mut sink) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => return self.dead_or_pending(),
            }
        }
    }

    fn dead_or_pending(&self) -> Poll<()> {
        if self.connection.phase() == Phase::Dead { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(Pump);
    }
}

/// However the actor ends, by a panic too.
impl Drop for Session {
    fn drop(&mut self) {
        self.connection.kill();
        // In a panic that left the roster taken, its Courier starts over.
        if let Ok(mut roster) = self.worker.roster.try_borrow_mut() {
            roster.leave(self.conn);
        }
        self.worker.asks.gone(self.conn);
    }
}

/// Drives the socket as long as the actor lives.
struct Pump;

impl ActorFuture<Session> for Pump {
    type Output = ();

    fn poll(self: Pin<&mut Self>, session: &mut Session, ctx: &mut Context<Session>, task: &mut Task<'_>) -> Poll<()> {
        let polled = session.poll(ctx, task);
        if polled.is_ready() {
            ctx.stop();
        }
        polled
    }
}
