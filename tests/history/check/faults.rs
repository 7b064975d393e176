//! When the harness hurt what.

use super::super::{
    load::{Event, History},
    record::{Op, Phase},
};

/// One fault: from its beginning until what was hurt is there again.
struct Window {
    from: u64,
    until: u64,
    /// Whom it concerns; 0 is everybody.
    node: u32,
    client: u32,
}

impl Window {
    fn concerns(&self, event: &Event) -> bool {
        (self.node == 0 || self.node == event.node) && (self.client == 0 || self.client == event.client)
    }
}

/// All of a run.
pub struct Faults {
    windows: Vec<Window>,
}

impl Faults {
    /// From the harness's lines. A fault without an end lasts until the last line; a cut client is back when it has a session.
    pub fn of(history: &History) -> Self {
        let mut windows: Vec<Window> = Vec::new();
        let (mut open, mut last): (Vec<Window>, u64) = (Vec::new(), 0);
        for event in history.general() {
            last = event.t;
            match (event.op, event.phase) {
                (Op::Kill | Op::Cut, _) => open.push(Window { from: event.t, until: u64::MAX, node: event.node, client: event.client }),
                (Op::Ready, _) => end(&mut open, &mut windows, event.t, |fault| fault.node == event.node && fault.client == event.client),
                (Op::Session, Phase::Open) => {
                    end(&mut open, &mut windows, event.t, |fault| fault.client != 0 && fault.client == event.client);
                }
                _ => {}
            }
        }
        end(&mut open, &mut windows, last, |_| true);
        windows.sort_by_key(|fault| fault.from);
        Faults { windows }
    }

    /// None was hit.
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// Whether a fault concerns what this line's session did from then until then; a fault goes on hurting for `recovery`.
    pub fn near(&self, event: &Event, from: u64, until: u64, recovery: u64) -> bool {
        let begun = &self.windows[..self.windows.partition_point(|fault| fault.from <= until)];
        begun.iter().any(|fault| fault.until.saturating_add(recovery) >= from && fault.concerns(event))
    }

    /// When this very client was itself again after what was done to it between then and then: until then it could not take in what it was told.
    pub fn deaf(&self, client: u32, from: u64, until: u64) -> Option<u64> {
        let of_it = |fault: &&Window| fault.client != 0 && fault.client == client && fault.from <= until && fault.until >= from;
        self.windows.iter().filter(of_it).map(|fault| fault.until).max()
    }

    /// Ends, in order.
    pub fn ends(&self) -> Vec<u64> {
        let mut ends: Vec<u64> = self.windows.iter().map(|fault| fault.until).collect();
        ends.sort_unstable();
        ends
    }
}

fn end(open: &mut Vec<Window>, windows: &mut Vec<Window>, t: u64, over: impl Fn(&Window) -> bool) {
    for at in (0..open.len()).rev() {
        if over(&open[at]) {
            let fault = open.swap_remove(at);
            windows.push(Window { until: t, ..fault });
        }
    }
}
