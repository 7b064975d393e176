//! Pressure: what waits between the doors and the sockets. Past its bounds new requests are answered `unavailable`, so that no mailbox
//! on the way grows without end.

use crate::domain::Refusal;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Counts shared by the doors, ChatServer and the Couriers.
#[derive(Debug)]
pub struct Pressure {
    requests: AtomicUsize,
    undelivered: AtomicUsize,
    most_requests: usize,
    most_undelivered: usize,
}

impl Pressure {
    /// With these bounds: requests that wait for ChatServer, and bytes that Couriers have not taken yet. What was admitted before the second
    /// was reached is still delivered: the Journal's bound limits how much that is.
    pub fn bounded(most_requests: usize, most_undelivered: usize) -> Self {
        Self { requests: AtomicUsize::new(0), undelivered: AtomicUsize::new(0), most_requests, most_undelivered }
    }

    /// A request goes in, unless too much waits.
    pub fn admit(&self) -> Result<(), Refusal> {
        if self.undelivered.load(Relaxed) >= self.most_undelivered {
            return Err(Refusal::unavailable());
        }
        if self.requests.fetch_add(1, Relaxed) >= self.most_requests {
            self.requests.fetch_sub(1, Relaxed);
            return Err(Refusal::unavailable());
        }
        Ok(())
    }

    /// ChatServer took so many requests.
    pub fn taken(&self, requests: usize) {
        self.requests.fetch_sub(requests, Relaxed);
    }

    /// ChatServer handed bytes to a Courier.
    pub fn handed(&self, bytes: usize) {
        self.undelivered.fetch_add(bytes, Relaxed);
    }

    /// A Courier took them.
    pub fn delivered(&self, bytes: usize) {
        self.undelivered.fetch_sub(bytes, Relaxed);
    }

    /// How many requests wait.
    pub fn requests(&self) -> usize {
        self.requests.load(Relaxed)
    }

    /// How many bytes Couriers have not taken yet.
    pub fn undelivered(&self) -> usize {
        self.undelivered.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_bound_refuses_until_something_is_done() {
        let pressure = Pressure::bounded(2, 100);
        assert!(pressure.admit().is_ok() && pressure.admit().is_ok());
        assert!(pressure.admit().is_err() && pressure.requests() == 2);
        pressure.taken(1);
        pressure.handed(100);
        assert!(pressure.admit().is_err());
        pressure.delivered(1);
        assert!(pressure.admit().is_ok());
    }
}
