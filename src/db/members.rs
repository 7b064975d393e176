//! Who is in a room.

use super::{
    Db, Page, Policy, Result,
    connection::{MultiBackend, found},
    page::{after, one_more},
    rooms::{self, locked, membership, peer},
    schema::{memberships, rooms as room_rows, users as user_rows},
    statement::statement,
    transaction, users,
};
use crate::domain::{
    Change, Member, Membership, Millis, Refusal, Role, Room, RoomHead, RoomId, RoomKind, User, UserId, UserRef,
    rules::{self, Standing},
};
use diesel::prelude::*;

/// Who changes a room.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    /// One of its members; others are told that they are not.
    Member(UserId),
    /// Somebody by their role on the server, whether a member or not.
    Admin(&'a User),
}

impl Actor<'_> {
    /// Who it is.
    pub fn id(&self) -> UserId {
        match self {
            Self::Member(user) => *user,
            Self::Admin(user) => user.id,
        }
    }
}

/// In which capacity somebody acts on a room.
pub(super) fn standing(db: &mut Db, actor: &Actor<'_>, head: &RoomHead) -> Result<Standing> {
    match actor {
        // Their role may have changed since they signed in.
        Actor::Admin(user) => Ok(Standing::Server(users::get(db, user.id)?.role)),
        Actor::Member(user) => match role(db, head.id, *user)? {
            Some(role) => Ok(Standing::Member(role)),
            None => Err(rules::outsider(head.kind).into()),
        },
    }
}

fn role(db: &mut Db, room: RoomId, user: UserId) -> Result<Option<Role>> {
    Ok(memberships::table.find((room, user)).select(memberships::role).first(db).optional()?)
}

/// A room, for one of its members: what reading in it takes. Only [`as_member`] makes one.
#[derive(Clone, Debug)]
pub struct MemberRoom {
    head: RoomHead,
    no: i64,
    user: UserId,
    role: Role,
    read_seq: i64,
    delivered_seq: i64,
}

impl MemberRoom {
    /// The room, as it was found.
    pub fn head(&self) -> &RoomHead {
        &self.head
    }

    /// The room's number among all rooms.
    pub(super) fn no(&self) -> i64 {
        self.no
    }

    /// The member.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// What they may do there.
    pub fn role(&self) -> Role {
        self.role
    }

    /// All up to this they have read.
    pub fn read_seq(&self) -> i64 {
        self.read_seq
    }

    /// All up to this reached one of their devices.
    pub fn delivered_seq(&self) -> i64 {
        self.delivered_seq
    }
}

/// Checks that somebody is in a room: `not_member` for a channel, `not_found` otherwise.
pub fn as_member(db: &mut Db, user: UserId, room: RoomId) -> Result<MemberRoom> {
    let head = rooms::head(db, room)?;
    let row = memberships::table
        .inner_join(room_rows::table)
        .filter(memberships::room_id.eq(room))
        .filter(memberships::user_id.eq(user))
        .select((room_rows::no, memberships::role, memberships::read_seq, memberships::delivered_seq))
        .first(db)
        .optional()?;
    match row {
        Some((no, role, read_seq, delivered_seq)) => Ok(MemberRoom { head, no, user, role, read_seq, delivered_seq }),
        None => Err(rules::outsider(head.kind).into()),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = memberships)]
struct SeatRow {
    user_id: UserId,
    role: Role,
    joined_at: Millis,
    read_seq: i64,
    delivered_seq: i64,
}

/// Of the user: both names, and whether others may know what they have read.
type Named = (String, String, bool);

fn member(seat: SeatRow, (username, display_name, shares): Named) -> Member {
    let SeatRow { user_id, role, joined_at, read_seq, delivered_seq } = seat;
    Member { user: user_id, username, display_name, role, joined_at, read_seq: shares.then_some(read_seq), delivered_seq }
}

/// A page of a room's members, for one of them; the oldest accounts first.
pub fn list(db: &mut Db, room: &MemberRoom, cursor: Option<&str>, limit: u32) -> Result<Page<Member>> {
    list_as_admin(db, room.head.id, cursor, limit)
}

/// The same for administrators.
pub fn list_as_admin(db: &mut Db, room: RoomId, cursor: Option<&str>, limit: u32) -> Result<Page<Member>> {
    let mut query = memberships::table
        .inner_join(user_rows::table)
        .filter(memberships::room_id.eq(room))
        .order(memberships::user_id.asc())
        .limit(one_more(limit))
        .select((SeatRow::as_select(), (user_rows::username, user_rows::display_name, user_rows::share_read_receipts)))
        .into_boxed();
    if let Some(last) = after::<UserId>(cursor)? {
        query = query.filter(memberships::user_id.gt(last));
    }
    let rows: Vec<(SeatRow, Named)> = query.load(db)?;
    Ok(Page::cut(rows, limit, |(seat, _)| seat.user_id).map(|(seat, named)| member(seat, named)))
}

/// One member of a room.
pub fn one(db: &mut Db, room: RoomId, user: UserId) -> Result<Member> {
    let row: Option<(SeatRow, Named)> = memberships::table
        .inner_join(user_rows::table)
        .filter(memberships::room_id.eq(room))
        .filter(memberships::user_id.eq(user))
        .select((SeatRow::as_select(), (user_rows::username, user_rows::display_name, user_rows::share_read_receipts)))
        .first(db)
        .optional()?;
    let (seat, named) = found(row, "member")?;
    Ok(member(seat, named))
}

/// A member's place in a room, as routing needs it.
#[derive(Queryable, Selectable, Clone, Copy, PartialEq, Eq, Debug)]
#[diesel(table_name = memberships)]
pub struct Seat {
    /// Where.
    #[diesel(column_name = room_id)]
    pub room: RoomId,
    /// Who.
    #[diesel(column_name = user_id)]
    pub user: UserId,
    /// What they may do there.
    pub role: Role,
    /// All up to this they have read.
    pub read_seq: i64,
    /// All up to this reached one of their devices.
    pub delivered_seq: i64,
    /// They want no notification.
    pub muted: bool,
}

/// All members of some rooms.
pub fn seats(db: &mut Db, rooms: &[RoomId]) -> Result<Vec<Seat>> {
    let query = memberships::table.filter(memberships::room_id.eq_any(rooms));
    Ok(query.select(Seat::as_select()).load(db)?)
}

/// Refuses one more room to somebody who is in as many as allowed.
pub(super) fn refuse_too_many(db: &mut Db, user: UserId) -> Result<()> {
    let most = i64::from(Policy::get().rooms_joined);
    let rooms: i64 = memberships::table.filter(memberships::user_id.eq(user)).count().get_result(db)?;
    if rooms < most { Ok(()) } else { Err(Refusal::conflict(format!("Nobody can be in more than {most} rooms.")).into()) }
}

statement!(
    /// Nothing happens where they are in the room already.
    Insert for MultiBackend {
        room: RoomId, user: UserId, role: Role, read_seq: i64, read_at: Millis, delivered_seq: i64, delivered_at: Millis,
        joined_at: Millis, joined_seq: i64,
    } = "INSERT INTO memberships (room_id, user_id, role, read_seq, read_at, delivered_seq, delivered_at, muted, joined_at, joined_seq) VALUES ("
        room ", " user ", " role ", " read_seq ", " read_at ", " delivered_seq ", " delivered_at ", FALSE, " joined_at ", " joined_seq
        ") ON CONFLICT DO NOTHING"
);

/// Seats somebody in a room whose row is locked. What was written before counts as read. None where they were in it already.
pub(super) fn enter(db: &mut Db, head: &mut RoomHead, user: &User, role: Role, now: Millis) -> Result<Option<(Membership, Change)>> {
    let seq = head.last_seq;
    let insert = Insert {
        room: head.id,
        user: user.id,
        role,
        read_seq: seq,
        read_at: now,
        delivered_seq: seq,
        delivered_at: now,
        joined_at: now,
        joined_seq: seq,
    };
    if insert.execute(db)? == 0 {
        return Ok(None);
    }
    diesel::update(room_rows::table.find(head.id)).set(room_rows::members.eq(room_rows::members + 1)).execute(db)?;
    head.members += 1;
    let membership = Membership { role, read_seq: seq, delivered_seq: seq, mentions: 0, muted: false, favourite: false, joined_at: now };
    let change = Change::MemberJoined { head: head.clone(), user: user.clone(), membership, peer: None };
    Ok(Some((membership, change)))
}

/// Seats the first members of a new room; each change shows the room with all of them.
pub(super) fn enter_all(db: &mut Db, head: &mut RoomHead, first: &[(User, Role)], now: Millis) -> Result<Vec<Change>> {
    let mut changes = Vec::with_capacity(first.len());
    for (user, role) in first {
        changes.extend(enter(db, head, user, *role, now)?.map(|(_, change)| change));
    }
    for change in &mut changes {
        if let Change::MemberJoined { head: shown, user, peer, .. } = change {
            shown.clone_from(head);
            if head.kind == RoomKind::Direct {
                *peer = first.iter().map(|(other, _)| other).find(|other| other.id != user.id).cloned();
            }
        }
    }
    Ok(changes)
}

/// Joins a channel; nothing happens where one is in it already.
pub fn join(db: &mut Db, user: UserId, room: RoomId, now: Millis) -> Result<(Room, Vec<Change>)> {
    transaction(db, |db| {
        let mut head = locked(db, room)?;
        if let Some(mine) = membership(db, room, user)? {
            let peer = peer(db, &head, user)?;
            return Ok((Room::seen(&head, Some(&mine), peer), Vec::new()));
        }
        rules::may_join(head.kind, head.archived_at)?;
        refuse_too_many(db, user)?;
        let user = users::get(db, user)?;
        let joined = enter(db, &mut head, &user, Role::Member, now)?;
        let (mine, change) = found(joined, "room")?;
        Ok((Room::seen(&head, Some(&mine), None), vec![change]))
    })
}

/// Leaves a group or a channel. Its last owner hands over; see [`rules::heir`].
pub fn leave(db: &mut Db, user: UserId, room: RoomId) -> Result<((), Vec<Change>)> {
    transaction(db, |db| {
        let head = locked(db, room)?;
        let role = role(db, room, user)?.ok_or_else(|| rules::outsider(head.kind))?;
        rules::may_leave(head.kind, rooms::lobby(db)? == room)?;
        Ok(((), unseat(db, head, user, role)?))
    })
}

fn unseat(db: &mut Db, mut head: RoomHead, user: UserId, role: Role) -> Result<Vec<Change>> {
    let room = head.id;
    diesel::delete(memberships::table.find((room, user))).execute(db)?;
    diesel::update(room_rows::table.find(room)).set(room_rows::members.eq(room_rows::members - 1)).execute(db)?;
    head.members -= 1;
    let mut changes = vec![Change::MemberLeft { head, user }];
    if role == Role::Owner && !others_own(db, room, user)? {
        changes.extend(hand_over(db, room)?);
    }
    Ok(changes)
}

fn others_own(db: &mut Db, room: RoomId, user: UserId) -> Result<bool> {
    let query = memberships::table
        .filter(memberships::room_id.eq(room))
        .filter(memberships::role.eq(Role::Owner))
        .filter(memberships::user_id.ne(user))
        .select(memberships::user_id);
    Ok(query.first::<UserId>(db).optional()?.is_some())
}

fn hand_over(db: &mut Db, room: RoomId) -> Result<Option<Change>> {
    let others: Vec<(UserId, Role, Millis)> = memberships::table
        .filter(memberships::room_id.eq(room))
        .order((memberships::role.desc(), memberships::joined_at.asc(), memberships::user_id.asc()))
        .limit(1)
        .select((memberships::user_id, memberships::role, memberships::joined_at))
        .load(db)?;
    let Some(heir) = rules::heir(others) else {
        return Ok(None);
    };
    set_role(db, room, heir, Role::Owner).map(Some)
}

fn set_role(db: &mut Db, room: RoomId, user: UserId, role: Role) -> Result<Change> {
    diesel::update(memberships::table.find((room, user))).set(memberships::role.eq(role)).execute(db)?;
    Ok(Change::MemberUpdated { room, user, role })
}

/// Brings somebody in, or gives a member another role; says whether they are new. Without a role a new one is a member, and one who is
/// in the room stays what they are.
pub fn put(
    db: &mut Db,
    actor: Actor<'_>,
    room: RoomId,
    target: &UserRef,
    wanted: Option<Role>,
    now: Millis,
) -> Result<((Member, bool), Vec<Change>)> {
    transaction(db, |db| {
        let mut head = locked(db, room)?;
        let standing = standing(db, &actor, &head)?;
        let target = users::find(db, target)?;
        let before = role(db, room, target.id)?;
        let role = wanted.or(before).unwrap_or(Role::Member);
        rules::may_put(head.kind, standing, before, role)?;
        let mut changes = Vec::new();
        match before {
            None => {
                refuse_too_many(db, target.id)?;
                changes.extend(enter(db, &mut head, &target, role, now)?.map(|(_, change)| change));
            }
            Some(before) if before != role => {
                if before == Role::Owner {
                    rules::may_step_down(others_own(db, room, target.id)?)?;
                }
                changes.push(set_role(db, room, target.id, role)?);
            }
            Some(_) => {}
        }
        Ok(((one(db, room, target.id)?, before.is_none()), changes))
    })
}

/// Shows a member out.
pub fn remove(db: &mut Db, actor: Actor<'_>, room: RoomId, target: &UserRef) -> Result<((), Vec<Change>)> {
    transaction(db, |db| {
        let head = locked(db, room)?;
        let standing = standing(db, &actor, &head)?;
        let target = users::find(db, target)?;
        let role = found(role(db, room, target.id)?, "member")?;
        rules::may_remove(head.kind, standing, role)?;
        Ok(((), unseat(db, head, target.id, role)?))
    })
}
