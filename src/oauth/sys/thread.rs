//! Threads of ours in somebody else's program.

use std::io;

#[cfg(shuttle)]
pub use modelled::JoinHandle;
#[cfg(all(test, shuttle))]
pub use modelled::make_scarce;
#[cfg(shuttle)]
use shuttle::thread::Builder;
#[cfg(not(shuttle))]
use std::thread::Builder;
#[cfg(not(shuttle))]
pub use std::thread::JoinHandle;

/// Starts a thread with a stack of `stack_bytes`; what is reserved and not
/// touched costs nothing. The host's signals do not go to it: their handlers
/// expect the host's threads and stacks, and a signal that is meant to
/// interrupt a call must arrive where the call is. Nor does it push aside
/// whoever woke it: that may be a game in the middle of a frame.
pub fn start(name: &str, stack_bytes: usize, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    super::stay_loaded();
    let builder = Builder::new().name(name.to_owned()).stack_size(stack_bytes);
    #[cfg(shuttle)]
    let builder = modelled::Builder(builder);
    without_signals(|| {
        builder.spawn(|| {
            give_way();
            work();
        })
    })
}

/// Has this thread wait its turn, however urgent the thread is that started it:
/// it waits for a network most of its life. Elsewhere than on Linux threads
/// start as std makes them.
fn give_way() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SAFETY: all zeroes is the priority of this policy, and the call only
        // reads it. Refused, it changes nothing.
        unsafe {
            let priority: libc::sched_param = std::mem::zeroed();
            libc::sched_setscheduler(0, libc::SCHED_BATCH, &priority);
        }
    }
}

/// A new thread inherits the mask of its parent.
#[cfg(unix)]
fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    use std::mem::MaybeUninit;
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset fills the set that the next call reads, which in turn
    // fills `before`.
    let blocked = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) == 0
    };
    let result = start();
    if blocked {
        // SAFETY: the call that blocked filled `before`.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()) };
    }
    result
}

#[cfg(not(unix))]
fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    start()
}

/// What the model checker's threads lack (src/oauth/models).
#[cfg(shuttle)]
mod modelled {
    use std::cell::Cell;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use shuttle::rand::{Rng, thread_rng};
    use shuttle::thread;

    thread_local! {
        // All threads of a model run in one of the system's.
        static SCARCE: Cell<bool> = const { Cell::new(false) };
    }

    /// Whether from now on every other thread, at random, cannot be started.
    #[cfg(test)]
    pub fn make_scarce(scarce: bool) {
        SCARCE.set(scarce);
    }

    pub struct Builder(pub thread::Builder);

    pub struct JoinHandle<T> {
        thread: thread::JoinHandle<T>,
        finished: Arc<AtomicBool>,
    }

    impl Builder {
        pub fn spawn(self, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
            if SCARCE.get() && thread_rng().gen_ratio(1, 2) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let finished = Arc::new(AtomicBool::new(false));
            let ends = finished.clone();
            let thread = self.0.spawn(move || {
                work();
                ends.store(true, Ordering::Relaxed);
            })?;
            Ok(JoinHandle { thread, finished })
        }
    }

    impl<T> JoinHandle<T> {
        pub fn is_finished(&self) -> bool {
            self.finished.load(Ordering::Relaxed)
        }

        pub fn join(self) -> thread::Result<T> {
            self.thread.join()
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::mem::MaybeUninit;
    use std::sync::mpsc::channel;

    use super::*;

    /// Whether this thread would take SIGALRM.
    fn takes_alarms() -> bool {
        let mut mask = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: with no new mask the call only fills `mask`, which is read
        // after it.
        unsafe {
            libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), mask.as_mut_ptr());
            libc::sigismember(mask.as_ptr(), libc::SIGALRM) == 0
        }
    }

    #[test]
    fn the_host_s_signals_stay_with_the_host() {
        let before = takes_alarms();
        let (tell, told) = channel();
        let thread = start("test", 1 << 20, move || tell.send(takes_alarms()).expect("the test waits"));
        assert_eq!((told.recv(), takes_alarms()), (Ok(false), before));
        thread.expect("a thread").join().expect("no panic");
        assert!(before, "the test would show nothing");
    }
}
