//! A disk that is full, or fails: what was acknowledged stays, what can be read is read, what cannot be stored is said at once, and all is
//! well soon after the disk is.

use crate::{
    dump::Database,
    machine::{EIO, ENOSPC, Faults},
    plan::Plan,
    support::{Backend, PATIENCE, Server, User, Window, eventually, new_client_id},
};
use serde_json::json;
use std::{
    fs,
    time::{Duration, Instant},
};

/// From a `send` to the news that it cannot be stored.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);
/// From the end of the fault to the first message stored.
const HEALED_WITHIN: Duration = Duration::from_secs(5);
/// In this time SQLite's log is moved several times.
const MOVED_WITHIN: Duration = Duration::from_secs(2);

/// What somebody tried to send: its `client_id`, and its `seq` once it was acknowledged.
type Tried = Vec<(String, Option<i64>)>;

async fn is_ready(server: &Server) -> bool {
    server.http().raw("GET", "/readyz", Vec::new()).await.status == 200
}

/// Sends something that cannot be stored now.
async fn refused(window: &mut Window, tried: &mut Tried) {
    let (client_id, asked) = (new_client_id(), Instant::now());
    let refused = window.send_as("#lobby", &client_id, "into a broken disk").await.unwrap_err();
    assert_eq!(refused.code, "unavailable");
    assert!(asked.elapsed() < REFUSED_WITHIN, "{:?}", asked.elapsed());
    tried.push((client_id, None));
}

/// While it lasts: nothing is stored, everything can be read, and the server says that it is not ready.
async fn while_broken(server: &Server, user: &User, window: &mut Window, tried: &mut Tried) {
    let stored = user.history("#lobby").await;
    for _ in 0..20 {
        refused(window, tried).await;
        assert_eq!(user.history("#lobby").await, stored);
        window.ok("history", json!({ "room": "#lobby" })).await;
        window.ok("typing", json!({ "room": "#lobby", "on": true })).await;
    }
    assert!(!is_ready(server).await);
    assert_eq!(server.http().raw("GET", "/healthz", Vec::new()).await.status, 200);
}

/// Afterwards: the server notices by itself, what is sent again is stored once, and nothing acknowledged is missing.
async fn when_whole(server: &Server, user: &User, window: &mut Window, tried: Tried) {
    let whole = Instant::now();
    eventually("ready again", || async { is_ready(server).await.then_some(()) }).await;
    let mut sent = Vec::new();
    for (client_id, acknowledged) in tried {
        let seq = loop {
            match window.send_as("#lobby", &client_id, "into a broken disk").await {
                Ok(answer) => break answer.seq,
                Err(refused) => assert!(refused.code == "unavailable" && whole.elapsed() < PATIENCE, "{refused:?}"),
            }
        };
        if sent.is_empty() {
            assert!(whole.elapsed() < HEALED_WITHIN, "{:?}", whole.elapsed());
        }
        assert!(acknowledged.is_none_or(|acknowledged| acknowledged == seq));
        sent.push((seq, client_id));
    }
    sent.sort();
    let stored = user.history("#lobby").await;
    let found: Vec<_> =
        stored.iter().map(|message| (message["seq"].as_i64().unwrap(), message["client_id"].as_str().unwrap().to_owned())).collect();
    assert_eq!(found, sent);
    assert!(found.iter().zip(1..).all(|((seq, _), at)| *seq == at), "{found:?}");
}

async fn acknowledged(window: &mut Window, tried: &mut Tried) {
    for _ in 0..5 {
        let sent = window.send("#lobby", "into a broken disk").await;
        tried.push((sent.client_id, Some(sent.seq)));
    }
}

#[actix_rt::test]
async fn a_failed_sync_is_not_tried_again_on_the_same_handle() {
    let mut plan = Plan::new("a_failed_sync_is_not_tried_again_on_the_same_handle", Backend::Sqlite, 3, 100);
    let faults = Faults::of("chirm.db-wal");
    let mut server = faults.server(Backend::Sqlite, &[]).await;
    let alice = server.user("alice").await;
    let mut a = alice.connect().await;
    let mut tried = Tried::new();
    for _ in 0..plan.count {
        acknowledged(&mut a, &mut tried).await;
        faults.syncs_fail(EIO);
        while_broken(&server, &alice, &mut a, &mut tried).await;
        faults.syncs_fail(0);
        eventually("ready again", || async { is_ready(&server).await.then_some(()) }).await;
    }
    assert!(faults.hits() >= 20 * plan.count as i64, "{} syncs failed", faults.hits());
    assert_eq!(faults.syncs_tried_again(), 0);
    when_whole(&server, &alice, &mut a, tried).await;
    // It is on the disk as well.
    let before = alice.history("#lobby").await;
    server.kill();
    server.run();
    assert_eq!(alice.history("#lobby").await, before);
    plan.figure(format!("{} syncs failed, none tried again; {} stored once each, 0 lost", faults.hits(), before.len()));
    plan.done(1);
}

/// The kernel says once that it could not write some pages, and counts them as written. Of what SQLite moved into the database file before, its log
/// is then the only copy; after the next sync that succeeds SQLite would begin the log anew.
#[actix_rt::test]
async fn a_failed_sync_of_the_database_file_costs_nothing() {
    let mut plan = Plan::new("a_failed_sync_of_the_database_file_costs_nothing", Backend::Sqlite, 2, 50);
    let mut sent = 0;
    for turn in 0..plan.count {
        let faults = Faults::of("/chirm.db$");
        let mut server = faults.server(Backend::Sqlite, &[]).await;
        let (file, disk) = (server.data_dir().join("chirm.db"), Faults::shadow(&server));
        let alice = server.user("alice").await;
        let (mut a, mut b) = (alice.connect().await, alice.connect().await);
        let mut tried = Tried::new();
        acknowledged(&mut a, &mut tried).await;
        faults.syncs_fail(EIO);
        fs::copy(&file, &disk).unwrap();
        // While others write, the log is moved without a sync.
        let busy = Instant::now();
        while busy.elapsed() < MOVED_WITHIN {
            let mut others = Tried::new();
            tokio::join!(acknowledged(&mut a, &mut tried), acknowledged(&mut b, &mut others));
            tried.append(&mut others);
        }
        // A kernel tells each handle: SQLite's, and the server's own.
        eventually("two failed syncs", || async { (faults.hits() > 1).then_some(()) }).await;
        assert_ne!(fs::read(&file).unwrap(), fs::read(&disk).unwrap(), "nothing was moved");
        faults.syncs_fail(0);
        let whole = Instant::now();
        while whole.elapsed() < MOVED_WITHIN {
            acknowledged(&mut a, &mut tried).await;
            // Now all of it could be moved, and the log begun anew.
            tokio::time::sleep(MOVED_WITHIN / 3).await;
        }
        assert!(is_ready(&server).await);
        if turn % 2 == 0 {
            server.signal("TERM");
            assert!(server.ended(Duration::from_secs(10)).await.success());
        } else {
            server.kill();
        }
        fs::rename(&disk, &file).unwrap();
        server.run();
        assert_eq!(Database::of(&server).integrity(), "ok");
        sent += tried.len();
        when_whole(&server, &alice, &mut alice.connect().await, tried).await;
    }
    plan.figure(format!("{sent} stored once each, 0 lost, of which the disk forgot what was moved before"));
    plan.done(1);
}

/// What a start finds in the log is to be on the disk before anybody hears of it. Where the disk does not take it, there is no start.
#[actix_rt::test]
async fn no_start_without_a_sync() {
    let mut plan = Plan::new("no_start_without_a_sync", Backend::Sqlite, 2, 50);
    let mut sent = 0;
    for turn in 0..plan.count {
        let faults = Faults::of(if turn % 2 == 0 { "/chirm.db-wal$" } else { "/chirm.db$" });
        let mut server = faults.server(Backend::Sqlite, &[]).await;
        let alice = server.user("alice").await;
        let mut tried = Tried::new();
        acknowledged(&mut alice.connect().await, &mut tried).await;
        server.kill();
        faults.syncs_fail(EIO);
        server.spawn();
        assert!(!server.ended(PATIENCE).await.success());
        assert!(server.log().contains("disk I/O error"), "{}", server.log());
        faults.syncs_fail(0);
        server.run();
        sent += tried.len();
        when_whole(&server, &alice, &mut alice.connect().await, tried).await;
    }
    plan.figure(format!("each start without a sync said why and ended; {sent} stored once each, 0 lost"));
    plan.done(1);
}

#[actix_rt::test]
async fn a_full_disk_refuses_and_heals() {
    refuses_and_heals("a_full_disk_refuses_and_heals", |faults| faults.writes_fail(ENOSPC)).await;
}

#[actix_rt::test]
async fn a_broken_disk_refuses_and_heals() {
    let broken = |faults: &Faults| {
        faults.writes_fail(EIO);
        faults.syncs_fail(EIO);
    };
    refuses_and_heals("a_broken_disk_refuses_and_heals", broken).await;
}

async fn refuses_and_heals(scenario: &str, breaks: impl Fn(&Faults)) {
    let mut plan = Plan::new(scenario, Backend::Sqlite, 1, 50);
    let (mut hits, mut sent) = (0, 0);
    for _ in 0..plan.count {
        let faults = Faults::of("chirm.db");
        let server = faults.server(Backend::Sqlite, &[]).await;
        let alice = server.user("alice").await;
        let mut a = alice.connect().await;
        let mut tried = Tried::new();
        acknowledged(&mut a, &mut tried).await;
        breaks(&faults);
        while_broken(&server, &alice, &mut a, &mut tried).await;
        assert!(faults.hits() > 0);
        (hits, sent) = (hits + faults.hits(), sent + tried.len());
        faults.writes_fail(0);
        faults.syncs_fail(0);
        when_whole(&server, &alice, &mut a, tried).await;
    }
    plan.figure(format!("{hits} writes failed; {sent} stored once each, 0 lost; refused within 1 s, healed within 5 s"));
    plan.done(1);
}
