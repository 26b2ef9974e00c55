//! What may follow a login: userinfo, and LoginRadius' identity calls. Each in
//! one call and beside the program: what is sent, once, and what each answer
//! comes to.

mod common;

use std::time::{SystemTime, UNIX_EPOCH};

use common::after::{Lines, answer_at, only_request, requests, taken, texts};
use common::session::identity;
use common::trouble::{SOON, expect_failure, patient, soon, started};
use common::{client, expect_reason, expect_tokens, generic, loginradius, refuses};
use ropc::oauth::{
    AppKind, Client, EndpointKind, Error, Hint, Options, Reason, Request, Secret, Stage, Status, Tokens,
};
use serde_json::{Value, json};
use standin::{API_KEY, After, PASSWORD, Standin};

/// An operation with an access token, and what it yielded as JSON.
type Way = fn(&Client, &str) -> Result<Value, Error>;

fn value(text: Secret) -> Value {
    serde_json::from_str(text.expose()).expect("JSON")
}

/// What validation says.
fn told(tokens: Tokens) -> Value {
    json!({"access_token": tokens.access_token.expose(), "expires_at": tokens.expires_at})
}

const USERINFO: [Way; 2] = [
    |client, token| soon(|| client.userinfo(token)).map(value),
    |client, token| taken(client.request_userinfo(token), Request::take_text).map(value),
];
const PROFILE: [Way; 2] = [
    |client, token| soon(|| client.profile(token, None)).map(value),
    |client, token| taken(client.request_profile(token, None), Request::take_text).map(value),
];
const VALIDATE: [Way; 2] = [
    |client, token| soon(|| client.validate(token)).map(told),
    |client, token| taken(client.request_validate(token), Request::take_tokens).map(told),
];
const INVALIDATE: [Way; 2] = [
    |client, token| soon(|| client.invalidate(token)).map(|()| Value::Null),
    |client, token| taken(client.request_invalidate(token), Request::take_done).map(|()| Value::Null),
];

/// All of them.
fn ways() -> impl Iterator<Item = Way> {
    [USERINFO, PROFILE, VALIDATE, INVALIDATE].into_iter().flatten()
}

const USERINFO_PATH: &str = "/service/oidc/demo/userinfo";
const PROFILE_PATH: &str = "/identity/v2/auth/account";
const VALIDATE_PATH: &str = "/identity/v2/auth/access_token/validate";
const INVALIDATE_PATH: &str = "/identity/v2/auth/access_token/invalidate";

/// An OpenID Connect application of LoginRadius', which has all four.
fn oidc(server: &Standin) -> Options {
    let mut options = identity(loginradius(server), server);
    options.set_app_kind(AppKind::Oidc).expect("LoginRadius");
    options
}

/// Ada's access token; what its login sent is forgotten.
#[track_caller]
fn token_of(server: &Standin, client: &Client, user: &str) -> String {
    let tokens = expect_tokens(client.login(user, PASSWORD));
    server.take_requests();
    tokens.access_token.expose().to_owned()
}

#[test]
fn userinfo_is_what_the_server_says() {
    let server = Standin::start();
    let mut other = generic(&server);
    other.set_endpoint(EndpointKind::Userinfo, &format!("{}/userinfo", server.https())).expect("a URL");
    for (options, path) in [(oidc(&server), USERINFO_PATH), (other, "/userinfo")] {
        let client = client(&options);
        let token = token_of(&server, &client, "ada");
        for way in USERINFO {
            let who = way(&client, &token).expect("who it is");
            assert_eq!(who["preferred_username"], "ada", "{who}");
            let seen = only_request(&server);
            assert_eq!((seen.method.as_str(), seen.target.as_str(), seen.text()), ("GET", path, String::new()));
            // Every header there is, and no API key in any.
            let mut names: Vec<_> = seen.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
            names.sort();
            assert_eq!(names, ["accept", "authorization", "host", "user-agent"]);
            assert_eq!(seen.header("authorization"), Some(format!("Bearer {token}").as_str()));
        }
    }
    // The text is passed on as it came, byte for byte.
    answer_at(
        &server,
        USERINFO_PATH,
        "200 OK",
        "Content-Type: text/html\r\n",
        "{ \"sub\" : \"\\u0061\" ,\"x\":[1.50] }",
    );
    let text = client(&oidc(&server)).userinfo("token").expect("an object");
    assert_eq!(text.expose(), "{ \"sub\" : \"\\u0061\" ,\"x\":[1.50] }");
}

#[test]
fn a_refused_access_token_is_told_however_it_is_written() {
    let server = Standin::start();
    let client = client(&oidc(&server));
    for way in USERINFO {
        let error = expect_failure(way(&client, "gone"), Reason::TokenRefused, Stage::Answer, true);
        assert_eq!((error.http_status, error.oauth_error.as_deref()), (401, Some("invalid_token")));
        for headers in ["Content-Type: text/html\r\n", "", "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"] {
            for body in [r#"{"error":"invalid_token"}"#, "", "<html>no</html>", "{}"] {
                answer_at(&server, USERINFO_PATH, "401 No", headers, body);
                let error = expect_reason(way(&client, "gone"), Reason::TokenRefused);
                assert_eq!((error.http_status, error.status()), (401, Status::Refused), "{error:?}");
            }
        }
        server.unscript();
    }
    server.take_requests();
    for way in [PROFILE, VALIDATE, INVALIDATE].into_iter().flatten() {
        let error = expect_failure(way(&client, "gone"), Reason::TokenRefused, Stage::Answer, true);
        assert_eq!((error.http_status, error.provider_code), (403, 905), "{error:?}");
        only_request(&server);
    }
    let token = token_of(&server, &client, "ada");
    server.expire_access();
    for way in [PROFILE, VALIDATE, INVALIDATE].into_iter().flatten() {
        assert_eq!(expect_reason(way(&client, &token), Reason::TokenRefused).provider_code, 906);
    }
}

#[test]
fn what_is_no_json_object_tells_nobody_who_it_is() {
    let server = Standin::start();
    let client = client(&oidc(&server));
    for (ways, path) in [(USERINFO, USERINFO_PATH), (PROFILE, PROFILE_PATH), (VALIDATE, VALIDATE_PATH)] {
        for (status, body, reason) in [
            ("200 OK", "<html>Sign in to the wifi</html>", Reason::AnswerNotUnderstood),
            ("200 OK", "", Reason::AnswerNotUnderstood),
            ("200 OK", r#"["sub"]"#, Reason::AnswerNotUnderstood),
            ("200 OK", r#"{"sub":"a","sub":"b"}"#, Reason::AnswerNotUnderstood),
            ("200 OK", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", Reason::AnswerNotUnderstood),
            ("200 OK", r#"{"error":"invalid_token"}"#, Reason::TokenRefused),
            ("200 OK", r#"{"ErrorCode":906}"#, Reason::TokenRefused),
            ("204 Nothing", "", Reason::AnswerNotUnderstood),
            ("403 No", "<html>blocked</html>", Reason::Unexplained),
            ("403 No", r#"{"error":"insufficient_scope"}"#, Reason::ScopeRefused),
            ("404 No", "", Reason::NotFound),
            ("429 Slow", "", Reason::RateLimited),
            ("502 Bad Gateway", "<html>oh</html>", Reason::ServerFault),
        ] {
            answer_at(&server, path, status, "Content-Type: text/html\r\n", body);
            for way in ways {
                let error = expect_failure(way(&client, "token"), reason, Stage::Answer, true);
                assert_eq!(error.http_status.to_string(), status[..3], "{error:?}");
            }
        }
    }
}

#[test]
fn the_profile_is_whole_or_some_of_its_fields() {
    let server = Standin::start();
    let client = client(&oidc(&server));
    let token = token_of(&server, &client, "ada");
    for way in PROFILE {
        let profile = way(&client, &token).expect("a profile");
        assert_eq!((&profile["UserName"], &profile["LastName"]), (&json!("ada"), &Value::Null));
        let seen = only_request(&server);
        assert_eq!(seen.target, "/identity/v2/auth/account?apikey=standin%2Dapi%2Dkey");
        assert_eq!(seen.header("authorization"), Some(format!("Bearer {token}").as_str()));
        assert!(seen.body.is_empty() && seen.header("content-type").is_none());
    }
    let fields = Some("Uid,Email");
    let twin = taken(client.request_profile(&token, fields), Request::take_text);
    for text in [client.profile(&token, fields), twin] {
        let profile = value(text.expect("a profile"));
        assert_eq!(profile.as_object().expect("an object").len(), 2, "{profile}");
    }
    for seen in server.take_requests() {
        assert!(seen.target.ends_with("?apikey=standin%2Dapi%2Dkey&fields=Uid%2CEmail"), "{}", seen.target);
    }
    // What would end the parameter, or add another.
    client.profile(&token, Some("a&apikey=b#é")).expect("a profile");
    assert_eq!(only_request(&server).query("fields").as_deref(), Some("a&apikey=b#é"));
    refuses(client.profile(&token, Some("")), "fields", "empty");
    refuses(client.request_profile(&token, Some(&"x".repeat(4097))), "fields", "4097");
    assert_eq!(requests(&server), [""; 0]);
}

#[test]
fn what_follows_a_long_request_line_is_whole() {
    let server = Standin::start();
    let mut options = oidc(&server);
    options.set_api_key(&"#".repeat(1024)).expect("a key");
    let client = client(&options);
    server.script_path(PROFILE_PATH, |wire, _| {
        let _ = wire.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        After::Keep
    });
    for fields in [1, 2_000, 4_000, 4_096] {
        for length in [1, 1_200, 4_500, 12_288] {
            let (fields, token) = (",".repeat(fields), "t".repeat(length));
            client.profile(&token, Some(&fields)).expect("an answer");
            let seen = only_request(&server);
            let label = format!("{} fields, {length} letters", fields.len());
            assert!(seen.header("authorization") == Some(&format!("Bearer {token}")), "{label}");
            assert_eq!(seen.query("fields"), Some(fields), "{label}");
            assert_eq!(seen.header("accept"), Some("application/json"), "{label}");
        }
    }
}

#[test]
fn validation_reads_every_form_of_date() {
    let server = Standin::start();
    let client = client(&oidc(&server));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64;
    for way in VALIDATE {
        for user in ["ada", "validate:number", "validate:text", "validate:never", "validate:refresh"] {
            let token = token_of(&server, &client, user);
            let valid = way(&client, &token).expect("it is valid");
            assert_eq!(valid["access_token"], token.as_str());
            let ends_at = valid["expires_at"].as_i64().expect("a number");
            match user {
                "validate:never" => assert_eq!(ends_at, 0),
                _ => assert!((now + 890..=now + 960).contains(&ends_at), "{user}: {ends_at}"),
            }
            assert_eq!(only_request(&server).path(), VALIDATE_PATH);
        }
    }
    let token = token_of(&server, &client, "validate:refresh");
    let tokens = expect_tokens(client.validate(&token));
    assert!(tokens.refresh_token.is_some() && tokens.token_type.is_empty(), "{tokens:?}");
}

#[test]
fn invalidate_ends_both_tokens_and_is_sent_once() {
    let server = Standin::start();
    let client = client(&oidc(&server));
    for way in INVALIDATE {
        let tokens = expect_tokens(client.login("ada", PASSWORD));
        server.take_requests();
        way(&client, tokens.access_token.expose()).expect("it is ended");
        let seen = only_request(&server);
        let query = "preventRefresh=true&apikey=standin%2Dapi%2Dkey";
        assert_eq!((seen.method.as_str(), seen.target), ("GET", format!("{INVALIDATE_PATH}?{query}")));
        expect_reason(client.userinfo(tokens.access_token.expose()), Reason::TokenRefused);
        expect_reason(client.refresh(tokens.refresh_token.expect("one").expose()), Reason::GrantRefused);
        server.take_requests();
    }
    assert_eq!(server.grant_counts().invalidated, 2);
}

#[test]
fn invalidate_needs_the_word_of_the_server() {
    let server = Standin::start();
    let client = client(&oidc(&server));
    for body in ["<html>Blocked</html>", "", "[]", "{}", r#"{"IsPosted":false}"#, r#"{"IsPosted":null}"#] {
        answer_at(&server, INVALIDATE_PATH, "200 OK", "Content-Type: text/html\r\n", body);
        for way in INVALIDATE {
            let error = expect_failure(way(&client, "token"), Reason::AnswerNotUnderstood, Stage::Answer, true);
            assert_eq!(error.http_status, 200, "{body}");
        }
    }
    answer_at(&server, INVALIDATE_PATH, "200 OK", "", r#"{"IsPosted":true}"#);
    for way in INVALIDATE {
        way(&client, "token").expect("the server says so");
    }
}

/// It is a GET, which others repeat without a thought.
#[test]
fn invalidate_is_sent_once_also_when_its_answer_is_lost() {
    let server = Standin::start();
    for after in [After::Close, After::Cut, After::Reset] {
        for way in INVALIDATE {
            let (cold, warm) = (client(&oidc(&server)), client(&oidc(&server)));
            warm.userinfo(&token_of(&server, &warm, "ada")).expect("a connection that is kept");
            for client in [cold, warm] {
                server.take_requests();
                server.script_path(INVALIDATE_PATH, move |_, _| after);
                let error = expect_failure(way(&client, "token"), Reason::CutOffAfterSent, Stage::Receive, true);
                assert_eq!(error.http_status, 0, "{error:?}");
                only_request(&server);
                server.unscript();
            }
        }
    }
}

#[test]
fn a_kept_connection_that_died_meanwhile_is_replaced_before_anything_is_sent() {
    let server = Standin::start();
    for way in INVALIDATE {
        let client = client(&oidc(&server));
        let token = token_of(&server, &client, "ada");
        client.userinfo(&token).expect("a connection that is kept");
        server.close_idle();
        server.take_requests();
        way(&client, &token).expect("it is ended");
        only_request(&server);
    }
    assert_eq!(server.grant_counts().invalidated, 2);
}

#[test]
fn the_api_key_goes_to_the_identity_host_and_into_no_text() {
    let key = "Canary-key &=#é+/";
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_app_kind(AppKind::Oidc).expect("LoginRadius");
    options.set_endpoint(EndpointKind::Identity, &format!("{}/base/", server.http())).expect("a URL");
    options.set_api_key(key).expect("a key");
    let lines = Lines::of(&mut options);
    let client = client(&options);
    let mut shown = format!("{options:?}");
    let tokens = expect_tokens(client.login("ada", PASSWORD));
    let token = tokens.access_token.expose();
    client.userinfo(token).expect("who it is");
    client.refresh(tokens.refresh_token.as_ref().expect("one").expose()).expect("new ones");
    client.revoke(token, Hint::Access).expect("it is revoked");
    expect_reason(client.verify_id_token(token, None, None), Reason::Argument);
    for seen in server.take_requests() {
        let raw = String::from_utf8_lossy(&seen.raw).into_owned();
        assert!(seen.tls && !raw.contains("Canary") && !raw.contains("apikey"), "{raw}");
    }
    // A server that says it again, and one that does not.
    let echo = json!({"ErrorCode": 901, "Message": format!("No {key}"), "Description": key, "more": key}).to_string();
    let paths = [PROFILE_PATH, VALIDATE_PATH, INVALIDATE_PATH];
    for (status, body) in [("403 No", echo.as_str()), ("200 OK", &echo), ("404 No", ""), ("307 There", "")] {
        for path in paths {
            let headers = format!("Location: {}/stolen\r\n", server.https());
            answer_at(&server, &format!("/base{path}"), status, &headers, body);
        }
        for way in [PROFILE, VALIDATE, INVALIDATE].into_iter().flatten() {
            shown += &texts(&way(&client, "token").expect_err("a refusal"));
        }
    }
    for seen in server.take_requests() {
        assert_eq!((seen.tls, seen.query("apikey").as_deref()), (false, Some(key)));
        assert!(paths.iter().any(|path| seen.path() == format!("/base{path}")), "{}", seen.target);
    }
    let log = lines.text();
    assert!(log.contains("/base/identity/v2/auth/account") && log.contains("userinfo: GET"), "{log}");
    shown += &log;
    assert!(!shown.contains("Canary") && !shown.contains("apikey"), "{shown}");
    assert!(!shown.contains(token), "{shown}");
}

#[test]
fn an_api_key_that_is_missing_or_refused_is_told() {
    let server = Standin::start();
    for way in [PROFILE, VALIDATE, INVALIDATE].into_iter().flatten() {
        let mut without = loginradius(&server);
        without.set_endpoint(EndpointKind::Identity, &server.https()).expect("a URL");
        refuses(way(&client(&without), "token"), "API key", "ropc_options_set_api_key()");
        assert_eq!((requests(&server), server.connections()), (vec![], 0));
    }
    for (end, status, code) in [("-wrong", 403, 901), ("-920", 400, 920), ("-922", 400, 922)] {
        let mut options = identity(loginradius(&server), &server);
        options.set_api_key(&format!("{API_KEY}{end}")).expect("a key");
        for way in [PROFILE, VALIDATE, INVALIDATE].into_iter().flatten() {
            let error = expect_failure(way(&client(&options), "token"), Reason::ClientRefused, Stage::Answer, true);
            assert_eq!((error.http_status, error.provider_code), (status, code), "{error:?}");
        }
    }
}

#[test]
fn a_server_without_such_an_endpoint_is_not_asked() {
    let server = Standin::start();
    let (other, oauth) = (client(&generic(&server)), client(&loginradius(&server)));
    let mut keyed = generic(&server);
    keyed.set_api_key(API_KEY).expect("a key");
    keyed.set_endpoint(EndpointKind::Identity, &server.https()).expect("a URL");
    for way in ways() {
        expect_failure(way(&other, "token"), Reason::Unsupported, Stage::Setup, false);
    }
    for way in USERINFO {
        let error = expect_failure(way(&oauth, "token"), Reason::Unsupported, Stage::Setup, false);
        assert!(error.message.contains("userinfo endpoint"), "{}", error.message);
    }
    for way in [PROFILE, VALIDATE, INVALIDATE].into_iter().flatten() {
        expect_failure(way(&client(&keyed), "token"), Reason::Unsupported, Stage::Setup, false);
    }
    assert_eq!((requests(&server), server.connections()), (vec![], 0));
}

#[test]
fn what_cannot_stand_in_a_header_is_not_sent() {
    let server = Standin::start();
    let client = client(&oidc(&server));
    for way in ways() {
        refuses(way(&client, ""), "access_token", "empty");
        refuses(way(&client, &"x".repeat(12_289)), "access_token", "12289");
        for byte in [" ", "\t", "\r\nX-Evil: 1", "\n", "\0", "\x7f", "é"] {
            let error = refuses(way(&client, &format!("Canary{byte}x")), "access_token", "byte");
            assert!(!texts(&error).contains("Canary"), "{error:?}");
        }
    }
    assert_eq!((requests(&server), server.connections()), (vec![], 0));
    let longest = "~".repeat(12_288);
    for way in ways() {
        expect_reason(way(&client, &longest), Reason::TokenRefused);
        assert_eq!(only_request(&server).header("authorization"), Some(format!("Bearer {longest}").as_str()));
    }
}

#[test]
fn a_redirect_gets_nothing() {
    let server = Standin::start();
    let client = client(&oidc(&server));
    let paths = [USERINFO_PATH, PROFILE_PATH, VALIDATE_PATH, INVALIDATE_PATH];
    for path in paths {
        let location = format!("Location: {}/stolen\r\n", server.https());
        answer_at(&server, path, "302 Found", &location, "");
    }
    for way in ways() {
        expect_failure(way(&client, "token"), Reason::RedirectRefused, Stage::Answer, true);
        assert!(paths.contains(&only_request(&server).path()));
    }
}

#[test]
fn a_cancel_comes_through() {
    let server = Standin::start();
    let client = client(&patient(oidc(&server)));
    server.script_path(USERINFO_PATH, |wire, _| if wire.client_stays(SOON) { After::Answer } else { After::Close });
    let request = started(client.request_userinfo("token"));
    assert!(server.wait_requests(1, SOON));
    client.cancel();
    let result = soon(|| {
        request.wait(2 * SOON);
        request.take_text()
    });
    expect_failure(result, Reason::Cancelled, Stage::Receive, true);
    only_request(&server);
}
