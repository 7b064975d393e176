//! The end of a history: what is held, and what each door reads.

use super::{
    super::record::{Door, Line, Op, Phase, close},
    MS, World,
};

impl World {
    pub(super) fn end(&mut self) {
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

    pub(super) fn read_all(&mut self, door: Door) {
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
