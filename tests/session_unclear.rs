//! A refresh that was sent and whose answer never came: nobody knows, nothing
//! is sent again, and the program decides.

mod common;

use common::session::{LIFETIME_S, MARGIN_S, Site, WAIT_MS, YEAR_S, no_token, rest, token};
use common::{expect_reason, loginradius};
use ropc::oauth::{Reason, Session, SessionState, Status};
use standin::{PASSWORD, Standin};

/// A session whose refresh has no end that anybody knows.
#[track_caller]
fn is_unclear(site: &Site, why: &str) {
    let session = site.login(None);
    let first = token(&session);
    site.time.pass_s(LIFETIME_S - MARGIN_S);
    token(&session);
    rest(&session);
    assert_eq!(token(&session), first, "still good: {why}");
    let status = session.status().expect("a status");
    let last = status.last_error.expect("an error").reason;
    assert_eq!((status.state, last), (SessionState::SignedIn, Reason::Unclear), "{why}");
    site.time.pass_s(MARGIN_S);
    for _ in 0..20 {
        let error = no_token(&session, Reason::Unclear);
        assert!(error.status() == Status::Unclear && error.request_sent && !error.retryable(), "{error:?}");
        expect_reason(session.refresh(false, WAIT_MS), Reason::Unclear);
        site.time.pass_s(3600);
    }
    site.time.pass_s(YEAR_S);
    no_token(&session, Reason::Unclear);
    assert_eq!(session.status().expect("a status").state, SessionState::Unclear);
    assert_eq!(site.refreshes(), 1, "nothing is sent again: {why}");
    // Once more, because the program says so.
    let _ = session.refresh(true, WAIT_MS);
    assert_eq!(site.refreshes(), 2, "{why}");
}

#[test]
fn an_answer_that_never_came_is_unclear() {
    for fault in ["cut_before", "drop_before", "reset_before", "half_head", "truncate_length", "reset_body"] {
        let site = Site::start();
        site.server.treat_refresh_as(Some(&format!("fault:{fault}")));
        is_unclear(&site, fault);
    }
    for (status, body) in [
        ("502 Bad Gateway", "<html>Oops</html>"),
        ("504 Gateway Timeout", ""),
        ("200 OK", "<html>Welcome to the hotel</html>"),
        ("200 OK", ""),
        ("200 OK", "{}"),
        ("200 OK", "{\"access_token\":\"cut o"),
        ("200 OK", "{\"access_token\":\"00000000-0000-0000-0000-000000000000\",\"token_type\":\"Bearer\"}"),
    ] {
        let site = Site::start();
        site.answer_refreshes(status, "", body);
        is_unclear(&site, body);
    }
}

#[test]
fn an_answer_that_took_too_long_is_unclear() {
    let short = |server: &Standin| {
        let mut options = loginradius(server);
        options.set_timeouts(5_000, 400).expect("limits");
        options
    };
    let site = Site::with(Standin::builder(), short);
    site.server.treat_refresh_as(Some("fault:never"));
    is_unclear(&site, "never");
}

#[test]
fn once_more_where_the_server_forgives() {
    let site = Site::of(Standin::builder().grace_ms(60_000));
    let session = site.login(None);
    let first = token(&session);
    site.server.lose_refresh_answers(1);
    site.time.pass_s(LIFETIME_S);
    no_token(&session, Reason::Unclear);
    assert!(session.refresh(true, WAIT_MS).expect("the same answer again"));
    assert_ne!(token(&session), first);
    assert!(site.accepts(&session));
    // All is as before: the next refresh is nothing special.
    site.time.pass_s(LIFETIME_S);
    token(&session);
    let counts = site.server.grant_counts();
    assert_eq!((counts.reused, counts.graced, counts.dead_families), (1, 1, 0));
    assert_eq!(site.refreshes(), 3);
}

#[test]
fn once_more_where_the_server_does_not() {
    let site = Site::start();
    let session = site.login(None);
    site.server.lose_refresh_answers(1);
    site.time.pass_s(LIFETIME_S);
    no_token(&session, Reason::Unclear);
    expect_reason(session.refresh(true, WAIT_MS), Reason::RefreshEnded);
    no_token(&session, Reason::RefreshEnded);
    assert_eq!((site.refreshes(), site.server.grant_counts().reused), (2, 1));
}

#[test]
fn once_more_and_lost_again() {
    let site = Site::of(Standin::builder().rotation(false));
    let session = site.login(None);
    site.server.lose_refresh_answers(2);
    site.time.pass_s(LIFETIME_S);
    no_token(&session, Reason::Unclear);
    expect_reason(session.refresh(true, WAIT_MS), Reason::Unclear);
    no_token(&session, Reason::Unclear);
    assert_eq!(site.refreshes(), 2);
    assert!(session.refresh(true, WAIT_MS).expect("the third time"));
    assert!(site.accepts(&session));
}

#[test]
fn forced_without_a_network_it_stays_unclear() {
    let Site { server, time, client } = Site::start();
    let session = Session::login(&client, "ada", PASSWORD, None, None).expect("a session");
    server.lose_refresh_answers(1);
    time.pass_s(LIFETIME_S);
    no_token(&session, Reason::Unclear);
    drop(server);
    let _ = session.refresh(true, WAIT_MS).expect_err("nobody is there");
    // What was sent before is not forgotten: nothing more was sent.
    no_token(&session, Reason::Unclear);
}
