//! Passwords: what is allowed, and Argon2id in bounded doses.

use super::common::is_common;
use crate::{config, domain::Refusal};
use actix_web::web::block;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

/// Fewest and most bytes of a password.
const BYTES: std::ops::RangeInclusive<usize> = 8..=1024;

/// Whether a password may be chosen. `field` names it in the refusal.
pub fn check_password(field: &'static str, password: &str, username: &str) -> Result<(), Refusal> {
    if !BYTES.contains(&password.len()) {
        return Err(Refusal::invalid(field, "8 to 1024 bytes; 15 or more are advised."));
    }
    if is_common(password) || password.eq_ignore_ascii_case(username) {
        return Err(Refusal::invalid(field, "Too easy to guess. Choose another one."));
    }
    Ok(())
}

/// What a comparison showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The password is the right one.
    pub matches: bool,
    /// It is, and was hashed with other parameters than today's: this one should be stored.
    pub rehashed: Option<String>,
}

/// Hashes passwords, a few at a time: each takes tens of milliseconds and megabytes, so that sign-ins could
/// otherwise starve the chat.
#[derive(Clone)]
pub struct Hasher {
    argon: Argon2<'static>,
    /// What an unknown user's password is compared with, so that the answer takes as long.
    dummy: Arc<str>,
    places: Arc<Semaphore>,
    admitted: Arc<AtomicUsize>,
    /// Hashes under way and waiting; further ones are refused.
    most: usize,
}

/// A place among those admitted; given back when dropped, also when the client went away.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Hasher {
    /// Makes the dummy hash, which takes as long as any. Fails on parameters that Argon2 refuses.
    pub fn new(settings: &config::Hash) -> Result<Self, String> {
        let params =
            Params::new(settings.memory_kib, settings.passes, settings.parallel, None).map_err(|error| format!("auth.hash: {error}"))?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = hash_now(&argon, "nobody has this password").map_err(|refusal| refusal.to_string())?;
        Ok(Self {
            argon,
            dummy: dummy.into(),
            places: Arc::new(Semaphore::new(settings.at_once as usize)),
            admitted: Arc::new(AtomicUsize::new(0)),
            most: settings.at_once as usize + settings.queue as usize,
        })
    }

    /// The PHC string to store.
    pub async fn hash(&self, password: String) -> Result<String, Refusal> {
        let argon = self.argon.clone();
        self.run(move || hash_now(&argon, &password)).await?
    }

    /// The same on this thread, for the command line.
    pub fn hash_here(&self, password: &str) -> Result<String, Refusal> {
        hash_now(&self.argon, password)
    }

    /// Compares; without a stored hash it takes as long and fails.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<Verdict, Refusal> {
        let hasher = self.clone();
        self.run(move || hasher.verify_now(&password, stored.as_deref())).await?
    }

    fn verify_now(&self, password: &str, stored: Option<&str>) -> Result<Verdict, Refusal> {
        let known = stored.is_some();
        let parsed = PasswordHash::new(stored.unwrap_or(&self.dummy)).map_err(|error| {
            log::error!("a stored password hash is unreadable: {error}");
            Refusal::internal()
        })?;
        let matches = self.argon.verify_password(password.as_bytes(), &parsed).is_ok() && known;
        let rehashed = (matches && self.is_stale(&parsed)).then(|| hash_now(&self.argon, password)).transpose()?;
        Ok(Verdict { matches, rehashed })
    }

    fn is_stale(&self, stored: &PasswordHash) -> bool {
        let ours = self.argon.params();
        let same = |theirs: Params| (theirs.m_cost(), theirs.t_cost(), theirs.p_cost()) == (ours.m_cost(), ours.t_cost(), ours.p_cost());
        stored.algorithm.as_str() != "argon2id" || !Params::try_from(stored).is_ok_and(same)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let place = self.admit()?;
        let permit = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Refusal::unavailable())?;
        let done = block(move || {
            let result = work();
            drop((permit, place));
            result
        });
        done.await.map_err(|_| Refusal::unavailable())
    }

    fn admit(&self) -> Result<Place, Refusal> {
        let place = Place(Arc::clone(&self.admitted));
        // Counted first and given back by `place` where there is no room.
        let before = self.admitted.fetch_add(1, Ordering::Relaxed);
        if before < self.most { Ok(place) } else { Err(Refusal::unavailable()) }
    }
}

fn hash_now(argon: &Argon2<'_>, password: &str) -> Result<String, Refusal> {
    let hash = argon.hash_password(password.as_bytes()).map_err(|error| {
        log::error!("hashing a password failed: {error}");
        Refusal::internal()
    })?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code;

    fn settings(memory_kib: u32) -> config::Hash {
        config::Hash { memory_kib, passes: 1, parallel: 1, at_once: 1, queue: 1 }
    }

    fn hasher(memory_kib: u32) -> Hasher {
        Hasher::new(&settings(memory_kib)).unwrap()
    }

    #[test]
    fn rules() {
        assert!(check_password("password", "correct horse", "bob").is_ok());
        assert!(check_password("password", "äöüß", "bob").is_ok());
        for bad in ["", "short", "password", "PassWord1", "qwertyuiop", "bobbobbob", &"x".repeat(1025)] {
            let refusal = check_password("new", bad, "bobbobbob").unwrap_err();
            assert_eq!((refusal.code, refusal.fields[0].0.as_ref()), (Code::Invalid, "new"), "{bad}");
        }
    }

    #[actix_rt::test]
    async fn right_wrong_and_unknown() {
        let hasher = hasher(16);
        let stored = hasher.hash("correct horse".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=16,t=1,p=1$"));
        let verify = |password: &str, stored: Option<&String>| hasher.verify(password.to_owned(), stored.cloned());
        assert_eq!(verify("correct horse", Some(&stored)).await.unwrap(), Verdict { matches: true, rehashed: None });
        assert!(!verify("wrong horse", Some(&stored)).await.unwrap().matches);
        assert!(!verify("nobody has this password", None).await.unwrap().matches);
        assert_eq!(verify("x", Some(&"garbage".to_owned())).await.unwrap_err().code, Code::Internal);
    }

    #[actix_rt::test]
    async fn hashed_anew_after_a_change() {
        let stored = hasher(8).hash("correct horse".to_owned()).await.unwrap();
        let today = hasher(16);
        let verdict = today.verify("correct horse".to_owned(), Some(stored.clone())).await.unwrap();
        assert!(verdict.rehashed.unwrap().contains("m=16"));
        assert_eq!(today.verify("wrong".to_owned(), Some(stored)).await.unwrap().rehashed, None);
    }

    #[actix_rt::test]
    async fn the_queue_is_bounded() {
        let hasher = hasher(8);
        let places = [hasher.admit().unwrap(), hasher.admit().unwrap()];
        assert_eq!(hasher.hash("correct horse".to_owned()).await.unwrap_err().code, Code::Unavailable);
        drop(places);
        assert!(hasher.hash("correct horse".to_owned()).await.is_ok());
    }
}
