//! Measures a server that has much: starts, hellos, pages and counts, while a thousand messages a second are written.

use crate::{
    client::{Server, Socket, call, ok},
    fill::{NOTES, WRITERS},
    numbers::{Random, percentile},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::{runtime::Runtime, time::interval};
use tokio_tungstenite::tungstenite::Message;

/// Messages a second, all writers together.
const RATE: u64 = 1000;
const STARTS: usize = 5;
const PAGES: usize = 2000;
const PAGE: i64 = 50;

struct Notes {
    tokens: Vec<String>,
    rooms: Vec<String>,
    large: usize,
}

/// Prints a table; fails where a bound is not kept.
pub fn run(folder: &Path, program: &str) -> ExitCode {
    let notes = notes(folder);
    let runtime = Runtime::new().unwrap();
    let mut table = Table { missed: 0 };
    println!("{:<44} {:>9} {:>9} {:>9} {:>9}", "milliseconds", "p50", "p99", "most", "bound");
    let (mut starts, mut cold) = (Vec::new(), Vec::new());
    let mut server = None;
    for _ in 0..STARTS {
        drop(server.take());
        let started = Server::start(program, folder);
        starts.push(started.ready_after);
        cold.push(runtime.block_on(hello(&started, &notes.tokens[0])).1);
        server = Some(started);
    }
    let server = server.unwrap();
    table.row("start, until it is ready", &starts, Some((1.0, 1000.0)));
    table.row("hello, 500 rooms, from the database", &cold, None);
    runtime.block_on(under_load(&server, &notes, &mut table));
    if table.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn notes(folder: &Path) -> Notes {
    let path = folder.join(NOTES);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; fill it first", path.display()));
    let notes: Value = serde_json::from_str(&text).unwrap();
    let list = |name: &str| notes[name].as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect();
    Notes { tokens: list("tokens"), rooms: list("rooms"), large: notes["large"].as_u64().unwrap() as usize }
}

struct Table {
    missed: usize,
}

impl Table {
    /// `bound`: which share of the times, and in how many milliseconds.
    fn row(&mut self, name: &str, times: &[Duration], bound: Option<(f64, f64)>) {
        let [p50, p99, most] = [0.5, 0.99, 1.0].map(|share| percentile(times, share));
        let missed = bound.is_some_and(|(share, ms)| percentile(times, share) > ms);
        let told = bound.map_or_else(String::new, |(_, ms)| format!("{ms}{}", if missed { " MISSED" } else { "" }));
        println!("{name:<44} {p50:>9.3} {p99:>9.3} {most:>9.3} {told:>9}");
        self.missed += usize::from(missed);
    }

    fn ratio(&mut self, name: &str, value: f64, bound: f64) {
        let missed = value > bound;
        println!("{name:<44} {value:>9.3} {:>29}", format!("{bound}{}", if missed { " MISSED" } else { "" }));
        self.missed += usize::from(missed);
    }
}

async fn hello(server: &Server, token: &str) -> (Socket, Duration, Value) {
    let mut socket = server.connect().await;
    let (answer, took) = call(&mut socket, json!({ "op": "hello", "token": token })).await;
    let answer = ok(&answer);
    (socket, took, answer)
}

async fn under_load(server: &Server, notes: &Notes, table: &mut Table) {
    let written = Arc::new(AtomicU64::new(0));
    let mut writers = Vec::new();
    for n in 1..=WRITERS {
        let (socket, _, answer) = hello(server, &notes.tokens[n]).await;
        let rooms = answer["rooms"].as_array().unwrap().iter().map(|room| room["id"].as_str().unwrap().to_owned()).collect();
        writers.push(tokio::spawn(write(socket, rooms, n as u64, Arc::clone(&written))));
    }
    let (start, cpu) = (Instant::now(), server.cpu());

    let mut warm = Vec::new();
    for n in 0..200 {
        let (_, took, answer) = hello(server, &notes.tokens[0]).await;
        assert_eq!(answer["rooms"].as_array().unwrap().len(), notes.rooms.len());
        if n >= 20 {
            warm.push(took);
        }
    }
    table.row("hello, 500 rooms, from memory", &warm, Some((0.99, 5.0)));
    pages(server, notes, table).await;
    counts(server, notes, table).await;

    let seconds = start.elapsed().as_secs_f64();
    let (count, used) = (written.load(Relaxed), server.cpu() - cpu);
    writers.iter().for_each(tokio::task::JoinHandle::abort);
    println!(
        "meanwhile {:.0} messages a second were stored, with {:.0} % of a processor for everything",
        count as f64 / seconds,
        100.0 * used / seconds
    );
    if (count as f64 / seconds) < 0.95 * RATE as f64 {
        println!("too few were written: these figures say nothing");
        table.missed += 1;
    }
}

/// Writes at its share of the rate until it is stopped; counts what was acknowledged.
async fn write(socket: Socket, rooms: Vec<String>, seed: u64, written: Arc<AtomicU64>) {
    let (mut to, mut from) = socket.split();
    let counting = tokio::spawn(async move {
        while let Some(Ok(message)) = from.next().await {
            if let Message::Text(text) = message
                && text.starts_with("{\"id\"")
            {
                assert!(text.contains("\"ok\""), "{text}");
                written.fetch_add(1, Relaxed);
            }
        }
    });
    let mut random = Random(seed);
    let mut ticks = interval(Duration::from_micros(1_000_000 * WRITERS as u64 / RATE));
    for id in 1.. {
        ticks.tick().await;
        let room = &rooms[random.below(rooms.len())];
        let body = "x".repeat(20 + random.below(100));
        let request = json!({ "id": id, "op": "send", "room": room, "client_id": uuid::Uuid::now_v7(), "body": body });
        if to.send(Message::text(request.to_string())).await.is_err() {
            break;
        }
    }
    counting.abort();
}

/// Pages of 50: the newest, the ten thousandth, and any; by turns, so that all of them meet the same noise.
async fn pages(server: &Server, notes: &Notes, table: &mut Table) {
    let (mut socket, _, answer) = hello(server, &notes.tokens[0]).await;
    let last = |room: &str| {
        let rooms = answer["rooms"].as_array().unwrap();
        rooms.iter().find(|one| one["id"] == room).unwrap()["last_seq"].as_i64().unwrap()
    };
    let mut random = Random(3);
    let (mut first, mut deep, mut any) = (Vec::new(), Vec::new(), Vec::new());
    let shortest = notes.rooms[..notes.large].iter().map(|room| last(room)).min().unwrap();
    let deepest = (shortest / PAGE - 2).clamp(0, 9_999);
    for n in 0..PAGES + 200 {
        let large = &notes.rooms[n % notes.large];
        let old = last(large) - deepest * PAGE;
        let room = &notes.rooms[random.below(notes.rooms.len())];
        let before = 1 + PAGE + random.below((last(room) - PAGE).max(1) as usize) as i64;
        for (times, ask) in [
            (&mut first, json!({ "op": "history", "room": large })),
            (&mut deep, json!({ "op": "history", "room": large, "before": old })),
            (&mut any, json!({ "op": "history", "room": room, "before": before })),
        ] {
            let (answer, took) = call(&mut socket, ask).await;
            if n % 100 == 0 {
                assert_eq!(ok(&answer)["messages"].as_array().unwrap().len() as i64, PAGE);
            }
            // The first ones warm up.
            if n >= 200 {
                times.push(took);
            }
        }
    }
    table.row("page 1 of a room of a million, 50 messages", &first, Some((0.99, 3.0)));
    table.row(&format!("page {} of it", deepest + 1), &deep, Some((0.99, 3.0)));
    table.ratio("  times page 1, by p50", percentile(&deep, 0.5) / percentile(&first, 0.5), 1.2);
    table.row("any page of any room", &any, Some((0.99, 3.0)));
}

/// Unread counts of 200 rooms, from the database.
async fn counts(server: &Server, notes: &Notes, table: &mut Table) {
    let mut times = Vec::new();
    for n in 0..220 {
        let start = Instant::now();
        let text = server.get("/api/v1/rooms?limit=200", &notes.tokens[0]);
        let took = start.elapsed();
        if n % 50 == 0 {
            let rooms: Value = serde_json::from_str(&text).unwrap();
            for room in rooms["rooms"].as_array().unwrap() {
                let [unread, last, read] = ["unread", "last_seq", "read_seq"].map(|key| room[key].as_i64().unwrap());
                assert_eq!(unread, last - read, "{room}");
            }
        }
        if n >= 20 {
            times.push(took);
        }
    }
    table.row("200 rooms with their counts, REST", &times, None);
}
