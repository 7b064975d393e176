//! Requests: one struct an operation, shared by every door.

use super::decode::{BadFrame, decode};
use crate::domain::{ClientId, PresenceState, Refusal, RoomId, UserId};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;

macro_rules! ops {
    ($($(#[$doc:meta])* $name:literal $variant:ident($fields:ty)),* $(,)?) => {
        /// An operation with its fields.
        #[derive(Debug)]
        pub enum Op<'a> {
            $($(#[$doc])* $variant($fields),)*
        }

        impl<'a> Op<'a> {
            /// Every operation's name.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            fn decode(name: &str, json: &'a str) -> Result<Self, Refusal> {
                match name {
                    $($name => decode::<$fields>(json).map(Self::$variant),)*
                    other => Err(Refusal::bad_request(format!("There is no operation {other:?}."))),
                }
            }
        }
    };
}

ops! {
    /// Signs in and lists the rooms.
    "hello" Hello(Hello<'a>),
    /// Changes of a room since a `rev`.
    "sync" Sync(Sync<'a>),
    /// Stores a message.
    "send" Send(Send<'a>),
    /// A page of messages.
    "history" History(History<'a>),
    /// All up to this was read.
    "read" Read(Read<'a>),
    /// All up to this reached the device.
    "delivered" Delivered(Delivered<'a>),
    /// Who has got and read one message.
    "receipts" Receipts(Receipts<'a>),
    /// Somebody is writing, or no longer.
    "typing" Typing(Typing<'a>),
    /// Comes into a channel.
    "join" Join(RoomOnly<'a>),
    /// Goes out of a room.
    "leave" Leave(RoomOnly<'a>),
    /// The room with one other user, made where there is none.
    "direct" Direct(Direct<'a>),
    /// Who is there.
    "presence" Presence(PresenceOf<'a>),
    /// Whether somebody is at this window.
    "set_presence" SetPresence(SetPresence),
    /// Is the server there?
    "ping" Ping(Ping),
}

/// A decoded request frame.
#[derive(Debug)]
pub struct Request<'a> {
    /// Chosen by the client; the reply carries it.
    pub id: i64,
    /// What it asks for.
    pub op: Op<'a>,
}

#[derive(Deserialize)]
struct Head<'a> {
    id: i64,
    #[serde(borrow)]
    op: Cow<'a, str>,
}

#[derive(Deserialize)]
struct OnlyId {
    id: i64,
}

impl<'a> Request<'a> {
    /// Decodes a text frame. The head comes first, in a pass of its own, so that an error in the fields is answered under the
    /// request's `id`, and each operation's fields are decoded straight into their struct.
    pub fn decode(json: &'a str) -> Result<Self, BadFrame> {
        let head: Head<'a> = decode(json).map_err(|refusal| BadFrame {
            id: serde_json::from_str::<OnlyId>(json).ok().map(|only| only.id),
            refusal: Refusal { code: crate::domain::Code::BadRequest, ..refusal },
        })?;
        let op = Op::decode(&head.op, json).map_err(|refusal| BadFrame { id: Some(head.id), refusal })?;
        Ok(Self { id: head.id, op })
    }
}

/// Fields of `hello`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "HelloRequest", optional_fields))]
pub struct Hello<'a> {
    /// The bearer token, where neither cookie nor header brought one.
    #[serde(borrow, default)]
    pub token: Option<Cow<'a, str>>,
    /// A label for the list of devices.
    #[serde(borrow, default)]
    pub device: Option<Cow<'a, str>>,
    /// The epoch that the cursors were held from.
    #[serde(borrow, default)]
    pub epoch: Option<Cow<'a, str>>,
    /// The last `rev` held of each room.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, type = "Record<string, number>"))]
    pub cursors: Option<HashMap<RoomId, i64>>,
}

/// Fields of `sync`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "SyncRequest", optional_fields))]
pub struct Sync<'a> {
    /// Which room.
    #[serde(borrow)]
    pub room: Cow<'a, str>,
    /// The last change that the client holds; 0 for none.
    pub after_rev: i64,
    /// At most so many messages.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Fields of `send`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "SendRequest", optional_fields))]
pub struct Send<'a> {
    /// Which room.
    #[serde(borrow)]
    pub room: Cow<'a, str>,
    /// Kept on every retry: what makes a retry safe.
    pub client_id: ClientId,
    /// The text.
    #[serde(borrow)]
    pub body: Cow<'a, str>,
    /// The message that it answers.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub reply_to: Option<i64>,
    /// The root of its thread.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub thread: Option<i64>,
    /// Uploaded files. There are none yet, so every id is refused.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub attachments: Option<Vec<uuid::Uuid>>,
}

/// Fields of `history`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "HistoryRequest", optional_fields))]
pub struct History<'a> {
    /// Which room.
    #[serde(borrow)]
    pub room: Cow<'a, str>,
    /// Messages before this one.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub before: Option<i64>,
    /// Messages after this one.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub after: Option<i64>,
    /// Messages on both sides of this one, and itself.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub around: Option<i64>,
    /// At most so many.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Fields of `read`: one of them.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "ReadRequest", optional_fields))]
pub struct Read<'a> {
    /// Which room.
    #[serde(borrow)]
    pub room: Cow<'a, str>,
    /// All up to this one.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub seq: Option<i64>,
    /// The highest of these counts.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub seqs: Option<Vec<i64>>,
}

impl Read<'_> {
    /// The watermark that is asked for.
    pub fn up_to(seq: Option<i64>, seqs: Option<&[i64]>) -> Result<i64, Refusal> {
        let highest = seq.into_iter().chain(seqs.into_iter().flatten().copied()).max();
        highest.ok_or_else(|| Refusal::invalid("seq", "Give seq, or seqs with at least one number."))
    }
}

/// Fields of `delivered`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "DeliveredRequest"))]
pub struct Delivered<'a> {
    /// Which room.
    #[serde(borrow)]
    pub room: Cow<'a, str>,
    /// All up to this one.
    pub seq: i64,
}

/// Fields of `receipts`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "ReceiptsRequest"))]
pub struct Receipts<'a> {
    /// Which room.
    #[serde(borrow)]
    pub room: Cow<'a, str>,
    /// Which message.
    pub seq: i64,
}

/// Fields of `typing`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "TypingRequest"))]
pub struct Typing<'a> {
    /// Which room.
    #[serde(borrow)]
    pub room: Cow<'a, str>,
    /// Writing, or no longer.
    pub on: bool,
}

/// Fields of operations on a room that need nothing else.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "RoomRequest"))]
pub struct RoomOnly<'a> {
    /// Which room.
    #[serde(borrow)]
    pub room: Cow<'a, str>,
}

/// Fields of `direct`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "DirectRequest"))]
pub struct Direct<'a> {
    /// With whom: id or username.
    #[serde(borrow)]
    pub user: Cow<'a, str>,
}

/// Fields of `presence`: one of them.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "PresenceRequest", optional_fields))]
pub struct PresenceOf<'a> {
    /// Of these users, at most 200.
    #[serde(default)]
    pub users: Option<Vec<UserId>>,
    /// Of this room's members.
    #[serde(borrow, default)]
    pub room: Option<Cow<'a, str>>,
}

/// Fields of `set_presence`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "SetPresenceRequest"))]
pub struct SetPresence {
    /// `online` or `away`.
    pub state: PresenceState,
}

/// `ping` has no fields.
#[derive(Debug, Deserialize)]
pub struct Ping {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code;

    #[test]
    fn decodes_without_copying_plain_text() {
        let json = r##"{"id":7,"op":"send","room":"#lobby","client_id":"00000000-0000-4000-8000-000000000001","body":"hi","x":{"y":[1]}}"##;
        let request = Request::decode(json).unwrap();
        assert_eq!(request.id, 7);
        let Op::Send(send) = request.op else { panic!("{request:?}") };
        assert!(matches!(send.body, Cow::Borrowed("hi")));
        assert!(matches!(send.room, Cow::Borrowed("#lobby")));
    }

    #[test]
    fn bad_frames_keep_the_id() {
        for (json, id, code) in [
            ("nonsense", None, Code::BadRequest),
            (r#"{"op":"ping"}"#, None, Code::BadRequest),
            (r#"{"id":1.5,"op":"ping"}"#, None, Code::BadRequest),
            (r#"{"id":3}"#, Some(3), Code::BadRequest),
            (r#"{"id":3,"op":7}"#, Some(3), Code::BadRequest),
            (r#"{"id":3,"op":"nope"}"#, Some(3), Code::BadRequest),
            (r#"{"id":3,"op":"send"}"#, Some(3), Code::Invalid),
            (r##"{"id":3,"op":"send","room":"#a","client_id":"x","body":"hi"}"##, Some(3), Code::Invalid),
        ] {
            let bad = Request::decode(json).unwrap_err();
            assert_eq!((bad.id, bad.refusal.code), (id, code), "{json}");
        }
    }
}
