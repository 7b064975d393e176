//! Black-box tests: the built server, spoken to through sockets and HTTP only. Each test has a server process of its own, in a folder of its
//! own, on a free port; nearly every test runs on SQLite and on PostgreSQL. Tests wait for facts, never for time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    reason = "a test that fails says why and ends"
)]

#[path = "../support/postgres.rs"]
mod postgres;
#[macro_use]
mod support;

mod admin;
mod auth;
mod bad_frames;
mod bad_requests;
mod chat;
mod churn;
mod config;
mod conformance;
mod durability;
mod golden;
mod headers;
mod heartbeat;
mod history;
mod layers;
mod limits;
mod order;
mod presence;
mod privacy;
mod receipts;
mod rest;
mod resume;
mod rooms;
mod sessions;
mod shutdown;
mod slow_reader;
mod typing;
