//! Sessions whose file cannot be used: exposed, broken, away, full, held.
//! Nothing is sent that could not be saved, and nothing that came is lost.

#![cfg(unix)]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread;

use common::session::{LIFETIME_S, MARGIN_S, Place, Site, WAIT_MS, no_token, rest, text, token, try_token};
use common::trouble::{SOON, alone, soon, until};
use common::{expect_reason, loginradius};
use ropc::oauth::store::{Binding, FileStore, Store};
use ropc::oauth::{Reason, Session, Status, shutdown};
use standin::{CLIENT, Standin};

/// Time for the next refresh; the server's dates stay right.
fn end(site: &Site) {
    site.time.pass_ms(LIFETIME_S * 1000);
}

#[test]
fn a_file_that_others_can_read_is_not_used() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let set = |mode| fs::set_permissions(place.file(), Permissions::from_mode(mode)).expect("a mode");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        set(mode);
        expect_reason(FileStore::open(&place.file()).map(drop), Reason::StoreExposed);
    }
    let store = {
        set(0o600);
        let store = place.store();
        set(0o644);
        store
    };
    expect_reason(site.resume(&store).map(drop), Reason::StoreExposed);
    // Nor when it became so under way: nothing is sent.
    let first = token(&session);
    end(&site);
    no_token(&session, Reason::StoreExposed);
    assert_eq!(site.refreshes(), 0);
    set(0o600);
    assert!(session.refresh(true, WAIT_MS).expect("a refresh"));
    assert_ne!(token(&session), first);
}

#[test]
fn a_broken_file_is_not_overwritten() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let good = place.text();
    for broken in ["", "{}", "not ours", &good[..good.len() / 2]] {
        fs::write(place.file(), broken).expect("a file");
        end(&site);
        no_token(&session, Reason::StoreBroken);
        assert_eq!(place.text(), broken);
        assert_eq!(site.refreshes(), 0);
    }
    fs::write(place.file(), good).expect("a file");
    session.refresh(true, WAIT_MS).expect("a refresh");
}

/// Moves the store's folder away, and back.
struct Away(PathBuf, PathBuf);

impl Away {
    fn new(place: &Place) -> Away {
        let away = place.folder().with_extension("away");
        fs::rename(place.folder(), &away).expect("moved");
        Away(place.folder().to_owned(), away)
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        fs::rename(&self.1, &self.0).expect("moved back");
    }
}

#[test]
fn without_its_store_nothing_is_sent() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let first = token(&session);
    let away = Away::new(&place);
    site.time.pass_ms((LIFETIME_S - MARGIN_S) * 1000);
    assert_eq!(token(&session), first, "still good");
    rest(&session);
    assert_eq!(session.status().expect("a status").last_error.expect("told").status(), Status::Store);
    site.time.pass_ms(MARGIN_S * 1000);
    no_token(&session, Reason::StoreAccess);
    assert_eq!(site.refreshes(), 0);
    drop(away);
    site.time.pass_ms(3_600_000);
    assert_ne!(token(&session), first);
    assert_eq!((site.refreshes(), site.server.grant_counts().reused), (1, 0));
}

/// A refresh whose tokens cannot be saved, until the value is dropped.
fn unsaved<T>(site: &Site, session: &Session, break_it: impl FnOnce() -> T) -> T {
    let release = site.hold();
    end(site);
    assert_eq!(session.poll(0, text).expect("no error"), None);
    site.await_refreshes(1);
    let broken = break_it();
    drop(release);
    rest(session);
    broken
}

/// Tokens that came and could not be saved are reported, and kept.
fn is_kept_until_saved<T>(site: &Site, place: &Place, break_it: impl FnOnce() -> T) {
    let session = site.login(Some(&place.store()));
    let first = token(&session);
    let broken = unsaved(site, &session, break_it);
    for _ in 0..20 {
        let error = no_token(&session, Reason::SaveFailed);
        assert_eq!(error.status(), Status::Store);
    }
    let status = session.status().expect("a status");
    assert_eq!(status.last_error.expect("told").reason, Reason::SaveFailed);
    // Tried again after a pause, and the server is not asked again.
    site.time.pass_ms(300_000);
    assert_eq!(try_token(&session).expect_err("not saved").status(), Status::Store);
    drop(broken);
    site.time.pass_ms(300_000);
    let second = token(&session);
    assert_ne!(second, first);
    assert!(place.text().contains(&second));
    assert!(session.status().expect("a status").last_error.is_none());
    assert!(site.accepts(&session));
    assert_eq!((site.refreshes(), site.server.grant_counts().reused), (1, 0));
    assert_eq!(token(&site.resume(&place.store()).expect("a session")), second);
}

#[test]
fn a_save_that_fails_loses_nothing() {
    let (site, place) = (Site::start(), Place::new());
    is_kept_until_saved(&site, &place, || Away::new(&place));
}

#[test]
fn what_was_saved_later_is_not_overwritten_by_what_could_not_be_saved() {
    // Also by a clock that stands still, or was set back: then the two have the
    // same number.
    for seconds in [60, 0] {
        let (site, place) = (Site::start(), Place::new());
        let session = site.login(Some(&place.store()));
        drop(unsaved(&site, &session, || Away::new(&place)));
        // Before the session tries again, the user signs in anew.
        site.time.pass_s(seconds);
        let newer = token(&site.login(Some(&place.store())));
        site.time.pass_ms(300_000);
        assert_eq!(token(&session), newer, "{seconds} s");
        assert!(place.text().contains(&newer));
        assert_eq!(site.server.grant_counts().reused, 0);
    }
}

/// No file of this process can be longer than a few bytes, as on a full disk.
struct Full(libc::rlimit);

impl Full {
    fn new() -> Full {
        let mut before = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: writes to a local; the signal's handler is the system's own.
        unsafe {
            assert_eq!(libc::getrlimit(libc::RLIMIT_FSIZE, &mut before), 0);
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        }
        Full::set(&libc::rlimit { rlim_cur: 10, ..before });
        Full(before)
    }

    fn set(limit: &libc::rlimit) {
        // SAFETY: reads a local.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, limit) }, 0);
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        Full::set(&self.0);
    }
}

#[test]
fn a_full_disk_loses_nothing() {
    alone("a_full_disk_loses_nothing", &[], || {
        let (site, place) = (Site::start(), Place::new());
        is_kept_until_saved(&site, &place, Full::new);
        // Full from the start: there is a session all the same, and it is told.
        let (site, place) = (Site::start(), Place::new());
        let store = place.store();
        let full = Full::new();
        let session = site.login(Some(&store));
        no_token(&session, Reason::SaveFailed);
        assert_eq!(session.status().expect("a status").last_error.expect("told").reason, Reason::SaveFailed);
        drop(full);
        site.time.pass_ms(1_000);
        let first = token(&session);
        assert_eq!(token(&site.resume(&place.store()).expect("a session")), first);
        assert_eq!(site.refreshes(), 0);
    });
}

#[test]
fn signing_out_without_the_store_is_told() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let away = Away::new(&place);
    let error = expect_reason(session.sign_out(), Reason::NotRevoked);
    assert!(error.message.contains("folder"), "{error}");
    no_token(&session, Reason::SignedOut);
    assert_eq!(site.server.grant_counts().dead_families, 1, "the server was told all the same");
    drop(away);
    // Once more, for the part that is missing.
    session.sign_out().expect("everything is done");
    assert!(!place.text().contains("ada"));
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_told() {
    let short = |server: &Standin| {
        let mut options = loginradius(server);
        options.set_timeouts(1_000, 1_000).expect("limits");
        options
    };
    let (site, place) = (Site::with(Standin::builder(), short), Place::new());
    let store = place.store();
    let session = site.login(Some(&store));
    let first = token(&session);
    let Store::File(file) = &*store else { unreachable!("it is one") };
    let binding = Binding { origin: site.server.https(), client_id: CLIENT.into(), user_key: "ada".into() };
    let lock = file.lock(&binding, &mut |_| panic!("nobody holds it")).expect("a lock");
    site.time.pass_ms((LIFETIME_S - MARGIN_S) * 1000);
    assert_eq!(token(&session), first, "nobody waits for it");
    rest(&session);
    site.time.pass_ms(MARGIN_S * 1000);
    let error = no_token(&session, Reason::StoreBusy);
    assert!(error.retryable(), "{error:?}");
    assert_eq!(site.refreshes(), 0);
    drop(lock);
    site.time.pass_ms(300_000);
    assert_ne!(token(&session), first);
}

#[test]
fn a_session_dropped_during_its_refresh_saves_its_tokens() {
    let (site, place) = (Site::start(), Place::new());
    let session = site.login(Some(&place.store()));
    let first = token(&session);
    let release = site.hold();
    end(&site);
    assert_eq!(session.poll(0, text).expect("no error"), None);
    site.await_refreshes(1);
    drop(session);
    drop(release);
    until("the new tokens are in the file", || !place.text().contains(&first));
    let session = site.resume(&place.store()).expect("a session");
    assert_ne!(token(&session), first);
    assert!(site.accepts(&session));
    assert_eq!((site.refreshes(), site.server.grant_counts().reused), (1, 0));
}

#[test]
fn a_shutdown_waits_for_a_refresh_that_was_sent() {
    alone("a_shutdown_waits_for_a_refresh_that_was_sent", &[], || {
        let (site, place) = (Site::start(), Place::new());
        let session = site.login(Some(&place.store()));
        let first = token(&session);
        let release = site.hold();
        end(&site);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| try_token(&session));
            site.await_refreshes(1);
            let ending = scope.spawn(|| soon(|| shutdown(SOON)));
            // Who waits is sent away.
            expect_reason(waiter.join().expect("no panic"), Reason::Cancelled);
            assert!(!ending.is_finished(), "the refresh goes on");
            drop(release);
            assert_eq!(ending.join().expect("no panic"), 0);
        });
        assert!(!place.text().contains(&first), "its tokens were saved");
        let second = token(&session);
        assert_eq!(token(&site.resume(&place.store()).expect("a session")), second);
        // And it goes on afterwards.
        end(&site);
        assert_ne!(token(&session), second);
        assert_eq!((site.refreshes(), site.server.grant_counts().reused), (2, 0));
    });
}

#[test]
fn a_session_dropped_before_its_refresh_was_sent_sends_nothing() {
    let (site, place) = (Site::start(), Place::new());
    let store = place.store();
    let session = site.login(Some(&store));
    let Store::File(file) = &*store else { unreachable!("it is one") };
    let binding = Binding { origin: site.server.https(), client_id: CLIENT.into(), user_key: "ada".into() };
    let lock = file.lock(&binding, &mut |_| panic!("nobody holds it")).expect("a lock");
    end(&site);
    assert_eq!(session.poll(0, text).expect("no error"), None);
    drop(session);
    drop(lock);
    let session = site.resume(&store).expect("a session");
    end(&site);
    token(&session);
    assert_eq!(site.refreshes(), 1, "only the second session's");
}
