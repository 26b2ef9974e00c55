//! The protected API, userinfo and the identity API.

use std::time::Duration;

use serde_json::{Value, json};
use standin::{API_KEY, Standin};

use crate::client::{Answer, Client};

const INVALID: &str = "Bearer error=\"invalid_token\"";
const SOON: Duration = Duration::from_secs(10);

fn code(answer: &Answer) -> Option<i64> {
    answer.json()["ErrorCode"].as_i64()
}

#[test]
fn the_echo_shows_the_request_but_not_the_token() {
    let standin = Standin::start();
    let mut client = Client::tls(&standin);
    let token = client.login("ada").member("access_token");
    let headers = format!("X-One: 1\r\nauthorization: bearer {token}\r\n");
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = client.call(method, "/api/echo?a=b", &headers, "what I said");
        assert_eq!(answer.status, 200, "{method}");
        assert!(!answer.body.contains(&token) && !answer.body.contains("uthorization"), "{}", answer.body);
        let echo = answer.json();
        assert_eq!([&echo["method"], &echo["target"], &echo["body"]], [method, "/api/echo?a=b", "what I said"]);
        assert!(echo["headers"].as_array().expect("a list").contains(&json!(["X-One", "1"])));
        assert_eq!(echo["user"], "ada");
        assert_eq!(echo["sub"].as_str().map(str::len), Some(32));
    }
    // The answer to HEAD has a length and no body: the next one is read right.
    client
        .stream
        .write_all(format!("HEAD /api/echo HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes())
        .expect("sent");
    let head = client.head().expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200 ") && !head.contains("Content-Length: 0"), "{head}");
    assert_eq!(client.get("/api/echo", &token).status, 200);
}

#[test]
fn the_api_refuses_tokens_that_do_not_work() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let token = client.login("ada").member("access_token");
    assert_eq!(client.get("/api/echo", &token).status, 200);
    assert_eq!(client.get("/api/lr", &token).json()["user"], "ada");
    let never = client.get("/api/always401", &token);
    assert_eq!((never.status, never.header("WWW-Authenticate")), (401, INVALID));

    let refused = |answer: Answer| (answer.status, answer.header("WWW-Authenticate").to_owned());
    let unauthorized = (401, INVALID.to_owned());
    assert_eq!(refused(client.get("/api/echo", "stranger")), unauthorized);
    assert_eq!(refused(client.call("POST", "/api/echo", "", "{}")), unauthorized, "no token at all");
    let stranger = client.get("/api/lr", "stranger");
    assert_eq!((stranger.status, code(&stranger)), (403, Some(905)));
    standin.expire_access();
    assert_eq!(refused(client.get("/api/echo", &token)), unauthorized);
    let expired = client.get("/api/lr", &token);
    assert_eq!((expired.status, code(&expired)), (403, Some(906)));
}

#[test]
fn the_api_answers_in_every_size() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let token = client.login("ada").member("access_token");
    let big = client.get("/api/big?bytes=100000", &token);
    assert_eq!((big.status, big.body.len()), (200, 100_000));
    let empty = client.get("/api/empty", &token);
    assert_eq!((empty.status, empty.body.as_str()), (204, ""));
    let away = client.get("/api/redirect", &token);
    assert_eq!((away.status, away.header("Location")), (302, "/api/echo"));
    assert_eq!(away.body, "It is elsewhere.");
    let away = client.get("/api/redirect?to=https%3A%2F%2F127.0.0.1%2Fx", &token);
    assert_eq!(away.header("Location"), "https://127.0.0.1/x");
    let slow = client.get("/api/slow?ms=1", &token);
    assert_eq!((slow.status, &slow.json()["user"]), (200, &json!("ada")));
    assert_eq!(client.get("/api/nothing", &token).status, 404);
}

#[test]
fn a_slow_answer_ends_with_its_client_and_with_the_stand_in() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let token = client.login("ada").member("access_token");
    let ask = format!("GET /api/slow?ms=3600000 HTTP/1.1\r\nAuthorization: Bearer {token}\r\n\r\n");
    let mut leaver = Client::plain(&standin);
    for client in [&mut client, &mut leaver] {
        client.stream.write_all(ask.as_bytes()).expect("sent");
    }
    assert!(standin.wait_requests(3, SOON));
    drop(leaver);
    assert!(standin.wait_open(1, SOON), "the one that left is still served");
    drop(standin);
    assert!(client.answer().is_err());
}

#[test]
fn userinfo_is_served_on_both_sides() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let token = client.login("ada").member("access_token");
    for target in ["/userinfo", "/tenant/a/userinfo", "/service/oidc/demo/userinfo"] {
        assert_eq!(client.get(target, &token).member("preferred_username"), "ada", "{target}");
        let refused = client.get(target, "stranger");
        assert_eq!((refused.status, refused.header("WWW-Authenticate")), (401, INVALID), "{target}");
    }
}

#[test]
fn the_identity_api_knows_three_wrong_keys() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let token = client.login("ada").member("access_token");
    let mut ask = |key: &str| {
        let answer = client.get(&format!("/identity/v2/auth/account{key}"), &token);
        (answer.status, code(&answer))
    };
    assert_eq!(ask(""), (403, Some(901)));
    assert_eq!(ask("?apikey=other"), (403, Some(901)));
    assert_eq!(ask(&format!("?apikey={API_KEY}x")), (403, Some(901)));
    assert_eq!(ask(&format!("?apikey={API_KEY}-920")), (400, Some(920)));
    assert_eq!(ask(&format!("?apikey={API_KEY}-922")), (400, Some(922)));
    assert_eq!(ask(&format!("?apikey={API_KEY}")), (200, None));
}

#[test]
fn a_token_is_validated_in_every_form() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let validate = format!("/identity/v2/auth/access_token/validate?apikey={API_KEY}");
    let mut ask = |user: &str| {
        let tokens = client.login(user);
        let answer = client.get(&validate, &tokens.member("access_token"));
        assert_eq!(answer.member("access_token"), tokens.member("access_token"), "{user}");
        (answer.json(), tokens.member("refresh_token"))
    };
    let date = |value: &Value| value.as_str().is_some_and(|text| text.ends_with("Z") && text.len() == 24);
    let (plain, _) = ask("ada");
    assert!(date(&plain["expires_in"]) && plain.get("refresh_token").is_none(), "{plain}");
    let near = |seconds: Option<u64>| seconds.is_some_and(|left| (800..=900).contains(&left));
    assert!(near(ask("validate:number").0["expires_in"].as_u64()));
    let (text, _) = ask("validate:text");
    assert!(near(text["expires_in"].as_str().and_then(|text| text.parse().ok())), "{text}");
    assert_eq!(ask("validate:never").0["expires_in"], "0001-01-01T00:00:00");
    let (with_refresh, refresh) = ask("validate:refresh");
    assert_eq!(with_refresh["refresh_token"], refresh);
    assert_eq!(client.login("validate:other").status, 401);
}

#[test]
fn an_invalidated_token_is_counted_and_ended() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let invalidate = format!("/identity/v2/auth/access_token/invalidate?apikey={API_KEY}");
    let kept = client.login("ada");
    let ended = client.login("ada");
    assert_eq!(client.get(&invalidate, &kept.member("access_token")).json()["IsPosted"], true);
    let with_refresh = format!("{invalidate}&preventRefresh=true");
    assert_eq!(client.get(&with_refresh, &ended.member("access_token")).json()["IsPosted"], true);
    assert_eq!(standin.grant_counts().invalidated, 2);
    assert_eq!(code(&client.get(&invalidate, &kept.member("access_token"))), Some(905));
    assert_eq!(standin.grant_counts().invalidated, 2, "a refusal is counted, too");
    assert_eq!(client.refresh(&kept.member("refresh_token")).status, 200);
    assert_eq!(client.refresh(&ended.member("refresh_token")).status, 403);
}
