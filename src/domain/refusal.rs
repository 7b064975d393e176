//! Why a request was refused: a stable code for machines, a sentence for people.

use serde::Serialize;
use std::{borrow::Cow, fmt};

/// The stable error codes; the same behind each door.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ErrorCode)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(rename = "ErrorCode"))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Not a request of this protocol.
    BadRequest,
    /// Not signed in.
    Unauthorized,
    /// Signed in, but this role may not.
    Forbidden,
    /// The room is visible, but the caller is not in it.
    NotMember,
    /// Does not exist, or the caller may not know that it does.
    NotFound,
    /// Contradicts what is stored.
    Conflict,
    /// Another account has this name or one that looks like it.
    UsernameTaken,
    /// Over a size limit.
    TooLarge,
    /// A body of another type than JSON.
    UnsupportedMediaType,
    /// Well formed, but a field's value is not allowed.
    Invalid,
    /// Over a rate limit; stored nothing.
    RateLimited,
    /// A defect of the server.
    Internal,
    /// Overloaded or without its database: the outcome is unknown, a retry with the same `client_id` is safe.
    Unavailable,
}

impl Code {
    /// Every code, for documents and tests.
    pub const ALL: [Self; 13] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotMember,
        Self::NotFound,
        Self::Conflict,
        Self::UsernameTaken,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotMember => "not_member",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::UsernameTaken => "username_taken",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Invalid => "invalid",
            Self::RateLimited => "rate_limited",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }

    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden | Self::NotMember => 403,
            Self::NotFound => 404,
            Self::Conflict | Self::UsernameTaken => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// A refused request. The cause, where there is one, went to the log: it is never shown to the caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// For machines.
    pub code: Code,
    /// For people: says what to do next where there is something to do.
    pub message: Cow<'static, str>,
    /// With [`Code::Invalid`]: the fields at fault and a sentence each.
    pub fields: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// With [`Code::RateLimited`] and [`Code::Unavailable`]: when to try again; else 0.
    pub retry_after_ms: u32,
}

impl Refusal {
    /// A refusal with a sentence.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), fields: Vec::new(), retry_after_ms: 0 }
    }

    /// A field's value is not allowed.
    pub fn invalid(field: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::invalid_field(Cow::Borrowed(field), why)
    }

    /// The same for a field whose name came from a request.
    pub fn invalid_field(field: Cow<'static, str>, why: impl Into<Cow<'static, str>>) -> Self {
        let why = why.into();
        Self { message: format!("{field}: {why}").into(), fields: vec![(field, why)], ..Self::new(Code::Invalid, "") }
    }

    /// Not a request of this protocol.
    pub fn bad_request(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::BadRequest, why)
    }

    /// Not signed in, or no longer.
    pub fn unauthorized() -> Self {
        Self::new(Code::Unauthorized, "Sign in first.")
    }

    /// The caller's role does not allow it.
    pub fn forbidden(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Forbidden, why)
    }

    /// The caller is not in that room.
    pub fn not_member() -> Self {
        Self::new(Code::NotMember, "You are not a member of this room.")
    }

    /// There is no such thing, as far as the caller may know.
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}."))
    }

    /// Contradicts what is stored.
    pub fn conflict(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Conflict, why)
    }

    /// Over a size limit.
    pub fn too_large(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::TooLarge, what)
    }

    /// Over a rate limit.
    pub fn rate_limited(retry_after_ms: u32) -> Self {
        Self { retry_after_ms, ..Self::new(Code::RateLimited, "Too fast. Wait a moment, then try again.") }
    }

    /// The outcome is unknown.
    pub fn unavailable() -> Self {
        Self { retry_after_ms: 1000, ..Self::new(Code::Unavailable, "The server is busy. Try again; a retry is safe.") }
    }

    /// A defect of the server; the cause is in its log.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Something went wrong on the server.")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Refusal {}
