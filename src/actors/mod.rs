//! The actors that route, order and deliver.

pub mod chat_server;
pub mod connection;
pub mod counters;
pub mod courier;
pub mod db_executor;
pub mod hub;
pub mod journal;
pub mod ops;
pub mod outbox;
pub mod pressure;
pub mod session;
pub mod tokens;

/// The cores beside naive models of themselves.
#[cfg(test)]
#[path = "../../tests/models/mod.rs"]
mod models;
/// The actors' cores under a seeded scheduler.
#[cfg(test)]
#[path = "../../tests/sim/mod.rs"]
mod sim;
