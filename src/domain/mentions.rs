//! `@username` in a message.

/// Most names looked up for one message; further ones are plain text.
const MOST: usize = 50;

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')
}

/// The usernames that `body` may mention, folded, each once. An `@` counts at the start of a word only; dots and hyphens
/// at a name's end belong to the sentence.
pub fn mention_candidates(body: &str) -> Vec<String> {
    let bytes = body.as_bytes();
    let mut names: Vec<String> = Vec::new();
    for at in memchr::memchr_iter(b'@', bytes) {
        let before = at.checked_sub(1).map(|i| bytes[i]);
        if before.is_some_and(|b| is_name(b) || b == b'@' || b >= 0x80) {
            continue;
        }
        let rest = &body[at + 1..];
        let end = rest.bytes().position(|b| !is_name(b)).unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches(['.', '-']).to_ascii_lowercase();
        if (3..=32).contains(&name.len()) && !names.contains(&name) {
            names.push(name);
            if names.len() == MOST {
                break;
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (body, names) in [
            ("hi @bob, see @Alice.", &["bob", "alice"][..]),
            ("@bob", &["bob"]),
            ("(@bob) @bob", &["bob"]),
            ("mail me: me@bob.example", &[]),
            ("@@bob", &[]),
            ("@ab is too short", &[]),
            ("ü@bob", &[]),
            ("@", &[]),
            ("no names", &[]),
        ] {
            assert_eq!(mention_candidates(body), names, "{body}");
        }
    }
}
