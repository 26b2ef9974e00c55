//! Threads of ours in somebody else's program.

use std::io;

#[cfg(shuttle)]
use shuttle::thread::Builder;
#[cfg(shuttle)]
pub use shuttle::thread::JoinHandle;
#[cfg(not(shuttle))]
use std::thread::Builder;
#[cfg(not(shuttle))]
pub use std::thread::JoinHandle;

/// Starts a thread with a stack of `stack_bytes`; what is reserved and not
/// touched costs nothing. The host's signals do not go to it: their handlers
/// expect the host's threads and stacks, and a signal that is meant to
/// interrupt a call must arrive where the call is.
pub fn start(name: &str, stack_bytes: usize, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    super::stay_loaded();
    let builder = Builder::new().name(name.to_owned()).stack_size(stack_bytes);
    without_signals(|| builder.spawn(work))
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
