//! The program saves: what is not saved is not given.

use std::sync::{Arc, OnceLock, Weak};

use shuttle::thread;

use super::server::{Does, Holds, Server};
use super::{Age, User, reason};
use crate::oauth::call::Call;
use crate::oauth::models::{HASTY, PATIENT, check, join, one_of};
use crate::oauth::reason::Reason;
use crate::oauth::session::shared::{Patience, Shared};
use crate::oauth::store::{HostStore, Save, Store};
use crate::oauth::sys::sync::{Condvar, Mutex, lock, wait};

/// The program's store.
#[derive(Default)]
pub struct Host {
    state: Mutex<State>,
    changed: Condvar,
    /// The session that saves.
    session: OnceLock<Weak<Shared>>,
}

#[derive(Default)]
struct State {
    /// The newest tokens it has.
    saved: Option<usize>,
    saving: bool,
    /// How many more saves fail.
    failing: usize,
    /// Whether saves take until that is over.
    held: bool,
}

impl Host {
    /// A store that has the first tokens, and a user with it.
    pub fn new(server: &Arc<Server>, age: Age, failing: usize) -> (Arc<Host>, User) {
        let host = Arc::new(Host::default());
        *lock(&host.state) = State { saved: Some(1), failing, ..State::default() };
        let theirs = host.clone();
        let save: Save = Arc::new(move |_, record| theirs.save(record));
        let store = Arc::new(Store::Host(HostStore::new(Some(save))));
        let user = User::new(server, Some(&store), age);
        host.session.set(Arc::downgrade(&user.shared)).expect("once");
        (host, user)
    }

    pub fn saved(&self) -> Option<usize> {
        lock(&self.state).saved
    }

    fn hold(&self, held: bool) {
        lock(&self.state).held = held;
        self.changed.notify_all();
    }

    fn wait_until_saving(&self) {
        let mut state = lock(&self.state);
        while !state.saving {
            state = wait(&self.changed, state, super::FOR_EVER);
        }
    }

    fn save(&self, record: Option<&str>) -> bool {
        let mut state = lock(&self.state);
        assert!(!state.saving, "two save at once");
        state.saving = true;
        self.changed.notify_all();
        while state.held {
            state = wait(&self.changed, state, super::FOR_EVER);
        }
        drop(state);
        let session = self.session.get().and_then(Weak::upgrade).expect("it saves");
        let asked = session.held(0, Patience::None);
        assert_eq!(reason(&asked), Reason::State, "a save function uses the session");
        thread::yield_now();
        let mut state = lock(&self.state);
        state.saving = false;
        if state.failing > 0 {
            state.failing -= 1;
            return false;
        }
        state.saved = record.map(|record| {
            let number = record.split("\"access_token\":\"a").nth(1).and_then(|rest| rest.split('"').next());
            number.and_then(|number| number.parse().ok()).expect("a record has an access token")
        });
        true
    }
}

/// New tokens come, by a refresh or a login, and saving them fails sometimes:
/// nobody is given what is not saved, one saves at a time, and all get it in
/// the end.
#[test]
fn nothing_is_given_before_it_is_saved() {
    check(|| {
        let server = Server::new(Does::Answer, Holds::Nothing);
        let (host, user) = Host::new(&server, Age::Ended, one_of([0, 1, 2]));
        let logged_in = one_of([true, false]);
        if logged_in {
            user.log_in();
        }
        let asking = [false, false, true].map(|renews| {
            let host = host.clone();
            user.beside(move |user| {
                loop {
                    match if renews { user.renew(false, PATIENT) } else { user.ask(PATIENT) } {
                        Err(error) if error.reason == Reason::SaveFailed => {}
                        end => return (end.as_ref().is_ok_and(|token| host.saved() >= Some(*token)), end),
                    }
                }
            })
        });
        let polled = user.poll();
        let save_first = reason(&polled) == Reason::SaveFirst;
        assert!(save_first || polled.as_ref().is_ok_and(|token| host.saved() >= *token), "{polled:?}");
        for (saved, token) in join(asking) {
            assert!(saved, "{token:?} before it was saved");
        }
        let sent = server.sent();
        assert!(sent <= 3 && sent + usize::from(logged_in) + 1 == server.newest(), "{sent} refreshes");
        user.end();
    });
}

/// A save takes for ever: others wait as long as they like, and no longer.
#[test]
fn a_long_save_keeps_nobody() {
    check(|| {
        let server = Server::new(Does::Answer, Holds::Nothing);
        let (host, user) = Host::new(&server, Age::Ended, 0);
        host.hold(true);
        let saver = user.beside(|user| user.ask(PATIENT));
        host.wait_until_saving();
        let hasty = user.beside(|user| user.ask(HASTY));
        let call = Arc::new(Call::new(PATIENT));
        let cancelled = user.beside({
            let call = call.clone();
            move |user| user.ask_in(&call)
        });
        call.cancel();
        let ends = join([hasty, cancelled]);
        assert_eq!([reason(&ends[0]), reason(&ends[1])], [Reason::TimedOut, Reason::Cancelled]);
        let waits = user.beside(|user| user.ask(PATIENT));
        host.hold(false);
        for token in join([saver, waits]) {
            assert!(matches!(token, Ok(2)), "{token:?}");
        }
        user.end();
    });
}

/// The program asks for what is to be saved; others poll and ask meanwhile.
#[test]
fn what_is_fetched_is_given_when_it_is_saved() {
    check(|| {
        let server = Server::new(Does::Answer, Holds::Nothing);
        let store = Arc::new(Store::Host(HostStore::new(None)));
        let user = User::new(&server, Some(&store), one_of([Age::Ended, Age::Old]));
        let saved = Arc::new(Mutex::new(1));
        let other = user.beside({
            let saved = saved.clone();
            move |user| {
                for given in [user.ask(PATIENT).map(Some), user.poll()] {
                    let save_first = reason(&given) == Reason::SaveFirst;
                    assert!(save_first || given.as_ref().is_ok_and(|token| Some(*lock(&saved)) >= *token), "{given:?}");
                }
            }
        });
        for ok in [one_of([true, false]), true] {
            let given = user.renew(false, PATIENT);
            assert!(reason(&given) == Reason::SaveFirst || ok, "{given:?}");
            if let Some(token) = user.pending() {
                assert!(*lock(&saved) < token, "{token} again");
                if ok {
                    *lock(&saved) = token;
                }
                user.saved(ok);
            }
        }
        join([other]);
        let token = user.ask(PATIENT);
        assert!(token.as_ref().is_ok_and(|token| token == &*lock(&saved)), "{token:?}");
        user.end();
    });
}
