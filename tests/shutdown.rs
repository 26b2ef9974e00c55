//! The end of everything: shutdown() stops every call of the process and joins
//! every thread, and the library can be used again; Client::cancel() does the
//! first of these for one client. Each test is a process of its own.

#![cfg(target_os = "linux")]

mod common;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::trouble::{
    self, SOON, alone, ended, expect_failure, hangs, patient, silent_listener, soon, started, threads, until,
};
use common::{client, expect_reason, expect_tokens, loginradius, trusting};
use ropc::oauth::{
    Client, DEFAULT_WORKERS, MOST_WORKERS, Options, Progress, Reason, Request, Stage, Status, set_workers, shutdown,
};
use standin::{CLIENT, PASSWORD, Standin, Trap};

const NEVER: &str = "fault:never";

fn patient_client(server: &Standin) -> Client {
    client(&patient(loginradius(server)))
}

fn login(client: &Client, user: &str) -> Request {
    started(client.request_login(user, PASSWORD))
}

/// Shuts down; nothing is left, neither said nor seen.
#[track_caller]
fn shutdown_leaves_nothing() {
    assert_eq!(soon(|| shutdown(SOON)), 0);
    assert_eq!(threads("ropc-"), 0);
}

#[test]
fn everything_under_way_ends() {
    const REQUESTS: usize = 50;
    const CALLS: usize = 4;
    alone("everything_under_way_ends", &[], || {
        let server = Standin::start();
        let clients = [patient_client(&server), patient_client(&server)];
        // Most of them in the queue, then all of them at the server.
        for workers in [DEFAULT_WORKERS, MOST_WORKERS] {
            set_workers(workers).expect("allowed");
            thread::scope(|scope| {
                let calls = [0; CALLS].map(|_| scope.spawn(|| clients[0].login(NEVER, PASSWORD)));
                let requests: Vec<_> = (0..REQUESTS).map(|at| login(&clients[at % 2], NEVER)).collect();
                assert!(server.wait_requests(workers.min(REQUESTS) + CALLS, SOON));
                shutdown_leaves_nothing();
                let at_the_server = |error: &ropc::oauth::Error| error.request_sent && error.stage == Stage::Receive;
                let mut sent = 0;
                for request in &requests {
                    // Not in a moment: it has ended.
                    assert_eq!(request.poll(), Progress::Failed(Status::Cancelled));
                    let error = expect_reason(ended(request), Reason::Cancelled);
                    assert_eq!(error.request_sent, at_the_server(&error), "{error:?}");
                    sent += usize::from(error.request_sent);
                }
                assert_eq!(sent, workers.min(REQUESTS));
                for call in calls {
                    let result = soon(|| call.join().expect("no panic"));
                    expect_failure(result, Reason::Cancelled, Stage::Receive, true);
                }
            });
            assert_eq!(server.take_requests().len(), workers.min(REQUESTS) + CALLS);
            assert!(server.wait_open(0, SOON));
        }
    });
}

#[test]
fn wherever_they_are() {
    alone("wherever_they_are", &[], || {
        let server = Standin::start();
        let at = |port| trusting(&server, Options::loginradius(&format!("127.0.0.1:{port}"), "demo", CLIENT));
        let (silent, arrival) = silent_listener();
        let (in_tls, in_connect) = (client(&patient(at(silent))), client(&patient(at(server.trap(Trap::BlackHole)))));
        let requests = [login(&in_tls, "ada"), login(&in_connect, "ada"), started(Ok(in_connect.request_connect()))];
        trouble::await_event(&arrival);
        shutdown_leaves_nothing();
        for request in &requests {
            assert_eq!(request.poll(), Progress::Failed(Status::Cancelled));
        }
        expect_failure(ended(&requests[0]), Reason::Cancelled, Stage::Tls, false);
    });
}

#[test]
fn the_library_can_be_used_again() {
    alone("the_library_can_be_used_again", &[], || {
        let server = Standin::start();
        let client = patient_client(&server);
        for round in 1..=5 {
            // Prepared before, started after; ended before, taken after.
            let prepared = client.request_login("ada", PASSWORD).expect("valid");
            let done = login(&client, "ada");
            assert_eq!(done.wait(SOON), Progress::Succeeded);
            shutdown_leaves_nothing();
            expect_tokens(ended(&done));
            assert_eq!(prepared.poll(), Progress::Unusable);
            prepared.start().expect("a thread");
            expect_tokens(ended(&prepared));
            expect_tokens(client.login("ada", PASSWORD));
            assert_eq!(server.requests().len(), 3 * round);
        }
        // The connection outlives it.
        assert_eq!(server.connections(), 1);
    });
}

#[test]
fn with_nothing_to_end() {
    alone("with_nothing_to_end", &[], || {
        for _ in 0..3 {
            shutdown_leaves_nothing();
            assert_eq!(shutdown(Duration::ZERO), 0);
        }
        let server = Standin::start();
        expect_tokens(patient_client(&server).login("ada", PASSWORD));
        shutdown_leaves_nothing();
        assert_eq!(shutdown(Duration::MAX), 0);
    });
}

#[test]
fn idle_workers_are_not_waited_for() {
    alone("idle_workers_are_not_waited_for", &[], || {
        let server = Standin::start();
        let client = patient_client(&server);
        let requests: Vec<_> = (0..4).map(|_| login(&client, "ada")).collect();
        for request in &requests {
            expect_tokens(ended(request));
        }
        // They would stay for two seconds.
        let begun = Instant::now();
        shutdown_leaves_nothing();
        assert!(begun.elapsed() < Duration::from_millis(1_500), "took {:?}", begun.elapsed());
    });
}

#[test]
fn from_two_threads_at_once() {
    alone("from_two_threads_at_once", &[], || {
        let server = Standin::start();
        let client = patient_client(&server);
        for _ in 0..10 {
            let requests: Vec<_> = (0..10).map(|_| login(&client, NEVER)).collect();
            assert!(server.wait_requests(DEFAULT_WORKERS, SOON));
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(shutdown_leaves_nothing);
                }
            });
            for request in &requests {
                assert_eq!(request.poll(), Progress::Failed(Status::Cancelled));
            }
            server.take_requests();
        }
    });
}

#[test]
fn a_look_up_that_hangs_is_told() {
    alone("a_look_up_that_hangs_is_told", &[], || {
        let server = Standin::start();
        let (lookup, hang) = hangs();
        let mut options = patient(loginradius(&server));
        options.set_lookup(lookup);
        let client = client(&options);
        let request = login(&client, "ada");
        hang.await_begin();
        let (wait, begun) = (Duration::from_millis(100), Instant::now());
        assert_eq!(shutdown(wait), 1);
        assert!(begun.elapsed() >= wait, "gave up after {:?}", begun.elapsed());
        // The worker is gone, and its request has ended.
        assert_eq!((threads("ropc-aside"), threads("ropc-")), (1, 1));
        assert_eq!(request.poll(), Progress::Failed(Status::Cancelled));
        expect_failure(ended(&request), Reason::Cancelled, Stage::Lookup, false);
        assert_eq!(shutdown(Duration::ZERO), 1);
        drop(hang);
        shutdown_leaves_nothing();
        expect_tokens(ended(&login(&client, "ada")));
    });
}

#[test]
fn it_need_not_wait() {
    alone("it_need_not_wait", &[], || {
        let server = Standin::start();
        let client = patient_client(&server);
        let requests: Vec<_> = (0..6).map(|_| login(&client, NEVER)).collect();
        assert!(server.wait_requests(requests.len(), SOON));
        let left = soon(|| shutdown(Duration::ZERO));
        assert!(left <= requests.len(), "{left}");
        for request in &requests {
            expect_failure(ended(request), Reason::Cancelled, Stage::Receive, true);
        }
        until("they end without being waited for", || threads("ropc-") == 0);
        shutdown_leaves_nothing();
    });
}

#[test]
fn while_others_go_on_starting() {
    const THREADS: usize = 4;
    const SHUTDOWNS: usize = 40;
    alone("while_others_go_on_starting", &[], || {
        let server = Standin::start();
        let client = patient_client(&server);
        let (over, done, cancelled) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for at in 0..THREADS {
                let (client, over, done, cancelled) = (&client, &over, &done, &cancelled);
                scope.spawn(move || {
                    while !over.load(Ordering::Relaxed) {
                        let result = match at % 2 {
                            0 => ended(&login(client, "ada")),
                            _ => soon(|| client.login("ada", PASSWORD)),
                        };
                        let count = if result.is_ok() { done } else { cancelled };
                        count.fetch_add(1, Ordering::Relaxed);
                        if let Err(error) = result {
                            assert_eq!(error.reason, Reason::Cancelled, "{error:?}");
                        }
                    }
                });
            }
            for _ in 0..SHUTDOWNS {
                let before = done.load(Ordering::Relaxed);
                // Those who start meanwhile may keep it from coming to an end.
                soon(|| shutdown(Duration::from_millis(20)));
                until("somebody gets through", || done.load(Ordering::Relaxed) > before);
            }
            over.store(true, Ordering::Relaxed);
        });
        assert!(cancelled.load(Ordering::Relaxed) > 0);
        shutdown_leaves_nothing();
    });
}

#[test]
fn one_client_s_calls_and_no_other_s() {
    alone("one_client_s_calls_and_no_other_s", &[], || {
        set_workers(4).expect("allowed");
        let server = Standin::start();
        let clients = [patient_client(&server), patient_client(&server)];
        thread::scope(|scope| {
            let [ours, theirs] = clients.each_ref().map(|client| {
                let call = scope.spawn(|| client.login(NEVER, PASSWORD));
                (call, login(client, NEVER), client.request_login("ada", PASSWORD).expect("valid"))
            });
            assert!(server.wait_requests(4, SOON));
            clients[0].cancel();
            let (call, request, prepared) = ours;
            expect_failure(call.join().expect("no panic"), Reason::Cancelled, Stage::Receive, true);
            expect_failure(ended(&request), Reason::Cancelled, Stage::Receive, true);
            // What comes later is not touched, nor what was not started.
            prepared.start().expect("a thread");
            expect_tokens(ended(&prepared));
            expect_tokens(clients[0].login("ada", PASSWORD));

            let (call, request, prepared) = theirs;
            assert!(!call.is_finished());
            assert_eq!((request.poll(), prepared.poll()), (Progress::Pending, Progress::Unusable));
            clients[1].cancel();
            expect_failure(call.join().expect("no panic"), Reason::Cancelled, Stage::Receive, true);
            expect_failure(ended(&request), Reason::Cancelled, Stage::Receive, true);
        });
    });
}
