//! Work of the database that ChatServer asks for: what the state wants read, and changes that are no messages.

use super::{
    ChatServer,
    ask::Ask,
    messages::{Apply, Unsure},
    out::{Job, Want},
    state::{Delta, Loaded},
};
use crate::{
    actors::{
        courier::ConnId,
        db_executor::{Executor, in_time},
        journal::lane_of,
    },
    db::{self, Db, members, messages::Most, rooms},
    domain::{Change, Millis, Refusal, Room, RoomHead, RoomId, RoomRef, SessionId, User, UserId},
};
use actix::prelude::*;
use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot;

/// A job's result.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) enum Done {
    Loaded { user: UserId, news: u64, read: Result<(User, Vec<Loaded>), Refusal> },
    Synced { want: Want, room: RoomId, result: Result<Delta, Refusal> },
    Joined { conn: ConnId, id: i64, result: Box<Result<Room, Refusal>> },
    Explained { conn: ConnId, id: i64, ask: Box<Ask>, result: Result<(), Refusal> },
    Rechecked(Vec<(UserId, SessionId)>),
    Saw(Vec<UserId>),
    Settled(Vec<RoomId>, Result<Vec<RoomHead>, Refusal>),
}

/// The threads that run database jobs.
#[derive(Clone)]
pub struct Store {
    /// Any of them may read.
    pub readers: Executor,
    /// Each writes its own rooms, in order.
    pub writers: Arc<[Executor]>,
}

impl Store {
    /// The writer of what belongs to this id.
    pub fn writer(&self, lane: &[u8; 16]) -> &Executor {
        &self.writers[lane_of(lane, self.writers.len())]
    }
}

impl ChatServer {
    pub(super) fn run(&self, job: Job, me: Addr<Self>) {
        match job {
            Job::Load { user, news } => self.read(
                me,
                move |db| Ok((db::users::get(db, user)?, read_rooms(db, user)?)),
                move |read| Done::Loaded { user, news, read },
            ),
            Job::Sync { user, room, want } => {
                let most = Most::within(self.state.limits(), want.limit);
                let read = move |db: &mut Db| read_delta(db, user, room, want.after_rev, most);
                self.read(me, read, move |result| Done::Synced { want, room, result });
            }
            Job::Join { conn, id, user, room } => self.join(conn, id, user, room, me),
            Job::Explain { conn, id, user, ask } => {
                let room = ask.room().cloned();
                let read = move |db: &mut Db| {
                    let Some(room) = room else { return Ok(()) };
                    let room = rooms::resolve(db, &room)?;
                    members::as_member(db, user, room).map(|_| ())
                };
                self.read(me, read, move |result| Done::Explained { conn, id, ask, result });
            }
            Job::Recheck(in_use) => self.read(
                me,
                move |db| {
                    let ids: Vec<_> = in_use.iter().map(|(_, session)| *session).collect();
                    let alive = db::sessions::alive(db, &ids, Millis::now())?;
                    Ok(in_use.into_iter().filter(|(_, session)| !alive.contains(session)).collect())
                },
                // Where the database cannot be asked, the next time will do.
                move |result| Done::Rechecked(result.unwrap_or_default()),
            ),
            Job::Saw(users) => {
                let Some((first, _)) = users.first() else { return };
                let lane = *first.as_bytes();
                let ids = users.iter().map(|(id, _)| *id).collect();
                // A failure is in the log; that they are gone is told all the same.
                let writer = self.store.writer(&lane).clone();
                actix_rt::spawn(async move {
                    let _ = writer.ask(move |db| db::users::saw(db, &users)).await;
                    me.do_send(Done::Saw(ids));
                });
            }
            Job::Settle(rooms) => self.settle(rooms, &me),
        }
    }

    /// Asks a reader.
    fn read<T: Send + 'static>(
        &self,
        me: Addr<Self>,
        job: impl FnOnce(&mut Db) -> db::Result<T> + Send + 'static,
        told: impl FnOnce(Result<T, Refusal>) -> Done + 'static,
    ) {
        let readers = self.store.readers.clone();
        actix_rt::spawn(async move { me.do_send(told(readers.ask(job).await)) });
    }

    /// Names are resolved by a reader, so that the change runs in its room's own lane.
    fn join(&self, conn: ConnId, id: i64, user: UserId, room: RoomRef<'static>, me: Addr<Self>) {
        let store = self.store.clone();
        let chat = me.clone();
        let joined = async move {
            let room = store.readers.ask(move |db| rooms::resolve(db, &room)).await?;
            let (tell, told) = oneshot::channel();
            let job = move |db: &mut Db| members::join(db, user, room, Millis::now());
            change(&store, &chat, room.as_bytes(), job, move |result| drop(tell.send(result)));
            told.await.unwrap_or_else(|_| Err(Refusal::unavailable()))
        };
        actix_rt::spawn(async move {
            let result = Box::new(in_time(joined).await);
            me.do_send(Done::Joined { conn, id, result });
        });
    }

    /// Asks for the heads of rooms, each on its own lane: behind whatever was written there.
    fn settle(&self, rooms: Vec<RoomId>, me: &Addr<Self>) {
        let lanes = self.store.writers.len();
        let mut by_lane = vec![Vec::new(); lanes];
        for room in rooms {
            by_lane[lane_of(room.as_bytes(), lanes)].push(room);
        }
        for (writer, rooms) in self.store.writers.iter().zip(by_lane).filter(|(_, rooms)| !rooms.is_empty()) {
            let (me, writer, ids) = (me.clone(), writer.clone(), rooms.clone());
            actix_rt::spawn(async move {
                let heads = writer.ask(move |db| rooms::settled_heads(db, &ids)).await;
                me.do_send(Done::Settled(rooms, heads));
            });
        }
    }
}

/// A user's rooms, as [`State::hello`](super::State::hello) takes them.
pub fn read_rooms(db: &mut Db, user: UserId) -> db::Result<Vec<Loaded>> {
    let loaded = |mine: rooms::Mine| Loaded { head: mine.head, mine: mine.membership, peer: mine.peer };
    Ok(rooms::mine(db, user)?.into_iter().map(loaded).collect())
}

fn read_delta(db: &mut Db, user: UserId, room: RoomId, after_rev: i64, most: Most) -> db::Result<Delta> {
    let room = members::as_member(db, user, room)?;
    let delta = db::messages::since(db, &room, after_rev, most)?;
    let (mut json, mut ends) = (Vec::new(), Vec::with_capacity(delta.messages.len()));
    for message in &delta.messages {
        if !json.is_empty() {
            json.push(b',');
        }
        // A message always encodes; were one not to, the client would see the gap and ask again.
        if let Err(error) = serde_json::to_writer(&mut json, message) {
            log::error!("a message could not be encoded: {error}");
        }
        ends.push((message.rev, json.len()));
    }
    Ok(Delta { json, ends, rev: delta.rev, more: delta.more })
}

/// Runs a change on the writer of its lane, in a transaction; then memory follows and sessions are told; then `done` is called.
pub fn change<T: Send + 'static>(
    store: &Store,
    chat: &Addr<ChatServer>,
    lane: &[u8; 16],
    job: impl FnOnce(&mut Db) -> db::Result<(T, Vec<Change>)> + Send + 'static,
    done: impl FnOnce(Result<T, Refusal>) + Send + 'static,
) {
    let chat = chat.clone();
    let meant = Meant::default();
    let noted = meant.clone();
    store.writer(lane).run(
        move |db| db::transaction(db, |db| job(db).inspect(|(_, changes)| noted.put(changes))),
        move |result| match result {
            Ok((value, changes)) if !changes.is_empty() => {
                chat.do_send(Apply { changes, then: Box::new(move || done(Ok(value))) });
            }
            Ok((value, _)) => done(Ok(value)),
            Err(refusal) => {
                // The work was done and its commit failed: it may be so, or not.
                chat.do_send(Unsure(meant.take()));
                done(Err(refusal));
            }
        },
    );
}

/// What a change was to change, for the case that its commit fails.
#[derive(Clone, Default)]
pub struct Meant(Arc<Mutex<Vec<Change>>>);

impl Meant {
    /// Notes it.
    pub fn put(&self, changes: &[Change]) {
        changes.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What was noted.
    pub fn take(&self) -> Vec<Change> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
