//! Accounts and sign-ins.

use super::{
    answer,
    audit::{Act, Trail},
    caller::Caller,
    client::{Client, label},
    gates::Gate,
    input::Json,
    problem::Answer,
    schema::Refused,
    state::State,
};
use crate::{
    auth::{Token, check_password, forget_cookie, session_cookie},
    config::Registration,
    db::{
        self, Db,
        sessions::NewSession,
        users::{Credentials, NewUser},
    },
    domain::{Change, DisplayName, Millis, Refusal, ServerRole, SessionId, User, UserId, Username},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A new account.
#[derive(Deserialize, ToSchema)]
#[schema(as = RegisterRequest)]
pub struct Register {
    username: String,
    password: String,
    display_name: Option<String>,
    /// An invite's code.
    invite: Option<String>,
    /// For the first account: the setup link's code.
    setup: Option<String>,
}

/// A sign-in.
#[derive(Deserialize, ToSchema)]
#[schema(as = LoginRequest)]
pub struct Login {
    username: String,
    password: String,
    /// A name for the list of devices; else what the browser calls itself.
    device: Option<String>,
}

/// A sign-in with a name alone.
#[derive(Deserialize, ToSchema)]
#[schema(as = GuestRequest)]
pub struct Guest {
    username: String,
    display_name: Option<String>,
}

/// A change of password.
#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordRequest)]
pub struct NewPassword {
    current: String,
    new: String,
}

/// Somebody is signed in; the cookie comes along.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthReply)]
pub struct SignedIn {
    user: User,
    /// For `Authorization: Bearer`. It is told this once.
    token: String,
    expires_at: Millis,
}

/// What this visitor may do without an account.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthOptions)]
pub struct Options {
    registration: Visitor,
    /// A name alone is enough.
    guests: bool,
    /// There is no account yet: the first one owns the server.
    first: bool,
}

/// Who may register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Registration)]
pub enum Visitor {
    /// Anyone.
    Open,
    /// Who has an invite.
    Invite,
    /// Nobody.
    Closed,
    /// There is no account yet, and this visitor needs the setup link.
    Setup,
}

/// A device that is signed in.
#[derive(Serialize, ToSchema)]
pub struct Session {
    id: SessionId,
    #[schema(required = true)]
    device: Option<String>,
    #[schema(required = true)]
    address: Option<String>,
    created_at: Millis,
    last_seen: Millis,
    expires_at: Millis,
    /// It is the one that asks.
    current: bool,
}

/// My devices.
#[derive(Serialize, ToSchema)]
pub struct Sessions {
    sessions: Vec<Session>,
}

/// Who may register from here.
#[utoipa::path(get, path = "/api/v1/auth/options", tag = "auth", security(()), responses((status = 200, body = Options), Refused))]
pub async fn options(state: Data<State>, client: Client) -> Answer {
    let owned = state.hub.read(db::users::owned).await?;
    let registration = match (owned, client.local) {
        (false, true) => Visitor::Open,
        (false, false) => Visitor::Setup,
        (true, _) => match state.config.registration() {
            Registration::Open => Visitor::Open,
            Registration::Invite => Visitor::Invite,
            Registration::Closed => Visitor::Closed,
        },
    };
    answer::ok(Options { registration, guests: state.config.auth.guests, first: !owned })
}

/// Makes an account and signs it in. The first one owns the server.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", security(()), request_body = Register,
    responses((status = 201, body = SignedIn), Refused))]
pub async fn register(state: Data<State>, client: Client, form: Json<Register>) -> Answer {
    let form = form.read()?;
    if !client.local {
        state.gates.check(Gate::Register, client.address)?;
    }
    let username = Username::parse(&form.username)?;
    let display_name = form.display_name.as_deref().map(DisplayName::parse).transpose()?;
    check_password("password", &form.password, username.as_str())?;
    let way = way_in(&state, &client, &form).await?;
    let password_hash = Some(state.hasher.hash(form.password).await?);
    let new = NewUser { username, display_name, role: ServerRole::Member, guest: false, password_hash };
    join(&state, &client, new, way).await
}

/// How an account may be made.
enum Way {
    /// It is the first one.
    First,
    /// Anyone may.
    Open,
    /// With this invite.
    Invite(String),
}

async fn way_in(state: &State, client: &Client, form: &Register) -> Answer<Way> {
    if !state.hub.read(db::users::owned).await? {
        let admitted = client.local || form.setup.as_deref().is_some_and(|code| state.setup.admits(code));
        let needed = || Refusal::forbidden("The first account is made with the setup link that the server printed when it started.");
        return admitted.then_some(Way::First).ok_or_else(|| needed().into());
    }
    match (state.config.registration(), &form.invite) {
        (Registration::Open, _) => Ok(Way::Open),
        (Registration::Invite, Some(code)) => Ok(Way::Invite(code.clone())),
        (Registration::Invite, None) => Err(Refusal::forbidden("Registration needs an invite.").into()),
        (Registration::Closed, _) => Err(Refusal::forbidden("Registration is closed.").into()),
    }
}

fn make(db: &mut Db, new: NewUser, way: Way, client: Client, now: Millis) -> db::Result<(User, Vec<Change>)> {
    let (user, changes) = match way {
        Way::First => db::users::create_first(db, new, now)?.ok_or_else(|| Refusal::conflict("The first account was made meanwhile."))?,
        Way::Open => db::users::create(db, new, now)?,
        Way::Invite(code) => {
            db::invites::redeem(db, &Token::hash_of(&code), now)?;
            db::users::create(db, new, now)?
        }
    };
    Trail::of(&user, client).record(db, Act::Register, user.id, None)?;
    Ok((user, changes))
}

/// Makes an account and signs it in, both or neither.
async fn join(state: &State, client: &Client, new: NewUser, way: Way) -> Answer {
    let from = client.clone();
    let who = move |db: &mut Db, now| make(db, new, way, from, now);
    sign_in(state, client, UserId::new(), None, StatusCode::CREATED, who).await
}

/// Signs in.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", security(()), request_body = Login,
    responses((status = 200, body = SignedIn), Refused))]
pub async fn login(state: Data<State>, client: Client, form: Json<Login>) -> Answer {
    let form = form.read()?;
    // A name that no account can have is as unknown as one that none has.
    let username = Username::parse(&form.username).ok();
    let account = username.as_ref().map_or_else(|| form.username.chars().take(64).collect(), |name| name.as_str().to_owned());
    state.gates.sign_in(&account, client.address)?;
    let found = match username {
        Some(name) => state.hub.read(move |db| db::users::credentials(db, &name)).await?,
        None => None,
    };
    let id = found.as_ref().map(|credentials| credentials.user.id);
    match verify(&state, found, form.password).await? {
        Some(user) => {
            state.gates.succeeded(&account, client.address);
            sign_in(&state, &client, user.id, form.device, StatusCode::OK, |_, _| Ok((user, Vec::new()))).await
        }
        None => {
            state.gates.failed(&account, client.address);
            refuse(&state, client, id).await
        }
    }
}

/// The user, if the password is theirs and they may sign in.
async fn verify(state: &State, found: Option<Credentials>, password: String) -> Answer<Option<User>> {
    let stored = found.as_ref().and_then(|credentials| credentials.password_hash.clone());
    let verdict = state.hasher.verify(password, stored).await?;
    let Some(credentials) = found.filter(|credentials| verdict.matches && !credentials.disabled) else { return Ok(None) };
    let id = credentials.user.id;
    if let Some(hash) = verdict.rehashed {
        state.hub.change(id, move |db| Ok((db::users::set_password_hash(db, id, &hash)?, Vec::new()))).await?;
    }
    Ok(Some(credentials.user))
}

/// Writes the failure down. A name that nobody has is left out: people type passwords into the wrong field.
async fn refuse(state: &State, client: Client, account: Option<UserId>) -> Answer {
    let target = account.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    let trail = Trail::unknown(client);
    let written = state.hub.change(UserId::new(), move |db| Ok((trail.record(db, Act::LoginFailed, target, None)?, Vec::new())));
    written.await?;
    Err(Refusal { message: "Name or password is wrong.".into(), ..Refusal::unauthorized() }.into())
}

/// Signs in with a name alone, where the operator allows it.
#[utoipa::path(post, path = "/api/v1/auth/guest", tag = "auth", security(()), request_body = Guest,
    responses((status = 201, body = SignedIn), Refused))]
pub async fn guest(state: Data<State>, client: Client, form: Json<Guest>) -> Answer {
    let form = form.read()?;
    if !state.config.auth.guests {
        return Err(Refusal::not_found("page").into());
    }
    if !client.local {
        state.gates.check(Gate::Register, client.address)?;
    }
    let username = Username::parse(&form.username)?;
    let display_name = form.display_name.as_deref().map(DisplayName::parse).transpose()?;
    let new = NewUser { username, display_name, role: ServerRole::Member, guest: true, password_hash: None };
    join(&state, &client, new, Way::Open).await
}

/// Makes a session for the user that `who` gives, in one transaction, and answers with its token and cookie.
async fn sign_in(
    state: &State,
    client: &Client,
    lane: UserId,
    device: Option<String>,
    status: StatusCode,
    who: impl FnOnce(&mut Db, Millis) -> db::Result<(User, Vec<Change>)> + Send + 'static,
) -> Answer {
    let (token, now) = (Token::new()?, Millis::now());
    let device = device.as_deref().map(label).filter(|label| !label.is_empty()).or_else(|| client.agent.clone());
    let expires_at = now.plus(i64::from(state.config.auth.session_days) * DAY_MS);
    let (token_hash, from) = (token.hash(), client.clone());
    let made = state.hub.change(lane, move |db| {
        let (user, mut changes) = who(db, now)?;
        let new = NewSession { user: user.id, token_hash, device, address: Some(from.address.to_string()), expires_at };
        let (row, ended) = db::sessions::create(db, new, now)?;
        Trail::of(&user, from).record(db, Act::Login, row.id, None)?;
        changes.extend(ended);
        Ok(((user, row.expires_at), changes))
    });
    let (user, expires_at) = made.await?;
    let mut answer = HttpResponse::build(status);
    answer.cookie(session_cookie(&token, expires_at, now, state.config.secure()));
    answer::json(answer, SignedIn { user, token: token.as_str().to_owned(), expires_at })
}

/// Ends this session.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", responses((status = 204), Refused))]
pub async fn logout(state: Data<State>, caller: Caller, client: Client) -> Answer {
    let id = caller.session;
    end(&state, caller, client, id).await?;
    Ok(HttpResponse::NoContent().cookie(forget_cookie(state.config.secure())).finish())
}

/// My devices.
#[utoipa::path(get, path = "/api/v1/auth/sessions", tag = "auth", responses((status = 200, body = Sessions), Refused))]
pub async fn sessions(state: Data<State>, caller: Caller) -> Answer {
    let rows = state.hub.read(move |db| db::sessions::list(db, caller.user.id)).await?;
    let sessions = rows.into_iter().map(|row| Session {
        current: row.id == caller.session,
        id: row.id,
        device: row.device,
        address: row.address,
        created_at: row.created_at,
        last_seen: row.last_seen,
        expires_at: row.expires_at,
    });
    answer::ok(Sessions { sessions: sessions.collect() })
}

/// Signs one device out.
#[utoipa::path(delete, path = "/api/v1/auth/sessions/{id}", tag = "auth", params(("id" = SessionId, Path)),
    responses((status = 204), Refused))]
pub async fn end_session(state: Data<State>, caller: Caller, client: Client, path: Path<String>) -> Answer {
    let id = path.parse().map_err(|_| Refusal::not_found("session"))?;
    end(&state, caller, client, id).await?;
    answer::done()
}

async fn end(state: &State, caller: Caller, client: Client, id: SessionId) -> Answer<()> {
    let (trail, me) = (Trail::of(&caller.user, client), caller.user.id);
    let ended = state.hub.change(me, move |db| {
        let ended = db::sessions::end(db, me, id)?;
        trail.record(db, Act::EndSession, id, None)?;
        Ok(ended)
    });
    Ok(ended.await?)
}

/// Changes my password and signs all my other devices out.
#[utoipa::path(post, path = "/api/v1/auth/password", tag = "auth", request_body = NewPassword, responses((status = 204), Refused))]
pub async fn password(state: Data<State>, caller: Caller, client: Client, form: Json<NewPassword>) -> Answer {
    let form = form.read()?;
    let Caller { user, session } = caller;
    state.gates.sign_in(&user.username, client.address)?;
    check_password("new", &form.new, &user.username)?;
    let id = user.id;
    let stored = state.hub.read(move |db| db::users::credentials_of(db, id)).await?;
    let verdict = state.hasher.verify(form.current, stored.and_then(|credentials| credentials.password_hash)).await?;
    if !verdict.matches {
        state.gates.failed(&user.username, client.address);
        return Err(Refusal::invalid("current", "This is not your password.").into());
    }
    let hash = state.hasher.hash(form.new).await?;
    let trail = Trail::of(&user, client);
    let changed = state.hub.change(id, move |db| {
        db::users::set_password_hash(db, id, &hash)?;
        let ended = db::sessions::end_all(db, id, Some(session))?;
        trail.record(db, Act::Password, id, None)?;
        Ok(ended)
    });
    changed.await?;
    answer::done()
}
