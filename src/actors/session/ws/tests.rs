//! The decoder against frames that are whole, cut, forbidden or random.

use super::*;
use proptest::prelude::*;

fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..126 => frame.push(0x80 | len as u8),
        len @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(0x80 | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    let mask = [1, 2, 3, 4];
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, k)| b ^ k));
    frame
}

fn run(decoder: &mut Decoder, mut bytes: Vec<u8>) -> Result<Vec<String>, Breach> {
    let mut got = Vec::new();
    decoder.feed(&mut bytes, 1 << 20, |incoming| {
        got.push(format!("{incoming:?}"));
        Some(1 << 20)
    })?;
    Ok(got)
}

#[test]
fn fragments_around_a_ping() {
    let bytes = [masked(0x01, b"he"), masked(0x89, b"p"), masked(0x00, b"l"), masked(0x80, b"lo")].concat();
    assert_eq!(run(&mut Decoder::default(), bytes).unwrap(), ["Ping([112])", "Text(\"hello\")"]);
}

#[test]
fn breaches() {
    let mut unmasked = vec![0x81, 2];
    unmasked.extend(b"hi");
    for (bytes, code) in [
        (unmasked, 1002),
        (masked(0xc1, b"hi"), 1002),
        (masked(0x83, b"hi"), 1002),
        (masked(0x8b, b""), 1002),
        (masked(0x09, b""), 1002),
        (masked(0x89, &[0; 126]), 1002),
        (masked(0x80, b"x"), 1002),
        ([masked(0x01, b"a"), masked(0x81, b"b")].concat(), 1002),
        (masked(0x81, &[0xff]), 1007),
        (masked(0x88, &[3]), 1002),
        (masked(0x88, &999u16.to_be_bytes()), 1002),
        (masked(0x88, &1005u16.to_be_bytes()), 1002),
        (masked(0x88, &[0x03, 0xe8, 0xff]), 1007),
        (masked(0x81, &vec![b'x'; (1 << 20) + 1]), 1009),
        ([masked(0x01, &vec![b'x'; 1 << 20]), masked(0x80, b"y")].concat(), 1009),
    ] {
        let start = bytes[..bytes.len().min(8)].to_vec();
        assert_eq!(run(&mut Decoder::default(), bytes).unwrap_err().code, code, "{start:?}");
    }
}

#[test]
fn a_text_is_refused_as_soon_as_it_cannot_be_utf8() {
    let good = "κόσμε".as_bytes();
    for bad in [&b"\xf4\x90"[..], b"\xed\xa0", b"\xc0", b"\xf0\x90A"] {
        let start = [good, bad].concat();
        let part = run(&mut Decoder::default(), masked(0x01, &start));
        assert_eq!(part.unwrap_err().code, 1007, "a part of it: {bad:x?}");
        let frame = masked(0x81, &[&start[..], &[b'x'; 300]].concat());
        let mut decoder = Decoder::default();
        let mut fed = frame[..8 + start.len()].iter().map(|byte| run(&mut decoder, vec![*byte]));
        assert_eq!(fed.find_map(Result::err).unwrap().code, 1007, "a frame of it: {bad:x?}");
    }
    let cut = [masked(0x01, b"\xf4\x8f"), masked(0x00, b"\xbf"), masked(0x80, b"\xbf")].concat();
    assert_eq!(run(&mut Decoder::default(), cut).unwrap(), [format!("{:?}", Incoming::Text("\u{10ffff}"))]);
}

#[test]
fn stops_when_told_and_goes_on_later() {
    let mut decoder = Decoder::default();
    let mut bytes = [masked(0x81, b"a"), masked(0x81, b"b")].concat();
    let mut got = Vec::new();
    decoder
        .feed(&mut bytes, 100, |incoming| {
            got.push(format!("{incoming:?}"));
            None
        })
        .unwrap();
    assert!(decoder.has_rest());
    assert_eq!(run(&mut decoder, Vec::new()).unwrap(), ["Text(\"b\")"]);
    assert!(!decoder.has_rest());
}

proptest! {
    /// However the bytes are cut, the same messages come out.
    #[test]
    fn cuts_do_not_matter(messages in prop::collection::vec("[a-zä]{0,300}", 1..8), cuts in prop::collection::vec(1usize..200, 1..40)) {
        let stream: Vec<u8> = messages.iter().flat_map(|m| masked(0x81, m.as_bytes())).collect();
        let mut decoder = Decoder::default();
        let mut got = Vec::new();
        let mut rest = &stream[..];
        let mut cuts = cuts.into_iter().cycle();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            got.extend(run(&mut decoder, piece.to_vec()).unwrap());
            rest = after;
        }
        let wanted: Vec<String> = messages.iter().map(|m| format!("{:?}", Incoming::Text(m))).collect();
        prop_assert_eq!(got, wanted);
    }
}
