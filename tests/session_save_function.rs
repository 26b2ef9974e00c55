//! The program saves the tokens itself, in a function that the library calls;
//! nothing is handed out before.

mod common;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread;

use common::expect_reason;
use common::session::{LIFETIME_S, Site, WAIT_MS, host_store, no_token, rest, take_record, text, token, try_token};
use common::trouble::{soon, until};
use ropc::oauth::store::Store;
use ropc::oauth::{Error, Reason, Session, SessionState, Status};

/// What a save function was given, and whether it can save.
#[derive(Default)]
struct Saves {
    given: Mutex<Vec<(String, Option<String>)>>,
    fails: AtomicBool,
    panics: AtomicBool,
}

impl Saves {
    fn store(self: &Arc<Saves>) -> Arc<Store> {
        let saves = self.clone();
        host_store(Some(Arc::new(move |user: &str, record: Option<&str>| {
            assert!(!saves.panics.load(Ordering::SeqCst), "a panic that the test wants");
            saves.given.lock().expect("nobody panics").push((user.to_owned(), record.map(str::to_owned)));
            !saves.fails.load(Ordering::SeqCst)
        })))
    }

    fn count(&self) -> usize {
        self.given.lock().expect("nobody panics").len()
    }

    fn last(&self) -> Option<String> {
        self.given.lock().expect("nobody panics").last().expect("a call").1.clone()
    }
}

#[test]
fn the_programs_function_saves_before_anyone_uses_it() {
    let (site, saves) = (Site::start(), Arc::new(Saves::default()));
    let session = site.login(Some(&saves.store()));
    for round in 0..3 {
        // What never blocks calls nothing.
        expect_reason(session.poll(0, text), Reason::SaveFirst);
        assert_eq!(saves.count(), round);
        let found = token(&session);
        assert_eq!(saves.count(), round + 1);
        let (user, record) = saves.given.lock().expect("nobody panics")[round].clone();
        assert_eq!(user, "ada");
        assert!(record.expect("a record").contains(&found));
        // A good one is not saved again.
        assert_eq!(token(&session), found);
        assert_eq!(saves.count(), round + 1);
        site.time.pass_s(LIFETIME_S);
        assert_eq!(session.poll(0, text).expect("no error"), None);
        rest(&session);
    }
    assert_eq!(site.server.grant_counts().reused, 0);
}

#[test]
fn a_function_is_called_once_for_all_who_wait() {
    const THREADS: usize = 16;
    let (site, saves) = (Site::start(), Arc::new(Saves::default()));
    let session = site.login(Some(&saves.store()));
    for round in 1..=10 {
        let found: Vec<_> = thread::scope(|scope| {
            let threads = [(); THREADS].map(|()| scope.spawn(|| token(&session)));
            threads.map(|thread| thread.join().expect("no panic")).into()
        });
        assert!(found.iter().all(|token| *token == found[0]));
        assert_eq!(saves.count(), round);
        site.time.pass_s(LIFETIME_S);
    }
}

#[test]
fn a_function_that_fails_loses_nothing() {
    let (site, saves) = (Site::start(), Arc::new(Saves::default()));
    let session = site.login(Some(&saves.store()));
    saves.fails.store(true, Ordering::SeqCst);
    for round in 1..=3 {
        let error = expect_reason(try_token(&session), Reason::SaveFailed);
        assert_eq!(error.status(), Status::Store);
        assert_eq!(saves.count(), round);
        let status = session.status().expect("a status");
        assert_eq!(status.state, SessionState::SaveFirst);
        assert_eq!(status.last_error.expect("told").reason, Reason::SaveFailed);
    }
    saves.fails.store(false, Ordering::SeqCst);
    assert!(saves.last().expect("a record").contains(&token(&session)));
    assert!(session.status().expect("a status").last_error.is_none());
    assert_eq!(site.server.requests().len(), 1);
}

#[test]
fn a_function_that_panics_has_not_saved() {
    let (site, saves) = (Site::start(), Arc::new(Saves::default()));
    let session = site.login(Some(&saves.store()));
    saves.panics.store(true, Ordering::SeqCst);
    expect_reason(try_token(&session), Reason::SaveFailed);
    saves.panics.store(false, Ordering::SeqCst);
    token(&session);
}

#[test]
fn the_programs_function_saves_that_there_was_no_answer() {
    let (site, saves) = (Site::start(), Arc::new(Saves::default()));
    let session = site.login(Some(&saves.store()));
    token(&session);
    site.server.treat_refresh_as(Some("fault:cut_before"));
    site.time.pass_s(LIFETIME_S);
    no_token(&session, Reason::Unclear);
    no_token(&session, Reason::Unclear);
    assert_eq!(saves.count(), 2, "the tokens, and the mark");
    let resumed = site.resume_from(&saves.last().expect("a record")).expect("a session");
    no_token(&resumed, Reason::Unclear);
    assert_eq!(site.refreshes(), 1, "the next start asks nobody");
}

#[test]
fn pulling_works_beside_a_function() {
    let (site, saves) = (Site::start(), Arc::new(Saves::default()));
    let session = site.login(Some(&saves.store()));
    take_record(&session, true);
    token(&session);
    assert_eq!(saves.count(), 0);
}

#[test]
fn a_function_must_not_call_back() {
    static TRIED: AtomicUsize = AtomicUsize::new(0);
    let site = Site::start();
    let slot: Arc<OnceLock<Weak<Session>>> = Arc::default();
    let theirs = slot.clone();
    let store = host_store(Some(Arc::new(move |_: &str, _: Option<&str>| {
        let Some(session) = theirs.get().and_then(Weak::upgrade) else {
            return false;
        };
        let is_state = |result: Result<(), Error>| {
            expect_reason(result, Reason::State);
            TRIED.fetch_add(1, Ordering::SeqCst);
        };
        is_state(session.token(0, WAIT_MS, text).map(drop));
        is_state(session.poll(0, text).map(drop));
        is_state(session.refresh(true, WAIT_MS).map(drop));
        is_state(session.refresh(false, 0).map(drop));
        is_state(session.pending().map(drop));
        is_state(session.saved(true));
        is_state(session.expire("a-token"));
        is_state(session.status().map(drop));
        is_state(session.sign_out());
        true
    })));
    let session = Arc::new(site.login(Some(&store)));
    slot.set(Arc::downgrade(&session)).expect("once");
    token(&session);
    assert_eq!(TRIED.load(Ordering::SeqCst), 9);
    assert_eq!(site.refreshes(), 0);
}

#[test]
fn who_asks_while_another_saves_waits_as_long_as_it_likes() {
    let site = Site::start();
    let (begun, may_end) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (begin, end) = (begun.clone(), may_end.clone());
    let store = host_store(Some(Arc::new(move |_: &str, _: Option<&str>| {
        begin.store(true, Ordering::SeqCst);
        until("it may end", || end.load(Ordering::SeqCst));
        true
    })));
    let session = site.login(Some(&store));
    thread::scope(|scope| {
        let saver = scope.spawn(|| token(&session));
        until("it saves", || begun.load(Ordering::SeqCst));
        expect_reason(soon(|| session.token(0, 50, text)), Reason::TimedOut);
        expect_reason(soon(|| session.poll(0, text)), Reason::SaveFirst);
        assert_eq!(session.status().expect("a status").state, SessionState::SaveFirst);
        may_end.store(true, Ordering::SeqCst);
        assert_eq!(saver.join().expect("no panic"), token(&session));
    });
}

#[test]
fn signing_out_has_the_function_forget() {
    let (site, saves) = (Site::start(), Arc::new(Saves::default()));
    let session = site.login(Some(&saves.store()));
    token(&session);
    session.sign_out().expect("everything is done");
    assert_eq!((saves.count(), saves.last()), (2, None));
    let session = site.login(Some(&saves.store()));
    token(&session);
    saves.fails.store(true, Ordering::SeqCst);
    let error = expect_reason(session.sign_out(), Reason::NotRevoked);
    assert!(error.message.contains("forget"), "{error}");
    // The server's part is done all the same.
    assert_eq!(site.server.grant_counts().revoked, 2);
}
