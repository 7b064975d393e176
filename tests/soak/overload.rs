//! Five times as much as can be done: what can be done is still done, everybody has an answer soon, and soon after all is as before. The disk
//! is slow, so that it is the server that cannot do more, and not the clients.

use crate::{
    machine::Faults,
    plan::{Plan, times},
    support::{Backend, User, Window, new_client_id},
};
use futures_util::future::join_all;
use serde_json::json;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::{Duration, Instant},
};

/// Messages that wait for their commit, at most; and what a commit takes. Together they say what can be done.
const JOURNAL: &str = "40";
const COMMIT: Duration = Duration::from_millis(100);
/// Connections, and what each has under way: as much as can wait.
const PEAK: (usize, usize) = (10, 4);
/// Five times as much.
const OVERLOAD: (usize, usize) = (50, 4);
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);
const NORMAL_WITHIN: Duration = Duration::from_secs(5);

/// What came of some time under load.
#[derive(Default)]
struct Load {
    over: Cell<bool>,
    done: Cell<usize>,
    refused: Cell<usize>,
    took: RefCell<Vec<Duration>>,
}

impl Load {
    /// Keeps so many messages under way, without any manners: who is refused tries again at once. Everybody writes in a room of their own.
    async fn press(self: Rc<Self>, user: User, room: String, depth: usize) {
        let mut window = user.connect().await;
        let mut waiting = VecDeque::new();
        while !self.over.get() || !waiting.is_empty() {
            while waiting.len() < depth && !self.over.get() {
                let fields = json!({ "room": room, "client_id": new_client_id(), "body": "x".repeat(100) });
                waiting.push_back((window.post("send", fields).await, Instant::now()));
            }
            let Some((id, asked)) = waiting.pop_front() else { continue };
            let answer = window.reply(id).await;
            self.took.borrow_mut().push(asked.elapsed());
            match answer {
                Ok(_) => self.done.set(self.done.get() + 1),
                Err(refused) => {
                    assert_eq!(refused.code, "unavailable");
                    self.refused.set(self.refused.get() + 1);
                }
            }
        }
    }

    fn worst(&self) -> Duration {
        self.took.borrow().iter().max().copied().unwrap_or_default()
    }
}

/// So many connections for so long.
async fn pressed(people: &[(User, String)], (connections, depth): (usize, usize), lasts: Duration) -> Rc<Load> {
    let load = Rc::new(Load::default());
    let all: Vec<_> =
        people[..connections].iter().map(|(user, room)| actix_rt::spawn(load.clone().press(user.clone(), room.clone(), depth))).collect();
    let (began, mut pace) = (Instant::now(), tokio::time::interval(Duration::from_millis(20)));
    while began.elapsed() < lasts {
        pace.tick().await;
    }
    load.over.set(true);
    for one in join_all(all).await {
        one.unwrap();
    }
    load
}

/// How long one message takes while nothing else happens.
async fn calm(window: &mut Window, room: &str) -> Duration {
    let mut took = Vec::new();
    for _ in 0..21 {
        let asked = Instant::now();
        window.ok("send", json!({ "room": room, "client_id": new_client_id(), "body": "calm" })).await;
        took.push(asked.elapsed());
    }
    took.sort();
    took[took.len() / 2]
}

#[actix_rt::test]
async fn overload() {
    let mut plan = Plan::new("overload", Backend::Sqlite, 1, 1);
    let lasts = Duration::from_secs(if plan.full { 60 } else { 4 });
    let faults = Faults::of("chirm.db-wal");
    let server = faults.server(Backend::Sqlite, &[("CHIRM_LIMITS__JOURNAL_MESSAGES", JOURNAL)]).await;
    let mut people = Vec::new();
    for number in 0..OVERLOAD.0 {
        let user = server.user(&format!("user{number}")).await;
        let room = user.group("Mine", &[]).await;
        people.push((user, room));
    }
    faults.syncs_take(COMMIT);
    let mut one = people[0].0.connect().await;
    let before = calm(&mut one, &people[0].1).await;
    let peak = pressed(&people, PEAK, lasts).await;
    let base = server.resident_kib();
    let over = pressed(&people, OVERLOAD, lasts).await;
    let (ended, memory) = (Instant::now(), server.resident_kib());
    // Nobody answered for the first one meanwhile.
    let mut one = people[0].0.connect().await;
    while calm(&mut one, &people[0].1).await > 3 * before {
        assert!(ended.elapsed() < NORMAL_WITHIN, "not as before");
    }
    let share = over.done.get() as f64 / peak.done.get() as f64;
    let text = format!("{} stored at the peak, {} in overload ({:.0} %)", peak.done.get(), over.done.get(), share * 100.0);
    assert!(share >= 0.8, "{text}");
    assert!(over.refused.get() > over.done.get(), "{text}, {} told to try again: that was no overload", over.refused.get());
    assert!(over.worst() < ANSWERED_WITHIN, "{text}; {}", times("answers", &over.took.borrow()));
    assert!(memory <= 2 * base, "{memory} KiB, before {base}");
    plan.figure(text);
    plan.figure(format!("{} told to try again", over.refused.get()));
    plan.figure(times("answers", &over.took.borrow()));
    plan.figure(format!("memory {base} → {memory} KiB; as before after {} ms", ended.elapsed().as_millis()));
    // What was acknowledged is there.
    let mut stored = 0;
    for (user, room) in &people {
        stored += user.get(&format!("/rooms/{room}")).await.ok(200)["room"]["last_seq"].as_u64().unwrap() as usize;
    }
    assert!(stored >= peak.done.get() + over.done.get(), "{stored} are stored");
    plan.done(1);
}
