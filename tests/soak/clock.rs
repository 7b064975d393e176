//! Somebody sets the machine's clock: a day ahead, a day back. Nobody is thrown out, nothing changes its place, and what was revoked stays revoked.

use crate::{
    machine::Faults,
    plan::Plan,
    support::{Backend, PING, PONG, Raw, TEXT, Window},
};
use serde_json::json;

both!(the_clock_jumps);

const DAY: i64 = 24 * 3600;

/// Waits for a ping, and answers it.
async fn beat(heart: &mut Raw) {
    loop {
        let frame = heart.next().await.expect("it should live");
        if frame.opcode == PING {
            return heart.frame(PONG, &frame.payload).await;
        }
        assert_eq!(frame.opcode, TEXT, "{frame:?}");
    }
}

async fn the_clock_jumps(backend: Backend) {
    let mut plan = Plan::new("the_clock_jumps", backend, 1, 20);
    let faults = Faults::of("no file at all");
    let settings = [("CHIRM_HEARTBEAT__PING_AFTER_S", "1"), ("CHIRM_HEARTBEAT__ANSWER_WITHIN_S", "30")];
    let mut server = faults.server(backend, &settings).await;
    let [alice, bob] = server.users(["alice", "bob"]).await;
    let (mut a, mut b) = (alice.connect().await, bob.connect().await);
    let mut heart = Raw::open(server.port()).await;
    heart.hello(&alice.token).await;
    let mut days = Vec::new();
    for _ in 0..plan.count {
        for shift in [DAY, -DAY, 0] {
            let revoked = server.login("bob").await;
            let before = revoked.connect().await;
            revoked.post("/auth/logout", json!(null)).await.ok(204);
            faults.shift_clock(shift);
            // Past two beats of the server's heart.
            beat(&mut heart).await;
            beat(&mut heart).await;
            let sent = a.send("#lobby", "what day is it").await;
            days.push(sent.created_at[..10].to_owned());
            assert_eq!(b.next_message().await.seq, sent.seq);
            b.ok("read", json!({ "room": "#lobby", "seq": sent.seq })).await;
            a.wait("bob has read it", |event| event["event"] == "receipt" && event["read_seq"] == sent.seq).await;
            b.ok("typing", json!({ "room": "#lobby", "on": true })).await;
            alice.get("/me").await.ok(200);
            let fresh = server.login("alice").await;
            fresh.get("/me").await.ok(200);
            // One may have so many sign-ins; the first of them are those that are watched.
            fresh.post("/auth/logout", json!(null)).await.ok(204);
            // Out, before and after the clock was set.
            let mut out = before;
            out.closes_with(4401).await;
            revoked.get("/me").await.refused(401, "unauthorized");
            let mut again = Window::open(&server.http(), &[]).await;
            again.refused("hello", json!({ "token": revoked.token }), "unauthorized").await;
        }
    }
    days.dedup();
    assert!(days.len() >= 3, "the clock was never set: {days:?}");
    let stored = alice.history("#lobby").await;
    assert!(stored.iter().zip(1..).all(|(message, at)| message["seq"].as_i64() == Some(at) && message["rev"].as_i64() == Some(at)));
    b.holds("#lobby", 0, &stored);
    // A start on another day finds everything as it was.
    faults.shift_clock(-DAY);
    server.kill();
    server.run();
    assert_eq!(alice.history("#lobby").await, stored);
    assert_eq!(alice.connect().await.send("#lobby", "yesterday").await.seq, stored.len() as i64 + 1);
    plan.figure(format!("{} jumps, {} messages in order, nobody thrown out, nothing revived", 3 * plan.count, stored.len()));
    plan.done(1);
}
