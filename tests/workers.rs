//! The threads that requests run on: how many, how long, in what order, and
//! what a request may count on while it waits for one. They belong to the
//! process, so each test is one of its own.

#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::trouble::{self, SOON, alone, ended, expect_failure, hangs, patient, started, threads, until};
use common::{client, expect_reason, expect_tokens, loginradius, refuses, trusting};
use ropc::oauth::{
    Client, DEFAULT_WORKERS, MOST_WORKERS, Options, Progress, Reason, Request, Session, Stage, set_workers,
};
use standin::{After, CLIENT, PASSWORD, Standin, Trap};

const NEVER: &str = "fault:never";

fn patient_client(server: &Standin) -> Client {
    client(&patient(loginradius(server)))
}

/// Started requests, as many.
fn logins(client: &Client, user: &str, count: usize) -> Vec<Request> {
    (0..count).map(|_| started(client.request_login(user, PASSWORD))).collect()
}

/// This process' size in memory addresses, in KiB.
fn address_space_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells it");
    let line = status.lines().find(|line| line.starts_with("VmSize:")).expect("a size");
    line.split_whitespace().nth(1).and_then(|size| size.parse().ok()).expect("a number")
}

/// Does this while the process has room for what is allocated, not for a stack.
fn without_threads<T>(work: impl FnOnce() -> T) -> T {
    let limit = |bytes| {
        let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
        // SAFETY: reads a local; this process is nobody else's.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
    };
    limit((address_space_kib() + 512) * 1024);
    let done = work();
    limit(libc::RLIM_INFINITY);
    done
}

/// Has every request wait until this many have come.
fn answer_when_there_are(server: &Standin, count: usize) {
    let barrier = std::sync::Barrier::new(count);
    server.script(move |_, _| {
        barrier.wait();
        After::Answer
    });
}

#[test]
fn no_thread_before_the_first_request() {
    alone("no_thread_before_the_first_request", &[], || {
        let server = Standin::start();
        let client = patient_client(&server);
        expect_tokens(client.login("ada", PASSWORD));
        let prepared = client.request_login(NEVER, PASSWORD).expect("valid");
        assert_eq!(threads("ropc-worker"), 0);
        prepared.start().expect("a thread");
        assert!(server.wait_requests(2, SOON));
        assert_eq!((threads("ropc-worker"), threads("ropc-clock")), (1, 0));
    });
}

#[test]
fn one_worker_serves_one_after_the_other() {
    const REQUESTS: usize = 20;
    alone("one_worker_serves_one_after_the_other", &[], || {
        set_workers(1).expect("allowed");
        let server = Standin::start();
        let client = patient_client(&server);
        let (release, wait) = channel::<()>();
        let wait = Mutex::new(wait);
        server.script(move |_, _| {
            let _ = wait.lock().expect("nobody panics").recv();
            After::Answer
        });
        let numbered = |at: usize| {
            let number = at.to_string();
            let params = [("username", "ada"), ("password", PASSWORD), ("number", &number)];
            started(client.request_grant("password", &params))
        };
        let requests: Vec<_> = (0..REQUESTS).map(numbered).collect();
        assert!(server.wait_requests(1, SOON));
        assert!(requests.iter().all(|request| request.poll() == Progress::Pending));
        assert_eq!((threads("ropc-worker"), server.requests().len()), (1, 1));
        drop(release);
        for request in &requests {
            expect_tokens(ended(request));
        }
        // In the order of their start, and all on the one connection.
        let seen = server.requests();
        for (at, seen) in seen.iter().enumerate() {
            let body = String::from_utf8_lossy(&seen.body);
            assert!(body.contains(&format!("\"number\":\"{at}\"")), "at {at}: {body}");
        }
        assert_eq!((seen.len(), server.connections()), (REQUESTS, 1));
    });
}

#[test]
fn never_more_than_the_limit() {
    const REQUESTS: usize = 40;
    alone("never_more_than_the_limit", &[], || {
        let server = Standin::start();
        let client = patient_client(&server);
        for (most, set) in [(DEFAULT_WORKERS, false), (3, true), (12, true)] {
            if set {
                set_workers(most).expect("allowed");
            }
            let held = logins(&client, NEVER, REQUESTS);
            assert!(server.wait_requests(most, SOON), "{} of {most} run", server.requests().len());
            until("no more than allowed are left", || threads("ropc-worker") <= most);
            assert_eq!((threads("ropc-worker"), server.take_requests().len()), (most, most));
            // One cancelled, one more runs: of those that wait, the first.
            held[0].cancel().expect("any time");
            assert!(server.wait_requests(1, SOON));
            assert_eq!((threads("ropc-worker"), server.requests().len()), (most, 1));
            client.cancel();
            for request in &held {
                expect_reason(ended(request), Reason::Cancelled);
            }
            // Nor while they come and go.
            let quick = logins(&client, "ada", REQUESTS);
            while quick.iter().any(|request| request.poll() == Progress::Pending) {
                assert!(threads("ropc-worker") <= most);
            }
            for request in &quick {
                expect_tokens(ended(request));
            }
            server.take_requests();
        }
    });
}

#[test]
fn a_limit_is_1_to_64() {
    alone("a_limit_is_1_to_64", &[], || {
        for wrong in [0, MOST_WORKERS + 1, usize::MAX] {
            refuses(set_workers(wrong), "most", "1 to 64");
        }
        set_workers(1).expect("allowed");
        set_workers(MOST_WORKERS).expect("allowed");
        // What was refused changed nothing.
        let server = Standin::start();
        answer_when_there_are(&server, MOST_WORKERS);
        for request in logins(&patient_client(&server), "ada", MOST_WORKERS) {
            expect_tokens(ended(&request));
        }
    });
}

#[test]
fn a_raised_limit_serves_what_waits() {
    alone("a_raised_limit_serves_what_waits", &[], || {
        set_workers(1).expect("allowed");
        let server = Standin::start();
        let client = patient_client(&server);
        let held = logins(&client, NEVER, 5);
        assert!(server.wait_requests(1, SOON));
        assert_eq!(threads("ropc-worker"), 1);
        set_workers(3).expect("allowed");
        assert!(server.wait_requests(3, SOON));
        assert_eq!((threads("ropc-worker"), server.requests().len()), (3, 3));
        client.cancel();
        for request in &held {
            expect_reason(ended(request), Reason::Cancelled);
        }
    });
}

#[test]
fn a_lowered_limit_lets_go_of_workers() {
    alone("a_lowered_limit_lets_go_of_workers", &[], || {
        let server = Standin::start();
        let client = patient_client(&server);
        let held = logins(&client, NEVER, 4);
        assert!(server.wait_requests(4, SOON));
        let waiting = logins(&client, NEVER, 1 + DEFAULT_WORKERS);
        assert!(server.wait_requests(DEFAULT_WORKERS, SOON));
        // What runs goes on; who ends takes up nothing new until few are left.
        set_workers(2).expect("allowed");
        server.take_requests();
        for request in &held {
            request.cancel().expect("any time");
            expect_reason(ended(request), Reason::Cancelled);
        }
        until("those that are too many are gone", || threads("ropc-worker") == DEFAULT_WORKERS - held.len());
        assert!(server.requests().is_empty());
        client.cancel();
        for request in &waiting {
            expect_reason(ended(request), Reason::Cancelled);
        }
        until("two are left", || threads("ropc-worker") <= 2);
    });
}

#[test]
fn idle_workers_go_and_others_come() {
    alone("idle_workers_go_and_others_come", &[], || {
        let server = Standin::start();
        let client = patient_client(&server);
        for _ in 0..2 {
            answer_when_there_are(&server, 4);
            for request in logins(&client, "ada", 4) {
                expect_tokens(ended(&request));
            }
            server.unscript();
            // The next attempt finds one of them.
            for _ in 0..10 {
                expect_tokens(ended(&started(client.request_login("ada", PASSWORD))));
                assert!(threads("ropc-worker") <= 4);
            }
            until("they are gone", || threads("ropc-") == 0);
        }
    });
}

#[test]
fn their_stacks_are_small() {
    // One arena: those that malloc makes for threads would be counted, too.
    alone("their_stacks_are_small", &[("MALLOC_ARENA_MAX", "1")], || {
        set_workers(MOST_WORKERS).expect("allowed");
        let server = Standin::start();
        let (lookup, hang) = hangs();
        let mut options = patient(loginradius(&server));
        options.set_lookup(lookup);
        // They share the look-up and wait for it: no connection, no other thread.
        let client = client(&options);
        let first = logins(&client, "ada", 1);
        hang.await_begin();
        let before = address_space_kib();
        let others = logins(&client, "ada", MOST_WORKERS - 1);
        until("all have a worker", || threads("ropc-worker") == MOST_WORKERS);
        // A thread of Rust's has 2 MiB; one of C's, 8.
        let each = (address_space_kib() - before) / others.len() as u64;
        assert!(each < 1_400, "{each} KiB a worker");
        drop(hang);
        for request in first.iter().chain(&others) {
            expect_tokens(ended(request));
        }
    });
}

#[test]
fn time_runs_while_a_request_waits_for_a_worker() {
    alone("time_runs_while_a_request_waits_for_a_worker", &[], || {
        set_workers(1).expect("allowed");
        let server = Standin::start();
        let busy = logins(&patient_client(&server), NEVER, 1);
        assert!(server.wait_requests(1, SOON));
        let limited = |total_ms| {
            let mut options = loginradius(&server);
            options.set_timeouts(60_000, total_ms).expect("valid");
            let begun = Instant::now();
            (started(client(&options).request_login("ada", trouble::CANARY)), total_ms, begun)
        };
        // The one that ends first was not the first to be started.
        let mut waiting = [limited(60_000), limited(600), limited(200), limited(400)];
        let (patient, waiting) = waiting.split_first_mut().expect("four");
        waiting.sort_by_key(|(_, total_ms, _)| *total_ms);
        for (request, total_ms, begun) in waiting {
            until("its time is over", || request.poll() != Progress::Pending);
            assert!(begun.elapsed() >= Duration::from_millis((*total_ms).into()), "{:?}", begun.elapsed());
            let error = expect_failure(ended(request), Reason::TimedOut, Stage::Setup, false);
            assert!(error.message.contains("waiting for a worker") && error.retryable(), "{error}");
        }
        assert_eq!((patient.0.poll(), busy[0].poll()), (Progress::Pending, Progress::Pending));
        // Nobody runs them any more, and nothing was sent.
        busy[0].cancel().expect("any time");
        expect_reason(ended(&patient.0), Reason::WrongCredentials);
        assert_eq!(server.requests().len(), 2);
        until("the clock is gone when nothing waits", || threads("ropc-clock") == 0);
    });
}

#[test]
fn the_time_to_connect_begins_with_the_worker() {
    const CONNECT_MS: u32 = 300;
    alone("the_time_to_connect_begins_with_the_worker", &[], || {
        set_workers(1).expect("allowed");
        let server = Standin::start();
        let busy = logins(&patient_client(&server), NEVER, 1);
        assert!(server.wait_requests(1, SOON));
        let site = format!("127.0.0.1:{}", server.trap(Trap::BlackHole));
        let mut options = trusting(&server, Options::loginradius(&site, "demo", CLIENT));
        options.set_timeouts(CONNECT_MS, 60_000).expect("valid");
        let request = started(client(&options).request_login("ada", trouble::CANARY));
        // Longer than it has for its connect.
        let connect = Duration::from_millis(CONNECT_MS.into());
        assert_eq!(request.wait(connect + connect), Progress::Pending);
        let freed = Instant::now();
        busy[0].cancel().expect("any time");
        expect_failure(ended(&request), Reason::TimedOut, Stage::Connect, false);
        assert!(freed.elapsed() >= connect, "it had {:?}", freed.elapsed());
    });
}

#[test]
fn cancelled_in_the_queue_it_ends_without_a_worker() {
    alone("cancelled_in_the_queue_it_ends_without_a_worker", &[], || {
        set_workers(1).expect("allowed");
        let server = Standin::start();
        let (client, other) = (patient_client(&server), patient_client(&server));
        let busy = logins(&other, NEVER, 1);
        assert!(server.wait_requests(1, SOON));
        let [one, dropped, of_client, last] =
            [&other, &client, &client, &other].map(|client| started(client.request_login("ada", PASSWORD)));
        one.cancel().expect("any time");
        expect_failure(ended(&one), Reason::Cancelled, Stage::Setup, false);
        drop(dropped);
        client.cancel();
        expect_failure(ended(&of_client), Reason::Cancelled, Stage::Setup, false);
        assert_eq!((busy[0].poll(), last.poll()), (Progress::Pending, Progress::Pending));
        // The rest of the queue is as it was.
        busy[0].cancel().expect("any time");
        expect_tokens(ended(&last));
        assert_eq!(server.requests().len(), 2);
    });
}

#[test]
fn when_no_thread_can_be_had() {
    alone("when_no_thread_can_be_had", &[("MALLOC_ARENA_MAX", "1")], || {
        let server = Standin::start();
        let site = format!("127.0.0.1:{}", server.https_port());
        let client = client(&trusting(&server, Options::loginradius(&site, "demo", CLIENT)));
        // What a first login sets up is set up.
        expect_tokens(client.login("ada", PASSWORD));
        let request = client.request_login("ada", PASSWORD).expect("valid");
        for result in without_threads(|| [request.start(), request.start()]) {
            let error = expect_failure(result, Reason::Resources, Stage::Setup, false);
            assert!(error.message.contains("thread") && error.retryable(), "{error}");
        }
        // It is as it was: it does not begin with the next one, and can be
        // started after it.
        assert_eq!(request.poll(), Progress::Unusable);
        expect_tokens(ended(&started(client.request_login("ada", PASSWORD))));
        assert_eq!((request.poll(), server.requests().len()), (Progress::Unusable, 2));
        request.start().expect("there is room now");
        expect_tokens(ended(&request));
    });
}

#[test]
fn when_no_thread_can_be_had_for_a_refresh() {
    alone("when_no_thread_can_be_had_for_a_refresh", &[("MALLOC_ARENA_MAX", "1")], || {
        let server = Standin::start();
        let site = format!("127.0.0.1:{}", server.https_port());
        let client = client(&trusting(&server, Options::loginradius(&site, "demo", CLIENT)));
        let session = Session::login(&client, "ada", PASSWORD, None, None).expect("a session");
        let result = without_threads(|| session.refresh(false, 1_000));
        let error = expect_failure(result, Reason::Resources, Stage::Setup, false);
        assert!(error.message.contains("thread") && error.retryable(), "{error}");
        // The session is as it was.
        session.token(0, 0, |_| ()).expect("its token is good");
        assert!(session.refresh(true, 10_000).expect("there is room now"));
    });
}

#[test]
fn many_threads_start_and_drop_requests() {
    const THREADS: usize = 8;
    const EACH: usize = 40;
    alone("many_threads_start_and_drop_requests", &[], || {
        set_workers(4).expect("allowed");
        let server = Arc::new(Standin::start());
        let client = patient_client(&server);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let client = &client;
                scope.spawn(move || {
                    for at in 0..EACH {
                        let request = started(client.request_login("ada", PASSWORD));
                        match (at + thread) % 4 {
                            0 => drop(request),
                            1 => {
                                request.cancel().expect("any time");
                                if let Err(error) = ended(&request) {
                                    assert_eq!(error.reason, Reason::Cancelled);
                                }
                            }
                            _ => drop(expect_tokens(ended(&request))),
                        }
                    }
                });
            }
        });
        assert!(threads("ropc-worker") <= 4);
        // Each of those that were waited for was sent once, the rest at most.
        let seen = server.requests().len();
        assert!((THREADS * EACH / 2..=THREADS * EACH).contains(&seen), "{seen}");
    });
}
