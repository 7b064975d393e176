//! Plain types and pure rules. Imports nothing else of this crate.

mod audit;
mod ids;
mod limits;
mod mentions;
mod message;
mod names;
mod refusal;
mod room;
pub mod rules;
#[cfg(test)]
pub mod samples;
mod time;
mod user;

pub use audit::AuditEntry;
pub use ids::{AuditId, ClientId, RoomId, SessionId, UserId};
pub use limits::Limits;
pub use mentions::mention_candidates;
pub use message::{Change, Message, NewMessage, Receipt, Sent};
pub use names::{ChannelName, DisplayName, GroupTitle, RoomRef, Topic, UserRef, Username, check_body};
pub use refusal::{Code, Refusal};
pub use room::{Member, Membership, Role, Room, RoomHead, RoomKind};
pub use time::Millis;
pub use user::{PresenceState, ServerRole, Sharing, User};
