//! The same tests on both databases.

mod accounts;
mod lobby;
mod log;
mod reading;
mod roles;
mod schema;

#[path = "../../../tests/support/postgres.rs"]
mod postgres;

use super::{append::Batch, rooms::NewRoom, users::NewUser, *};
use crate::domain::*;

/// A migrated database of its own.
struct Place {
    url: Url,
    connector: Connector,
    db: Db,
    _folder: Option<tempfile::TempDir>,
}

/// A time long after the epoch; tests add to it.
const T0: Millis = Millis(1_800_000_000_000);

impl Place {
    fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = Url::sqlite(&folder.path().join("chirm.db"));
        Self::at(url, Some(folder))
    }

    fn on_postgres() -> Option<Self> {
        postgres::is_wanted().then(|| Self::at(Url::parse(&postgres::url_of_fresh_database()).unwrap(), None))
    }

    fn at(url: Url, folder: Option<tempfile::TempDir>) -> Self {
        let connector = Connector::writer(&url, Synchronous::Normal);
        let mut db = connector.connect().unwrap();
        migrate::run(&mut db, T0).unwrap();
        Self { url, connector, db, _folder: folder }
    }

    fn user(&mut self, name: &str) -> User {
        users::create(&mut self.db, new_user(name), T0).unwrap().0
    }

    fn owner(&mut self, name: &str) -> User {
        users::create_first(&mut self.db, new_user(name), T0).unwrap().unwrap().0
    }

    fn room(&mut self, kind: RoomKind, name: &str, owner: &User, members: &[&User]) -> RoomId {
        let members = members.iter().map(|user| UserRef::Id(user.id)).collect();
        let new = NewRoom { kind, name: name.to_owned(), topic: None, members };
        rooms::create(&mut self.db, owner, new, T0).unwrap().0.id
    }

    /// Stores one message of a new id.
    fn send(&mut self, room: RoomId, author: &User, body: &str) -> Sent {
        let batch = Batch { messages: vec![message(room, author, body)], marks: vec![] };
        append::run(&mut self.db, &batch, T0.plus(1)).unwrap().messages.remove(0).unwrap()
    }

    fn as_member(&mut self, user: &User, room: RoomId) -> MemberRoom {
        members::as_member(&mut self.db, user.id, room).unwrap()
    }
}

fn new_user(name: &str) -> NewUser {
    NewUser {
        username: Username::parse(name).unwrap(),
        display_name: None,
        role: ServerRole::Member,
        guest: false,
        password_hash: Some("hash".to_owned()),
    }
}

fn message(room: RoomId, author: &User, body: &str) -> NewMessage {
    NewMessage {
        room,
        author: author.id,
        client_id: Some(ClientId(uuid::Uuid::now_v7())),
        body: body.to_owned(),
        reply_to: None,
        thread: None,
        named: mention_candidates(body),
        check_member: true,
        audit: None,
    }
}

fn by_id(user: &User) -> UserRef {
    UserRef::Id(user.id)
}

/// The code with which something was refused.
#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T>) -> Code {
    match outcome {
        Err(Fault::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

/// Makes a test per database of each function.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $name() { super::$name(super::Place::on_sqlite()) })*
        }
        mod on_postgres {
            $(#[test] fn $name() { if let Some(place) = super::Place::on_postgres() { super::$name(place) } })*
        }
    };
}
use on_both;
