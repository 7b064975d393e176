//! Numbers for operators, read when they are asked for.

use crate::actors::hub::Hub;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
    registry::Registry,
};
use std::fmt;

struct Queues(Hub);

impl fmt::Debug for Queues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queues")
    }
}

impl Collector for Queues {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (chat, reads, writes, undelivered) = self.0.queues();
        let online = self.0.online();
        for (name, help, value) in [
            ("chirm_connections", "Signed-in WebSocket connections", online.connections),
            ("chirm_users_online", "Users with at least one connection", online.users),
            ("chirm_queue_requests", "Requests that wait for ChatServer", chat),
            ("chirm_queue_reads", "Database jobs of readers that wait or run", reads),
            ("chirm_queue_writes", "Database jobs of writers that wait or run", writes),
            ("chirm_undelivered_bytes", "Bytes that worker threads have not taken yet", undelivered),
        ] {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        let (reads, writes) = self.0.jobs_done();
        let jobs = [("chirm_reads", "Database jobs that readers did", reads), ("chirm_writes", "Database jobs that writers did", writes)];
        for (name, help, value) in self.0.counters().totals().into_iter().chain(jobs) {
            let counter = prometheus_client::metrics::counter::ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        Ok(())
    }
}

/// Adds the actors' numbers.
pub fn register(registry: &mut Registry, hub: &Hub) {
    registry.register_collector(Box::new(Queues(hub.clone())));
}
