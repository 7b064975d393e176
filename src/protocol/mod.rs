//! What is spoken with clients: requests in, replies and events out. The only place that encodes or decodes them.
//! The page for people is `docs/protocol.md`.

#[cfg(test)]
mod asyncapi;
mod decode;
mod events;
mod frame;
mod ops;
mod replies;
#[cfg(test)]
pub(crate) mod typescript;

pub use decode::{BadFrame, decode};
pub use events::Event;
#[cfg(any(test, fuzzing))]
pub use frame::payload;
pub use frame::{Frames, MESSAGE_PREFIX, close_frame, error_frame, event_frame, reply_frame, sync_event, sync_reply, text_frame};
pub use ops::{Delivered, Direct, Hello, History, Op, PresenceOf, Read, Receipts, Request, RoomOnly, Send, SetPresence, Sync, Typing};
pub use replies::{
    DeliveredOk, HelloOk, HistoryOk, Nothing, PongOk, PresenceOk, PresenceRow, ReadOk, ReceiptAt, ReceiptsOk, RoomIdOk, RoomOk, SentOk,
    ServerInfo, SetPresenceOk, SyncOk,
};

/// The WebSocket subprotocol's name.
pub const SUBPROTOCOL: &str = "chirm.v1";
