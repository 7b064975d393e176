//! The room of two users.

use super::{
    answer,
    caller::Caller,
    input::{Json, user_ref},
    problem::Answer,
    schema::Refused,
    state::State,
};
use crate::{db, domain::Millis, protocol::RoomOk};
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::ToSchema;

/// With whom.
#[derive(Deserialize, ToSchema)]
pub struct DirectForm {
    /// Id or username.
    user: String,
}

/// The room with one other user, made where there is none.
#[utoipa::path(post, path = "/api/v1/direct", tag = "rooms", request_body = DirectForm,
    responses((status = 201, body = RoomOk), (status = 200, description = "It was there", body = RoomOk), Refused))]
pub async fn open(state: Data<State>, caller: Caller, form: Json<DirectForm>) -> Answer {
    let form = form.read()?;
    let (me, other) = (caller.user.id, user_ref(&form.user)?);
    let (room, new) = state.hub.change(me, move |db| db::rooms::direct(db, me, &other, Millis::now())).await?;
    answer::made(new, RoomOk { room })
}
