//! Connections made ahead of a login: what they save, how long they last, and
//! that nothing is sent on them until there is something to send.

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use common::trouble::{
    HERE, SOON, await_event, closed_port, ended, expect_failure, hangs, login_with_canary, patient, silent_listener,
    soon, started, until,
};
use common::{client, expect_reason, expect_tokens, loginradius, trusting};
use ropc::oauth::{Client, Error, Limit, Options, Progress, Reason, Stage};
use standin::{CLIENT, PASSWORD, Standin, Trap};

/// Connects ahead: in this thread, or beside it.
type Way = fn(&Client) -> Result<(), Error>;

const WAYS: [Way; 2] = [blocking, beside];

fn blocking(client: &Client) -> Result<(), Error> {
    soon(|| client.connect())
}

fn beside(client: &Client) -> Result<(), Error> {
    let request = started(Ok(client.request_connect()));
    assert_ne!(request.wait(SOON), Progress::Pending);
    request.take_done().map(|done| done.expect("it has ended"))
}

/// A client for the stand-in at this origin.
fn at(server: &Standin, site: &str) -> Client {
    client(&patient(trusting(server, Options::loginradius(site, "demo", CLIENT))))
}

/// The turns that `work` costs.
fn flights<T>(server: &Standin, work: impl FnOnce() -> T) -> (u64, T) {
    let before = server.flights();
    let result = work();
    (server.flights() - before, result)
}

/// Connecting ahead and signing in cost so many turns, and one connection.
#[track_caller]
fn costs(server: &Standin, site: &str, cold: u64) {
    let (turns, _) = flights(server, || expect_tokens(at(server, site).login("ada", PASSWORD)));
    assert_eq!(turns, cold, "a cold login at {site}");
    server.take_requests();
    for (way, pause_ms) in WAYS.into_iter().zip([0, 50]) {
        let (client, connections) = (at(server, site), server.connections());
        let (turns, _) = flights(server, || {
            way(&client).expect("a connection");
            // Without TLS the server learns of it in its own time.
            assert!(server.wait_connections(connections + 1, SOON));
        });
        assert_eq!(turns, cold - 1, "connecting ahead to {site}");
        assert!(server.requests().is_empty(), "it sends nothing");
        // Tickets come when they come, which nothing announces: once the login
        // overtakes them, once they wait in the socket.
        thread::sleep(Duration::from_millis(pause_ms));
        let (turns, _) = flights(server, || expect_tokens(client.login("ada", PASSWORD)));
        assert_eq!(turns, 1, "the login after it at {site}");
        let (turns, _) = flights(server, || expect_tokens(client.login("ada", PASSWORD)));
        assert_eq!(turns, 1, "and the one after that");
        assert_eq!((server.connections() - connections, server.take_requests().len()), (1, 2));
    }
}

#[test]
fn a_login_is_one_turn_whatever_tickets_wait() {
    for tickets in [0, 1, 2, 4] {
        let server = Standin::builder().tickets(tickets).start();
        costs(&server, &server.https(), 3);
    }
}

#[test]
fn a_login_is_one_turn_with_older_tls_and_without() {
    let server = Standin::start();
    let tls12 = format!("localhost:{}", server.trap(Trap::Tls12Only));
    costs(&server, &tls12, 4);
    costs(&server, &server.http(), 2);
}

#[test]
fn through_a_proxy() {
    let server = Standin::start();
    let mut options = patient(loginradius(&server));
    options.set_proxy(&format!("127.0.0.1:{}", server.trap(Trap::ProxyOpen))).expect("a proxy");
    for way in WAYS {
        let client = client(&options);
        way(&client).expect("a tunnel");
        let (heads, connections) = (server.proxy_heads().len(), server.connections());
        let (turns, _) = flights(&server, || expect_tokens(client.login("ada", PASSWORD)));
        assert_eq!((turns, server.proxy_heads().len(), server.connections()), (1, heads, connections));
    }
    assert_eq!(server.proxy_heads().len(), WAYS.len());
}

#[test]
fn a_connection_that_is_there_is_enough() {
    let server = Standin::start();
    for way in WAYS {
        let (client, connections) = (at(&server, &server.https()), server.connections());
        for _ in 0..3 {
            way(&client).expect("a connection");
        }
        expect_tokens(client.login("ada", PASSWORD));
        assert_eq!(server.connections() - connections, 1);
    }
}

#[test]
fn one_that_a_login_left_serves_if_it_is_good_for_long() {
    let server = Standin::start();
    // The default of 4 s is too short for somebody who types.
    for (idle_ms, connections) in [(60_000, 1), (4_000, 2)] {
        let before = server.connections();
        let mut options = patient(loginradius(&server));
        options.set_limit(Limit::IdleMs, idle_ms).expect("valid");
        let client = client(&options);
        expect_tokens(client.login("ada", PASSWORD));
        client.connect().expect("a connection");
        assert_eq!(server.connections() - before, connections, "{idle_ms} ms");
        // Where there are two, either serves.
        let flights = server.flights();
        expect_tokens(client.login("ada", PASSWORD));
        assert_eq!((server.connections() - before, server.flights() - flights), (connections, 1));
        drop(client);
        assert!(server.wait_open(0, SOON));
    }
}

#[test]
fn the_old_one_stays_when_there_is_no_new_one() {
    let listener = TcpListener::bind((HERE, 0)).expect("a port");
    let site = format!("http://{}", listener.local_addr().expect("it is bound"));
    // Serves one connection; who comes after it is refused.
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        drop(listener);
        let body = r#"{"access_token":"a","token_type":"Bearer"}"#;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {
            stream.write_all(answer.as_bytes()).expect("the client reads");
        }
    });
    let client = client(&patient(Options::loginradius(&site, "demo", CLIENT).expect("valid")));
    expect_tokens(client.login("ada", PASSWORD));
    // What the login left is kept too short a time for connecting ahead.
    expect_reason(client.connect(), Reason::ConnectionRefused);
    expect_tokens(client.login("ada", PASSWORD));
}

#[test]
fn it_waits_longer_than_one_that_was_used() {
    let server = Standin::start();
    let (used, ahead) = (client(&loginradius(&server)), client(&loginradius(&server)));
    expect_tokens(used.login("ada", PASSWORD));
    ahead.connect().expect("a connection");
    // The default is to keep a connection for 4 seconds, one made ahead for 15:
    // nothing but waiting shows which of them this one has.
    thread::sleep(Duration::from_millis(4_500));
    let (turns, _) = flights(&server, || expect_tokens(ahead.login("ada", PASSWORD)));
    assert_eq!((turns, server.connections()), (1, 2));
    expect_tokens(used.login("ada", PASSWORD));
    assert_eq!(server.connections(), 3, "the one that was used is not kept");
}

#[test]
fn a_longer_idle_time_holds_for_it_too() {
    let server = Standin::start();
    for idle_ms in [1, 600_000] {
        let mut options = patient(loginradius(&server));
        options.set_limit(Limit::IdleMs, idle_ms).expect("valid");
        let client = client(&options);
        let connections = server.connections();
        client.connect().expect("a connection");
        thread::sleep(Duration::from_millis(20));
        expect_tokens(client.login("ada", PASSWORD));
        assert_eq!(server.connections() - connections, 1, "{idle_ms} ms");
    }
}

#[test]
fn closed_by_the_server_it_is_replaced() {
    let server = Standin::start();
    for site in [server.https(), server.http()] {
        for way in WAYS {
            let (client, connections) = (at(&server, &site), server.connections());
            let close = |count| {
                assert!(server.wait_connections(connections + count, SOON));
                // Only what has come to rest can be closed.
                until("the server closes it", || {
                    server.close_idle();
                    server.open() == 0
                });
            };
            way(&client).expect("a connection");
            close(1);
            expect_tokens(client.login("ada", PASSWORD));
            assert_eq!((server.connections() - connections, server.take_requests().len()), (2, 1));
            close(2);
            // Connecting ahead notices, too.
            way(&client).expect("a connection");
            assert!(server.wait_connections(connections + 3, SOON));
            let (turns, _) = flights(&server, || expect_tokens(client.login("ada", PASSWORD)));
            assert_eq!((turns, server.take_requests().len()), (1, 1));
            drop(client);
            assert!(server.wait_open(0, SOON));
        }
    }
}

#[test]
fn a_client_that_keeps_none_makes_none() {
    let server = Standin::start();
    for limit in [Limit::IdleConnections, Limit::IdleMs] {
        let mut options = patient(loginradius(&server));
        options.set_limit(limit, 0).expect("valid");
        let client = client(&options);
        for way in WAYS {
            expect_failure(way(&client), Reason::Unsupported, Stage::Setup, false);
        }
        assert_eq!(server.connections(), 0);
    }
}

#[test]
fn it_fails_as_a_login_does() {
    let server = Standin::start();
    let trap = |kind| format!("localhost:{}", server.trap(kind));
    for (site, reason) in [
        (format!("127.0.0.1:{}", closed_port()), Reason::ConnectionRefused),
        ("site.invalid".to_owned(), Reason::Unresolved),
        (trap(Trap::Expired), Reason::TlsExpired),
        (trap(Trap::UnknownCa), Reason::TlsUnknownIssuer),
        (trap(Trap::Tls11Only), Reason::TlsProtocol),
        (trap(Trap::SilentClose), Reason::CutOffBeforeSent),
    ] {
        let client = at(&server, &site);
        let of_login = expect_reason(login_with_canary(&client), reason);
        for way in WAYS {
            let error = expect_failure(way(&client), reason, of_login.stage, false);
            assert_eq!((&error.message, error.status()), (&of_login.message, of_login.status()));
        }
    }
    let mut options = patient(loginradius(&server));
    options.set_proxy(&format!("127.0.0.1:{}", server.trap(Trap::ProxyHtml))).expect("a proxy");
    expect_failure(client(&options).connect(), Reason::ProxyRefused, Stage::Proxy, false);
    assert!(server.requests().is_empty());
}

#[test]
fn its_time_is_limited() {
    let server = Standin::start();
    for (trap, stage) in [(Trap::BlackHole, Stage::Connect), (Trap::StalledHandshake, Stage::Tls)] {
        let site = format!("127.0.0.1:{}", server.trap(trap));
        let mut options = trusting(&server, Options::loginradius(&site, "demo", CLIENT));
        options.set_timeouts(200, 60_000).expect("valid");
        for way in WAYS {
            expect_failure(way(&client(&options)), Reason::TimedOut, stage, false);
        }
    }
}

#[test]
fn cancelled_it_leaves_no_connection() {
    let server = Standin::start();
    let (port, arrival) = silent_listener();
    let (lookup, hang) = hangs();
    let mut hanging = patient(loginradius(&server));
    hanging.set_lookup(lookup);
    let hanging = client(&hanging);
    let silent = at(&server, &format!("127.0.0.1:{port}"));
    let in_lookup = || hang.await_begin();
    let in_tls = || await_event(&arrival);
    let stages: [(&Client, &dyn Fn(), Stage); 2] =
        [(&hanging, &in_lookup, Stage::Lookup), (&silent, &in_tls, Stage::Tls)];
    for (client, reached, stage) in stages {
        let request = started(Ok(client.request_connect()));
        reached();
        request.cancel().expect("any time");
        assert_ne!(request.wait(SOON), Progress::Pending);
        expect_failure(request.take_done(), Reason::Cancelled, stage, false);
    }
    // Before it starts; and a call that blocks.
    let client = at(&server, &server.https());
    let request = client.request_connect();
    request.cancel().expect("any time");
    expect_reason(request.take_done(), Reason::Cancelled);
    let call = client.call();
    call.cancel();
    expect_failure(client.connect_in(&call), Reason::Cancelled, Stage::Setup, false);
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_cancel_after_its_end_leaves_it_as_it_is() {
    let server = Standin::start();
    let client = at(&server, &server.https());
    let call = client.call();
    client.connect_in(&call).expect("a connection");
    call.cancel();
    let request = started(Ok(client.request_connect()));
    assert_eq!(request.wait(SOON), Progress::Succeeded);
    request.cancel().expect("any time");
    client.cancel();
    drop(request);
    let (turns, _) = flights(&server, || expect_tokens(client.login("ada", PASSWORD)));
    assert_eq!((turns, server.connections()), (1, 1));
}

#[test]
fn beside_a_login_both_succeed() {
    let server = Standin::start();
    for _ in 0..20 {
        let client = at(&server, &server.https());
        let (connect, login) = (started(Ok(client.request_connect())), started(client.request_login("ada", PASSWORD)));
        expect_tokens(ended(&login));
        assert_eq!(connect.wait(SOON), Progress::Succeeded);
    }
    assert_eq!(server.requests().len(), 20);
}

#[test]
fn a_wrong_password_after_it_is_a_refusal() {
    let server = Standin::start();
    let client = at(&server, &server.https());
    client.connect().expect("a connection");
    let (turns, result) = flights(&server, || login_with_canary(&client));
    expect_reason(result, Reason::WrongCredentials);
    assert_eq!((turns, server.connections()), (1, 1));
}
