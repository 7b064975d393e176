//! The server's assembly: database, actors, doors; start and stop.

use crate::{
    actors::{
        chat_server::{Attach, AttachJournal, ChatServer, CloseAll, Rate, Settings, Stop, Store},
        connection::Beat,
        counters::Counters,
        courier::{Courier, Roster},
        db_executor::Executor,
        hub::Hub,
        journal::Journal,
        pressure::Pressure,
        session::{Asks, Worker},
    },
    config::{self, Config},
    db::{self, Checkpoints, Connector, Synchronous},
    domain::Millis,
    http::{self, State, upgrade::Door},
    unsynced::Mark,
    upkeep,
};
use actix::prelude::*;
use actix_http::HttpService;
use actix_server::{Server, ServerHandle};
use actix_service::{fn_service, map_config};
use actix_web::{dev::AppConfig, web::Data};
use std::{
    cell::RefCell,
    fs,
    io::{self, Write},
    net::{SocketAddr, TcpListener},
    os::unix::fs::DirBuilderExt,
    path::Path,
    rc::Rc,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU16, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

/// Connections that the kernel may hold until they are accepted: a reconnect storm fits.
const BACKLOG: i32 = 4096;
/// Longest wait for each of the database's connections when the server starts.
const CONNECT: Duration = Duration::from_secs(30);
/// Longest wait for accepted messages to be stored when the server stops.
const DRAIN: Duration = Duration::from_secs(15);
/// When clients of a stopping server are to come back.
const RECONNECT_AFTER_MS: u32 = 1000;

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory.
    #[error("data directory {0}: {1}")]
    DataDir(String, io::Error),
    /// Another process uses it.
    #[error("data directory {0} is in use by another process")]
    InUse(String),
    /// The database.
    #[error("database: {0}")]
    Database(String),
    /// The address.
    #[error("cannot listen on {0}: {1}")]
    Bind(SocketAddr, io::Error),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

impl From<db::Fault> for StartError {
    fn from(fault: db::Fault) -> Self {
        Self::Database(fault.to_string())
    }
}

/// Runs the server until it is told to stop (SIGTERM, SIGINT), then lets it finish what it accepted.
pub async fn serve(config: Config) -> Result<(), StartError> {
    let config = Arc::new(config);
    let _lock = lock(&config.data_dir)?;
    let policy = db::Policy {
        session_idle_days: config.auth.session_idle_days,
        sessions_per_user: config.auth.sessions_per_user,
        rooms_joined: config.limits.sizes.rooms_joined,
    };
    if !policy.set() {
        log::warn!("another server runs in this process; its limits on sign-ins and rooms hold for both");
    }
    let (store, known, checkpoints) = open_database(&config)?;
    let listener = listen(config.bind)?;
    let bound = listener.local_addr().map_err(|error| StartError::Bind(config.bind, error))?;

    let workers = workers(&config);
    let waiting = &config.limits;
    let pressure = Arc::new(Pressure::bounded(waiting.requests_waiting as usize, waiting.undelivered_bytes as usize));
    let counters = Arc::<Counters>::default();
    let chat = ChatServer::new(settings(&config, known.epoch), workers, store.clone(), pressure.clone(), counters.clone()).start();
    let journal = Journal::new(&store.writers, chat.clone(), config.limits.journal_messages as usize).start();
    chat.do_send(AttachJournal(journal));
    let hub = Hub::new(chat.clone(), store, pressure.clone(), counters.clone(), config.limits.sizes, known.lobby);

    let mut registry = prometheus_client::registry::Registry::default();
    crate::metrics::register(&mut registry, &hub);
    let state = State::new(hub.clone(), config.clone(), registry).map_err(StartError::Other)?;
    let state = Data::new(state);
    start_upkeep(&hub);

    // Before anybody can know that it runs: a signal that comes at once shall end it no less gracefully.
    let signalled = signals().map_err(|error| StartError::Other(format!("signals cannot be received: {error}")))?;
    if let Some(bind) = config.metrics.bind {
        actix_rt::spawn(http::serve_metrics(state.clone(), bind).map_err(|error| StartError::Bind(bind, error))?);
    }
    let server = start_workers(listener, bound, workers, &config, state.clone(), chat.clone(), (pressure, counters))?;
    let handle = server.handle();
    let running = actix_rt::spawn(server);
    greet(&state, bound, known.empty);
    signalled.await;
    stop(&hub, &chat, &handle).await;
    let _ = running.await;
    Mark::of(&config.data_dir).end(&mut checkpoints.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(())
}

fn start_upkeep(hub: &Hub) {
    let (touching, healing, purging) = (hub.clone(), hub.clone(), hub.clone());
    actix_rt::spawn(upkeep::supervised("upkeep of sign-ins", move || upkeep::sessions(touching.clone())));
    actix_rt::spawn(upkeep::supervised("upkeep of the database", move || upkeep::healing(healing.clone())));
    actix_rt::spawn(upkeep::supervised("upkeep of rooms", move || upkeep::deleted_rooms(purging.clone())));
}

/// What is read of the database before anybody comes.
struct Known {
    epoch: String,
    lobby: crate::domain::RoomId,
    empty: bool,
}

fn open_database(config: &Config) -> Result<(Store, Known, Arc<Mutex<Checkpoints>>), StartError> {
    let url = db::Url::parse(&config.database_url()).map_err(StartError::Database)?;
    let synchronous = match config.database.synchronous {
        config::Synchronous::Full => Synchronous::Full,
        config::Synchronous::Normal => Synchronous::Normal,
    };
    let lanes = if url.kind() == db::Kind::Sqlite { 1 } else { config.database.writers };
    let (writer, reader) = (Connector::writer(&url, synchronous), Connector::reader(&url));
    let known = {
        let mut db = writer.connect().map_err(StartError::Database)?;
        for name in db::migrate::run(&mut db, Millis::now())? {
            log::info!("migration {name} done");
        }
        if url.kind() == db::Kind::Sqlite {
            Mark::of(&config.data_dir)
                .begin(&mut db, synchronous)?
                .map_err(|error| StartError::DataDir(config.data_dir.display().to_string(), error))?;
        }
        let known = Known { epoch: db::meta::epoch(&mut db)?, lobby: db::rooms::lobby(&mut db)?, empty: !db::users::owned(&mut db)? };
        db::settle(&mut db)
            .map_err(|why| StartError::Database(format!("what the last run left in the log cannot be brought to the disk: {why}")))?;
        known
    };
    let checkpoints = Arc::new(Mutex::new(Checkpoints::new(reader.clone())));
    log::info!("database {url}");
    let jobs = config.limits.database_jobs as usize;
    let (readers, writers) = (reader.pool(config.database.readers), writer.pool(lanes));
    // Who comes first finds a connection; a request waits much less long for one than a start may.
    for pool in [&readers, &writers] {
        let all: Result<Vec<_>, _> = (0..pool.max_size()).map(|_| pool.get_timeout(CONNECT)).collect();
        all.map_err(|error| StartError::Database(error.to_string()))?;
    }
    let no_thread = |error: io::Error| StartError::Other(format!("no thread for the database: {error}"));
    let start = |name, threads, pool| Executor::start(name, threads, pool, jobs).map_err(no_thread);
    let store = Store {
        readers: start("chirm-reader", config.database.readers as usize, &readers)?,
        writers: (0..lanes).map(|_| start("chirm-writer", 1, &writers)).collect::<Result<_, _>>()?,
    };
    if let (db::Kind::Sqlite, [writer]) = (url.kind(), &store.writers[..]) {
        upkeep::checkpoints(checkpoints.clone(), writer.clone());
    }
    Ok((store, known, checkpoints))
}

/// The data directory, readable by this user alone and used by this process alone.
fn lock(data_dir: &Path) -> Result<fs::File, StartError> {
    let shown = data_dir.display().to_string();
    let failed = |error| StartError::DataDir(shown.clone(), error);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(failed)?;
    let file = fs::File::create(data_dir.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(StartError::InUse(shown)),
        Err(fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn listen(bind: SocketAddr) -> Result<TcpListener, StartError> {
    let open = || -> io::Result<TcpListener> {
        let socket = socket2::Socket::new(socket2::Domain::for_address(bind), socket2::Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&bind.into())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        Ok(socket.into())
    };
    open().map_err(|error| StartError::Bind(bind, error))
}

/// One core is left to what all workers wait for: ChatServer and the database's writer.
fn workers(config: &Config) -> usize {
    match config.workers {
        0 => std::thread::available_parallelism().map_or(1, |cores| (cores.get() - 1).max(1)),
        workers => workers,
    }
}

/// A rate as it applies: none where it is 0, or where all are switched off.
fn rate(limits: &config::Limits, per_s: f32, burst: u32) -> Rate {
    if limits.enabled && per_s > 0.0 { Rate { per_s, burst: burst as f32 } } else { Rate::FREE }
}

fn settings(config: &Config, epoch: String) -> Settings {
    let limits = &config.limits;
    let rate = |per_s, burst| rate(limits, per_s, burst);
    Settings {
        version: env!("CARGO_PKG_VERSION"),
        epoch,
        limits: limits.sizes,
        send: rate(limits.send_per_s as f32, limits.send_burst),
        send_in_room: rate(limits.send_per_room_min as f32 / 60.0, limits.send_per_room_min),
        typing: rate(limits.typing_per_s as f32, limits.typing_per_s),
        leave_after_ms: 1000,
    }
}

fn beat(config: &Config) -> Beat {
    Beat {
        ping_s: config.heartbeat.ping_after_s,
        answer_s: config.heartbeat.answer_within_s,
        hello_s: config.heartbeat.hello_within_s,
        stuck_s: config.heartbeat.too_slow_after_s,
        linger_s: 3,
    }
}

fn start_workers(
    listener: TcpListener,
    bound: SocketAddr,
    workers: usize,
    config: &Arc<Config>,
    state: Data<State>,
    chat: Addr<ChatServer>,
    (pressure, counters): (Arc<Pressure>, Arc<Counters>),
) -> Result<Server, StartError> {
    let door = Door::new(state.clone().into_inner(), bound);
    let count = Arc::new(AtomicU16::new(0));
    let (beat, limits) = (beat(config), config.limits);
    let frames = rate(&limits, limits.frames_per_s as f32, limits.frames_burst);
    let factory = move || {
        let index = count.fetch_add(1, Relaxed);
        let roster = Rc::new(RefCell::new(Roster::new(index, beat, counters.clone())));
        chat.do_send(Attach(index, Courier::start_on(roster.clone(), pressure.clone())));
        let worker = Rc::new(Worker {
            hub: state.hub.clone(),
            asks: Asks::new(state.hub.clone()),
            roster,
            in_flight: limits.requests_in_flight,
            frames,
            started: Instant::now(),
        });
        let door = door.clone();
        let upgrade = fn_service(move |(request, framed)| {
            let (door, worker) = (door.clone(), worker.clone());
            async move { door.open(worker, request, framed).await.map_err(actix_web::Error::from) }
        });
        let app = http::app(state.clone());
        HttpService::build()
            .client_request_timeout(Duration::from_secs(10))
            .client_disconnect_timeout(Duration::from_secs(2))
            .keep_alive(Duration::from_secs(60))
            .tcp_nodelay(true)
            .upgrade(upgrade)
            .h1(map_config(app, |_| AppConfig::default()))
            .tcp()
    };
    let server = Server::build().workers(workers).disable_signals().shutdown_timeout(5).listen("chirm", listener, factory);
    Ok(server.map_err(|error| StartError::Bind(bound, error))?.run())
}

/// Says where the server is: on standard output for people and scripts, in the log for the record.
fn greet(state: &State, bound: SocketAddr, empty: bool) {
    let link = match &state.config.public_url {
        Some(public) => public.to_string(),
        None => format!("http://{bound}"),
    };
    let mut out = io::stdout().lock();
    // A closed standard output is no reason not to serve.
    let _ = writeln!(out, "Chirm {} is ready at {link}", env!("CARGO_PKG_VERSION"));
    if empty {
        let _ = writeln!(
            out,
            "There is no account yet: the first one made on this machine is the owner's. From elsewhere, use this link within 30 minutes:\n  {}",
            state.setup_link(bound)
        );
    }
    let _ = out.flush();
    log::info!("listening on {bound}");
}

/// Takes the signals that end the server from now on; waiting for one is the future's part.
fn signals() -> io::Result<impl Future<Output = ()>> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => log::info!("SIGTERM: stopping"),
            _ = int.recv() => log::info!("SIGINT: stopping"),
        }
    })
}

/// No new connections; clients are told; what was accepted is stored and answered; then everybody is let go.
async fn stop(hub: &Hub, chat: &Addr<ChatServer>, handle: &ServerHandle) {
    hub.set_draining();
    handle.pause().await;
    let (stored, all_stored) = oneshot::channel();
    chat.do_send(Stop { reconnect_after_ms: RECONNECT_AFTER_MS, stored });
    if timeout(DRAIN, all_stored).await.is_err() {
        log::error!("the database did not store everything in time; senders were not told that it did");
    }
    upkeep::touch(hub).await;
    let _ = chat.send(CloseAll).await;
    // The close frames go out, and the answers to them come.
    let gone = async {
        while hub.online().connections > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let _ = timeout(Duration::from_secs(3), gone).await;
    handle.stop(true).await;
}
