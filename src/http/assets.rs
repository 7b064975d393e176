//! The web client, which is in the binary.

use super::{
    problem::{Answer, Problem},
    state::State,
};
use crate::domain::Refusal;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, IF_NONE_MATCH, VARY},
    },
    web::Data,
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

/// Served where the web client was not built.
const PLACEHOLDER: &str = include_str!("placeholder.html");
const PLACEHOLDER_CSS: &str = include_str!("placeholder.css");

/// Files here carry a hash in their name. Everything else is asked for again, above all the page and `sw.js`: a service worker that stayed in a
/// cache would keep an old client for good.
const HASHED: &str = "assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// A file of the client, or its page for any of its own addresses.
pub async fn serve(state: Data<State>, request: HttpRequest) -> Answer {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return Err(Problem::method_not_allowed("GET".to_owned()));
    }
    let path = request.path().trim_start_matches('/');
    let base = state.config.base_path();
    match Found::at(path) {
        Found::File(name, file) => Ok(send_file(request.headers(), name, file)),
        Found::Page => Ok(page(request.headers(), base)),
        Found::Style => Ok(style(request.headers())),
        Found::Nothing => Err(Refusal::not_found("page").into()),
    }
}

enum Found<'a> {
    File(&'a str, EmbeddedFile),
    Page,
    /// Of the page that stands in for the client.
    Style,
    Nothing,
}

impl<'a> Found<'a> {
    fn at(path: &'a str) -> Self {
        match Dist::get(path) {
            Some(file) if path != "index.html" => Self::File(path, file),
            _ if is_address(path) => Self::Page,
            _ if path == "placeholder.css" => Self::Style,
            _ => Self::Nothing,
        }
    }
}

/// Whether the client itself may know this path: the start, a room, or anything that looks like no file.
fn is_address(path: &str) -> bool {
    path == "index.html" || path.starts_with("r/") || (!path.contains('.') && !path.starts_with("api/") && path != "ws")
}

fn send_file(headers: &HeaderMap, name: &str, file: EmbeddedFile) -> HttpResponse {
    let (file, encoding) = packed(headers, name).unwrap_or((file, None));
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let is_text = kind.type_() == "text" || kind.subtype() == "javascript";
    let kind = if is_text { format!("{}; charset=utf-8", kind.essence_str()) } else { kind.to_string() };
    let hash = file.metadata.sha256_hash();
    send(headers, &kind, cache_of(name), encoding, &hash, file.data)
}

fn cache_of(name: &str) -> &'static str {
    if name.starts_with(HASHED) { FOR_EVER } else { ASK_AGAIN }
}

/// A compressed twin of a file, where the build made one and the browser takes it.
fn packed(headers: &HeaderMap, name: &str) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted = headers.get(ACCEPT_ENCODING)?.to_str().ok()?;
    let takes =
        |encoding: &str| accepted.split(',').any(|part| part.trim() == encoding || part.trim().starts_with(&format!("{encoding};q=1")));
    let twin = |encoding: &'static str, ending: &str| {
        let file = takes(encoding).then(|| Dist::get(&format!("{name}.{ending}"))).flatten()?;
        Some((file, Some(encoding)))
    };
    twin("br", "br").or_else(|| twin("gzip", "gz"))
}

fn send(headers: &HeaderMap, kind: &str, cache: &str, encoding: Option<&str>, hash: &[u8], body: Cow<'static, [u8]>) -> HttpResponse {
    let tag = tag(hash);
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).is_some_and(|tags| has_tag(tags, &tag));
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((CACHE_CONTROL, cache)).insert_header((ETAG, tag)).insert_header((VARY, "accept-encoding"));
    if known {
        return answer.finish();
    }
    if let Some(encoding) = encoding {
        answer.insert_header((CONTENT_ENCODING, encoding));
    }
    answer.content_type(kind);
    match body {
        Cow::Borrowed(bytes) => answer.body(bytes),
        Cow::Owned(bytes) => answer.body(bytes),
    }
}

fn tag(hash: &[u8]) -> String {
    let hex: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    // Weak: the answer may be compressed on its way out.
    format!("W/\"{hex}\"")
}

fn has_tag(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|one| one == tag || one == "*")
}

fn page(headers: &HeaderMap, base: &str) -> HttpResponse {
    let index = Dist::get("index.html").and_then(|file| String::from_utf8(file.data.into_owned()).ok());
    let text = with_base(index.as_deref().unwrap_or(PLACEHOLDER), base);
    let hash = Sha256::digest(text.as_bytes());
    send(headers, "text/html; charset=utf-8", ASK_AGAIN, None, &hash, Cow::Owned(text.into_bytes()))
}

fn style(headers: &HeaderMap) -> HttpResponse {
    let hash = Sha256::digest(PLACEHOLDER_CSS);
    send(headers, "text/css; charset=utf-8", ASK_AGAIN, None, &hash, Cow::Borrowed(PLACEHOLDER_CSS.as_bytes()))
}

/// The page under the public path: its own relative addresses made absolute, because it is served for addresses of any depth, and the path named
/// for the client. A `base` element would do both, but the content security policy allows none.
fn with_base(page: &str, base: &str) -> String {
    let page = page.replace("=\"./", &format!("=\"{base}/"));
    page.replace(r#"<meta name="base" content="/""#, &format!(r#"<meta name="base" content="{base}/""#))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn bases() {
        let page = r#"<meta name="base" content="/" /><script src="./assets/a.js"></script><a href="docs/">"#;
        assert_eq!(
            with_base(page, "/chat"),
            r#"<meta name="base" content="/chat/" /><script src="/chat/assets/a.js"></script><a href="docs/">"#
        );
        assert!(with_base(page, "").contains(r#"content="/" /><script src="/assets/a.js">"#));
        assert!(with_base(PLACEHOLDER, "/chat").contains(r#"href="/chat/placeholder.css""#));
    }

    #[test]
    fn only_what_has_a_hash_is_kept_for_ever() {
        assert_eq!(cache_of("assets/app-Bx9fmwW5.js"), FOR_EVER);
        for asked_again in ["sw.js", "index.html", "manifest.webmanifest", "icon.svg"] {
            assert_eq!(cache_of(asked_again), ASK_AGAIN, "{asked_again}");
        }
    }

    #[test]
    fn addresses() {
        for own in ["", "r/0190-abc", "r/#a.b", "settings", "admin/rooms", "index.html"] {
            assert!(is_address(own), "{own}");
        }
        for other in ["favicon.ico", "assets/x.js", "api/v2/x", "ws"] {
            assert!(!is_address(other), "{other}");
        }
    }

    #[test]
    fn unchanged_is_not_sent_again() {
        let mut headers = HeaderMap::new();
        let first = page(&headers, "");
        let tag: HeaderValue = first.headers().get(ETAG).unwrap().clone();
        assert_eq!((first.status().as_u16(), first.headers().get(CACHE_CONTROL).unwrap().to_str().unwrap()), (200, "no-cache"));
        headers.insert(IF_NONE_MATCH, tag);
        assert_eq!(page(&headers, "").status().as_u16(), 304);
        assert_eq!(page(&headers, "/chat").status().as_u16(), 200);
    }
}
