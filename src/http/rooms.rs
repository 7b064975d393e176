//! Rooms.

use super::{
    answer,
    audit::{Act, Trail},
    caller::Caller,
    client::Client,
    input::{Json, Query, room_ref, user_ref},
    problem::Answer,
    schema::Refused,
    state::State,
};
use crate::{
    db::{self, Actor, Page, rooms::NewRoom, rooms::RoomPatch},
    domain::{Millis, Room, RoomId, RoomKind, RoomRef, UserRef},
    protocol::RoomOk,
};
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new room.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateRoomRequest)]
pub struct RoomForm {
    /// `group` or `channel`.
    pub kind: RoomKind,
    /// A channel's name or a group's title.
    pub name: String,
    /// What it is about.
    pub topic: Option<String>,
    /// Who comes in at once: ids or usernames.
    pub members: Option<Vec<String>>,
}

/// What to change of a room.
#[derive(Deserialize, ToSchema)]
#[schema(as = UpdateRoomRequest)]
pub struct RoomChange {
    name: Option<String>,
    topic: Option<String>,
    /// I want no notification.
    muted: Option<bool>,
    /// I keep it on top of my list.
    favourite: Option<bool>,
    /// Read-only.
    archived: Option<bool>,
}

/// A page of rooms.
#[derive(Serialize, ToSchema)]
pub struct Rooms {
    rooms: Vec<Room>,
    /// For `cursor`; null at the end.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl From<Page<Room>> for Rooms {
    fn from(page: Page<Room>) -> Self {
        Self { rooms: page.items, next_cursor: page.next_cursor }
    }
}

/// The id of a room that a path names.
pub async fn room_id(state: &State, text: &str) -> Answer<RoomId> {
    match room_ref(text)? {
        RoomRef::Id(id) => Ok(id),
        name => Ok(state.hub.read(move |db| db::rooms::resolve(db, &name)).await?),
    }
}

impl RoomForm {
    /// For the database.
    pub fn into_new(self) -> Answer<NewRoom> {
        let members = self.members.unwrap_or_default().iter().map(|text| user_ref(text)).collect::<Answer<Vec<UserRef>>>()?;
        Ok(NewRoom { kind: self.kind, name: self.name, topic: self.topic, members })
    }
}

/// My rooms.
#[utoipa::path(get, path = "/api/v1/rooms", tag = "rooms",
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = Rooms), Refused))]
pub async fn mine(state: Data<State>, caller: Caller, query: Query) -> Answer {
    let (cursor, limit) = (query.owned("cursor"), query.limit(state.config.limits.sizes.page)?);
    let page = state.hub.read(move |db| db::rooms::mine_page(db, caller.user.id, cursor.as_deref(), limit)).await?;
    answer::ok(Rooms::from(page))
}

/// Channels that anyone signed in may join.
#[utoipa::path(get, path = "/api/v1/rooms/public", tag = "rooms",
    params(("q" = Option<String>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = Rooms), Refused))]
pub async fn public(state: Data<State>, caller: Caller, query: Query) -> Answer {
    let (q, cursor, limit) = (query.owned("q"), query.owned("cursor"), query.limit(state.config.limits.sizes.page)?);
    let page = state.hub.read(move |db| db::rooms::public(db, caller.user.id, q.as_deref(), cursor.as_deref(), limit)).await?;
    answer::ok(Rooms::from(page))
}

/// Makes a room, owned by the caller.
#[utoipa::path(post, path = "/api/v1/rooms", tag = "rooms", request_body = RoomForm, responses((status = 201, body = RoomOk), Refused))]
pub async fn create(state: Data<State>, caller: Caller, form: Json<RoomForm>) -> Answer {
    let form = form.read()?;
    let (new, lane) = (form.into_new()?, caller.user.id);
    let room = state.hub.change(lane, move |db| db::rooms::create(db, &caller.user, new, Millis::now())).await?;
    answer::created(RoomOk { room })
}

/// One room.
#[utoipa::path(get, path = "/api/v1/rooms/{room}", tag = "rooms", params(("room" = String, Path, description = "Id or #name")),
    responses((status = 200, body = RoomOk), Refused))]
pub async fn show(state: Data<State>, caller: Caller, path: Path<String>) -> Answer {
    let wanted = room_ref(&path)?;
    let room = state.hub.read(move |db| {
        let id = db::rooms::resolve(db, &wanted)?;
        db::rooms::seen(db, caller.user.id, id)
    });
    answer::ok(RoomOk { room: room.await? })
}

/// Changes a room; `muted` and `favourite` are the caller's own.
#[utoipa::path(patch, path = "/api/v1/rooms/{room}", tag = "rooms", params(("room" = String, Path, description = "Id or #name")),
    request_body = RoomChange, responses((status = 200, body = RoomOk), Refused))]
pub async fn update(state: Data<State>, caller: Caller, path: Path<String>, change: Json<RoomChange>) -> Answer {
    let change = change.read()?;
    let id = room_id(&state, &path).await?;
    let RoomChange { name, topic, muted, favourite, archived } = change;
    let patch = RoomPatch { name, topic, archived, kind: None, muted, favourite };
    let room = state.hub.change(id, move |db| db::rooms::update(db, Actor::Member(caller.user.id), id, patch, Millis::now())).await?;
    answer::ok(RoomOk { room })
}

/// Deletes a room with all its messages.
#[utoipa::path(delete, path = "/api/v1/rooms/{room}", tag = "rooms", params(("room" = String, Path, description = "Id or #name")),
    responses((status = 204), Refused))]
pub async fn delete(state: Data<State>, caller: Caller, client: Client, path: Path<String>) -> Answer {
    let id = room_id(&state, &path).await?;
    let (trail, me) = (Trail::of(&caller.user, client), caller.user.id);
    let deleted = state.hub.change(id, move |db| {
        let deleted = db::rooms::delete(db, Actor::Member(me), id, Millis::now())?;
        trail.record(db, Act::RoomDelete, id, None)?;
        Ok(deleted)
    });
    deleted.await?;
    answer::done()
}

/// Comes into a channel.
#[utoipa::path(post, path = "/api/v1/rooms/{room}/join", tag = "rooms", params(("room" = String, Path, description = "Id or #name")),
    responses((status = 200, body = RoomOk), Refused))]
pub async fn join(state: Data<State>, caller: Caller, path: Path<String>) -> Answer {
    let id = room_id(&state, &path).await?;
    let room = state.hub.change(id, move |db| db::members::join(db, caller.user.id, id, Millis::now())).await?;
    answer::ok(RoomOk { room })
}

/// Goes out of a room.
#[utoipa::path(post, path = "/api/v1/rooms/{room}/leave", tag = "rooms", params(("room" = String, Path, description = "Id or #name")),
    responses((status = 204), Refused))]
pub async fn leave(state: Data<State>, caller: Caller, path: Path<String>) -> Answer {
    let id = room_id(&state, &path).await?;
    state.hub.change(id, move |db| db::members::leave(db, caller.user.id, id)).await?;
    answer::done()
}
