//! Good histories: a small model of a server and its clients, driven by a seed. What it writes could have happened, so every check must pass.
//!
//! Time is virtual. Each client asks one thing at a time; commits, deliveries and answers take random times; connections are first in, first
//! out. The server is killed now and then: what it had not committed is gone, what it had not delivered too.

mod clients;
mod end;
mod random;
mod server;

pub use random::Random;

use super::record::{Line, Op, Phase};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap},
};

const MS: u64 = 1_000_000;

/// How much of it.
#[derive(Clone, Debug)]
pub struct Size {
    /// Rooms.
    pub rooms: usize,
    /// Users.
    pub users: usize,
    /// Devices of each.
    pub clients: usize,
    /// Things that each client does, at least.
    pub steps: usize,
    /// Times that the server is killed.
    pub kills: usize,
}

impl Default for Size {
    fn default() -> Self {
        Size { rooms: 2, users: 3, clients: 2, steps: 26, kills: 1 }
    }
}

/// A history of that seed and size, by time.
pub fn history(seed: u64, size: &Size) -> Vec<Line> {
    let mut lines = Vec::new();
    World::new(seed, size).run(|line| lines.push(line));
    lines.sort_by_key(|line| line.t);
    lines
}

/// Writes at least `wanted` lines, as one seed after the other with rooms of its own; for measurements. The parts follow each other in time.
pub fn many(seed: u64, wanted: u64, mut write: impl FnMut(&Line)) {
    let size = Size { rooms: 20, users: 10, clients: 2, steps: 600, kills: 1 };
    let (mut written, mut part, mut begin) = (0, seed, 0);
    while written < wanted {
        let mut last = begin;
        World::new(part, &size).run(|mut line| {
            line.t += begin;
            last = last.max(line.t);
            write(&line);
            written += 1;
        });
        (part, begin) = (part + 1, last + MS);
    }
}

#[derive(Clone)]
struct Entry {
    author: usize,
    client_id: String,
    hash: String,
}

#[derive(Default)]
struct ServerRoom {
    log: Vec<Entry>,
    /// `seq` by author and `client_id`.
    stored: HashMap<String, u32>,
    members: BTreeSet<usize>,
    /// Read and delivered; kept over a leave.
    marks: BTreeMap<usize, (u32, u32)>,
}

/// A connection, on both of its ends.
struct Link {
    name: String,
    node: String,
    calls: u32,
    /// Nothing arrives before what was sent earlier.
    clear: u64,
    /// Rooms in which the server sends live, and which it has made behind.
    live: BTreeMap<usize, bool>,
}

/// What the client wants to know the outcome of.
#[derive(Clone)]
enum Ask {
    Send { room: usize, client_id: String, hash: String },
    Sync { room: usize, after: u32 },
    History { room: usize },
    Mark { room: usize, op: Op, seq: u32 },
    Move { room: usize, op: Op, user: usize },
    Ping,
}

struct Client {
    name: String,
    user: usize,
    link: Option<Link>,
    /// By room: after which `rev` it holds everything, and up to which.
    held: BTreeMap<usize, (u32, u32)>,
    busy: Option<(u32, Ask)>,
    /// Of unknown outcome, or still to be done.
    again: Vec<Ask>,
    left: usize,
}

enum Act {
    Step(usize),
    Commit { client: usize, session: String, call: u32 },
    Deliver { client: usize, session: String, lines: Vec<Line> },
    Kill,
    Ready,
    Open(usize),
}

struct World {
    random: Random,
    now: u64,
    order: u64,
    heap: BinaryHeap<Reverse<(u64, u64)>>,
    items: HashMap<u64, Act>,
    rooms: Vec<ServerRoom>,
    room_names: Vec<String>,
    users: Vec<String>,
    clients: Vec<Client>,
    out: Vec<Line>,
    up: bool,
    runs: u32,
    kills: usize,
    seed: u64,
}

impl World {
    fn new(seed: u64, size: &Size) -> Self {
        let mut random = Random::new(seed);
        let room_names = (0..size.rooms).map(|_| random.uuid()).collect();
        let users: Vec<String> = (0..size.users).map(|_| random.uuid()).collect();
        let clients = (0..size.users * size.clients).map(|at| Client {
            name: format!("{seed}-c{at}"),
            user: at / size.clients,
            link: None,
            held: BTreeMap::new(),
            busy: None,
            again: Vec::new(),
            left: size.steps,
        });
        World {
            clients: clients.collect(),
            rooms: (0..size.rooms).map(|_| ServerRoom::default()).collect(),
            random,
            now: MS,
            order: 0,
            heap: BinaryHeap::new(),
            items: HashMap::new(),
            room_names,
            users,
            out: Vec::new(),
            up: true,
            runs: 1,
            kills: size.kills,
            seed,
        }
    }

    fn run(mut self, mut write: impl FnMut(Line)) {
        self.begin();
        while let Some(Reverse((t, order))) = self.heap.pop() {
            self.now = t;
            let Some(act) = self.items.remove(&order) else { continue };
            match act {
                Act::Step(client) => self.step(client),
                Act::Commit { client, session, call } => self.commit(client, &session, call),
                Act::Deliver { client, session, lines } => self.deliver(client, &session, lines),
                Act::Kill => self.kill(),
                Act::Ready => self.ready(),
                Act::Open(client) => self.open(client),
            }
            self.out.drain(..).for_each(&mut write);
        }
        self.end();
        self.out.drain(..).for_each(&mut write);
    }

    fn at(&mut self, t: u64, act: Act) {
        self.order += 1;
        self.heap.push(Reverse((t, self.order)));
        self.items.insert(self.order, act);
    }

    fn soon(&mut self, ms: usize, act: Act) {
        let wait = 1 + self.random.next() % (ms as u64 * MS);
        self.at(self.now + wait, act);
    }

    fn line(&self, op: Op, phase: Phase) -> Line {
        Line::new(self.now, op, phase)
    }

    fn of(&self, client: usize, op: Op, phase: Phase) -> Line {
        let mut line = self.line(op, phase);
        let client = &self.clients[client];
        line.client = Some(client.name.clone());
        line.session = client.link.as_ref().map(|link| link.name.clone());
        line.node = client.link.as_ref().map(|link| link.node.clone());
        line
    }

    fn in_room(&self, client: usize, room: usize, op: Op, phase: Phase) -> Line {
        Line { room: Some(self.room_names[room].clone()), ..self.of(client, op, phase) }
    }

    fn begin(&mut self) {
        self.out.push(Line { seed: Some(self.seed), ..self.line(Op::Seed, Phase::Event) });
        for room in 0..self.rooms.len() {
            for user in 0..self.users.len() {
                // One user begins outside of each room, so that somebody is added later.
                if user == 0 || user != 1 + room % (self.users.len() - 1) {
                    self.rooms[room].members.insert(user);
                    let (room, user) = (Some(self.room_names[room].clone()), Some(self.users[user].clone()));
                    self.out.push(Line { room, user, ..self.line(Op::Member, Phase::Event) });
                }
            }
        }
        for client in 0..self.clients.len() {
            self.soon(50, Act::Open(client));
        }
        let length = self.clients.first().map_or(0, |client| client.left) * 200;
        for _ in 0..self.kills {
            self.soon(length.max(100), Act::Kill);
        }
    }
}
