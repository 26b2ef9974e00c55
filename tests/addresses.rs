//! Sites, app names and endpoint URLs: which are refused, and where the others
//! lead. A lenient reading is how a password reaches the wrong host.

mod common;

use std::sync::Arc;

use common::{at_limit, client, expect_reason, refuses};
use ropc::oauth::{AppKind, EndpointKind, Options, Reason, Stage, Status};
use standin::{CLIENT, PASSWORD};

const SITE: &str = "acme.hub.loginradius.com";

fn acme() -> Options {
    Options::loginradius(SITE, "app", "id").expect("valid settings")
}

#[test]
fn a_site_is_a_host_with_a_port_and_nothing_else() {
    let label = "a".repeat(64);
    let long = format!("{}bc", "a.".repeat(126));
    assert_eq!(long.len(), 254);
    #[rustfmt::skip]
    let wrong = [
        ("",                              "must not be empty"),
        ("https://",                      "holds no host name"),
        ("acme.example/path",             "without path"),
        ("https://acme.example/api/",     "without path"),
        ("acme.example//",                "without path"),
        ("acme.example?x=1",              "without path"),
        ("acme.example#top",              "without path"),
        ("acme.example\\@evil.example",   "without path"),
        ("user@acme.example",             "user name"),
        ("https://ada:pw@acme.example",   "user name"),
        ("acme.example@evil.example",     "user name"),
        ("acme example",                  "no host name"),
        (" acme.example",                 "no host name"),
        ("acme.example ",                 "no host name"),
        ("acme.example\n",                "no host name"),
        ("acme.exa\tmple",                "no host name"),
        ("acme.exa%6dple",                "no host name"),
        ("acme..example",                 "no host name"),
        (".acme.example",                 "no host name"),
        ("*.example",                     "no host name"),
        (&label,                          "no host name"),
        (&long,                           "no host name"),
        ("müller.example",                "xn--"),
        ("acme.example\u{3002}com",       "xn--"),
        ("ftp://acme.example",            "https://"),
        ("javascript://acme.example",     "https://"),
        ("https:acme.example",            "port from 1 to 65535"),
        ("acme.example:",                 "port from 1 to 65535"),
        ("acme.example:0",                "port from 1 to 65535"),
        ("acme.example:99999",            "port from 1 to 65535"),
        ("acme.example:65536",            "port from 1 to 65535"),
        ("acme.example:+443",             "port from 1 to 65535"),
        ("acme.example:-1",               "port from 1 to 65535"),
        ("acme.example:4 43",             "port from 1 to 65535"),
        ("acme.example:https",            "port from 1 to 65535"),
        ("acme.example:443:443",          "port from 1 to 65535"),
        ("127.1",                         "no IPv4 address"),
        ("2130706433",                    "no IPv4 address"),
        ("1.2.3.4.5",                     "no IPv4 address"),
        ("256.1.1.1",                     "no IPv4 address"),
        ("0177.0.0.1",                    "no IPv4 address"),
        ("acme.example.7",                "no IPv4 address"),
        ("0x7f000001",                    "no IPv4 address"),
        ("127.0.0.0x1",                   "no IPv4 address"),
        ("[::1",                          "lacks a ]"),
        ("[acme.example]",                "no IPv6 address"),
        ("[::1%25eth0]",                  "no IPv6 address"),
        ("[127.0.0.1]",                   "no IPv6 address"),
        ("[::1]x",                        "after the ]"),
        ("[::1]:0",                       "port from 1 to 65535"),
        ("::1",                           "no host name"),
    ];
    for (site, why) in wrong {
        let result = Options::loginradius(site, "app", "id");
        assert!(result.is_err(), "{site:?} was accepted");
        refuses(result, "site", why);
    }
}

#[test]
fn a_site_of_every_proper_form_leads_to_its_token_endpoint() {
    #[rustfmt::skip]
    let right = [
        ("acme.example",               "https://acme.example/api/oauth/app/token"),
        ("ACME.Example",               "https://acme.example/api/oauth/app/token"),
        ("acme.example.",              "https://acme.example/api/oauth/app/token"),
        ("acme.example:443",           "https://acme.example/api/oauth/app/token"),
        ("acme.example:8443",          "https://acme.example:8443/api/oauth/app/token"),
        ("acme.example:65535",         "https://acme.example:65535/api/oauth/app/token"),
        ("https://acme.example/",      "https://acme.example/api/oauth/app/token"),
        ("a_b-c.xn--mller-kva.example", "https://a_b-c.xn--mller-kva.example/api/oauth/app/token"),
        ("192.0.2.7",                  "https://192.0.2.7/api/oauth/app/token"),
        ("[2001:DB8::7]",              "https://[2001:db8::7]/api/oauth/app/token"),
        ("[2001:db8::7]:444",          "https://[2001:db8::7]:444/api/oauth/app/token"),
        ("http://127.0.0.1:8080",      "http://127.0.0.1:8080/api/oauth/app/token"),
        ("http://127.8.9.1",           "http://127.8.9.1/api/oauth/app/token"),
        ("http://[::1]",               "http://[::1]/api/oauth/app/token"),
        // A name is looked up first, and refused then if it is not this machine.
        ("http://localhost:443",       "http://localhost:443/api/oauth/app/token"),
    ];
    let longest = format!("{}b", "a.".repeat(126));
    assert_eq!(longest.len(), 253);
    assert!(Options::loginradius(&longest, "app", "id").is_ok());
    for (site, url) in right {
        let options = Options::loginradius(site, "app", "id").unwrap_or_else(|error| panic!("{site}: {error}"));
        assert_eq!(options.endpoint(EndpointKind::Token).expect("an endpoint").url(), url);
    }
}

#[test]
fn plain_http_leads_to_no_other_machine() {
    for url in ["http://192.0.2.7", "http://0.0.0.0", "http://[2001:db8::7]", "http://[::ffff:192.0.2.7]:80"] {
        for error in [Options::loginradius(url, "app", "id").err(), Options::oauth2(url, "id").err()] {
            let error = error.unwrap_or_else(|| panic!("{url} was accepted"));
            assert_eq!((error.reason, error.status()), (Reason::PlainHttp, Status::Arg), "{url}");
            assert_eq!((error.stage, error.request_sent), (Stage::Setup, false), "{url}");
        }
    }
}

#[test]
fn a_name_that_resolves_to_another_machine_is_refused_with_http() {
    let mut options = Options::oauth2("http://elsewhere.test/token", "id").expect("valid settings");
    options.set_proxy("").expect("no proxy");
    options.set_lookup(Arc::new(|_| Ok(vec!["192.0.2.7".parse().expect("an address")])));
    let error = expect_reason(client(&options).login("ada", PASSWORD), Reason::PlainHttp);
    assert_eq!((error.status(), error.request_sent), (Status::Arg, false));
}

#[test]
fn an_app_name_is_not_empty_no_dots_and_no_control_character() {
    let (longest, over) = at_limit(256);
    for (app, why) in [
        ("", "must not be empty"),
        (".", "must not be . or .."),
        ("..", "must not be . or .."),
        ("a\nb", "control character"),
        ("a\0b", "control character"),
        ("a\u{7f}", "control character"),
        ("a\u{85}", "control character"),
        (&over, "at most 256"),
    ] {
        refuses(Options::loginradius(SITE, app, "id"), "app", why);
    }
    for app in [&longest, "...", "a/b", "a?b", "a b", "a%2e%2e"] {
        let options = Options::loginradius(SITE, app, "id").unwrap_or_else(|error| panic!("{app}: {error}"));
        let url = options.endpoint(EndpointKind::Token).expect("an endpoint").url();
        assert_eq!(url.split('/').count(), 7, "{url}");
        assert!(!url.contains(['?', ' ']), "{url}");
    }
}

#[test]
fn an_endpoint_is_an_absolute_url_without_fragment_or_user() {
    for (url, why) in [
        ("", "must not be empty"),
        ("acme.example/token", "https://"),
        ("/token", "https://"),
        ("ftp://acme.example/token", "https://"),
        ("https:///token", "no host name"),
        ("https://ada@acme.example/token", "user name"),
        ("https://acme.example:99999/token", "port from 1 to 65535"),
        ("https://acme.example:+443/token", "port from 1 to 65535"),
        ("https://acme.example/token#x", "fragment"),
        ("https://acme.example#x", "fragment"),
        ("https://acme.example/to ken", "0x20"),
        ("https://acme.example/token\r\nX: y", "0x0d"),
        ("https://acme.example/tok\u{f6}n", "0xc3"),
        ("https://acme.example/a\\b", "0x5c"),
        ("https://acme.example/\"", "0x22"),
        ("https://acme.example/\0", "0x00"),
    ] {
        refuses(Options::oauth2(url, "id"), "token_url", why);
        refuses(acme().set_endpoint(EndpointKind::Token, url), "url", why);
    }
    let kept = |url: &str| {
        let options = Options::oauth2(url, "id").unwrap_or_else(|error| panic!("{url}: {error}"));
        options.endpoint(EndpointKind::Token).expect("an endpoint").url()
    };
    assert_eq!(kept("https://acme.example"), "https://acme.example/");
    assert_eq!(kept("https://acme.example?a=1"), "https://acme.example/?a=1");
    assert_eq!(kept("HTTPS://Acme.Example:443/a/./b%2F?x=%20&y"), "https://acme.example/a/./b%2F?x=%20&y");
}

#[test]
fn what_only_loginradius_has_is_unsupported_elsewhere() {
    let mut options = Options::oauth2("https://acme.example/token", "id").expect("valid settings");
    let error = expect_reason(options.set_app_kind(AppKind::Oidc), Reason::Unsupported);
    assert_eq!((error.status(), error.stage), (Status::Unsupported, Stage::Setup));
    for kind in [EndpointKind::Revoke, EndpointKind::Userinfo, EndpointKind::Jwks, EndpointKind::Identity] {
        assert!(options.endpoint(kind).is_none(), "{kind:?}");
    }
}

#[test]
fn the_derived_endpoints_are_the_documented_ones() {
    let mut options = Options::loginradius(SITE, "my app", CLIENT).expect("valid settings");
    let all = |options: &Options| {
        let kinds = [EndpointKind::Token, EndpointKind::Revoke, EndpointKind::Userinfo, EndpointKind::Jwks];
        kinds.map(|kind| options.endpoint(kind).map(|endpoint| endpoint.path_and_query))
    };
    let some = |path: &str| Some(path.to_owned());
    let oauth = [
        some("/api/oauth/my%20app/token"),
        some("/api/oauth/my%20app/revoke"),
        None,
        some("/service/oauth/my%20app/jwks"),
    ];
    assert_eq!(all(&options), oauth);
    options.set_app_kind(AppKind::Oidc).expect("a kind");
    let oidc = [
        "/api/oidc/my%20app/token",
        "/api/oidc/my%20app/revoke",
        "/service/oidc/my%20app/userinfo",
        "/service/oidc/my%20app/jwks",
    ];
    assert_eq!(all(&options), oidc.map(some));
    let identity = options.endpoint(EndpointKind::Identity).expect("an endpoint");
    assert_eq!(identity.url(), "https://api.loginradius.com/");
}
