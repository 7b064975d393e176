//! Pages of lists, by the last row's key: what is inserted or deleted meanwhile moves nothing.

use super::Result;
use crate::domain::{AuditId, Refusal, RoomId, UserId};

/// Some rows of a list, and how to go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; none at the end. Means nothing outside of this module.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of `limit` rows out of what a query for [`one_more`] gave.
    pub(super) fn cut<K: Key>(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> K) -> Self {
        let limit = limit.max(1) as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| hex(&key(last).to_bytes()));
        Self { items, next_cursor }
    }

    /// The same page with its rows made into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}

/// How many rows to ask for, to learn whether there is another page.
pub(super) fn one_more(limit: u32) -> i64 {
    i64::from(limit.max(1)) + 1
}

/// What orders a list.
pub(super) trait Key: Sized {
    fn to_bytes(&self) -> Vec<u8>;
    fn from_bytes(bytes: Vec<u8>) -> Option<Self>;
}

impl Key for String {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
    fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        // PostgreSQL knows no U+0000.
        Self::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
    }
}

impl Key for [u8; 16] {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_vec()
    }
    fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        bytes.as_slice().try_into().ok()
    }
}

macro_rules! by_id {
    ($($id:ty),*) => { $(
        impl Key for $id {
            fn to_bytes(&self) -> Vec<u8> {
                self.as_bytes().to_vec()
            }
            fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
                <[u8; 16]>::from_bytes(bytes).map(Self::from)
            }
        }
    )* };
}
by_id!(UserId, RoomId, AuditId);

/// The key after which to go on.
pub(super) fn after<K: Key>(cursor: Option<&str>) -> Result<Option<K>> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    match unhex(cursor).and_then(K::from_bytes) {
        Some(key) => Ok(Some(key)),
        None => Err(Refusal::invalid("cursor", "Not a cursor of this list.").into()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

/// What each list's reader refuses this text with as a cursor: for the fuzz targets.
#[cfg(any(test, fuzzing))]
pub fn every_cursor(text: &str) -> Vec<Refusal> {
    fn read<K: Key>(text: &str) -> Option<Refusal> {
        match after::<K>(Some(text)) {
            Err(super::Fault::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }
    [read::<String>(text), read::<UserId>(text), read::<RoomId>(text), read::<AuditId>(text)].into_iter().flatten().collect()
}

/// Where words starting with `prefix` end: U+10FFFF sorts after everything that may stand in a name.
pub(super) fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// A pattern for `LIKE … ESCAPE '\'`: `part` anywhere.
pub(super) fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors() {
        let page = Page::cut(vec!["a".to_owned(), "ü".to_owned(), "c".to_owned()], 2, String::clone);
        assert_eq!(page.items, ["a", "ü"]);
        assert_eq!(after::<String>(page.next_cursor.as_deref()).unwrap().as_deref(), Some("ü"));
        assert_eq!(Page::cut(vec![1, 2], 2, |_| String::new()).next_cursor, None);
        for bad in ["x", "abc", "zz", "ff", "00", "é"] {
            assert!(after::<String>(Some(bad)).is_err(), "{bad}");
            assert!(after::<UserId>(Some(bad)).is_err(), "{bad}");
        }
        assert_eq!(containing("50%_\\"), "%50\\%\\_\\\\%");
    }
}
