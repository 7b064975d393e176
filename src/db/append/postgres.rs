//! The log on PostgreSQL: one statement for all rows of a kind, because each call is a journey.

use super::{Facts, Head, Stored, Wanted, Watermarks, Writes};
use crate::db::{number, statement::statement, types::unpack};
use crate::domain::{ClientId, Millis, Receipt, RoomId, RoomKind, Sent, UserId};
use diesel::{
    QueryResult, RunQueryDsl,
    pg::{Pg, PgConnection},
    sql_types::{BigInt, Binary, Bool, Nullable, SmallInt, Text},
};

statement!(
    /// Rooms' numbers; they stand still until the transaction ends. Locked in the order of their ids.
    FindRooms for Pg { ids: Vec<RoomId> } -> (Binary, BigInt, SmallInt, BigInt, BigInt, Nullable<BigInt>)
        = "SELECT id, no, kind, last_seq, rev, archived_at FROM rooms WHERE id = ANY(" ids ") AND deleted_at IS NULL ORDER BY id FOR UPDATE"
);
statement!(
    /// Members' watermarks.
    FindSeats for Pg { rooms: Vec<RoomId>, users: Vec<UserId> } -> (Binary, Binary, BigInt, BigInt, BigInt, BigInt)
        = "SELECT m.room_id, m.user_id, m.read_seq, m.read_at, m.delivered_seq, m.delivered_at FROM unnest(" rooms "::bytea[], " users
          "::bytea[]) AS w(room_id, user_id) JOIN memberships m ON m.room_id = w.room_id AND m.user_id = w.user_id"
);
statement!(
    /// Messages by their senders' own ids for them.
    FindSent for Pg { authors: Vec<UserId>, client_ids: Vec<ClientId> }
        -> (Binary, Binary, Binary, Text, Bool, BigInt, BigInt, BigInt, Nullable<Binary>)
        = "SELECT m.author_id, m.client_id, r.id, m.body, m.edited_at IS NOT NULL OR m.deleted_at IS NOT NULL, m.id, m.rev, \
           m.created_at, m.mentions FROM unnest(" authors "::bytea[], " client_ids "::bytea[]) AS w(author_id, client_id) \
           JOIN messages m ON m.author_id = w.author_id AND m.client_id = w.client_id JOIN rooms r ON r.no = m.id >> 36"
);
statement!(
    /// Members by username; `at` is the place in the question.
    FindNamed<'a> for Pg { rooms: Vec<RoomId>, names: Vec<&'a str> } -> (BigInt, Binary)
        = "SELECT w.at, u.id FROM unnest(" rooms "::bytea[], " names "::text[]) WITH ORDINALITY AS w(room_id, name, at) \
           JOIN users u ON u.username = w.name JOIN memberships m ON m.user_id = u.id AND m.room_id = w.room_id"
);
statement!(
    /// Messages.
    InsertMessages<'a> for Pg {
        ids: Vec<i64>, revs: Vec<i64>, authors: Vec<UserId>, client_ids: Vec<Option<ClientId>>,
        bodies: Vec<&'a str>, times: Vec<Millis>, replies: Vec<Option<i64>>, threads: Vec<Option<i64>>, mentions: Vec<Option<&'a [u8]>>,
    } = "INSERT INTO messages (id, rev, author_id, client_id, body, created_at, reply_to, thread, mentions) SELECT * FROM unnest("
        ids "::bigint[], " revs "::bigint[], " authors "::bytea[], " client_ids "::bytea[], " bodies "::text[], "
        times "::bigint[], " replies "::bigint[], " threads "::bigint[], " mentions "::bytea[])"
);
statement!(
    /// Rooms' numbers after it.
    LiftRooms for Pg { last_at: Millis, ids: Vec<RoomId>, last_seqs: Vec<i64>, revs: Vec<i64> }
        = "UPDATE rooms r SET last_seq = w.last_seq, rev = w.rev, last_at = " last_at " FROM unnest(" ids "::bytea[], " last_seqs "::bigint[], " revs
          "::bigint[]) AS w(id, last_seq, rev) WHERE r.id = w.id"
);
statement!(
    /// Members' watermarks after it.
    LiftSeats for Pg {
        rooms: Vec<RoomId>, users: Vec<UserId>, read_seqs: Vec<i64>, read_ats: Vec<Millis>, delivered_seqs: Vec<i64>,
        delivered_ats: Vec<Millis>,
    } = "UPDATE memberships m SET read_seq = w.read_seq, read_at = w.read_at, delivered_seq = w.delivered_seq, \
         delivered_at = w.delivered_at FROM unnest(" rooms "::bytea[], " users "::bytea[], " read_seqs "::bigint[], " read_ats
         "::bigint[], " delivered_seqs "::bigint[], " delivered_ats "::bigint[]) \
         AS w(room_id, user_id, read_seq, read_at, delivered_seq, delivered_at) WHERE m.room_id = w.room_id AND m.user_id = w.user_id"
);
statement!(
    /// Who is named.
    InsertMentions for Pg { users: Vec<UserId>, rooms: Vec<RoomId>, seqs: Vec<i64> }
        = "INSERT INTO mentions (user_id, room_id, seq) SELECT * FROM unnest(" users "::bytea[], " rooms "::bytea[], " seqs "::bigint[])"
);
statement!(
    /// Unread mentions, in the question's order.
    CountMentions for Pg { users: Vec<UserId>, rooms: Vec<RoomId>, read_seqs: Vec<i64> } -> BigInt
        = "SELECT (SELECT count(*) FROM mentions x WHERE x.user_id = w.user_id AND x.room_id = w.room_id AND x.seq > w.read_seq) \
           FROM unnest(" users "::bytea[], " rooms "::bytea[], " read_seqs "::bigint[]) WITH ORDINALITY \
           AS w(user_id, room_id, read_seq, at) ORDER BY w.at"
);

/// Reads what is known, with the rooms locked first.
pub(in crate::db) fn facts<'a>(db: &mut PgConnection, wanted: &Wanted<'a>) -> QueryResult<Facts<'a>> {
    let mut facts = Facts::default();
    let rooms: Vec<(RoomId, i64, RoomKind, i64, i64, Option<Millis>)> = FindRooms { ids: wanted.rooms.clone() }.load(db)?;
    for (id, no, kind, last_seq, rev, archived_at) in rooms {
        facts.rooms.insert(id, Head { no, kind, last_seq, rev, archived_at });
    }
    if !wanted.seats.is_empty() {
        let (rooms, users) = wanted.seats.iter().copied().unzip();
        let rows: Vec<(RoomId, UserId, i64, Millis, i64, Millis)> = FindSeats { rooms, users }.load(db)?;
        for (room, user, read_seq, read_at, delivered_seq, delivered_at) in rows {
            facts.seats.insert((room, user), Watermarks { read_seq, read_at, delivered_seq, delivered_at });
        }
    }
    if !wanted.sent.is_empty() {
        let (authors, client_ids) = wanted.sent.iter().copied().unzip();
        let rows: Vec<SentRow> = FindSent { authors, client_ids }.load(db)?;
        facts.sent.extend(rows.into_iter().map(stored));
    }
    if !wanted.named.is_empty() {
        let (rooms, names) = wanted.named.iter().copied().unzip();
        let rows: Vec<(i64, UserId)> = FindNamed { rooms, names }.load(db)?;
        for (at, user) in rows {
            // PostgreSQL counts from 1.
            let place = usize::try_from(at - 1).ok().and_then(|at| wanted.named.get(at));
            facts.named.extend(place.map(|&named| (named, user)));
        }
    }
    Ok(facts)
}

type SentRow = (UserId, ClientId, RoomId, String, bool, i64, i64, Millis, Option<Vec<u8>>);

fn stored((author, client_id, room, body, touched, id, rev, created_at, mentions): SentRow) -> ((UserId, ClientId), Stored) {
    let sent = Sent { seq: number::seq(id), rev, created_at, duplicate: true, mentions: unpack(mentions.as_deref()) };
    ((author, client_id), Stored { room, body, touched, sent })
}

/// Writes what was decided; gives the receipts with their counts.
pub(in crate::db) fn write(db: &mut PgConnection, writes: &Writes<'_>) -> QueryResult<Vec<Receipt>> {
    if !writes.messages.is_empty() {
        insert(writes).execute(db)?;
        let rooms = || writes.rooms.iter();
        LiftRooms {
            last_at: writes.now,
            ids: rooms().map(|(id, _)| *id).collect(),
            last_seqs: rooms().map(|(_, (last_seq, _))| *last_seq).collect(),
            revs: rooms().map(|(_, (_, rev))| *rev).collect(),
        }
        .execute(db)?;
    }
    if !writes.seats.is_empty() {
        let marks = || writes.seats.values();
        LiftSeats {
            rooms: writes.seats.keys().map(|(room, _)| *room).collect(),
            users: writes.seats.keys().map(|(_, user)| *user).collect(),
            read_seqs: marks().map(|marks| marks.read_seq).collect(),
            read_ats: marks().map(|marks| marks.read_at).collect(),
            delivered_seqs: marks().map(|marks| marks.delivered_seq).collect(),
            delivered_ats: marks().map(|marks| marks.delivered_at).collect(),
        }
        .execute(db)?;
    }
    if !writes.mentions.is_empty() {
        let mentions = || writes.mentions.iter();
        InsertMentions {
            users: mentions().map(|(user, ..)| *user).collect(),
            rooms: mentions().map(|(_, room, _)| *room).collect(),
            seqs: mentions().map(|(.., seq)| *seq).collect(),
        }
        .execute(db)?;
    }
    counted(db, &writes.receipts)
}

fn counted(db: &mut PgConnection, receipts: &[Receipt]) -> QueryResult<Vec<Receipt>> {
    if receipts.is_empty() {
        return Ok(Vec::new());
    }
    let question = CountMentions {
        users: receipts.iter().map(|receipt| receipt.user).collect(),
        rooms: receipts.iter().map(|receipt| receipt.room).collect(),
        read_seqs: receipts.iter().map(|receipt| receipt.read_seq).collect(),
    };
    let counts: Vec<i64> = question.load(db)?;
    Ok(receipts.iter().zip(counts).map(|(receipt, mentions)| Receipt { mentions, ..*receipt }).collect())
}

fn insert<'a>(writes: &'a Writes<'_>) -> InsertMessages<'a> {
    let rows = || writes.messages.iter();
    InsertMessages {
        ids: rows().map(|row| row.id).collect(),
        revs: rows().map(|row| row.rev).collect(),
        authors: rows().map(|row| row.author).collect(),
        client_ids: rows().map(|row| row.client_id).collect(),
        bodies: rows().map(|row| row.body).collect(),
        times: rows().map(|row| row.created_at).collect(),
        replies: rows().map(|row| row.reply_to).collect(),
        threads: rows().map(|row| row.thread).collect(),
        mentions: rows().map(|row| row.mentions.as_deref()).collect(),
    }
}
