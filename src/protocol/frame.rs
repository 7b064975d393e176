//! WebSocket frames, ready to write: encoded once, shared by reference count.

use super::Event;
use crate::domain::{Message, Refusal, RoomId};
use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;
use std::cell::RefCell;

const FIN_TEXT: u8 = 0x81;
const FIN_CLOSE: u8 = 0x88;

/// What a `message` event has and the same object in a list has not.
pub const MESSAGE_PREFIX: &[u8] = br#"{"event":"message","#;

thread_local! {
    /// JSON is written here first, because a frame's header depends on its length.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(4096));
}

#[derive(Serialize)]
struct Reply<'a, T> {
    id: i64,
    ok: &'a T,
}

#[derive(Serialize)]
struct Failure<'a> {
    id: Option<i64>,
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "as_map")]
    fields: &'a [(std::borrow::Cow<'static, str>, std::borrow::Cow<'static, str>)],
    #[serde(skip_serializing_if = "is_zero")]
    retry_after_ms: u32,
}

fn as_map<S: serde::Serializer>(
    fields: &[(std::borrow::Cow<'static, str>, std::borrow::Cow<'static, str>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|(key, why)| (key, why)))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(ms: &u32) -> bool {
    *ms == 0
}

/// The header of an unmasked frame of `len` bytes.
fn header(out: &mut BytesMut, first: u8, len: usize) {
    out.put_u8(first);
    match len {
        0..126 => out.put_u8(len as u8),
        126..=0xffff => {
            out.put_u8(126);
            out.put_u16(len as u16);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(len as u64);
        }
    }
}

/// Several frames in one buffer, in order.
#[derive(Debug, Default)]
pub struct Frames(BytesMut);

impl Frames {
    /// With room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(BytesMut::with_capacity(bytes))
    }

    /// Appends a text frame of this value and returns where its JSON begins and ends. What we send always encodes; were
    /// it not so, the frame would be an empty object rather than a panic.
    pub fn push(&mut self, value: &impl Serialize) -> (usize, usize) {
        SCRATCH.with_borrow_mut(|json| {
            json.clear();
            if let Err(error) = serde_json::to_writer(&mut *json, value) {
                log::error!("a frame could not be encoded: {error}");
                json.clear();
                json.extend_from_slice(b"{}");
            }
            self.0.reserve(json.len() + 10);
            header(&mut self.0, FIN_TEXT, json.len());
            let start = self.0.len();
            self.0.extend_from_slice(json);
            (start, self.0.len())
        })
    }

    /// Appends a `message` event.
    pub fn push_message(&mut self, message: &Message) -> (usize, usize) {
        self.push(&Event::Message(message))
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// No more frames: the bytes, to be shared.
    pub fn finish(self) -> Bytes {
        self.0.freeze()
    }
}

fn one(value: &impl Serialize) -> Bytes {
    let mut frames = Frames::default();
    frames.push(value);
    frames.finish()
}

/// A text frame of JSON that was already encoded.
pub fn text_frame(json: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(json.len() + 10);
    header(&mut out, FIN_TEXT, json.len());
    out.extend_from_slice(json);
    out.freeze()
}

/// `{"id":7,"ok":{…}}`
pub fn reply_frame(id: i64, ok: &impl Serialize) -> Bytes {
    one(&Reply { id, ok })
}

/// `{"id":7,"error":{…}}`; `id` is null where the request's could not be read.
pub fn error_frame(id: Option<i64>, refusal: &Refusal) -> Bytes {
    one(&Failure {
        id,
        error: ErrorBody {
            code: refusal.code.name(),
            message: &refusal.message,
            fields: &refusal.fields,
            retry_after_ms: refusal.retry_after_ms,
        },
    })
}

/// `{"event":"…",…}`
pub fn event_frame(event: &Event<'_>) -> Bytes {
    one(event)
}

/// The reply to `sync`, of messages that are encoded already: `messages` is the inside of a JSON list.
pub fn sync_reply(id: i64, messages: &[u8], rev: i64, more: bool) -> Bytes {
    synced(format!(r#"{{"id":{id},"ok":{{"#), messages, rev, more, b"}}")
}

/// The `sync` event, of the same.
pub fn sync_event(room: RoomId, messages: &[u8], rev: i64, more: bool) -> Bytes {
    synced(format!(r#"{{"event":"sync","room":"{room}","#), messages, rev, more, b"}")
}

fn synced(start: String, messages: &[u8], rev: i64, more: bool, end: &[u8]) -> Bytes {
    let mut json = start.into_bytes();
    json.extend_from_slice(br#""messages":["#);
    json.extend_from_slice(messages);
    json.extend_from_slice(format!(r#"],"rev":{rev},"more":{more}"#).as_bytes());
    json.extend_from_slice(end);
    text_frame(&json)
}

/// A close frame; the reason is cut to what a control frame holds.
pub fn close_frame(code: u16, reason: &str) -> Bytes {
    let mut cut = reason.len().min(123);
    while !reason.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut out = BytesMut::with_capacity(4 + cut);
    header(&mut out, FIN_CLOSE, 2 + cut);
    out.put_u16(code);
    out.extend_from_slice(&reason.as_bytes()[..cut]);
    out.freeze()
}

/// What one whole frame of the server carries.
#[cfg(any(test, fuzzing))]
pub fn payload(frame: &[u8]) -> &[u8] {
    let head = match frame[1] {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    &frame[head..]
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn headers_by_length() {
        for (len, head) in [(2, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let frame = text_frame(&vec![b' '; len]);
            assert_eq!(frame.len(), len + head);
            assert_eq!(payload(&frame).len(), len);
        }
        assert_eq!(&text_frame(b"{}")[..], b"\x81\x02{}");
        assert_eq!(&close_frame(4401, "no")[..], b"\x88\x04\x11\x31no");
        assert_eq!(close_frame(1000, &"ü".repeat(100)).len(), 2 + 2 + 122);
    }

    #[test]
    fn order_of_keys() {
        let text = |frame: Bytes| String::from_utf8(frame[2..].to_vec()).unwrap();
        let room = RoomId::from([0; 16]);
        let event = Event::Resync { room, after_rev: 3 };
        assert_eq!(text(event_frame(&event)), r#"{"event":"resync","room":"00000000-0000-0000-0000-000000000000","after_rev":3}"#);
        assert_eq!(
            text(error_frame(None, &Refusal::new(crate::domain::Code::BadRequest, "x"))),
            r#"{"id":null,"error":{"code":"bad_request","message":"x"}}"#
        );
        assert_eq!(text(reply_frame(1, &super::super::Nothing {})), r#"{"id":1,"ok":{}}"#);
        // What is put together by hand is what the structs would give.
        let sync = super::super::SyncOk { messages: Vec::new(), rev: 3, more: true };
        assert_eq!(sync_reply(1, b"", 3, true), reply_frame(1, &sync));
        assert_eq!(sync_event(room, b"", 3, true), event_frame(&Event::Sync { room, messages: &[], rev: 3, more: true }));
    }
}
