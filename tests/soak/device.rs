//! A client that records what it does and sees. It comes back whenever it is cut off, retries what is of unknown outcome under the same
//! `client_id` until it knows, fetches what it missed, and judges nothing: that is the checker's.

use crate::{
    history::{
        generate::Random,
        record::{Line, Op, Phase, Recorder, State, Via, close, hash},
    },
    support::{PATIENCE, User, new_client_id},
    view::View,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap, VecDeque},
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

/// Without an answer for so long, a client gives the connection up.
const SILENCE: Duration = Duration::from_secs(6);
/// How long a client waits before it tries to connect again.
const AGAIN: Duration = Duration::from_millis(20);

/// What all clients of a run are to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mood {
    /// Things of all kinds.
    Load,
    /// Nothing new; what is unknown is found out, what was missed is fetched.
    Settle,
    /// Say what is held, and good-bye.
    Over,
}

/// What the clients of a run and its harness share.
pub struct Shared {
    pub recorder: Recorder,
    pub mood: Cell<Mood>,
    /// Which run of the server's process this is.
    pub run: Cell<u32>,
    /// When the first connection of this run of the process was cut.
    pub cut: Cell<u64>,
    /// Acknowledged messages.
    pub acked: Cell<usize>,
    /// Each of them.
    pub acks: RefCell<Vec<Ack>>,
    /// Connections that were opened.
    pub opened: Cell<usize>,
    /// `resync` events.
    pub resyncs: Cell<usize>,
    /// Epochs that differed from the one before.
    pub epochs: Cell<usize>,
    /// Where each room ends, once nobody sends any more.
    pub heads: RefCell<HashMap<String, u32>>,
    /// Clients that wait for no outcome.
    pub quiet: RefCell<HashMap<String, bool>>,
    /// Clients that hold everything.
    pub caught_up: RefCell<HashMap<String, bool>>,
}

/// An acknowledged message.
pub struct Ack {
    pub room: String,
    pub seq: u32,
    pub client_id: String,
}

/// What one client does.
#[derive(Clone, Debug)]
pub struct Habits {
    /// Time between two things that it does.
    pub pace: Duration,
    /// Things that it has under way at a time.
    pub depth: usize,
    /// Characters that a message is filled up with, at most.
    pub body: usize,
    /// A room that it joins and leaves.
    pub visits: Option<String>,
    /// A small receive buffer.
    pub narrow: bool,
    /// While it is true, nothing is read or written.
    pub stalled: Rc<Cell<bool>>,
}

impl Default for Habits {
    fn default() -> Self {
        Self { pace: Duration::from_millis(6), depth: 3, body: 100, visits: None, narrow: false, stalled: Rc::default() }
    }
}

/// What is asked.
#[derive(Clone)]
enum Ask {
    Send { room: String, client_id: String, body: String },
    Sync { room: String, after: u32 },
    History { room: String },
    Mark { room: String, op: Op, seq: u32 },
    Move { room: String, op: Op },
    Presence { room: String },
    Ping,
}

struct Call {
    ask: Ask,
    since: Instant,
}

/// One connection.
struct Link {
    socket: WebSocketStream<TcpStream>,
    calls: BTreeMap<u32, Call>,
    next: u32,
}

pub struct Device {
    pub name: String,
    user: User,
    habits: Habits,
    shared: Rc<Shared>,
    random: Random,
    epoch: Option<String>,
    views: BTreeMap<String, View>,
    session: String,
    sessions: u32,
    /// Messages of unknown outcome.
    again: VecDeque<Ask>,
    /// The last acknowledged one, to be sent a second time now and then.
    last: Option<Ask>,
}

impl Device {
    pub fn new(name: String, user: User, habits: Habits, shared: Rc<Shared>, seed: u64) -> Self {
        Self {
            name,
            user,
            habits,
            shared,
            random: Random::new(seed),
            epoch: None,
            views: BTreeMap::new(),
            session: String::new(),
            sessions: 0,
            again: VecDeque::new(),
            last: None,
        }
    }

    /// Until the run is over.
    pub async fn run(mut self) {
        loop {
            let Some(mut link) = self.connect().await else {
                tokio::time::sleep(AGAIN).await;
                continue;
            };
            let over = self.drive(&mut link).await;
            if over {
                self.farewell(&mut link).await;
                return self.closed(link, close::CLEAN);
            }
            self.closed(link, close::NODE);
        }
    }

    // --- lines -------------------------------------------------------------------------------------------------------------------

    fn line(&self, op: Op, phase: Phase) -> Line {
        let mut line = self.shared.recorder.line(op, phase);
        line.client = Some(self.name.clone());
        line.session = Some(self.session.clone());
        line.node = Some(format!("n{}", self.shared.run.get()));
        line
    }

    fn in_room(&self, room: &str, op: Op, phase: Phase) -> Line {
        Line { room: Some(room.to_owned()), ..self.line(op, phase) }
    }

    fn write(&self, line: &Line) {
        self.shared.recorder.write(line).unwrap();
    }

    /// Of something asked: all that each of its lines has.
    fn asked(&self, call: u32, ask: &Ask, phase: Phase) -> Line {
        let mut line = match ask {
            Ask::Send { room, client_id, body } => {
                Line { client_id: Some(client_id.clone()), hash: Some(hash(body)), ..self.in_room(room, Op::Send, phase) }
            }
            Ask::Sync { room, after } => Line { after_rev: Some(*after), ..self.in_room(room, Op::Sync, phase) },
            Ask::History { room } => self.in_room(room, Op::History, phase),
            Ask::Mark { room, op, seq } => Line { seq: Some(*seq).filter(|_| phase == Phase::Invoke), ..self.in_room(room, *op, phase) },
            Ask::Move { room, op } => self.in_room(room, *op, phase),
            Ask::Presence { .. } => self.line(Op::Presence, phase),
            Ask::Ping => self.line(Op::Ping, phase),
        };
        (line.user, line.call) = (Some(self.user.id.clone()), Some(call));
        line
    }

    // --- a connection's life -----------------------------------------------------------------------------------------------------

    async fn connect(&mut self) -> Option<Link> {
        let socket = timeout(PATIENCE, self.socket()).await.ok()??;
        self.sessions += 1;
        self.session = format!("{}#{}", self.name, self.sessions);
        let mut link = Link { socket, calls: BTreeMap::new(), next: 2 };
        let cursors: serde_json::Map<String, Value> = self.views.iter().map(|(room, view)| (room.clone(), json!(view.rev))).collect();
        let mut hello = json!({ "id": 1, "op": "hello", "token": self.user.token, "device": self.name, "cursors": cursors });
        if let Some(epoch) = &self.epoch {
            hello["epoch"] = json!(epoch);
        }
        let end = |code: &str, phase| Line { call: Some(1), code: Some(code.to_owned()), ..self.line(Op::Hello, phase) };
        self.write(&Line { call: Some(1), ..self.line(Op::Hello, Phase::Invoke) });
        let asked = async {
            link.socket.send(Message::text(hello.to_string())).await.ok()?;
            next(&mut link.socket).await
        };
        let answer = match timeout(SILENCE, asked).await {
            Ok(Some(answer)) => answer,
            Ok(None) => {
                self.write(&end("closed", Phase::Info));
                return None;
            }
            Err(_) => {
                self.write(&end("timeout", Phase::Info));
                return None;
            }
        };
        if let Some(code) = answer["error"]["code"].as_str() {
            self.write(&end(code, if is_unknown(code) { Phase::Info } else { Phase::Fail }));
            return None;
        }
        self.write(&Line { call: Some(1), ..self.line(Op::Hello, Phase::Ok) });
        self.greeted(&answer["ok"]);
        let room = self.views.keys().next().cloned();
        if let Some(room) = room {
            self.post(&mut link, Ask::Presence { room }).await;
        }
        Some(link)
    }

    async fn socket(&self) -> Option<WebSocketStream<TcpStream>> {
        let socket = TcpSocket::new_v4().ok()?;
        if self.habits.narrow {
            socket.set_recv_buffer_size(4096).ok()?;
        }
        let address = ([127, 0, 0, 1], self.user.http.port()).into();
        let stream = socket.connect(address).await.ok()?;
        let mut request = format!("ws://{address}/ws").into_client_request().ok()?;
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("chirm.v1"));
        client_async(request, stream).await.ok().map(|(socket, _)| socket)
    }

    /// `hello` was answered.
    fn greeted(&mut self, hello: &Value) {
        self.shared.opened.set(self.shared.opened.get() + 1);
        self.write(&Line { user: Some(self.user.id.clone()), ..self.line(Op::Session, Phase::Open) });
        let epoch = text(&hello["server"]["epoch"]);
        if self.epoch.as_ref().is_some_and(|before| *before != epoch) {
            // Another history: what is held means nothing in it.
            self.shared.epochs.set(self.shared.epochs.get() + 1);
            self.views.clear();
        }
        self.epoch = Some(epoch);
        let mut before = std::mem::take(&mut self.views);
        for room in hello["rooms"].as_array().into_iter().flatten() {
            let (id, rev, read) = (text(&room["id"]), number(&room["rev"]), number(&room["read_seq"]));
            let held = before.remove(&id);
            let cursor = held.as_ref().map(|view| view.rev);
            self.write(&Line { rev: Some(rev), after_rev: cursor, ..self.in_room(&id, Op::Hello, Phase::Event) });
            let view = match held {
                Some(mut view) => {
                    view.resumed(rev, read);
                    view
                }
                None => View::entered(rev, read),
            };
            self.views.insert(id, view);
        }
    }

    /// True when the run is over, false when the connection is.
    async fn drive(&mut self, link: &mut Link) -> bool {
        let mut beat = tokio::time::interval(self.habits.pace);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if self.habits.stalled.get() {
                beat.tick().await;
                // It is not the server that is silent.
                link.calls.values_mut().for_each(|call| call.since = Instant::now());
                continue;
            }
            tokio::select! {
                frame = next(&mut link.socket) => match frame {
                    Some(frame) => self.take(link, &frame),
                    None => return false,
                },
                _ = beat.tick() => {
                    if !self.act(link).await {
                        return false;
                    }
                    if self.shared.mood.get() == Mood::Over {
                        return true;
                    }
                }
            }
        }
    }

    /// What is under way is of unknown outcome from here on.
    fn closed(&mut self, link: Link, code: &str) {
        self.shared.cut.set(self.shared.cut.get().min(self.shared.recorder.now()));
        for (number, call) in link.calls {
            let code = if call.since.elapsed() > SILENCE { "timeout" } else { "closed" };
            self.write(&Line { code: Some(code.to_owned()), ..self.asked(number, &call.ask, Phase::Info) });
            if matches!(call.ask, Ask::Send { .. }) {
                self.again.push_back(call.ask);
            }
        }
        let user = Some(self.user.id.clone());
        self.write(&Line { user, code: Some(code.to_owned()), ..self.line(Op::Session, Phase::Close) });
    }

    /// What is held in the end, beside what the server counts.
    async fn farewell(&mut self, link: &mut Link) {
        for (room, view) in self.views.clone() {
            let told = self.user.get(&format!("/rooms/{room}")).await.ok(200);
            let mut line = self.in_room(&room, Op::Drained, Phase::Ok);
            (line.after_rev, line.rev, line.read_seq) = (Some(view.after), Some(view.rev), Some(view.read));
            line.unread = Some(number(&told["room"]["unread"]));
            self.write(&line);
        }
        let _ = link.socket.close(None).await;
        let gone = async { while next(&mut link.socket).await.is_some() {} };
        let _ = timeout(PATIENCE, gone).await;
    }

    // --- what it does ------------------------------------------------------------------------------------------------------------

    /// False where the connection is over, or as good as.
    async fn act(&mut self, link: &mut Link) -> bool {
        if link.calls.values().any(|call| call.since.elapsed() > SILENCE) {
            return false;
        }
        self.report(link);
        let behind = self.views.iter_mut().find(|(_, view)| !view.live && !view.fetching);
        if let Some((room, view)) = behind {
            view.fetching = true;
            let ask = Ask::Sync { room: room.clone(), after: view.rev };
            return self.post(link, ask).await;
        }
        let own = link.calls.values().filter(|call| !matches!(call.ask, Ask::Sync { .. })).count();
        if own >= self.habits.depth {
            return true;
        }
        let ask = match self.again.pop_front() {
            Some(ask) => ask,
            None if self.shared.mood.get() == Mood::Load => match self.wish() {
                Some(ask) => ask,
                None => return true,
            },
            None => return true,
        };
        self.post(link, ask).await
    }

    fn report(&self, link: &Link) {
        let quiet = link.calls.is_empty() && self.again.is_empty();
        self.shared.quiet.borrow_mut().insert(self.name.clone(), quiet);
        let heads = self.shared.heads.borrow();
        let whole = |(room, view): (&String, &View)| view.live && heads.get(room).is_none_or(|head| view.rev >= *head);
        self.shared.caught_up.borrow_mut().insert(self.name.clone(), quiet && self.views.iter().all(whole));
    }

    fn wish(&mut self) -> Option<Ask> {
        if let Some(room) = self.habits.visits.clone().filter(|_| self.random.one_in(12)) {
            let op = if self.views.contains_key(&room) { Op::Leave } else { Op::Join };
            return Some(Ask::Move { room, op });
        }
        if self.views.is_empty() {
            return None;
        }
        let room = self.views.keys().nth(self.random.below(self.views.len())).cloned()?;
        let held = self.views[&room].rev as usize;
        Some(match self.random.below(100) {
            0..6 if held > 0 => Ask::Mark { room, op: Op::Delivered, seq: 1 + self.random.below(held) as u32 },
            6..12 if held > 0 => Ask::Mark { room, op: Op::Read, seq: 1 + self.random.below(held) as u32 },
            12..15 => Ask::History { room },
            15..17 => Ask::Presence { room },
            17..19 => Ask::Ping,
            // A message that is known to be stored, once more; and another one under its id, which is refused.
            19..22 => self.last.clone()?,
            22..24 => match self.last.clone()? {
                Ask::Send { room, client_id, body } => Ask::Send { room, client_id, body: format!("not {body}") },
                _ => return None,
            },
            _ => {
                let client_id = new_client_id();
                let body =
                    format!("{} {client_id} {}", self.name, "x".repeat(self.habits.body - self.random.below(self.habits.body / 8 + 1)));
                Ask::Send { room, client_id, body }
            }
        })
    }

    async fn post(&mut self, link: &mut Link, ask: Ask) -> bool {
        let id = link.next;
        link.next += 1;
        let frame = match &ask {
            Ask::Send { room, client_id, body } => json!({ "id": id, "op": "send", "room": room, "client_id": client_id, "body": body }),
            Ask::Sync { room, after } => json!({ "id": id, "op": "sync", "room": room, "after_rev": after, "limit": 200 }),
            Ask::History { room } => json!({ "id": id, "op": "history", "room": room, "limit": 20 }),
            Ask::Mark { room, op, seq } => json!({ "id": id, "op": op, "room": room, "seq": seq }),
            Ask::Move { room, op } => json!({ "id": id, "op": op, "room": room }),
            Ask::Presence { room } => json!({ "id": id, "op": "presence", "room": room }),
            Ask::Ping => json!({ "id": id, "op": "ping" }),
        };
        self.write(&self.asked(id, &ask, Phase::Invoke));
        link.calls.insert(id, Call { ask, since: Instant::now() });
        link.socket.send(Message::text(frame.to_string())).await.is_ok()
    }

    // --- what it is told ---------------------------------------------------------------------------------------------------------

    fn take(&mut self, link: &mut Link, frame: &Value) {
        if frame.get("event").is_some() {
            return self.event(link, frame);
        }
        let Some((id, call)) = frame["id"].as_u64().and_then(|id| link.calls.remove_entry(&(id as u32))) else { return };
        match frame["error"]["code"].as_str() {
            None => self.answered(id, call.ask, &frame["ok"]),
            Some(code) => self.refused(id, call.ask, code),
        }
    }

    fn refused(&mut self, id: u32, ask: Ask, code: &str) {
        let phase = if is_unknown(code) { Phase::Info } else { Phase::Fail };
        self.write(&Line { code: Some(code.to_owned()), ..self.asked(id, &ask, phase) });
        match ask {
            Ask::Send { .. } if phase == Phase::Info => self.again.push_back(ask),
            Ask::Sync { room, .. } => {
                if let Some(view) = self.views.get_mut(&room) {
                    view.fetching = false;
                }
            }
            _ => {}
        }
    }

    fn answered(&mut self, id: u32, ask: Ask, ok: &Value) {
        let mut line = self.asked(id, &ask, Phase::Ok);
        match &ask {
            Ask::Send { room, client_id, .. } => {
                let (seq, rev, duplicate) = (number(&ok["seq"]), number(&ok["rev"]), ok["duplicate"] == true);
                (line.seq, line.rev, line.duplicate) = (Some(seq), Some(rev), Some(duplicate));
                if let Some(view) = self.views.get_mut(room) {
                    line.repeat = (!duplicate && view.sent(rev)).then_some(true);
                    view.has_read(seq);
                }
                self.write(&line);
                self.shared.acked.set(self.shared.acked.get() + 1);
                self.shared.acks.borrow_mut().push(Ack { room: room.clone(), seq, client_id: client_id.clone() });
                self.last = Some(ask);
            }
            Ask::Sync { room, .. } => {
                self.page(room, ok, line);
                if let Some(view) = self.views.get_mut(room) {
                    view.fetching = false;
                }
            }
            Ask::History { room } => {
                for message in ok["messages"].as_array().into_iter().flatten() {
                    self.write(&self.message(room, message, Some(Via::History), false));
                }
                let last = ok["messages"].as_array().and_then(|messages| messages.last()).map_or(0, |message| number(&message["seq"]));
                let t = self.shared.recorder.now();
                self.write(&Line { t, seq: Some(last), more: Some(ok["has_after"] == true), ..line });
            }
            Ask::Mark { room, op: Op::Read, .. } => {
                let read = number(&ok["read_seq"]);
                self.write(&Line { read_seq: Some(read), ..line });
                if let Some(view) = self.views.get_mut(room) {
                    view.has_read(read);
                }
            }
            Ask::Mark { .. } => self.write(&Line { delivered_seq: Some(number(&ok["delivered_seq"])), ..line }),
            Ask::Presence { .. } => {
                self.write(&line);
                ok["presence"].as_array().into_iter().flatten().for_each(|one| self.presence(one));
            }
            Ask::Move { .. } | Ask::Ping => self.write(&line),
        }
    }

    fn message(&self, room: &str, message: &Value, via: Option<Via>, repeat: bool) -> Line {
        let mut line = self.in_room(room, Op::Message, Phase::Event);
        (line.seq, line.rev, line.via) = (Some(number(&message["seq"])), Some(number(&message["rev"])), via);
        (line.user, line.client_id) = (Some(text(&message["author"])), message["client_id"].as_str().map(str::to_owned));
        line.hash = Some(hash(message["body"].as_str().unwrap_or_default()));
        line.repeat = repeat.then_some(true);
        line
    }

    /// A `sync`, as an answer or as an event: its messages, then its end.
    fn page(&mut self, room: &str, page: &Value, end: Line) {
        let held = self.views.get(room).map_or(0, |view| view.rev);
        for message in page["messages"].as_array().into_iter().flatten() {
            self.write(&self.message(room, message, Some(Via::Sync), number(&message["rev"]) <= held));
            self.own_is_read(room, message);
        }
        let (rev, more) = (number(&page["rev"]), page["more"] == true);
        self.write(&Line { t: self.shared.recorder.now(), rev: Some(rev), more: Some(more), ..end });
        if let Some(view) = self.views.get_mut(room) {
            view.synced(rev, more);
        }
    }

    /// Who writes has read: from another window, too.
    fn own_is_read(&mut self, room: &str, message: &Value) {
        if message["author"] == *self.user.id
            && let Some(view) = self.views.get_mut(room)
        {
            view.has_read(number(&message["seq"]));
        }
    }

    fn presence(&self, told: &Value) {
        let state: Option<State> = serde_json::from_value(told["state"].clone()).ok();
        self.write(&Line { user: Some(text(&told["user"])), state, ..self.line(Op::Presence, Phase::Event) });
    }

    fn event(&mut self, link: &Link, event: &Value) {
        let room = event["room"].as_str().unwrap_or_default().to_owned();
        match event["event"].as_str().unwrap_or_default() {
            "message" => {
                let repeat = self.views.get_mut(&room).is_some_and(|view| view.told(number(&event["rev"])));
                self.write(&self.message(&room, event, None, repeat));
                self.own_is_read(&room, event);
            }
            "sync" => {
                self.page(&room, event, self.in_room(&room, Op::Sync, Phase::Event));
                self.views.entry(room).and_modify(|view| view.fetching = false);
            }
            "resync" => {
                self.shared.resyncs.set(self.shared.resyncs.get() + 1);
                self.write(&Line { after_rev: Some(number(&event["after_rev"])), ..self.in_room(&room, Op::Resync, Phase::Event) });
                // A sync that is asked for is asked for once: its answer brings what is missing, or it fails and is asked for again.
                let asked = link.calls.values().any(|call| matches!(&call.ask, Ask::Sync { room: of, .. } if *of == room));
                self.views.entry(room).and_modify(|view| (view.live, view.fetching) = (false, asked));
            }
            "receipt" => self.receipt(&room, event),
            "presence" => self.presence(event),
            "typing" => self.write(&self.in_room(&room, Op::Typing, Phase::Event)),
            "room_added" => {
                let room = &event["room"];
                let (id, rev) = (text(&room["id"]), number(&room["rev"]));
                self.write(&Line { rev: Some(rev), ..self.in_room(&id, Op::RoomAdded, Phase::Event) });
                self.views.insert(id, View::entered(rev, number(&room["read_seq"])));
            }
            "room_removed" => {
                self.write(&self.in_room(&room, Op::RoomRemoved, Phase::Event));
                self.views.remove(&room);
            }
            _ => {}
        }
    }

    fn receipt(&mut self, room: &str, event: &Value) {
        let mark = |name: &str| event[name].as_u64().map(|mark| mark as u32);
        let mut line = self.in_room(room, Op::Receipt, Phase::Event);
        (line.read_seq, line.delivered_seq) = (mark("read_seq"), mark("delivered_seq"));
        line.user = Some(text(&event["user"]));
        self.write(&line);
        if event["user"] == *self.user.id
            && let (Some(view), Some(read)) = (self.views.get_mut(room), mark("read_seq"))
        {
            view.has_read(read);
        }
    }
}

/// The next frame of text, or the end.
async fn next(socket: &mut WebSocketStream<TcpStream>) -> Option<Value> {
    loop {
        match socket.next().await? {
            Ok(Message::Text(text)) => return serde_json::from_str(text.as_str()).ok(),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// The codes that promise nothing.
fn is_unknown(code: &str) -> bool {
    matches!(code, "unavailable" | "internal")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap_or_default() as u32
}
