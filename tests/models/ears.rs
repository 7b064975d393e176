//! What each connection hears: a Courier without bounds, that writes nothing.

use crate::{
    actors::courier::{ConnId, Parcel, RoomIx, Run},
    domain::RoomId,
    protocol::payload,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Something that one connection was told.
#[derive(Debug)]
pub enum Heard {
    Frame(Value),
    Message { room: RoomId, rev: i64 },
}

#[derive(Default)]
pub struct Ears {
    /// What each open connection listens to.
    rooms: BTreeMap<u32, BTreeSet<RoomIx>>,
    names: BTreeMap<RoomIx, RoomId>,
}

impl Ears {
    pub fn enter(&mut self, conn: ConnId) {
        self.rooms.insert(conn.place, BTreeSet::new());
    }

    pub fn leave(&mut self, conn: ConnId) {
        self.rooms.remove(&conn.place);
    }

    fn listening(&self, room: RoomIx) -> Vec<u32> {
        self.rooms.iter().filter(|(_, rooms)| rooms.contains(&room)).map(|(place, _)| *place).collect()
    }

    /// Who hears what, in order.
    pub fn hear(&mut self, parcels: Vec<Parcel>) -> Vec<(u32, Heard)> {
        parcels.into_iter().flat_map(|parcel| self.parcel(parcel)).collect()
    }

    fn parcel(&mut self, parcel: Parcel) -> Vec<(u32, Heard)> {
        match parcel {
            Parcel::Reply(conn, frame) | Parcel::To(conn, frame) => self.tell([conn.place], &frame),
            Parcel::Room(room, frame, except) => {
                let listening = self.listening(room).into_iter().filter(|place| except.is_none_or(|conn| conn.place != *place));
                self.tell(listening, &frame)
            }
            Parcel::Rooms(rooms, frame) => {
                let each_once: BTreeSet<u32> = rooms.iter().flat_map(|room| self.listening(*room)).collect();
                self.tell(each_once, &frame)
            }
            Parcel::Log(room, run) => self.log(room, &run),
            Parcel::Listen(conn, hearings) => {
                for hearing in hearings {
                    assert!(hearing.live, "who comes without a cursor is live");
                    self.names.insert(hearing.room, hearing.id);
                    self.rooms.get_mut(&conn.place).into_iter().for_each(|rooms| rooms.extend([hearing.room]));
                }
                Vec::new()
            }
            Parcel::Unlisten(conn, room) => {
                self.rooms.get_mut(&conn.place).into_iter().for_each(|rooms| rooms.retain(|one| *one != room));
                Vec::new()
            }
            other => panic!("nothing of this kind was asked for: {other:?}"),
        }
    }

    fn tell(&self, places: impl IntoIterator<Item = u32>, frame: &[u8]) -> Vec<(u32, Heard)> {
        let open = places.into_iter().filter(|place| self.rooms.contains_key(place));
        open.map(|place| (place, Heard::Frame(json(frame)))).collect()
    }

    fn log(&self, room: RoomIx, run: &Run) -> Vec<(u32, Heard)> {
        let of = |place| run.marks.iter().map(move |mark| (place, Heard::Message { room: self.names[&room], rev: mark.rev }));
        self.listening(room).into_iter().flat_map(of).collect()
    }
}

fn json(frame: &[u8]) -> Value {
    serde_json::from_slice(payload(frame)).expect("JSON")
}
