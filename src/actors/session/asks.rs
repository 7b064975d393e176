//! Requests on their way to ChatServer. Waking its thread costs more than most of them, so what the connections of one thread ask in one
//! turn goes together.

use crate::{
    actors::{
        chat_server::{Ask, Asked},
        courier::ConnId,
        hub::Hub,
    },
    domain::Refusal,
};
use std::{cell::RefCell, rc::Rc, time::Instant};

/// A worker thread's, shared by its sessions. Its bound is that of [`Hub::admit`].
pub struct Asks {
    hub: Hub,
    waiting: RefCell<Vec<Asked>>,
}

impl Asks {
    /// With nothing in it.
    pub fn new(hub: Hub) -> Rc<Self> {
        Rc::new(Self { hub, waiting: RefCell::default() })
    }

    /// Adds a request, unless too many wait. Those of one connection keep their order.
    pub fn ask(self: &Rc<Self>, conn: ConnId, id: i64, ask: Ask) -> Result<(), Refusal> {
        self.hub.admit()?;
        let mut waiting = self.waiting.borrow_mut();
        if waiting.is_empty() {
            // The runtime's queue is first in, first out: this comes after all connections that are ready now. No timer, so no delay under little load.
            let asks = self.clone();
            actix::spawn(async move { asks.hand_over() });
        }
        waiting.push(Asked { conn, id, ask, since: Instant::now() });
        Ok(())
    }

    /// A connection is gone, and asked nothing after what it asked.
    pub fn gone(&self, conn: ConnId) {
        self.hand_over();
        self.hub.gone(conn);
    }

    fn hand_over(&self) {
        let asked = self.waiting.take();
        if !asked.is_empty() {
            self.hub.hand_over(asked);
        }
    }
}
