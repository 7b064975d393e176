//! What is written to the audit log.

use super::client::Client;
use crate::{
    db::{self, Db},
    domain::{AuditEntry, AuditId, Millis, User},
};
use serde_json::Value;

/// What somebody did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Made an account.
    Register,
    /// Signed in.
    Login,
    /// Failed to.
    LoginFailed,
    /// Signed a device out.
    EndSession,
    /// Signed somebody out everywhere.
    EndSessions,
    /// Changed a password.
    Password,
    /// Changed an account's role on the server.
    UserRole,
    /// Locked an account.
    UserDisable,
    /// Unlocked it.
    UserEnable,
    /// Made a room as an administrator.
    RoomCreate,
    /// Changed a room as an administrator.
    RoomUpdate,
    /// Deleted a room.
    RoomDelete,
    /// Wrote into a room as an administrator.
    RoomAnnounce,
    /// Added a member or changed their role.
    MemberPut,
    /// Took a member out.
    MemberRemove,
    /// Made an invite.
    InviteCreate,
    /// Ended an invite.
    InviteRevoke,
}

impl Act {
    /// Its name in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "user.register",
            Self::Login => "session.start",
            Self::LoginFailed => "session.refuse",
            Self::EndSession => "session.end",
            Self::EndSessions => "session.end_all",
            Self::Password => "user.password",
            Self::UserRole => "user.role",
            Self::UserDisable => "user.disable",
            Self::UserEnable => "user.enable",
            Self::RoomCreate => "room.create",
            Self::RoomUpdate => "room.update",
            Self::RoomDelete => "room.delete",
            Self::RoomAnnounce => "room.announce",
            Self::MemberPut => "member.put",
            Self::MemberRemove => "member.remove",
            Self::InviteCreate => "invite.create",
            Self::InviteRevoke => "invite.revoke",
        }
    }
}

/// Who acts, and from where: what every entry begins with.
#[derive(Clone, Debug)]
pub struct Trail {
    actor: Option<User>,
    client: Client,
}

impl Trail {
    /// Of a signed-in user.
    pub fn of(actor: &User, client: Client) -> Self {
        Self { actor: Some(actor.clone()), client }
    }

    /// Of somebody who isn't signed in.
    pub fn unknown(client: Client) -> Self {
        Self { actor: None, client }
    }

    /// Writes an entry; to be called in the transaction that does what it tells of.
    pub fn record(&self, db: &mut Db, act: Act, target: impl ToString, detail: Option<Value>) -> db::Result<()> {
        db::audit::record(db, self.entry(act, target, detail))
    }

    /// An entry that something else writes.
    pub fn entry(&self, act: Act, target: impl ToString, detail: Option<Value>) -> AuditEntry {
        AuditEntry {
            id: AuditId::new(),
            at: Millis::now(),
            actor: self.actor.as_ref().map(|user| user.id),
            act: act.name().to_owned(),
            target: Some(target.to_string()),
            detail: detail.map(|detail| detail.to_string()),
            address: Some(self.client.address.to_string()),
            request_id: Some(self.client.request_id.clone()),
        }
    }
}
