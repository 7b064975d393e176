//! The server in numbers.

use crate::{
    db::{self, Url},
    http::{AdminCaller, answer, problem::Answer, schema::Refused, state::State},
};
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

/// The server in numbers.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminStats)]
pub struct Stats {
    users: i64,
    /// Users who are there now.
    online: usize,
    rooms: i64,
    messages: i64,
    /// WebSockets.
    connections: usize,
    uptime_s: u64,
    version: &'static str,
    /// `sqlite` or `postgres`.
    database: &'static str,
}

/// The server in numbers.
#[utoipa::path(get, path = "/api/v1/admin/stats", tag = "admin", responses((status = 200, body = Stats), Refused))]
pub async fn show(state: Data<State>, _admin: AdminCaller) -> Answer {
    let counts = state.hub.read(|db| Ok((db::users::count(db)?, db::rooms::count(db)?, db::messages::count(db)?)));
    let (users, rooms, messages) = counts.await?;
    let online = state.hub.online();
    answer::ok(Stats {
        users,
        online: online.users,
        rooms,
        messages,
        connections: online.connections,
        uptime_s: state.started.elapsed().as_secs(),
        version: env!("CARGO_PKG_VERSION"),
        database: database(&state.config.database_url()),
    })
}

fn database(url: &str) -> &'static str {
    match Url::parse(url).map(|url| url.kind()) {
        Ok(db::Kind::Postgres) => "postgres",
        Ok(db::Kind::Sqlite) | Err(_) => "sqlite",
    }
}
