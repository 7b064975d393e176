//! Presence: users with windows, and what each window believes of the others. Several windows are one user; who closes the last one is told as
//! gone only some time later, and when that is written down.

use super::{Core, LEAVE_AFTER_MS, at, cases, conn, ears::Ears, ears::Heard};
use crate::{
    actors::chat_server::{Job, Loaded},
    domain::{Change, Limits, Millis, PresenceState, PresenceState::*, RoomHead, UserId, samples},
};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

const USERS: usize = 3;
/// Everybody is in this one, and each is told of each.
const SMALL: u8 = 100;
/// Of this one only a number is told.
const LARGE: u8 = 101;

#[derive(Clone, Debug)]
enum Do {
    Open(usize),
    Close(usize),
    Set(usize, PresenceState),
    /// A window asks who is there.
    Ask(usize),
    /// So many milliseconds later presence is told.
    Tick(u32),
    /// A second is over: large rooms hear how many are there, who was gone for long is forgotten.
    Second,
    /// The database has written down whom it was given first.
    Written,
    /// Joins the large room, or leaves it.
    Move(usize),
}

fn steps() -> impl Strategy<Value = Vec<Do>> {
    let one = prop_oneof![
        4 => (0..USERS).prop_map(Do::Open),
        3 => any::<usize>().prop_map(Do::Close),
        3 => (any::<usize>(), prop_oneof![Just(Online), Just(Away)]).prop_map(|(which, state)| Do::Set(which, state)),
        2 => any::<usize>().prop_map(Do::Ask),
        4 => prop_oneof![6 => 1u32..1_500, 1 => Just(130_000)].prop_map(Do::Tick),
        2 => Just(Do::Second),
        3 => Just(Do::Written),
        1 => (0..USERS).prop_map(Do::Move),
    ];
    prop::collection::vec(one, 1..60)
}

#[derive(Default)]
struct Person {
    /// By place: what each window says.
    windows: BTreeMap<u32, PresenceState>,
    left_at: Option<u32>,
    in_large: bool,
}

impl Person {
    fn state(&self) -> PresenceState {
        match self.windows.values().collect::<Vec<_>>()[..] {
            [] => Offline,
            ref windows if windows.contains(&&Online) => Online,
            _ => Away,
        }
    }

    /// A reload is no departure.
    fn may_be_back(&self, now: u32) -> bool {
        self.left_at.is_some_and(|left| now - left < LEAVE_AFTER_MS)
    }
}

/// What one window believes.
#[derive(Default)]
struct Belief {
    of_users: BTreeMap<String, String>,
    /// How many are in the large room.
    online: Option<u64>,
}

struct Run {
    core: Core,
    ears: Ears,
    people: [Person; USERS],
    beliefs: BTreeMap<u32, Belief>,
    writing: Vec<Vec<(UserId, Millis)>>,
    now: u32,
    opened: u32,
}

impl Run {
    fn new() -> Self {
        let mut people: [Person; USERS] = Default::default();
        people.iter_mut().for_each(|person| person.in_large = true);
        Self { core: Core::new(), ears: Ears::default(), people, beliefs: BTreeMap::new(), writing: Vec::new(), now: 10_000, opened: 0 }
    }

    fn large(&self) -> RoomHead {
        let members = self.people.iter().filter(|person| person.in_large).count() as i64;
        samples::channel(LARGE, i64::from(Limits::default().presence_members) + 1 + members, 0)
    }

    fn pick(&self, which: usize) -> Option<(usize, u32)> {
        let all: Vec<_> =
            self.people.iter().enumerate().flat_map(|(n, person)| person.windows.keys().map(move |place| (n, *place))).collect();
        (!all.is_empty()).then(|| all[which % all.len()])
    }

    fn step(&mut self, step: Do) -> Result<(), TestCaseError> {
        match step {
            Do::Open(n) => self.open(n),
            Do::Close(which) => self.close(which),
            Do::Set(which, state) => {
                let Some((n, place)) = self.pick(which) else { return Ok(()) };
                self.core.state.set_presence(conn(place), 2, state, &mut self.core.out);
                self.people[n].windows.insert(place, state);
            }
            Do::Ask(which) => {
                let Some((_, place)) = self.pick(which) else { return Ok(()) };
                self.ask(place);
            }
            Do::Tick(later) => return self.tick(later),
            Do::Second => self.second(),
            Do::Written => return self.written(),
            Do::Move(n) => self.move_in_large(n),
        }
        self.hear();
        let windows = self.people.iter().map(|person| person.windows.len()).sum();
        let here = self.people.iter().filter(|person| !person.windows.is_empty()).count();
        prop_assert_eq!(self.core.state.counts(), (windows, here));
        Ok(())
    }

    fn open(&mut self, n: usize) {
        self.opened += 1;
        let small = samples::channel(SMALL, USERS as i64, 0);
        let rooms = std::iter::once(small).chain(self.people[n].in_large.then(|| self.large()));
        let rooms = rooms.map(|head| Loaded { head, mine: samples::seat(0), peer: None }).collect();
        self.ears.enter(conn(self.opened));
        self.beliefs.insert(self.opened, Belief::default());
        self.core.hello(n as u8, conn(self.opened), at(self.now));
        self.core.loaded(n as u8, rooms, at(self.now));
        self.people[n].windows.insert(self.opened, Online);
        self.hear();
        self.ask(self.opened);
    }

    fn close(&mut self, which: usize) {
        let Some((n, place)) = self.pick(which) else { return };
        self.core.state.gone(conn(place), at(self.now));
        self.ears.leave(conn(place));
        self.beliefs.remove(&place);
        self.people[n].windows.remove(&place);
        self.people[n].left_at = Some(self.now);
    }

    fn ask(&mut self, place: u32) {
        let everybody = (0..USERS).map(|n| (samples::user(n as u8).id, None)).collect();
        self.core.state.presence(conn(place), 3, everybody, at(self.now), &mut self.core.out);
    }

    fn move_in_large(&mut self, n: usize) {
        let person = &mut self.people[n];
        person.in_large = !person.in_large;
        let (inside, user, head) = (person.in_large, samples::user(n as u8), self.large());
        let change = match inside {
            true => Change::MemberJoined { head, user, membership: samples::seat(0), peer: None },
            false => Change::MemberLeft { head, user: user.id },
        };
        self.core.state.apply(change, at(self.now), &mut self.core.out);
    }

    /// Each window believes what it was last told. Gives about whom something was told.
    fn hear(&mut self) -> Vec<(String, String)> {
        let mut told = Vec::new();
        for (place, heard) in self.ears.hear(std::mem::take(&mut self.core.out.parcels[0])) {
            let Heard::Frame(frame) = heard else { panic!("nobody wrote a message") };
            let Some(belief) = self.beliefs.get_mut(&place) else { continue };
            let words = |row: &Value| (row["user"].as_str().unwrap().to_owned(), row["state"].as_str().unwrap().to_owned());
            match frame["event"].as_str() {
                Some("presence") => {
                    belief.of_users.extend([words(&frame)]);
                    told.push(words(&frame));
                }
                Some("room_online") => belief.online = frame["online"].as_u64(),
                _ => belief.of_users.extend(frame["ok"]["presence"].as_array().into_iter().flatten().map(words)),
            }
        }
        told
    }

    fn tick(&mut self, later: u32) -> Result<(), TestCaseError> {
        self.now += later;
        self.core.state.tell_presence(at(self.now), &mut self.core.out);
        for job in std::mem::take(&mut self.core.out.jobs) {
            let Job::Saw(users) = job else { panic!("{job:?}") };
            for (user, seen) in &users {
                let left_at = self.people[usize::from(user.as_bytes()[0])].left_at.map(|ms| Millis(i64::from(ms)));
                prop_assert_eq!(Some(*seen), left_at, "what is written down is when the last window closed");
            }
            self.writing.push(users);
        }
        let told = self.hear();
        prop_assert!(told.iter().all(|(_, state)| state != "offline"), "that somebody went is told when it is written down: {told:?}");
        for (n, person) in self.people.iter().enumerate().filter(|(_, person)| !person.windows.is_empty()) {
            self.all_believe(n, person.state())?;
        }
        Ok(())
    }

    fn second(&mut self) {
        self.core.state.tell_counts(&mut self.core.out);
        self.core.state.evict(at(self.now));
    }

    fn written(&mut self) -> Result<(), TestCaseError> {
        if self.writing.is_empty() {
            return Ok(());
        }
        let users: Vec<UserId> = self.writing.remove(0).iter().map(|(user, _)| *user).collect();
        self.core.state.saw(&users, at(self.now), &mut self.core.out);
        for (user, state) in self.hear() {
            let person = self.people.iter().enumerate().find(|(n, _)| samples::user(*n as u8).id.to_string() == user).unwrap().1;
            prop_assert_eq!(state, "offline");
            prop_assert!(person.windows.is_empty() && !person.may_be_back(self.now), "{} has a window, or closed it just now", user);
        }
        Ok(())
    }

    fn all_believe(&self, n: usize, state: PresenceState) -> Result<(), TestCaseError> {
        let word = match state {
            Online => "online",
            Away => "away",
            Offline => "offline",
        };
        for (place, belief) in &self.beliefs {
            let of = belief.of_users.get(&samples::user(n as u8).id.to_string()).map(String::as_str);
            prop_assert_eq!(of, Some(word), "what window {} believes of user {}", place, n);
        }
        Ok(())
    }

    /// When nothing happens any more, everybody believes what is so.
    fn rest(&mut self) -> Result<(), TestCaseError> {
        for _ in 0..2 {
            self.tick(LEAVE_AFTER_MS)?;
            while !self.writing.is_empty() {
                self.written()?;
            }
            self.second();
            self.hear();
        }
        for (n, person) in self.people.iter().enumerate() {
            self.all_believe(n, person.state())?;
        }
        let online = self.people.iter().filter(|person| person.in_large && !person.windows.is_empty()).count();
        for person in self.people.iter().filter(|person| person.in_large) {
            for place in person.windows.keys() {
                prop_assert_eq!(self.beliefs[place].online, Some(online as u64), "what window {} believes of the large room", place);
            }
        }
        let ids = [samples::channel(SMALL, 0, 0).id, samples::channel(LARGE, 0, 0).id];
        let here = self.people.iter().filter(|person| !person.windows.is_empty()).count();
        prop_assert_eq!(self.core.state.online_in(&ids), [here as u32, online as u32]);
        Ok(())
    }
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn presence_is_what_the_windows_say(steps in steps()) {
        let mut run = Run::new();
        for step in steps {
            run.step(step)?;
        }
        run.rest()?;
    }
}
