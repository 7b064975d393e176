//! Who has got and who has read what.

use crate::support::{Backend, Server, User, Window};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

both!(
    watermarks_only_rise,
    receipts_name_everybody_who_has_it,
    unread_and_mentions_over_reconnects,
    read_takes_a_list,
    devices_share_one_mark,
    naming_oneself_is_nothing_to_read,
    counts_agree_when_people_come_while_others_write,
    receipts_of_large_rooms_are_ones_own,
    marks_under_load_rise_for_every_observer,
);

async fn watermarks_only_rise(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    for number in 1..=6 {
        a.send(&group, &format!("{number}")).await;
    }

    assert_eq!(b.ok("delivered", json!({ "room": group, "seq": 3 })).await, json!({ "delivered_seq": 3 }));
    let event = a.next("receipt").await;
    assert_eq!((&event["room"], &event["user"], &event["delivered_seq"]), (&json!(group), &json!(bob.id), &json!(3)));
    assert_eq!(b.ok("read", json!({ "room": group, "seq": 2 })).await, json!({ "read_seq": 2, "unread": 4 }));
    assert_eq!(a.next("receipt").await["read_seq"], 2);
    // Lower ones are answered with where the mark is, and told to nobody.
    assert_eq!(b.ok("delivered", json!({ "room": group, "seq": 1 })).await, json!({ "delivered_seq": 3 }));
    assert_eq!(b.ok("read", json!({ "room": group, "seq": 1 })).await, json!({ "read_seq": 2, "unread": 4 }));
    assert_eq!(b.ok("read", json!({ "room": group, "seq": 2 })).await, json!({ "read_seq": 2, "unread": 4 }));
    // Reading lifts delivery.
    assert_eq!(b.ok("read", json!({ "room": group, "seq": 5 })).await, json!({ "read_seq": 5, "unread": 1 }));
    let event = a.next("receipt").await;
    assert_eq!((&event["read_seq"], &event["delivered_seq"]), (&json!(5), &json!(5)));
    assert_eq!(b.ok("delivered", json!({ "room": group, "seq": 4 })).await, json!({ "delivered_seq": 5 }));

    let by_rest = bob.put(&format!("/rooms/{group}/read"), json!({ "seq": 6 })).await.ok(200);
    assert_eq!(by_rest, json!({ "read_seq": 6, "unread": 0 }));
    assert_eq!(a.next("receipt").await["read_seq"], 6);
    assert_eq!(b.next("receipt").await["read_seq"], 6, "the own windows hear of what another door did");
    assert_eq!(bob.put(&format!("/rooms/{group}/read"), json!({ "seq": 1 })).await.ok(200), json!({ "read_seq": 6, "unread": 0 }));

    for (op, seq) in [("read", 7), ("delivered", 7), ("read", -1), ("delivered", 1_000_000)] {
        b.refused(op, json!({ "room": group, "seq": seq }), "invalid").await;
    }
    bob.put(&format!("/rooms/{group}/read"), json!({ "seq": 7 })).await.invalid("seq");
    let room = bob.connect().await.room(&group).clone();
    assert_eq!((&room["read_seq"], &room["delivered_seq"], &room["unread"]), (&json!(6), &json!(6), &json!(0)));
    assert!(a.settled().await.iter().all(|event| event["event"] != "receipt"));
}

/// Users of a list of receipts, in the order of their names.
fn who(list: &Value, users: &[&User]) -> Vec<String> {
    let rows = list.as_array().unwrap();
    assert!(rows.iter().all(|row| row["at"].as_str().is_some_and(|at| at.ends_with('Z'))), "{list}");
    let name = |row: &Value| users.iter().find(|user| row["user"] == json!(user.id)).unwrap_or_else(|| panic!("{row}")).name.clone();
    let mut names: Vec<String> = rows.iter().map(name).collect();
    names.sort();
    names
}

async fn receipts_name_everybody_who_has_it(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob, carol, dave] = server.users(["alice", "bob", "carol", "dave"]).await;
    let users = [&alice, &bob, &carol, &dave];
    let group = alice.group("Team", &[&bob, &carol]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    // Carol is not there. Dave comes into the room after the first message.
    a.send(&group, "one").await;
    alice.put(&format!("/rooms/{group}/members/dave"), json!({})).await.ok(201);
    a.send(&group, "two").await;
    b.ok("read", json!({ "room": group, "seq": 1 })).await;
    b.ok("delivered", json!({ "room": group, "seq": 2 })).await;
    let first = a.ok("receipts", json!({ "room": group, "seq": 1 })).await;
    assert_eq!((who(&first["delivered"], &users), who(&first["read"], &users)), (vec!["bob".to_owned()], vec!["bob".to_owned()]));
    let second = a.ok("receipts", json!({ "room": group, "seq": 2 })).await;
    assert_eq!((who(&second["delivered"], &users), who(&second["read"], &users)), (vec!["bob".to_owned()], vec![]));

    // She comes back.
    let mut c = carol.connect().await;
    assert_eq!((&c.room(&group)["delivered_seq"], &c.room(&group)["unread"]), (&json!(0), &json!(2)));
    c.ok("delivered", json!({ "room": group, "seq": 2 })).await;
    c.ok("read", json!({ "room": group, "seq": 2 })).await;
    let by_rest = bob.get(&format!("/rooms/{group}/messages/2/receipts")).await.ok(200);
    assert_eq!(who(&by_rest["delivered"], &users), ["bob", "carol"]);
    assert_eq!(who(&by_rest["read"], &users), ["carol"]);
    assert_eq!(a.ok("receipts", json!({ "room": group, "seq": 2 })).await, by_rest);
    a.refused("receipts", json!({ "room": group, "seq": 3 }), "not_found").await;
    a.refused("receipts", json!({ "room": group, "seq": 0 }), "not_found").await;
    alice.get(&format!("/rooms/{group}/messages/99/receipts")).await.refused(404, "not_found");
}

fn counts(window: &Window, room: &str) -> [i64; 4] {
    let room = window.room(room);
    ["unread", "mentions", "read_seq", "delivered_seq"].map(|key| room[key].as_i64().unwrap())
}

async fn unread_and_mentions_over_reconnects(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let group = alice.group("Team", &[&bob]).await;
    let mut a = alice.connect().await;
    assert_eq!(counts(&bob.connect().await, &group), [0, 0, 0, 0]);
    for body in ["hi", "@bob one", "nothing", "@bob @bob two", "mail bob@bob.example"] {
        a.send(&group, body).await;
    }
    // Once while he is away, once while his windows are known to the server.
    for _ in 0..2 {
        assert_eq!(counts(&bob.connect().await, &group), [5, 2, 0, 0]);
    }
    let listed = bob.get("/rooms").await.ok(200);
    let room = listed["rooms"].as_array().unwrap().iter().find(|room| room["id"] == json!(group)).unwrap();
    assert_eq!((&room["unread"], &room["mentions"]), (&json!(5), &json!(2)));

    let mut b = bob.connect().await;
    assert_eq!(b.ok("read", json!({ "room": group, "seq": 3 })).await["unread"], 2);
    assert_eq!(counts(&bob.connect().await, &group), [2, 1, 3, 3]);
    a.send(&group, "@bob three").await;
    b.next_message().await;
    assert_eq!(counts(&bob.connect().await, &group), [3, 2, 3, 3]);
    // Writing is reading.
    let own = b.send(&group, "answer").await;
    assert_eq!(counts(&bob.connect().await, &group), [0, 0, own.seq, own.seq]);
    assert_eq!(counts(&alice.connect().await, &group), [1, 0, 6, 6]);
    let by_rest = bob.get(&format!("/rooms/{group}")).await.ok(200);
    assert_eq!((&by_rest["room"]["unread"], &by_rest["room"]["mentions"]), (&json!(0), &json!(0)));
    // Who comes in later has nothing to catch up with.
    let carol = server.user("carol").await;
    alice.put(&format!("/rooms/{group}/members/carol"), json!({})).await.ok(201);
    assert_eq!(counts(&carol.connect().await, &group), [0, 0, 7, 7]);
}

async fn naming_oneself_is_nothing_to_read(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    a.send("#lobby", "@alice should look into this").await;
    assert_eq!(alice.get("/rooms/%23lobby").await.ok(200)["room"]["mentions"], 0);
    assert_eq!(counts(&alice.connect().await, "#lobby"), [0, 0, 1, 1]);
}

/// What `hello` says from memory must be what REST reads from the database, also for those whose rooms were being loaded when something
/// happened in them.
async fn counts_agree_when_people_come_while_others_write(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut users = Vec::new();
    for number in 0..12 {
        users.push(server.user(&format!("user-{number:02}")).await);
    }
    let group = alice.group("Crowd", &users.iter().collect::<Vec<_>>()).await;
    // Many rooms, so that reading them takes a while.
    for number in 0..60 {
        alice.group(&format!("Group {number}"), &users.iter().collect::<Vec<_>>()).await;
    }
    let everybody = users.iter().map(|user| format!("@{}", user.name)).collect::<Vec<_>>().join(" ");
    let mut a = alice.connect().await;
    for number in 1..=8 {
        a.send(&group, &format!("{number}")).await;
    }
    let writing = async {
        for number in 0..60 {
            a.send(&group, &format!("{number} {everybody}")).await;
        }
    };
    // Each comes for the first time, and at that moment reads by the other door, several times.
    let coming = users.iter().map(|user| {
        let path = format!("/rooms/{group}/read");
        async move {
            let reads = (1..=8).map(|seq| user.put(&path, json!({ "seq": seq })));
            join(user.connect(), join_all(reads)).await
        }
    });
    let (_, _windows) = join(writing, join_all(coming)).await;
    for user in &users {
        let stored = user.get(&format!("/rooms/{group}")).await.ok(200)["room"].clone();
        let told = user.connect().await.room(&group).clone();
        assert_eq!(told, stored, "{}", user.name);
        assert_eq!((&stored["read_seq"], &stored["unread"], &stored["mentions"]), (&json!(8), &json!(60), &json!(60)));
    }
}

async fn read_takes_a_list(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut a = alice.connect().await;
    for number in 1..=5 {
        a.send("#lobby", &format!("{number}")).await;
    }
    let mut b = bob.connect().await;
    let base = b.room("#lobby")["read_seq"].as_i64().unwrap();
    assert_eq!(base, 0);
    assert_eq!(b.ok("read", json!({ "room": "#lobby", "seqs": [2, 3, 1] })).await, json!({ "read_seq": 3, "unread": 2 }));
    assert_eq!(bob.put("/rooms/%23lobby/read", json!({ "seqs": [4] })).await.ok(200), json!({ "read_seq": 4, "unread": 1 }));
    b.refused("read", json!({ "room": "#lobby", "seqs": [] }), "invalid").await;
    b.refused("read", json!({ "room": "#lobby" }), "invalid").await;
    b.refused("read", json!({ "room": "#lobby", "seqs": [1, 6] }), "invalid").await;
    b.refused("read", json!({ "room": "#lobby", "seqs": "all" }), "invalid").await;
    bob.put("/rooms/%23lobby/read", json!({})).await.invalid("seq");
    assert_eq!(bob.get("/rooms/%23lobby").await.ok(200)["room"]["read_seq"], 4);
}

async fn devices_share_one_mark(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let mut a = alice.connect().await;
    let (mut one, mut two) = (bob.connect().await, bob.connect().await);
    let sent = a.send("#lobby", "hi").await;
    one.ok("read", json!({ "room": "#lobby", "seq": sent.seq })).await;
    let event = two.next("receipt").await;
    assert_eq!((&event["user"], &event["read_seq"]), (&json!(bob.id), &json!(sent.seq)));
    assert_eq!(two.ok("read", json!({ "room": "#lobby", "seq": sent.seq })).await["unread"], 0);
    assert!(one.settled().await.iter().all(|event| event["event"] != "receipt"), "who asked has the answer");
}

async fn receipts_of_large_rooms_are_ones_own(backend: Backend) {
    let server = Server::with(backend, &[("CHIRM_LIMITS__PRESENCE_MEMBERS", "2")]).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let (mut a, mut one, mut two, mut c) = (alice.connect().await, bob.connect().await, bob.connect().await, carol.connect().await);
    let sent = a.send("#lobby", "hi").await;
    one.ok("read", json!({ "room": "#lobby", "seq": sent.seq })).await;
    assert_eq!(two.next("receipt").await["read_seq"], sent.seq);
    for window in [&mut a, &mut c] {
        assert!(window.settled().await.iter().all(|event| event["event"] != "receipt"));
    }
    assert_eq!(a.ok("receipts", json!({ "room": "#lobby", "seq": sent.seq })).await["read"][0]["user"], json!(bob.id));
}

async fn marks_under_load_rise_for_every_observer(backend: Backend) {
    const COUNT: i64 = 40;
    let server = Server::start(backend).await;
    let [alice, bob, carol] = server.users(["alice", "bob", "carol"]).await;
    let group = alice.group("Team", &[&bob, &carol]).await;
    let (mut a, mut one, mut two, mut c) = (alice.connect().await, bob.connect().await, bob.connect().await, carol.connect().await);
    for number in 0..COUNT {
        a.send(&group, &format!("{number}")).await;
        // Two devices of bob, one of them always behind the other.
        let first = one.post("read", json!({ "room": group, "seq": number + 1 })).await;
        let second = two.post("delivered", json!({ "room": group, "seq": number.max(1) })).await;
        assert_eq!(one.reply(first).await.unwrap()["read_seq"], number + 1);
        assert!(two.reply(second).await.unwrap()["delivered_seq"].as_i64().unwrap() >= number);
    }
    for window in [&mut a, &mut c] {
        let (mut read, mut delivered) = (0, 0);
        while read < COUNT {
            let event = window.next("receipt").await;
            let now = (event["read_seq"].as_i64().unwrap_or(read), event["delivered_seq"].as_i64().unwrap_or(delivered));
            assert!(now.0 >= read && now.1 >= delivered && now.0 <= now.1, "{event} after {read}, {delivered}");
            (read, delivered) = now;
        }
    }
}
