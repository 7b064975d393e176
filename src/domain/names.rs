//! Names and texts that people type: what is allowed, and how they compare.

use super::{Refusal, RoomId, UserId};
use std::borrow::Cow;
use unicode_security::confusable_detection::skeleton;

fn is_slug(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-')
}

/// Characters that hide, reorder or break text: controls, direction marks, zero-width and private-use ones.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

/// A line of text as people see it: trimmed, at most `most` characters, without unfit ones.
fn line(field: &'static str, text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(Refusal::invalid(field, format!("At most {most} characters.")));
    }
    if text.chars().any(is_unfit) {
        return Err(Refusal::invalid(field, "Control and invisible characters are not allowed."));
    }
    Ok(text.to_owned())
}

/// A user's unique name: 3–32 of `a-z 0-9 . _ -`, starting with a letter or digit; upper case is folded.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Username(String);

impl Username {
    /// Checks and folds what somebody typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let name = text.to_ascii_lowercase();
        let fits = (3..=32).contains(&name.len()) && name.chars().all(is_slug) && name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if fits {
            Ok(Self(name))
        } else {
            Err(Refusal::invalid("username", "3 to 32 of a-z, 0-9, dot, underscore and hyphen; starts with a letter or digit."))
        }
    }

    /// The folded name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same for names that look alike (`paypal`, `paypa1`); unique in the database. The table is Unicode's
    /// (UTS 39, confusables).
    pub fn skeleton(&self) -> String {
        skeleton(&self.0).collect::<String>().to_lowercase()
    }
}

/// A channel's unique name: 1–64 of `a-z 0-9 . _ -`; upper case is folded, a leading `#` is dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChannelName(pub String);

impl ChannelName {
    /// Checks and folds what somebody typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let name = text.strip_prefix('#').unwrap_or(text).to_ascii_lowercase();
        if (1..=64).contains(&name.len()) && name.chars().all(is_slug) {
            Ok(Self(name))
        } else {
            Err(Refusal::invalid("name", "1 to 64 of a-z, 0-9, dot, underscore and hyphen."))
        }
    }
}

/// A group's title: 1–80 characters of any script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupTitle(pub String);

impl GroupTitle {
    /// Checks what somebody typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match line("name", text, 80)? {
            title if title.is_empty() => Err(Refusal::invalid("name", "A group needs a name.")),
            title => Ok(Self(title)),
        }
    }
}

/// A room's topic: 0–250 characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Topic(pub String);

impl Topic {
    /// Checks what somebody typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        line("topic", text, 250).map(Self)
    }
}

/// The name that others see: 1–64 characters of any script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DisplayName(pub String);

impl DisplayName {
    /// Checks what somebody typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match line("display_name", text, 64)? {
            name if name.is_empty() => Err(Refusal::invalid("display_name", "Must not be empty.")),
            name => Ok(Self(name)),
        }
    }
}

/// How a request names a room: by id, or `#name` for a channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoomRef<'a> {
    /// By id.
    Id(RoomId),
    /// A channel by its folded name, without the `#`.
    Name(Cow<'a, str>),
}

impl<'a> RoomRef<'a> {
    /// What cannot be a room's id or name names no room.
    pub fn parse(text: &'a str) -> Result<Self, Refusal> {
        match text.strip_prefix('#') {
            Some(name) if name.bytes().all(|b| !b.is_ascii_uppercase()) => Ok(Self::Name(Cow::Borrowed(name))),
            Some(name) => Ok(Self::Name(Cow::Owned(name.to_ascii_lowercase()))),
            None => text.parse().map(Self::Id).map_err(|_| Refusal::not_found("room")),
        }
    }

    /// The same without a borrow.
    pub fn into_owned(self) -> RoomRef<'static> {
        match self {
            Self::Id(id) => RoomRef::Id(id),
            Self::Name(name) => RoomRef::Name(Cow::Owned(name.into_owned())),
        }
    }
}

/// How a request names a user: by id or by username.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UserRef {
    /// By id.
    Id(UserId),
    /// By username.
    Name(Username),
}

impl UserRef {
    /// What cannot be a user's id or name names nobody.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => Username::parse(text.strip_prefix('@').unwrap_or(text)).map(Self::Name).map_err(|_| Refusal::not_found("user")),
        }
    }
}

/// A message's body: 1 to `most` characters (`limits.body_chars`), not only white space. It is kept as it came.
pub fn check_body(body: &str, most: u32) -> Result<(), Refusal> {
    let most = most as usize;
    // Bytes bound characters from above, which saves counting for nearly every message.
    if body.len() > most && body.chars().count() > most {
        return Err(Refusal::too_large(format!("A message has at most {most} characters.")));
    }
    if body.contains('\0') {
        return Err(Refusal::invalid("body", "The character U+0000 is not allowed."));
    }
    if body.trim_start().is_empty() {
        return Err(Refusal::invalid("body", "A message must not be empty."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames() {
        for good in ["bob", "a.b", "0-x", "Alice_1", &"x".repeat(32)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", ".ab", "-ab", "a b", "аlice", "bob\u{200b}", "bob\n", &"x".repeat(33)] {
            assert!(Username::parse(bad).is_err(), "{bad:?}");
        }
        let same = |a: &str, b: &str| Username::parse(a).unwrap().skeleton() == Username::parse(b).unwrap().skeleton();
        assert!(same("paypal", "paypa1"));
        assert!(same("bob0", "bobo"));
        assert!(same("Bob", "bob"));
        assert!(!same("alice", "alicia"));
    }

    #[test]
    fn lines() {
        assert_eq!(DisplayName::parse("  Zoë 山田 ").unwrap().0, "Zoë 山田");
        for bad in ["", "  ", "a\u{202e}b", "a\tb", "\u{200b}", &"x".repeat(65)] {
            assert!(DisplayName::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(ChannelName::parse("#General").unwrap().0, "general");
        assert!(ChannelName::parse("").is_err());
        assert!(ChannelName::parse("günther").is_err());
        assert!(Topic::parse("").is_ok());
    }

    #[test]
    fn bodies() {
        assert!(check_body("hi", 10_000).is_ok());
        assert!(check_body(&"ä".repeat(10_000), 10_000).is_ok());
        assert_eq!(check_body(&"ä".repeat(10_001), 10_000).unwrap_err().code, crate::domain::Code::TooLarge);
        for empty in ["", " ", "\n\t "] {
            assert_eq!(check_body(empty, 10_000).unwrap_err().code, crate::domain::Code::Invalid);
        }
    }
}
