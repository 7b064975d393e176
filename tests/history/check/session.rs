//! K6: each session is told a room's changes in order, without a gap, each once.

use super::{
    super::{
        load::{Event, History, NONE},
        record::{Door, Op, Phase, Via},
    },
    Check, Room, Tally,
};
use hashbrown::HashMap;

/// Where a session stands in a room.
struct View {
    rev: u32,
    live: bool,
    /// The messages of the `sync` that is being told, by its call.
    page: Vec<u32>,
}

/// K6.
#[derive(Default)]
pub struct SessionOrder {
    repeats: u64,
    /// How many `sync` a session has asked for: until their answer, an own reply may run ahead of what it brings.
    asked: HashMap<u32, u32>,
}

impl Check for SessionOrder {
    fn name(&self) -> &'static str {
        "K6 session order"
    }

    fn room(&mut self, room: &Room<'_>, tally: &mut Tally) {
        let mut views: HashMap<u32, View> = HashMap::new();
        self.asked.clear();
        for event in room.events.iter().filter(|event| event.session != 0) {
            match (event.op, event.phase) {
                (Op::Sync, Phase::Invoke) => *self.asked.entry(event.session).or_default() += 1,
                (Op::Hello | Op::RoomAdded, Phase::Event) => drop(views.insert(event.session, entered(event))),
                (Op::RoomRemoved, Phase::Event) => drop(views.remove(&event.session)),
                _ => {
                    if event.op == Op::Sync && event.phase != Phase::Event {
                        let asked = self.asked.entry(event.session).or_default();
                        *asked = asked.saturating_sub(1);
                    }
                    if let Some(view) = views.get_mut(&event.session) {
                        self.step(room, view, event, tally);
                    }
                }
            }
        }
    }

    fn end(&mut self, _: &History, tally: &mut Tally) {
        if self.repeats > 0 {
            tally.notes.push(format!("{} raw repeats, dropped by clients", self.repeats));
        }
    }
}

fn entered(event: &Event) -> View {
    match event.after_rev {
        NONE => View { rev: event.rev, live: true, page: Vec::new() },
        cursor => View { rev: cursor, live: cursor == event.rev, page: Vec::new() },
    }
}

impl SessionOrder {
    fn step(&mut self, room: &Room<'_>, view: &mut View, event: &Event, tally: &mut Tally) {
        match (event.op, event.phase) {
            (Op::Message, Phase::Event) => self.message(view, event, tally),
            // A sync that was being read when the own message was committed may have brought it already.
            (Op::Send, Phase::Ok) if event.repeat => self.repeated(view, event, tally),
            // While a sync is asked for, a reply may run ahead of what its answer brings.
            (Op::Send, Phase::Ok) if self.asked.get(&event.session).is_some_and(|asked| *asked > 0) && event.rev != view.rev + 1 => {}
            // The reply to one's own takes its place in the order; behind, or by another door, it has none.
            (Op::Send, Phase::Ok) if !event.duplicate && view.live && event.door != Some(Door::Rest) => follow(view, event, tally),
            (Op::Resync, Phase::Event) => {
                let held = event.after_rev <= view.rev;
                tally.expect(held, event, || format!("resync after {}, and this session holds {} only", event.after_rev, view.rev));
                view.live = false;
            }
            (Op::Sync, Phase::Ok | Phase::Event) => synced(room, view, event, tally),
            _ => {}
        }
    }

    fn repeated(&mut self, view: &View, event: &Event, tally: &mut Tally) {
        self.repeats += 1;
        tally.expect(event.rev <= view.rev, event, || format!("rev {} was dropped as a repeat at {}", event.rev, view.rev));
    }

    fn message(&mut self, view: &mut View, event: &Event, tally: &mut Tally) {
        match event.via {
            Some(Via::History) => {}
            _ if event.repeat => self.repeated(view, event, tally),
            Some(Via::Sync) => {
                let fresh = event.rev > view.page.last().copied().unwrap_or(view.rev);
                tally.expect(fresh, event, || format!("rev {} in a sync, after {:?} and at {}", event.rev, view.page.last(), view.rev));
                view.page.push(event.rev);
            }
            None if !view.live => tally.expect(false, event, || format!("rev {} came live while this session is behind", event.rev)),
            None => follow(view, event, tally),
        }
    }
}

fn follow(view: &mut View, event: &Event, tally: &mut Tally) {
    tally.expect(event.rev == view.rev + 1, event, || format!("rev {} came after {}", event.rev, view.rev));
    view.rev = view.rev.max(event.rev);
}

fn synced(room: &Room<'_>, view: &mut View, event: &Event, tally: &mut Tally) {
    let page = std::mem::take(&mut view.page);
    // What the client had already it has marked as repeated: it began at its own place.
    let after = if event.after_rev == NONE { view.rev } else { event.after_rev.max(view.rev.min(event.rev)) };
    let within = page.iter().all(|rev| *rev > after && *rev <= event.rev);
    tally.expect(within, event, || format!("a sync after {after} up to {} holds {page:?}", event.rev));
    let due = room.log.count(after, event.rev);
    tally.expect(page.len() == due, event, || format!("a sync after {after} up to {} holds {} of {due} changes", event.rev, page.len()));
    tally.expect(event.more || event.rev >= view.rev, event, || {
        format!("a sync ends at {}, and this session was at {}", event.rev, view.rev)
    });
    view.rev = view.rev.max(event.rev);
    view.live = !event.more;
}
