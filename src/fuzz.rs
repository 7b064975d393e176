//! What strangers send, as functions of bytes: for the fuzz targets in `fuzz/`, and for the test below, which feeds them the same seeds and ten
//! thousand mutations of them. Each holds more than that nothing panics.

use crate::{
    actors::session::{Breach, Decoder, Incoming},
    db,
    domain::{ChannelName, DisplayName, GroupTitle, Refusal, RoomRef, Topic, UserRef, Username, check_body, mention_candidates},
    http,
    protocol::{BadFrame, Request, error_frame, payload},
};
use std::fmt::Debug;

/// Frames of a WebSocket: however the bytes are cut, the same comes out, and no more is held than came. The first byte says how they are cut.
pub fn frames(data: &[u8]) {
    let Some((&cut, bytes)) = data.split_first() else { return };
    let whole = decoded(bytes, bytes.len().max(1));
    assert_eq!(whole, decoded(bytes, usize::from(cut) + 1), "cut into {}", usize::from(cut) + 1);
    assert_eq!(whole, decoded(bytes, 1), "byte by byte");
}

const LIMIT: usize = 4096;

fn decoded(bytes: &[u8], piece: usize) -> (Vec<String>, Option<Breach>) {
    let (mut decoder, mut got, mut length) = (Decoder::default(), Vec::new(), 0);
    for piece in bytes.chunks(piece) {
        let fed = decoder.feed(&mut piece.to_vec(), LIMIT, |incoming| {
            length += match &incoming {
                Incoming::Text(text) => text.len(),
                Incoming::Binary(payload) | Incoming::Ping(payload) => payload.len(),
                Incoming::Pong | Incoming::Close(_) => 0,
            };
            got.push(format!("{incoming:?}"));
            Some(LIMIT)
        });
        if let Err(breach) = fed {
            assert!(matches!(breach.code, 1002 | 1007 | 1009), "{breach:?}");
            return (got, Some(breach));
        }
    }
    assert!(length <= bytes.len(), "more came out than went in");
    (got, None)
}

/// A text frame: it is a request, or is refused with a frame that says why, under the request's `id` where it has one.
pub fn request(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Request::decode(text) {
        Ok(request) => drop(format!("{request:?}")),
        Err(BadFrame { id, refusal }) => {
            explained(&refusal);
            let frame = error_frame(id, &refusal);
            let answer: Result<serde_json::Value, _> = serde_json::from_slice(payload(&frame));
            assert_eq!(answer.ok().map(|answer| answer["error"]["code"] == refusal.code.name()), Some(true), "{text:?}");
        }
    }
}

/// A request's JSON body, its query string and its cursor.
pub fn rest(data: &[u8]) {
    http::every_body(data).iter().for_each(explained);
    let Ok(text) = std::str::from_utf8(data) else { return };
    http::every_query(text).iter().for_each(explained);
    db::every_cursor(text).iter().for_each(explained);
}

/// Names, titles, references and mentions in a text.
pub fn names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let text = text.as_ref();
    same(text, |text| Username::parse(text).map(|name| name.as_str().to_owned()), 32);
    same(text, |text| ChannelName::parse(text).map(|name| name.0), 64);
    same(text, |text| GroupTitle::parse(text).map(|title| title.0), 80);
    same(text, |text| Topic::parse(text).map(|topic| topic.0), 250);
    same(text, |text| DisplayName::parse(text).map(|name| name.0), 64);
    if let Ok(name) = Username::parse(text) {
        assert!(!name.skeleton().is_empty(), "{text:?}");
    }
    drop((RoomRef::parse(text).map_err(|refusal| explained(&refusal)), UserRef::parse(text).map_err(|refusal| explained(&refusal))));
    let _ = check_body(text, 10_000).map_err(|refusal| explained(&refusal));
    let named = mention_candidates(text);
    assert!(named.len() <= 50, "{text:?}");
    for name in named {
        assert!(name.len() <= 32 && text.to_ascii_lowercase().contains(&format!("@{name}")), "{name:?} in {text:?}");
    }
}

/// What is accepted is not longer than allowed, and means the same when it is read again.
fn same(text: &str, parse: impl Fn(&str) -> Result<String, Refusal>, most: usize) {
    match parse(text) {
        Ok(once) => {
            assert!(once.chars().count() <= most, "{text:?}");
            let again = parse(&once).map_err(|refusal| refusal.message);
            assert_eq!(again.as_ref(), Ok(&once), "{text:?}");
        }
        Err(refusal) => explained(&refusal),
    }
}

/// A refusal is the sender's fault and says what it was.
fn explained(refusal: &Refusal) {
    fn told(text: &impl Debug) -> String {
        format!("{text:?}")
    }
    assert!((400..500).contains(&refusal.code.status()) && !refusal.message.is_empty(), "{}", told(refusal));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    type Target = (&'static str, fn(&[u8]));
    const TARGETS: [Target; 4] = [("frames", frames), ("request", request), ("rest", rest), ("names", names)];
    const MUTATIONS: usize = 10_000;

    /// What a client would send, and what a server does send, which is the same language.
    const WRITTEN: [&str; 15] = [
        r#"{"id":1,"op":"hello","token":"chm_0123","device":"x","epoch":"e","cursors":{"01980000-0000-7000-8000-000000000010":12}}"#,
        r##"{"id":2,"op":"send","room":"#lobby","client_id":"01980000-0000-7000-8000-000000000020","body":"hi @bob","reply_to":1,"thread":1}"##,
        r##"{"id":3,"op":"history","room":"#lobby","before":9,"limit":50}"##,
        r##"{"id":-4,"op":"read","room":"#lobby","seqs":[1,2,3]}"##,
        r#"{"id":5,"op":"presence","users":["01980000-0000-7000-8000-000000000001"]}"#,
        r##"{"id":6,"op":"typing","room":"#lobby","on":true}"##,
        r##"{"id":7,"op":"sync","room":"#lobby","after_rev":0}"##,
        r#"{"id":8,"op":"direct","user":"bob"}"#,
        // The length of its refusal, 123, looks like the brace that a search for the JSON in the frame would find.
        r#"{"id":3,"op":"direcTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTb"}"#,
        r#"{"username":"alice","password":"correct horse","display_name":"Alice Älpler","invite":null}"#,
        r#"{"kind":"channel","name":"news","topic":"what is new","members":["bob"],"muted":true,"archived":false}"#,
        "before=1&after=2&limit=50&cursor=616263&q=a+b%20c&ids=01980000-0000-7000-8000-000000000001",
        "01980000000070008000000000000010",
        "@Alice (@bob-) me@bob.example #general \u{202e}x \u{10ffff}",
        "раураl",
    ];

    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let golden = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
        let mut texts: Vec<Vec<u8>> = golden.chain(WRITTEN.iter().map(|text| text.as_bytes().to_vec())).collect();
        texts.sort();
        if target == "frames" {
            texts = texts.iter().enumerate().map(|(n, text)| framed(n as u8, text)).collect();
        }
        texts
    }

    /// As a client would send it: whole, or in two parts with a ping between, and a close at the end.
    fn framed(n: u8, text: &[u8]) -> Vec<u8> {
        let text = &text[..text.len().min(1000)];
        let (one, two) = text.split_at(if n.is_multiple_of(2) { 0 } else { text.len() / 2 });
        let parts: [(u8, &[u8]); 4] = match n.is_multiple_of(2) {
            true => [(0x81, two), (0x8a, b""), (0x89, b"ping"), (0x88, &[3, 232])],
            false => [(0x01, one), (0x89, b"p"), (0x80, two), (0x88, &[3, 233, b'x'])],
        };
        let mut bytes = vec![n];
        for (first, payload) in parts {
            bytes.push(first);
            match u8::try_from(payload.len()).ok().filter(|len| *len < 126) {
                Some(len) => bytes.push(0x80 | len),
                None => bytes.extend([&[0xfe][..], &(payload.len() as u16).to_be_bytes()].concat()),
            }
            let mask = [n, 1, 2, 0x80];
            bytes.extend(mask);
            bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
        }
        bytes
    }

    /// SplitMix64: the same mutations each time.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
        }
    }

    /// One to eight changes: other bits and bytes, pieces cut out, doubled or taken from elsewhere.
    fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        for _ in 0..1 + random.below(8) {
            let at = random.below(bytes.len());
            let end = at + random.below((bytes.len() - at).min(40) + 1);
            match random.below(6) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
                1 if !bytes.is_empty() => bytes[at] = random.below(256) as u8,
                2 => drop(bytes.drain(at..end)),
                3 => {
                    let _ = bytes.splice(at..at, bytes[at..end].to_vec()).count();
                }
                4 => {
                    let other = &seeds[random.below(seeds.len())];
                    let from = random.below(other.len());
                    let _ = bytes.splice(at..end, other[from..(from + 40).min(other.len())].iter().copied()).count();
                }
                _ => bytes.insert(at, b"\0\xff\"\\{[]}:,#@\x80\x7f"[random.below(14)]),
            }
        }
        bytes
    }

    /// With `CHIRM_FUZZ_CORPUS=folder` the seeds are also written there, for the fuzzer to start from.
    #[test]
    fn seeds_and_their_mutations() {
        for (name, target) in TARGETS {
            let seeds = seeds(name);
            assert!(seeds.len() > 40, "{name}");
            if let Some(folder) = std::env::var_os("CHIRM_FUZZ_CORPUS") {
                let folder = Path::new(&folder).join(name);
                fs::create_dir_all(&folder).unwrap();
                for (n, seed) in seeds.iter().enumerate() {
                    fs::write(folder.join(format!("seed-{n:03}")), seed).unwrap();
                }
            }
            seeds.iter().for_each(|seed| target(seed));
            let mut random = Random(7);
            for n in 0..MUTATIONS {
                let input = mutated(&seeds, &mut random);
                let held = std::panic::catch_unwind(|| target(&input));
                assert!(held.is_ok(), "{name}, mutation {n}: {:?}", String::from_utf8_lossy(&input));
            }
        }
    }
}
