//! Lists of rooms.

use super::{HeadRow, MembershipRow, head, membership, peer};
use crate::db::{
    Db, Page, Result,
    connection::MultiBackend,
    page::{after, containing, one_more},
    schema::{memberships, rooms},
    statement::statement,
    users::UserRow,
};
use crate::domain::{Membership, Refusal, Room, RoomHead, RoomId, RoomKind, User, UserId};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Binary, Bool, Nullable, SmallInt, Text},
};
use std::collections::HashMap;

/// A room of mine.
#[derive(Clone, PartialEq, Debug)]
pub struct Mine {
    /// The room.
    pub head: RoomHead,
    /// My state in it.
    pub membership: Membership,
    /// The other user of a direct room.
    pub peer: Option<User>,
}

impl Mine {
    /// The room as I see it.
    pub fn room(&self) -> Room {
        Room::seen(&self.head, Some(&self.membership), self.peer.clone())
    }
}

/// A room as administrators see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdminRoom {
    /// The room; `last_seq` is how many messages it has.
    pub head: RoomHead,
}

statement!(
    /// The other users of a user's direct rooms.
    Peers for MultiBackend { user: UserId, me: UserId }
        -> (Binary, (Binary, Text, Text, SmallInt, Bool, BigInt, Nullable<BigInt>, Bool, Bool))
        = "SELECT m.room_id, u.id, u.username, u.display_name, u.role, u.guest, u.created_at, u.last_seen, \
           u.share_read_receipts, u.share_last_seen FROM memberships m JOIN rooms r ON r.id = m.room_id AND r.kind = 0 \
           JOIN memberships o ON o.room_id = m.room_id AND o.user_id <> " me " JOIN users u ON u.id = o.user_id WHERE m.user_id = " user
);

/// All my rooms. Two queries, however many there are.
pub fn mine(db: &mut Db, user: UserId) -> Result<Vec<Mine>> {
    let query = memberships::table
        .inner_join(rooms::table)
        .filter(memberships::user_id.eq(user))
        .filter(rooms::deleted_at.is_null())
        .order(memberships::room_id.asc())
        .select((HeadRow::as_select(), MembershipRow::as_select()));
    let rows: Vec<(HeadRow, MembershipRow)> = query.load(db)?;
    let peers: HashMap<RoomId, UserRow> = if rows.iter().any(|(head, _)| head.kind == RoomKind::Direct) {
        Peers { user, me: user }.load::<(RoomId, UserRow)>(db)?.into_iter().collect()
    } else {
        HashMap::new()
    };
    Ok(assembled(rows, peers).collect())
}

fn assembled(rows: Vec<(HeadRow, MembershipRow)>, mut peers: HashMap<RoomId, UserRow>) -> impl Iterator<Item = Mine> {
    rows.into_iter().map(move |(head, membership)| {
        let peer = peers.remove(&head.id).map(User::from);
        Mine { head: head.into(), membership: membership.into(), peer }
    })
}

/// A page of my rooms, oldest first.
pub fn mine_page(db: &mut Db, user: UserId, cursor: Option<&str>, limit: u32) -> Result<Page<Room>> {
    let mut query = memberships::table
        .inner_join(rooms::table)
        .filter(memberships::user_id.eq(user))
        .filter(rooms::deleted_at.is_null())
        .order(memberships::room_id.asc())
        .limit(one_more(limit))
        .select((HeadRow::as_select(), MembershipRow::as_select()))
        .into_boxed();
    if let Some(last) = after::<RoomId>(cursor)? {
        query = query.filter(memberships::room_id.gt(last));
    }
    let rows: Vec<(HeadRow, MembershipRow)> = query.load(db)?;
    let page = Page::cut(rows, limit, |(head, _)| head.id);
    let peers = peers_of(db, user, &page.items)?;
    let items = assembled(page.items, peers).map(|mine| mine.room()).collect();
    Ok(Page { items, next_cursor: page.next_cursor })
}

fn peers_of(db: &mut Db, user: UserId, rows: &[(HeadRow, MembershipRow)]) -> Result<HashMap<RoomId, UserRow>> {
    use crate::db::schema::users;
    let direct: Vec<RoomId> = rows.iter().filter(|(head, _)| head.kind == RoomKind::Direct).map(|(head, _)| head.id).collect();
    if direct.is_empty() {
        return Ok(HashMap::new());
    }
    let query = memberships::table
        .inner_join(users::table)
        .filter(memberships::room_id.eq_any(direct))
        .filter(memberships::user_id.ne(user))
        .select((memberships::room_id, UserRow::as_select()));
    Ok(query.load::<(RoomId, UserRow)>(db)?.into_iter().collect())
}

/// Channels, by name; `q` is a part of it. Each as the user sees it, who may be in it.
pub fn public(db: &mut Db, user: UserId, q: Option<&str>, cursor: Option<&str>, limit: u32) -> Result<Page<Room>> {
    let mut query = rooms::table
        .filter(rooms::channel_name.is_not_null())
        .order(rooms::channel_name.asc())
        .limit(one_more(limit))
        .select(HeadRow::as_select())
        .into_boxed();
    if let Some(last) = after::<String>(cursor)? {
        query = query.filter(rooms::channel_name.gt(last));
    }
    if let Some(q) = q {
        let q = q.strip_prefix('#').unwrap_or(q).to_lowercase();
        query = query.filter(rooms::channel_name.like(containing(&q)).escape('\\'));
    }
    let rows: Vec<HeadRow> = query.load(db)?;
    let page = Page::cut(rows, limit, |head| head.name.clone().unwrap_or_default());
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let head = RoomHead::from(row);
        let mine = membership(db, head.id, user)?;
        items.push(Room::seen(&head, mine.as_ref(), None));
    }
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// A room as a user sees it: one of theirs, or a channel; `not_found` otherwise.
pub fn seen(db: &mut Db, user: UserId, room: RoomId) -> Result<Room> {
    let query = memberships::table
        .inner_join(rooms::table)
        .filter(memberships::room_id.eq(room))
        .filter(memberships::user_id.eq(user))
        .filter(rooms::deleted_at.is_null())
        .select((HeadRow::as_select(), MembershipRow::as_select()));
    let row: Option<(HeadRow, MembershipRow)> = query.first(db).optional()?;
    let Some((head, mine)) = row else {
        let head = head(db, room)?;
        let may_see = head.kind == RoomKind::Channel;
        return if may_see { Ok(Room::seen(&head, None, None)) } else { Err(Refusal::not_found("room").into()) };
    };
    let head = RoomHead::from(head);
    let peer = peer(db, &head, user)?;
    Ok(Room::seen(&head, Some(&mine.into()), peer))
}

/// All rooms, newest first, for administrators; `q` is a part of the name.
pub fn admin_list(
    db: &mut Db,
    q: Option<&str>,
    kind: Option<RoomKind>,
    archived: Option<bool>,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<AdminRoom>> {
    let mut query = rooms::table
        .filter(rooms::deleted_at.is_null())
        .order(rooms::id.desc())
        .limit(one_more(limit))
        .select(HeadRow::as_select())
        .into_boxed();
    if let Some(last) = after::<RoomId>(cursor)? {
        query = query.filter(rooms::id.lt(last));
    }
    if let Some(q) = q {
        let q = q.strip_prefix('#').unwrap_or(q).to_lowercase();
        query = query.filter(rooms::name_folded.like(containing(&q)).escape('\\'));
    }
    if let Some(kind) = kind {
        query = query.filter(rooms::kind.eq(kind));
    }
    query = match archived {
        Some(true) => query.filter(rooms::archived_at.is_not_null()),
        Some(false) => query.filter(rooms::archived_at.is_null()),
        None => query,
    };
    let rows: Vec<HeadRow> = query.load(db)?;
    Ok(Page::cut(rows, limit, |head| head.id).map(|head| AdminRoom { head: head.into() }))
}
