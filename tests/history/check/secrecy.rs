//! K13: who is not in a room hears nothing of it.

use super::{
    super::{
        load::{Event, History},
        record::{Op, Phase},
    },
    Check, Config, Room, Tally,
};
use hashbrown::HashMap;

/// What is known of a user's membership: where it is open, it is taken for granted.
#[derive(Default)]
struct Membership {
    /// Joins and additions without an end yet.
    pending: u32,
    member: bool,
    /// When one was last answered.
    entered: u64,
    /// When the removals under way were asked, by session and call.
    leaving: HashMap<(u32, u32), u64>,
    /// The last time that it certainly ended.
    ended: u64,
}

/// K13.
pub struct Secrecy<'a> {
    config: &'a Config,
    /// Whose session it is.
    users: HashMap<u32, u32>,
    unrecorded: u64,
}

impl<'a> Secrecy<'a> {
    /// Sessions are outside of rooms, so they are collected first.
    pub fn new(history: &History, config: &'a Config) -> Self {
        let opened = history.general().iter().filter(|event| event.is(Op::Session, Phase::Open));
        Secrecy { config, users: opened.map(|event| (event.session, event.user)).collect(), unrecorded: 0 }
    }
}

impl Check for Secrecy<'_> {
    fn name(&self) -> &'static str {
        "K13 secrecy"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        let changes = |event: &&Event| matches!(event.op, Op::Join | Op::Leave | Op::Add | Op::Remove | Op::Member);
        if !room.events.iter().any(|event| changes(&event)) {
            self.unrecorded += 1;
            return;
        }
        let mut members: HashMap<u32, Membership> = HashMap::new();
        for event in room.events {
            if changes(&event) {
                members.entry(event.user).or_default().change(event);
            } else if tells(event) {
                let Some(user) = self.users.get(&event.session) else { continue };
                let known = members.get(user);
                let allowed = known.is_some_and(|known| known.allows(event.t, self.config.removal));
                tally.expect(allowed, event, || match known {
                    None => format!("{} was never a member of this room", room.history.names.name(*user)),
                    Some(known) => {
                        format!("{} was out of this room for {} ms", room.history.names.name(*user), (event.t - known.ended) / 1_000_000)
                    }
                });
            }
        }
    }

    fn end(&mut self, _: &History, tally: &mut Tally) {
        if self.unrecorded > 0 {
            tally.notes.push(format!("{} rooms have no record of their members", self.unrecorded));
        }
    }
}

/// The line shows that its session was told something of the room.
fn tells(event: &Event) -> bool {
    match event.phase {
        Phase::Event => matches!(event.op, Op::Message | Op::Receipt | Op::Typing | Op::Sync | Op::Resync) && event.door.is_none(),
        Phase::Ok => matches!(event.op, Op::Sync | Op::History | Op::Receipts | Op::Read | Op::Delivered),
        _ => false,
    }
}

impl Membership {
    fn change(&mut self, event: &Event) {
        let enters = matches!(event.op, Op::Join | Op::Add);
        match event.phase {
            Phase::Invoke if enters => self.pending += 1,
            // Of unknown outcome, it may have been done.
            Phase::Ok | Phase::Info if enters => self.enter(event.t),
            Phase::Invoke => drop(self.leaving.insert((event.session, event.call), event.t)),
            Phase::Fail if enters => self.pending = self.pending.saturating_sub(1),
            Phase::Ok => self.leave(event),
            Phase::Event if event.op == Op::Member => self.member = true,
            _ => {}
        }
    }

    fn enter(&mut self, t: u64) {
        self.pending = self.pending.saturating_sub(1);
        self.member = true;
        self.entered = t;
    }

    /// Whoever was let in while the removal was under way may have been let in after it.
    fn leave(&mut self, event: &Event) {
        let asked = self.leaving.remove(&(event.session, event.call)).unwrap_or(0);
        if self.entered < asked || self.entered == 0 {
            self.member = false;
            self.ended = event.t;
        }
    }

    fn allows(&self, t: u64, grace: u64) -> bool {
        self.member || self.pending > 0 || (self.ended > 0 && t <= self.ended.saturating_add(grace))
    }
}
