//! A database that does not answer, answers slowly, or comes back: every request has its answer in time, nobody is thrown out, what needs
//! no database goes on, and nothing acknowledged is lost.

use crate::{
    database_gone::{behind_proxy, persist},
    plan::Plan,
    proxy::Proxy,
    support::{Backend, Server, User, Window, eventually, new_client_id},
};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use futures_util::future::{join_all, join3};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

/// Every request has its answer by then.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// From the database's return to the first message stored.
const BACK_WITHIN: Duration = Duration::from_secs(5);
/// How much longer than before typing may take, at the 99th percentile.
const TYPING: Duration = Duration::from_millis(50);
/// How long the fault lasts: longer than anything may wait for.
fn lasts(plan: &Plan) -> Duration {
    Duration::from_secs(if plan.full { 30 } else { 7 })
}

/// Types until `over`; gives the 99th percentile of its answers.
async fn type_until(window: &mut Window, over: impl Fn() -> bool) -> Duration {
    let mut took = Vec::new();
    while !over() || took.len() < 100 {
        let asked = Instant::now();
        window.ok("typing", json!({ "room": "#lobby", "on": took.len() % 2 == 0 })).await;
        took.push(asked.elapsed());
    }
    took.sort();
    took[took.len() * 99 / 100]
}

/// Asks all kinds of things, again and again, until `over`; every one must be answered in time, with its result or with `unavailable`.
/// Gives the messages that were sent, with `seq` where it was acknowledged.
async fn ask_until(user: &User, window: &mut Window, over: impl Fn() -> bool) -> Vec<(String, Option<i64>)> {
    let mut sent = Vec::new();
    while !over() {
        let client_id = new_client_id();
        let asked = Instant::now();
        let mut ids = vec![("send", window.post("send", json!({ "room": "#lobby", "client_id": client_id, "body": "meanwhile" })).await)];
        for (op, fields) in [
            ("history", json!({ "room": "#lobby" })),
            ("sync", json!({ "room": "#lobby", "after_rev": 0 })),
            ("join", json!({ "room": "#nowhere" })),
            ("leave", json!({ "room": "#nowhere" })),
            ("direct", json!({ "user": "bob" })),
            ("presence", json!({ "room": "#lobby" })),
            ("read", json!({ "room": "#lobby", "seq": 1 })),
        ] {
            ids.push((op, window.post(op, fields).await));
        }
        for (op, id) in ids {
            let answer = window.reply(id).await;
            assert!(asked.elapsed() < ANSWERED_WITHIN, "{op} took {:?}", asked.elapsed());
            match answer {
                Ok(ok) if op == "send" => sent.push((client_id.clone(), ok["seq"].as_i64())),
                Ok(_) => {}
                Err(refused) => {
                    assert!(matches!(&refused.code[..], "unavailable" | "not_found"), "{op}: {refused:?}");
                    if op == "send" {
                        sent.push((client_id.clone(), None));
                    }
                }
            }
        }
        let asked = Instant::now();
        let answer = user.get("/rooms").await;
        assert!(matches!(answer.status, 200 | 503) && asked.elapsed() < ANSWERED_WITHIN, "{answer:?} after {:?}", asked.elapsed());
    }
    sent
}

/// How it went on while the database had a fault, and after it.
struct Passed {
    /// Messages that were acknowledged meanwhile.
    acknowledged: usize,
    /// How much longer typing took meanwhile, at p99.
    slower: Duration,
    /// From the end of the fault to the first message that was stored.
    back: Duration,
    /// Messages, in the end.
    stored: usize,
}

/// The figures of all times.
fn sum_up(plan: &mut Plan, times: &[Passed]) {
    let most = |of: fn(&Passed) -> Duration| times.iter().map(of).max().unwrap_or_default().as_millis();
    plan.figure(format!("back after at most {} ms", most(|passed| passed.back)));
    plan.figure(format!("typing p99 at most {} ms slower", most(|passed| passed.slower)));
    plan.figure(format!("{} stored once each, 0 lost", times.iter().map(|passed| passed.stored).sum::<usize>()));
}

/// A database with a fault that begins, lasts and ends: what must hold throughout.
async fn through(plan: &Plan, server: &Server, begin: impl FnOnce(), end: impl FnOnce()) -> Passed {
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b, mut t) = (alice.connect().await, bob.connect().await, bob.connect().await);
    a.send("#lobby", "before").await;
    let before = type_until(&mut t, || true).await;

    begin();
    let began = Instant::now();
    let over = || began.elapsed() > lasts(plan);
    let (tried, typing, ()) = join3(ask_until(&alice, &mut a, over), type_until(&mut t, over), b.listen(lasts(plan))).await;
    assert!(typing < before + TYPING, "typing took {typing:?}, before {before:?}");

    end();
    let ended = Instant::now();
    let acknowledged = tried.iter().filter(|(_, seq)| seq.is_some()).count();
    persist(&mut a, &new_client_id(), "and back").await;
    let back = ended.elapsed();
    assert!(back < BACK_WITHIN, "{back:?}");
    eventually("ready again", || async { (server.http().raw("GET", "/readyz", Vec::new()).await.status == 200).then_some(()) }).await;
    for (client_id, acknowledged) in tried {
        let seq = persist(&mut a, &client_id, "meanwhile").await;
        assert!(acknowledged.is_none_or(|acknowledged| acknowledged == seq));
    }
    // Nobody was thrown out, and everybody knows everything.
    let stored = alice.history("#lobby").await;
    assert!(stored.iter().zip(1..).all(|(message, at)| message["seq"].as_i64() == Some(at)));
    hears_all(&mut b, stored.len()).await;
    b.holds("#lobby", 0, &stored);
    Passed { acknowledged, slower: typing.saturating_sub(before), back, stored: stored.len() }
}

/// Takes in events, and fetches what it is told to fetch, until it knows so many changes.
async fn hears_all(window: &mut Window, changes: usize) {
    while window.rev("#lobby") < changes as i64 {
        let event = window.next_any().await.expect("it was thrown out");
        if event["event"] == "resync" {
            fetch(window, event["after_rev"].as_i64().unwrap()).await;
        }
    }
}

/// Everything from `after_rev` on. A connection to the database that ends in the middle of this is a reason to be told to try again.
async fn fetch(window: &mut Window, mut after_rev: i64) {
    loop {
        let page = window.insist("sync", json!({ "room": "#lobby", "after_rev": after_rev, "limit": 200 })).await;
        after_rev = page["rev"].as_i64().unwrap();
        if page["more"] == false {
            return;
        }
    }
}

#[actix_rt::test]
async fn a_silent_database() {
    if !crate::postgres::is_wanted() {
        return;
    }
    let mut plan = Plan::new("a_silent_database", Backend::Postgres, 1, 10);
    let mut times = Vec::new();
    for done in 0..plan.count {
        let (server, proxy) = behind_proxy().await;
        times.push(through(&plan, &server, || proxy.hold(), || proxy.heal()).await);
        assert_eq!(times[done].acknowledged, 0, "the database was there");
        plan.progress(done + 1);
    }
    sum_up(&mut plan, &times);
    plan.done(1);
}

#[actix_rt::test]
async fn a_slow_database() {
    if !crate::postgres::is_wanted() {
        return;
    }
    let mut plan = Plan::new("a_slow_database", Backend::Postgres, 1, 5);
    let mut times = Vec::new();
    for done in 0..plan.count {
        let (server, proxy) = behind_proxy().await;
        times.push(through(&plan, &server, || proxy.delay(Duration::from_millis(500)), || proxy.heal()).await);
        plan.progress(done + 1);
    }
    sum_up(&mut plan, &times);
    plan.done(1);
}

/// Another program, such as a backup, holds the database's lock.
#[actix_rt::test]
async fn a_locked_database() {
    let mut plan = Plan::new("a_locked_database", Backend::Sqlite, 1, 10);
    let mut times = Vec::new();
    for done in 0..plan.count {
        let server = Server::start(Backend::Sqlite).await;
        let other = SqliteConnection::establish(server.data_dir().join("chirm.db").to_str().unwrap()).unwrap();
        let other = RefCell::new(other);
        let run = |sql: &str| other.borrow_mut().batch_execute(sql).unwrap();
        times.push(through(&plan, &server, || run("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE"), || run("ROLLBACK")).await);
        assert_eq!(times[done].acknowledged, 0, "it was not locked");
        plan.progress(done + 1);
    }
    sum_up(&mut plan, &times);
    plan.done(1);
}

#[actix_rt::test]
async fn a_restarted_database_refuses_nobody() {
    if !crate::postgres::is_wanted() {
        return;
    }
    let (server, proxy) = behind_proxy().await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut rooms = Vec::new();
    for number in 0..16 {
        rooms.push(alice.group(&format!("Group {number}"), &[&bob]).await);
    }
    let mut a = alice.connect().await;
    for _ in 0..3 {
        // Every connection is used.
        let all = |count: usize| join_all((0..count).map(|_| alice.get("/rooms")));
        for answer in all(30).await {
            answer.ok(200);
        }
        for room in &rooms {
            a.send(room, "before").await;
        }
        proxy.end_all();
        for answer in all(30).await {
            answer.ok(200);
        }
        for room in &rooms {
            a.send(room, "after").await;
        }
    }
}

/// The connection breaks between the commit and its answer: the message is there, and the server does not know.
async fn stored_without_an_answer() -> (Server, Proxy, [Window; 2], String) {
    let (server, proxy) = behind_proxy().await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, b) = (alice.connect().await, bob.connect().await);
    let client_id = new_client_id();
    proxy.hold_answers_from(b"COMMIT");
    let id = a.post("send", json!({ "room": "#lobby", "client_id": client_id, "body": "am I there" })).await;
    let refused = a.reply(id).await.unwrap_err();
    assert_eq!(refused.code, "unavailable");
    proxy.end_all();
    proxy.heal();
    (server, proxy, [a, b], client_id)
}

#[actix_rt::test]
async fn what_was_stored_without_an_answer_reaches_everybody() {
    if !crate::postgres::is_wanted() {
        return;
    }
    let (_server, _proxy, [_a, mut b], client_id) = stored_without_an_answer().await;
    // Nobody says anything more.
    let told = b.next("resync").await;
    fetch(&mut b, told["after_rev"].as_i64().unwrap()).await;
    let seen: Vec<Value> = b.seen_of("#lobby").into_iter().map(|(_, body)| json!(body)).collect();
    assert_eq!(seen, ["am I there"]);
    assert!(!client_id.is_empty());
}

#[actix_rt::test]
async fn a_retry_of_what_was_stored_without_an_answer_is_told_once() {
    if !crate::postgres::is_wanted() {
        return;
    }
    let (_server, _proxy, [mut a, mut b], client_id) = stored_without_an_answer().await;
    assert_eq!(persist(&mut a, &client_id, "am I there").await, 1);
    hears_all(&mut b, 1).await;
    a.send("#lobby", "and live again").await;
    hears_all(&mut b, 2).await;
    assert_eq!(b.seen_of("#lobby").len(), 2);
}
