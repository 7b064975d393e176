//! Writes a large data folder, by the functions with which the server itself writes: what is measured is what a server would have.
//!
//! One user, `reader`, is in 500 rooms: three of a million messages (the lobby is one), 47 middling channels, 350 groups and 100 direct rooms.
//! Messages come in the order of time, so that rooms lie in the file as they do after years of use, and not one after the other.

use crate::numbers::Random;
use chirm::{
    auth::Token,
    db::{
        self, Connector, Db, Synchronous, Url,
        append::{Batch, Mark},
        rooms::NewRoom,
        sessions::NewSession,
        users::NewUser,
    },
    domain::{ClientId, Millis, NewMessage, RoomId, RoomKind, ServerRole, User, UserId, UserRef, Username, mention_candidates},
};
use serde_json::json;
use std::{fs, path::Path, time::Instant};
use uuid::Uuid;

const USERS: usize = 1000;
/// How many of them write while the server is measured.
pub const WRITERS: usize = 20;
const ROOMS: usize = 500;
const LARGE: usize = 3;
const CHANNELS: usize = 50;
const GROUPS: usize = 400;
const BATCH: usize = 4000;
const YEAR_MS: i64 = 365 * 24 * 3600 * 1000;

/// What lies beside the database, for the measuring.
pub const NOTES: &str = "large.json";

struct Place {
    id: RoomId,
    members: Vec<UserId>,
    /// Up to which of 10,000 numbers a message is this room's.
    share: usize,
}

/// Makes the folder and fills it; nothing happens where it is filled already.
pub fn run(folder: &Path, messages: u64) {
    if folder.join(NOTES).exists() {
        return println!("{} is filled already", folder.display());
    }
    fs::create_dir_all(folder).unwrap();
    let url = Url::sqlite(&folder.join("chirm.db"));
    let mut db = Connector::writer(&url, Synchronous::Normal).connect().unwrap();
    let start = Instant::now();
    let born = Millis(Millis::now().0 - 2 * YEAR_MS);
    db::migrate::run(&mut db, born).unwrap();
    let users = users(&mut db, born);
    let places = rooms(&mut db, &users, born);
    let reader = Connector::reader(&url);
    write(&mut db, &reader, &places, &users, messages, born);
    read_some(&mut db, &places, users[0].id);
    let tokens: Vec<String> = users[..=WRITERS].iter().map(|user| sign_in(&mut db, user)).collect();
    db::Checkpoints::new(reader).run().unwrap();
    let rooms: Vec<String> = places.iter().map(|place| place.id.to_string()).collect();
    fs::write(folder.join(NOTES), json!({ "tokens": tokens, "rooms": rooms, "large": LARGE }).to_string()).unwrap();
    println!("{messages} messages in {} rooms after {:.0} s", places.len(), start.elapsed().as_secs_f64());
}

fn users(db: &mut Db, now: Millis) -> Vec<User> {
    let make = |db: &mut Db, n: usize| {
        let name = if n == 0 { "reader".to_owned() } else { format!("user{n}") };
        let username = Username::parse(&name).unwrap();
        let role = if n == 0 { ServerRole::Owner } else { ServerRole::Member };
        db::users::create(db, NewUser { username, display_name: None, role, guest: false, password_hash: None }, now).unwrap().0
    };
    db::transaction(db, |db| Ok((0..USERS).map(|n| make(db, n)).collect())).unwrap()
}

/// Who is in room number `n` besides the reader.
fn company(n: usize, users: &[User], random: &mut Random) -> Vec<User> {
    let count = match n {
        0..LARGE => USERS - 1,
        LARGE..CHANNELS => 200,
        CHANNELS..GROUPS => 10,
        _ => 1,
    };
    if count == USERS - 1 {
        return users[1..].to_vec();
    }
    // Those who write come first, so that there is something to be told everywhere.
    let writer = 1 + n % WRITERS;
    let mut chosen = vec![writer];
    while chosen.len() < count {
        let other = 1 + random.below(USERS - 1);
        if !chosen.contains(&other) {
            chosen.push(other);
        }
    }
    chosen.into_iter().map(|place| users[place].clone()).collect()
}

fn rooms(db: &mut Db, users: &[User], now: Millis) -> Vec<Place> {
    let mut random = Random(1);
    let mut share = 0;
    let mut make = |db: &mut Db, n: usize| {
        let mut company = company(n, users, &mut random);
        let id = match n {
            0 => db::rooms::lobby(db).unwrap(),
            GROUPS.. => {
                // Everybody of whom there is one direct room.
                company = vec![users[n - GROUPS + 1].clone()];
                db::rooms::direct(db, users[0].id, &UserRef::Id(company[0].id), now).unwrap().0.0.id
            }
            _ => {
                let kind = if n < CHANNELS { RoomKind::Channel } else { RoomKind::Group };
                let members = company.iter().map(|user| UserRef::Id(user.id)).collect();
                db::rooms::create(db, &users[0], NewRoom { kind, name: format!("room-{n}"), topic: None, members }, now).unwrap().0.id
            }
        };
        share += match n {
            0..LARGE => 1000,
            LARGE..CHANNELS => 60,
            CHANNELS..GROUPS => 10,
            _ => 6,
        };
        let members = company.iter().chain(&users[..1]).map(|user| user.id).collect();
        Place { id, members, share }
    };
    db::transaction(db, |db| Ok((0..ROOMS).map(|n| make(db, n)).collect())).unwrap()
}

fn write(db: &mut Db, readers: &Connector, places: &[Place], users: &[User], messages: u64, born: Millis) {
    let mut random = Random(2);
    let total = places.last().unwrap().share;
    let start = Instant::now();
    let mut checkpoints = db::Checkpoints::new(readers.clone());
    let mut done = 0;
    while done < messages {
        let now = Millis(born.0 + (2 * YEAR_MS) / messages as i64 * done as i64);
        let size = BATCH.min((messages - done) as usize);
        // In one room one writes for a while, then another: as people talk, and with fewer rows touched.
        let turn = (done / BATCH as u64) as usize;
        let batch = (0..size).map(|_| {
            let pick = random.below(total);
            let n = places.partition_point(|place| place.share <= pick);
            let author = places[n].members[(turn * 7 + n) % places[n].members.len()];
            message(places[n].id, author, users, &mut random)
        });
        let stored = db::append::run(db, &Batch { messages: batch.collect(), marks: Vec::new() }, now).unwrap();
        assert!(stored.messages.iter().all(|sent| sent.is_ok()));
        done += size as u64;
        if done % (BATCH as u64 * 5) == 0 {
            checkpoints.run().unwrap();
        }
        if done % (BATCH as u64 * 125) == 0 {
            println!("{done} messages, {:.0} a second", done as f64 / start.elapsed().as_secs_f64());
        }
    }
}

fn message(room: RoomId, author: UserId, users: &[User], random: &mut Random) -> NewMessage {
    const WORDS: [&str; 12] = ["voices", "meet", "where", "the", "river", "turns", "and", "nobody", "counts", "them", "before", "evening"];
    let mut body = String::with_capacity(120);
    for n in 0..4 + random.below(16) {
        if n > 0 {
            body.push(' ');
        }
        body.push_str(WORDS[random.below(WORDS.len())]);
    }
    if random.below(100) == 0 {
        body.push_str(" @");
        body.push_str(&users[random.below(users.len())].username);
    }
    NewMessage {
        room,
        author,
        client_id: Some(ClientId(Uuid::now_v7())),
        named: mention_candidates(&body),
        body,
        reply_to: None,
        thread: None,
        check_member: true,
        audit: None,
    }
}

/// The reader has read some rooms to the end, some halfway, and some not at all since they last wrote.
fn read_some(db: &mut Db, places: &[Place], reader: UserId) {
    let mut marks = Vec::new();
    for (n, place) in places.iter().enumerate().filter(|(n, _)| n % 3 > 0) {
        let last = db::rooms::head(db, place.id).unwrap().last_seq;
        let seq = if n % 3 == 1 { last } else { last - last / 100 };
        marks.push(Mark { room: place.id, user: reader, read_seq: Some(seq), delivered_seq: None });
    }
    db::append::run(db, &Batch { messages: Vec::new(), marks }, Millis::now()).unwrap();
}

fn sign_in(db: &mut Db, user: &User) -> String {
    let (token, now) = (Token::new().unwrap(), Millis::now());
    let session = NewSession { user: user.id, token_hash: token.hash(), device: None, address: None, expires_at: now.plus(YEAR_MS) };
    db::sessions::create(db, session, now).unwrap();
    token.as_str().to_owned()
}
