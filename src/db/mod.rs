//! The database: plain functions by noun, the only code that knows SQL.
//!
//! A function that reads takes any connection; one that changes something takes a writer's, and its steps are one transaction:
//! its own, or the one that is already open. What has changed comes back as [`crate::domain::Change`]s, to be told after the commit.

mod checkpoints;
mod connection;
mod dialect;
mod fault;
mod number;
mod page;
mod policy;
mod schema;
mod statement;
#[cfg(test)]
mod tests;
mod types;

pub mod append;
pub mod audit;
pub mod invites;
pub mod members;
pub mod messages;
pub mod meta;
pub mod migrate;
pub mod rooms;
pub mod sessions;
pub mod users;

pub use checkpoints::{Checkpoint, Checkpoints, Trouble, settle};
pub use connection::{Connector, Db, Kind, Pool, Pooled, Synchronous, Url, is_sound, transaction};
pub use fault::{Fault, Result};
pub use members::{Actor, MemberRoom};
pub use page::Page;
#[cfg(any(test, fuzzing))]
pub use page::every_cursor;
pub use policy::Policy;
