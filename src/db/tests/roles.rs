//! Who comes, goes, and may what in a room.

use super::*;
use crate::domain::RoomKind::{Channel, Group};

on_both!(joining, leaving, handing_over, putting, removing, too_many_rooms, member_lists);

fn count(at: &mut Place, room: RoomId) -> i64 {
    let head = rooms::head(&mut at.db, room).unwrap();
    assert_eq!(members::seats(&mut at.db, &[room]).unwrap().len() as i64, head.members);
    head.members
}

fn joining(mut at: Place) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let channel = at.room(Channel, "news", &anna, &[]);
    let group = at.room(Group, "group", &anna, &[]);
    at.send(channel, &anna, "before");
    assert_eq!(refused(members::as_member(&mut at.db, bob.id, channel)), Code::NotMember);
    assert_eq!(refused(members::as_member(&mut at.db, bob.id, group)), Code::NotFound);
    let (room, changes) = members::join(&mut at.db, bob.id, channel, T0).unwrap();
    // What was written before one came does not count as unread.
    assert_eq!((room.members, room.role, room.unread, room.last_seq), (2, Some(Role::Member), 0, 1));
    assert!(matches!(&changes[..], [Change::MemberJoined { head, user, .. }] if head.members == 2 && user.id == bob.id));
    assert_eq!(members::join(&mut at.db, bob.id, channel, T0).unwrap().1, []);
    assert_eq!(refused(members::join(&mut at.db, bob.id, group, T0)), Code::NotFound);
    assert_eq!(refused(members::join(&mut at.db, bob.id, RoomId::new(), T0)), Code::NotFound);
    let archive = rooms::RoomPatch { archived: Some(true), ..Default::default() };
    rooms::update(&mut at.db, Actor::Member(anna.id), channel, archive, T0).unwrap();
    let carl = at.user("carl");
    assert_eq!(refused(members::join(&mut at.db, carl.id, channel, T0)), Code::Conflict);
    assert!(members::join(&mut at.db, bob.id, channel, T0).is_ok());
    assert_eq!(count(&mut at, channel), 2);
}

fn leaving(mut at: Place) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let channel = at.room(Channel, "news", &anna, &[&bob]);
    let (_, changes) = members::leave(&mut at.db, bob.id, channel).unwrap();
    assert!(matches!(&changes[..], [Change::MemberLeft { head, user }] if head.members == 1 && *user == bob.id));
    assert_eq!(refused(members::leave(&mut at.db, bob.id, channel)), Code::NotMember);
    let lobby = rooms::lobby(&mut at.db).unwrap();
    assert_eq!(refused(members::leave(&mut at.db, bob.id, lobby)), Code::Conflict);
    // The last one may leave too; somebody else may come back.
    assert_eq!(members::leave(&mut at.db, anna.id, channel).unwrap().1.len(), 1);
    assert_eq!(count(&mut at, channel), 0);
    members::join(&mut at.db, bob.id, channel, T0).unwrap();
}

fn handing_over(mut at: Place) {
    let [anna, bob, carl, dora] = ["anna", "bob", "carl", "dora"].map(|name| at.user(name));
    let group = at.room(Group, "group", &anna, &[&bob, &carl]);
    members::put(&mut at.db, Actor::Member(anna.id), group, &by_id(&dora), Some(Role::Admin), T0.plus(9)).unwrap();
    let mut leave = |user: &User| members::leave(&mut at.db, user.id, group).unwrap().1;
    let owner_is = |changes: &[Change], user: &User| matches!(changes, [Change::MemberLeft { .. }, Change::MemberUpdated { user: heir, role: Role::Owner, .. }] if *heir == user.id);
    // An administrator before those who have been there for longer, then the oldest member.
    assert!(owner_is(&leave(&anna), &dora));
    assert!(owner_is(&leave(&dora), &bob));
    assert!(owner_is(&leave(&bob), &carl));
}

fn putting(mut at: Place) {
    let owner = at.owner("olga");
    let [anna, bob, carl, dora] = ["anna", "bob", "carl", "dora"].map(|name| at.user(name));
    let group = at.room(Group, "group", &anna, &[&bob]);
    let mut put = |actor: Actor<'_>, user: &User, role| members::put(&mut at.db, actor, group, &by_id(user), role, T0);
    let (as_anna, as_bob) = (Actor::Member(anna.id), Actor::Member(bob.id));
    assert_eq!(refused(put(as_bob, &carl, None)), Code::Forbidden);
    assert_eq!(refused(put(Actor::Member(carl.id), &carl, None)), Code::NotFound);
    assert_eq!(refused(put(as_anna, &anna, Some(Role::Member))), Code::Conflict);
    let ((member, added), changes) = put(as_anna, &carl, None).unwrap();
    assert_eq!((member.role, added, changes.len()), (Role::Member, true, 1));
    let ((member, added), changes) = put(as_anna, &bob, Some(Role::Admin)).unwrap();
    assert_eq!((member.role, added), (Role::Admin, false));
    assert_eq!(changes, [Change::MemberUpdated { room: group, user: bob.id, role: Role::Admin }]);
    // Without a role nothing changes for one who is in the room.
    assert_eq!(put(as_anna, &bob, None).unwrap(), ((member, false), vec![]));
    assert!(put(as_bob, &dora, None).is_ok());
    assert_eq!(refused(put(as_bob, &dora, Some(Role::Admin))), Code::Forbidden);
    assert_eq!(refused(put(as_bob, &anna, Some(Role::Member))), Code::Forbidden);
    assert!(put(Actor::Admin(&owner), &owner, Some(Role::Owner)).is_ok());
    assert!(put(as_anna, &anna, Some(Role::Member)).is_ok());
    let direct = rooms::direct(&mut at.db, anna.id, &by_id(&bob), T0).unwrap().0.0.id;
    let third = members::put(&mut at.db, Actor::Admin(&owner), direct, &by_id(&carl), None, T0);
    assert_eq!(refused(third), Code::Conflict);
    assert_eq!(count(&mut at, group), 5);
}

fn removing(mut at: Place) {
    let owner = at.owner("olga");
    let [anna, bob, carl] = ["anna", "bob", "carl"].map(|name| at.user(name));
    let group = at.room(Group, "group", &anna, &[&bob, &carl]);
    members::put(&mut at.db, Actor::Member(anna.id), group, &by_id(&bob), Some(Role::Admin), T0).unwrap();
    let mut remove = |actor: Actor<'_>, user: &User| members::remove(&mut at.db, actor, group, &by_id(user));
    assert_eq!(refused(remove(Actor::Member(carl.id), &bob)), Code::Forbidden);
    assert_eq!(refused(remove(Actor::Member(bob.id), &anna)), Code::Forbidden);
    assert_eq!(refused(remove(Actor::Admin(&carl), &bob)), Code::Forbidden);
    assert_eq!(remove(Actor::Member(bob.id), &carl).unwrap().1.len(), 1);
    assert_eq!(refused(remove(Actor::Member(bob.id), &carl)), Code::NotFound);
    let (_, changes) = remove(Actor::Admin(&owner), &anna).unwrap();
    assert_eq!(changes[1], Change::MemberUpdated { room: group, user: bob.id, role: Role::Owner });
    assert_eq!(count(&mut at, group), 1);
}

fn too_many_rooms(mut at: Place) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let (most, channel) = (500, at.room(Channel, "one-more", &bob, &[]));
    transaction(&mut at.db, |db| {
        for n in 1..most {
            let new = NewRoom { kind: Group, name: format!("g{n}"), topic: None, members: vec![] };
            rooms::create(db, &anna, new, T0)?;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(rooms::mine(&mut at.db, anna.id).unwrap().len(), most);
    assert_eq!(refused(members::join(&mut at.db, anna.id, channel, T0)), Code::Conflict);
    assert_eq!(refused(rooms::direct(&mut at.db, anna.id, &by_id(&bob), T0)), Code::Conflict);
    let put = members::put(&mut at.db, Actor::Member(bob.id), channel, &by_id(&anna), None, T0);
    assert_eq!(refused(put), Code::Conflict);
    assert!(rooms::direct(&mut at.db, bob.id, &by_id(&anna), T0).is_ok());
}

fn member_lists(mut at: Place) {
    let users: Vec<_> = ["anna", "bob", "carl", "dora", "emil"].map(|name| at.user(name)).into();
    let others: Vec<_> = users[1..].iter().collect();
    let group = at.room(Group, "group", &users[0], &others);
    let room = at.as_member(&users[2], group);
    let mut names = Vec::new();
    let mut cursor = None;
    loop {
        let page = members::list(&mut at.db, &room, cursor.as_deref(), 2).unwrap();
        assert_eq!(page, members::list_as_admin(&mut at.db, group, cursor.as_deref(), 2).unwrap());
        names.extend(page.items.into_iter().map(|member| member.username));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names, ["anna", "bob", "carl", "dora", "emil"]);
    assert_eq!(members::one(&mut at.db, group, users[0].id).unwrap().role, Role::Owner);
    assert_eq!(refused(members::one(&mut at.db, group, UserId::new())), Code::NotFound);
}
