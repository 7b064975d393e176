//! Bounds that every transaction keeps.

use std::sync::OnceLock;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Bounds that an operator may set. They are one for the process, because they are checked inside transactions, far from any configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// A sign-in that was not used for so many days is over.
    pub session_idle_days: u32,
    /// Most sign-ins that one user may have.
    pub sessions_per_user: u32,
    /// Most rooms that one user may be in.
    pub rooms_joined: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { session_idle_days: 30, sessions_per_user: 20, rooms_joined: crate::domain::Limits::default().rooms_joined }
    }
}

static POLICY: OnceLock<Policy> = OnceLock::new();

impl Policy {
    /// Sets it, once, before the first connection; a later call changes nothing and says so.
    pub fn set(self) -> bool {
        POLICY.set(self).is_ok()
    }

    pub(super) fn get() -> Self {
        *POLICY.get_or_init(Self::default)
    }

    pub(super) fn idle_ms(self) -> i64 {
        i64::from(self.session_idle_days) * DAY_MS
    }
}
