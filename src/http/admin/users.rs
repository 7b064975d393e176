//! Accounts.

use crate::{
    db::{self, Db, users::AdminUser},
    domain::{Change, Millis, ServerRole, User, UserId},
    http::{
        AdminCaller, Client, answer,
        audit::{Act, Trail},
        input::{Json, Query, user_ref},
        problem::Answer,
        schema::Refused,
        state::State,
        users::OneUser,
    },
};
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// An account as administrators see it.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminUser)]
pub struct Account {
    id: UserId,
    username: String,
    display_name: String,
    role: ServerRole,
    guest: bool,
    created_at: Millis,
    /// When the last window was closed; absent where none ever was, or where they do not share it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_seen: Option<Millis>,
    /// WebSockets.
    connections: u32,
    /// Since when it is locked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    disabled_at: Option<Millis>,
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminUsers)]
pub struct Accounts {
    users: Vec<Account>,
    /// For `cursor`; null at the end.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// What to change of an account.
#[derive(Deserialize, ToSchema)]
#[schema(as = AdminUpdateUserRequest)]
pub struct AccountPatch {
    role: Option<ServerRole>,
    /// Locks it, and signs it out everywhere.
    disabled: Option<bool>,
}

impl Account {
    fn new(AdminUser { user, disabled_at }: AdminUser, connections: u32) -> Self {
        let User { id, username, display_name, role, guest, created_at, last_seen, shares: _ } = user;
        Self { id, username, display_name, role, guest, created_at, last_seen, connections, disabled_at }
    }
}

/// All accounts.
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "admin",
    params(("q" = Option<String>, Query, description = "Beginning of username or display name"), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = Accounts), Refused))]
pub async fn list(state: Data<State>, _admin: AdminCaller, query: Query) -> Answer {
    let (q, cursor, limit) = (query.owned("q"), query.owned("cursor"), query.limit(state.config.limits.sizes.page)?);
    let page = state.hub.read(move |db| db::users::admin_list(db, q.as_deref(), cursor.as_deref(), limit)).await?;
    let there = state.hub.presence(page.items.iter().map(|account| account.user.id).collect()).await;
    let connections = |id: UserId| there.iter().find(|there| there.user == id).map_or(0, |there| there.connections);
    let account = |account: AdminUser| {
        let connections = connections(account.user.id);
        Account::new(account, connections)
    };
    answer::ok(Accounts { users: page.items.into_iter().map(account).collect(), next_cursor: page.next_cursor })
}

/// Changes an account's role, or locks it.
#[utoipa::path(patch, path = "/api/v1/admin/users/{user}", tag = "admin", params(("user" = String, Path, description = "Id or username")),
    request_body = AccountPatch, responses((status = 200, body = OneUser), Refused))]
pub async fn update(
    state: Data<State>,
    AdminCaller(admin): AdminCaller,
    client: Client,
    path: Path<String>,
    patch: Json<AccountPatch>,
) -> Answer {
    let patch = patch.read()?;
    let (wanted, trail) = (user_ref(&path)?, Trail::of(&admin.user, client));
    let changed = state.hub.change(admin.user.id, move |db| {
        let target = db::users::find(db, &wanted)?;
        apply(db, &admin.user, target, patch, &trail)
    });
    answer::ok(OneUser { user: changed.await? })
}

fn apply(db: &mut Db, admin: &User, target: User, patch: AccountPatch, trail: &Trail) -> db::Result<(User, Vec<Change>)> {
    let (id, mut user, mut changes) = (target.id, target, Vec::new());
    if let Some(role) = patch.role.filter(|role| *role != user.role) {
        let detail = json!({ "before": user.role, "after": role });
        let (after, more) = db::users::set_role(db, admin, id, role)?;
        trail.record(db, Act::UserRole, id, Some(detail))?;
        user = after;
        changes.extend(more);
    }
    if let Some(disabled) = patch.disabled {
        let (after, more) = db::users::set_disabled(db, admin, id, disabled, Millis::now())?;
        trail.record(db, if disabled { Act::UserDisable } else { Act::UserEnable }, id, None)?;
        user = after;
        changes.extend(more);
    }
    Ok((user, changes))
}

/// Signs somebody out everywhere, at once.
#[utoipa::path(delete, path = "/api/v1/admin/users/{user}/sessions", tag = "admin",
    params(("user" = String, Path, description = "Id or username")), responses((status = 204), Refused))]
pub async fn kick(state: Data<State>, AdminCaller(admin): AdminCaller, client: Client, path: Path<String>) -> Answer {
    let (wanted, trail) = (user_ref(&path)?, Trail::of(&admin.user, client));
    let kicked = state.hub.change(admin.user.id, move |db| {
        let target = db::users::find(db, &wanted)?;
        let ended = db::sessions::end_all(db, target.id, None)?;
        trail.record(db, Act::EndSessions, target.id, None)?;
        Ok(ended)
    });
    kicked.await?;
    answer::done()
}
