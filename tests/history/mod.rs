//! The history checker: what clients saw, line by line, and whether a server that keeps its promises could have shown it to them.
//!
//! Clients write [`record::Line`]s through a [`record::Recorder`]; [`load`] reads them into a compact [`load::History`]; [`check::run`] judges
//! it, room by room, and [`report`] says what was found. [`generate`] makes good histories and [`mutate`] spoils them, which is how the
//! checker itself is tested. Nothing here knows the server: a binary takes the module in with `#[path = "../history/mod.rs"]`.
#![allow(dead_code, reason = "each binary that takes this in uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails says why and ends")]

pub mod check;
pub mod generate;
pub mod load;
pub mod mutate;
pub mod record;
pub mod report;
