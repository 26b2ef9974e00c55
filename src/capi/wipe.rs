//! What only the shared library may do, because what it changes is its own:
//! overwrite memory whenever it is freed, and keep panics off the host's
//! stderr. A Rust program or a static library shares these with its host.

use std::alloc::{GlobalAlloc, Layout, System};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use super::overwrite;

struct Wiping;

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

// SAFETY: every block comes from and goes back to the system's allocator with
// the layout it was asked for; overwriting happens while we still own it.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    /// Not inlined: wherever memory is freed, one call and not two.
    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is ours until it is handed back, and as long as
        // its layout says.
        unsafe {
            overwrite(block, layout.size());
            System.dealloc(block, layout);
        }
    }

    /// The system's realloc may move a block and leave the old one as it was.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that `size`, rounded up, is a valid size
        // for this alignment; both blocks hold the bytes copied; the old one
        // is freed only when the new one exists.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                std::ptr::copy_nonoverlapping(block, new, layout.size().min(size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

/// A bug of ours becomes a status, not a text on the host's stderr.
#[inline]
pub(super) fn silence_panics() {
    // No Once: a fork in the middle of it would stop every call of the child.
    static DONE: AtomicBool = AtomicBool::new(false);
    // Looked at first: a write by each call of each thread would have them all
    // wait for one another.
    if !DONE.load(Ordering::Relaxed) {
        silence_once(&DONE);
    }
}

#[cold]
fn silence_once(done: &AtomicBool) {
    if !done.swap(true, Ordering::Relaxed) {
        panic::set_hook(Box::new(|_| {}));
    }
}
