//! Answers that are odd as HTTP, redirects, and the grants beside the password
//! grant: what each comes to. Answers that are wrong are rows of
//! tests/reliability, which tests/rows.rs runs.

mod common;

use std::time::{Duration, Instant};

use common::{client, expect_reason, expect_tokens, generic, loginradius, trusting, with_secret};
use ropc::oauth::{Encoding, EndpointKind, Options, Reason, SecretMethod, Stage, Status};
use standin::{After, CLIENT, PASSWORD, Standin};

use Reason::AnswerTooLarge;
use Status as S;

/// The faults that a login survives.
const HARMLESS: &[&str] = &["close_after", "reset_after", "trailing", "lf_only"];

/// Far less than the time limit of a login, far more than an answer takes: what
/// is over by then was ended by its own limit.
const WELL_BEFORE_THE_LIMIT: Duration = Duration::from_secs(10);

#[test]
fn harmless_oddities_sign_in_and_the_next_login_gets_its_own_answer() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for name in HARMLESS {
        let first = expect_tokens(client.login(&format!("fault:{name}"), PASSWORD));
        // A login on a connection that is just being closed is lost; see ROPC_LIMIT_IDLE_MS.
        let gone = !name.ends_with("_after") || server.wait_open(0, Duration::from_secs(10));
        assert!(gone, "{name}: the server did not hang up");
        // What was left on the connection must not answer this one.
        let second = expect_tokens(client.login("ada", PASSWORD));
        assert_ne!(first.access_token, second.access_token, "{name}");
    }
}

#[test]
fn a_redirect_is_reported_and_nothing_arrives_where_it_leads() {
    let server = Standin::start();
    for options in [loginradius(&server), generic(&server)] {
        let client = client(&options);
        for status in [300, 301, 302, 303, 304, 305, 307, 308, 399] {
            let target = format!("{}/stolen", server.http());
            server.script(move |wire, _| {
                let head = format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n");
                let _ = wire.write_all(head.as_bytes());
                After::Keep
            });
            let error = expect_reason(client.login("ada", PASSWORD), Reason::RedirectRefused);
            assert_eq!((error.status(), error.http_status), (S::Answer, status));
            assert!(error.request_sent && !error.retryable());
            let seen = server.take_requests();
            assert!(seen.len() == 1 && seen[0].tls && seen[0].path() != "/stolen", "{status}: {seen:?}");
        }
    }
}

#[test]
fn an_answer_that_comes_late_is_still_an_answer() {
    let server = Standin::start();
    expect_tokens(client(&loginradius(&server)).login("fault:delay_300", PASSWORD));
}

#[test]
fn sixteen_interim_answers_are_passed_over_and_no_more() {
    let server = Standin::start();
    // Sixteen of the long one nearly fill what is read at once.
    let long = format!("HTTP/1.1 103 Early Hints\r\nLink: </{}>\r\n\r\n", "x".repeat(985));
    let kinds = ["HTTP/1.1 100 Continue\r\n\r\n", &long].map(|interim| [1, 16, 17].map(|count| (interim, count)));
    for site in [server.https(), server.http()] {
        let client = client(&trusting(&server, Options::loginradius(&site, common::APP, CLIENT)));
        for (interim, count) in kinds.concat() {
            let interims = interim.repeat(count);
            server.script(move |wire, _| {
                if count > 16 {
                    // No answer follows: the client gives up by itself.
                    wire.write_all(interims.as_bytes()).expect("the client reads");
                    let _ = wire.read(&mut [0]);
                    return After::Close;
                }
                // What waits behind the interim answers is no part of them; of the
                // answer, neither the pieces of its head nor of its body are more.
                let body = format!(r#"{{"access_token":"{}","token_type":"Bearer"}}"#, "t".repeat(100_000));
                let frame = format!("X-Filler: {}\r\nContent-Length: {}", "f".repeat(3_000), body.len());
                wire.write_all(format!("{interims}HTTP/1.1 200 OK\r\n{frame}\r\n\r\n{body}").as_bytes())
                    .expect("the client reads");
                After::Keep
            });
            let (since, result) = (Instant::now(), client.login("ada", PASSWORD));
            let label = format!("{count} of {interim:.12} at {site}");
            match (result, count) {
                (Ok(_), ..=16) => {}
                (Err(error), 17) => {
                    assert_eq!((error.reason, error.stage), (AnswerTooLarge, Stage::Answer), "{label}: {error:?}");
                    assert!(error.request_sent && since.elapsed() < WELL_BEFORE_THE_LIMIT, "{label}: {error:?}");
                }
                (result, _) => panic!("{label}: {:?}", result.err()),
            }
            assert_eq!(server.take_requests().len(), 1, "{label}");
        }
    }
}

#[test]
fn a_captcha_is_answered_with_a_member_of_the_grant() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let login = [("username", "captcha"), ("password", PASSWORD)];
    expect_reason(client.grant("password", &login), Reason::Captcha);
    let robot = [&login[..], &[("g-recaptcha-response", "robot")]].concat();
    expect_reason(client.grant("password", &robot), Reason::Captcha);
    let human = [&login[..], &[("g-recaptcha-response", "human")]].concat();
    expect_tokens(client.grant("password", &human));
}

#[test]
fn exchange_token_trades_a_live_token_and_refuses_a_dead_one() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let first = expect_tokens(client.login("ada", PASSWORD));
    let second = expect_tokens(client.grant("exchange_token", &[("token", first.access_token.expose())]));
    assert_ne!(first.access_token, second.access_token);
    let error = expect_reason(client.grant("exchange_token", &[("token", "dead")]), Reason::TokenRefused);
    assert_eq!((error.status(), error.provider_code, error.http_status), (S::Refused, 905, 403));
    let elsewhere = common::client(&generic(&server));
    let error = expect_reason(elsewhere.grant("exchange_token", &[("token", "dead")]), Reason::UnsupportedGrant);
    assert_eq!((error.status(), error.http_status), (S::Client, 400));
}

#[test]
fn client_credentials_need_a_secret() {
    let server = Standin::start();
    let options = with_secret(&server, "/token", SecretMethod::Basic);
    let tokens = expect_tokens(client(&options).grant("client_credentials", &[]));
    assert!(tokens.refresh_token.is_none());
    for options in [generic(&server), loginradius(&server)] {
        let error = expect_reason(client(&options).grant("client_credentials", &[]), Reason::ClientRefused);
        assert_eq!((error.status(), error.oauth_error.as_deref()), (S::Client, Some("unauthorized_client")));
    }
}

#[test]
fn a_refresh_token_that_is_no_longer_good_is_a_refused_grant_and_no_wrong_password() {
    let server = Standin::start();
    for (options, code) in [(loginradius(&server), 1217), (generic(&server), 0)] {
        let client = client(&options);
        let tokens = expect_tokens(client.login("ada", PASSWORD));
        let refresh = tokens.refresh_token.expect("a refresh token");
        let params = [("refresh_token", refresh.expose())];
        expect_tokens(client.grant("refresh_token", &params));
        let error = expect_reason(client.grant("refresh_token", &params), Reason::GrantRefused);
        assert_eq!((error.status(), error.provider_code), (S::Refused, code));
    }
}

#[test]
fn a_client_that_is_unknown_or_misplaced_is_told_so() {
    let server = Standin::start();
    let (https, trusted) = (server.https(), |options| trusting(&server, options));
    let mut wrong_secret = trusted(Options::oauth2(&format!("{https}/token"), standin::SECRET_CLIENT));
    wrong_secret.set_secret("wrong", SecretMethod::Post).expect("a secret");
    let mut form_as_json = generic(&server);
    form_as_json.set_encoding(Encoding::Json);
    let mut nowhere = loginradius(&server);
    nowhere.set_endpoint(EndpointKind::Token, &format!("{https}/nowhere")).expect("a URL");
    let rows = [
        (trusted(Options::oauth2(&format!("{https}/token"), "nobody")), S::Client, Reason::ClientRefused, 401),
        (wrong_secret, S::Client, Reason::ClientRefused, 401),
        (trusted(Options::loginradius(&https, "no-app", CLIENT)), S::Client, Reason::ClientRefused, 403),
        (form_as_json, S::Client, Reason::RequestRefused, 400),
        (nowhere, S::Client, Reason::NotFound, 404),
    ];
    for (options, status, reason, http) in rows {
        let error = expect_reason(client(&options).login("ada", PASSWORD), reason);
        assert_eq!((error.status(), error.http_status), (status, http), "{error:?}");
    }
}
