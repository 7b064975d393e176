//! What is stored, straight from the database: without a line of the server's code.

use crate::{
    history::record::{Door, Line, Op, Phase, Recorder, hash},
    support::Server,
};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{BigInt, Binary, Nullable, Text},
};
use std::collections::HashMap;

#[derive(QueryableByName)]
struct Message {
    #[diesel(sql_type = Binary)]
    room: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    rev: i64,
    #[diesel(sql_type = Binary)]
    author: Vec<u8>,
    #[diesel(sql_type = Nullable<Binary>)]
    client_id: Option<Vec<u8>>,
    #[diesel(sql_type = Text)]
    body: String,
}

#[derive(QueryableByName)]
struct Head {
    #[diesel(sql_type = Binary)]
    room: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    rev: i64,
}

#[derive(QueryableByName)]
struct Mark {
    #[diesel(sql_type = Binary)]
    room: Vec<u8>,
    #[diesel(sql_type = Binary)]
    member: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    read_seq: i64,
    #[diesel(sql_type = BigInt)]
    delivered_seq: i64,
}

const MESSAGES: &str = "SELECT r.id AS room, m.id & 68719476735 AS seq, m.rev AS rev, m.author_id AS author, m.client_id AS client_id, \
                        m.body AS body FROM messages m JOIN rooms r ON r.no = m.id >> 36 ORDER BY m.id";
const HEADS: &str = "SELECT id AS room, last_seq AS seq, rev FROM rooms";
const MARKS: &str = "SELECT room_id AS room, user_id AS member, read_seq, delivered_seq FROM memberships";

/// A connection of the test's own.
pub enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Database {
    pub fn of(server: &Server) -> Self {
        match server.setting("CHIRM_DATABASE__URL") {
            Some(url) => Self::Postgres(PgConnection::establish(url).unwrap()),
            None => {
                let mut db = SqliteConnection::establish(&server.data_dir().join("chirm.db").display().to_string()).unwrap();
                sql_query("PRAGMA busy_timeout = 5000").execute(&mut db).unwrap();
                Self::Sqlite(db)
            }
        }
    }

    fn load<T: QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + 'static>(&mut self, query: &str) -> Vec<T> {
        match self {
            Self::Sqlite(db) => sql_query(query).load(db).unwrap(),
            Self::Postgres(db) => sql_query(query).load(db).unwrap(),
        }
    }

    /// All messages and heads, as a reading. Nobody may write meanwhile: it is several questions.
    pub fn read(&mut self, recorder: &Recorder, door: Door, number: u32) {
        let (messages, heads): (Vec<Message>, Vec<Head>) = (self.load(MESSAGES), self.load(HEADS));
        let line =
            |phase, room: &[u8]| Line { door: Some(door), call: Some(number), room: Some(uuid(room)), ..recorder.line(Op::Log, phase) };
        for message in &messages {
            let mut line = line(Phase::Event, &message.room);
            (line.seq, line.rev) = (Some(small(message.seq)), Some(small(message.rev)));
            (line.user, line.client_id) = (Some(uuid(&message.author)), message.client_id.as_deref().map(uuid));
            recorder.write(&Line { hash: Some(hash(&message.body)), ..line }).unwrap();
        }
        for head in &heads {
            recorder.write(&Line { seq: Some(small(head.seq)), rev: Some(small(head.rev)), ..line(Phase::Ok, &head.room) }).unwrap();
        }
    }

    /// The `client_id` at each place of the log.
    pub fn stored(&mut self) -> HashMap<(String, u32), String> {
        let messages: Vec<Message> = self.load(MESSAGES);
        let place = |message: &Message| (uuid(&message.room), small(message.seq));
        messages.iter().map(|message| (place(message), message.client_id.as_deref().map(uuid).unwrap_or_default())).collect()
    }

    /// Which history this is.
    pub fn epoch(&mut self) -> String {
        #[derive(QueryableByName)]
        struct Epoch {
            #[diesel(sql_type = Text)]
            value: String,
        }
        let found: Vec<Epoch> = self.load("SELECT value FROM meta WHERE name = 'epoch'");
        found.into_iter().next().unwrap().value
    }

    /// Everybody's watermarks.
    pub fn read_marks(&mut self, recorder: &Recorder) {
        let marks: Vec<Mark> = self.load(MARKS);
        for mark in &marks {
            let mut line = Line { door: Some(Door::Db), room: Some(uuid(&mark.room)), ..recorder.line(Op::Receipt, Phase::Event) };
            line.user = Some(uuid(&mark.member));
            (line.read_seq, line.delivered_seq) = (Some(small(mark.read_seq)), Some(small(mark.delivered_seq)));
            recorder.write(&line).unwrap();
        }
    }

    /// What SQLite itself says of its file.
    pub fn integrity(&mut self) -> String {
        #[derive(QueryableByName)]
        struct Verdict {
            #[diesel(sql_type = Text)]
            integrity_check: String,
        }
        let Self::Sqlite(db) = self else { return "ok".to_owned() };
        let said: Vec<Verdict> = sql_query("PRAGMA integrity_check").load(db).unwrap();
        said.iter().map(|verdict| verdict.integrity_check.as_str()).collect::<Vec<_>>().join("; ")
    }
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap()
}

fn uuid(bytes: &[u8]) -> String {
    uuid::Uuid::from_slice(bytes).unwrap().as_hyphenated().to_string()
}
