//! A client that records what it does and sees. It comes back whenever it is cut off, retries what is of unknown outcome under the same
//! `client_id` until it knows, fetches what it missed, and judges nothing: that is the checker's.

mod lines;
mod shared;
mod told;

pub use shared::{Ack, Habits, Mood, Shared};

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
    collections::{BTreeMap, VecDeque},
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
