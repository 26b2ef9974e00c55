//! Work that the system does in its own time, and that can neither be given a
//! deadline nor be stopped: looking a name up, reading certificate files. It
//! runs on a thread of its own, which a call waits for as long as it may and
//! then leaves behind. How many may be left behind is bounded.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::sys::fork::{Local, lock};
use crate::oauth::sys::thread;

/// Under way at once in the whole process.
const MOST: usize = 16;
/// How long a wait may last before cancel and clock are looked at.
const SLICE: Duration = Duration::from_millis(50);

/// One piece of work, under way or ended, and everyone who waits for it.
pub(super) struct Aside<T> {
    result: Mutex<Option<(Result<T, String>, Instant)>>,
    done: Condvar,
}

impl<T: Clone + Send + 'static> Aside<T> {
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
        let started = thread::start("ropc-aside", move || {
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
    pub fn wait(&self, call: &Call) -> Result<Result<T, String>, Error> {
        let mut result = lock(&self.result);
        loop {
            if let Some((result, _)) = &*result {
                return Ok(result.clone());
            }
            let slice = call.left()?.min(SLICE);
            let (guard, _) = self.done.wait_timeout(result, slice).unwrap_or_else(PoisonError::into_inner);
            result = guard;
        }
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

/// The count in this process: a child of fork has none.
fn running() -> &'static AtomicUsize {
    static RUNNING: OnceBox<Local<AtomicUsize>> = OnceBox::new();
    RUNNING.get_or_init(|| Box::new(Local::new(AtomicUsize::default))).get()
}
