//! What the threads and processes that use one session share.

use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use once_cell::race::OnceBox;

use super::flight::{Flight, cancelled};
use super::held::Held;
use super::machine::{End, Free, Keeper, Machine, Step};
use crate::oauth::call::{Call, Wait};
use crate::oauth::clock::Clock;
use crate::oauth::error::Error;
use crate::oauth::profile::Profile;
use crate::oauth::reason::{Reason, Stage};
use crate::oauth::request::{Outcome, Work};
use crate::oauth::secret::Secret;
use crate::oauth::store::{Binding, Store};
use crate::oauth::sys::fork::Local;
use crate::oauth::sys::sync::atomic::{AtomicBool, Ordering};
use crate::oauth::sys::sync::{Condvar, Mutex, MutexGuard, lock, now, wait};
use crate::oauth::sys::thread::current;
use crate::oauth::task::Task;
use crate::oauth::tokens::Tokens;

/// What a session needs of its client.
pub trait Backend: Send + Sync {
    /// Sends the refresh token, once.
    fn refresh(&self, call: &Arc<Call>, token: &str) -> Result<Tokens, Error>;
    /// Work for a worker, not begun.
    fn prepare(&self, work: Work) -> Arc<Task>;
    /// Has a worker run it.
    fn start(&self, task: &Arc<Task>) -> Result<(), Error>;
    /// How long a refresh may take in all.
    fn time(&self) -> Duration;
}

/// What holds for a session as long as it lives.
pub struct Terms {
    pub profile: &'static Profile,
    /// What else this server says of a refresh token that has ended.
    pub ended: Vec<String>,
    pub clock: Clock,
    pub keeper: Keeper,
    pub store: Option<Arc<Store>>,
    pub binding: Binding,
}

/// One signed-in user.
pub struct Shared {
    pub backend: Box<dyn Backend>,
    pub terms: Terms,
    /// What can be had without a lock.
    shown: ArcSwap<Shown>,
    core: Local<OnceBox<Arc<Core>>>,
    /// Whether nobody has the session any more.
    orphaned: AtomicBool,
    /// Whether the machine remembers an API that refused a token.
    doubts: AtomicBool,
}

impl Deref for Shared {
    type Target = Terms;

    fn deref(&self) -> &Terms {
        &self.terms
    }
}

/// What a machine shows.
struct Shown {
    /// What is handed out; none when the machine must be asked.
    free: Option<Free>,
    /// The newest tokens that are saved, for the child of a fork.
    saved: Option<Arc<Held>>,
}

/// What each process has for itself.
pub struct Core {
    pub machine: Mutex<Machine>,
    changed: Condvar,
    /// The flight under way.
    task: Mutex<Weak<Task>>,
}

/// How long a call waits, and what can end that.
pub enum Patience<'a> {
    /// Not at all.
    None,
    /// As long as this call may take; `host` when the host's save function may
    /// be called in it.
    Call { call: &'a Arc<Call>, host: bool },
}

impl Shared {
    /// A session with tokens that are saved, or still without any.
    pub fn new(backend: Box<dyn Backend>, terms: Terms, saved: Option<Arc<Held>>) -> Arc<Shared> {
        let machine = Machine::new(terms.keeper, saved);
        let shown = ArcSwap::from_pointee(Shown::by(&machine));
        let core = Arc::new(Core::new(machine));
        let shared = Arc::new(Shared {
            backend,
            terms,
            shown,
            core: Local::new(OnceBox::new),
            orphaned: AtomicBool::new(false),
            doubts: AtomicBool::new(false),
        });
        shared.core.get().get_or_init(|| Box::new(core));
        shared
    }

    /// This process' part; a child of fork begins with what was saved.
    pub fn core(&self) -> &Arc<Core> {
        self.core.get().get_or_init(|| {
            let shown = self.shown.load();
            let machine = Machine::inherited(self.keeper, shown.saved.clone(), shown.free.is_none());
            Box::new(Arc::new(Core::new(machine)))
        })
    }

    /// Hands `give` an access token that is good for `need_ms` more and need not
    /// be refreshed yet, if there is one: no lock, no system call.
    pub fn young<T>(&self, need_ms: u64, give: impl Fn(&Held) -> T) -> Option<T> {
        let shown = self.shown.load();
        let Free { held, until_ms } = shown.free.as_ref()?;
        let is_young = |now_ms| now_ms < *until_ms && held.is_good(now_ms, need_ms);
        (is_young(self.clock.soon_ms()) || is_young(self.clock.now_ms())).then(|| give(held))
    }

    fn show(&self, machine: &Machine) {
        self.shown.store(Arc::new(Shown::by(machine)));
    }

    /// Tokens whose access token is good for `need_ms` more. `None`: not within
    /// this patience.
    pub fn held(self: &Arc<Shared>, need_ms: u64, patience: Patience<'_>) -> Result<Option<Arc<Held>>, Error> {
        self.drive(patience, |machine, now_ms, waited| machine.ask(now_ms, need_ms, waited))
    }

    /// New tokens, whether the old ones are good or not.
    pub fn renew(self: &Arc<Shared>, force: bool, patience: Patience<'_>) -> Result<Option<Arc<Held>>, Error> {
        self.drive(
            patience,
            |machine, now_ms, waited| {
                if waited { machine.outcome(now_ms, force) } else { machine.demand(now_ms, force) }
            },
        )
    }

    /// Asks the machine until it gives or refuses; tells it whether a flight
    /// that was waited for has ended.
    fn drive(
        self: &Arc<Shared>,
        patience: Patience<'_>,
        ask: impl Fn(&mut Machine, u64, bool) -> Step,
    ) -> Result<Option<Arc<Held>>, Error> {
        let core = self.core();
        let mut awaited = None;
        loop {
            let mut machine = core.lock()?;
            let waited = awaited.is_some_and(|flight| machine.flights() >= flight);
            let step = ask(&mut machine, self.clock.now_ms(), waited);
            let (seen, next) = (machine.changes, machine.flights() + 1);
            if matches!(step, Step::GiveAndStart(_)) {
                // Nobody else need ask now.
                self.show(&machine);
            }
            drop(machine);
            match step {
                Step::Give(held) => return Ok(Some(held)),
                Step::GiveAndStart(held) => {
                    self.start(core);
                    return Ok(Some(held));
                }
                Step::Start => self.start(core),
                Step::Wait => {}
                Step::Refuse(error) if error.reason == Reason::SaveFirst => match patience {
                    Patience::Call { call, host: true } if self.has_save() => {
                        self.save_by_host(core, call)?;
                        continue;
                    }
                    _ => return Err(error),
                },
                Step::Refuse(error) => {
                    if let Patience::Call { call, host: true } = patience
                        && error.reason == Reason::Unclear
                        && self.has_save()
                    {
                        // To be had from ropc_session_pending() if it fails.
                        let _ = self.save_by_host(core, call);
                    }
                    return Err(error);
                }
            }
            awaited = Some(next);
            match patience {
                Patience::None => return Ok(None),
                Patience::Call { call, .. } => core.wait_for_change(call, seen, call.end_by())?,
            }
        }
    }

    /// `api` took this access token or refused it; whether to ask it once more.
    pub fn told_by_api(&self, access_token: &str, api: &str, refused: bool) -> bool {
        // Hardly ever more than this: no lock for each call.
        if !refused && !self.doubts.load(Ordering::Relaxed) {
            return false;
        }
        self.core().change(self, |machine, now_ms| {
            let again = refused && machine.refused_by_api(now_ms, access_token, api);
            if !refused {
                machine.taken_by_api(api);
            }
            self.doubts.store(machine.has_doubts(), Ordering::Relaxed);
            again
        })
    }

    /// Begins the flight that the machine has decided on.
    fn start(self: &Arc<Shared>, core: &Arc<Core>) {
        let flight = Arc::new(Flight::new(self.clone(), core.clone()));
        let theirs = flight.clone();
        let task = self.backend.prepare(Box::new(move |call: &Arc<Call>| {
            theirs.fly(call);
            Ok(Outcome::Done)
        }));
        *lock(&core.task) = Arc::downgrade(&task);
        if let Err(error) = self.backend.start(&task) {
            // Cancelled before it was started, if it is not threads that lack.
            let error = if error.reason == Reason::State { cancelled() } else { error };
            flight.end(End::Kept(error, None));
        }
    }

    /// What comes when nobody has the session any more waits in the program's
    /// store for the next one of that user.
    fn keep_orphan(&self, machine: &Machine) {
        if let (Some(Store::Host(host)), Some((held, marked))) = (self.store.as_deref(), machine.pending())
            && self.orphaned.load(Ordering::SeqCst)
            && let Ok(record) = self.record(held, marked)
        {
            host.leave(&self.binding.user_key, &record);
        }
    }

    /// What the host is to keep; `marked` when a refresh of it had no answer.
    pub fn record(&self, held: &Held, marked: bool) -> Result<Secret, Error> {
        let marked_at = if marked { self.clock.now_at().max(1) } else { 0 };
        held.to_record(marked_at).to_json(&self.binding)
    }

    fn has_save(&self) -> bool {
        matches!(self.store.as_deref(), Some(Store::Host(host)) if host.has_save())
    }

    /// Has the host save what is new, in this thread, or waits for another that
    /// is at it.
    fn save_by_host(&self, core: &Arc<Core>, call: &Call) -> Result<(), Error> {
        let mut machine = core.lock()?;
        if machine.saving.is_some() {
            let seen = machine.changes;
            drop(machine);
            return core.wait_for_change(call, seen, call.end_by());
        }
        let Some((held, marked)) = machine.to_save().map(|(held, marked)| (held.clone(), marked)) else {
            return Ok(());
        };
        machine.saving = Some(current().id());
        drop(machine);
        let saved = self.record(&held, marked).map(|json| match self.store.as_deref() {
            Some(Store::Host(host)) => host.save(&self.binding.user_key, Some(&json)),
            _ => false,
        });
        core.change(self, |machine, _| {
            machine.saving = None;
            machine.saved(&held, matches!(saved, Ok(true)));
        });
        match saved? {
            true => Ok(()),
            false => Err(Error::new(Reason::SaveFailed, "The program's save function could not save the new tokens")),
        }
    }

    /// Nobody has the session any more. A flight that was sent goes on until its
    /// tokens are saved.
    pub fn orphan(&self) {
        self.orphaned.store(true, Ordering::SeqCst);
        if let Some(core) = self.core.get().get() {
            core.change(self, |_, _| ());
        }
        self.abandon();
    }

    /// Stops a flight that was not sent yet.
    pub fn abandon(&self) {
        if let Some(core) = self.core.get().get() {
            let task = lock(&core.task).upgrade();
            if let Some(task) = task {
                let _ = task.cancel();
            }
        }
    }
}

impl Shown {
    fn by(machine: &Machine) -> Shown {
        Shown { free: machine.given_freely(), saved: machine.newest_saved().cloned() }
    }
}

impl Core {
    fn new(machine: Machine) -> Core {
        Core { machine: Mutex::new(machine), changed: Condvar::new(), task: Mutex::new(Weak::new()) }
    }

    /// The machine, unless this is the thread that saves for it: the host's
    /// save function must not call back.
    pub fn lock(&self) -> Result<MutexGuard<'_, Machine>, Error> {
        let machine = lock(&self.machine);
        match machine.saving {
            Some(thread) if thread == current().id() => {
                Err(Error::new(Reason::State, "A save function cannot use the session it saves for"))
            }
            _ => Ok(machine),
        }
    }

    /// Changes the machine, and wakes whoever waits for that.
    pub fn change<T>(&self, shared: &Shared, change: impl FnOnce(&mut Machine, u64) -> T) -> T {
        let mut machine = lock(&self.machine);
        let result = change(&mut machine, shared.clock.now_ms());
        machine.changes += 1;
        shared.show(&machine);
        shared.keep_orphan(&machine);
        drop(machine);
        self.changed.notify_all();
        result
    }

    /// Whether nobody is signed in any more.
    pub fn is_gone(&self) -> bool {
        lock(&self.machine).is_gone()
    }

    /// Whether that is so, or will be in a moment.
    pub fn is_leaving(&self) -> bool {
        lock(&self.machine).is_leaving()
    }

    /// Waits until the machine is another than it was at `seen`; not longer
    /// than `until`.
    pub fn wait_for_change(self: &Arc<Core>, call: &Call, seen: u64, until: Instant) -> Result<(), Error> {
        call.waiting(self.clone(), || {
            let mut machine = lock(&self.machine);
            while machine.changes == seen {
                let left = call.left()?.min(until.saturating_duration_since(now()));
                if left.is_zero() {
                    return Err(call.error(Reason::TimedOut, "The refresh that is under way did not end in time"));
                }
                machine = wait(&self.changed, machine, left);
            }
            Ok(())
        })
    }
}

impl Wait for Core {
    fn end(&self, _: Stage) {
        // The lock: whoever is about to wait has looked at the call before.
        let _machine = lock(&self.machine);
        self.changed.notify_all();
    }
}
