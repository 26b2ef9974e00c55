//! The program saves the tokens itself: it asks for what is to be saved, or
//! gives a function; nothing is handed out before.

mod common;
#[path = "common/session.rs"]
mod session;
#[path = "common/trouble.rs"]
mod trouble;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread;

use common::expect_reason;
use ropc::oauth::store::{HostStore, Store};
use ropc::oauth::{Error, Reason, Session, SessionState, Status};
use session::{
    LIFETIME, MARGIN, Place, Site, WAIT, host_store, no_token, rest, take_record, text, token, tokens_of, try_token,
};
use trouble::{soon, until};

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

/// A session that goes on from this record.
fn resume_from(site: &Site, record: &str) -> Result<Session, Error> {
    let store = HostStore::new(None);
    store.give("ada", record).expect("not too long");
    site.resume(&Arc::new(Store::Host(store)))
}

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
    site.time.pass(LIFETIME);
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
    site.time.pass(LIFETIME - MARGIN);
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
    site.time.pass(LIFETIME);
    expect_reason(try_token(&session), Reason::SaveFirst);
    let record = take_record(&session, false);
    for _ in 0..3 {
        is_to_be_saved(&session);
        assert_eq!(session.status().expect("a status").last_error.expect("told").reason, Reason::SaveFailed);
        // Time does not help, and nothing is sent.
        site.time.pass(LIFETIME);
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
    site.time.pass_ms(LIFETIME * 1000);
    expect_reason(try_token(&session), Reason::SaveFirst);
    let record = take_record(&session, true);
    assert_eq!(token(&resume_from(&site, record.expose()).expect("a session")), token(&session));
}

#[test]
fn records_of_others_are_refused() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    let record = take_record(&session, true);
    let with = |from: &str, to: &str| {
        assert!(record.expose().contains(from), "{from}");
        resume_from(&site, &record.expose().replace(from, to)).map(drop)
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
    let resumed = resume_from(&site, &marked).expect("a session");
    assert_eq!(token(&resumed), token(&session), "it is good");
    site.time.pass(LIFETIME);
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
    site.time.pass(LIFETIME - MARGIN);
    assert_eq!(token(&session), first);
    rest(&session);
    assert_eq!(token(&session), first, "still good");
    assert_eq!(site.refreshes(), 1);
    (session, saved)
}

/// Its next access token is not asked for: the refresh token may be spent.
#[track_caller]
fn asks_nobody(site: &Site, session: &Session) {
    site.time.pass(LIFETIME);
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
    let resumed = resume_from(&site, record.expose()).expect("a session");
    assert!(resumed.pending().expect("what it has").is_none(), "it is saved");
    asks_nobody(&site, &resumed);
    // Once more, because the program says so: it was spent.
    site.server.treat_refresh_as(None);
    expect_reason(resumed.refresh(true, WAIT), Reason::RefreshEnded);
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
fn the_programs_function_saves_that_there_was_no_answer() {
    let (site, saves) = (Site::start(), Arc::new(Saves::default()));
    let session = site.login(Some(&saves.store()));
    token(&session);
    site.server.treat_refresh_as(Some("fault:cut_before"));
    site.time.pass(LIFETIME);
    no_token(&session, Reason::Unclear);
    no_token(&session, Reason::Unclear);
    assert_eq!(saves.count(), 2, "the tokens, and the mark");
    let resumed = resume_from(&site, &saves.last().expect("a record")).expect("a session");
    asks_nobody(&site, &resumed);
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
        site.time.pass(LIFETIME);
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
        site.time.pass(LIFETIME);
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
        is_state(session.token(0, WAIT, text).map(drop));
        is_state(session.poll(0, text).map(drop));
        is_state(session.refresh(true, WAIT).map(drop));
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

#[test]
fn an_old_record_after_a_sign_out_is_nobody() {
    let site = Site::start();
    let session = site.login(Some(&host_store(None)));
    let record = take_record(&session, true);
    session.sign_out().expect("everything is done");
    assert!(session.pending().expect("not in a save").is_none());
    let session = resume_from(&site, record.expose()).expect("nobody knows yet");
    site.time.pass(LIFETIME);
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
    site.time.pass_ms(LIFETIME * 1000);
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
    let too_long = 1000 * LIFETIME as u32 + 1;
    expect_reason(session.token(too_long, WAIT, text), Reason::SaveFirst);
    take_record(&session, true);
    expect_reason(session.token(too_long, WAIT, text), Reason::TooShort);
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
    let session = resume_from(&site, &record).expect("a session");
    assert!(site.accepts(&session));
    let again = Session::new(&site.client, tokens_of(&site), Some(host_store(None)), "ada").expect("a session");
    is_to_be_saved(&again);
}
