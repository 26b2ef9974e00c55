//! A session hands out an access token that is good: without a request while
//! there is one, refreshed before it ends, as long as the program asks for.

mod common;

use std::sync::Barrier;
use std::thread;

use common::expect_reason;
use common::session::{LIFETIME_S, MARGIN_S, Site, WAIT_MS, no_token, rest, text, token, tokens_of, try_token};
use common::trouble::{soon, until};
use ropc::oauth::{Reason, Session, SessionState, Status};
use standin::{PASSWORD, Standin};

#[test]
fn a_good_token_costs_no_request() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    assert!(site.accepts(&session));
    let requests = site.server.requests().len();
    site.time.pass_s(LIFETIME_S - MARGIN_S - 1);
    for _ in 0..1000 {
        assert_eq!(token(&session), first);
        assert_eq!(session.poll(0, text).expect("no error"), Some(first.clone()));
    }
    assert_eq!(site.server.requests().len(), requests);
    assert!(!session.status().expect("a status").refreshing);
}

#[test]
fn a_good_token_needs_no_server() {
    let Site { server, time, client } = Site::start();
    let session = Session::login(&client, "ada", PASSWORD, None, None).expect("a session");
    drop(server);
    time.pass_s(LIFETIME_S - MARGIN_S - 1);
    token(&session);
}

#[test]
fn it_is_good_for_as_long_as_asked() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    site.time.pass_s(200);
    let left = 1000 * (LIFETIME_S - 200) as u32;
    assert_eq!(session.token(left, WAIT_MS, text).expect("it is good so long"), first);
    assert_eq!(site.refreshes(), 0);
    let second = session.token(left + 1, WAIT_MS, text).expect("a refresh");
    assert_ne!(second, first);
    assert_eq!((site.refreshes(), token(&session)), (1, second));
}

#[test]
fn more_than_tokens_live_is_refused() {
    let site = Site::start();
    let session = site.login(None);
    let too_long = 1000 * LIFETIME_S as u32 + 1;
    let error = expect_reason(session.token(too_long, WAIT_MS, text), Reason::TooShort);
    // One refresh, to see what the server gives now; and no more.
    assert!(error.message.contains("900000 ms") && error.message.contains(&too_long.to_string()), "{error}");
    for _ in 0..10 {
        expect_reason(session.token(too_long, WAIT_MS, text), Reason::TooShort);
        expect_reason(session.poll(too_long, text), Reason::TooShort);
    }
    assert_eq!(site.refreshes(), 1);
    // Less can still be had.
    assert!(session.token(too_long - 1, WAIT_MS, text).is_ok());
    assert!(site.accepts(&session));
}

#[test]
fn near_its_end_it_is_refreshed_beside() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    let release = site.hold();
    site.time.pass_s(LIFETIME_S - MARGIN_S);
    // The old one at once, as often as one likes; one refresh.
    for _ in 0..10 {
        assert_eq!(token(&session), first);
        assert_eq!(session.poll(0, text).expect("no error"), Some(first.clone()));
    }
    site.await_refreshes(1);
    assert_eq!(token(&session), first);
    let status = session.status().expect("a status");
    assert_eq!((status.state, status.refreshing), (SessionState::SignedIn, true));
    drop(release);
    until("the new one is there", || token(&session) != first);
    assert!(site.accepts(&session));
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn a_short_life_has_a_short_margin() {
    // A fifth of ten seconds.
    let site = Site::of(Standin::builder().access_lifetime_s(10));
    let session = site.login(None);
    let first = token(&session);
    site.time.pass_s(7);
    site.time.pass_ms(999);
    assert_eq!(token(&session), first);
    assert_eq!((site.refreshes(), session.status().expect("a status").refreshing), (0, false));
    site.time.pass_ms(1);
    assert_eq!(token(&session), first);
    until("the new one is there", || token(&session) != first);
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn who_asks_for_more_than_the_margin_leaves_waits() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    site.time.pass_s(LIFETIME_S - MARGIN_S);
    let second = session.token(1000 * MARGIN_S as u32 + 1, WAIT_MS, text).expect("a refresh");
    assert_ne!(second, first);
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn at_its_very_end_it_is_not_handed_out() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    site.time.pass_s(LIFETIME_S - 1);
    let release = site.hold();
    site.time.pass_ms(999);
    assert_eq!(token(&session), first);
    site.await_refreshes(1);
    site.time.pass_ms(1);
    assert_eq!(session.poll(0, text).expect("no error"), None);
    assert_eq!(session.status().expect("a status").state, SessionState::Refreshing);
    drop(release);
    assert_ne!(token(&session), first);
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn poll_begins_a_refresh_and_never_waits_for_it() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    let release = site.hold();
    site.time.pass_s(LIFETIME_S);
    for _ in 0..100 {
        assert_eq!(soon(|| session.poll(0, text)).expect("no error"), None);
    }
    site.await_refreshes(1);
    drop(release);
    let found = || session.poll(0, text).expect("no error");
    until("the new one is there", || found().is_some());
    assert!(found().is_some_and(|token| token != first));
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn many_ask_and_one_refresh_is_sent() {
    const THREADS: usize = 32;
    let site = Site::start();
    let session = site.login(None);
    let mut known = token(&session);
    for round in 1..=20 {
        site.time.pass_s(LIFETIME_S);
        let barrier = Barrier::new(THREADS);
        let ask = || {
            barrier.wait();
            token(&session)
        };
        let found: Vec<_> =
            thread::scope(|scope| [(); THREADS].map(|()| scope.spawn(ask)).map(|thread| thread.join()).into());
        let found: Vec<_> = found.into_iter().map(|token| token.expect("no panic")).collect();
        assert!(found.iter().all(|token| *token == found[0] && *token != known), "round {round}");
        known = found[0].clone();
        assert_eq!(site.refreshes(), round);
    }
    assert_eq!(site.server.grant_counts().reused, 0);
    assert!(site.accepts(&session));
}

/// Whatever else happens to the session meanwhile.
#[test]
fn who_refreshes_waits_for_the_new_token() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    let release = site.hold();
    thread::scope(|scope| {
        let waits = scope.spawn(|| {
            session.refresh(true, WAIT_MS).expect("a refresh");
            session.poll(0, text).expect("no error")
        });
        site.await_refreshes(1);
        // Each of these wakes it.
        (0..1000).for_each(|_| session.expire("another-token").expect("nothing ends"));
        let status = session.status().expect("a status");
        assert!(status.refreshing && !waits.is_finished(), "it waits for the answer");
        drop(release);
        assert_ne!(waits.join().expect("no panic").expect("a token"), first);
    });
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn each_waits_as_long_as_it_likes() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    let release = site.hold();
    site.time.pass_s(LIFETIME_S);
    thread::scope(|scope| {
        let patient = [(); 8].map(|()| scope.spawn(|| token(&session)));
        site.await_refreshes(1);
        let error = expect_reason(soon(|| session.token(0, 50, text)), Reason::TimedOut);
        assert_eq!(error.status(), Status::Timeout);
        // Not to wait at all is no error of the session's either.
        expect_reason(soon(|| session.token(0, 0, text)), Reason::TimedOut);
        assert!(session.status().expect("a status").refreshing, "the refresh goes on");
        drop(release);
        let found = patient.map(|thread| thread.join().expect("no panic"));
        assert!(found.iter().all(|token| *token == found[0] && *token != first));
    });
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn the_refresh_goes_on_when_nobody_waits_any_more() {
    let site = Site::start();
    let session = site.login(None);
    let release = site.hold();
    site.time.pass_s(LIFETIME_S);
    expect_reason(soon(|| session.token(0, 1, text)), Reason::TimedOut);
    drop(release);
    rest(&session);
    assert!(session.poll(0, text).expect("no error").is_some());
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn cancelling_sends_waiters_away_but_not_the_refresh() {
    let site = Site::start();
    let session = site.login(None);
    let release = site.hold();
    site.time.pass_s(LIFETIME_S);
    thread::scope(|scope| {
        let waiters = [(); 4].map(|()| scope.spawn(|| try_token(&session)));
        site.await_refreshes(1);
        until("all of them are told", || {
            site.client.cancel();
            waiters.iter().all(|thread| thread.is_finished())
        });
        for waiter in waiters {
            expect_reason(waiter.join().expect("no panic"), Reason::Cancelled);
        }
    });
    assert!(session.status().expect("a status").refreshing);
    drop(release);
    token(&session);
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn a_refused_token_is_not_handed_out_again() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    site.server.expire_access();
    session.expire(&first).expect("a token");
    let second = token(&session);
    assert_ne!(second, first);
    // Others learn late of the first one's end: the second stays.
    for _ in 0..3 {
        session.expire(&first).expect("a token");
        session.expire("somebody-elses").expect("a token");
        assert_eq!(token(&session), second);
    }
    assert_eq!(site.refreshes(), 1);
    assert!(site.accepts(&session));
    expect_reason(session.expire(""), Reason::Argument);
}

#[test]
fn a_refusal_during_the_refresh_does_not_throw_its_token_away() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    let release = site.hold();
    site.time.pass_s(LIFETIME_S - MARGIN_S);
    token(&session);
    site.await_refreshes(1);
    session.expire(&first).expect("a token");
    assert_eq!(session.poll(0, text).expect("no error"), None);
    drop(release);
    assert_ne!(token(&session), first);
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn new_tokens_can_be_had_at_once() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    assert!(session.refresh(false, WAIT_MS).expect("a refresh"));
    let second = token(&session);
    assert_ne!(second, first);
    let release = site.hold();
    assert!(!session.refresh(true, 0).expect("begun"));
    expect_reason(soon(|| session.refresh(false, 50)), Reason::TimedOut);
    assert_eq!(token(&session), second);
    drop(release);
    assert!(session.refresh(false, WAIT_MS).expect("the one under way, or one more"));
    assert_ne!(token(&session), second);
    assert!((2..=3).contains(&site.refreshes()));
    assert_eq!(site.server.grant_counts().reused, 0);
}

#[test]
fn without_a_refresh_token_it_ends() {
    let site = Site::start();
    let mut tokens = tokens_of(&site);
    tokens.refresh_token = None;
    let session = Session::new(&site.client, tokens, None, "ada").expect("a session");
    // The second that has begun when they are taken over counts as gone.
    site.time.pass_s(LIFETIME_S - 2);
    assert!(token(&session).len() > 9);
    assert!(!session.status().expect("a status").refreshing, "there is nothing to refresh with");
    site.time.pass_s(1);
    let error = no_token(&session, Reason::NoRefreshToken);
    assert_eq!(error.status(), Status::SignedOut);
    expect_reason(session.refresh(true, WAIT_MS), Reason::NoRefreshToken);
    assert_eq!(site.refreshes(), 0);
}

#[test]
fn a_server_that_keeps_the_refresh_token() {
    let site = Site::of(Standin::builder().rotation(false));
    let session = site.login(None);
    let mut known = vec![token(&session)];
    for _ in 0..3 {
        site.time.pass_s(LIFETIME_S);
        let next = token(&session);
        assert!(!known.contains(&next));
        known.push(next);
    }
    assert!(site.accepts(&session));
    assert_eq!(site.refreshes(), 3);
}

#[test]
fn tokens_that_came_a_while_ago_are_as_old_as_they_are() {
    let site = Site::start();
    let tokens = tokens_of(&site);
    site.time.pass_s(LIFETIME_S);
    let first = tokens.access_token.expose().to_owned();
    let session = Session::new(&site.client, tokens, None, "ada").expect("a session");
    assert_ne!(token(&session), first);
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn its_status_is_a_line_for_a_screen() {
    let site = Site::with(Standin::builder(), |server| {
        let mut options = common::loginradius(server);
        options.set_scope("openid profile").expect("a scope");
        options
    });
    let session = site.login(None);
    let status = session.status().expect("a status");
    let as_it_is = |state| (state, "ada".to_owned(), Some("openid profile".to_owned()));
    assert_eq!((status.state, status.user_key, status.scope), as_it_is(SessionState::SignedIn));
    assert_eq!(status.expires_at - status.received_at, LIFETIME_S as i64);
    assert!(status.last_error.is_none() && !status.refreshing);
    // Nobody asked, so nothing goes on.
    site.time.pass_s(LIFETIME_S);
    let status = session.status().expect("a status");
    assert_eq!((status.state, status.refreshing), (SessionState::Refreshing, false));
    site.answer_refreshes("503 Not now", "", "");
    no_token(&session, Reason::ServerFault);
    let status = session.status().expect("a status");
    assert_eq!((status.state, status.user_key, status.scope), as_it_is(SessionState::Waiting));
    assert_eq!(status.last_error.expect("an error").reason, Reason::ServerFault);
    site.server.unscript();
    site.time.pass_s(3600);
    token(&session);
    let status = session.status().expect("a status");
    assert_eq!((status.state, status.user_key, status.scope), as_it_is(SessionState::SignedIn));
    assert!(status.last_error.is_none(), "it is over");
    assert_eq!(site.server.requests().len(), 3);
}

#[test]
fn a_name_for_the_user_of_ones_own() {
    let site = Site::start();
    let session = Session::login(&site.client, "ada", PASSWORD, None, Some("slot 3")).expect("a session");
    assert_eq!(session.status().expect("a status").user_key, "slot 3");
    assert_eq!(site.login(None).status().expect("a status").user_key, "ada");
    let requests = site.server.requests().len();
    let refused = Session::login(&site.client, "ada", PASSWORD, None, Some(&"x".repeat(5000)));
    expect_reason(refused.map(drop), Reason::Argument);
    assert_eq!(site.server.requests().len(), requests, "no password is sent for nothing");
    let wrong = Session::login(&site.client, "ada", "wrong", None, None);
    expect_reason(wrong.map(drop), Reason::WrongCredentials);
}

#[test]
fn what_was_handed_out_tells_until_when() {
    let site = Site::start();
    let session = site.login(None);
    let (expires_at, received_at) =
        session.token(0, WAIT_MS, |held| (held.expires_at, held.received_at)).expect("a token");
    assert_eq!(expires_at - received_at, LIFETIME_S as i64);
    let shown = session.token(0, WAIT_MS, |held| format!("{held:?}")).expect("a token");
    assert!(!shown.contains(&token(&session)), "{shown}");
}

#[test]
fn two_sessions_of_one_client_are_apart() {
    let site = Site::start();
    let (one, two) = (site.login(None), site.login(None));
    let (first, second) = (token(&one), token(&two));
    assert_ne!(first, second);
    one.expire(&first).expect("a token");
    assert_ne!(token(&one), first);
    assert_eq!(token(&two), second);
    drop(one);
    site.time.pass_s(LIFETIME_S);
    assert_ne!(token(&two), second);
}
