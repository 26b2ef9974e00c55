//! `ropc_token`: one access token out of a session. In one block: a program may
//! ask for one with each call it makes.

use std::ffi::c_char;

use super::{block, caught};
use crate::oauth::Held;

/// One access token. Read only; free with ropc_token_free(). Later versions
/// add fields at the end only.
#[repr(C)]
pub struct ropc_token {
    /// For the Authorization header, after "Bearer ". Visible ASCII. Never
    /// NULL.
    pub access_token: *const c_char,
    /// Its length in bytes, without the NUL.
    pub length: usize,
    /// When it ends; 0 when the server did not say.
    pub expires_at: i64,
}

/// A copy of the access token of `held`.
pub(crate) fn token_into_raw(held: &Held) -> *mut ropc_token {
    let token = held.access_token.as_ref().map_or("", |token| token.expose());
    block::give([Some(token)], |[text]| ropc_token {
        access_token: text.as_ptr(),
        length: token.len(),
        expires_at: held.expires_at,
    })
}

/// Overwrites and frees a token. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_token_free(token: *mut ropc_token) {
    // SAFETY: rule 2 of the header.
    caught(|| unsafe { block::take_back(token) });
}
