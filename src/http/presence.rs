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
    db,
    domain::{Refusal, User, UserId},
    protocol::{PresenceOk, PresenceRow},
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
    let users = match (query.ids("users", USERS)?, query.text("room")) {
        (Some(ids), None) => state.hub.read(move |db| db::users::by_ids(db, &ids)).await?,
        (None, Some(room)) => members(&state, &caller, room).await?,
        _ => return Err(Refusal::invalid("users", "Give users or room.").into()),
    };
    answer::ok(PresenceOk { presence: rows(&state, users).await })
}

async fn members(state: &State, caller: &Caller, room: &str) -> Answer<Vec<User>> {
    let (wanted, me, most) = (room_ref(room)?, caller.user.id, state.config.limits.sizes.presence_members);
    let users = state.hub.read(move |db| {
        let id = db::rooms::resolve(db, &wanted)?;
        let room = db::members::as_member(db, me, id)?;
        if room.head().members > i64::from(most) {
            return Err(Refusal::invalid("room", format!("Presence is told of rooms of at most {most} members; ask for users.")).into());
        }
        let members = db::members::list(db, &room, None, most)?;
        let ids: Vec<UserId> = members.items.iter().map(|member| member.user).collect();
        db::users::by_ids(db, &ids)
    });
    Ok(users.await?)
}

async fn rows(state: &State, users: Vec<User>) -> Vec<PresenceRow> {
    let states = state.hub.presence(users.iter().map(|user| user.id).collect()).await;
    let last_seen = |id: UserId| users.iter().find(|user| user.id == id).and_then(|user| user.last_seen);
    states.into_iter().map(|(user, state, _)| PresenceRow { user, state, last_seen: last_seen(user) }).collect()
}
