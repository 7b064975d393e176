//! Headers that hold browsers to our rules, on every answer.

use crate::support::{Answer, Backend, Server};

both!(security_headers_are_on_everything);

fn has(answer: &Answer, name: &str, value: &str) {
    assert_eq!(answer.header(name), Some(value), "{name} of {answer:?}");
}

async fn security_headers_are_on_everything(backend: Backend) {
    let server = Server::start(backend).await;
    let alice = server.user("alice").await;
    let mut ids = std::collections::HashSet::new();
    for (method, path, status) in [
        ("GET", "/", 200),
        ("GET", "/r/room", 200),
        ("GET", "/no/such/file.js", 404),
        ("POST", "/", 405),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/api/v1/me", 200),
        ("GET", "/api/v1/auth/options", 200),
        ("GET", "/api/v1/openapi.json", 200),
        ("GET", "/api/v1/nothing", 404),
        ("DELETE", "/api/v1/rooms", 405),
        ("GET", "/api/v1/rooms/%ff", 400),
        ("POST", "/api/v1/rooms", 415),
    ] {
        let body = if method == "POST" { b"x".to_vec() } else { Vec::new() };
        let answer = alice.http.raw(method, path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        has(&answer, "x-content-type-options", "nosniff");
        has(&answer, "referrer-policy", "no-referrer");
        has(&answer, "cross-origin-opener-policy", "same-origin");
        has(&answer, "cross-origin-resource-policy", "same-origin");
        let permissions = answer.header("permissions-policy").unwrap_or_default();
        for feature in ["camera=()", "microphone=()", "geolocation=()"] {
            assert!(permissions.contains(feature), "{feature}: {answer:?}");
        }
        let policy: Vec<&str> = answer.header("content-security-policy").unwrap_or_default().split(';').map(str::trim).collect();
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(&rule), "{rule} on {path}: {policy:?}");
        }
        assert!(policy.iter().any(|rule| *rule == "base-uri 'none'" || *rule == "base-uri 'self'"), "{policy:?}");
        assert!(!policy.iter().any(|rule| rule.contains("unsafe") || rule.contains('*')), "{policy:?}");
        for absent in ["server", "strict-transport-security", "access-control-allow-origin"] {
            assert!(answer.header(absent).is_none(), "{absent}: {answer:?}");
        }
        if path.starts_with("/api/") {
            has(&answer, "cache-control", "no-store");
        }
        assert!(ids.insert(answer.header("x-request-id").unwrap().to_owned()), "request ids are unique");
    }
    // The page's own files are the browser's for ever, because their names change with what is in them.
    let page = alice.http.raw("GET", "/", Vec::new()).await;
    let script = page.text.split('"').find(|part| part.contains("assets/") && part.ends_with(".js"));
    match script {
        Some(path) => {
            let path = path.trim_start_matches('.');
            let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
            let file = alice.http.raw("GET", &path, Vec::new()).await;
            assert_eq!(file.status, 200, "{path}");
            has(&file, "cache-control", "public, max-age=31536000, immutable");
            assert!(file.header("content-type").unwrap().contains("javascript"));
        }
        None => eprintln!("skipped: the web client was not built"),
    }
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert!(!page.text.contains("<script>") && !page.text.contains("onclick"), "no script in the page itself");
}
