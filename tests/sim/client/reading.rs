//! What a client reads: each frame is written down, and held.

use super::{
    super::{
        book::Book,
        history::record::{Line, Op, Phase, Via},
    },
    Ask, Client, Held, News, View,
    frames::{Answer, Failure, Frame, Greeted, parse, whole},
    number,
};
use crate::{
    db::append::memory::Tables,
    domain::{Message, Room, RoomId},
};
use std::collections::btree_map::Entry;

impl Client {
    /// Takes at most so many bytes from its connection. With `deaf` it does not hear `resync`.
    pub fn read(&mut self, most: usize, deaf: bool, book: &mut Book, stored: &Tables) -> Result<Vec<News>, String> {
        let mut news = Vec::new();
        let Some(link) = &mut self.link else { return Ok(news) };
        let bytes = link.pipe.take(most);
        book.seen(&bytes);
        link.buffer.extend_from_slice(&bytes);
        while let Some(link) = &mut self.link {
            let Some((first, start, end)) = whole(&link.buffer) else { break };
            let frame: Vec<u8> = link.buffer.drain(..end).skip(start).collect();
            match first {
                0x81 => self.frame(&frame, deaf, book, stored, &mut news)?,
                0x89 => link.pipe.pong.set(true),
                0x88 => {
                    news.push(News::Closed(u16::from_be_bytes([frame[0], frame[1]])));
                    break;
                }
                other => return Err(format!("a frame that begins with {other:#x}")),
            }
        }
        Ok(news)
    }

    fn frame(&mut self, json: &[u8], deaf: bool, book: &mut Book, stored: &Tables, news: &mut Vec<News>) -> Result<(), String> {
        let frame: Frame<'_> = parse(json)?;
        let Some(event) = frame.event else { return self.answer(&frame, json, book, stored, news) };
        if event == "room_added" {
            let room: Room = parse(frame.room.ok_or("no room")?.get().as_bytes())?;
            return self.added(&room, book);
        }
        let room: Option<RoomId> = frame.room.and_then(|room| serde_json::from_str(room.get()).ok());
        let Some(room) = room else { return Ok(()) };
        let link = self.link.as_mut().ok_or("no connection")?;
        let Some(view) = link.rooms.get_mut(&room) else {
            return Err(format!("{} is told of a room that it is not in: {}", link.name, String::from_utf8_lossy(json)));
        };
        match event {
            "message" => self.message(parse(json)?, None, book, stored),
            "sync" => {
                let (messages, rev) = (frame.messages.unwrap_or_default(), frame.rev.ok_or("no rev")?);
                self.synced(room, None, messages, (rev, frame.more == Some(true)), book, stored)
            }
            "resync" if deaf => Ok(()),
            "resync" => {
                (view.behind, view.promised) = (true, false);
                let after_rev = number(frame.after_rev.ok_or("no after_rev")?);
                let line = Line { after_rev, ..self.in_room(book, Op::Resync, Phase::Event, room) };
                book.push(line);
                news.push(News::Resync);
                Ok(())
            }
            "room_removed" => {
                link.rooms.remove(&room);
                self.held.remove(&room);
                let line = self.in_room(book, Op::RoomRemoved, Phase::Event, room);
                book.push(line);
                Ok(())
            }
            "receipt" => {
                let (read_seq, delivered_seq) = (frame.read_seq.and_then(number), frame.delivered_seq.and_then(number));
                let user = frame.user.map(|user| user.to_string());
                let line = Line { user, read_seq, delivered_seq, ..self.in_room(book, Op::Receipt, Phase::Event, room) };
                book.push(line);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn added(&mut self, room: &Room, book: &mut Book) -> Result<(), String> {
        let link = self.link.as_mut().ok_or("no connection")?;
        match link.rooms.entry(room.id) {
            Entry::Occupied(_) => return Err(format!("{} is added to a room that it is in: {room:?}", link.name)),
            Entry::Vacant(vacant) => drop(vacant.insert(View::default())),
        }
        self.held.insert(room.id, Held { after: room.rev, rev: room.rev, last_seq: room.last_seq });
        let line = Line { rev: number(room.rev), ..self.in_room(book, Op::RoomAdded, Phase::Event, room.id) };
        book.push(line);
        Ok(())
    }

    /// A message, live or in a `sync`.
    fn message(&mut self, message: Message, via: Option<Via>, book: &mut Book, stored: &Tables) -> Result<(), String> {
        if !book.lenient && stored.messages.get(&(message.room, message.seq)) != Some(&message) {
            return Err(format!("{} sees what is not stored: {message:?}", self.name));
        }
        let held = self.held.get_mut(&message.room).ok_or("a message of a room that is not held")?;
        let repeat = via.is_some() && message.rev <= held.rev;
        if via.is_none() {
            held.rev = held.rev.max(message.rev);
        }
        held.last_seq = held.last_seq.max(message.seq);
        let mut line = self.in_room(book, Op::Message, Phase::Event, message.room);
        line.user = Some(message.author.to_string());
        line.client_id = message.client_id.map(|id| id.to_string());
        line.hash = Some(book.hash(&message.body));
        (line.seq, line.rev) = (number(message.seq), number(message.rev));
        (line.via, line.repeat) = (via, repeat.then_some(true));
        book.push(line);
        Ok(())
    }

    fn synced(
        &mut self,
        room: RoomId,
        asked: Option<(i64, i64)>,
        messages: Vec<Message>,
        (rev, more): (i64, bool),
        book: &mut Book,
        stored: &Tables,
    ) -> Result<(), String> {
        for message in messages {
            self.message(message, Some(Via::Sync), book, stored)?;
        }
        let phase = if asked.is_some() { Phase::Ok } else { Phase::Event };
        let (call, after_rev) = (asked.and_then(|(call, _)| number(call)), asked.and_then(|(_, after)| number(after)));
        let line = Line { call, after_rev, rev: number(rev), more: Some(more), ..self.in_room(book, Op::Sync, phase, room) };
        book.push(line);
        if let Some(view) = self.link.as_mut().and_then(|link| link.rooms.get_mut(&room)) {
            *view = View { behind: more, promised: false };
        }
        if let Some(held) = self.held.get_mut(&room) {
            held.rev = held.rev.max(rev);
        }
        Ok(())
    }

    fn answer(&mut self, frame: &Frame<'_>, json: &[u8], book: &mut Book, stored: &Tables, news: &mut Vec<News>) -> Result<(), String> {
        let link = self.link.as_mut().ok_or("no connection")?;
        let asked = frame.id.and_then(|id| link.asked.remove_entry(&id));
        let (call, ask) = asked.ok_or_else(|| format!("an answer to nothing: {}", String::from_utf8_lossy(json)))?;
        if let Some(Failure { code }) = &frame.error {
            self.refused(call, ask, code, book, news);
            return Ok(());
        }
        let ok = frame.ok.ok_or("neither ok nor error")?.get().as_bytes();
        if let Ask::Hello { cursors } = ask {
            let Greeted { rooms } = parse(ok)?;
            let line = self.asked(book, call, &Ask::Hello { cursors: Vec::new() }, Phase::Ok);
            book.push(line);
            return self.greeted(&rooms, &cursors, book);
        }
        let answer: Answer = parse(ok)?;
        if let Ask::Sync { room, after_rev } = ask {
            let reached = (answer.rev.ok_or("no rev")?, answer.more == Some(true));
            return self.synced(room, Some((call, after_rev)), answer.messages.unwrap_or_default(), reached, book, stored);
        }
        let mut line = self.asked(book, call, &ask, Phase::Ok);
        line.seq = answer.seq.and_then(number).or(line.seq);
        (line.rev, line.duplicate) = (answer.rev.and_then(number), answer.duplicate);
        (line.read_seq, line.delivered_seq) = (answer.read_seq.and_then(number), answer.delivered_seq.and_then(number));
        if let (Ask::Send(sending), Some(rev)) = (&ask, answer.rev)
            && answer.duplicate != Some(true)
        {
            // A `sync` may have brought it while its answer was held back.
            line.repeat = self.held.get(&sending.room).is_some_and(|held| rev <= held.rev).then_some(true);
        }
        book.push(line);
        if let (Ask::Send(sending), Some(rev)) = (&ask, answer.rev) {
            if answer.duplicate == Some(true) {
                news.push(News::Duplicate);
            } else {
                self.sent(sending.room, rev);
            }
        }
        Ok(())
    }

    /// The own message has its place in the order, if the room is live. With a `sync` asked for, its answer may bring what came before.
    fn sent(&mut self, room: RoomId, rev: i64) {
        let Some(link) = &self.link else { return };
        let Some(view) = link.rooms.get(&room) else { return };
        if let Some(held) = self.held.get_mut(&room)
            && !view.behind
            && (!link.is_syncing(room) || rev == held.rev + 1)
        {
            held.rev = held.rev.max(rev);
        }
    }

    fn refused(&mut self, call: i64, ask: Ask, code: &str, book: &mut Book, news: &mut Vec<News>) {
        let unknown = matches!(code, "unavailable" | "internal");
        let phase = if unknown { Phase::Info } else { Phase::Fail };
        let line = Line { code: Some(code.to_owned()), ..self.asked(book, call, &ask, phase) };
        book.push(line);
        news.push(News::Refused(code.to_owned()));
        match ask {
            // What was refused for being too fast is sent again, too.
            Ask::Send(sending) if unknown || code == "rate_limited" => news.push(News::Unsettled(sending)),
            _ => {}
        }
    }

    fn greeted(&mut self, rooms: &[Room], cursors: &[(RoomId, i64)], book: &mut Book) -> Result<(), String> {
        let before = std::mem::take(&mut self.held);
        let link = self.link.as_mut().ok_or("no connection")?;
        link.open = true;
        for room in rooms {
            let cursor = cursors.iter().find(|(id, _)| *id == room.id).map(|(_, rev)| *rev);
            let behind = cursor.is_some_and(|cursor| cursor != room.rev);
            link.rooms.insert(room.id, View { behind, promised: behind });
            let fresh = Held { after: room.rev, rev: room.rev, last_seq: room.last_seq };
            self.held.insert(room.id, before.get(&room.id).copied().unwrap_or(fresh));
        }
        for room in rooms {
            let cursor = cursors.iter().find(|(id, _)| *id == room.id).and_then(|(_, rev)| number(*rev));
            let line = Line { rev: number(room.rev), after_rev: cursor, ..self.in_room(book, Op::Hello, Phase::Event, room.id) };
            book.push(line);
        }
        Ok(())
    }
}
