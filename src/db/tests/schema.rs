//! Migrations, connections, and that queries go by their indexes.

use super::*;
use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};

on_both!(up_down_up, newer_databases, readers_only_read, panics_leave_nothing, checkpoints);

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

#[test]
fn the_same_migrations_for_both() {
    let names = |folder: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let mut names: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
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
    let pool = readers(&at.url, 2).unwrap();
    let mut db = pool.get().unwrap();
    assert_eq!(users::find(&mut db, &by_id(&anna)).unwrap(), anna);
    assert!(matches!(users::create(&mut db, new_user("bob"), T0), Err(Fault::Failed(_))));
    assert!(migrate::is_current(&mut db).unwrap());
    assert_eq!(users::count(&mut db).unwrap(), 1);
}

fn panics_leave_nothing(mut at: Place) {
    let pool = writers(&at.url, Synchronous::Full, 1).unwrap();
    let halfway = std::thread::scope(|scope| {
        let job = scope.spawn(|| {
            let mut db = pool.get().unwrap();
            let _ = transaction(&mut db, |db| -> Result<()> {
                users::create(db, new_user("ghost"), T0)?;
                std::panic::resume_unwind(Box::new("halfway"))
            });
        });
        job.join()
    });
    assert!(halfway.is_err());
    // The connection with the open transaction is gone; the next one works.
    users::create(&mut pool.get().unwrap(), new_user("anna"), T0).unwrap();
    assert_eq!(users::count(&mut at.db).unwrap(), 1);
}

fn checkpoints(mut at: Place) {
    at.user("anna");
    let pool = readers(&at.url, 1).unwrap();
    let done = checkpoint(&mut pool.get().unwrap()).unwrap();
    match at.url.kind() {
        Kind::Sqlite => assert!(done.pages > 0 && done.moved == done.pages && !done.busy, "{done:?}"),
        Kind::Postgres => assert_eq!(done, Checkpoint::default()),
    }
}

#[test]
fn unreachable_databases_say_so() {
    for url in ["sqlite:///nowhere/at/all.db", "postgres://nobody:s3cret@127.0.0.1:1/nothing"] {
        let error = writers(&Url::parse(url).unwrap(), Synchronous::Full, 1).unwrap_err();
        assert!(!error.contains("s3cret"), "{error}");
        assert!(error.len() > url.len(), "{error}");
    }
}

/// What the queries of the hot paths look like to SQLite, with the index that each must go by. Nothing is scanned or sorted.
#[test]
fn queries_go_by_their_indexes() {
    let mut at = Place::on_sqlite();
    for (query, by) in [
        ("SELECT * FROM messages WHERE id BETWEEN 1 AND 50 ORDER BY id", "SEARCH messages USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (
            "SELECT * FROM messages WHERE id > 5 AND id <= 99 ORDER BY id LIMIT 101",
            "SEARCH messages USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        ),
        (
            "SELECT r.id, m.body FROM messages m JOIN rooms r ON r.no = m.id >> 36 WHERE m.author_id = x'00' AND m.client_id = x'00'",
            "SEARCH m USING INDEX messages_client (client_id=? AND author_id=?)",
        ),
        (
            "SELECT * FROM memberships INNER JOIN rooms ON memberships.room_id = rooms.id \
             WHERE memberships.user_id = x'00' AND rooms.deleted_at IS NULL ORDER BY memberships.room_id",
            "SEARCH memberships USING INDEX memberships_user (user_id=?)",
        ),
        (
            "SELECT m.room_id, count(*) FROM memberships m JOIN mentions x ON x.user_id = m.user_id AND x.room_id = m.room_id \
             AND x.seq > m.read_seq WHERE m.user_id = x'00' GROUP BY m.room_id",
            "SEARCH x USING PRIMARY KEY (user_id=? AND room_id=? AND seq>?)",
        ),
        (
            "SELECT count(*) FROM mentions WHERE user_id = x'00' AND room_id = x'00' AND seq > 1",
            "SEARCH mentions USING PRIMARY KEY (user_id=? AND room_id=? AND seq>?)",
        ),
        ("SELECT * FROM sessions WHERE token_hash = x'00'", "SEARCH sessions USING INDEX sessions_token (token_hash=?)"),
        ("SELECT id FROM users WHERE username = 'a'", "SEARCH users USING INDEX users_username (username=?)"),
    ] {
        let Db::Sqlite(db) = &mut *at.db else { unreachable!() };
        let steps = plan_of(db, query);
        assert!(steps.iter().any(|step| step.starts_with(by)), "{query}: {steps:?}");
        assert!(steps.iter().all(|step| !step.starts_with("SCAN") && !step.contains("TEMP B-TREE")), "{query}: {steps:?}");
    }
}

fn plan_of(db: &mut SqliteConnection, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(db).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}
