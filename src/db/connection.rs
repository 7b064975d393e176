//! Where the database is, and connections to it.

use super::{Fault, Result, checkpoints, dialect};
use crate::{
    domain::Refusal,
    faults::{Point, Sabotage, crash_at, sabotaged},
};
use diesel::{
    Connection, ConnectionError, PgConnection, SqliteConnection,
    connection::TransactionManager,
    r2d2::{self, ManageConnection, NopErrorHandler},
};
use std::{fmt, str::FromStr, time::Duration};

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// The embedded one.
    Sqlite(SqliteConnection),
    /// A server.
    Postgres(PgConnection),
}

/// Which database an address names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The embedded one.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database's address: `sqlite://path`, `postgres://…` or `postgresql://…`. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    kind: Kind,
    /// A file's path, or the whole address of a server.
    address: String,
}

impl Url {
    /// Reads an address.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            return match path {
                "" | ":memory:" => Err("sqlite:// needs the path of a file".to_owned()),
                _ => Ok(Self { kind: Kind::Sqlite, address: path.to_owned() }),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self { kind: Kind::Postgres, address: text.to_owned() });
        }
        Err("a database's address starts with sqlite://, postgres:// or postgresql://".to_owned())
    }

    /// The address of a SQLite file.
    pub fn sqlite(path: &std::path::Path) -> Self {
        Self { kind: Kind::Sqlite, address: path.to_string_lossy().into_owned() }
    }

    /// Which database it names.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl FromStr for Url {
    type Err = String;
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::parse(text)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Sqlite => write!(f, "sqlite://{}", self.address),
            Kind::Postgres => f.write_str(&without_password(&self.address)),
        }
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `scheme://user:***@host/name?password=***`.
fn without_password(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    // The last '@': a password may contain one.
    let place = match place.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:***@{host}"),
            None => place.to_owned(),
        },
        None => place.to_owned(),
    };
    let query = query.map(|query| {
        let shown = query.split('&').map(|pair| match pair.split_once('=') {
            Some((key, _)) if key.contains("password") => format!("{key}=***"),
            _ => pair.to_owned(),
        });
        format!("?{}", shown.collect::<Vec<_>>().join("&"))
    });
    format!("{scheme}://{place}{}", query.unwrap_or_default())
}

/// What a commit on SQLite waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Synchronous {
    /// The disk: a committed message survives a loss of power.
    #[default]
    Full,
    /// The operating system: a loss of power may take the last seconds.
    Normal,
}

impl FromStr for Synchronous {
    type Err = String;
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "FULL" => Ok(Self::Full),
            "NORMAL" => Ok(Self::Normal),
            _ => Err("FULL or NORMAL".to_owned()),
        }
    }
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// Changes things.
    Write(Synchronous),
    /// Only reads; the database itself refuses the rest.
    Read,
}

/// Makes connections.
#[derive(Clone, Debug)]
pub struct Connector {
    url: Url,
    purpose: Purpose,
}

/// A connection as a pool keeps it.
pub struct Pooled {
    /// The connection.
    pub db: Db,
    /// It may no longer be trusted: the pool closes it instead of taking it back. The driver alone would not say so of SQLite's handle after
    /// a failed fsync.
    pub doubtful: bool,
    purpose: Purpose,
}

impl Pooled {
    /// To be called when there is nothing to do: gives back memory that is kept only to be faster and, of a writer, a piece of SQLite's log.
    /// Returns whether more could be given back.
    pub fn rest(&mut self) -> std::result::Result<bool, String> {
        dialect::give_back(&mut self.db).map_err(|error| error.to_string())?;
        match (&mut self.db, self.purpose) {
            (Db::Sqlite(db), Purpose::Write(_)) => checkpoints::shorten(db),
            _ => Ok(false),
        }
    }
}

/// Connections for threads that each hold one for as long as it can be trusted.
pub type Pool = r2d2::Pool<Connector>;

impl ManageConnection for Connector {
    type Connection = Pooled;
    type Error = ConnectionError;

    fn connect(&self) -> std::result::Result<Pooled, ConnectionError> {
        Ok(Pooled { db: self.establish()?, doubtful: false, purpose: self.purpose })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> std::result::Result<(), ConnectionError> {
        let sound = is_sound(&mut pooled.db);
        sound.then_some(()).ok_or_else(|| ConnectionError::BadConnection("the server hung up".to_owned()))
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.doubtful || !is_sound(&mut pooled.db)
    }
}

impl Connector {
    /// Of connections that may change things. SQLite has one writer at a time: more than one connection only waits.
    pub fn writer(url: &Url, synchronous: Synchronous) -> Self {
        Self { url: url.clone(), purpose: Purpose::Write(synchronous) }
    }

    /// Of connections that only read, and make [`super::Checkpoints`]. SQLite's file must exist and be migrated.
    pub fn reader(url: &Url) -> Self {
        Self { url: url.clone(), purpose: Purpose::Read }
    }

    /// A new connection; where there is none, why, without the password.
    pub fn connect(&self) -> std::result::Result<Db, String> {
        self.establish().map_err(|error| format!("{}: {error}", self.url))
    }

    /// At most `size` of them, made when they are first wanted. Where there is none, attempts go on in the background, twice a second.
    pub fn pool(&self, size: u32) -> Pool {
        r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .idle_timeout(None)
            .max_lifetime(None)
            .connection_timeout(Duration::from_secs(1))
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(self.clone())
    }

    fn establish(&self) -> std::result::Result<Db, ConnectionError> {
        let mut db = match self.url.kind {
            Kind::Sqlite => Db::Sqlite(SqliteConnection::establish(&self.url.address)?),
            Kind::Postgres => Db::Postgres(PgConnection::establish(&dialect::with_timeouts(&self.url.address))?),
        };
        dialect::set_up(&mut db, self.purpose).map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(db)
    }
}

/// Whether the next job would find this connection as it should be: the server did not hang up meanwhile, and no transaction was left
/// open. Asks nobody: it costs one look at the socket.
pub fn is_sound(db: &mut Db) -> bool {
    let left_open = is_in_transaction(db) && !sabotaged(Sabotage::ReplyBeforeCommit) && !sabotaged(Sabotage::PublishBeforeCommit);
    !left_open && !dialect::hung_up(db)
}

/// Runs `work` in a transaction, or in the one that is already open: then all of it is undone together. On SQLite it takes the
/// write lock at once, because a reader's snapshot could not become a writer's later.
pub fn transaction<T>(db: &mut Db, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    if is_in_transaction(db) {
        return work(db);
    }
    dialect::begin(db)?;
    match work(db) {
        Ok(value) => {
            commit(db)?;
            Ok(value)
        }
        Err(fault) => {
            // What went wrong first is what matters; a connection that cannot roll back is not used again.
            if let Err(error) = <Db as Connection>::TransactionManager::rollback_transaction(db) {
                log::warn!(error:%; "rollback failed");
            }
            Err(fault)
        }
    }
}

pub(super) fn commit(db: &mut Db) -> Result<()> {
    crash_at(Point::BeforeCommit);
    <Db as Connection>::TransactionManager::commit_transaction(db).map_err(Fault::Unknown)?;
    crash_at(Point::AfterCommit);
    Ok(())
}

pub(super) fn is_in_transaction(db: &mut Db) -> bool {
    <Db as Connection>::TransactionManager::transaction_manager_status_mut(db).transaction_depth().is_ok_and(|depth| depth.is_some())
}

/// A refusal where a query found nothing.
pub(super) fn found<T>(row: Option<T>, what: &'static str) -> Result<T> {
    row.ok_or_else(|| Refusal::not_found(what).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, shown) in [
            ("sqlite://data/chirm.db", Some("sqlite://data/chirm.db")),
            ("sqlite:///var/lib/chirm.db", Some("sqlite:///var/lib/chirm.db")),
            ("postgres://bob@db/chirm", Some("postgres://bob@db/chirm")),
            ("postgresql://bob:s3cret@db:5432/chirm", Some("postgresql://bob:***@db:5432/chirm")),
            ("postgres://bob:s3:c@ret@db/x?sslmode=require", Some("postgres://bob:***@db/x?sslmode=require")),
            ("postgres:///x?user=bob&password=s3cret", Some("postgres:///x?user=bob&password=***")),
            ("sqlite://", None),
            ("sqlite://:memory:", None),
            ("sqlite::memory:", None),
            ("mysql://db", None),
            ("chirm.db", None),
        ] {
            let url = Url::parse(text);
            assert_eq!(url.as_ref().ok().map(ToString::to_string).as_deref(), shown, "{text}");
            assert!(!format!("{url:?}").contains("s3"), "{text}");
        }
    }
}
