//! Getting a connection, and losing it: look-ups, connects, time limits, and
//! every way an answer can fail to arrive. Whatever happens, the request is
//! sent once at most.

mod common;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::trouble::{self, HERE, alone, closed_port, expect_failure, hangs, login_with_canary, soon, until};
use common::{client, expect_reason, expect_tokens, loginradius, trusting};
use ropc::oauth::{EndpointKind, Level, Limit, Lookup, Options, Reason, Stage};
use socket2::{Domain, Socket, Type};
use standin::{CLIENT, PASSWORD, Standin, Trap};

/// Also this machine, but no stand-in listens there.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// Reserved for documentation (RFC 5737): nobody's.
const FAR: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 5));

/// Limits: short for what is to run out, long for what is not.
const SHORT_MS: u32 = 200;
const LONG_MS: u32 = 60_000;

/// Always finds these addresses.
fn finds(addresses: &[IpAddr]) -> Lookup {
    let addresses = addresses.to_vec();
    Arc::new(move |_| Ok(addresses.clone()))
}

/// At this address connects do not end, for as long as this lives: a backlog
/// that is full.
fn black_hole(address: SocketAddr) -> (Socket, Vec<TcpStream>) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    listener.bind(&address.into()).expect("the port is free there");
    listener.listen(0).expect("it is bound");
    let patience = Duration::from_millis(200);
    let fill = std::iter::from_fn(|| TcpStream::connect_timeout(&address, patience).ok()).collect();
    (listener, fill)
}

#[test]
fn nothing_listens() {
    let server = Standin::start();
    let port = closed_port();
    let options = trusting(&server, Options::loginradius(&format!("127.0.0.1:{port}"), "demo", CLIENT));
    let error = expect_failure(login_with_canary(&client(&options)), Reason::ConnectionRefused, Stage::Connect, false);
    assert!(error.message.contains(&format!("127.0.0.1 port {port}")), "{error}");
}

#[test]
fn the_name_is_unknown() {
    let server = Standin::start();
    let empty: Lookup = Arc::new(|_| Ok(Vec::new()));
    let refusing: Lookup = Arc::new(|_| Err(io::Error::other("no such name")));
    for lookup in [Some(empty), Some(refusing), None] {
        // Reserved (RFC 6761): no resolver finds it.
        let mut options = trusting(&server, Options::loginradius("site.invalid", "demo", CLIENT));
        // A resolver without a network takes its time to say so.
        options.set_timeouts(LONG_MS, LONG_MS).expect("valid");
        if let Some(lookup) = lookup {
            options.set_lookup(lookup);
        }
        let result = client(&options).login("ada", trouble::CANARY);
        let error = expect_failure(result, Reason::Unresolved, Stage::Lookup, false);
        assert!(error.message.contains("site.invalid"), "{error}");
    }
}

#[test]
fn a_lookup_hangs() {
    let server = Standin::start();
    let (lookup, release) = hangs();
    let mut options = loginradius(&server);
    options.set_lookup(lookup);
    options.set_timeouts(SHORT_MS, LONG_MS).expect("valid");
    let client = client(&options);
    expect_failure(login_with_canary(&client), Reason::TimedOut, Stage::Lookup, false);
    assert_eq!(server.connections(), 0);
    // The one who hung is used once it answers.
    drop(release);
    expect_tokens(client.login("ada", PASSWORD));
}

#[test]
fn a_failure_that_came_too_late_is_not_kept() {
    let server = Standin::start();
    let (release, wait) = channel::<()>();
    let (wait, asked) = (Mutex::new(wait), Arc::new(AtomicUsize::new(0)));
    let (count, ended) = (asked.clone(), Arc::new(AtomicUsize::new(0)));
    let end = ended.clone();
    let mut options = loginradius(&server);
    options.set_timeouts(SHORT_MS, LONG_MS).expect("valid");
    options.set_lookup(Arc::new(move |_| {
        if count.fetch_add(1, Ordering::SeqCst) > 0 {
            return Ok(vec![HERE]);
        }
        let _ = wait.lock().expect("nobody panics").recv();
        end.fetch_add(1, Ordering::SeqCst);
        Err(io::Error::other("the network was down"))
    }));
    let client = client(&options);
    expect_reason(client.login("ada", PASSWORD), Reason::TimedOut);
    drop(release);
    until("the first look-up has ended", || ended.load(Ordering::SeqCst) == 1);
    // Its thread still has to store the answer, which nothing announces.
    thread::sleep(Duration::from_millis(100));
    // Meanwhile the network is back: this call asks again.
    expect_tokens(client.login("ada", PASSWORD));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_failed_lookup_is_done_again() {
    let server = Standin::start();
    let fails: [fn() -> io::Result<Vec<IpAddr>>; 3] =
        [|| Ok(Vec::new()), || Err(io::Error::other("no network")), || panic!("a bug in the program's look-up")];
    for fail in fails {
        let first = AtomicBool::new(true);
        let mut options = loginradius(&server);
        options
            .set_lookup(Arc::new(move |_| if first.swap(false, Ordering::SeqCst) { fail() } else { Ok(vec![HERE]) }));
        let client = client(&options);
        expect_failure(login_with_canary(&client), Reason::Unresolved, Stage::Lookup, false);
        expect_tokens(client.login("ada", PASSWORD));
    }
}

#[test]
fn too_many_lookups_hang() {
    alone("too_many_lookups_hang", &[], || {
        let server = Standin::start();
        let (lookup, release) = hangs();
        let mut options = loginradius(&server);
        options.set_timeouts(SHORT_MS, LONG_MS).expect("valid");
        options.set_lookup(lookup);
        // A client shares the look-ups of its own calls, so one client each.
        let stuck: Vec<_> = (0..16).map(|_| client(&options)).collect();
        thread::scope(|scope| {
            for client in &stuck {
                scope.spawn(|| expect_reason(client.login("ada", PASSWORD), Reason::TimedOut));
            }
        });
        let late = client(&options);
        expect_failure(login_with_canary(&late), Reason::Resources, Stage::Lookup, false);
        // Addresses need no look-up.
        let site = format!("127.0.0.1:{}", server.https_port());
        let by_address = trusting(&server, Options::loginradius(&site, "demo", CLIENT));
        expect_tokens(client(&by_address).login("ada", PASSWORD));
        // Who waits for a place can be stopped, and gets the first that is free.
        let (mut patient, first) = (loginradius(&server), Arc::new(AtomicUsize::new(0)));
        let asked = first.clone();
        patient.set_timeouts(LONG_MS, LONG_MS).expect("valid");
        patient.set_lookup(Arc::new(move |_| {
            asked.fetch_add(1, Ordering::SeqCst);
            Ok(vec![HERE])
        }));
        let (stopped, patient) = (client(&patient), client(&patient));
        thread::scope(|scope| {
            let waits = scope.spawn(|| stopped.login("ada", PASSWORD));
            // As often as need be: a cancel finds only what is under way.
            until("it is stopped", || {
                stopped.cancel();
                waits.is_finished()
            });
            expect_reason(waits.join().expect("no panic"), Reason::Cancelled);
            let waits = [(); 3].map(|()| scope.spawn(|| expect_tokens(patient.login("ada", PASSWORD))));
            assert_eq!(first.load(Ordering::SeqCst), 0, "there was no place");
            drop(release);
            for wait in waits {
                wait.join().expect("no panic");
            }
        });
        assert_eq!(first.load(Ordering::SeqCst), 1, "all share one look-up");
        expect_tokens(late.login("ada", PASSWORD));
    });
}

#[test]
fn calls_share_a_lookup() {
    const CALLS: usize = 20;
    let server = Standin::start();
    let (begun, lookups) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (in_log, in_lookup, waiting) = (begun.clone(), lookups.clone(), begun.clone());
    let mut options = loginradius(&server);
    // Each call tells its beginning.
    let tell = move |_: Level, _: &str| {
        in_log.fetch_add(1, Ordering::SeqCst);
    };
    options.set_log(Level::Info, Some(Arc::new(tell)));
    options.set_lookup(Arc::new(move |_| {
        in_lookup.fetch_add(1, Ordering::SeqCst);
        until("all calls have begun", || waiting.load(Ordering::SeqCst) >= CALLS);
        Ok(vec![HERE])
    }));
    let client = client(&options);
    thread::scope(|scope| {
        for _ in 0..CALLS {
            scope.spawn(|| expect_tokens(client.login("ada", PASSWORD)));
        }
    });
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
    assert_eq!(server.requests().len(), CALLS);
}

#[test]
fn an_address_is_kept_until_it_fails() {
    let server = Standin::start();
    let lookups = Arc::new(AtomicUsize::new(0));
    let count = lookups.clone();
    let mut options = loginradius(&server);
    options.set_limit(Limit::IdleConnections, 0).expect("valid");
    // The site moves after the first look-up.
    options.set_lookup(Arc::new(move |name| {
        assert_eq!(name, "localhost");
        Ok(vec![if count.fetch_add(1, Ordering::SeqCst) == 0 { ELSEWHERE } else { HERE }])
    }));
    let client = client(&options);
    expect_failure(login_with_canary(&client), Reason::ConnectionRefused, Stage::Connect, false);
    for _ in 0..3 {
        expect_tokens(client.login("ada", PASSWORD));
    }
    assert_eq!((lookups.load(Ordering::SeqCst), server.connections()), (2, 3));
}

#[test]
fn a_dead_address_does_not_hold_up_a_live_one() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_timeouts(LONG_MS, LONG_MS).expect("valid");
    options.set_lookup(finds(&[ELSEWHERE, HERE]));
    // Refused at once, then never answered.
    soon(|| expect_tokens(client(&options).login("ada", PASSWORD)));
    let hole = black_hole(SocketAddr::new(ELSEWHERE, server.https_port()));
    let started = Instant::now();
    soon(|| expect_tokens(client(&options).login("ada", PASSWORD)));
    // RFC 8305, 5: the first has so much time before the second is tried.
    assert!(started.elapsed() >= Duration::from_millis(250), "no head start");
    assert_eq!(server.requests().len(), 2);
    drop(hole);
}

#[test]
fn a_black_hole_ends_with_the_time_to_connect() {
    let server = Standin::start();
    let port = server.trap(Trap::BlackHole);
    for (connect_ms, total_ms) in [(SHORT_MS, LONG_MS), (LONG_MS, SHORT_MS)] {
        let mut options = trusting(&server, Options::loginradius(&format!("127.0.0.1:{port}"), "demo", CLIENT));
        options.set_timeouts(connect_ms, total_ms).expect("valid");
        let client = client(&options);
        let started = Instant::now();
        expect_failure(login_with_canary(&client), Reason::TimedOut, Stage::Connect, false);
        assert!(started.elapsed() >= Duration::from_millis(SHORT_MS.into()), "gave up early");
    }
}

#[test]
fn plain_http_stays_on_this_machine() {
    let server = Standin::start();
    let login_at = |addresses: &[IpAddr], port: u16| {
        let mut options = trusting(&server, Options::loginradius(&format!("http://site.test:{port}"), "demo", CLIENT));
        options.set_lookup(finds(addresses));
        soon(|| client(&options).login("ada", PASSWORD))
    };
    for far in [FAR, "2001:db8::5".parse().expect("an address"), Ipv4Addr::UNSPECIFIED.into()] {
        // At the look-up: the connect was never begun.
        expect_failure(login_at(&[far], server.http_port()), Reason::PlainHttp, Stage::Lookup, false);
    }
    assert_eq!(server.connections(), 0);
    expect_tokens(login_at(&[FAR, HERE], server.http_port()));
    // Had the last one been tried, its failure would be the one that is told.
    expect_failure(login_at(&[HERE, FAR], closed_port()), Reason::ConnectionRefused, Stage::Connect, false);
}

/// The faults that lose an answer, and what is said of it.
const LOST: &[(&str, Reason)] = &[
    ("fault:never", Reason::TimedOut),
    ("fault:drip", Reason::TimedOut),
    ("fault:delay_30000", Reason::TimedOut),
    ("fault:drop_before", Reason::CutOffAfterSent),
    ("fault:cut_before", Reason::CutOffAfterSent),
    ("fault:reset_before", Reason::CutOffAfterSent),
    ("fault:half_head", Reason::CutOffAfterSent),
    ("fault:truncate_length", Reason::CutOffAfterSent),
    ("fault:truncate_chunked", Reason::CutOffAfterSent),
    ("fault:reset_body", Reason::CutOffAfterSent),
];

#[test]
fn a_lost_answer_is_not_asked_for_again() {
    let server = Standin::start();
    for site in [server.https(), server.http()] {
        let mut options = trusting(&server, Options::loginradius(&site, "demo", CLIENT));
        options.set_timeouts(LONG_MS, 3 * SHORT_MS).expect("valid");
        for (user, reason) in LOST {
            let connections = server.connections();
            let result = soon(|| client(&options).login(user, PASSWORD));
            let error = expect_failure(result, *reason, Stage::Receive, true);
            assert!(error.retryable(), "{user}");
            assert_eq!(server.take_requests().len(), 1, "{user} at {site}");
            assert_eq!(server.connections(), connections + 1, "{user} at {site}");
        }
    }
}

#[test]
fn an_answer_may_take_until_the_limit() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    // Longer than one slice of a blocking read, and than the time to connect.
    options.set_timeouts(10 * SHORT_MS, LONG_MS).expect("valid");
    expect_tokens(client(&options).login("fault:delay_2500", PASSWORD));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_end_without_close_notify_is_no_end_over_tls() {
    let server = Standin::start();
    let user = "fault:no_close_notify";
    let result = client(&loginradius(&server)).login(user, PASSWORD);
    expect_failure(result, Reason::CutOffAfterSent, Stage::Receive, true);
    // Without TLS it is how such an answer ends.
    let options = trusting(&server, Options::loginradius(&server.http(), "demo", CLIENT));
    expect_tokens(client(&options).login(user, PASSWORD));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn the_server_hangs_up_during_the_request() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_endpoint(EndpointKind::Token, &format!("{}/early-close", server.https())).expect("valid");
    // As long as a password may be: the request does not leave in one piece.
    for password in ["canary", &"canary".repeat(10_000)] {
        let error = expect_reason(soon(|| client(&options).login("ada", password)), Reason::CutOffAfterSent);
        assert!(error.request_sent, "{error:?}");
        assert!(matches!(error.stage, Stage::Send | Stage::Receive), "{error:?}");
        assert_eq!(server.take_requests().len(), 1);
    }
}

#[test]
fn a_reset_before_the_request_says_that_nothing_was_sent() {
    let server = Standin::start();
    let site = format!("localhost:{}", server.trap(Trap::ResetOnAccept));
    let options = trusting(&server, Options::loginradius(&site, "demo", CLIENT));
    let error = expect_reason(login_with_canary(&client(&options)), Reason::CutOffBeforeSent);
    // The reset is met when the connection is set up, or with the first message.
    assert!(matches!(error.stage, Stage::Connect | Stage::Tls), "{error:?}");
    assert!(!error.request_sent && error.retryable(), "{error:?}");
    assert!(server.requests().is_empty());
}

#[test]
fn the_smallest_limit_ends_everything() {
    // Look-ups of other tests could take all places.
    alone("the_smallest_limit_ends_everything", &[], || {
        let server = Standin::start();
        let (lookup, release) = hangs();
        let at =
            |trap| trusting(&server, Options::loginradius(&format!("localhost:{}", server.trap(trap)), "demo", CLIENT));
        let mut hanging = loginradius(&server);
        hanging.set_lookup(lookup);
        for mut options in [hanging, at(Trap::BlackHole), at(Trap::StalledHandshake), loginradius(&server)] {
            options.set_timeouts(1, 1).expect("valid");
            let error = expect_reason(soon(|| client(&options).login("fault:never", PASSWORD)), Reason::TimedOut);
            assert!(error.stage != Stage::None, "{error:?}");
        }
        drop(release);
    });
}

#[cfg(unix)]
#[test]
fn no_descriptor_is_left() {
    alone("no_descriptor_is_left", &[], || {
        let server = Standin::start();
        // By address: a look-up may want descriptors, too.
        let site = format!("127.0.0.1:{}", server.https_port());
        let client = client(&trusting(&server, Options::loginradius(&site, "demo", CLIENT)));
        let limit = libc::rlimit { rlim_cur: 128, rlim_max: 128 };
        // SAFETY: reads a local; this process is nobody else's.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
        let files: Vec<_> = std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect();
        assert!(!files.is_empty());
        let error = expect_failure(login_with_canary(&client), Reason::Resources, Stage::Connect, false);
        assert!(error.retryable());
        drop(files);
        expect_tokens(client.login("ada", PASSWORD));
    });
}

#[test]
fn a_call_keeps_its_clock() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.set_timeouts(SHORT_MS, SHORT_MS).expect("valid");
    let client = client(&options);
    let call = client.call();
    // The clock runs from the making of the call, not from its use.
    thread::sleep(Duration::from_millis(u64::from(SHORT_MS) + 50));
    expect_failure(client.login_in(&call, "ada", trouble::CANARY), Reason::TimedOut, Stage::Setup, false);
    assert_eq!(server.connections(), 0);
}
