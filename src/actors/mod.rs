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

use actix::prelude::*;
use std::time::Duration;

/// Calls `step` each `period`, counted from the end of the call before: once after a time in which the process stood still, in a frozen container or
/// under a debugger. The framework's `run_interval` would then make up for all the calls that were missed at once, before anything is read that clients
/// sent meanwhile, and every one of them would pass for silent.
fn every<A: Actor<Context = Context<A>>>(ctx: &mut Context<A>, period: Duration, mut step: impl FnMut(&mut A, &mut Context<A>) + 'static) {
    ctx.run_later(period, move |act, ctx| {
        step(act, ctx);
        every(ctx, period, step);
    });
}

/// The cores beside naive models of themselves.
#[cfg(test)]
#[path = "../../tests/models/mod.rs"]
mod models;
/// The actors' cores under a seeded scheduler.
#[cfg(test)]
#[path = "../../tests/sim/mod.rs"]
mod sim;
