//! Stopping a call from another thread, wherever it is: it ends soon, says
//! CANCELLED, and disturbs no other call.

mod common;
#[path = "common/trouble.rs"]
mod trouble;

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::{client, expect_tokens, loginradius, trusting};
use ropc::oauth::{Call, Client, Error, Options, Reason, Stage, Tokens};
use standin::{After, CLIENT, PASSWORD, Standin, Trap};
use trouble::{SOON, expect_failure, soon, until};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Settings under which nothing but a cancel ends a call before the test
/// would fail for slowness.
fn patient(mut options: Options) -> Options {
    options.set_timeouts(60_000, 60_000).expect("valid");
    options
}

/// Cancels a login once `reached` has returned, and gives what it ended with.
fn cancelled_after(client: &Client, user: &str, reached: impl FnOnce()) -> Result<Tokens, Error> {
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

/// A listener at which something arrives, and then nothing more happens.
fn silent_listener() -> (u16, Receiver<()>) {
    let listener = TcpListener::bind((HERE, 0)).expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let (arrived, arrival) = channel();
    // Ends when the client hangs up.
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        stream.read_exact(&mut [0]).expect("its first byte");
        arrived.send(()).expect("the test waits");
        while stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
    });
    (port, arrival)
}

fn wait(event: &Receiver<()>) {
    event.recv_timeout(SOON).expect("the call gets there");
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
    let (begun, beginning) = channel();
    let (release, wait_for_release) = channel::<()>();
    let wait_for_release = Mutex::new(wait_for_release);
    let mut options = patient(loginradius(&server));
    options.set_lookup(Arc::new(move |_| {
        begun.send(()).expect("the test waits");
        let _ = wait_for_release.lock().expect("nobody panics").recv();
        Ok(vec![HERE])
    }));
    let result = cancelled_after(&client(&options), "ada", || wait(&beginning));
    expect_failure(result, Reason::Cancelled, Stage::Lookup, false);
    drop(release);
}

#[test]
fn in_the_connect() {
    let server = Standin::start();
    let site = format!("127.0.0.1:{}", server.trap(Trap::BlackHole));
    let client = client(&patient(trusting(&server, Options::loginradius(&site, "demo", CLIENT))));
    // Nothing announces that a connect is under way: wait longer until it is.
    let mut pause = Duration::from_millis(50);
    loop {
        let error = cancelled_after(&client, "ada", || thread::sleep(pause)).expect_err("nobody answers");
        if error.stage == Stage::Setup && pause < SOON {
            pause *= 2;
            continue;
        }
        expect_failure::<()>(Err(error), Reason::Cancelled, Stage::Connect, false);
        return;
    }
}

#[test]
fn at_the_proxy() {
    let server = Standin::start();
    let (port, arrival) = silent_listener();
    let mut options = patient(loginradius(&server));
    options.set_proxy(&format!("127.0.0.1:{port}")).expect("a proxy");
    let result = cancelled_after(&client(&options), "ada", || wait(&arrival));
    expect_failure(result, Reason::Cancelled, Stage::Proxy, false);
}

#[test]
fn in_the_handshake() {
    let server = Standin::start();
    let (port, arrival) = silent_listener();
    let site = format!("127.0.0.1:{port}");
    let options = patient(trusting(&server, Options::loginradius(&site, "demo", CLIENT)));
    let result = cancelled_after(&client(&options), "ada", || wait(&arrival));
    expect_failure(result, Reason::Cancelled, Stage::Tls, false);
}

#[test]
fn while_the_answer_is_awaited() {
    let server = Standin::start();
    let client = client(&patient(loginradius(&server)));
    // On a new connection, then on a kept one.
    for round in 1..=2 {
        let awaited = || assert!(server.wait_requests(1, SOON));
        let result = cancelled_after(&client, "fault:never", awaited);
        expect_failure(result, Reason::Cancelled, Stage::Receive, true);
        assert_eq!(server.take_requests().len(), 1);
        // Its connection is closed, and the next call has another one.
        assert!(server.wait_open(0, SOON));
        expect_tokens(client.login("ada", PASSWORD));
        assert_eq!(server.connections(), 2 * round);
        server.take_requests();
        let result = cancelled_after(&client, "fault:never", awaited);
        expect_failure(result, Reason::Cancelled, Stage::Receive, true);
        assert_eq!((server.take_requests().len(), server.connections()), (1, 2 * round));
        assert!(server.wait_open(0, SOON));
    }
}

#[test]
fn a_cancel_ends_the_wait_itself() {
    const CALLS: u32 = 8;
    let server = Standin::start();
    let client = client(&patient(loginradius(&server)));
    let started = Instant::now();
    for _ in 0..CALLS {
        let result = cancelled_after(&client, "fault:never", || assert!(server.wait_requests(1, SOON)));
        expect_failure(result, Reason::Cancelled, Stage::Receive, true);
        server.take_requests();
    }
    // A call that merely looks at its clock now and then takes twice as long.
    assert!(started.elapsed() < Duration::from_millis(250) * CALLS, "took {:?}", started.elapsed());
}

#[test]
fn while_the_answer_arrives() {
    let server = Standin::start();
    let (halfway, arrival) = channel();
    server.script(move |stream, _| {
        let start = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"access_token\":";
        stream.write_all(start).expect("the client reads");
        halfway.send(()).expect("the test waits");
        stream.client_stays(Duration::from_secs(60));
        After::Close
    });
    for site in [server.https(), server.http()] {
        let options = patient(trusting(&server, Options::loginradius(&site, "demo", CLIENT)));
        let result = cancelled_after(&client(&options), "ada", || wait(&arrival));
        expect_failure(result, Reason::Cancelled, Stage::Receive, true);
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
    let server = Standin::start();
    let client = client(&patient(loginradius(&server)));
    let (mut done, mut cancelled) = (0, 0);
    // From before the connect until after the answer, in small steps.
    for step in 0..120 {
        let call = client.call();
        let result = thread::scope(|scope| {
            let login = scope.spawn(|| soon(|| client.login_in(&call, "ada", PASSWORD)));
            thread::sleep(Duration::from_micros(step * 100));
            call.cancel();
            login.join().expect("no panic")
        });
        match result {
            Ok(_) => done += 1,
            Err(error) if error.reason() == Reason::Cancelled => cancelled += 1,
            Err(error) => panic!("after {step} steps: {error:?}"),
        }
    }
    assert!(done + cancelled == 120 && cancelled > 0, "{done} done, {cancelled} cancelled");
    // No connection was spoiled for those who come later.
    let requests = server.requests().len();
    assert!(requests >= done);
    expect_tokens(client.login("ada", PASSWORD));
    until("the last request is counted", || server.requests().len() == requests + 1);
}
