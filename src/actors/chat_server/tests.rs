//! The state as a table: what happens, and what is then to be done.

mod explained;
mod hello;
mod sync;

use super::*;
use crate::{
    actors::{
        courier::{Caught, ConnId, Parcel},
        journal::{Entry, Stored},
    },
    db,
    domain::{
        ClientId, Limits, Membership, NewMessage, PresenceState, Receipt, RoomHead, RoomId, RoomRef, Sent, SessionId, UserId,
        samples::{self, user},
    },
    protocol::payload,
};

const NOW: Now = Now { ms: 100_000, wall: Millis(1_000) };

struct Bench {
    state: State,
    out: Out,
    places: u32,
}

fn head(n: u8, last_seq: i64, rev: i64) -> RoomHead {
    RoomHead { rev, ..samples::channel(n, 2, last_seq) }
}

fn mine() -> Membership {
    samples::seat(0)
}

fn loaded(head: RoomHead) -> Loaded {
    Loaded { head, mine: mine(), peer: None }
}

fn message(room: u8, author: u8, n: u8) -> NewMessage {
    NewMessage {
        room: RoomId::from([room; 16]),
        author: UserId::from([author; 16]),
        client_id: Some(ClientId::from([n; 16])),
        body: format!("message {n}"),
        reply_to: None,
        thread: None,
        named: Vec::new(),
        check_member: false,
        audit: None,
    }
}

fn sent(seq: i64, rev: i64) -> Sent {
    Sent { seq, rev, created_at: Millis(0), duplicate: false, mentions: Vec::new() }
}

impl Bench {
    fn new() -> Self {
        let settings = Settings {
            version: "0",
            epoch: "epoch-1".into(),
            limits: Limits::default(),
            send: Rate { per_s: 5.0, burst: 2.0 },
            send_in_room: Rate::FREE,
            typing: Rate { per_s: 1.0, burst: 1.0 },
            leave_after_ms: 1000,
        };
        Self { state: State::new(settings), out: Out::new(1), places: 0 }
    }

    fn greeting(&mut self, user_n: u8) -> Greeting {
        self.places += 1;
        Greeting {
            conn: ConnId { worker: 0, place: self.places, turn: self.places },
            id: 1,
            user: user(user_n),
            news: self.state.news(),
            rooms: None,
            session: SessionId::from([self.places as u8; 16]),
            cursors: Vec::new(),
            epoch: None,
        }
    }

    /// A user with one window, in these rooms.
    fn enter(&mut self, user_n: u8, rooms: &[RoomHead]) -> ConnId {
        let greeting = self.greeting(user_n);
        let conn = greeting.conn;
        self.state.hello(greeting, NOW, &mut self.out);
        let news = self.load();
        self.loaded(user_n, news, rooms.iter().cloned().map(loaded).collect());
        self.clear();
        conn
    }

    /// A user is to be read: what there is of news before.
    fn load(&mut self) -> u64 {
        match self.out.jobs.pop() {
            Some(Job::Load { news, .. }) => news,
            other => panic!("nobody is to be read, but {other:?}"),
        }
    }

    /// They were.
    fn loaded(&mut self, user_n: u8, news: u64, rooms: Vec<Loaded>) {
        self.state.loaded(UserId::from([user_n; 16]), news, Ok((user(user_n), rooms)), NOW, &mut self.out);
    }

    fn clear(&mut self) {
        self.out = Out::new(1);
    }

    /// What goes to the one worker, in words.
    fn said(&mut self) -> Vec<String> {
        let text = |frame: &[u8]| String::from_utf8_lossy(payload(frame)).into_owned();
        let parcels = std::mem::take(&mut self.out.parcels[0]);
        let words = parcels.iter().map(|parcel| match parcel {
            Parcel::Reply(conn, frame) => format!("reply {} {}", conn.place, text(frame)),
            Parcel::To(conn, frame) => format!("to {} {}", conn.place, text(frame)),
            Parcel::Caught(conn, Caught { frame, live, .. }) => format!("caught {} live: {live} {}", conn.place, text(frame)),
            Parcel::Log(_, run) => format!("log {:?}", run.marks.iter().map(|m| m.rev).collect::<Vec<_>>()),
            Parcel::Room(_, frame, _) => format!("room {}", text(frame)),
            Parcel::Rooms(rooms, frame) => format!("rooms {} {}", rooms.len(), text(frame)),
            Parcel::Listen(conn, hearings) => format!("listen {} {:?}", conn.place, hearings.iter().map(|h| h.live).collect::<Vec<_>>()),
            Parcel::Unlisten(conn, _) => format!("unlisten {}", conn.place),
            Parcel::Live(conn, _) => format!("live {}", conn.place),
            Parcel::Behind(conn, _) => format!("behind {}", conn.place),
            Parcel::Gap(_, after) => format!("gap {after}"),
            Parcel::Close(conn, _, code, _) => format!("close {} {code}", conn.place),
            Parcel::All(_) | Parcel::CloseAll(..) => "all".into(),
        });
        words.collect()
    }

    fn commit(&mut self, messages: Vec<(NewMessage, Origin, Result<Sent, Refusal>)>) {
        let mut committed = Committed {
            messages: vec![],
            senders: vec![],
            stored: Stored { messages: vec![], marks: vec![] },
            marks: vec![],
            markers: vec![],
        };
        for (message, origin, result) in messages {
            committed.messages.push(message);
            committed.senders.push(origin);
            committed.stored.messages.push(result);
        }
        self.state.committed(committed, &mut self.out);
    }

    fn send(&mut self, conn: ConnId, room: RoomRef<'static>) {
        let ask = SendAsk { room, client_id: ClientId::from([9; 16]), body: "hi".into(), reply_to: None, thread: None, named: vec![] };
        self.state.send(conn, 5, ask, NOW, &mut self.out);
    }
}

#[test]
fn members_send_others_are_explained_to() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 0, 0)]);
    bench.send(conn, RoomRef::Name("room7".into()));
    assert_eq!(bench.out.entries.len(), 1);
    assert!(bench.said().is_empty(), "nothing is said before the commit");
    bench.send(conn, RoomRef::Id(RoomId::from([8; 16])));
    assert!(matches!(bench.out.jobs[..], [Job::Explain { .. }]));
    bench.send(conn, RoomRef::Name("room7".into()));
    bench.send(conn, RoomRef::Name("room7".into()));
    assert!(bench.said()[0].contains("rate_limited"));
    assert_eq!(bench.out.entries.len(), 2);
}

#[test]
fn an_archived_room_takes_no_messages() {
    let mut bench = Bench::new();
    let archived = RoomHead { archived_at: Some(Millis(1)), ..head(7, 0, 0) };
    let conn = bench.enter(1, &[archived]);
    bench.send(conn, RoomRef::Id(RoomId::from([7; 16])));
    assert!(bench.said()[0].contains("conflict"));
    assert!(bench.out.entries.is_empty());
}

#[test]
fn a_commit_is_told_in_order_and_refusals_harm_no_neighbour() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 4, 4)]);
    bench.commit(vec![
        (message(7, 1, 1), Origin::Conn(conn, 11, Reply::Sent), Ok(sent(5, 5))),
        (message(7, 1, 2), Origin::Conn(conn, 12, Reply::Sent), Err(Refusal::conflict("x"))),
        (message(7, 1, 3), Origin::Conn(conn, 13, Reply::Sent), Ok(Sent { duplicate: true, ..sent(2, 2) })),
        (message(7, 2, 4), Origin::Nobody, Ok(sent(6, 6))),
    ]);
    let said = bench.said();
    assert!(said[0].contains("\"id\":12,\"error\""));
    assert!(said[1].contains("\"id\":13,\"ok\":{\"seq\":2") && said[1].contains("\"duplicate\":true"));
    assert_eq!(said[2], "log [5, 6]");
    let mine = bench.state.users[0].rooms[0].mine;
    assert_eq!((mine.read_seq, mine.delivered_seq), (5, 5), "who writes has read");
}

#[test]
fn a_gap_makes_everybody_fetch() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 4, 4)]);
    bench.commit(vec![(message(7, 1, 1), Origin::Conn(conn, 11, Reply::Sent), Ok(sent(6, 6)))]);
    let said = bench.said();
    assert_eq!(said, ["gap 4", "log [6]"], "the author's reply has its place behind the gap");
}

#[test]
fn what_was_stored_without_an_answer_is_fetched() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 4, 4)]);
    let room = RoomId::from([7; 16]);
    // The retry finds it.
    bench.commit(vec![(message(7, 1, 1), Origin::Conn(conn, 11, Reply::Sent), Ok(Sent { duplicate: true, ..sent(5, 5) }))]);
    let said = bench.said();
    assert_eq!(said[0], "gap 4");
    assert!(said[1].contains("\"seq\":5"), "{said:?}");
    // Without a retry, the room is looked at; as often as it takes.
    bench.state.doubt(&[room, RoomId::from([9; 16])]);
    for _ in 0..2 {
        bench.out.jobs.clear();
        bench.state.settle(&mut bench.out);
        assert!(matches!(&bench.out.jobs[..], [Job::Settle(rooms)] if *rooms == [room]), "{:?}", bench.out.jobs);
        bench.state.settled(&[room], None, &mut bench.out);
    }
    bench.clear();
    bench.state.settled(&[room], Some(&[head(7, 6, 6)]), &mut bench.out);
    assert_eq!(bench.said(), ["gap 5"]);
    bench.state.settled(&[room], Some(&[head(7, 6, 6)]), &mut bench.out);
    assert!(bench.said().is_empty(), "it is known now");
    bench.commit(vec![(message(7, 1, 2), Origin::Nobody, Ok(sent(7, 7)))]);
    assert_eq!(bench.said(), ["log [7]"]);
}

#[test]
fn a_watermark_that_was_stored_without_an_answer_is_told() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 4, 4)]);
    let mark = db::append::Mark { room: RoomId::from([7; 16]), user: UserId::from([1; 16]), read_seq: Some(3), delivered_seq: Some(3) };
    for told in [true, false] {
        let committed = Committed {
            messages: vec![],
            senders: vec![],
            stored: Stored { messages: vec![], marks: vec![Ok(None)] },
            marks: vec![mark],
            markers: vec![vec![Origin::Conn(conn, 2, Reply::Read)]],
        };
        bench.state.committed(committed, &mut bench.out);
        let said = bench.said();
        assert_eq!(said[0].starts_with("room {\"event\":\"receipt\""), told, "{said:?}");
        assert!(said.last().unwrap().contains("\"read_seq\":3,\"unread\":1"), "{said:?}");
    }
}

#[test]
fn whom_an_unsure_change_concerns_comes_back() {
    for (change, concerned) in [
        (Change::MemberLeft { head: head(7, 4, 4), user: UserId::from([1; 16]) }, &[1][..]),
        (Change::SessionsEnded { user: UserId::from([2; 16]), sessions: vec![] }, &[2]),
        (Change::RoomDeleted { room: RoomId::from([7; 16]) }, &[1, 2]),
        (Change::RoomDeleted { room: RoomId::from([9; 16]) }, &[]),
    ] {
        let mut bench = Bench::new();
        let conns = [bench.enter(1, &[head(7, 4, 4)]), bench.enter(2, &[head(7, 4, 4)])];
        bench.state.unsure(&[change], &mut bench.out);
        let closed: Vec<String> = bench.said().into_iter().filter(|said| said.starts_with("close")).collect();
        let wanted: Vec<String> = concerned.iter().map(|user| format!("close {} 1012", conns[user - 1].place)).collect();
        assert_eq!(closed, wanted);
        assert_eq!(bench.state.counts(), (2 - concerned.len(), 2 - concerned.len()));
        for user in concerned {
            let greeting = bench.greeting(*user as u8);
            bench.clear();
            bench.state.hello(greeting, NOW, &mut bench.out);
            assert!(matches!(bench.out.jobs[..], [Job::Load { .. }]), "what is so is read again");
        }
    }
}

#[test]
fn a_removed_member_hears_nothing_further() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 4, 4)]);
    bench.enter(2, &[head(7, 4, 4)]);
    bench.state.apply(Change::MemberLeft { head: head(7, 4, 4), user: UserId::from([1; 16]) }, NOW, &mut bench.out);
    let said = bench.said();
    assert_eq!(said[0], "unlisten 1");
    assert!(said[1].starts_with("to 1 {\"event\":\"room_removed\""));
    assert!(said[2].starts_with("room {\"event\":\"member_left\""));
    bench.send(conn, RoomRef::Id(RoomId::from([7; 16])));
    assert!(bench.out.entries.is_empty());
}

#[test]
fn several_windows_are_one_user() {
    let mut bench = Bench::new();
    let first = bench.enter(1, &[head(7, 0, 0)]);
    let second = bench.greeting(1);
    let second_conn = second.conn;
    bench.state.hello(second, NOW, &mut bench.out);
    bench.clear();
    let at = |ms| Now { ms, ..NOW };
    bench.state.tell_presence(at(100_000), &mut bench.out);
    assert!(bench.said()[0].contains("\"state\":\"online\""));
    bench.state.set_presence(first, 1, PresenceState::Away, &mut bench.out);
    bench.clear();
    bench.state.tell_presence(at(100_200), &mut bench.out);
    assert!(bench.said().is_empty(), "the other window is in use");
    bench.state.gone(second_conn, at(100_300));
    bench.state.tell_presence(at(100_400), &mut bench.out);
    assert!(bench.said()[0].contains("\"state\":\"away\""));
    bench.state.gone(first, at(101_000));
    bench.state.tell_presence(at(101_900), &mut bench.out);
    assert!(bench.said().is_empty(), "a reload is no departure");
    bench.state.tell_presence(at(102_000), &mut bench.out);
    assert!(bench.said().is_empty(), "first it is written down");
    assert!(matches!(bench.out.jobs[..], [Job::Saw(_)]));
    bench.state.saw(&[UserId::from([1; 16])], at(102_000), &mut bench.out);
    let said = bench.said();
    assert!(said[0].contains("\"state\":\"offline\",\"last_seen\":\"1970-01-01T00:00:01.000Z\""), "{said:?}");
    bench.state.evict(at(102_000 + 200_000));
    assert!(bench.state.users.is_empty() && bench.state.rooms.is_empty());
}

#[test]
fn ended_sign_ins_are_let_go_even_before_their_hello_is_answered() {
    let mut bench = Bench::new();
    let greeting = bench.greeting(1);
    let session = greeting.session;
    bench.state.hello(greeting.clone(), NOW, &mut bench.out);
    bench.clear();
    bench.state.apply(Change::SessionsEnded { user: UserId::from([1; 16]), sessions: vec![session] }, NOW, &mut bench.out);
    assert_eq!(bench.said(), ["close 1 4401"]);
    bench.state.hello(greeting, NOW, &mut bench.out);
    assert_eq!(bench.said(), ["close 1 4401"]);
}

#[test]
fn watermarks_are_told_after_their_commit() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 4, 4)]);
    let room = RoomRef::Id(RoomId::from([7; 16]));
    bench.state.mark(conn, 2, room.clone(), 9, Reply::Read, &mut bench.out);
    assert!(bench.said()[0].contains("\"code\":\"invalid\""));
    bench.state.mark(conn, 2, room.clone(), 3, Reply::Read, &mut bench.out);
    assert!(bench.said().is_empty());
    let Some(Entry::Mark(raise, origin)) = bench.out.entries.pop() else { panic!() };
    let receipt = Receipt { room: raise.room, user: raise.user, read_seq: 3, delivered_seq: 3, mentions: 0 };
    let mark = db::append::Mark { room: raise.room, user: raise.user, read_seq: raise.read_seq, delivered_seq: raise.delivered_seq };
    let committed = Committed {
        messages: vec![],
        senders: vec![],
        stored: Stored { messages: vec![], marks: vec![Ok(Some(receipt))] },
        marks: vec![mark],
        markers: vec![vec![origin]],
    };
    bench.state.committed(committed, &mut bench.out);
    let said = bench.said();
    assert!(said[0].starts_with("room {\"event\":\"receipt\""), "{said:?}");
    assert!(said[1].contains("\"read_seq\":3,\"unread\":1"));
    bench.state.mark(conn, 2, room.clone(), 2, Reply::Read, &mut bench.out);
    assert!(bench.said()[0].contains("\"read_seq\":3,\"unread\":1"), "an old watermark is answered with the present one");
    assert!(bench.out.entries.is_empty());
}

#[test]
fn typing_is_held_back_but_not_its_end() {
    let mut bench = Bench::new();
    let conn = bench.enter(1, &[head(7, 4, 4)]);
    let room = RoomRef::Id(RoomId::from([7; 16]));
    for (on, wanted) in [(true, "room"), (true, "reply 1 {\"id\":2,\"error\""), (false, "room")] {
        bench.state.typing(conn, 2, room.clone(), on, NOW, &mut bench.out);
        assert!(bench.said()[0].starts_with(wanted));
    }
}
