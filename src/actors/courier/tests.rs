//! Deliveries as a table, over sockets that take bytes while their peer reads.

use super::*;
use crate::actors::{connection::Phase, courier::Mark};
use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context as Task, Poll, Wake, Waker},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket that takes bytes while its peer reads.
struct Peer {
    got: Rc<RefCell<Vec<u8>>>,
    reads: Rc<Cell<bool>>,
    sip: Rc<Cell<usize>>,
}

impl AsyncRead for Peer {
    fn poll_read(self: Pin<&mut Self>, _: &mut Task<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Peer {
    fn poll_write(self: Pin<&mut Self>, _: &mut Task<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if !self.reads.get() {
            return Poll::Pending;
        }
        let taken = bytes.len().min(self.sip.get());
        self.reads.set(taken == bytes.len());
        self.got.borrow_mut().extend_from_slice(&bytes[..taken]);
        Poll::Ready(Ok(taken))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

struct Listening {
    conn: ConnId,
    connection: Rc<Connection>,
    got: Rc<RefCell<Vec<u8>>>,
    reads: Rc<Cell<bool>>,
    /// What it takes at once, before it stops reading.
    sip: Rc<Cell<usize>>,
}

const ROOM: RoomIx = RoomIx(3);
const BEAT: Beat = Beat { ping_s: 25, answer_s: 10, hello_s: 10, stuck_s: 30, linger_s: 3 };

fn roster() -> Roster {
    Roster::new(0, BEAT, Arc::default())
}

fn listen(roster: &mut Roster, bound: usize, live: bool) -> Listening {
    let (got, reads, sip) = (Rc::default(), Rc::new(Cell::new(true)), Rc::new(Cell::new(usize::MAX)));
    let peer = Peer { got: Rc::clone(&got), reads: reads.clone(), sip: sip.clone() };
    let connection = Rc::new(Connection::new(peer, bound, roster.now()));
    let conn = roster.enter(connection.clone());
    roster.deliver(Parcel::Listen(conn, vec![Hearing { room: ROOM, id: RoomId::from([7; 16]), live }]));
    Listening { conn, connection, got, reads, sip }
}

fn run(first: i64, frames: &[&str], author: Option<(ConnId, usize)>) -> Parcel {
    let mut bytes = Vec::new();
    let marks = frames
        .iter()
        .enumerate()
        .map(|(at, frame)| {
            bytes.extend_from_slice(frame.as_bytes());
            let reply = author.filter(|(_, n)| *n == at).map(|(conn, _)| (conn, Bytes::from_static(b"<ok>")));
            Mark { rev: first + at as i64, end: bytes.len() as u32, reply }
        })
        .collect();
    Parcel::Log(ROOM, Arc::new(Run { frames: bytes.into(), marks }))
}

fn text(listening: &Listening) -> String {
    String::from_utf8_lossy(&std::mem::take(&mut *listening.got.borrow_mut())).into_owned()
}

#[test]
fn the_author_gets_the_reply_in_the_message_s_place() {
    let mut roster = roster();
    let (author, other) = (listen(&mut roster, 1000, true), listen(&mut roster, 1000, true));
    roster.deliver(run(1, &["a", "b", "c"], Some((author.conn, 1))));
    roster.flush();
    assert_eq!((text(&author), text(&other)), ("a<ok>c".into(), "abc".into()));
}

#[test]
fn who_is_behind_hears_no_message_until_live() {
    let mut roster = roster();
    let behind = listen(&mut roster, 1000, false);
    roster.deliver(run(1, &["a"], Some((behind.conn, 0))));
    roster.deliver(run(2, &["b"], None));
    roster.flush();
    assert_eq!(text(&behind), "<ok>", "replies are not held back");
    roster.deliver(Parcel::Live(behind.conn, ROOM));
    roster.deliver(run(3, &["c"], None));
    roster.flush();
    assert_eq!(text(&behind), "c");
}

#[test]
fn who_is_too_slow_is_told_what_to_fetch_and_harms_nobody() {
    let mut roster = roster();
    let (slow, quick) = (listen(&mut roster, 10, true), listen(&mut roster, 10, true));
    slow.reads.set(false);
    for rev in 1..=5 {
        roster.deliver(run(rev, &["12345678"], None));
        roster.flush();
    }
    assert_eq!(text(&quick).len(), 40);
    assert_eq!(slow.connection.unsent(), 8, "no more than the bound waits");
    slow.reads.set(true);
    slow.connection.flush();
    roster.drained(slow.conn);
    let got = text(&slow);
    assert!(got.starts_with("12345678") && got.contains(r#""event":"resync""#) && got.ends_with(r#""after_rev":1}"#), "{got}");
    roster.deliver(run(6, &["x"], None));
    roster.flush();
    assert_eq!(text(&slow), "");
}

#[test]
fn what_a_socket_does_not_take_at_once_follows_in_order() {
    let mut roster = roster();
    let (slow, quick) = (listen(&mut roster, 100, true), listen(&mut roster, 100, true));
    slow.sip.set(3);
    for (rev, frame) in [(1, "12345"), (2, "67890")] {
        roster.deliver(run(rev, &[frame], None));
        roster.flush();
    }
    assert_eq!((text(&slow), text(&quick)), ("123".into(), "1234567890".into()));
    slow.sip.set(usize::MAX);
    slow.reads.set(true);
    roster.deliver(run(3, &["abc"], None));
    roster.flush();
    assert_eq!((text(&slow), text(&quick)), ("4567890abc".into(), "abc".into()));
    assert!(!slow.connection.has_unsent());
}

#[test]
fn a_flush_says_how_large_a_crowd_it_wrote_to() {
    let mut roster = roster();
    let listeners: Vec<_> = (0..3).map(|_| listen(&mut roster, 100, true)).collect();
    roster.deliver(Parcel::Reply(listeners[0].conn, Bytes::from_static(b"<ok>")));
    assert_eq!((roster.reach(), roster.flush()), (0, 0));
    for parcel in [run(1, &["a"], None), Parcel::Room(ROOM, Bytes::from_static(b"e"), None), Parcel::All(Bytes::from_static(b"a"))] {
        roster.deliver(parcel);
        assert_eq!((roster.reach(), roster.flush(), roster.reach()), (3, 3, 0));
    }
}

#[test]
fn a_reply_does_not_overtake_what_was_dropped() {
    let mut roster = roster();
    let slow = listen(&mut roster, 100, true);
    slow.reads.set(false);
    for rev in 1..=3 {
        roster.deliver(run(rev, &["1234567890".repeat(6).as_str()], None));
        roster.flush();
    }
    roster.deliver(run(4, &["mine"], Some((slow.conn, 0))));
    slow.reads.set(true);
    roster.flush();
    let got = text(&slow);
    let (resync, reply) = (got.find(r#""after_rev":1}"#).unwrap(), got.find("<ok>").unwrap());
    assert!(resync < reply && !got.contains("mine"), "{got}");
    assert_eq!(got.matches("resync").count(), 1);
}

#[test]
fn what_was_missed_waits_until_there_is_room() {
    let mut roster = roster();
    let slow = listen(&mut roster, 10, false);
    slow.reads.set(false);
    roster.deliver(Parcel::To(slow.conn, Bytes::from_static(b"something")));
    let caught = Caught { room: ROOM, after_rev: 4, frame: Bytes::from_static(b"<4 to 9>"), live: true };
    roster.deliver(Parcel::Caught(slow.conn, caught.clone()));
    roster.deliver(run(10, &["x"], None));
    slow.reads.set(true);
    roster.flush();
    let got = text(&slow);
    assert!(got.starts_with("something") && got.ends_with(r#""after_rev":4}"#) && !got.contains('x'), "{got}");
    roster.deliver(Parcel::Caught(slow.conn, caught));
    roster.deliver(run(10, &["x"], None));
    roster.flush();
    assert_eq!(text(&slow), "<4 to 9>x");
}

/// A `sync` may be answered before the event after `hello`: what that event says, or that there was no room for it, comes later and holds.
#[test]
fn a_catch_up_behind_the_answer_to_a_sync_has_the_last_word() {
    for (room, live, expected) in [(true, true, "<to 9>x"), (true, false, "<to 9>"), (false, true, "after_rev\":4}")] {
        let mut roster = roster();
        let back = listen(&mut roster, 10, false);
        back.reads.set(room);
        roster.deliver(Parcel::Reply(back.conn, Bytes::from_static(b"<4 to 9>")));
        roster.deliver(Parcel::Live(back.conn, ROOM));
        roster.flush();
        roster.deliver(Parcel::Caught(back.conn, Caught { room: ROOM, after_rev: 4, frame: Bytes::from_static(b"<to 9>"), live }));
        back.reads.set(true);
        roster.flush();
        roster.deliver(run(10, &["x"], None));
        roster.flush();
        let got = text(&back);
        assert!(got.starts_with("<4 to 9>") && got.ends_with(expected), "{room} {live}: {got}");
    }
}

/// Whatever is asked for and not read: no more than four times the bound waits, and then nothing but the reason why.
#[test]
fn answers_to_one_who_does_not_read_are_bounded() {
    let mut roster = roster();
    let never = listen(&mut roster, 100, true);
    never.reads.set(false);
    for answers in 1..=20 {
        let frame = Bytes::from_static(&[b'p'; 90]);
        roster.deliver(if answers % 2 == 0 { Parcel::Reply(never.conn, frame) } else { Parcel::To(never.conn, frame) });
        roster.flush();
        assert!(never.connection.unsent() <= 400);
    }
    assert_eq!(never.connection.phase(), Phase::Closing);
    never.reads.set(true);
    never.connection.flush();
    let got = text(&never);
    assert!(got.contains("too slow to keep up") && !got.contains('p'.to_string().repeat(5).as_str()), "{got}");
}

#[test]
fn who_fetches_already_is_not_told_to() {
    for live in [false, true] {
        let mut roster = roster();
        let slow = listen(&mut roster, 10, true);
        slow.reads.set(false);
        for rev in 1..=3 {
            roster.deliver(run(rev, &["12345678"], None));
            roster.flush();
        }
        roster.deliver(if live { Parcel::Live(slow.conn, ROOM) } else { Parcel::Behind(slow.conn, ROOM) });
        slow.reads.set(true);
        slow.connection.flush();
        roster.drained(slow.conn);
        assert_eq!(text(&slow), "12345678");
    }
}

#[test]
fn places_are_not_mistaken_for_their_successors() {
    let mut roster = roster();
    let first = listen(&mut roster, 1000, true);
    roster.leave(first.conn);
    let second = listen(&mut roster, 1000, true);
    assert_eq!(first.conn.place, second.conn.place);
    roster.deliver(Parcel::To(first.conn, Bytes::from_static(b"secret")));
    roster.deliver(run(1, &["a"], Some((first.conn, 0))));
    roster.flush();
    assert_eq!(text(&second), "a");
    roster.leave(second.conn);
    assert!(roster.rooms[3].list.is_empty() && roster.is_empty());
}

#[test]
fn several_rooms_are_told_once() {
    let mut roster = roster();
    let one = listen(&mut roster, 1000, true);
    roster.deliver(Parcel::Listen(one.conn, vec![Hearing { room: RoomIx(4), id: RoomId::from([8; 16]), live: true }]));
    roster.deliver(Parcel::Rooms([ROOM, RoomIx(4)].into(), Bytes::from_static(b"p")));
    roster.flush();
    assert_eq!(text(&one), "p");
}

#[test]
fn the_clock_pings_and_gives_up() {
    let mut roster = roster();
    let here = listen(&mut roster, 1000, true);
    let ping = Bytes::from_static(b"!");
    for _ in 0..25 {
        roster.tick(&ping);
    }
    assert_eq!(text(&here), "!");
    here.connection.heard(roster.now());
    for _ in 0..24 {
        roster.tick(&ping);
    }
    assert_eq!(here.connection.phase(), Phase::Open);
    for _ in 0..11 {
        roster.tick(&ping);
    }
    assert_eq!(here.connection.phase(), Phase::Closing);
    for _ in 0..3 {
        roster.tick(&ping);
    }
    assert_eq!(here.connection.phase(), Phase::Dead);
}

/// How many seconds a peer is given after a close frame that stands behind 40 bytes, if it reads so many of them every other second.
fn given(sip: usize) -> (usize, String) {
    let mut roster = roster();
    let slow = listen(&mut roster, 100, true);
    slow.reads.set(false);
    slow.sip.set(sip);
    roster.deliver(Parcel::To(slow.conn, Bytes::from_static(&[b'x'; 40])));
    roster.deliver(Parcel::Close(slow.conn, None, 4413, "too slow"));
    roster.flush();
    let mut seconds = 0;
    while slow.connection.phase() == Phase::Closing {
        slow.reads.set(seconds % 2 == 1 && sip > 0);
        slow.connection.flush();
        roster.tick(&Bytes::new());
        seconds += 1;
    }
    (seconds, text(&slow))
}

#[test]
fn who_reads_is_given_time_to_come_to_the_reason_but_not_for_ever() {
    assert_eq!(given(0), (4, String::new()));
    let (seconds, got) = given(10);
    assert!(seconds > 6 && got.ends_with("too slow"), "{seconds} s: {got}");
    let (seconds, got) = given(1);
    assert!(seconds == 31 && !got.contains("too slow"), "{seconds} s: {got}");
}

#[test]
fn commits_that_came_together_are_one_write_in_order() {
    let mut roster = roster();
    let (author, other) = (listen(&mut roster, 1000, true), listen(&mut roster, 1000, true));
    roster.deliver(run(1, &["a", "b"], None));
    roster.deliver(run(3, &["c", "d"], Some((author.conn, 1))));
    assert_eq!(other.connection.unsent(), 0, "nothing is handed out yet");
    // Something else about the room comes after both.
    roster.deliver(Parcel::Room(ROOM, Bytes::from_static(b"<typing>"), None));
    roster.deliver(run(5, &["e"], None));
    roster.flush();
    assert_eq!((text(&author), text(&other)), ("abc<ok><typing>e".into(), "abcd<typing>e".into()));
    // Who leaves in between hears no more, and nobody in their place does.
    roster.deliver(run(6, &["f"], None));
    roster.leave(other.conn);
    let next = listen(&mut roster, 1000, true);
    roster.flush();
    assert_eq!((text(&author), text(&next)), ("f".into(), String::new()));
}

/// How often it was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// While a large answer waits nothing is read. Once it went out at one go, no event of the socket would say so.
#[test]
fn reading_goes_on_when_the_answer_is_out() {
    let mut roster = roster();
    let asker = listen(&mut roster, 10, true);
    let woken = Arc::new(Woken::default());
    asker.connection.set_waker(&Task::from_waker(&Waker::from(woken.clone())));
    asker.connection.asked();
    roster.deliver(Parcel::Reply(asker.conn, Bytes::from_static(&[b'x'; 40])));
    let before = woken.0.load(Ordering::Relaxed);
    assert!(!asker.connection.may_read(8));
    roster.flush();
    assert_eq!(asker.connection.unsent(), 0);
    assert_eq!(woken.0.load(Ordering::Relaxed), before + 1);
    assert!(asker.connection.may_read(8));
}
