//! Work that the system does in its own time, and that can neither be given a
//! deadline nor be stopped: looking a name up, reading certificate files. It
//! runs on a thread of its own, which a call waits for as long as it may and
//! then leaves behind. How many may be left behind is bounded.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// One piece of work, under way or ended, and everyone who waits for it.
pub(super) struct Aside<T> {
    result: Mutex<Option<(Result<T, String>, Instant)>>,
    done: Condvar,
}

impl<T: Clone + Send + Sync + 'static> Aside<T> {
    /// Begins `work`; `what` names it in messages.
    pub fn start(
        call: &Call,
        what: &'static str,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<Arc<Aside<T>>, Error> {
        let running = running();
        if running.fetch_add(1, Ordering::Relaxed) >= MOST {
            running.fetch_sub(1, Ordering::Relaxed);
            let problem = format_args!("{MOST} name look-ups or certificate reads of this process are without an end");
            return Err(call.error(Reason::Resources, problem));
        }
        let aside = Arc::new(Aside { result: Mutex::new(None), done: Condvar::new() });
        let theirs = aside.clone();
        let started = Threads::of_process().start("ropc-aside", STACK_BYTES, move || {
            // It may be the program's own code; whoever waits must learn of it.
            let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("it panicked".to_owned()));
            running.fetch_sub(1, Ordering::Relaxed);
            *lock(&theirs.result) = Some((result, Instant::now()));
            theirs.done.notify_all();
        });
        match started {
            Ok(()) => Ok(aside),
            Err(_) => {
                running.fetch_sub(1, Ordering::Relaxed);
                Err(call.error(Reason::Resources, format_args!("No thread could be started for {what}")))
            }
        }
    }

    /// The result, as soon as it is there.
    pub fn wait(self: &Arc<Aside<T>>, call: &Call) -> Result<Result<T, String>, Error> {
        call.waiting(self.clone(), || {
            let mut result = lock(&self.result);
            loop {
                if let Some((result, _)) = &*result {
                    return Ok(result.clone());
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
            Some((Ok(value), at)) => good(value) && at.elapsed() < keep,
            Some((Err(_), _)) => false,
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

/// The count in this process: a child of fork has none.
fn running() -> &'static AtomicUsize {
    static RUNNING: OnceBox<Local<AtomicUsize>> = OnceBox::new();
    RUNNING.get_or_init(|| Box::new(Local::new(AtomicUsize::default))).get()
}
