//! Through an HTTP proxy: which one, for what, and what a proxy may see. It
//! never sees the password, whatever it answers.

mod common;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::after::taken;
use common::trouble::{CANARY, alone, closed_port, expect_failure, is_alone, login_with_canary};
use common::{client, expect_tokens, loginradius, trusting};
use ropc::oauth::{ApiCall, Client, EndpointKind, Error, Options, Reason, Request, Session, Stage};
use standin::{API_KEY, CLIENT, PASSWORD, Standin, Trap};

/// A proxy address at which nothing listens.
fn dead_proxy() -> String {
    format!("http://127.0.0.1:{}", closed_port())
}

/// Settings that go through this proxy.
fn through(server: &Standin, proxy: &str) -> Options {
    let mut options = loginradius(server);
    options.set_proxy(proxy).expect("a proxy");
    options
}

/// A proxy that gives every client this answer to its CONNECT, in one piece.
fn proxy_that_says(answer: &'static str) -> String {
    proxy_that_says_in_pieces(answer, answer.len().max(1))
}

/// The same, in pieces of so many bytes.
fn proxy_that_says_in_pieces(answer: &'static str, bytes: usize) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    // Ends with the test program.
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("a client"));
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|count| count > 2) {
                line.clear();
            }
            // The client may be gone.
            let _ = stream.get_ref().set_nodelay(true);
            let _ = answer.as_bytes().chunks(bytes).try_for_each(|piece| stream.get_mut().write_all(piece));
        }
    });
    url
}

/// A proxy that resets every connection, its question half read.
fn proxy_that_resets() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    // Ends with the test program.
    thread::spawn(move || {
        for stream in listener.incoming() {
            stream.expect("a client").read_exact(&mut [0]).expect("a question");
        }
    });
    url
}

#[test]
fn a_tunnel_carries_the_login() {
    let server = Standin::start();
    let proxy = format!("http://127.0.0.1:{}", server.trap(Trap::ProxyOpen));
    let client = client(&through(&server, &proxy));
    expect_tokens(client.login("ada", PASSWORD));
    expect_tokens(client.login("ada", PASSWORD));
    // The tunnel is kept as a connection is: one CONNECT for both.
    let heads = server.proxy_heads();
    let place = format!("localhost:{}", server.https_port());
    assert_eq!(heads, [format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n")]);
    assert_eq!((server.connections(), server.requests().len()), (1, 2));
}

#[test]
fn a_client_says_which_proxy_it_goes_through() {
    let of = |site: &str, proxy: &str| {
        let mut options = Options::loginradius(site, "demo", CLIENT);
        if let Ok(options) = &mut options {
            options.set_proxy(proxy).expect("a proxy");
        }
        client(&options.expect("a site")).proxy()
    };
    let login = "http://proxy-user:canary@proxy.example:3128";
    assert_eq!(of("id.example", login).as_deref(), Some("proxy.example:3128"));
    assert_eq!(of("id.example", "[::1]").as_deref(), Some("[::1]:1080"));
    assert_eq!(of("id.example", ""), None);
    assert_eq!(of("http://localhost", login), None);
}

#[test]
fn the_server_behind_the_proxy_is_checked() {
    let server = Standin::start();
    let proxy = format!("127.0.0.1:{}", server.trap(Trap::ProxyOpen));
    for (trap, reason) in [(Trap::Expired, Reason::TlsExpired), (Trap::UnknownCa, Reason::TlsUnknownIssuer)] {
        let site = format!("localhost:{}", server.trap(trap));
        let mut options = trusting(&server, Options::loginradius(&site, "demo", CLIENT));
        options.set_proxy(&proxy).expect("a proxy");
        expect_failure(login_with_canary(&client(&options)), reason, Stage::Tls, false);
    }
    assert!(server.requests().is_empty());
    assert_eq!(server.proxy_heads().len(), 2);
}

#[test]
fn a_proxy_wants_a_login() {
    let server = Standin::start();
    // Characters that a URL can only carry escaped.
    let port = server.trap(Trap::ProxyNeedsLogin("us@er", "canary/p:w é"));
    for login in ["", "us%40er@", "us%40er:canary-wrong@", "other:canary%2Fp%3Aw%20%C3%A9@"] {
        let client = client(&through(&server, &format!("http://{login}127.0.0.1:{port}")));
        let error = expect_failure(login_with_canary(&client), Reason::ProxyLogin, Stage::Proxy, false);
        assert!(error.message.contains(&format!("127.0.0.1:{port}")), "{error}");
    }
    assert!(server.requests().is_empty());
    let right = client(&through(&server, &format!("http://us%40er:canary%2Fp%3Aw%20%C3%A9@127.0.0.1:{port}")));
    expect_tokens(right.login("ada", PASSWORD));
    // What was for the proxy went to the proxy only.
    let secret = STANDARD.encode("us@er:canary/p:w é");
    assert!(server.proxy_heads()[4].contains(&format!("\r\nProxy-Authorization: Basic {secret}\r\n")));
    assert!(server.requests()[0].header("proxy-authorization").is_none());
    for head in server.proxy_heads() {
        assert!(!head.contains(CANARY) && !head.contains(PASSWORD), "{head}");
    }
}

#[test]
fn a_proxy_that_does_not_do_it() {
    let server = Standin::start();
    let at = |trap| format!("http://127.0.0.1:{}", server.trap(trap));
    let cases = [
        (at(Trap::ProxyHtml), Reason::ProxyRefused, 403),
        (proxy_that_says("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), Reason::ProxyRefused, 502),
        (proxy_that_says_in_pieces("HTTP/1.1 503 Service Unavailable\r\n\r\n", 1), Reason::ProxyRefused, 503),
        (proxy_that_says("HTTP/1.1 301 Moved\r\nLocation: http://portal.test/\r\n\r\n"), Reason::ProxyRefused, 301),
        (proxy_that_says(""), Reason::ProxyRefused, 0),
        (proxy_that_says("HTTP/1.1 200"), Reason::ProxyRefused, 0),
        (proxy_that_resets(), Reason::ProxyRefused, 0),
        (proxy_that_says("220 mail.example ESMTP\r\n"), Reason::ProxyRefused, 0),
        // Bytes that would be read as the server's first ones.
        (proxy_that_says("HTTP/1.1 200 OK\r\n\r\nWelcome!"), Reason::ProxyRefused, 0),
        // No proxy at all, but TLS.
        (server.https().replace("https", "http"), Reason::ProxyRefused, 0),
        (dead_proxy(), Reason::ProxyUnreachable, 0),
    ];
    for (proxy, reason, http_status) in cases {
        let client = client(&through(&server, &proxy));
        let error = expect_failure(login_with_canary(&client), reason, Stage::Proxy, false);
        assert_eq!(error.http_status, http_status, "{error:?}");
        // Whoever reads it must learn that it is about the proxy.
        assert!(error.message.contains(proxy.trim_start_matches("http://")), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_proxy_that_is_not_found() {
    let server = Standin::start();
    let mut options = through(&server, "proxy.invalid:3128");
    options.set_lookup(Arc::new(|name| {
        assert_eq!(name, "proxy.invalid", "the site's name is the proxy's business");
        Err(io::Error::other("no such name"))
    }));
    let error = expect_failure(login_with_canary(&client(&options)), Reason::ProxyUnreachable, Stage::Proxy, false);
    assert!(error.message.contains("proxy.invalid:3128"), "{error}");
}

#[test]
fn a_proxy_that_is_silent() {
    let server = Standin::start();
    let silent = format!("http://127.0.0.1:{}", server.trap(Trap::ProxySilent));
    let hole = format!("http://127.0.0.1:{}", server.trap(Trap::BlackHole));
    for (proxy, stage) in [(silent, Stage::Proxy), (hole, Stage::Connect)] {
        let mut options = through(&server, &proxy);
        options.set_timeouts(300, 60_000).expect("valid");
        expect_failure(login_with_canary(&client(&options)), Reason::TimedOut, stage, false);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn plain_http_to_this_machine_uses_no_proxy() {
    let server = Standin::start();
    let mut options = trusting(&server, Options::loginradius(&server.http(), "demo", CLIENT));
    options.set_proxy(&dead_proxy()).expect("a proxy");
    expect_tokens(client(&options).login("ada", PASSWORD));
}

/// Where a login goes that leaves the choice to the environment.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Proxy,
    Direct,
}
use Way::{Direct, Proxy};

/// Which variables lead where; `OPEN` is a proxy that works, `DEAD` one that
/// does not exist.
const ENVIRONMENTS: &[(&[(&str, &str)], Way)] = &[
    (&[], Direct),
    (&[("https_proxy", "OPEN")], Proxy),
    (&[("HTTPS_PROXY", "OPEN")], Proxy),
    (&[("all_proxy", "OPEN")], Proxy),
    (&[("ALL_PROXY", "OPEN")], Proxy),
    (&[("https_proxy", "OPEN"), ("HTTPS_PROXY", "DEAD")], Proxy),
    (&[("HTTPS_PROXY", "OPEN"), ("all_proxy", "DEAD"), ("ALL_PROXY", "DEAD")], Proxy),
    (&[("all_proxy", "OPEN"), ("ALL_PROXY", "DEAD")], Proxy),
    (&[("https_proxy", ""), ("HTTPS_PROXY", "OPEN")], Proxy),
    (&[("https_proxy", ""), ("ALL_PROXY", "")], Direct),
    // For http:// sites, of which we have none that need a proxy.
    (&[("http_proxy", "DEAD")], Direct),
    (&[("https_proxy", "DEAD"), ("no_proxy", "localhost")], Direct),
    (&[("https_proxy", "DEAD"), ("NO_PROXY", "other.example, LocalHost")], Direct),
    (&[("https_proxy", "DEAD"), ("NO_PROXY", "*")], Direct),
    (&[("https_proxy", "OPEN"), ("NO_PROXY", "other.example,host,ocalhost")], Proxy),
    (&[("https_proxy", "OPEN"), ("no_proxy", "other.example"), ("NO_PROXY", "localhost")], Proxy),
    (&[("https_proxy", "DEAD"), ("no_proxy", ""), ("NO_PROXY", "localhost")], Direct),
];

/// How the child learns where the stand-in is.
const SITE: &str = "ROPC_TEST_SITE";
const CA: &str = "ROPC_TEST_CA";

/// In the child: settings that leave the proxy to the environment.
fn from_environment() -> Options {
    let variable = |name| std::env::var(name).expect("the parent set it");
    let mut options = Options::loginradius(&variable(SITE), "demo", CLIENT).expect("valid");
    options.set_ca_pem(variable(CA).as_bytes()).expect("a CA");
    options
}

#[test]
fn the_environment_names_the_proxy() {
    let test = "the_environment_names_the_proxy";
    let child = || expect_tokens(client(&from_environment()).login("ada", PASSWORD));
    if is_alone() {
        return drop(child());
    }
    let server = Standin::start();
    let open = format!("http://127.0.0.1:{}", server.trap(Trap::ProxyOpen));
    let (dead, site, ca) = (dead_proxy(), server.https(), server.ca_pem());
    for (variables, way) in ENVIRONMENTS {
        let before = server.proxy_heads().len();
        let mut all = vec![(SITE, site.as_str()), (CA, ca.as_str())];
        all.extend(variables.iter().map(|(name, value)| match *value {
            "OPEN" => (*name, open.as_str()),
            "DEAD" => (*name, dead.as_str()),
            value => (*name, value),
        }));
        alone(test, &all, || ());
        let went = if server.proxy_heads().len() > before { Proxy } else { Direct };
        assert_eq!(went, *way, "{variables:?}");
        assert_eq!(server.take_requests().len(), 1, "{variables:?}");
    }
}

/// For a test that is alone.
fn set(proxy: &str, except: &str) {
    // SAFETY: no other thread of this process reads the environment.
    unsafe {
        std::env::set_var("https_proxy", proxy);
        std::env::set_var("no_proxy", except);
    }
}

#[test]
fn what_the_environment_excepts_goes_past_its_proxy() {
    alone("what_the_environment_excepts_goes_past_its_proxy", &[], || {
        let server = Standin::start();
        let open = format!("127.0.0.1:{}", server.trap(Trap::ProxyOpen));
        let mut options = Options::loginradius(&server.https(), "demo", CLIENT).expect("valid");
        options.set_ca_pem(server.ca_pem().as_bytes()).expect("a CA");
        options.set_api_key(API_KEY).expect("a key");
        let identity = server.https().replace("localhost", "127.0.0.1");
        options.set_endpoint(EndpointKind::Identity, &identity).expect("a URL");
        set(&open, "localhost");
        let client = client(&options);
        let tokens = expect_tokens(client.login("ada", PASSWORD));
        assert_eq!(server.proxy_heads().len(), 0);
        client.validate(tokens.access_token.expose()).expect("a good token");
        assert_eq!(server.proxy_heads().len(), 1);
        // Where the site is, too, one that wants no key does not take the site along.
        let mut keyless = Options::loginradius(&identity, "demo", CLIENT).expect("valid");
        keyless.set_ca_pem(server.ca_pem().as_bytes()).expect("a CA");
        keyless.set_endpoint(EndpointKind::Identity, &identity).expect("a URL");
        expect_tokens(common::client(&keyless).login("ada", PASSWORD));
        assert_eq!(server.proxy_heads().len(), 2);
        // A session sends its token to the identity host, key or not.
        let mut keyless = Options::loginradius(&server.https(), "demo", CLIENT).expect("valid");
        keyless.set_ca_pem(server.ca_pem().as_bytes()).expect("a CA");
        keyless.set_endpoint(EndpointKind::Identity, &identity).expect("a URL");
        let client = common::client(&keyless);
        let session = Session::login(&client, "ada", PASSWORD, None, None).expect("signed in");
        assert_eq!(server.proxy_heads().len(), 2);
        let url = format!("{identity}/apis/any");
        let call = ApiCall { method: "GET", url: &url, headers: &[], body: None };
        session.call(&call).expect("an answer");
        assert_eq!(server.proxy_heads().len(), 3);
        // Nobody would go through it.
        set("socks5://127.0.0.1:1080", "localhost,127.0.0.1");
        expect_tokens(common::client(&options).login("ada", PASSWORD));
    });
}

type Discover = fn(&Options, &str) -> Result<Options, Error>;

#[test]
fn discovery_goes_where_the_environment_says() {
    // The call that blocks, and its twin.
    let ways: [Discover; 2] = [
        |options, issuer| options.discover(issuer, false),
        |options, issuer| taken(options.request_discover(issuer, false), Request::take_options),
    ];
    alone("discovery_goes_where_the_environment_says", &[], || {
        let server = Standin::start();
        let (issuer, dead) = (server.https(), dead_proxy());
        let open = format!("http://127.0.0.1:{}", server.trap(Trap::ProxyOpen));
        let mut unknown = Options::undiscovered(CLIENT).expect("valid");
        unknown.set_ca_pem(server.ca_pem().as_bytes()).expect("a CA");
        // Its token endpoint is at an address that needs no proxy; the issuer does.
        let mut known = unknown.clone();
        let token = format!("{}/token", server.https().replace("localhost", "127.0.0.1"));
        known.set_endpoint(EndpointKind::Token, &token).expect("a URL");
        for (options, except) in [(unknown, ""), (known, "127.0.0.1")] {
            for discover in ways {
                set(&dead, except);
                let error = expect_failure(
                    discover(&options, &issuer).map(|_| ()),
                    Reason::ProxyUnreachable,
                    Stage::Proxy,
                    false,
                );
                assert!(error.message.contains(dead.trim_start_matches("http://")), "{error}");
                set("socks5://127.0.0.1:1080", except);
                let refused = discover(&options, &issuer).map(|_| ());
                expect_failure(refused, Reason::Unsupported, Stage::Setup, false);
                assert!(server.take_requests().is_empty());
                let before = server.proxy_heads().len();
                set(&open, except);
                discover(&options, &issuer).expect("endpoints");
                assert_eq!(server.proxy_heads().len(), before + 1, "{except:?}");
                assert_eq!(server.take_requests().len(), 1);
                set(&dead, "localhost");
                discover(&options, &issuer).expect("past the proxy");
                assert_eq!(server.take_requests().len(), 1);
            }
        }
    });
}

#[test]
fn options_come_before_the_environment() {
    let dead = dead_proxy();
    let environment = [("https_proxy", dead.as_str()), ("NO_PROXY", "*")];
    alone("options_come_before_the_environment", &environment, || {
        let server = Standin::start();
        // loginradius() switches proxies off.
        let mut options = loginradius(&server);
        expect_tokens(client(&options).login("ada", PASSWORD));
        // Exceptions of the environment are for its own proxy.
        options.set_proxy(&format!("127.0.0.1:{}", server.trap(Trap::ProxyOpen))).expect("a proxy");
        expect_tokens(client(&options).login("ada", PASSWORD));
        assert_eq!(server.proxy_heads().len(), 1);
    });
}

/// Variables that no client can be made with.
const REFUSED: &[(&str, &str, Reason)] = &[
    ("ALL_PROXY", "socks5://127.0.0.1:1080", Reason::Unsupported),
    ("https_proxy", "socks4a://canary@127.0.0.1", Reason::Unsupported),
    ("HTTPS_PROXY", "https://127.0.0.1:443", Reason::Unsupported),
    ("all_proxy", "http://canary:canary@127.0.0.1:99999", Reason::Argument),
    ("HTTPS_PROXY", "http://127.0.0.1/path", Reason::Argument),
];

#[test]
fn what_the_environment_may_not_say() {
    let child = |name: &str, reason: Reason| {
        let mut options = Options::loginradius("site.test", "demo", CLIENT).expect("valid");
        let error = expect_failure(Client::new(&options), reason, Stage::Setup, false);
        assert!(error.message.contains(name), "{error}");
        // Who switches the proxy off is not bothered.
        options.set_proxy("").expect("no proxy");
        client(&options);
    };
    for (name, value, reason) in REFUSED {
        if !is_alone() {
            alone("what_the_environment_may_not_say", &[(name, value)], || ());
        } else if std::env::var(name).is_ok_and(|set| set == *value) {
            child(name, *reason);
        }
    }
}

#[test]
#[cfg(unix)]
fn a_proxy_that_cannot_be_read_is_not_passed_over() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let name = "HTTPS_PROXY";
    alone("a_proxy_that_cannot_be_read_is_not_passed_over", &[], || {
        // SAFETY: no other thread of this process reads the environment.
        unsafe { std::env::set_var(name, OsStr::from_bytes(b"http://proxy.test/\xff")) };
        let options = Options::loginradius("site.test", "demo", CLIENT).expect("valid");
        let error = expect_failure(Client::new(&options), Reason::Argument, Stage::Setup, false);
        assert!(error.message.contains(name), "{error}");
    });
}
