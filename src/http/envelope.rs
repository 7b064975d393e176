//! What every request passes on its way in, and every answer on its way out.

use super::{answer::AS_IT_IS, csp, problem::Problem, state::State};
use crate::domain::{Code, Refusal};
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Uri,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use std::sync::Arc;
use uuid::Uuid;

/// The id under which a request is found in the log, in a problem and in the audit.
#[derive(Clone)]
pub struct RequestId(pub String);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// On all routes, whatever they answer.
const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    (header::PERMISSIONS_POLICY, PERMISSIONS),
];
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), \
     fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), \
     picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";
/// A year: browsers then don't even try http.
const HSTS: &str = "max-age=31536000; includeSubDomains";

/// Gives the request an id, takes the public path's prefix off, and puts the headers on; refusals get their body here.
pub async fn envelope(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody, BoxBody>>, Error> {
    let id = Uuid::now_v7().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let state = request.app_data::<Data<State>>().map(|state| Arc::clone(state));
    let fixed = Fixed::of(&request, state.as_deref(), id);
    let method = request.method().clone();
    let response = match prepare(&mut request, state.as_deref()) {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(problem) => request.error_response(problem).map_into_right_body(),
    };
    let mut response = with_problem(response, &fixed.id);
    if let Some(state) = &state {
        state.counts.count(&method, response.status());
    }
    fixed.put(response.headers_mut());
    Ok(response)
}

/// Makes the request fit for routing.
fn prepare(request: &mut ServiceRequest, state: Option<&State>) -> Result<(), Problem> {
    let path = request.uri().path();
    if !is_utf8(path) {
        return Err(Refusal::bad_request("The path is not UTF-8.").into());
    }
    let base = state.map_or("", |state| state.config.base_path());
    let bare = strip_base(path, base);
    if bare.len() != path.len() {
        let rest = request.uri().query().map_or_else(|| bare.to_owned(), |query| format!("{bare}?{query}"));
        let uri: Uri = rest.parse().map_err(|_| Refusal::bad_request("The path cannot be read."))?;
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    Ok(())
}

/// The path without the public path's prefix: a proxy may leave it on or take it off.
pub fn strip_base<'a>(path: &'a str, base: &str) -> &'a str {
    match path.strip_prefix(base) {
        Some("") if !base.is_empty() => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Whether what the percent signs hide is UTF-8 too.
fn is_utf8(path: &str) -> bool {
    if !path.contains('%') {
        return true;
    }
    let bytes = path.as_bytes();
    let (mut plain, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let digits = path.get(at + 1..at + 3).filter(|_| byte == b'%');
        let hidden = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(hidden.unwrap_or(byte));
        at += if hidden.is_some() { 3 } else { 1 };
    }
    std::str::from_utf8(&plain).is_ok()
}

/// Writes the body of a refusal, also of one that actix itself or another layer made.
fn with_problem<B>(response: ServiceResponse<EitherBody<B>>, id: &str) -> ServiceResponse<EitherBody<B>> {
    let Some(problem) = problem_of(response.response()) else { return response };
    log_defect(&problem, id);
    let (request, old) = response.into_parts();
    let mut new = HttpResponse::build(old.status()).body(problem.body(id));
    let headers = new.headers_mut();
    for (name, value) in old.headers() {
        headers.append(name.clone(), value.clone());
    }
    headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
    if let Some(seconds) = problem.retry_after_s() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.refusal().code == Code::Unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    ServiceResponse::new(request, new.map_into_right_body())
}

fn problem_of<B>(response: &HttpResponse<B>) -> Option<Problem> {
    let error = response.error()?;
    Some(error.as_error::<Problem>().cloned().unwrap_or_else(|| Problem::of_status(response.status())))
}

fn log_defect(problem: &Problem, id: &str) {
    if problem.refusal().code == Code::Internal {
        log::error!(request = id; "a request failed: {problem}");
    }
}

/// Headers that depend on the request but not on the answer.
struct Fixed {
    id: String,
    csp: String,
    no_store: bool,
    hsts: bool,
}

impl Fixed {
    fn of(request: &ServiceRequest, state: Option<&State>, id: String) -> Self {
        let base = state.map_or("", |state| state.config.base_path());
        let path = strip_base(request.uri().path(), base);
        let public = state.and_then(|state| state.config.public_url.as_ref());
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        Self {
            id,
            csp: csp::policy(csp::Page::of(path), public, host),
            no_store: path.starts_with("/api/"),
            hsts: public.is_some_and(crate::config::PublicUrl::secure),
        }
    }

    fn put(&self, headers: &mut HeaderMap) {
        for (name, value) in ALWAYS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for (name, value) in [(X_REQUEST_ID, &self.id), (header::CONTENT_SECURITY_POLICY, &self.csp)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        if self.no_store {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        if self.hsts {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
        }
        headers.remove(header::SERVER);
        if headers.get(header::CONTENT_ENCODING) == Some(&AS_IT_IS) {
            headers.remove(header::CONTENT_ENCODING);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Answer;
    use actix_web::{App, middleware::from_fn, test, web};

    #[::core::prelude::v1::test]
    fn bases() {
        assert_eq!(strip_base("/chat/api/v1/me", "/chat"), "/api/v1/me");
        assert_eq!(strip_base("/chat", "/chat"), "/");
        assert_eq!(strip_base("/chatter", "/chat"), "/chatter");
        assert_eq!(strip_base("/api", "/chat"), "/api");
        assert_eq!(strip_base("/api", ""), "/api");
    }

    #[::core::prelude::v1::test]
    fn paths() {
        assert!(is_utf8("/a/%23lobby") && is_utf8("/%C3%A4") && is_utf8("/100%") && is_utf8("/%zz"));
        assert!(!is_utf8("/%ff") && !is_utf8("/%C3"));
    }

    async fn refuse() -> Answer {
        Err(Refusal::rate_limited(1001).into())
    }

    #[actix_rt::test]
    async fn answers() {
        let routes = |cfg: &mut web::ServiceConfig| {
            cfg.route("/api/refused", web::get().to(refuse));
            cfg.route("/fine", web::get().to(|| async { "fine" }));
            cfg.route("/broken", web::get().to(|_: web::Query<Vec<u8>>| async { "never" }));
        };
        let app = test::init_service(App::new().wrap(from_fn(envelope)).configure(routes)).await;
        let get = async |path: &str| test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;

        let fine = get("/fine").await;
        assert!(fine.status().is_success() && fine.headers().get(header::CACHE_CONTROL).is_none());
        for (name, value) in ALWAYS {
            assert_eq!(fine.headers().get(name).unwrap(), value);
        }

        let refused = get("/api/refused").await;
        assert_eq!(refused.status().as_u16(), 429);
        assert_eq!(refused.headers().get(header::RETRY_AFTER).unwrap(), "2");
        assert_eq!(refused.headers().get(header::CONTENT_TYPE).unwrap(), "application/problem+json");
        assert_eq!(refused.headers().get(header::CACHE_CONTROL).unwrap(), "no-store");
        let id = refused.headers().get(X_REQUEST_ID).unwrap().to_str().unwrap().to_owned();
        let body: serde_json::Value = test::read_body_json(refused).await;
        assert_eq!((body["request_id"].as_str(), body["code"].as_str()), (Some(id.as_str()), Some("rate_limited")));

        for (path, status) in [("/broken?=%zz", 400), ("/%ff", 400)] {
            let response = get(path).await;
            assert_eq!(response.status().as_u16(), status, "{path}");
            let body: serde_json::Value = test::read_body_json(response).await;
            assert_eq!(body["code"], "bad_request", "{path}");
        }
    }
}
