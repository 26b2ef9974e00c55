//! The HTTP proxy: which one, for which hosts, and the CONNECT that opens a
//! tunnel. Only the tunnel's two ends see what goes through it.

use std::env;
use std::net::IpAddr;
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::conn::Conn;
use crate::oauth::body;
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::limits;
use crate::oauth::reason::{Reason, Stage};
use crate::oauth::secret::{Secret, SecretBytes};
use crate::oauth::url::{Origin, host_port};

/// What was said about a proxy.
#[derive(Clone, Debug)]
pub enum Proxy {
    /// What the environment says when the client is made.
    Environment,
    /// None, whatever the environment says.
    Off,
    /// This one, for every host.
    Server(Server),
}

/// An HTTP proxy.
#[derive(Clone, Debug)]
pub struct Server {
    pub(super) host: Arc<str>,
    pub(super) port: u16,
    /// `Basic …`, whole.
    authorization: Option<Arc<Secret>>,
    /// Hosts that are reached without it, as curl reads `NO_PROXY`.
    except: Vec<String>,
}

impl Proxy {
    /// From an option: a URL, or nothing for "none".
    pub fn from_option(url: &str) -> Result<Proxy, Error> {
        if url.is_empty() {
            return Ok(Proxy::Off);
        }
        Ok(Proxy::Server(Server::parse("url", url)?))
    }

    /// The proxy to use, if any. curl's rules: lower case first, the
    /// variable for https before the one for all, empty means none.
    ///
    /// A proxy that cannot be used is refused only if one of `origins` would
    /// go through it.
    pub(super) fn server(&self, origins: &[Origin]) -> Result<Option<Server>, Error> {
        match self {
            Proxy::Off => Ok(None),
            Proxy::Server(server) => Ok(Some(server.clone())),
            Proxy::Environment => {
                let Some((name, url)) = first_set(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])? else {
                    return Ok(None);
                };
                let except = except(first_set(&["no_proxy", "NO_PROXY"])?.map_or_else(String::new, |(_, value)| value));
                let is_needed = origins.iter().any(|origin| origin.https && !is_excepted(&except, origin));
                match Server::parse(name, &url) {
                    Ok(server) => Ok(Some(Server { except, ..server })),
                    Err(error) if is_needed => Err(error),
                    Err(_) => Ok(None),
                }
            }
        }
    }
}

impl Server {
    /// `[http://][user:password@]host[:port]`. The port is 1080 when absent, as
    /// with curl.
    fn parse(what: &str, url: &str) -> Result<Server, Error> {
        limits::text(what, url)?;
        let rest = match url.split_once("://") {
            None => url,
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => {
                let what =
                    format_args!("{what} names a proxy that is not http:// (SOCKS, https:// and PAC are not done)");
                return Err(Error::new(Reason::Unsupported, what));
            }
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, rest),
        };
        // For every other reader the host would end there (RFC 3986, 3.2).
        if login.is_some_and(|login| login.contains(['/', '?', '#', '\\'])) {
            return Err(Error::argument(format_args!("{what} has a / ? # or \\ in its login: percent-encode it")));
        }
        let has_port = place.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
        let place = if has_port { place.to_owned() } else { format!("{place}:1080") };
        // https only to have the loopback rule of plain http pass: the proxy
        // may be anywhere, it sees no more than the host's name.
        let origin = Origin::parse_site(what, &format!("https://{place}"))?;
        let authorization = login.map(|login| basic(what, login)).transpose()?;
        Ok(Server { host: origin.host, port: origin.port, authorization, except: Vec::new() })
    }

    /// Whether `origin` is reached through this proxy.
    pub(super) fn serves(&self, origin: &Origin) -> bool {
        !is_excepted(&self.except, origin)
    }

    /// Asks the proxy for a tunnel to `origin` (RFC 9110, 9.3.6).
    pub(super) fn open_tunnel(&self, call: &Call, conn: &mut Conn, origin: &Origin) -> Result<(), Error> {
        call.enter(Stage::Proxy);
        let target = host_port(&origin.host, origin.port);
        let mut head = SecretBytes::with_capacity(512);
        head.push(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").as_bytes());
        if let Some(authorization) = &self.authorization {
            head.push(b"Proxy-Authorization: ");
            head.push(authorization.expose().as_bytes());
            head.push(b"\r\n");
        }
        head.push(b"\r\n");
        conn.write_raw(call, head.expose()).map_err(|error| self.fault(call, error))?;
        match self.read_status(call, conn)? {
            200..=299 => Ok(()),
            407 => {
                Err(call
                    .error(Reason::ProxyLogin, format_args!("The proxy {self} wants a user name and password (407)")))
            }
            status => {
                let mut error = call.error(
                    Reason::ProxyRefused,
                    format_args!("The proxy {self} refused to connect to {target} (HTTP {status})"),
                );
                error.details_mut().http_status = status;
                Err(error)
            }
        }
    }

    fn read_status(&self, call: &Call, conn: &mut Conn) -> Result<u16, Error> {
        let mut head = vec![0; super::HEAD_BYTES];
        let mut filled = 0;
        loop {
            let room = head.get_mut(filled..).unwrap_or_default();
            let count = match room.is_empty() {
                true => 0,
                false => conn.read_raw(call, room).map_err(|error| self.fault(call, error))?,
            };
            filled += count;
            // A cancel ends the connection, which must not be blamed on the proxy.
            call.check()?;
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut response = httparse::Response::new(&mut headers);
            let parsed = response.parse(head.get(..filled).unwrap_or_default());
            match (parsed, response.code) {
                // Nothing may follow the head: the server waits for our TLS.
                (Ok(httparse::Status::Complete(end)), Some(status)) if end == filled || status >= 300 => {
                    return Ok(status);
                }
                (Ok(httparse::Status::Partial), _) if count > 0 => {}
                _ => {
                    return Err(
                        call.error(Reason::ProxyRefused, format_args!("What answers at {self} is no HTTP proxy"))
                    );
                }
            }
        }
    }

    fn fault(&self, call: &Call, error: Error) -> Error {
        match error.reason {
            Reason::CutOffBeforeSent => {
                call.error(Reason::ProxyRefused, format_args!("The proxy {self} closed the connection"))
            }
            _ => error,
        }
    }
}

/// The first of these variables that is set; empty counts as unset.
fn first_set(names: &[&'static str]) -> Result<Option<(&'static str, String)>, Error> {
    for name in names {
        match env::var(name) {
            Ok(value) if !value.is_empty() => return Ok(Some((name, value))),
            // Passing over it would send the traffic past the proxy.
            Err(env::VarError::NotUnicode(_)) => return Err(Error::argument(format_args!("{name} is not UTF-8"))),
            _ => {}
        }
    }
    Ok(None)
}

/// The entries of `NO_PROXY`. A star stands for all only when it stands alone.
fn except(no_proxy: String) -> Vec<String> {
    let entries = no_proxy.split([',', ' ']).filter(|entry| !entry.is_empty());
    entries.map(str::to_ascii_lowercase).collect()
}

fn is_excepted(except: &[String], origin: &Origin) -> bool {
    matches!(except, [only] if only == "*") || except.iter().any(|entry| matches(entry, origin))
}

/// The proxy itself could not be connected to.
pub(super) fn unreachable(call: &Call, proxy: &Server, error: Error) -> Error {
    match error.reason {
        Reason::Unresolved | Reason::ConnectionRefused | Reason::Unreachable => {
            call.error(Reason::ProxyUnreachable, format_args!("The proxy {proxy} could not be reached"))
        }
        _ => error,
    }
}

/// Without its login.
impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&host_port(&self.host, self.port))
    }
}

fn basic(what: &str, login: &str) -> Result<Arc<Secret>, Error> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(|text| Secret::new(&text));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (Ok(user), Ok(password)) = (decode(user), decode(password)) else {
        return Err(Error::argument(format_args!("{what} has a user name or password that is not UTF-8")));
    };
    Ok(Arc::new(body::basic(user.expose(), password.expose(), false).into_kept()))
}

/// One entry of `NO_PROXY`: a domain with all below it, an address, or a network
/// in CIDR form.
fn matches(entry: &str, origin: &Origin) -> bool {
    if let Some(address) = origin.address() {
        let (network, bits) = match entry.split_once('/') {
            Some((network, bits)) => (network, bits.parse().ok()),
            None => (entry, Some(if address.is_ipv4() { 32 } else { 128 })),
        };
        let network = network.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        return network.zip(bits).is_some_and(|(network, bits)| in_network(address, network, bits));
    }
    let domain = entry.trim_matches('.');
    let host = &*origin.host;
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

fn in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) if (1..=32).contains(&bits) => {
            let shift = 32 - bits;
            address.to_bits() >> shift == network.to_bits() >> shift
        }
        (IpAddr::V6(address), IpAddr::V6(network)) if (1..=128).contains(&bits) => {
            let shift = 128 - bits;
            address.to_bits() >> shift == network.to_bits() >> shift
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    fn origin(site: &str) -> Origin {
        Origin::parse_site("site", site).expect("a site")
    }

    #[test]
    fn no_proxy_as_curl_reads_it() {
        for (entry, site, expected) in [
            ("*", "id.example", true),
            ("*,other.example", "id.example", false),
            ("other.example, id.example", "id.example", true),
            ("example", "id.example", true),
            (".id.example", "id.example", true),
            ("id.example", "other-id.example", false),
            ("127.0.0.0/8", "127.1.2.3", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("0.0.0.0/0", "10.0.0.2", false),
            ("10.0.0.0/33", "10.0.0.0", false),
            ("10.0.0.0/31", "10.0.0.1", true),
            ("::1", "[::1]", true),
            ("fd00::/8", "[fd12::1]", true),
            ("::1/128", "[::1]", true),
            ("::1/129", "[::1]", false),
            ("::/0", "[::1]", false),
        ] {
            assert_eq!(is_excepted(&except(entry.to_owned()), &origin(site)), expected, "{entry} {site}");
        }
    }

    #[test]
    fn the_url_of_a_proxy() {
        let server = Server::parse("url", "http://us%40er:p%3Aw@proxy.example:3128/").expect("a proxy");
        assert_eq!(server.to_string(), "proxy.example:3128");
        let authorization = server.authorization.expect("a login");
        assert_eq!(authorization.expose(), format!("Basic {}", STANDARD.encode("us@er:p:w")));
        assert_eq!(Server::parse("url", "proxy").expect("a host").port, 1080);
        assert_eq!(Server::parse("url", "[::1]:3128").expect("an address").to_string(), "[::1]:3128");
        for (url, reason) in
            [("socks5://x", Reason::Unsupported), ("http://x:0", Reason::Argument), ("a b", Reason::Argument)]
        {
            assert_eq!(Server::parse("url", url).expect_err(url).reason, reason);
        }
    }
}
