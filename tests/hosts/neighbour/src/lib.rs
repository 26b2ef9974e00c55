//! A Rust library that has nothing to do with ropc and is loaded into, or linked
//! with, the same program: it panics and catches that, has a panic hook, an
//! allocator's worth of work, thread-locals, and, with feature `tls`, a rustls of
//! its own with a provider installed for the whole process.

use std::cell::Cell;
use std::collections::HashMap;
use std::panic;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

#[cfg(feature = "tls")]
mod tls;

static PANICS: AtomicI32 = AtomicI32::new(0);

thread_local! {
    static CALLS: Cell<i32> = const { Cell::new(0) };
}

/// Installs a panic hook that counts, in place of what was there.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_hook() {
    panic::set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Ordering::SeqCst);
    }));
}

/// How many panics the hook has seen.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_panics() -> i32 {
    PANICS.load(Ordering::SeqCst)
}

/// Panics here and on a thread, and catches both: 2.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_panic() -> i32 {
    let here = panic::catch_unwind(|| panic!("a bug of the neighbour's"));
    let there = thread::spawn(|| panic!("another one")).join();
    i32::from(here.is_err()) + i32::from(there.is_err())
}

/// Allocates, frees and counts: how often this thread has called.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_work() -> i32 {
    let words: HashMap<String, Vec<u8>> = (0..1000).map(|n| (n.to_string(), vec![1; n])).collect();
    assert_eq!(words.values().map(Vec::len).sum::<usize>(), 499_500);
    CALLS.set(CALLS.get() + 1);
    CALLS.get()
}
