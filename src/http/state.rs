//! What every handler can reach.

use super::{counts::Counts, gates::Gates};
use crate::{
    actors::hub::Hub,
    auth::{Hasher, Setup},
    config::Config,
};
use prometheus_client::registry::Registry;
use std::{net::SocketAddr, sync::Arc, time::Instant};

/// Shared by all worker threads.
pub struct State {
    /// The way to the actors and through them to the database.
    pub hub: Hub,
    /// What the operator set.
    pub config: Arc<Config>,
    /// The right to make the first account.
    pub setup: Setup,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// Rates of what comes by HTTP.
    pub gates: Gates,
    /// Answers, for `/metrics`.
    pub counts: Counts,
    /// What `/metrics` tells.
    pub registry: Registry,
    /// When the process was ready.
    pub started: Instant,
}

impl State {
    /// Makes the parts that only HTTP needs. Fails where the system gives no randomness or Argon2 refuses its parameters.
    pub fn new(hub: Hub, config: Arc<Config>, mut registry: Registry) -> Result<Self, String> {
        Ok(Self {
            hub,
            setup: Setup::new().map_err(|refusal| refusal.to_string())?,
            hasher: Hasher::new(&config.auth.hash)?,
            gates: Gates::new(&config.limits),
            counts: Counts::new(&mut registry),
            registry,
            started: Instant::now(),
            config,
        })
    }

    /// The one-time link for the first account, where the server listens at `bound`; it ends with this process or after 30 minutes.
    pub fn setup_link(&self, bound: SocketAddr) -> String {
        // Behind the `#`, so that it is neither sent in a `Referer` nor logged by a proxy.
        format!("{}/#setup={}", self.config.link(bound), self.setup.token())
    }
}
