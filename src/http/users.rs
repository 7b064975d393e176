//! Other users.

use super::{
    answer,
    caller::Caller,
    input::{Query, user_ref},
    problem::Answer,
    schema::Refused,
    state::State,
};
use crate::{db, domain::User};
use actix_web::web::{Data, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// Most ids in one question.
const IDS: usize = 100;

/// One user.
#[derive(Serialize, ToSchema)]
pub struct OneUser {
    /// The user.
    pub user: User,
}

/// A page of users.
#[derive(Serialize, ToSchema)]
pub struct Users {
    users: Vec<User>,
    /// For `cursor`; null at the end.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// Users by the beginning of a name, or by id.
#[utoipa::path(get, path = "/api/v1/users", tag = "users",
    params(
        ("q" = Option<String>, Query, description = "Beginning of username or display name"),
        ("ids" = Option<String>, Query, description = "Instead: ids, parted by commas, at most 100"),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)
    ),
    responses((status = 200, body = Users), Refused))]
pub async fn list(state: Data<State>, _caller: Caller, query: Query) -> Answer {
    if let Some(ids) = query.ids("ids", IDS)? {
        let users = state.hub.read(move |db| db::users::by_ids(db, &ids)).await?;
        return answer::ok(Users { users, next_cursor: None });
    }
    let (q, cursor, limit) = (query.owned("q"), query.owned("cursor"), query.limit(state.config.limits.sizes.page)?);
    let page = state.hub.read(move |db| db::users::search(db, q.as_deref(), cursor.as_deref(), limit)).await?;
    answer::ok(Users { users: page.items, next_cursor: page.next_cursor })
}

/// One user.
#[utoipa::path(get, path = "/api/v1/users/{user}", tag = "users", params(("user" = String, Path, description = "Id or username")),
    responses((status = 200, body = OneUser), Refused))]
pub async fn show(state: Data<State>, _caller: Caller, path: Path<String>) -> Answer {
    let wanted = user_ref(&path)?;
    let user = state.hub.read(move |db| db::users::find(db, &wanted)).await?;
    answer::ok(OneUser { user })
}
