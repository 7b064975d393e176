//! Operations that need the database, the same behind each door.

use super::{chat_server::presence_ok, db_executor::in_time, hub::Hub};
use crate::{
    db::{
        members, messages,
        messages::{From, Most},
        rooms, users,
    },
    domain::{Message, Millis, Refusal, RoomRef, UserId, UserRef},
    protocol::{HistoryOk, PresenceOk, ReceiptAt, ReceiptsOk, RoomIdOk, RoomOk},
};

/// Most users that one request may ask the presence of.
const PRESENCE: usize = 200;

/// A page's size: what was asked, or `default`.
pub fn page_limit(asked: Option<u32>, default: u32) -> Result<u32, Refusal> {
    match asked {
        None => Ok(default),
        Some(limit @ 1..=200) => Ok(limit),
        Some(_) => Err(Refusal::invalid("limit", "1 to 200.")),
    }
}

/// Which page of a room's messages.
pub fn page_of(before: Option<i64>, after: Option<i64>, around: Option<i64>, limit: Option<u32>) -> Result<(From, u32), Refusal> {
    let from = match (before, after, around) {
        (None, None, None) => From::Newest,
        (Some(seq), None, None) => From::Before(seq),
        (None, Some(seq), None) => From::After(seq),
        (None, None, Some(seq)) => From::Around(seq),
        _ => return Err(Refusal::invalid("before", "Give at most one of before, after and around.")),
    };
    Ok((from, page_limit(limit, 50)?))
}

/// `history`
pub async fn history(hub: Hub, user: UserId, room: RoomRef<'static>, from: From, limit: u32) -> Result<HistoryOk, Refusal> {
    let most = Most::within(hub.limits(), limit);
    let slice = hub
        .read(move |db| {
            let room = rooms::resolve(db, &room)?;
            let room = members::as_member(db, user, room)?;
            messages::page(db, &room, from, most)
        })
        .await?;
    Ok(HistoryOk { messages: slice.messages, has_before: slice.has_before, has_after: slice.has_after })
}

/// One message.
pub async fn message(hub: Hub, user: UserId, room: RoomRef<'static>, seq: i64) -> Result<Message, Refusal> {
    hub.read(move |db| {
        let room = rooms::resolve(db, &room)?;
        let room = members::as_member(db, user, room)?;
        messages::one(db, &room, seq)
    })
    .await
}

/// `receipts`
pub async fn receipts(hub: Hub, user: UserId, room: RoomRef<'static>, seq: i64) -> Result<ReceiptsOk, Refusal> {
    let receipts = hub
        .read(move |db| {
            let room = rooms::resolve(db, &room)?;
            let room = members::as_member(db, user, room)?;
            messages::receipts(db, &room, seq)
        })
        .await?;
    let rows = |list: Vec<(UserId, Millis)>| list.into_iter().map(|(user, at)| ReceiptAt { user, at }).collect();
    Ok(ReceiptsOk { delivered: rows(receipts.delivered), read: rows(receipts.read) })
}

/// `leave`
pub async fn leave(hub: Hub, user: UserId, room: RoomRef<'static>) -> Result<RoomIdOk, Refusal> {
    in_time(async {
        let room = hub.read(move |db| rooms::resolve(db, &room)).await?;
        hub.change(room, move |db| members::leave(db, user, room)).await?;
        Ok(RoomIdOk { room })
    })
    .await
}

/// `join`
pub async fn join(hub: Hub, user: UserId, room: RoomRef<'static>) -> Result<RoomOk, Refusal> {
    in_time(async {
        let room = hub.read(move |db| rooms::resolve(db, &room)).await?;
        let room = hub.change(room, move |db| members::join(db, user, room, Millis::now())).await?;
        Ok(RoomOk { room })
    })
    .await
}

/// `direct`; also says whether the room is new.
pub async fn direct_or_new(hub: Hub, user: UserId, with: &str) -> Result<(RoomOk, bool), Refusal> {
    let with = UserRef::parse(with)?;
    let (room, new) = hub.change(user, move |db| rooms::direct(db, user, &with, Millis::now())).await?;
    Ok((RoomOk { room }, new))
}

/// `direct`
pub async fn direct(hub: Hub, user: UserId, with: String) -> Result<RoomOk, Refusal> {
    direct_or_new(hub, user, &with).await.map(|(room, _)| room)
}

/// Whose presence is asked for.
#[derive(Debug)]
pub enum Whose {
    /// These users'.
    Users(Vec<UserId>),
    /// A room's members'.
    Room(RoomRef<'static>),
}

impl Whose {
    /// One of the two.
    pub fn of(users: Option<Vec<UserId>>, room: Option<RoomRef<'static>>) -> Result<Self, Refusal> {
        match (users, room) {
            (Some(users), None) if users.len() <= PRESENCE => Ok(Self::Users(users)),
            (Some(_), None) => Err(Refusal::invalid("users", format!("At most {PRESENCE}."))),
            (None, Some(room)) => Ok(Self::Room(room)),
            _ => Err(Refusal::invalid("users", "Give either users or room.")),
        }
    }
}

/// `presence`: a row for each user that exists; of a room, of its first 200 members.
pub async fn presence(hub: Hub, caller: UserId, whose: Whose) -> Result<PresenceOk, Refusal> {
    let seen = last_seen(hub.clone(), caller, whose).await?;
    let known = hub.presence(seen.iter().map(|(user, _)| *user).collect()).await;
    Ok(presence_ok(seen, known))
}

/// Whom that asks about, and when each was last seen as far as that is stored.
pub async fn last_seen(hub: Hub, caller: UserId, whose: Whose) -> Result<Vec<(UserId, Option<Millis>)>, Refusal> {
    let found = hub
        .read(move |db| {
            let users = match whose {
                Whose::Users(users) => users,
                Whose::Room(room) => {
                    let room = rooms::resolve(db, &room)?;
                    let room = members::as_member(db, caller, room)?;
                    let page = members::list(db, &room, None, PRESENCE as u32)?;
                    page.items.into_iter().map(|m| m.user).collect()
                }
            };
            users::by_ids(db, &users)
        })
        .await?;
    Ok(found.into_iter().map(|user| (user.id, user.last_seen)).collect())
}
