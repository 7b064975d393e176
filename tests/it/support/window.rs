//! One WebSocket of one user, spoken by a peer that shares no code with the server.

use super::{
    Http, PATIENCE,
    order::{Held, Order},
};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        self,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue},
    },
};

/// Frames that a failure shows.
const SHOWN: usize = 40;

pub fn new_client_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Refused {
    pub code: String,
    pub message: String,
    #[serde(default)]
    pub fields: HashMap<String, String>,
    #[serde(default)]
    pub retry_after_ms: u32,
}

/// The answer to `send`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    pub seq: i64,
    pub rev: i64,
    pub created_at: String,
    pub duplicate: bool,
    #[serde(skip)]
    pub client_id: String,
}

/// A `message` event, or a message of a list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Message {
    pub room: String,
    pub seq: i64,
    pub rev: i64,
    pub author: String,
    pub client_id: Option<String>,
    pub body: String,
    pub created_at: String,
    pub reply_to: Option<i64>,
    pub thread: Option<i64>,
    #[serde(default)]
    pub mentions: Vec<String>,
}

impl Message {
    pub fn of(value: &Value) -> Self {
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
    }
}

/// A request that was not answered yet.
enum Asked {
    Send { room: String, held: Held },
    Sync { room: String, after_rev: i64 },
    Hello(Value),
    Other,
}

/// One connection.
pub struct Window {
    socket: WebSocketStream<TcpStream>,
    /// The answer to `hello`.
    pub greeting: Value,
    me: String,
    events: VecDeque<Value>,
    replies: HashMap<i64, Result<Value, Refused>>,
    asked: HashMap<i64, Asked>,
    next_id: i64,
    seen: VecDeque<String>,
    order: Order,
    closed: Option<(u16, String)>,
}

impl Window {
    /// A connection without a `hello`; with these headers on the upgrade.
    pub async fn open(http: &Http, headers: &[(&str, &str)]) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", http.port())).await.unwrap();
        Self::over(stream, headers).await
    }

    /// The same over a socket that is there already.
    pub async fn over(stream: TcpStream, headers: &[(&str, &str)]) -> Self {
        let url = format!("ws://{}/ws", stream.peer_addr().unwrap());
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("chirm.v1"));
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let (socket, response) = timeout_at(Instant::now() + PATIENCE, client_async(request, stream)).await.expect("no handshake").unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "chirm.v1");
        Self {
            socket,
            greeting: Value::Null,
            me: String::new(),
            events: VecDeque::new(),
            replies: HashMap::new(),
            asked: HashMap::new(),
            next_id: 1,
            seen: VecDeque::new(),
            order: Order::default(),
            closed: None,
        }
    }

    /// Signs in with a token, or, where that is empty, with what the upgrade brought.
    pub async fn hello(&mut self, token: &str, mut fields: Value) -> Value {
        if !token.is_empty() {
            fields["token"] = token.into();
        }
        let id = self.post("hello", fields).await;
        match self.reply(id).await {
            Ok(answer) => answer,
            Err(refused) => self.fail(&format!("hello was refused: {refused:?}")),
        }
    }

    // --- what comes --------------------------------------------------------------------------------------------------------------

    #[track_caller]
    pub fn fail(&self, why: &str) -> ! {
        let seen: Vec<&str> = self.seen.iter().map(String::as_str).collect();
        panic!("{why}\nframes seen by {}, the last {}:\n  {}", self.me, seen.len(), seen.join("\n  "))
    }

    fn note(&mut self, text: String) {
        if self.seen.len() == SHOWN {
            self.seen.pop_front();
        }
        self.seen.push_back(text);
    }

    /// Takes in one more frame. False when the connection is over.
    async fn take(&mut self, until: Instant, what: &str) -> bool {
        if self.closed.is_some() {
            return false;
        }
        let Ok(frame) = timeout_at(until, self.socket.next()).await else { self.fail(&format!("did not come in time: {what}")) };
        self.heard(frame);
        self.closed.is_none()
    }

    /// Takes in what comes in so long, and answers pings meanwhile, as a client does that nobody uses.
    pub async fn listen(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while self.closed.is_none()
            && let Ok(frame) = timeout_at(until, self.socket.next()).await
        {
            self.heard(frame);
        }
    }

    /// The first event like this among those that came.
    #[allow(dead_code, reason = "for tests/soak")]
    pub fn found(&mut self, is: impl Fn(&Value) -> bool) -> Option<Value> {
        let at = self.events.iter().position(is)?;
        self.events.remove(at)
    }

    fn heard(&mut self, frame: Option<Result<tungstenite::Message, tungstenite::Error>>) {
        match frame {
            Some(Ok(tungstenite::Message::Text(text))) => self.text(text.as_str()),
            Some(Ok(tungstenite::Message::Close(frame))) => {
                let (code, reason) = frame.map_or((1005, String::new()), |frame| (frame.code.into(), frame.reason.to_string()));
                self.note(format!("(closed: {code} {reason})"));
                self.closed = Some((code, reason));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                self.note(format!("(cut: {error})"));
                self.closed = Some((1006, error.to_string()));
            }
            None => self.closed = Some((1006, "end".to_owned())),
        }
    }

    fn text(&mut self, text: &str) {
        let mut shown: String = text.chars().take(300).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        self.note(shown);
        let Ok(frame) = serde_json::from_str::<Value>(text) else { self.fail(&format!("not JSON: {text}")) };
        let first = text.starts_with("{\"event\":") || text.starts_with("{\"id\":");
        if !first || text.len() > 2 && text.contains("\n") {
            self.fail(&format!("not compact, or id or event is not first: {text}"));
        }
        let verdict = if frame.get("event").is_some() { self.event(frame) } else { self.answer(&frame) };
        if let Err(why) = verdict {
            self.fail(&why);
        }
    }

    fn event(&mut self, frame: Value) -> Result<(), String> {
        self.order.event(&frame)?;
        self.events.push_back(frame);
        Ok(())
    }

    fn answer(&mut self, frame: &Value) -> Result<(), String> {
        let id = frame["id"].as_i64().unwrap_or(i64::MIN);
        let asked = self.asked.remove(&id).unwrap_or(Asked::Other);
        let reply = match frame.get("ok") {
            Some(ok) => Ok(ok.clone()),
            None => Err(serde_json::from_value(frame["error"].clone()).map_err(|error| format!("{error}: {frame}"))?),
        };
        if let Ok(ok) = &reply {
            match asked {
                Asked::Send { room, mut held } => {
                    held.seq = ok["seq"].as_i64().unwrap_or_default();
                    self.order.sent(&room, ok, held)?;
                }
                Asked::Sync { room, after_rev } => self.order.synced(&room, after_rev, ok)?,
                Asked::Hello(fields) => {
                    self.me = ok["user"]["id"].as_str().unwrap_or_default().to_owned();
                    self.order.hello(ok, &fields);
                    self.greeting = ok.clone();
                }
                Asked::Other => {}
            }
        }
        self.replies.insert(id, reply);
        Ok(())
    }

    // --- requests ----------------------------------------------------------------------------------------------------------------

    /// Sends a text frame as it is.
    pub async fn write(&mut self, text: impl Into<String>) {
        let frame = tungstenite::Message::text(text.into());
        if let Err(error) = self.socket.send(frame).await {
            self.note(format!("(not sent: {error})"));
        }
    }

    /// Sends a request and does not wait; gives its id.
    pub async fn post(&mut self, op: &str, fields: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        let text = |key: &str| fields[key].as_str().unwrap_or_default().to_owned();
        let asked = match op {
            "send" => {
                let held = Held { seq: 0, author: self.me.clone(), client_id: Some(text("client_id")), body: text("body") };
                Asked::Send { room: text("room"), held }
            }
            "sync" => Asked::Sync { room: text("room"), after_rev: fields["after_rev"].as_i64().unwrap_or_default() },
            "hello" => Asked::Hello(fields.clone()),
            _ => Asked::Other,
        };
        self.asked.insert(id, asked);
        let mut frame = json!({ "id": id, "op": op });
        if let (Some(frame), Value::Object(fields)) = (frame.as_object_mut(), fields) {
            frame.extend(fields);
        }
        self.write(frame.to_string()).await;
        id
    }

    /// Waits for the answer to a request.
    pub async fn reply(&mut self, id: i64) -> Result<Value, Refused> {
        match self.try_reply(id).await {
            Some(reply) => reply,
            None => self.fail(&format!("closed before request {id} was answered")),
        }
    }

    /// The same; none where the connection was over before.
    pub async fn try_reply(&mut self, id: i64) -> Option<Result<Value, Refused>> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(reply) = self.replies.remove(&id) {
                return Some(reply);
            }
            if !self.take(until, "a reply").await {
                return None;
            }
        }
    }

    pub async fn request(&mut self, op: &str, fields: Value) -> Result<Value, Refused> {
        let id = self.post(op, fields).await;
        self.reply(id).await
    }

    /// The same where the machine may have too much to do: who is told to try again does, under the same `client_id`.
    pub async fn insist(&mut self, op: &str, fields: Value) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.request(op, fields.clone()).await {
                Ok(answer) => return answer,
                Err(refused) if refused.code == "unavailable" && Instant::now() < until => {
                    self.listen(Duration::from_millis(refused.retry_after_ms.into())).await;
                }
                Err(refused) => self.fail(&format!("{op} {fields} was refused: {refused:?}")),
            }
        }
    }

    /// A request that must go well.
    pub async fn ok(&mut self, op: &str, fields: Value) -> Value {
        match self.request(op, fields.clone()).await {
            Ok(answer) => answer,
            Err(refused) => self.fail(&format!("{op} {fields} was refused: {refused:?}")),
        }
    }

    /// A request that must be refused with this code.
    pub async fn refused(&mut self, op: &str, fields: Value, code: &str) -> Refused {
        match self.request(op, fields.clone()).await {
            Ok(answer) => self.fail(&format!("{op} {fields} should be refused with {code}, but: {answer}")),
            Err(refused) if refused.code == code => refused,
            Err(refused) => self.fail(&format!("{op} {fields} should be refused with {code}, but: {refused:?}")),
        }
    }

    /// Sends a message, which must be stored.
    pub async fn send(&mut self, room: &str, body: &str) -> Sent {
        let client_id = new_client_id();
        match self.send_as(room, &client_id, body).await {
            Ok(sent) => sent,
            Err(refused) => self.fail(&format!("a message to {room} was refused: {refused:?}")),
        }
    }

    /// Sends a message under this id.
    pub async fn send_as(&mut self, room: &str, client_id: &str, body: &str) -> Result<Sent, Refused> {
        let answer = self.request("send", json!({ "room": room, "client_id": client_id, "body": body })).await?;
        let mut sent: Sent = serde_json::from_value(answer).unwrap();
        sent.client_id = client_id.to_owned();
        Ok(sent)
    }

    /// Everything from `after_rev` on, page by page, until the session is live again.
    pub async fn sync_all(&mut self, room: &str, mut after_rev: i64) {
        loop {
            let page = self.ok("sync", json!({ "room": room, "after_rev": after_rev, "limit": 200 })).await;
            after_rev = page["rev"].as_i64().unwrap();
            if page["more"] == false {
                return;
            }
        }
    }

    /// The same; false where the connection is over before.
    pub async fn try_sync_all(&mut self, room: &str, mut after_rev: i64) -> bool {
        loop {
            let id = self.post("sync", json!({ "room": room, "after_rev": after_rev, "limit": 200 })).await;
            let Some(reply) = self.try_reply(id).await else { return false };
            let page = reply.unwrap();
            after_rev = page["rev"].as_i64().unwrap();
            if page["more"] == false {
                return true;
            }
        }
    }

    /// After a `hello` with a cursor for this room (by its id): takes what is told until the session is live.
    pub async fn catch_up(&mut self, room: &str) {
        while !self.is_live(room) {
            let told = |event: &Value| event["event"] == "sync" || event["event"] == "resync";
            let event = self.wait("sync or resync", |event| told(event) && event["room"] == *room).await;
            if event["event"] == "resync" {
                self.sync_all(room, event["after_rev"].as_i64().unwrap()).await;
            } else if event["more"] == true {
                self.sync_all(room, event["rev"].as_i64().unwrap()).await;
            }
        }
    }

    // --- events ------------------------------------------------------------------------------------------------------------------

    /// The next event that is like this; others stay for later.
    pub async fn wait(&mut self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        let mut looked = 0;
        loop {
            if let Some(at) = self.events.iter().skip(looked).position(&is) {
                return self.events.remove(looked + at).unwrap();
            }
            looked = self.events.len();
            if !self.take(until, what).await {
                self.fail(&format!("closed before it came: {what}"));
            }
        }
    }

    /// The next event of this name.
    pub async fn next(&mut self, event: &str) -> Value {
        self.wait(event, |frame| frame["event"] == event).await
    }

    pub async fn next_message(&mut self) -> Message {
        Message::of(&self.next("message").await)
    }

    /// The next message of one room.
    pub async fn next_message_in(&mut self, room: &str) -> Message {
        Message::of(&self.wait("a message", |frame| frame["event"] == "message" && frame["room"] == *room).await)
    }

    /// All events up to the first that is like this, in order, that one included.
    pub async fn until(&mut self, what: &str, is: impl Fn(&Value) -> bool) -> Vec<Value> {
        let until = Instant::now() + PATIENCE;
        let mut looked = 0;
        loop {
            if let Some(at) = self.events.iter().skip(looked).position(&is) {
                return self.events.drain(..=looked + at).collect();
            }
            looked = self.events.len();
            if !self.take(until, what).await {
                self.fail(&format!("closed before it came: {what}"));
            }
        }
    }

    /// All events up to the message with this body, without it.
    pub async fn until_body(&mut self, body: &str) -> Vec<Value> {
        let mut events = self.until(body, |frame| frame["event"] == "message" && frame["body"] == *body).await;
        events.pop();
        events
    }

    /// All events that the server had for this window when it answered a request that goes the same way as they.
    pub async fn settled(&mut self) -> Vec<Value> {
        self.ok("join", json!({ "room": "#lobby" })).await;
        self.events.drain(..).collect()
    }

    /// The next event, whatever it is; none when the connection is over.
    pub async fn next_any(&mut self) -> Option<Value> {
        let until = Instant::now() + PATIENCE;
        while self.events.is_empty() {
            if !self.take(until, "anything").await {
                return None;
            }
        }
        self.events.pop_front()
    }

    /// How the connection ends.
    pub async fn closed(&mut self) -> (u16, String) {
        let until = Instant::now() + PATIENCE;
        while self.take(until, "the end of the connection").await {}
        self.closed.clone().unwrap()
    }

    /// It must end with this code.
    pub async fn closes_with(&mut self, code: u16) {
        let closed = self.closed().await;
        if closed.0 != code {
            self.fail(&format!("it should close with {code}, but: {closed:?}"));
        }
    }

    /// Events that came and were not looked at.
    pub fn unseen(&self) -> impl Iterator<Item = &Value> {
        self.events.iter()
    }

    /// Says goodbye and waits for the answer.
    pub async fn close(mut self) {
        let _ = self.socket.close(None).await;
        self.closed().await;
    }

    // --- what is known -----------------------------------------------------------------------------------------------------------

    /// A room as `hello` described it.
    pub fn room(&self, id: &str) -> &Value {
        let rooms = self.greeting["rooms"].as_array().unwrap();
        let found = rooms.iter().find(|room| room["id"] == *id || id.strip_prefix('#').is_some_and(|name| room["name"] == *name));
        found.unwrap_or_else(|| self.fail(&format!("no room {id} in hello")))
    }

    pub fn lobby(&self) -> String {
        self.room("#lobby")["id"].as_str().unwrap().to_owned()
    }

    pub fn epoch(&self) -> String {
        self.greeting["server"]["epoch"].as_str().unwrap().to_owned()
    }

    pub fn session(&self) -> String {
        self.greeting["session"].as_str().unwrap().to_owned()
    }

    /// The last change of a room that this window holds.
    pub fn rev(&self, room: &str) -> i64 {
        self.order.rev(room)
    }

    pub fn is_live(&self, room: &str) -> bool {
        self.order.is_live(room)
    }

    /// What this window learnt of a room: body by `rev`.
    pub fn seen_of(&self, room: &str) -> Vec<(i64, String)> {
        self.order.held(room).into_iter().map(|(rev, held)| (rev, held.body)).collect()
    }

    /// What this window learnt of a room from after `after_rev` on must be what is stored.
    #[track_caller]
    pub fn holds(&self, room: &str, after_rev: i64, stored: &[Value]) {
        let held: Vec<(i64, Held)> = self.order.held(room).into_iter().filter(|(rev, _)| *rev > after_rev).collect();
        let mut stored: Vec<(i64, Held)> = stored.iter().map(|message| (message["rev"].as_i64().unwrap(), Held::of(message))).collect();
        stored.retain(|(rev, _)| *rev > after_rev);
        stored.sort_by_key(|(rev, _)| *rev);
        for (held, stored) in held.iter().zip(&stored) {
            assert_eq!(held, stored, "of {room}");
        }
        assert_eq!(held.len(), stored.len(), "messages of {room}");
    }
}
