//! The session cookie, and how a request presents its token.

use super::Token;
use crate::domain::Millis;
use actix_web::{
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{AUTHORIZATION, COOKIE, HeaderMap},
};

/// How a token came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Via {
    /// `Authorization: Bearer`: a page of another site cannot make a browser send it.
    Bearer,
    /// The cookie, which browsers send on their own.
    Cookie,
}

/// A token that has the right form; whether it is one is for the database to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Presented {
    /// The token.
    pub token: String,
    /// How it came.
    pub via: Via,
}

/// The cookie's name. Behind https the prefix keeps other hosts of the domain from setting it.
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-chirm_session" } else { "chirm_session" }
}

/// The token of a request; the header wins over the cookie.
pub fn presented(headers: &HeaderMap, secure: bool) -> Option<Presented> {
    let bearer = bearer(headers).map(|token| (token, Via::Bearer));
    let (token, via) = bearer.or_else(|| cookie(headers, cookie_name(secure)).map(|token| (token, Via::Cookie)))?;
    Token::is_form(token).then(|| Presented { token: token.to_owned(), via })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The cookie that signs a browser in.
pub fn session_cookie(token: &Token, expires_at: Millis, now: Millis, secure: bool) -> Cookie<'static> {
    let age = Duration::milliseconds((expires_at.0 - now.0).max(0));
    bare(token.as_str().to_owned(), secure).max_age(age).finish()
}

/// The cookie that makes a browser forget the other.
pub fn forget_cookie(secure: bool) -> Cookie<'static> {
    bare(String::new(), secure).max_age(Duration::ZERO).finish()
}

fn bare(value: String, secure: bool) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(cookie_name(secure), value).path("/").http_only(true).same_site(SameSite::Lax).secure(secure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn headers(pairs: &[(actix_web::http::header::HeaderName, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        map
    }

    #[test]
    fn cookie_attributes() {
        let token = Token::new().unwrap();
        let plain = session_cookie(&token, Millis(60_000), Millis(0), false).to_string();
        assert_eq!(plain, format!("chirm_session={}; HttpOnly; SameSite=Lax; Path=/; Max-Age=60", token.as_str()));
        let secure = session_cookie(&token, Millis(60_000), Millis(0), true).to_string();
        assert!(secure.starts_with("__Host-chirm_session=chm_") && secure.contains("; Secure"));
        assert!(!secure.contains("Domain"));
        assert!(forget_cookie(true).to_string().contains("Max-Age=0"));
    }

    #[test]
    fn header_over_cookie() {
        let (a, b) = (Token::new().unwrap(), Token::new().unwrap());
        let both = headers(&[(AUTHORIZATION, &format!("bearer {}", a.as_str())), (COOKIE, &format!("x=1; chirm_session={}", b.as_str()))]);
        assert_eq!(presented(&both, false), Some(Presented { token: a.as_str().to_owned(), via: Via::Bearer }));
        let cookie = headers(&[(COOKIE, "x=1"), (COOKIE, &format!("y=2; chirm_session={}", b.as_str()))]);
        assert_eq!(presented(&cookie, false).unwrap().via, Via::Cookie);
        assert_eq!(presented(&cookie, true), None);
        assert_eq!(presented(&headers(&[(AUTHORIZATION, "Bearer nonsense")]), false), None);
        assert_eq!(presented(&headers(&[(AUTHORIZATION, "Basic eA==")]), false), None);
    }
}
