//! Rooms, whether the administrator is in them or not.

use crate::{
    db::{self, Actor, rooms::NewRoom, rooms::RoomPatch},
    domain::{Millis, NewMessage, RoomHead, RoomId, RoomKind, User, UserRef},
    http::{
        AdminCaller, Client, answer,
        audit::{Act, Trail},
        input::{Json, Query, room_ref, user_ref},
        messages::{check_text, new_message},
        problem::Answer,
        rooms::{RoomForm, room_id},
        schema::Refused,
        state::State,
    },
};
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A room as administrators see it.
#[derive(Serialize, ToSchema)]
pub struct AdminRoom {
    id: RoomId,
    kind: RoomKind,
    /// Null for a direct room.
    #[schema(required = true)]
    name: Option<String>,
    topic: String,
    /// How many members it has.
    members: i64,
    /// How many of them are there.
    online: u32,
    /// How many messages it has.
    messages: i64,
    created_at: Millis,
    /// Since when it is read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    archived_at: Option<Millis>,
}

/// One room.
#[derive(Serialize, ToSchema)]
pub struct OneAdminRoom {
    room: AdminRoom,
}

/// A page of rooms.
#[derive(Serialize, ToSchema)]
pub struct AdminRooms {
    rooms: Vec<AdminRoom>,
    /// For `cursor`; null at the end.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// A new room.
#[derive(Deserialize, ToSchema)]
#[schema(as = AdminCreateRoomRequest)]
pub struct AdminRoomForm {
    /// `group` or `channel`.
    kind: RoomKind,
    name: String,
    topic: Option<String>,
    /// Who comes in at once: ids or usernames.
    members: Option<Vec<String>>,
    /// Whose it is: id or username; else the administrator's.
    owner: Option<String>,
}

/// What to change of a room.
#[derive(Deserialize, ToSchema)]
#[schema(as = AdminUpdateRoomRequest)]
pub struct AdminRoomChange {
    name: Option<String>,
    topic: Option<String>,
    /// `group` or `channel`.
    kind: Option<RoomKind>,
    /// Read-only.
    archived: Option<bool>,
}

/// A message of the administrator's.
#[derive(Deserialize, ToSchema)]
pub struct Announcement {
    body: String,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
pub struct Announced {
    seq: i64,
    rev: i64,
    created_at: Millis,
}

impl AdminRoom {
    fn new(head: RoomHead, online: u32) -> Self {
        let RoomHead { id, kind, name, topic, members, last_seq, created_at, archived_at, .. } = head;
        Self { id, kind, name, topic, members, online, messages: last_seq, created_at, archived_at }
    }
}

async fn one(state: &State, head: RoomHead) -> OneAdminRoom {
    let online = state.hub.online_in(vec![head.id]).await;
    OneAdminRoom { room: AdminRoom::new(head, online.first().copied().unwrap_or(0)) }
}

fn kind(name: &str) -> Option<RoomKind> {
    match name {
        "direct" => Some(RoomKind::Direct),
        "group" => Some(RoomKind::Group),
        "channel" => Some(RoomKind::Channel),
        _ => None,
    }
}

/// All rooms.
#[utoipa::path(get, path = "/api/v1/admin/rooms", tag = "admin",
    params(("q" = Option<String>, Query, description = "Part of the name"), ("kind" = Option<RoomKind>, Query), ("archived" = Option<bool>, Query),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = AdminRooms), Refused))]
pub async fn list(state: Data<State>, _admin: AdminCaller, query: Query) -> Answer {
    let (q, cursor, limit) = (query.owned("q"), query.owned("cursor"), query.limit(state.config.limits.sizes.page)?);
    let (kind, archived) = (query.one_of("kind", kind, "direct, group or channel")?, query.value("archived", "Must be true or false.")?);
    let page = state.hub.read(move |db| db::rooms::admin_list(db, q.as_deref(), kind, archived, cursor.as_deref(), limit)).await?;
    let online = state.hub.online_in(page.items.iter().map(|room| room.head.id).collect()).await;
    let rooms = page.items.into_iter().zip(online).map(|(room, online)| AdminRoom::new(room.head, online)).collect();
    answer::ok(AdminRooms { rooms, next_cursor: page.next_cursor })
}

/// Makes a room.
#[utoipa::path(post, path = "/api/v1/admin/rooms", tag = "admin", request_body = AdminRoomForm,
    responses((status = 201, body = OneAdminRoom), Refused))]
pub async fn create(state: Data<State>, AdminCaller(admin): AdminCaller, client: Client, form: Json<AdminRoomForm>) -> Answer {
    let form = form.read()?;
    let owner = form.owner.as_deref().map(user_ref).transpose()?;
    let new = RoomForm { kind: form.kind, name: form.name, topic: form.topic, members: form.members }.into_new()?;
    let head = make(&state, admin.user, client, owner, new).await?;
    answer::created(one(&state, head).await)
}

async fn make(state: &State, admin: User, client: Client, owner: Option<UserRef>, new: NewRoom) -> Answer<RoomHead> {
    let made = state.hub.change(admin.id, move |db| {
        let owner = match owner {
            Some(owner) => db::users::find(db, &owner)?,
            None => admin.clone(),
        };
        let (room, changes) = db::rooms::create(db, &owner, new, Millis::now())?;
        let detail = json!({ "kind": room.kind, "name": room.name, "owner": owner.id });
        Trail::of(&admin, client).record(db, Act::RoomCreate, room.id, Some(detail))?;
        Ok((db::rooms::head(db, room.id)?, changes))
    });
    Ok(made.await?)
}

/// One room.
#[utoipa::path(get, path = "/api/v1/admin/rooms/{room}", tag = "admin", params(("room" = String, Path, description = "Id or #name")),
    responses((status = 200, body = OneAdminRoom), Refused))]
pub async fn show(state: Data<State>, _admin: AdminCaller, path: Path<String>) -> Answer {
    let wanted = room_ref(&path)?;
    let head = state.hub.read(move |db| {
        let id = db::rooms::resolve(db, &wanted)?;
        db::rooms::head(db, id)
    });
    answer::ok(one(&state, head.await?).await)
}

/// Changes a room.
#[utoipa::path(patch, path = "/api/v1/admin/rooms/{room}", tag = "admin", params(("room" = String, Path, description = "Id or #name")),
    request_body = AdminRoomChange, responses((status = 200, body = OneAdminRoom), Refused))]
pub async fn update(
    state: Data<State>,
    AdminCaller(admin): AdminCaller,
    client: Client,
    path: Path<String>,
    form: Json<AdminRoomChange>,
) -> Answer {
    let form = form.read()?;
    let (id, trail) = (room_id(&state, &path).await?, Trail::of(&admin.user, client));
    let AdminRoomChange { name, topic, kind, archived } = form;
    let head = state.hub.change(id, move |db| {
        let before = db::rooms::head(db, id)?;
        let patch = RoomPatch { name, topic, archived, kind, muted: None, favourite: None };
        let (_, changes) = db::rooms::update(db, Actor::Admin(&admin.user), id, patch, Millis::now())?;
        let after = db::rooms::head(db, id)?;
        trail.record(db, Act::RoomUpdate, id, Some(json!({ "before": told(&before), "after": told(&after) })))?;
        Ok((after, changes))
    });
    answer::ok(one(&state, head.await?).await)
}

fn told(head: &RoomHead) -> serde_json::Value {
    json!({ "kind": head.kind, "name": head.name, "topic": head.topic, "archived_at": head.archived_at })
}

/// Deletes a room with all its messages.
#[utoipa::path(delete, path = "/api/v1/admin/rooms/{room}", tag = "admin", params(("room" = String, Path, description = "Id or #name")),
    responses((status = 204), Refused))]
pub async fn delete(state: Data<State>, AdminCaller(admin): AdminCaller, client: Client, path: Path<String>) -> Answer {
    let (id, trail) = (room_id(&state, &path).await?, Trail::of(&admin.user, client));
    let deleted = state.hub.change(id, move |db| {
        let before = db::rooms::head(db, id)?;
        let deleted = db::rooms::delete(db, Actor::Admin(&admin.user), id, Millis::now())?;
        trail.record(db, Act::RoomDelete, id, Some(told(&before)))?;
        Ok(deleted)
    });
    deleted.await?;
    answer::done()
}

/// Writes into a room, member or not.
#[utoipa::path(post, path = "/api/v1/admin/rooms/{room}/announcement", tag = "admin",
    params(("room" = String, Path, description = "Id or #name")), request_body = Announcement,
    responses((status = 201, body = Announced), Refused))]
pub async fn announce(
    state: Data<State>,
    AdminCaller(admin): AdminCaller,
    client: Client,
    path: Path<String>,
    form: Json<Announcement>,
) -> Answer {
    let form = form.read()?;
    check_text(&state, &form.body)?;
    let (id, trail) = (room_id(&state, &path).await?, Trail::of(&admin.user, client));
    // That there is such a room, before anything is stored.
    state.hub.read(move |db| db::rooms::head(db, id)).await?;
    let entry = trail.entry(Act::RoomAnnounce, id, None);
    let message = NewMessage { audit: Some(Box::new(entry)), ..new_message(id, admin.user.id, form.body) };
    let sent = state.hub.send(message).await?;
    answer::created(Announced { seq: sent.seq, rev: sent.rev, created_at: sent.created_at })
}
