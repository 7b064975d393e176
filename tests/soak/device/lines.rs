//! The lines that a device writes.

use super::{Ask, Device};
use crate::history::record::{Line, Op, Phase, hash};

impl Device {
    pub(super) fn line(&self, op: Op, phase: Phase) -> Line {
        let mut line = self.shared.recorder.line(op, phase);
        line.client = Some(self.name.clone());
        line.session = Some(self.session.clone());
        line.node = Some(format!("n{}", self.shared.run.get()));
        line
    }

    pub(super) fn in_room(&self, room: &str, op: Op, phase: Phase) -> Line {
        Line { room: Some(room.to_owned()), ..self.line(op, phase) }
    }

    pub(super) fn write(&self, line: &Line) {
        self.shared.recorder.write(line).unwrap();
    }

    /// Of something asked: all that each of its lines has.
    pub(super) fn asked(&self, call: u32, ask: &Ask, phase: Phase) -> Line {
        let mut line = match ask {
            Ask::Send { room, client_id, body } => {
                Line { client_id: Some(client_id.clone()), hash: Some(hash(body)), ..self.in_room(room, Op::Send, phase) }
            }
            Ask::Sync { room, after } => Line { after_rev: Some(*after), ..self.in_room(room, Op::Sync, phase) },
            Ask::History { room } => self.in_room(room, Op::History, phase),
            Ask::Mark { room, op, seq } => Line { seq: Some(*seq).filter(|_| phase == Phase::Invoke), ..self.in_room(room, *op, phase) },
            Ask::Move { room, op } => self.in_room(room, *op, phase),
            Ask::Presence { .. } => self.line(Op::Presence, phase),
            Ask::Ping => self.line(Op::Ping, phase),
        };
        (line.user, line.call) = (Some(self.user.id.clone()), Some(call));
        line
    }
}
