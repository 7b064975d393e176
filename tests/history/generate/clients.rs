//! The clients of the model: what each asks, holds and asks again.

use super::{
    super::record::{Line, Op, Phase, Via, hash},
    Act, Ask, World,
};

impl World {
    pub(super) fn asked(&self, client: usize, call: u32, ask: &Ask, phase: Phase) -> Line {
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

    pub(super) fn step(&mut self, client: usize) {
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

    pub(super) fn deliver(&mut self, client: usize, session: &str, lines: Vec<Line>) {
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
}
