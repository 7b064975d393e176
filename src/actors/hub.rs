//! Hub: how the doors reach the actors.

use super::{
    chat_server::{
        Apply, Asked, AskedAll, ChatServer, CountOnline, Gone, Meant, Origin, Presence, Store, Submit, WhoIsThere, change, read_rooms,
    },
    counters::Counters,
    courier::ConnId,
    db_executor::{Executor, in_time, patiently},
    journal::{Entry, Raise},
    pressure::Pressure,
    tokens::{Arrival, Begin, Tokens, hash_token},
};
use crate::{
    db::{self, Db, sessions, sessions::Signed},
    domain::{Change, Limits, Millis, NewMessage, Receipt, Refusal, RoomId, Sent, SessionId, User, UserId},
};
use actix::Addr;
use std::sync::{
    Arc,
    atomic::{
        AtomicBool,
        Ordering::{Acquire, Relaxed},
    },
};
use tokio::sync::oneshot;

/// What a change belongs to: changes of one lane are done in order.
#[derive(Clone, Copy, Debug)]
pub struct Lane([u8; 16]);

impl From<RoomId> for Lane {
    fn from(id: RoomId) -> Self {
        Self(*id.as_bytes())
    }
}

impl From<UserId> for Lane {
    fn from(id: UserId) -> Self {
        Self(*id.as_bytes())
    }
}

/// Connections and users on this node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Online {
    /// Signed-in connections.
    pub connections: usize,
    /// Users with at least one.
    pub users: usize,
}

struct Inner {
    chat: Addr<ChatServer>,
    store: Store,
    tokens: Tokens,
    pressure: Arc<Pressure>,
    counters: Arc<Counters>,
    limits: Limits,
    lobby: RoomId,
    draining: AtomicBool,
}

/// A handle that every thread may hold.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

impl Hub {
    /// Over these actors. Past the bounds of `pressure`, which they share, requests are answered `unavailable`.
    pub fn new(
        chat: Addr<ChatServer>,
        store: Store,
        pressure: Arc<Pressure>,
        counters: Arc<Counters>,
        limits: Limits,
        lobby: RoomId,
    ) -> Self {
        let (tokens, draining) = (Tokens::default(), AtomicBool::new(false));
        Self(Arc::new(Inner { chat, store, tokens, pressure, counters, limits, lobby, draining }))
    }

    /// Sizes and bounds.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The room that everybody is in.
    pub fn lobby(&self) -> RoomId {
        self.0.lobby
    }

    /// Whether the server is stopping.
    pub fn draining(&self) -> bool {
        self.0.draining.load(Relaxed)
    }

    /// The server stops from here on.
    pub fn set_draining(&self) {
        self.0.draining.store(true, Relaxed);
    }

    /// What waits: requests for ChatServer, reads, writes, and bytes for the Couriers.
    pub fn queues(&self) -> (usize, usize, usize, usize) {
        let writes = self.0.store.writers.iter().map(|w| w.waiting()).sum();
        (self.0.pressure.requests(), self.0.store.readers.waiting(), writes, self.0.pressure.undelivered())
    }

    /// How many jobs readers and writers of the database have done.
    pub fn jobs_done(&self) -> (u64, u64) {
        let writes = self.0.store.writers.iter().map(|w| w.done()).sum();
        (self.0.store.readers.done(), writes)
    }

    /// Whether every writer can change something, as far as is known.
    pub fn can_write(&self) -> bool {
        !self.0.store.writers.iter().any(Executor::is_failing)
    }

    /// Has the writers that failed try again, so that the end of a fault is noticed without anybody's message.
    pub async fn try_to_write(&self) {
        for writer in self.0.store.writers.iter().filter(|writer| writer.is_failing()) {
            // The result is what `can_write` tells from here on.
            let _ = writer.prove(|db| db::meta::try_to_write(db, Millis::now())).await;
        }
    }

    /// Runs a function on a reader's connection.
    pub async fn read<T: Send + 'static>(&self, job: impl FnOnce(&mut Db) -> db::Result<T> + Send + 'static) -> Result<T, Refusal> {
        self.0.store.readers.ask(job).await
    }

    /// Runs a function on the lane's writer, in a transaction. When this returns, memory has followed, sessions were told, and what was
    /// revoked is refused everywhere.
    pub async fn change<T: Send + 'static>(
        &self,
        lane: impl Into<Lane>,
        job: impl FnOnce(&mut Db) -> db::Result<(T, Vec<Change>)> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (tell, told) = oneshot::channel();
        let hub = self.clone();
        let meant = Meant::default();
        let noted = meant.clone();
        let job = move |db: &mut Db| job(db).inspect(|(_, changes)| noted.put(changes));
        let done = move |result| {
            // Where the commit failed, what it may have ended is looked up again.
            hub.0.tokens.apply(&meant.take());
            drop(tell.send(result));
        };
        change(&self.0.store, &self.0.chat, &lane.into().0, job, done);
        wait(told).await
    }

    /// Tells sessions of changes that were committed elsewhere than in [`Hub::change`].
    pub fn announce(&self, changes: Vec<Change>) {
        self.0.tokens.apply(&changes);
        self.0.chat.do_send(Apply { changes, then: Box::new(|| ()) });
    }

    /// Stores a message and tells the room. Retry `unavailable` with the same `client_id`.
    pub async fn send(&self, message: NewMessage) -> Result<Sent, Refusal> {
        let (tell, told) = oneshot::channel();
        self.0.pressure.admit()?;
        self.0.chat.do_send(Submit(Entry::Append(message, Origin::Sent(tell))));
        wait(told).await
    }

    /// Raises a member's watermarks. None where they had been reached before.
    pub async fn mark(
        &self,
        room: RoomId,
        user: &User,
        read_seq: Option<i64>,
        delivered_seq: Option<i64>,
    ) -> Result<Option<Receipt>, Refusal> {
        let (tell, told) = oneshot::channel();
        self.0.pressure.admit()?;
        let raise = Raise { room, user: user.id, read_seq, delivered_seq };
        self.0.chat.do_send(Submit(Entry::Mark(raise, Origin::Marked(tell, user.shares))));
        wait(told).await
    }

    /// Who of these is there, with how many connections.
    pub async fn presence(&self, users: Vec<UserId>) -> Vec<Presence> {
        let offline = users.iter().map(|id| Presence::absent(*id)).collect();
        self.0.chat.send(WhoIsThere(users)).await.unwrap_or(offline)
    }

    /// How many members of each of these rooms are there.
    pub async fn online_in(&self, rooms: Vec<RoomId>) -> Vec<u32> {
        let nobody = vec![0; rooms.len()];
        self.0.chat.send(CountOnline(rooms)).await.unwrap_or(nobody)
    }

    /// How many connections there are.
    pub fn online(&self) -> Online {
        let counters = self.counters();
        Online { connections: counters.connections.load(Relaxed), users: counters.users.load(Relaxed) }
    }

    /// What the actors count.
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// Whom a token signs in who says hello, if that is known without asking the database.
    pub fn arrival_already(&self, token: &str) -> Option<Arrival> {
        let news = self.counters().news.load(Acquire);
        self.0.tokens.arrival(&hash_token(token), news)
    }

    /// Whom a token signs in who says hello. Their rooms are read along with them: after a start of the server everybody comes at once, and it
    /// is one job for each, however many windows they have.
    pub async fn arrival(&self, token: &str) -> Result<Arrival, Refusal> {
        let hash = hash_token(token);
        let news = self.counters().news.load(Acquire);
        let (look_up, begin) = self.0.tokens.look_up(hash, news);
        if let Some(Begin { tell, wanted, revocations }) = begin {
            let hub = self.clone();
            let read = move |db: &mut Db| {
                if wanted.upgrade().is_none() {
                    return Err(Refusal::unavailable().into());
                }
                let signed = sessions::by_token(db, &hash, Millis::now())?.ok_or_else(Refusal::unauthorized)?;
                let rooms = Arc::new(read_rooms(db, signed.user.id)?);
                Ok(Arrival { signed, news, rooms: Some(rooms) })
            };
            self.0.store.readers.run(read, move |result| {
                hub.0.tokens.found(hash, &result, revocations);
                // Whoever waits for it has gone, or not.
                let _ = tell.send(result);
            });
        }
        patiently(look_up).await
    }

    /// Whom a token signs in.
    pub async fn signed_in(&self, token: &str) -> Result<Signed, Refusal> {
        let hash = hash_token(token);
        if let Some(signed) = self.0.tokens.get(&hash) {
            return Ok(signed);
        }
        let before = self.0.tokens.revocations();
        let found = self.read(move |db| sessions::by_token(db, &hash, Millis::now())).await?;
        let signed = found.ok_or_else(Refusal::unauthorized)?;
        self.0.tokens.put(hash, signed.clone(), before);
        Ok(signed)
    }

    /// The sign-ins used since the last call.
    pub fn take_used_sessions(&self) -> Vec<(SessionId, Millis)> {
        self.0.tokens.take_used()
    }

    /// Lets a connection's request in, unless too many wait. What was let in is to be handed over.
    pub fn admit(&self) -> Result<(), Refusal> {
        self.0.pressure.admit()
    }

    /// Hands requests that were let in to ChatServer.
    pub fn hand_over(&self, asked: Vec<Asked>) {
        self.0.chat.do_send(AskedAll(asked));
    }

    /// A connection is gone.
    pub fn gone(&self, conn: ConnId) {
        self.0.chat.do_send(Gone(conn));
    }
}

async fn wait<T>(told: oneshot::Receiver<Result<T, Refusal>>) -> Result<T, Refusal> {
    in_time(async { told.await.unwrap_or_else(|_| Err(Refusal::unavailable())) }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        actors::{
            chat_server::{Ask, Attach, Rate, Settings},
            connection::Beat,
            courier::{Courier, Roster},
            db_executor::Executor,
        },
        db::{Connector, Synchronous, Url, migrate},
        domain::samples,
    };
    use actix::prelude::*;
    use std::{
        cell::RefCell,
        rc::Rc,
        sync::mpsc,
        time::{Duration, Instant},
    };

    /// A node without doors whose only worker thread does nothing until it is told to.
    fn with_a_stuck_worker(folder: &tempfile::TempDir, pressure: &Arc<Pressure>) -> (Hub, mpsc::Sender<()>, Arbiter) {
        let url = Url::sqlite(&folder.path().join("chirm.db"));
        let writer = Connector::writer(&url, Synchronous::Normal);
        migrate::run(&mut writer.connect().unwrap(), Millis(0)).unwrap();
        let store = Store {
            readers: Executor::start("reader", 1, &Connector::reader(&url).pool(1), 10).unwrap(),
            writers: [Executor::start("writer", 1, &writer.pool(1), 10).unwrap()].into(),
        };
        let counters = Arc::<Counters>::default();
        let settings = Settings {
            version: "0",
            epoch: String::new(),
            limits: Limits::default(),
            send: Rate::FREE,
            send_in_room: Rate::FREE,
            typing: Rate::FREE,
            leave_after_ms: 1000,
        };
        let chat = ChatServer::new(settings, 1, store.clone(), pressure.clone(), counters.clone()).start();
        let (go_on, told) = mpsc::channel();
        let (to, of) = (chat.clone(), (pressure.clone(), counters.clone()));
        let worker = Arbiter::new();
        worker.spawn_fn(move || {
            let beat = Beat { ping_s: 25, answer_s: 10, hello_s: 10, stuck_s: 30, linger_s: 3 };
            let roster = Rc::new(RefCell::new(Roster::new(0, beat, of.1)));
            to.do_send(Attach(0, Courier::start_on(roster, of.0)));
            let _ = told.recv();
        });
        let hub = Hub::new(chat, store, pressure.clone(), counters, Limits::default(), RoomId::from([1; 16]));
        (hub, go_on, worker)
    }

    #[actix_rt::test]
    async fn what_a_worker_does_not_take_is_bounded() {
        let (folder, pressure) = (tempfile::tempdir().unwrap(), Arc::new(Pressure::bounded(1000, 10_000)));
        let (hub, go_on, worker) = with_a_stuck_worker(&folder, &pressure);
        let nobody = ConnId { worker: 0, place: 7, turn: 1 };
        let mut told = 0;
        let refused = loop {
            if let Err(refused) = hub.admit() {
                break refused;
            }
            let ask = Ask::Join(crate::domain::RoomRef::Id(hub.lobby()));
            hub.hand_over(vec![Asked { conn: nobody, id: 1, ask, since: Instant::now() }]);
            hub.announce(vec![Change::UserUpdated { user: samples::user(2) }]);
            // ChatServer has done both when it answers this.
            hub.presence(Vec::new()).await;
            told += 1;
            assert!(told < 1000, "nothing refuses");
        };
        assert_eq!(refused.code, crate::domain::Code::Unavailable);
        assert!((10_000..12_000).contains(&pressure.undelivered()), "{}", pressure.undelivered());
        go_on.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(10), async {
            while pressure.undelivered() > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        hub.admit().unwrap();
        worker.stop();
    }
}
