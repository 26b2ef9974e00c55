//! After fork() the child has the parent's memory and one thread. Whatever
//! other threads were in the middle of stays so for ever: locks stay locked,
//! connections belong to the parent. So what a process must not inherit is
//! kept per process, and told apart by a depth that the child raises. (Asking
//! for the process id on each use would cost a system call.)

use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::race::OnceBox;

static DEPTH: AtomicU64 = AtomicU64::new(0);

/// How many forks lie between this process and the one that loaded the
/// library. The same for the whole life of a process.
pub fn depth() -> u64 {
    DEPTH.load(Ordering::Relaxed)
}

/// Begins to notice forks. Called before anything that a child must not use
/// is made; harmless to repeat.
pub fn watch() {
    #[cfg(unix)]
    {
        extern "C" fn in_child() {
            DEPTH.fetch_add(1, Ordering::Relaxed);
        }
        static WATCHING: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
        // Registered first, then noted: two registrations count a fork twice,
        // which is still another number; none would miss it.
        if !WATCHING.load(Ordering::Acquire) {
            // SAFETY: the handler is a plain function that only adds to an
            // atomic, which is allowed between fork and exec; the library is
            // never unmapped (see build.rs), so it stays where it is.
            let registered = unsafe { libc::pthread_atfork(None, None, Some(in_child)) } == 0;
            // If not, for want of memory, the next call tries again.
            WATCHING.store(registered, Ordering::Release);
        }
    }
}

/// A value that each process has for itself. A child that asks gets a fresh
/// one; the inherited one is set aside, never dropped (its lock may be held
/// by a thread that does not exist here).
pub struct Local<T: 'static> {
    depth: u64,
    make: fn() -> T,
    value: T,
    child: OnceBox<Local<T>>,
}

impl<T> Local<T> {
    /// The value of this process, made now.
    pub fn new(make: fn() -> T) -> Local<T> {
        watch();
        Local { depth: depth(), make, value: make(), child: OnceBox::new() }
    }

    /// The value of this process.
    pub fn get(&self) -> &T {
        self.get_after(|_| {})
    }

    /// The same; `inherited` sees the parent's value in the first call that a
    /// child makes, before the fresh one is made.
    pub fn get_after(&self, inherited: impl Fn(&T)) -> &T {
        let now = depth();
        let mut at = self;
        while at.depth != now {
            at = at.child.get_or_init(|| {
                inherited(&at.value);
                Box::new(Local { depth: now, make: at.make, value: (at.make)(), child: OnceBox::new() })
            });
        }
        &at.value
    }
}

impl<T> Drop for Local<T> {
    fn drop(&mut self) {
        if self.depth != depth() {
            // Inherited, perhaps in the middle of a change: let it be.
            std::mem::forget(std::mem::replace(&mut self.value, (self.make)()));
        }
    }
}

#[cfg(all(test, unix))]
pub mod tests {
    use std::sync::atomic::AtomicU32;

    use super::super::sync::{Mutex, lock};
    use super::*;

    /// Forks; says in the end whether `work`, which runs in the child, did.
    pub fn forked(work: impl FnOnce() -> bool) -> impl FnOnce() -> bool {
        // SAFETY: the child runs `work` and leaves by _exit, at the latest
        // when its alarm ends it.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: as above.
            unsafe {
                libc::alarm(60);
                libc::_exit(if work() { 0 } else { 1 });
            }
        }
        move || {
            let mut status = -1;
            // SAFETY: waits for the child made above.
            unsafe { libc::waitpid(child, &mut status, 0) };
            status == 0
        }
    }

    /// Lowers a limit of this process. (Each system has its own type for it.)
    pub fn lower(what: i32, most: u64) {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: a limit that is written, and then read, for the calls.
        unsafe {
            libc::getrlimit(what as _, &mut limit);
            limit.rlim_cur = most;
            libc::setrlimit(what as _, &limit);
        }
    }

    #[test]
    fn a_fork_is_watched_for_once_however_often_that_is_asked() {
        watch();
        let parent = depth();
        let counted = forked(|| {
            let (child, by) = (depth(), depth() - parent);
            (0..3).for_each(|_| watch());
            by > 0 && forked(|| depth() - child == by)()
        });
        assert!(counted());
    }

    /// Notes the number of the last one that was dropped.
    struct Numbered(u32);

    static NEXT: AtomicU32 = AtomicU32::new(1);
    static DROPPED: [AtomicU32; 2] = [AtomicU32::new(0), AtomicU32::new(0)];

    impl Drop for Numbered {
        fn drop(&mut self) {
            if let Some(dropped) = DROPPED.get(self.0 as usize - 1) {
                dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn what_a_child_inherited_is_not_dropped_in_it() {
        let make = || Local::new(|| Numbered(NEXT.fetch_add(1, Ordering::Relaxed)));
        let dropped = || DROPPED.each_ref().map(|dropped| dropped.load(Ordering::Relaxed));
        let (mine, theirs) = (make(), make());
        let kept = forked(move || {
            drop(theirs);
            dropped() == [0, 0]
        });
        assert!(kept());
        drop(mine);
        assert_eq!(dropped()[0], 1);
    }

    #[test]
    fn a_child_gets_a_fresh_value_even_when_the_lock_was_held() {
        let local: Local<Mutex<u32>> = Local::new(Mutex::default);
        let mut held = lock(local.get());
        *held = 7;
        assert!(forked(|| *lock(local.get()) == 0)());
        assert_eq!(*held, 7);
    }
}
