//! The content security policy: what a page may load, run and talk to.

use super::{client::Client, gates::Gate, problem::Answer, state::State};
use crate::{config::PublicUrl, domain::Refusal, http::answer};
use actix_web::web::{Bytes, Data};

/// Where browsers report what they blocked.
pub const REPORT: &str = "/csp-report";
/// Longest report that is looked at.
const REPORT_BYTES: usize = 8 * 1024;

/// What is being served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Page {
    /// The web client, and whatever is no page at all.
    Client,
    /// The API's documents: Swagger UI sets styles from its scripts and knows no trusted types.
    Docs,
}

impl Page {
    /// By the path, without the public prefix.
    pub fn of(path: &str) -> Self {
        if path == "/docs" || path.starts_with("/docs/") { Self::Docs } else { Self::Client }
    }
}

/// The header's value. `host` is the request's own, used where the public address isn't set.
pub fn policy(page: Page, public: Option<&PublicUrl>, host: Option<&str>) -> String {
    let base = public.map_or("", PublicUrl::path);
    let common = format!("base-uri 'none'; form-action 'self'; frame-ancestors 'none'; report-uri {base}{REPORT}");
    match page {
        Page::Docs => format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
             connect-src 'self'; {common}"
        ),
        Page::Client => format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
             font-src 'self'; connect-src 'self'{}; worker-src 'self'; manifest-src 'self'; {common}; \
             require-trusted-types-for 'script'; trusted-types chirm",
            sockets(public, host)
        ),
    }
}

/// Older browsers don't count WebSockets of the same host as `'self'`.
fn sockets(public: Option<&PublicUrl>, host: Option<&str>) -> String {
    if let Some(public) = public {
        return format!(" {}", public.socket_origin());
    }
    let plain = |host: &&str| host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'));
    host.filter(plain).filter(|host| !host.is_empty()).map(|host| format!(" ws://{host} wss://{host}")).unwrap_or_default()
}

/// Takes a browser's report into the log; at most a few a minute from one address.
pub async fn report(state: Data<State>, client: Client, body: Bytes) -> Answer {
    state.gates.check(Gate::Report, client.address)?;
    if body.len() > REPORT_BYTES {
        return Err(Refusal::too_large("A report has at most 8192 bytes.").into());
    }
    // Debug form: a report is somebody else's text and may contain line breaks.
    log::warn!("a browser blocked something: {:?}", String::from_utf8_lossy(&body));
    answer::done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client() {
        let policy = policy(Page::of("/r/lobby"), None, Some("localhost:8080"));
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(policy.contains("connect-src 'self' ws://localhost:8080 wss://localhost:8080;"));
        assert!(policy.ends_with("require-trusted-types-for 'script'; trusted-types chirm") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn public_address_wins_over_the_host() {
        let public = "https://example.org/chat".parse().unwrap();
        let policy = policy(Page::Client, Some(&public), Some("evil"));
        assert!(policy.contains("connect-src 'self' wss://example.org;") && policy.contains("report-uri /chat/csp-report"));
    }

    #[test]
    fn hosts_cannot_smuggle() {
        for host in ["a; script-src *", "a b", "a,b", ""] {
            assert!(policy(Page::Client, None, Some(host)).contains("connect-src 'self';"), "{host}");
        }
    }

    #[test]
    fn docs() {
        assert_eq!((Page::of("/docs"), Page::of("/docs/x.js"), Page::of("/docsy")), (Page::Docs, Page::Docs, Page::Client));
        assert!(!policy(Page::Docs, None, None).contains("trusted-types"));
    }
}
