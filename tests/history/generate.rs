//! Good histories: a small model of a server and its clients, driven by a seed. What it writes could have happened, so every check must pass.
//!
//! Time is virtual. Each client asks one thing at a time; commits, deliveries and answers take random times; connections are first in, first
//! out. The server is killed now and then: what it had not committed is gone, what it had not delivered too.

use super::record::{Door, Line, Op, Phase, State, Via, close, hash};
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

/// SplitMix64: small, seeded, the same everywhere.
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// One in so many times.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
        format!("{a:08x}-{b:04x}-7{c:03x}-{:04x}-{:012x}", 0x8000 | ((low >> 48) & 0x3fff), low & 0xffff_ffff_ffff)
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

    // The server.

    fn kill(&mut self) {
        if !self.up {
            return;
        }
        self.up = false;
        self.out.push(self.line(Op::Kill, Phase::Event));
        for client in 0..self.clients.len() {
            self.drop_link(client, close::NODE, "closed");
        }
        self.soon(900, Act::Ready);
    }

    fn ready(&mut self) {
        self.up = true;
        self.runs += 1;
        self.now += 1;
        self.read_all(Door::Restart);
        self.out.push(self.line(Op::Ready, Phase::Event));
        for client in 0..self.clients.len() {
            self.soon(300, Act::Open(client));
        }
    }

    fn drop_link(&mut self, client: usize, code: &str, unknown: &str) {
        if self.clients[client].link.is_none() {
            return;
        }
        if let Some((call, ask)) = self.clients[client].busy.take() {
            let line = self.asked(client, call, &ask, Phase::Info);
            self.out.push(Line { code: Some(unknown.to_owned()), ..line });
            self.clients[client].again.push(ask);
        }
        // What the new connection's `hello` brings makes these needless.
        self.clients[client].again.retain(|ask| !matches!(ask, Ask::Sync { .. }));
        let user = Some(self.users[self.clients[client].user].clone());
        self.out.push(Line { user, code: Some(code.to_owned()), ..self.of(client, Op::Session, Phase::Close) });
        self.clients[client].link = None;
        if code == close::CLEAN && !self.is_here(self.clients[client].user) {
            self.tell_presence(self.clients[client].user, State::Offline);
        }
    }

    fn is_here(&self, user: usize) -> bool {
        self.clients.iter().any(|client| client.user == user && client.link.is_some())
    }

    fn tell_presence(&mut self, user: usize, state: State) {
        for client in 0..self.clients.len() {
            if self.clients[client].link.is_some() {
                let told = Line { user: Some(self.users[user].clone()), state: Some(state), ..self.of(client, Op::Presence, Phase::Event) };
                self.push(client, vec![told]);
            }
        }
    }

    /// Puts lines on a connection; the client sees them some time later, after all that was put there before.
    fn push(&mut self, client: usize, lines: Vec<Line>) {
        let wait = 1 + self.random.next() % (40 * MS);
        let now = self.now;
        let Some(link) = self.clients[client].link.as_mut() else { return };
        link.clear = (link.clear + 1).max(now + wait);
        let (t, session) = (link.clear, link.name.clone());
        self.at(t, Act::Deliver { client, session, lines });
    }

    fn message(&self, client: usize, room: usize, rev: u32, via: Option<Via>) -> Line {
        let entry = &self.rooms[room].log[rev as usize - 1];
        let mut line = self.in_room(client, room, Op::Message, Phase::Event);
        (line.seq, line.rev, line.via) = (Some(rev), Some(rev), via);
        line.user = Some(self.users[entry.author].clone());
        line.client_id = Some(entry.client_id.clone());
        line.hash = Some(entry.hash.clone());
        line
    }

    fn open(&mut self, client: usize) {
        if !self.up || self.clients[client].link.is_some() {
            return;
        }
        let name = self.random.uuid();
        let user = self.clients[client].user;
        let (first, node) = (!self.is_here(user), format!("n{}", self.runs));
        self.clients[client].link = Some(Link { name, node, calls: 0, clear: self.now, live: BTreeMap::new() });
        self.out.push(Line { user: Some(self.users[user].clone()), ..self.of(client, Op::Session, Phase::Open) });
        for room in 0..self.rooms.len() {
            if self.rooms[room].members.contains(&user) {
                self.enter(client, room);
            } else {
                // `hello` does not name it: the client was removed meanwhile.
                self.clients[client].held.remove(&room);
            }
        }
        for other in 0..self.users.len() {
            let state = if self.is_here(other) { State::Online } else { State::Offline };
            let told = Line { user: Some(self.users[other].clone()), state: Some(state), ..self.of(client, Op::Presence, Phase::Event) };
            self.push(client, vec![told]);
        }
        if first {
            self.tell_presence(user, State::Online);
        }
        self.soon(60, Act::Step(client));
    }

    /// `hello` of one room, with a cursor where the client has one.
    fn enter(&mut self, client: usize, room: usize) {
        let head = self.rooms[room].log.len() as u32;
        let cursor = self.clients[client].held.get(&room).map(|held| held.1);
        let hello = Line { rev: Some(head), after_rev: cursor, ..self.in_room(client, room, Op::Hello, Phase::Event) };
        let mut lines = vec![hello];
        let mut live = true;
        if let Some(cursor) = cursor.filter(|cursor| *cursor < head) {
            let (page, reached) = self.page(client, room, cursor, 20);
            live = reached == head;
            lines.extend(page);
            lines.push(Line { rev: Some(reached), more: Some(!live), ..self.in_room(client, room, Op::Sync, Phase::Event) });
        }
        self.clients[client].link.as_mut().unwrap().live.insert(room, live);
        self.push(client, lines);
    }

    fn page(&self, client: usize, room: usize, after: u32, limit: u32) -> (Vec<Line>, u32) {
        let reached = (self.rooms[room].log.len() as u32).min(after + limit);
        ((after + 1..=reached).map(|rev| self.message(client, room, rev, Some(Via::Sync))).collect(), reached.max(after))
    }

    fn commit(&mut self, client: usize, session: &str, call: u32) {
        let Some(link) = &self.clients[client].link else { return };
        let Some((_, ask)) = self.clients[client].busy.clone().filter(|(of, _)| *of == call && link.name == session) else { return };
        let user = self.clients[client].user;
        let room = match &ask {
            Ask::Send { room, .. } | Ask::Sync { room, .. } | Ask::History { room } | Ask::Mark { room, .. } => Some(*room),
            Ask::Move { .. } | Ask::Ping => None,
        };
        if room.is_some_and(|room| !self.rooms[room].members.contains(&user)) {
            let refused = Line { code: Some("not_found".to_owned()), ..self.asked(client, call, &ask, Phase::Fail) };
            return self.push(client, vec![refused]);
        }
        let answer = self.asked(client, call, &ask, Phase::Ok);
        match ask {
            Ask::Send { room, client_id, hash } => self.append(client, room, Entry { author: user, client_id, hash }, answer),
            Ask::Sync { room, after } => self.answer_sync(client, room, after, answer),
            Ask::History { room } => self.answer_history(client, room, answer),
            Ask::Mark { room, op, seq } => self.mark(client, room, op, seq, answer),
            Ask::Move { room, op, user } => self.change_member(client, room, op, user, answer),
            Ask::Ping => self.push(client, vec![answer]),
        }
    }

    fn append(&mut self, client: usize, room: usize, entry: Entry, answer: Line) {
        if let Some(seq) = self.rooms[room].stored.get(&entry.client_id).copied() {
            let again = Line { seq: Some(seq), rev: Some(seq), duplicate: Some(true), ..answer };
            return self.push(client, vec![again]);
        }
        let author = entry.author;
        let seq = self.rooms[room].log.len() as u32 + 1;
        self.rooms[room].stored.insert(entry.client_id.clone(), seq);
        self.rooms[room].log.push(entry);
        self.rooms[room].marks.insert(author, (seq, seq));
        self.push(client, vec![Line { seq: Some(seq), rev: Some(seq), duplicate: Some(false), ..answer }]);
        for other in 0..self.clients.len() {
            let Some(live) = self.clients[other].link.as_ref().and_then(|link| link.live.get(&room)).copied() else { continue };
            if other == client || !live {
                continue;
            }
            if self.random.one_in(25) {
                // Too slow: it is told to fetch, from this change on.
                self.clients[other].link.as_mut().unwrap().live.insert(room, false);
                let told = Line { after_rev: Some(seq - 1), ..self.in_room(other, room, Op::Resync, Phase::Event) };
                self.push(other, vec![told]);
            } else {
                let told = self.message(other, room, seq, None);
                self.push(other, vec![told]);
            }
        }
    }

    fn answer_sync(&mut self, client: usize, room: usize, after: u32, answer: Line) {
        let (mut lines, reached) = self.page(client, room, after, 8);
        let more = (reached as usize) < self.rooms[room].log.len();
        self.clients[client].link.as_mut().unwrap().live.insert(room, !more);
        lines.push(Line { rev: Some(reached), more: Some(more), ..answer });
        self.push(client, lines);
    }

    fn answer_history(&mut self, client: usize, room: usize, answer: Line) {
        let head = self.rooms[room].log.len() as u32;
        let mut lines: Vec<Line> =
            (head.saturating_sub(5) + 1..=head).map(|rev| self.message(client, room, rev, Some(Via::History))).collect();
        lines.push(Line { seq: Some(head), more: Some(false), ..answer });
        self.push(client, lines);
    }

    fn mark(&mut self, client: usize, room: usize, op: Op, seq: u32, answer: Line) {
        let user = self.clients[client].user;
        let marks = self.rooms[room].marks.entry(user).or_default();
        marks.1 = marks.1.max(seq);
        if op == Op::Read {
            marks.0 = marks.0.max(seq);
        }
        let (read, delivered) = *marks;
        let answer = match op {
            Op::Read => Line { read_seq: Some(read), ..answer },
            _ => Line { delivered_seq: Some(delivered), ..answer },
        };
        self.push(client, vec![answer]);
        for other in 0..self.clients.len() {
            if other != client && self.clients[other].link.as_ref().is_some_and(|link| link.live.contains_key(&room)) {
                let mut told = self.in_room(other, room, Op::Receipt, Phase::Event);
                (told.user, told.read_seq, told.delivered_seq) = (Some(self.users[user].clone()), Some(read), Some(delivered));
                self.push(other, vec![told]);
            }
        }
    }

    fn change_member(&mut self, client: usize, room: usize, op: Op, user: usize, answer: Line) {
        let enters = matches!(op, Op::Join | Op::Add);
        let changed = if enters { self.rooms[room].members.insert(user) } else { self.rooms[room].members.remove(&user) };
        let head = self.rooms[room].log.len() as u32;
        if enters && changed {
            // Who comes has nothing unread.
            self.rooms[room].marks.insert(user, (head, head));
        }
        for other in 0..self.clients.len() {
            if !changed || self.clients[other].user != user || self.clients[other].link.is_none() {
                continue;
            }
            let live = &mut self.clients[other].link.as_mut().unwrap().live;
            let told = if enters {
                live.insert(room, true);
                Line { rev: Some(head), ..self.in_room(other, room, Op::RoomAdded, Phase::Event) }
            } else {
                live.remove(&room);
                self.in_room(other, room, Op::RoomRemoved, Phase::Event)
            };
            self.push(other, vec![told]);
        }
        self.push(client, vec![answer]);
    }

    // The clients.

    fn asked(&self, client: usize, call: u32, ask: &Ask, phase: Phase) -> Line {
        let mut line = match ask {
            Ask::Send { room, client_id, hash } => {
                let line = self.in_room(client, *room, Op::Send, phase);
                Line { client_id: Some(client_id.clone()), hash: Some(hash.clone()), ..line }
            }
            Ask::Sync { room, after } => Line { after_rev: Some(*after), ..self.in_room(client, *room, Op::Sync, phase) },
            Ask::History { room } => self.in_room(client, *room, Op::History, phase),
            Ask::Mark { room, op, seq } => {
                let line = self.in_room(client, *room, *op, phase);
                Line { seq: Some(*seq).filter(|_| phase == Phase::Invoke), ..line }
            }
            Ask::Move { room, op, .. } => self.in_room(client, *room, *op, phase),
            Ask::Ping => self.of(client, Op::Ping, phase),
        };
        let user = if let Ask::Move { user, .. } = ask { *user } else { self.clients[client].user };
        line.user = Some(self.users[user].clone());
        line.call = Some(call);
        line
    }

    fn step(&mut self, client: usize) {
        if self.clients[client].link.is_none() || self.clients[client].busy.is_some() {
            return;
        }
        let retried = self.clients[client].again.pop();
        let Some(ask) = retried.or_else(|| self.wish(client)) else { return };
        let link = self.clients[client].link.as_mut().unwrap();
        link.calls += 1;
        let (call, session) = (link.calls, link.name.clone());
        self.out.push(self.asked(client, call, &ask, Phase::Invoke));
        self.clients[client].busy = Some((call, ask));
        self.soon(30, Act::Commit { client, session, call });
    }

    fn wish(&mut self, client: usize) -> Option<Ask> {
        let left = &mut self.clients[client].left;
        *left = left.checked_sub(1)?;
        let room = self.random.below(self.rooms.len());
        let inside = self.clients[client].held.get(&room).map(|held| held.1);
        let held = inside.unwrap_or(0);
        if inside.is_none() && !self.random.one_in(8) {
            return Some(self.wish_to_move(client, room));
        }
        Some(match self.random.below(20) {
            0 => Ask::History { room },
            1 => Ask::Ping,
            2 | 3 if held > 0 => Ask::Mark { room, op: Op::Delivered, seq: 1 + self.random.below(held as usize) as u32 },
            4 | 5 if held > 0 => Ask::Mark { room, op: Op::Read, seq: 1 + self.random.below(held as usize) as u32 },
            6 => self.wish_to_move(client, room),
            _ => {
                let client_id = self.random.uuid();
                Ask::Send { room, hash: hash(&client_id), client_id }
            }
        })
    }

    /// User 0 manages the last one, who comes and goes; the others stay.
    fn wish_to_move(&mut self, client: usize, room: usize) -> Ask {
        let last = self.users.len() - 1;
        let op = match (self.clients[client].user, self.random.one_in(2)) {
            (0, true) => Op::Add,
            (0, false) => Op::Remove,
            (_, true) => Op::Join,
            (user, false) if user == last && self.random.one_in(3) => Op::Leave,
            _ => return Ask::Ping,
        };
        let user = if self.clients[client].user == 0 { last } else { self.clients[client].user };
        Ask::Move { room, op, user }
    }

    fn deliver(&mut self, client: usize, session: &str, lines: Vec<Line>) {
        if self.clients[client].link.as_ref().is_none_or(|link| link.name != session) {
            return;
        }
        for mut line in lines {
            line.t = self.now;
            self.mark_repeat(client, &mut line);
            self.take(client, &line);
            self.out.push(line);
        }
    }

    /// What the client holds already it drops, and says so.
    fn mark_repeat(&self, client: usize, line: &mut Line) {
        if line.op != Op::Message || line.via != Some(Via::Sync) {
            return;
        }
        let held = self.room_of(line).and_then(|room| self.clients[client].held.get(&room));
        line.repeat = held.and_then(|held| (line.rev <= Some(held.1)).then_some(true));
    }

    fn room_of(&self, line: &Line) -> Option<usize> {
        line.room.as_ref().and_then(|name| self.room_names.iter().position(|other| other == name))
    }

    fn take(&mut self, client: usize, line: &Line) {
        let room = self.room_of(line);
        let rev = line.rev.unwrap_or(0);
        if let Some(room) = room {
            self.hold(client, room, rev, line);
        }
        if matches!(line.phase, Phase::Ok | Phase::Fail) {
            self.clients[client].busy = None;
            self.soon(300, Act::Step(client));
        }
    }

    fn hold(&mut self, client: usize, room: usize, rev: u32, line: &Line) {
        let held = &mut self.clients[client].held;
        match (line.op, line.phase) {
            (Op::Hello, _) => drop(held.entry(room).or_insert((rev, rev))),
            // What was missed outside is not fetched: the hold begins anew.
            (Op::RoomAdded, _) => drop(held.insert(room, (rev, rev))),
            (Op::RoomRemoved, _) => drop(held.remove(&room)),
            (Op::Message, _) if line.via != Some(Via::History) => {
                if let Some(held) = held.get_mut(&room) {
                    held.1 = held.1.max(rev);
                }
            }
            (Op::Send, Phase::Ok) if line.duplicate == Some(false) => {
                // Behind, one's own is not the next: what lies between is still to be fetched.
                if let Some(held) = held.get_mut(&room).filter(|held| held.1 + 1 == rev) {
                    held.1 = rev;
                }
            }
            (Op::Resync, _) => self.fetch(client, room),
            (Op::Sync, Phase::Event | Phase::Ok) if line.more == Some(true) => self.fetch(client, room),
            _ => {}
        }
    }

    fn fetch(&mut self, client: usize, room: usize) {
        let after = self.clients[client].held.get(&room).map_or(0, |held| held.1);
        self.clients[client].again.retain(|ask| !matches!(ask, Ask::Sync { room: of, .. } if *of == room));
        self.clients[client].again.push(Ask::Sync { room, after });
        self.soon(20, Act::Step(client));
    }

    // The end.

    fn end(&mut self) {
        self.now += 70_000 * MS;
        for client in 0..self.clients.len() {
            let user = self.clients[client].user;
            for (room, (after, rev)) in self.clients[client].held.clone() {
                let mut line = self.in_room(client, room, Op::Drained, Phase::Ok);
                let read = self.rooms[room].marks.get(&user).map_or(0, |marks| marks.0);
                (line.after_rev, line.rev, line.read_seq) = (Some(after), Some(rev), Some(read));
                line.unread = Some(self.rooms[room].log.len() as u32 - read);
                self.out.push(line);
            }
        }
        self.now += 1;
        for client in 0..self.clients.len() {
            let user = Some(self.users[self.clients[client].user].clone());
            if self.clients[client].link.is_some() {
                self.out.push(Line { user, code: Some(close::CLEAN.to_owned()), ..self.of(client, Op::Session, Phase::Close) });
            }
        }
        for door in [Door::Ws, Door::Rest, Door::Db] {
            self.now += 1;
            self.read_all(door);
            self.read_marks(door);
        }
    }

    fn read_all(&mut self, door: Door) {
        for (room, name) in self.rooms.iter().zip(&self.room_names) {
            let head = room.log.len() as u32;
            let base = Line { door: Some(door), call: Some(self.runs), room: Some(name.clone()), ..self.line(Op::Log, Phase::Event) };
            for (rev, entry) in (1..).zip(&room.log) {
                let mut line = Line { seq: Some(rev), rev: Some(rev), user: Some(self.users[entry.author].clone()), ..base.clone() };
                (line.client_id, line.hash) = (Some(entry.client_id.clone()), Some(entry.hash.clone()));
                self.out.push(line);
            }
            self.out.push(Line { phase: Phase::Ok, seq: Some(head), rev: Some(head), ..base });
        }
    }

    fn read_marks(&mut self, door: Door) {
        for (room, name) in self.rooms.iter().zip(&self.room_names) {
            for (user, (read, delivered)) in &room.marks {
                let mut line = Line { door: Some(door), room: Some(name.clone()), ..self.line(Op::Receipt, Phase::Event) };
                (line.user, line.read_seq, line.delivered_seq) = (Some(self.users[*user].clone()), Some(*read), Some(*delivered));
                self.out.push(line);
            }
        }
    }
}
