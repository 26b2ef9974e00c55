//! Sessions and the threads of this library: a refresh always finds one, and
//! none is left behind. Each test is a process of its own.

#![cfg(target_os = "linux")]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

use common::expect_tokens;
use common::session::{LIFETIME_S, MARGIN_S, Place, Site, WAIT_MS, rest, text, token};
use common::trouble::{SOON, alone, ended, soon, started, threads, until};
use ropc::oauth::{ApiCall, Progress, set_workers, shutdown};
use standin::PASSWORD;

#[test]
fn a_refresh_does_not_queue_behind_requests() {
    alone("a_refresh_does_not_queue_behind_requests", &[], || {
        let site = Site::start();
        let session = site.login(None);
        set_workers(1).expect("allowed");
        let stuck: Vec<_> =
            [(); 3].map(|()| started(site.client.request_login("fault:never", PASSWORD))).into_iter().collect();
        let first = token(&session);
        site.time.pass_s(LIFETIME_S);
        assert_ne!(token(&session), first);
        assert_eq!(stuck[0].poll(), Progress::Pending);
    });
}

#[test]
fn a_request_may_wait_for_a_refresh() {
    alone("a_request_may_wait_for_a_refresh", &[], || {
        let site = Site::start();
        let session = site.login(None);
        set_workers(1).expect("allowed");
        site.time.pass_s(LIFETIME_S);
        let url = format!("{}/api/echo", site.server.https());
        let ask = ApiCall { method: "GET", url: &url, headers: &[], body: None };
        let requests = [(); 4].map(|()| started(session.request_call(&ask)));
        for request in requests {
            assert_eq!(soon(|| request.wait(2 * SOON)), Progress::Succeeded);
            assert_eq!(request.take_response().expect("an answer").expect("it has ended").status, 200);
        }
        assert_eq!(site.refreshes(), 1);
    });
}

#[test]
fn no_thread_is_there_for_a_session_that_rests() {
    alone("no_thread_is_there_for_a_session_that_rests", &[], || {
        let (site, place) = (Site::start(), Place::new());
        let sessions: Vec<_> = [(); 20].map(|()| site.login(Some(&place.store()))).into_iter().collect();
        sessions.iter().for_each(|session| drop(token(session)));
        assert_eq!(threads("ropc-"), 0);
        site.time.pass_ms(LIFETIME_S * 1000);
        token(&sessions[0]);
        // Soon after its work a worker goes.
        until("no thread is left", || threads("ropc-") == 0);
        site.time.pass_ms(LIFETIME_S * 1000);
        token(&sessions[0]);
        drop(sessions);
        assert_eq!(soon(|| shutdown(SOON)), 0);
        assert_eq!(threads("ropc-"), 0);
    });
}

#[test]
fn a_refresh_in_the_queue_is_stopped_with_everything_else() {
    alone("a_refresh_in_the_queue_is_stopped_with_everything_else", &[], || {
        let site = Site::start();
        // More of them than there are threads for.
        let sessions: Vec<_> = [(); 40].map(|()| site.login(None)).into_iter().collect();
        let release = site.hold();
        site.time.pass_s(LIFETIME_S);
        for session in &sessions {
            assert_eq!(session.poll(0, text).expect("no error"), None);
        }
        until("the threads are busy", || site.refreshes() >= 1);
        thread::scope(|scope| {
            let ending = scope.spawn(|| soon(|| shutdown(SOON)));
            until("those in the queue are stopped", || {
                sessions.iter().any(|session| !session.status().expect("a status").refreshing)
            });
            drop(release);
            assert_eq!(ending.join().expect("no panic"), 0);
        });
        let sent = site.refreshes();
        assert!(sent < sessions.len(), "{sent}");
        // Nothing is lost, and all go on: those that were not sent, now.
        site.server.unscript();
        sessions.iter().for_each(|session| drop(token(session)));
        let counts = site.server.grant_counts();
        assert_eq!((counts.refreshed, counts.reused), (sessions.len() as u64, 0));
        assert_eq!(site.refreshes(), sessions.len());
    });
}

#[test]
fn all_kinds_of_calls_at_once() {
    const THREADS: usize = 16;
    alone("all_kinds_of_calls_at_once", &[], || {
        let (site, place) = (Site::start(), Place::new());
        let session = site.login(Some(&place.store()));
        let barrier = Barrier::new(THREADS);
        let work = |at: usize| {
            for round in 0..40 {
                barrier.wait();
                if at == 0 {
                    let seconds = [LIFETIME_S, LIFETIME_S - MARGIN_S, 1][round % 3];
                    site.time.pass_ms(seconds * 1000);
                }
                let known = token(&session);
                match (at + round) % 6 {
                    0 => drop(session.poll(0, text).expect("no error")),
                    1 => drop(session.status().expect("a status")),
                    2 => session.expire(&known).expect("a token"),
                    3 => drop(session.refresh(false, WAIT_MS).expect("a refresh")),
                    4 => drop(session.pending().expect("not in a save")),
                    _ => assert!(session.token(0, WAIT_MS, text).is_ok()),
                }
            }
        };
        thread::scope(|scope| {
            let work = &work;
            // The others would wait at the barrier for a thread that failed.
            let or_end =
                move |at| catch_unwind(AssertUnwindSafe(|| work(at))).unwrap_or_else(|_| std::process::exit(1));
            (0..THREADS).for_each(|at| drop(scope.spawn(move || or_end(at))));
        });
        rest(&session);
        let counts = site.server.grant_counts();
        assert_eq!((counts.reused, counts.refused, counts.dead_families), (0, 0, 0), "{counts:?}");
        assert_eq!(counts.refreshed, site.refreshes() as u64);
        assert!(site.accepts(&session));
        expect_tokens(ended(&started(site.client.request_login("ada", PASSWORD))));
    });
}
