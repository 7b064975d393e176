//! What happens to the world: crashes, pauses, outages, a wall clock that jumps, a node that starts.

use super::{
    super::{
        history::record::{Op, Phase},
        node::{Clock, Node},
        threads::Writer,
    },
    World,
};

impl World {
    pub(super) fn hurt(&mut self) -> Result<(), String> {
        match self.random.below(1_000) {
            0..20 if self.crashes > 0 && self.node.is_some() => return self.crash(),
            20..26 => {
                let days = [1, -1][self.random.below(2)];
                self.wall += days * 86_400_000;
                self.seen.jumps += 1;
                self.book.step(format_args!("the wall clock jumps by {days} days"));
            }
            26..36 => {
                let pause = [700, 4_000, 40_000, 150_000][self.random.below(4)];
                self.book.now += pause;
                self.seen.pauses += 1;
                self.book.step(format_args!("nothing happens for {pause} ms"));
            }
            36..42 if self.plan.outages => {
                self.down_until = self.book.now + 200;
                self.seen.outages += 1;
                self.book.step(format_args!("the database is gone"));
            }
            _ => {}
        }
        Ok(())
    }

    fn crash(&mut self) -> Result<(), String> {
        let Some(node) = self.node.take() else { return Ok(()) };
        self.crashes -= 1;
        self.seen.crashes += 1;
        self.seen.crashes_in_commit += u64::from(node.writers.iter().any(Writer::is_storing));
        let lose = self.random.one_in(2);
        for session in node.sessions.values() {
            session.pipe.node_gone.set(true);
            if lose {
                session.pipe.lose();
            }
        }
        let kept = self.random.below(3);
        let unsynced = self.store.crash(kept)?;
        self.book.step(format_args!("crash: {unsynced} transactions were not synced, at most {kept} of them remain"));
        let line = self.book.line(Op::Kill, Phase::Event);
        self.book.push(line);
        self.seen.forgotten += u64::from(unsynced > kept);
        if self.book.lenient { Ok(()) } else { self.store.check() }
    }

    pub(super) fn restart(&mut self) {
        let line = self.book.line(Op::Ready, Phase::Event);
        self.book.push(line);
        self.book.step(format_args!("the node starts"));
        let node = Node::new(self.plan.settings(), self.plan.sizes.clone(), self.plan.faulty);
        let workers = (0..node.sizes.workers).map(|worker| (Clock::Courier(worker), 1_000));
        let chat = [
            (Clock::Presence, 200),
            (Clock::Counts, 1_000),
            (Clock::Recheck, 300_000),
            (Clock::Evict, 20_000),
            (Clock::Settle, 1_000),
            (Clock::Journal, 250),
        ];
        let now = self.book.now;
        self.clocks = chat.into_iter().chain(workers).map(|(clock, period)| (clock, now + period, period)).collect();
        self.node = Some(node);
    }
}
