//! My own profile.

use super::{answer, caller::Caller, input::Json, problem::Answer, schema::Refused, state::State};
use crate::{
    db::{self, users::Profile},
    domain::{DisplayName, Millis, ServerRole, Sharing, User, UserId},
};
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user as they see themselves: also what they let others know.
#[derive(Serialize, ToSchema)]
pub struct Me {
    id: UserId,
    username: String,
    display_name: String,
    role: ServerRole,
    guest: bool,
    created_at: Millis,
    /// When the last window was closed; absent where none ever was, or where it is not shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_seen: Option<Millis>,
    /// Others hear what I have read.
    share_read_receipts: bool,
    /// Others hear when I was last here.
    share_last_seen: bool,
}

impl From<User> for Me {
    fn from(user: User) -> Self {
        let User { id, username, display_name, role, guest, created_at, last_seen, shares } = user;
        let Sharing { read_receipts: share_read_receipts, last_seen: share_last_seen } = shares;
        Self { id, username, display_name, role, guest, created_at, last_seen, share_read_receipts, share_last_seen }
    }
}

/// Myself.
#[derive(Serialize, ToSchema)]
pub struct OneMe {
    user: Me,
}

/// What to change of it.
#[derive(Deserialize, ToSchema)]
pub struct ProfilePatch {
    display_name: Option<String>,
    /// Whether others hear what I have read.
    share_read_receipts: Option<bool>,
    /// Whether others hear when I was last here.
    share_last_seen: Option<bool>,
}

/// Me.
#[utoipa::path(get, path = "/api/v1/me", tag = "users", responses((status = 200, body = OneMe), Refused))]
pub async fn show(caller: Caller) -> Answer {
    answer::ok(OneMe { user: caller.user.into() })
}

/// Changes my profile.
#[utoipa::path(patch, path = "/api/v1/me", tag = "users", request_body = ProfilePatch, responses((status = 200, body = OneMe), Refused))]
pub async fn update(state: Data<State>, caller: Caller, patch: Json<ProfilePatch>) -> Answer {
    let ProfilePatch { display_name, share_read_receipts, share_last_seen } = patch.read()?;
    if display_name.is_none() && share_read_receipts.is_none() && share_last_seen.is_none() {
        return answer::ok(OneMe { user: caller.user.into() });
    }
    let display_name = display_name.map(|name| DisplayName::parse(&name)).transpose()?;
    let (id, profile) = (caller.user.id, Profile { display_name, share_read_receipts, share_last_seen });
    let user = state.hub.change(id, move |db| db::users::set_profile(db, id, profile)).await?;
    answer::ok(OneMe { user: user.into() })
}
