//! Rooms: making, finding, listing, changing, deleting.

use super::*;
use crate::db::rooms::{NewRoom, RoomPatch};
use crate::domain::RoomKind::{Channel, Direct, Group};

on_both!(making, resolving, direct_rooms, direct_rooms_race, my_rooms, public_rooms, for_administrators, patches, deleting);

fn new_room(kind: RoomKind, name: &str) -> NewRoom {
    NewRoom { kind, name: name.to_owned(), topic: Some("On topic".to_owned()), members: vec![] }
}

fn making(mut at: Place) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let members = vec![by_id(&bob), UserRef::parse("anna").unwrap(), by_id(&bob)];
    let new = NewRoom { members, ..new_room(Channel, "#General") };
    let (room, changes) = rooms::create(&mut at.db, &anna, new, T0).unwrap();
    assert_eq!((room.name.as_deref(), room.members, room.role), (Some("general"), 2, Some(Role::Owner)));
    assert_eq!((room.unread, room.last_seq, room.topic.as_str()), (0, 0, "On topic"));
    let told: Vec<_> = changes
        .iter()
        .map(|change| match change {
            Change::MemberJoined { head, user, membership, peer: None } => (head.members, user.id, membership.role),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(2, anna.id, Role::Owner), (2, bob.id, Role::Member)]);
    for (kind, name, code) in [
        (Channel, "general", Code::Conflict),
        (Channel, "LOBBY", Code::Conflict),
        (Channel, "two words", Code::Invalid),
        (Group, " ", Code::Invalid),
        (Direct, "x", Code::Invalid),
    ] {
        assert_eq!(refused(rooms::create(&mut at.db, &anna, new_room(kind, name), T0)), code, "{kind:?} {name}");
    }
    // Groups may be called the same.
    for _ in 0..2 {
        rooms::create(&mut at.db, &anna, new_room(Group, "general"), T0).unwrap();
    }
    let nobody = NewRoom { members: vec![UserRef::parse("nobody").unwrap()], ..new_room(Channel, "other") };
    assert_eq!(refused(rooms::create(&mut at.db, &anna, nobody, T0)), Code::NotFound);
    // That refusal took the name back.
    rooms::create(&mut at.db, &anna, new_room(Channel, "other"), T0).unwrap();
}

fn resolving(mut at: Place) {
    let anna = at.user("anna");
    let channel = at.room(Channel, "general", &anna, &[]);
    at.room(Group, "secret", &anna, &[]);
    for (text, found) in [
        ("#general".to_owned(), true),
        ("#General".to_owned(), true),
        (channel.to_string(), true),
        ("#secret".to_owned(), false),
        ("#nothing".to_owned(), false),
        (RoomId::new().to_string(), false),
    ] {
        let id = rooms::resolve(&mut at.db, &RoomRef::parse(&text).unwrap());
        if found { assert_eq!(id.unwrap(), channel) } else { assert_eq!(refused(id), Code::NotFound, "{text}") }
    }
    assert_eq!(rooms::heads(&mut at.db, &[channel, RoomId::new()]).unwrap().len(), 1);
}

fn direct_rooms(mut at: Place) {
    let owner = at.owner("olga");
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let ((room, created), changes) = rooms::direct(&mut at.db, anna.id, &by_id(&bob), T0).unwrap();
    assert!(created);
    assert_eq!((room.members, room.peer.as_ref(), room.name.as_ref()), (2, Some(&bob), None));
    let peers: Vec<_> = changes
        .iter()
        .map(|change| match change {
            Change::MemberJoined { user, peer, head, .. } => (user.id, peer.clone().unwrap().id, head.members),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(peers, [(anna.id, bob.id, 2), (bob.id, anna.id, 2)]);
    let ((same, created), changes) = rooms::direct(&mut at.db, bob.id, &by_id(&anna), T0).unwrap();
    assert_eq!((same.id, created, changes.len()), (room.id, false, 0));
    assert_eq!(same.peer, Some(anna.clone()));
    assert_eq!(refused(rooms::direct(&mut at.db, anna.id, &by_id(&anna), T0)), Code::Invalid);
    assert_eq!(refused(members::leave(&mut at.db, anna.id, room.id)), Code::Conflict);
    assert_eq!(refused(rooms::seen(&mut at.db, owner.id, room.id)), Code::NotFound);
    users::set_disabled(&mut at.db, &owner, bob.id, true, T0).unwrap();
    assert!(rooms::direct(&mut at.db, anna.id, &by_id(&bob), T0).is_ok());
    assert_eq!(refused(rooms::direct(&mut at.db, owner.id, &by_id(&bob), T0)), Code::Conflict);
}

fn direct_rooms_race(mut at: Place) {
    let pairs: Vec<_> = (0..10).map(|n| (at.user(&format!("anna{n}x")), at.user(&format!("bert{n}y")))).collect();
    let start = std::sync::Barrier::new(2);
    let open = |mine: fn(&(User, User)) -> (UserId, UserId)| {
        let mut db = at.connector.connect().unwrap();
        pairs
            .iter()
            .map(|pair| {
                let (me, other) = mine(pair);
                start.wait();
                let ((room, created), _) = rooms::direct(&mut db, me, &UserRef::Id(other), T0).unwrap();
                (room.id, created)
            })
            .collect::<Vec<_>>()
    };
    let (a, b) = std::thread::scope(|scope| {
        let a = scope.spawn(|| open(|(anna, bert)| (anna.id, bert.id)));
        let b = scope.spawn(|| open(|(anna, bert)| (bert.id, anna.id)));
        (a.join().unwrap(), b.join().unwrap())
    });
    for ((one, one_new), (two, two_new)) in a.into_iter().zip(b) {
        assert_eq!(one, two);
        assert!(one_new != two_new);
    }
}

fn my_rooms(mut at: Place) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let group = at.room(Group, "group", &bob, &[&anna]);
    at.room(Group, "other", &bob, &[]);
    let ((direct, _), _) = rooms::direct(&mut at.db, bob.id, &by_id(&anna), T0).unwrap();
    for body in ["one", "@anna two", "@anna @bob three", "four"] {
        at.send(group, &bob, body);
    }
    let mine = rooms::mine(&mut at.db, anna.id).unwrap();
    let names: Vec<_> = mine.iter().map(|mine| mine.head.name.as_deref().unwrap_or("-")).collect();
    assert_eq!(names, ["lobby", "group", "-"]);
    let room = mine[1].room();
    assert_eq!((room.unread, room.mentions, room.last_seq, room.rev), (4, 2, 4, 4));
    assert_eq!(mine[2].peer.as_ref(), Some(&bob));
    assert_eq!(mine[0].peer, None);

    let first = rooms::mine_page(&mut at.db, anna.id, None, 2).unwrap();
    assert_eq!(first.items, [mine[0].room(), room.clone()]);
    let rest = rooms::mine_page(&mut at.db, anna.id, first.next_cursor.as_deref(), 2).unwrap();
    assert_eq!((rest.items, rest.next_cursor), (vec![mine[2].room()], None));
    assert_eq!(rooms::seen(&mut at.db, anna.id, group).unwrap(), room);
    assert_eq!(rooms::seen(&mut at.db, anna.id, direct.id).unwrap().peer, Some(bob));
}

fn public_rooms(mut at: Place) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    for name in ["news", "new_york", "old.news"] {
        at.room(Channel, name, &anna, &[]);
    }
    at.room(Group, "news too", &anna, &[]);
    for (q, found) in [
        (None, &["lobby", "new_york", "news", "old.news"][..]),
        (Some("NEWS"), &["news", "old.news"]),
        (Some("#new"), &["new_york", "news", "old.news"]),
        (Some("_"), &["new_york"]),
        (Some("%"), &[]),
    ] {
        let mut names = Vec::new();
        let mut cursor = None;
        loop {
            let page = rooms::public(&mut at.db, bob.id, q, cursor.as_deref(), 2).unwrap();
            names.extend(page.items.into_iter().filter_map(|room| room.name));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, found, "{q:?}");
    }
    let page = rooms::public(&mut at.db, bob.id, None, None, 2).unwrap();
    assert_eq!(page.items.iter().map(|room| room.role).collect::<Vec<_>>(), [Some(Role::Member), None]);
}

fn for_administrators(mut at: Place) {
    let anna = at.user("anna");
    at.room(Group, "Übung", &anna, &[]);
    let channel = at.room(Channel, "news", &anna, &[]);
    let archive = RoomPatch { archived: Some(true), ..RoomPatch::default() };
    rooms::update(&mut at.db, Actor::Member(anna.id), channel, archive, T0).unwrap();
    for (q, kind, archived, found) in [
        (None, None, None, &["news", "Übung", "lobby"][..]),
        (Some("üB"), None, None, &["Übung"]),
        (None, Some(Channel), None, &["news", "lobby"]),
        (None, None, Some(true), &["news"]),
        (None, Some(Channel), Some(false), &["lobby"]),
    ] {
        let page = rooms::admin_list(&mut at.db, q, kind, archived, None, 9).unwrap();
        let names: Vec<_> = page.items.into_iter().filter_map(|room| room.head.name).collect();
        assert_eq!(names, found, "{q:?} {kind:?} {archived:?}");
    }
    let first = rooms::admin_list(&mut at.db, None, None, None, None, 2).unwrap();
    let rest = rooms::admin_list(&mut at.db, None, None, None, first.next_cursor.as_deref(), 2).unwrap();
    assert_eq!(rest.items.len(), 1);
}

fn patches(mut at: Place) {
    let owner = at.owner("olga");
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let group = at.room(Group, "Old name", &anna, &[&bob]);
    at.room(Channel, "taken", &anna, &[]);
    let patch = RoomPatch::default;
    let name = |name: &str| RoomPatch { name: Some(name.to_owned()), ..RoomPatch::default() };
    let update = |at: &mut Place, actor: Actor<'_>, patch| rooms::update(&mut at.db, actor, group, patch, T0.plus(5));
    let (as_anna, as_bob, as_owner) = (Actor::Member(anna.id), Actor::Member(bob.id), Actor::Admin(&owner));

    assert_eq!(refused(update(&mut at, as_bob, name("x"))), Code::Forbidden);
    assert_eq!(refused(update(&mut at, Actor::Member(owner.id), name("x"))), Code::NotFound);
    assert_eq!(refused(update(&mut at, Actor::Admin(&bob), name("x"))), Code::Forbidden);
    let (room, changes) = update(&mut at, as_anna, name("New name")).unwrap();
    assert_eq!(room.name.as_deref(), Some("New name"));
    assert!(matches!(&changes[..], [Change::RoomUpdated { head }] if head.name == room.name));
    assert_eq!(update(&mut at, as_anna, name("New name")).unwrap().1, []);

    let (quiet, top) = (RoomPatch { muted: Some(true), ..patch() }, RoomPatch { favourite: Some(true), ..patch() });
    let (room, changes) = update(&mut at, as_bob, quiet.clone()).unwrap();
    assert!(room.muted && !room.favourite);
    assert_eq!(changes, [Change::Preferred { room: group, user: bob.id, muted: true, favourite: false }]);
    let (room, changes) = update(&mut at, as_bob, top.clone()).unwrap();
    assert!(room.muted && room.favourite);
    assert_eq!(changes, [Change::Preferred { room: group, user: bob.id, muted: true, favourite: true }]);
    assert_eq!(update(&mut at, as_bob, top.clone()).unwrap().1, []);
    let annas = rooms::seen(&mut at.db, anna.id, group).unwrap();
    assert!(!annas.muted && !annas.favourite);
    for own in [quiet, top] {
        assert_eq!(refused(update(&mut at, as_owner, own)), Code::NotMember);
    }

    let archived = |archived| RoomPatch { archived: Some(archived), ..RoomPatch::default() };
    assert_eq!(update(&mut at, as_anna, archived(true)).unwrap().0.archived_at, Some(T0.plus(5)));
    assert_eq!(update(&mut at, as_anna, archived(true)).unwrap().1, []);
    assert_eq!(update(&mut at, as_owner, archived(false)).unwrap().0.archived_at, None);

    let channel = |name: Option<&str>| RoomPatch { kind: Some(Channel), name: name.map(str::to_owned), ..RoomPatch::default() };
    assert_eq!(refused(update(&mut at, as_anna, channel(Some("fine")))), Code::Forbidden);
    assert_eq!(refused(update(&mut at, as_owner, channel(None))), Code::Invalid);
    assert_eq!(refused(update(&mut at, as_owner, channel(Some("taken")))), Code::Conflict);
    let (room, _) = update(&mut at, as_owner, channel(Some("fine"))).unwrap();
    assert_eq!((room.kind, room.role), (Channel, None));
    assert_eq!(rooms::resolve(&mut at.db, &RoomRef::parse("#fine").unwrap()).unwrap(), group);
    update(&mut at, as_owner, RoomPatch { kind: Some(Group), ..patch() }).unwrap();
    assert_eq!(refused(rooms::resolve(&mut at.db, &RoomRef::parse("#fine").unwrap())), Code::NotFound);
    let lobby = rooms::lobby(&mut at.db).unwrap();
    let hide = RoomPatch { kind: Some(Group), ..patch() };
    assert_eq!(refused(rooms::update(&mut at.db, as_owner, lobby, hide, T0)), Code::Conflict);
}

fn deleting(mut at: Place) {
    let owner = at.owner("olga");
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let room = at.room(Channel, "doomed", &anna, &[&bob]);
    for n in 0..5 {
        at.send(room, &anna, &format!("@bob {n}"));
    }
    assert_eq!(refused(rooms::delete(&mut at.db, Actor::Member(bob.id), room, T0)), Code::Forbidden);
    let (_, changes) = rooms::delete(&mut at.db, Actor::Member(anna.id), room, T0).unwrap();
    assert_eq!(changes, [Change::RoomDeleted { room }]);
    assert_eq!(refused(rooms::head(&mut at.db, room)), Code::NotFound);
    assert_eq!(refused(members::as_member(&mut at.db, anna.id, room)), Code::NotFound);
    assert_eq!(refused(rooms::delete(&mut at.db, Actor::Admin(&owner), room, T0)), Code::NotFound);
    assert_eq!(rooms::mine(&mut at.db, bob.id).unwrap().len(), 1);
    let batch = Batch { messages: vec![message(room, &anna, "late")], marks: vec![] };
    let late = append::run(&mut at.db, &batch, T0).unwrap();
    assert_eq!(late.messages[0].as_ref().unwrap_err().code, Code::NotFound);
    at.room(Channel, "doomed", &bob, &[]);
    let purged: Vec<_> = (0..5).map(|_| rooms::purge_deleted(&mut at.db, 2).unwrap()).collect();
    assert_eq!(purged, [2, 2, 1, 1, 0]);
    let lobby = rooms::lobby(&mut at.db).unwrap();
    assert_eq!(refused(rooms::delete(&mut at.db, Actor::Admin(&owner), lobby, T0)), Code::Conflict);
}
