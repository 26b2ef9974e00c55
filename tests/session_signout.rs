//! Signing out: here at once and always, at the server as far as it can be
//! told; what could not be done is said.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::session::{
    self, LIFETIME_S, MARGIN_S, Place, Site, WAIT_MS, host_store, identity, no_token, rest, text, token, try_token,
};
use common::trouble::{SOON, soon, until};
use common::{expect_reason, generic, loginradius};
use ropc::oauth::{EndpointKind, Error, Progress, Reason, Session, SessionState, Status};
use standin::{API_KEY, After, PASSWORD, Standin};

/// Nobody is signed in any more, and nothing is asked of anybody.
#[track_caller]
fn is_over(session: &Session) {
    let error = no_token(session, Reason::SignedOut);
    assert_eq!(error.status(), Status::SignedOut);
    for force in [false, true] {
        expect_reason(session.refresh(force, WAIT_MS), Reason::SignedOut);
    }
    session.expire("a-token").expect("nothing to end");
    assert!(session.pending().expect("not in a save").is_none());
    let status = session.status().expect("a status");
    assert_eq!((status.state, status.expires_at, status.refreshing), (SessionState::SignedOut, 0, false));
}

/// What could not be done at the server; the rest was.
#[track_caller]
fn not_revoked(result: Result<(), Error>, what: &str) -> Error {
    let error = expect_reason(result, Reason::NotRevoked);
    assert!(error.message.starts_with("Signed out on this machine, but not everywhere"), "{error}");
    assert!(error.message.contains(what), "{what}: {error}");
    assert_eq!(error.status(), Status::NotRevoked);
    error
}

/// The server does not take this access token.
fn is_dead(site: &Site, access_token: &str) -> bool {
    let url = format!("{}/userinfo", site.server.https());
    let mut options = generic(&site.server);
    options.set_endpoint(EndpointKind::Userinfo, &url).expect("a URL");
    common::client(&options).userinfo(access_token).is_err()
}

#[test]
fn everything_is_ended_everywhere() {
    for site in [Site::start(), Site::generic()] {
        let place = Place::new();
        let session = site.login(Some(&place.store()));
        let first = token(&session);
        assert!(!is_dead(&site, &first));
        session.sign_out().expect("everything is done");
        is_over(&session);
        assert!(is_dead(&site, &first));
        let counts = site.server.grant_counts();
        assert_eq!((counts.revoked + counts.invalidated, counts.dead_families), (2, 1), "{counts:?}");
        assert!(!place.text().contains("ada"));
        expect_reason(site.resume(&place.store()).map(drop), Reason::NothingStored);
        assert_eq!(site.refreshes(), 0);
    }
}

#[test]
fn twice_is_once() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    session.sign_out().expect("everything is done");
    let requests = site.server.requests().len();
    session.sign_out().expect("nothing is left to do");
    session.sign_out().expect("nothing is left to do");
    assert_eq!(site.server.requests().len(), requests);
    is_over(&session);
}

#[test]
fn beside_the_program() {
    let site = Site::start();
    let session = site.login(None);
    let first = token(&session);
    let request = session.request_sign_out();
    assert_eq!(token(&session), first, "not started");
    request.start().expect("a thread");
    assert_eq!(request.wait(2 * SOON), Progress::Succeeded);
    assert_eq!(request.take_done().expect("all is done"), Some(()));
    is_over(&session);
    assert!(is_dead(&site, &first));
}

#[test]
fn without_a_network_this_machine_forgets() {
    let place = Place::new();
    let Site { server, client, .. } = Site::start();
    let session = Session::login(&client, "ada", PASSWORD, Some(place.store()), None).expect("a session");
    drop(server);
    let error = not_revoked(soon(|| session.sign_out()), "Nothing listens");
    assert!(!error.request_sent && error.http_status == 0, "{error:?}");
    is_over(&session);
    assert!(!place.text().contains("ada"));
    session.sign_out().expect("nothing is left to do");
}

#[test]
fn what_the_server_does_not_do_is_told() {
    // No API key: the access token cannot be ended, the refresh token can.
    let site = Site::with(Standin::builder(), loginradius);
    let session = site.login(None);
    not_revoked(session.sign_out(), "API key");
    is_over(&session);
    assert_eq!((site.server.grant_counts().revoked, site.server.grant_counts().dead_families), (1, 1));
    // One that is refused.
    let site = Site::with(Standin::builder(), |server| {
        let mut options = identity(loginradius(server), server);
        options.set_api_key(&format!("{API_KEY}-wrong")).expect("a key");
        options
    });
    let session = site.login(None);
    let error = not_revoked(session.sign_out(), "refuses the application");
    assert_eq!((error.http_status, error.provider_code), (403, 901), "{error:?}");
    is_over(&session);
    assert_eq!((site.server.grant_counts().revoked, site.server.grant_counts().invalidated), (1, 0));
    // No endpoint for it: once is enough to say so.
    let site = Site::with(Standin::builder(), generic);
    let session = site.login(None);
    let error = not_revoked(session.sign_out(), "No revocation endpoint");
    assert_eq!(error.message.matches("No revocation endpoint").count(), 1, "{error}");
    is_over(&session);
    // A server that cannot now, or never.
    for (path, status) in [("revoke-503", 503), ("revoke-unsupported", 400)] {
        let site = Site::with(Standin::builder(), |server| {
            let mut options = generic(server);
            let url = format!("{}/{path}", server.https());
            options.set_endpoint(EndpointKind::Revoke, &url).expect("a URL");
            options
        });
        let session = site.login(None);
        let error = not_revoked(session.sign_out(), "still valid");
        assert_eq!((error.http_status, error.request_sent), (status, true), "{error:?}");
        assert_eq!(error.retry_after_ms, if status == 503 { 7000 } else { 0 });
        is_over(&session);
    }
}

#[test]
fn an_access_token_that_ended_needs_no_ending() {
    let site = Site::start();
    let session = site.login(None);
    site.time.pass_s(LIFETIME_S);
    session.sign_out().expect("everything is done");
    let counts = site.server.grant_counts();
    assert_eq!((counts.revoked, counts.invalidated), (1, 0));
    assert_eq!(site.refreshes(), 0);
}

#[test]
fn tokens_that_are_on_the_way_are_ended_too() {
    for store in [None, Some(Place::new())] {
        let site = Site::start();
        let session = site.login(store.as_ref().map(Place::store).as_ref());
        let first = token(&session);
        let release = site.hold();
        site.time.pass_ms((LIFETIME_S - MARGIN_S) * 1000);
        assert_eq!(token(&session), first);
        site.await_refreshes(1);
        let begun = AtomicBool::new(false);
        thread::scope(|scope| {
            let leaving = scope.spawn(|| {
                begun.store(true, Ordering::SeqCst);
                session.sign_out()
            });
            // From its begin on nothing is handed out.
            until("it has begun", || begun.load(Ordering::SeqCst) && session.poll(0, text).is_err());
            expect_reason(try_token(&session), Reason::SignedOut);
            assert_eq!(session.status().expect("a status").state, SessionState::SignedOut);
            assert!(!leaving.is_finished(), "it waits for the answer");
            drop(release);
            leaving.join().expect("no panic").expect("everything is done");
        });
        is_over(&session);
        let counts = site.server.grant_counts();
        assert_eq!((counts.refreshed, counts.dead_families, counts.invalidated), (1, 1, 1), "{counts:?}");
        // The new ones were told to the server, not the old ones.
        let sent = site.server.requests();
        let revoked = sent.iter().find(|seen| seen.path().ends_with("/revoke")).expect("a revocation");
        let old = sent.iter().find(|seen| seen.text().contains("\"refresh_token\"")).expect("the refresh");
        let old: serde_json::Value = serde_json::from_str(&old.text()).expect("JSON");
        assert!(!revoked.text().contains(old["refresh_token"].as_str().expect("a text")));
        if let Some(place) = store {
            assert!(!place.text().contains("ada"));
        }
    }
}

#[test]
fn who_waits_for_a_token_is_told() {
    let site = Site::start();
    let session = site.login(None);
    let release = site.hold();
    site.time.pass_s(LIFETIME_S);
    thread::scope(|scope| {
        let waiters = [(); 4].map(|()| scope.spawn(|| try_token(&session)));
        site.await_refreshes(1);
        let leaving = scope.spawn(|| session.sign_out());
        for waiter in waiters {
            expect_reason(waiter.join().expect("no panic"), Reason::SignedOut);
        }
        drop(release);
        leaving.join().expect("no panic").expect("everything is done");
    });
    is_over(&session);
}

#[test]
fn a_refresh_that_never_ends_does_not_hold_it_up() {
    let short = |server: &Standin| {
        let mut options = session::identity(loginradius(server), server);
        options.set_timeouts(3_000, 1_000).expect("limits");
        options
    };
    let site = Site::with(Standin::builder(), short);
    let place = Place::new();
    let session = site.login(Some(&place.store()));
    site.server.treat_refresh_as(Some("fault:never"));
    site.time.pass_ms((LIFETIME_S - MARGIN_S) * 1000);
    token(&session);
    site.await_refreshes(1);
    not_revoked(soon(|| session.sign_out()), "did not end in time");
    expect_reason(try_token(&session), Reason::SignedOut);
    rest(&session);
    is_over(&session);
    assert!(!place.text().contains("ada"));
}

#[test]
fn the_newest_tokens_are_ended_wherever_they_came_from() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let other = site.resume(&place.store()).expect("a session");
    assert!(other.refresh(false, WAIT_MS).expect("a refresh"));
    let newest = token(&other);
    assert_ne!(token(&session), newest);
    session.sign_out().expect("everything is done");
    assert!(is_dead(&site, &newest));
    assert_eq!(site.server.grant_counts().reused, 0);
}

#[test]
fn whatever_the_store_has_of_the_user_is_ended() {
    let (site, place) = (Site::start(), Place::new());
    let old = site.login(Some(&place.store()));
    for _ in 0..5 {
        old.refresh(false, WAIT_MS).expect("a refresh");
    }
    site.resume(&place.store()).expect("a session").sign_out().expect("everything is done");
    // Signed in anew, which the old session does not know.
    let newest = token(&site.login(Some(&place.store())));
    old.sign_out().expect("everything is done");
    assert!(!place.text().contains("ada") && is_dead(&site, &newest));
    assert_eq!(site.server.grant_counts().dead_families, 2);
}

#[test]
fn unsaved_tokens_are_ended_too() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    session.sign_out().expect("everything is done");
    is_over(&session);
    assert_eq!(site.server.grant_counts().dead_families, 1);
}

#[test]
fn a_session_that_is_over_already() {
    let site = Site::start();
    let session = site.login(None);
    site.server.kill_refresh();
    site.time.pass_s(LIFETIME_S);
    no_token(&session, Reason::RefreshEnded);
    session.sign_out().expect("nothing is left to do");
    assert_eq!(site.server.grant_counts().revoked, 0);
}

#[test]
fn unclear_tokens_are_ended_as_far_as_they_are_known() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    site.server.lose_refresh_answers(1);
    site.time.pass_ms(LIFETIME_S * 1000);
    no_token(&session, Reason::Unclear);
    session.sign_out().expect("the old one ends its whole login");
    is_over(&session);
    assert_eq!((site.refreshes(), site.server.grant_counts().dead_families), (1, 1));
    assert!(!place.text().contains("ada"));
}

#[test]
fn nothing_secret_is_told() {
    let site = Site::generic();
    let session = site.login(None);
    let first = token(&session);
    site.server.script_path("/revoke", |stream, seen| {
        let body = seen.text();
        let _ = write!(stream, "HTTP/1.1 400 No\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        After::Keep
    });
    let error = not_revoked(session.sign_out(), "");
    assert!(!format!("{error:?} {error}").contains(&first));
}
