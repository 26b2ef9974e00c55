//! Stopping a call from another thread, wherever it is: it ends soon, says
//! CANCELLED, and disturbs no other call. Once for a call that blocks, once for
//! a request.

mod common;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::trouble::{SOON, await_event, ended, expect_failure, hangs, patient, silent_listener, soon, started};
use common::{client, expect_tokens, loginradius, trusting};
use ropc::oauth::{Call, Client, Error, Options, Reason, Stage, Tokens};
use standin::{After, CLIENT, PASSWORD, Standin, Trap};

/// Signs a user in, cancels that when the function has returned, and gives
/// what it ended with.
type Way = fn(&Client, &str, &dyn Fn()) -> Result<Tokens, Error>;

const WAYS: [Way; 2] = [blocking, beside];

fn blocking(client: &Client, user: &str, reached: &dyn Fn()) -> Result<Tokens, Error> {
    let call = client.call();
    thread::scope(|scope| {
        let login = scope.spawn(|| client.login_in(&call, user, PASSWORD));
        reached();
        soon(|| {
            call.cancel();
            login.join().expect("no panic")
        })
    })
}

fn beside(client: &Client, user: &str, reached: &dyn Fn()) -> Result<Tokens, Error> {
    let request = started(client.request_login(user, PASSWORD));
    reached();
    request.cancel().expect("it is this process' own");
    ended(&request)
}

#[test]
fn before_it_begins() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let call = client.call();
    call.cancel();
    expect_failure(client.login_in(&call, "ada", PASSWORD), Reason::Cancelled, Stage::Setup, false);
    assert_eq!(server.connections(), 0);
}

#[test]
fn in_the_lookup() {
    let server = Standin::start();
    for way in WAYS {
        let (lookup, hang) = hangs();
        let mut options = patient(loginradius(&server));
        options.set_lookup(lookup);
        let result = way(&client(&options), "ada", &|| hang.await_begin());
        expect_failure(result, Reason::Cancelled, Stage::Lookup, false);
    }
}

#[test]
fn in_the_connect() {
    let server = Standin::start();
    let site = format!("127.0.0.1:{}", server.trap(Trap::BlackHole));
    let client = client(&patient(trusting(&server, Options::loginradius(&site, "demo", CLIENT))));
    for way in WAYS {
        // Nothing announces that a connect is under way: wait longer until it is.
        let mut pause = Duration::from_millis(50);
        loop {
            let error = way(&client, "ada", &|| thread::sleep(pause)).expect_err("nobody answers");
            if error.stage == Stage::Setup && pause < SOON {
                pause *= 2;
                continue;
            }
            expect_failure::<()>(Err(error), Reason::Cancelled, Stage::Connect, false);
            break;
        }
    }
}

#[test]
fn at_the_proxy() {
    let server = Standin::start();
    for way in WAYS {
        let (port, arrival) = silent_listener();
        let mut options = patient(loginradius(&server));
        options.set_proxy(&format!("127.0.0.1:{port}")).expect("a proxy");
        let result = way(&client(&options), "ada", &|| await_event(&arrival));
        expect_failure(result, Reason::Cancelled, Stage::Proxy, false);
    }
}

#[test]
fn in_the_handshake() {
    let server = Standin::start();
    for way in WAYS {
        let (port, arrival) = silent_listener();
        let site = format!("127.0.0.1:{port}");
        let options = patient(trusting(&server, Options::loginradius(&site, "demo", CLIENT)));
        let result = way(&client(&options), "ada", &|| await_event(&arrival));
        expect_failure(result, Reason::Cancelled, Stage::Tls, false);
    }
}

#[test]
fn while_the_answer_is_awaited() {
    let server = Standin::start();
    let awaited = || assert!(server.wait_requests(1, SOON));
    for way in WAYS {
        let client = client(&patient(loginradius(&server)));
        let connections = server.connections();
        // On a new connection, then on a kept one.
        for round in 1..=2 {
            let result = way(&client, "fault:never", &awaited);
            expect_failure(result, Reason::Cancelled, Stage::Receive, true);
            assert_eq!(server.take_requests().len(), 1);
            // Its connection is closed, and the next call has another one.
            assert!(server.wait_open(0, SOON));
            expect_tokens(client.login("ada", PASSWORD));
            assert_eq!(server.connections() - connections, 2 * round);
            server.take_requests();
            let result = way(&client, "fault:never", &awaited);
            expect_failure(result, Reason::Cancelled, Stage::Receive, true);
            assert_eq!((server.take_requests().len(), server.connections() - connections), (1, 2 * round));
            assert!(server.wait_open(0, SOON));
        }
    }
}

#[test]
fn a_cancel_ends_the_wait_itself() {
    const CALLS: u32 = 8;
    let server = Standin::start();
    let client = client(&patient(loginradius(&server)));
    for way in WAYS {
        let started = Instant::now();
        for _ in 0..CALLS {
            let result = way(&client, "fault:never", &|| assert!(server.wait_requests(1, SOON)));
            expect_failure(result, Reason::Cancelled, Stage::Receive, true);
            server.take_requests();
        }
        // A call that merely looks at its clock now and then takes twice as long.
        assert!(started.elapsed() < Duration::from_millis(250) * CALLS, "took {:?}", started.elapsed());
    }
}

#[test]
fn while_the_answer_arrives() {
    // Each way in which a body may end: a cancel must look like none of them.
    for (framing, part) in [
        ("Content-Length: 1000\r\n", "{\"access_token\":"),
        ("", "{\"access_token\":\"a\"}"),
        ("Transfer-Encoding: chunked\r\n", "14\r\n{\"access_token\":\"a\"}\r\n"),
        ("Transfer-Encoding: chunked\r\n", "14\r\n{\"access_token\":\"a\"}\r\n0\r\n\r"),
    ] {
        let server = Standin::start();
        let (halfway, arrival) = channel();
        server.script(move |stream, _| {
            let start = format!("HTTP/1.1 200 OK\r\n{framing}\r\n{part}");
            stream.write_all(start.as_bytes()).expect("the client reads");
            halfway.send(()).expect("the test waits");
            stream.client_stays(Duration::from_secs(60));
            After::Close
        });
        for way in WAYS {
            for site in [server.https(), server.http()] {
                let options = patient(trusting(&server, Options::loginradius(&site, "demo", CLIENT)));
                let result = way(&client(&options), "ada", &|| await_event(&arrival));
                expect_failure(result, Reason::Cancelled, Stage::Receive, true);
                assert!(server.wait_open(0, SOON), "{framing:?} {part:?}");
            }
        }
    }
}

#[test]
fn while_the_answer_drips() {
    let server = Standin::start();
    for way in WAYS {
        let client = client(&patient(loginradius(&server)));
        // It comes byte by byte: no read waits for long.
        let result = way(&client, "fault:drip", &|| {
            assert!(server.wait_requests(1, SOON));
            thread::sleep(Duration::from_millis(50));
        });
        expect_failure(result, Reason::Cancelled, Stage::Receive, true);
        server.take_requests();
        assert!(server.wait_open(0, SOON));
    }
}

#[test]
fn after_the_end_it_changes_nothing() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    for _ in 0..3 {
        let call = client.call();
        expect_tokens(client.login_in(&call, "ada", PASSWORD));
        // A call is one operation.
        expect_failure(client.login_in(&call, "ada", PASSWORD), Reason::State, Stage::Setup, false);
        // The connection is in other hands already.
        call.cancel();
    }
    expect_tokens(client.login("ada", PASSWORD));
    assert_eq!((server.connections(), server.requests().len()), (1, 4));
}

#[test]
fn other_calls_go_on() {
    let server = Standin::start();
    let (release, wait_for_release) = channel::<()>();
    let wait_for_release = Mutex::new(wait_for_release);
    server.script(move |_, _| {
        let _ = wait_for_release.lock().expect("nobody panics").recv();
        After::Answer
    });
    let client = client(&patient(loginradius(&server)));
    let (one, other) = (client.call(), client.call());
    thread::scope(|scope| {
        let start = |call: &'_ Arc<Call>| {
            let (client, call) = (&client, call.clone());
            scope.spawn(move || client.login_in(&call, "ada", PASSWORD))
        };
        let logins = [start(&one), start(&other)];
        assert!(server.wait_requests(2, SOON));
        one.cancel();
        let [cancelled, going_on] = logins;
        let result = cancelled.join().expect("no panic");
        expect_failure(result, Reason::Cancelled, Stage::Receive, true);
        drop(release);
        expect_tokens(going_on.join().expect("no panic"));
    });
}

#[test]
fn at_any_moment_it_is_cancelled_or_done() {
    const STEPS: u64 = 120;
    let server = Standin::start();
    for way in WAYS {
        let client = client(&patient(loginradius(&server)));
        server.take_requests();
        let (mut done, mut cancelled) = (0, 0);
        // From before the connect until after the answer, in small steps.
        for step in 0..STEPS {
            match way(&client, "ada", &|| thread::sleep(Duration::from_micros(step * 100))) {
                Ok(_) => done += 1,
                Err(error) if error.reason == Reason::Cancelled => cancelled += 1,
                Err(error) => panic!("after {step} steps: {error:?}"),
            }
        }
        assert!(done + cancelled == STEPS as usize && cancelled > 0, "{done} done, {cancelled} cancelled");
        // No connection was spoiled for those who come later.
        assert!(server.requests().len() >= done);
        expect_tokens(client.login("ada", PASSWORD));
    }
}
