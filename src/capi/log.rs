//! The host's log function.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use crate::oauth::{Level, Sink};

/// Receives one log line, without line end: `level` is one of ropc_log,
/// `line` is borrowed. No line holds a password, secret or token. Runs
/// inside your own blocking call, ropc_request_wait() or _take, on its
/// thread: in several threads at once when several call.
pub type ropc_log_fn = Option<unsafe extern "C" fn(user: *mut c_void, level: i32, line: *const c_char)>;

/// The caller's pointer, which it promises may be used on whatever thread
/// calls us.
struct User(*mut c_void);

// SAFETY: it is only handed back to the caller's own function; the header says
// on which threads.
unsafe impl Send for User {}
// SAFETY: as above.
unsafe impl Sync for User {}

impl User {
    fn pointer(&self) -> *mut c_void {
        self.0
    }
}

/// The core's sink for a C function; none for NULL.
pub(crate) fn sink(log: ropc_log_fn, user: *mut c_void) -> Option<Sink> {
    let log = log?;
    let user = User(user);
    Some(Arc::new(move |level: Level, line: &str| {
        if let Ok(line) = CString::new(line) {
            // SAFETY: the caller gave this function for this use and keeps it
            // and `user` alive; `line` outlives the call.
            unsafe { log(user.pointer(), level as i32, line.as_ptr()) };
        }
    }))
}
