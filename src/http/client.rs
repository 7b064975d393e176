//! Where a request comes from.

use super::{envelope::RequestId, problem::Problem, state::State};
use crate::{config::Config, domain::Refusal};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{HOST, HeaderMap, HeaderName, USER_AGENT},
    web::Data,
};
use std::{
    future::{Ready, ready},
    net::{IpAddr, Ipv4Addr},
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Headers that a proxy adds and that nobody else needs.
const FORWARDING: [&str; 6] = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client's address, as far as it can be known.
    pub address: IpAddr,
    /// It was sent from this machine, not through a proxy.
    pub local: bool,
    /// The request's id.
    pub request_id: String,
    /// The program and system that it names itself, for the list of devices.
    pub agent: Option<String>,
}

/// The client's address: the peer's, or what trusted proxies say of it. Of `X-Forwarded-For` the last entry that no trusted
/// proxy wrote about another counts: what stands before it anybody can have written.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, config: &Config) -> IpAddr {
    let mut address = peer.to_canonical();
    let lines: Vec<&str> = headers.get_all(X_FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !config.trusts(address) {
            break;
        }
        match entry.trim().parse::<IpAddr>() {
            Ok(ip) => address = ip.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

/// Whether the request was sent from this machine to this machine and no proxy was between. The host must be this machine's own
/// name too: a foreign page whose name was pointed here by its owner (DNS rebinding) is not this machine's user.
pub fn is_local(peer: IpAddr, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = host.is_none_or(|host| is_own_name(host_name(host)));
    peer.to_canonical().is_loopback() && own && !FORWARDING.iter().any(|name| headers.contains_key(*name))
}

/// A host without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_own_name(name: &str) -> bool {
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || literal.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

impl Client {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let state = request.app_data::<Data<State>>().ok_or_else(Refusal::internal)?;
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let headers = request.headers();
        Ok(Self {
            address: client_address(peer, headers, &state.config),
            local: is_local(peer, headers),
            request_id: request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            agent: headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).map(label),
        })
    }
}

/// A bounded text for the list of devices.
pub fn label(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(200).collect()
}

impl FromRequest for Client {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn address(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let config = Config { trusted_proxies, ..Config::default() };
        client_address(peer.parse().unwrap(), &headers, &config).to_string()
    }

    #[test]
    fn forwarded_addresses() {
        assert_eq!(address("192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(address("192.0.2.1", &["198.51.100.9"]), "192.0.2.1");
        assert_eq!(address("10.0.0.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(address("10.0.0.1", &["203.0.113.5, 198.51.100.9"]), "198.51.100.9");
        assert_eq!(address("10.0.0.1", &["198.51.100.9, 10.0.0.2"]), "198.51.100.9");
        assert_eq!(address("10.0.0.1", &["198.51.100.9", "10.0.0.2"]), "198.51.100.9");
        assert_eq!(address("10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(address("::ffff:10.0.0.1", &["::ffff:198.51.100.9"]), "198.51.100.9");
    }

    #[test]
    fn local_is_not_through_a_proxy() {
        let mut headers = HeaderMap::new();
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert!(is_local(local, &headers));
        assert!(!is_local("192.0.2.1".parse().unwrap(), &headers));
        for (host, own) in
            [("localhost:8080", true), ("127.0.0.1", true), ("[::1]:80", true), ("evil.example:8080", false), ("10.0.0.1", false)]
        {
            headers.insert(HOST, HeaderValue::from_static(host));
            assert_eq!(is_local(local, &headers), own, "{host}");
        }
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        headers.insert(actix_web::http::header::VIA, HeaderValue::from_static("1.1 proxy"));
        assert!(!is_local(local, &headers));
    }
}
