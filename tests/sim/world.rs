//! The whole: clients, a node that may crash, a store, and a scheduler that picks by a seed what happens next.

mod clients;
mod faults;

use super::{
    Sabotage, Seen,
    book::{Book, Told},
    client::{Client, Sending},
    history::{
        generate::Random,
        record::{Line, Op, Phase},
    },
    node::{Clock, Node, Part},
    plan::Plan,
    store::{self, Store},
};
use crate::{
    actors::chat_server::Now,
    db::append::memory::Spoil,
    domain::{Millis, PresenceState},
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
            (Step::Read(key), Some(node)) => node.read(key, store, down, book),
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
