//! The calls under way, so that all of a client's, or all of the process', can
//! be stopped at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::race::OnceBox;

use super::call::Call;
use super::sys::fork::Local;
use super::sys::sync::{Mutex, lock};

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner(u64);

impl Owner {
    /// One that is no other.
    pub fn new() -> Owner {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Owner(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The calls of one process: those that block, and the requests that were
/// started.
#[derive(Default)]
pub struct Calls(Mutex<Vec<(Owner, Arc<Call>)>>);

impl Calls {
    /// Those of this process; a child of fork begins with none.
    pub fn of_process() -> &'static Arc<Calls> {
        static CALLS: OnceBox<Local<Arc<Calls>>> = OnceBox::new();
        CALLS.get_or_init(|| Box::new(Local::new(Arc::default))).get()
    }

    /// Lists `call` until [`Calls::remove`].
    pub fn add(&self, owner: Owner, call: &Arc<Call>) {
        lock(&self.0).push((owner, call.clone()));
    }

    /// Takes `call` off the list.
    pub fn remove(&self, call: &Arc<Call>) {
        let mut calls = lock(&self.0);
        if let Some(at) = calls.iter().rposition(|(_, listed)| Arc::ptr_eq(listed, call)) {
            calls.swap_remove(at);
        }
    }

    /// Whether none is under way.
    #[cfg(all(test, shuttle))]
    pub fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }

    /// Stops the calls of `owner`, or all. Returns at once.
    pub fn cancel(&self, owner: Option<Owner>) {
        // A copy: a call that is stopped takes itself off the list. The newest
        // first, which is found first there and in the queue.
        let calls = lock(&self.0).clone();
        for (of, call) in calls.into_iter().rev() {
            if owner.is_none_or(|owner| owner == of) {
                call.cancel();
            }
        }
    }
}

/// On the list of the process as long as this lives: a call that blocks.
pub struct Listed<'a>(&'a Arc<Call>);

impl<'a> Listed<'a> {
    /// Lists `call`.
    pub fn new(owner: Owner, call: &'a Arc<Call>) -> Listed<'a> {
        Calls::of_process().add(owner, call);
        Listed(call)
    }
}

impl Drop for Listed<'_> {
    /// A log function may have forked: the child's list never had the call.
    fn drop(&mut self) {
        Calls::of_process().remove(self.0);
    }
}
