//! The link with which the first account is made from another machine.

use super::Token;
use crate::domain::Refusal;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;

/// How long the link is good for.
const VALID: Duration = Duration::from_secs(30 * 60);

/// The right to make the first account. Kept in memory only: each start makes a new one.
#[derive(Clone, Debug)]
pub struct Setup {
    token: Token,
    made: Instant,
}

impl Setup {
    /// A new one.
    pub fn new() -> Result<Self, Refusal> {
        Ok(Self { token: Token::new()?, made: Instant::now() })
    }

    /// For the link: `…/?setup=TOKEN`.
    pub fn token(&self) -> &str {
        self.token.as_str()
    }

    /// Whether this is it, and still in time. That there is no account yet is for the database to say.
    pub fn admits(&self, text: &str) -> bool {
        self.admits_at(text, Instant::now())
    }

    fn admits_at(&self, text: &str, now: Instant) -> bool {
        let same: bool = self.token.hash().ct_eq(&Token::hash_of(text)).into();
        same && now.saturating_duration_since(self.made) < VALID
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_for_half_an_hour() {
        let setup = Setup::new().unwrap();
        assert!(setup.admits(setup.token()));
        assert!(!setup.admits("") && !setup.admits(Setup::new().unwrap().token()));
        assert!(!setup.admits_at(setup.token(), setup.made + VALID));
    }
}
