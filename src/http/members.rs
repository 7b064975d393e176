//! Members of a room.

use super::{
    answer,
    audit::{Act, Trail},
    caller::Caller,
    client::Client,
    input::{MaybeJson, Query, room_ref, user_ref},
    problem::Answer,
    rooms::room_id,
    schema::Refused,
    state::State,
};
use crate::{
    db::{self, Actor},
    domain::{Member, Millis, Role, RoomId, User, UserRef},
};
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// What a member may do.
#[derive(Deserialize, ToSchema)]
pub struct RoleForm {
    /// Unset: `member` for a new one, else unchanged.
    pub role: Option<Role>,
}

/// One member.
#[derive(Serialize, ToSchema)]
pub struct OneMember {
    /// The member.
    pub member: Member,
}

/// A page of members.
#[derive(Serialize, ToSchema)]
pub struct Members {
    members: Vec<Member>,
    /// For `cursor`; null at the end.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// Who is in a room.
#[utoipa::path(get, path = "/api/v1/rooms/{room}/members", tag = "members",
    params(("room" = String, Path, description = "Id or #name"), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = Members), Refused))]
pub async fn list(state: Data<State>, caller: Caller, path: Path<String>, query: Query) -> Answer {
    let wanted = room_ref(&path)?;
    let (cursor, limit) = (query.owned("cursor"), query.limit(state.config.limits.sizes.page)?);
    let page = state.hub.read(move |db| {
        let id = db::rooms::resolve(db, &wanted)?;
        let room = db::members::as_member(db, caller.user.id, id)?;
        db::members::list(db, &room, cursor.as_deref(), limit)
    });
    let page = page.await?;
    answer::ok(Members { members: page.items, next_cursor: page.next_cursor })
}

/// Adds a member, or changes their role.
#[utoipa::path(put, path = "/api/v1/rooms/{room}/members/{user}", tag = "members",
    params(("room" = String, Path, description = "Id or #name"), ("user" = String, Path, description = "Id or username")),
    request_body(content = Option<RoleForm>),
    responses((status = 201, description = "Added", body = OneMember), (status = 200, description = "Changed", body = OneMember), Refused))]
pub async fn put(state: Data<State>, caller: Caller, client: Client, path: Path<(String, String)>, form: MaybeJson<RoleForm>) -> Answer {
    let form = form.read()?;
    let (room, user) = (room_id(&state, &path.0).await?, user_ref(&path.1)?);
    put_as(&state, By::Member(caller.user), client, room, user, form.role).await
}

/// By which right somebody changes a room's members.
pub enum By {
    /// As one of them.
    Member(User),
    /// By their role on the server.
    Admin(User),
}

impl By {
    fn user(&self) -> &User {
        match self {
            Self::Member(user) | Self::Admin(user) => user,
        }
    }

    fn actor(&self) -> Actor<'_> {
        match self {
            Self::Member(user) => Actor::Member(user.id),
            Self::Admin(user) => Actor::Admin(user),
        }
    }
}

/// Adds a member, or changes their role.
pub async fn put_as(state: &State, by: By, client: Client, room: RoomId, user: UserRef, role: Option<Role>) -> Answer {
    let trail = Trail::of(by.user(), client);
    let put = state.hub.change(room, move |db| {
        let ((member, added), changes) = db::members::put(db, by.actor(), room, &user, role, Millis::now())?;
        trail.record(db, Act::MemberPut, room, Some(json!({ "user": member.user, "role": member.role, "added": added })))?;
        Ok(((member, added), changes))
    });
    let (member, added) = put.await?;
    answer::made(added, OneMember { member })
}

/// Takes a member out.
pub async fn remove_as(state: &State, by: By, client: Client, room: RoomId, user: UserRef) -> Answer {
    let trail = Trail::of(by.user(), client);
    let removed = state.hub.change(room, move |db| {
        let id = db::users::find(db, &user)?.id;
        let removed = db::members::remove(db, by.actor(), room, &user)?;
        trail.record(db, Act::MemberRemove, room, Some(json!({ "user": id })))?;
        Ok(removed)
    });
    removed.await?;
    answer::done()
}

/// Takes a member out.
#[utoipa::path(delete, path = "/api/v1/rooms/{room}/members/{user}", tag = "members",
    params(("room" = String, Path, description = "Id or #name"), ("user" = String, Path, description = "Id or username")),
    responses((status = 204), Refused))]
pub async fn remove(state: Data<State>, caller: Caller, client: Client, path: Path<(String, String)>) -> Answer {
    let (room, user) = (room_id(&state, &path.0).await?, user_ref(&path.1)?);
    remove_as(&state, By::Member(caller.user), client, room, user).await
}
