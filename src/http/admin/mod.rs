//! For administrators. Every route takes an [`AdminCaller`](super::AdminCaller), and what changes something is written to the audit log.

pub mod audit;
pub mod invites;
pub mod members;
pub mod rooms;
pub mod stats;
pub mod users;
