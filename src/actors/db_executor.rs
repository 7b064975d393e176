//! DbExecutor: runs functions of [`crate::db`] on blocking threads. Readers and writers are apart, so that a long read never delays a
//! commit.

use crate::{
    db::{Db, Fault, Manager, Pool},
    domain::Refusal,
};
use actix::prelude::*;
use diesel::r2d2::PooledConnection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// Whether a connection may serve the next job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// It may.
    Good,
    /// Something failed on it: it is closed, and the next job gets a fresh one. This matters most after a failed commit, whose
    /// fsync must not be tried again on the same file handle.
    Doubtful,
}

/// A function that runs on a connection, or on the news that there is none.
type Job = Box<dyn FnOnce(Result<&mut Db, Refusal>) -> Health + Send>;

/// A job for the next free thread.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Run(Job);

/// One blocking thread with its connection.
pub struct DbExecutor {
    pool: Pool,
    held: Option<PooledConnection<Manager>>,
}

impl Actor for DbExecutor {
    type Context = SyncContext<Self>;
}

impl DbExecutor {
    fn connection(&mut self) -> Result<&mut Db, Refusal> {
        let held = match self.held.take() {
            Some(held) => held,
            None => self.pool.get().map_err(|error| {
                log::error!("no database connection: {error}");
                Refusal::unavailable()
            })?,
        };
        Ok(self.held.insert(held))
    }
}

impl Handler<Run> for DbExecutor {
    type Result = ();

    fn handle(&mut self, Run(job): Run, _: &mut Self::Context) {
        // A panic would end this thread for good: a SyncArbiter starts no other.
        let connection = self.connection();
        let outcome = catch_unwind(AssertUnwindSafe(|| job(connection)));
        if outcome.unwrap_or_else(|_| {
            log::error!("a database job panicked");
            Health::Doubtful
        }) == Health::Doubtful
        {
            self.held = None;
        }
    }
}

/// Threads that run jobs in the order in which they came, with a bound on how many may wait.
#[derive(Clone)]
pub struct Executor {
    addr: Addr<DbExecutor>,
    waiting: Arc<AtomicUsize>,
    bound: usize,
}

impl Executor {
    /// Starts `threads` threads, each with a connection of `pool`. At most `bound` jobs wait.
    pub fn start(name: &'static str, threads: usize, pool: Pool, bound: usize) -> Self {
        let builder = move || std::thread::Builder::new().name(name.to_owned());
        let addr = SyncArbiter::start_with_thread_builder(threads, builder, move || DbExecutor { pool: pool.clone(), held: None });
        Self { addr, waiting: Arc::default(), bound }
    }

    /// How many jobs wait or run.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// Runs `job`, then gives its result to `done`, on the same thread. `done` is called in any case: with `unavailable` at once where too
    /// many jobs wait, with `internal` after a panic.
    pub fn run<T: 'static>(
        &self,
        job: impl FnOnce(&mut Db) -> crate::db::Result<T> + Send + 'static,
        done: impl FnOnce(Result<T, Refusal>) + Send + 'static,
    ) {
        if self.waiting.fetch_add(1, Relaxed) >= self.bound {
            self.waiting.fetch_sub(1, Relaxed);
            return done(Err(Refusal::unavailable()));
        }
        let waiting = self.waiting.clone();
        self.addr.do_send(Run(Box::new(move |connection| {
            let outcome = connection.map(|db| catch_unwind(AssertUnwindSafe(|| job(db))));
            waiting.fetch_sub(1, Relaxed);
            let (result, health) = match outcome {
                Ok(Ok(Ok(value))) => (Ok(value), Health::Good),
                Ok(Ok(Err(Fault::Refused(refusal)))) => (Err(refusal), Health::Good),
                Ok(Ok(Err(fault))) => {
                    log::error!("database: {fault}");
                    (Err(fault.refusal()), Health::Doubtful)
                }
                Ok(Err(_)) => {
                    log::error!("a database job panicked");
                    (Err(Refusal::internal()), Health::Doubtful)
                }
                Err(refusal) => (Err(refusal), Health::Good),
            };
            done(result);
            health
        })));
    }
}
