//! The HTTP door: REST under `/api/v1`, the web client, documents, health and metrics.
//!
//! [`routes`](routes::routes) is the table; one noun a file. A handler reads its input, asks the hub and answers; what is wrong
//! travels as a [`Refusal`](crate::domain::Refusal) and becomes `application/problem+json` in one place, `envelope`.

mod admin;
mod answer;
mod assets;
mod audit;
mod auth;
mod caller;
mod client;
mod counts;
mod csp;
mod direct;
mod docs;
mod envelope;
#[cfg(any(test, fuzzing))]
mod fuzz;
mod gates;
mod health;
mod input;
mod me;
mod members;
mod messages;
mod metrics;
mod presence;
mod problem;
mod rooms;
mod routes;
mod schema;
mod state;
#[cfg(test)]
mod typescript;
pub mod upgrade;
mod users;

pub use caller::{AdminCaller, Caller};
pub use client::{Client, client_address};
pub use docs::document;
pub use envelope::strip_base;
#[cfg(any(test, fuzzing))]
pub use fuzz::{every_body, every_query};
pub use metrics::serve_metrics;
pub use problem::Problem;
pub use routes::{app, routes};
pub use state::State;
