//! Passwords that everybody tries first.
//!
//! A short list of well-known ones of eight and more characters (shorter ones are refused anyway). It is compared without
//! regard to case and with trailing digits and `!` taken off, which stands for many more.

/// Lower case, without trailing digits and exclamation marks where the rest is still a word.
const STEMS: &[&str] = &[
    "password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "pa55word", "pa$$word", "pa$$w0rd", "passpass", "passphrase", "passcode",
    "qwertyui", "qwertyuiop", "qwertyqwerty", "qwerty12345", "qwertz", "qwertzui", "qwertzuiop", "qwerty", "qwert", "azerty", "azertyuiop",
    "asdfghjk", "asdfghjkl", "asdfasdf", "asdf1234asdf", "asdfgh", "asdf", "zxcvbnm", "zxcvbnmz", "zxcvbn", "zaq12wsx", "1qaz2wsx", "1qaz2wsx3edc", "qazwsxedc",
    "qazwsx", "q1w2e3r4", "q1w2e3r4t5", "q1w2e3r4t5y6", "1q2w3e4r", "1q2w3e4r5t", "1q2w3e4r5t6y", "qweasdzxc", "qweasd", "qwe", "!qaz2wsx", "1234qwer", "123qweasd",
    "iloveyou", "iloveu", "loveyou", "lovelove", "loveme", "lovely", "mylove", "sweetheart", "princess", "princesa", "sunshine", "rainbow", "butterfly", "chocolate", "cupcake",
    "football", "baseball", "basketball", "softball", "hockey", "soccer", "liverpool", "arsenal", "chelsea", "manchester", "barcelona", "realmadrid", "juventus",
    "superman", "batman", "spiderman", "ironman", "starwars", "startrek", "pokemon", "pikachu", "minecraft", "fortnite", "naruto", "dragonball", "harrypotter", "gandalf",
    "computer", "internet", "samsung", "windows", "microsoft", "google", "facebook", "whatsapp", "instagram", "youtube", "linkedin", "android", "iphone", "nintendo", "playstation",
    "welcome", "welcome1", "letmein", "letmeinnow", "changeme", "changeit", "changethis", "default", "defaultpassword", "secret", "secretsecret", "topsecret", "trustno", "access", "opensesame", "sesame",
    "admin", "adminadmin", "administrator", "administrador", "root", "rootroot", "toor", "superuser", "sysadmin", "operator", "manager", "supervisor", "testtest", "testing", "test", "tester", "guest", "guestguest", "demo", "demodemo", "user", "username", "login", "server", "temporary", "temppass", "temp",
    "michelle", "jennifer", "jonathan", "jordan", "michael", "charlie", "daniel", "jessica", "nicole", "ashley", "alexander", "alexandra", "elizabeth", "christian", "christopher", "samantha", "stephanie", "victoria", "benjamin", "anthony", "patrick", "william", "matthew", "thomas", "robert", "andrew", "joshua", "brandon", "danielle", "hannah", "thunder",
    "mercedes", "porsche", "ferrari", "corvette", "mustang", "harley", "yamaha", "scorpion", "elephant", "dolphin", "dolphins", "panther", "tigger", "snoopy", "garfield", "dragon", "phoenix", "shadow", "monkey", "master", "mastermaster", "maverick", "hunter", "killer", "ninja", "pirate", "warrior", "freedom", "whatever", "nothing", "blahblah", "something", "trustme", "fuckyou", "fuckoff", "asshole", "blink", "metallica", "slipknot", "nirvana", "eminem", "rockstar", "diamond", "flower", "summer", "winter", "spring", "autumn", "sommer", "january", "february", "december", "september", "november", "october", "monday", "friday",
    "abcdefgh", "abcdefghi", "abcdefghij", "abcd", "abcdef", "abc", "abcabc", "aaaaaaaa", "a1b2c3d4", "a1b2c3d4e5", "aa123456", "abcd1234abcd", "hallo", "hallohallo", "hello", "hellohello", "helloworld", "schatz", "geheim", "ficken", "bonjour", "motdepasse", "contraseña", "contrasena", "soleil", "doudou", "chirm", "chirmchirm", "chirmchat",
    "correcthorsebatterystaple", "correct horse battery staple", "thisisapassword", "mypassword", "newpassword", "yourpassword", "nopassword", "pass", "passwd",
];

/// Whether it is one that everybody tries first.
pub(super) fn is_common(password: &str) -> bool {
    let folded = password.to_lowercase();
    let stem = folded.trim_end_matches(|c: char| c.is_ascii_digit() || c == '!');
    STEMS.contains(&folded.as_str()) || STEMS.contains(&stem) || is_monotone(&folded) || is_run(folded.as_bytes())
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
        for bad in ["password", "Password123!", "12345678", "1234567890", "87654321", "123123123", "11111111", "qwerty123456", "iloveyou", "welcome2026", "Admin1234", "abcd1234", "00000000", "abababab"] {
            assert!(is_common(bad), "{bad}");
        }
        for good in ["correct horse", "tr0ub4dor&3x", "blue-lamp-47-river", "19283746", "пароль-для-чата"] {
            assert!(!is_common(good), "{good}");
        }
    }

    #[test]
    fn stems_are_folded() {
        assert!(STEMS.iter().all(|stem| stem.to_lowercase() == **stem));
        assert!(STEMS.len() >= 200);
    }
}
