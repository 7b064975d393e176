//! Invites: whoever has the code may register.

use crate::{
    auth::Token,
    db::{
        self,
        invites::{InviteId, NewInvite},
    },
    domain::{Millis, Refusal, UserId},
    http::{
        AdminCaller, Client, answer,
        audit::{Act, Trail},
        input::MaybeJson,
        problem::Answer,
        schema::Refused,
        state::State,
    },
};
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Longest life of an invite.
const LONGEST_S: u32 = 365 * 24 * 60 * 60;
/// Its life where the request doesn't say: a week.
const USUAL_S: u32 = 7 * 24 * 60 * 60;
/// Most accounts that one invite can make.
const MOST_USES: u32 = 10_000;

/// An invite; its code was told when it was made.
#[derive(Serialize, ToSchema)]
pub struct Invite {
    #[schema(value_type = uuid::Uuid)]
    id: InviteId,
    made_by: UserId,
    created_at: Millis,
    #[schema(required = true)]
    expires_at: Option<Millis>,
    /// How often it can still be used; null: without limit.
    #[schema(required = true)]
    uses_left: Option<i64>,
    /// How often it was used.
    used: i64,
}

/// Invites that can still be used.
#[derive(Serialize, ToSchema)]
pub struct Invites {
    invites: Vec<Invite>,
}

/// A new invite.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateInviteRequest)]
pub struct InviteForm {
    /// Unset: a week.
    #[schema(minimum = 1, maximum = 31_536_000)]
    expires_in_s: Option<u32>,
    /// Unset: once.
    #[schema(minimum = 1, maximum = 10_000)]
    uses: Option<u32>,
}

/// A new invite with its code, which is told this once.
#[derive(Serialize, ToSchema)]
#[schema(as = CreateInviteReply)]
pub struct NewlyMade {
    invite: Invite,
    code: String,
    /// A link to send to somebody.
    url: String,
}

impl From<db::invites::Invite> for Invite {
    fn from(invite: db::invites::Invite) -> Self {
        let db::invites::Invite { id, made_by, created_at, expires_at, uses_left, used } = invite;
        Self { id, made_by, created_at, expires_at, uses_left, used }
    }
}

/// Invites that can still be used.
#[utoipa::path(get, path = "/api/v1/admin/invites", tag = "admin", responses((status = 200, body = Invites), Refused))]
pub async fn list(state: Data<State>, _admin: AdminCaller) -> Answer {
    let invites = state.hub.read(|db| db::invites::list(db, Millis::now())).await?;
    answer::ok(Invites { invites: invites.into_iter().map(Invite::from).collect() })
}

fn within(field: &'static str, value: Option<u32>, usual: u32, most: u32) -> Answer<i64> {
    match value.unwrap_or(usual) {
        value if (1..=most).contains(&value) => Ok(i64::from(value)),
        _ => Err(Refusal::invalid(field, format!("Must be between 1 and {most}.")).into()),
    }
}

/// Makes an invite.
#[utoipa::path(post, path = "/api/v1/admin/invites", tag = "admin", request_body(content = Option<InviteForm>),
    responses((status = 201, body = NewlyMade), Refused))]
pub async fn create(state: Data<State>, AdminCaller(admin): AdminCaller, client: Client, form: MaybeJson<InviteForm>) -> Answer {
    let form = form.read()?;
    let (token, now, me) = (Token::new()?, Millis::now(), admin.user.id);
    let expires_at = now.plus(within("expires_in_s", form.expires_in_s, USUAL_S, LONGEST_S)? * 1000);
    let uses = within("uses", form.uses, 1, MOST_USES)?;
    let new = NewInvite { made_by: me, code_hash: token.hash(), uses: Some(uses), expires_at: Some(expires_at) };
    let trail = Trail::of(&admin.user, client);
    let made = state.hub.change(me, move |db| {
        let invite = db::invites::create(db, &new, now)?;
        trail.record(db, Act::InviteCreate, invite.id, Some(json!({ "uses": uses, "expires_at": expires_at })))?;
        Ok((invite, Vec::new()))
    });
    let (invite, code) = (made.await?.into(), token.as_str().to_owned());
    // Behind the `#`, so that it is neither sent in a `Referer` nor logged by a proxy.
    let url = format!("{}/#invite={code}", state.config.link(state.config.bind));
    answer::created(NewlyMade { invite, code, url })
}

/// Ends an invite.
#[utoipa::path(delete, path = "/api/v1/admin/invites/{id}", tag = "admin", params(("id" = uuid::Uuid, Path)),
    responses((status = 204), Refused))]
pub async fn revoke(state: Data<State>, AdminCaller(admin): AdminCaller, client: Client, path: Path<String>) -> Answer {
    let id: InviteId = path.parse().map_err(|_| Refusal::not_found("invite"))?;
    let trail = Trail::of(&admin.user, client);
    let revoked = state.hub.change(admin.user.id, move |db| {
        db::invites::revoke(db, id)?;
        trail.record(db, Act::InviteRevoke, id, None)?;
        Ok(((), Vec::new()))
    });
    revoked.await?;
    answer::done()
}
