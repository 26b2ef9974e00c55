//! New tokens for a refresh token, in one call and beside the program: what is
//! sent, once, and what each answer comes to.

mod common;

use base64::prelude::{BASE64_STANDARD, Engine};
use common::after::{answer_at, only_request, requests, taken};
use common::trouble::{self, expect_failure, patient, soon, started};
use common::{client, expect_reason, expect_tokens, generic, loginradius, refuses, with_secret};
use ropc::oauth::{AppKind, Client, Encoding, Error, Options, Reason, Request, SecretMethod, Stage, Tokens};
use standin::{CLIENT, PASSWORD, SECRET, SECRET_CLIENT, Standin};

type Way = fn(&Client, &str) -> Result<Tokens, Error>;

/// The call that blocks, and its twin.
const WAYS: [Way; 2] = [
    |client, token| soon(|| client.refresh(token)),
    |client, token| taken(client.request_refresh(token), Request::take_tokens),
];

fn refresh_token(tokens: &Tokens) -> &str {
    tokens.refresh_token.as_ref().expect("a refresh token").expose()
}

/// Signs ada in, and forgets what that sent.
#[track_caller]
fn signed_in(server: &Standin, client: &Client) -> Tokens {
    let tokens = expect_tokens(client.login("ada", PASSWORD));
    server.take_requests();
    tokens
}

/// The body that a refresh of `token` sends, whatever comes back.
fn body_sent(server: &Standin, options: &Options, token: &str) -> String {
    let _ = client(options).refresh(token);
    only_request(server).text()
}

#[test]
fn a_rotated_token_is_replaced_and_good_once() {
    let server = Standin::builder().reuse_detection(false).start();
    for options in [loginradius(&server), generic(&server)] {
        let client = client(&options);
        for way in WAYS {
            let old = signed_in(&server, &client);
            let new = expect_tokens(way(&client, refresh_token(&old)));
            assert_eq!(requests(&server).len(), 1);
            assert_ne!(refresh_token(&new), refresh_token(&old));
            assert_ne!(new.access_token.expose(), old.access_token.expose());
            assert!(new.expires_at >= new.received_at + 899, "{new:?}");
            expect_reason(way(&client, refresh_token(&old)), Reason::GrantRefused);
            expect_tokens(way(&client, refresh_token(&new)));
        }
    }
}

#[test]
fn a_token_that_the_server_keeps_is_in_the_answer_all_the_same() {
    let server = Standin::builder().rotation(false).start();
    for options in [loginradius(&server), generic(&server)] {
        let client = client(&options);
        let old = signed_in(&server, &client);
        for way in WAYS {
            for _ in 0..2 {
                let new = expect_tokens(way(&client, refresh_token(&old)));
                assert_eq!(refresh_token(&new), refresh_token(&old));
                assert_ne!(new.access_token.expose(), old.access_token.expose());
            }
        }
    }
}

#[test]
fn no_token_is_written_in_several_ways() {
    let server = Standin::start();
    let client = client(&generic(&server));
    for more in ["", r#","refresh_token":null"#, r#","refresh_token":"""#] {
        let body = format!(r#"{{"access_token":"new","token_type":"Bearer"{more}}}"#);
        answer_at(&server, "/token", "200 OK", "", &body);
        for way in WAYS {
            assert_eq!(refresh_token(&expect_tokens(way(&client, "the old one"))), "the old one", "{more}");
        }
    }
    // One that cannot be used must not pass for "none": the old one is spent.
    answer_at(&server, "/token", "200 OK", "", r#"{"access_token":"new","token_type":"Bearer","refresh_token":7}"#);
    for way in WAYS {
        let error = expect_reason(way(&client, "the old one"), Reason::AnswerNotUnderstood);
        assert!(error.request_sent && error.http_status == 200, "{error:?}");
    }
}

#[test]
fn a_refusal_is_told_as_each_kind_of_server_tells_it() {
    let server = Standin::start();
    for way in WAYS {
        let error = expect_reason(way(&client(&generic(&server)), "gone"), Reason::GrantRefused);
        assert_eq!((error.http_status, error.oauth_error.as_deref()), (400, Some("invalid_grant")));
        assert_eq!((error.stage, error.request_sent, error.retryable()), (Stage::Answer, true, false));
        let error = expect_reason(way(&client(&loginradius(&server)), "gone"), Reason::GrantRefused);
        assert_eq!((error.http_status, error.provider_code), (403, 1217));
        assert_eq!((error.stage, error.request_sent, error.retryable()), (Stage::Answer, true, false));
    }
    assert_eq!(server.grant_counts().refused, 4);
}

#[test]
fn a_lost_answer_is_told_apart_and_the_token_was_sent_once() {
    let server = Standin::start();
    for options in [loginradius(&server), generic(&server)] {
        for way in WAYS {
            // Cold, and on the connection of the login.
            let warm = client(&options);
            let token = refresh_token(&signed_in(&server, &warm)).to_owned();
            let other = refresh_token(&signed_in(&server, &warm)).to_owned();
            for (client, token) in [(&client(&options), token), (&warm, other)] {
                server.lose_refresh_answers(1);
                let error = expect_failure(way(client, &token), Reason::CutOffAfterSent, Stage::Receive, true);
                assert_eq!((error.http_status, error.oauth_error.as_deref()), (0, None), "{error:?}");
                assert!(only_request(&server).text().contains(&token));
            }
        }
    }
    let counts = server.grant_counts();
    assert_eq!((counts.refreshed, counts.reused, counts.dead_families), (8, 0, 0), "{counts:?}");
}

#[test]
fn an_answer_that_does_not_come_in_time_is_told_apart_too() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_timeouts(500, 500).expect("time limits");
    let client = client(&options);
    server.treat_refresh_as(Some("fault:never"));
    for way in WAYS {
        let token = signed_in(&server, &client);
        let error = expect_failure(way(&client, refresh_token(&token)), Reason::TimedOut, Stage::Receive, true);
        assert_eq!(error.http_status, 0, "{error:?}");
        only_request(&server);
    }
}

#[test]
fn a_cancel_comes_through() {
    let server = Standin::start();
    let client = client(&patient(loginradius(&server)));
    let tokens = signed_in(&server, &client);
    server.treat_refresh_as(Some("fault:never"));
    let request = started(client.request_refresh(refresh_token(&tokens)));
    assert!(server.wait_requests(1, trouble::SOON));
    request.cancel().expect("of this process");
    let error = expect_failure(soon(|| trouble::ended(&request)), Reason::Cancelled, Stage::Receive, true);
    assert_eq!(error.http_status, 0, "{error:?}");
    only_request(&server);
}

#[test]
fn the_body_is_what_the_guide_and_the_rfc_say_and_nothing_else() {
    let server = Standin::start();
    let token = "a+/=&%\"\\ b";
    let json = |token: &str| {
        let token = serde_json::to_string(token).expect("JSON");
        format!(r#"{{"client_id":"demo-client","grant_type":"refresh_token","refresh_token":{token}}}"#)
    };
    let form = "client_id=demo-client&grant_type=refresh_token&refresh_token=a%2B%2F%3D%26%25%22%5C+b";
    let mut guide = loginradius(&server);
    assert_eq!(body_sent(&server, &guide, token), json(token));
    assert_eq!(body_sent(&server, &guide, "5f1e"), json("5f1e"));
    guide.set_encoding(Encoding::Form);
    assert_eq!(body_sent(&server, &guide, token), form);
    let mut rfc = generic(&server);
    assert_eq!(body_sent(&server, &rfc, token), form);
    rfc.set_encoding(Encoding::Json);
    assert_eq!(body_sent(&server, &rfc, token), json(token));
    // The twin sends the same bytes, head and all.
    let _ = client(&rfc).refresh(token);
    let blocking = only_request(&server);
    let _ = taken(client(&rfc).request_refresh(token), Request::take_tokens);
    assert_eq!(only_request(&server).raw, blocking.raw);
    assert_eq!((blocking.method.as_str(), blocking.target.as_str()), ("POST", "/token"));
}

#[test]
fn no_scope_is_asked_for_but_the_parameters_set_are_sent() {
    let server = Standin::start();
    let mut oidc = loginradius(&server);
    oidc.set_app_kind(AppKind::Oidc).expect("LoginRadius");
    let mut scoped = generic(&server);
    scoped.set_scope("openid offline_access").expect("a scope");
    scoped.set_response_type(Some("token")).expect("a value");
    for options in [&mut oidc, &mut scoped] {
        let tokens = signed_in(&server, &client(options));
        options.add_param("resource", "https://api.test/").expect("a parameter");
        let client = client(options);
        expect_tokens(client.refresh(refresh_token(&tokens)));
        let body = only_request(&server).text();
        assert!(!body.contains("scope") && !body.contains("response_type"), "{body}");
        assert!(body.contains("resource"), "{body}");
    }
}

#[test]
fn the_application_proves_itself_in_each_way() {
    let server = Standin::start();
    let header = |user: &str| Some(format!("Basic {}", BASE64_STANDARD.encode(user)));
    let escaped = SECRET.bytes().any(|byte| !byte.is_ascii_alphanumeric());
    assert!(escaped, "a secret that needs no encoding shows nothing here");
    for way in WAYS {
        for (method, path) in
            [(SecretMethod::Post, "/token"), (SecretMethod::Basic, "/token"), (SecretMethod::BasicRaw, "/token-raw")]
        {
            let client = client(&with_secret(&server, path, method));
            let tokens = signed_in(&server, &client);
            // The server takes it, so it was the right secret in the right form.
            expect_tokens(way(&client, refresh_token(&tokens)));
            let (seen, posts) = (only_request(&server), method == SecretMethod::Post);
            assert_eq!(seen.text().contains("client_secret="), posts, "{}", seen.text());
            assert_eq!(seen.text().contains("client_id="), posts, "{}", seen.text());
            assert_eq!(seen.header("authorization").is_some(), !posts);
            if method == SecretMethod::BasicRaw {
                let expected = header(&format!("{SECRET_CLIENT}:{SECRET}"));
                assert_eq!(seen.header("authorization"), expected.as_deref());
            }
        }
    }
    // LoginRadius wants to read the client's id in the body, always.
    let mut options = loginradius(&server);
    options.set_secret("s", SecretMethod::Basic).expect("a secret");
    let body = body_sent(&server, &options, "gone");
    assert_eq!(body, r#"{"client_id":"demo-client","grant_type":"refresh_token","refresh_token":"gone"}"#);
    options.set_secret("s", SecretMethod::Post).expect("a secret");
    let body = body_sent(&server, &options, "gone");
    let expected =
        r#"{"client_id":"demo-client","grant_type":"refresh_token","refresh_token":"gone","client_secret":"s"}"#;
    assert_eq!(body, expected);
    assert_eq!(CLIENT, "demo-client");
}

#[test]
fn a_server_in_trouble_says_how_long_to_wait() {
    let server = Standin::start();
    let client = client(&generic(&server));
    for way in WAYS {
        for (status, reason) in [("503 Busy", Reason::ServerFault), ("429 Slow", Reason::RateLimited)] {
            answer_at(&server, "/token", status, "Retry-After: 7\r\n", "");
            let error = expect_failure(way(&client, "token"), reason, Stage::Answer, true);
            assert!(error.retryable() && error.retry_after_ms == 7000, "{error:?}");
            only_request(&server);
        }
    }
}

#[test]
fn a_redirect_does_not_get_the_token() {
    let server = Standin::start();
    let client = client(&generic(&server));
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("Location: {}/stolen\r\n", server.https());
        answer_at(&server, "/token", status, &location, "");
        for way in WAYS {
            expect_failure(way(&client, "token"), Reason::RedirectRefused, Stage::Answer, true);
            assert_eq!(requests(&server), ["POST /token"]);
        }
    }
}

#[test]
fn what_is_no_token_is_not_sent() {
    let server = Standin::start();
    let client = client(&generic(&server));
    for way in WAYS {
        refuses(way(&client, ""), "refresh_token", "empty");
        refuses(way(&client, &"x".repeat(65_537)), "refresh_token", "65537");
    }
    // The longest that may be is sent, whole.
    let longest = "x".repeat(65_536);
    expect_reason(client.refresh(&longest), Reason::GrantRefused);
    assert!(only_request(&server).text().ends_with(&longest));
    // Nor is one whose request is never started.
    drop(client.request_refresh("token").expect("a request"));
    assert_eq!(requests(&server), [""; 0]);
}
