//! The log: numbers without gaps, stored once, watermarks that only rise.

use super::*;
use crate::db::append::{Mark, Outcome};
use std::collections::HashMap;

on_both!(
    refusals_use_no_number,
    duplicates,
    conflicts,
    strangers,
    archived,
    quoting,
    batches_of_any_size,
    marks,
    mentions,
    last_times,
    audited,
    concurrently,
    same_id_in_two_rooms_at_once
);

fn run(at: &mut Place, messages: Vec<NewMessage>, marks: Vec<Mark>) -> Outcome {
    append::run(&mut at.db, &Batch { messages, marks }, T0.plus(50)).unwrap()
}

type Answer<'a> = std::result::Result<i64, &'a str>;

/// Numbers, or the codes of refusals.
fn answers(outcome: &Outcome) -> Vec<Answer<'static>> {
    outcome.messages.iter().map(|sent| sent.as_ref().map(|sent| sent.seq).map_err(|refusal| refusal.code.name())).collect()
}

fn pair(at: &mut Place) -> (User, User, RoomId) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let room = at.room(RoomKind::Group, "group", &anna, &[&bob]);
    (anna, bob, room)
}

/// Every number once, and the room's row says the last.
fn assert_whole(at: &mut Place, room: RoomId, reader: &User, length: i64) {
    let room = at.as_member(reader, room);
    assert_eq!((room.head().last_seq, room.head().rev), (length, length));
    let delta = messages::since(&mut at.db, &room, 0, messages::Most { messages: 10_000, bytes: 1 << 30 }).unwrap();
    let numbers: Vec<_> = delta.messages.iter().map(|message| (message.seq, message.rev)).collect();
    assert_eq!(numbers, (1..=length).map(|n| (n, n)).collect::<Vec<_>>());
}

fn refusals_use_no_number(mut at: Place) {
    let (anna, bob, room) = pair(&mut at);
    let stranger = at.user("stranger");
    let mut bad_reply = message(room, &bob, "bad");
    bad_reply.reply_to = Some(99);
    let batch = vec![
        message(room, &anna, "1"),
        message(room, &stranger, "no"),
        message(room, &bob, "2"),
        bad_reply,
        message(RoomId::new(), &bob, "nowhere"),
        message(room, &anna, "3"),
    ];
    let outcome = run(&mut at, batch, vec![]);
    assert_eq!(answers(&outcome), [Ok(1), Err("not_found"), Ok(2), Err("invalid"), Err("not_found"), Ok(3)]);
    assert_whole(&mut at, room, &anna, 3);
    // What one writes oneself is read.
    let mine = rooms::seen(&mut at.db, bob.id, room).unwrap();
    assert_eq!((mine.read_seq, mine.delivered_seq, mine.unread), (2, 2, 1));
}

fn duplicates(mut at: Place) {
    let (anna, bob, room) = pair(&mut at);
    let first = message(room, &anna, "@bob once");
    let outcome = run(&mut at, vec![first.clone(), message(room, &bob, "between"), first.clone()], vec![]);
    let sent: Vec<_> = outcome.messages.into_iter().map(|sent| sent.unwrap()).collect();
    assert_eq!(sent.iter().map(|sent| (sent.seq, sent.duplicate)).collect::<Vec<_>>(), [(1, false), (2, false), (1, true)]);
    assert_eq!(Sent { duplicate: false, ..sent[2].clone() }, sent[0]);
    let again = append::run(&mut at.db, &Batch { messages: vec![first.clone()], marks: vec![] }, T0.plus(999)).unwrap();
    assert_eq!(again.messages[0].as_ref().unwrap(), &Sent { duplicate: true, ..sent[0].clone() });
    // Also to one who has left since, or whose room was archived: it was stored.
    members::put(&mut at.db, Actor::Member(anna.id), room, &by_id(&bob), Some(Role::Owner), T0).unwrap();
    members::leave(&mut at.db, anna.id, room).unwrap();
    assert_eq!(answers(&run(&mut at, vec![first], vec![])), [Ok(1)]);
    assert_whole(&mut at, room, &bob, 2);
    // Two users may use the same id, and messages of the server have none.
    let mut theirs = message(room, &bob, "theirs");
    let mut servers = message(room, &bob, "servers");
    (theirs.client_id, servers.client_id) = (message(room, &bob, "").client_id, None);
    assert_eq!(answers(&run(&mut at, vec![theirs, servers.clone(), servers], vec![])), [Ok(3), Ok(4), Ok(5)]);
}

fn conflicts(mut at: Place) {
    let (anna, _, room) = pair(&mut at);
    let other = at.room(RoomKind::Group, "other", &anna, &[]);
    let first = message(room, &anna, "first");
    let changed = NewMessage { body: "second".to_owned(), ..first.clone() };
    let elsewhere = NewMessage { room: other, ..first.clone() };
    let outcome = run(&mut at, vec![first, changed.clone(), elsewhere.clone()], vec![]);
    assert_eq!(answers(&outcome), [Ok(1), Err("conflict"), Err("conflict")]);
    assert_eq!(answers(&run(&mut at, vec![changed, elsewhere], vec![])), [Err("conflict"), Err("conflict")]);
    assert_whole(&mut at, other, &anna, 0);
}

fn strangers(mut at: Place) {
    let (anna, _, group) = pair(&mut at);
    let channel = at.room(RoomKind::Channel, "news", &anna, &[]);
    let eve = at.user("eve");
    let unchecked = NewMessage { check_member: false, ..message(channel, &eve, "announcement") };
    let outcome = run(&mut at, vec![message(group, &eve, "x"), message(channel, &eve, "x"), unchecked], vec![]);
    assert_eq!(answers(&outcome), [Err("not_found"), Err("not_member"), Ok(1)]);
}

fn archived(mut at: Place) {
    let (anna, _, room) = pair(&mut at);
    let patch = |archived| rooms::RoomPatch { archived: Some(archived), ..Default::default() };
    rooms::update(&mut at.db, Actor::Member(anna.id), room, patch(true), T0).unwrap();
    assert_eq!(answers(&run(&mut at, vec![message(room, &anna, "x")], vec![])), [Err("conflict")]);
    rooms::update(&mut at.db, Actor::Member(anna.id), room, patch(false), T0).unwrap();
    assert_eq!(answers(&run(&mut at, vec![message(room, &anna, "x")], vec![])), [Ok(1)]);
}

fn quoting(mut at: Place) {
    let (anna, _, room) = pair(&mut at);
    let quote = |reply_to, thread| NewMessage { reply_to, thread, ..message(room, &anna, "x") };
    let batch = vec![
        quote(Some(1), None),
        quote(None, None),
        // The one before it in the same batch.
        quote(Some(1), None),
        quote(Some(1), Some(2)),
        quote(Some(0), None),
        quote(None, Some(4)),
    ];
    let invalid = Err("invalid");
    assert_eq!(answers(&run(&mut at, batch, vec![])), [invalid, Ok(1), Ok(2), Ok(3), invalid, invalid]);
}

/// Rows are written many at a time: each has its own values, wherever it stands.
fn batches_of_any_size(mut at: Place) {
    let (anna, bob, room) = pair(&mut at);
    let mut stored = 0;
    for size in [1, 2, 15, 16, 17, 31, 32, 33, 100] {
        let batch: Vec<_> = (stored..stored + size)
            .map(|n| {
                let (author, body) = if n % 3 == 0 { (&anna, format!("@bob {n}")) } else { (&bob, n.to_string()) };
                NewMessage { reply_to: (n % 5 == 4).then_some(n), thread: (n % 7 == 6).then_some(n - 1), ..message(room, author, &body) }
            })
            .collect();
        let outcome = run(&mut at, batch.clone(), vec![]);
        assert_eq!(answers(&outcome), (stored + 1..=stored + size).map(Ok).collect::<Vec<_>>());
        let seen = at.as_member(&anna, room);
        let all = messages::since(&mut at.db, &seen, stored, messages::Most { messages: 1000, bytes: 1 << 20 }).unwrap().messages;
        assert_eq!(all.len(), batch.len());
        for (got, sent) in all.iter().zip(&batch) {
            let told = (got.author, &got.body, got.client_id, got.reply_to, got.thread);
            assert_eq!(told, (sent.author, &sent.body, sent.client_id, sent.reply_to, sent.thread));
            assert_eq!(got.mentions, if sent.named.is_empty() { vec![] } else { vec![bob.id] });
        }
        stored += size;
    }
    assert_whole(&mut at, room, &anna, stored);
}

fn marks(mut at: Place) {
    let (anna, bob, room) = pair(&mut at);
    let eve = at.user("eve");
    for n in 0..5 {
        at.send(room, &anna, &format!("{n}"));
    }
    let mark = |user: &User, read_seq, delivered_seq| Mark { room, user: user.id, read_seq, delivered_seq };
    for (read, delivered, wanted) in [
        (None, None, Ok(None)),
        (None, Some(2), Ok(Some((0, 2)))),
        (None, Some(2), Ok(None)),
        (Some(1), None, Ok(Some((1, 2)))),
        (Some(3), None, Ok(Some((3, 3)))),
        (Some(2), Some(1), Ok(None)),
        (Some(-1), None, Ok(None)),
        (None, Some(4), Ok(Some((3, 4)))),
        (Some(6), None, Err("invalid")),
        (Some(4), Some(6), Err("invalid")),
        (Some(5), Some(4), Ok(Some((5, 5)))),
    ] {
        let outcome = run(&mut at, vec![], vec![mark(&bob, read, delivered)]);
        let got = outcome.marks[0].as_ref().map_err(|refusal| refusal.code.name());
        let got = got.map(|receipt| receipt.map(|receipt| (receipt.read_seq, receipt.delivered_seq)));
        assert_eq!(got, wanted, "{read:?} {delivered:?}");
    }
    // Several in one batch, one of a message in the same batch, a stranger's in their midst.
    let batch = vec![mark(&bob, Some(6), None), mark(&eve, Some(1), None), mark(&bob, Some(6), None), mark(&anna, Some(6), None)];
    let outcome = run(&mut at, vec![message(room, &anna, "6")], batch);
    let rose: Vec<_> = outcome.marks.iter().map(|mark| mark.as_ref().map(Option::is_some).map_err(|r| r.code.name())).collect();
    assert_eq!(rose, [Ok(true), Err("not_found"), Ok(false), Ok(false)]);
    let room = rooms::seen(&mut at.db, bob.id, room).unwrap();
    assert_eq!((room.read_seq, room.delivered_seq, room.unread), (6, 6, 0));
}

fn mentions(mut at: Place) {
    let (anna, bob, room) = pair(&mut at);
    let eve = at.user("eve");
    let other = at.room(RoomKind::Group, "other", &anna, &[&bob]);
    let named = [at.send(room, &anna, "@bob"), at.send(room, &anna, "@anna @bob @eve"), at.send(room, &anna, "@bobo")];
    assert_eq!(named.map(|sent| sent.mentions), [vec![bob.id], vec![anna.id, bob.id], vec![]]);
    at.send(other, &anna, "@bob");
    let mut unread = |user: &User| {
        let mine = rooms::mine(&mut at.db, user.id).unwrap();
        mine.iter().map(|mine| mine.membership.mentions).collect::<Vec<_>>()
    };
    assert_eq!(unread(&bob), [0, 2, 1]);
    assert_eq!(unread(&anna), [0, 0, 0]);
    assert_eq!(unread(&eve), [0]);
    let mark = |read_seq| Mark { room, user: bob.id, read_seq: Some(read_seq), delivered_seq: None };
    let outcome = run(&mut at, vec![message(room, &anna, "@bob again")], vec![mark(1), mark(2)]);
    let left: Vec<_> = outcome.marks.iter().map(|mark| mark.as_ref().unwrap().unwrap().mentions).collect();
    assert_eq!(left, [2, 1]);
    // Answering reads all before.
    at.send(room, &bob, "yes");
    assert_eq!(rooms::seen(&mut at.db, bob.id, room).unwrap().mentions, 0);
}

/// A room says when its last message was stored; what is refused, resent or only read changes nothing of it.
fn last_times(mut at: Place) {
    let (anna, bob, room) = pair(&mut at);
    let other = at.room(RoomKind::Group, "other", &anna, &[&bob]);
    let stored_at = |at: &mut Place, ms: i64, messages: Vec<NewMessage>| {
        let marks = vec![Mark { room, user: bob.id, read_seq: Some(1), delivered_seq: None }];
        append::run(&mut at.db, &Batch { messages, marks }, T0.plus(ms)).unwrap();
        [room, other].map(|room| rooms::seen(&mut at.db, bob.id, room).unwrap().last_at)
    };
    assert_eq!(rooms::head(&mut at.db, room).unwrap().last_at, None);
    let first = message(room, &anna, "1");
    assert_eq!(stored_at(&mut at, 10, vec![first.clone()]), [Some(T0.plus(10)), None]);
    let refused = NewMessage { reply_to: Some(9), ..message(room, &anna, "bad") };
    assert_eq!(stored_at(&mut at, 20, vec![first, refused]), [Some(T0.plus(10)), None]);
    let both = vec![message(room, &anna, "2"), message(other, &anna, "1")];
    assert_eq!(stored_at(&mut at, 30, both), [Some(T0.plus(30)); 2]);
}

/// What was stored is in the audit log with its number; what was refused is not.
fn audited(mut at: Place) {
    let (anna, _, room) = pair(&mut at);
    let entry = |act: &str| AuditEntry {
        id: AuditId::new(),
        at: T0,
        actor: Some(anna.id),
        act: act.to_owned(),
        target: Some(room.to_string()),
        detail: None,
        address: None,
        request_id: None,
    };
    let told = |act: &str| NewMessage { client_id: None, audit: Some(Box::new(entry(act))), ..message(room, &anna, act) };
    let outcome = run(&mut at, vec![told("first"), NewMessage { reply_to: Some(9), ..told("refused") }, told("second")], vec![]);
    assert_eq!(answers(&outcome), [Ok(1), Err("invalid"), Ok(2)]);
    let acts = audit::list(&mut at.db, None, 10).unwrap().items;
    let mut acts: Vec<_> = acts.iter().map(|entry| (entry.act.as_str(), entry.detail.as_deref().unwrap())).collect();
    acts.sort_unstable();
    assert_eq!(acts, [("first", r#"{"seq":1}"#), ("second", r#"{"seq":2}"#)]);
}

fn concurrently(mut at: Place) {
    let (anna, bob, room) = pair(&mut at);
    let other = at.room(RoomKind::Group, "other", &anna, &[&bob]);
    let send = |author: &User, rooms: [RoomId; 2]| {
        let mut db = at.connector.connect().unwrap();
        for n in 0..20 {
            let messages = rooms.iter().map(|room| message(*room, author, &n.to_string())).collect();
            let outcome = append::run(&mut db, &Batch { messages, marks: vec![] }, T0).unwrap();
            assert!(outcome.messages.iter().all(|sent| sent.is_ok()));
        }
    };
    std::thread::scope(|scope| {
        // In opposite orders: a lock taken as they come would lock up.
        scope.spawn(|| send(&anna, [room, other]));
        scope.spawn(|| send(&bob, [other, room]));
    });
    assert_whole(&mut at, room, &anna, 40);
    assert_whole(&mut at, other, &anna, 40);
}

fn same_id_in_two_rooms_at_once(mut at: Place) {
    let (anna, _, room) = pair(&mut at);
    let other = at.room(RoomKind::Group, "other", &anna, &[]);
    let ids: Vec<_> = (0..20).map(|_| message(room, &anna, "x").client_id).collect();
    let start = std::sync::Barrier::new(2);
    let send = |room: RoomId| {
        let mut db = at.connector.connect().unwrap();
        let stored = ids.iter().map(|&client_id| {
            start.wait();
            let batch = Batch { messages: vec![NewMessage { client_id, ..message(room, &anna, "x") }], marks: vec![] };
            append::run(&mut db, &batch, T0).unwrap().messages[0].is_ok()
        });
        stored.collect::<Vec<_>>()
    };
    let (a, b) = std::thread::scope(|scope| {
        let a = scope.spawn(|| send(room));
        let b = scope.spawn(|| send(other));
        (a.join().unwrap(), b.join().unwrap())
    });
    assert!(a.iter().zip(&b).all(|(a, b)| a != b), "{a:?} {b:?}");
    let stored: HashMap<bool, usize> = a.into_iter().fold(HashMap::new(), |mut counts, here| {
        *counts.entry(here).or_default() += 1;
        counts
    });
    assert_whole(&mut at, room, &anna, stored.get(&true).copied().unwrap_or(0) as i64);
    assert_whole(&mut at, other, &anna, stored.get(&false).copied().unwrap_or(0) as i64);
}
