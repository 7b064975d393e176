//! Sign-ins that were looked up a moment ago. Revocation takes them out at once.

use crate::{
    db::sessions::Signed,
    domain::{Change, Millis, SessionId, UserId},
};
use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Most sign-ins kept.
const MOST: usize = 100_000;
/// How long one is kept: the database is asked again after this (reliability: sessions are re-checked every 5 minutes).
const KEEP: Duration = Duration::from_secs(300);

/// What the database stores of a token.
pub type TokenHash = [u8; 32];

/// The stored form of a token.
pub fn hash_token(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

struct Known {
    signed: Signed,
    until: Instant,
}

#[derive(Default)]
struct Inner {
    by_hash: HashMap<TokenHash, Known>,
    used: HashMap<SessionId, Millis>,
    /// Rises with each revocation: what was read before it must not be kept after it.
    revocations: u64,
}

/// Shared by all threads.
#[derive(Default)]
pub struct Tokens(Mutex<Inner>);

impl Tokens {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom this token signs in, where that is known and still holds.
    pub fn get(&self, hash: &TokenHash) -> Option<Signed> {
        let mut inner = self.lock();
        let known = inner.by_hash.get(hash).filter(|known| known.until > Instant::now())?;
        if known.signed.expires_at <= Millis::now() {
            return None;
        }
        let signed = known.signed.clone();
        inner.used.insert(signed.session, Millis::now());
        Some(signed)
    }

    /// To be taken before the database is read, and given to [`Tokens::put`].
    pub fn revocations(&self) -> u64 {
        self.lock().revocations
    }

    /// Keeps what was read, unless something was revoked since.
    pub fn put(&self, hash: TokenHash, signed: Signed, before: u64) {
        let mut inner = self.lock();
        inner.used.insert(signed.session, Millis::now());
        if inner.revocations != before {
            return;
        }
        if inner.by_hash.len() >= MOST {
            let now = Instant::now();
            inner.by_hash.retain(|_, known| known.until > now);
        }
        if inner.by_hash.len() < MOST {
            inner.by_hash.insert(hash, Known { signed, until: Instant::now() + KEEP });
        }
    }

    /// Forgets what these changes make untrue.
    pub fn apply(&self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::SessionsEnded { sessions, .. } => self.forget(|signed| sessions.contains(&signed.session)),
                Change::UserUpdated { user } => self.forget_user(user.id),
                _ => {}
            }
        }
    }

    fn forget_user(&self, user: UserId) {
        self.forget(|signed| signed.user.id == user);
    }

    fn forget(&self, gone: impl Fn(&Signed) -> bool) {
        let mut inner = self.lock();
        inner.revocations += 1;
        inner.by_hash.retain(|_, known| !gone(&known.signed));
    }

    /// The sign-ins used since the last call, for the list of devices and the idle limit.
    pub fn take_used(&self) -> Vec<(SessionId, Millis)> {
        mem::take(&mut self.lock().used).into_iter().collect()
    }
}
