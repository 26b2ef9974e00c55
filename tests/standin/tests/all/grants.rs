//! Lifetimes, rotation, and what becomes of tokens.

use std::time::Duration;

use serde_json::{Value, json};
use standin::{After, CLIENT, GrantCounts, Standin};

use crate::client::{Client, json_request};

pub fn refresh_request(token: &str) -> String {
    let body = json!({"client_id": CLIENT, "grant_type": "refresh_token", "refresh_token": token});
    json_request("/api/oauth/demo/token", &body)
}

fn revoke(client: &mut Client, target: &str, token: &str, hint: &str) -> (u16, String) {
    let body = format!("client_id={CLIENT}&token={token}&token_type_hint={hint}");
    let answer = client.post_form(target, "", &body);
    (answer.status, answer.body)
}

#[test]
fn a_lifetime_may_be_any_text_or_absent() {
    for text in ["-5", "1e300", "1e999", "\"3600\"", "\"soon\"", "99999999999999999999"] {
        let standin = Standin::builder().lifetime_text(text).start();
        let mut client = Client::plain(&standin);
        let first = client.login("ada");
        // With its name: "-5" alone may also be a piece of a token.
        let member = format!("\"expires_in\":{text},");
        assert!(first.body.contains(&member), "{}", first.body);
        let json: Value = serde_json::from_str(&first.body.replace(&member, "")).expect("JSON but for the text");
        let second = client.refresh(json["refresh_token"].as_str().expect("a token"));
        assert!(second.body.contains(&member), "{}", second.body);
    }
    let standin = Standin::builder().lifetime_text("").start();
    let answer = Client::plain(&standin).login("ada");
    assert!(answer.status == 200 && answer.json().get("expires_in").is_none(), "{}", answer.body);
    let standin = Standin::builder().access_lifetime_s(17).start();
    assert_eq!(Client::plain(&standin).login("ada").json()["expires_in"], 17);
}

#[test]
fn within_the_grace_a_spent_token_gets_its_answer_again() {
    let standin = Standin::builder().grace_ms(3_600_000).start();
    let mut client = Client::plain(&standin);
    let first = client.login("ada").member("refresh_token");
    let answer = client.refresh(&first);
    assert_eq!(client.refresh(&first).body, answer.body);
    // Not even a use of the new pair ends it.
    let second = answer.member("refresh_token");
    assert_eq!(client.refresh(&second).status, 200);
    assert_eq!(client.refresh(&first).body, answer.body);
    let counts = standin.grant_counts();
    assert_eq!((counts.refreshed, counts.reused, counts.graced, counts.refused), (2, 2, 2, 0));
    standin.kill_refresh();
    assert_eq!(client.refresh(&first).status, 403, "dead is dead");
}

#[test]
fn after_the_grace_it_is_reuse() {
    let standin = Standin::builder().grace_ms(1).start();
    let mut client = Client::plain(&standin);
    let first = client.login("ada").member("refresh_token");
    assert_eq!(client.refresh(&first).status, 200);
    // An answer that takes longer than the grace: a wait by event.
    let token = client.login("ada").member("access_token");
    assert_eq!(client.get("/api/slow?ms=20", &token).status, 200);
    assert_eq!(client.refresh(&first).status, 403);
    let counts = standin.grant_counts();
    assert_eq!((counts.reused, counts.graced, counts.dead_families), (1, 0, 1));
}

#[test]
fn earlier_access_tokens_live_on_unless_told_otherwise() {
    for one in [false, true] {
        let standin = Standin::builder().one_access(one).start();
        let mut client = Client::plain(&standin);
        let other = client.login("ada").member("access_token");
        let first = client.login("ada");
        let second = client.refresh(&first.member("refresh_token"));
        let mut alive = |token: &str| client.get("/api/echo", token).status == 200;
        assert_eq!(alive(&first.member("access_token")), !one);
        assert!(alive(&second.member("access_token")));
        assert!(alive(&other), "another login's token was ended");
    }
}

#[test]
fn everything_is_counted() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    assert_eq!(standin.grant_counts(), GrantCounts::default());
    let first = client.login("ada").member("refresh_token");
    client.login("ada");
    let second = client.refresh(&first).member("refresh_token");
    client.refresh(&first);
    client.refresh(&second);
    client.refresh("stranger");
    client.login("blocked");
    let wanted = GrantCounts {
        logins: 2,
        refreshed: 1,
        reused: 1,
        refused: 3,
        dead_families: 1,
        access_issued: 3,
        ..GrantCounts::default()
    };
    assert_eq!(standin.grant_counts(), wanted);
}

#[test]
fn access_and_refresh_tokens_end_apart() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let first = client.login("ada");
    standin.expire_access();
    assert_eq!(client.get("/api/echo", &first.member("access_token")).status, 401);
    let second = client.refresh(&first.member("refresh_token"));
    assert_eq!(second.status, 200);
    standin.kill_refresh();
    assert_eq!(client.refresh(&second.member("refresh_token")).json()["ErrorCode"], 1217);
    assert_eq!(client.get("/api/echo", &second.member("access_token")).status, 200);
    assert_eq!(standin.grant_counts().dead_families, 1);
    let after = client.login("ada").member("refresh_token");
    assert_eq!(client.refresh(&after).status, 200, "a later login is another one");
}

#[test]
fn so_many_answers_are_lost_and_no_more() {
    let standin = Standin::start();
    let mut tokens = Vec::new();
    for _ in 0..4 {
        tokens.push(Client::plain(&standin).login("ada").member("refresh_token"));
    }
    let send = |token: &str| Client::plain(&standin).send(&refresh_request(token)).map(|answer| answer.status).ok();
    standin.lose_refresh_answers(2);
    assert_eq!(send("stranger"), Some(403), "a refusal is not lost");
    assert_eq!(send(&tokens[0]), None);
    assert_eq!(send(&tokens[1]), None);
    assert_eq!(send(&tokens[2]), Some(200));
    assert_eq!(send(&tokens[0]), Some(403), "it was rotated all the same");
    assert_eq!(standin.grant_counts().refreshed, 3);
    standin.lose_refresh_answers(1);
    standin.lose_refresh_answers(0);
    assert_eq!(send(&tokens[3]), Some(200));
}

#[test]
fn both_kinds_are_revoked_whatever_the_hint() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    for hint in ["refresh_token", "access_token", "nonsense"] {
        let tokens = client.login("ada");
        let (access, refresh) = (tokens.member("access_token"), tokens.member("refresh_token"));
        assert_eq!(revoke(&mut client, "/revoke", &refresh, hint), (200, String::new()));
        assert_eq!(client.refresh(&refresh).status, 403, "{hint}");
        assert_eq!(client.get("/api/echo", &access).status, 200, "{hint}");
        assert_eq!(revoke(&mut client, "/revoke", &access, hint), (200, String::new()));
        assert_eq!(client.get("/api/echo", &access).status, 401, "{hint}");
    }
    // RFC 7009, 2.2: a token nobody knows is as good as revoked.
    assert_eq!(revoke(&mut client, "/revoke", "stranger", "").0, 200);
    assert_eq!(standin.grant_counts().revoked, 7);
}

#[test]
fn revocation_may_be_down_or_missing() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let token = client.login("ada").member("refresh_token");
    let body = format!("client_id={CLIENT}&token={token}");
    for target in ["/revoke-503", "/api/oauth/revoke-503/revoke"] {
        let answer = client.post_form(target, "", &body);
        assert_eq!((answer.status, answer.header("Retry-After")), (503, "7"), "{target}");
    }
    for target in ["/revoke-unsupported", "/api/oidc/revoke-unsupported/revoke"] {
        let answer = client.post_form(target, "", &body);
        assert_eq!((answer.status, answer.member("error").as_str()), (400, "unsupported_token_type"), "{target}");
    }
    assert_eq!(standin.grant_counts().revoked, 0);
    assert_eq!(client.refresh(&token).status, 200);
}

#[test]
fn a_script_takes_one_path() {
    let standin = Standin::start();
    let mut client = Client::tls(&standin);
    let say = |text: &'static str| {
        move |stream: &mut dyn standin::ReadWrite, _: &standin::Seen| {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
            stream.write_all(answer.as_bytes()).expect("the client reads");
            After::Keep
        }
    };
    standin.script_path("/jwks", say("one"));
    standin.script_path("/api/oauth/demo/token", say("two"));
    standin.script(say("three"));
    standin.script_path("/nowhere", |_, _| After::Answer);
    assert_eq!(client.get("/jwks?x=y", "").body, "one");
    assert_eq!(client.login("ada").body, "two");
    assert_eq!(client.post_json("/token", &json!({})).body, "three");
    assert_eq!(client.get("/tenant/a/jwks", "").json()["keys"].as_array().map(Vec::len), Some(2));
    assert_eq!(client.get("/nowhere", "").status, 404);
    standin.unscript();
    assert_eq!(client.get("/jwks", "").json()["keys"].as_array().map(Vec::len), Some(2));
    assert_eq!(client.login("ada").status, 200);
    assert!(standin.wait_requests(7, Duration::ZERO));
}
