//! What an operator can set: flags over `CHIRM_*` environment over `chirm.toml` over the defaults below.
//!
//! [`KEYS`] is the one table of settings: names of environment variables, the commented template, `config show` and the
//! hints for misspelt keys are all read from it, and a test holds it against [`Config`].

mod address;
mod keys;
mod load;
mod template;

pub use address::{Network, PublicUrl};
pub use keys::{KEYS, Key, Kind};
pub use load::{Flags, Loaded, Problems, Source, load};
pub use template::{Shown, show, template};

use crate::domain;
use serde::{Deserialize, Serialize};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
};

/// Everything that can be set.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Config {
    /// Where to listen.
    pub bind: SocketAddr,
    /// Where the embedded database lives.
    pub data_dir: PathBuf,
    /// The address that browsers use, where it is another than `bind`; may have a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<PublicUrl>,
    /// Worker threads; 0: one per core but one, at least one.
    pub workers: usize,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// A filter of env_logger.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Where messages are stored.
    pub database: Database,
    /// Accounts and sessions.
    pub auth: Auth,
    /// Sizes, bounds and rates.
    pub limits: Limits,
    /// When a silent connection is given up.
    pub heartbeat: Heartbeat,
    /// Numbers for Prometheus.
    pub metrics: Metrics,
}

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Where messages are stored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Database {
    /// `sqlite://path` or `postgres://…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What a commit waits for on SQLite.
    pub synchronous: Synchronous,
    /// Connections that read.
    pub readers: u32,
    /// Connections that write, on PostgreSQL; SQLite has one.
    pub writers: u32,
}

/// What a commit waits for on SQLite.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Synchronous {
    /// An acknowledged message survives a loss of power.
    Full,
    /// It survives a crash of the process; a loss of power may cost the last ones.
    Normal,
}

/// Accounts and sessions.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Auth {
    /// Whether a name alone is enough.
    pub guests: bool,
    /// Who may register; unset: [`Config::registration`] decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// A session ends after so many days without use.
    pub session_idle_days: u32,
    /// A session ends after so many days in any case.
    pub session_days: u32,
    /// Sessions per user; one more ends the one that was unused for longest.
    pub sessions_per_user: u32,
    /// Argon2id.
    pub hash: Hash,
}

/// Who may make an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Anyone.
    Open,
    /// Who has an invite.
    Invite,
    /// Nobody; administrators make accounts on the command line.
    Closed,
}

/// Argon2id's parameters, and how much of the machine it may take.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Hash {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub parallel: u32,
    /// Hashes at the same time.
    pub at_once: u32,
    /// Requests that wait for one; further ones are refused.
    pub queue: u32,
}

/// Sizes, bounds and rates.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// `false` switches every rate off; sizes and queue bounds stay.
    pub enabled: bool,
    /// What `hello` tells clients.
    #[serde(flatten)]
    pub sizes: domain::Limits,
    /// Largest body of a REST request, in bytes.
    pub request_bytes: u32,
    /// Messages a second and user.
    pub send_per_s: u32,
    /// Messages that may come at once.
    pub send_burst: u32,
    /// Messages a minute, user and room.
    pub send_per_room_min: u32,
    /// Typing signals a second and room.
    pub typing_per_s: u32,
    /// Sign-ins a minute, per address and per account.
    pub sign_in_per_min: u32,
    /// Registrations an hour and address; loopback peers aren't counted.
    pub register_per_h: u32,
    /// New WebSockets a second and address.
    pub upgrade_per_s: u32,
    /// New WebSockets that may come at once.
    pub upgrade_burst: u32,
    /// WebSockets per address.
    pub connections_per_address: u32,
    /// Frames of one WebSocket a second.
    pub frames_per_s: u32,
    /// Frames that may come at once.
    pub frames_burst: u32,
    /// Unanswered requests per WebSocket.
    pub requests_in_flight: u32,
    /// Requests that wait for ChatServer.
    pub requests_waiting: u32,
    /// Messages that wait for their commit.
    pub journal_messages: u32,
    /// Jobs that wait for a reader or for a writer of the database.
    pub database_jobs: u32,
    /// Bytes that worker threads have not taken yet.
    pub undelivered_bytes: u32,
}

/// When a silent connection is given up.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Seconds without a byte after which the server pings.
    pub ping_after_s: u32,
    /// Seconds that the answer may take.
    pub answer_within_s: u32,
    /// Seconds from the upgrade to `hello`.
    pub hello_within_s: u32,
    /// Seconds that a connection may stay too slow for what it is sent.
    pub too_slow_after_s: u32,
}

/// Numbers for Prometheus.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Metrics {
    /// A listener of its own; unset: `/metrics` on the main one, for loopback peers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<SocketAddr>,
    /// Whoever asks must send it as a bearer token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            data_dir: PathBuf::from("./data"),
            public_url: None,
            workers: 0,
            trusted_proxies: Vec::new(),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            database: Database { url: None, synchronous: Synchronous::Full, readers: 4, writers: 4 },
            auth: Auth {
                guests: false,
                registration: None,
                session_idle_days: 30,
                session_days: 90,
                sessions_per_user: 20,
                hash: Hash { memory_kib: 19_456, passes: 2, parallel: 1, at_once: 2, queue: 64 },
            },
            limits: Limits::default(),
            heartbeat: Heartbeat { ping_after_s: 25, answer_within_s: 10, hello_within_s: 10, too_slow_after_s: 30 },
            metrics: Metrics { bind: None, token: None },
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            enabled: true,
            sizes: domain::Limits::default(),
            request_bytes: 256 * 1024,
            send_per_s: 5,
            send_burst: 20,
            send_per_room_min: 60,
            typing_per_s: 1,
            sign_in_per_min: 10,
            register_per_h: 3,
            upgrade_per_s: 10,
            upgrade_burst: 50,
            connections_per_address: 200,
            frames_per_s: 50,
            frames_burst: 200,
            requests_in_flight: 64,
            requests_waiting: 65_536,
            journal_messages: 10_000,
            database_jobs: 4096,
            undelivered_bytes: 64 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// A rate or a count per address as it applies: none where it is 0, or where all are switched off.
    pub fn rate(&self, value: u32) -> Option<NonZeroU32> {
        NonZeroU32::new(value).filter(|_| self.enabled)
    }
}

impl Config {
    /// Where messages are stored: as set, else a file in the data directory.
    pub fn database_url(&self) -> String {
        let file = || format!("sqlite://{}", self.data_dir.join("chirm.db").display());
        self.database.url.clone().unwrap_or_else(file)
    }

    /// Who may register: as set, else anyone where only this machine can connect, and by invite elsewhere.
    pub fn registration(&self) -> Registration {
        let local = self.bind.ip().is_loopback() && self.public_url.is_none();
        let unset = if local { Registration::Open } else { Registration::Invite };
        self.auth.registration.unwrap_or(unset)
    }

    /// Whether browsers come by https.
    pub fn secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::secure)
    }

    /// The path under which browsers find us: empty, or `/chat` without a slash at its end.
    pub fn base_path(&self) -> &str {
        self.public_url.as_ref().map_or("", PublicUrl::path)
    }

    /// The address for links that people follow, without a slash at its end; `bound` is where the server listens.
    pub fn link(&self, bound: SocketAddr) -> String {
        let local = || match bound.ip().is_unspecified() {
            true => format!("http://localhost:{}", bound.port()),
            false => format!("http://{bound}"),
        };
        self.public_url.as_ref().map_or_else(local, ToString::to_string)
    }

    /// Whether this peer's `X-Forwarded-For` is believed.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(peer))
    }

    /// What each value on its own cannot show to be wrong: pairs of a key and a sentence.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let mut need = |fine: bool, key, why: &str| {
            if !fine {
                faults.push((key, why.to_owned()));
            }
        };
        let url = self.database_url();
        let known = ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
        let (hash, sizes) = (self.auth.hash, self.limits.sizes);
        need(known, "database.url", "starts with sqlite://, postgres:// or postgresql://");
        need(self.database.readers > 0, "database.readers", "is at least 1");
        need(self.database.writers > 0, "database.writers", "is at least 1");
        need(self.auth.session_idle_days > 0, "auth.session_idle_days", "is at least 1");
        need(self.auth.session_days > 0, "auth.session_days", "is at least 1");
        need(self.auth.sessions_per_user > 0, "auth.sessions_per_user", "is at least 1");
        need(hash.parallel > 0, "auth.hash.parallel", "is at least 1");
        need(hash.passes > 0, "auth.hash.passes", "is at least 1");
        need(hash.memory_kib >= 8 * hash.parallel.max(1), "auth.hash.memory_kib", "is at least 8 for each lane");
        need(hash.at_once > 0, "auth.hash.at_once", "is at least 1");
        need((1..=1000).contains(&sizes.page), "limits.page", "is between 1 and 1000");
        need((1..=10_000).contains(&sizes.body_chars), "limits.body_chars", "is between 1 and 10000");
        need(sizes.frame_bytes >= 4096, "limits.frame_bytes", "is at least 4096");
        need(sizes.outbox_bytes >= 4096, "limits.outbox_bytes", "is at least 4096");
        need(sizes.rooms_joined > 0, "limits.rooms_joined", "is at least 1");
        need(self.limits.request_bytes >= 4096, "limits.request_bytes", "is at least 4096");
        need(self.limits.requests_in_flight > 0, "limits.requests_in_flight", "is at least 1");
        for (value, key) in [
            (self.limits.requests_waiting, "limits.requests_waiting"),
            (self.limits.journal_messages, "limits.journal_messages"),
            (self.limits.database_jobs, "limits.database_jobs"),
            (self.limits.undelivered_bytes, "limits.undelivered_bytes"),
        ] {
            need(value > 0, key, "is at least 1");
        }
        need(self.heartbeat.ping_after_s > 0, "heartbeat.ping_after_s", "is at least 1");
        need(self.heartbeat.answer_within_s > 0, "heartbeat.answer_within_s", "is at least 1");
        need(self.heartbeat.hello_within_s > 0, "heartbeat.hello_within_s", "is at least 1");
        need(self.heartbeat.too_slow_after_s > 0, "heartbeat.too_slow_after_s", "is at least 1");
        faults
    }
}
