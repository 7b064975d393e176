//! HTTP as a client sees it.

use super::PATIENCE;
use awc::{
    Client,
    http::{Method, header::HeaderMap},
};
use serde_json::Value;
use std::{cell::Cell, rc::Rc};

/// Requests to one server, with the same headers each.
#[derive(Clone)]
pub struct Http {
    port: Rc<Cell<u16>>,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    asked: String,
}

/// A room or user as part of a path.
pub fn encode(text: &str) -> String {
    text.replace('%', "%25").replace('#', "%23")
}

impl Http {
    pub fn new(port: Rc<Cell<u16>>) -> Self {
        Self { port, headers: Vec::new() }
    }

    pub fn port(&self) -> u16 {
        self.port.get()
    }

    /// With one more header on each request.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    pub fn bearer(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask("PUT", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask("PATCH", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, None).await
    }

    /// A request under `/api/v1`, with a JSON body unless it is none or null.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        match body.filter(|body| !body.is_null()) {
            Some(body) => {
                self.with("content-type", "application/json").raw(method, &format!("/api/v1{path}"), body.to_string().into_bytes()).await
            }
            None => self.raw(method, &format!("/api/v1{path}"), Vec::new()).await,
        }
    }

    /// A request with any path and body.
    pub async fn raw(&self, method: &str, path: &str, body: Vec<u8>) -> Answer {
        let asked = format!("{method} {path} {}", String::from_utf8_lossy(&body[..body.len().min(400)]));
        let client = Client::builder().timeout(PATIENCE).disable_redirects().finish();
        let url = format!("http://127.0.0.1:{}{path}", self.port.get());
        let mut request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        for (name, value) in &self.headers {
            request = request.insert_header((name.as_str(), value.as_str()));
        }
        let sent = if body.is_empty() { request.send().await } else { request.send_body(body).await };
        let mut response = sent.unwrap_or_else(|error| panic!("{asked}: {error}"));
        let text = response.body().limit(16 << 20).await.unwrap_or_else(|error| panic!("{asked}: {error}"));
        let text = String::from_utf8_lossy(&text).into_owned();
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), text, asked }
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It must have this status; gives the body, null where there is none.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} was answered with {}", self.asked, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// It must be refused like this; gives the problem.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let problem: Value = serde_json::from_str(&self.text).unwrap_or_default();
        let got = (self.status, problem["code"].as_str().unwrap_or_default());
        assert_eq!(got, (status, code), "{} was answered with {}", self.asked, self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.asked);
        assert_eq!(problem["status"], status, "{problem}");
        for key in ["type", "title", "detail", "request_id"] {
            assert!(problem[key].as_str().is_some_and(|text| !text.is_empty()), "{key} is missing in {problem}");
        }
        assert_eq!(problem["fields"].is_object(), code == "invalid", "{problem}");
        problem
    }

    /// `invalid`, for this field.
    #[track_caller]
    pub fn invalid(&self, field: &str) {
        let problem = self.refused(422, "invalid");
        assert!(problem["fields"][field].is_string(), "{field} is not named in {problem}");
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
