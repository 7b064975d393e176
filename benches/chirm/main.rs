//! What is watched: the paths that a message takes. `make bench` runs them; `docs/performance.md` says what the numbers mean.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod codec;
mod fanout;
mod journal;
mod rooms;
mod sockets;
mod table;

criterion::criterion_group!(benches, codec::benches, rooms::benches, fanout::benches, journal::benches, sockets::benches);

fn main() {
    let start = std::time::SystemTime::now();
    benches();
    criterion::Criterion::default().configure_from_args().final_summary();
    table::print(start);
}
