//! How a batch is stored: as a whole, or one by one.

use crate::{
    db::{self, append},
    domain::{Receipt, Refusal, Sent},
};

/// What one attempt to store a batch came to.
#[derive(Debug)]
pub struct Stored {
    /// For each message.
    pub messages: Vec<Result<Sent, Refusal>>,
    /// For each watermark; none where it had been reached before.
    pub marks: Vec<Result<Option<Receipt>, Refusal>>,
}

/// Stores a batch with `run`. Where the database refuses it as a whole, each entry is tried alone, so that a bad one harms no other. Where
/// the database itself fails the error goes up: then nothing is known of any of it.
pub fn store(batch: &append::Batch, mut run: impl FnMut(&append::Batch) -> db::Result<append::Outcome>) -> db::Result<Stored> {
    let first = match run(batch) {
        Ok(outcome) => return Ok(Stored { messages: outcome.messages, marks: outcome.marks }),
        Err(fault) => fault,
    };
    if batch.messages.len() + batch.marks.len() == 1 || !first.is_passing() {
        return Err(first);
    }
    log::warn!("a batch is stored one by one: {first}");
    let mut stored = Stored { messages: Vec::new(), marks: Vec::new() };
    for message in &batch.messages {
        let one = append::Batch { messages: vec![message.clone()], marks: Vec::new() };
        stored.messages.push(alone(run(&one), |o| o.messages));
    }
    for mark in &batch.marks {
        let one = append::Batch { messages: Vec::new(), marks: vec![*mark] };
        stored.marks.push(alone(run(&one), |o| o.marks));
    }
    Ok(stored)
}

fn alone<T>(result: db::Result<append::Outcome>, pick: impl FnOnce(append::Outcome) -> Vec<Result<T, Refusal>>) -> Result<T, Refusal> {
    match result {
        Ok(outcome) => pick(outcome).pop().unwrap_or_else(|| Err(Refusal::internal())),
        Err(fault) => {
            log::error!("an entry could not be stored: {fault}");
            Err(fault.refusal())
        }
    }
}
