//! Every thread that this library runs in a process, so that a shutdown can
//! wait until they are gone: ended, joined, nothing of ours on any stack.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use once_cell::race::OnceBox;

use super::sys::fork::Local;
use super::sys::sync::{Condvar, Mutex, lock, now, wait};
use super::sys::thread::{self, JoinHandle};

/// The threads of one process.
#[derive(Default)]
pub struct Threads {
    running: Mutex<Vec<Running>>,
    ended: Condvar,
}

struct Running {
    id: u64,
    /// Taken by whoever joins it.
    handle: Option<JoinHandle<()>>,
    /// Nothing of ours runs in it any more.
    ended: bool,
}

/// The end of a thread, also when its work panics.
struct End(Arc<Threads>, u64);

impl Threads {
    /// Those of this process; a child of fork has none.
    pub fn of_process() -> &'static Arc<Threads> {
        static THREADS: OnceBox<Local<Arc<Threads>>> = OnceBox::new();
        THREADS.get_or_init(|| Box::new(Local::new(Arc::default))).get()
    }

    /// Starts a thread. Does not wait for it, nor for any other.
    pub fn start(
        self: &Arc<Threads>,
        name: &str,
        stack_bytes: usize,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let mut running = lock(&self.running);
        let id = running.last().map_or(0, |last| last.id + 1);
        let threads = self.clone();
        let handle = thread::start(name, stack_bytes, move || {
            let _end = End(threads, id);
            work();
        })?;
        running.push(Running { id, handle: Some(handle), ended: false });
        Ok(())
    }

    /// Waits until none is left, or until `until`; says how many are. A thread
    /// that has ended is waited for without a limit: nothing of ours is left
    /// to run in it. Not from one of them.
    pub fn join(&self, until: Instant) -> usize {
        let mut running = lock(&self.running);
        while !running.is_empty() {
            let ended = running.iter_mut().find(|thread| thread.ended && thread.handle.is_some());
            if let Some((id, handle)) = ended.and_then(|thread| Some((thread.id, thread.handle.take()?))) {
                drop(running);
                // It has little left to do, and can do it without our lock. A
                // panic in it was its own matter.
                let _ = handle.join();
                running = lock(&self.running);
                running.retain(|thread| thread.id != id);
                self.ended.notify_all();
                continue;
            }
            let left = until.saturating_duration_since(now());
            if left.is_zero() {
                break;
            }
            running = wait(&self.ended, running, left);
        }
        running.len()
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let End(threads, id) = self;
        // Whoever starts a thread has no time for those that have ended; one
        // that ends has.
        let mut running = lock(&threads.running);
        let ended = running.extract_if(.., |thread| thread.ended && thread.handle.is_some());
        let ended: Vec<_> = ended.filter_map(|thread| thread.handle).collect();
        drop(running);
        for handle in ended {
            let _ = handle.join();
        }
        let mut running = lock(&threads.running);
        if let Some(thread) = running.iter_mut().find(|thread| thread.id == *id) {
            thread.ended = true;
        }
        threads.ended.notify_all();
    }
}
