//! Opaque tokens: 256 random bits, of which the database keeps only the SHA-256.

use crate::domain::Refusal;
use sha2::{Digest, Sha256};
use std::fmt;

const PREFIX: &str = "chm_";
const BYTES: usize = 32;

/// A bearer token, as the client holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one; fails only where the system has no randomness to give.
    pub fn new() -> Result<Self, Refusal> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| {
            log::error!("no randomness from the system: {error}");
            Refusal::internal()
        })?;
        Ok(Self(format!("{PREFIX}{}", hex(&bytes))))
    }

    /// What the client sends.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn hash(&self) -> [u8; 32] {
        Self::hash_of(&self.0)
    }

    /// What the database would keep of this text. A plain hash is enough: there are 256 bits to guess.
    pub fn hash_of(text: &str) -> [u8; 32] {
        Sha256::digest(text.as_bytes()).into()
    }

    /// Whether a text has a token's form: spares a look-up.
    pub fn is_form(text: &str) -> bool {
        let digits = text.strip_prefix(PREFIX).unwrap_or_default();
        digits.len() == 2 * BYTES && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form() {
        let (one, other) = (Token::new().unwrap(), Token::new().unwrap());
        assert!(Token::is_form(one.as_str()) && one != other);
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.hash(), Token::hash_of(one.as_str()));
        assert!(!format!("{one:?}").contains(&one.as_str()[4..]));
        for bad in ["", "chm_", "chm_00", &"0".repeat(64), &format!("chm_{}", "G".repeat(64))] {
            assert!(!Token::is_form(bad), "{bad}");
        }
    }

    #[test]
    fn hash_is_sha_256() {
        let known = [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea];
        assert_eq!(Token::hash_of("abc")[..8], known);
    }
}
