//! What a client holds of a room, folded from what it is told; by the same rules as any client's.

/// One room of one client.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// It holds everything after this…
    pub after: u32,
    /// …up to this.
    pub rev: u32,
    /// Nothing is missing up to the head; else a `sync` is due.
    pub live: bool,
    /// The own watermark.
    pub read: u32,
    /// A `sync` is under way.
    pub fetching: bool,
}

impl View {
    /// As `hello` or `room_added` describes it to one that holds nothing yet.
    pub fn entered(rev: u32, read: u32) -> Self {
        Self { after: rev, rev, live: true, read, fetching: false }
    }

    /// As `hello` describes it to one that comes back.
    pub fn resumed(&mut self, rev: u32, read: u32) {
        self.live = self.rev == rev;
        self.read = self.read.max(read);
        // The server sends what is missing unasked.
        self.fetching = !self.live;
    }

    /// A live message; true where it was held already.
    pub fn told(&mut self, rev: u32) -> bool {
        let repeat = rev <= self.rev;
        self.rev = self.rev.max(rev);
        repeat
    }

    /// The reply to the own message has the message's place, where nothing is missing before it; true where the message was held already.
    pub fn sent(&mut self, rev: u32) -> bool {
        let repeat = rev <= self.rev;
        if self.live {
            self.rev = self.rev.max(rev);
        }
        repeat
    }

    /// The end of a `sync`.
    pub fn synced(&mut self, rev: u32, more: bool) {
        self.rev = self.rev.max(rev);
        self.live = !more;
    }

    pub fn has_read(&mut self, seq: u32) {
        self.read = self.read.max(seq);
    }
}
