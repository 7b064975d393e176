//! Frames as a client reads them.

use crate::domain::{Message, Room, UserId};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub(super) struct Frame<'a> {
    pub(super) id: Option<i64>,
    pub(super) event: Option<&'a str>,
    #[serde(borrow)]
    pub(super) ok: Option<&'a RawValue>,
    pub(super) error: Option<Failure>,
    #[serde(borrow)]
    pub(super) room: Option<&'a RawValue>,
    pub(super) rev: Option<i64>,
    pub(super) after_rev: Option<i64>,
    pub(super) more: Option<bool>,
    pub(super) messages: Option<Vec<Message>>,
    pub(super) user: Option<UserId>,
    pub(super) read_seq: Option<i64>,
    pub(super) delivered_seq: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Failure {
    pub(super) code: String,
}

#[derive(Deserialize)]
pub(super) struct Greeted {
    pub(super) rooms: Vec<Room>,
}

/// The answers that matter, in one.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) seq: Option<i64>,
    pub(super) rev: Option<i64>,
    pub(super) duplicate: Option<bool>,
    pub(super) read_seq: Option<i64>,
    pub(super) delivered_seq: Option<i64>,
    pub(super) more: Option<bool>,
    pub(super) messages: Option<Vec<Message>>,
}

pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| format!("{error} in {}", String::from_utf8_lossy(json)))
}

/// The first byte of the first frame, where its payload begins and where it ends, if all of it is there.
pub(super) fn whole(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&first, &short) = (bytes.first()?, bytes.get(1)?);
    let (start, len) = match short {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
        len => (2, usize::from(len)),
    };
    (bytes.len() >= start + len).then_some((first, start, start + len))
}
