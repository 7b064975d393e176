//! Sabotage, in debug builds only: listeners are told of a batch that is not committed yet.

use super::Stored;
use crate::actors::chat_server::{ChatServer, Committed, Origin};
use actix::Addr;
use std::sync::{Mutex, PoisonError};

/// Listeners hear of it now; who sent it, when the next batch has committed it.
pub fn tell(chat: &Addr<ChatServer>, committed: Committed) {
    static LATE: Mutex<Option<Committed>> = Mutex::new(None);
    chat.do_send(Committed {
        messages: committed.messages.clone(),
        senders: committed.senders.iter().map(|_| Origin::Nobody).collect(),
        stored: Stored { messages: committed.stored.messages.clone(), marks: Vec::new() },
        marks: Vec::new(),
        markers: Vec::new(),
    });
    let before = LATE.lock().unwrap_or_else(PoisonError::into_inner).replace(committed);
    if let Some(before) = before {
        chat.do_send(before);
    }
}
