//! Messages, receipts and read marks.

use super::{
    answer,
    caller::Caller,
    input::{Json, Query, room_ref},
    problem::Answer,
    rooms::room_id,
    schema::Refused,
    state::State,
};
use crate::{
    actors::ops,
    db,
    domain::{ClientId, Message, NewMessage, Refusal, RoomId, UserId, check_body, mention_candidates},
    protocol::{self, HistoryOk, ReadOk, ReceiptsOk, SentOk},
};
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new message.
#[derive(Deserialize, ToSchema)]
pub struct SendForm {
    /// Kept on every retry: what makes a retry safe.
    client_id: ClientId,
    body: String,
    /// The message that it answers.
    reply_to: Option<i64>,
    /// The root of its thread.
    thread: Option<i64>,
    /// Uploaded files. There are none yet, so every id is refused.
    attachments: Option<Vec<uuid::Uuid>>,
}

/// Up to where was read: one of the two.
#[derive(Deserialize, ToSchema)]
pub struct ReadForm {
    seq: Option<i64>,
    /// The highest of these counts.
    seqs: Option<Vec<i64>>,
}

/// One message.
#[derive(Serialize, ToSchema)]
pub struct OneMessage {
    message: Message,
}

/// A page of messages.
#[utoipa::path(get, path = "/api/v1/rooms/{room}/messages", tag = "messages",
    params(("room" = String, Path, description = "Id or #name"), ("before" = Option<i64>, Query), ("after" = Option<i64>, Query),
        ("around" = Option<i64>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = HistoryOk), Refused))]
pub async fn list(state: Data<State>, caller: Caller, path: Path<String>, query: Query) -> Answer {
    let limit = query.limit(state.config.limits.sizes.page)?;
    let [before, after, around] = [query.number("before")?, query.number("after")?, query.number("around")?];
    let (from, limit) = ops::page_of(before, after, around, Some(limit))?;
    answer::ok(ops::history(state.hub.clone(), caller.user.id, room_ref(&path)?, from, limit).await?)
}

/// Stores a message.
#[utoipa::path(post, path = "/api/v1/rooms/{room}/messages", tag = "messages", params(("room" = String, Path, description = "Id or #name")),
    request_body = SendForm,
    responses((status = 201, body = SentOk), (status = 200, description = "It was stored before", body = SentOk), Refused))]
pub async fn send(state: Data<State>, caller: Caller, path: Path<String>, form: Json<SendForm>) -> Answer {
    let form = form.read()?;
    check_text(&state, &form.body)?;
    if form.attachments.is_some_and(|files| !files.is_empty()) {
        return Err(Refusal::invalid("attachments", "There is no such file.").into());
    }
    let room = room_id(&state, &path).await?;
    state.gates.send(caller.user.id, room)?;
    let new = NewMessage { reply_to: form.reply_to, thread: form.thread, ..new_message(room, caller.user.id, form.body) };
    let sent = state.hub.send(NewMessage { client_id: Some(form.client_id), check_member: true, ..new }).await?;
    answer::made(!sent.duplicate, SentOk::from(&sent))
}

/// Whether a text may be a message here.
pub fn check_text(state: &State, body: &str) -> Answer<()> {
    Ok(check_body(body, state.config.limits.sizes.body_chars)?)
}

/// A message without anything beside its body.
pub fn new_message(room: RoomId, author: UserId, body: String) -> NewMessage {
    let named = mention_candidates(&body);
    NewMessage { room, author, client_id: None, body, reply_to: None, thread: None, named, check_member: false, audit: None }
}

/// One message.
#[utoipa::path(get, path = "/api/v1/rooms/{room}/messages/{seq}", tag = "messages",
    params(("room" = String, Path, description = "Id or #name"), ("seq" = i64, Path)),
    responses((status = 200, body = OneMessage), Refused))]
pub async fn show(state: Data<State>, caller: Caller, path: Path<(String, String)>) -> Answer {
    let seq = seq(&path.1)?;
    let message = ops::message(state.hub.clone(), caller.user.id, room_ref(&path.0)?, seq).await?;
    answer::ok(OneMessage { message })
}

fn seq(text: &str) -> Answer<i64> {
    text.parse().map_err(|_| Refusal::not_found("message").into())
}

/// Who has got and who has read a message.
#[utoipa::path(get, path = "/api/v1/rooms/{room}/messages/{seq}/receipts", tag = "messages",
    params(("room" = String, Path, description = "Id or #name"), ("seq" = i64, Path)),
    responses((status = 200, body = ReceiptsOk), Refused))]
pub async fn receipts(state: Data<State>, caller: Caller, path: Path<(String, String)>) -> Answer {
    let seq = seq(&path.1)?;
    answer::ok(ops::receipts(state.hub.clone(), caller.user.id, room_ref(&path.0)?, seq).await?)
}

/// All up to a message was read. Says where the mark is now, which may be further.
#[utoipa::path(put, path = "/api/v1/rooms/{room}/read", tag = "messages", params(("room" = String, Path, description = "Id or #name")),
    request_body = ReadForm, responses((status = 200, body = ReadOk), Refused))]
pub async fn read(state: Data<State>, caller: Caller, path: Path<String>, form: Json<ReadForm>) -> Answer {
    let form = form.read()?;
    let seq = protocol::Read::up_to(form.seq, form.seqs.as_deref())?;
    let (room, me) = (room_id(&state, &path).await?, caller.user.id);
    state.hub.mark(room, &caller.user, Some(seq), None).await?;
    let seen = state.hub.read(move |db| db::rooms::seen(db, me, room)).await?;
    answer::ok(ReadOk { read_seq: seen.read_seq, unread: seen.unread })
}
