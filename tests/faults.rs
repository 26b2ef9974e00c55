//! Answers that are odd as HTTP, longer or wider than others, and redirects:
//! what each comes to. Answers that are wrong are rows of tests/reliability,
//! which tests/rows.rs runs.

mod common;

use std::time::{Duration, Instant};

use common::{client, expect_reason, expect_tokens, generic, loginradius, trusting};
use ropc::oauth::{Limit, Options, Reason, Stage, Status};
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
fn an_answer_of_50_mb_is_too_large_unless_the_limit_is_raised() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    let error = expect_reason(client(&options).login("variant:huge", PASSWORD), AnswerTooLarge);
    assert_eq!(error.status(), S::Answer, "{error:?}");
    assert!(error.request_sent && !error.retryable());
    options.set_limit(Limit::AnswerBytes, 64 << 20).expect("a limit");
    let tokens = expect_tokens(client(&options).login("variant:huge", PASSWORD));
    assert_eq!(tokens.extra("huge").map(str::len), Some((50 << 20) + 2));
}

#[test]
fn the_answer_limit_is_exact_with_and_without_a_stated_length() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_limit(Limit::AnswerBytes, 1024).expect("a limit");
    let client = client(&options);
    for (bytes, fits) in [(1024, true), (1025, false)] {
        for frame in [format!("Content-Length: {bytes}\r\nConnection: close"), "Connection: close".to_owned()] {
            let body = format!("{:<bytes$}", r#"{"access_token":"t0ken","token_type":"Bearer"}"#);
            server.script(move |wire, _| {
                let _ = write!(wire, "HTTP/1.1 200 OK\r\n{frame}\r\n\r\n{body}");
                After::Close
            });
            match client.login("ada", PASSWORD) {
                Ok(tokens) => assert!(fits && tokens.access_token.expose() == "t0ken", "{bytes}"),
                Err(error) => assert!(!fits && error.reason == AnswerTooLarge, "{bytes}: {error:?}"),
            }
        }
    }
}

#[test]
fn a_wide_answer_does_not_hold_the_call_past_its_limit() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_timeouts(2_000, 2_000).expect("limits");
    let members: Vec<String> = (0..100_000).map(|at| format!("\"{at}\":0")).collect();
    let body = format!("{{{}}}", members.join(","));
    server.script(move |wire, _| {
        let _ = write!(wire, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        After::Keep
    });
    let since = Instant::now();
    expect_reason(client(&options).login("ada", PASSWORD), Reason::AnswerNotUnderstood);
    assert!(since.elapsed() < WELL_BEFORE_THE_LIMIT, "{:?}", since.elapsed());
}
