//! What C sees; files in the order of the header. Every function checks its
//! pointers, calls one function of [`crate::oauth`] inside `guard` and hands
//! the result out. The only folder with C's pointers.

#![allow(non_camel_case_types)]
// What a caller must promise are the rules at the top of the header.
#![allow(clippy::missing_safety_doc)]
// The comments are the header's, which is no Markdown.
#![allow(rustdoc::invalid_html_tags)]

pub mod status;
pub mod library;
pub mod log;
pub mod options;
pub mod discover;
pub mod client;
pub mod login;
pub mod renew;
pub mod identity;
pub mod request;
pub mod store;
pub mod session;
pub mod token;
pub mod info;
pub mod api;
pub mod tokens;
pub mod error;
mod block;
mod string;
// Elsewhere the unwinder may be linked in, with a function of this name.
#[cfg(all(feature = "dist", any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple")))]
mod backtrace;
#[cfg(feature = "dist")]
mod wipe;

use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use zeroize::optimization_barrier;

use crate::oauth::{Error, Reason, SecretBytes, limits, wipe_registers};
use error::ropc_error;
use status::ropc_status;

/// Runs the body of an exported function: no panic leaves it, and a failure
/// becomes a status and, where `err` is given, an error that is the caller's.
/// What succeeds with nothing to say is ROPC_OK.
#[inline]
pub(crate) fn guard<T: Into<ropc_status>>(
    err: *mut *mut ropc_error,
    mut body: impl FnMut() -> Result<T, Error>,
) -> ropc_status {
    guarded(err, &mut body)
}

/// The body of an exported function, whatever it is; not `dyn FnMut`, whose
/// table has an entry more.
trait Body {
    fn run(&mut self) -> Result<ropc_status, Error>;
}

impl<T: Into<ropc_status>, F: FnMut() -> Result<T, Error>> Body for F {
    fn run(&mut self) -> Result<ropc_status, Error> {
        self().map(Into::into)
    }
}

/// What is the same for all of them: copies in each would be a fiftieth of the
/// library.
#[inline(never)]
// Of C's kind, which no panic leaves: so its callers need not be ready for one.
#[allow(improper_ctypes_definitions)]
extern "C" fn guarded(err: *mut *mut ropc_error, body: &mut dyn Body) -> ropc_status {
    told(err, caught(|| body.run()))
}

/// The same for a call that is to cost next to nothing.
#[inline]
pub(crate) fn guard_in_place(
    err: *mut *mut ropc_error,
    body: impl FnOnce() -> Result<ropc_status, Error>,
) -> ropc_status {
    told(err, caught(body))
}

/// What C is told of what came of a body.
#[inline]
fn told(err: *mut *mut ropc_error, done: Option<Result<ropc_status, Error>>) -> ropc_status {
    let status = match done {
        Some(Ok(status)) => {
            tell(err, std::ptr::null_mut());
            status
        }
        Some(Err(error)) => failed(err, error),
        None => failed(err, Error::bug()),
    };
    // What was copied last may be a password or a token.
    wipe_registers();
    status
}

#[cold]
fn failed(err: *mut *mut ropc_error, error: Error) -> ropc_status {
    let status = error.status().into();
    // To save first is no failure: there is nothing to read.
    let read = !err.is_null() && error.reason != Reason::SaveFirst;
    tell(err, if read { error::into_raw(error) } else { std::ptr::null_mut() });
    status
}

/// Writes to the place for an error, if there is one.
fn tell(err: *mut *mut ropc_error, error: *mut ropc_error) {
    if !err.is_null() {
        // SAFETY: rule 5 of the header: `err` points to a place for a pointer,
        // which need not hold one yet.
        unsafe { err.write(error) };
    }
}

/// What `body` returns, or `None` when it panicked.
#[inline]
pub(crate) fn caught<T>(body: impl FnOnce() -> T) -> Option<T> {
    #[cfg(feature = "dist")]
    wipe::silence_panics();
    #[cfg(ropc_plant_panics)]
    let body = planted::before(body);
    // Unwind-safe: what is shared is kept valid between any two statements
    // (see `sys::sync::lock`), and what is not is dropped.
    let result = catch_unwind(AssertUnwindSafe(body)).ok();
    #[cfg(ropc_plant_panics)]
    planted::count(result.is_none());
    result
}

/// The place for a result.
pub(crate) struct Place<T>(*mut *mut T);

impl<T> Place<T> {
    /// Hands `pointer` out.
    pub fn put(self, pointer: *mut T) {
        // SAFETY: `place` was promised a place for a pointer.
        unsafe { self.0.write(pointer) };
    }

    /// Hands a handle out; [`free`] takes it back.
    pub fn give(self, handle: T) {
        self.put(Box::into_raw(Box::new(handle)));
    }
}

/// The place for a result, emptied first: on failure every `out` is NULL. What
/// it held before is not looked at: it need not be a pointer.
///
/// # Safety
/// `out` is NULL or points to a place for a pointer, for the call.
pub(crate) unsafe fn place<T>(what: &str, out: *mut *mut T) -> Result<Place<T>, Error> {
    if out.is_null() {
        return Err(null(what));
    }
    // SAFETY: as the function's own.
    unsafe { out.write(std::ptr::null_mut()) };
    #[cfg(ropc_plant_panics)]
    planted::after_out();
    Ok(Place(out))
}

/// A handle or struct of ours.
///
/// # Safety
/// `pointer` is NULL or came from this library and was not freed.
pub(crate) unsafe fn handle<'a, T>(what: &str, pointer: *const T) -> Result<&'a T, Error> {
    // SAFETY: as the function's own.
    unsafe { pointer.as_ref() }.ok_or_else(|| null(what))
}

/// A handle of ours that this thread has for itself.
///
/// # Safety
/// `pointer` is NULL or came from this library, was not freed and is not in
/// use by another thread.
pub(crate) unsafe fn handle_mut<'a, T>(what: &str, pointer: *mut T) -> Result<&'a mut T, Error> {
    // SAFETY: as the function's own.
    unsafe { pointer.as_mut() }.ok_or_else(|| null(what))
}

/// Frees a box that was handed out; NULL is nothing.
///
/// # Safety
/// `pointer` is NULL or came from [`Place::give`] or `Box::into_raw` and was not
/// freed.
pub(crate) unsafe fn free<T>(pointer: *mut T) {
    // What is left of a value whose drop panics leaks.
    caught(|| {
        if !pointer.is_null() {
            // SAFETY: as the function's own.
            drop(unsafe { Box::from_raw(pointer) });
        }
    });
    // A session may have written a record, for its store.
    wipe_registers();
}

/// NUL-terminated UTF-8.
///
/// # Safety
/// `text` is NULL or points to bytes that end in NUL and stay as they are for
/// the call.
pub(crate) unsafe fn text<'a>(what: &str, text: *const c_char) -> Result<&'a str, Error> {
    // SAFETY: as the function's own.
    unsafe { optional_text(what, text) }?.ok_or_else(|| null(what))
}

/// The same where NULL means "none".
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn optional_text<'a>(what: &str, text: *const c_char) -> Result<Option<&'a str>, Error> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: as the function's own.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    utf8(what, bytes).map(Some)
}

/// Pointer and length; NULL only with length 0.
///
/// # Safety
/// `bytes` points to `len` bytes that stay as they are for the call.
pub(crate) unsafe fn bytes<'a>(what: &str, bytes: *const u8, len: usize) -> Result<&'a [u8], Error> {
    match (bytes.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(null(what)),
        (false, len) if len > isize::MAX as usize => {
            Err(Error::argument(format_args!("{what} has an impossible length")))
        }
        // SAFETY: as the function's own; the length is one a slice may have.
        (false, len) => Ok(unsafe { std::slice::from_raw_parts(bytes, len) }),
    }
}

/// `bytes` as text.
pub(crate) fn utf8<'a>(what: &str, bytes: &'a [u8]) -> Result<&'a str, Error> {
    std::str::from_utf8(bytes).map_err(|_| Error::argument(format_args!("{what} is not UTF-8")))
}

/// Names with their values: parameters of a grant, headers of a call.
///
/// # Safety
/// Both arrays are NULL or point to `count` texts as [`text`] wants them.
pub(crate) unsafe fn pairs<'a>(
    names: *const *const c_char,
    values: *const *const c_char,
    count: usize,
) -> Result<Vec<(&'a str, &'a str)>, Error> {
    if count > limits::PARAMS {
        return Err(Error::argument(format_args!("count may be at most {}", limits::PARAMS)));
    }
    // SAFETY: as the function's own.
    let (names, values) = unsafe { (texts("names", names, count)?, texts("values", values, count)?) };
    Ok(names.into_iter().zip(values).collect())
}

/// # Safety
/// `array` is NULL or points to `count` texts as [`text`] wants them.
unsafe fn texts<'a>(what: &str, array: *const *const c_char, count: usize) -> Result<Vec<&'a str>, Error> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if array.is_null() {
        return Err(null(what));
    }
    // SAFETY: as the function's own; `count` is small.
    let pointers = unsafe { std::slice::from_raw_parts(array, count) };
    // SAFETY: as the function's own.
    pointers.iter().map(|pointer| unsafe { text(what, *pointer) }).collect()
}

/// One of the values an integer may have.
pub(crate) fn pick<T: Copy>(what: &str, of: &str, value: i32, known: &[(i32, T)]) -> Result<T, Error> {
    let found = known.iter().find(|(number, _)| *number == value);
    found.map(|(_, value)| *value).ok_or_else(|| Error::argument(format_args!("{what} {value} is none of {of}")))
}

fn null(what: &str) -> Error {
    Error::argument(format_args!("{what} must not be NULL"))
}

/// Overwrites in one go, which a loop of volatile writes would not; never
/// inlined, for every drop of the whole shared library ends here.
///
/// # Safety
/// `block` is `size` bytes that nobody else uses; they need not hold anything
/// yet.
#[inline(never)]
pub(crate) unsafe fn overwrite(block: *mut u8, size: usize) {
    // SAFETY: as the function's own.
    let bytes = unsafe {
        block.write_bytes(0, size);
        std::slice::from_raw_parts(block, size)
    };
    // As far as the compiler knows the bytes are read here, so they must have
    // been written.
    optimization_barrier(bytes);
}

/// A text that C reads through a struct of ours; overwritten when freed.
pub(crate) struct Text(SecretBytes);

impl Text {
    /// A NUL-terminated copy of `text`, cut at a NUL of its own (the parsers
    /// let none through).
    pub fn new(text: &str) -> Text {
        let text = text.split('\0').next().unwrap_or_default();
        let mut bytes = SecretBytes::with_capacity(text.len() + 1);
        bytes.push(text.as_bytes());
        bytes.push(&[0]);
        Text(bytes)
    }

    /// Valid as long as `self`, wherever it is moved.
    pub fn as_ptr(&self) -> *const c_char {
        self.0.expose().as_ptr().cast()
    }

    /// The text without its NUL.
    pub fn as_str(&self) -> &str {
        let text = self.0.expose().strip_suffix(&[0]).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// Names and texts that `_extra` functions look through.
pub(crate) type Extras = Vec<(String, Text)>;

/// The text called `name`, or NULL.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn extra(extras: &Extras, name: *const c_char) -> *const c_char {
    // SAFETY: as the function's own.
    let Ok(name) = (unsafe { text("name", name) }) else {
        return std::ptr::null();
    };
    let found = extras.iter().find(|(known, _)| known == name);
    found.map_or(std::ptr::null(), |(_, text)| text.as_ptr())
}

/// What tests/guard.py builds in to see that no panic leaves the library. It
/// sets and reads the two numbers by their names; no header has them.
#[cfg(ropc_plant_panics)]
mod planted {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    /// Where to panic: 1 before any body of an exported function, 2 once the
    /// place for its result is emptied, else nowhere.
    #[unsafe(no_mangle)]
    static ROPC_PLANTED_WHERE: AtomicU32 = AtomicU32::new(0);

    /// How many panics were caught.
    #[unsafe(no_mangle)]
    static ROPC_PLANTED_CAUGHT: AtomicU32 = AtomicU32::new(0);

    pub fn before<T>(body: impl FnOnce() -> T) -> impl FnOnce() -> T {
        || {
            panic_at(1);
            body()
        }
    }

    pub fn after_out() {
        panic_at(2);
    }

    pub fn count(panicked: bool) {
        ROPC_PLANTED_CAUGHT.fetch_add(panicked.into(), Relaxed);
    }

    #[allow(clippy::panic)]
    fn panic_at(here: u32) {
        if ROPC_PLANTED_WHERE.load(Relaxed) == here {
            panic!("planted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_an_error() {
        let mut err = std::ptr::null_mut();
        let status = guard(&mut err, panic_on_purpose);
        assert_eq!(status, ropc_status::ROPC_E_BUG);
        // SAFETY: guard has just put an error there.
        let reason = unsafe { (*err).reason };
        assert_eq!(reason, Reason::Bug);
        // SAFETY: freed once.
        unsafe { error::ropc_error_free(err) };
    }

    #[allow(clippy::panic)]
    fn panic_on_purpose() -> Result<(), Error> {
        panic!("on purpose")
    }
}
