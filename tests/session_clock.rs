//! Clocks that jump, machines that sleep, and lifetimes that are none.

mod common;

use common::expect_reason;
use common::session::{LIFETIME_S, MARGIN_S, Place, Site, WAIT_MS, YEAR_S, no_token, rest, text, token, tokens_of};
use common::trouble::soon;
use ropc::oauth::{Reason, Session};
use standin::Standin;

const LATEST_AT: i64 = 253_402_300_799;

/// Nothing is asked of the server, whatever happens.
#[track_caller]
fn stays(site: &Site, session: &Session, first: &str) {
    let requests = site.server.requests().len();
    for _ in 0..100 {
        assert_eq!(token(session), first);
    }
    rest(session);
    assert_eq!(site.server.requests().len(), requests);
}

/// Exactly one refresh brings the next token.
#[track_caller]
fn moves_on(site: &Site, session: &Session, first: &str) {
    let sent = site.refreshes();
    let second = token(session);
    assert_ne!(second, first);
    stays(site, session, &second);
    assert_eq!(site.refreshes(), sent + 1);
    assert!(site.accepts(session));
}

#[test]
fn the_walls_clock_ends_nothing() {
    for jump in [YEAR_S as i64, -(YEAR_S as i64)] {
        let site = Site::start();
        let session = site.login(None);
        let first = token(&session);
        site.time.move_wall_s(jump);
        stays(&site, &session, &first);
        site.time.pass_ms((LIFETIME_S - MARGIN_S) * 1000 - 1);
        stays(&site, &session, &first);
        site.time.pass_ms(MARGIN_S * 1000 + 1);
        moves_on(&site, &session, &first);
        // What came after the jump is as good as any.
        let second = token(&session);
        site.time.pass_ms((LIFETIME_S - MARGIN_S) * 1000 - 1);
        stays(&site, &session, &second);
        site.time.move_wall_s(-jump);
        stays(&site, &session, &second);
    }
}

#[test]
fn a_machine_that_slept() {
    let site = Site::start();
    let session = site.login(None);
    for slept in [YEAR_S, LIFETIME_S, 50 * YEAR_S] {
        let first = token(&session);
        site.time.pass_s(slept);
        moves_on(&site, &session, &first);
    }
    // Short of the end it wakes with a token that is good.
    let first = token(&session);
    site.time.pass_s(LIFETIME_S - MARGIN_S - 1);
    stays(&site, &session, &first);
}

#[test]
fn a_machine_that_slept_and_woke_without_its_wall_clock() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    site.time.pass_ms(YEAR_S * 1000);
    moves_on(&site, &session, &first);
}

#[test]
fn a_clock_that_begins_anew_ends_nothing() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    site.time.restart();
    stays(&site, &session, &first);
    // The server knows better, and is believed.
    site.server.expire_access();
    session.expire(&first).expect("a token");
    moves_on(&site, &session, &first);
    let second = token(&session);
    site.time.pass_s(LIFETIME_S);
    moves_on(&site, &session, &second);
}

#[test]
fn no_pause_is_longer_because_a_clock_went_back() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    session.expire(&first).expect("a token");
    site.answer_refreshes("500 Oops", "", "");
    assert_eq!(no_token(&session, Reason::ServerFault).retry_after_ms, 1000);
    site.time.restart();
    site.server.unscript();
    let told = match session.poll(0, text) {
        Err(error) => error.retry_after_ms,
        Ok(_) => 0,
    };
    assert!(told <= 1000, "{told} ms");
    site.time.pass_s(1);
    moves_on(&site, &session, &first);
}

#[test]
fn pauses_pass_in_sleep() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    site.time.pass_s(LIFETIME_S);
    site.answer_refreshes("429 Slowly", "Retry-After: 3600\r\n", "{}");
    assert_eq!(no_token(&session, Reason::RateLimited).retry_after_ms, 3_600_000);
    site.time.move_wall_s(YEAR_S as i64);
    no_token(&session, Reason::RateLimited);
    assert_eq!(site.refreshes(), 1);
    site.server.unscript();
    site.time.pass_s(3600);
    moves_on(&site, &session, &first);
}

#[test]
fn started_again_after_a_while() {
    let (site, place) = (Site::start(), Place::new());
    let first = token(&site.login(Some(&place.store())));
    // With two minutes left; the clock that passes begins anew.
    site.time.move_wall_s(LIFETIME_S as i64 - 120);
    site.time.restart();
    let session = site.resume(&place.store()).expect("a session");
    stays(&site, &session, &first);
    site.time.pass_ms(58_000);
    stays(&site, &session, &first);
    // The margin, then the end.
    site.time.pass_ms(60_000);
    let sent = site.refreshes();
    assert_eq!(token(&session), first);
    rest(&session);
    assert_eq!(site.refreshes(), sent + 1);
    assert_ne!(token(&session), first);
}

#[test]
fn started_again_when_it_has_ended() {
    for later in [LIFETIME_S, YEAR_S, 100 * YEAR_S] {
        let (site, place) = (Site::start(), Place::new());
        let first = token(&site.login(Some(&place.store())));
        site.time.move_wall_s(later as i64);
        site.time.restart();
        let session = site.resume(&place.store()).expect("a session");
        moves_on(&site, &session, &first);
    }
}

#[test]
fn started_again_with_a_wall_clock_that_went_back() {
    let (site, place) = (Site::start(), Place::new());
    let first = token(&site.login(Some(&place.store())));
    site.time.move_wall_s(-(YEAR_S as i64));
    site.time.restart();
    let session = site.resume(&place.store()).expect("a session");
    // At most as long as it ever had: not for a year.
    stays(&site, &session, &first);
    site.time.pass_ms(LIFETIME_S * 1000);
    moves_on(&site, &session, &first);
    // And with the right one again.
    site.time.move_wall_s(YEAR_S as i64);
    let second = token(&session);
    stays(&site, &site.resume(&place.store()).expect("a session"), &second);
}

/// A server that says this of its tokens' lifetimes.
fn of_lifetime(text: &str) -> Site {
    Site::of(Standin::builder().lifetime_text(text))
}

#[test]
fn tokens_that_never_lived() {
    for lifetime in ["0", "-5", "\"0\"", "-1e300", "-1e999", "\"-5\"", "0.2"] {
        let site = of_lifetime(lifetime);
        let session = site.login(None);
        let (error, sent) = (no_token(&session, Reason::TooShort), site.refreshes());
        assert!(sent <= 1, "{lifetime}: {error:?}");
        for _ in 0..59 {
            no_token(&session, Reason::TooShort);
            site.time.pass_s(1);
        }
        assert_eq!(site.refreshes(), sent, "{lifetime}: not in a loop");
        // The server may have been mended.
        site.time.pass_s(1);
        no_token(&session, Reason::TooShort);
        assert_eq!(site.refreshes(), sent + 1, "{lifetime}: once a minute");
    }
}

#[test]
fn tokens_that_live_for_ever() {
    let numbers = ["1e300", "1e999", "1e18", "99999999999999999999", "\"99999999999999999999\"", "9223372036854775807"];
    for lifetime in numbers {
        let site = of_lifetime(lifetime);
        let place = Place::new();
        let session = site.login(Some(&place.store()));
        let first = token(&session);
        assert_eq!(session.status().expect("a status").expires_at, LATEST_AT, "{lifetime}");
        site.time.pass_s(1000 * YEAR_S);
        stays(&site, &session, &first);
        stays(&site, &site.resume(&place.store()).expect("a session"), &first);
    }
}

#[test]
fn tokens_whose_lifetime_nobody_knows() {
    for lifetime in ["", "\"soon\"", "null", "true", "[]", "\"\"", "{}"] {
        let site = of_lifetime(lifetime);
        let place = Place::new();
        let session = site.login(Some(&place.store()));
        let first = token(&session);
        assert_eq!(session.status().expect("a status").expires_at, 0, "{lifetime}");
        site.time.pass_s(YEAR_S);
        stays(&site, &session, &first);
        stays(&site, &site.resume(&place.store()).expect("a session"), &first);
        assert_eq!(session.token(u32::MAX, WAIT_MS, text).expect("as far as anybody knows"), first);
        // The API's answer ends it.
        session.expire(&first).expect("a token");
        moves_on(&site, &session, &first);
    }
}

#[test]
fn a_lifetime_as_text_is_a_lifetime() {
    for lifetime in ["\"900\"", "900.0", "9e2"] {
        let site = of_lifetime(lifetime);
        let session = site.login(None);
        let first = token(&session);
        site.time.pass_s(LIFETIME_S - MARGIN_S - 1);
        stays(&site, &session, &first);
        site.time.pass_s(MARGIN_S + 1);
        moves_on(&site, &session, &first);
    }
}

#[test]
fn the_longest_wait_and_the_longest_need() {
    let site = Site::start();
    let tokens = tokens_of(&site);
    let session = Session::new(&site.client, tokens, None, "ada").expect("a session");
    assert!(session.token(0, u32::MAX, text).is_ok());
    expect_reason(soon(|| session.token(u32::MAX, u32::MAX, text)), Reason::TooShort);
}
