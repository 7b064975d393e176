//! What is watched: the paths that a message takes. `make bench` runs them; `docs/performance.md` says what the numbers mean.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod codec;
mod fanout;
mod journal;
mod rooms;
mod sockets;

criterion::criterion_group!(benches, codec::benches, rooms::benches, fanout::benches, journal::benches, sockets::benches);
criterion::criterion_main!(benches);
