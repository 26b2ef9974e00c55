//! Revocation (RFC 7009), in one call and beside the program: what is sent,
//! once, and what each answer says about the token.

mod common;

use common::after::{answer_at, only_request, requests, taken, texts};
use common::trouble::{expect_failure, soon};
use common::{client, expect_reason, expect_tokens, generic, loginradius, refuses, trusting, with_secret};
use ropc::oauth::{Client, Encoding, EndpointKind, Error, Hint, Options, Reason, Request, SecretMethod, Stage, Status};
use standin::{After, CLIENT, PASSWORD, Standin};

type Way = fn(&Client, &str, Hint) -> Result<(), Error>;

/// The call that blocks, and its twin.
const WAYS: [Way; 2] = [
    |client, token, hint| soon(|| client.revoke(token, hint)),
    |client, token, hint| taken(client.request_revoke(token, hint), Request::take_done),
];

/// What a failed revocation must say.
const STILL: &str = "The token must be taken to be still valid.";

/// Settings for the stand-in as any server, with its revocation at `path`.
fn revoking_at(server: &Standin, path: &str) -> Options {
    let mut options = generic(server);
    options.set_endpoint(EndpointKind::Revoke, &format!("{}{path}", server.https())).expect("a URL");
    options
}

/// The same for an application of LoginRadius'.
fn application(server: &Standin, app: &str) -> Options {
    trusting(server, Options::loginradius(&server.https(), app, CLIENT))
}

#[test]
fn a_revoked_token_is_good_for_nothing() {
    let server = Standin::start();
    for options in [loginradius(&server), revoking_at(&server, "/revoke")] {
        let client = client(&options);
        for way in WAYS {
            let tokens = expect_tokens(client.login("ada", PASSWORD));
            let token = tokens.refresh_token.as_ref().expect("one").expose();
            server.take_requests();
            way(&client, token, Hint::Refresh).expect("it is revoked");
            assert_eq!(requests(&server).len(), 1);
            expect_reason(client.refresh(token), Reason::GrantRefused);
            // One that is none is as good as revoked (RFC 7009, 2.2).
            way(&client, "never issued", Hint::None).expect("it is no token");
        }
    }
    assert_eq!(server.grant_counts().revoked, 8);
}

#[test]
fn loginradius_is_sent_both_names_and_no_hint() {
    let server = Standin::start();
    for way in WAYS {
        for hint in [Hint::None, Hint::Access, Hint::Refresh] {
            way(&client(&loginradius(&server)), "a\"b", hint).expect("an answer");
            let seen = only_request(&server);
            assert_eq!(seen.text(), r#"{"client_id":"demo-client","token":"a\"b","refresh_token":"a\"b"}"#);
            assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/api/oauth/demo/revoke"));
            assert_eq!(seen.header("content-type"), Some("application/json"));
        }
    }
    let mut form = loginradius(&server);
    form.set_encoding(Encoding::Form);
    client(&form).revoke("a b", Hint::Refresh).expect("an answer");
    assert_eq!(only_request(&server).text(), "client_id=demo-client&token=a+b&refresh_token=a+b");
}

#[test]
fn other_servers_are_sent_the_form_of_rfc_7009() {
    let server = Standin::start();
    for way in WAYS {
        for (hint, more) in [
            (Hint::None, ""),
            (Hint::Access, "&token_type_hint=access_token"),
            (Hint::Refresh, "&token_type_hint=refresh_token"),
        ] {
            way(&client(&revoking_at(&server, "/revoke")), "a+b", hint).expect("an answer");
            let seen = only_request(&server);
            assert_eq!(seen.text(), format!("client_id=demo-client&token=a%2Bb{more}"));
            assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
        }
    }
    let mut json = revoking_at(&server, "/revoke");
    json.set_encoding(Encoding::Json);
    json.set_scope("openid").expect("a scope");
    answer_at(&server, "/revoke", "200 OK", "", "");
    client(&json).revoke("a", Hint::Access).expect("an answer");
    let body = r#"{"client_id":"demo-client","token":"a","token_type_hint":"access_token"}"#;
    assert_eq!(only_request(&server).text(), body);
}

#[test]
fn the_application_proves_itself_in_each_way() {
    let server = Standin::start();
    for (method, start) in
        [(SecretMethod::Post, "client_id=secret-client&client_secret="), (SecretMethod::Basic, "token=")]
    {
        let mut options = with_secret(&server, "/token", method);
        options.set_endpoint(EndpointKind::Revoke, &format!("{}/revoke", server.https())).expect("a URL");
        for way in WAYS {
            way(&client(&options), "gone", Hint::None).expect("the secret is right");
            let seen = only_request(&server);
            assert!(seen.text().starts_with(start) && seen.text().ends_with("token=gone"), "{}", seen.text());
            assert_eq!(seen.header("authorization").is_some(), method == SecretMethod::Basic);
        }
    }
    let mut wrong = revoking_at(&server, "/revoke");
    wrong.set_secret("wrong", SecretMethod::Post).expect("a secret");
    for way in WAYS {
        let error = expect_reason(way(&client(&wrong), "gone", Hint::None), Reason::ClientRefused);
        assert!(error.message.contains(STILL), "{}", error.message);
    }
}

#[test]
fn a_503_says_that_the_token_is_still_valid_and_when_to_come_again() {
    let server = Standin::start();
    for options in [application(&server, "revoke-503"), revoking_at(&server, "/revoke-503")] {
        for way in WAYS {
            let error = expect_failure(
                way(&client(&options), "token", Hint::Refresh),
                Reason::ServerFault,
                Stage::Answer,
                true,
            );
            assert_eq!((error.http_status, error.retry_after_ms), (503, 7000), "{error:?}");
            assert!(error.retryable() && error.message.contains(STILL), "{}", error.message);
            only_request(&server);
        }
    }
}

#[test]
fn a_type_that_is_not_revoked_here_is_told() {
    let server = Standin::start();
    for options in [application(&server, "revoke-unsupported"), revoking_at(&server, "/revoke-unsupported")] {
        for way in WAYS {
            let result = way(&client(&options), "8f1e", Hint::Access);
            let error = expect_failure(result, Reason::RequestRefused, Stage::Answer, true);
            assert_eq!(error.oauth_error.as_deref(), Some("unsupported_token_type"));
            assert!(error.message.contains(STILL), "{}", error.message);
            only_request(&server);
        }
    }
}

#[test]
fn only_200_without_an_error_is_success() {
    let server = Standin::start();
    let client = client(&revoking_at(&server, "/revoke"));
    for (status, body, reason) in [
        ("200 OK", r#"{"error":"invalid_client"}"#, Reason::ClientRefused),
        ("200 OK", r#"{"ErrorCode":1217,"Message":"no"}"#, Reason::Unexplained),
        ("400 Bad", r#"{"error":"invalid_request"}"#, Reason::RequestRefused),
        ("401 No", r#"{"error":"invalid_client"}"#, Reason::ClientRefused),
        ("403 No", "<html>blocked</html>", Reason::Unexplained),
        ("404 No", "", Reason::NotFound),
        ("500 Oh", "", Reason::ServerFault),
        ("302 Found", "", Reason::RedirectRefused),
        ("202 Later", "", Reason::AnswerNotUnderstood),
        ("204 Nothing", "", Reason::AnswerNotUnderstood),
    ] {
        let headers = format!("Content-Type: text/html\r\nLocation: {}/stolen\r\n", server.https());
        answer_at(&server, "/revoke", status, &headers, body);
        for way in WAYS {
            let error = expect_reason(way(&client, "token", Hint::None), reason);
            assert!(error.message.contains(STILL), "{status} {body}: {}", error.message);
            assert_eq!(requests(&server), ["POST /revoke"]);
        }
    }
    for body in ["", "{}", "[]", "OK", r#"{"error":""}"#, r#"{"ErrorCode":0}"#] {
        answer_at(&server, "/revoke", "200 OK", "", body);
        for way in WAYS {
            way(&client, "token", Hint::None).unwrap_or_else(|error| panic!("{body}: {error:?}"));
        }
    }
}

#[test]
fn a_lost_answer_leaves_it_open_and_nothing_is_repeated() {
    let server = Standin::start();
    let client = client(&revoking_at(&server, "/revoke"));
    for way in WAYS {
        // On the connection of a request before it, too.
        way(&client, "token", Hint::None).expect("an answer");
        server.take_requests();
        for after in [After::Close, After::Cut, After::Reset] {
            server.script_path("/revoke", move |_, _| after);
            let result = way(&client, "token", Hint::None);
            let error = expect_failure(result, Reason::CutOffAfterSent, Stage::Receive, true);
            assert!(error.message.contains(STILL) && error.http_status == 0, "{error:?}");
            only_request(&server);
        }
        server.unscript();
    }
}

#[test]
fn a_server_without_revocation_is_not_asked() {
    let server = Standin::start();
    for way in WAYS {
        let error = expect_reason(way(&client(&generic(&server)), "token", Hint::None), Reason::Unsupported);
        assert_eq!((error.status(), error.stage, error.request_sent), (Status::Unsupported, Stage::Setup, false));
        assert!(error.message.contains("revocation endpoint"), "{}", error.message);
    }
    assert_eq!((requests(&server), server.connections()), (vec![], 0));
}

#[test]
fn what_is_no_token_is_not_sent_and_what_is_one_is_not_shown() {
    let server = Standin::start();
    let client = client(&revoking_at(&server, "/revoke"));
    for way in WAYS {
        refuses(way(&client, "", Hint::None), "token", "empty");
        refuses(way(&client, &"x".repeat(65_537), Hint::None), "token", "65537");
    }
    assert_eq!(requests(&server), [""; 0]);
    let body = r#"{"error":"invalid_request","error_description":"what is Canary-token?","more":"Canary-token"}"#;
    answer_at(&server, "/revoke", "400 Bad", "", body);
    for way in WAYS {
        let error = way(&client, "Canary-token", Hint::None).expect_err("a refusal");
        assert!(!texts(&error).contains("Canary"), "{}", texts(&error));
        assert_eq!(error.oauth_error.as_deref(), Some("invalid_request"));
    }
}
