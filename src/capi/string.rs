//! Strings that are the caller's.

use std::ffi::c_char;

use super::block;
use crate::oauth::{Error, Reason};

/// A copy of `text` to be freed with [`take_back`].
pub(crate) fn give(text: &str) -> Result<*mut c_char, Error> {
    if text.contains('\0') {
        return Err(Error::new(Reason::Bug, "A text that C cannot hold was to be handed out"));
    }
    // Nothing but the text: its block begins with it.
    Ok(block::give([Some(text)], |_| ()).cast())
}

/// Overwrites and frees what [`give`] handed out; NULL is nothing.
///
/// # Safety
/// `string` is NULL or came from [`give`] and was not freed.
pub(crate) unsafe fn take_back(string: *mut c_char) {
    // SAFETY: as the function's own.
    unsafe { block::take_back(string.cast::<()>()) };
}
