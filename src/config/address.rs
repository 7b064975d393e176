//! Addresses as an operator writes them.

use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, str::FromStr};

/// The address under which browsers find the server: scheme, host, port and perhaps a path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PublicUrl {
    secure: bool,
    authority: String,
    path: String,
}

impl PublicUrl {
    /// Whether it begins with https.
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// Host and port, in lower case; no port where it is the scheme's own.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Empty, or `/chat` without a slash at its end.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What a browser sends as `Origin`.
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.secure { "https" } else { "http" }, self.authority)
    }

    /// The same origin as a source of WebSockets in a content security policy.
    pub fn socket_origin(&self) -> String {
        format!("{}://{}", if self.secure { "wss" } else { "ws" }, self.authority)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let name = |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    let literal = |host: &str| host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).is_some_and(|h| h.parse::<IpAddr>().is_ok());
    !host.is_empty() && (name(host) || literal(host)) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn is_path(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_' | b'~');
    text.bytes().all(plain) && !text.contains("//") && !text.split('/').any(|part| part == "." || part == "..")
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "is of the form https://chat.example.org or https://example.org/chat".to_owned();
        let (scheme, rest) = text.split_once("://").ok_or_else(form)?;
        let (secure, own_port) = match scheme.to_ascii_lowercase().as_str() {
            "https" => (true, ":443"),
            "http" => (false, ":80"),
            _ => return Err(form()),
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let path = path.trim_end_matches('/');
        if !is_authority(authority) || !is_path(path) {
            return Err(form());
        }
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(own_port).unwrap_or(&authority).to_owned();
        Ok(Self { secure, authority, path: path.to_owned() })
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PublicUrl> for String {
    fn from(url: PublicUrl) -> Self {
        url.to_string()
    }
}

/// An address or a block of them: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

/// An IPv4 address that came through an IPv6 socket is the IPv4 address.
fn as_bits(address: IpAddr) -> (u128, u8) {
    match address.to_canonical() {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    }
}

impl Network {
    /// Whether the address lies in the block.
    pub fn contains(&self, address: IpAddr) -> bool {
        let ((ours, width), (theirs, other)) = (as_bits(self.base), as_bits(address));
        let hidden = u32::from(width.saturating_sub(self.bits));
        let head = |bits: u128| bits.checked_shr(hidden).unwrap_or(0);
        width == other && head(ours) == head(theirs)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("{text:?} is no address such as 10.0.0.7 and no block such as 10.0.0.0/8");
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base = base.parse::<IpAddr>().map_err(|_| form())?.to_canonical();
        let width = as_bits(base).1;
        let bits = bits.map_or(Ok(width), |bits| bits.parse::<u8>().map_err(|_| form()))?;
        if bits > width {
            return Err(form());
        }
        Ok(Self { base, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

impl TryFrom<String> for Network {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_urls() {
        let url: PublicUrl = "https://Chat.example.org:443/team/".parse().unwrap();
        assert_eq!(url.to_string(), "https://chat.example.org/team");
        assert_eq!((url.path(), url.origin().as_str()), ("/team", "https://chat.example.org"));
        assert_eq!("http://[::1]:8080".parse::<PublicUrl>().unwrap().socket_origin(), "ws://[::1]:8080");
        for bad in [
            "chat.example.org",
            "ftp://a",
            "https://",
            "https://a b",
            "https://a;b",
            "https://u@h",
            "http://a/../b",
            "http://a/?q",
            "http://a:x",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn networks() {
        let within = |network: &str, ip: &str| network.parse::<Network>().unwrap().contains(ip.parse().unwrap());
        assert!(within("10.0.0.0/8", "10.200.3.4"));
        assert!(within("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(within("0.0.0.0/0", "1.2.3.4"));
        assert!(within("fd00::/8", "fd12::1"));
        assert!(within("::/0", "fd12::1"));
        assert!(!within("10.0.0.7", "10.0.0.8"));
        assert!(!within("0.0.0.0/0", "fd12::1"));
        for bad in ["", "10.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
