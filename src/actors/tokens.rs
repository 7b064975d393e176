//! Sign-ins that were looked up a moment ago. Revocation takes them out at once.

use super::chat_server::Loaded;
use crate::{
    db::sessions::Signed,
    domain::{Change, Millis, Refusal, SessionId, UserId},
};
use futures_util::future::{FutureExt, Shared, WeakShared};
use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

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

/// Whom a token signs in who says hello.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Who.
    pub signed: Signed,
    /// What there was of [`State::news`](super::chat_server::State::news) before it was read.
    pub news: u64,
    /// Their rooms, where the database had to be asked, or is just being asked for another window.
    pub rooms: Option<Arc<Vec<Loaded>>>,
}

/// A look into the database for an [`Arrival`], which all share who bring the same token meanwhile.
pub type LookUp = Shared<oneshot::Receiver<Result<Arrival, Refusal>>>;

/// Whether anybody waits for a [`LookUp`].
pub type Waiters = WeakShared<oneshot::Receiver<Result<Arrival, Refusal>>>;

/// A [`LookUp`] that nobody has begun yet.
pub struct Begin {
    /// To be told what was found.
    pub tell: oneshot::Sender<Result<Arrival, Refusal>>,
    /// Gone where nobody waits any more.
    pub wanted: Waiters,
    /// To be given to [`Tokens::found`].
    pub revocations: u64,
}

struct Known {
    signed: Signed,
    /// What was read along with it, until ChatServer took it: who comes behind must not be read once more.
    rooms: Option<(u64, Weak<Vec<Loaded>>)>,
    until: Instant,
}

#[derive(Default)]
struct Inner {
    by_hash: HashMap<TokenHash, Known>,
    used: HashMap<SessionId, Millis>,
    looking: HashMap<TokenHash, (u64, Waiters)>,
    /// Rises with each revocation: what was read before it must not be kept after it.
    revocations: u64,
}

impl Inner {
    fn known(&mut self, hash: &TokenHash) -> Option<&Known> {
        let known = self.by_hash.get(hash).filter(|known| known.until > Instant::now() && known.signed.expires_at > Millis::now())?;
        self.used.insert(known.signed.session, Millis::now());
        Some(known)
    }

    fn arrival(&mut self, hash: &TokenHash, news: u64) -> Option<Arrival> {
        let Known { signed, rooms, .. } = self.known(hash)?;
        let signed = signed.clone();
        Some(match rooms.as_ref().and_then(|(news, rooms)| Some((*news, rooms.upgrade()?))) {
            Some((news, rooms)) => Arrival { signed, news, rooms: Some(rooms) },
            None => Arrival { signed, news, rooms: None },
        })
    }
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
        self.lock().known(hash).map(|known| known.signed.clone())
    }

    /// The same for who says hello, when there is so much news.
    pub fn arrival(&self, hash: &TokenHash, news: u64) -> Option<Arrival> {
        self.lock().arrival(hash, news)
    }

    /// To be taken before the database is read, and given to [`Tokens::put`].
    pub fn revocations(&self) -> u64 {
        self.lock().revocations
    }

    /// Keeps what was read, unless something was revoked since.
    pub fn put(&self, hash: TokenHash, signed: Signed, before: u64) {
        self.keep(hash, signed, None, before);
    }

    fn keep(&self, hash: TokenHash, signed: Signed, rooms: Option<(u64, Weak<Vec<Loaded>>)>, before: u64) {
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
            inner.by_hash.insert(hash, Known { signed, rooms, until: Instant::now() + KEEP });
        }
    }

    /// Joins who look this token up already, unless something was revoked since they began; else the caller is to begin. What they found since the
    /// caller asked for the [arrival](Self::arrival) is given at once: were these two apart, it would be read once more.
    pub fn look_up(&self, hash: TokenHash, news: u64) -> (LookUp, Option<Begin>) {
        let mut inner = self.lock();
        if let Some(arrival) = inner.arrival(&hash, news) {
            let (tell, told) = oneshot::channel();
            let _ = tell.send(Ok(arrival));
            return (told.shared(), None);
        }
        let revocations = inner.revocations;
        let under_way = inner.looking.get(&hash).filter(|(before, _)| *before == revocations);
        if let Some(look_up) = under_way.and_then(|(_, look_up)| look_up.upgrade()) {
            return (look_up, None);
        }
        let (tell, told) = oneshot::channel();
        let look_up = told.shared();
        let begin = look_up.downgrade().map(|wanted| {
            inner.looking.insert(hash, (revocations, wanted.clone()));
            Begin { tell, wanted, revocations }
        });
        (look_up, begin)
    }

    /// A look-up is over: from here on what it found is known, or nothing.
    pub fn found(&self, hash: TokenHash, result: &Result<Arrival, Refusal>, before: u64) {
        if let Ok(arrival) = result {
            let rooms = arrival.rooms.as_ref().map(|rooms| (arrival.news, Arc::downgrade(rooms)));
            self.keep(hash, arrival.signed.clone(), rooms, before);
        }
        let mut inner = self.lock();
        if inner.looking.get(&hash).is_some_and(|(began, _)| *began == before) {
            inner.looking.remove(&hash);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;

    fn arrival(n: u8) -> Arrival {
        let signed = Signed { session: SessionId::from([n; 16]), user: samples::user(n), expires_at: Millis::now().plus(60_000) };
        Arrival { signed, news: 0, rooms: None }
    }

    #[actix_rt::test]
    async fn who_brings_a_token_that_is_looked_up_shares_it_until_something_is_revoked() {
        let (tokens, hash) = (Tokens::default(), hash_token("secret"));
        let (first, begin) = tokens.look_up(hash, 0);
        let begin = begin.unwrap();
        let (second, none) = tokens.look_up(hash, 0);
        assert!(none.is_none());
        assert!(tokens.look_up(hash_token("another"), 0).1.is_some());

        tokens.apply(&[Change::SessionsEnded { user: samples::user(9).id, sessions: vec![SessionId::from([9; 16])] }]);
        let (third, later) = tokens.look_up(hash, 0);
        let later = later.unwrap();

        tokens.found(hash, &Ok(arrival(1)), begin.revocations);
        assert!(tokens.get(&hash).is_none(), "it began before the revocation");
        assert!(tokens.look_up(hash, 0).1.is_none(), "the later one is still under way");
        begin.tell.send(Ok(arrival(1))).unwrap();
        tokens.found(hash, &Ok(arrival(2)), later.revocations);
        later.tell.send(Ok(arrival(2))).unwrap();
        for (look_up, wanted) in [(first, 1), (second, 1), (third, 2)] {
            assert_eq!(look_up.await.unwrap().unwrap().signed.session, SessionId::from([wanted; 16]));
        }
        assert_eq!(tokens.get(&hash).unwrap().session, SessionId::from([2; 16]));
    }

    #[test]
    fn what_was_read_with_a_token_is_there_for_all_until_it_was_taken() {
        let (tokens, hash) = (Tokens::default(), hash_token("secret"));
        let read = Arrival { news: 7, rooms: Some(Arc::default()), ..arrival(1) };
        tokens.found(hash, &Ok(read.clone()), 0);
        let behind = tokens.arrival(&hash, 9).unwrap();
        assert_eq!((behind.news, behind.rooms.is_some()), (7, true));
        drop((read, behind));
        let late = tokens.arrival(&hash, 9).unwrap();
        assert_eq!((late.news, late.rooms.is_some()), (9, false));
    }

    #[actix_rt::test]
    async fn what_was_found_after_the_first_look_is_not_read_again() {
        let (tokens, hash) = (Tokens::default(), hash_token("secret"));
        assert!(tokens.arrival(&hash, 0).is_none());
        let (_first, begin) = tokens.look_up(hash, 0);
        tokens.found(hash, &Ok(arrival(1)), begin.unwrap().revocations);
        let (behind, begin) = tokens.look_up(hash, 9);
        assert!(begin.is_none());
        assert_eq!(behind.await.unwrap().unwrap().news, 9);
    }

    #[test]
    fn whom_nobody_waits_for_any_more_is_looked_up_anew() {
        let (tokens, hash) = (Tokens::default(), hash_token("secret"));
        let (look_up, begin) = tokens.look_up(hash, 0);
        drop(look_up);
        assert!(begin.unwrap().wanted.upgrade().is_none());
        assert!(tokens.look_up(hash, 0).1.is_some());
    }
}
