//! A client as it should be written: it keeps a cursor for each room, syncs when it is told to, and asks again under the same `client_id` until
//! it knows what became of a message. What it sees it writes down for the history checker; what may never be it reports at once.

use super::{
    book::Book,
    history::record::{Line, Op, Phase, Via, close},
    pipe::Pipe,
};
use crate::{
    db::append::memory::Tables,
    domain::{ClientId, Message, PresenceState, Room, RoomId, UserId},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{
    collections::{BTreeMap, btree_map::Entry},
    rc::Rc,
};

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

#[derive(Deserialize)]
struct Frame<'a> {
    id: Option<i64>,
    event: Option<&'a str>,
    #[serde(borrow)]
    ok: Option<&'a RawValue>,
    error: Option<Failure>,
    #[serde(borrow)]
    room: Option<&'a RawValue>,
    rev: Option<i64>,
    after_rev: Option<i64>,
    more: Option<bool>,
    messages: Option<Vec<Message>>,
    user: Option<UserId>,
    read_seq: Option<i64>,
    delivered_seq: Option<i64>,
}

#[derive(Deserialize)]
struct Failure {
    code: String,
}

#[derive(Deserialize)]
struct Greeted {
    rooms: Vec<Room>,
}

/// The answers that matter, in one.
#[derive(Deserialize)]
struct Answer {
    seq: Option<i64>,
    rev: Option<i64>,
    duplicate: Option<bool>,
    read_seq: Option<i64>,
    delivered_seq: Option<i64>,
    more: Option<bool>,
    messages: Option<Vec<Message>>,
}

fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| format!("{error} in {}", String::from_utf8_lossy(json)))
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

    /// Takes at most so many bytes from its connection. With `deaf` it does not hear `resync`.
    pub fn read(&mut self, most: usize, deaf: bool, book: &mut Book, stored: &Tables) -> Result<Vec<News>, String> {
        let mut news = Vec::new();
        let Some(link) = &mut self.link else { return Ok(news) };
        let bytes = link.pipe.take(most);
        book.seen(&bytes);
        link.buffer.extend_from_slice(&bytes);
        while let Some(link) = &mut self.link {
            let Some((first, start, end)) = whole(&link.buffer) else { break };
            let frame: Vec<u8> = link.buffer.drain(..end).skip(start).collect();
            match first {
                0x81 => self.frame(&frame, deaf, book, stored, &mut news)?,
                0x89 => link.pipe.pong.set(true),
                0x88 => {
                    news.push(News::Closed(u16::from_be_bytes([frame[0], frame[1]])));
                    break;
                }
                other => return Err(format!("a frame that begins with {other:#x}")),
            }
        }
        Ok(news)
    }

    fn frame(&mut self, json: &[u8], deaf: bool, book: &mut Book, stored: &Tables, news: &mut Vec<News>) -> Result<(), String> {
        let frame: Frame<'_> = parse(json)?;
        let Some(event) = frame.event else { return self.answer(&frame, json, book, stored, news) };
        if event == "room_added" {
            let room: Room = parse(frame.room.ok_or("no room")?.get().as_bytes())?;
            return self.added(&room, book);
        }
        let room: Option<RoomId> = frame.room.and_then(|room| serde_json::from_str(room.get()).ok());
        let Some(room) = room else { return Ok(()) };
        let link = self.link.as_mut().ok_or("no connection")?;
        let Some(view) = link.rooms.get_mut(&room) else {
            return Err(format!("{} is told of a room that it is not in: {}", link.name, String::from_utf8_lossy(json)));
        };
        match event {
            "message" => self.message(parse(json)?, None, book, stored),
            "sync" => {
                let (messages, rev) = (frame.messages.unwrap_or_default(), frame.rev.ok_or("no rev")?);
                self.synced(room, None, messages, (rev, frame.more == Some(true)), book, stored)
            }
            "resync" if deaf => Ok(()),
            "resync" => {
                (view.behind, view.promised) = (true, false);
                let after_rev = number(frame.after_rev.ok_or("no after_rev")?);
                let line = Line { after_rev, ..self.in_room(book, Op::Resync, Phase::Event, room) };
                book.push(line);
                news.push(News::Resync);
                Ok(())
            }
            "room_removed" => {
                link.rooms.remove(&room);
                self.held.remove(&room);
                let line = self.in_room(book, Op::RoomRemoved, Phase::Event, room);
                book.push(line);
                Ok(())
            }
            "receipt" => {
                let (read_seq, delivered_seq) = (frame.read_seq.and_then(number), frame.delivered_seq.and_then(number));
                let user = frame.user.map(|user| user.to_string());
                let line = Line { user, read_seq, delivered_seq, ..self.in_room(book, Op::Receipt, Phase::Event, room) };
                book.push(line);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn added(&mut self, room: &Room, book: &mut Book) -> Result<(), String> {
        let link = self.link.as_mut().ok_or("no connection")?;
        match link.rooms.entry(room.id) {
            Entry::Occupied(_) => return Err(format!("{} is added to a room that it is in: {room:?}", link.name)),
            Entry::Vacant(vacant) => drop(vacant.insert(View::default())),
        }
        self.held.insert(room.id, Held { after: room.rev, rev: room.rev, last_seq: room.last_seq });
        let line = Line { rev: number(room.rev), ..self.in_room(book, Op::RoomAdded, Phase::Event, room.id) };
        book.push(line);
        Ok(())
    }

    /// A message, live or in a `sync`.
    fn message(&mut self, message: Message, via: Option<Via>, book: &mut Book, stored: &Tables) -> Result<(), String> {
        if !book.lenient && stored.messages.get(&(message.room, message.seq)) != Some(&message) {
            return Err(format!("{} sees what is not stored: {message:?}", self.name));
        }
        let held = self.held.get_mut(&message.room).ok_or("a message of a room that is not held")?;
        let repeat = via.is_some() && message.rev <= held.rev;
        if via.is_none() {
            held.rev = held.rev.max(message.rev);
        }
        held.last_seq = held.last_seq.max(message.seq);
        let mut line = self.in_room(book, Op::Message, Phase::Event, message.room);
        line.user = Some(message.author.to_string());
        line.client_id = message.client_id.map(|id| id.to_string());
        line.hash = Some(book.hash(&message.body));
        (line.seq, line.rev) = (number(message.seq), number(message.rev));
        (line.via, line.repeat) = (via, repeat.then_some(true));
        book.push(line);
        Ok(())
    }

    fn synced(
        &mut self,
        room: RoomId,
        asked: Option<(i64, i64)>,
        messages: Vec<Message>,
        (rev, more): (i64, bool),
        book: &mut Book,
        stored: &Tables,
    ) -> Result<(), String> {
        for message in messages {
            self.message(message, Some(Via::Sync), book, stored)?;
        }
        let phase = if asked.is_some() { Phase::Ok } else { Phase::Event };
        let (call, after_rev) = (asked.and_then(|(call, _)| number(call)), asked.and_then(|(_, after)| number(after)));
        let line = Line { call, after_rev, rev: number(rev), more: Some(more), ..self.in_room(book, Op::Sync, phase, room) };
        book.push(line);
        if let Some(view) = self.link.as_mut().and_then(|link| link.rooms.get_mut(&room)) {
            *view = View { behind: more, promised: false };
        }
        if let Some(held) = self.held.get_mut(&room) {
            held.rev = held.rev.max(rev);
        }
        Ok(())
    }

    fn answer(&mut self, frame: &Frame<'_>, json: &[u8], book: &mut Book, stored: &Tables, news: &mut Vec<News>) -> Result<(), String> {
        let link = self.link.as_mut().ok_or("no connection")?;
        let asked = frame.id.and_then(|id| link.asked.remove_entry(&id));
        let (call, ask) = asked.ok_or_else(|| format!("an answer to nothing: {}", String::from_utf8_lossy(json)))?;
        if let Some(Failure { code }) = &frame.error {
            self.refused(call, ask, code, book, news);
            return Ok(());
        }
        let ok = frame.ok.ok_or("neither ok nor error")?.get().as_bytes();
        if let Ask::Hello { cursors } = ask {
            let Greeted { rooms } = parse(ok)?;
            let line = self.asked(book, call, &Ask::Hello { cursors: Vec::new() }, Phase::Ok);
            book.push(line);
            return self.greeted(&rooms, &cursors, book);
        }
        let answer: Answer = parse(ok)?;
        if let Ask::Sync { room, after_rev } = ask {
            let reached = (answer.rev.ok_or("no rev")?, answer.more == Some(true));
            return self.synced(room, Some((call, after_rev)), answer.messages.unwrap_or_default(), reached, book, stored);
        }
        let mut line = self.asked(book, call, &ask, Phase::Ok);
        line.seq = answer.seq.and_then(number).or(line.seq);
        (line.rev, line.duplicate) = (answer.rev.and_then(number), answer.duplicate);
        (line.read_seq, line.delivered_seq) = (answer.read_seq.and_then(number), answer.delivered_seq.and_then(number));
        if let (Ask::Send(sending), Some(rev)) = (&ask, answer.rev)
            && answer.duplicate != Some(true)
        {
            // A `sync` may have brought it while its answer was held back.
            line.repeat = self.held.get(&sending.room).is_some_and(|held| rev <= held.rev).then_some(true);
        }
        book.push(line);
        if let (Ask::Send(sending), Some(rev)) = (&ask, answer.rev) {
            if answer.duplicate == Some(true) {
                news.push(News::Duplicate);
            } else {
                self.sent(sending.room, rev);
            }
        }
        Ok(())
    }

    /// The own message has its place in the order, if the room is live. With a `sync` asked for, its answer may bring what came before.
    fn sent(&mut self, room: RoomId, rev: i64) {
        let Some(link) = &self.link else { return };
        let Some(view) = link.rooms.get(&room) else { return };
        if let Some(held) = self.held.get_mut(&room)
            && !view.behind
            && (!link.is_syncing(room) || rev == held.rev + 1)
        {
            held.rev = held.rev.max(rev);
        }
    }

    fn refused(&mut self, call: i64, ask: Ask, code: &str, book: &mut Book, news: &mut Vec<News>) {
        let unknown = matches!(code, "unavailable" | "internal");
        let phase = if unknown { Phase::Info } else { Phase::Fail };
        let line = Line { code: Some(code.to_owned()), ..self.asked(book, call, &ask, phase) };
        book.push(line);
        news.push(News::Refused(code.to_owned()));
        match ask {
            // What was refused for being too fast is sent again, too.
            Ask::Send(sending) if unknown || code == "rate_limited" => news.push(News::Unsettled(sending)),
            _ => {}
        }
    }

    fn greeted(&mut self, rooms: &[Room], cursors: &[(RoomId, i64)], book: &mut Book) -> Result<(), String> {
        let before = std::mem::take(&mut self.held);
        let link = self.link.as_mut().ok_or("no connection")?;
        link.open = true;
        for room in rooms {
            let cursor = cursors.iter().find(|(id, _)| *id == room.id).map(|(_, rev)| *rev);
            let behind = cursor.is_some_and(|cursor| cursor != room.rev);
            link.rooms.insert(room.id, View { behind, promised: behind });
            let fresh = Held { after: room.rev, rev: room.rev, last_seq: room.last_seq };
            self.held.insert(room.id, before.get(&room.id).copied().unwrap_or(fresh));
        }
        for room in rooms {
            let cursor = cursors.iter().find(|(id, _)| *id == room.id).and_then(|(_, rev)| number(*rev));
            let line = Line { rev: number(room.rev), after_rev: cursor, ..self.in_room(book, Op::Hello, Phase::Event, room.id) };
            book.push(line);
        }
        Ok(())
    }
}

/// The first byte of the first frame, where its payload begins and where it ends, if all of it is there.
fn whole(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&first, &short) = (bytes.first()?, bytes.get(1)?);
    let (start, len) = match short {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
        len => (2, usize::from(len)),
    };
    (bytes.len() >= start + len).then_some((first, start, start + len))
}
