//! A server, users, rooms and clients, from the beginning of a history to its verdict.

use crate::{
    device::{Device, Habits, Mood, Shared},
    disks::Disk,
    dump::Database,
    history::{
        check::{self, Config, Outcome},
        generate::Random,
        load::History,
        record::{Door, Line, Op, Phase, Recorder, hash},
        report::{self, Verdict},
    },
    plan::{Plan, folder},
    support::{Backend, PATIENCE, Server, User},
};
use actix_rt::task::{JoinHandle, spawn_blocking};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fs,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// SIGABRT.
const ABORTED: i32 = 6;
/// A little more than the two seconds after which everybody knows who came.
const LINGER: Duration = Duration::from_millis(2_300);

/// Who takes part, and in what.
pub struct Cast {
    pub users: usize,
    pub windows: usize,
    pub habits: Habits,
    /// The last user joins and leaves a channel all the time.
    pub visits: bool,
    /// For the server.
    pub settings: Vec<(String, String)>,
    /// Longest time until all clients know everything, once nobody writes any more.
    pub settling: Duration,
}

impl Default for Cast {
    fn default() -> Self {
        Self { users: 4, windows: 2, habits: Habits::default(), visits: true, settings: Vec::new(), settling: Duration::from_secs(30) }
    }
}

impl Cast {
    /// On a server that breaks a promise. There is no use in waiting until all is well.
    pub fn sabotaged(way: &str) -> Self {
        Self { settling: Duration::from_secs(2), ..Self::default() }.set("CHIRM_TEST_SABOTAGE", way)
    }

    /// With this setting of the server besides.
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }
}

/// A run that is being recorded.
pub struct World {
    pub server: Server,
    pub users: Vec<User>,
    pub rooms: Vec<String>,
    pub shared: Rc<Shared>,
    pub seed: u64,
    pub random: Random,
    /// From the start of the process until it said that it was ready, after each fault.
    pub ready: Vec<Duration>,
    devices: Vec<JoinHandle<()>>,
    settling: Duration,
    path: PathBuf,
    _folder: TempDir,
}

/// What came of it.
pub struct Judged {
    pub verdict: Verdict,
    pub outcome: Outcome,
    pub text: String,
    pub acked: usize,
    pub ready: Vec<Duration>,
    history: PathBuf,
    /// Where it is kept, if it is.
    kept: PathBuf,
    _folder: TempDir,
}

impl World {
    /// A server, its people and their rooms; nobody is there yet.
    pub async fn new(backend: Backend, seed: u64, cast: &Cast) -> Self {
        let settings: Vec<(&str, &str)> = cast.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Self::on(Server::with(backend, &settings).await, seed, cast).await
    }

    /// The same on a server that is there.
    pub async fn on(server: Server, seed: u64, cast: &Cast) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let recorder = Recorder::create(&path).unwrap();
        recorder.write(&Line { seed: Some(seed), ..recorder.line(Op::Seed, Phase::Event) }).unwrap();
        let mut users = Vec::new();
        for number in 0..cast.users {
            users.push(server.user(&format!("user{number}")).await);
        }
        let mut rooms = vec![];
        for title in ["One", "Two"] {
            rooms.push(users[0].group(title, &users[1..].iter().collect::<Vec<_>>()).await);
        }
        let shared = Rc::new(Shared {
            recorder,
            mood: Cell::new(Mood::Load),
            run: Cell::new(1),
            cut: Cell::new(u64::MAX),
            acked: Cell::new(0),
            acks: RefCell::default(),
            opened: Cell::new(0),
            resyncs: Cell::new(0),
            epochs: Cell::new(0),
            heads: RefCell::default(),
            quiet: RefCell::default(),
            caught_up: RefCell::default(),
        });
        let mut world = Self {
            server,
            users,
            rooms,
            shared,
            seed,
            random: Random::new(seed),
            ready: Vec::new(),
            devices: Vec::new(),
            settling: cast.settling,
            path,
            _folder: folder,
        };
        let everybody: Vec<usize> = (0..cast.users).collect();
        for room in world.rooms.clone() {
            world.members(&room, &everybody);
        }
        if cast.visits {
            let hosts: Vec<usize> = (0..cast.users - 1).collect();
            let room = world.users[0].channel("visited", &hosts[1..].iter().map(|at| &world.users[*at]).collect::<Vec<_>>()).await;
            world.members(&room, &hosts);
            world.rooms.push(room);
        }
        world
    }

    fn members(&self, room: &str, users: &[usize]) {
        for at in users {
            let line = Line { room: Some(room.to_owned()), ..self.shared.recorder.line(Op::Member, Phase::Event) };
            self.write(&Line { user: Some(self.users[*at].id.clone()), ..line });
        }
    }

    fn write(&self, line: &Line) {
        self.shared.recorder.write(line).unwrap();
    }

    /// Everybody comes, with all windows.
    pub fn enter(&mut self, cast: &Cast) {
        for at in 0..self.users.len() {
            for window in 0..cast.windows {
                let mut habits = cast.habits.clone();
                if cast.visits && at + 1 == self.users.len() && window == 0 {
                    habits.visits = self.rooms.last().cloned();
                }
                self.enter_as(at, &format!("user{at}.{window}"), habits);
            }
        }
    }

    /// One more window of a user.
    pub fn enter_as(&mut self, user: usize, name: &str, habits: Habits) {
        let seed = self.random.next();
        let device = Device::new(name.to_owned(), self.users[user].clone(), habits, self.shared.clone(), seed);
        self.shared.quiet.borrow_mut().insert(name.to_owned(), false);
        self.shared.caught_up.borrow_mut().insert(name.to_owned(), false);
        self.devices.push(actix_rt::spawn(device.run()));
    }

    /// Waits until so many more messages were acknowledged.
    pub async fn acknowledged(&self, more: usize) {
        let wanted = self.shared.acked.get() + more;
        self.until("enough acknowledged messages", 9 * PATIENCE, || self.shared.acked.get() >= wanted).await;
    }

    /// Goes on for so long that others must know who is there.
    pub async fn linger(&self) {
        let until = Instant::now() + LINGER;
        self.until("messages all the time", PATIENCE, || Instant::now() > until).await;
        self.acknowledged(1).await;
    }

    /// Waits for a fact of this process's own.
    pub async fn until(&self, what: &str, patience: Duration, is: impl Fn() -> bool) {
        assert!(self.comes(patience, is).await, "seed {}: never happened: {what}; the server says\n{}", self.seed, self.server.log());
    }

    async fn comes(&self, patience: Duration, is: impl Fn() -> bool) -> bool {
        let until = Instant::now() + patience;
        let mut pace = tokio::time::interval(Duration::from_millis(2));
        while !is() {
            pace.tick().await;
            if Instant::now() > until {
                return false;
            }
        }
        true
    }

    /// A fault begins. `Ready` ends it.
    pub fn fault(&self, op: Op) {
        self.write(&self.shared.recorder.line(op, Phase::Event));
    }

    /// The fault is over.
    pub fn healed(&self) {
        self.fault(Op::Ready);
    }

    /// The disk loses what was not synced, and the server with it. Clients go on meanwhile: what they see late would look as if it had come late.
    pub async fn loses_power(&mut self, disk: &Arc<Disk>) {
        self.fault(Op::Kill);
        self.server.signal("STOP");
        let (cut, back, random) = (disk.clone(), disk.clone(), Random::new(self.random.next()));
        spawn_blocking(move || cut.cut()).await.unwrap();
        self.server.kill();
        spawn_blocking(move || back.back(random)).await.unwrap();
    }

    /// Nobody comes back.
    pub fn dismiss(&mut self) {
        self.devices.drain(..).for_each(|device| device.abort());
    }

    /// A client stops reading, which is a fault of its own.
    pub fn stalls(&self, client: &str) {
        self.write(&Line { client: Some(client.to_owned()), ..self.shared.recorder.line(Op::Cut, Phase::Event) });
    }

    /// It reads again.
    pub fn wakes(&self, client: &str) {
        self.write(&Line { client: Some(client.to_owned()), ..self.shared.recorder.line(Op::Ready, Phase::Event) });
    }

    /// SIGKILL, whatever is under way.
    pub fn kill(&mut self) {
        self.fault(Op::Kill);
        self.server.kill();
    }

    /// Waits until something is seen to have happened to the server, as it was asked to. The server goes on.
    pub async fn hurt(&mut self, what: &str, is: impl Fn(&Server) -> bool) {
        let mut patience = Patience::new(&self.shared);
        let mut pace = tokio::time::interval(Duration::from_millis(2));
        let mut fault = self.shared.recorder.line(Op::Cut, Phase::Event);
        while !is(&self.server) {
            assert!(patience.lasts(), "seed {}: nothing happened to {what}, which proves nothing", self.seed);
            fault = self.shared.recorder.line(Op::Cut, Phase::Event);
            pace.tick().await;
        }
        self.write(&fault);
        self.healed();
    }

    /// Waits until the server ends by itself, as it was asked to with `CHIRM_TEST_CRASH_AT`.
    pub async fn crashed(&mut self) {
        let mut patience = Patience::new(&self.shared);
        let mut pace = tokio::time::interval(Duration::from_millis(2));
        let mut fault = self.shared.recorder.line(Op::Kill, Phase::Event);
        loop {
            if let Some(status) = self.server.has_ended() {
                assert_eq!(status.signal(), Some(ABORTED), "seed {}: it should have aborted: {status}", self.seed);
                // Its sockets were closed before it was gone.
                fault.t = fault.t.min(self.shared.cut.get().saturating_sub(1));
                return self.write(&fault);
            }
            assert!(patience.lasts(), "seed {}: the fault was never hit, which proves nothing", self.seed);
            // It is there, and no client has seen anything since: the fault does not begin before.
            fault = self.shared.recorder.line(Op::Kill, Phase::Event);
            pace.tick().await;
        }
    }

    /// Starts the server again, while clients go on trying; what it has stored is read before anybody can write.
    pub async fn comes_back(&mut self) {
        let began = Instant::now();
        self.server.spawn();
        let mut pace = tokio::time::interval(Duration::from_millis(2));
        while !self.server.is_ready() {
            assert!(began.elapsed() < 3 * PATIENCE, "seed {}: it does not start; its log:\n{}", self.seed, self.server.log());
            pace.tick().await;
        }
        self.is_back(began);
    }

    /// Starts the server again; what it has stored is read before anybody can write.
    pub fn restart(&mut self) {
        let began = Instant::now();
        self.server.run();
        self.is_back(began);
    }

    fn is_back(&mut self, began: Instant) {
        self.ready.push(began.elapsed());
        self.shared.run.set(self.shared.run.get() + 1);
        self.shared.cut.set(u64::MAX);
        Database::of(&self.server).read(&self.shared.recorder, Door::Restart, self.shared.run.get());
        self.healed();
    }

    /// Nothing new is begun; waits until everybody knows and holds everything. True where that came to be; else the checker will say what
    /// is missing.
    pub async fn settle(&self) -> bool {
        self.shared.mood.set(Mood::Settle);
        let all = |of: &RefCell<HashMap<String, bool>>| of.borrow().values().all(|is| *is);
        self.shared.quiet.borrow_mut().values_mut().for_each(|is| *is = false);
        let quiet = self.comes(self.settling, || all(&self.shared.quiet)).await;
        for user in &self.users {
            for room in user.get("/rooms?limit=200").await.ok(200)["rooms"].as_array().unwrap() {
                let (id, rev) = (room["id"].as_str().unwrap(), room["rev"].as_u64().unwrap());
                self.shared.heads.borrow_mut().insert(id.to_owned(), u32::try_from(rev).unwrap());
            }
        }
        self.shared.caught_up.borrow_mut().values_mut().for_each(|is| *is = false);
        quiet && self.comes(self.settling, || all(&self.shared.caught_up)).await
    }

    /// The end: everybody drains and closes, fresh clients read everything through each door, and the database is read.
    pub async fn judge(mut self, config: &Config) -> Judged {
        self.settle().await;
        self.shared.mood.set(Mood::Over);
        for device in join_all(self.devices.drain(..)).await {
            device.unwrap();
        }
        self.read_by_socket().await;
        self.read_by_rest().await;
        let mut database = Database::of(&self.server);
        database.read(&self.shared.recorder, Door::Db, 0);
        database.read_marks(&self.shared.recorder);
        assert_eq!(database.integrity(), "ok");
        self.shared.recorder.flush().unwrap();
        let history = History::from_files(std::slice::from_ref(&self.path)).unwrap();
        let outcome = check::run(&history, config);
        let verdict = Verdict::of(&outcome);
        let kept = folder().join(format!("{}-{}.jsonl", format!("{verdict:?}").to_lowercase(), self.seed));
        let text = report::text(&history, &outcome, &format!("cargo run --example check_history -- {}", kept.display()));
        Judged {
            verdict,
            outcome,
            text,
            acked: self.shared.acked.get(),
            ready: self.ready.clone(),
            history: self.path,
            kept,
            _folder: self._folder,
        }
    }

    fn stored(&self, door: Door, room: &str, message: &Value) -> Line {
        let number = |name: &str| message[name].as_u64().map(|number| number as u32);
        let mut line = Line { door: Some(door), room: Some(room.to_owned()), ..self.shared.recorder.line(Op::Log, Phase::Event) };
        (line.seq, line.rev) = (number("seq"), number("rev"));
        (line.user, line.client_id) = (message["author"].as_str().map(str::to_owned), message["client_id"].as_str().map(str::to_owned));
        line.hash = message["body"].as_str().map(hash);
        line
    }

    fn end_of_reading(&self, door: Door, room: &Value) {
        let mut line =
            Line { door: Some(door), room: room["id"].as_str().map(str::to_owned), ..self.shared.recorder.line(Op::Log, Phase::Ok) };
        (line.seq, line.rev) = (room["last_seq"].as_u64().map(|seq| seq as u32), room["rev"].as_u64().map(|rev| rev as u32));
        self.write(&line);
    }

    async fn read_by_socket(&self) {
        let mut window = self.users[0].connect().await;
        for room in &self.rooms {
            let mut after = 0;
            loop {
                let page = window.ok("history", json!({ "room": room, "after": after, "limit": 200 })).await;
                for message in page["messages"].as_array().unwrap() {
                    self.write(&self.stored(Door::Ws, room, message));
                    after = message["seq"].as_i64().unwrap();
                }
                if page["has_after"] == false {
                    break;
                }
            }
            self.end_of_reading(Door::Ws, window.room(room));
        }
        window.close().await;
    }

    async fn read_by_rest(&self) {
        for room in &self.rooms {
            for message in self.users[0].history(room).await {
                self.write(&self.stored(Door::Rest, room, &message));
            }
            self.end_of_reading(Door::Rest, &self.users[0].get(&format!("/rooms/{room}")).await.ok(200)["room"]);
            for member in self.users[0].get(&format!("/rooms/{room}/members?limit=200")).await.ok(200)["members"].as_array().unwrap() {
                let mut line =
                    Line { door: Some(Door::Rest), room: Some(room.clone()), ..self.shared.recorder.line(Op::Receipt, Phase::Event) };
                line.user = member["user"].as_str().map(str::to_owned);
                line.read_seq = member["read_seq"].as_u64().map(|seq| seq as u32);
                line.delivered_seq = member["delivered_seq"].as_u64().map(|seq| seq as u32);
                self.write(&line);
            }
        }
    }
}

/// For what comes after so many messages. How long they take is the machine's affair: as long as one after the other is acknowledged, it
/// comes, or there is something wrong with the test.
struct Patience {
    shared: Rc<Shared>,
    acked: usize,
    since: Instant,
    began: Instant,
}

impl Patience {
    fn new(shared: &Rc<Shared>) -> Self {
        Self { shared: shared.clone(), acked: shared.acked.get(), since: Instant::now(), began: Instant::now() }
    }

    /// Whether something was acknowledged not too long ago.
    fn lasts(&mut self) -> bool {
        let acked = self.shared.acked.get();
        if acked > self.acked {
            (self.acked, self.since) = (acked, Instant::now());
        }
        self.since.elapsed() < 3 * PATIENCE && self.began.elapsed() < 30 * PATIENCE
    }
}

impl Judged {
    /// It must be green; the history of a run that is not is kept.
    #[track_caller]
    pub fn is_green(&self, plan: &Plan, seed: u64) {
        if self.verdict != Verdict::Green || plan.keeps {
            fs::copy(&self.history, &self.kept).unwrap();
        }
        if plan.keeps {
            eprintln!("{}", self.text);
        }
        assert_eq!(self.verdict, Verdict::Green, "{}, again: {}\n{}", plan.name(), plan.replay(seed, 1), self.text);
    }

    /// It must be red, and this check must have seen it.
    #[track_caller]
    pub fn is_caught_by(&self, check: &str) {
        assert!(self.outcome.of(check).violations > 0, "{check} should have caught this:\n{}", self.text);
    }
}
