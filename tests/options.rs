//! What an option refuses, with what, and that a refused option sends nothing.

mod common;

use common::{at_limit, client, expect_reason, expect_tokens, loginradius, refuses};
use ropc::oauth::{EndpointKind, Error, Level, Limit, Options, Reason, SecretMethod, Status};
use standin::{PASSWORD, Standin};

const SITE: &str = "acme.hub.loginradius.com";

fn acme() -> Options {
    Options::loginradius(SITE, "app", "id").expect("valid settings")
}

/// A setter that takes one text, its argument's name, and its longest text.
type Setter = (&'static str, usize, fn(&mut Options, &str) -> Result<(), Error>);

#[test]
fn every_text_has_a_shortest_and_a_longest_form() {
    let setters: &[Setter] = &[
        ("issuer", 4096, |options, text| options.set_issuer(text)),
        ("scope", 4096, |options, text| options.set_scope(text)),
        ("secret", 1024, |options, text| options.set_secret(text, SecretMethod::Basic)),
        ("api_key", 1024, |options, text| options.set_api_key(text)),
        ("user_agent", 256, |options, text| options.set_user_agent(text)),
        ("response_type", 256, |options, text| options.set_response_type(Some(text))),
        ("parameter name", 256, |options, text| options.add_param(text, "value")),
        ("value", 65_536, |options, text| options.add_param("name", text)),
        ("client_id", 4096, |_, text| Options::loginradius(SITE, "app", text).map(drop)),
        ("client_id", 4096, |_, text| Options::oauth2("https://acme.example", text).map(drop)),
    ];
    for (name, most, set) in setters {
        let (longest, over) = at_limit(*most);
        refuses(set(&mut acme(), ""), name, "must not be empty");
        refuses(set(&mut acme(), &over), name, &format!("at most {most}"));
        set(&mut acme(), &longest).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let (path, over) = (format!("https://acme.example/{}", "x".repeat(4075)), "x".repeat(4097));
    assert!(path.len() == 4096 && Options::oauth2(&path, "id").is_ok());
    refuses(Options::oauth2(&format!("{path}x"), "id"), "token_url", "at most 4096");
    refuses(Options::loginradius(&over, "app", "id"), "site", "at most 4096");
    refuses(acme().set_proxy(&over), "url", "at most 4096");
    refuses(acme().set_ca_pem(&vec![b'x'; (4 << 20) + 1]), "pem", "at most 4194304");
}

#[test]
fn what_a_login_is_given_has_limits_and_beyond_them_nothing_is_sent() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let (name, text, secret) = ("x".repeat(257), "x".repeat(4097), "x".repeat(65_537));
    refuses(client.login("ada", &"x".repeat(10 << 20)), "password", "at most 65536");
    refuses(client.login("ada", &secret), "password", "at most 65536");
    refuses(client.login("ada", ""), "password", "must not be empty");
    refuses(client.login(&text, PASSWORD), "username", "at most 4096");
    refuses(client.login("", PASSWORD), "username", "must not be empty");
    refuses(client.grant("", &[]), "grant_type", "must not be empty");
    refuses(client.grant(&name, &[]), "grant_type", "at most 256");
    refuses(client.grant("g", &[("a", &secret)]), "a has", "at most 65536");
    refuses(client.grant("g", &[("a", "")]), "a ", "must not be empty");
    refuses(client.grant("g", &[("", "1")]), "parameter name", "must not be empty");
    refuses(client.grant("g", &[(&name, "1")]), "parameter name", "at most 256");
    refuses(client.grant("g", &[("a", "1"), ("a", "2")]), "a", "set twice");
    refuses(client.grant("g", &[("client_id", "other")]), "client_id", "its own function");
    let names: Vec<String> = (0..65).map(|at| format!("p{at}")).collect();
    let params: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    refuses(client.grant("g", &params), "parameters", "at most 64");
    assert_eq!((server.requests().len(), server.connections()), (0, 0));
    // At the limit it is the server that decides.
    expect_reason(client.grant("g", &params[..64]), Reason::UnsupportedGrant);
    expect_reason(client.login(&text[1..], &secret[1..]), Reason::WrongCredentials);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_user_agent_is_one_line_of_printable_ascii() {
    for text in ["a\nb", "a\r\nX-Evil: 1", "a\tb", "a\0b", "caf\u{e9}", "\u{7f}"] {
        refuses(acme().set_user_agent(text), "user_agent", "printable ASCII");
    }
    acme().set_user_agent("Game/1.0 (a; b) ~").expect("a user agent");
}

#[test]
fn a_parameter_is_visible_ascii_not_reserved_and_not_repeated() {
    for name in ["a b", "a\nb", "\u{e9}", "a\0", "\u{7f}"] {
        refuses(acme().add_param(name, "x"), "parameter name", "visible ASCII");
    }
    for name in ["client_id", "client_secret", "grant_type", "scope", "response_type"] {
        refuses(acme().add_param(name, "x"), name, "its own function");
    }
    let mut options = acme();
    options.add_param("audience", "x").expect("a parameter");
    refuses(options.add_param("audience", "y"), "audience", "already set");
    for at in 1..64 {
        options.add_param(&format!("p{at}"), "x").expect("a parameter");
    }
    refuses(options.add_param("one-more", "x"), "parameters", "at most 64");
    // What every request carries cannot be given again in a single grant.
    refuses(client(&options).grant("g", &[("audience", "z")]), "audience", "set twice");
}

#[test]
fn a_parameter_cannot_replace_the_user_name_or_the_password() {
    let server = Standin::start();
    for name in ["username", "password"] {
        let mut options = loginradius(&server);
        options.add_param(name, "other").expect("taken until it meets the login");
        refuses(client(&options).login("ada", PASSWORD), name, "set");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_scope_is_words_with_one_space_between_them() {
    for scope in [" a", "a ", "a  b", "a\tb", "a\nb", "a\"b", "a\\b", "\u{e9}", " "] {
        refuses(acme().set_scope(scope), "scope", "one space between");
    }
    for scope in ["a", "openid email", "https://x.example/a!#$%&'()*+,-./:;<=>?@[]^_`{|}~"] {
        acme().set_scope(scope).unwrap_or_else(|error| panic!("{scope}: {error}"));
    }
}

#[test]
fn a_secret_that_its_method_cannot_carry_is_refused() {
    let mut colon = Options::loginradius(SITE, "app", "a:b").expect("valid settings");
    refuses(colon.set_secret("s", SecretMethod::BasicRaw), "client_id", "has a :");
    colon.set_secret("s", SecretMethod::Basic).expect("a secret");
    let mut long = Options::loginradius(SITE, "app", &"x".repeat(1025)).expect("valid settings");
    refuses(long.set_secret("s", SecretMethod::Post), "client_id", "too long");
    let mut longest = Options::loginradius(SITE, "app", &"x".repeat(1024)).expect("valid settings");
    longest.set_secret("s", SecretMethod::Post).expect("a secret");
}

#[test]
fn time_limits_are_between_a_millisecond_and_ten_minutes() {
    for (connect, total) in [(0, 1), (1, 0), (600_001, 1), (1, 600_001), (u32::MAX, u32::MAX)] {
        refuses(acme().set_timeouts(connect, total), "_ms", "from 1 to 600000");
    }
    for (connect, total) in [(1, 1), (600_000, 600_000), (2, 1)] {
        acme().set_timeouts(connect, total).expect("time limits");
    }
}

#[test]
fn every_bound_has_a_range() {
    for (limit, least, most) in
        [(Limit::AnswerBytes, 1024, 67_108_864), (Limit::IdleConnections, 0, 1024), (Limit::IdleMs, 0, 600_000)]
    {
        for value in [least, most] {
            acme().set_limit(limit, value).unwrap_or_else(|error| panic!("{error}"));
        }
        let range = format!("from {least} to {most}");
        refuses(acme().set_limit(limit, most + 1), "must be", &range);
        refuses(acme().set_limit(limit, u64::MAX), "must be", &range);
        if least > 0 {
            refuses(acme().set_limit(limit, least - 1), "must be", &range);
        }
    }
}

#[test]
fn a_pin_is_32_bytes_for_an_https_origin() {
    let base64 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for pin in [
        "",
        "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAA",
        &base64[..43],
        &format!("{base64} "),
        &"a".repeat(63),
        &"g".repeat(64),
        &"+1".repeat(32),
        &"\u{e9}".repeat(32),
    ] {
        refuses(acme().add_pin("acme.example", pin), "sha256", "32 bytes");
    }
    refuses(acme().add_pin("http://127.0.0.1", base64), "origin", "https");
    refuses(acme().add_pin("acme.example/x", base64), "origin", "without path");
    acme().add_pin("acme.example:8443", base64).expect("a pin");
    acme().add_pin("https://acme.example", &"aB".repeat(32)).expect("a pin");
}

#[test]
fn broken_pem_is_refused_when_it_is_set() {
    let server = Standin::start();
    let (cert, key, ca) = (server.client_cert_pem(), server.client_key_pem(), server.ca_pem());
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cut = &ca[..ca.len() / 2];
    for (pem, why) in [
        ("", "must not be empty"),
        ("no certificate", "no certificate in PEM"),
        (key.as_str(), "no certificate in PEM"),
        (garbage, "cannot be read"),
        ("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", "PEM"),
        (cut, "PEM"),
    ] {
        refuses(acme().set_ca_pem(pem.as_bytes()), "pem", why);
    }
    acme().set_ca_pem(format!("{ca}{cert}").as_bytes()).expect("several certificates");

    let set = |cert: &str, key: &str| acme().set_client_cert_pem(SITE, cert.as_bytes(), key.as_bytes());
    refuses(set("", &key), "cert", "must not be empty");
    refuses(set(&cert, ""), "key", "must not be empty");
    refuses(set("x", &key), "cert", "no certificate in PEM");
    refuses(set(&cert, "x"), "key", "no private key in PEM");
    refuses(set(&cert, &cert), "key", "no private key in PEM");
    refuses(set(garbage, &key), "cert", "do not belong together");
    refuses(set(&cert, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "key", "kind or size");
    refuses(set(&ca, &key), "cert and key", "do not belong together");
    refuses(acme().set_client_cert_pem("http://127.0.0.1", cert.as_bytes(), key.as_bytes()), "origin", "https");
    set(&cert, &key).expect("a certificate and its key");
}

#[test]
fn a_proxy_is_plain_http_and_anything_else_is_unsupported() {
    for url in ["socks5://127.0.0.1:1080", "socks5h://p", "socks4://p", "https://p:3128", "pac+http://p/x.pac"] {
        let error = expect_reason(acme().set_proxy(url), Reason::Unsupported);
        assert_eq!((error.status(), error.request_sent), (Status::Unsupported, false), "{url}");
    }
    for (url, why) in [
        ("http://", "no host name"),
        ("proxy:99999", "port from 1 to 65535"),
        ("proxy:0", "port from 1 to 65535"),
        ("proxy:8080/path", "without path"),
        ("pro xy", "no host name"),
        ("http://%ff:x@proxy", "UTF-8"),
    ] {
        refuses(acme().set_proxy(url), "url", why);
    }
    for url in
        ["", "proxy", "proxy:3128", "http://proxy.example:3128/", "HTTP://u%40x:p%3A@[2001:db8::7]:8080", "192.0.2.7"]
    {
        acme().set_proxy(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    }
}

#[test]
fn a_refused_setter_changes_nothing() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_scope("kept").expect("a scope");
    options.set_user_agent("kept/1").expect("a user agent");
    assert!(options.set_scope("a  b").is_err() && options.set_user_agent("a\nb").is_err());
    assert!(options.set_ca_pem(b"x").is_err() && options.set_proxy("socks5://p").is_err());
    assert!(options.set_endpoint(EndpointKind::Token, "x").is_err() && options.set_timeouts(0, 0).is_err());
    expect_tokens(client(&options).login("ada", PASSWORD));
    let seen = server.requests().remove(0);
    assert_eq!(seen.header("user-agent"), Some("kept/1"));
    assert!(seen.text().contains(r#""scope":"kept""#));
}

#[test]
fn a_client_keeps_the_options_it_was_made_from() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_log(Level::Off, None);
    let made = client(&options);
    options.set_endpoint(EndpointKind::Token, "https://127.0.0.1:1/token").expect("a URL");
    drop(options);
    expect_tokens(made.login("ada", PASSWORD));
}
