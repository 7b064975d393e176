//! Invitations to make an account. A code is stored as its hash only.

use super::{
    Db, Result,
    connection::{MultiBackend, found},
    schema::invites,
    statement::statement,
};
use crate::domain::{Millis, Refusal, UserId};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// An invitation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InviteId(pub Uuid);

impl InviteId {
    /// The 16 bytes that the databases store.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl From<[u8; 16]> for InviteId {
    fn from(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl FromStr for InviteId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> std::result::Result<Self, uuid::Error> {
        Uuid::parse_str(text).map(Self)
    }
}

impl fmt::Display for InviteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// An invitation as administrators see it.
#[derive(Queryable, Selectable, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = invites)]
pub struct Invite {
    /// Which.
    pub id: InviteId,
    /// By whom.
    pub made_by: UserId,
    /// When it was made.
    pub created_at: Millis,
    /// Until when it can be used.
    pub expires_at: Option<Millis>,
    /// How often it can still be used; none: without limit.
    pub uses_left: Option<i64>,
    /// How often it was used.
    pub used: i64,
}

/// An invitation to be stored.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// By whom.
    pub made_by: UserId,
    /// SHA-256 of the code.
    pub code_hash: [u8; 32],
    /// How often it can be used; none: without limit.
    pub uses: Option<i64>,
    /// Until when.
    pub expires_at: Option<Millis>,
}

/// Stores an invitation.
pub fn create(db: &mut Db, new: &NewInvite, now: Millis) -> Result<Invite> {
    let invite = Invite {
        id: InviteId(Uuid::now_v7()),
        made_by: new.made_by,
        created_at: now,
        expires_at: new.expires_at,
        uses_left: new.uses,
        used: 0,
    };
    diesel::insert_into(invites::table)
        .values((
            invites::id.eq(invite.id),
            invites::code_hash.eq(&new.code_hash[..]),
            invites::made_by.eq(invite.made_by),
            invites::created_at.eq(now),
            invites::expires_at.eq(invite.expires_at),
            invites::uses_left.eq(invite.uses_left),
            invites::used.eq(0),
        ))
        .execute(db)?;
    Ok(invite)
}

/// Invitations that can still be used, newest first.
pub fn list(db: &mut Db, now: Millis) -> Result<Vec<Invite>> {
    Ok(invites::table
        .filter(invites::expires_at.is_null().or(invites::expires_at.gt(now)))
        .filter(invites::uses_left.is_null().or(invites::uses_left.gt(0)))
        .order(invites::id.desc())
        .select(Invite::as_select())
        .load(db)?)
}

/// Ends an invitation.
pub fn revoke(db: &mut Db, id: InviteId) -> Result<()> {
    let gone = diesel::delete(invites::table.find(id)).execute(db)?;
    found((gone > 0).then_some(()), "invite")
}

statement!(
    /// One use less, if there is one.
    Redeem<'a> for MultiBackend { code_hash: &'a [u8], now: Millis }
        = "UPDATE invites SET used = used + 1, uses_left = uses_left - 1 WHERE code_hash = " code_hash
          " AND (uses_left IS NULL OR uses_left > 0) AND (expires_at IS NULL OR expires_at > " now ")"
);

/// Uses an invitation once; to be called in the transaction that makes the account.
pub fn redeem(db: &mut Db, code_hash: &[u8; 32], now: Millis) -> Result<()> {
    match (Redeem { code_hash, now }).execute(db)? {
        0 => Err(Refusal::invalid("invite", "This invitation is not, or no longer, valid.").into()),
        _ => Ok(()),
    }
}
