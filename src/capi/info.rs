//! `ropc_session_status`.

use std::ffi::c_char;

use super::block::{self, Piece};
use super::error::ropc_error;
use super::session::ropc_session;
use super::status::ropc_status;
use super::{caught, guard, handle, place};
use crate::oauth::{Reason, SessionInfo, SessionState};

/// A session at one moment, for a line on a screen. Read only; free with
/// ropc_session_info_free(). Later versions add fields at the end only.
#[repr(C)]
pub struct ropc_session_info {
    /// How it is.
    pub state: SessionState,
    /// 1 while a refresh is under way, else 0.
    pub refreshing: i32,
    /// Who: what the program called the user. Never NULL.
    pub user_key: *const c_char,
    /// What was granted; NULL when the server did not say.
    pub scope: *const c_char,
    /// When the access token ends; 0 when unknown or signed out.
    pub expires_at: i64,
    /// When the tokens came; 0 when signed out.
    pub received_at: i64,
    /// Why the last refresh or save failed: its status; ROPC_OK when none
    /// did since the last that succeeded; ROPC_E_SIGNED_OUT once signed out.
    pub last_status: ropc_status,
    /// Its reason; ROPC_REASON_NONE with ROPC_OK.
    pub last_reason: Reason,
    /// Its message; NULL with ROPC_OK.
    pub last_message: *const c_char,
}

/// How a session is now. Does not block, calls nothing of yours. `out` is
/// yours; free it with ropc_session_info_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_status(
    session: *const ropc_session,
    out: *mut *mut ropc_session_info,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, session) = unsafe { (place("out", out)?, handle("session", session)?) };
        out.put(into_raw(session.session.status()?));
        Ok(())
    })
}

/// Frees what ropc_session_status() gave. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_info_free(info: *mut ropc_session_info) {
    // SAFETY: rule 2 of the header.
    caught(|| unsafe { block::take_back(info) });
}

fn into_raw(info: SessionInfo) -> *mut ropc_session_info {
    let last = info.last_error.as_ref();
    let texts = [Some(&*info.user_key), info.scope.as_deref(), last.map(|error| &*error.message)];
    block::give(texts, |texts: [Piece; 3]| {
        let [user_key, scope, last_message] = texts.map(Piece::as_ptr);
        ropc_session_info {
            state: info.state,
            refreshing: info.refreshing.into(),
            user_key,
            scope,
            expires_at: info.expires_at,
            received_at: info.received_at,
            last_status: last.map_or(ropc_status::ROPC_OK, |error| error.status().into()),
            last_reason: last.map_or(Reason::None, |error| error.reason),
            last_message,
        }
    })
}
