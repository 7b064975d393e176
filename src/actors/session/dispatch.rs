//! Requests: each operation's arm and function. What memory decides goes to ChatServer; what only the database knows is asked there.

use super::{BAD_FRAMES, FLOODS, Session, Standing};
use crate::{
    actors::{
        chat_server::{Ask, Greeting, Reply, SendAsk},
        ops,
        tokens::Arrival,
    },
    db::sessions::Signed,
    domain::{Millis, Refusal, RoomId, RoomRef, UserId, check_body, mention_candidates},
    faults::{Point, crash_at},
    protocol::{self, BadFrame, Hello, Op, PongOk, Request, reply_frame},
};
use actix::prelude::*;
use serde::Serialize;
use std::borrow::Cow;

impl Session {
    /// A text frame.
    pub(super) fn request(&mut self, text: &str, ctx: &mut Context<Self>) {
        crash_at(Point::InSession);
        self.connection.asked();
        let now = self.now_ms();
        if let Err(ms) = self.frames.take(self.worker.frames, now) {
            self.floods = self.floods.saturating_add(1);
            self.refuse_request(Request::decode(text).ok().map(|r| r.id), &Refusal::rate_limited(ms));
            if self.floods >= FLOODS {
                self.close(4429, "flooding");
            }
            return;
        }
        self.floods = 0;
        match Request::decode(text) {
            Ok(request) => {
                self.bad = 0;
                self.operation(request, ctx);
            }
            Err(BadFrame { id, refusal }) => {
                self.bad += 1;
                self.refuse_request(id, &refusal);
                if self.bad >= BAD_FRAMES {
                    self.close(1008, "bad frames");
                }
            }
        }
    }

    fn operation(&mut self, Request { id, op }: Request<'_>, ctx: &mut Context<Self>) {
        let (user, op) = match (&self.standing, op) {
            (Standing::New(_), Op::Hello(hello)) => return self.hello(id, hello, ctx),
            (Standing::New(_), _) => return self.refuse_request(Some(id), &Refusal::unauthorized()),
            (_, Op::Hello(_)) => return self.refuse_request(Some(id), &Refusal::conflict("This connection is signed in already.")),
            (Standing::Greeting, _) => return self.refuse_request(Some(id), &Refusal::unauthorized()),
            (Standing::Open(user), op) => (*user, op),
        };
        let result = match op {
            Op::Send(send) => self.send(id, send),
            Op::Sync(sync) => self.sync(id, &sync),
            Op::Read(read) => self.read(id, &read),
            Op::Delivered(d) => self.mark(id, &d.room, d.seq, Reply::Delivered),
            Op::Typing(typing) => self.ask_in(id, &typing.room, |room| Ask::Typing { room, on: typing.on }),
            Op::Join(join) => self.ask_in(id, &join.room, Ask::Join),
            Op::SetPresence(set) => self.worker.asks.ask(self.conn, id, Ask::SetPresence(set.state)),
            Op::Ping(_) => {
                self.ok(id, &PongOk { at: Millis::now() });
                Ok(())
            }
            Op::History(history) => self.history(id, user, &history, ctx),
            Op::Receipts(receipts) => self.receipts(id, user, &receipts, ctx),
            Op::Leave(leave) => self.leave(id, user, &leave.room, ctx),
            Op::Direct(direct) => {
                self.later(id, ops::direct(self.worker.hub.clone(), user, direct.user.into_owned()), ctx);
                Ok(())
            }
            Op::Presence(presence) => self.presence(id, user, presence, ctx),
            // Answered above.
            Op::Hello(_) => Ok(()),
        };
        if let Err(refusal) = result {
            self.refuse_request(Some(id), &refusal);
        }
    }

    // --- hello -------------------------------------------------------------------------------------------------------------------

    fn hello(&mut self, id: i64, hello: Hello<'_>, ctx: &mut Context<Self>) {
        let Standing::New(brought) = std::mem::replace(&mut self.standing, Standing::Greeting) else { return };
        let token = hello.token.map(Cow::into_owned).or_else(|| brought.map(String::from));
        let cursors = hello.cursors.unwrap_or_default().into_iter().collect();
        let epoch = hello.epoch.map(Cow::into_owned);
        let Some(token) = token else { return self.not_signed_in(id, &Refusal::unauthorized()) };
        if let Some(arrival) = self.worker.hub.arrival_already(&token) {
            return self.greet(id, arrival, cursors, epoch);
        }
        let hub = self.worker.hub.clone();
        let look_up = async move { hub.arrival(&token).await };
        ctx.spawn(look_up.into_actor(self).map(move |result, act, _| {
            match result {
                Ok(arrival) => act.greet(id, arrival, cursors, epoch),
                Err(refusal) => act.not_signed_in(id, &refusal),
            }
            act.write();
        }));
    }

    fn greet(&mut self, id: i64, arrival: Arrival, cursors: Vec<(RoomId, i64)>, epoch: Option<String>) {
        let Arrival { signed: Signed { user, session, .. }, news, rooms } = arrival;
        let who = user.id;
        let greeting = Greeting { conn: self.conn, id, user, news, rooms, session, cursors, epoch };
        match self.worker.asks.ask(self.conn, id, Ask::Hello(Box::new(greeting))) {
            Ok(()) => self.standing = Standing::Open(who),
            Err(refusal) => {
                self.refuse_request(Some(id), &refusal);
                self.close(1013, "overloaded, try later");
            }
        }
    }

    fn not_signed_in(&mut self, id: i64, refusal: &Refusal) {
        self.refuse_request(Some(id), refusal);
        match refusal.code {
            crate::domain::Code::Unauthorized => self.close(4401, "not signed in"),
            _ => self.close(1013, "try again later"),
        }
    }

    // --- what memory decides -----------------------------------------------------------------------------------------------------

    fn ask_in(&self, id: i64, room: &str, ask: impl FnOnce(RoomRef<'static>) -> Ask) -> Result<(), Refusal> {
        let room = RoomRef::parse(room)?.into_owned();
        self.worker.asks.ask(self.conn, id, ask(room))
    }

    fn send(&self, id: i64, send: protocol::Send<'_>) -> Result<(), Refusal> {
        check_body(&send.body, self.worker.hub.limits().body_chars)?;
        if send.attachments.is_some_and(|files| !files.is_empty()) {
            return Err(Refusal::invalid("attachments", "There is no such file."));
        }
        let named = mention_candidates(&send.body);
        let protocol::Send { room, client_id, body, reply_to, thread, .. } = send;
        let body = body.into_owned();
        self.ask_in(id, &room, |room| Ask::Send(SendAsk { room, client_id, body, reply_to, thread, named }))
    }

    fn sync(&self, id: i64, sync: &protocol::Sync<'_>) -> Result<(), Refusal> {
        let limit = ops::page_limit(sync.limit, 100)?;
        self.ask_in(id, &sync.room, |room| Ask::Sync { room, after_rev: sync.after_rev, limit })
    }

    fn read(&self, id: i64, read: &protocol::Read<'_>) -> Result<(), Refusal> {
        let seq = protocol::Read::up_to(read.seq, read.seqs.as_deref())?;
        self.mark(id, &read.room, seq, Reply::Read)
    }

    fn mark(&self, id: i64, room: &str, seq: i64, reply: Reply) -> Result<(), Refusal> {
        self.ask_in(id, room, |room| Ask::Mark { room, seq, reply })
    }

    // --- what only the database knows --------------------------------------------------------------------------------------------

    fn later<T: Serialize + 'static>(&self, id: i64, work: impl Future<Output = Result<T, Refusal>> + 'static, ctx: &mut Context<Self>) {
        ctx.spawn(work.into_actor(self).map(move |result, act, _| {
            match result {
                Ok(ok) => act.connection.reply(reply_frame(id, &ok)),
                Err(refusal) => act.refuse_request(Some(id), &refusal),
            }
            act.write();
        }));
    }

    fn history(&self, id: i64, user: UserId, history: &protocol::History<'_>, ctx: &mut Context<Self>) -> Result<(), Refusal> {
        let room = RoomRef::parse(&history.room)?.into_owned();
        let (from, limit) = ops::page_of(history.before, history.after, history.around, history.limit)?;
        self.later(id, ops::history(self.worker.hub.clone(), user, room, from, limit), ctx);
        Ok(())
    }

    fn receipts(&self, id: i64, user: UserId, receipts: &protocol::Receipts<'_>, ctx: &mut Context<Self>) -> Result<(), Refusal> {
        let room = RoomRef::parse(&receipts.room)?.into_owned();
        self.later(id, ops::receipts(self.worker.hub.clone(), user, room, receipts.seq), ctx);
        Ok(())
    }

    fn leave(&self, id: i64, user: UserId, room: &str, ctx: &mut Context<Self>) -> Result<(), Refusal> {
        let room = RoomRef::parse(room)?.into_owned();
        self.later(id, ops::leave(self.worker.hub.clone(), user, room), ctx);
        Ok(())
    }

    fn presence(&self, id: i64, user: UserId, presence: protocol::PresenceOf<'_>, ctx: &mut Context<Self>) -> Result<(), Refusal> {
        let room = presence.room.map(|room| RoomRef::parse(&room).map(RoomRef::into_owned)).transpose()?;
        let whose = ops::Whose::of(presence.users, room)?;
        let seen = ops::last_seen(self.worker.hub.clone(), user, whose);
        ctx.spawn(seen.into_actor(self).map(move |seen, act, _| {
            let asked = seen.and_then(|seen| act.worker.asks.ask(act.conn, id, Ask::Presence(seen)));
            if let Err(refusal) = asked {
                act.refuse_request(Some(id), &refusal);
                act.write();
            }
        }));
        Ok(())
    }
}
