//! Users, as others see them.

use super::{Millis, UserId};
use serde::{Deserialize, Serialize};

/// What a user may do on this server as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServerRole {
    /// Uses it.
    Member,
    /// Manages rooms and users.
    Admin,
    /// Manages administrators too. There is always one.
    Owner,
}

/// Whether somebody is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// At least one window is open and in use.
    Online,
    /// Every open window said that nobody is at it.
    Away,
    /// No window is open.
    Offline,
}

/// What a user lets others know of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sharing {
    /// What they have read.
    pub read_receipts: bool,
    /// When they were last here.
    pub last_seen: bool,
}

impl Default for Sharing {
    fn default() -> Self {
        Self { read_receipts: true, last_seen: true }
    }
}

/// A user, as any signed-in user may see them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// Unique, folded.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// The role on this server.
    pub role: ServerRole,
    /// Signed in with a name alone.
    pub guest: bool,
    /// When the account was made.
    pub created_at: Millis,
    /// When the last window was closed; absent where none ever was, or where the user does not share it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    pub last_seen: Option<Millis>,
    /// Nobody else's business: not part of what is sent.
    #[serde(skip)]
    pub shares: Sharing,
}
