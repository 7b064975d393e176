//! Answers that went well.

use super::problem::{Answer, Problem};
use crate::domain::Refusal;
use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{CONTENT_ENCODING, HeaderValue},
};
use serde::Serialize;

/// Bodies of fewer bytes fit into one packet as they are: compressing them costs more than it saves.
const WORTH_COMPRESSING: usize = 1024;
/// Says that a body stays as it is; [`envelope`](super::envelope) takes it off again.
pub const AS_IT_IS: HeaderValue = HeaderValue::from_static("identity");

/// 200 with a body.
pub fn ok(body: impl Serialize) -> Answer {
    json(HttpResponse::Ok(), body)
}

/// 201 with a body.
pub fn created(body: impl Serialize) -> Answer {
    json(HttpResponse::Created(), body)
}

/// 201 where something is new, 200 where it was there.
pub fn made(new: bool, body: impl Serialize) -> Answer {
    if new { created(body) } else { ok(body) }
}

/// 204.
pub fn done() -> Answer {
    Ok(HttpResponse::NoContent().finish())
}

/// A body as JSON.
pub fn json(mut answer: HttpResponseBuilder, body: impl Serialize) -> Answer {
    let bytes = serde_json::to_vec(&body).map_err(|error| {
        log::error!("an answer could not be written: {error}");
        Problem::from(Refusal::internal())
    })?;
    if bytes.len() < WORTH_COMPRESSING {
        answer.insert_header((CONTENT_ENCODING, AS_IT_IS));
    }
    Ok(answer.content_type("application/json").body(bytes))
}
