//! Requests: what each function says at each step of a request's life, and
//! that a result is never lost. Cancelled at every stage: tests/cancel.rs; the
//! threads they run on: tests/workers.rs.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::trouble::{CANARY, SOON, closed_port, ended, expect_failure, hangs, patient, soon, started, until};
use common::{client, expect_reason, expect_tokens, loginradius, trusting};
use ropc::oauth::{Client, Error, Options, Progress, Reason, Request, SecretMethod, Stage, Status};
use standin::{After, CLIENT, PASSWORD, Standin, Trap};

const CANCELLED: Progress = Progress::Failed(Status::Cancelled);

/// A client and its server, which answers once the sender is dropped.
fn held() -> (Standin, Client, Sender<()>) {
    let server = Standin::start();
    let (release, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    server.script(move |_, _| {
        let _ = wait.lock().expect("nobody panics").recv();
        After::Answer
    });
    let client = client(&patient(loginradius(&server)));
    (server, client, release)
}

fn login(client: &Client) -> Request {
    client.request_login("ada", PASSWORD).expect("valid")
}

/// What can only be an answer to the state the request is in.
#[track_caller]
fn refuses_state<T>(result: Result<T, Error>, what: &str) {
    let error = expect_failure(result, Reason::State, Stage::Setup, false);
    assert!(error.message.contains(what), "{error}");
}

#[test]
fn a_login_from_start_to_end() {
    let (server, client, release) = held();
    let request = login(&client);
    assert_eq!((request.poll(), request.wait(Duration::ZERO)), (Progress::Unusable, Progress::Unusable));
    refuses_state(request.take_tokens(), "not started");
    assert_eq!(server.connections(), 0, "nothing begins by itself");

    request.start().expect("a thread");
    assert!(server.wait_requests(1, SOON));
    assert_eq!((request.poll(), request.wait(Duration::ZERO)), (Progress::Pending, Progress::Pending));
    assert!(request.take_tokens().expect("no failure").is_none());

    drop(release);
    assert_eq!(request.wait(SOON), Progress::Succeeded);
    let tokens = request.take_tokens().expect("no failure").expect("it has ended");
    assert!(!tokens.access_token.expose().is_empty());
    // The same as the blocking call sends and gets.
    let other = expect_tokens(client.login("ada", PASSWORD));
    assert_eq!(tokens.token_type, other.token_type);
    let seen = server.requests();
    assert_eq!(seen[0].body, seen[1].body);

    refuses_state(request.take_tokens(), "taken before");
    assert_eq!((request.poll(), request.wait(SOON)), (Progress::Succeeded, Progress::Succeeded));
}

#[test]
fn a_refusal_says_why() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for (user, reason) in [("nobody", Reason::WrongCredentials), ("fault:flood_body", Reason::AnswerTooLarge)] {
        let request = started(client.request_login(user, PASSWORD));
        let error = expect_reason(ended(&request), reason);
        assert!(error.request_sent);
        assert_eq!(request.poll(), Progress::Failed(error.status()));
        refuses_state(request.take_tokens(), "taken before");
    }
}

#[test]
fn a_request_meets_what_a_call_meets() {
    let server = Standin::start();
    let at = |site: &str| client(&trusting(&server, Options::loginradius(site, "demo", CLIENT)));
    let trap = |kind| format!("localhost:{}", server.trap(kind));
    for (site, reason, stage) in [
        (format!("127.0.0.1:{}", closed_port()), Reason::ConnectionRefused, Stage::Connect),
        (trap(Trap::Expired), Reason::TlsExpired, Stage::Tls),
        (trap(Trap::SilentClose), Reason::CutOffBeforeSent, Stage::Tls),
    ] {
        let request = started(at(&site).request_login("ada", CANARY));
        expect_failure(ended(&request), reason, stage, false);
    }
}

#[test]
fn any_grant() {
    let server = Standin::start();
    let client = client(&common::with_secret(&server, "/token", SecretMethod::Basic));
    let first = expect_tokens(ended(&started(client.request_grant("client_credentials", &[]))));
    assert!(first.refresh_token.is_none());
    let params = [("username", "ada"), ("password", PASSWORD)];
    let tokens = expect_tokens(ended(&started(client.request_grant("password", &params))));
    let refresh = tokens.refresh_token.expect("a refresh token");
    let params = [("refresh_token", refresh.expose())];
    expect_tokens(ended(&started(client.request_grant("refresh_token", &params))));
    // What the server refuses, and what never gets there.
    expect_reason(ended(&started(client.request_grant("refresh_token", &params))), Reason::GrantRefused);
    let requests = server.requests().len();
    for wrong in [client.request_grant("", &[]), client.request_grant("a", &[("client_id", "x")])] {
        expect_reason(wrong, Reason::Argument);
    }
    expect_reason(client.request_login("", PASSWORD), Reason::Argument);
    assert_eq!(server.requests().len(), requests);
}

#[test]
fn the_wrong_take_loses_nothing() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let (request, connect) = (login(&client), client.request_connect());
    for step in 0..3 {
        refuses_state(request.take_done(), "something else");
        refuses_state(connect.take_tokens(), "something else");
        match step {
            0 => {
                request.start().expect("a thread");
                connect.start().expect("a thread");
            }
            1 => {
                assert_eq!((request.wait(SOON), connect.wait(SOON)), (Progress::Succeeded, Progress::Succeeded));
            }
            _ => {}
        }
    }
    expect_tokens(ended(&request));
    assert_eq!(connect.take_done().expect("it succeeded"), Some(()));
    refuses_state(connect.take_done(), "taken before");
}

#[test]
fn a_request_is_started_once() {
    let (server, client, release) = held();
    let request = started(client.request_login("ada", PASSWORD));
    refuses_state(request.start(), "started before");
    drop(release);
    expect_tokens(ended(&request));
    refuses_state(request.start(), "has ended");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn cancelled_before_it_starts_it_never_will() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let request = login(&client);
    request.cancel().expect("any time");
    assert_eq!((request.poll(), request.wait(SOON)), (CANCELLED, CANCELLED));
    refuses_state(request.start(), "cancelled");
    request.cancel().expect("any time");
    expect_failure(ended(&request), Reason::Cancelled, Stage::Setup, false);
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_cancel_after_the_end_takes_no_tokens_away() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let request = started(client.request_login("ada", PASSWORD));
    assert_eq!(request.wait(SOON), Progress::Succeeded);
    request.cancel().expect("any time");
    client.cancel();
    assert_eq!(request.poll(), Progress::Succeeded);
    expect_tokens(ended(&request));
    // Nor its connection.
    expect_tokens(ended(&started(client.request_login("ada", PASSWORD))));
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_cancel_twice_is_a_cancel() {
    let (server, client, _release) = held();
    let request = started(client.request_login("ada", PASSWORD));
    assert!(server.wait_requests(1, SOON));
    request.cancel().expect("any time");
    request.cancel().expect("any time");
    expect_failure(ended(&request), Reason::Cancelled, Stage::Receive, true);
}

#[test]
fn any_thread_may_use_it() {
    let (server, client, release) = held();
    let request = login(&client);
    thread::scope(|scope| {
        let starter = scope.spawn(|| request.start());
        starter.join().expect("no panic").expect("a thread");
        assert!(server.wait_requests(1, SOON));
        let poller = scope.spawn(|| until("it has ended", || request.poll() != Progress::Pending));
        let waiter = scope.spawn(|| request.wait(Duration::MAX));
        drop(release);
        poller.join().expect("no panic");
        assert_eq!(waiter.join().expect("no panic"), Progress::Succeeded);
        let taker = scope.spawn(|| request.take_tokens());
        assert!(taker.join().expect("no panic").expect("no failure").is_some());
    });
}

#[test]
fn several_may_wait_and_one_gets_the_tokens() {
    const WAITERS: usize = 8;
    let (server, client, release) = held();
    let request = started(client.request_login("ada", PASSWORD));
    assert!(server.wait_requests(1, SOON));
    let got = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..WAITERS {
            scope.spawn(|| {
                assert_eq!(request.wait(SOON), Progress::Succeeded);
                match request.take_tokens() {
                    Ok(Some(_)) => drop(got.fetch_add(1, Ordering::SeqCst)),
                    result => refuses_state(result, "taken before"),
                }
            });
        }
        drop(release);
    });
    assert_eq!(got.load(Ordering::SeqCst), 1);
}

#[test]
fn a_cancel_wakes_who_waits() {
    let (server, client, _release) = held();
    let request = started(client.request_login("ada", PASSWORD));
    assert!(server.wait_requests(1, SOON));
    thread::scope(|scope| {
        let waiters = [(); 3].map(|()| scope.spawn(|| soon(|| request.wait(2 * SOON))));
        request.cancel().expect("any time");
        for waiter in waiters {
            assert_eq!(waiter.join().expect("no panic"), CANCELLED);
        }
    });
}

#[test]
fn a_wait_may_run_out() {
    let (_server, client, release) = held();
    let request = started(client.request_login("ada", PASSWORD));
    let (short, begun) = (Duration::from_millis(60), Instant::now());
    assert_eq!(request.wait(short), Progress::Pending);
    assert!(begun.elapsed() >= short, "gave up after {:?}", begun.elapsed());
    drop(release);
    expect_tokens(ended(&request));
}

#[test]
fn the_time_limit_ends_it_while_nobody_looks() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_timeouts(60_000, 300).expect("valid");
    let request = started(client(&options).request_login("fault:never", PASSWORD));
    until("it has ended", || request.poll() != Progress::Pending);
    assert_eq!(request.poll(), Progress::Failed(Status::Timeout));
    expect_reason(ended(&request), Reason::TimedOut);
}

#[test]
fn dropped_under_way_it_ends() {
    let server = Standin::start();
    let never = client(&patient(loginradius(&server)));
    let request = started(never.request_login("fault:never", PASSWORD));
    assert!(server.wait_requests(1, SOON));
    soon(|| drop(request));
    assert!(server.wait_open(0, SOON), "it goes on");
    // In a look-up, which stays behind.
    let (lookup, hang) = hangs();
    let mut options = patient(loginradius(&server));
    options.set_lookup(lookup);
    let request = started(client(&options).request_login("ada", PASSWORD));
    hang.await_begin();
    soon(|| drop(request));
}

#[test]
fn dropped_unstarted_it_never_was() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    drop(login(&client));
    let ended = started(client.request_login("ada", PASSWORD));
    assert_eq!(ended.wait(SOON), Progress::Succeeded);
    drop(ended);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_client_may_go_before_its_requests() {
    let (server, client, release) = held();
    let other = common::client(&patient(loginradius(&server)));
    let late = login(&client);
    let running = [&client, &client, &other].map(|client| started(client.request_login("ada", PASSWORD)));
    assert!(server.wait_requests(3, SOON));
    drop(client);
    drop(release);
    for request in &running {
        expect_tokens(ended(request));
    }
    // What was prepared can still be started.
    late.start().expect("a thread");
    expect_tokens(ended(&late));
    // With the last of its requests ended, the client's connections are closed.
    drop(running);
    assert!(server.wait_open(1, SOON), "{} are open", server.open());
    drop(other);
    assert!(server.wait_open(0, SOON));
}

#[test]
fn a_panic_in_the_programs_look_up_is_a_failed_look_up() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_lookup(Arc::new(|_| panic!("a bug in the program's look-up")));
    let client = client(&options);
    for _ in 0..3 {
        let request = started(client.request_login("ada", CANARY));
        expect_failure(ended(&request), Reason::Unresolved, Stage::Lookup, false);
    }
}
