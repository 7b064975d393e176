//! Power loss: what was not synced is gone. With `synchronous = full` that costs nothing that was acknowledged; with `normal` it may cost the
//! last of it, and no more.

use crate::{
    disks::{Disk, FileSystem},
    dump::Database,
    history::record::Op,
    machine::Faults,
    plan::{Plan, bounds, times},
    support::{Backend, Server, eventually, new_client_id},
    world::{Cast, Judged, World},
};
use serde_json::json;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// A log that is begun anew and cut all the time: no run is so long that it would be otherwise.
const SHORT_LOG: (&str, &str) = ("CHIRM_TEST_SHORT_LOG", "1024");
const NORMAL: (&str, &str) = ("CHIRM_DATABASE__SYNCHRONOUS", "normal");

/// Losses in one history.
const CHUNK: usize = 5;

/// Where a run has its data. PostgreSQL's own promise is not tested here; that it was told to keep it is checked when the server starts.
#[derive(Clone, Copy)]
enum Place {
    Noted,
    On(FileSystem),
}

impl Place {
    /// A server whose data is there; it does not run yet.
    fn server(self, settings: &[(&str, &str)]) -> (Server, Arc<Disk>) {
        let mut server = Server::prepared(Backend::Sqlite, settings);
        let data = server.data_dir();
        match self {
            Self::On(kind) => (server, Arc::new(Disk::mounted(&data, kind))),
            Self::Noted => {
                let (disk, set) = Disk::undone(&data);
                set.iter().for_each(|(name, value)| server.set(name, Some(value)));
                (server, Arc::new(disk))
            }
        }
    }
}

#[actix_rt::test]
async fn power_loss() {
    let plan = Plan::new("power_loss", Backend::Sqlite, 10, 400);
    full(plan, Place::Noted).await;
}

#[actix_rt::test]
async fn power_loss_with_normal() {
    let plan = Plan::new("power_loss_with_normal", Backend::Sqlite, 3, 100);
    normal(plan, Place::Noted).await;
}

/// On real file systems; that takes root, so it is for `make soak` alone.
#[actix_rt::test]
#[ignore = "needs root and loop devices: make soak"]
async fn power_loss_on_ext4() {
    full(Plan::new("power_loss_on_ext4", Backend::Sqlite, 5, 200), Place::On(FileSystem::Ext4)).await;
}

#[actix_rt::test]
#[ignore = "needs root and loop devices: make soak"]
async fn power_loss_on_xfs() {
    full(Plan::new("power_loss_on_xfs", Backend::Sqlite, 5, 200), Place::On(FileSystem::Xfs)).await;
}

#[actix_rt::test]
#[ignore = "needs root and loop devices: make soak"]
async fn power_loss_with_normal_on_ext4() {
    normal(Plan::new("power_loss_with_normal_on_ext4", Backend::Sqlite, 3, 100), Place::On(FileSystem::Ext4)).await;
}

/// Killed between writing a commit and waiting for the disk, a server leaves something in the kernel's memory that the next one finds. Before anybody
/// hears of it, a retry for example, it must be on the disk.
#[actix_rt::test]
async fn a_kill_and_then_a_loss_of_power() {
    let mut plan = Plan::new("a_kill_and_then_a_loss_of_power", Backend::Sqlite, 3, 100);
    let mut found = 0;
    for done in 0..plan.count {
        let (mut server, disk) = Place::Noted.server(&[]);
        let faults = Faults::of("chirm.db-wal");
        faults.befall(&mut server);
        server.run();
        let alice = server.user("alice").await;
        let mut a = alice.connect().await;
        a.send("#lobby", "the first").await;
        // For ever, as seen from here.
        faults.syncs_take(Duration::from_secs(600));
        let client_id = new_client_id();
        a.post("send", json!({ "room": "#lobby", "client_id": client_id, "body": "the second" })).await;
        let waits = || faults.syncs_held_up() > 0 && !disk.holds_all();
        eventually("the commit waits for the disk", || async { waits().then_some(()) }).await;
        server.kill();
        faults.syncs_take(Duration::ZERO);

        server.run();
        let again = alice.connect().await.send_as("#lobby", &client_id, "the second").await.unwrap();
        found += usize::from(again.duplicate);
        server.kill();
        disk.back_without_the_unsynced();
        server.run();
        let stored = alice.history("#lobby").await;
        let is_there = stored.iter().any(|message| message["client_id"] == *client_id && message["seq"] == again.seq);
        assert!(is_there, "acknowledged as {again:?}, and lost with the power: {stored:?}");
        plan.progress(done + 1);
    }
    assert!(found > 0, "nothing was left by the one that was killed, which proves nothing");
    plan.figure(format!("{found} commits were left by who was killed; 0 of what was acknowledged after lost"));
    plan.done(1);
}

/// One history with so many losses of power.
async fn losing(place: Place, seed: u64, losses: usize, cast: &Cast, settings: &[(&str, &str)]) -> Judged {
    let (mut server, disk) = place.server(settings);
    server.run();
    let mut world = World::on(server, seed, cast).await;
    // Without accounts nobody could come back and look.
    world.until("the accounts on the disk", Duration::from_secs(10), || disk.holds_all()).await;
    world.enter(cast);
    for _ in 0..losses {
        let more = 150 + world.random.below(250);
        world.acknowledged(more).await;
        world.loses_power(&disk).await;
        world.comes_back().await;
        assert_eq!(Database::of(&world.server).integrity(), "ok", "seed {seed}");
    }
    world.linger().await;
    world.judge(&bounds()).await
}

/// A server that does not wait for its disk.
pub async fn losing_without_waiting(seed: u64) -> Judged {
    let cast = Cast { settling: Duration::from_secs(2), ..Cast::default() };
    losing(Place::Noted, seed, 5, &cast, &[NORMAL]).await
}

/// Nothing acknowledged is lost, and nothing seen.
async fn full(mut plan: Plan, place: Place) {
    let (mut ready, mut acked, mut done, mut chunks) = (Vec::new(), 0, 0, 0);
    while done < plan.count {
        let (seed, losses) = (plan.seed + chunks, CHUNK.min(plan.count - done));
        let judged = losing(place, seed, losses, &Cast::default(), if chunks % 2 == 1 { &[SHORT_LOG] } else { &[] }).await;
        judged.is_green(&plan, seed);
        ready.extend(judged.ready);
        (acked, done, chunks) = (acked + judged.acked, done + losses, chunks + 1);
        plan.progress(done);
    }
    plan.figure(format!("{acked} acknowledged, 0 violations of K1–K14, integrity_check ok"));
    plan.figure(times("ready again", &ready));
    plan.done(chunks);
}

/// It opens, it is whole, what is lost of each room is its end, and clients are told by a new epoch. A clean end costs nothing and is none.
async fn normal(mut plan: Plan, place: Place) {
    let (mut acked, mut lost, mut hit) = (0, 0, 0);
    for done in 0..plan.count {
        let seed = plan.seed + done as u64;
        let (mut server, disk) = place.server(if done % 2 == 1 { &[NORMAL, SHORT_LOG] } else { &[NORMAL] });
        server.run();
        let cast = Cast::default();
        let mut world = World::on(server, seed, &cast).await;
        world.enter(&cast);
        let epoch = Database::of(&world.server).epoch();
        let more = 100 + world.random.below(500);
        world.acknowledged(more).await;
        world.loses_power(&disk).await;
        world.dismiss();
        world.comes_back().await;
        let mut database = Database::of(&world.server);
        assert_eq!(database.integrity(), "ok", "seed {seed}");
        let stored = database.stored();
        let mut heads: HashMap<&str, u32> = HashMap::new();
        for (room, seq) in stored.keys() {
            let head = heads.entry(room).or_default();
            *head = (*head).max(*seq);
        }
        for (room, head) in &heads {
            let count = stored.keys().filter(|(of, _)| of == room).count();
            assert_eq!(count, *head as usize, "seed {seed}: a hole in {room}");
        }
        let gone = {
            let acks = world.shared.acks.borrow();
            let gone = acks.iter().filter(|ack| {
                let place = (ack.room.clone(), ack.seq);
                let is_past = heads.get(ack.room.as_str()).is_none_or(|head| ack.seq > *head);
                assert!(is_past || stored[&place] == ack.client_id, "seed {seed}: {} of {} is another message", ack.seq, ack.room);
                is_past
            });
            gone.count()
        };
        let after = database.epoch();
        assert_ne!(after, epoch, "seed {seed}: nobody was told that something may be missing");
        world.server.signal("TERM");
        assert!(world.server.ended(Duration::from_secs(10)).await.success());
        world.server.run();
        assert_eq!(database.epoch(), after, "seed {seed}: nothing was lost at a clean end");
        (acked, lost, hit) = (acked + world.shared.acked.get(), lost + gone, hit + usize::from(gone > 0));
        drop((world, disk));
        plan.progress(done + 1);
    }
    plan.figure(format!(
        "{lost} of {acked} acknowledged lost, in {hit} of the runs, each time the end of the log and a new epoch; it opens, integrity_check ok"
    ));
    let count = plan.count as u64;
    plan.done(count);
}
