//! What HTTP counts for `/metrics`.

use actix_web::http::{Method, StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

/// One series for each pair; paths are left out, because anybody could make up new ones.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    status: u32,
}

/// Answers by method and status.
#[derive(Clone, Default, Debug)]
pub struct Counts(Family<Labels, Counter>);

impl Counts {
    /// Counters that the registry knows.
    pub fn new(registry: &mut Registry) -> Self {
        let counts = Self::default();
        registry.register("chirm_http_answers", "Answers to HTTP requests", counts.0.clone());
        counts
    }

    /// Counts an answer.
    pub fn count(&self, method: &Method, status: StatusCode) {
        let labels = Labels { method: known(method), status: u32::from(status.as_u16()) };
        self.0.get_or_create(&labels).inc();
    }
}

/// Clients may make up methods too.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted() {
        let mut registry = Registry::default();
        let counts = Counts::new(&mut registry);
        counts.count(&Method::GET, StatusCode::OK);
        counts.count(&Method::GET, StatusCode::OK);
        counts.count(&Method::TRACE, StatusCode::NOT_FOUND);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        assert!(text.contains(r#"chirm_http_answers_total{method="GET",status="200"} 2"#), "{text}");
        assert!(text.contains(r#"chirm_http_answers_total{method="other",status="404"} 1"#), "{text}");
    }
}
