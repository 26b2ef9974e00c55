//! Addresses that a program sets: what is taken leads where another reader of
//! URLs, the one of the browsers, would go too.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ropc::oauth::fuzzing::Proxy;
use ropc::oauth::{AppKind, Client, Endpoint, EndpointKind, Limit, Options, Origin, Reason, shutdown};
use url::{Host, Url};

use crate::input::{Input, text};
use crate::rules;

const KINDS: [EndpointKind; 5] =
    [EndpointKind::Token, EndpointKind::Revoke, EndpointKind::Userinfo, EndpointKind::Jwks, EndpointKind::Identity];

/// The input: a byte that says what the rest is.
pub fn addresses(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.byte();
    match kind % 5 {
        0 => site(text(input.rest()), "app"),
        1 => {
            let app = text(input.line());
            site(text(input.rest()), app);
        }
        2 => endpoint(text(input.rest())),
        3 => proxy(text(input.rest())),
        _ => others(text(input.rest())),
    }
}

/// What was taken as an origin is where the browsers' reader finds `url` to
/// lead: over https, or to this machine; and to nobody by name.
fn same(origin: &Origin, url: &str) -> Option<Url> {
    // Browsers decode such names, each release a little differently. Here they
    // are sent as they are.
    if origin.host.contains("xn--") {
        return None;
    }
    let read = Url::parse(url).unwrap_or_else(|error| panic!("{url:?} is taken and is no URL: {error}"));
    assert_eq!(read.scheme(), if origin.https { "https" } else { "http" }, "{url:?}");
    assert!(read.username().is_empty() && read.password().is_none(), "{url:?} carries a name or password");
    assert_eq!(read.port_or_known_default(), Some(origin.port), "{url:?}");
    // A dot at the end is the root of all names: the same host.
    let host = match read.host().expect("a host") {
        Host::Domain(name) => name.strip_suffix('.').unwrap_or(name).to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    let dialled = origin.address().map_or_else(|| origin.host.to_string(), |address| address.to_string());
    assert_eq!(host, dialled, "{url:?}");
    assert!(!origin.host.is_empty() && !origin.host.contains(['/', '@', '?', '#', '\\', ' ']), "{origin:?}");
    if let Some(address) = origin.address() {
        assert!(origin.https || address.is_loopback(), "{url:?} is http and leads to {address}");
    }
    Some(read)
}

fn site(site: &str, app: &str) {
    let options = match Options::loginradius(site, app, "client") {
        Ok(options) => options,
        Err(error) => return refused(&error),
    };
    let whole = if site.contains("://") { site.to_owned() } else { format!("https://{site}") };
    for kind in [AppKind::Oauth, AppKind::Oidc] {
        let mut options = options.clone();
        options.set_app_kind(kind).expect("LoginRadius has both");
        let token = options.endpoint(EndpointKind::Token).expect("every client has one");
        same(&token.origin, &whole);
        for kind in KINDS {
            if let Some(endpoint) = options.endpoint(kind) {
                one_segment(&endpoint, app, kind);
            }
        }
        dialled(&options, &token.origin);
    }
}

/// The application's name is one segment of the path, whatever is in it.
fn one_segment(endpoint: &Endpoint, app: &str, kind: EndpointKind) {
    let Some(url) = same(&endpoint.origin, &endpoint.url()) else {
        return;
    };
    assert_eq!(url.query(), None, "{endpoint}");
    assert_eq!(url.fragment(), None, "{endpoint}");
    let segments: Vec<&str> = url.path_segments().expect("a path").collect();
    if kind != EndpointKind::Identity {
        assert_eq!(segments.len(), 4, "{endpoint}");
        assert_eq!(percent_decoded(segments[2]), app.as_bytes(), "{endpoint}");
    }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut digit = || bytes.next().and_then(|digit| char::from(digit).to_digit(16)).expect("two digits") as u8;
        decoded.push(if byte == b'%' { digit() << 4 | digit() } else { byte });
    }
    decoded
}

/// The name that is looked up for a login is that of the endpoint.
fn dialled(options: &Options, origin: &Origin) {
    if origin.address().is_some() {
        return;
    }
    let asked = Arc::new(Mutex::new(Vec::new()));
    let mut options = options.clone();
    let names = asked.clone();
    options.set_lookup(Arc::new(move |name| {
        names.lock().expect("never poisoned").push(name.to_owned());
        Err(std::io::ErrorKind::NotFound.into())
    }));
    options.set_proxy("").expect("no proxy");
    let client = Client::new(&options).expect("a client");
    let error = client.login("ada", "correct horse").expect_err("nobody is found");
    rules::error(&error, &["correct horse".to_owned()]);
    assert_eq!((error.reason, error.request_sent), (Reason::Unresolved, false), "{error}");
    assert_eq!(*asked.lock().expect("never poisoned"), [&*origin.host]);
    // The thread that looked it up goes too, before anyone looks for leaks.
    assert_eq!(shutdown(Duration::from_secs(10)), 0, "threads that did not end");
}

fn endpoint(url: &str) {
    let options = match Options::oauth2(url, "client") {
        Ok(options) => options,
        Err(error) => return refused(&error),
    };
    let endpoint = options.endpoint(EndpointKind::Token).expect("it was set");
    let Some(read) = same(&endpoint.origin, url) else {
        return;
    };
    assert_eq!(read.fragment(), None, "{url:?}");
    // Dots are resolved by browsers, not here: compared is what has none.
    if !read.path().contains('.') && !url.contains("/.") && !url.to_ascii_lowercase().contains("%2e") {
        let sent = match read.query() {
            Some(query) => format!("{}?{query}", read.path()),
            None => read.path().to_owned(),
        };
        let quotes = |text: &str| text.replace('\'', "%27");
        assert_eq!(quotes(&endpoint.path_and_query), quotes(&sent), "{url:?}");
    }
    let shown = endpoint.to_string();
    assert!(!shown.contains('?'), "{shown} shows a query, which may hold a key");
    let mut options = options;
    options.set_endpoint(EndpointKind::Revoke, &endpoint.url()).expect("what was taken can be set again");
    assert_eq!(options.endpoint(EndpointKind::Revoke), Some(endpoint));
}

fn proxy(url: &str) {
    let server = match Proxy::from_option(url) {
        Ok(Proxy::Server(server)) => server,
        Ok(_) => return assert!(url.is_empty(), "{url:?} switches the proxy off"),
        Err(error) => return refused(&error),
    };
    let place = url.split_once("://").map_or(url, |(_, rest)| rest);
    let shown = server.to_string();
    if shown.contains("xn--") {
        return;
    }
    let read = Url::parse(&format!("http://{place}"));
    let read = read.unwrap_or_else(|error| panic!("{url:?} is taken as a proxy and is none: {error}"));
    let port = match read.port_or_known_default().expect("http has one") {
        // The one of http need not be written, and means another thing here.
        80 if !place.trim_end_matches('/').ends_with(":80") => 1080,
        port => port,
    };
    let host = match read.host().expect("a host") {
        Host::Domain(name) => name.strip_suffix('.').unwrap_or(name).to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => format!("[{address}]"),
    };
    let (shown_host, shown_port) = shown.rsplit_once(':').expect("a port");
    let shown_host = match shown_host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => format!("[{}]", address.parse::<std::net::Ipv6Addr>().expect("an address")),
        None => shown_host.to_owned(),
    };
    assert_eq!((shown_host, shown_port), (host, port.to_string().as_str()), "{url:?}");
}

/// Every other setter that takes an address, an issuer or a number.
fn others(said: &str) {
    let mut options = Options::undiscovered("client").expect("a client id");
    match options.set_issuer(said) {
        Ok(()) => assert!(!said.is_empty() && said.len() <= 4096, "{said:?} is an issuer"),
        Err(error) => refused(&error),
    }
    match options.add_api_origin(said) {
        Ok(()) => drop(same(
            &Origin::parse_site("origin", said).expect("taken before"),
            &if said.contains("://") { said.to_owned() } else { format!("https://{said}") },
        )),
        Err(error) => refused(&error),
    }
    match options.add_pin(said, &"a1".repeat(32)) {
        Ok(()) => assert!(Origin::parse_site("origin", said).expect("taken before").https, "{said:?} has no TLS"),
        Err(error) => refused(&error),
    }
    if let Err(error) = options.set_scope(said) {
        refused(&error);
    }
    let number = said.bytes().take(8).fold(0, |number, byte| number << 8 | u64::from(byte));
    for limit in [Limit::AnswerBytes, Limit::IdleConnections, Limit::IdleMs] {
        if let Err(error) = options.set_limit(limit, number) {
            refused(&error);
        }
    }
    // Only prepared: nobody is to be asked.
    match options.request_discover(said, false) {
        Ok(_) => drop(same(&Endpoint::parse("issuer", said).expect("taken before").origin, said)),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ropc::oauth::Error) {
    rules::error(error, &[]);
    let known = [Reason::Argument, Reason::PlainHttp, Reason::Unsupported];
    assert!(known.contains(&error.reason) && !error.request_sent, "{error}");
}
