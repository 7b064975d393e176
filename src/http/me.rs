//! My own profile.

use super::{answer, caller::Caller, input::Json, problem::Answer, schema::Refused, state::State, users::OneUser};
use crate::{db, domain::DisplayName};
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::ToSchema;

/// What to change of it.
#[derive(Deserialize, ToSchema)]
pub struct ProfilePatch {
    display_name: Option<String>,
}

/// Me.
#[utoipa::path(get, path = "/api/v1/me", tag = "users", responses((status = 200, body = OneUser), Refused))]
pub async fn show(caller: Caller) -> Answer {
    answer::ok(OneUser { user: caller.user })
}

/// Changes my profile.
#[utoipa::path(patch, path = "/api/v1/me", tag = "users", request_body = ProfilePatch, responses((status = 200, body = OneUser), Refused))]
pub async fn update(state: Data<State>, caller: Caller, patch: Json<ProfilePatch>) -> Answer {
    let patch = patch.read()?;
    let Some(name) = patch.display_name else { return answer::ok(OneUser { user: caller.user }) };
    let (id, name) = (caller.user.id, DisplayName::parse(&name)?);
    let user = state.hub.change(id, move |db| db::users::rename(db, id, name)).await?;
    answer::ok(OneUser { user })
}
