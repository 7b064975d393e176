//! JSON from outside, and what is wrong with it.

use crate::domain::{Code, Refusal};
use serde::Deserialize;
use serde_json::Value;

/// A frame that could not be understood, with the `id` to answer under where one could be read.
#[derive(Debug)]
pub struct BadFrame {
    /// The request's `id`.
    pub id: Option<i64>,
    /// What to answer.
    pub refusal: Refusal,
}

/// Deepest nesting of JSON.
const DEPTH: usize = 32;

/// Decodes a request's fields. Broken JSON, and JSON nested deeper than 32, is `bad_request`; a missing or ill-typed field is `invalid` and
/// named.
pub fn decode<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, Refusal> {
    if is_too_deep(json) {
        return Err(Refusal::bad_request(format!("JSON is nested at most {DEPTH} deep here.")));
    }
    serde_json::from_str(json).map_err(|first| explain::<T>(json, &first))
}

/// Whether brackets outside of strings nest too deep. Says nothing about text that is no JSON.
fn is_too_deep(text: &str) -> bool {
    // Nearly every request has fewer brackets than that in all, which is found out much faster.
    if memchr::memchr2_iter(b'[', b'{', text.as_bytes()).nth(DEPTH).is_none() {
        return false;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return true;
        }
    }
    false
}

/// Decodes again, slower, to learn which field it was.
#[cold]
fn explain<'a, T: Deserialize<'a>>(json: &'a str, first: &serde_json::Error) -> Refusal {
    // Not by the first error's kind: a number where a name belongs counts as a syntax error there.
    if serde_json::from_str::<Value>(json).is_err() {
        return Refusal::bad_request(format!("Not valid JSON: {first}."));
    }
    let mut reader = serde_json::Deserializer::from_str(json);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut reader) else {
        return Refusal::bad_request(format!("Not valid JSON: {first}."));
    };
    let path = error.path().to_string();
    let why = plain(&error.into_inner());
    if let Some(field) = why.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        return Refusal::invalid_field(field.to_owned().into(), "This field is missing.");
    }
    if path == "." {
        return Refusal::new(Code::BadRequest, format!("Not a request: {why}."));
    }
    // The field of the request, whatever is inside it.
    let field = path.split(['.', '[']).next().unwrap_or(&path).to_owned();
    Refusal::invalid_field(field.into(), format!("{why}."))
}

/// serde_json's sentence without the position, which means nothing in a one-line frame.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.find(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Typing;

    #[test]
    fn faults_have_codes() {
        for (json, code, field) in [
            ("{", Code::BadRequest, None),
            ("[]", Code::BadRequest, None),
            ("7", Code::BadRequest, None),
            ("{}", Code::Invalid, Some("room")),
            (r#"{"room":5,"on":true}"#, Code::Invalid, Some("room")),
            (r##"{"room":"#a"}"##, Code::Invalid, Some("on")),
            (r##"{"room":"#a","on":"yes"}"##, Code::Invalid, Some("on")),
        ] {
            let refusal = decode::<Typing>(json).unwrap_err();
            assert_eq!(refusal.code, code, "{json}");
            assert_eq!(refusal.fields.first().map(|f| f.0.as_ref()), field, "{json}");
        }
        assert!(decode::<Typing>(r##"{"room":"#a","on":true,"other":[1]}"##).is_ok());
    }

    #[test]
    fn depth() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_too_deep(&nested(32)));
        assert!(is_too_deep(&nested(33)));
        assert!(!is_too_deep(&format!("{:?}", nested(40))));
        assert!(is_too_deep(&format!(r#"["\"",{}]"#, nested(32))));
        assert!(!is_too_deep(&"[]".repeat(1000)));
        assert_eq!(decode::<Typing>(&format!(r##"{{"room":"#a","on":true,"other":{}}}"##, nested(40))).unwrap_err().code, Code::BadRequest);
    }
}
