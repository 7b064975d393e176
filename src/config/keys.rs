//! The table of settings.

/// What a setting's text in the environment is read as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Switch,
    /// Texts, parted by commas.
    List,
}

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its path in the file: `database.url`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Never shown, and can be read from a file that `…_FILE` names.
    pub secret: bool,
    /// What it does, for the template.
    pub help: &'static str,
    /// A value for the template where nothing is set by default, in TOML.
    pub example: &'static str,
}

impl Key {
    /// Its name in the environment: `CHIRM_DATABASE__URL`.
    pub fn variable(&self) -> String {
        format!("CHIRM_{}", self.name.replace('.', "__").to_ascii_uppercase())
    }

    /// Its section, empty at the top, and its name there.
    pub fn split(&self) -> (&'static str, &'static str) {
        self.name.rsplit_once('.').unwrap_or(("", self.name))
    }
}

const fn key(name: &'static str, kind: Kind, help: &'static str) -> Key {
    Key { name, kind, secret: false, help, example: "" }
}

const fn unset(name: &'static str, example: &'static str, help: &'static str) -> Key {
    Key { name, kind: Kind::Text, secret: false, help, example }
}

const fn secret(name: &'static str, example: &'static str, help: &'static str) -> Key {
    Key { secret: true, ..unset(name, example, help) }
}

use Kind::{List, Number, Switch, Text};

/// Every setting, in the template's order.
pub const KEYS: &[Key] = &[
    key("bind", Text, "Where to listen. 0.0.0.0:8080 or [::]:8080 is reachable from other machines."),
    key("data_dir", Text, "Where the embedded database lives."),
    unset(
        "public_url",
        "\"https://chat.example.org\"",
        "The address that browsers use, where it is another than bind. May have a path: https://example.org/chat\nBehind a proxy that speaks https, set it: cookies and the origin check depend on it.",
    ),
    key("workers", Number, "Worker threads; 0: one per core but one, at least one."),
    key("trusted_proxies", List, "Proxies whose X-Forwarded-For is believed: addresses or blocks, [\"10.0.0.7\", \"fd00::/8\"]"),
    key("log", Text, "What is logged: error, warn, info, debug, or a filter such as \"info,chirm::http=debug\""),
    key("log_format", Text, "text, or json: one object a line"),
    secret(
        "database.url",
        "\"postgres://chirm:password@localhost/chirm\"",
        "sqlite://path or postgres://user:password@host/name. Unset: chirm.db in data_dir",
    ),
    key(
        "database.synchronous",
        Text,
        "SQLite: full (an acknowledged message survives a loss of power) or normal (faster; a loss of power may cost the last ones)",
    ),
    key("database.readers", Number, "Connections that read."),
    key("database.writers", Number, "Connections that write, on PostgreSQL. SQLite has one."),
    key("auth.guests", Switch, "Whether a name alone is enough to sign in."),
    unset(
        "auth.registration",
        "\"invite\"",
        "Who may register: open, invite or closed. Unset: open where only this machine can connect, else invite",
    ),
    key("auth.session_idle_days", Number, "A session ends after so many days without use."),
    key("auth.session_days", Number, "A session ends after so many days in any case."),
    key("auth.sessions_per_user", Number, "Sessions per user; one more ends the one that was unused for longest."),
    key(
        "auth.hash.memory_kib",
        Number,
        "Argon2id: memory of one hash in KiB. Passwords are hashed anew at the next sign-in after a change.",
    ),
    key("auth.hash.passes", Number, "Argon2id: passes"),
    key("auth.hash.parallel", Number, "Argon2id: lanes"),
    key("auth.hash.at_once", Number, "Hashes at the same time."),
    key("auth.hash.queue", Number, "Requests that wait for a hash; further ones are refused."),
    key(
        "limits.enabled",
        Switch,
        "false switches every rate and every count per address below off, for load tests. Sizes and queue bounds stay.\nA single rate is off at 0.",
    ),
    key("limits.frame_bytes", Number, "Largest WebSocket message from a client, in bytes."),
    key("limits.request_bytes", Number, "Largest body of a REST request, in bytes."),
    key("limits.body_chars", Number, "Largest chat message, in characters; at most 10000."),
    key("limits.page", Number, "Most items in one page."),
    key("limits.presence_members", Number, "Presence and receipts are told to rooms of at most so many members."),
    key("limits.rooms_joined", Number, "Most rooms that one user may be in."),
    key("limits.outbox_bytes", Number, "Most bytes that wait for one slow connection."),
    key("limits.requests_in_flight", Number, "Unanswered requests per WebSocket."),
    key("limits.requests_waiting", Number, "Requests that wait for their room's turn; further ones are refused."),
    key("limits.journal_messages", Number, "Messages that wait for their commit; further ones are refused."),
    key("limits.database_jobs", Number, "Jobs that wait for a reader or a writer of the database; further ones are refused."),
    key("limits.undelivered_bytes", Number, "Bytes that worker threads have not taken yet; past it requests are refused."),
    key("limits.frames_per_s", Number, "Frames of one WebSocket a second."),
    key("limits.frames_burst", Number, "Frames that may come at once."),
    key("limits.send_per_s", Number, "Messages a second and user."),
    key("limits.send_burst", Number, "Messages that may come at once."),
    key("limits.send_per_room_min", Number, "Messages a minute, user and room."),
    key("limits.typing_per_s", Number, "Typing signals a second and room."),
    key("limits.sign_in_per_min", Number, "Sign-ins a minute, per address and per account."),
    key("limits.register_per_h", Number, "Registrations an hour and address. Connections from this machine itself are not counted."),
    key("limits.upgrade_per_s", Number, "New WebSockets a second and address."),
    key("limits.upgrade_burst", Number, "New WebSockets that may come at once."),
    key("limits.connections_per_address", Number, "WebSockets per address."),
    key("heartbeat.ping_after_s", Number, "Seconds without a byte after which the server pings."),
    key("heartbeat.answer_within_s", Number, "Seconds that the answer may take."),
    key("heartbeat.hello_within_s", Number, "Seconds from the upgrade to hello."),
    key(
        "heartbeat.too_slow_after_s",
        Number,
        "Seconds that a connection may be too slow for what it is sent; then it is closed with 4413.",
    ),
    unset(
        "metrics.bind",
        "\"127.0.0.1:9090\"",
        "A listener for /metrics alone. Unset: on the main one, for connections from this machine only",
    ),
    secret("metrics.token", "\"a long random text\"", "Whoever asks for /metrics must send it as a bearer token."),
];
