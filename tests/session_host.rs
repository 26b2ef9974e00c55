//! The program saves the tokens itself, and asks for what is to be saved;
//! nothing is handed out before. With a function: tests/session_save_function.rs.

mod common;

use std::sync::{Arc, Mutex};

use common::expect_reason;
use common::session::{
    LIFETIME_S, MARGIN_S, Place, Site, WAIT_MS, host_store, no_token, rest, take_record, text, token, tokens_of,
    try_token,
};
use common::trouble::until;
use ropc::oauth::store::{HostStore, Store};
use ropc::oauth::{Reason, Session, SessionState, Status};

#[track_caller]
fn is_to_be_saved(session: &Session) {
    let error = no_token(session, Reason::SaveFirst);
    assert_eq!(error.status(), Status::SaveFirst);
    assert_eq!(session.status().expect("a status").state, SessionState::SaveFirst);
}

#[test]
fn nothing_is_handed_out_before_it_is_saved() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    is_to_be_saved(&session);
    // To ask is not to save.
    session.pending().expect("not in a save").expect("the first tokens");
    is_to_be_saved(&session);
    let record = take_record(&session, true);
    assert!(session.pending().expect("not in a save").is_none());
    let first = token(&session);
    assert!(record.expose().contains(&first));
    assert_eq!(session.status().expect("a status").state, SessionState::SignedIn);
    // The same after each refresh.
    site.time.pass_s(LIFETIME_S);
    expect_reason(try_token(&session), Reason::SaveFirst);
    is_to_be_saved(&session);
    let record = take_record(&session, true);
    let second = token(&session);
    assert!(second != first && record.expose().contains(&second) && !record.expose().contains(&first));
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn an_early_refresh_is_saved_first_too() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    take_record(&session, true);
    let first = token(&session);
    let release = site.hold();
    site.time.pass_s(LIFETIME_S - MARGIN_S);
    assert_eq!(token(&session), first);
    site.await_refreshes(1);
    assert!(session.pending().expect("not in a save").is_none());
    drop(release);
    rest(&session);
    is_to_be_saved(&session);
    take_record(&session, true);
    assert_ne!(token(&session), first);
}

#[test]
fn a_failed_save_loses_nothing() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    take_record(&session, true);
    site.time.pass_s(LIFETIME_S);
    expect_reason(try_token(&session), Reason::SaveFirst);
    let record = take_record(&session, false);
    for _ in 0..3 {
        is_to_be_saved(&session);
        assert_eq!(session.status().expect("a status").last_error.expect("told").reason, Reason::SaveFailed);
        // Time does not help, and nothing is sent.
        site.time.pass_s(LIFETIME_S);
        assert_eq!(take_record(&session, false).expose(), record.expose());
    }
    assert_eq!(site.refreshes(), 1);
    assert_eq!(take_record(&session, true).expose(), record.expose());
    assert!(session.status().expect("a status").last_error.is_none());
    // They are old by now.
    expect_reason(try_token(&session), Reason::SaveFirst);
    take_record(&session, true);
    token(&session);
    assert_eq!((site.refreshes(), site.server.grant_counts().reused), (2, 0));
}

#[test]
fn what_was_not_taken_is_not_saved() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    expect_reason(session.saved(true), Reason::State);
    is_to_be_saved(&session);
    take_record(&session, true);
    expect_reason(session.saved(true), Reason::State);
    expect_reason(session.saved(false), Reason::State);
    token(&session);
    // Without a store there is nothing to save, ever.
    let session = site.login(None);
    assert!(session.pending().expect("not in a save").is_none());
    expect_reason(session.saved(true), Reason::State);
}

#[test]
fn a_record_starts_the_next_run() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    let record = take_record(&session, true);
    let first = token(&session);
    drop(session);
    let requests = site.server.requests().len();
    let store = HostStore::new(None);
    store.give("ada", record.expose()).expect("not too long");
    store.give("bob", record.expose()).expect("not too long");
    let store = Arc::new(Store::Host(store));
    let session = site.resume(&store).expect("a session");
    assert_eq!(token(&session), first, "it is saved already");
    assert_eq!(site.server.requests().len(), requests);
    // It was given for one session: two of them would use one refresh token.
    expect_reason(site.resume(&store).map(drop), Reason::NothingStored);
    // A record of another user stays where it is.
    for _ in 0..2 {
        let other = Session::resume(&site.client, store.clone(), "bob");
        expect_reason(other.map(drop), Reason::StoreForeign);
    }
    // The server's answers are dated by the wall's clock.
    site.time.pass_ms(LIFETIME_S * 1000);
    expect_reason(try_token(&session), Reason::SaveFirst);
    let record = take_record(&session, true);
    assert_eq!(token(&site.resume_from(record.expose()).expect("a session")), token(&session));
}

#[test]
fn records_of_others_are_refused() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    let record = take_record(&session, true);
    let with = |from: &str, to: &str| {
        assert!(record.expose().contains(from), "{from}");
        site.resume_from(&record.expose().replace(from, to)).map(drop)
    };
    expect_reason(with(&site.server.https(), "https://elsewhere.test"), Reason::StoreForeign);
    expect_reason(with("\"user_key\":\"ada\"", "\"user_key\":\"bob\""), Reason::StoreForeign);
    expect_reason(with(standin::CLIENT, "another-app"), Reason::StoreForeign);
    expect_reason(with("{", "["), Reason::StoreBroken);
    expect_reason(HostStore::new(None).give("ada", ""), Reason::Argument);
    assert!(with("\"generation\"", "\"generation\"").is_ok());
    let too_long = HostStore::new(None).give("ada", &"x".repeat(10 << 20));
    expect_reason(too_long, Reason::Argument);
    assert_eq!(site.refreshes(), 0);
}

#[test]
fn a_marked_record_is_unclear() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    let record = take_record(&session, true);
    // As a file of ours that a crash left, taken over by the program.
    assert!(record.expose().contains("\"marked_at\":0"));
    let marked = record.expose().replace("\"marked_at\":0", "\"marked_at\":1700000000");
    let resumed = site.resume_from(&marked).expect("a session");
    assert_eq!(token(&resumed), token(&session), "it is good");
    site.time.pass_s(LIFETIME_S);
    no_token(&resumed, Reason::Unclear);
    assert_eq!(site.refreshes(), 0);
}

/// A session whose early refresh had no answer, while its token is still good,
/// and the record that was saved before that.
fn lost(site: &Site, store: &Arc<Store>) -> (Session, Option<String>) {
    let session = site.login(Some(store));
    let pending = session.pending().expect("what it has");
    let saved = pending.map(|record| {
        session.saved(true).expect("it was pending");
        record.expose().to_owned()
    });
    let first = token(&session);
    site.server.treat_refresh_as(Some("fault:cut_before"));
    site.time.pass_s(LIFETIME_S - MARGIN_S);
    assert_eq!(token(&session), first);
    rest(&session);
    assert_eq!(token(&session), first, "still good");
    assert_eq!(site.refreshes(), 1);
    (session, saved)
}

/// Its next access token is not asked for: the refresh token may be spent.
#[track_caller]
fn asks_nobody(site: &Site, session: &Session) {
    site.time.pass_s(LIFETIME_S);
    no_token(session, Reason::Unclear);
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn a_refresh_without_answer_is_to_be_saved() {
    let site = Site::start();
    let (session, _) = lost(&site, &host_store(None));
    // Tokens are handed out meanwhile, and one that was not saved comes again.
    take_record(&session, false);
    assert_eq!(session.status().expect("a status").last_error.expect("an error").reason, Reason::SaveFailed);
    token(&session);
    let record = take_record(&session, true);
    assert!(session.pending().expect("what it has").is_none());
    drop(session);
    let resumed = site.resume_from(record.expose()).expect("a session");
    assert!(resumed.pending().expect("what it has").is_none(), "it is saved");
    asks_nobody(&site, &resumed);
    // Once more, because the program says so: it was spent.
    site.server.treat_refresh_as(None);
    expect_reason(resumed.refresh(true, WAIT_MS), Reason::RefreshEnded);
    assert!(resumed.pending().expect("what it has").is_none());
}

#[test]
fn a_refresh_without_answer_waits_in_the_store() {
    let site = Site::start();
    let host = host_store(None);
    let (session, saved) = lost(&site, &host);
    drop(session);
    let Store::Host(kept) = &*host else { panic!("it is the host's") };
    kept.give("ada", &saved.expect("a record")).expect("not too long");
    let resumed = site.resume(&host).expect("a session");
    token(&resumed);
    asks_nobody(&site, &resumed);
    // The program has not saved that yet.
    assert!(!take_record(&resumed, true).expose().contains("\"marked_at\":0"));
}

#[test]
fn an_old_record_after_a_sign_out_is_nobody() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    let record = take_record(&session, true);
    session.sign_out().expect("everything is done");
    assert!(session.pending().expect("not in a save").is_none());
    let session = site.resume_from(record.expose()).expect("nobody knows yet");
    site.time.pass_s(LIFETIME_S);
    no_token(&session, Reason::RefreshEnded);
}

#[test]
fn what_came_after_its_session_is_saved_by_the_next() {
    let site = Site::start();
    let host = Arc::new(Store::Host(HostStore::new(None)));
    let session = site.login(Some(&host));
    let old = take_record(&session, true);
    let release = site.hold();
    // The server's answers are dated by the wall's clock.
    site.time.pass_ms(LIFETIME_S * 1000);
    assert!(session.poll(0, text).expect("no failure").is_none());
    site.await_refreshes(1);
    drop(session);
    drop(release);
    let Store::Host(store) = &*host else { unreachable!("made above") };
    let next = Mutex::new(None);
    until("its tokens have come", || {
        // The program knows no newer one.
        store.give("ada", old.expose()).expect("not too long");
        let session = site.resume(&host).expect("a session");
        let is_newer = session.pending().expect("not in a save").is_some();
        *next.lock().expect("nobody panics") = Some(session);
        is_newer
    });
    let session = next.into_inner().expect("nobody panics").expect("a session");
    is_to_be_saved(&session);
    let record = take_record(&session, true);
    assert!(record.expose().contains(&token(&session)) && record.expose() != old.expose());
    assert_eq!(site.refreshes(), 1);
    assert!(site.accepts(&session));
}

#[test]
fn what_an_earlier_session_left_ends_with_the_user() {
    let site = Site::start();
    let host = host_store(None);
    let earlier = site.login(Some(&host));
    let session = site.login(Some(&host));
    drop(earlier);
    session.sign_out().expect("it is done");
    assert_eq!(site.server.grant_counts().dead_families, 2, "its tokens are ended, and those that were left");
    drop(site.login(Some(&host)));
    let session = site.login(Some(&host));
    expect_reason(site.resume(&host), Reason::NothingStored);
    drop(session);
    assert!(site.resume(&host).is_ok(), "what is not saved waits");
}

#[test]
fn a_login_is_no_refresh_that_brought_too_little() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    take_record(&session, true);
    let too_long = 1000 * LIFETIME_S as u32 + 1;
    expect_reason(session.token(too_long, WAIT_MS, text), Reason::SaveFirst);
    take_record(&session, true);
    expect_reason(session.token(too_long, WAIT_MS, text), Reason::TooShort);
    assert_eq!(site.refreshes(), 1);
}

#[test]
fn a_record_that_was_taken_before_a_newer_came() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    // Taken, and the answer about it comes late.
    let record = session.pending().expect("not in a save").expect("the first tokens");
    let again = session.pending().expect("not in a save").expect("the same");
    assert_eq!(record.expose(), again.expose());
    session.saved(true).expect("it was taken");
    token(&session);
    expect_reason(session.saved(true), Reason::State);
}

#[test]
fn a_record_out_of_a_file_is_as_good_as_any() {
    let (site, place) = (Site::start(), Place::new());
    drop(site.login(Some(&place.store())));
    let file: serde_json::Value = serde_json::from_str(&place.text()).expect("JSON");
    let record = file["users"]["ada"].to_string();
    let session = site.resume_from(&record).expect("a session");
    assert!(site.accepts(&session));
    let again = Session::new(&site.client, tokens_of(&site), Some(host_store(None)), "ada").expect("a session");
    is_to_be_saved(&again);
}
