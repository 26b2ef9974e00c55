//! Which mutant is on. Put into a copy of the library as `crate::mutant` by
//! tests/mutants/build.py; every mutant that can be chosen while a program runs
//! is in one build, and the environment says which.

use std::ffi::CStr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

const NOT_ASKED: u32 = u32::MAX;

static CHOSEN: AtomicU32 = AtomicU32::new(NOT_ASKED);
static REACHED: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());

/// Whether mutant `number` is on; notes that it was reached, where that is
/// asked for. Deprecated, so that the compiler names every place it is used in.
#[deprecated]
pub fn on(number: u32) -> bool {
    let mut chosen = CHOSEN.load(Ordering::Acquire);
    if chosen == NOT_ASKED {
        chosen = ask();
    }
    let reached = REACHED.load(Ordering::Relaxed);
    if !reached.is_null() {
        // SAFETY: the file has a byte for every mutant; all write the same.
        unsafe { reached.add(number as usize).write_volatile(1) };
    }
    chosen == number
}

/// No allocation and no lock: an allocator and the child of a fork ask too.
/// Threads that ask at once do the same twice.
#[cold]
fn ask() -> u32 {
    // SAFETY: the names are C strings; what getenv returns is read at once.
    let read = |name: &CStr| unsafe { libc::getenv(name.as_ptr()) };
    let chosen = match read(c"ROPC_MUTANT") {
        text if text.is_null() => NOT_ASKED - 1,
        // SAFETY: a C string.
        text => unsafe { libc::atoi(text) as u32 },
    };
    let path = read(c"ROPC_MUTANTS_REACHED");
    if !path.is_null() {
        // SAFETY: a file that tests/mutants/build.py made, of one length for all.
        unsafe {
            let file = libc::open(path, libc::O_RDWR | libc::O_CLOEXEC);
            let size = libc::lseek(file, 0, libc::SEEK_END) as usize;
            let map =
                libc::mmap(std::ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED, file, 0);
            libc::close(file);
            if map != libc::MAP_FAILED {
                REACHED.store(map.cast(), Ordering::Relaxed);
            }
        }
    }
    CHOSEN.store(chosen, Ordering::Release);
    chosen
}
