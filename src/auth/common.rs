//! Passwords that everybody tries first.
//!
//! A short list of well-known ones of eight and more characters (shorter ones are refused anyway). It is compared without
//! regard to case and with trailing digits and `!` taken off, which stands for many more.

/// One a line, in lower case, mostly without trailing digits and exclamation marks.
const STEMS: &str = include_str!("common.txt");

/// Whether it is one that everybody tries first.
pub(super) fn is_common(password: &str) -> bool {
    let folded = password.to_lowercase();
    let stem = folded.trim_end_matches(|c: char| c.is_ascii_digit() || c == '!');
    STEMS.lines().any(|word| word == folded || word == stem) || is_monotone(&folded) || is_run(folded.as_bytes())
}

/// One or two characters over and over: `11111111`, `12121212`.
fn is_monotone(password: &str) -> bool {
    let mut seen: Vec<char> = password.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() <= 2
}

/// Digits up, down or from the start again: `12345678`, `87654321`, `1234512345`, `1234567890`.
fn is_run(password: &[u8]) -> bool {
    let step = |from: u8, to: u8| matches!((i16::from(to) - i16::from(from)).rem_euclid(10), 1 | 9);
    let (digits, restart) = (password.iter().all(u8::is_ascii_digit), password.first().copied());
    digits && password.windows(2).all(|pair| step(pair[0], pair[1]) || Some(pair[1]) == restart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_and_not() {
        for bad in [
            "password",
            "Password123!",
            "12345678",
            "1234567890",
            "87654321",
            "123123123",
            "11111111",
            "qwerty123456",
            "iloveyou",
            "welcome2026",
            "Admin1234",
            "abcd1234",
            "00000000",
            "abababab",
        ] {
            assert!(is_common(bad), "{bad}");
        }
        for good in ["correct horse", "tr0ub4dor&3x", "blue-lamp-47-river", "19283746", "пароль-для-чата"] {
            assert!(!is_common(good), "{good}");
        }
    }

    #[test]
    fn stems_are_folded() {
        assert!(STEMS.lines().all(|stem| stem.to_lowercase() == stem));
        assert!(STEMS.lines().count() >= 200);
    }
}
