//! Changing and deleting rooms.

use super::{lobby, locked, make::name_for, membership, name_taken, peer};
use crate::db::{
    Actor, Db, Fault, Result, members, number,
    schema::{memberships, mentions, messages, rooms},
    transaction,
};
use crate::domain::{Change, Millis, Refusal, Room, RoomHead, RoomId, RoomKind, Topic, UserId, rules};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error},
};

/// What is to change; the rest stays.
#[derive(Clone, Default, Debug)]
pub struct RoomPatch {
    /// As somebody typed it.
    pub name: Option<String>,
    /// As somebody typed it.
    pub topic: Option<String>,
    /// Read-only.
    pub archived: Option<bool>,
    /// A group becomes a channel, or the other way round.
    pub kind: Option<RoomKind>,
    /// The acting member wants no notification.
    pub muted: Option<bool>,
    /// The acting member keeps it on top of their list.
    pub favourite: Option<bool>,
}

/// Changes a room; all of the patch or nothing.
pub fn update(db: &mut Db, actor: Actor<'_>, room: RoomId, patch: RoomPatch, now: Millis) -> Result<(Room, Vec<Change>)> {
    transaction(db, |db| {
        let before = locked(db, room)?;
        let standing = members::standing(db, &actor, &before)?;
        let mut changes = Vec::new();
        if patch.muted.is_some() || patch.favourite.is_some() {
            changes.extend(prefer(db, room, actor.id(), patch.muted, patch.favourite)?);
        }
        let mut head = before.clone();
        if let Some(kind) = patch.kind {
            rules::may_change_kind(before.kind, kind, lobby(db)? == room, standing)?;
            head.kind = kind;
        }
        if patch.name.is_some() || patch.topic.is_some() {
            rules::may_describe(before.kind, standing)?;
        }
        if patch.name.is_some() || head.kind != before.kind {
            let name = patch.name.or(before.name.clone()).unwrap_or_default();
            head.name = Some(name_for(head.kind, &name)?);
        }
        if let Some(topic) = patch.topic {
            head.topic = Topic::parse(&topic)?.0;
        }
        if let Some(archived) = patch.archived {
            rules::may_archive(before.kind, standing)?;
            head.archived_at = archived.then(|| before.archived_at.unwrap_or(now));
        }
        if head != before {
            write(db, &head)?;
            changes.push(Change::RoomUpdated { head: head.clone() });
        }
        let mine = membership(db, room, actor.id())?;
        let peer = if mine.is_some() { peer(db, &head, actor.id())? } else { None };
        Ok((Room::seen(&head, mine.as_ref(), peer), changes))
    })
}

fn prefer(db: &mut Db, room: RoomId, user: UserId, muted: Option<bool>, favourite: Option<bool>) -> Result<Option<Change>> {
    let seat = memberships::table.find((room, user));
    let before: Option<(bool, bool)> = seat.select((memberships::muted, memberships::favourite)).first(db).optional()?;
    let before = before.ok_or_else(Refusal::not_member)?;
    let (muted, favourite) = (muted.unwrap_or(before.0), favourite.unwrap_or(before.1));
    if (muted, favourite) == before {
        return Ok(None);
    }
    diesel::update(seat).set((memberships::muted.eq(muted), memberships::favourite.eq(favourite))).execute(db)?;
    Ok(Some(Change::Preferred { room, user, muted, favourite }))
}

fn write(db: &mut Db, head: &RoomHead) -> Result<()> {
    let channel_name = head.name.as_deref().filter(|_| head.kind == RoomKind::Channel);
    let values = (
        rooms::kind.eq(head.kind),
        rooms::name.eq(head.name.as_deref()),
        rooms::name_folded.eq(head.name.as_deref().map(str::to_lowercase)),
        rooms::channel_name.eq(channel_name),
        rooms::topic.eq(&head.topic),
        rooms::archived_at.eq(head.archived_at),
    );
    match diesel::update(rooms::table.find(head.id)).set(values).execute(db) {
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(name_taken().into()),
        other => other.map(drop).map_err(Fault::from),
    }
}

/// Deletes a room: at once for everybody, though its messages go in small steps; see [`purge_deleted`].
pub fn delete(db: &mut Db, actor: Actor<'_>, room: RoomId, now: Millis) -> Result<((), Vec<Change>)> {
    transaction(db, |db| {
        let head = locked(db, room)?;
        let standing = members::standing(db, &actor, &head)?;
        rules::may_delete(head.kind, lobby(db)? == room, standing)?;
        diesel::delete(memberships::table.filter(memberships::room_id.eq(room))).execute(db)?;
        // Its name is free again.
        let gone = (rooms::deleted_at.eq(now), rooms::channel_name.eq(None::<&str>), rooms::members.eq(0));
        diesel::update(rooms::table.find(room)).set(gone).execute(db)?;
        Ok(((), vec![Change::RoomDeleted { room }]))
    })
}

/// Removes at most `batch` messages of deleted rooms, and the rooms themselves once they are empty. Gives how many rows went:
/// 0 when nothing is left to do.
pub fn purge_deleted(db: &mut Db, batch: u32) -> Result<usize> {
    transaction(db, |db| {
        let deleted = rooms::table.filter(rooms::deleted_at.is_not_null()).order(rooms::deleted_at.asc());
        let next: Option<(RoomId, i64)> = deleted.select((rooms::id, rooms::no)).first(db).optional()?;
        let Some((room, no)) = next else { return Ok(0) };
        let within = messages::id.between(number::message(no, 0), number::end(no));
        let oldest = messages::table.filter(within).order(messages::id.asc()).select(messages::id);
        let Some(first): Option<i64> = oldest.first(db).optional()? else {
            diesel::delete(mentions::table.filter(mentions::room_id.eq(room))).execute(db)?;
            return Ok(diesel::delete(rooms::table.find(room)).execute(db)?);
        };
        let last = (first + i64::from(batch.max(1)) - 1).min(number::end(no));
        let named = mentions::room_id.eq(room).and(mentions::seq.le(number::seq(last)));
        diesel::delete(mentions::table.filter(named)).execute(db)?;
        Ok(diesel::delete(messages::table.filter(messages::id.between(first, last))).execute(db)?)
    })
}
