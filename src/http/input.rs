//! Reading what a request brings: JSON bodies and query strings.

use super::{
    problem::{Answer, Problem},
    state::State,
};
use crate::{
    domain::{Code, Refusal, RoomRef, UserRef},
    protocol,
};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::CONTENT_ENCODING,
    web::{BytesMut, Data},
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use std::{
    future::{Ready, ready},
    str::FromStr,
    time::Duration,
};

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// Items of a page where the request doesn't say.
const PAGE: u32 = 50;

/// A JSON body. What is wrong with it is told by [`Json::read`], not while the request is taken apart: who may not ask at all
/// shall learn that first, however slowly that is found out.
pub struct Json<T>(Answer<T>);

/// A JSON body that may be left out: then as if it were `{}`.
pub struct MaybeJson<T>(Answer<T>);

impl<T> Json<T> {
    /// The body, or what is wrong with it.
    pub fn read(self) -> Answer<T> {
        self.0
    }
}

impl<T> MaybeJson<T> {
    /// The body, or what is wrong with it.
    pub fn read(self) -> Answer<T> {
        self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (body, is_json) = (body(request, payload.take()), is_json(request));
        Box::pin(async move { Ok(Self(read(body.await, is_json))) })
    }
}

impl<T: DeserializeOwned> FromRequest for MaybeJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (body, is_json) = (body(request, payload.take()), is_json(request));
        Box::pin(async move {
            match body.await {
                Ok(body) if body.is_empty() => Ok(Self(Ok(parse(b"{}")?))),
                body => Ok(Self(read(body, is_json))),
            }
        })
    }
}

fn read<T: DeserializeOwned>(body: Answer<BytesMut>, is_json: Answer<()>) -> Answer<T> {
    let body = body?;
    is_json?;
    Ok(parse(&body)?)
}

/// `application/json`, or a type whose name ends in `+json`; not compressed.
fn is_json(request: &HttpRequest) -> Answer<()> {
    let kind = request.content_type().trim().to_ascii_lowercase();
    let compressed = request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
    if (kind == "application/json" || kind.ends_with("+json")) && !compressed {
        return Ok(());
    }
    Err(Refusal::new(Code::UnsupportedMediaType, "Send plain JSON, with Content-Type: application/json.").into())
}

fn body(request: &HttpRequest, mut payload: Payload) -> LocalBoxFuture<'static, Answer<BytesMut>> {
    let most = request.app_data::<Data<State>>().map_or(0, |state| state.config.limits.request_bytes as usize);
    let said = request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let too_large = move || Refusal::too_large(format!("A request's body has at most {most} bytes."));
    Box::pin(async move {
        if said.is_some_and(|said| said > most) {
            return Err(too_large().into());
        }
        let read = async {
            let mut body = BytesMut::new();
            while let Some(chunk) = payload.next().await {
                let chunk = chunk.map_err(|_| Refusal::bad_request("The request's body was cut off."))?;
                if body.len() + chunk.len() > most {
                    return Err(too_large().into());
                }
                body.extend_from_slice(&chunk);
            }
            Ok(body)
        };
        let late = |_| Problem::from(Refusal::bad_request("The request's body did not arrive in time."));
        actix_rt::time::timeout(PATIENCE, read).await.map_err(late)?
    })
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::bad_request("The request's body is not UTF-8."))?;
    if !text.trim_start().starts_with('{') {
        return Err(Refusal::bad_request("The request's body must be a JSON object."));
    }
    protocol::decode(text)
}

/// The query string's pairs; unknown ones are ignored.
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the part behind the question mark.
    pub fn parse(text: &str) -> Answer<Self> {
        let unreadable = |_| Refusal::bad_request("The query string cannot be read.");
        let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(text).map_err(unreadable)?;
        Ok(Self(pairs.into_inner()))
    }

    /// A text, unless it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The same, owned.
    pub fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A value of another type.
    pub fn value<T: FromStr>(&self, name: &'static str, what: &'static str) -> Answer<Option<T>> {
        let parse = |text: &str| text.parse().map_err(|_| Refusal::invalid(name, what).into());
        self.text(name).map(parse).transpose()
    }

    /// One of some names.
    pub fn one_of<T>(&self, name: &'static str, read: impl Fn(&str) -> Option<T>, names: &str) -> Answer<Option<T>> {
        let parse = |text: &str| read(text).ok_or_else(|| Refusal::invalid(name, format!("Must be {names}.")).into());
        self.text(name).map(parse).transpose()
    }

    /// A whole number.
    pub fn number(&self, name: &'static str) -> Answer<Option<i64>> {
        self.value(name, "Must be a whole number.")
    }

    /// `limit`, within 1 and the most that a page may have.
    pub fn limit(&self, most: u32) -> Answer<u32> {
        match self.number("limit")? {
            None => Ok(PAGE.min(most)),
            Some(limit) => match u32::try_from(limit) {
                Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
                _ => Err(Refusal::invalid("limit", format!("Must be between 1 and {most}.")).into()),
            },
        }
    }

    /// A list of ids, parted by commas.
    pub fn ids<T: FromStr>(&self, name: &'static str, most: usize) -> Answer<Option<Vec<T>>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.len() > most {
            return Err(Refusal::invalid(name, format!("At most {most}.")).into());
        }
        let parse = |part: &str| part.parse().map_err(|_| Refusal::invalid(name, "Must be ids, parted by commas.").into());
        parts.into_iter().map(parse).collect::<Answer<Vec<T>>>().map(Some)
    }
}

impl FromRequest for Query {
    type Error = Problem;
    type Future = Ready<Answer<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()))
    }
}

/// A room as a path names it.
pub fn room_ref(text: &str) -> Answer<RoomRef<'static>> {
    Ok(RoomRef::parse(text)?.into_owned())
}

/// A user as a path names it.
pub fn user_ref(text: &str) -> Answer<UserRef> {
    Ok(UserRef::parse(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    struct Form {
        name: String,
        #[serde(default)]
        count: Option<u32>,
    }

    fn refused(body: &str) -> (Code, Option<String>) {
        let refusal = parse::<Form>(body.as_bytes()).unwrap_err();
        (refusal.code, refusal.fields.first().map(|(name, _)| name.to_string()))
    }

    #[test]
    fn bodies() {
        let form: Form = parse(br#" {"name": "x", "count": 3, "unknown": [1]} "#).unwrap();
        assert_eq!((form.name.as_str(), form.count), ("x", Some(3)));
        let invalid = |field: &str| (Code::Invalid, Some(field.to_owned()));
        assert_eq!(refused("{"), (Code::BadRequest, None));
        assert_eq!(refused(""), (Code::BadRequest, None));
        assert_eq!(refused("[]"), (Code::BadRequest, None));
        assert_eq!(refused("{}"), invalid("name"));
        assert_eq!(refused(r#"{"name": 5}"#), invalid("name"));
        assert_eq!(refused(r#"{"name": "x", "count": -1}"#), invalid("count"));
        assert_eq!(parse::<Form>(b"{\"name\": \"\xff\"}").unwrap_err().code, Code::BadRequest);
    }

    #[test]
    fn queries() {
        let query = Query::parse("q=a+b%20c&limit=7&empty=&x=1").unwrap();
        assert_eq!(query.text("q"), Some("a b c"));
        assert_eq!((query.text("empty"), query.text("y")), (None, None));
        assert_eq!(query.limit(200).unwrap(), 7);
        assert_eq!(Query::parse("").unwrap().limit(200).unwrap(), 50);
        for bad in ["limit=0", "limit=201", "limit=x", "limit=-1", "limit=99999999999999999999"] {
            let problem = Query::parse(bad).unwrap().limit(200).unwrap_err();
            assert_eq!(problem.refusal().fields[0].0, "limit", "{bad}");
        }
        let ids = Query::parse("ids=1,2,%203").unwrap();
        assert_eq!(ids.ids::<i64>("ids", 3).unwrap(), Some(vec![1, 2, 3]));
        assert!(ids.ids::<i64>("ids", 2).is_err());
        assert!(Query::parse("ids=1,x").unwrap().ids::<i64>("ids", 3).is_err());
    }
}
