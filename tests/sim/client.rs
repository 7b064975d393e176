//! A client as it should be written: it keeps a cursor for each room, syncs when it is told to, and asks again under the same `client_id` until
//! it knows what became of a message. What it sees it writes down for the history checker; what may never be it reports at once.

mod frames;
mod reading;

use super::{
    book::Book,
    history::record::{Line, Op, Phase, close},
    pipe::Pipe,
};
use crate::domain::{ClientId, PresenceState, RoomId, UserId};
use std::{collections::BTreeMap, rc::Rc};

/// A message that is to be stored.
#[derive(Clone, Debug)]
pub struct Sending {
    pub room: RoomId,
    pub client_id: ClientId,
    pub body: String,
    pub named: Vec<String>,
}

/// A request.
#[derive(Clone, Debug)]
pub enum Ask {
    Hello { cursors: Vec<(RoomId, i64)> },
    Send(Sending),
    Sync { room: RoomId, after_rev: i64 },
    Read { room: RoomId, seq: i64 },
    Delivered { room: RoomId, seq: i64 },
    Join(RoomId),
    Leave(RoomId),
    Typing(RoomId),
    Presence(PresenceState),
}

impl Ask {
    /// How the history names it, and of which room it is.
    fn op(&self) -> (Op, Option<RoomId>) {
        match self {
            Self::Hello { .. } => (Op::Hello, None),
            Self::Send(sending) => (Op::Send, Some(sending.room)),
            Self::Sync { room, .. } => (Op::Sync, Some(*room)),
            Self::Read { room, .. } => (Op::Read, Some(*room)),
            Self::Delivered { room, .. } => (Op::Delivered, Some(*room)),
            Self::Join(room) => (Op::Join, Some(*room)),
            Self::Leave(room) => (Op::Leave, Some(*room)),
            Self::Typing(room) => (Op::Typing, Some(*room)),
            Self::Presence(_) => (Op::SetPresence, None),
        }
    }
}

/// What a client holds of a room, over its connections: everything after one change and up to another.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub after: i64,
    pub rev: i64,
    pub last_seq: i64,
}

/// A room in one connection.
#[derive(Clone, Copy, Default, Debug)]
pub struct View {
    /// Something is missing: told to sync, or waiting for the `sync` event that follows `hello`.
    pub behind: bool,
    /// The `sync` event is on its way.
    pub promised: bool,
}

/// One connection.
pub struct Link {
    pub name: String,
    pub pipe: Rc<Pipe>,
    pub asked: BTreeMap<i64, Ask>,
    pub rooms: BTreeMap<RoomId, View>,
    /// `hello` was answered.
    pub open: bool,
    /// It reads what comes.
    pub reads: bool,
    calls: i64,
    buffer: Vec<u8>,
}

impl Link {
    /// A `sync` of the room is asked for.
    fn is_syncing(&self, room: RoomId) -> bool {
        self.asked.values().any(|ask| matches!(ask, Ask::Sync { room: of, .. } if *of == room))
    }
}

/// A window or a device.
pub struct Client {
    pub name: String,
    pub user: UserId,
    pub link: Option<Link>,
    pub held: BTreeMap<RoomId, Held>,
    sessions: u32,
}

/// What a client has learnt that concerns others.
#[derive(Debug)]
pub enum News {
    /// The outcome of a message is unknown.
    Unsettled(Sending),
    /// A message was stored once, and found again.
    Duplicate,
    /// A code of a refusal.
    Refused(String),
    /// What came before is to be fetched.
    Resync,
    /// The node has closed the connection.
    Closed(u16),
}

fn number(n: i64) -> Option<u32> {
    u32::try_from(n).ok()
}

impl Client {
    pub fn new(name: String, user: UserId) -> Self {
        Self { name, user, link: None, held: BTreeMap::new(), sessions: 0 }
    }

    pub fn line(&self, book: &mut Book, op: Op, phase: Phase) -> Line {
        let session = self.link.as_ref().map(|link| link.name.clone());
        Line { client: Some(self.name.clone()), session, user: Some(self.user.to_string()), ..book.line(op, phase) }
    }

    pub fn in_room(&self, book: &mut Book, op: Op, phase: Phase, room: RoomId) -> Line {
        Line { room: Some(room.to_string()), ..self.line(book, op, phase) }
    }

    /// A new connection, whose first request is under way.
    pub fn connect(&mut self, pipe: Rc<Pipe>, book: &mut Book) {
        self.sessions += 1;
        let name = format!("{}.{}", self.name, self.sessions);
        let (asked, rooms) = (BTreeMap::new(), BTreeMap::new());
        self.link = Some(Link { name, pipe, asked, rooms, open: false, reads: true, calls: 0, buffer: Vec::new() });
        let line = self.line(book, Op::Session, Phase::Open);
        book.push(line);
        let cursors = self.held.iter().map(|(room, held)| (*room, held.rev)).collect();
        self.ask(Ask::Hello { cursors }, book);
    }

    /// The connection is gone; gives back what is to be asked again.
    pub fn disconnect(&mut self, book: &mut Book) -> Vec<Sending> {
        let Some(link) = &mut self.link else { return Vec::new() };
        link.pipe.client_gone.set(true);
        let asked = std::mem::take(&mut link.asked);
        for (call, ask) in &asked {
            let line = Line { code: Some("closed".to_owned()), ..self.asked(book, *call, ask, Phase::Info) };
            book.push(line);
        }
        let line = Line { code: Some(close::CLEAN.to_owned()), ..self.line(book, Op::Session, Phase::Close) };
        book.push(line);
        self.link = None;
        asked.into_values().filter_map(|ask| if let Ask::Send(sending) = ask { Some(sending) } else { None }).collect()
    }

    /// The line of a request, or of its end.
    fn asked(&self, book: &mut Book, call: i64, ask: &Ask, phase: Phase) -> Line {
        let (op, room) = ask.op();
        let mut line = Line { call: number(call), room: room.map(|room| room.to_string()), ..self.line(book, op, phase) };
        match ask {
            Ask::Send(Sending { client_id, body, .. }) => {
                line.client_id = Some(client_id.to_string());
                line.hash = Some(book.hash(body));
            }
            Ask::Sync { after_rev, .. } => line.after_rev = number(*after_rev),
            Ask::Read { seq, .. } | Ask::Delivered { seq, .. } => line.seq = number(*seq),
            _ => {}
        }
        line
    }

    pub fn ask(&mut self, ask: Ask, book: &mut Book) {
        let Some(link) = &mut self.link else { return };
        link.calls += 1;
        let call = link.calls;
        link.pipe.requests.borrow_mut().push_back((call, ask.clone()));
        link.asked.insert(call, ask.clone());
        let line = self.asked(book, call, &ask, Phase::Invoke);
        book.push(line);
    }

    /// A room of which something is missing, with nothing under way to fetch it.
    pub fn behind(&self) -> Option<RoomId> {
        let link = self.link.as_ref().filter(|link| link.open)?;
        link.rooms.iter().find(|(room, view)| view.behind && !view.promised && !link.is_syncing(**room)).map(|(room, _)| *room)
    }

    /// Nothing is under way, and nothing is missing as far as the client knows.
    pub fn is_settled(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.open && link.asked.is_empty() && link.rooms.values().all(|view| !view.behind))
    }
}
