//! DbExecutor: runs functions of [`crate::db`] on blocking threads. Readers and writers are apart, so that a long read never delays a
//! commit.
//!
//! An actor on a thread of its own: one job after the other, nothing shared. It is none of the framework's, because a `SyncArbiter` hands each
//! message over on the thread that started it, which is ChatServer's, and never learns that nothing has come for a while.

use crate::{
    db::{self, Connector, Db, Fault, Pool, Pooled},
    domain::Refusal,
    faults::log_scale,
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use diesel::r2d2::PooledConnection;
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::oneshot::{self, error::RecvError},
    time::timeout,
};

/// Longest wait for what a reader is asked. Two such answers fit into the five seconds in which every request has its own.
const PATIENCE: Duration = Duration::from_millis(2400);
/// Longest wait for an answer, all in all. Past it the outcome is unknown.
const LIMIT: Duration = Duration::from_millis(4800);
/// With nothing to do for so long, a thread gives back what its connection keeps only to be faster: an idle server is to be a small one.
const REST: Duration = Duration::from_secs(2);
/// The same once it has begun to: what comes meanwhile waits for one piece only.
const BREATH: Duration = Duration::from_millis(50);
/// Longest wait for a connection. A database that was started anew has all of them to make at once; and who waits for a commit has half a second
/// left after this.
const ATTEMPT: Duration = Duration::from_secs(1);
/// From a failed attempt to connect to the next; doubled up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Past the end of an outage nobody waits longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Longest wait for a thread that is to stand aside, and longest time for which it does. Nobody who waits for it is told to try again because of it.
const ASIDE: Duration = Duration::from_secs(1);

/// What `work` comes to, or `unavailable` when that takes too long.
pub async fn in_time<T>(work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    timeout(LIMIT, work).await.unwrap_or_else(|_| Err(Refusal::unavailable()))
}

/// What a reader answers, or `unavailable` when that takes too long.
pub async fn patiently<T>(told: impl Future<Output = Result<Result<T, Refusal>, RecvError>>) -> Result<T, Refusal> {
    timeout(PATIENCE, told).await.ok().and_then(Result::ok).unwrap_or_else(|| Err(Refusal::unavailable()))
}

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

/// One blocking thread with its connection, which nobody else ever uses.
struct DbExecutor {
    pool: Pool,
    held: Option<PooledConnection<Connector>>,
    /// After so long without a job the connection gives back what it keeps only to be faster. None when it has.
    rest_after: Option<Duration>,
    /// After a failed attempt to connect: not before this, so that jobs are answered rather than queued behind attempts.
    not_before: Instant,
    pause: Duration,
}

impl DbExecutor {
    fn new(pool: Pool) -> Self {
        Self { pool, held: None, rest_after: None, not_before: Instant::now(), pause: FIRST_PAUSE }
    }

    /// Takes one job after the other, until nobody is left who could send one.
    fn serve(mut self, jobs: &Receiver<Job>) {
        // Where it fails, the first job tries again.
        let _ = self.connection();
        while let Some(job) = self.next(jobs) {
            self.handle(job);
        }
    }

    fn next(&mut self, jobs: &Receiver<Job>) -> Option<Job> {
        while let Some(time) = self.rest_after {
            match jobs.recv_timeout(time) {
                Err(RecvTimeoutError::Timeout) => self.rest(),
                job => return job.ok(),
            }
        }
        jobs.recv().ok()
    }

    /// Gives back what the connection keeps only to be faster.
    fn rest(&mut self) {
        let Some(held) = &mut self.held else { return self.rest_after = None };
        let more = held.rest().unwrap_or_else(|error| {
            log::warn!("a connection with nothing to do failed: {error}");
            self.give_up();
            false
        });
        self.rest_after = more.then(|| BREATH / log_scale());
    }

    /// Closes the connection: the next job gets a fresh one.
    fn give_up(&mut self) {
        if let Some(mut held) = self.held.take() {
            held.doubtful = true;
        }
    }

    fn connection(&mut self) -> Result<&mut Db, Refusal> {
        // Whoever comes first after a restart of the server must not be the one who notices it.
        let held = self.held.take().and_then(|mut held| db::is_sound(&mut held.db).then_some(held));
        let held = match held {
            Some(held) => held,
            None => self.connect()?,
        };
        let Pooled { db, .. } = &mut **self.held.insert(held);
        Ok(db)
    }

    fn connect(&mut self) -> Result<PooledConnection<Connector>, Refusal> {
        if Instant::now() < self.not_before {
            return Err(Refusal::unavailable());
        }
        match self.pool.get_timeout(ATTEMPT) {
            Ok(held) => {
                self.pause = FIRST_PAUSE;
                Ok(held)
            }
            Err(error) => {
                log::error!("no database connection: {error}");
                self.not_before = Instant::now() + self.pause;
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                Err(Refusal::unavailable())
            }
        }
    }

    fn handle(&mut self, job: Job) {
        self.rest_after = Some(REST / log_scale());
        // A panic would end this thread for good.
        let connection = self.connection();
        let outcome = catch_unwind(AssertUnwindSafe(|| job(connection)));
        if outcome.unwrap_or_else(|_| {
            log::error!("a database job panicked");
            Health::Doubtful
        }) == Health::Doubtful
        {
            self.give_up();
        }
    }
}

/// What is known of an [`Executor`], for those who watch.
#[derive(Default, Debug)]
struct Gauge {
    waiting: AtomicUsize,
    done: AtomicU64,
    failing: AtomicBool,
}

/// Threads that run jobs in the order in which they came, with a bound on how many may wait.
#[derive(Clone)]
pub struct Executor {
    jobs: Sender<Job>,
    gauge: Arc<Gauge>,
    bound: usize,
}

impl Executor {
    /// Starts `threads` threads, each with a connection of `pool`. At most `bound` jobs wait.
    pub fn start(name: &str, threads: usize, pool: &Pool, bound: usize) -> io::Result<Self> {
        // Its bound is the gauge's: who is refused must be told so, not made to wait.
        let (jobs, queue) = unbounded();
        for _ in 0..threads {
            let (executor, queue) = (DbExecutor::new(pool.clone()), queue.clone());
            std::thread::Builder::new().name(name.to_owned()).spawn(move || executor.serve(&queue))?;
        }
        Ok(Self { jobs, gauge: Arc::default(), bound })
    }

    /// How many jobs wait or run.
    pub fn waiting(&self) -> usize {
        self.gauge.waiting.load(Relaxed)
    }

    /// How many jobs were run.
    pub fn done(&self) -> u64 {
        self.gauge.done.load(Relaxed)
    }

    /// Whether the database failed at a job, and no [`Executor::prove`] went well since. Other jobs that go well say nothing: many only look, and a
    /// disk that takes nothing can still be read.
    pub fn is_failing(&self) -> bool {
        self.gauge.failing.load(Relaxed)
    }

    /// Runs `job` and gives its result, or `unavailable` when that takes too long: the database may be there and say nothing. A job that
    /// nobody waits for any more is not begun.
    pub async fn ask<T: Send + 'static>(&self, job: impl FnOnce(&mut Db) -> db::Result<T> + Send + 'static) -> Result<T, Refusal> {
        let (tell, told) = oneshot::channel();
        // Gone as soon as nobody waits, however the wait ends.
        let wanted = Arc::new(());
        let waits = Arc::downgrade(&wanted);
        let job = move |db: &mut Db| if waits.strong_count() > 0 { job(db) } else { Err(Refusal::unavailable().into()) };
        self.run(job, move |result| drop(tell.send(result)));
        let result = patiently(told).await;
        drop(wanted);
        result
    }

    /// The same for a job that certainly changes something: where that goes well, the database is not failing any more.
    pub async fn prove(&self, job: impl FnOnce(&mut Db) -> db::Result<()> + Send + 'static) -> Result<(), Refusal> {
        let gauge = self.gauge.clone();
        self.ask(move |db| job(db).inspect(|()| gauge.failing.store(false, Relaxed))).await
    }

    /// Runs `job`, then gives its result to `done`, on the same thread, however long it takes. `done` is called in any case: with
    /// `unavailable` at once where too many jobs wait, with `internal` after a panic.
    pub fn run<T: 'static>(
        &self,
        job: impl FnOnce(&mut Db) -> db::Result<T> + Send + 'static,
        done: impl FnOnce(Result<T, Refusal>) + Send + 'static,
    ) {
        if self.gauge.waiting.fetch_add(1, Relaxed) >= self.bound {
            self.gauge.waiting.fetch_sub(1, Relaxed);
            return done(Err(Refusal::unavailable()));
        }
        let gauge = self.gauge.clone();
        let job: Job = Box::new(move |connection| {
            let (result, health) = outcome(job, connection, &gauge);
            gauge.waiting.fetch_sub(1, Relaxed);
            gauge.done.fetch_add(1, Relaxed);
            done(result);
            health
        });
        // The threads take jobs for as long as there is a sender: none comes back.
        let _ = self.jobs.send(job);
    }

    /// Runs `work` on this thread, while one of the executor's own does nothing, as soon as that has done what came before. Without it where too many jobs
    /// wait or it does not come in time.
    pub fn stand_aside<T>(&self, work: impl FnOnce() -> T) -> T {
        let (come, comes) = bounded(1);
        let (end, ends) = bounded::<()>(0);
        let job = move |_: &mut Db| {
            // Nothing is ever sent: the end is that nobody could.
            if come.send(()).is_ok() {
                let _ = ends.recv_timeout(ASIDE);
            }
            Ok(())
        };
        self.run(job, |_| ());
        let _ = comes.recv_timeout(ASIDE);
        let result = work();
        drop((comes, end));
        result
    }
}

fn outcome<T>(
    job: impl FnOnce(&mut Db) -> db::Result<T>,
    connection: Result<&mut Db, Refusal>,
    gauge: &Gauge,
) -> (Result<T, Refusal>, Health) {
    let failing = || gauge.failing.store(true, Relaxed);
    let db = match connection {
        Ok(db) => db,
        Err(refusal) => {
            failing();
            return (Err(refusal), Health::Good);
        }
    };
    match catch_unwind(AssertUnwindSafe(|| job(db))) {
        Ok(Ok(value)) => (Ok(value), Health::Good),
        Ok(Err(Fault::Refused(refusal))) => (Err(refusal), Health::Good),
        Ok(Err(fault)) => {
            log::error!("database: {fault}");
            failing();
            (Err(fault.refusal()), Health::Doubtful)
        }
        Err(_) => {
            log::error!("a database job panicked");
            (Err(Refusal::internal()), Health::Doubtful)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::{Synchronous, Url},
        domain::Millis,
    };
    use std::sync::mpsc;

    fn writer(folder: &tempfile::TempDir, bound: usize) -> Executor {
        let writer = Connector::writer(&Url::sqlite(&folder.path().join("chirm.db")), Synchronous::Normal);
        db::migrate::run(&mut writer.connect().unwrap(), Millis(0)).unwrap();
        Executor::start("writer", 1, &writer.pool(1), bound).unwrap()
    }

    #[test]
    fn who_stands_aside_does_nothing_until_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, (tell, told)) = (writer(&folder, 10), mpsc::channel());
        let say = |word| {
            let tell = tell.clone();
            writer.run(move |_| Ok(()), move |result| tell.send((word, result.is_ok())).unwrap());
        };
        say("before");
        let during = writer.stand_aside(|| {
            say("during");
            (told.try_recv(), told.recv_timeout(Duration::from_millis(50)), writer.waiting())
        });
        assert_eq!(during, (Ok(("before", true)), Err(mpsc::RecvTimeoutError::Timeout), 2));
        assert_eq!(told.recv(), Ok(("during", true)));
        // A panic frees it, too.
        assert!(catch_unwind(AssertUnwindSafe(|| writer.stand_aside(|| panic!("on purpose")))).is_err());
        say("after");
        assert_eq!(told.recv(), Ok(("after", true)));
        assert!(!writer.is_failing());
    }

    #[test]
    fn where_too_much_waits_it_is_done_without() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(writer(&folder, 0).stand_aside(|| 7), 7);
    }
}
