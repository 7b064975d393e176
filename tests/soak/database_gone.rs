//! PostgreSQL is gone for a while: everything is answered, nobody is thrown out, nothing acknowledged is lost.

use crate::{
    proxy::Proxy,
    support::{Backend, Server, User, Window, eventually, new_client_id},
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{cell::Cell, rc::Rc, time::Instant};

/// A server that reaches its database through a proxy.
pub async fn behind_proxy() -> (Server, Proxy) {
    let url = crate::postgres::url_of_fresh_database();
    let (front, rest) = url.rsplit_once(':').unwrap();
    let (port, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::to(port.parse().unwrap());
    let through = format!("{front}:{}/{name}", proxy.port);
    let server = Server::with(Backend::Sqlite, &[("CHIRM_DATABASE__URL", &through)]).await;
    (server, proxy)
}

/// Sends until it is stored, under one id; gives `seq`.
pub async fn persist(window: &mut Window, client_id: &str, body: &str) -> i64 {
    let until = Instant::now() + 3 * crate::support::PATIENCE;
    loop {
        match window.send_as("#lobby", client_id, body).await {
            Ok(sent) => return sent.seq,
            Err(refused) => assert!(refused.code == "unavailable" && Instant::now() < until, "{refused:?}"),
        }
    }
}

#[actix_rt::test]
async fn everything_is_answered_and_comes_back() {
    if !crate::postgres::is_wanted() {
        return;
    }
    let (server, proxy) = behind_proxy().await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    a.send("#lobby", "before").await;
    b.next_message().await;

    proxy.cut();
    let client_id = new_client_id();
    let asked = Instant::now();
    let refused = a.send_as("#lobby", &client_id, "meanwhile").await.unwrap_err();
    assert_eq!(refused.code, "unavailable");
    assert!(refused.retry_after_ms > 0);
    for (op, fields) in
        [("history", json!({ "room": "#lobby" })), ("read", json!({ "room": "#lobby", "seq": 1 })), ("leave", json!({ "room": "#lobby" }))]
    {
        // Bob has not read it yet, so this must be stored.
        b.refused(op, fields, "unavailable").await;
    }
    alice.get("/rooms").await.refused(503, "unavailable");
    let ready = server.http().raw("GET", "/readyz", Vec::new()).await;
    assert_eq!((ready.status, &ready.json()["ready"]), (503, &json!(false)));
    assert_eq!(server.http().raw("GET", "/healthz", Vec::new()).await.status, 200);
    // What needs no database goes on.
    a.ok("typing", json!({ "room": "#lobby", "on": true })).await;
    assert_eq!(b.next("typing").await["user"], json!(alice.id));
    a.ok("ping", json!({})).await;
    assert!(asked.elapsed() < 6 * crate::support::PATIENCE);

    proxy.heal();
    let seq = persist(&mut a, &client_id, "meanwhile").await;
    assert_eq!((seq, b.next_message().await.seq), (2, 2));
    eventually("ready again", || async { (server.http().raw("GET", "/readyz", Vec::new()).await.status == 200).then_some(()) }).await;
    b.ok("read", json!({ "room": "#lobby", "seq": 2 })).await;
    steady(&alice).await;
    assert_eq!(alice.history("#lobby").await.len(), 2);
}

/// Waits until reads go well on every connection: one that could not be made waits a moment before the next attempt.
async fn steady(user: &User) {
    let row = Cell::new(0);
    eventually("reads go well", || async {
        let answer = user.get("/rooms").await;
        match answer.status {
            200 => row.set(row.get() + 1),
            _ => {
                answer.refused(503, "unavailable");
                row.set(0);
            }
        }
        (row.get() == 10).then_some(())
    })
    .await;
}

struct Attempt {
    client_id: String,
    acknowledged: Option<i64>,
}

async fn send_through(mut window: Window, done: Rc<Cell<bool>>, count: Rc<Cell<usize>>) -> (Window, Vec<Attempt>) {
    let mut attempts = Vec::new();
    while !done.get() {
        let mut ids = Vec::new();
        for _ in 0..4 {
            let client_id = new_client_id();
            let id = window.post("send", json!({ "room": "#lobby", "client_id": client_id, "body": "through it" })).await;
            ids.push((id, client_id));
        }
        for (id, client_id) in ids {
            let acknowledged = match window.reply(id).await {
                Ok(answer) => {
                    count.set(count.get() + 1);
                    answer["seq"].as_i64()
                }
                Err(refused) => {
                    assert_eq!(refused.code, "unavailable");
                    None
                }
            };
            attempts.push(Attempt { client_id, acknowledged });
        }
    }
    (window, attempts)
}

#[actix_rt::test]
async fn a_cut_in_the_middle_of_load_loses_nothing() {
    if !crate::postgres::is_wanted() {
        return;
    }
    let (server, proxy) = behind_proxy().await;
    let users = server.users(["sender1", "sender2", "sender3"]).await;
    let mut listener = users[0].connect().await;
    let (done, count) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(0)));
    // All are there before anything is cut: while the database is gone, a `hello` is refused.
    let mut senders = Vec::new();
    for window in join_all(users.iter().map(User::connect)).await {
        senders.push(actix_rt::spawn(send_through(window, done.clone(), count.clone())));
    }
    let more = async |wanted: usize| {
        let target = count.get() + wanted;
        eventually("acknowledged messages", || {
            let enough = count.get() >= target;
            async move { enough.then_some(()) }
        })
        .await;
    };
    for _ in 0..3 {
        more(50).await;
        proxy.cut();
        // It is noticed.
        eventually("not ready", || async { (server.http().raw("GET", "/readyz", Vec::new()).await.status == 503).then_some(()) }).await;
        proxy.heal();
    }
    more(50).await;
    done.set(true);
    let mut attempts = Vec::new();
    for sender in join_all(senders).await {
        let (mut window, tried) = sender.unwrap();
        for attempt in tried {
            let seq = persist(&mut window, &attempt.client_id, "through it").await;
            assert!(attempt.acknowledged.is_none_or(|acknowledged| acknowledged == seq), "it was {:?} and is {seq}", attempt.acknowledged);
            attempts.push((seq, attempt.client_id));
        }
    }
    attempts.sort();
    steady(&users[0]).await;
    let stored: Vec<Value> = users[0].history("#lobby").await;
    let found: Vec<(i64, String)> =
        stored.iter().map(|message| (message["seq"].as_i64().unwrap(), message["client_id"].as_str().unwrap().to_owned())).collect();
    assert_eq!(found, attempts);
    for (at, message) in (1..).zip(&stored) {
        assert_eq!((message["seq"].as_i64(), message["rev"].as_i64()), (Some(at), Some(at)));
    }
    // A listener has it all: live, or by what it is told to fetch.
    while listener.rev("#lobby") < stored.len() as i64 {
        let event = listener.next_any().await.expect("it was not thrown out");
        if event["event"] == "resync" {
            listener.sync_all("#lobby", event["after_rev"].as_i64().unwrap()).await;
        }
    }
    listener.holds("#lobby", 0, &stored);
}
