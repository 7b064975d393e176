//! Who did what.

use super::{AuditId, Millis, UserId};

/// One act, as the audit log keeps it for ever. Never bodies or secrets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEntry {
    /// Its id; ids rise.
    pub id: AuditId,
    /// When.
    pub at: Millis,
    /// By whom; none where nobody was signed in.
    pub actor: Option<UserId>,
    /// What, as `noun.verb`.
    pub act: String,
    /// On what: an id or a name.
    pub target: Option<String>,
    /// JSON, such as what it was before and after.
    pub detail: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// The request's id in the log.
    pub request_id: Option<String>,
}
