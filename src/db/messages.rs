//! Reading what was written. Each function takes a [`MemberRoom`], which only the check of membership can make.

use super::{
    Db, Result,
    connection::{MultiBackend, found},
    members::MemberRoom,
    number,
    schema::{memberships, messages, users},
    statement::statement,
    types::unpack,
};
use crate::domain::{ClientId, Limits, Message, Millis, RoomId, UserId};
use diesel::{prelude::*, sql_types::BigInt};

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
struct MessageRow {
    id: i64,
    rev: i64,
    author_id: UserId,
    client_id: Option<ClientId>,
    body: String,
    created_at: Millis,
    reply_to: Option<i64>,
    thread: Option<i64>,
    mentions: Option<Vec<u8>>,
    edited_at: Option<Millis>,
    deleted_at: Option<Millis>,
}

impl MessageRow {
    /// What it takes in a reply, about.
    fn size(&self) -> usize {
        512 + self.body.len() + 3 * self.mentions.as_ref().map_or(0, Vec::len)
    }

    fn of(self, room: RoomId) -> Message {
        Message {
            room,
            seq: number::seq(self.id),
            rev: self.rev,
            author: self.author_id,
            client_id: self.client_id,
            body: self.body,
            created_at: self.created_at,
            reply_to: self.reply_to,
            thread: self.thread,
            mentions: unpack(self.mentions.as_deref()),
            edited_at: self.edited_at,
            deleted_at: self.deleted_at,
        }
    }
}

fn all_of(room: &MemberRoom, rows: Vec<MessageRow>) -> Vec<Message> {
    rows.into_iter().map(|row| row.of(room.head().id)).collect()
}

/// Where a page of history is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum From {
    /// At the end.
    Newest,
    /// Ends before this message.
    Before(i64),
    /// Starts after this message.
    After(i64),
    /// Has this message in its middle.
    Around(i64),
}

/// A page of history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slice {
    /// Ascending, without a gap.
    pub messages: Vec<Message>,
    /// There are older ones.
    pub has_before: bool,
    /// There are newer ones.
    pub has_after: bool,
}

impl From {
    /// Which rows of a page that may be too large are kept: the first and how many. Those nearest to what was asked for.
    fn fitting(self, rows: &[MessageRow], most: Most) -> (usize, usize) {
        match self {
            Self::Newest | Self::Before(_) => {
                let kept = most.fit(rows.iter().rev());
                (rows.len().saturating_sub(kept), kept)
            }
            Self::After(_) => (0, most.fit(rows.iter())),
            Self::Around(seq) => {
                let half = Most { bytes: most.bytes / 2, ..most };
                let at = rows.partition_point(|row| number::seq(row.id) < seq);
                let before = if at == 0 { 0 } else { half.fit(rows[..at].iter().rev()) };
                (at - before, before + if at == rows.len() { 0 } else { half.fit(rows[at..].iter()) })
            }
        }
    }

    /// The first and the last number of a page in a room that ends with `last`. That numbers have no gap makes this arithmetic.
    fn bounds(self, limit: i64, last: i64) -> (i64, i64) {
        let last_page = (last - limit + 1).max(1);
        match self {
            Self::Newest => (last_page, last),
            Self::Before(seq) => {
                let end = seq.saturating_sub(1).min(last);
                ((end.saturating_sub(limit) + 1).max(1), end)
            }
            Self::After(seq) => {
                let start = seq.max(0).saturating_add(1);
                (start, start.saturating_add(limit - 1).min(last))
            }
            Self::Around(seq) => {
                let start = seq.saturating_sub(limit / 2).clamp(1, last_page);
                (start, start.saturating_add(limit - 1).min(last))
            }
        }
    }
}

/// How large a page may get, whichever is reached first. One message is always in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Most {
    /// Messages.
    pub messages: u32,
    /// Bytes of their bodies and what surrounds them, about: such a page must fit into a connection's outbox.
    pub bytes: usize,
}

impl Most {
    /// So many messages, and no more bytes than may wait for one connection.
    pub fn within(limits: &Limits, messages: u32) -> Self {
        Self { messages, bytes: limits.outbox_bytes as usize }
    }

    /// How many of these fit.
    fn fit<'a>(self, rows: impl Iterator<Item = &'a MessageRow>) -> usize {
        let mut left = self.bytes;
        let fits = rows.take_while(|row| {
            let size = row.size();
            let fits = size <= left;
            left = left.saturating_sub(size);
            fits
        });
        fits.count().max(1)
    }
}

/// A page of history: one seek, wherever it is.
pub fn page(db: &mut Db, room: &MemberRoom, from: From, most: Most) -> Result<Slice> {
    let last = room.head().last_seq;
    let (start, end) = from.bounds(i64::from(most.messages.max(1)), last);
    if start > end {
        // Before the first or after the last one; what there is lies on the other side.
        let after = matches!(from, From::After(_));
        return Ok(Slice { messages: Vec::new(), has_before: after && last > 0, has_after: !after && last > 0 });
    }
    let mut rows: Vec<MessageRow> = messages::table
        .filter(messages::id.between(number::message(room.no(), start), number::message(room.no(), end)))
        .order(messages::id.asc())
        .select(MessageRow::as_select())
        .load(db)?;
    let (first, kept) = from.fitting(&rows, most);
    let (has_before, has_after) = (start > 1 || first > 0, end < last || first + kept < rows.len());
    rows.truncate(first + kept);
    rows.drain(..first);
    Ok(Slice { messages: all_of(room, rows), has_before, has_after })
}

/// What changed in a room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delta {
    /// Ascending by `rev`.
    pub messages: Vec<Message>,
    /// Up to here nothing is missing.
    pub rev: i64,
    /// There is more after it.
    pub more: bool,
}

/// What changed after `after_rev`, in order.
///
/// So far each change of a room is a new message, so `rev` rises as `seq` does, and the messages' own order is the changes' order:
/// an index by `rev` would cost every message and serve none. Changes of another kind bring a table of their own, by `rev`.
pub fn since(db: &mut Db, room: &MemberRoom, after_rev: i64, most: Most) -> Result<Delta> {
    let limit = most.messages.max(1);
    let mut rows: Vec<MessageRow> = messages::table
        .filter(messages::id.gt(number::message(room.no(), after_rev)))
        .filter(messages::id.le(number::end(room.no())))
        .order(messages::id.asc())
        .limit(i64::from(limit) + 1)
        .select(MessageRow::as_select())
        .load(db)?;
    let read = rows.len();
    rows.truncate((limit as usize).min(most.fit(rows.iter())));
    let more = rows.len() < read;
    let last = rows.last().map_or(0, |row| row.rev);
    // The room was read before its messages: what it says is the least that was seen.
    let rev = if more { last } else { last.max(room.head().rev) };
    Ok(Delta { messages: all_of(room, rows), rev, more })
}

/// One message.
pub fn one(db: &mut Db, room: &MemberRoom, seq: i64) -> Result<Message> {
    let row: Option<MessageRow> =
        messages::table.find(number::message(room.no(), seq)).select(MessageRow::as_select()).first(db).optional()?;
    // Out of range is not the nearest end.
    let row = row.filter(|row| number::seq(row.id) == seq);
    Ok(found(row, "message")?.of(room.head().id))
}

/// Whom a message reached, and who read it, with the time of their last such step. The author is in neither list, nor who came later; who does
/// not share what they have read is in the list of readers for themselves alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipts {
    /// It reached one of their devices.
    pub delivered: Vec<(UserId, Millis)>,
    /// They have read it.
    pub read: Vec<(UserId, Millis)>,
}

/// Whom a message reached, and who read it.
pub fn receipts(db: &mut Db, room: &MemberRoom, seq: i64) -> Result<Receipts> {
    let author = one(db, room, seq)?.author;
    let rows: Vec<(UserId, Millis, i64, Millis, bool)> = memberships::table
        .inner_join(users::table)
        .filter(memberships::room_id.eq(room.head().id))
        .filter(memberships::user_id.ne(author))
        .filter(memberships::delivered_seq.ge(seq))
        .filter(memberships::joined_seq.lt(seq))
        .order(memberships::user_id.asc())
        .select((memberships::user_id, memberships::delivered_at, memberships::read_seq, memberships::read_at, users::share_read_receipts))
        .load(db)?;
    let told = |user: UserId, shares: bool| shares || user == room.user();
    let read = rows.iter().filter(|(user, _, read_seq, _, shares)| *read_seq >= seq && told(*user, *shares));
    let read = read.map(|&(user, _, _, at, _)| (user, at)).collect();
    Ok(Receipts { delivered: rows.iter().map(|&(user, at, ..)| (user, at)).collect(), read })
}

statement!(
    /// Numbers have no gap: the last one counts.
    Count for MultiBackend {} -> BigInt = "SELECT CAST(coalesce(sum(last_seq), 0) AS BIGINT) FROM rooms WHERE deleted_at IS NULL"
);

/// How many messages all rooms have together.
pub fn count(db: &mut Db) -> Result<i64> {
    Ok(Count {}.get_result(db)?)
}

#[cfg(test)]
mod tests {
    use super::From::{After, Around, Before, Newest};

    #[test]
    fn pages_are_arithmetic() {
        for (from, limit, last, wanted) in [
            (Newest, 3, 10, (8, 10)),
            (Newest, 3, 2, (1, 2)),
            (Newest, 3, 0, (1, 0)),
            (Before(5), 3, 10, (2, 4)),
            (Before(2), 3, 10, (1, 1)),
            (Before(1), 3, 10, (1, 0)),
            (Before(99), 3, 10, (8, 10)),
            (Before(i64::MIN), 3, 10, (1, i64::MIN)),
            (After(5), 3, 10, (6, 8)),
            (After(9), 3, 10, (10, 10)),
            (After(10), 3, 10, (11, 10)),
            (After(-5), 3, 10, (1, 3)),
            (After(i64::MAX), 3, 10, (i64::MAX, 10)),
            (Around(5), 3, 10, (4, 6)),
            (Around(1), 3, 10, (1, 3)),
            (Around(10), 3, 10, (8, 10)),
            (Around(99), 3, 10, (8, 10)),
            (Around(5), 3, 0, (1, 0)),
        ] {
            assert_eq!(from.bounds(limit, last), wanted, "{from:?}");
        }
    }
}
