//! Sign-ins. A token is stored as its hash only.

use super::{
    Db, Policy, Result,
    connection::{MultiBackend, found},
    schema::{sessions, users},
    statement::statement,
    transaction,
    users::UserRow,
};
use crate::domain::{Change, Millis, SessionId, User, UserId};
use diesel::prelude::*;

/// A sign-in to be stored.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Whose.
    pub user: UserId,
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// What the client calls itself.
    pub device: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
    /// When it ends, however much it is used.
    pub expires_at: Millis,
}

/// A sign-in as its user sees it.
#[derive(Queryable, Selectable, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// Which.
    pub id: SessionId,
    /// What the client called itself.
    pub device: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
    /// When it began.
    pub created_at: Millis,
    /// When it was last used.
    pub last_seen: Millis,
    /// When it ends.
    pub expires_at: Millis,
}

/// Who shows a valid token.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The sign-in.
    pub session: SessionId,
    /// The user, as of now.
    pub user: User,
    /// When it ends.
    pub expires_at: Millis,
}

/// Stores a sign-in. Past [`Policy::sessions_per_user`] the one unused for longest ends.
pub fn create(db: &mut Db, new: NewSession, now: Millis) -> Result<(SessionRow, Vec<Change>)> {
    let row = SessionRow {
        id: SessionId::new(),
        device: new.device,
        address: new.address,
        created_at: now,
        last_seen: now,
        expires_at: new.expires_at,
    };
    transaction(db, |db| {
        let ended = make_room(db, new.user)?;
        diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(row.id),
                sessions::user_id.eq(new.user),
                sessions::token_hash.eq(&new.token_hash[..]),
                sessions::device.eq(&row.device),
                sessions::address.eq(&row.address),
                sessions::created_at.eq(now),
                sessions::last_seen.eq(now),
                sessions::expires_at.eq(row.expires_at),
            ))
            .execute(db)?;
        Ok((row, ended))
    })
}

/// Ends the longest unused ones, so that one more fits.
fn make_room(db: &mut Db, user: UserId) -> Result<Vec<Change>> {
    let newest_first = (sessions::last_seen.desc(), sessions::id.desc());
    let all: Vec<SessionId> = sessions::table.filter(sessions::user_id.eq(user)).order(newest_first).select(sessions::id).load(db)?;
    end_these(db, user, all.into_iter().skip(Policy::get().sessions_per_user.saturating_sub(1) as usize).collect())
}

fn end_these(db: &mut Db, user: UserId, ids: Vec<SessionId>) -> Result<Vec<Change>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    for id in &ids {
        diesel::delete(sessions::table.find(id)).execute(db)?;
    }
    Ok(vec![Change::SessionsEnded { user, sessions: ids }])
}

/// Who shows this token: none if it is unknown or over, or its user locked out.
pub fn by_token(db: &mut Db, token_hash: &[u8; 32], now: Millis) -> Result<Option<Signed>> {
    let row: Option<(SessionId, Millis, UserRow)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(&token_hash[..]))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen.gt(now.plus(-Policy::get().idle_ms())))
        .filter(users::disabled_at.is_null())
        .select((sessions::id, sessions::expires_at, UserRow::as_select()))
        .first(db)
        .optional()?;
    Ok(row.map(|(session, expires_at, user)| Signed { session, user: user.into(), expires_at }))
}

/// Those of `ids` that are not over.
pub fn alive(db: &mut Db, ids: &[SessionId], now: Millis) -> Result<Vec<SessionId>> {
    Ok(sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq_any(ids))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen.gt(now.plus(-Policy::get().idle_ms())))
        .filter(users::disabled_at.is_null())
        .select(sessions::id)
        .load(db)?)
}

statement!(
    /// Never backwards.
    Touch for MultiBackend { at: Millis, session: SessionId, before: Millis }
        = "UPDATE sessions SET last_seen = " at " WHERE id = " session " AND last_seen < " before
);

/// Notes when sign-ins were last used.
pub fn touch(db: &mut Db, used: &[(SessionId, Millis)]) -> Result<()> {
    let mut used = used.to_vec();
    // In one order, so that two writers don't wait for each other.
    used.sort();
    transaction(db, |db| {
        for (session, at) in used {
            Touch { at, session, before: at }.execute(db)?;
        }
        Ok(())
    })
}

/// A user's sign-ins, the last used first.
pub fn list(db: &mut Db, user: UserId) -> Result<Vec<SessionRow>> {
    Ok(sessions::table
        .filter(sessions::user_id.eq(user))
        .order((sessions::last_seen.desc(), sessions::id.desc()))
        .select(SessionRow::as_select())
        .load(db)?)
}

/// Ends one of a user's sign-ins; `not_found` for another one's.
pub fn end(db: &mut Db, user: UserId, session: SessionId) -> Result<((), Vec<Change>)> {
    let own = sessions::table.filter(sessions::id.eq(session)).filter(sessions::user_id.eq(user));
    let ended = diesel::delete(own).execute(db)?;
    found((ended > 0).then_some(()), "session")?;
    Ok(((), vec![Change::SessionsEnded { user, sessions: vec![session] }]))
}

/// Ends all of a user's sign-ins but one, or all.
pub fn end_all(db: &mut Db, user: UserId, except: Option<SessionId>) -> Result<((), Vec<Change>)> {
    transaction(db, |db| {
        let mut ids: Vec<SessionId> = sessions::table.filter(sessions::user_id.eq(user)).select(sessions::id).load(db)?;
        ids.retain(|id| Some(*id) != except);
        Ok(((), end_these(db, user, ids)?))
    })
}

/// Forgets those that are over; gives how many.
pub fn purge_expired(db: &mut Db, now: Millis) -> Result<usize> {
    let over = sessions::expires_at.le(now).or(sessions::last_seen.le(now.plus(-Policy::get().idle_ms())));
    Ok(diesel::delete(sessions::table.filter(over)).execute(db)?)
}
