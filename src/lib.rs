//! Chirm: an actor-model chat engine.
//!
//! [`domain`] holds plain types and pure rules; [`protocol`] is what is spoken with clients; [`db`] is the only code that knows
//! SQL; [`actors`] route, order and deliver; [`http`] is the door. Imports go one way, in this order.

pub mod actors;
pub mod auth;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod faults;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod http;
mod metrics;
pub mod protocol;
pub mod server;
mod unsynced;
mod upkeep;
