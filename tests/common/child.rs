//! Processes that a test forks off, and how the two speak with each other.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::common::trouble::SOON;

/// A child of this process.
pub struct Child(pub i32);

impl Child {
    /// Forks; `work` runs in the child only, which then ends.
    pub fn start(work: impl FnOnce()) -> Child {
        // SAFETY: the child runs `work` and ends by _exit; it never returns
        // into the test harness.
        let id = unsafe { libc::fork() };
        assert!(id >= 0, "no process could be started");
        if id == 0 {
            end_child(work);
        }
        Child(id)
    }

    /// Waits for its end, which must be a good one.
    #[track_caller]
    pub fn join(self) {
        let mut status = -1;
        // SAFETY: waits for the child this was made for, and writes to a local.
        let ended = unsafe { libc::waitpid(self.0, &mut status, 0) };
        assert_eq!((ended, status), (self.0, 0), "the child failed, or hung and was killed");
    }
}

/// In a child: runs `work` and ends the process, with 0 unless it panics.
pub fn end_child(work: impl FnOnce()) -> ! {
    // SAFETY: ends a child that hangs; nobody handles that signal.
    unsafe { libc::alarm(SOON.as_secs() as u32) };
    let failed = catch_unwind(AssertUnwindSafe(work)).is_err();
    // SAFETY: no destructors and no handlers run: those are the parent's.
    unsafe { libc::_exit(i32::from(failed)) };
}

/// One end tells the other that it got there, across processes.
pub struct Signal(std::io::PipeReader, std::io::PipeWriter);

impl Signal {
    pub fn new() -> Signal {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        Signal(reader, writer)
    }

    pub fn tell(&self) {
        (&self.1).write_all(b"!").expect("the other end is open");
    }

    /// Hangs when nobody tells; then the child's alarm ends both.
    pub fn wait(&self) {
        let mut byte = [0];
        std::io::Read::read_exact(&mut &self.0, &mut byte).expect("the other end tells");
    }
}
