//! Answers that went well.

use super::problem::Answer;
use actix_web::HttpResponse;
use serde::Serialize;

/// 200 with a body.
pub fn ok(body: impl Serialize) -> Answer {
    Ok(HttpResponse::Ok().json(body))
}

/// 201 with a body.
pub fn created(body: impl Serialize) -> Answer {
    Ok(HttpResponse::Created().json(body))
}

/// 201 where something is new, 200 where it was there.
pub fn made(new: bool, body: impl Serialize) -> Answer {
    if new { created(body) } else { ok(body) }
}

/// 204.
pub fn done() -> Answer {
    Ok(HttpResponse::NoContent().finish())
}
