//! Discovery (RFC 8414; OpenID Connect Discovery), in one call and beside the
//! program: where the metadata is looked for, whose it must be, and what of it
//! is taken.

mod common;

use std::sync::Arc;

use common::after::{Lines, answer_at, requests, taken};
use common::trouble::{SOON, expect_failure, patient, soon, started};
use common::{client, expect_reason, expect_tokens, loginradius, refuses, trusting};
use ropc::oauth::{EndpointKind, Error, Hint, Limit, Options, Reason, Request, SecretMethod, Stage};
use serde_json::{Value, json};
use standin::{After, CLIENT, PASSWORD, Standin};

type Way = fn(&Options, &str, bool) -> Result<Options, Error>;

/// The call that blocks, and its twin.
const WAYS: [Way; 2] = [
    |options, issuer, other_hosts| soon(|| options.discover(issuer, other_hosts)),
    |options, issuer, other_hosts| taken(options.request_discover(issuer, other_hosts), Request::take_options),
];

/// The places of an issuer without a path.
const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

fn undiscovered(server: &Standin) -> Options {
    trusting(server, Options::undiscovered(CLIENT))
}

fn url(options: &Options, kind: EndpointKind) -> Option<String> {
    options.endpoint(kind).map(|endpoint| endpoint.url())
}

/// All endpoints that discovery can find.
#[track_caller]
fn assert_endpoints(options: &Options, base: &str) {
    for (kind, what) in [
        (EndpointKind::Token, "token"),
        (EndpointKind::Revoke, "revoke"),
        (EndpointKind::Userinfo, "userinfo"),
        (EndpointKind::Jwks, "jwks"),
    ] {
        assert_eq!(url(options, kind), Some(format!("{base}/{what}")));
    }
}

/// Metadata of the stand-in itself, with these members set or, where they are
/// null, left out.
fn metadata(server: &Standin, changes: Value) -> String {
    let at = |what: &str| format!("{}/{what}", server.https());
    let mut metadata = json!({"issuer": server.https(), "token_endpoint": at("token"), "jwks_uri": at("jwks")});
    for (name, value) in changes.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    metadata.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    metadata.to_string()
}

/// Settings are no error; what is wrong shows in the message.
#[track_caller]
fn not_discovered(result: Result<Options, Error>, reason: Reason) -> Error {
    expect_failure(result.map(|_| ()), reason, Stage::Answer, true)
}

#[test]
fn an_issuer_is_found_with_and_without_a_path() {
    let server = Standin::start();
    for (issuer, places) in [
        ("", vec![format!("GET {OPENID}")]),
        ("/tenant/a", vec![format!("GET /tenant/a{OPENID}")]),
        ("/only8414", vec![format!("GET /only8414{OPENID}"), format!("GET {OAUTH}/only8414")]),
    ] {
        let issuer = format!("{}{issuer}", server.https());
        for way in WAYS {
            for other_hosts in [false, true] {
                let options = way(&undiscovered(&server), &issuer, other_hosts).expect("metadata");
                assert_eq!(requests(&server), places);
                assert_endpoints(&options, &issuer);
            }
        }
    }
}

#[test]
fn what_was_found_signs_in_and_verifies_and_revokes() {
    let server = Standin::start();
    for issuer in ["", "/tenant/a", "/only8414"] {
        let mut options = undiscovered(&server);
        options.set_scope("openid").expect("a scope");
        let error = expect_reason(ropc::oauth::Client::new(&options).map(|_| ()), Reason::Argument);
        assert!(error.message.contains("token endpoint"), "{}", error.message);
        let options = options.discover(&format!("{}{issuer}", server.https()), false).expect("metadata");
        let client = client(&options);
        let tokens = expect_tokens(client.login("ada", PASSWORD));
        let (id, access) = (tokens.id_token.expect("an ID token"), tokens.access_token.expose());
        // The issuer was set by discovery, and the keys found.
        client.verify_id_token(id.expose(), Some(access), None).expect("it is the server's");
        client.userinfo(access).expect("who it is");
        client.revoke(access, Hint::Access).expect("it is revoked");
    }
}

#[test]
fn a_question_carries_nothing_but_itself() {
    let server = Standin::start();
    let mut options = undiscovered(&server);
    options.set_secret("Canary", SecretMethod::Basic).expect("a secret");
    options.set_api_key("Canary").expect("a key");
    options.add_param("more", "Canary").expect("a parameter");
    for way in WAYS {
        way(&options, &server.https(), false).expect("metadata");
        let seen = server.take_requests();
        let mut names: Vec<_> = seen[0].headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        assert_eq!((seen.len(), names), (1, ["accept", "host", "user-agent"].map(str::to_owned).to_vec()));
        assert!(!String::from_utf8_lossy(&seen[0].raw).contains("Canary"));
    }
}

#[test]
fn the_second_place_is_asked_when_the_first_has_no_metadata() {
    let server = Standin::start();
    for (status, body) in [
        ("404 Not Found", ""),
        ("404 Not Found", "<html>Not here</html>"),
        ("404 Not Found", r#"{"status":404,"error":"Not Found","path":"/.well-known/openid-configuration"}"#),
        ("405 No", ""),
        ("410 Gone", ""),
        ("200 OK", "<html>Welcome to the portal</html>"),
        ("200 OK", "[]"),
        ("200 OK", ""),
    ] {
        answer_at(&server, OPENID, status, "Content-Type: text/html\r\n", body);
        for way in WAYS {
            let options = way(&undiscovered(&server), &server.https(), false);
            let options = options.unwrap_or_else(|error| panic!("{status} {body}: {error:?}"));
            assert_endpoints(&options, &server.https());
            assert_eq!(requests(&server), [format!("GET {OPENID}"), format!("GET {OAUTH}")]);
        }
    }
    // Nothing there either: what that place answers is the error.
    answer_at(&server, OAUTH, "404 Not Found", "", "");
    for way in WAYS {
        let error = not_discovered(way(&undiscovered(&server), &server.https(), false), Reason::NotFound);
        assert!(error.message.contains(OAUTH) && error.http_status == 404, "{error:?}");
    }
}

#[test]
fn a_server_in_trouble_is_not_asked_a_second_time() {
    let server = Standin::start();
    for (status, reason) in [
        ("503 Busy", Reason::ServerFault),
        ("429 Slow", Reason::RateLimited),
        ("301 Moved", Reason::RedirectRefused),
        ("302 Found", Reason::RedirectRefused),
    ] {
        let headers = format!("Retry-After: 7\r\nLocation: {}{OAUTH}\r\n", server.https());
        answer_at(&server, OPENID, status, &headers, "");
        for way in WAYS {
            let error = not_discovered(way(&undiscovered(&server), &server.https(), true), reason);
            assert_eq!(error.retry_after_ms, 7000, "{error:?}");
            assert_eq!(requests(&server), [format!("GET {OPENID}")]);
        }
    }
}

#[test]
fn the_issuer_is_compared_letter_by_letter() {
    let server = Standin::start();
    let at_other_host = server.https().replace("localhost", "127.0.0.1");
    for issuer in [
        format!("{}/", server.https()),
        format!("{}/tenant/a/", server.https()),
        format!("{}/wrong-issuer", server.https()),
        server.https().replace("localhost", "LOCALHOST"),
        server.https().replace("https", "HTTPS"),
    ] {
        for way in WAYS {
            let error = not_discovered(way(&undiscovered(&server), &issuer, true), Reason::OtherIssuer);
            assert_eq!(error.http_status, 200, "{error:?}");
            assert_eq!(requests(&server).len(), 1, "{issuer}");
        }
    }
    // One that really has the slash.
    let slash = format!("{}/", server.https());
    answer_at(&server, OPENID, "200 OK", "", &metadata(&server, json!({"issuer": slash})));
    for way in WAYS {
        let options = way(&undiscovered(&server), &slash, false).expect("its own");
        assert_eq!(url(&options, EndpointKind::Token), Some(format!("{slash}token")));
        not_discovered(way(&undiscovered(&server), &server.https(), false), Reason::OtherIssuer);
    }
    for issuer in [json!(null), json!(""), json!(7), json!([server.https()]), json!(at_other_host)] {
        answer_at(&server, OPENID, "200 OK", "", &metadata(&server, json!({"issuer": issuer})));
        for way in WAYS {
            not_discovered(way(&undiscovered(&server), &server.https(), false), Reason::OtherIssuer);
        }
    }
}

#[test]
fn endpoints_at_another_host_need_consent() {
    let server = Standin::start();
    let issuer = format!("{}/other-host", server.https());
    let elsewhere = issuer.replace("localhost", "127.0.0.1");
    for way in WAYS {
        let error = not_discovered(way(&undiscovered(&server), &issuer, false), Reason::OtherHost);
        assert!(error.message.contains(&elsewhere.replace("/other-host", "")), "{}", error.message);
        assert_endpoints(&way(&undiscovered(&server), &issuer, true).expect("consent"), &elsewhere);
    }
    // One of them is enough, and another port or scheme is another place.
    let port = format!("https://localhost:{}/x", server.http_port());
    for name in ["token_endpoint", "revocation_endpoint", "userinfo_endpoint", "jwks_uri"] {
        for url in ["https://elsewhere.test/x", &port, "https://localhost/x"] {
            answer_at(&server, OPENID, "200 OK", "", &metadata(&server, json!({name: url})));
            for way in WAYS {
                let error = not_discovered(way(&undiscovered(&server), &server.https(), false), Reason::OtherHost);
                assert!(error.message.contains(name), "{}", error.message);
                way(&undiscovered(&server), &server.https(), true).expect("consent");
            }
        }
    }
    // What this library never uses may be anywhere.
    answer_at(&server, OPENID, "200 OK", "", &metadata(&server, json!({"authorization_endpoint": "https://x.test/"})));
    for way in WAYS {
        way(&undiscovered(&server), &server.https(), false).expect("it is not used");
    }
}

#[test]
fn plain_http_is_refused_from_an_issuer_over_tls() {
    let server = Standin::start();
    for endpoint in ["http://elsewhere.test/x", "http://192.0.2.7/x", "http://127.0.0.1:1/x", "http://localhost/x"] {
        answer_at(&server, OPENID, "200 OK", "", &metadata(&server, json!({"token_endpoint": endpoint})));
        for way in WAYS {
            let result = way(&undiscovered(&server), &server.https(), true);
            not_discovered(result, Reason::AnswerNotUnderstood);
            let reason = way(&undiscovered(&server), &server.https(), false).map(|_| ()).expect_err("http").reason;
            assert!([Reason::AnswerNotUnderstood, Reason::OtherHost].contains(&reason), "{reason:?}");
        }
    }
    // A server on this machine, for those who develop one.
    server.unscript();
    for way in WAYS {
        let options = way(&undiscovered(&server), &server.http(), false).expect("loopback");
        assert_endpoints(&options, &server.http());
        let error = expect_reason(way(&undiscovered(&server), "http://192.0.2.7", true).map(|_| ()), Reason::PlainHttp);
        assert!(!error.request_sent, "{error:?}");
    }
    let mut named = undiscovered(&server);
    named.set_lookup(Arc::new(|_| Ok(vec![[192, 0, 2, 7].into()])));
    for way in WAYS {
        let error = expect_reason(way(&named, "http://elsewhere.test", true).map(|_| ()), Reason::PlainHttp);
        assert!(!error.request_sent, "{error:?}");
    }
}

#[test]
fn an_endpoint_that_is_no_url_spoils_the_metadata() {
    let server = Standin::start();
    for name in ["token_endpoint", "revocation_endpoint", "userinfo_endpoint", "jwks_uri"] {
        for value in [json!(""), json!("/token"), json!(7), json!(["https://x.test/"]), json!("ftp://x.test/")] {
            answer_at(&server, OPENID, "200 OK", "", &metadata(&server, json!({name: value})));
            for way in WAYS {
                let result = way(&undiscovered(&server), &server.https(), true);
                let error = not_discovered(result, Reason::AnswerNotUnderstood);
                assert!(error.message.contains(name), "{}", error.message);
            }
        }
        let login = format!("{}/x", server.https().replace("://", "://ada:Canary@"));
        answer_at(&server, OPENID, "200 OK", "", &metadata(&server, json!({name: login})));
        let error = not_discovered(undiscovered(&server).discover(&server.https(), true), Reason::AnswerNotUnderstood);
        assert!(!format!("{error:?}").contains("Canary"), "{error:?}");
    }
    // One that is not there is merely not there.
    answer_at(&server, OPENID, "200 OK", "", &metadata(&server, json!({"jwks_uri": null})));
    for way in WAYS {
        let options = way(&undiscovered(&server), &server.https(), false).expect("metadata");
        assert!(options.endpoint(EndpointKind::Jwks).is_none() && options.endpoint(EndpointKind::Token).is_some());
    }
}

#[test]
fn endpoints_that_were_set_stay() {
    let server = Standin::start();
    let mine = format!("{}/token-raw", server.https());
    let mut options = trusting(&server, Options::oauth2(&mine, CLIENT));
    options.set_endpoint(EndpointKind::Jwks, "https://keys.test/mine").expect("a URL");
    options.set_issuer("https://before.test").expect("an issuer");
    for way in WAYS {
        let found = way(&options, &server.https(), false).expect("metadata");
        assert_eq!(url(&found, EndpointKind::Token), Some(mine.clone()));
        assert_eq!(url(&found, EndpointKind::Jwks).as_deref(), Some("https://keys.test/mine"));
        assert_eq!(url(&found, EndpointKind::Revoke), Some(format!("{}/revoke", server.https())));
        // The settings that asked are as they were.
        assert!(options.endpoint(EndpointKind::Revoke).is_none());
    }
}

#[test]
fn loginradius_and_what_is_no_issuer_are_refused_before_anything_is_sent() {
    let server = Standin::start();
    for way in WAYS {
        let result = way(&loginradius(&server), &server.https(), true).map(|_| ());
        expect_failure(result, Reason::Unsupported, Stage::Setup, false);
        for (issuer, why) in [
            ("", "empty"),
            ("localhost", "https://"),
            ("https://id.test/?tenant=a", "query"),
            ("https://id.test?", "query"),
            ("https://id.test/#a", "fragment"),
            ("https://ada:pw@id.test/", "user name"),
            ("https://id.test/a b", "0x20"),
            ("ftp://id.test/", "https://"),
        ] {
            refuses(way(&undiscovered(&server), issuer, true).map(|_| ()), "issuer", why);
        }
    }
    assert_eq!((requests(&server), server.connections()), (vec![], 0));
}

#[test]
fn metadata_is_not_larger_than_any_other_answer() {
    let server = Standin::start();
    let mut options = undiscovered(&server);
    options.set_limit(Limit::AnswerBytes, 1024).expect("a limit");
    answer_at(&server, OPENID, "200 OK", "", &metadata(&server, json!({"more": "x".repeat(1024)})));
    for way in WAYS {
        let result = way(&options, &server.https(), false).map(|_| ());
        expect_reason(result, Reason::AnswerTooLarge);
        assert_eq!(requests(&server), [format!("GET {OPENID}")]);
    }
}

#[test]
fn time_runs_out_once_for_both_places_and_a_cancel_comes_through() {
    let server = Standin::start();
    let mut options = undiscovered(&server);
    options.set_timeouts(500, 500).expect("time limits");
    answer_at(&server, OPENID, "404 Not Found", "", "");
    server.script_path(OAUTH, |wire, _| if wire.client_stays(SOON) { After::Answer } else { After::Close });
    for way in WAYS {
        let result = way(&options, &server.https(), false).map(|_| ());
        expect_failure(result, Reason::TimedOut, Stage::Receive, true);
        assert_eq!(requests(&server), [format!("GET {OPENID}"), format!("GET {OAUTH}")]);
    }
    let request = started(patient(undiscovered(&server)).request_discover(&server.https(), false));
    assert!(server.wait_requests(2, SOON));
    request.cancel().expect("of this process");
    let result = soon(|| {
        request.wait(2 * SOON);
        request.take_options().map(|_| ())
    });
    expect_failure(result, Reason::Cancelled, Stage::Receive, true);
}

#[test]
fn the_settings_count_for_the_question_too() {
    let server = Standin::start();
    let mut options = undiscovered(&server);
    let lines = Lines::of(&mut options);
    for way in WAYS {
        way(&options, &server.https(), false).expect("metadata");
    }
    assert!(lines.text().matches("discover: GET https://localhost").count() == 2, "{}", lines.text());
    // Without its CA the server is nobody.
    let mut distrusting = Options::undiscovered(CLIENT).expect("settings");
    distrusting.set_proxy("").expect("no proxy");
    for way in WAYS {
        expect_reason(way(&distrusting, &server.https(), false).map(|_| ()), Reason::TlsUnknownIssuer);
    }
}
