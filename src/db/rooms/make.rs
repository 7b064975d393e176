//! New rooms.

use super::{membership, name_taken, peer};
use crate::db::{
    Db, Result,
    connection::{MultiBackend, found},
    members,
    schema::{rooms, users as user_rows},
    statement::statement,
    transaction, users,
};
use crate::domain::{
    Change, ChannelName, GroupTitle, Millis, Refusal, Role, Room, RoomHead, RoomId, RoomKind, Topic, User, UserId, UserRef,
};
use diesel::prelude::*;

/// A room to be made.
#[derive(Clone, Debug)]
pub struct NewRoom {
    /// A group or a channel.
    pub kind: RoomKind,
    /// As somebody typed it.
    pub name: String,
    /// As somebody typed it.
    pub topic: Option<String>,
    /// Who is in it besides its maker.
    pub members: Vec<UserRef>,
}

statement!(
    /// Nothing happens where the channel's name or the pair is taken.
    Insert<'a> for MultiBackend {
        id: RoomId, kind: RoomKind, name: Option<&'a str>, name_folded: Option<&'a str>, channel_name: Option<&'a str>,
        direct_key: Option<&'a [u8]>, topic: &'a str, created_at: Millis,
    } = "INSERT INTO rooms (id, kind, name, name_folded, channel_name, direct_key, topic, members, last_seq, rev, created_at) VALUES ("
        id ", " kind ", " name ", " name_folded ", " channel_name ", " direct_key ", " topic ", 0, 0, 0, " created_at
        ") ON CONFLICT DO NOTHING"
);

/// Whether there was none like it. It has no members yet.
pub(in crate::db) fn insert(db: &mut Db, head: &RoomHead, direct_key: Option<&[u8]>) -> Result<bool> {
    let name_folded = head.name.as_deref().map(str::to_lowercase);
    let insert = Insert {
        id: head.id,
        kind: head.kind,
        name: head.name.as_deref(),
        name_folded: name_folded.as_deref(),
        channel_name: head.name.as_deref().filter(|_| head.kind == RoomKind::Channel),
        direct_key,
        topic: &head.topic,
        created_at: head.created_at,
    };
    Ok(insert.execute(db)? > 0)
}

/// A room's name as its kind demands it.
pub(super) fn name_for(kind: RoomKind, name: &str) -> std::result::Result<String, Refusal> {
    match kind {
        RoomKind::Channel => ChannelName::parse(name).map(|name| name.0),
        RoomKind::Group => GroupTitle::parse(name).map(|title| title.0),
        RoomKind::Direct => Err(Refusal::invalid("kind", "group or channel; direct rooms have a request of their own.")),
    }
}

/// Makes a group or a channel; its maker owns it.
pub fn create(db: &mut Db, by: &User, new: NewRoom, now: Millis) -> Result<(Room, Vec<Change>)> {
    transaction(db, |db| {
        let name = name_for(new.kind, &new.name)?;
        let topic = Topic::parse(new.topic.as_deref().unwrap_or_default())?.0;
        let mut head = RoomHead::new(new.kind, Some(name), topic, now);
        if !insert(db, &head, None)? {
            return Err(name_taken().into());
        }
        let mut first = vec![(by.clone(), Role::Owner)];
        for user in &new.members {
            let user = users::find(db, user)?;
            if first.iter().all(|(other, _)| other.id != user.id) {
                first.push((user, Role::Member));
            }
        }
        for (user, _) in &first {
            members::refuse_too_many(db, user.id)?;
        }
        let changes = members::enter_all(db, &mut head, &first, now)?;
        let mine = membership(db, head.id, by.id)?;
        Ok((Room::seen(&head, mine.as_ref(), None), changes))
    })
}

/// The room of two users, and whether it is new. There is never more than one of a pair.
pub fn direct(db: &mut Db, me: UserId, other: &UserRef, now: Millis) -> Result<((Room, bool), Vec<Change>)> {
    transaction(db, |db| {
        let other = users::find(db, other)?;
        if other.id == me {
            return Err(Refusal::invalid("user", "Somebody else than yourself.").into());
        }
        let key = [me.min(other.id).as_bytes().as_slice(), me.max(other.id).as_bytes()].concat();
        if let Some(room) = of_pair(db, &key, me)? {
            return Ok(((room, false), Vec::new()));
        }
        refuse_disabled(db, other.id)?;
        members::refuse_too_many(db, me)?;
        let mut head = RoomHead::new(RoomKind::Direct, None, String::new(), now);
        if !insert(db, &head, Some(&key))? {
            // The other one was faster, and has committed by now.
            return Ok(((found(of_pair(db, &key, me)?, "room")?, false), Vec::new()));
        }
        let pair = [(users::get(db, me)?, Role::Member), (other.clone(), Role::Member)];
        let changes = members::enter_all(db, &mut head, &pair, now)?;
        let mine = membership(db, head.id, me)?;
        Ok(((Room::seen(&head, mine.as_ref(), Some(other)), true), changes))
    })
}

fn of_pair(db: &mut Db, key: &[u8], me: UserId) -> Result<Option<Room>> {
    let query = rooms::table.filter(rooms::direct_key.eq(key)).select(rooms::id);
    let Some(id): Option<RoomId> = query.first(db).optional()? else {
        return Ok(None);
    };
    let head = super::head(db, id)?;
    let mine = membership(db, id, me)?;
    let peer = peer(db, &head, me)?;
    Ok(Some(Room::seen(&head, mine.as_ref(), peer)))
}

fn refuse_disabled(db: &mut Db, user: UserId) -> Result<()> {
    let disabled: Option<Millis> = user_rows::table.find(user).select(user_rows::disabled_at).first(db)?;
    match disabled {
        Some(_) => Err(Refusal::conflict("This account is locked.").into()),
        None => Ok(()),
    }
}
