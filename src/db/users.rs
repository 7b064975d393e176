//! Accounts.

use super::{
    Db, Page, Result,
    connection::{MultiBackend, found},
    dialect, members,
    page::{after, one_more, prefix_end},
    rooms,
    schema::users,
    sessions,
    statement::statement,
    transaction,
};
use crate::domain::{Change, Code, DisplayName, Millis, Refusal, Role, ServerRole, Sharing, User, UserId, UserRef, Username, rules};
use diesel::prelude::*;

#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = users)]
pub(super) struct UserRow {
    id: UserId,
    username: String,
    display_name: String,
    role: ServerRole,
    guest: bool,
    created_at: Millis,
    last_seen: Option<Millis>,
    share_read_receipts: bool,
    share_last_seen: bool,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        let UserRow { id, username, display_name, role, guest, created_at, .. } = row;
        let shares = Sharing { read_receipts: row.share_read_receipts, last_seen: row.share_last_seen };
        let last_seen = row.last_seen.filter(|_| shares.last_seen);
        Self { id, username, display_name, role, guest, created_at, last_seen, shares }
    }
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The unique name.
    pub username: Username,
    /// The name that others see; the username where none is given.
    pub display_name: Option<DisplayName>,
    /// The role on the server.
    pub role: ServerRole,
    /// Signs in with a name alone.
    pub guest: bool,
    /// None: no sign-in by password.
    pub password_hash: Option<String>,
}

/// What a sign-in is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose.
    pub user: User,
    /// None: no sign-in by password.
    pub password_hash: Option<String>,
    /// Locked out.
    pub disabled: bool,
}

/// A user as administrators see them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdminUser {
    /// The user.
    pub user: User,
    /// Since when they are locked out.
    pub disabled_at: Option<Millis>,
}

statement!(
    /// Nothing happens where the name, or one that looks like it, is taken.
    Insert<'a> for MultiBackend {
        id: UserId, username: &'a str, skeleton: &'a str, display_name: &'a str, display_folded: &'a str, role: ServerRole,
        guest: bool, password_hash: Option<&'a str>, created_at: Millis,
    } = "INSERT INTO users (id, username, username_skeleton, display_name, display_folded, role, guest, password_hash, created_at) VALUES ("
        id ", " username ", " skeleton ", " display_name ", " display_folded ", " role ", " guest ", " password_hash ", " created_at
        ") ON CONFLICT DO NOTHING"
);

/// Makes an account, which is in the lobby from the start. `username_taken` also for a name that looks like another one's.
pub fn create(db: &mut Db, new: NewUser, now: Millis) -> Result<(User, Vec<Change>)> {
    transaction(db, |db| create_with(db, &new, Role::Member, now))
}

/// Makes the first account: an owner, of the lobby too. None where there is an owner already.
pub fn create_first(db: &mut Db, new: NewUser, now: Millis) -> Result<Option<(User, Vec<Change>)>> {
    transaction(db, |db| {
        dialect::lock_start(db)?;
        if owned(db)? {
            return Ok(None);
        }
        create_with(db, &NewUser { role: ServerRole::Owner, ..new }, Role::Owner, now).map(Some)
    })
}

fn create_with(db: &mut Db, new: &NewUser, in_lobby: Role, now: Millis) -> Result<(User, Vec<Change>)> {
    let user = User {
        id: UserId::new(),
        username: new.username.as_str().to_owned(),
        display_name: new.display_name.as_ref().map_or(new.username.as_str(), |name| &name.0).to_owned(),
        role: new.role,
        guest: new.guest,
        created_at: now,
        last_seen: None,
        shares: Sharing::default(),
    };
    let insert = Insert {
        id: user.id,
        username: &user.username,
        skeleton: &new.username.skeleton(),
        display_name: &user.display_name,
        display_folded: &user.display_name.to_lowercase(),
        role: user.role,
        guest: user.guest,
        password_hash: new.password_hash.as_deref(),
        created_at: now,
    };
    if insert.execute(db)? == 0 {
        return Err(Refusal::new(Code::UsernameTaken, "This name, or one that looks like it, is taken.").into());
    }
    let lobby = rooms::lobby(db)?;
    let mut head = rooms::locked(db, lobby)?;
    let joined = members::enter(db, &mut head, &user, in_lobby, now)?;
    Ok((user, joined.into_iter().map(|(_, change)| change).collect()))
}

/// Whether the server has an owner. Guests may come before one.
pub fn owned(db: &mut Db) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(users::table.filter(users::role.eq(ServerRole::Owner)))).get_result(db)?)
}

/// How many accounts there are.
pub fn count(db: &mut Db) -> Result<i64> {
    Ok(users::table.count().get_result(db)?)
}

/// By id; `not_found` otherwise.
pub fn get(db: &mut Db, id: UserId) -> Result<User> {
    let row: Option<UserRow> = users::table.find(id).select(UserRow::as_select()).first(db).optional()?;
    Ok(found(row, "user")?.into())
}

/// By id or username; `not_found` otherwise.
pub fn find(db: &mut Db, user: &UserRef) -> Result<User> {
    match user {
        UserRef::Id(id) => get(db, *id),
        UserRef::Name(name) => {
            let query = users::table.filter(users::username.eq(name.as_str())).select(UserRow::as_select());
            let row: Option<UserRow> = query.first(db).optional()?;
            Ok(found(row, "user")?.into())
        }
    }
}

/// Those of `ids` that exist.
pub fn by_ids(db: &mut Db, ids: &[UserId]) -> Result<Vec<User>> {
    let rows: Vec<UserRow> = users::table.filter(users::id.eq_any(ids)).select(UserRow::as_select()).load(db)?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Users who may sign in, by username; `q` is the beginning of a username or of a display name.
pub fn search(db: &mut Db, q: Option<&str>, cursor: Option<&str>, limit: u32) -> Result<Page<User>> {
    let rows = listed(db, q, cursor, limit, false)?;
    Ok(Page::cut(rows, limit, |(user, _)| user.username.clone()).map(|(user, _)| user.into()))
}

/// All users, for administrators.
pub fn admin_list(db: &mut Db, q: Option<&str>, cursor: Option<&str>, limit: u32) -> Result<Page<AdminUser>> {
    let rows = listed(db, q, cursor, limit, true)?;
    let page = Page::cut(rows, limit, |(user, _)| user.username.clone());
    Ok(page.map(|(user, disabled_at)| AdminUser { user: user.into(), disabled_at }))
}

fn listed(db: &mut Db, q: Option<&str>, cursor: Option<&str>, limit: u32, disabled: bool) -> Result<Vec<(UserRow, Option<Millis>)>> {
    let mut query =
        users::table.order(users::username.asc()).limit(one_more(limit)).select((UserRow::as_select(), users::disabled_at)).into_boxed();
    if !disabled {
        query = query.filter(users::disabled_at.is_null());
    }
    if let Some(last) = after::<String>(cursor)? {
        query = query.filter(users::username.gt(last));
    }
    if let Some(q) = q {
        let q = q.strip_prefix('@').unwrap_or(q).to_lowercase();
        let end = prefix_end(&q);
        let username = users::username.ge(q.clone()).and(users::username.lt(end.clone()));
        query = query.filter(username.or(users::display_folded.ge(q).and(users::display_folded.lt(end))));
    }
    Ok(query.load(db)?)
}

/// What a sign-in as `username` is checked against.
pub fn credentials(db: &mut Db, username: &Username) -> Result<Option<Credentials>> {
    let query = users::table.filter(users::username.eq(username.as_str()));
    let row = query.select((UserRow::as_select(), users::password_hash, users::disabled_at)).first(db).optional()?;
    Ok(row.map(credentials_from))
}

/// The same by id.
pub fn credentials_of(db: &mut Db, user: UserId) -> Result<Option<Credentials>> {
    let query = users::table.find(user);
    let row = query.select((UserRow::as_select(), users::password_hash, users::disabled_at)).first(db).optional()?;
    Ok(row.map(credentials_from))
}

fn credentials_from((user, password_hash, disabled_at): (UserRow, Option<String>, Option<Millis>)) -> Credentials {
    Credentials { user: user.into(), password_hash, disabled: disabled_at.is_some() }
}

/// Replaces a password. Ending the other sessions is the caller's: [`sessions::end_all`].
pub fn set_password_hash(db: &mut Db, user: UserId, hash: &str) -> Result<()> {
    changed(diesel::update(users::table.find(user)).set(users::password_hash.eq(hash)).execute(db)?)
}

fn changed(rows: usize) -> Result<()> {
    found((rows > 0).then_some(()), "user")
}

/// What users change of themselves; none stays as it is.
#[derive(Clone, Default, Debug)]
pub struct Profile {
    /// The name that others see.
    pub display_name: Option<DisplayName>,
    /// Whether others hear what they have read.
    pub share_read_receipts: Option<bool>,
    /// Whether others hear when they were last here.
    pub share_last_seen: Option<bool>,
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct ProfileRow {
    display_name: Option<String>,
    display_folded: Option<String>,
    share_read_receipts: Option<bool>,
    share_last_seen: Option<bool>,
}

/// Changes what a user says of themselves; at least one thing must be given.
pub fn set_profile(db: &mut Db, user: UserId, profile: Profile) -> Result<(User, Vec<Change>)> {
    let Profile { display_name, share_read_receipts, share_last_seen } = profile;
    let display_name = display_name.map(|name| name.0);
    let display_folded = display_name.as_ref().map(|name| name.to_lowercase());
    let row = ProfileRow { display_name, display_folded, share_read_receipts, share_last_seen };
    transaction(db, |db| {
        changed(diesel::update(users::table.find(user)).set(&row).execute(db)?)?;
        let user = get(db, user)?;
        Ok((user.clone(), vec![Change::UserUpdated { user }]))
    })
}

/// Gives a user another role on the server; see [`rules::may_set_server_role`].
pub fn set_role(db: &mut Db, actor: &User, target: UserId, role: ServerRole) -> Result<(User, Vec<Change>)> {
    transaction(db, |db| {
        dialect::lock_staff(db)?;
        // The actor's role may have changed since they signed in.
        let actor = get(db, actor.id)?;
        let before = get(db, target)?;
        rules::may_set_server_role(actor.role, before.role, role, others_own(db, target)?)?;
        if before.role == role {
            return Ok((before, Vec::new()));
        }
        diesel::update(users::table.find(target)).set(users::role.eq(role)).execute(db)?;
        let user = User { role, ..before };
        Ok((user.clone(), vec![Change::UserUpdated { user }]))
    })
}

/// Whether there is an owner besides `user` who may sign in.
fn others_own(db: &mut Db, user: UserId) -> Result<bool> {
    let query = users::table
        .filter(users::role.eq(ServerRole::Owner))
        .filter(users::disabled_at.is_null())
        .filter(users::id.ne(user))
        .select(users::id);
    Ok(query.first::<UserId>(db).optional()?.is_some())
}

/// Locks a user out, which ends all their sessions, or lets them in again; see [`rules::may_disable`].
pub fn set_disabled(db: &mut Db, actor: &User, target: UserId, disabled: bool, now: Millis) -> Result<(User, Vec<Change>)> {
    transaction(db, |db| {
        dialect::lock_staff(db)?;
        let actor = get(db, actor.id)?;
        let user = get(db, target)?;
        rules::may_disable(actor.role, user.role, actor.id == target, others_own(db, target)?)?;
        let since = disabled.then_some(now);
        diesel::update(users::table.find(target)).set(users::disabled_at.eq(since)).execute(db)?;
        let changes = if disabled { sessions::end_all(db, target, None)?.1 } else { Vec::new() };
        Ok((user, changes))
    })
}

statement!(
    /// Never backwards.
    Saw for MultiBackend { at: Millis, user: UserId, before: Millis }
        = "UPDATE users SET last_seen = " at " WHERE id = " user " AND (last_seen IS NULL OR last_seen < " before ")"
);

/// Notes when users were last seen.
pub fn saw(db: &mut Db, seen: &[(UserId, Millis)]) -> Result<()> {
    let mut seen = seen.to_vec();
    // In one order, so that two writers don't wait for each other.
    seen.sort();
    transaction(db, |db| {
        for (user, at) in seen {
            Saw { at, user, before: at }.execute(db)?;
        }
        Ok(())
    })
}
