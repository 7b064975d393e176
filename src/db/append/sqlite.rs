//! The log on SQLite: many small statements, each prepared once; a call costs no journey.

use super::{Facts, Head, Row, Stored, Wanted, Watermarks, Writes};
use crate::db::{number, statement::statement, types::unpack};
use crate::domain::{ClientId, Millis, Receipt, RoomId, RoomKind, Sent, UserId};
use diesel::{
    OptionalExtension, QueryResult, RunQueryDsl, SqliteConnection,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Binary, Bool, Nullable, SmallInt, Text},
    sqlite::Sqlite,
};
use std::array;

statement!(
    /// A room's numbers.
    FindRoom for Sqlite { id: RoomId } -> (BigInt, SmallInt, BigInt, BigInt, Nullable<BigInt>)
        = "SELECT no, kind, last_seq, rev, archived_at FROM rooms WHERE id = " id " AND deleted_at IS NULL"
);
statement!(
    /// A member's watermarks.
    FindSeat for Sqlite { room: RoomId, user: UserId } -> (BigInt, BigInt, BigInt, BigInt)
        = "SELECT read_seq, read_at, delivered_seq, delivered_at FROM memberships WHERE room_id = " room " AND user_id = " user
);
statement!(
    /// A message by its sender's own id for it.
    FindSent for Sqlite { author: UserId, client_id: ClientId }
        -> (Binary, Text, Bool, BigInt, BigInt, BigInt, Nullable<Binary>)
        = "SELECT r.id, m.body, m.edited_at IS NOT NULL OR m.deleted_at IS NOT NULL, m.id, m.rev, m.created_at, m.mentions \
           FROM messages m JOIN rooms r ON r.no = m.id >> 36 WHERE m.client_id = " client_id " AND m.author_id = " author
);
statement!(
    /// A member by username.
    FindNamed<'a> for Sqlite { name: &'a str, room: RoomId } -> Binary
        = "SELECT u.id FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.username = " name " AND m.room_id = " room
);
/// Rows that one statement inserts, where there are so many: what a statement costs beside its rows is as much as a row.
const ROWS: usize = 16;

/// Messages. `OR FAIL` keeps what came before a row that fails, until the transaction is undone: to take back the statement alone, as is SQLite's
/// way, it would copy each page that it touches.
struct InsertMessages<'a, const N: usize>(&'a [Row<'a>; N]);

impl<const N: usize> QueryId for InsertMessages<'_, N> {
    type QueryId = InsertMessages<'static, N>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const N: usize> QueryFragment<Sqlite> for InsertMessages<'_, N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("INSERT OR FAIL INTO messages (id, rev, author_id, client_id, body, created_at, reply_to, thread, mentions) VALUES");
        for (at, row) in self.0.iter().enumerate() {
            out.push_sql(if at == 0 { " (" } else { ", (" });
            statement!(@pieces out row id ", " rev ", " author ", " client_id ", " body ", " created_at ", " reply_to ", " thread ", " mentions ")");
        }
        Ok(())
    }
}

impl<const N: usize> RunQueryDsl<SqliteConnection> for InsertMessages<'_, N> {}

statement!(
    /// A room's numbers after it.
    LiftRoom for Sqlite { last_seq: i64, rev: i64, last_at: Millis, id: RoomId }
        = "UPDATE rooms SET last_seq = " last_seq ", rev = " rev ", last_at = " last_at " WHERE id = " id
);
statement!(
    /// A member's watermarks after it.
    LiftSeat for Sqlite { read_seq: i64, read_at: Millis, delivered_seq: i64, delivered_at: Millis, room: RoomId, user: UserId }
        = "UPDATE memberships SET read_seq = " read_seq ", read_at = " read_at ", delivered_seq = " delivered_seq
          ", delivered_at = " delivered_at " WHERE room_id = " room " AND user_id = " user
);
statement!(
    /// Somebody is named.
    InsertMention for Sqlite { user: UserId, room: RoomId, seq: i64 }
        = "INSERT INTO mentions (user_id, room_id, seq) VALUES (" user ", " room ", " seq ")"
);
statement!(
    /// Unread mentions.
    CountMentions for Sqlite { user: UserId, room: RoomId, read_seq: i64 } -> BigInt
        = "SELECT count(*) FROM mentions WHERE user_id = " user " AND room_id = " room " AND seq > " read_seq
);

/// Reads what is known.
pub(in crate::db) fn facts<'a>(db: &mut SqliteConnection, wanted: &Wanted<'a>) -> QueryResult<Facts<'a>> {
    let mut facts = Facts::default();
    for &id in &wanted.rooms {
        let row: Option<(i64, RoomKind, i64, i64, Option<Millis>)> = FindRoom { id }.get_result(db).optional()?;
        let head = row.map(|(no, kind, last_seq, rev, archived_at)| Head { no, kind, last_seq, rev, archived_at });
        facts.rooms.extend(head.map(|head| (id, head)));
    }
    for &(room, user) in &wanted.seats {
        let row: Option<(i64, Millis, i64, Millis)> = FindSeat { room, user }.get_result(db).optional()?;
        let marks =
            row.map(|(read_seq, read_at, delivered_seq, delivered_at)| Watermarks { read_seq, read_at, delivered_seq, delivered_at });
        facts.seats.extend(marks.map(|marks| ((room, user), marks)));
    }
    for &(author, client_id) in &wanted.sent {
        let row = FindSent { author, client_id }.get_result(db).optional()?;
        facts.sent.extend(row.map(|row| ((author, client_id), stored(row))));
    }
    for &(room, name) in &wanted.named {
        let user: Option<UserId> = FindNamed { name, room }.get_result(db).optional()?;
        facts.named.extend(user.map(|user| ((room, name), user)));
    }
    Ok(facts)
}

type SentRow = (RoomId, String, bool, i64, i64, Millis, Option<Vec<u8>>);

fn stored((room, body, touched, id, rev, created_at, mentions): SentRow) -> Stored {
    let mentions = unpack(mentions.as_deref());
    Stored { room, body, touched, sent: Sent { seq: number::seq(id), rev, created_at, duplicate: true, mentions } }
}

/// Writes what was decided; gives the receipts with their counts.
pub(in crate::db) fn write(db: &mut SqliteConnection, writes: &Writes<'_>) -> QueryResult<Vec<Receipt>> {
    let (many, rest) = writes.messages.as_chunks::<ROWS>();
    for rows in many {
        InsertMessages(rows).execute(db)?;
    }
    for row in rest {
        InsertMessages(array::from_ref(row)).execute(db)?;
    }
    for (&id, &(last_seq, rev)) in &writes.rooms {
        LiftRoom { last_seq, rev, last_at: writes.now, id }.execute(db)?;
    }
    for (&(room, user), &Watermarks { read_seq, read_at, delivered_seq, delivered_at }) in &writes.seats {
        LiftSeat { read_seq, read_at, delivered_seq, delivered_at, room, user }.execute(db)?;
    }
    for &(user, room, seq) in &writes.mentions {
        InsertMention { user, room, seq }.execute(db)?;
    }
    let counted = writes.receipts.iter().map(|receipt| {
        let &Receipt { room, user, read_seq, .. } = receipt;
        let mentions = CountMentions { user, room, read_seq }.get_result(db)?;
        Ok(Receipt { mentions, ..*receipt })
    });
    counted.collect()
}
