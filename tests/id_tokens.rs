//! ID tokens of a server, verified through a client: when its keys are
//! fetched, what a fetch that fails comes to, and that the tokens of a real
//! sign-in pass. The rules for one token have tests beside them in the source.

mod common;

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use common::after::{self, answer, answer_at, requests, say, taken};
use common::issued::{self, claims, id_token, issuing};
use common::session::Time;
use common::trouble::{SOON, expect_failure, patient, soon, started};
use common::{client, expect_reason, expect_tokens, loginradius, refuses};
use ropc::oauth::{AppKind, Client, EndpointKind, Error, Limit, Options, Reason, Request, Secret, Stage, Tokens};
use serde_json::{Value, json};
use standin::{After, PASSWORD, Standin};

type Way = fn(&Client, &str, Option<&str>, Option<&str>) -> Result<Secret, Error>;

/// The call that blocks, and its twin: ID token, access token, nonce.
const WAYS: [Way; 2] = [
    |client, id, access, nonce| soon(|| client.verify_id_token(id, access, nonce)),
    |client, id, access, nonce| taken(client.request_verify_id_token(id, access, nonce), Request::take_text),
];

/// Verifies in the first way, with nothing beside.
fn verify(client: &Client, id: &str) -> Result<Secret, Error> {
    WAYS[0](client, id, None, None)
}

#[track_caller]
fn passes(client: &Client, id: &str) -> Value {
    let claims = verify(client, id).unwrap_or_else(|error| panic!("refused: {error:?}"));
    serde_json::from_str(claims.expose()).expect("JSON")
}

/// A client of the stand-in as issuer, and its clock.
fn verifier(server: &Standin) -> (Client, Arc<Time>) {
    let (mut options, time) = (issuing(server), Time::new());
    options.set_clock(time.clock());
    (client(&options), time)
}

fn good(server: &Standin) -> String {
    id_token(server, json!({"exp": issued::now_at() + 366 * 24 * 3600}), false)
}

/// One that names a key which the server never had.
fn invented(server: &Standin, kid: &str) -> String {
    let header = json!({"alg": "RS256", "kid": kid}).to_string();
    server.sign_jwt(&header, &claims(server, json!({})), false)
}

fn both(tokens: &Tokens) -> (&str, &str) {
    (tokens.id_token.as_ref().expect("an ID token").expose(), tokens.access_token.expose())
}

/// The end of a request that was started.
fn taken_now(request: &Request) -> Result<Option<Secret>, Error> {
    request.wait(2 * SOON);
    request.take_text()
}

/// How often the keys were fetched, and nothing else was asked.
#[track_caller]
fn fetches(server: &Standin) -> usize {
    let requests = requests(server);
    assert!(requests.iter().all(|line| line == "GET /jwks"), "{requests:?}");
    requests.len()
}

#[test]
fn keys_are_fetched_once_and_by_a_bare_question() {
    let server = Standin::start();
    let (client, time) = verifier(&server);
    for at in 0..20 {
        for way in WAYS {
            let token = id_token(&server, json!({"number": at}), at % 2 == 0);
            let claims = way(&client, &token, None, None).expect("it is the server's");
            assert!(claims.expose().contains(&format!("\"number\":{at}")), "{}", claims.expose());
        }
        // For an hour.
        time.pass_ms(2 * 60_000);
    }
    let seen = server.take_requests();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].method.as_str(), seen[0].target.as_str()), ("GET", "/jwks"));
    assert!(seen[0].header("authorization").is_none() && seen[0].body.is_empty());
    time.pass_ms(20 * 60_000);
    passes(&client, &good(&server));
    assert_eq!(fetches(&server), 1);
}

#[test]
fn an_unknown_key_is_asked_for_once_a_minute() {
    let server = Standin::start();
    let (client, time) = verifier(&server);
    passes(&client, &good(&server));
    assert_eq!(fetches(&server), 1);
    for minute in 0..3 {
        for at in 0..20 {
            let way = WAYS[at % 2];
            let token = invented(&server, &format!("invented {minute} {at}"));
            let error = expect_failure(way(&client, &token, None, None), Reason::IdTokenKey, Stage::Answer, false);
            assert!(!error.message.contains("invented"), "{}", error.message);
            passes(&client, &good(&server));
        }
        // The first minute began with the fetch above.
        assert_eq!(fetches(&server), usize::from(minute > 0));
        time.pass_ms(60_000);
    }
}

/// Has the server keep its keys to itself until what this returns is dropped.
fn hold_keys(server: &Standin) -> Sender<()> {
    let (release, held) = channel();
    let held = Mutex::new(held);
    server.script_path("/jwks", move |_, _| {
        // An error is the end of the sender.
        let _ = held.lock().expect("nobody panics").recv();
        After::Answer
    });
    release
}

#[test]
fn those_who_need_keys_at_once_wait_for_one_fetch() {
    let server = Standin::start();
    let client = client(&patient(issuing(&server)));
    let token = good(&server);
    let release = hold_keys(&server);
    let first = started(client.request_verify_id_token(&token, None, None));
    assert!(server.wait_requests(1, SOON));
    let ready = Barrier::new(9);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                ready.wait();
                passes(&client, &token)
            });
        }
        ready.wait();
        // Who fetches may go: another does it in its place.
        first.cancel().expect("ours");
        assert!(server.wait_requests(2, SOON));
        drop(release);
    });
    expect_reason(soon(|| taken_now(&first)), Reason::Cancelled);
    assert_eq!(fetches(&server), 2);
}

#[test]
fn who_waits_for_the_fetch_of_another_can_be_cancelled() {
    let server = Standin::start();
    let client = client(&patient(issuing(&server)));
    let token = good(&server);
    let release = hold_keys(&server);
    let first = started(client.request_verify_id_token(&token, None, None));
    assert!(server.wait_requests(1, SOON));
    // Nothing tells when one has begun to wait: each round gives it longer.
    for round in 0..10 {
        let waiting = started(client.request_verify_id_token(&token, None, None));
        (0..round * 200).for_each(|_| thread::yield_now());
        waiting.cancel().expect("ours");
        expect_reason(soon(|| taken_now(&waiting)), Reason::Cancelled);
    }
    drop(release);
    soon(|| taken_now(&first)).expect("it is the server's");
    assert_eq!(fetches(&server), 1);
}

#[test]
fn a_server_may_change_its_keys_at_any_time() {
    for keep_old in [true, false] {
        let server = Standin::start();
        let (client, time) = verifier(&server);
        let old = good(&server);
        passes(&client, &old);
        time.pass_ms(61_000);
        server.rotate_keys(keep_old);
        // Nobody has told the client yet.
        passes(&client, &old);
        assert_eq!(fetches(&server), 1);
        for es256 in [false, true] {
            passes(&client, &id_token(&server, json!({}), es256));
        }
        assert_eq!(fetches(&server), 1);
        match keep_old {
            true => drop(passes(&client, &old)),
            false => drop(expect_reason(verify(&client, &old), Reason::IdTokenKey)),
        }
        assert_eq!(fetches(&server), 0);
    }
}

#[test]
fn old_keys_serve_for_a_day_while_no_newer_ones_can_be_had() {
    let server = Standin::start();
    let (client, time) = verifier(&server);
    let token = good(&server);
    passes(&client, &token);
    answer_at(&server, "/jwks", "503 Busy", "", "");
    for _ in 0..23 {
        time.pass_ms(3_600_000);
        passes(&client, &token);
        // Known, but old: asked for again, and not more than once a minute.
        passes(&client, &token);
    }
    assert_eq!(fetches(&server), 24);
    // A key that is not known is not made up for.
    time.pass_ms(61_000);
    let error = expect_failure(verify(&client, &invented(&server, "x")), Reason::ServerFault, Stage::Answer, true);
    assert_eq!(error.http_status, 503);
    time.pass_ms(3_600_000);
    expect_reason(verify(&client, &token), Reason::ServerFault);
    server.unscript();
    passes(&client, &token);
}

#[test]
fn keys_that_cannot_be_had_or_read_prove_nothing() {
    let server = Standin::start();
    let many: Vec<Value> = (0..101).map(|at| json!({"kty": "oct", "kid": at.to_string()})).collect();
    let location = format!("Location: {}/tenant/a/jwks\r\n", server.https());
    for (status, body, reason) in [
        ("404 Not Found", String::new(), Reason::NotFound),
        ("500 Oh", String::new(), Reason::ServerFault),
        ("302 Found", String::new(), Reason::RedirectRefused),
        ("200 OK", "<html>Sign in to the wifi</html>".to_owned(), Reason::AnswerNotUnderstood),
        ("200 OK", String::new(), Reason::AnswerNotUnderstood),
        ("200 OK", "[]".to_owned(), Reason::AnswerNotUnderstood),
        ("200 OK", "{}".to_owned(), Reason::AnswerNotUnderstood),
        ("200 OK", r#"{"keys":{}}"#.to_owned(), Reason::AnswerNotUnderstood),
        ("200 OK", format!(r#"{{"keys":[],"more":"{}"}}"#, "x".repeat(256 * 1024)), Reason::AnswerTooLarge),
        ("200 OK", json!({"keys": many}).to_string(), Reason::AnswerTooLarge),
    ] {
        answer_at(&server, "/jwks", status, &location, &body);
        for way in WAYS {
            let (client, _) = verifier(&server);
            // There are no old ones, so each token asks.
            for _ in 0..2 {
                let error = expect_failure(way(&client, &good(&server), None, None), reason, Stage::Answer, true);
                assert_eq!(error.http_status.to_string(), status[..3], "{error:?}");
                assert_eq!(fetches(&server), 1);
            }
        }
    }
    answer_at(&server, "/jwks", "200 OK", "", r#"{"keys":[]}"#);
    expect_reason(verify(&verifier(&server).0, &good(&server)), Reason::IdTokenKey);
    answer_at(&server, "/jwks", "200 OK", "", &server.key_set());
    let mut small = issuing(&server);
    small.set_limit(Limit::AnswerBytes, 1024).expect("a limit");
    // The stand-in's set is smaller.
    passes(&client(&small), &good(&server));
    answer_at(&server, "/jwks", "200 OK", "", &format!("{}{}", server.key_set(), " ".repeat(1024)));
    expect_reason(verify(&client(&small), &good(&server)), Reason::AnswerTooLarge);
}

#[test]
fn keys_come_over_tls() {
    let server = Standin::start();
    expect_reason(issuing(&server).set_endpoint(EndpointKind::Jwks, "http://192.0.2.7/jwks"), Reason::PlainHttp);
    let mut named = issuing(&server);
    named.set_endpoint(EndpointKind::Jwks, "http://keys.test/jwks").expect("a name may be anywhere");
    named.set_lookup(Arc::new(|_| Ok(vec![[192, 0, 2, 7].into()])));
    for way in WAYS {
        let error = expect_reason(way(&client(&named), &good(&server), None, None), Reason::PlainHttp);
        assert!(!error.request_sent, "{error:?}");
    }
}

#[test]
fn a_sign_in_at_loginradius_passes_with_either_kind_of_key() {
    for es256 in [false, true] {
        let server = Standin::builder().sign_with_es256(es256).start();
        let mut options = loginradius(&server);
        options.set_app_kind(AppKind::Oidc).expect("LoginRadius");
        let issuer = format!("{}/service/oidc/demo", server.https());
        options.set_issuer(&issuer).expect("an issuer");
        let client = client(&options);
        let (first, second) =
            (expect_tokens(client.login("ada", PASSWORD)), expect_tokens(client.login("ada", PASSWORD)));
        let (id, access) = both(&first);
        for way in WAYS {
            let claims = way(&client, id, Some(access), None).expect("the server's own");
            let claims: Value = serde_json::from_str(claims.expose()).expect("JSON");
            assert_eq!((&claims["iss"], &claims["preferred_username"]), (&json!(issuer), &json!("ada")));
            // Without an access token there is nothing to compare.
            way(&client, id, None, None).expect("the server's own");
            let error = expect_reason(way(&client, id, Some(both(&second).1), None), Reason::IdTokenAccess);
            assert!(!error.request_sent && error.http_status == 0, "{error:?}");
            // The access token is a JWT of the same server, and no ID token.
            expect_reason(way(&client, access, None, None), Reason::IdTokenMalformed);
        }
        let renewed = expect_tokens(client.refresh(first.refresh_token.as_ref().expect("one").expose()));
        passes(&client, both(&renewed).0);
        // Another string is another issuer.
        options.set_issuer(&format!("{issuer}/")).expect("an issuer");
        expect_reason(verify(&common::client(&options), id), Reason::IdTokenIssuer);
        let all = requests(&server);
        assert_eq!(all.iter().filter(|line| *line == "GET /service/oidc/demo/jwks").count(), 2, "{all:?}");
    }
}

#[test]
fn a_nonce_comes_back_from_the_sign_in_it_was_sent_with() {
    let server = Standin::start();
    let client = client(&issuing(&server));
    let params = |nonce| [("username", "ada"), ("password", PASSWORD), ("nonce", nonce)];
    let tokens = expect_tokens(client.grant("password", &params("n-0S6_WzA2Mj")));
    let without = expect_tokens(client.login("ada", PASSWORD));
    for way in WAYS {
        let (id, access) = both(&tokens);
        way(&client, id, Some(access), Some("n-0S6_WzA2Mj")).expect("its own");
        // Who sent none does not compare.
        way(&client, id, Some(access), None).expect("its own");
        for nonce in ["another", "n-0S6_WzA2MJ", "n-0S6_WzA2Mj "] {
            expect_reason(way(&client, id, Some(access), Some(nonce)), Reason::IdTokenNonce);
        }
        expect_reason(way(&client, both(&without).0, None, Some("n-0S6_WzA2Mj")), Reason::IdTokenNonce);
    }
}

#[test]
fn a_token_ends_by_the_clock_of_the_client() {
    let server = Standin::start();
    let (client, time) = verifier(&server);
    let token = id_token(&server, json!({}), false);
    passes(&client, &token);
    // It lives for five minutes, and a minute of difference is allowed.
    time.pass_s(355);
    passes(&client, &token);
    time.pass_s(6);
    expect_reason(verify(&client, &token), Reason::IdTokenExpired);
    time.move_wall_s(-3600);
    expect_reason(verify(&client, &token), Reason::IdTokenEarly);
    assert_eq!(fetches(&server), 1);
}

#[test]
fn what_cannot_be_right_asks_nobody() {
    let server = Standin::start();
    let client = client(&issuing(&server));
    let header = |header: &str| server.sign_jwt(header, &claims(&server, json!({})), false);
    for way in WAYS {
        for (token, reason) in [
            ("no JWT".to_owned(), Reason::IdTokenMalformed),
            ("a.b.c.d.e".to_owned(), Reason::IdTokenMalformed),
            (format!("{}.x", good(&server)), Reason::IdTokenMalformed),
            (header(r#"{"alg":"none"}"#), Reason::IdTokenAlgorithm),
            (header(r#"{"alg":"HS256","kid":"standin-1"}"#), Reason::IdTokenAlgorithm),
            (header(r#"{"alg":"RS256","typ":"at+jwt"}"#), Reason::IdTokenMalformed),
        ] {
            let error = expect_failure(way(&client, &token, None, None), reason, Stage::Answer, false);
            assert_eq!(error.http_status, 0, "{error:?}");
        }
        refuses(way(&client, "", None, None), "id_token", "empty");
        refuses(way(&client, &"x".repeat(65_537), None, None), "id_token", "65537");
        refuses(way(&client, "x", Some(""), None), "access_token", "empty");
        refuses(way(&client, "x", None, Some("")), "nonce", "empty");
        refuses(way(&client, "x", None, Some(&"x".repeat(4097))), "nonce", "4097");
    }
    assert_eq!((requests(&server), server.connections()), (vec![], 0));
}

#[test]
fn an_issuer_and_a_place_of_keys_are_needed() {
    let server = Standin::start();
    let mut options = common::generic(&server);
    for way in WAYS {
        refuses(way(&client(&options), &good(&server), None, None), "issuer", "ropc_options_set_issuer()");
    }
    options.set_issuer(&server.https()).expect("an issuer");
    for way in WAYS {
        let result = way(&client(&options), &good(&server), None, None);
        let error = expect_failure(result, Reason::Unsupported, Stage::Setup, false);
        assert!(error.message.contains("key endpoint"), "{}", error.message);
    }
    assert_eq!((requests(&server), server.connections()), (vec![], 0));
}

#[test]
fn clients_do_not_share_keys_and_a_forged_token_shows_nowhere() {
    let server = Standin::start();
    let (one, other) = (verifier(&server).0, verifier(&server).0);
    passes(&one, &good(&server));
    passes(&other, &good(&server));
    assert_eq!(fetches(&server), 2);
    let canary = id_token(&server, json!({"sub": "Canary", "nonce": "Canary", "aud": "x"}), false);
    let error = expect_reason(WAYS[0](&one, &canary, None, Some("Canary-nonce")), Reason::IdTokenAudience);
    let (_, rest) = canary.split_once('.').expect("a JWT");
    let shown = after::texts(&error);
    assert!(!shown.contains("Canary") && !shown.contains(&rest[..20]), "{shown}");
}

#[test]
fn a_cancel_ends_a_fetch() {
    let server = Standin::start();
    let options: Options = patient(issuing(&server));
    let client = client(&options);
    let set = answer("200 OK", "", &server.key_set());
    server.script_path("/jwks", move |wire, _| if wire.client_stays(SOON) { say(wire, &set) } else { After::Close });
    let token = good(&server);
    let request = started(client.request_verify_id_token(&token, None, None));
    assert!(server.wait_requests(1, SOON));
    client.cancel();
    expect_failure(soon(|| taken_now(&request)), Reason::Cancelled, Stage::Receive, true);
    // It did not become a fetch that failed for the others.
    server.unscript();
    passes(&client, &token);
}
