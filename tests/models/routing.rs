//! Routing: rooms are lists of messages and sets of members. Who is in a room hears each of its messages once and in order, and finds, on coming
//! back, the numbers that counting gives.

use super::{Core, at, cases, conn, ears::Ears, ears::Heard};
use crate::{
    actors::{
        chat_server::{Committed, Loaded, Origin},
        journal::Stored,
    },
    db::append::Mark,
    domain::{Change, ClientId, Membership, Millis, NewMessage, Receipt, RoomHead, Sent, UserId, samples},
};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const USERS: u8 = 3;
const ROOMS: usize = 2;

#[derive(Clone, Debug)]
enum Do {
    /// A window opens; messages may be committed while the user's rooms are being read, before `hello` or because of it.
    Open(u8, When, Option<(Race, Vec<Wanted>)>),
    Close(usize),
    /// Messages in one commit.
    Commit(Vec<Wanted>),
    /// Joins a room, or leaves it.
    Move(usize, u8),
    /// Reads up to a share of what there is.
    Read {
        room: usize,
        user: u8,
        share: u8,
    },
    /// So many seconds later, who was gone for long is forgotten.
    Later(u32),
}

/// When a user's rooms are read.
#[derive(Clone, Copy, Debug)]
enum When {
    /// Along with the sign-in.
    Before,
    /// Where ChatServer asks for them.
    Asked,
}

/// Of a commit and a read of a user's rooms at the same time.
#[derive(Clone, Copy, Debug)]
enum Race {
    /// The read has seen the commit, of which ChatServer hears only afterwards.
    Ahead,
    /// ChatServer hears of the commit first, which the read has not seen.
    Behind,
}

/// A message that is wanted: its room, its author, and whom it names.
type Wanted = (usize, u8, BTreeSet<u8>);

fn steps() -> impl Strategy<Value = Vec<Do>> {
    let message = (0..ROOMS, 0..USERS, prop::collection::btree_set(0..USERS, 0..3));
    let messages = move || prop::collection::vec(message.clone(), 1..5);
    let race = (prop_oneof![Just(Race::Ahead), Just(Race::Behind)], messages());
    let one = prop_oneof![
        3 => (0..USERS, prop_oneof![Just(When::Before), Just(When::Asked)], prop::option::of(race))
            .prop_map(|(user, when, race)| Do::Open(user, when, race)),
        2 => any::<usize>().prop_map(Do::Close),
        6 => messages().prop_map(Do::Commit),
        2 => (0..ROOMS, 0..USERS).prop_map(|(room, user)| Do::Move(room, user)),
        2 => (0..ROOMS, 0..USERS, any::<u8>()).prop_map(|(room, user, share)| Do::Read { room, user, share }),
        1 => (1u32..200).prop_map(Do::Later),
    ];
    prop::collection::vec(one, 1..60)
}

#[derive(Default)]
struct Room {
    /// Whom each message names, first to last.
    messages: Vec<BTreeSet<u8>>,
    /// What each member has read.
    members: BTreeMap<u8, i64>,
}

impl Room {
    fn last(&self) -> i64 {
        self.messages.len() as i64
    }

    /// How many unread messages name a member.
    fn mentions(&self, user: u8) -> i64 {
        let read = self.members[&user] as usize;
        self.messages[read..].iter().filter(|named| named.contains(&user)).count() as i64
    }

    fn seat(&self, user: u8) -> Membership {
        Membership { mentions: self.mentions(user), ..samples::seat(self.members[&user]) }
    }
}

/// A window: whose it is, and what it is to hear.
struct Window {
    user: u8,
    wanted: [Vec<i64>; ROOMS],
    heard: [Vec<i64>; ROOMS],
}

struct Run {
    core: Core,
    ears: Ears,
    rooms: Vec<Room>,
    windows: BTreeMap<u32, Window>,
    opened: u32,
    now: u32,
}

fn user_id(n: u8) -> UserId {
    samples::user(n).id
}

impl Run {
    fn new() -> Self {
        let room = |_| Room { messages: Vec::new(), members: (0..USERS).map(|user| (user, 0)).collect() };
        let rooms = (0..ROOMS).map(room).collect();
        Self { core: Core::new(), ears: Ears::default(), rooms, windows: BTreeMap::new(), opened: 0, now: 1 }
    }

    fn head(&self, room: usize) -> RoomHead {
        let of = &self.rooms[room];
        samples::channel(room as u8, of.members.len() as i64, of.last())
    }

    fn step(&mut self, step: Do) -> Result<(), TestCaseError> {
        match step {
            Do::Open(user, when, race) => return self.open(user, when, race),
            Do::Close(which) => self.close(which),
            Do::Commit(messages) => {
                let committed = self.store(messages);
                self.core.state.committed(committed, &mut self.core.out);
            }
            Do::Move(room, user) => self.change_member(room, user),
            Do::Read { room, user, share } => self.read(room, user, share),
            Do::Later(seconds) => {
                self.now += seconds * 1_000;
                self.core.state.evict(at(self.now));
            }
        }
        self.hear();
        for window in self.windows.values() {
            prop_assert_eq!(&window.heard, &window.wanted);
        }
        Ok(())
    }

    /// Gives the frames that are no messages.
    fn hear(&mut self) -> Vec<(u32, Value)> {
        let mut frames = Vec::new();
        for (place, heard) in self.ears.hear(std::mem::take(&mut self.core.out.parcels[0])) {
            match heard {
                Heard::Message { room, rev } => self.windows.get_mut(&place).unwrap().heard[usize::from(room.as_bytes()[0])].push(rev),
                Heard::Frame(frame) => frames.push((place, frame)),
            }
        }
        frames
    }

    fn loaded(&self, user: u8) -> Vec<Loaded> {
        let mine = (0..ROOMS).filter(|room| self.rooms[*room].members.contains_key(&user));
        mine.map(|room| Loaded { head: self.head(room), mine: self.rooms[room].seat(user), peer: None }).collect()
    }

    /// `hello` is answered with what counting gives; what comes later is heard as it comes.
    fn open(&mut self, user: u8, when: When, race: Option<(Race, Vec<Wanted>)>) -> Result<(), TestCaseError> {
        self.opened += 1;
        self.ears.enter(conn(self.opened));
        self.windows.insert(self.opened, Window { user, wanted: Default::default(), heard: Default::default() });
        match when {
            When::Before => self.open_with_rooms(user, race)?,
            When::Asked => self.open_without(user, race)?,
        }
        self.hear();
        Ok(())
    }

    fn open_with_rooms(&mut self, user: u8, race: Option<(Race, Vec<Wanted>)>) -> Result<(), TestCaseError> {
        let news = self.core.state.news();
        let before = self.loaded(user);
        match race {
            Some((Race::Ahead, messages)) => {
                let committed = self.store(messages);
                self.core.hello_with(user, conn(self.opened), news, Some(self.loaded(user)), at(self.now));
                self.greeted();
                self.core.state.committed(committed, &mut self.core.out);
                return Ok(());
            }
            Some((Race::Behind, messages)) => {
                let committed = self.store(messages);
                self.core.state.committed(committed, &mut self.core.out);
            }
            None => {}
        }
        self.core.hello_with(user, conn(self.opened), news, Some(before), at(self.now));
        // It may have to be read again.
        self.core.loaded(user, self.loaded(user), at(self.now));
        self.greeted_as_counted(user)
    }

    fn open_without(&mut self, user: u8, race: Option<(Race, Vec<Wanted>)>) -> Result<(), TestCaseError> {
        let before = self.loaded(user);
        self.core.hello(user, conn(self.opened), at(self.now));
        let answered = self.core.out.jobs.is_empty();
        match race {
            Some((_, messages)) if answered => {
                self.greeted_as_counted(user)?;
                let committed = self.store(messages);
                self.core.state.committed(committed, &mut self.core.out);
            }
            Some((Race::Ahead, messages)) => {
                let committed = self.store(messages);
                self.core.loaded(user, self.loaded(user), at(self.now));
                self.greeted();
                self.core.state.committed(committed, &mut self.core.out);
            }
            Some((Race::Behind, messages)) => {
                let committed = self.store(messages);
                self.core.state.committed(committed, &mut self.core.out);
                self.core.loaded(user, before, at(self.now));
                // It may have to be read again.
                self.core.loaded(user, self.loaded(user), at(self.now));
                self.greeted_as_counted(user)?;
            }
            None => {
                self.core.loaded(user, before, at(self.now));
                self.greeted_as_counted(user)?;
            }
        }
        Ok(())
    }

    fn greeted_as_counted(&mut self, user: u8) -> Result<(), TestCaseError> {
        let told = self.greeted();
        let counted = self.rooms.iter().filter_map(|room| {
            let read = *room.members.get(&user)?;
            Some([room.last(), room.members.len() as i64, read, room.last() - read, room.mentions(user)])
        });
        prop_assert_eq!(told, counted.collect::<Vec<_>>());
        Ok(())
    }

    /// The answer to the last `hello`, in numbers: of each room the last message, the members, what was read, what was not, and mentions. From
    /// there on the window is to hear everything.
    fn greeted(&mut self) -> Vec<[i64; 5]> {
        let frames = self.hear();
        let (_, answer) = frames.iter().find(|(_, frame)| frame["ok"]["rooms"].is_array()).expect("hello is answered");
        let window = self.windows.get_mut(&self.opened).unwrap();
        let mut told = BTreeMap::new();
        for room in answer["ok"]["rooms"].as_array().unwrap() {
            let number = |field: &str| room[field].as_i64().unwrap();
            let at = (0..ROOMS).find(|n| samples::channel(*n as u8, 0, 0).id.to_string() == room["id"]).unwrap();
            told.insert(at, ["last_seq", "members", "read_seq", "unread", "mentions"].map(number));
            window.wanted[at] = (number("rev") + 1..=self.rooms[at].last()).collect();
        }
        told.into_values().collect()
    }

    fn close(&mut self, which: usize) {
        let places: Vec<u32> = self.windows.keys().copied().collect();
        if let Some(place) = (!places.is_empty()).then(|| places[which % places.len()]) {
            self.core.state.gone(conn(place), at(self.now));
            self.ears.leave(conn(place));
            self.windows.remove(&place);
        }
    }

    /// A commit of those messages whose authors are members: what ChatServer is told of it.
    fn store(&mut self, messages: Vec<Wanted>) -> Committed {
        let mut committed = nothing();
        for (n, author, named) in messages {
            let room = &mut self.rooms[n];
            if !room.members.contains_key(&author) {
                continue;
            }
            let named: BTreeSet<u8> = named.into_iter().filter(|user| room.members.contains_key(user)).collect();
            let mentions = named.iter().map(|user| user_id(*user)).collect();
            room.messages.push(named);
            let seq = room.last();
            // Who writes has read.
            room.members.insert(author, seq);
            let hearing = self.windows.values_mut().filter(|window| room.members.contains_key(&window.user));
            hearing.for_each(|window| window.wanted[n].push(seq));
            committed.messages.push(message(n, author, seq));
            committed.senders.push(Origin::Nobody);
            committed.stored.messages.push(Ok(Sent { seq, rev: seq, created_at: Millis(0), duplicate: false, mentions }));
        }
        committed
    }

    fn change_member(&mut self, room: usize, n: u8) {
        let of = &mut self.rooms[room];
        let left = of.members.remove(&n).is_some();
        if !left {
            of.members.insert(n, of.last());
        }
        let (head, user) = (self.head(room), samples::user(n));
        let change = match left {
            true => Change::MemberLeft { head, user: user.id },
            false => Change::MemberJoined { head, user, membership: self.rooms[room].seat(n), peer: None },
        };
        self.core.state.apply(change, at(self.now), &mut self.core.out);
    }

    fn read(&mut self, n: usize, reader: u8, share: u8) {
        let room = &mut self.rooms[n];
        let seq = room.last() * i64::from(share) / 255;
        if room.members.get(&reader).is_none_or(|read| *read >= seq) {
            return;
        }
        room.members.insert(reader, seq);
        let (id, user) = (samples::channel(n as u8, 0, 0).id, user_id(reader));
        let receipt = Receipt { room: id, user, read_seq: seq, delivered_seq: seq, mentions: room.mentions(reader) };
        let mark = Mark { room: id, user, read_seq: Some(seq), delivered_seq: Some(seq) };
        let stored = Stored { messages: Vec::new(), marks: vec![Ok(Some(receipt))] };
        let committed = Committed { stored, marks: vec![mark], markers: vec![Vec::new()], ..nothing() };
        self.core.state.committed(committed, &mut self.core.out);
    }
}

fn nothing() -> Committed {
    Committed {
        messages: Vec::new(),
        senders: Vec::new(),
        stored: Stored { messages: Vec::new(), marks: Vec::new() },
        marks: Vec::new(),
        markers: Vec::new(),
    }
}

fn message(room: usize, author: u8, seq: i64) -> NewMessage {
    NewMessage {
        room: samples::channel(room as u8, 0, 0).id,
        author: user_id(author),
        client_id: Some(ClientId::from([seq as u8; 16])),
        body: "hello".to_owned(),
        reply_to: None,
        thread: None,
        named: Vec::new(),
        check_member: false,
        audit: None,
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn rooms_are_lists_of_messages(steps in steps()) {
        let mut run = Run::new();
        for step in steps {
            run.step(step)?;
        }
    }
}
