//! Leaves out of the shared library what std would print a backtrace with: a
//! reader of debug information, a tenth of the library, and never used, for no
//! panic of ours is shown (`wipe::silence_panics`).
//!
//! std finds the frames of a stack through the unwinder's `_Unwind_Backtrace`.
//! One of our own that finds none is seen through by the optimizer, and all
//! that would have been done with a frame is gone. Unwinding itself does not
//! use it.

use std::ffi::{c_int, c_void};

// Hidden, so that it is nobody's but ours: a host keeps its own.
#[cfg(target_vendor = "apple")]
std::arch::global_asm!(".private_extern __Unwind_Backtrace");
#[cfg(not(target_vendor = "apple"))]
std::arch::global_asm!(".hidden _Unwind_Backtrace");

// SAFETY: the name is the unwinder's, the only one who calls it is std's
// printing of backtraces, and to have found no frame is a correct answer.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_each: *const c_void, _argument: *mut c_void) -> c_int {
    const END_OF_STACK: c_int = 5;
    END_OF_STACK
}
