//! What clients do in the world: they connect, ask, read, are cut off, and ask again.

use super::{
    super::{
        client::{Ask, Client, News, Sending},
        pipe::Pipe,
    },
    World,
};
use crate::domain::{ClientId, PresenceState, RoomId, SessionId};

impl World {
    /// What a client does of its own accord.
    pub(super) fn wish(&self, client: &Client) -> Option<Ask> {
        match &client.link {
            None => self.node.as_ref().map(|_| Ask::Hello { cursors: Vec::new() }),
            Some(_) => client.behind().map(|room| Ask::Sync { room, after_rev: client.held.get(&room).map_or(0, |held| held.rev) }),
        }
    }

    pub(super) fn act(&mut self) {
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
        let mut user = super::super::user(n);
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
        let named = if self.random.one_in(4) { vec![super::super::user(self.random.below(self.plan.users)).username] } else { Vec::new() };
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
        let room = super::super::room(self.random.below(self.plan.rooms));
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

    pub(super) fn receive(&mut self, at: usize) -> Result<(), String> {
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
}
