//! One call of the C interface, and the rules that hold for all of them.

use std::ffi::{CStr, c_char};
use std::ptr::{dangling_mut, null_mut};

use ropc::capi::error::{ropc_error, ropc_error_extra, ropc_error_free};
use ropc::capi::status::ropc_status::{self, *};
use ropc::oauth::Reason;

use super::status::Documented;
use crate::rules;

/// In every place where the library is told a secret. Nowhere else may it come
/// out again, but as what was asked for.
pub const CANARY: &str = "canary-of-the-fuzzer";

/// What a call is given besides its own arguments.
pub type Out<T> = *mut *mut T;

/// Makes a call that hands something out.
pub fn getting<T>(
    what: &str,
    of: impl Documented,
    mut call: impl FnMut(Out<T>, Out<ropc_error>) -> ropc_status,
) -> (ropc_status, *mut T) {
    // Not NULL before: the library must not look, and must write.
    let mut out = dangling_mut();
    let status = doing(what, of, |err| call(&mut out, err));
    if status == ROPC_OK {
        assert_ne!(out, dangling_mut(), "{what} is OK and left `out` as it was");
    } else {
        assert!(out.is_null(), "{what} came to {status:?} and left something in `out`");
    }
    (status, out)
}

/// Makes a call that hands nothing out but an error.
pub fn doing(what: &str, of: impl Documented, call: impl FnOnce(Out<ropc_error>) -> ropc_status) -> ropc_status {
    let mut error = dangling_mut();
    let status = call(&mut error);
    expected(what, of, status);
    assert_ne!(error, dangling_mut(), "{what} left `err` as it was");
    if matches!(status, ROPC_OK | ROPC_PENDING | ROPC_SAVE_FIRST) {
        assert!(error.is_null(), "{what} came to {status:?} and gave an error");
    } else {
        assert!(!error.is_null(), "{what} came to {status:?} and gave no error");
        look_at(what, status, error);
    }
    // SAFETY: it came from the call, or is NULL.
    unsafe { ropc_error_free(error) };
    status
}

/// A call that only says a status.
pub fn expected(what: &str, of: impl Documented, status: ropc_status) {
    assert!(of.may(status), "{what} came to {status:?}, which its comment does not say");
}

fn look_at(what: &str, status: ropc_status, error: *mut ropc_error) {
    // SAFETY: it came from the call and is freed after this.
    let error = unsafe { &*error };
    assert_eq!(error.status, status, "{what}");
    assert_ne!(error.reason, Reason::None, "{what} failed for no reason");
    let message = borrowed(error.message).expect("a message");
    assert!(!message.is_empty(), "{what} failed without a word");
    let texts = [error.oauth_error, error.oauth_description, error.provider_message, error.provider_description];
    for text in texts.into_iter().filter_map(borrowed).chain([message]) {
        rules::presentable(text);
        assert!(!text.contains(CANARY), "{what} repeats a secret: {text}");
    }
    for name in [c"Data", c"ErrorCode", c"", c"\xff"] {
        // SAFETY: the error lives, and so does the name.
        let _ = borrowed(unsafe { ropc_error_extra(error, name.as_ptr()) });
    }
}

/// A text of the library, which is UTF-8.
pub fn borrowed<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: rule 1 of the header; whoever calls this looks at it at once.
    Some(unsafe { CStr::from_ptr(text) }.to_str().expect("UTF-8"))
}

/// Live handles of one kind, each to be freed once.
pub struct Handles<T> {
    live: Vec<*mut T>,
    free: unsafe extern "C" fn(*mut T),
}

impl<T> Handles<T> {
    pub fn new(free: unsafe extern "C" fn(*mut T)) -> Handles<T> {
        Handles { live: Vec::new(), free }
    }

    /// Takes a new one in. There are never many: the oldest goes.
    pub fn keep(&mut self, handle: *mut T) {
        if self.live.len() == 8 {
            self.free(0);
        }
        if !handle.is_null() {
            self.live.push(handle);
        }
    }

    /// One of them, by a byte; NULL when there is none, and for the last byte.
    pub fn get(&self, at: u8) -> *mut T {
        match self.live.len() {
            0 => null_mut(),
            _ if at == 0xff => null_mut(),
            count => self.live[usize::from(at) % count],
        }
    }

    pub fn free(&mut self, at: u8) {
        let handle = match self.live.len() {
            0 => null_mut(),
            count => self.live.remove(usize::from(at) % count),
        };
        // SAFETY: it came from the library, and is not on the list any more.
        unsafe { (self.free)(handle) };
    }
}

impl<T> Drop for Handles<T> {
    fn drop(&mut self) {
        // A target that found something ends the process: nothing is freed, and
        // nothing more is found.
        while !std::thread::panicking() && !self.live.is_empty() {
            self.free(0);
        }
    }
}
