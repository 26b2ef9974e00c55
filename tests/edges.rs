//! Edges between the parts: a bug after the request has left, errors of odd
//! types, settings that contradict each other, work that never ends.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{client, expect_reason, expect_tokens, loginradius, refuses};
use ropc::oauth::{Level, Reason, Stage};
use standin::{After, PASSWORD, Standin};

/// Answers every request with `body` and status 200.
fn answering(server: &Standin, body: &'static str) {
    server.script(move |stream, _| {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("the client listens");
        After::Keep
    });
}

#[test]
fn a_bug_after_the_request_left_says_that_it_left() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    // The sink is the program's own code: the nearest place for a bug.
    let sink = |_: Level, line: &str| assert!(!line.starts_with("answer:"), "on purpose");
    options.set_log(Level::Debug, Some(Arc::new(sink)));
    let error = expect_reason(client(&options).login("ada", PASSWORD), Reason::Bug);
    assert_eq!((error.stage, error.request_sent), (Stage::Answer, true));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_error_of_any_type_beside_a_token_is_an_error() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for error in
        [r#""error":{"code":5}"#, r#""error":true"#, r#""error":["x"]"#, r#""ErrorCode":"E12""#, r#""errorCode":{}"#]
    {
        let body = format!(r#"{{"access_token":"abc","token_type":"Bearer",{error}}}"#);
        answering(&server, body.leak());
        let refused = client.login("ada", PASSWORD).err();
        assert!(refused.is_some_and(|error| error.extra("access_token").is_none()), "{error}");
    }
    for none in [r#""error":"""#, r#""error":null"#, r#""error":false"#, r#""ErrorCode":0"#, r#""errorCode":"0""#] {
        let body = format!(r#"{{"access_token":"abc","token_type":"Bearer",{none}}}"#);
        answering(&server, body.leak());
        expect_tokens(client.login("ada", PASSWORD));
    }
}

#[test]
fn a_pin_or_certificate_for_a_place_nobody_talks_to_is_a_mistake() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.add_pin("login.example", &"00".repeat(32)).expect("a pin");
    refuses(ropc::oauth::Client::new(&options), "https://login.example", "no endpoint is at");
    // With its own port it is the same place as the endpoint.
    let mut options = loginradius(&server);
    options.add_pin(&server.https(), &"00".repeat(32)).expect("a pin");
    expect_reason(client(&options).login("ada", PASSWORD), Reason::TlsPin);
    let mut options = loginradius(&server);
    let (cert, key) = (server.client_cert_pem(), server.client_key_pem());
    options.set_client_cert_pem("login.example", cert.as_bytes(), key.as_bytes()).expect("a certificate");
    refuses(ropc::oauth::Client::new(&options), "https://login.example", "no endpoint is at");
}

#[test]
fn a_grant_type_cannot_break_a_log_line() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for grant_type in ["x\ny", "a b", "é", "\u{7f}", "x\0"] {
        refuses(client.grant(grant_type, &[]), "grant_type", "visible ASCII");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_wide_answer_does_not_hold_the_call_past_its_limit() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_timeouts(2_000, 2_000).expect("limits");
    let members: Vec<String> = (0..100_000).map(|at| format!("\"{at}\":0")).collect();
    answering(&server, format!("{{{}}}", members.join(",")).leak());
    let started = Instant::now();
    expect_reason(client(&options).login("ada", PASSWORD), Reason::AnswerNotUnderstood);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

/// A fifo that nobody writes to stands for a certificate file on a share that
/// does not answer.
#[cfg(unix)]
#[test]
fn a_certificate_file_that_never_ends_does_not_hold_the_call() {
    const FIFO: &str = "ROPC_TEST_FIFO";
    if std::env::var_os(FIFO).is_none() {
        // SSL_CERT_FILE is read by the whole process, so: a process of its own.
        let fifo = std::env::temp_dir().join(format!("ropc-fifo-{}", std::process::id()));
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().is_ok_and(|made| made.success()));
        let itself = std::env::current_exe().expect("this program");
        let ended = std::process::Command::new(itself)
            .args(["--exact", "a_certificate_file_that_never_ends_does_not_hold_the_call"])
            .envs([(FIFO, &fifo), ("SSL_CERT_FILE", &fifo)])
            .status();
        std::fs::remove_file(&fifo).expect("the fifo is there");
        assert!(ended.is_ok_and(|ended| ended.success()));
        return;
    }
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_system_trust(true);
    options.set_timeouts(300, 600).expect("limits");
    let client = client(&options);
    // The second call waits for the same file, and is not held by the first.
    for _ in 0..2 {
        let started = Instant::now();
        let error = expect_reason(client.login("ada", PASSWORD), Reason::TimedOut);
        assert_eq!((error.stage, error.request_sent), (Stage::Tls, false));
        assert!(started.elapsed() < Duration::from_secs(5));
    }
    assert_eq!(server.requests().len(), 0);
}
