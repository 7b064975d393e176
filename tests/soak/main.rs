//! The promise of durability and order, shown by histories: real clients record what they saw while the server is hurt, and the checker of
//! `tests/history` judges it. Each scenario is one file and one function of a [`plan::Plan`]: `cargo test` runs it short, `make soak` in full
//! (`docs/reliability.md` has the table). A run in which nothing was hurt, or too little was done, fails like one in which something was lost.
#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    reason = "a test that fails says why and ends; of what is shared with other tests this uses a part"
)]

#[path = "../history/mod.rs"]
mod history;
#[path = "../support/postgres.rs"]
mod postgres;
#[macro_use]
#[path = "../it/support/mod.rs"]
mod support;

mod device;
mod disks;
mod dump;
mod machine;
mod plan;
mod proxy;
mod view;
mod world;

mod clock;
mod crash;
mod database;
mod database_gone;
mod disk;
mod drain;
mod half_open;
mod kill;
mod late;
mod overload;
mod panic;
mod power;
mod sabotage;
mod slow;
mod stall;
mod storm;
