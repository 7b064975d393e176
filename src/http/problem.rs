//! Refusals as `application/problem+json` (RFC 9457).

use crate::domain::{Code, Refusal};
use actix_web::{
    HttpResponse, ResponseError,
    body::BoxBody,
    error::{JsonPayloadError, PathError},
    http::{
        StatusCode,
        header::{ALLOW, HeaderValue},
    },
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};
use utoipa::ToSchema;

/// A refusal on its way out. `envelope` writes its body, because only that knows the request's id.
#[derive(Clone, Debug)]
pub struct Problem {
    refusal: Refusal,
    status: StatusCode,
    allow: Option<String>,
}

/// What a handler gives.
pub type Answer<T = HttpResponse> = Result<T, Problem>;

/// Why a request was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Body<'a> {
    /// Always `about:blank`: `code` tells what happened.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// For machines; one of the protocol's codes.
    #[schema(value_type = Code)]
    code: &'static str,
    /// For people.
    detail: &'a str,
    /// For the operator, to find it in the log.
    request_id: &'a str,
    /// With `invalid`: the fields at fault and a sentence each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<&'a str, &'a str>,
    /// With `rate_limited` and `unavailable`: when to try again.
    #[serde(skip_serializing_if = "is_zero")]
    retry_after_ms: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Problem {
    /// The path exists, but not with this method.
    pub fn method_not_allowed(allow: String) -> Self {
        let refusal = Refusal::bad_request(format!("This path answers to {allow} only."));
        Self { refusal, status: StatusCode::METHOD_NOT_ALLOWED, allow: Some(allow) }
    }

    /// What another layer refused, by its status.
    pub fn of_status(status: StatusCode) -> Self {
        let code = match status.as_u16() {
            401 => Code::Unauthorized,
            403 => Code::Forbidden,
            404 => Code::NotFound,
            413 => Code::TooLarge,
            415 => Code::UnsupportedMediaType,
            429 => Code::RateLimited,
            400..=499 => Code::BadRequest,
            503 => Code::Unavailable,
            _ => Code::Internal,
        };
        let words = status.canonical_reason().unwrap_or("The request was refused");
        Self { refusal: Refusal::new(code, format!("{words}.")), status, allow: None }
    }

    /// The refusal inside.
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// The JSON text.
    pub fn body(&self, request_id: &str) -> Vec<u8> {
        let Refusal { code, message, fields, retry_after_ms } = &self.refusal;
        let body = Body {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            code: code.name(),
            detail: message,
            request_id,
            fields: fields.iter().map(|(name, why)| (name.as_ref(), why.as_ref())).collect(),
            retry_after_ms: *retry_after_ms,
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }

    /// Seconds for `Retry-After`, rounded up.
    pub fn retry_after_s(&self) -> Option<u32> {
        let ms = self.refusal.retry_after_ms;
        (ms > 0).then(|| ms.div_ceil(1000))
    }

    /// The methods that the path answers to, where that was the trouble.
    pub fn allow(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(self.allow.as_deref()?).ok()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { refusal, status, allow: None }
    }
}

impl From<PathError> for Problem {
    fn from(_: PathError) -> Self {
        Refusal::not_found("thing").into()
    }
}

impl From<JsonPayloadError> for Problem {
    fn from(error: JsonPayloadError) -> Self {
        Self::of_status(error.status_code())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::new(self.status);
        if let Some(allow) = self.allow() {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn body(problem: &Problem) -> Value {
        serde_json::from_slice(&problem.body("r1")).unwrap()
    }

    #[test]
    fn fields_are_named() {
        let problem = Problem::from(Refusal::invalid("username", "Too short."));
        let expected = json!({
            "type": "about:blank", "title": "Unprocessable Entity", "status": 422, "code": "invalid",
            "detail": "username: Too short.", "request_id": "r1", "fields": {"username": "Too short."},
        });
        assert_eq!(body(&problem), expected);
    }

    #[test]
    fn waiting_is_told() {
        let problem = Problem::from(Refusal::rate_limited(1500));
        assert_eq!((body(&problem)["retry_after_ms"].as_u64(), problem.retry_after_s()), (Some(1500), Some(2)));
    }

    #[test]
    fn every_code_has_its_status() {
        for code in Code::ALL {
            let problem = Problem::from(Refusal::new(code, "x"));
            assert_eq!(problem.status_code().as_u16(), code.status());
            assert_eq!(body(&problem)["code"], code.name());
        }
        let problem = Problem::method_not_allowed("GET, PUT".to_owned());
        assert_eq!(problem.error_response().headers().get(ALLOW).unwrap(), "GET, PUT");
        assert_eq!(body(&problem)["code"], "bad_request");
    }
}
