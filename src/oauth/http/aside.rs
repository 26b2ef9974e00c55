//! Work that the system does in its own time, and that can neither be given a
//! deadline nor be stopped: looking a name up, reading certificate files. It
//! runs on a thread of its own, which a call waits for as long as it may and
//! then leaves behind. How many may be left behind is bounded; who finds all
//! places taken waits for one, within its own limit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use crate::oauth::call::{Call, Wait};
use crate::oauth::error::Error;
use crate::oauth::reason::{Reason, Stage};
use crate::oauth::sys::fork::Local;
use crate::oauth::sys::sync::{Condvar, Mutex, lock, wait};
use crate::oauth::threads::Threads;

/// Under way at once in the whole process.
const MOST: usize = 16;
/// Foreign code runs here (NSS modules), and a stack overflow would end the
/// host.
const STACK_BYTES: usize = 1024 * 1024;

/// A place for one piece of work, free again with the value.
pub(super) struct Place(Arc<Places>);

/// The places of this process.
#[derive(Default)]
struct Places {
    taken: Mutex<usize>,
    freed: Condvar,
}

impl Place {
    /// A free place, waited for if need be: hold no lock.
    pub fn take(call: &Call) -> Result<Place, Error> {
        let places = Places::of_process();
        let taken = call.waiting(places.clone(), || {
            let mut taken = lock(&places.taken);
            while *taken >= MOST {
                taken = wait(&places.freed, taken, call.left()?);
            }
            *taken += 1;
            Ok(())
        });
        match taken {
            Ok(()) => Ok(Place(places)),
            Err(error) if error.reason == Reason::TimedOut => {
                let problem = format_args!(
                    "{MOST} name look-ups or certificate reads of this process are under way, and none has ended in time"
                );
                Err(call.error(Reason::Resources, problem))
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *lock(&self.0.taken) -= 1;
        self.0.freed.notify_all();
    }
}

impl Places {
    /// A child of fork has all of them.
    fn of_process() -> Arc<Places> {
        static PLACES: OnceBox<Local<Arc<Places>>> = OnceBox::new();
        PLACES.get_or_init(|| Box::new(Local::new(Arc::default))).get().clone()
    }
}

impl Wait for Places {
    fn end(&self, _: Stage) {
        // The lock: whoever is about to wait has looked at its call before.
        let _taken = lock(&self.taken);
        self.freed.notify_all();
    }
}

/// One piece of work, under way or ended, and everyone who waits for it.
pub(super) struct Aside<T> {
    /// What it came to, and when.
    result: Mutex<Option<Result<(T, Instant), String>>>,
    done: Condvar,
}

impl<T: Clone + Send + Sync + 'static> Aside<T> {
    /// Begins `work`; `what` names it in messages.
    pub fn start(
        call: &Call,
        place: Place,
        what: &'static str,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<Arc<Aside<T>>, Error> {
        let aside = Arc::new(Aside { result: Mutex::new(None), done: Condvar::new() });
        let theirs = aside.clone();
        let started = Threads::of_process().start("ropc-aside", STACK_BYTES, move || {
            // It may be the program's own code; whoever waits must learn of it.
            let timed = AssertUnwindSafe(|| work().map(|value| (value, Instant::now())));
            let result = catch_unwind(timed).unwrap_or_else(|_| Err("it panicked".to_owned()));
            drop(place);
            *lock(&theirs.result) = Some(result);
            theirs.done.notify_all();
        });
        let failed = |_| call.error(Reason::Resources, format_args!("No thread could be started for {what}"));
        started.map(|()| aside).map_err(failed)
    }

    /// The result, as soon as it is there.
    pub fn wait(self: &Arc<Aside<T>>, call: &Call) -> Result<Result<T, String>, Error> {
        call.waiting(self.clone(), || {
            let mut result = lock(&self.result);
            loop {
                if let Some(result) = &*result {
                    return Ok(result.clone().map(|(value, _)| value));
                }
                result = wait(&self.done, result, call.left()?);
            }
        })
    }

    /// Whether it is still under way.
    pub fn is_running(&self) -> bool {
        lock(&self.result).is_none()
    }

    /// Whether it may serve a call that comes now: under way, or ended well
    /// less than `keep` ago. A failure serves only those who waited for it.
    pub fn serves(&self, keep: Duration, good: impl Fn(&T) -> bool) -> bool {
        match &*lock(&self.result) {
            None => true,
            Some(Ok((value, at))) => good(value) && at.elapsed() < keep,
            Some(Err(_)) => false,
        }
    }
}

impl<T: Send> Wait for Aside<T> {
    fn end(&self, _: Stage) {
        // The lock: whoever is about to wait has looked at the call before.
        let _result = lock(&self.result);
        self.done.notify_all();
    }
}
