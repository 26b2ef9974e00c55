//! Sessions: the machine, its flights on workers, waits, saves and sign-outs
//! are the library's; the server, the file and the host's store are made up.

mod asks;
mod host;
mod leave;
mod processes;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use shuttle::thread::{self, JoinHandle};

use super::{FOR_EVER, PATIENT, Process, one_of};
use crate::oauth::call::{Call, TimeLimits};
use crate::oauth::calls::Owner;
use crate::oauth::clock::Clock;
use crate::oauth::error::Error;
use crate::oauth::profile::RFC6749;
use crate::oauth::reason::Reason;
use crate::oauth::request::Work;
use crate::oauth::session::held::Held;
use crate::oauth::session::leave::{Undone, forget};
use crate::oauth::session::machine::{End, Keeper};
use crate::oauth::session::shared::{Backend, Patience, Shared, Terms};
use crate::oauth::store::{Binding, FileStore, Store};
use crate::oauth::sys::sync::now;
use crate::oauth::task::Task;
use crate::oauth::tokens::Tokens;
use server::{Server, tokens};

/// What is asked of an access token, and what only a young one has.
const NEED_MS: u64 = 10_000;
const LONG_MS: u64 = 100_000;
/// Longer than any pause after a failure.
const LATER_MS: u64 = 3_600_000;
/// When a model begins.
const START_MS: u64 = 1_800_000_000_000;

/// How far the first tokens are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    Young,
    /// Good, and to be refreshed.
    Old,
    Ended,
}

/// A process in which the user is signed in.
#[derive(Clone)]
struct User {
    process: Process,
    shared: Arc<Shared>,
    server: Arc<Server>,
    owner: Owner,
    /// What the clock shows more than the model's.
    ahead_ms: Arc<AtomicU64>,
}

/// The client of a session.
struct Line {
    process: Process,
    server: Arc<Server>,
    clock: Clock,
    owner: Owner,
    limits: TimeLimits,
}

impl Backend for Line {
    fn refresh(&self, call: &Arc<Call>, token: &str) -> Result<Tokens, Error> {
        self.server.refresh(call, token, self.clock.now_ms())
    }

    fn prepare(&self, work: Work) -> Arc<Task> {
        Task::whole(self.owner, self.limits, work)
    }

    fn start(&self, task: &Arc<Task>) -> Result<(), Error> {
        self.process.start(task)
    }

    fn time(&self) -> Duration {
        Duration::from_millis(self.limits.total_ms.into())
    }
}

/// Some file, still without a record.
fn file() -> Store {
    Store::File(FileStore::open("").expect("one in memory"))
}

impl User {
    /// One whose first tokens are saved in `store`.
    fn new(server: &Arc<Server>, store: Option<&Arc<Store>>, age: Age) -> User {
        User::with_limits(server, store, age, PATIENT)
    }

    fn with_limits(server: &Arc<Server>, store: Option<&Arc<Store>>, age: Age, limits: TimeLimits) -> User {
        let process = Process::new(one_of([1, 2]));
        let owner = Owner::new();
        let ahead_ms = Arc::new(AtomicU64::new(START_MS));
        let (ahead, start) = (ahead_ms.clone(), now());
        let now_ms = Arc::new(move || {
            let passed = now().saturating_duration_since(start).as_millis();
            ahead.load(SeqCst) + u64::try_from(passed).expect("less than an age")
        });
        let clock = Clock::made(now_ms.clone(), Arc::new(move || (now_ms() / 1000) as i64));
        let age_ms = match age {
            Age::Young => 0,
            Age::Old => 860_000,
            Age::Ended => 900_000,
        };
        let begun_ms = START_MS - age_ms;
        let held = Held::from_tokens(tokens(1, begun_ms), 1, begun_ms);
        let binding =
            Binding { origin: "https://it".to_owned(), client_id: "app".to_owned(), user_key: "ada".to_owned() };
        let keeper = match store.map(|store| &**store) {
            None => Keeper::Nobody,
            Some(Store::Host(_)) => Keeper::Host,
            Some(Store::File(file)) => {
                let user = file.lock(&binding, &mut |_| Ok(())).expect("another process, at most");
                if user.read().expect("a file").is_none() {
                    user.write(&held.to_record(0)).expect("a file");
                }
                Keeper::File
            }
        };
        let line = Line { process: process.clone(), server: server.clone(), clock: clock.clone(), owner, limits };
        let terms = Terms { profile: &RFC6749, ended: Vec::new(), clock, keeper, store: store.cloned(), binding };
        let shared = Shared::new(Box::new(line), terms, Some(Arc::new(held)));
        User { process, shared, server: server.clone(), owner, ahead_ms }
    }

    /// Runs `work` in a thread of the program's.
    fn beside<T: Send + 'static>(&self, work: impl FnOnce(&User) -> T + Send + 'static) -> JoinHandle<T> {
        let user = self.clone();
        thread::spawn(move || work(&user))
    }

    /// The number of an access token, as `ropc_session_token` gives it.
    fn ask(&self, limits: TimeLimits) -> Result<usize, Error> {
        self.ask_in(&Arc::new(Call::new(limits)))
    }

    /// The same in this call, which others may cancel.
    fn ask_in(&self, call: &Arc<Call>) -> Result<usize, Error> {
        match self.shared.young(NEED_MS, number) {
            Some(number) => Ok(number),
            None => self.listed(call, |patience| self.shared.held(NEED_MS, patience)),
        }
    }

    /// As `ropc_session_poll` does.
    fn poll(&self) -> Result<Option<usize>, Error> {
        match self.shared.young(NEED_MS, number) {
            Some(number) => Ok(Some(number)),
            None => Ok(self.shared.held(NEED_MS, Patience::None)?.map(|held| number(&held))),
        }
    }

    /// As `ropc_session_refresh` does.
    fn renew(&self, force: bool, limits: TimeLimits) -> Result<usize, Error> {
        let call = Arc::new(Call::new(limits));
        self.listed(&call, |patience| self.shared.renew(force, patience))
    }

    fn listed(
        &self,
        call: &Arc<Call>,
        ask: impl FnOnce(Patience<'_>) -> Result<Option<Arc<Held>>, Error>,
    ) -> Result<usize, Error> {
        self.process.calls.add(self.owner, call);
        let given = ask(Patience::Call { call, host: true });
        self.process.calls.remove(call);
        given.map(|held| number(&held.expect("a wait has an end")))
    }

    /// As `ropc_session_expire` does.
    fn expire(&self, token: usize) {
        self.shared.core().change(&self.shared, |machine, _| machine.expire(&format!("a{token}")));
    }

    /// The part of a sign-out on this machine: the numbers of the tokens that
    /// the server is then told to end, and whether nothing was left undone.
    fn sign_out(&self, limits: TimeLimits) -> (Vec<usize>, bool) {
        let call = Arc::new(Call::new(limits));
        let mut undone = Undone::default();
        self.process.calls.add(self.owner, &call);
        let held = forget(&self.shared, &call, &mut undone).expect("not from a save function");
        self.process.calls.remove(&call);
        (held.iter().map(|held| number(held)).collect(), undone.into_result().is_ok())
    }

    /// The tokens to be saved, as `ropc_session_pending` gives them.
    fn pending(&self) -> Option<usize> {
        let core = self.shared.core();
        let held = core.lock().expect("not from a save function").pending().map(|(held, _)| held.clone())?;
        let number = number(&held);
        core.change(&self.shared, |machine, _| machine.take_out(held));
        Some(number)
    }

    /// As `ropc_session_saved` says.
    fn saved(&self, ok: bool) {
        self.shared.core().change(&self.shared, |machine, _| machine.put_away(ok)).expect("it was pending");
    }

    /// Unsaved tokens, as a login leaves them.
    fn log_in(&self) {
        let now_ms = self.shared.clock.now_ms();
        let held = Arc::new(Held::from_tokens(tokens(self.server.log_in(), now_ms), 2, now_ms));
        self.shared.core().change(&self.shared, |machine, now_ms| {
            machine.ended(now_ms, End::Unsaved { held, refreshed: false, failure: None })
        });
    }

    /// The pause after any failure is over.
    fn later(&self) {
        self.pass(LATER_MS);
    }

    /// So much time passes.
    fn pass(&self, time_ms: u64) {
        self.ahead_ms.fetch_add(time_ms, SeqCst);
    }

    /// The number of the tokens in the file, and whether they are marked.
    fn in_file(&self) -> Option<(usize, bool)> {
        let Some(Store::File(file)) = self.shared.store.as_deref() else { panic!("no file") };
        let record = file.read(&self.shared.binding).expect("a file")?;
        let token = record.refresh_token.expect("each record has one");
        Some((token.expose()[1..].parse().expect("a number"), record.marked_at != 0))
    }

    /// The end of every model: nothing is left.
    fn end(self) {
        self.server.let_go();
        assert_eq!(self.process.shutdown(FOR_EVER), 0);
        let left = Arc::downgrade(&self.shared);
        drop(self.shared);
        assert!(left.upgrade().is_none(), "the session is kept by something");
        self.process.end([]);
    }
}

fn number(held: &Held) -> usize {
    let token = held.access_token.as_ref().expect("what is given has one");
    token.expose()[1..].parse().expect("a number")
}

/// Why there is no token.
fn reason<T>(end: &Result<T, Error>) -> Reason {
    end.as_ref().err().map_or(Reason::None, |error| error.reason)
}
