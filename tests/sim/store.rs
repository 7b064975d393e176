//! A database that a crash can hurt: readers see what was committed, a crash forgets what was not synced, and a commit that fails may have
//! taken place all the same.

use crate::{
    actors::chat_server::{Delta, Loaded},
    db::{
        Fault,
        append::{
            self,
            memory::{Spoil, Tables, Write},
        },
    },
    domain::{Change, Membership, Millis, Refusal, Room, RoomHead, RoomId, User, UserId, rules, samples},
};
use diesel::result::{DatabaseErrorKind, Error};

/// How a commit ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is stored, and the writer knows.
    Stored,
    /// It is not stored, and the writer hears of an error.
    Lost,
    /// It is stored, and the writer hears of an error.
    Unheard,
    /// Another transaction was in the way.
    InTheWay,
}

/// The log of transactions, of which the first `synced` are on stable storage, and what they come to.
pub struct Store {
    base: Tables,
    log: Vec<Option<Vec<Write>>>,
    synced: usize,
    /// Sabotage: commits end before they are on stable storage.
    pub never_synced: bool,
    pub tables: Tables,
    pub spoil: Spoil,
}

impl Store {
    pub fn new(base: Tables, spoil: Spoil) -> Self {
        Self { tables: base.clone(), base, log: Vec::new(), synced: 0, never_synced: false, spoil }
    }

    pub fn decide(&mut self, batch: &append::Batch, now: Millis) -> (append::Outcome, usize) {
        let (outcome, writes) = self.tables.decide(batch, now, &mut self.spoil);
        (outcome, self.write(writes))
    }

    /// A transaction is on its way to the disk, and nobody sees it.
    pub fn write(&mut self, writes: Vec<Write>) -> usize {
        self.log.push(Some(writes));
        self.log.len() - 1
    }

    /// A transaction comes to its end.
    pub fn end(&mut self, at: usize, fate: Fate) -> Result<Result<(), Fault>, String> {
        if matches!(fate, Fate::Lost | Fate::InTheWay) {
            self.log[at] = None;
        }
        if let Some(writes) = &self.log[at] {
            if !self.never_synced {
                self.synced = self.synced.max(at + 1);
            }
            self.tables.apply(writes)?;
        }
        Ok(match fate {
            Fate::Stored => Ok(()),
            Fate::InTheWay => Err(failed(DatabaseErrorKind::SerializationFailure)),
            Fate::Lost | Fate::Unheard => Err(failed(DatabaseErrorKind::ClosedConnection)),
        })
    }

    /// One transaction from its beginning to its end.
    pub fn run(&mut self, batch: &append::Batch, now: Millis, fate: Fate) -> Result<Result<append::Outcome, Fault>, String> {
        let (outcome, at) = self.decide(batch, now);
        Ok(self.end(at, fate)?.map(|()| outcome))
    }

    /// The power is gone: of what was not synced a beginning remains, `kept` transactions long or shorter.
    pub fn crash(&mut self, kept: usize) -> Result<usize, String> {
        let unsynced = self.log.len() - self.synced;
        self.log.truncate(self.synced + kept.min(unsynced));
        self.synced = self.log.len();
        self.tables = self.base.clone();
        for writes in self.log.iter().flatten() {
            self.tables.apply(writes)?;
        }
        if let Some(heads) = &mut self.spoil.heads {
            heads.clear();
        }
        Ok(unsynced)
    }

    pub fn user(&self, user: UserId) -> User {
        self.tables.users[&user].clone()
    }

    pub fn load(&self, user: UserId) -> Vec<Loaded> {
        let mine = self.tables.seats.iter().filter(|((_, member), _)| *member == user);
        mine.map(|((room, _), seat)| Loaded { head: self.tables.rooms[room].clone(), mine: self.seat(*room, user, *seat), peer: None })
            .collect()
    }

    fn seat(&self, room: RoomId, user: UserId, seat: Membership) -> Membership {
        Membership { mentions: self.tables.unread_mentions(user, room, seat.read_seq), ..seat }
    }

    fn outsider(&self, room: RoomId) -> Refusal {
        self.tables.rooms.get(&room).map_or_else(|| Refusal::not_found("room"), |head| rules::outsider(head.kind))
    }

    /// Why a room is none of a user's, if it is not.
    pub fn explain(&self, user: UserId, room: RoomId) -> Result<(), Refusal> {
        if self.tables.seats.contains_key(&(room, user)) { Ok(()) } else { Err(self.outsider(room)) }
    }

    pub fn delta(&self, user: UserId, room: RoomId, after_rev: i64, limit: u32) -> Result<Delta, Refusal> {
        self.explain(user, room)?;
        let limit = limit as usize;
        let mut found: Vec<_> =
            self.tables.messages.range((room, after_rev + 1)..=(room, i64::MAX)).map(|(_, message)| message).take(limit + 1).collect();
        let more = found.len() > limit;
        found.truncate(limit);
        let (mut json, mut ends) = (Vec::new(), Vec::new());
        for message in &found {
            if !json.is_empty() {
                json.push(b',');
            }
            serde_json::to_writer(&mut json, message).expect("a message can be written");
            ends.push((message.rev, json.len()));
        }
        let rev = if more { found.last().map_or(0, |last| last.rev) } else { self.tables.rooms[&room].rev };
        Ok(Delta { json, ends, rev, more })
    }

    /// What joining comes to.
    pub fn join(&self, user: UserId, room: RoomId, now: Millis) -> Result<(Room, Vec<Change>, Vec<Write>), Refusal> {
        let head = self.tables.rooms.get(&room).ok_or_else(|| Refusal::not_found("room"))?;
        if let Some(seat) = self.tables.seats.get(&(room, user)) {
            return Ok((Room::seen(head, Some(&self.seat(room, user, *seat)), None), Vec::new(), Vec::new()));
        }
        rules::may_join(head.kind, head.archived_at)?;
        let head = RoomHead { members: head.members + 1, ..head.clone() };
        let seq = head.last_seq;
        let seat = Membership { joined_at: now, ..samples::seat(seq) };
        let seen = Room::seen(&head, Some(&seat), None);
        let joined = Change::MemberJoined { head, user: self.tables.users[&user].clone(), membership: seat, peer: None };
        Ok((seen, vec![joined], vec![Write::Seat(room, user, seat)]))
    }

    /// What leaving comes to.
    pub fn leave(&self, user: UserId, room: RoomId) -> Result<(Vec<Change>, Vec<Write>), Refusal> {
        self.explain(user, room)?;
        let head = &self.tables.rooms[&room];
        rules::may_leave(head.kind, false)?;
        let head = RoomHead { members: head.members - 1, ..head.clone() };
        Ok((vec![Change::MemberLeft { head, user }], vec![Write::Unseat(room, user)]))
    }

    /// Numbers of messages without a gap in every room, and heads that say the same.
    pub fn check(&self) -> Result<(), String> {
        for (room, head) in &self.tables.rooms {
            let stored: Vec<(i64, i64)> =
                self.tables.messages.range((*room, 0)..=(*room, i64::MAX)).map(|(_, message)| (message.seq, message.rev)).collect();
            let wanted: Vec<(i64, i64)> = (1..=head.last_seq).map(|n| (n, n)).collect();
            let members = self.tables.seats.keys().filter(|(of, _)| of == room).count() as i64;
            if stored != wanted || head.rev != head.last_seq || members != head.members {
                return Err(format!("{head:?} with {members} members has {stored:?}"));
            }
        }
        Ok(())
    }
}

fn failed(kind: DatabaseErrorKind) -> Fault {
    Fault::Failed(Error::DatabaseError(kind, Box::new("the simulated disk".to_owned())))
}

/// The rooms and users at the beginning: everybody is in the first room, and in each other but one of them.
pub fn beginning(users: usize, rooms: usize) -> Tables {
    let mut tables = Tables::default();
    for n in 0..users {
        let user = super::user(n);
        tables.users.insert(user.id, user);
    }
    for n in 0..rooms {
        let id = super::room(n);
        let head = RoomHead { id, ..samples::channel(n as u8, 0, 0) };
        tables.rooms.insert(id, head);
        for member in (0..users).filter(|member| n == 0 || n % users != *member) {
            tables.apply(&[Write::Seat(id, super::user(member).id, samples::seat(0))]).expect("the room is there");
        }
    }
    tables
}
