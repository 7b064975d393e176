//! The server of the model: commits, deliveries, kills.

use super::{
    super::record::{Door, Line, Op, Phase, State, Via, close},
    Act, Ask, Entry, Link, MS, World,
};
use std::collections::BTreeMap;

impl World {
    pub(super) fn kill(&mut self) {
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

    pub(super) fn ready(&mut self) {
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

    pub(super) fn open(&mut self, client: usize) {
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

    pub(super) fn commit(&mut self, client: usize, session: &str, call: u32) {
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
}
