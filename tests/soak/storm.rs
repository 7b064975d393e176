//! Everybody comes back at the same moment: all are up to date soon, and the database is hardly asked.

use crate::{
    plan::{Plan, times},
    support::{Backend, Server, User, Window},
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

both!(reconnect_storm);

/// From the first one's return until all hold everything.
const SYNCED_WITHIN: Duration = Duration::from_secs(10);
/// Windows that each user has.
const WINDOWS: usize = 10;
const ROOMS: usize = 4;

async fn reads(server: &Server) -> u64 {
    let text = server.http().raw("GET", "/metrics", Vec::new()).await.text;
    let value = text.lines().find_map(|line| line.strip_prefix("chirm_reads_total "));
    value.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

/// A window, as any client gets one: who is told to try again later does.
async fn signed_in(user: &User, fields: &Value) -> Window {
    loop {
        let mut window = Window::open(&user.http, &[]).await;
        let mut hello = fields.clone();
        hello["token"] = json!(user.token);
        match window.request("hello", hello).await {
            Ok(_) => return window,
            Err(refused) if refused.code == "unavailable" => {
                tokio::time::sleep(Duration::from_millis(refused.retry_after_ms.into())).await;
            }
            Err(refused) => panic!("hello was refused: {refused:?}"),
        }
    }
}

/// As [`Window::catch_up`] does, but who is told to try again does that, too.
async fn catch_up(window: &mut Window, room: &str) {
    while !window.is_live(room) {
        let told = |event: &Value| event["event"] == "sync" || event["event"] == "resync";
        let event = window.wait("sync or resync", |event| told(event) && event["room"] == *room).await;
        let mut missing =
            if event["event"] == "resync" { event["after_rev"].as_i64() } else { event["rev"].as_i64().filter(|_| event["more"] == true) };
        while let Some(after_rev) = missing {
            let page = window.insist("sync", json!({ "room": room, "after_rev": after_rev, "limit": 200 })).await;
            missing = page["rev"].as_i64().filter(|_| page["more"] == true);
        }
    }
}

/// Comes back with what it holds, and takes in what it missed.
async fn back(user: &User, epoch: &str, rooms: &[String], held: i64, head: i64) -> Window {
    let cursors: serde_json::Map<_, _> = rooms.iter().map(|room| (room.clone(), json!(held))).collect();
    let mut window = signed_in(user, &json!({ "epoch": epoch, "cursors": cursors })).await;
    for room in rooms {
        catch_up(&mut window, room).await;
        while window.rev(room) < head {
            window.next_message_in(room).await;
        }
    }
    window
}

async fn reconnect_storm(backend: Backend) {
    let mut plan = Plan::new("reconnect_storm", backend, 200, 5_000);
    let mut server = Server::with(backend, &[("CHIRM_AUTH__SESSIONS_PER_USER", "100")]).await;
    let mut users = Vec::new();
    for number in 0..plan.count / WINDOWS {
        users.push(server.user(&format!("user{number}")).await);
    }
    let mut rooms = Vec::new();
    for number in 0..ROOMS {
        rooms.push(users[0].group(&format!("Room {number}"), &users[1..].iter().collect::<Vec<_>>()).await);
    }
    let sender = users[0].clone();
    let mut one = sender.connect().await;
    let epoch = one.epoch();
    for room in &rooms {
        one.send(room, "before").await;
    }
    let mut took = Vec::new();
    let mut windows = join_all((0..plan.count).map(|at| back(&users[at % users.len()], &epoch, &rooms, 0, 1))).await;
    for (held, restarted) in [(1, false), (2, false), (3, true)] {
        drop(windows);
        for room in &rooms {
            one.send(room, "while they are away").await;
        }
        if restarted {
            server.kill();
            server.run();
        }
        let (before, began) = (reads(&server).await, Instant::now());
        windows = join_all((0..plan.count).map(|at| back(&users[at % users.len()], &epoch, &rooms, held, held + 1))).await;
        took.push(began.elapsed());
        let asked = reads(&server).await - before;
        let text = format!("{asked} reads for {} users in {ROOMS} rooms", users.len());
        let text = if restarted { format!("after a restart {text}") } else { text };
        // However many windows each has, and whether they are in memory or not: the sender's one sign-in comes first.
        assert!(asked <= (users.len() + rooms.len()) as u64, "{text}");
        plan.figure(text);
        one = sender.connect().await;
    }
    assert!(took.iter().all(|time| *time < SYNCED_WITHIN), "{}", times("synced", &took));
    // They are as good as any others.
    let sent = one.send(&rooms[0], "all here").await;
    join_all(windows.iter_mut().map(async |window| while window.next_message_in(&rooms[0]).await.seq < sent.seq {})).await;
    plan.figure(times("all synced", &took));
    plan.done(1);
}
