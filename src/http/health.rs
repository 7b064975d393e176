//! For those who watch the process.

use super::{answer, problem::Answer, state::State};
use crate::db;
use actix_rt::time::timeout;
use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// Longest wait for the database's answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the process can serve.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// All of the below are well.
    ready: bool,
    /// The database answers.
    database: bool,
    /// It took the last change: its disk is not full, and whoever else uses it lets us.
    writable: bool,
    /// Its schema is the one that this version needs.
    migrations: bool,
    /// The process is about to end and takes no new connections.
    draining: bool,
}

/// The process runs.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()), responses((status = 200, description = "`ok`", body = String)))]
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can serve: send it requests, or not.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, description = "Send it requests", body = Readiness), (status = 503, description = "Don't, for now", body = Readiness)))]
pub async fn readyz(state: Data<State>) -> Answer {
    let schema = timeout(PATIENCE, state.hub.read(db::migrate::is_current)).await;
    let schema = schema.ok().and_then(Result::ok);
    let (database, migrations) = (schema.is_some(), schema == Some(true));
    let (writable, draining) = (state.hub.can_write(), state.hub.draining());
    let ready = database && writable && migrations && !draining;
    let answer = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer::json(answer, Readiness { ready, database, writable, migrations, draining })
}
