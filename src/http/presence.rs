//! Who is there.

use super::{
    answer,
    caller::Caller,
    input::{Query, room_ref},
    problem::Answer,
    schema::Refused,
    state::State,
};
use crate::{
    actors::ops::{self, Whose},
    protocol::PresenceOk,
};
use actix_web::web::Data;

/// Most users in one question.
const USERS: usize = 200;

/// Who is there, of some users or of a room's members.
#[utoipa::path(get, path = "/api/v1/presence", tag = "users",
    params(("users" = Option<String>, Query, description = "Ids, parted by commas, at most 200"),
        ("room" = Option<String>, Query, description = "Instead: a room's id or #name")),
    responses((status = 200, body = PresenceOk), Refused))]
pub async fn list(state: Data<State>, caller: Caller, query: Query) -> Answer {
    let room = query.text("room").map(room_ref).transpose()?;
    let whose = Whose::of(query.ids("users", USERS)?, room)?;
    answer::ok(ops::presence(state.hub.clone(), caller.user.id, whose).await?)
}
