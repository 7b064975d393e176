//! A tenth of all connections stops reading: the others get what they are told as fast as where nobody does, what waits for the slow ones is
//! bounded, and each of them is told what to fetch or is let go, and finds everything.
//!
//! Two kinds of rounds take turns in one sitting. In both, everybody is in the lobby, where somebody writes all the time, and the tenth is also in a
//! loud room. In the calm rounds it reads what it is told there, in the slow ones it does not. What the others wait for in one and the other is compared.

use crate::{
    plan::Plan,
    support::{Backend, PATIENCE, Raw, Refused, Server, User, Window, new_client_id},
};
use futures_util::future::{join, join_all};
use serde_json::json;
use std::{
    cell::RefCell,
    collections::VecDeque,
    time::{Duration, Instant},
};
use tokio::{net::TcpSocket, task::JoinHandle};

/// Windows that each user has.
const WINDOWS: usize = 10;
/// Of so many connections one is slow.
const TENTH: usize = 10;
/// What may wait for one of them.
const OUTBOX: usize = 128 * 1024;
/// What the server may need besides.
const BESIDES: usize = 10 << 20;
/// Of a loud message.
const BODY: usize = 10_000;
/// Loud messages that are under way at a time.
const DEPTH: usize = 8;
/// Messages in the lobby in a round, and the time between two of them.
const TICKS: usize = 150;
const PACE: Duration = Duration::from_millis(20);
/// What messages in the lobby begin with; their number follows.
const TICK: &str = "tick ";
/// What the last one of a round has.
const LAST: &str = " last";

/// One of the others.
struct Reader {
    raw: Raw,
    /// The number of the next message in the lobby.
    next: usize,
}

impl Reader {
    /// Takes in a round: every message in the lobby, each once and in order.
    async fn hear(&mut self, sent: &RefCell<Vec<Instant>>) -> Vec<Duration> {
        let mut took = Vec::new();
        loop {
            let frame = self.raw.next().await.expect("one that reads was let go");
            let Some((number, is_last)) = tick(&frame.payload) else { continue };
            assert_eq!(number, self.next, "one that reads missed something, or heard it twice");
            took.push(sent.borrow()[number].elapsed());
            self.next += 1;
            if is_last {
                return took;
            }
        }
    }
}

/// The number of a message in the lobby, and whether it is the last of its round.
fn tick(frame: &[u8]) -> Option<(usize, bool)> {
    let body = std::str::from_utf8(frame).ok()?.split_once("\"body\":\"")?.1.strip_prefix(TICK)?;
    let (body, _) = body.split_once('"')?;
    let number = body.strip_suffix(LAST).unwrap_or(body);
    Some((number.parse().ok()?, body.ends_with(LAST)))
}

/// Who is there and what is said.
struct Stage {
    server: Server,
    readers: Vec<Reader>,
    /// Of the users whose windows are slow, one for each window.
    tenth: Vec<User>,
    /// Says something in the lobby all the time.
    ticker: Window,
    loud: Window,
    room: String,
    sent: RefCell<Vec<Instant>>,
    /// How many were let go before the last slow round.
    let_go: usize,
}

impl Stage {
    async fn new(connections: usize) -> Self {
        let outbox = OUTBOX.to_string();
        let settings = [
            ("CHIRM_AUTH__SESSIONS_PER_USER", "100"),
            ("CHIRM_LIMITS__OUTBOX_BYTES", &*outbox),
            ("CHIRM_HEARTBEAT__PING_AFTER_S", "600"),
            ("CHIRM_HEARTBEAT__TOO_SLOW_AFTER_S", "10"),
        ];
        let server = Server::with(Backend::Sqlite, &settings).await;
        let mut users = Vec::new();
        for number in 0..connections / WINDOWS {
            users.push(server.user(&format!("user{number}")).await);
        }
        let (slow, others) = users.split_at(users.len() / TENTH);
        let [ticks, shouts] = server.users(["ticks", "shouts"]).await;
        let room = shouts.group("Loud", &slow.iter().collect::<Vec<_>>()).await;
        let of = |users: &[User]| users.iter().flat_map(|user| vec![user.clone(); WINDOWS]).collect::<Vec<_>>();
        let open = async |user: User| {
            let mut raw = Raw::open(server.port()).await;
            raw.hello(&user.token).await;
            Reader { raw, next: 0 }
        };
        let readers = join_all(of(others).into_iter().map(open)).await;
        let (ticker, loud, tenth) = (ticks.connect().await, shouts.connect().await, of(slow));
        Self { server, readers, tenth, ticker, loud, room, sent: RefCell::default(), let_go: 0 }
    }

    /// Messages in the lobby and loud ones beside; what the others waited for each of the former.
    async fn round(&mut self) -> Vec<Duration> {
        let Self { readers, ticker, loud, room, sent, .. } = self;
        let talking = async {
            let mut pace = tokio::time::interval(PACE);
            for left in (0..TICKS).rev() {
                pace.tick().await;
                join(shout(loud, room, 1), say(ticker, sent, if left == 0 { LAST } else { "" })).await;
            }
        };
        let hearing = join_all(readers.iter_mut().map(|reader| reader.hear(sent)));
        let ((), took) = join(talking, hearing).await;
        took.into_iter().flatten().collect()
    }

    /// The tenth, which reads.
    async fn reading(&self) -> Vec<JoinHandle<()>> {
        let enter = async |user: &User| {
            let mut raw = Raw::open(self.server.port()).await;
            raw.hello(&user.token).await;
            raw
        };
        let raws = join_all(self.tenth.iter().map(enter)).await;
        raws.into_iter().map(|raw| actix_rt::spawn(raw.forget())).collect()
    }

    /// A round in which the tenth reads.
    async fn calm(&mut self) -> Vec<Duration> {
        let reading = self.reading().await;
        let took = self.round().await;
        reading.iter().for_each(JoinHandle::abort);
        self.gone().await;
        took
    }

    /// The tenth's windows, with so little room that the kernel does not read for them.
    async fn enter(&self) -> Vec<Window> {
        let enter = async |user: &User| {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            let stream = socket.connect(([127, 0, 0, 1], self.server.port()).into()).await.unwrap();
            let mut window = Window::over(stream, &[]).await;
            window.hello(&user.token, json!({})).await;
            window
        };
        join_all(self.tenth.iter().map(enter)).await
    }

    /// A round in which it does not; gives the windows, which still do not.
    async fn slow(&mut self) -> (Vec<Duration>, Vec<Window>) {
        self.let_go = self.counted("chirm_too_slow_total ").await;
        let (windows, before) = (self.enter().await, self.counted("chirm_resyncs_total ").await);
        let took = self.round().await;
        let dropped = self.counted("chirm_resyncs_total ").await - before;
        assert!(dropped >= windows.len(), "only {dropped} times something did not fit: that was not slow");
        (took, windows)
    }

    /// How many bytes the server needs more for what the loud room is told: with its listeners reading, and with them not reading. The database's
    /// own memory grows with what is stored, in both.
    async fn floods(&mut self) -> Floods {
        let reading = self.reading().await;
        // What is needed once is there after the first.
        self.flood(self.server.resident_kib()).await;
        let calm = self.flood(self.server.resident_kib()).await;
        // Before the others have come, the database's threads may have rested and given back what they will need again.
        let full = self.server.resident_kib();
        reading.iter().for_each(JoinHandle::abort);
        self.gone().await;
        let windows = self.enter().await;
        let slow = self.flood(full).await;
        Floods { windows: windows.len(), calm, slow }
    }

    /// Half as much again as may wait for the slow ones: a server that keeps everything needs more than it may. Gives what it needs more than `before`.
    async fn flood(&mut self, before: u64) -> usize {
        shout(&mut self.loud, &self.room, bound(self.tenth.len()) * 3 / 2 / BODY).await;
        self.server.resident_kib().saturating_sub(before) as usize * 1024
    }

    /// Waits until those who went are gone.
    async fn gone(&self) {
        let until = Instant::now() + PATIENCE;
        while self.counted("chirm_connections ").await > self.readers.len() + 2 {
            assert!(Instant::now() < until, "who closed the connection is still there");
        }
    }

    /// What the server counts.
    async fn counted(&self, name: &str) -> usize {
        let metrics = self.server.http().raw("GET", "/metrics", Vec::new()).await.text;
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {metrics}"));
        line.trim().parse().unwrap()
    }
}

/// What the server needed more, in bytes.
struct Floods {
    windows: usize,
    calm: usize,
    slow: usize,
}

impl Floods {
    fn is_bounded(&self) -> bool {
        self.slow <= self.calm + bound(self.windows)
    }

    fn text(&self) -> String {
        format!("{} KiB more for {} that do not read, {} KiB for as many that do", self.slow >> 10, self.windows, self.calm >> 10)
    }
}

/// What the server may need for so many slow ones.
fn bound(slow: usize) -> usize {
    slow * OUTBOX + BESIDES
}

/// So many large messages, as fast as they are taken. Who is told to try again does.
async fn shout(window: &mut Window, room: &str, count: usize) {
    let (body, mut waiting, mut left) = ("x".repeat(BODY), VecDeque::new(), count);
    loop {
        let client_id = if left > 0 && waiting.len() < DEPTH {
            left -= 1;
            new_client_id()
        } else {
            let Some((id, client_id)) = waiting.pop_front() else { return };
            let Err(refused) = window.reply(id).await else { continue };
            later(&refused).await;
            client_id
        };
        let id = window.post("send", json!({ "room": room, "client_id": client_id, "body": body })).await;
        waiting.push_back((id, client_id));
    }
}

/// The next message in the lobby.
async fn say(window: &mut Window, sent: &RefCell<Vec<Instant>>, end: &str) {
    let (number, client_id) = (sent.borrow().len(), new_client_id());
    sent.borrow_mut().push(Instant::now());
    while let Err(refused) = window.send_as("#lobby", &client_id, &format!("{TICK}{number}{end}")).await {
        later(&refused).await;
    }
}

/// A busy machine's disk may keep a commit waiting for longer than the server lets anybody wait.
async fn later(refused: &Refused) {
    assert_eq!(refused.code, "unavailable");
    tokio::time::sleep(Duration::from_millis(refused.retry_after_ms.into())).await;
}

/// How a slow one went on.
#[derive(PartialEq, Debug)]
enum Told {
    Resync,
    LetGo,
}

/// Reads again: is told what to fetch in the loud room, or was let go and comes back. In the end it has everything.
async fn wake(mut window: Window, user: &User, room: &str, head: i64) -> Told {
    let entered = window.room(room)["rev"].as_i64().unwrap();
    let whole = |held: usize| assert_eq!(held, usize::try_from(head - entered).unwrap(), "messages of {entered} to {head}");
    loop {
        match window.next_any().await {
            Some(event) if event["event"] == "resync" && event["room"] == *room => {
                window.sync_all(room, event["after_rev"].as_i64().unwrap()).await;
                whole(window.seen_of(room).len());
                return Told::Resync;
            }
            Some(_) => {}
            None => break,
        }
    }
    window.closes_with(4413).await;
    let mut back = user.connect_with(json!({ "epoch": window.epoch(), "cursors": { room: window.rev(room) } })).await;
    back.catch_up(room).await;
    whole(window.seen_of(room).len() + back.seen_of(room).len());
    Told::LetGo
}

/// The time within which so many per cent of all were.
fn quantile(mut took: Vec<Duration>, per_cent: usize) -> Duration {
    took.sort_unstable();
    took[(took.len() * per_cent / 100).min(took.len() - 1)]
}

/// The middle of what so many per cent waited at most, over some rounds.
fn middle(rounds: &[Vec<Duration>], per_cent: usize) -> Duration {
    quantile(rounds.iter().map(|took| quantile(took.clone(), per_cent)).collect(), 50)
}

#[actix_rt::test]
async fn slow_readers() {
    let mut plan = Plan::new("slow_readers", Backend::Sqlite, 2, 20);
    let mut stage = Stage::new(if plan.full { 500 } else { 200 }).await;
    let (mut calm, mut slow, mut left) = (Vec::new(), Vec::new(), Vec::new());
    // What is made at the first use is there then.
    stage.calm().await;
    for round in 0..plan.count {
        left.clear();
        stage.gone().await;
        calm.push(stage.calm().await);
        let (took, windows) = stage.slow().await;
        slow.push(took);
        left = windows;
        plan.progress(round + 1);
    }
    let told = all_find_everything(&stage, left).await;
    let floods = stage.floods().await;
    assert!(floods.is_bounded(), "{}", floods.text());
    plan.figure(floods.text());

    for per_cent in [50, 99] {
        let (calm, slow) = (middle(&calm, per_cent).as_secs_f64() * 1000.0, middle(&slow, per_cent).as_secs_f64() * 1000.0);
        let text =
            format!("{per_cent} % of deliveries to the others within {slow:.1} ms, without slow ones {calm:.1} ms ({:.2})", slow / calm);
        // Other tests beside make a short run's figures jump; one that waits for the slow ones waits for seconds.
        assert!(slow <= if plan.full { 1.2 * calm } else { 2.0 * calm + 100.0 }, "{text}");
        plan.figure(text);
    }
    let resyncs = told.iter().filter(|told| **told == Told::Resync).count();
    // On a machine that runs other tests beside, all of them may have been let go before they could read again.
    assert!(resyncs > 0 || !plan.full, "nobody was told what to fetch");
    plan.figure(format!("{resyncs} told to fetch, {} let go with 4413, all found everything", told.len() - resyncs));
    plan.done(1);
}

/// Half of them read again at once, the others when they were let go.
async fn all_find_everything(stage: &Stage, mut windows: Vec<Window>) -> Vec<Told> {
    let (users, room) = (&stage.tenth, &*stage.room);
    let head = users[0].get(&format!("/rooms/{room}")).await.ok(200)["room"]["rev"].as_i64().unwrap();
    let silent = windows.split_off(windows.len() / 2);
    let woken = users.iter().zip(windows).map(|(user, window)| wake(window, user, room, head));
    let mut told = join_all(woken).await;
    let let_go = stage.let_go + silent.len() + told.iter().filter(|told| **told == Told::LetGo).count();
    let until = Instant::now() + 3 * PATIENCE;
    while stage.counted("chirm_too_slow_total ").await < let_go {
        assert!(Instant::now() < until, "they are still there");
    }
    let silent = users[told.len()..].iter().zip(silent).map(|(user, window)| wake(window, user, room, head));
    let silent = join_all(silent).await;
    assert!(silent.iter().all(|told| *told == Told::LetGo), "{silent:?}");
    told.extend(silent);
    told
}
