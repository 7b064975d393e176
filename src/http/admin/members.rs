//! Members of any room.

use crate::{
    actors::chat_server::Presence,
    db,
    domain::{Member, Millis, PresenceState, Role, User, UserId},
    http::{
        AdminCaller, Client, answer,
        input::{MaybeJson, Query, room_ref, user_ref},
        members::{By, OneMember, RoleForm, put_as, remove_as},
        problem::Answer,
        rooms::room_id,
        schema::Refused,
        state::State,
    },
};
use actix_web::web::{Data, Path};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// A member and whether they are there.
#[derive(Serialize, ToSchema)]
pub struct AdminMember {
    user: UserId,
    username: String,
    display_name: String,
    role: Role,
    joined_at: Millis,
    /// Null where they do not share it.
    #[schema(required = true)]
    read_seq: Option<i64>,
    delivered_seq: i64,
    state: PresenceState,
    /// WebSockets.
    connections: u32,
    /// When they last were; null where they never were, or do not share it.
    #[schema(required = true)]
    last_seen: Option<Millis>,
}

/// A page of members.
#[derive(Serialize, ToSchema)]
pub struct AdminMembers {
    members: Vec<AdminMember>,
    /// For `cursor`; null at the end.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl AdminMember {
    fn new(member: Member, state: PresenceState, connections: u32, last_seen: Option<Millis>) -> Self {
        let Member { user, username, display_name, role, joined_at, read_seq, delivered_seq } = member;
        Self { user, username, display_name, role, joined_at, read_seq, delivered_seq, state, connections, last_seen }
    }
}

/// Who is in a room, and who of them is there.
#[utoipa::path(get, path = "/api/v1/admin/rooms/{room}/members", tag = "admin",
    params(("room" = String, Path, description = "Id or #name"), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = AdminMembers), Refused))]
pub async fn list(state: Data<State>, _admin: AdminCaller, path: Path<String>, query: Query) -> Answer {
    let wanted = room_ref(&path)?;
    let (cursor, limit) = (query.owned("cursor"), query.limit(state.config.limits.sizes.page)?);
    let found = state.hub.read(move |db| {
        let id = db::rooms::resolve(db, &wanted)?;
        // A room that was deleted has neither members nor a head.
        db::rooms::head(db, id)?;
        let page = db::members::list_as_admin(db, id, cursor.as_deref(), limit)?;
        let ids: Vec<UserId> = page.items.iter().map(|member| member.user).collect();
        Ok((page, db::users::by_ids(db, &ids)?))
    });
    let (page, users) = found.await?;
    let members = with_states(&state, page.items, users).await;
    answer::ok(AdminMembers { members, next_cursor: page.next_cursor })
}

async fn with_states(state: &State, members: Vec<Member>, users: Vec<User>) -> Vec<AdminMember> {
    let states = state.hub.presence(members.iter().map(|member| member.user).collect()).await;
    let seen: HashMap<_, _> = users.into_iter().map(|user| (user.id, user.last_seen)).collect();
    let row = |(member, there): (Member, Presence)| {
        let last_seen = seen.get(&member.user).copied().flatten().max(there.last_seen);
        AdminMember::new(member, there.state, there.connections, last_seen)
    };
    members.into_iter().zip(states).map(row).collect()
}

/// Adds a member to any room, or changes their role.
#[utoipa::path(put, path = "/api/v1/admin/rooms/{room}/members/{user}", tag = "admin",
    params(("room" = String, Path, description = "Id or #name"), ("user" = String, Path, description = "Id or username")),
    request_body(content = Option<RoleForm>),
    responses((status = 201, description = "Added", body = OneMember), (status = 200, description = "Changed", body = OneMember), Refused))]
pub async fn put(
    state: Data<State>,
    AdminCaller(admin): AdminCaller,
    client: Client,
    path: Path<(String, String)>,
    form: MaybeJson<RoleForm>,
) -> Answer {
    let form = form.read()?;
    let (room, user) = (room_id(&state, &path.0).await?, user_ref(&path.1)?);
    put_as(&state, By::Admin(admin.user), client, room, user, form.role).await
}

/// Takes a member out of any room.
#[utoipa::path(delete, path = "/api/v1/admin/rooms/{room}/members/{user}", tag = "admin",
    params(("room" = String, Path, description = "Id or #name"), ("user" = String, Path, description = "Id or username")),
    responses((status = 204), Refused))]
pub async fn remove(state: Data<State>, AdminCaller(admin): AdminCaller, client: Client, path: Path<(String, String)>) -> Answer {
    let (room, user) = (room_id(&state, &path.0).await?, user_ref(&path.1)?);
    remove_as(&state, By::Admin(admin.user), client, room, user).await
}
