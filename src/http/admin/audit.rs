//! Who did what.

use crate::{
    db,
    domain::{AuditEntry, AuditId, Millis, UserId},
    http::{AdminCaller, answer, input::Query, problem::Answer, schema::Refused, state::State},
};
use actix_web::web::Data;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// An act.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct Entry {
    id: AuditId,
    at: Millis,
    /// Who; null where nobody was signed in.
    #[schema(required = true)]
    actor: Option<UserId>,
    /// What, as `noun.verb`.
    act: String,
    /// On what: an id or a name.
    #[schema(required = true)]
    target: Option<String>,
    /// Such as what it was before and after.
    #[schema(required = true, value_type = Option<Object>)]
    detail: Option<Box<RawValue>>,
    /// From where.
    #[schema(required = true)]
    address: Option<String>,
    #[schema(required = true)]
    request_id: Option<String>,
}

/// A page of acts, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntries)]
pub struct Entries {
    entries: Vec<Entry>,
    /// For `cursor`; null at the end.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl From<AuditEntry> for Entry {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { id, at, actor, act, target, detail, address, request_id } = entry;
        let detail = detail.and_then(|text| RawValue::from_string(text).ok());
        Self { id, at, actor, act, target, detail, address, request_id }
    }
}

/// Who did what.
#[utoipa::path(get, path = "/api/v1/admin/audit", tag = "admin",
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = Entries), Refused))]
pub async fn list(state: Data<State>, _admin: AdminCaller, query: Query) -> Answer {
    let (cursor, limit) = (query.owned("cursor"), query.limit(state.config.limits.sizes.page)?);
    let page = state.hub.read(move |db| db::audit::list(db, cursor.as_deref(), limit)).await?;
    answer::ok(Entries { entries: page.items.into_iter().map(Entry::from).collect(), next_cursor: page.next_cursor })
}
