//! Accounts, sign-ins, invitations, the audit log.

use super::*;
use crate::db::{invites::NewInvite, sessions::NewSession};

const IDLE_MS: i64 = 30 * 24 * 60 * 60 * 1000;
const ABSOLUTE_MS: i64 = 3 * IDLE_MS;

on_both!(names, first, finding, server_roles, locking_out, sign_ins, sign_ins_end, invitations, log_of_acts, seen_times, epochs);

fn names(mut at: Place) {
    at.user("paypal");
    for taken in ["paypal", "PayPal", "paypa1"] {
        assert_eq!(refused(users::create(&mut at.db, new_user(taken), T0)), Code::UsernameTaken, "{taken}");
    }
    at.user("paypals");
    // A refusal left nothing behind: the paypals, not the impostors, are in the lobby.
    assert_eq!(users::count(&mut at.db).unwrap(), 2);
    let lobby = rooms::lobby(&mut at.db).unwrap();
    assert_eq!(rooms::head(&mut at.db, lobby).unwrap().members, 2);
}

fn first(mut at: Place) {
    assert!(!users::owned(&mut at.db).unwrap());
    let (owner, changes) = users::create_first(&mut at.db, new_user("olga"), T0).unwrap().unwrap();
    assert_eq!(owner.role, ServerRole::Owner);
    let [Change::MemberJoined { head, membership, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((head.name.as_deref(), head.members, membership.role), (Some("lobby"), 1, Role::Owner));
    assert!(users::create_first(&mut at.db, new_user("otto"), T0).unwrap().is_none());
    assert!(users::owned(&mut at.db).unwrap());
}

fn finding(mut at: Place) {
    let owner = at.owner("olga");
    let anna = at.user("anna");
    let annika = at.user("annika");
    let bob = at.user("bob");
    let zoe = DisplayName::parse("Ännchen Özil").unwrap();
    let (bob, changes) = users::set_profile(&mut at.db, bob.id, users::Profile { display_name: Some(zoe), ..Default::default() }).unwrap();
    assert_eq!(changes, [Change::UserUpdated { user: bob.clone() }]);
    users::set_disabled(&mut at.db, &owner, annika.id, true, T0).unwrap();

    let find = |db: &mut Db, text: &str| users::find(db, &UserRef::parse(text).unwrap());
    assert_eq!(find(&mut at.db, "@Anna").unwrap(), anna);
    assert_eq!(find(&mut at.db, &anna.id.to_string()).unwrap(), anna);
    assert_eq!(refused(find(&mut at.db, "nobody")), Code::NotFound);
    assert_eq!(users::by_ids(&mut at.db, &[anna.id, UserId::new()]).unwrap(), std::slice::from_ref(&anna));
    assert_eq!(users::by_ids(&mut at.db, &[]).unwrap(), []);

    for (q, found) in [
        (None, &["anna", "bob", "olga"][..]),
        (Some("an"), &["anna"]),
        (Some("@AN"), &["anna"]),
        (Some("änn"), &["bob"]),
        (Some("ÄNNCHEN ö"), &["bob"]),
        (Some("nna"), &[]),
        (Some("%"), &[]),
        (Some("_nna"), &[]),
    ] {
        let page = users::search(&mut at.db, q, None, 10).unwrap();
        let names: Vec<_> = page.items.iter().map(|user| user.username.as_str()).collect();
        assert_eq!(names, found, "{q:?}");
    }
    let all = users::admin_list(&mut at.db, None, None, 2).unwrap();
    assert_eq!(all.items[1].disabled_at, Some(T0));
    let rest = users::admin_list(&mut at.db, None, all.next_cursor.as_deref(), 2).unwrap();
    assert_eq!(rest.items[0].user, bob);
    assert_eq!(rest.next_cursor, None);
    assert_eq!(refused(users::search(&mut at.db, None, Some("nonsense"), 2)), Code::Invalid);
}

fn server_roles(mut at: Place) {
    let owner = at.owner("olga");
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let set = |db: &mut Db, actor: &User, target: &User, role| users::set_role(db, actor, target.id, role);
    assert_eq!(refused(set(&mut at.db, &anna, &bob, ServerRole::Admin)), Code::Forbidden);
    assert_eq!(refused(set(&mut at.db, &owner, &owner, ServerRole::Member)), Code::Conflict);
    let (anna, changes) = set(&mut at.db, &owner, &anna, ServerRole::Admin).unwrap();
    assert_eq!(changes, [Change::UserUpdated { user: anna.clone() }]);
    assert_eq!(set(&mut at.db, &owner, &anna, ServerRole::Admin).unwrap().1, []);
    assert_eq!(refused(set(&mut at.db, &anna, &bob, ServerRole::Admin)), Code::Forbidden);
    let (anna, _) = set(&mut at.db, &owner, &anna, ServerRole::Owner).unwrap();
    set(&mut at.db, &anna, &owner, ServerRole::Member).unwrap();
    // What the former owner still holds in hand says owner; the database knows better.
    assert_eq!(refused(set(&mut at.db, &owner, &bob, ServerRole::Admin)), Code::Forbidden);
    assert_eq!(refused(set(&mut at.db, &anna, &anna, ServerRole::Admin)), Code::Conflict);
}

fn signed_in(at: &mut Place, user: &User, token: u8, now: Millis) -> (SessionId, Vec<Change>) {
    let new = NewSession {
        user: user.id,
        token_hash: [token; 32],
        device: Some("test".to_owned()),
        address: None,
        expires_at: now.plus(ABSOLUTE_MS),
    };
    let (row, changes) = sessions::create(&mut at.db, new, now).unwrap();
    (row.id, changes)
}

fn locking_out(mut at: Place) {
    let owner = at.owner("olga");
    let anna = at.user("anna");
    let (session, _) = signed_in(&mut at, &anna, 1, T0);
    assert_eq!(refused(users::set_disabled(&mut at.db, &anna, owner.id, true, T0)), Code::Forbidden);
    assert_eq!(refused(users::set_disabled(&mut at.db, &owner, owner.id, true, T0)), Code::Conflict);
    let (_, changes) = users::set_disabled(&mut at.db, &owner, anna.id, true, T0).unwrap();
    assert_eq!(changes, [Change::SessionsEnded { user: anna.id, sessions: vec![session] }]);
    assert!(users::credentials_of(&mut at.db, anna.id).unwrap().unwrap().disabled);
    // Not even a session that was made a moment later counts.
    signed_in(&mut at, &anna, 2, T0);
    assert!(sessions::by_token(&mut at.db, &[2; 32], T0).unwrap().is_none());
    users::set_disabled(&mut at.db, &owner, anna.id, false, T0).unwrap();
    assert!(sessions::by_token(&mut at.db, &[2; 32], T0).unwrap().is_some());
}

fn sign_ins(mut at: Place) {
    let anna = at.user("anna");
    let name = Username::parse("anna").unwrap();
    assert_eq!(users::credentials(&mut at.db, &name).unwrap().unwrap().password_hash.as_deref(), Some("hash"));
    users::set_password_hash(&mut at.db, anna.id, "other").unwrap();
    assert_eq!(users::credentials(&mut at.db, &name).unwrap().unwrap().password_hash.as_deref(), Some("other"));
    assert!(users::credentials(&mut at.db, &Username::parse("nobody").unwrap()).unwrap().is_none());

    let (session, _) = signed_in(&mut at, &anna, 1, T0);
    assert!(sessions::by_token(&mut at.db, &[9; 32], T0).unwrap().is_none());
    let signed = sessions::by_token(&mut at.db, &[1; 32], T0).unwrap().unwrap();
    assert_eq!((signed.session, signed.user.id), (session, anna.id));
    for (used_after, asked_after, alive) in [
        (0, IDLE_MS - 1, true),
        (0, IDLE_MS, false),
        (IDLE_MS, IDLE_MS + 1, true),
        (2 * IDLE_MS, 3 * IDLE_MS - 1, true),
        // However much it is used.
        (3 * IDLE_MS - 1, 3 * IDLE_MS, false),
    ] {
        sessions::touch(&mut at.db, &[(session, T0.plus(used_after)), (session, T0)]).unwrap();
        let now = T0.plus(asked_after);
        assert_eq!(sessions::by_token(&mut at.db, &[1; 32], now).unwrap().is_some(), alive, "{used_after} {asked_after}");
        assert_eq!(sessions::alive(&mut at.db, &[session], now).unwrap().len(), usize::from(alive));
    }
    assert_eq!(sessions::purge_expired(&mut at.db, T0).unwrap(), 0);
    assert_eq!(sessions::purge_expired(&mut at.db, T0.plus(ABSOLUTE_MS)).unwrap(), 1);
}

fn sign_ins_end(mut at: Place) {
    let (anna, bob) = (at.user("anna"), at.user("bob"));
    let (first, _) = signed_in(&mut at, &anna, 0, T0);
    let mut latest = first;
    for n in 1..20 {
        let (session, changes) = signed_in(&mut at, &anna, n, T0.plus(i64::from(n)));
        assert_eq!(changes, []);
        latest = session;
    }
    // The first is in use: the second is the longest unused one.
    sessions::touch(&mut at.db, &[(first, T0.plus(100))]).unwrap();
    let (one_more, changes) = signed_in(&mut at, &anna, 20, T0.plus(20));
    let [Change::SessionsEnded { sessions: ended, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(ended.len(), 1);
    assert!(!ended.contains(&first));
    assert_eq!(sessions::list(&mut at.db, anna.id).unwrap().len(), 20);

    assert_eq!(refused(sessions::end(&mut at.db, bob.id, latest)), Code::NotFound);
    sessions::end(&mut at.db, anna.id, latest).unwrap();
    assert_eq!(refused(sessions::end(&mut at.db, anna.id, latest)), Code::NotFound);
    let (_, changes) = sessions::end_all(&mut at.db, anna.id, Some(one_more)).unwrap();
    let [Change::SessionsEnded { sessions: ended, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(ended.len(), 18);
    assert_eq!(sessions::end_all(&mut at.db, anna.id, Some(one_more)).unwrap().1, []);
    assert_eq!(sessions::list(&mut at.db, anna.id).unwrap()[0].id, one_more);
}

fn invitations(mut at: Place) {
    let owner = at.owner("olga");
    let mut make = |code: u8, uses, expires_at| {
        let new = NewInvite { made_by: owner.id, code_hash: [code; 32], uses, expires_at };
        invites::create(&mut at.db, &new, T0).unwrap()
    };
    make(1, Some(2), None);
    make(2, None, Some(T0.plus(10)));
    let endless = make(3, None, None);
    for (code, at_ms, valid) in [(1, 0, true), (1, 0, true), (1, 0, false), (2, 9, true), (2, 10, false), (3, 99, true), (9, 0, false)] {
        let outcome = invites::redeem(&mut at.db, &[code; 32], T0.plus(at_ms));
        assert_eq!(outcome.is_ok(), valid, "{code} {at_ms}");
    }
    let open = invites::list(&mut at.db, T0.plus(10)).unwrap();
    assert_eq!(open.iter().map(|invite| (invite.id, invite.used)).collect::<Vec<_>>(), [(endless.id, 1)]);
    invites::revoke(&mut at.db, endless.id).unwrap();
    assert_eq!(refused(invites::revoke(&mut at.db, endless.id)), Code::NotFound);
    assert_eq!(refused(invites::redeem(&mut at.db, &[3; 32], T0)), Code::Invalid);
}

fn log_of_acts(mut at: Place) {
    let entry = |n: i64| AuditEntry {
        id: AuditId::new(),
        at: T0.plus(n),
        actor: (n > 0).then(UserId::new),
        act: "user.disable".to_owned(),
        target: Some(n.to_string()),
        detail: None,
        address: Some("127.0.0.1".to_owned()),
        request_id: None,
    };
    let entries: Vec<_> = (0..5).map(entry).collect();
    for entry in &entries {
        audit::record(&mut at.db, entry.clone()).unwrap();
    }
    let mut told = Vec::new();
    let mut cursor = None;
    loop {
        let page = audit::list(&mut at.db, cursor.as_deref(), 2).unwrap();
        told.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    told.reverse();
    assert_eq!(told, entries);
    use diesel::connection::SimpleConnection;
    for forbidden in ["UPDATE audit SET act = 'x'", "DELETE FROM audit"] {
        assert!(at.db.batch_execute(forbidden).is_err(), "{forbidden}");
    }
}

fn seen_times(mut at: Place) {
    let anna = at.user("anna");
    for (seen, kept) in [(5, 5), (3, 5), (9, 9)] {
        users::saw(&mut at.db, &[(anna.id, T0.plus(seen))]).unwrap();
        let user = users::find(&mut at.db, &by_id(&anna)).unwrap();
        assert_eq!(user.last_seen, Some(T0.plus(kept)));
    }
}

fn epochs(mut at: Place) {
    let epoch = meta::epoch(&mut at.db).unwrap();
    let lobby = rooms::lobby(&mut at.db).unwrap();
    migrate::run(&mut at.db, T0).unwrap();
    assert_eq!(meta::epoch(&mut at.db).unwrap(), epoch);
    assert_eq!(rooms::lobby(&mut at.db).unwrap(), lobby);
    let new = meta::new_epoch(&mut at.db).unwrap();
    assert_ne!(new, epoch);
    assert_eq!(meta::epoch(&mut at.db).unwrap(), new);
}
