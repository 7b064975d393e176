//! Pages of messages.

use crate::support::{Backend, Server, new_client_id};
use serde_json::{Value, json};

both!(pages_in_every_direction, bad_pages_are_refused, what_was_said_before_joining_can_be_read);

fn seqs(page: &Value) -> (Vec<i64>, bool, bool) {
    let seqs = page["messages"].as_array().unwrap().iter().map(|message| message["seq"].as_i64().unwrap()).collect();
    (seqs, page["has_before"] == true, page["has_after"] == true)
}

async fn pages_in_every_direction(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let group = alice.group("Long", &[]).await;
    let mut a = alice.connect().await;
    assert_eq!(a.ok("history", json!({ "room": group })).await, json!({ "messages": [], "has_before": false, "has_after": false }));
    let mut ids = Vec::new();
    for number in 1..=120 {
        ids.push(a.post("send", json!({ "room": group, "client_id": new_client_id(), "body": format!("{number}") })).await);
    }
    for id in ids {
        a.reply(id).await.unwrap();
    }
    for (query, (from, to), has_before, has_after) in [
        (json!({}), (71, 120), true, false),
        (json!({ "limit": 120 }), (1, 120), false, false),
        (json!({ "limit": 200 }), (1, 120), false, false),
        (json!({ "limit": 1 }), (120, 120), true, false),
        (json!({ "before": 71, "limit": 10 }), (61, 70), true, true),
        (json!({ "before": 6 }), (1, 5), false, true),
        (json!({ "before": 1 }), (1, 0), false, true),
        (json!({ "before": 1000, "limit": 3 }), (118, 120), true, false),
        (json!({ "after": 0, "limit": 3 }), (1, 3), false, true),
        (json!({ "after": 100 }), (101, 120), true, false),
        (json!({ "after": 120 }), (1, 0), true, false),
        (json!({ "after": 5, "limit": 50 }), (6, 55), true, true),
        (json!({ "around": 1, "limit": 5 }), (1, 5), false, true),
        (json!({ "around": 120, "limit": 5 }), (116, 120), true, false),
    ] {
        let mut fields = query.clone();
        fields["room"] = json!(group);
        let page = a.ok("history", fields).await;
        assert_eq!(seqs(&page), ((from..=to).collect(), has_before, has_after), "{query}");
        let pairs: Vec<String> = query.as_object().unwrap().iter().map(|(key, value)| format!("{key}={value}")).collect();
        let by_rest = alice.get(&format!("/rooms/{group}/messages?{}", pairs.join("&"))).await.ok(200);
        assert_eq!(by_rest, page, "{query}");
    }
    let (around, has_before, has_after) = seqs(&a.ok("history", json!({ "room": group, "around": 60, "limit": 7 })).await);
    assert!(around.len() == 7 && around.contains(&60) && has_before && has_after, "{around:?}");
    assert!(around.windows(2).all(|pair| pair[1] == pair[0] + 1));
    assert!((57..=60).contains(&around[0]), "{around:?}");
}

async fn bad_pages_are_refused(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    for fields in [
        json!({ "before": 1, "after": 1 }),
        json!({ "before": 1, "around": 1 }),
        json!({ "limit": 0 }),
        json!({ "limit": 201 }),
        json!({ "limit": -1 }),
        json!({ "before": "1" }),
        json!({ "after": 1.5 }),
    ] {
        let mut all = fields.clone();
        all["room"] = "#lobby".into();
        a.refused("history", all, "invalid").await;
        let pairs: Vec<String> =
            fields.as_object().unwrap().iter().map(|(key, value)| format!("{key}={}", value.to_string().replace('"', "%22"))).collect();
        alice.get(&format!("/rooms/%23lobby/messages?{}", pairs.join("&"))).await.refused(422, "invalid");
    }
    for seq in ["0", "1", "-1", "x", "99999999999999999999"] {
        alice.get(&format!("/rooms/%23lobby/messages/{seq}")).await.refused(404, "not_found");
    }
    for room in ["%23nowhere", "not-a-room", &new_client_id()] {
        alice.get(&format!("/rooms/{room}/messages")).await.refused(404, "not_found");
    }
    for room in ["#nowhere", "not-a-room", "", &new_client_id()] {
        a.refused("history", json!({ "room": room }), "not_found").await;
    }
}

async fn what_was_said_before_joining_can_be_read(backend: Backend) {
    let server = Server::start(backend).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let channel = alice.channel("general", &[]).await;
    alice.connect().await.send(&channel, "before").await;
    let mut b = bob.connect().await;
    b.refused("history", json!({ "room": channel }), "not_member").await;
    bob.get(&format!("/rooms/{channel}/messages")).await.refused(403, "not_member");
    b.ok("join", json!({ "room": channel })).await;
    assert_eq!(b.ok("history", json!({ "room": channel })).await["messages"][0]["body"], "before");
}
