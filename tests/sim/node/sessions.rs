//! Sessions, as `session/mod.rs` drives them.

use super::{
    super::{
        book::Book,
        client::Ask,
        pipe::{Pipe, Socket},
        store::Store,
        threads::Write,
    },
    Letter, Node, Part,
};
use crate::{
    actors::{
        chat_server::{self, Asked, Greeting, Loaded, Reply, SendAsk},
        connection::{Connection, Phase},
        courier::ConnId,
        journal::lane_of,
    },
    domain::{Refusal, RoomRef, SessionId, User},
    protocol::{close_frame, error_frame},
};
use std::{rc::Rc, sync::Arc, time::Instant};

/// A connection at the node's end.
pub struct Session {
    pub conn: ConnId,
    pub connection: Rc<Connection>,
    pub pipe: Rc<Pipe>,
    user: User,
    sign_in: SessionId,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    New,
    Open,
}

impl Node {
    pub fn open(&mut self, worker: usize, pipe: Rc<Pipe>, user: User, sign_in: SessionId) -> u32 {
        let roster = &mut self.rosters[worker];
        let connection = Rc::new(Connection::new(Socket(pipe.clone()), self.sizes.outbox, roster.now()));
        let conn = roster.enter(connection.clone());
        self.opened += 1;
        self.sessions.insert(self.opened, Session { conn, connection, pipe, user, sign_in, standing: Standing::New });
        self.opened
    }

    /// Whether a session would read a request, or has heard something.
    pub fn may_read(&self, key: u32) -> bool {
        let session = &self.sessions[&key];
        let asked = !session.pipe.requests.borrow().is_empty();
        let awaited = session.standing == Standing::Open && !session.connection.greeted();
        session.pipe.pong.get()
            || (asked && session.connection.phase() == Phase::Open && !awaited && session.connection.may_read(self.sizes.in_flight))
    }

    pub fn read(&mut self, key: u32, store: &Store, down: bool, book: &mut Book) {
        let Some(session) = self.sessions.get_mut(&key) else { return };
        let worker = usize::from(session.conn.worker);
        session.connection.heard(self.rosters[worker].now());
        if session.pipe.pong.take() {
            return book.step(format_args!("session {key} hears a pong"));
        }
        let asked = session.pipe.requests.borrow_mut().pop_front();
        let Some((id, ask)) = asked else { return };
        book.step(format_args!("session {key} reads {id} {ask:?}"));
        session.connection.asked();
        // Whose token is looked up brings what was read along with it; of others it is known.
        let rooms = (key.is_multiple_of(2) && !down).then(|| Arc::new(store.load(session.user.id)));
        self.request(key, id, ask, rooms);
    }

    fn request(&mut self, key: u32, id: i64, ask: Ask, rooms: Option<Arc<Vec<Loaded>>>) {
        let Some(session) = self.sessions.get_mut(&key) else { return };
        let (conn, user) = (session.conn, session.user.id);
        let full = self.queued >= self.sizes.chat;
        let hello = matches!(ask, Ask::Hello { .. });
        let ask = match ask {
            // A change waits at the writer, not at ChatServer.
            Ask::Leave(room) => {
                let lane = lane_of(room.as_bytes(), self.sizes.lanes);
                return self.writers[lane].queue.push_back(Write::Leave { conn, id, user, room });
            }
            Ask::Hello { cursors } => {
                let cursors = if self.faulty.forget_cursors { Vec::new() } else { cursors };
                let (user, session, news) = (session.user.clone(), session.sign_in, self.state.news());
                chat_server::Ask::Hello(Box::new(Greeting { conn, id, user, news, rooms, session, cursors, epoch: None }))
            }
            Ask::Send(sending) => chat_server::Ask::Send(SendAsk {
                room: RoomRef::Id(sending.room),
                client_id: sending.client_id,
                body: sending.body,
                reply_to: None,
                thread: None,
                named: sending.named,
            }),
            Ask::Sync { room, after_rev } => chat_server::Ask::Sync { room: RoomRef::Id(room), after_rev, limit: 4 },
            Ask::Read { room, seq } => chat_server::Ask::Mark { room: RoomRef::Id(room), seq, reply: Reply::Read },
            Ask::Delivered { room, seq } => chat_server::Ask::Mark { room: RoomRef::Id(room), seq, reply: Reply::Delivered },
            Ask::Join(room) => chat_server::Ask::Join(RoomRef::Id(room)),
            Ask::Typing(room) => chat_server::Ask::Typing { room: RoomRef::Id(room), on: true },
            Ask::Presence(state) => chat_server::Ask::SetPresence(state),
        };
        if full {
            session.connection.reply(error_frame(Some(id), &Refusal::unavailable()));
            if hello {
                session.connection.close(close_frame(1013, "overloaded, try later"));
            }
            return;
        }
        if hello {
            session.standing = Standing::Open;
        }
        self.queued += 1;
        self.send(Part::Worker(usize::from(conn.worker)), Part::Chat, Letter::Asked(Asked { conn, id, ask, since: Instant::now() }));
    }

    /// Whether the socket would take something.
    pub fn may_write(&self, key: u32) -> bool {
        let session = &self.sessions[&key];
        session.connection.phase() != Phase::Dead && session.connection.has_unsent() && session.pipe.has_room()
    }

    pub fn write(&mut self, key: u32) {
        let session = &self.sessions[&key];
        if session.connection.has_unsent() {
            session.connection.flush();
            if session.connection.phase() == Phase::Open {
                self.rosters[usize::from(session.conn.worker)].drained(session.conn);
            }
        }
    }

    /// Whether a session is to end: its socket is of no more use, or its peer has gone.
    pub fn is_over(&self, key: u32) -> bool {
        let session = &self.sessions[&key];
        session.connection.phase() == Phase::Dead || session.pipe.client_gone.get()
    }

    pub fn end(&mut self, key: u32) {
        let Some(session) = self.sessions.remove(&key) else { return };
        let worker = usize::from(session.conn.worker);
        session.connection.kill();
        session.pipe.node_gone.set(true);
        self.rosters[worker].leave(session.conn);
        self.send(Part::Worker(worker), Part::Chat, Letter::Gone(session.conn));
    }
}
