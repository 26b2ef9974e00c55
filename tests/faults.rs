//! Answers that are wrong as HTTP, redirects, waits, and the grants beside the
//! password grant: what each comes to, and that nothing is sent twice.

mod common;

use std::time::{Duration, Instant};

use common::{client, expect_reason, expect_tokens, generic, loginradius, trusting, with_secret};
use ropc::oauth::{Client, Encoding, EndpointKind, Error, Options, Reason, SecretMethod, Stage, Status};
use standin::{After, CLIENT, FAULTS, PASSWORD, Standin};

use Reason::{AnswerNotUnderstood, AnswerTooLarge, CutOffAfterSent, TimedOut};
use Status as S;

/// The faults that end a login, and how; the HTTP status where there is one.
#[rustfmt::skip]
const FAILURES: &[(&str, Status, Reason, u16)] = &[
    ("drop_before",      S::Io,          CutOffAfterSent,         0),
    ("cut_before",       S::Io,          CutOffAfterSent,         0),
    ("reset_before",     S::Io,          CutOffAfterSent,         0),
    ("half_head",        S::Io,          CutOffAfterSent,         0),
    ("truncate_length",  S::Io,          CutOffAfterSent,         0),
    ("truncate_chunked", S::Io,          CutOffAfterSent,         0),
    ("reset_body",       S::Io,          CutOffAfterSent,         0),
    ("no_close_notify",  S::Io,          CutOffAfterSent,         0),
    ("both_lengths",     S::Answer,      AnswerNotUnderstood,     0),
    ("two_lengths",      S::Answer,      AnswerNotUnderstood,     0),
    ("bad_status_line",  S::Answer,      AnswerNotUnderstood,     0),
    ("flood_body",       S::Answer,      AnswerTooLarge,          0),
    ("flood_chunked",    S::Answer,      AnswerTooLarge,          0),
    ("flood_headers",    S::Answer,      AnswerTooLarge,          0),
    ("flood_100",        S::Answer,      AnswerTooLarge,          0),
    ("status_101",       S::Answer,      AnswerNotUnderstood,     101),
    ("status_204",       S::Answer,      AnswerNotUnderstood,     204),
    // Not a proxy's 407: there is none.
    ("status_407",       S::Refused,     Reason::Unexplained,     407),
    ("gzip",             S::Answer,      AnswerNotUnderstood,     200),
    ("redirect_301",     S::Answer,      Reason::RedirectRefused, 301),
    ("redirect_302",     S::Answer,      Reason::RedirectRefused, 302),
    ("redirect_303",     S::Answer,      Reason::RedirectRefused, 303),
    ("redirect_307",     S::Answer,      Reason::RedirectRefused, 307),
    ("redirect_308",     S::Answer,      Reason::RedirectRefused, 308),
];

/// The faults that a login survives.
const HARMLESS: &[&str] = &["close_after", "reset_after", "trailing", "lf_only"];

/// The faults that have a test of their own.
const ELSEWHERE: &[&str] = &["delay_MS", "never", "drip", "retry_after_absurd", "retry_after_date"];

/// Far less than the time limit of a login, far more than an answer takes: what
/// is over by then was ended by its own limit.
const WELL_BEFORE_THE_LIMIT: Duration = Duration::from_secs(10);

/// Settings with a short time limit, for servers that never end.
fn short(server: &Standin) -> Options {
    let mut options = loginradius(server);
    options.set_timeouts(1000, 1000).expect("time limits");
    options
}

fn refused(client: &Client, fault: &str) -> Error {
    let result = client.login(&format!("fault:{fault}"), PASSWORD);
    result.err().unwrap_or_else(|| panic!("fault {fault} signed in"))
}

#[test]
fn every_fault_comes_to_its_reason_and_nothing_is_sent_twice() {
    for encrypted in [true, false] {
        let server = Standin::start();
        let site = if encrypted { server.https() } else { server.http() };
        let client = client(&trusting(&server, Options::loginradius(&site, common::APP, CLIENT)));
        for (name, status, reason, http) in FAILURES {
            if *name == "no_close_notify" && !encrypted {
                // Without TLS an answer that ends with its connection is whole.
                continue;
            }
            let since = Instant::now();
            let error = refused(&client, name);
            let label = format!("{name}, TLS {encrypted}: {error:?}");
            assert!(since.elapsed() < WELL_BEFORE_THE_LIMIT, "{label}, after {:?}", since.elapsed());
            assert_eq!((error.status(), error.reason()), (*status, *reason), "{label}");
            assert_eq!(error.http_status, *http, "{label}");
            assert!(error.request_sent, "{label}");
            assert_eq!(error.retryable(), *reason == CutOffAfterSent, "{label}");
            assert_eq!((error.provider_code, error.retry_after_ms, error.locked_until_at), (0, 0, 0), "{label}");
            let stage = if *status == S::Io { Stage::Receive } else { Stage::Answer };
            assert_eq!(error.stage, stage, "{label}");
            assert!(!error.message.contains(PASSWORD), "{label}");
            let seen = server.take_requests();
            assert_eq!(seen.len(), 1, "{label}: the password was sent {} times", seen.len());
            assert!(seen[0].path().ends_with("/token"), "{label}: went to {}", seen[0].path());
        }
        // A client that met all of that still signs in.
        expect_tokens(client.login("ada", PASSWORD));
    }
    for name in FAULTS {
        let lists = [FAILURES.iter().any(|row| row.0 == *name), HARMLESS.contains(name), ELSEWHERE.contains(name)];
        assert_eq!(lists.iter().filter(|&&held| held).count(), 1, "fault {name} is not held by one test");
    }
}

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
fn an_answer_that_never_ends_ends_with_the_time_limit() {
    let server = Standin::start();
    let client = client(&short(&server));
    for name in ["never", "drip"] {
        let since = Instant::now();
        let error = refused(&client, name);
        assert_eq!((error.status(), error.reason(), error.stage), (S::Timeout, TimedOut, Stage::Receive), "{name}");
        assert!(error.request_sent && error.retryable(), "{name}");
        assert!(since.elapsed() < Duration::from_secs(10), "{name}: {:?}", since.elapsed());
        assert_eq!(server.take_requests().len(), 1, "{name}");
    }
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
                    assert_eq!((error.reason(), error.stage), (AnswerTooLarge, Stage::Answer), "{label}: {error:?}");
                    assert!(error.request_sent && since.elapsed() < WELL_BEFORE_THE_LIMIT, "{label}: {error:?}");
                }
                (result, _) => panic!("{label}: {:?}", result.err()),
            }
            assert_eq!(server.take_requests().len(), 1, "{label}");
        }
    }
}

/// Heads whose lengths contradict each other or themselves, and why they are
/// refused. The body behind them has 46 bytes, so that a lenient reader would
/// sign in.
#[rustfmt::skip]
const BAD_FRAMES: &[(&str, Reason)] = &[
    ("Content-Length: -46", AnswerNotUnderstood),
    ("Content-Length: +46", AnswerNotUnderstood),
    ("Content-Length: 46 bytes", AnswerNotUnderstood),
    ("Content-Length: 0x2e", AnswerNotUnderstood),
    ("Content-Length: 46\r\nContent-Length: 45", AnswerNotUnderstood),
    ("Content-Length: 45\r\nContent-Length: 46", AnswerNotUnderstood),
    ("Content-Length: forty-six", AnswerNotUnderstood),
    ("Content-Length: 99999999999999999999999999", AnswerNotUnderstood),
    ("Transfer-Encoding: chunked\r\nContent-Length: 46", AnswerNotUnderstood),
    ("Content-Length: 46\r\nTransfer-Encoding: chunked", AnswerNotUnderstood),
    ("Transfer-Encoding: chunked", AnswerNotUnderstood),
    ("Transfer-Encoding: gzip, chunked", AnswerNotUnderstood),
];

#[test]
fn a_length_that_is_none_is_never_a_success() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let (mut found, mut expected) = (Vec::new(), Vec::new());
    for (frame, reason) in BAD_FRAMES {
        server.script(move |wire, _| {
            let body = r#"{"access_token":"t0ken","token_type":"Bearer"}"#;
            let _ = write!(wire, "HTTP/1.1 200 OK\r\n{frame}\r\n\r\n{body}");
            After::Close
        });
        let ended = client.login("ada", PASSWORD).map(|_| ());
        let ended = ended.map_err(|error| (error.status(), error.reason(), error.stage, error.request_sent));
        found.push((frame, ended));
        expected.push((frame, Err((S::Answer, *reason, Stage::Answer, true))));
    }
    assert_eq!(found, expected);
}

/// `Retry-After` as servers send it, with the milliseconds it means. The
/// answer's own clock says 21:40:14.
#[rustfmt::skip]
const WAITS: &[(&str, i64)] = &[
    ("7",                             7_000),
    ("0",                             0),
    ("86400",                         86_400_000),
    // More than a day is cut to a day.
    ("99999999999999999999999999",    86_400_000),
    ("Thu, 11 Oct 2018 21:40:44 GMT", 30_000),
    ("Thursday, 11-Oct-18 21:40:44 GMT", 30_000),
    ("Thu, 11 Oct 2018 21:40:04 GMT", 0),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400_000),
    ("-5",                            0),
    ("7.5",                           0),
    ("soon",                          0),
    ("",                              0),
];

#[test]
fn retry_after_is_read_in_every_form() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for (text, ms) in WAITS {
        for (http, status) in [(429, S::RateLimited), (503, S::Server), (403, S::Refused)] {
            server.script(move |wire, _| {
                let date = "Date: Thu, 11 Oct 2018 21:40:14 GMT";
                let head = format!("HTTP/1.1 {http} No\r\n{date}\r\nRetry-After: {text}\r\nContent-Length: 0\r\n\r\n");
                let _ = wire.write_all(head.as_bytes());
                After::Keep
            });
            let error = client.login("ada", PASSWORD).expect_err("a refusal");
            assert_eq!((error.status(), error.retry_after_ms), (status, *ms), "{text}");
            assert_eq!(error.server_date_at, 1_539_294_014, "{text}");
        }
    }
    server.unscript();
    let absurd = refused(&client, "retry_after_absurd");
    assert_eq!((absurd.reason(), absurd.retry_after_ms), (Reason::RateLimited, 86_400_000));
    let date = refused(&client, "retry_after_date");
    // The server reads its clock twice, and a second may end in between.
    assert!((29_000..=30_000).contains(&date.retry_after_ms), "{}", date.retry_after_ms);
    assert_eq!((date.status(), date.http_status), (S::RateLimited, 429));
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
