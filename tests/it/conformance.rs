//! RFC 6455 through real sockets: whatever a peer may send, and what it may not, in the order of the RFC. The peer is the project's own frame
//! decoder, connection and Outbox as an echo server (`examples/ws_echo.rs`).

#[path = "../../examples/ws_echo.rs"]
mod ws_echo;

use crate::support::{BINARY, CLOSE, Frame, PING, PONG, Raw, TEXT, masked};
use std::{net::TcpListener as Listener, sync::OnceLock};
use tokio::net::TcpStream;

const CONTINUE: u8 = 0;
const FIN: u8 = 0x80;

fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let listener = Listener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(|| ws_echo::serve(listener));
        port
    })
}

async fn peer() -> Raw {
    let stream = TcpStream::connect(("127.0.0.1", port())).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let raw = Raw::over(stream, "").await;
    assert!(raw.head.starts_with("HTTP/1.1 101 "), "{}", raw.head);
    raw
}

fn parts(parts: &[(u8, &[u8])]) -> Vec<u8> {
    parts.iter().flat_map(|(first, payload)| masked(*first, payload)).collect()
}

fn closing(code: u16, reason: &[u8]) -> Vec<u8> {
    masked(FIN | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

/// What must come back.
#[derive(Debug)]
enum Answer {
    Frames(Vec<(u8, Vec<u8>)>),
    /// A close frame with this code, after any number of other frames.
    Close(u16),
}
use Answer::{Close, Frames};

fn echo(opcode: u8, payload: &[u8]) -> Answer {
    Frames(vec![(opcode, payload.to_vec())])
}

/// Sends in pieces of at most `cut` bytes, then looks at what comes back. A connection that stayed open is then closed as it should be.
async fn check(name: &str, bytes: &[u8], cut: usize, answer: &Answer) {
    let mut peer = peer().await;
    for piece in bytes.chunks(cut.max(1)) {
        peer.write(piece).await;
    }
    let mut got = Vec::new();
    if let Frames(wanted) = answer {
        for _ in wanted {
            match peer.next().await {
                Some(Frame { opcode, payload }) => got.push((opcode, payload)),
                None => break,
            }
        }
        assert!(got == *wanted, "{name}, in pieces of {cut}: {:?} came", got.iter().map(|(op, p)| (op, p.len())).collect::<Vec<_>>());
        peer.write(&closing(1000, b"bye")).await;
    }
    let code = match answer {
        Frames(_) => 1000,
        Close(code) => *code,
    };
    assert_eq!(peer.closed().await, code, "{name}, in pieces of {cut}");
    // The socket is closed too.
    assert_eq!(peer.next().await, None, "{name}");
}

/// Each case at once and chopped.
async fn all(cases: Vec<(String, Vec<u8>, Answer)>, least: usize) {
    assert!(cases.len() >= least, "{} cases", cases.len());
    for (name, bytes, answer) in cases {
        check(&name, &bytes, usize::MAX, &answer).await;
        check(&name, &bytes, if bytes.len() > 4096 { 997 } else { 1 }, &answer).await;
    }
}

#[tokio::test]
async fn messages_of_every_length() {
    let mut cases = Vec::new();
    for opcode in [TEXT, BINARY] {
        for len in [0, 1, 125, 126, 127, 128, 65_535, 65_536, 1_000_000] {
            let payload = vec![b'*'; len];
            cases.push((format!("{len} bytes of {opcode}"), masked(FIN | opcode, &payload), echo(opcode, &payload)));
        }
    }
    let every: Vec<u8> = (0..=255).collect();
    cases.push(("every byte".to_owned(), masked(FIN | BINARY, &every), echo(BINARY, &every)));
    all(cases, 19).await;
}

#[tokio::test]
async fn pings_and_pongs() {
    let every: Vec<u8> = (0..125).map(|n| 0x80 | n).collect();
    let long = [b'x'; 126];
    let ten: Vec<u8> = (0..10).flat_map(|n| masked(FIN | PING, format!("payload-{n}").as_bytes())).collect();
    let pongs = (0..10).map(|n| (PONG, format!("payload-{n}").into_bytes())).collect();
    let case = |name: &str, bytes, answer| (name.to_owned(), bytes, answer);
    let cases = vec![
        case("an empty ping", masked(FIN | PING, b""), echo(PONG, b"")),
        case("a ping with text", masked(FIN | PING, b"Hello"), echo(PONG, b"Hello")),
        case("a ping with bytes", masked(FIN | PING, &[0, 255, 254, 253, 252, 0, 255]), echo(PONG, &[0, 255, 254, 253, 252, 0, 255])),
        case("the longest ping", masked(FIN | PING, &every), echo(PONG, &every)),
        case("a ping that is too long", masked(FIN | PING, &long), Close(1002)),
        case("a pong that is too long", masked(FIN | PONG, &long), Close(1002)),
        case("a pong that nobody asked for", parts(&[(FIN | PONG, b""), (FIN | TEXT, b"x")]), echo(TEXT, b"x")),
        case("one with a payload", parts(&[(FIN | PONG, b"unasked"), (FIN | PING, b"ping")]), echo(PONG, b"ping")),
        case("ten pings", ten, Frames(pongs)),
    ];
    all(cases, 9).await;
}

#[tokio::test]
async fn reserved_bits_and_opcodes() {
    let mut cases = Vec::new();
    for bits in 1..8u8 {
        for opcode in [TEXT, BINARY, PING, CLOSE] {
            let bytes = [masked(FIN | TEXT, b"before"), masked(FIN | bits << 4 | opcode, b"")].concat();
            cases.push((format!("reserved bits {bits} on {opcode}"), bytes, Close(1002)));
        }
    }
    for opcode in (3..8).chain(11..16) {
        for payload in [&b""[..], b"payload"] {
            cases.push((format!("opcode {opcode}, {} bytes", payload.len()), masked(FIN | opcode, payload), Close(1002)));
        }
    }
    all(cases, 48).await;
}

#[tokio::test]
async fn what_is_not_masked_is_refused() {
    let mut cases = Vec::new();
    for (first, payload) in [(FIN | TEXT, &b"hi"[..]), (FIN | BINARY, b""), (FIN | PING, b""), (FIN | CLOSE, &[3, 232]), (TEXT, b"part")] {
        let bytes = [&[first, payload.len() as u8], payload].concat();
        cases.push((format!("{first:#x} without a mask"), bytes, Close(1002)));
    }
    all(cases, 5).await;
}

#[tokio::test]
async fn fragments() {
    let case = |name: &str, list: &[(u8, &[u8])], answer| (name.to_owned(), parts(list), answer);
    let hello = |pongs: &[&[u8]]| {
        let mut frames: Vec<(u8, Vec<u8>)> = pongs.iter().map(|payload| (PONG, payload.to_vec())).collect();
        frames.push((TEXT, b"hello".to_vec()));
        Frames(frames)
    };
    let mut cases = vec![
        case("a ping in two", &[(PING, b"a"), (FIN | CONTINUE, b"b")], Close(1002)),
        case("a pong in two", &[(PONG, b"a"), (FIN | CONTINUE, b"b")], Close(1002)),
        case("a close in two", &[(CLOSE, &[3]), (FIN | CONTINUE, &[232])], Close(1002)),
        case("a text in two", &[(TEXT, b"hel"), (FIN | CONTINUE, b"lo")], hello(&[])),
        case("bytes in three", &[(BINARY, b"a"), (CONTINUE, b"b"), (FIN | CONTINUE, b"c")], echo(BINARY, b"abc")),
        case("a ping between", &[(TEXT, b"hel"), (FIN | PING, b"p"), (FIN | CONTINUE, b"lo")], hello(&[b"p"])),
        case(
            "pings between",
            &[(TEXT, b"h"), (FIN | PING, b"1"), (CONTINUE, b"el"), (FIN | PING, b"2"), (FIN | CONTINUE, b"lo")],
            hello(&[b"1", b"2"]),
        ),
        case("a pong between", &[(TEXT, b"hel"), (FIN | PONG, b""), (FIN | CONTINUE, b"lo")], hello(&[])),
        case("empty parts", &[(TEXT, b""), (CONTINUE, b""), (FIN | CONTINUE, b"")], echo(TEXT, b"")),
        case("the middle has all", &[(TEXT, b""), (CONTINUE, b"hello"), (FIN | CONTINUE, b"")], hello(&[])),
        case("a continuation of nothing, the last", &[(FIN | CONTINUE, b"x"), (FIN | TEXT, b"y")], Close(1002)),
        case("a continuation of nothing, not the last", &[(CONTINUE, b"x"), (FIN | TEXT, b"y")], Close(1002)),
        case("a continuation after a whole message", &[(FIN | TEXT, b"x"), (FIN | CONTINUE, b"y")], Close(1002)),
        case("after a message in parts", &[(TEXT, b"x"), (FIN | CONTINUE, b"y"), (CONTINUE, b"z")], Close(1002)),
        case("a new text inside another", &[(TEXT, b"x"), (FIN | TEXT, b"y")], Close(1002)),
        case("a new one in parts inside another", &[(TEXT, b"x"), (TEXT, b"y")], Close(1002)),
        case("bytes inside a text", &[(TEXT, b"x"), (FIN | BINARY, b"y")], Close(1002)),
        case("a text inside bytes", &[(BINARY, b"x"), (TEXT, b"y")], Close(1002)),
        case(
            "a character in two parts",
            &[(TEXT, "ä".as_bytes().get(..1).unwrap()), (FIN | CONTINUE, &"ä".as_bytes()[1..])],
            echo(TEXT, "ä".as_bytes()),
        ),
        case("a close between", &[(TEXT, b"x"), (FIN | CLOSE, &[3, 232])], Close(1000)),
    ];
    let many: Vec<u8> =
        [masked(BINARY, b"*")].into_iter().chain((0..2000).map(|_| masked(CONTINUE, b"*"))).chain([masked(FIN, b"*")]).flatten().collect();
    cases.push(("two thousand parts".to_owned(), many, echo(BINARY, &[b'*'; 2002])));
    all(cases, 21).await;
}

/// Texts that are UTF-8, at the edges of what it is.
const VALID: [&str; 14] = [
    "",
    "Hello-µ@ßöäüàá-UTF-8!!",
    "κόσμε",
    "\0",
    "\u{80}",
    "\u{7ff}",
    "\u{800}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{feff}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10000}",
    "\u{10ffff}",
];

/// Bytes that are not: bare and missing continuations, overlong forms, surrogates, what is beyond Unicode.
const INVALID: [&[u8]; 30] = [
    b"\x80",
    b"\xbf",
    b"\x80\xbf\x80",
    b"\xc0",
    b"\xc0\x80",
    b"\xc0\xaf",
    b"\xc1\xbf",
    b"\xc2",
    b"\xc2 ",
    b"\xdf",
    b"\xe0\x80\x80",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xe1\x80",
    b"\xef\xbf",
    b"\xed\xa0\x80",
    b"\xed\xad\xbf",
    b"\xed\xbf\xbf",
    b"\xed\xa0\x80\xed\xb0\x80",
    b"\xf0\x80\x80\x80",
    b"\xf0\x8f\xbf\xbf",
    b"\xf0\x90\x80",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf7\xbf\xbf\xbf",
    b"\xf8\x88\x80\x80\x80",
    b"\xfc\x84\x80\x80\x80\x80",
    b"\xfe",
    b"\xff",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
];

#[tokio::test]
async fn texts_are_utf8() {
    let mut cases = Vec::new();
    for text in VALID {
        let bytes = text.as_bytes();
        cases.push((format!("{text:?}"), masked(FIN | TEXT, bytes), echo(TEXT, bytes)));
        // Each byte in a part of its own.
        let mut list: Vec<(u8, &[u8])> = vec![(TEXT, b"")];
        list.extend(bytes.chunks(1).map(|byte| (CONTINUE, byte)));
        list.push((FIN | CONTINUE, b""));
        cases.push((format!("{text:?}, byte by byte"), parts(&list), echo(TEXT, bytes)));
    }
    for bytes in INVALID {
        cases.push((format!("{bytes:x?}"), masked(FIN | TEXT, bytes), Close(1007)));
        let mut list: Vec<(u8, &[u8])> = vec![(TEXT, b"before ")];
        list.extend(bytes.chunks(1).map(|byte| (CONTINUE, byte)));
        list.push((FIN | CONTINUE, b" after"));
        cases.push((format!("{bytes:x?}, byte by byte"), parts(&list), Close(1007)));
        cases.push((format!("{bytes:x?} as bytes"), masked(FIN | BINARY, bytes), echo(BINARY, bytes)));
    }
    all(cases, 118).await;
}

/// What can no longer become UTF-8 is refused at once, however much of the message is still to come.
#[tokio::test]
async fn a_text_that_cannot_be_utf8_any_more_is_refused_at_once() {
    let good = "κόσμε".as_bytes();
    for bad in [&b"\xf4\x90"[..], b"\xed\xa0", b"\xc0", b"\xff", b"\xf0\x90\x41"] {
        // In a part that is not the last one.
        let mut first = peer().await;
        first.write(&parts(&[(TEXT, good), (CONTINUE, bad)])).await;
        assert_eq!(first.closed().await, 1007, "{bad:x?} in a part");
        // In the middle of a frame whose rest never comes, in one piece and byte by byte.
        for cut in [usize::MAX, 1] {
            let mut second = peer().await;
            let whole = masked(FIN | TEXT, &[good, bad, &[b'x'; 100]].concat());
            for piece in whole[..6 + good.len() + bad.len()].chunks(cut) {
                second.write(piece).await;
            }
            assert_eq!(second.closed().await, 1007, "{bad:x?} in a frame");
        }
    }
    // A character whose rest is still to come is nothing wrong.
    let mut peer = peer().await;
    peer.write(&parts(&[(TEXT, b"\xf4\x8f\xbf"), (FIN | PING, b"?")])).await;
    assert_eq!(peer.next().await, Some(Frame { opcode: PONG, payload: b"?".to_vec() }));
    peer.write(&masked(FIN | CONTINUE, b"\xbf")).await;
    assert_eq!(peer.next().await, Some(Frame { opcode: TEXT, payload: "\u{10ffff}".into() }));
}

#[tokio::test]
async fn closing_frames() {
    let mut cases = Vec::new();
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
        cases.push((format!("code {code}"), closing(code, b""), Close(code)));
    }
    for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        cases.push((format!("code {code}"), closing(code, b"why"), Close(1002)));
    }
    let (longest, too_long) = ([b'*'; 123], [b'*'; 124]);
    let case = |name: &str, bytes, answer| (name.to_owned(), bytes, answer);
    cases.extend([
        case("no code", masked(FIN | CLOSE, b""), Close(1000)),
        case("half a code", masked(FIN | CLOSE, &[3]), Close(1002)),
        case("a reason", closing(1000, "schön".as_bytes()), Close(1000)),
        case("the longest reason", closing(1000, &longest), Close(1000)),
        case("a reason that is too long", closing(1000, &too_long), Close(1002)),
        case("a reason that is not UTF-8", closing(1000, b"\xce\xba\xed\xa0\x80"), Close(1007)),
        case("half a character in the reason", closing(1000, b"\xc3"), Close(1007)),
        case(
            "nothing is heard after it",
            [closing(1000, b""), masked(FIN | TEXT, b"late"), masked(FIN | PING, b"late")].concat(),
            Close(1000),
        ),
        case("the first one counts", [closing(1001, b""), closing(1000, b"")].concat(), Close(1001)),
        case("a message before it is answered", [masked(FIN | TEXT, b"x"), closing(1000, b"")].concat(), Close(1000)),
    ]);
    all(cases, 39).await;
}

#[tokio::test]
async fn sizes_have_a_bound() {
    const LIMIT: usize = 16 * 1024 * 1024;
    let mut peer = peer().await;
    // Said in the header, before anything of it came.
    peer.write(&[&[FIN | BINARY, 0xff][..], &(LIMIT as u64 + 1).to_be_bytes(), &[0; 4]].concat()).await;
    assert_eq!(peer.closed().await, 1009);
    for huge in [u64::MAX, 1 << 63, i64::MAX as u64] {
        let mut peer = self::peer().await;
        peer.write(&[&[FIN | TEXT, 0xff][..], &huge.to_be_bytes(), &[0; 4]].concat()).await;
        assert_eq!(peer.closed().await, 1009, "{huge}");
    }
    // In parts, none of which is too large.
    let mut peer = self::peer().await;
    let half = vec![b'*'; LIMIT / 2];
    peer.write(&masked(BINARY, &half)).await;
    peer.write(&masked(CONTINUE, &half)).await;
    peer.write(&masked(FIN | CONTINUE, b"*")).await;
    assert_eq!(peer.closed().await, 1009);
}
