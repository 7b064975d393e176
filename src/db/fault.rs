//! How a function of this module fails.

use crate::domain::Refusal;
use diesel::result::{DatabaseErrorKind, Error};
use std::fmt;

/// Either the caller's fault or the database's.
#[derive(Debug)]
pub enum Fault {
    /// The request contradicts what is stored or what is allowed; nothing was changed.
    Refused(Refusal),
    /// The database failed; nothing was changed.
    Failed(Error),
    /// The commit itself failed: it may have been done all the same. What is asked again under one `client_id` finds out.
    Unknown(Error),
}

/// What a function of this module gives.
pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// What the caller may know; the cause belongs in the log.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Failed(_) | Self::Unknown(_) => Refusal::unavailable(),
        }
    }

    /// Whether another transaction was in the way, so that the same one may succeed when it is run again.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Failed(Error::DatabaseError(kind, info)) => {
                matches!(kind, DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::UniqueViolation)
                    || info.message() == "deadlock detected"
            }
            _ => false,
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Failed(error) => error.fmt(f),
            Self::Unknown(error) => write!(f, "a commit failed: {error}"),
        }
    }
}

impl std::error::Error for Fault {}
