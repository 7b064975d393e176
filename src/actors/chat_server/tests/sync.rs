//! Cursors, `sync`, and what is committed meanwhile.

use super::*;

#[test]
fn cursors() {
    for (cursor, epoch, wanted) in [
        (4, None, &["listen 2 [true]"][..]),
        (3, Some("epoch-1"), &["listen 2 [false]", "job"]),
        (9, None, &["listen 2 [false]", "to 2 {\"event\":\"resync\""]),
        (4, Some("epoch-0"), &["listen 2 [false]", "to 2 {\"event\":\"resync\""]),
    ] {
        let mut bench = Bench::new();
        bench.enter(2, &[head(7, 4, 4)]);
        let mut greeting = bench.greeting(1);
        greeting.cursors = vec![(RoomId::from([7; 16]), cursor)];
        greeting.epoch = epoch.map(str::to_owned);
        bench.state.hello(greeting, NOW, &mut bench.out);
        let news = bench.load();
        bench.loaded(1, news, vec![loaded(head(7, 4, 4))]);
        let mut said = bench.said();
        said.extend(bench.out.jobs.iter().map(|_| "job".to_owned()));
        assert_eq!(said.len(), wanted.len() + 1, "{said:?}");
        for (said, wanted) in said[1..].iter().zip(wanted) {
            assert!(said.starts_with(wanted), "{said} / {wanted}");
        }
    }
}

#[test]
fn a_sync_is_topped_up_with_what_was_committed_meanwhile() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 4, 4)]);
    let room = RoomRef::Id(RoomId::from([7; 16]));
    bench.state.sync(conn, 3, room.clone(), 2, 100, &mut bench.out);
    assert_eq!(bench.said(), ["behind 1"]);
    let [Job::Sync { want, .. }] = bench.out.jobs[..] else { panic!("{:?}", bench.out.jobs) };
    assert_eq!(want.after_rev, 2);
    bench.clear();
    bench.commit(vec![(message(7, 2, 1), Origin::Nobody, Ok(sent(5, 5)))]);
    bench.clear();
    bench.state.synced(want, RoomId::from([7; 16]), delta(3..=4), &mut bench.out);
    let said = bench.said();
    assert!(said[0].contains("{\"rev\":4},{\"room\":") && said[0].ends_with("\"rev\":5,\"more\":false}}"), "{}", said[0]);
    assert_eq!(said[1], "live 1");
    serde_json::from_str::<serde_json::Value>(said[0].strip_prefix("reply 1 ").unwrap()).unwrap();
}

fn wanted(conn: ConnId, id: Option<i64>) -> Want {
    Want { conn, id, room: crate::actors::courier::RoomIx(0), after_rev: 2, limit: 100 }
}

/// What a reader found, of these changes.
fn delta(revs: std::ops::RangeInclusive<i64>) -> Delta {
    let mut delta = Delta { rev: *revs.end(), ..Delta::default() };
    for rev in revs {
        let comma = if delta.json.is_empty() { "" } else { "," };
        delta.json.extend(format!("{comma}{{\"rev\":{rev}}}").bytes());
        delta.ends.push((rev, delta.json.len()));
    }
    delta
}

#[test]
fn a_sync_does_not_run_ahead_of_what_memory_has_heard() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 4, 4)]);
    bench.state.synced(wanted(conn, Some(3)), RoomId::from([7; 16]), delta(3..=6), &mut bench.out);
    let said = bench.said();
    assert!(said[0].ends_with("\"messages\":[{\"rev\":3},{\"rev\":4}],\"rev\":4,\"more\":false}}"), "5 and 6 will come live: {}", said[0]);
    assert_eq!(said[1], "live 1");
}

#[test]
fn who_left_during_a_sync_is_told_so_and_nothing_of_the_room() {
    for others in [false, true] {
        let mut bench = Bench::new();
        let conn = bench.enter(1, &[head(7, 4, 4)]);
        if others {
            bench.enter(2, &[head(7, 4, 4)]);
        }
        bench.state.apply(Change::MemberLeft { head: head(7, 4, 4), user: UserId::from([1; 16]) }, NOW, &mut bench.out);
        bench.clear();
        bench.state.synced(wanted(conn, Some(3)), RoomId::from([7; 16]), delta(3..=4), &mut bench.out);
        assert!(matches!(bench.out.jobs[..], [Job::Explain { id: 3, .. }]), "the request is answered, and not with the room's messages");
        bench.clear();
        bench.state.synced(wanted(conn, None), RoomId::from([7; 16]), delta(3..=4), &mut bench.out);
        bench.state.sync_failed(&wanted(conn, None), RoomId::from([7; 16]), &Refusal::unavailable(), &mut bench.out);
        assert!(bench.said().is_empty() && bench.out.jobs.is_empty());
        bench.state.sync_failed(&wanted(conn, Some(3)), RoomId::from([7; 16]), &Refusal::unavailable(), &mut bench.out);
        assert!(matches!(&bench.said()[..], [only] if only.starts_with("reply 1 {\"id\":3,\"error\":")));
    }
}

#[test]
fn who_is_left_behind_by_a_sync_that_failed_is_told_so_before_the_refusal() {
    const REFUSED: &str = "reply 1 {\"id\":3,\"error\":{\"code\":\"unavailable\"";
    const TOLD: &str = "to 1 {\"event\":\"resync\"";
    // After `hello` nobody waits for an answer; and the answer to another `sync` may make the connection live before this one fails.
    for (id, other, wanted) in [
        (Some(3), false, &["behind 1", TOLD, REFUSED][..]),
        (Some(3), true, &["reply 1 {\"id\":4,\"ok\":", "live 1", "behind 1", TOLD, REFUSED]),
        (None, false, &["behind 1", TOLD]),
    ] {
        let mut bench = Bench::new();
        let conn = bench.enter(1, &[head(7, 4, 4)]);
        let room = RoomId::from([7; 16]);
        let want = self::wanted(conn, id);
        if other {
            bench.state.synced(Want { id: Some(4), ..want }, room, delta(3..=4), &mut bench.out);
        }
        bench.state.sync_failed(&want, room, &Refusal::unavailable(), &mut bench.out);
        let said = bench.said();
        assert_eq!(said.len(), wanted.len(), "{said:?}");
        for (said, wanted) in said.iter().zip(wanted) {
            assert!(said.starts_with(wanted), "{said} / {wanted}");
        }
        let told = said.iter().find(|said| said.starts_with(TOLD)).unwrap();
        assert!(told.ends_with("\"after_rev\":2}"), "from where it asked: {told}");
    }
}

/// Two requests under way at once: the first answer makes the connection live, the second says that there is more.
#[test]
fn an_answer_with_more_leaves_its_asker_behind() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 9, 9)]);
    let room = RoomRef::Id(RoomId::from([7; 16]));
    for (id, after_rev) in [(3, 7), (4, 2)] {
        bench.state.sync(conn, id, room.clone(), after_rev, 3, &mut bench.out);
    }
    let wants: Vec<Want> =
        bench.out.jobs.iter().map(|job| if let Job::Sync { want, .. } = job { *want } else { panic!("{job:?}") }).collect();
    bench.clear();
    for (want, rev, more) in [(wants[0], 9, false), (wants[1], 5, true)] {
        let delta = Delta { rev, more, ..Delta::default() };
        bench.state.synced(want, RoomId::from([7; 16]), delta, &mut bench.out);
    }
    let said = bench.said();
    assert!(said[0].starts_with("reply 1 {\"id\":3,") && said[1] == "live 1", "{said:?}");
    assert!(said[2].starts_with("reply 1 {\"id\":4,") && said[3] == "behind 1", "{said:?}");
}

/// After a start the rooms' tails are empty, and everybody comes back at once.
#[test]
fn who_asks_for_the_same_shares_one_read_and_later_ones_need_none() {
    let (room, at) = (RoomRef::Id(RoomId::from([7; 16])), RoomId::from([7; 16]));
    let mut bench = Bench::new();
    let [a, b, c] = [1, 2, 3].map(|user| bench.enter(user, &[head(7, 4, 4)]));
    bench.state.sync(a, 3, room.clone(), 2, 200, &mut bench.out);
    bench.state.sync(b, 4, room.clone(), 2, 200, &mut bench.out);
    let [Job::Sync { want, .. }] = bench.out.jobs[..] else { panic!("{:?}", bench.out.jobs) };
    // Meanwhile something is committed that the read may not have seen.
    bench.commit(vec![(message(7, 3, 9), Origin::Nobody, Ok(sent(5, 5)))]);
    bench.clear();
    bench.state.synced(want, at, delta(3..=4), &mut bench.out);
    let said = bench.said();
    let answers: Vec<&String> = said.iter().filter(|said| said.contains("\"rev\":5,\"more\":false")).collect();
    assert!(
        answers[0].starts_with("reply 1 {\"id\":3,") && answers[1].starts_with("reply 2 {\"id\":4,"),
        "in the order in which they asked: {said:?}"
    );
    bench.clear();
    bench.state.sync(c, 5, room.clone(), 2, 200, &mut bench.out);
    assert!(bench.out.jobs.is_empty() && bench.said()[1].starts_with("reply 3 {\"id\":5,"), "{:?}", bench.said());
    // Of what lies before nothing is known; and what the first one may not have says nothing of the others.
    bench.clear();
    bench.state.sync(a, 6, room.clone(), 0, 200, &mut bench.out);
    bench.state.sync(b, 7, room.clone(), 0, 200, &mut bench.out);
    let [Job::Sync { want, .. }] = bench.out.jobs[..] else { panic!("{:?}", bench.out.jobs) };
    bench.clear();
    bench.state.sync_failed(&want, at, &Refusal::not_member(), &mut bench.out);
    let [Job::Sync { want: other, .. }] = bench.out.jobs[..] else { panic!("{:?}", bench.out.jobs) };
    assert_eq!((want.id, other.id), (Some(6), Some(7)));
    bench.clear();
    bench.state.sync(c, 8, room.clone(), 0, 200, &mut bench.out);
    bench.state.sync(a, 9, room.clone(), 0, 200, &mut bench.out);
    let [Job::Sync { want, .. }] = bench.out.jobs[..] else { panic!("{:?}", bench.out.jobs) };
    bench.clear();
    bench.state.sync_failed(&want, at, &Refusal::unavailable(), &mut bench.out);
    let refused = bench.said().iter().filter(|said| said.contains("\"error\":")).count();
    assert!(refused == 2 && bench.out.jobs.is_empty(), "who waits with one that has no time is told to try again: {:?}", bench.out.jobs);
}
