//! Threads of ours in somebody else's program.

use std::io;

#[cfg(all(test, shuttle))]
pub use modelled::make_scarce;
#[cfg(shuttle)]
use shuttle::thread::Builder;
#[cfg(shuttle)]
pub use shuttle::thread::{JoinHandle, ThreadId, current, sleep};
#[cfg(not(shuttle))]
use std::thread::Builder;
#[cfg(not(shuttle))]
pub use std::thread::{JoinHandle, ThreadId, current, sleep};

/// Starts a thread with `stack_bytes` of stack for itself; what is reserved and
/// not touched costs nothing. The host's signals do not go to it: their handlers
/// expect the host's threads and stacks, and a signal that is meant to
/// interrupt a call must arrive where the call is.
pub fn start(name: &str, stack_bytes: usize, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    super::stay_loaded();
    let builder = Builder::new().name(name.to_owned()).stack_size(stack_bytes + stack_of_host());
    #[cfg(shuttle)]
    let builder = modelled::Builder(builder);
    without_signals(|| builder.spawn(work))
}

/// What else goes off a thread's stack: glibc puts the thread-locals of all
/// that is loaded there, which may be more than the stack that was asked for.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn stack_of_host() -> usize {
    use std::mem::MaybeUninit;
    use std::sync::atomic::{AtomicUsize, Ordering};
    type MinStack = unsafe extern "C" fn(*const libc::pthread_attr_t) -> libc::size_t;
    // Looked up once: the loader's lock is not for threads that others wait
    // for.
    static BYTES: AtomicUsize = AtomicUsize::new(usize::MAX);
    let known = BYTES.load(Ordering::Relaxed);
    if known != usize::MAX {
        return known;
    }
    // SAFETY: the name is that of glibc's function of this type, the one that
    // std asks too; the attributes it reads were initialized just before.
    let bytes = unsafe {
        let symbol = libc::dlsym(libc::RTLD_DEFAULT, c"__pthread_get_minstack".as_ptr());
        let mut attributes = MaybeUninit::uninit();
        if symbol.is_null() || libc::pthread_attr_init(attributes.as_mut_ptr()) != 0 {
            0
        } else {
            let bytes = std::mem::transmute::<*mut libc::c_void, MinStack>(symbol)(attributes.as_ptr());
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
            bytes
        }
    };
    BYTES.store(bytes, Ordering::Relaxed);
    bytes
}

/// Elsewhere they have memory of their own.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn stack_of_host() -> usize {
    0
}

/// Has this thread wait its turn when it is woken: whoever wakes it may be a
/// game in the middle of a frame. Elsewhere than on Linux, and in a sandbox,
/// threads run as the system has them.
pub fn give_way() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SAFETY: neither call does more than look at the numbers it is given;
        // all zeroes is the priority of this policy. A sandbox may kill whoever
        // asks for a policy, so there nobody asks; prctl is what names threads.
        unsafe {
            if libc::prctl(libc::PR_GET_SECCOMP, 0, 0, 0, 0) == 0 {
                let priority: libc::sched_param = std::mem::zeroed();
                libc::sched_setscheduler(0, libc::SCHED_BATCH, &priority);
            }
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

    use shuttle::rand::{Rng, thread_rng};
    use shuttle::thread::{self, JoinHandle};

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

    impl Builder {
        pub fn spawn(self, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
            if SCARCE.get() && thread_rng().gen_ratio(1, 2) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.0.spawn(work)
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

    #[cfg(target_os = "linux")]
    #[test]
    fn outside_a_sandbox_a_thread_gives_way() {
        let policies = || {
            // SAFETY: both only ask about this thread.
            let (sandboxed, before) =
                unsafe { (libc::prctl(libc::PR_GET_SECCOMP, 0, 0, 0, 0) != 0, libc::sched_getscheduler(0)) };
            give_way();
            // SAFETY: as above.
            (if sandboxed { before } else { libc::SCHED_BATCH }, unsafe { libc::sched_getscheduler(0) })
        };
        let (wanted, found) = std::thread::spawn(policies).join().expect("no panic");
        assert_eq!(found, wanted);
    }
}
