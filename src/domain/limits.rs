//! Every bound that a client can meet.

use serde::{Deserialize, Serialize};

/// Sizes and bounds, as `hello` tells them. Rates are in the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Limits {
    /// Largest WebSocket message from a client, in bytes.
    pub frame_bytes: u32,
    /// Largest body of a message, in characters.
    pub body_chars: u32,
    /// Most items in one page of history or `sync`.
    pub page: u32,
    /// Presence and receipts are told to rooms of at most so many members.
    pub presence_members: u32,
    /// Most rooms that one user may be in.
    pub rooms_joined: u32,
    /// Most bytes waiting for one slow connection before it is told to `sync`.
    pub outbox_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { frame_bytes: 64 * 1024, body_chars: 10_000, page: 200, presence_members: 200, rooms_joined: 500, outbox_bytes: 1024 * 1024 }
    }
}
