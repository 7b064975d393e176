//! The history checker's verdict on a run.

use super::{
    book::Book,
    history::{
        check::{self, Config},
        load::History,
        record::{Door, Line, Op, Phase},
        report,
    },
};
use crate::db::append::memory::Tables;

/// A final reading of everything that is stored.
pub fn read_out(tables: &Tables, book: &mut Book) {
    let number = |n: i64| u32::try_from(n).ok();
    for (room, head) in &tables.rooms {
        let room = room.to_string();
        let line = |book: &mut Book, op, phase| Line { room: Some(room.clone()), door: Some(Door::Db), ..book.line(op, phase) };
        for message in tables.messages.range((head.id, 0)..=(head.id, i64::MAX)).map(|(_, message)| message) {
            let mut entry = line(book, Op::Log, Phase::Event);
            (entry.seq, entry.rev) = (number(message.seq), number(message.rev));
            (entry.user, entry.client_id) = (Some(message.author.to_string()), message.client_id.map(|id| id.to_string()));
            entry.hash = Some(book.hash(&message.body));
            book.push(entry);
        }
        let end = Line { seq: number(head.last_seq), rev: number(head.rev), ..line(book, Op::Log, Phase::Ok) };
        book.push(end);
        for ((_, user), seat) in tables.seats.range((head.id, [0; 16].into())..=(head.id, [0xff; 16].into())) {
            let (read_seq, delivered_seq) = (number(seat.read_seq), number(seat.delivered_seq));
            let mark = Line { user: Some(user.to_string()), read_seq, delivered_seq, ..line(book, Op::Receipt, Phase::Event) };
            book.push(mark);
        }
    }
}

/// The checks of the promise; an error is the checker's report. Virtual time says nothing about how long an answer took.
pub fn judge(book: &Book) -> Result<(), String> {
    let history = History::from_lines(&book.lines);
    let never = u64::MAX / 4;
    let config = Config {
        answer: never,
        answer_in_fault: never,
        removal: never,
        recovery: 0,
        available: 0.0,
        void_below: 0.0,
        faults_wanted: false,
    };
    let outcome = check::run(&history, &config);
    if outcome.green() && outcome.void.is_empty() { Ok(()) } else { Err(report::text(&history, &outcome, "as below")) }
}
