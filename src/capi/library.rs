//! The library as a whole: versions, names, strings, wiping.

use std::ffi::{CStr, c_char, c_void};
use std::time::Duration;

use super::{caught, guard, overwrite, status, string};
use crate::capi::status::ropc_status;
use crate::oauth::{DEFAULT_WORKERS, MOST_WORKERS, Reason, set_workers, shutdown};

/// The interface this header describes; pass it to ropc_abi_check(). Raised
/// when functions, fields or values are added; nothing is ever taken away.
pub const ROPC_ABI: u32 = 1;

/// Version of this header: major, minor, patch.
pub const ROPC_VERSION_MAJOR: u32 = 0;
/// See ROPC_VERSION_MAJOR.
pub const ROPC_VERSION_MINOR: u32 = 1;
/// See ROPC_VERSION_MAJOR.
pub const ROPC_VERSION_PATCH: u32 = 0;

/// Longest app, grant type, response type, user agent, name of a parameter
/// or header, and `error` of a server, in bytes.
pub const ROPC_MAX_NAME: usize = 256;
/// Longest site, origin, URL, issuer, scope, client id, user name, user
/// key, path, nonce, list of a profile's fields and value of a header, in
/// bytes.
pub const ROPC_MAX_TEXT: usize = 4096;
/// Longest password, token and value of a parameter, in bytes.
pub const ROPC_MAX_SECRET: usize = 65536;
/// Longest client secret and API key, and client id beside a secret, in
/// bytes.
pub const ROPC_MAX_CLIENT_SECRET: usize = 1024;
/// Longest access token that can be sent to a server, in bytes; others may
/// have ROPC_MAX_SECRET.
pub const ROPC_MAX_BEARER: usize = 12288;
/// Longest record of a session, in bytes.
pub const ROPC_MAX_RECORD: usize = 262144;
/// Longest certificate or key in PEM, in bytes.
pub const ROPC_MAX_PEM: usize = 4194304;
/// Most parameters of one grant, headers of one call of an API, and
/// parameters, API origins and ended errors of one ropc_options, each.
pub const ROPC_MAX_PARAMS: usize = 64;

/// Most threads that run requests; see ropc_set_workers().
pub const ROPC_MAX_WORKERS: u32 = 64;

/// The loaded library's version, e.g. "0.1.0", whatever version the
/// program was built for. Static; never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ropc_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    caught(|| VERSION).unwrap_or(VERSION).as_ptr().cast()
}

/// ROPC_OK when the loaded library serves a program built for `abi` (pass
/// ROPC_ABI), else ROPC_E_UNSUPPORTED: the library is older than the
/// program, or the number is none. Call it first after dlopen() or from
/// ctypes. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ropc_abi_check(abi: u32) -> ropc_status {
    match caught(|| (1..=ROPC_ABI).contains(&abi)) {
        Some(true) => ropc_status::ROPC_OK,
        Some(false) => ropc_status::ROPC_E_UNSUPPORTED,
        None => ropc_status::ROPC_E_BUG,
    }
}

/// The name of a status, e.g. "ROPC_E_TIMEOUT", or "ROPC_UNKNOWN_STATUS".
/// Static; never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ropc_status_name(status: i32) -> *const c_char {
    caught(|| status::name(status)).unwrap_or(status::UNKNOWN).as_ptr()
}

/// The name of a reason, e.g. "ROPC_REASON_LOCKED", or
/// "ROPC_UNKNOWN_REASON". Static; never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ropc_reason_name(reason: i32) -> *const c_char {
    const UNKNOWN: &CStr = c"ROPC_UNKNOWN_REASON";
    let name = || {
        if reason == Reason::None as i32 {
            return c"ROPC_REASON_NONE";
        }
        Reason::row_of(reason).map_or(UNKNOWN, |row| row.name)
    };
    caught(name).unwrap_or(UNKNOWN).as_ptr()
}

/// What to do about a reason: a sentence in English for the person who
/// reads it; "" when there is nothing to say. Static; never NULL. Any
/// thread.
#[unsafe(no_mangle)]
pub extern "C" fn ropc_reason_advice(reason: i32) -> *const c_char {
    let advice = || Reason::row_of(reason).map_or(c"", |row| row.advice);
    caught(advice).unwrap_or(c"").as_ptr()
}

/// How many requests of the process may run at once, each on a thread of
/// this library: 1 to ROPC_MAX_WORKERS, default 8. More wait in a queue,
/// in the order they were started. Refreshes of sessions have as many
/// threads of their own, so that a request may wait for one. Threads are
/// started when there is work and end after two seconds without; those
/// that are too many after a change end when they have done what they do.
/// The child of a fork() begins with 8 again. ROPC_E_ARG for another
/// number. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ropc_set_workers(most: u32) -> ropc_status {
    guard(std::ptr::null_mut(), move || set_workers(usize::try_from(most).unwrap_or(usize::MAX)))
}

/// Stops everything: each started request and each blocking call of the
/// process ends as ROPC_E_CANCELLED unless it had ended before, this
/// library's threads end, and it waits up to `wait_ms` until they are gone.
/// Call it before the code around this library is unloaded: a plug-in, an
/// editor's play mode, the end of an interpreter.
///
/// Returns how many threads were not gone by then, 0 when none is left,
/// UINT32_MAX after a bug of this library. What can stay is a name look-up,
/// or the reading of the system's certificates, that the system does not
/// come back from; a session that writes to a slow disk; and a session's
/// refresh that was sent: it is not stopped, for its tokens would be lost,
/// and waits for its answer up to the total time limit of its client. Such
/// a thread touches nothing of yours, and ends by itself. Blocking calls
/// return in their own threads, in a moment; it does not wait for these. It
/// does wait for what is started while it runs.
///
/// Handles stay valid, and the library can be used again at once. Blocks,
/// up to `wait_ms` and the moments in which the system takes a thread down
/// that has ended. Any thread, but not from a callback (rule 7); and on
/// Windows not from DllMain or a static destructor, where no thread can end.
#[unsafe(no_mangle)]
pub extern "C" fn ropc_shutdown(wait_ms: u32) -> u32 {
    let left = caught(|| shutdown(Duration::from_millis(wait_ms.into())));
    left.map_or(u32::MAX, |left| u32::try_from(left).unwrap_or(u32::MAX))
}

/// Overwrites and frees a string that a function here says is yours. NULL
/// does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_string_free(string: *mut c_char) {
    // SAFETY: rule 2 of the header.
    caught(|| unsafe { string::take_back(string) });
}

/// Overwrites `len` bytes at `buffer` so that no compiler leaves it out:
/// for your own copy of a password. NULL does nothing. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_wipe(buffer: *mut c_void, len: usize) {
    caught(|| {
        if !buffer.is_null() && len <= isize::MAX as usize {
            // SAFETY: the caller owns `len` bytes there, and need not have
            // written them all before.
            unsafe { overwrite(buffer.cast(), len) };
        }
    });
}

/// A constant of this file that must equal a text of Cargo.toml.
const fn equals(text: &str, number: u32) -> bool {
    match u32::from_str_radix(text, 10) {
        Ok(parsed) => parsed == number,
        Err(_) => false,
    }
}

const _: () = assert!(equals(env!("CARGO_PKG_VERSION_MAJOR"), ROPC_VERSION_MAJOR));
const _: () = assert!(equals(env!("CARGO_PKG_VERSION_MINOR"), ROPC_VERSION_MINOR));
const _: () = assert!(equals(env!("CARGO_PKG_VERSION_PATCH"), ROPC_VERSION_PATCH));
const _: () = assert!(ROPC_MAX_NAME == crate::oauth::limits::NAME);
const _: () = assert!(ROPC_MAX_TEXT == crate::oauth::limits::TEXT);
const _: () = assert!(ROPC_MAX_SECRET == crate::oauth::limits::SECRET);
const _: () = assert!(ROPC_MAX_CLIENT_SECRET == crate::oauth::limits::CLIENT_SECRET);
const _: () = assert!(ROPC_MAX_BEARER == crate::oauth::limits::BEARER);
const _: () = assert!(ROPC_MAX_RECORD == crate::oauth::limits::RECORD);
const _: () = assert!(ROPC_MAX_PEM == crate::oauth::limits::PEM);
const _: () = assert!(ROPC_MAX_PARAMS == crate::oauth::limits::PARAMS);
const _: () = assert!(ROPC_MAX_WORKERS as usize == MOST_WORKERS && DEFAULT_WORKERS == 8);
