//! The whole: clients, a node that may crash, a store, and a scheduler that picks by a seed what happens next.

use super::{
    Sabotage, Seen,
    book::{Book, Told},
    client::{Ask, Client, News, Sending},
    history::{
        generate::Random,
        record::{Line, Op, Phase},
    },
    node::{Clock, Node, Part},
    pipe::Pipe,
    plan::Plan,
    store::{self, Store},
};
use crate::{
    actors::chat_server::Now,
    db::append::memory::Spoil,
    domain::{ClientId, Millis, PresenceState, RoomId, SessionId},
};
use std::collections::BTreeMap;

/// Steps after which a run that was left alone must have come to rest.
const PATIENCE: usize = 50_000;

/// What may happen next.
#[derive(Clone, Copy, Debug)]
enum Step {
    Deliver(Part, Part),
    Read(u32),
    Write(u32),
    End(u32),
    Begin(usize),
    Commit(usize),
    Look(usize),
    Tell(usize),
    Tick(Clock),
    Receive(usize),
    Act,
    Hurt,
    Restart,
}

pub struct World {
    plan: Plan,
    random: Random,
    pub book: Book,
    store: Store,
    node: Option<Node>,
    clients: Vec<Client>,
    /// Of unknown outcome: whose, and where they may be sent again from any window of theirs.
    unsettled: Vec<(usize, Sending)>,
    /// What is due when, and how often.
    clocks: Vec<(Clock, u64, u64)>,
    /// Added to the monotonic time: the wall clock may jump.
    wall: i64,
    down_until: u64,
    sent: u64,
    acts: usize,
    crashes: usize,
    calm: bool,
    pub seen: Seen,
}

impl World {
    pub fn new(seed: u64, sabotage: Option<Sabotage>, told: Told) -> Self {
        let mut random = Random::new(seed ^ 0x5eed_0000_0000_0000);
        let plan = Plan::new(&mut random, sabotage);
        let spoil = Spoil {
            forget_sent: sabotage == Some(Sabotage::StoreTwice),
            heads: (sabotage == Some(Sabotage::NumbersFromMemory)).then(BTreeMap::new),
        };
        let mut store = Store::new(store::beginning(plan.users, plan.rooms), spoil);
        store.never_synced = sabotage == Some(Sabotage::ReplyBeforeSync);
        let client = |at: usize| Client::new(format!("c{at}"), super::user(at % plan.users).id);
        let mut world = Self {
            clients: (0..plan.users * plan.windows).map(client).collect(),
            book: Book::new(sabotage.is_some(), told),
            acts: plan.acts,
            crashes: plan.crashes,
            plan,
            random,
            store,
            node: None,
            unsettled: Vec::new(),
            clocks: Vec::new(),
            wall: 1_700_000_000_000,
            down_until: 0,
            sent: 0,
            calm: false,
            seen: Seen::default(),
        };
        world.book.step(format_args!("{:?}", world.plan));
        for (room, user) in world.store.tables.seats.keys() {
            let line = world.book.line(Op::Member, Phase::Event);
            world.book.lines.push(Line { room: Some(room.to_string()), user: Some(user.to_string()), ..line });
        }
        world.restart();
        world
    }

    fn now(&self) -> Now {
        Now { ms: self.book.now as u32, wall: Millis(self.wall + self.book.now as i64) }
    }

    /// From the beginning until all is quiet.
    pub fn run(&mut self) -> Result<(), String> {
        while self.acts > 0 {
            self.step()?;
        }
        self.calm = true;
        self.down_until = 0;
        let mut rests = 0;
        for _ in 0..PATIENCE {
            rests = if self.is_settled() { rests + 1 } else { 0 };
            // What memory doubts it asks about within a second, and then once more is all quiet.
            match (rests, &mut self.node) {
                (2.., _) => return self.finish(),
                (1, Some(node)) => {
                    self.book.now += 1_000;
                    node.on_clock(Clock::Settle, Now { ms: self.book.now as u32, wall: Millis(0) });
                }
                _ => self.step()?,
            }
        }
        Err(format!("no rest after {PATIENCE} steps: {:?}", self.steps()))
    }

    fn is_settled(&self) -> bool {
        let quiet = self.node.as_ref().is_some_and(|node| {
            node.is_quiet() && node.sessions.keys().all(|key| !node.is_over(*key) && !node.may_write(*key) && !node.may_read(*key))
        });
        let read = self.clients.iter().all(|client| {
            client.is_settled() && client.link.as_ref().is_some_and(|link| link.pipe.len() == 0 && !link.pipe.node_gone.get())
        });
        quiet && read && self.unsettled.is_empty()
    }

    fn step(&mut self) -> Result<(), String> {
        let steps = self.steps();
        self.seen.steps += 1;
        if steps.is_empty() {
            // Nothing but time can pass: up to the next thing that the clock does.
            let next = self.clocks.iter().map(|(_, due, _)| *due).min().unwrap_or(0);
            self.book.now = next.max(self.book.now + 1);
            return Ok(());
        }
        let at = self.random.below(steps.len());
        let step = steps[at];
        self.book.chosen(at, steps.len());
        self.book.now += self.random.below(self.plan.pace) as u64;
        self.perform(step)?;
        self.watch()
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::with_capacity(64);
        if let Some(node) = &self.node {
            steps.extend(node.mail.keys().map(|(from, to)| Step::Deliver(*from, *to)));
            for key in node.sessions.keys() {
                // That its client has gone a session finds out sooner or later.
                if node.is_over(*key) {
                    steps.push(Step::End(*key));
                } else if node.may_write(*key) {
                    steps.push(Step::Write(*key));
                }
                if node.may_read(*key) {
                    steps.push(Step::Read(*key));
                }
            }
            for (lane, writer) in node.writers.iter().enumerate() {
                if writer.is_committing() {
                    steps.push(Step::Commit(lane));
                } else if !writer.queue.is_empty() {
                    steps.push(Step::Begin(lane));
                }
            }
            for (reader, found) in node.found.iter().enumerate() {
                match found {
                    Some(_) => steps.push(Step::Tell(reader)),
                    None if !node.jobs.is_empty() => steps.push(Step::Look(reader)),
                    None => {}
                }
            }
            steps.extend(self.clocks.iter().filter(|(_, due, _)| *due <= self.book.now).map(|(clock, ..)| Step::Tick(*clock)));
        } else {
            steps.push(Step::Restart);
        }
        for (at, client) in self.clients.iter().enumerate() {
            if client.link.as_ref().is_some_and(|link| (link.reads || self.calm) && (link.pipe.len() > 0 || link.pipe.node_gone.get())) {
                steps.push(Step::Receive(at));
            }
        }
        if !self.calm {
            steps.extend([Step::Act; 3]);
            steps.push(Step::Hurt);
        } else if self.clients.iter().any(|client| self.wish(client).is_some()) || !self.unsettled.is_empty() {
            steps.push(Step::Act);
        }
        steps
    }

    fn perform(&mut self, step: Step) -> Result<(), String> {
        let now = self.now();
        let down = self.book.now < self.down_until;
        let Self { node, store, random, plan, book, seen, .. } = self;
        match (step, node) {
            (Step::Restart, _) => self.restart(),
            (Step::Act, _) => self.act(),
            (Step::Hurt, _) => return self.hurt(),
            (Step::Receive(at), _) => return self.receive(at),
            (Step::Tick(clock), Some(node)) => {
                node.on_clock(clock, now);
                for (_, due, period) in self.clocks.iter_mut().filter(|(known, ..)| *known == clock) {
                    *due = book.now + *period;
                }
            }
            (Step::Deliver(from, to), Some(node)) => node.deliver(from, to, now, book),
            (Step::Read(key), Some(node)) => node.read(key, book),
            (Step::Write(key), Some(node)) => {
                book.step(format_args!("session {key} writes"));
                node.write(key);
            }
            (Step::End(key), Some(node)) => {
                book.step(format_args!("session {key} ends"));
                node.end(key);
            }
            (Step::Begin(lane), Some(node)) => node.begin(lane, store, now.wall, book),
            (Step::Commit(lane), Some(node)) => {
                let mut fates = || {
                    let fate = plan.fate(random, down);
                    seen.fate(fate);
                    fate
                };
                return node.end_commit(lane, store, now.wall, &mut fates, book);
            }
            (Step::Look(reader), Some(node)) => node.look(reader, store, down, book),
            (Step::Tell(reader), Some(node)) => {
                book.step(format_args!("reader {reader} tells"));
                node.tell(reader);
            }
            (_, None) => {}
        }
        Ok(())
    }

    /// What must hold at each step.
    fn watch(&mut self) -> Result<(), String> {
        let Some(node) = &self.node else { return Ok(()) };
        if node.lanes.waiting() > node.sizes.journal {
            return Err(format!("{} messages wait in a lane, and {} are allowed", node.lanes.waiting(), node.sizes.journal));
        }
        for session in node.sessions.values() {
            let unsent = session.connection.unsent();
            // What must not be left out may wait up to four times the bound, and one frame, however large, waits alone.
            let most = 4 * node.sizes.outbox.max(2_048);
            self.seen.unsent = self.seen.unsent.max(unsent);
            if unsent > most {
                return Err(format!("{unsent} bytes wait for {:?}, and {most} are allowed", session.conn));
            }
        }
        Ok(())
    }

    // --- clients -----------------------------------------------------------------------------------------------------------------

    /// What a client does of its own accord.
    fn wish(&self, client: &Client) -> Option<Ask> {
        match &client.link {
            None => self.node.as_ref().map(|_| Ask::Hello { cursors: Vec::new() }),
            Some(_) => client.behind().map(|room| Ask::Sync { room, after_rev: client.held.get(&room).map_or(0, |held| held.rev) }),
        }
    }

    fn act(&mut self) {
        let at = self.random.below(self.clients.len());
        match self.wish(&self.clients[at]) {
            Some(Ask::Hello { .. }) => return self.connect(at),
            Some(sync) if self.calm || self.random.one_in(2) => return self.ask(at, sync),
            _ => {}
        }
        if !self.clients[at].link.as_ref().is_some_and(|link| link.open) {
            return;
        }
        if self.try_again(at) || self.calm {
            return;
        }
        self.acts -= 1;
        match self.random.below(100) {
            0..45 => self.send(at),
            45..62 => self.mark(at),
            62..68 => self.move_about(at),
            68..72 => {
                let sync = self.some_room(at).map(|room| Ask::Sync { room, after_rev: self.clients[at].held[&room].rev });
                sync.into_iter().for_each(|sync| self.ask(at, sync));
            }
            72..76 => self.some_room(at).into_iter().for_each(|room| self.ask(at, Ask::Typing(room))),
            76..80 => {
                let state = if self.random.one_in(2) { PresenceState::Away } else { PresenceState::Online };
                self.ask(at, Ask::Presence(state));
            }
            80..90 => {
                let link = self.clients[at].link.as_mut();
                link.into_iter().for_each(|link| link.reads = !link.reads);
            }
            _ => self.cut(at),
        }
    }

    fn some_room(&mut self, at: usize) -> Option<RoomId> {
        let rooms: Vec<RoomId> = self.clients[at].link.as_ref()?.rooms.keys().copied().collect();
        (!rooms.is_empty()).then(|| rooms[self.random.below(rooms.len())])
    }

    fn ask(&mut self, at: usize, ask: Ask) {
        self.book.step(format_args!("{} asks {ask:?}", self.clients[at].name));
        self.clients[at].ask(ask, &mut self.book);
    }

    fn connect(&mut self, at: usize) {
        let Some(node) = &mut self.node else { return };
        let worker = self.random.below(node.sizes.workers);
        let pipe = Pipe::new(self.plan.pipe);
        let n = at % self.plan.users;
        let mut user = super::user(n);
        user.last_seen = self.store.tables.users[&user.id].last_seen;
        let key = node.open(worker, pipe.clone(), user, SessionId::from([at as u8 + 1; 16]));
        self.book.step(format_args!("{} connects as session {key} to worker {worker}", self.clients[at].name));
        self.clients[at].connect(pipe, &mut self.book);
    }

    /// Sends something of unknown outcome again, from any window of its author that is in the room.
    fn try_again(&mut self, at: usize) -> bool {
        let user = at % self.plan.users;
        let Some(found) = self.unsettled.iter().position(|(of, _)| *of == user) else { return false };
        if !self.calm && !self.random.one_in(2) {
            return false;
        }
        let (_, sending) = self.unsettled.swap_remove(found);
        self.seen.retries += 1;
        self.ask(at, Ask::Send(sending));
        true
    }

    fn send(&mut self, at: usize) {
        let Some(room) = self.some_room(at) else { return };
        self.sent += 1;
        let mut id = [0; 16];
        id[8..].copy_from_slice(&self.sent.to_be_bytes());
        let named = if self.random.one_in(4) { vec![super::user(self.random.below(self.plan.users)).username] } else { Vec::new() };
        let filling = if self.random.one_in(6) { self.random.below(400) } else { 0 };
        let body = format!("m{} {}", self.sent, "x".repeat(filling));
        self.ask(at, Ask::Send(Sending { room, client_id: ClientId::from(id), body, named }));
    }

    fn mark(&mut self, at: usize) {
        let Some(room) = self.some_room(at) else { return };
        let last = self.clients[at].held[&room].last_seq;
        if last > 0 {
            let seq = 1 + self.random.below(last as usize) as i64;
            let ask = if self.random.one_in(2) { Ask::Read { room, seq } } else { Ask::Delivered { room, seq } };
            self.ask(at, ask);
        }
    }

    fn move_about(&mut self, at: usize) {
        let room = super::room(self.random.below(self.plan.rooms));
        let leave = self.clients[at].held.contains_key(&room) && self.random.one_in(2);
        self.ask(at, if leave { Ask::Leave(room) } else { Ask::Join(room) });
    }

    fn cut(&mut self, at: usize) {
        self.book.step(format_args!("{} is cut off", self.clients[at].name));
        self.seen.cuts += 1;
        self.lose(at);
    }

    fn lose(&mut self, at: usize) {
        let user = at % self.plan.users;
        let again = self.clients[at].disconnect(&mut self.book);
        self.unsettled.extend(again.into_iter().map(|sending| (user, sending)));
    }

    fn receive(&mut self, at: usize) -> Result<(), String> {
        let user = at % self.plan.users;
        let link = self.clients[at].link.as_ref().ok_or("no connection")?;
        if link.pipe.len() == 0 {
            self.book.step(format_args!("{} finds its connection closed", self.clients[at].name));
            self.lose(at);
            return Ok(());
        }
        let most = [64, 4_096][self.random.below(2)];
        let most = 1 + self.random.below(most);
        self.book.step(format_args!("{} reads at most {most} bytes", self.clients[at].name));
        let news = self.clients[at].read(most, self.plan.deaf, &mut self.book, &self.store.tables)?;
        for news in news {
            match news {
                News::Unsettled(sending) => self.unsettled.push((user, sending)),
                News::Duplicate => self.seen.duplicates += 1,
                News::Refused(code) => *self.seen.refusals.entry(code).or_default() += 1,
                News::Resync => self.seen.resyncs += 1,
                News::Closed(code) => {
                    *self.seen.closes.entry(code).or_default() += 1;
                    self.lose(at);
                }
            }
        }
        Ok(())
    }

    // --- faults ------------------------------------------------------------------------------------------------------------------

    fn hurt(&mut self) -> Result<(), String> {
        match self.random.below(1_000) {
            0..20 if self.crashes > 0 && self.node.is_some() => return self.crash(),
            20..26 => {
                let days = [1, -1][self.random.below(2)];
                self.wall += days * 86_400_000;
                self.seen.jumps += 1;
                self.book.step(format_args!("the wall clock jumps by {days} days"));
            }
            26..36 => {
                let pause = [700, 4_000, 40_000, 150_000][self.random.below(4)];
                self.book.now += pause;
                self.seen.pauses += 1;
                self.book.step(format_args!("nothing happens for {pause} ms"));
            }
            36..42 if self.plan.outages => {
                self.down_until = self.book.now + 200;
                self.seen.outages += 1;
                self.book.step(format_args!("the database is gone"));
            }
            _ => {}
        }
        Ok(())
    }

    fn crash(&mut self) -> Result<(), String> {
        let Some(node) = self.node.take() else { return Ok(()) };
        self.crashes -= 1;
        self.seen.crashes += 1;
        self.seen.crashes_in_commit += u64::from(node.writers.iter().any(super::threads::Writer::is_storing));
        let lose = self.random.one_in(2);
        for session in node.sessions.values() {
            session.pipe.node_gone.set(true);
            if lose {
                session.pipe.lose();
            }
        }
        let kept = self.random.below(3);
        let unsynced = self.store.crash(kept)?;
        self.book.step(format_args!("crash: {unsynced} transactions were not synced, at most {kept} of them remain"));
        let line = self.book.line(Op::Kill, Phase::Event);
        self.book.push(line);
        self.seen.forgotten += u64::from(unsynced > kept);
        if self.book.lenient { Ok(()) } else { self.store.check() }
    }

    fn restart(&mut self) {
        let line = self.book.line(Op::Ready, Phase::Event);
        self.book.push(line);
        self.book.step(format_args!("the node starts"));
        let node = Node::new(self.plan.settings(), self.plan.sizes.clone(), self.plan.faulty);
        let workers = (0..node.sizes.workers).map(|worker| (Clock::Courier(worker), 1_000));
        let chat = [
            (Clock::Presence, 200),
            (Clock::Counts, 1_000),
            (Clock::Recheck, 300_000),
            (Clock::Evict, 20_000),
            (Clock::Settle, 1_000),
            (Clock::Journal, 250),
        ];
        let now = self.book.now;
        self.clocks = chat.into_iter().chain(workers).map(|(clock, period)| (clock, now + period, period)).collect();
        self.node = Some(node);
    }

    // --- the end -----------------------------------------------------------------------------------------------------------------

    /// All is quiet: what everybody holds is written down, and what the node believes is compared with the truth.
    fn finish(&mut self) -> Result<(), String> {
        let Self { clients, book, store, node, .. } = self;
        for client in clients.iter() {
            for (room, held) in &client.held {
                let (rev, after_rev) = (u32::try_from(held.rev).ok(), u32::try_from(held.after).ok());
                let line = client.in_room(book, Op::Drained, Phase::Ok, *room);
                book.push(Line { rev, after_rev, ..line });
            }
        }
        super::judge::read_out(&store.tables, book);
        if !book.lenient {
            store.check()?;
        }
        let here: Vec<_> =
            store.tables.users.keys().map(|user| (*user, clients.iter().filter(|client| client.user == *user).count())).collect();
        let Some(node) = node else { return Err("no node at the end".to_owned()) };
        let users: Vec<_> = here.iter().map(|(user, _)| *user).collect();
        let now = Now { ms: book.now as u32, wall: Millis(0) };
        for (known, (user, windows)) in node.state.presence_of(&users, now).into_iter().zip(&here) {
            if known.connections as usize != *windows || known.state == PresenceState::Offline {
                return Err(format!("{known:?}, and {user} has {windows} windows"));
            }
        }
        if node.state.counts() != (clients.len(), users.len()) {
            return Err(format!("{:?} counted, of {} connections and {} users", node.state.counts(), clients.len(), users.len()));
        }
        Ok(())
    }
}
