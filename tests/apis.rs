//! Calling an API with a session's token, in one call and beside the program:
//! what is sent, where to, and what comes back. What happens to the token has
//! tests of its own.

mod common;

use common::after::{self, Lines, answer_at, bare, only_request, requests, taken, texts};
use common::session::{Site, identity, token};
use common::trouble::{self, SOON, expect_failure, patient, soon, started};
use common::{client, expect_reason, expect_tokens, generic, loginradius, refuses};
use ropc::oauth::{ApiCall, Client, Error, Limit, Options, Reason, Request, Response, Secret, Session, Stage, Status};
use serde_json::Value;
use standin::{After, PASSWORD, Standin};

type Way = fn(&Session, &ApiCall<'_>) -> Result<Response, Error>;

/// The call that blocks, and its twin.
const WAYS: [Way; 2] = [
    |session, ask| soon(|| session.call(ask)),
    |session, ask| taken(session.request_call(ask), Request::take_response),
];

const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH"];

/// Ada's session, and the client's log; what the login sent is forgotten.
fn signed_in(server: &Standin, mut options: Options) -> (Client, Session, Lines) {
    let lines = Lines::of(&mut options);
    let client = client(&options);
    let session = Session::login(&client, "ada", PASSWORD, None, None).expect("it signs in");
    server.take_requests();
    (client, session, lines)
}

fn simple(server: &Standin) -> Session {
    signed_in(server, loginradius(server)).1
}

fn json_of(response: &Response) -> Value {
    serde_json::from_slice(response.body.expose()).expect("JSON")
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[test]
fn each_method_arrives_with_its_body_and_headers_and_once() {
    let server = Standin::start();
    let session = simple(&server);
    let access = token(&session);
    let url = format!("{}/api/echo?q=a%20b&c", server.https());
    for way in WAYS {
        for method in METHODS {
            let body: Option<&[u8]> = match method {
                "PUT" | "POST" | "PATCH" | "DELETE" => Some("{\"é\": 1}\r\n".as_bytes()),
                _ => None,
            };
            let headers = [("X-Trace", "a b\tc"), ("content-type", "application/x-special"), ("Accept", "text/plain")];
            let response = way(&session, &ApiCall { method, url: &url, headers: &headers, body }).expect("an answer");
            let seen = only_request(&server);
            assert_eq!(
                (response.status, seen.method.as_str(), seen.target.as_str()),
                (200, method, "/api/echo?q=a%20b&c")
            );
            assert_eq!(seen.body, body.unwrap_or_default());
            for (name, value) in headers {
                assert_eq!(seen.header(name), Some(value), "{method}");
            }
            assert_eq!(seen.header("authorization"), Some(format!("Bearer {access}").as_str()));
            let agent = concat!("ropc/", env!("CARGO_PKG_VERSION"));
            assert_eq!(seen.header("user-agent"), Some(agent));
            assert_eq!(seen.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("accept")).count(), 1);
            if method == "HEAD" {
                assert!(response.body.expose().is_empty() && header(&response, "content-length") != Some("0"));
            } else {
                assert_eq!(json_of(&response)["user"], "ada");
            }
        }
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_header_may_come_twice() {
    let server = Standin::start();
    let (session, url) = (simple(&server), format!("{}/api/echo", server.https()));
    let headers = [("X-Part", "1"), ("x-part", "2"), ("Accept", "text/a"), ("accept", "text/b")];
    for way in WAYS {
        way(&session, &ApiCall { headers: &headers, ..bare("GET", &url) }).expect("an answer");
        let seen = only_request(&server);
        let sent = |wanted: &str| -> Vec<String> {
            let of_name = seen.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            of_name.map(|(_, value)| value.clone()).collect()
        };
        assert_eq!(
            (sent("x-part"), sent("accept")),
            (vec!["1".into(), "2".into()], vec!["text/a".into(), "text/b".into()])
        );
    }
}

#[test]
fn every_answer_comes_back_as_it_is() {
    let server = Standin::start();
    let (session, url) = (simple(&server), format!("{}/api/any", server.https()));
    for (status, body) in [
        ("200 OK", "not JSON \u{1}"),
        ("201 Created", "{}"),
        ("203 Other", r#"{"ErrorCode":906}"#),
        ("300 Choices", "[1, 2]"),
        ("400 Bad", r#"{"error":"invalid_grant"}"#),
        ("403 No", "<html>"),
        ("404 No", ""),
        ("429 Slow", ""),
        ("500 Oh", "oh"),
    ] {
        answer_at(&server, "/api/any", status, "X-Two: a\r\nX-TWO: b\r\nSet-Cookie: c=d\r\n", body);
        for way in WAYS {
            let response = way(&session, &bare("GET", &url)).expect("an answer");
            assert_eq!(response.status.to_string(), status[..3]);
            assert_eq!(response.body.expose(), body.as_bytes());
            let names = ["x-two", "x-two", "set-cookie"];
            let told: Vec<_> = response.headers.iter().filter(|(name, _)| names.contains(&name.as_str())).collect();
            let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            assert_eq!(told, [&pair("x-two", "a"), &pair("x-two", "b"), &pair("set-cookie", "c=d")]);
            assert_eq!(requests(&server), ["GET /api/any"]);
        }
    }
    for way in WAYS {
        let response = way(&session, &bare("DELETE", &format!("{}/api/empty", server.https()))).expect("an answer");
        assert_eq!((response.status, response.body.expose()), (204, [].as_slice()));
        // A cookie is not kept, as no other.
        assert!(only_request(&server).header("cookie").is_none());
    }
}

#[test]
fn a_redirect_is_an_answer_and_the_token_does_not_follow() {
    let server = Standin::start();
    let session = simple(&server);
    for to in ["/api/echo", "https://127.0.0.1/", &server.http(), "//elsewhere.test/"] {
        let url = format!("{}/api/redirect?to={to}", server.https());
        for way in WAYS {
            let response = way(&session, &bare("GET", &url)).expect("an answer");
            assert_eq!((response.status, header(&response, "location")), (302, Some(to)));
            assert_eq!(response.body.expose(), b"It is elsewhere.");
            assert_eq!(requests(&server), ["GET /api/redirect"]);
        }
    }
}

#[test]
fn an_answer_is_not_larger_than_the_limit() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_limit(Limit::AnswerBytes, 4096).expect("a limit");
    let (_, session, _) = signed_in(&server, options);
    let url = |bytes: usize| format!("{}/api/big?bytes={bytes}", server.https());
    for way in WAYS {
        assert_eq!(way(&session, &bare("GET", &url(4096))).expect("it fits").body.expose(), [b'b'; 4096]);
        let result = way(&session, &bare("GET", &url(4097))).map(|_| ());
        let error = expect_reason(result, Reason::AnswerTooLarge);
        assert!(error.request_sent && !error.retryable(), "{error:?}");
        // Without a stated length.
        let chunk = format!("400\r\n{}\r\n", "b".repeat(1024));
        let chunks = format!("{}0\r\n\r\n", chunk.repeat(5));
        server.script_path("/api/any", move |wire, _| {
            let _ = write!(wire, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
            After::Close
        });
        let result = way(&session, &bare("GET", &format!("{}/api/any", server.https()))).map(|_| ());
        expect_reason(result, Reason::AnswerTooLarge);
    }
}

#[test]
fn a_head_says_how_long_a_body_would_be() {
    let server = Standin::start();
    let session = simple(&server);
    server.script_path("/api/any", |wire, seen| {
        // Four times what an answer may have.
        let _ = write!(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\nX-Method: {}\r\n\r\n", seen.method);
        After::Keep
    });
    let url = format!("{}/api/any", server.https());
    for way in WAYS {
        for _ in 0..2 {
            let response = way(&session, &bare("HEAD", &url)).expect("an answer");
            assert_eq!((response.status, header(&response, "content-length")), (200, Some("4000000")));
            assert_eq!((response.body.expose(), header(&response, "x-method")), (&b""[..], Some("HEAD")));
        }
        let connections: Vec<u64> = server.take_requests().iter().map(|seen| seen.connection).collect();
        assert_eq!(connections.len(), 2);
        assert_eq!(connections.first(), connections.last(), "the connection is kept");
    }
}

#[test]
fn only_known_methods_are_sent() {
    let server = Standin::start();
    let (session, url) = (simple(&server), format!("{}/api/echo", server.https()));
    for way in WAYS {
        for method in ["", "get", "Get", "CONNECT", "TRACE", "GET ", "GET\r\nX: y", "GÉT", "QUERY"] {
            refuses(way(&session, &bare(method, &url)).map(|_| ()), "method", "in capitals");
        }
        for method in ["GET", "HEAD", "OPTIONS"] {
            let with_body = ApiCall { body: Some(b""), ..bare(method, &url) };
            refuses(way(&session, &with_body).map(|_| ()), method, "no body");
        }
    }
    assert_eq!(requests(&server), [""; 0]);
}

#[test]
fn what_is_no_header_is_refused_at_once() {
    let server = Standin::start();
    let (session, url) = (simple(&server), format!("{}/api/echo", server.https()));
    let long = "x".repeat(4097);
    for (name, value) in [
        ("Authorization", "Bearer mine"),
        ("authorization", ""),
        ("Host", "elsewhere.test"),
        ("CONTENT-LENGTH", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("Keep-Alive", "1"),
        ("Upgrade", "websocket"),
        ("Expect", "100-continue"),
        ("TE", "trailers"),
        ("Trailer", "X"),
        ("Cookie", "a=b"),
        ("Proxy-Authorization", "Basic x"),
        ("", "x"),
        ("X Y", "x"),
        ("X:", "x"),
        ("X\r\nHost", "x"),
        ("X-é", "x"),
        ("Host ", "x"),
        ("X", "a\r\nHost: elsewhere.test"),
        ("X", "a\nb"),
        ("X", "a\rb"),
        ("X", "a\0b"),
        ("X", "\x7f"),
        ("X", &long),
        (&long, "x"),
    ] {
        let ask = ApiCall { headers: &[("X-Good", "1"), (name, value)], ..bare("GET", &url) };
        refuses(soon(|| session.call(&ask)).map(|_| ()), "header", "");
        // The twin says so before it is started.
        refuses(session.request_call(&ask).map(|_| ()), "header", "");
    }
    assert_eq!(requests(&server), [""; 0]);
    // The longest value there may be, with a tab in it, arrives whole.
    let longest = format!("\t{}", "x".repeat(4095)).replacen("\tx", "x\t", 1);
    let ask = ApiCall { headers: &[("X-Longest", &longest)], ..bare("GET", &url) };
    assert_eq!(soon(|| session.call(&ask)).expect("an answer").status, 200);
    assert_eq!(server.take_requests()[0].header("x-longest"), Some(&*longest));
}

#[test]
fn the_token_goes_nowhere_but_where_it_may() {
    let server = Standin::start();
    let (_, session, lines) = signed_in(&server, identity(loginradius(&server), &server));
    let (port, http) = (server.https_port(), server.http());
    let connections = server.connections();
    for url in [
        format!("{http}/api/echo"),
        format!("https://127.0.0.1:{port}/api/echo"),
        format!("https://localhost:{}/api/echo", server.http_port()),
        format!("http://localhost:{port}/api/echo"),
        "https://localhost/".to_owned(),
        format!("https://localhost.evil.test:{port}/"),
        "https://evil.test/?https://localhost".to_owned(),
    ] {
        for way in WAYS {
            let error = expect_reason(way(&session, &bare("GET", &url)).map(|_| ()), Reason::OriginNotAllowed);
            assert_eq!((error.status(), error.stage, error.request_sent), (Status::Arg, Stage::Setup, false), "{url}");
        }
    }
    for (url, why) in [
        ("", "empty"),
        ("/api/echo", "https://"),
        ("localhost/api/echo", "https://"),
        ("ftp://localhost/", "https://"),
        (&format!("https://localhost:{port}@evil.test/"), "user name"),
        (&format!("https://localhost:{port}/#x"), "fragment"),
        (&format!("https://localhost:{port}/a b"), "0x20"),
        (&format!("https://localhost:{port}/a\r\nX: y"), "0x0d"),
        (&format!("https://localhost:{port}\\@evil.test/"), "user name"),
        (&format!("https://localhost:{port}\\.evil.test/"), "port"),
    ] {
        for way in WAYS {
            refuses(way(&session, &bare("GET", url)).map(|_| ()), "url", why);
        }
    }
    assert_eq!(refusal(&session, "http://192.0.2.7/"), Reason::PlainHttp);
    assert_eq!((requests(&server), server.connections()), (vec![], connections));
    assert!(!lines.text().contains(&token(&session)), "{}", lines.text());
}

/// Why nothing is sent there.
fn refusal(session: &Session, url: &str) -> Reason {
    session.call(&bare("GET", url)).map(|_| ()).expect_err("it is elsewhere").reason
}

#[test]
fn an_origin_that_was_added_gets_the_token() {
    let server = Standin::start();
    let mut options = generic(&server);
    options.add_api_origin(&server.http()).expect("this machine");
    options.add_api_origin(&server.https().replace("localhost", "127.0.0.1")).expect("an origin");
    let (_, session, _) = signed_in(&server, options);
    for base in [server.http(), server.https(), server.https().replace("localhost", "127.0.0.1").to_uppercase()] {
        for way in WAYS {
            let url = format!("{base}/api/echo").replace("HTTPS", "https");
            assert_eq!(way(&session, &bare("GET", &url)).expect("an answer").status, 200, "{url}");
            assert!(only_request(&server).header("authorization").is_some());
        }
    }
    // LoginRadius' identity host may have it without a word.
    let mut options = loginradius(&server);
    options.set_lookup(std::sync::Arc::new(|name| match name {
        "api.loginradius.com" => Err(std::io::ErrorKind::NotFound.into()),
        _ => Ok(vec![trouble::HERE]),
    }));
    let (_, session, _) = signed_in(&server, options);
    assert_eq!(refusal(&session, "https://api.loginradius.com/x"), Reason::Unresolved);
    assert_eq!(refusal(&session, "https://api.loginradius.com:444/x"), Reason::OriginNotAllowed);
}

#[test]
fn an_answer_that_is_lost_is_not_asked_for_again() {
    let server = Standin::start();
    let (session, url) = (simple(&server), format!("{}/api/lost", server.https()));
    for way in WAYS {
        for method in METHODS {
            for after in [After::Close, After::Cut, After::Reset] {
                server.script_path("/api/lost", move |_, _| after);
                let result = way(&session, &bare(method, &url)).map(|_| ());
                expect_failure(result, Reason::CutOffAfterSent, Stage::Receive, true);
                assert_eq!(requests(&server), [format!("{method} /api/lost")]);
            }
        }
    }
}

#[test]
fn a_slow_api_is_left_by_time_and_by_cancel() {
    let server = Standin::start();
    let url = format!("{}/api/slow?ms=600000", server.https());
    let mut hasty = loginradius(&server);
    hasty.set_timeouts(500, 500).expect("time limits");
    let (_, session, _) = signed_in(&server, hasty);
    for way in WAYS {
        let error =
            expect_failure(way(&session, &bare("GET", &url)).map(|_| ()), Reason::TimedOut, Stage::Receive, true);
        assert_eq!(error.http_status, 0);
        only_request(&server);
    }
    let (client, session, _) = signed_in(&server, patient(loginradius(&server)));
    let cancels: [&dyn Fn(&Request); 2] = [&|request| request.cancel().expect("ours"), &|_| client.cancel()];
    for cancel in cancels {
        let request = started(session.request_call(&bare("GET", &url)));
        assert!(server.wait_requests(1, SOON));
        cancel(&request);
        let result = soon(|| {
            request.wait(2 * SOON);
            request.take_response().map(|_| ())
        });
        expect_failure(result, Reason::Cancelled, Stage::Receive, true);
        only_request(&server);
    }
    // A call that blocks is the client's to stop.
    let blocked = std::thread::scope(|scope| {
        let blocked = scope.spawn(|| soon(|| session.call(&bare("GET", &url)).map(|_| ())));
        assert!(server.wait_requests(1, SOON));
        client.cancel();
        blocked.join().expect("no panic")
    });
    expect_failure(blocked, Reason::Cancelled, Stage::Receive, true);
    // The session is as it was.
    assert_eq!(session.call(&bare("GET", &format!("{}/api/echo", server.https()))).expect("an answer").status, 200);
}

#[test]
fn a_session_that_was_left_calls_nobody() {
    let site = Site::start();
    let session = site.login(None);
    session.sign_out().expect("signed out");
    site.server.take_requests();
    for way in WAYS {
        for method in METHODS {
            let url = format!("{}/api/echo", site.server.https());
            let error = expect_reason(way(&session, &bare(method, &url)).map(|_| ()), Reason::SignedOut);
            assert_eq!((error.status(), error.request_sent), (Status::SignedOut, false));
        }
    }
    assert_eq!(requests(&site.server), [""; 0]);
}

#[test]
fn a_token_that_cannot_stand_in_a_header_is_not_sent() {
    let server = Standin::start();
    let (client, _, _) = signed_in(&server, loginradius(&server));
    let url = format!("{}/api/echo", server.https());
    for text in ["Canary\r\nX-Evil: 1", "Canary é", &format!("Canary{}", "x".repeat(12_283))] {
        let mut tokens = expect_tokens(client.login("ada", PASSWORD));
        tokens.access_token = Secret::new(text);
        let session = Session::new(&client, tokens, None, "ada").expect("a session");
        server.take_requests();
        for way in WAYS {
            let error = refuses(way(&session, &bare("GET", &url)).map(|_| ()), "access_token", "");
            assert!(!texts(&error).contains("Canary"), "{error:?}");
        }
        assert_eq!(requests(&server), [""; 0]);
    }
}

#[test]
fn no_text_shows_what_was_called_with() {
    let server = Standin::start();
    let (_, session, lines) = signed_in(&server, loginradius(&server));
    let url = format!("{}/api/any?key=Canary-query", server.https());
    let headers = [("X-Key", "Canary-header")];
    let mut shown = String::new();
    for after in [After::Keep, After::Cut] {
        let answer = after::answer("200 OK", "X-Answer: Canary-answer\r\n", r#"{"a":"Canary-body"}"#);
        server.script_path("/api/any", move |wire, _| match after {
            After::Keep => after::say(wire, &answer),
            after => after,
        });
        for way in WAYS {
            let ask = ApiCall { method: "POST", url: &url, headers: &headers, body: Some(b"Canary-sent") };
            match way(&session, &ask) {
                Ok(response) => shown += &format!("{response:?}"),
                Err(error) => shown += &texts(&error),
            }
        }
    }
    shown += &lines.text();
    assert!(shown.contains("API call: POST https://localhost"), "{shown}");
    assert!(!shown.contains("Canary") && !shown.contains(&token(&session)), "{shown}");
}
