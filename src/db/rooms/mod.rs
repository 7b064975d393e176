//! Rooms: what they are, and whose list they are in.

mod change;
mod lists;
mod make;

pub use change::{RoomPatch, delete, purge_deleted, update};
pub use lists::{AdminRoom, Mine, admin_list, mine, mine_page, public, seen};
pub use make::{NewRoom, create, direct};

use super::{
    Db, Result,
    connection::found,
    dialect, meta,
    schema::{memberships, rooms, users},
    transaction,
    users::UserRow,
};
use crate::domain::{Code, Membership, Millis, Refusal, Role, RoomHead, RoomId, RoomKind, RoomRef, User, UserId};
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::BigInt};

/// Where `meta` keeps the lobby's id.
const LOBBY: &str = "lobby";

#[derive(Queryable, Selectable)]
#[diesel(table_name = rooms)]
pub(super) struct HeadRow {
    id: RoomId,
    kind: RoomKind,
    name: Option<String>,
    topic: String,
    members: i64,
    last_seq: i64,
    last_at: Option<Millis>,
    rev: i64,
    created_at: Millis,
    archived_at: Option<Millis>,
}

impl From<HeadRow> for RoomHead {
    fn from(row: HeadRow) -> Self {
        let HeadRow { id, kind, name, topic, members, last_seq, last_at, rev, created_at, archived_at } = row;
        Self { id, kind, name, topic, members, last_seq, last_at, rev, created_at, archived_at }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = memberships)]
pub(super) struct MembershipRow {
    role: Role,
    read_seq: i64,
    delivered_seq: i64,
    #[diesel(select_expression = unread_mentions())]
    #[diesel(select_expression_type = SqlLiteral<BigInt>)]
    mentions: i64,
    muted: bool,
    favourite: bool,
    joined_at: Millis,
}

impl From<MembershipRow> for Membership {
    fn from(row: MembershipRow) -> Self {
        let MembershipRow { role, read_seq, delivered_seq, mentions, muted, favourite, joined_at } = row;
        Self { role, read_seq, delivered_seq, mentions, muted, favourite, joined_at }
    }
}

/// How many unread messages name the member. In the statement that reads the rest, so that a message is in all of the numbers or in none.
fn unread_mentions() -> SqlLiteral<BigInt> {
    sql("(SELECT count(*) FROM mentions x \
         WHERE x.user_id = memberships.user_id AND x.room_id = memberships.room_id AND x.seq > memberships.read_seq)")
}

/// Makes the lobby where there is none.
pub(super) fn prepare(db: &mut Db, now: Millis) -> Result<()> {
    if meta::get(db, LOBBY)?.is_some() {
        return Ok(());
    }
    let head = RoomHead::new(RoomKind::Channel, Some(LOBBY.to_owned()), String::new(), now);
    make::insert(db, &head, None)?;
    meta::put(db, LOBBY, &head.id.to_string())
}

/// The channel that everybody is in; made at the first start, called `lobby`.
pub fn lobby(db: &mut Db) -> Result<RoomId> {
    let id = meta::get(db, LOBBY)?.and_then(|id| id.parse().ok());
    found(id, "room")
}

/// The id behind what a request calls a room.
pub fn resolve(db: &mut Db, room: &RoomRef<'_>) -> Result<RoomId> {
    match room {
        RoomRef::Id(id) => head(db, *id).map(|head| head.id),
        RoomRef::Name(name) => {
            let query = rooms::table.filter(rooms::channel_name.eq(name.as_ref())).filter(rooms::deleted_at.is_null());
            found(query.select(rooms::id).first(db).optional()?, "room")
        }
    }
}

/// A room that is not deleted.
pub fn head(db: &mut Db, id: RoomId) -> Result<RoomHead> {
    let query = rooms::table.find(id).filter(rooms::deleted_at.is_null()).select(HeadRow::as_select());
    let row: Option<HeadRow> = query.first(db).optional()?;
    Ok(found(row, "room")?.into())
}

/// The same as [`heads`], once nobody is writing to them: a commit of which we did not hear how it ended has ended then.
pub fn settled_heads(db: &mut Db, ids: &[RoomId]) -> Result<Vec<RoomHead>> {
    let mut ids = ids.to_vec();
    // In one order, so that two writers don't wait for each other.
    ids.sort();
    transaction(db, |db| {
        ids.iter().try_for_each(|id| dialect::lock_room(db, *id))?;
        heads(db, &ids)
    })
}

/// Those of `ids` that exist and are not deleted.
pub fn heads(db: &mut Db, ids: &[RoomId]) -> Result<Vec<RoomHead>> {
    let query = rooms::table.filter(rooms::id.eq_any(ids)).filter(rooms::deleted_at.is_null());
    let rows: Vec<HeadRow> = query.select(HeadRow::as_select()).load(db)?;
    Ok(rows.into_iter().map(RoomHead::from).collect())
}

/// How many rooms there are.
pub fn count(db: &mut Db) -> Result<i64> {
    Ok(rooms::table.filter(rooms::deleted_at.is_null()).count().get_result(db)?)
}

/// A room that stands still until the transaction ends.
pub(super) fn locked(db: &mut Db, id: RoomId) -> Result<RoomHead> {
    dialect::lock_room(db, id)?;
    head(db, id)
}

/// The other user of a direct room.
pub(super) fn peer(db: &mut Db, head: &RoomHead, me: UserId) -> Result<Option<User>> {
    if head.kind != RoomKind::Direct {
        return Ok(None);
    }
    let row: Option<UserRow> = memberships::table
        .inner_join(users::table)
        .filter(memberships::room_id.eq(head.id))
        .filter(memberships::user_id.ne(me))
        .select(UserRow::as_select())
        .first(db)
        .optional()?;
    Ok(row.map(User::from))
}

/// One user's state in a room; none where they are not in it.
pub(super) fn membership(db: &mut Db, room: RoomId, user: UserId) -> Result<Option<Membership>> {
    let row: Option<MembershipRow> = memberships::table.find((room, user)).select(MembershipRow::as_select()).first(db).optional()?;
    Ok(row.map(Membership::from))
}

fn name_taken() -> Refusal {
    Refusal::new(Code::Conflict, "There is a channel of this name already.")
}
