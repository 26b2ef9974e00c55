//! What a session does when an API refuses its access token: one refresh, one
//! repeat for methods that may be repeated, and no more.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::after::{answer, answer_at, bare, requests, say, taken};
use common::expect_reason;
use common::session::{Site, WAIT_MS, token};
use common::trouble::{SOON, soon, started};
use ropc::oauth::{ApiCall, Error, Reason, Request, Response, Session, Status};
use standin::Standin;

type Way = fn(&Session, &ApiCall<'_>) -> Result<Response, Error>;

/// The call that blocks, and its twin.
const WAYS: [Way; 2] = [
    |session, ask| soon(|| session.call(ask)),
    |session, ask| taken(session.request_call(ask), Request::take_response),
];

/// Where LoginRadius' tokens are refreshed.
const TOKEN: &str = "POST /api/oauth/demo/token";

fn echo(site: &Site) -> String {
    format!("{}/api/echo", site.server.https())
}

/// A session whose token was good and is no longer, which only the API knows.
fn refused(site: &Site) -> Session {
    let session = site.login(None);
    site.server.expire_access();
    site.server.take_requests();
    session
}

/// Answers the first request to `path` by this, and the others as usual.
fn at_first(server: &Standin, path: &str, status: &str, body: &str) {
    let (count, first) = (AtomicUsize::new(0), answer(status, "Content-Type: text/html\r\n", body));
    server.script_path(path, move |wire, _| match count.fetch_add(1, Ordering::SeqCst) {
        0 => say(wire, &first),
        _ => standin::After::Answer,
    });
}

#[test]
fn methods_that_may_be_repeated_are_once_with_a_new_token() {
    let site = Site::start();
    for way in WAYS {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
            let session = refused(&site);
            let old = token(&session);
            let body = ["PUT", "DELETE"].contains(&method).then_some(b"{\"a\":1}".as_slice());
            let url = echo(&site);
            let ask = ApiCall { headers: &[("X-Trace", "7")], body, ..bare(method, &url) };
            assert_eq!(way(&session, &ask).expect("an answer").status, 200, "{method}");
            let seen = site.server.take_requests();
            let lines: Vec<_> = seen.iter().map(|seen| format!("{} {}", seen.method, seen.path())).collect();
            let line = format!("{method} /api/echo");
            assert_eq!(lines, [line.as_str(), TOKEN, line.as_str()]);
            // The same again, but for the token.
            let other = |name: &str| !name.eq_ignore_ascii_case("authorization");
            let rest = |at: usize| seen[at].headers.iter().filter(|(name, _)| other(name)).collect::<Vec<_>>();
            assert_eq!((rest(0), &seen[0].body), (rest(2), &seen[2].body));
            assert_eq!(seen[0].header("authorization"), Some(format!("Bearer {old}").as_str()));
            assert_eq!(seen[2].header("authorization"), Some(format!("Bearer {}", token(&session)).as_str()));
            assert_ne!(token(&session), old);
        }
    }
}

#[test]
fn the_others_are_not_repeated_and_the_next_call_has_a_new_token() {
    let site = Site::start();
    for way in WAYS {
        for method in ["POST", "PATCH"] {
            let session = refused(&site);
            let (url, line) = (echo(&site), format!("{method} /api/echo"));
            let ask = ApiCall { body: Some(b"pay once"), ..bare(method, &url) };
            assert_eq!(way(&session, &ask).expect("an answer").status, 401);
            assert_eq!(requests(&site.server), [line.as_str()]);
            assert_eq!(way(&session, &ask).expect("an answer").status, 200);
            assert_eq!(requests(&site.server), [TOKEN, line.as_str()]);
        }
    }
}

#[test]
fn loginradius_says_it_with_numbers() {
    let site = Site::start();
    let url = format!("{}/api/lr", site.server.https());
    let lines = ["GET /api/lr", TOKEN, "GET /api/lr"];
    for way in WAYS {
        let session = refused(&site);
        // 906, as the stand-in says of what has ended.
        assert_eq!(way(&session, &bare("GET", &url)).expect("an answer").status, 200);
        assert_eq!(requests(&site.server), lines);
        for (status, body) in [
            ("403 No", r#"{"ErrorCode":905}"#),
            ("400 Bad", r#"{"errorCode":906,"message":"gone"}"#),
            ("403 No", r#"{"ErrorCode":"905"}"#),
            ("401 No", ""),
            ("401 No", "<html>no</html>"),
        ] {
            at_first(&site.server, "/api/lr", status, body);
            let session = site.login(None);
            site.server.take_requests();
            assert_eq!(way(&session, &bare("GET", &url)).expect("an answer").status, 200, "{body}");
            assert_eq!(requests(&site.server), lines, "{status} {body}");
            site.server.unscript();
        }
    }
}

#[test]
fn other_refusals_are_not_about_the_token() {
    let (site, other) = (Site::start(), Site::generic());
    let session = site.login(None);
    for (status, body) in [
        ("200 OK", r#"{"ErrorCode":906}"#),
        ("403 No", r#"{"ErrorCode":901}"#),
        ("403 No", "<html>401</html>"),
        ("403 No", r#"{"error":"invalid_token"}"#),
        ("500 Oh", "906"),
        ("407 Proxy", ""),
    ] {
        answer_at(&site.server, "/api/any", status, "", body);
        for way in WAYS {
            site.server.take_requests();
            let url = format!("{}/api/any", site.server.https());
            assert_eq!(way(&session, &bare("GET", &url)).expect("an answer").status.to_string(), status[..3]);
            assert_eq!(requests(&site.server), ["GET /api/any"]);
        }
    }
    // The numbers are LoginRadius' own.
    let session = other.login(None);
    answer_at(&other.server, "/api/any", "403 No", "", r#"{"ErrorCode":906}"#);
    other.server.take_requests();
    for way in WAYS {
        let url = format!("{}/api/any", other.server.https());
        assert_eq!(way(&session, &bare("GET", &url)).expect("an answer").status, 403);
        assert_eq!(requests(&other.server), ["GET /api/any"]);
    }
}

#[test]
fn an_api_that_takes_no_token_at_all_costs_one_refresh_a_minute() {
    let site = Site::start();
    let url = format!("{}/api/always401", site.server.https());
    let session = site.login(None);
    site.server.take_requests();
    for minute in 0..2 {
        for at in 0..4 {
            let way = WAYS[at % 2];
            assert_eq!(way(&session, &bare("GET", &url)).expect("an answer").status, 401);
            let expected: &[&str] = match at {
                0 => &["GET /api/always401", TOKEN, "GET /api/always401"],
                _ => &["GET /api/always401"],
            };
            assert_eq!(requests(&site.server), expected, "minute {minute}, call {at}");
        }
        site.time.pass_ms(61_000);
    }
    // Elsewhere the token is as good as before.
    assert_eq!(session.call(&bare("GET", &echo(&site))).expect("an answer").status, 200);
    assert_eq!(requests(&site.server), ["GET /api/echo"]);
}

/// Whatever happens to the session meanwhile.
#[test]
fn a_call_is_sent_twice_and_never_more() {
    let site = Site::start();
    let session = Arc::new(site.login(None));
    let others = session.clone();
    let answer = answer("401 No", "", "");
    site.server.script_path("/api/any", move |wire, _| {
        // Others get a newer token, so that this one may have been too old.
        others.refresh(true, WAIT_MS).expect("a newer one");
        say(wire, &answer)
    });
    let url = format!("{}/api/any", site.server.https());
    for way in WAYS {
        site.server.take_requests();
        assert_eq!(way(&session, &bare("GET", &url)).expect("an answer").status, 401);
        assert_eq!(requests(&site.server), ["GET /api/any", TOKEN, "GET /api/any", TOKEN]);
    }
}

#[test]
fn a_refresh_that_fails_is_the_answer() {
    for way in WAYS {
        let site = Site::start();
        let session = refused(&site);
        site.answer_refreshes("503 Busy", "Retry-After: 7\r\n", "");
        let error = expect_reason(way(&session, &bare("GET", &echo(&site))).map(|_| ()), Reason::ServerFault);
        assert!(error.retryable() && (1..=7000).contains(&error.retry_after_ms), "{error:?}");
        assert_eq!(requests(&site.server), ["GET /api/echo", TOKEN]);
        // In the pause nobody is asked, the API neither: the token is known to be refused.
        expect_reason(way(&session, &bare("GET", &echo(&site))).map(|_| ()), Reason::ServerFault);
        assert_eq!(requests(&site.server), [""; 0]);
        site.server.unscript();
        site.time.pass_s(8);
        assert_eq!(way(&session, &bare("GET", &echo(&site))).expect("an answer").status, 200);
        assert_eq!(requests(&site.server), [TOKEN, "GET /api/echo"]);

        let session = refused(&site);
        site.server.lose_refresh_answers(1);
        expect_reason(way(&session, &bare("GET", &echo(&site))).map(|_| ()), Reason::Unclear);
        assert_eq!(requests(&site.server), ["GET /api/echo", TOKEN]);

        let session = refused(&site);
        site.server.kill_refresh();
        let error = expect_reason(way(&session, &bare("GET", &echo(&site))).map(|_| ()), Reason::RefreshEnded);
        assert_eq!(error.status(), Status::SignedOut);
        assert_eq!(requests(&site.server), ["GET /api/echo", TOKEN]);
    }
}

#[test]
fn a_call_waits_for_a_refresh_that_is_under_way() {
    let site = Site::start();
    let session = site.login(None);
    let old = token(&session);
    session.expire(&old).expect("it is refused");
    site.server.take_requests();
    let release = site.hold();
    let url = echo(&site);
    let ask = bare("POST", &url);
    let first = started(session.request_call(&ask));
    site.await_refreshes(1);
    let second = started(session.request_call(&ask));
    // A cancel frees who waits, and not the refresh.
    second.cancel().expect("ours");
    let result = soon(|| {
        second.wait(2 * SOON);
        second.take_response().map(|_| ())
    });
    let error = expect_reason(result, Reason::Cancelled);
    assert!(!error.request_sent, "{error:?}");
    thread::scope(|scope| {
        let blocking = scope.spawn(|| soon(|| session.call(&ask)));
        drop(release);
        assert_eq!(blocking.join().expect("no panic").expect("an answer").status, 200);
    });
    soon(|| first.wait(2 * SOON));
    assert_eq!(first.take_response().expect("an answer").expect("it has ended").status, 200);
    let mut lines = requests(&site.server);
    lines.sort();
    assert_eq!(lines, ["POST /api/echo", "POST /api/echo", TOKEN]);
}

#[test]
fn many_calls_that_are_refused_at_once_refresh_once() {
    let site = Site::start();
    let session = refused(&site);
    let url = echo(&site);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let call = || scope.spawn(|| soon(|| session.call(&bare("GET", &url))).expect("an answer").status);
        let calls: Vec<_> = (0..8).map(|_| call()).collect();
        calls.into_iter().map(|call| call.join().expect("no panic")).collect()
    });
    assert_eq!(statuses, [200; 8]);
    assert_eq!(site.refreshes(), 1);
    let calls = requests(&site.server).iter().filter(|line| *line == "GET /api/echo").count();
    // One that came after the refresh was not refused.
    assert!((9..=16).contains(&calls), "{calls}");
}
