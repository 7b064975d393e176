//! Migrations, connections, and that queries go by their indexes.

use super::*;
use diesel::{
    connection::{InstrumentationEvent, SimpleConnection},
    prelude::*,
    sql_query,
    sql_types::Text,
};
use std::{
    fs::File,
    sync::{Arc, Mutex},
};

on_both!(
    up_down_up,
    last_times_are_filled_in,
    newer_databases,
    readers_only_read,
    panics_leave_nothing,
    checkpoints,
    queries_go_by_their_indexes
);

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(db: &mut Db, query: &str) -> Vec<String> {
    let rows: Vec<Line> = match db {
        Db::Sqlite(db) => sql_query(query).load(db),
        Db::Postgres(db) => sql_query(query).load(db),
    }
    .unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

/// Every table, column, index and trigger.
fn schema(db: &mut Db) -> Vec<String> {
    let query = match db {
        Db::Sqlite(_) => "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_schema ORDER BY line",
        Db::Postgres(_) => {
            "SELECT line FROM (\
               SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || coalesce(collation_name, '') AS line \
               FROM information_schema.columns WHERE table_schema = 'public' \
               UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
               UNION ALL SELECT trigger_name || ' ' || event_manipulation || ' ' || action_statement FROM information_schema.triggers \
               UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace\
             ) AS all_of_it ORDER BY line COLLATE \"C\""
        }
    };
    lines(db, query)
}

fn up_down_up(mut at: Place) {
    let up = schema(&mut at.db);
    assert!(up.len() > 20, "{up:?}");
    let names: Vec<_> = migrate::status(&mut at.db).unwrap();
    assert!(names.iter().all(|(_, ran)| *ran));
    assert!(migrate::is_current(&mut at.db).unwrap());
    for (name, _) in names.iter().rev() {
        assert_eq!(&migrate::revert_last(&mut at.db).unwrap(), name);
    }
    assert!(migrate::status(&mut at.db).unwrap().iter().all(|(_, ran)| !ran));
    assert!(!migrate::is_current(&mut at.db).unwrap());
    let down = schema(&mut at.db);
    assert!(down.iter().all(|line| line.contains("__diesel")), "{down:?}");
    assert_eq!(migrate::run(&mut at.db, T0).unwrap().len(), names.len());
    assert_eq!(schema(&mut at.db), up);
    assert!(migrate::run(&mut at.db, T0).unwrap().is_empty());
}

/// Rooms that were there before the column have the time of their last message.
fn last_times_are_filled_in(mut at: Place) {
    let anna = at.user("anna");
    let (spoken, silent) = (at.room(RoomKind::Group, "spoken", &anna, &[]), at.room(RoomKind::Group, "silent", &anna, &[]));
    let sent = [at.send(spoken, &anna, "1"), at.send(spoken, &anna, "2")];
    while !migrate::revert_last(&mut at.db).unwrap().starts_with("0002") {}
    migrate::run(&mut at.db, T0).unwrap();
    assert_eq!(rooms::head(&mut at.db, spoken).unwrap().last_at, Some(sent[1].created_at));
    assert_eq!(rooms::head(&mut at.db, silent).unwrap().last_at, None);
}

#[test]
fn the_same_migrations_for_both() {
    let names = |folder: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let mut names: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let all = names("sqlite");
    assert_eq!(all, names("postgres"));
    // What stands before the underscore is a migration's name for the database: 1, 2, 3 …
    for (place, name) in all.iter().enumerate() {
        assert!(name.to_str().unwrap().starts_with(&format!("{:04}_", place + 1)), "{name:?}");
    }
}

fn newer_databases(mut at: Place) {
    at.db.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')").unwrap();
    assert_eq!(refused(migrate::run(&mut at.db, T0)), Code::Conflict);
    assert_eq!(refused(migrate::revert_last(&mut at.db)), Code::Conflict);
    assert!(!migrate::is_current(&mut at.db).unwrap());
    assert!(migrate::status(&mut at.db).unwrap().contains(&("9999".to_owned(), true)));
}

fn readers_only_read(mut at: Place) {
    let anna = at.user("anna");
    let mut db = Connector::reader(&at.url).connect().unwrap();
    assert_eq!(users::find(&mut db, &by_id(&anna)).unwrap(), anna);
    assert!(matches!(users::create(&mut db, new_user("bob"), T0), Err(Fault::Failed(_))));
    assert!(migrate::is_current(&mut db).unwrap());
    assert_eq!(users::count(&mut db).unwrap(), 1);
}

fn panics_leave_nothing(mut at: Place) {
    let connector = Connector::writer(&at.url, Synchronous::Full);
    let mut db = connector.connect().unwrap();
    let halfway = std::thread::scope(|scope| {
        let job = scope.spawn(|| {
            let _ = transaction(&mut db, |db| -> Result<()> {
                users::create(db, new_user("ghost"), T0)?;
                std::panic::resume_unwind(Box::new("halfway"))
            });
        });
        job.join()
    });
    assert!(halfway.is_err());
    // The connection with the open transaction is not to be used again; the next one works.
    assert!(!is_sound(&mut db));
    drop(db);
    users::create(&mut connector.connect().unwrap(), new_user("anna"), T0).unwrap();
    assert_eq!(users::count(&mut at.db).unwrap(), 1);
}

fn checkpoints(mut at: Place) {
    at.user("anna");
    let done = Checkpoints::new(Connector::reader(&at.url)).run().unwrap();
    match at.url.kind() {
        Kind::Sqlite => assert!(done.pages > 0 && done.is_whole() && !done.busy, "{done:?}"),
        Kind::Postgres => assert_eq!(done, Checkpoint::default()),
    }
}

/// Whoever reads an older state of the database has the log kept: then a start cannot say that all of it is on the disk.
#[test]
fn who_reads_an_older_state_keeps_the_log() {
    let mut at = Place::on_sqlite();
    let mut reader = Connector::reader(&at.url).connect().unwrap();
    let Db::Sqlite(db) = &mut reader else { unreachable!() };
    db.batch_execute("BEGIN").unwrap();
    lines(&mut reader, "SELECT name AS line FROM meta");
    at.user("anna");
    let done = Checkpoints::new(Connector::reader(&at.url)).run().unwrap();
    assert!(done.pages > 0 && !done.is_whole(), "{done:?}");
    assert!(settle(&mut at.db).unwrap_err().contains("another process reads"));
    drop(reader);
    settle(&mut at.db).unwrap();
}

/// A burst leaves a long file behind, most of which is used no more. Here nobody wrote it: its end is one hole.
#[test]
fn a_writer_with_nothing_to_do_cuts_the_log_in_pieces() {
    const MIB: u64 = 1 << 20;
    let mut at = Place::on_sqlite();
    let anna = at.user("anna");
    let path = at.url.to_string().replace("sqlite://", "") + "-wal";
    let size = || std::fs::metadata(&path).unwrap().len();
    let mut pooled = Connector::writer(&at.url, Synchronous::Full).pool(1).get().unwrap();
    assert_eq!(pooled.rest(), Ok(false));
    assert!(size() < MIB, "a short log stays as it is");
    File::options().write(true).open(&path).unwrap().set_len(280 * MIB).unwrap();
    for (more, left) in [(true, 264), (true, 256), (false, 256)] {
        assert_eq!((pooled.rest(), size() / MIB), (Ok(more), left));
    }
    // Who only reads leaves it alone.
    File::options().write(true).open(&path).unwrap().set_len(280 * MIB).unwrap();
    let mut reader = Connector::reader(&at.url).pool(1).get().unwrap();
    assert_eq!((reader.rest(), size() / MIB), (Ok(false), 280));
    users::create(&mut pooled.db, new_user("bob"), T0).unwrap();
    assert_eq!(pooled.rest(), Ok(true));
    assert_eq!((users::find(&mut reader.db, &by_id(&anna)).unwrap(), users::count(&mut reader.db).unwrap()), (anna, 2));
}

#[test]
fn unreachable_databases_say_so() {
    for url in ["sqlite:///nowhere/at/all.db", "postgres://nobody:s3cret@127.0.0.1:1/nothing"] {
        let error = Connector::writer(&Url::parse(url).unwrap(), Synchronous::Full).connect().err().unwrap();
        assert!(!error.contains("s3cret"), "{error}");
        assert!(error.len() > url.len(), "{error}");
    }
}

/// What a job asks the database, as text.
fn asked(at: &mut Place, job: impl FnOnce(&mut Place)) -> Vec<String> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    at.db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let query = query.to_string();
            let text = query.split(" -- binds").next().unwrap_or_default();
            notes.lock().unwrap().push(text.to_owned());
        }
    });
    job(at);
    at.db.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let mut asked = std::mem::take(&mut *asked.lock().unwrap());
    asked.retain(|query| ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| query.starts_with(verb)));
    asked
}

fn plan_of(at: &mut Place, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let Db::Sqlite(db) = &mut at.db else { unreachable!() };
    let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(db).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

/// What is wrong with how SQLite runs the queries of a job: nothing is to be scanned, nothing to be sorted.
fn complaints_on_sqlite(at: &mut Place, job: impl FnOnce(&mut Place)) -> Vec<String> {
    let asked = asked(at, job);
    assert!(!asked.is_empty());
    let mut complaints = Vec::new();
    for query in asked {
        for step in plan_of(at, &query) {
            // Walking an index in its order, up to a limit, is what a list does.
            let walks = step.contains("USING INDEX") && query.contains("LIMIT");
            if step.contains("TEMP B-TREE") || step.starts_with("SCAN") && !walks {
                complaints.push(format!("{query}: {step}"));
            }
        }
    }
    complaints
}

/// The tables that PostgreSQL reads whole for a job, though they are so small that it would like to.
fn complaints_on_postgres(at: &mut Place, job: impl FnOnce(&mut Place)) -> Vec<String> {
    let read = |at: &mut Place| lines(&mut at.db, "SELECT relname || ' ' || seq_scan AS line FROM pg_stat_xact_user_tables");
    dialect::begin(&mut at.db).unwrap();
    let before = read(at);
    job(at);
    let complaints = read(at).into_iter().filter(|line| !before.contains(line)).collect();
    connection::commit(&mut at.db).unwrap();
    complaints
}

/// The queries that functions of the hot paths really ask.
fn queries_go_by_their_indexes(mut at: Place) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let room = at.room(RoomKind::Group, "group", &anna, &[&bob]);
    rooms::direct(&mut at.db, anna.id, &by_id(&bob), T0).unwrap();
    at.send(room, &anna, "@bob hello");
    let seen = at.as_member(&bob, room);
    let (user, id) = (bob.id, message(room, &bob, "").client_id);
    let fifty = messages::Most { messages: 50, bytes: 1 << 20 };
    type Job = Box<dyn FnOnce(&mut Place)>;
    let jobs: Vec<(&str, Job)> = vec![
        ("as_member", Box::new(move |at| drop(members::as_member(&mut at.db, user, room).unwrap()))),
        (
            "page",
            Box::new({
                let seen = seen.clone();
                move |at| drop(messages::page(&mut at.db, &seen, messages::From::Newest, fifty).unwrap())
            }),
        ),
        (
            "since",
            Box::new({
                let seen = seen.clone();
                move |at| drop(messages::since(&mut at.db, &seen, 0, fifty).unwrap())
            }),
        ),
        (
            "receipts",
            Box::new({
                let seen = seen.clone();
                move |at| drop(messages::receipts(&mut at.db, &seen, 1).unwrap())
            }),
        ),
        ("members", Box::new(move |at| drop(members::list(&mut at.db, &seen, None, 50).unwrap()))),
        ("mine", Box::new(move |at| drop(rooms::mine(&mut at.db, user).unwrap()))),
        ("mine_page", Box::new(move |at| drop(rooms::mine_page(&mut at.db, user, None, 50).unwrap()))),
        ("seen", Box::new(move |at| drop(rooms::seen(&mut at.db, user, room).unwrap()))),
        ("public", Box::new(move |at| drop(rooms::public(&mut at.db, user, None, None, 50).unwrap()))),
        ("by_token", Box::new(|at| drop(sessions::by_token(&mut at.db, &[1; 32], T0).unwrap()))),
        ("search", Box::new(|at| drop(users::search(&mut at.db, None, None, 50).unwrap()))),
        ("purge", Box::new(|at| assert_eq!(rooms::purge_deleted(&mut at.db, 50).unwrap(), 0))),
        (
            "append",
            Box::new(move |at| {
                let mark = append::Mark { room, user, read_seq: Some(1), delivered_seq: None };
                let sent = NewMessage { client_id: id, ..message(room, &bob, "@anna hello") };
                drop(append::run(&mut at.db, &Batch { messages: vec![sent], marks: vec![mark] }, T0).unwrap());
            }),
        ),
    ];
    for (name, job) in jobs {
        let complaints = match at.url.kind() {
            Kind::Sqlite => complaints_on_sqlite(&mut at, job),
            Kind::Postgres => complaints_on_postgres(&mut at, job),
        };
        assert!(complaints.is_empty(), "{name}: {complaints:?}");
    }
}
