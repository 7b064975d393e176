//! History, what changed since, receipts.

use super::*;
use crate::db::messages::{From, Most};

on_both!(pages, large_pages, changes_since, receipts, one_message);

fn ten(at: &mut Place) -> (User, User, RoomId) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let room = at.room(RoomKind::Group, "group", &anna, &[&bob]);
    // Another room in between, so that its rows lie beside.
    let other = at.room(RoomKind::Group, "other", &anna, &[&bob]);
    for n in 1..=10 {
        at.send(room, &anna, &format!("number {n}"));
        at.send(other, &anna, "elsewhere");
    }
    (anna, bob, room)
}

fn pages(mut at: Place) {
    let (_, bob, room) = ten(&mut at);
    let room = at.as_member(&bob, room);
    for (from, limit, seqs, has_before, has_after) in [
        (From::Newest, 4, 7..11, true, false),
        (From::Newest, 200, 1..11, false, false),
        (From::Before(7), 4, 3..7, true, true),
        (From::Before(3), 4, 1..3, false, true),
        (From::Before(1), 4, 1..1, false, true),
        (From::Before(99), 4, 7..11, true, false),
        (From::After(0), 4, 1..5, false, true),
        (From::After(6), 4, 7..11, true, false),
        (From::After(10), 4, 1..1, true, false),
        (From::Around(5), 4, 3..7, true, true),
        (From::Around(1), 4, 1..5, false, true),
        (From::Around(10), 4, 7..11, true, false),
        (From::Around(5), 1, 5..6, true, true),
    ] {
        let slice = messages::page(&mut at.db, &room, from, most(limit)).unwrap();
        let found: Vec<_> = slice.messages.iter().map(|message| message.seq).collect();
        assert_eq!(found, seqs.collect::<Vec<_>>(), "{from:?}");
        assert_eq!((slice.has_before, slice.has_after), (has_before, has_after), "{from:?}");
        assert!(slice.messages.iter().all(|message| message.body == format!("number {}", message.seq)));
    }
    let empty = at.room(RoomKind::Group, "empty", &bob, &[]);
    let empty = at.as_member(&bob, empty);
    for from in [From::Newest, From::Before(5), From::After(0), From::Around(1)] {
        let slice = messages::page(&mut at.db, &empty, from, most(10)).unwrap();
        assert_eq!((slice.messages.len(), slice.has_before, slice.has_after), (0, false, false), "{from:?}");
    }
}

/// Pages that would be too large for a connection hold what is nearest to what was asked for, and say that there is more.
fn large_pages(mut at: Place) {
    let (_, bob, room) = ten(&mut at);
    let room = at.as_member(&bob, room);
    // Each takes 512 bytes and its body's nine or ten.
    for (from, bytes, seqs, has_before, has_after) in [
        (From::Newest, 1_600, 8..11, true, false),
        (From::Before(7), 1_600, 4..7, true, true),
        (From::After(0), 1_600, 1..4, false, true),
        (From::After(8), 1_600, 9..11, true, false),
        (From::Around(5), 2_200, 3..7, true, true),
        (From::Around(1), 2_200, 1..3, false, true),
        (From::Newest, 1, 10..11, true, false),
        (From::After(3), 1, 4..5, true, true),
    ] {
        let slice = messages::page(&mut at.db, &room, from, Most { messages: 10, bytes }).unwrap();
        let found: Vec<_> = slice.messages.iter().map(|message| message.seq).collect();
        assert_eq!((found, slice.has_before, slice.has_after), (seqs.collect(), has_before, has_after), "{from:?} {bytes}");
    }
    let delta = messages::since(&mut at.db, &room, 2, Most { messages: 200, bytes: 1_600 }).unwrap();
    let found: Vec<_> = delta.messages.iter().map(|message| message.rev).collect();
    assert_eq!((found, delta.rev, delta.more), (vec![3, 4, 5], 5, true));
}

fn most(messages: u32) -> Most {
    Most { messages, bytes: 1 << 20 }
}

fn changes_since(mut at: Place) {
    let (_, bob, room) = ten(&mut at);
    let room = at.as_member(&bob, room);
    for (after, limit, revs, reached, more) in
        [(0, 200, 1..11, 10, false), (0, 4, 1..5, 4, true), (4, 6, 5..11, 10, false), (10, 5, 1..1, 10, false), (99, 5, 1..1, 10, false)]
    {
        let delta = messages::since(&mut at.db, &room, after, most(limit)).unwrap();
        let found: Vec<_> = delta.messages.iter().map(|message| message.rev).collect();
        assert_eq!((found, delta.rev, delta.more), (revs.collect(), reached, more), "after {after}");
    }
}

fn receipts(mut at: Place) {
    let (anna, bob, room) = ten(&mut at);
    let carl = at.user("carl");
    members::put(&mut at.db, Actor::Member(anna.id), room, &by_id(&carl), None, T0).unwrap();
    let mark = |at: &mut Place, read_seq, delivered_seq, now| {
        let mark = append::Mark { room, user: bob.id, read_seq, delivered_seq };
        append::run(&mut at.db, &Batch { messages: vec![], marks: vec![mark] }, T0.plus(now)).unwrap();
    };
    mark(&mut at, None, Some(8), 20);
    mark(&mut at, Some(5), None, 30);
    let seen = at.as_member(&anna, room);
    let (delivered, read) = ((bob.id, T0.plus(20)), (bob.id, T0.plus(30)));
    for (seq, delivered, read) in [(5, &[delivered][..], &[read][..]), (6, &[delivered], &[]), (9, &[], &[])] {
        // Neither the author, who has read everything, nor one who came later.
        let receipts = messages::receipts(&mut at.db, &seen, seq).unwrap();
        assert_eq!((&receipts.delivered[..], &receipts.read[..]), (delivered, read), "{seq}");
    }
    assert_eq!(refused(messages::receipts(&mut at.db, &seen, 11)), Code::NotFound);
}

fn one_message(mut at: Place) {
    let (anna, bob, room) = ten(&mut at);
    let mut reply = message(room, &anna, "@bob look, @nobody @anna");
    (reply.reply_to, reply.thread) = (Some(3), Some(2));
    let client_id = reply.client_id;
    append::run(&mut at.db, &Batch { messages: vec![reply], marks: vec![] }, T0.plus(7)).unwrap();
    let room = at.as_member(&bob, room);
    let stored = messages::one(&mut at.db, &room, 11).unwrap();
    let wanted = Message {
        room: room.head().id,
        seq: 11,
        rev: 11,
        author: anna.id,
        client_id,
        body: "@bob look, @nobody @anna".to_owned(),
        created_at: T0.plus(7),
        reply_to: Some(3),
        thread: Some(2),
        mentions: vec![bob.id, anna.id],
        edited_at: None,
        deleted_at: None,
    };
    assert_eq!(stored, wanted);
    assert_eq!(refused(messages::one(&mut at.db, &room, 12)), Code::NotFound);
    assert_eq!(messages::count(&mut at.db).unwrap(), 21);
}
