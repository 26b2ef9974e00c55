//! Sessions in a file: started again, shared, removed; answers that were lost.

mod common;

use std::fs;
use std::thread;

use common::session::{LIFETIME_S, Place, Site, WAIT_MS, no_token, token, tokens_of};
use common::trouble::SOON;
use common::{APP, client, expect_reason, expect_tokens, generic, loginradius, trusting};
use ropc::oauth::{Options, Reason, Session, SessionState, Status};
use standin::{PASSWORD, Standin};

/// Time for the next refresh; the server's dates stay right.
fn end(site: &Site) {
    site.time.pass_ms(LIFETIME_S * 1000);
}

/// Long after an unclear end the store is looked at again.
fn later(site: &Site) {
    site.time.pass_ms(5_000);
}

#[test]
fn a_session_outlives_its_program() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let first = token(&session);
    assert!(place.text().contains(&first), "saved before it is used");
    drop(session);
    let requests = site.server.requests().len();
    let session = site.resume(&place.store()).expect("a session");
    assert_eq!(token(&session), first);
    assert_eq!(site.server.requests().len(), requests, "asks no server");
    for _ in 0..3 {
        let before = token(&session);
        end(&site);
        let after = token(&session);
        assert_ne!(after, before);
        assert!(place.text().contains(&after) && !place.text().contains(&before));
        assert_eq!(token(&site.resume(&place.store()).expect("a session")), after);
    }
    assert_eq!((site.refreshes(), site.server.grant_counts().reused), (3, 0));
    let status = site.resume(&place.store()).expect("a session").status().expect("a status");
    assert_eq!((status.state, status.user_key.as_str()), (SessionState::SignedIn, "ada"));
    assert_eq!(status.expires_at - status.received_at, LIFETIME_S as i64);
}

#[test]
fn what_is_known_of_a_user_outlives_the_program_too() {
    let oidc = |server: &Standin| {
        let mut options = generic(server);
        options.set_scope("openid profile").expect("a scope");
        options
    };
    let (site, place) = (Site::with(Standin::builder(), oidc), Place::new());
    let session = site.login(Some(&place.store()));
    let about = |session: &Session| {
        let id_token = session.token(0, WAIT_MS, |held| held.id_token.as_ref().map(|token| token.expose().to_owned()));
        (id_token.expect("a token").expect("an ID token"), session.status().expect("a status").scope)
    };
    let known = about(&session);
    assert_eq!(known.1.as_deref(), Some("openid profile"));
    assert_eq!(about(&site.resume(&place.store()).expect("a session")), known);
    // The answer to a refresh does not have to say all of it again.
    site.answer_refreshes("200 OK", "", "{\"access_token\":\"new\",\"token_type\":\"Bearer\",\"expires_in\":900}");
    end(&site);
    assert_eq!(token(&session), "new");
    assert_eq!(about(&session), known);
    assert_eq!(about(&site.resume(&place.store()).expect("a session")), known);
}

#[test]
fn tokens_of_ones_own_are_kept() {
    let (site, place) = (Site::start(), Place::new());
    let tokens = tokens_of(&site);
    let first = tokens.access_token.expose().to_owned();
    let session = Session::new(&site.client, tokens, Some(place.store()), "ada").expect("a session");
    assert_eq!(token(&session), first);
    assert_eq!(token(&site.resume(&place.store()).expect("a session")), first);
}

#[test]
fn users_of_one_file_are_apart() {
    let (site, place) = (Site::start(), Place::new());
    let store = place.store();
    let ada = site.login(Some(&store));
    let login = Session::login(&site.client, "ada", PASSWORD, Some(store.clone()), Some("bob"));
    let bob = login.expect("a session");
    let (first, second) = (token(&ada), token(&bob));
    assert_ne!(first, second);
    assert_eq!(token(&site.resume(&store).expect("a session")), first);
    let resume_bob = || Session::resume(&site.client, place.store(), "bob");
    assert_eq!(token(&resume_bob().expect("a session")), second);
    ada.sign_out().expect("everything is done");
    expect_reason(site.resume(&store).map(drop), Reason::NothingStored);
    assert_eq!(token(&bob), second);
    end(&site);
    assert_ne!(token(&bob), second);
    assert_eq!(token(&resume_bob().expect("a session")), token(&bob));
    expect_reason(Session::resume(&site.client, store, "").map(drop), Reason::Argument);
}

#[test]
fn two_sessions_of_one_record_refresh_once() {
    let (site, place) = (Site::start(), Place::new());
    let first = site.login(Some(&place.store()));
    let second = site.resume(&place.store()).expect("a session");
    for round in 1..=20 {
        end(&site);
        let (one, two) = thread::scope(|scope| {
            let one = scope.spawn(|| token(&first));
            (token(&second), one.join().expect("no panic"))
        });
        assert_eq!(one, two, "round {round}");
        assert_eq!(site.refreshes(), round);
    }
    // Also when one of them slept all the time.
    let third = site.resume(&place.store()).expect("a session");
    end(&site);
    assert_eq!(token(&first), token(&second));
    end(&site);
    assert_eq!(token(&first), token(&third));
    assert_eq!((site.refreshes(), site.server.grant_counts().reused), (22, 0));
}

#[test]
fn who_forces_refreshes_although_another_has_done_so() {
    let (site, place) = (Site::start(), Place::new());
    let first = site.login(Some(&place.store()));
    let second = site.resume(&place.store()).expect("a session");
    second.refresh(true, WAIT_MS).expect("new tokens");
    let theirs = token(&second);
    first.refresh(true, WAIT_MS).expect("new tokens");
    assert_eq!(site.refreshes(), 2);
    assert_ne!(token(&first), theirs, "what another brought is not what was asked for");
    assert!(site.accepts(&first));
}

#[test]
fn a_record_of_others_is_refused_and_stays() {
    let (site, place) = (Site::start(), Place::new());
    drop(site.login(Some(&place.store())));
    let before = place.text();
    let elsewhere = Standin::start();
    let other_server = client(&loginradius(&elsewhere));
    let options = Options::loginradius(&site.server.https(), APP, "another-app");
    let other_app = client(&trusting(&site.server, options));
    for other in [&other_server, &other_app] {
        let error = expect_reason(Session::resume(other, place.store(), "ada").map(drop), Reason::StoreForeign);
        assert_eq!(error.status(), Status::Store);
    }
    // Nor is it overwritten: a login is refused before the password leaves.
    let login = Session::login(&other_server, "ada", PASSWORD, Some(place.store()), None);
    expect_reason(login.map(drop), Reason::StoreForeign);
    let login = Session::request_login(&other_server, "ada", PASSWORD, Some(place.store()), None).expect("prepared");
    login.start().expect("not started before");
    login.wait(SOON);
    expect_reason(login.take_session().map(drop), Reason::StoreForeign);
    assert_eq!(elsewhere.requests().len(), 0);
    // Tokens that are there already are not lost for it.
    let tokens = expect_tokens(other_server.login("ada", PASSWORD));
    let session = Session::new(&other_server, tokens, Some(place.store()), "ada").expect("a session");
    no_token(&session, Reason::SaveFailed);
    assert_eq!(place.text(), before);
    let error = session.status().expect("a status").last_error.expect("told");
    assert!(error.message.contains("another server"), "{error}");
}

#[test]
fn a_record_that_somebody_removed_is_a_sign_out() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let other = site.resume(&place.store()).expect("a session");
    let first = token(&session);
    other.sign_out().expect("everything is done");
    assert_eq!(token(&session), first, "nobody told it yet");
    end(&site);
    no_token(&session, Reason::SignedOut);
    assert_eq!(site.refreshes(), 0);
    // The whole file.
    let session = site.login(Some(&place.store()));
    fs::remove_file(place.file()).expect("removed");
    end(&site);
    no_token(&session, Reason::SignedOut);
    assert_eq!(site.refreshes(), 0);
    assert!(!fs::exists(place.file()).expect("an answer"));
}

#[test]
fn who_signs_in_anew_is_not_signed_out_by_an_old_session() {
    let (site, place) = (Site::start(), Place::new());
    let old = site.login(Some(&place.store()));
    for _ in 0..5 {
        old.refresh(false, WAIT_MS).expect("a refresh");
    }
    site.resume(&place.store()).expect("a session").sign_out().expect("everything is done");
    let new = site.login(Some(&place.store()));
    let second = token(&new);
    end(&site);
    // The same user's: the old session goes on with it, and does not try the
    // tokens that it has.
    assert_eq!(token(&old), second);
    let third = token(&new);
    assert_eq!(site.refreshes(), 6);
    assert_eq!(token(&site.resume(&place.store()).expect("a session")), third);
    assert!(site.accepts(&new));
    assert_eq!(site.server.grant_counts().reused, 0);
}

#[test]
fn signing_in_again_takes_the_old_ones_place() {
    let (site, place) = (Site::start(), Place::new());
    let old = site.login(Some(&place.store()));
    old.refresh(false, WAIT_MS).expect("a refresh");
    let new = site.login(Some(&place.store()));
    let second = token(&new);
    assert_eq!(token(&site.resume(&place.store()).expect("a session")), second);
    assert_ne!(token(&old), second);
    end(&site);
    // Of the same user: the old session goes on with the new tokens.
    let third = token(&new);
    assert_eq!(token(&old), third);
    assert_eq!((site.refreshes(), site.server.grant_counts().reused), (2, 0));
}

#[test]
fn a_lost_answer_is_known_to_the_next_start() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let first = token(&session);
    site.server.lose_refresh_answers(1);
    expect_reason(session.refresh(false, WAIT_MS), Reason::Unclear);
    assert_eq!(token(&session), first);
    drop(session);
    let session = site.resume(&place.store()).expect("a session");
    assert_eq!(token(&session), first, "still good");
    end(&site);
    for _ in 0..20 {
        no_token(&session, Reason::Unclear);
        later(&site);
    }
    assert_eq!(site.refreshes(), 1);
    expect_reason(session.refresh(true, WAIT_MS), Reason::RefreshEnded);
    assert_eq!(site.refreshes(), 2);
    expect_reason(site.resume(&place.store()).map(drop), Reason::NothingStored);
}

#[test]
fn a_lost_answer_stays_unclear_when_nobody_can_be_reached() {
    let place = Place::new();
    let Site { server, time, client } = Site::start();
    let session = Session::login(&client, "ada", PASSWORD, Some(place.store()), None).expect("a session");
    server.lose_refresh_answers(1);
    time.pass_ms(LIFETIME_S * 1000);
    no_token(&session, Reason::Unclear);
    drop(server);
    session.refresh(true, WAIT_MS).expect_err("nobody is there");
    drop(session);
    let session = Session::resume(&client, place.store(), "ada").expect("a session");
    time.pass_ms(LIFETIME_S * 1000);
    no_token(&session, Reason::Unclear);
}

#[test]
fn a_lost_answer_is_known_to_the_others() {
    let (site, place) = (Site::of(Standin::builder().grace_ms(60_000)), Place::new());
    let (one, two) = (site.login(Some(&place.store())), site.resume(&place.store()).expect("a session"));
    site.server.lose_refresh_answers(1);
    end(&site);
    no_token(&one, Reason::Unclear);
    no_token(&two, Reason::Unclear);
    assert_eq!(site.refreshes(), 1);
    // One of them is told to try once more; the other finds what came of it.
    assert!(two.refresh(true, WAIT_MS).expect("the same answer again"));
    let second = token(&two);
    no_token(&one, Reason::Unclear);
    later(&site);
    assert_eq!(token(&one), second);
    assert_eq!(site.refreshes(), 2);
}

#[test]
fn what_a_failure_leaves_is_not_unclear() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let first = token(&session);
    for (status, body) in [("503 Not now", ""), ("401 No", "{\"error\":\"invalid_client\"}"), ("429 Slowly", "{}")] {
        site.answer_refreshes(status, "", body);
        session.refresh(true, WAIT_MS).expect_err("not now");
        site.server.unscript();
        let next = site.resume(&place.store()).expect("a session");
        assert_eq!(token(&next), first, "{status}");
    }
    let session = site.resume(&place.store()).expect("a session");
    end(&site);
    assert_ne!(token(&session), first);
    assert_eq!(site.server.grant_counts().reused, 0);
}

#[test]
fn a_session_begun_by_a_request_is_in_the_file_when_the_request_ends() {
    let (site, place) = (Site::start(), Place::new());
    let begin = [
        Session::request_login(&site.client, "ada", PASSWORD, Some(place.store()), None),
        Session::request_new(
            &site.client,
            site.client.login("ada", PASSWORD).expect("tokens"),
            Some(place.store()),
            "bob",
        ),
    ];
    for (request, user) in begin.into_iter().zip(["ada", "bob"]) {
        let request = request.expect("a request");
        request.start().expect("a thread");
        request.wait(SOON);
        let session = request.take_session().expect("no failure").expect("it has ended");
        let again = Session::resume(&site.client, place.store(), user).expect("a session");
        assert_eq!(token(&again), token(&session));
    }
    // Nothing is sent for a user key that no record can have.
    let asked = site.server.requests().len();
    assert!(Session::request_login(&site.client, "ada", PASSWORD, Some(place.store()), Some("")).is_err());
    assert_eq!(site.server.requests().len(), asked);
}
