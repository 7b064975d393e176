//! Who comes: what is read of them, when it is read again, and what they are told.

use super::*;

/// Somebody with one window says hello, and is to be read.
fn asks(bench: &mut Bench) -> u64 {
    let greeting = bench.greeting(1);
    bench.state.hello(greeting, NOW, &mut bench.out);
    bench.load()
}

#[test]
fn two_windows_cost_one_read() {
    let mut bench = Bench::new();
    let (a, b) = (bench.greeting(1), bench.greeting(1));
    bench.state.hello(a, NOW, &mut bench.out);
    bench.state.hello(b, NOW, &mut bench.out);
    let news = bench.load();
    assert!(bench.out.jobs.is_empty());
    bench.loaded(1, news, vec![loaded(head(7, 3, 3))]);
    let said = bench.said();
    assert!(said[0].starts_with("reply 1 {\"id\":1,\"ok\":{\"user\":"), "{}", said[0]);
    assert_eq!(said[1], "listen 1 [true]");
    assert_eq!(said[3], "listen 2 [true]");
    assert_eq!(bench.state.counts(), (2, 1));
}

#[test]
fn what_changed_during_a_read_is_read_again() {
    let mut bench = Bench::new();
    let news = asks(&mut bench);
    let joined = Change::MemberJoined { head: head(7, 0, 0), user: user(1), membership: mine(), peer: None };
    bench.state.apply(joined, NOW, &mut bench.out);
    bench.loaded(1, news, vec![]);
    bench.load();
    assert!(bench.said().is_empty());
}

#[test]
fn a_message_to_a_room_that_is_not_loaded_spoils_reads_too() {
    let mut bench = Bench::new();
    let news = asks(&mut bench);
    bench.commit(vec![(message(7, 2, 1), Origin::Nobody, Ok(sent(1, 1)))]);
    bench.loaded(1, news, vec![loaded(head(7, 0, 0))]);
    let news = bench.load();
    bench.loaded(1, news, vec![loaded(head(7, 1, 1))]);
    assert!(bench.said()[0].contains("\"last_seq\":1"));
}

#[test]
fn what_concerns_somebody_who_is_being_loaded_is_counted_once() {
    let mut bench = Bench::new();
    bench.enter(2, &[head(7, 4, 4)]);
    let news = asks(&mut bench);
    let named = |seq| Sent { mentions: vec![UserId::from([1; 16])], ..sent(seq, seq) };
    for seq in [5, 6] {
        bench.commit(vec![(message(7, 2, seq as u8), Origin::Nobody, Ok(named(seq)))]);
    }
    // The read saw one of the two commits that were heard of.
    let one = Loaded { mine: Membership { mentions: 1, ..mine() }, ..loaded(head(7, 5, 5)) };
    bench.loaded(1, news, vec![one]);
    let at = bench.state.user_ix[&UserId::from([1; 16])];
    assert_eq!(bench.state.user(at).rooms[0].mine.mentions, 2);

    // The next read saw a commit that is heard of later.
    let mut greeting = bench.greeting(3);
    let named = |seq| Sent { mentions: vec![UserId::from([3; 16])], ..sent(seq, seq) };
    let two = Loaded { mine: Membership { mentions: 2, ..mine() }, ..loaded(head(7, 8, 8)) };
    greeting.rooms = Some(Arc::new(vec![two]));
    bench.commit(vec![(message(7, 2, 7), Origin::Nobody, Ok(named(7)))]);
    bench.state.hello(greeting, NOW, &mut bench.out);
    bench.commit(vec![(message(7, 2, 8), Origin::Nobody, Ok(named(8)))]);
    bench.commit(vec![(message(7, 2, 9), Origin::Nobody, Ok(named(9)))]);
    let at = bench.state.user_ix[&UserId::from([3; 16])];
    assert_eq!(bench.state.user(at).rooms[0].mine.mentions, 3);
}

#[test]
fn whose_rooms_were_read_with_the_token_is_not_read_again() {
    let mut bench = Bench::new();
    let mut greeting = bench.greeting(1);
    greeting.rooms = Some(Arc::new(vec![loaded(head(7, 3, 3))]));
    let second = Greeting { conn: bench.greeting(1).conn, ..greeting.clone() };
    bench.state.hello(greeting, NOW, &mut bench.out);
    bench.state.hello(second, NOW, &mut bench.out);
    assert!(bench.out.jobs.is_empty());
    let said = bench.said();
    assert!(said[0].contains("\"last_seq\":3"), "{}", said[0]);
    assert_eq!((&said[1][..], &said[3][..]), ("listen 1 [true]", "listen 2 [true]"));
}

#[test]
fn what_was_read_with_the_token_may_be_old() {
    let joined = || Change::MemberJoined { head: head(8, 0, 0), user: user(1), membership: mine(), peer: None };
    let renamed = || Change::UserUpdated { user: user(2) };
    for change in [joined(), Change::RoomUpdated { head: head(7, 3, 3) }, renamed()] {
        let mut bench = Bench::new();
        let mut greeting = bench.greeting(1);
        greeting.rooms = Some(Arc::new(vec![loaded(head(7, 3, 3))]));
        bench.state.apply(change, NOW, &mut bench.out);
        bench.clear();
        bench.state.hello(greeting, NOW, &mut bench.out);
        bench.load();
        assert!(bench.said().is_empty());
    }
}

#[test]
fn a_sign_in_from_before_a_change_does_not_undo_it() {
    let renamed = || crate::domain::User { display_name: "New".into(), ..user(1) };
    // Whether the user is in memory or not.
    for here in [true, false] {
        let mut bench = Bench::new();
        if here {
            bench.enter(1, &[]);
        }
        let greeting = bench.greeting(1);
        bench.state.apply(Change::UserUpdated { user: renamed() }, NOW, &mut bench.out);
        bench.clear();
        bench.state.hello(greeting, NOW, &mut bench.out);
        if !here {
            let news = bench.load();
            bench.state.loaded(UserId::from([1; 16]), news, Ok((renamed(), vec![])), NOW, &mut bench.out);
        }
        let said = bench.said();
        assert!(said[0].contains("\"display_name\":\"New\""), "{}", said[0]);
    }
}
