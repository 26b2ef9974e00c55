//! Addresses: what a site, an origin and an endpoint URL may look like. Strict,
//! because a lenient reading is how a password reaches the wrong host.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::error::Error;
use super::limits;
use super::reason::Reason;

/// Scheme, host and port: what a certificate, a pin and a pooled connection
/// belong to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Whether the scheme is https; else it is http.
    pub https: bool,
    /// Lower case; an IPv6 address without its brackets. Shared, for each
    /// connection that rests is known by it.
    pub host: Arc<str>,
    /// The port, also when it is the scheme's own.
    pub port: u16,
}

/// The URL of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where to connect.
    pub origin: Origin,
    /// From the first slash on; may carry a query, which is not shown in logs.
    pub path_and_query: String,
}

/// RFC 3986 `pchar` less what a server could read as more than one segment.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b';')
    .add(b'&')
    .add(b'+')
    .add(b'=');

impl Origin {
    /// A site given as host, host:port or origin URL. `what` names the
    /// argument in the error.
    pub fn parse_site(what: &str, site: &str) -> Result<Origin, Error> {
        limits::text(what, site)?;
        let (https, rest) = scheme(what, site)?.unwrap_or((true, site));
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(Error::argument(format_args!(
                "{what} must be a host, host:port or origin, without path, query or fragment"
            )));
        }
        Origin::parse_authority(what, https, authority)
    }

    fn parse_authority(what: &str, https: bool, authority: &str) -> Result<Origin, Error> {
        let wrong = |problem: &str| Error::argument(format_args!("{what} {problem}"));
        if authority.contains('@') {
            return Err(wrong("must not carry a user name or password"));
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(|| wrong("lacks a ] after the address"))?;
                host.parse::<Ipv6Addr>().map_err(|_| wrong("holds no IPv6 address between [ and ]"))?;
                match port.strip_prefix(':') {
                    Some(port) => (host, Some(port)),
                    None if port.is_empty() => (host, None),
                    None => return Err(wrong("has text after the ]")),
                }
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host_name(what, host)?, Some(port)),
                None => (host_name(what, authority)?, None),
            },
        };
        let port = match port {
            None => default_port(https),
            Some(text) => match text.parse::<u16>() {
                Ok(port) if port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => port,
                _ => return Err(wrong("must have a port from 1 to 65535")),
            },
        };
        let origin = Origin { https, host: host.to_ascii_lowercase().into(), port };
        match origin.address() {
            Some(address) if !https && !address.is_loopback() => Err(Error::new(
                Reason::PlainHttp,
                format_args!("{what} is http:// and {host} is not a loopback address"),
            )),
            _ => Ok(origin),
        }
    }

    /// The host when it is an address and no name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The `Host` header: without the port when it is the scheme's own.
    pub fn authority(&self) -> String {
        match self.port == default_port(self.https) {
            true => bracketed(&self.host).into_owned(),
            false => host_port(&self.host, self.port),
        }
    }

    /// An endpoint of this origin. `path` begins with a slash.
    pub fn endpoint(&self, path: String) -> Endpoint {
        Endpoint { origin: self.clone(), path_and_query: path }
    }
}

/// A host and its port, as they stand in a URL.
pub fn host_port(host: &str, port: u16) -> String {
    format!("{}:{port}", bracketed(host))
}

fn bracketed(host: &str) -> Cow<'_, str> {
    if host.contains(':') { format!("[{host}]").into() } else { host.into() }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

impl Endpoint {
    /// An absolute URL; a query is kept (RFC 6749, 3.2), a fragment refused.
    pub fn parse(what: &str, url: &str) -> Result<Endpoint, Error> {
        limits::text(what, url)?;
        let wrong = |problem: &str| Error::argument(format_args!("{what} {problem}"));
        let (https, rest) = scheme(what, url)?.ok_or_else(|| wrong("must begin with https://"))?;
        let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        let origin = Origin::parse_authority(what, https, authority)?;
        if path.contains('#') {
            return Err(wrong("must not have a fragment"));
        }
        if let Some(byte) = path.bytes().find(|&byte| !(0x21..=0x7e).contains(&byte) || b"\"<>\\^`{|}".contains(&byte))
        {
            return Err(wrong(&format!("has byte 0x{byte:02x} in its path; percent-encode it")));
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(origin.endpoint(path))
    }

    /// The whole URL, query included: for the wire, not for people.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin, self.path_and_query)
    }
}

/// Without the query, which may hold a key: for messages and logs.
impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        write!(f, "{}{path}", self.origin)
    }
}

/// `name` as one path segment.
pub fn path_segment(what: &str, name: &str) -> Result<String, Error> {
    limits::name(what, name)?;
    if name == "." || name == ".." {
        return Err(Error::argument(format_args!("{what} must not be . or ..")));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::argument(format_args!("{what} has a control character in it")));
    }
    Ok(utf8_percent_encode(name, SEGMENT).to_string())
}

/// `Some((https, rest))` when `text` names a scheme.
fn scheme<'a>(what: &str, text: &'a str) -> Result<Option<(bool, &'a str)>, Error> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Ok(None);
    };
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok(Some((true, rest))),
        "http" => Ok(Some((false, rest))),
        _ => Err(Error::argument(format_args!("{what} must be https://, or http:// to this machine"))),
    }
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// A DNS name or an IPv4 address. A name that ends in a number is neither:
/// resolvers read "127.1" and "0x7f000001" as addresses, each in its own way.
fn host_name<'a>(what: &str, host: &'a str) -> Result<&'a str, Error> {
    let wrong = |problem: &str| Error::argument(format_args!("{what} {problem}"));
    if !host.is_ascii() {
        return Err(wrong("has letters outside ASCII; write the name in its xn-- form"));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if name.len() > 253 || !name.split('.').all(label_ok) {
        return Err(wrong("holds no host name (letters, digits, - and . only)"));
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let numeric = match last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => last.bytes().all(|byte| byte.is_ascii_digit()),
    };
    if numeric && name.parse::<Ipv4Addr>().is_err() {
        return Err(wrong("holds no IPv4 address"));
    }
    Ok(name)
}
