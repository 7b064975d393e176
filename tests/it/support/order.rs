//! What every window must see, whatever the test is about: in each room, changes in the order of `rev`, each once, without a gap but where
//! the server says so, and nothing of a room that the session is not in.

use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// What one session holds of one room.
#[derive(Debug)]
struct View {
    name: Option<String>,
    /// The last change that it holds or was told of.
    rev: i64,
    live: bool,
    /// By `rev`.
    held: BTreeMap<i64, Held>,
}

/// A message as this session learnt of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub seq: i64,
    pub author: String,
    pub client_id: Option<String>,
    pub body: String,
}

impl Held {
    pub fn of(message: &Value) -> Self {
        Self {
            seq: message["seq"].as_i64().unwrap_or_default(),
            author: message["author"].as_str().unwrap_or_default().to_owned(),
            client_id: message["client_id"].as_str().map(str::to_owned),
            body: message["body"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// All of it.
#[derive(Debug, Default)]
pub struct Order {
    rooms: HashMap<String, View>,
    /// Of rooms that this session is no longer in.
    past: HashMap<String, BTreeMap<i64, Held>>,
}

type Verdict = Result<(), String>;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Order {
    /// `hello` was answered.
    pub fn hello(&mut self, answer: &Value, fields: &Value) {
        let same_epoch = fields["epoch"].is_null() || fields["epoch"] == answer["server"]["epoch"];
        for room in answer["rooms"].as_array().into_iter().flatten() {
            let id = text(&room["id"]);
            let cursor = fields["cursors"][&id].as_i64();
            let rev = room["rev"].as_i64().unwrap_or_default();
            let live = cursor.is_none_or(|cursor| cursor == rev && same_epoch);
            let rev = cursor.filter(|cursor| *cursor < rev && same_epoch).unwrap_or(if live { rev } else { 0 }).max(0);
            let name = room["name"].as_str().filter(|_| room["kind"] == "channel").map(|name| format!("#{name}"));
            self.rooms.insert(id, View { name, rev, live, held: BTreeMap::new() });
        }
    }

    fn id_of(&self, room: &str) -> String {
        let named = self.rooms.iter().find(|(_, view)| view.name.as_deref() == Some(room));
        named.map_or(room, |(id, _)| id).to_owned()
    }

    fn hold(&mut self, room: &str, rev: i64, held: Held) -> Verdict {
        let Some(view) = self.rooms.get_mut(room) else { return Ok(()) };
        match view.held.insert(rev, held.clone()) {
            Some(before) if before != held => Err(format!("change {rev} of {room} was {before:?} and now is {held:?}")),
            _ => Ok(()),
        }
    }

    fn step(&mut self, room: &str, rev: i64, what: &str) -> Verdict {
        let Some(view) = self.rooms.get_mut(room) else {
            return Err(format!("{what} of {room}, in which this session is not"));
        };
        if !view.live {
            return Ok(());
        }
        if rev != view.rev + 1 {
            return Err(format!("{what}: rev {rev} after {} in {room}", view.rev));
        }
        view.rev = rev;
        Ok(())
    }

    /// The own message was stored.
    pub fn sent(&mut self, room: &str, answer: &Value, held: Held) -> Verdict {
        let room = self.id_of(room);
        if answer["duplicate"] == true {
            return Ok(());
        }
        let rev = answer["rev"].as_i64().unwrap_or_default();
        self.step(&room, rev, "the reply to send")?;
        self.hold(&room, rev, held)
    }

    /// `sync` was answered.
    pub fn synced(&mut self, room: &str, after_rev: i64, answer: &Value) -> Verdict {
        let room = self.id_of(room);
        self.batch(&room, after_rev, answer)
    }

    fn batch(&mut self, room: &str, after_rev: i64, batch: &Value) -> Verdict {
        let (rev, more) = (batch["rev"].as_i64().unwrap_or_default(), batch["more"] == true);
        let mut last = after_rev;
        for message in batch["messages"].as_array().into_iter().flatten() {
            let at = message["rev"].as_i64().unwrap_or_default();
            if at <= last || at > rev {
                return Err(format!("sync of {room} after {after_rev} up to {rev}: rev {at} after {last}"));
            }
            if message["room"] != *room {
                return Err(format!("sync of {room} has {message}"));
            }
            last = at;
            self.hold(room, at, Held::of(message))?;
        }
        let Some(view) = self.rooms.get_mut(room) else { return Err(format!("sync of {room}, in which this session is not")) };
        if !more && rev < view.rev {
            return Err(format!("sync of {room} ends at {rev}, but this session was at {} before", view.rev));
        }
        view.live = !more;
        view.rev = rev;
        Ok(())
    }

    /// An event came.
    pub fn event(&mut self, event: &Value) -> Verdict {
        let name = event["event"].as_str().unwrap_or_default();
        match name {
            "message" => {
                let (room, rev) = (text(&event["room"]), event["rev"].as_i64().unwrap_or_default());
                if self.rooms.get(&room).is_some_and(|view| !view.live) {
                    return Err(format!("a live message while this session is behind: {event}"));
                }
                self.step(&room, rev, "a message")?;
                self.hold(&room, rev, Held::of(event))
            }
            "sync" => {
                let room = text(&event["room"]);
                let after = self.rooms.get(&room).map_or(0, |view| view.rev);
                self.batch(&room, after, event)
            }
            "resync" => {
                let (room, after) = (text(&event["room"]), event["after_rev"].as_i64().unwrap_or(-1));
                let Some(view) = self.rooms.get_mut(&room) else { return Err(format!("{event}: not a room of this session")) };
                if after < 0 || after > view.rev {
                    return Err(format!("{event}: this session holds {} only", view.rev));
                }
                view.live = false;
                Ok(())
            }
            "room_added" => {
                let room = &event["room"];
                let name = room["name"].as_str().filter(|_| room["kind"] == "channel").map(|name| format!("#{name}"));
                let rev = room["rev"].as_i64().unwrap_or_default();
                let held = self.past.remove(&text(&room["id"])).unwrap_or_default();
                self.rooms.entry(text(&room["id"])).or_insert(View { name, rev, live: true, held });
                Ok(())
            }
            "room_updated" => {
                let room = &event["room"];
                let Some(view) = self.rooms.get_mut(room["id"].as_str().unwrap_or_default()) else {
                    return Err(format!("{event}: not a room of this session"));
                };
                view.name = room["name"].as_str().filter(|_| room["kind"] == "channel").map(|name| format!("#{name}"));
                Ok(())
            }
            "room_removed" => {
                let room = text(&event["room"]);
                match self.rooms.remove(&room) {
                    Some(view) => drop(self.past.insert(room, view.held)),
                    None => return Err(format!("{event}: not a room of this session")),
                }
                Ok(())
            }
            "receipt" | "typing" | "room_online" | "member_joined" | "member_left" | "member_updated" => {
                match self.rooms.contains_key(event["room"].as_str().unwrap_or_default()) {
                    true => Ok(()),
                    false => Err(format!("{event}: not a room of this session")),
                }
            }
            _ => Ok(()),
        }
    }

    /// The last change of a room that this session holds.
    pub fn rev(&self, room: &str) -> i64 {
        self.rooms[&self.id_of(room)].rev
    }

    pub fn is_live(&self, room: &str) -> bool {
        self.rooms[&self.id_of(room)].live
    }

    /// What this session knows of a room, by `rev`.
    pub fn held(&self, room: &str) -> Vec<(i64, Held)> {
        let id = self.id_of(room);
        let held = self.rooms.get(&id).map(|view| &view.held).or_else(|| self.past.get(&id));
        held.into_iter().flatten().map(|(rev, held)| (*rev, held.clone())).collect()
    }
}
