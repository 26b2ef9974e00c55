//! Sessions in a process that forks: the child hands out what is good, and
//! refreshes only where a file keeps the two apart. Each test is a process of
//! its own.

#![cfg(unix)]

mod common;

use std::thread;

use common::child::{Child, Signal};
use common::session::{
    LIFETIME_S, MARGIN_S, Place, Site, host_store, identity, rest, take_record, text, token, try_token,
};
use common::trouble::{SOON, alone, soon, until};
use common::{expect_reason, trusting};
use ropc::oauth::{Options, Reason, Session, SessionState, shutdown};
use standin::{CLIENT, Standin};

/// A site without a look-up: the resolver of the C library is not made for a
/// child of a process with threads.
fn by_address() -> Site {
    Site::with(Standin::builder(), |server| {
        let site = format!("127.0.0.1:{}", server.https_port());
        identity(trusting(server, Options::loginradius(&site, "demo", CLIENT)), server)
    })
}

fn end(site: &Site) {
    site.time.pass_ms(LIFETIME_S * 1000);
}

/// What the child of a session without a file is told.
#[track_caller]
fn is_the_parents(session: &Session) {
    expect_reason(try_token(session), Reason::State);
    expect_reason(session.poll(0, text), Reason::State);
    for force in [false, true] {
        expect_reason(session.refresh(force, 1000), Reason::State);
    }
}

#[test]
fn the_child_is_given_what_is_good() {
    alone("the_child_is_given_what_is_good", &[], || {
        let (site, place) = (by_address(), Place::new());
        let host = site.login(Some(&host_store(None)));
        take_record(&host, true);
        for session in [site.login(None), site.login(Some(&place.store())), host] {
            let first = token(&session);
            let child = Child::start(|| {
                assert_eq!(token(&session), first);
                assert_eq!(session.poll(0, text).expect("no error"), Some(first.clone()));
                assert_eq!(session.status().expect("a status").state, SessionState::SignedIn);
            });
            child.join();
            assert_eq!(token(&session), first);
        }
        assert_eq!(site.refreshes(), 0);
    });
}

#[test]
fn without_a_file_the_child_does_not_refresh() {
    alone("without_a_file_the_child_does_not_refresh", &[], || {
        let site = by_address();
        let host = site.login(Some(&host_store(None)));
        take_record(&host, true);
        for session in [site.login(None), host] {
            let first = token(&session);
            let child = Child::start(|| {
                // In its margin it is handed out, as long as it is good.
                site.time.pass_ms((LIFETIME_S - MARGIN_S) * 1000);
                assert_eq!(token(&session), first);
                site.time.pass_ms(MARGIN_S * 1000);
                is_the_parents(&session);
            });
            child.join();
            assert_eq!((site.refreshes(), token(&session)), (0, first));
        }
    });
}

#[test]
fn with_a_file_both_go_on() {
    alone("with_a_file_both_go_on", &[], || {
        let (site, place) = (by_address(), Place::new());
        let session = site.login(Some(&place.store()));
        let first = token(&session);
        let (to_parent, to_child) = (Signal::new(), Signal::new());
        let child = Child::start(|| {
            end(&site);
            let second = token(&session);
            assert_ne!(second, first);
            to_parent.tell();
            to_child.wait();
            // The parent refreshed meanwhile.
            assert_eq!(token(&session), second);
            end(&site);
            let third = token(&session);
            assert!(third != second && place.text().contains(&third));
        });
        to_parent.wait();
        assert_eq!(token(&session), first);
        end(&site);
        let second = token(&session);
        assert!(second != first && place.text().contains(&second));
        assert_eq!(site.refreshes(), 1, "the child's");
        end(&site);
        let third = token(&session);
        assert_eq!(site.refreshes(), 2, "the parent's");
        to_child.tell();
        child.join();
        assert_eq!(site.refreshes(), 2);
        assert_eq!((token(&session), site.server.grant_counts().reused), (third, 0));
    });
}

#[test]
fn a_refresh_under_way_stays_the_parents() {
    alone("a_refresh_under_way_stays_the_parents", &[], || {
        for file in [None, Some(Place::new())] {
            let site = by_address();
            let session = site.login(file.as_ref().map(Place::store).as_ref());
            let first = token(&session);
            let release = site.hold();
            end(&site);
            thread::scope(|scope| {
                let waiter = scope.spawn(|| token(&session));
                site.await_refreshes(1);
                let has_file = file.is_some();
                let child = Child::start(|| {
                    if !has_file {
                        is_the_parents(&session);
                    }
                });
                child.join();
                drop(release);
                assert_ne!(waiter.join().expect("no panic"), first);
            });
            assert_eq!((site.refreshes(), site.server.grant_counts().reused), (1, 0));
        }
    });
}

#[test]
fn the_child_waits_for_the_parents_refresh_in_a_file() {
    alone("the_child_waits_for_the_parents_refresh_in_a_file", &[], || {
        let (site, place) = (by_address(), Place::new());
        let session = site.login(Some(&place.store()));
        let first = token(&session);
        let release = site.hold();
        end(&site);
        assert_eq!(session.poll(0, text).expect("no error"), None);
        site.await_refreshes(1);
        let started = Signal::new();
        let child = Child::start(|| {
            started.tell();
            assert_ne!(token(&session), first);
        });
        started.wait();
        drop(release);
        rest(&session);
        child.join();
        assert_eq!((site.refreshes(), site.server.grant_counts().reused), (1, 0));
    });
}

#[test]
fn a_session_that_had_no_token_has_none_in_the_child() {
    alone("a_session_that_had_no_token_has_none_in_the_child", &[], || {
        let site = by_address();
        // Not saved yet, and the parent's to save.
        let session = site.login(Some(&host_store(None)));
        let child = Child::start(|| {
            is_the_parents(&session);
            assert!(session.pending().expect("not in a save").is_none());
        });
        child.join();
        take_record(&session, true);
        token(&session);
        let gone = site.login(None);
        gone.sign_out().expect("everything is done");
        Child::start(|| {
            try_token(&gone).expect_err("nobody is signed in");
        })
        .join();
    });
}

#[test]
fn a_refused_token_is_refused_in_the_child_too() {
    alone("a_refused_token_is_refused_in_the_child_too", &[], || {
        let (site, place) = (by_address(), Place::new());
        let (session, stored) = (site.login(None), site.login(Some(&place.store())));
        let (first, second) = (token(&session), token(&stored));
        session.expire(&first).expect("a token");
        stored.expire(&second).expect("a token");
        Child::start(|| {
            is_the_parents(&session);
            assert_ne!(token(&stored), second);
        })
        .join();
        assert_ne!(token(&session), first);
        assert_ne!(token(&stored), second);
        assert_eq!((site.refreshes(), site.server.grant_counts().reused), (2, 0));
    });
}

#[test]
fn a_child_that_ends_ends_nothing() {
    alone("a_child_that_ends_ends_nothing", &[], || {
        let (site, place) = (by_address(), Place::new());
        let session = site.login(Some(&place.store()));
        let first = token(&session);
        let release = site.hold();
        end(&site);
        assert_eq!(session.poll(0, text).expect("no error"), None);
        site.await_refreshes(1);
        let mut ours = Some(session);
        Child::start(|| {
            drop(ours.take());
            site.client.cancel();
            assert_eq!(soon(|| shutdown(SOON)), 0);
        })
        .join();
        let session = ours.expect("only the child's is gone");
        assert!(session.status().expect("a status").refreshing);
        drop(release);
        until("the new one is there", || session.poll(0, text).expect("no error").is_some());
        assert_ne!(token(&session), first);
    });
}
