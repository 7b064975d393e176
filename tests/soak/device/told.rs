//! What a device is told: answers and events, written down and held.

use super::{Ack, Ask, Device, Link, is_unknown, number, text};
use crate::{
    history::record::{Line, Op, Phase, State, Via, hash},
    view::View,
};
use serde_json::Value;

impl Device {
    pub(super) fn take(&mut self, link: &mut Link, frame: &Value) {
        if frame.get("event").is_some() {
            return self.event(link, frame);
        }
        let Some((id, call)) = frame["id"].as_u64().and_then(|id| link.calls.remove_entry(&(id as u32))) else { return };
        match frame["error"]["code"].as_str() {
            None => self.answered(id, call.ask, &frame["ok"]),
            Some(code) => self.refused(id, call.ask, code),
        }
    }

    fn refused(&mut self, id: u32, ask: Ask, code: &str) {
        let phase = if is_unknown(code) { Phase::Info } else { Phase::Fail };
        self.write(&Line { code: Some(code.to_owned()), ..self.asked(id, &ask, phase) });
        match ask {
            Ask::Send { .. } if phase == Phase::Info => self.again.push_back(ask),
            Ask::Sync { room, .. } => {
                if let Some(view) = self.views.get_mut(&room) {
                    view.fetching = false;
                }
            }
            _ => {}
        }
    }

    fn answered(&mut self, id: u32, ask: Ask, ok: &Value) {
        let mut line = self.asked(id, &ask, Phase::Ok);
        match &ask {
            Ask::Send { room, client_id, .. } => {
                let (seq, rev, duplicate) = (number(&ok["seq"]), number(&ok["rev"]), ok["duplicate"] == true);
                (line.seq, line.rev, line.duplicate) = (Some(seq), Some(rev), Some(duplicate));
                if let Some(view) = self.views.get_mut(room) {
                    line.repeat = (!duplicate && view.sent(rev)).then_some(true);
                    view.has_read(seq);
                }
                self.write(&line);
                self.shared.acked.set(self.shared.acked.get() + 1);
                self.shared.acks.borrow_mut().push(Ack { room: room.clone(), seq, client_id: client_id.clone() });
                self.last = Some(ask);
            }
            Ask::Sync { room, .. } => {
                self.page(room, ok, line);
                if let Some(view) = self.views.get_mut(room) {
                    view.fetching = false;
                }
            }
            Ask::History { room } => {
                for message in ok["messages"].as_array().into_iter().flatten() {
                    self.write(&self.message(room, message, Some(Via::History), false));
                }
                let last = ok["messages"].as_array().and_then(|messages| messages.last()).map_or(0, |message| number(&message["seq"]));
                let t = self.shared.recorder.now();
                self.write(&Line { t, seq: Some(last), more: Some(ok["has_after"] == true), ..line });
            }
            Ask::Mark { room, op: Op::Read, .. } => {
                let read = number(&ok["read_seq"]);
                self.write(&Line { read_seq: Some(read), ..line });
                if let Some(view) = self.views.get_mut(room) {
                    view.has_read(read);
                }
            }
            Ask::Mark { .. } => self.write(&Line { delivered_seq: Some(number(&ok["delivered_seq"])), ..line }),
            Ask::Presence { .. } => {
                self.write(&line);
                ok["presence"].as_array().into_iter().flatten().for_each(|one| self.presence(one));
            }
            Ask::Move { .. } | Ask::Ping => self.write(&line),
        }
    }

    fn message(&self, room: &str, message: &Value, via: Option<Via>, repeat: bool) -> Line {
        let mut line = self.in_room(room, Op::Message, Phase::Event);
        (line.seq, line.rev, line.via) = (Some(number(&message["seq"])), Some(number(&message["rev"])), via);
        (line.user, line.client_id) = (Some(text(&message["author"])), message["client_id"].as_str().map(str::to_owned));
        line.hash = Some(hash(message["body"].as_str().unwrap_or_default()));
        line.repeat = repeat.then_some(true);
        line
    }

    /// A `sync`, as an answer or as an event: its messages, then its end.
    fn page(&mut self, room: &str, page: &Value, end: Line) {
        let held = self.views.get(room).map_or(0, |view| view.rev);
        for message in page["messages"].as_array().into_iter().flatten() {
            self.write(&self.message(room, message, Some(Via::Sync), number(&message["rev"]) <= held));
            self.own_is_read(room, message);
        }
        let (rev, more) = (number(&page["rev"]), page["more"] == true);
        self.write(&Line { t: self.shared.recorder.now(), rev: Some(rev), more: Some(more), ..end });
        if let Some(view) = self.views.get_mut(room) {
            view.synced(rev, more);
        }
    }

    /// Who writes has read: from another window, too.
    fn own_is_read(&mut self, room: &str, message: &Value) {
        if message["author"] == *self.user.id
            && let Some(view) = self.views.get_mut(room)
        {
            view.has_read(number(&message["seq"]));
        }
    }

    fn presence(&self, told: &Value) {
        let state: Option<State> = serde_json::from_value(told["state"].clone()).ok();
        self.write(&Line { user: Some(text(&told["user"])), state, ..self.line(Op::Presence, Phase::Event) });
    }

    fn event(&mut self, link: &Link, event: &Value) {
        let room = event["room"].as_str().unwrap_or_default().to_owned();
        match event["event"].as_str().unwrap_or_default() {
            "message" => {
                let repeat = self.views.get_mut(&room).is_some_and(|view| view.told(number(&event["rev"])));
                self.write(&self.message(&room, event, None, repeat));
                self.own_is_read(&room, event);
            }
            "sync" => {
                self.page(&room, event, self.in_room(&room, Op::Sync, Phase::Event));
                self.views.entry(room).and_modify(|view| view.fetching = false);
            }
            "resync" => {
                self.shared.resyncs.set(self.shared.resyncs.get() + 1);
                self.write(&Line { after_rev: Some(number(&event["after_rev"])), ..self.in_room(&room, Op::Resync, Phase::Event) });
                // A sync that is asked for is asked for once: its answer brings what is missing, or it fails and is asked for again.
                let asked = link.calls.values().any(|call| matches!(&call.ask, Ask::Sync { room: of, .. } if *of == room));
                self.views.entry(room).and_modify(|view| (view.live, view.fetching) = (false, asked));
            }
            "receipt" => self.receipt(&room, event),
            "presence" => self.presence(event),
            "typing" => self.write(&self.in_room(&room, Op::Typing, Phase::Event)),
            "room_added" => {
                let room = &event["room"];
                let (id, rev) = (text(&room["id"]), number(&room["rev"]));
                self.write(&Line { rev: Some(rev), ..self.in_room(&id, Op::RoomAdded, Phase::Event) });
                self.views.insert(id, View::entered(rev, number(&room["read_seq"])));
            }
            "room_removed" => {
                self.write(&self.in_room(&room, Op::RoomRemoved, Phase::Event));
                self.views.remove(&room);
            }
            _ => {}
        }
    }

    fn receipt(&mut self, room: &str, event: &Value) {
        let mark = |name: &str| event[name].as_u64().map(|mark| mark as u32);
        let mut line = self.in_room(room, Op::Receipt, Phase::Event);
        (line.read_seq, line.delivered_seq) = (mark("read_seq"), mark("delivered_seq"));
        line.user = Some(text(&event["user"]));
        self.write(&line);
        if event["user"] == *self.user.id
            && let (Some(view), Some(read)) = (self.views.get_mut(room), mark("read_seq"))
        {
            view.has_read(read);
        }
    }
}
