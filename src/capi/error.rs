//! `ropc_error`.

use std::ffi::c_char;
use std::ptr::null;

use super::block::{self, Piece};
use super::status::ropc_status;
use super::{Extras, Text, caught, extra, handle};
use crate::oauth::{Error, Reason, Stage};

/// Why a call failed. Read only; free with ropc_error_free(). Its texts
/// hold no password, secret or token (what ropc_error_extra() finds may:
/// a second-factor token). Later versions add fields at the end
/// only.
#[repr(C)]
pub struct ropc_error {
    /// The status the call returned.
    pub status: ropc_status,
    /// Why: what a program branches on.
    pub reason: Reason,
    /// How far the call had come.
    pub stage: Stage,
    /// HTTP status of the answer; 0 when there was none.
    pub http_status: i32,
    /// LoginRadius' ErrorCode, also one this library does not know; 0 when
    /// there was none.
    pub provider_code: i64,
    /// How long to wait: as the server asks, at most a day, or, from a
    /// session, until it tries again; 0 when neither says.
    pub retry_after_ms: i64,
    /// When a lock ends; 0 when unknown.
    pub locked_until_at: i64,
    /// The time by the server's clock, from its Date header; 0 when unknown.
    pub server_date_at: i64,
    /// 1 when any byte of the request had left, else 0: the server may have
    /// counted the attempt.
    pub request_sent: i32,
    /// 1 when the same call, made later and unchanged, can succeed, else 0.
    pub retryable: i32,
    /// One line for a person: what happened, to what, what to do. Never
    /// NULL.
    pub message: *const c_char,
    /// RFC 6749 "error", e.g. "invalid_grant"; NULL when there was none.
    pub oauth_error: *const c_char,
    /// RFC 6749 "error_description"; NULL when there was none.
    pub oauth_description: *const c_char,
    /// LoginRadius' Message; NULL when there was none.
    pub provider_message: *const c_char,
    /// LoginRadius' Description; NULL when there was none.
    pub provider_description: *const c_char,
}

/// The head is what C sees.
#[repr(C)]
struct Owned {
    head: ropc_error,
    extras: Extras,
}

/// Moves an error across the border.
pub(crate) fn into_raw(error: Error) -> *mut ropc_error {
    let extras = error.extras.iter().map(|(name, json)| (name.clone(), Text::new(json.expose()))).collect();
    let texts = [
        Some(&*error.message),
        error.oauth_error.as_deref(),
        error.oauth_description.as_deref(),
        error.provider_message.as_deref(),
        error.provider_description.as_deref(),
    ];
    let owned = |texts: [Piece; 5]| {
        let [message, oauth_error, oauth_description, provider_message, provider_description] =
            texts.map(Piece::as_ptr);
        let head = ropc_error {
            status: error.status().into(),
            reason: error.reason,
            stage: error.stage,
            http_status: error.http_status.into(),
            provider_code: error.provider_code,
            retry_after_ms: error.retry_after_ms,
            locked_until_at: error.locked_until_at,
            server_date_at: error.server_date_at,
            request_sent: error.request_sent.into(),
            retryable: error.retryable().into(),
            message,
            oauth_error,
            oauth_description,
            provider_message,
            provider_description,
        };
        Owned { head, extras }
    };
    block::give(texts, owned).cast()
}

/// Frees an error. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_error_free(error: *mut ropc_error) {
    // SAFETY: rule 2 of the header; into_raw gave an Owned.
    caught(|| unsafe { block::take_back(error.cast::<Owned>()) });
}

/// Another member of the error's body, as JSON text (a text in its quotes),
/// or NULL when there is none of that name: the second-factor token of
/// ROPC_REASON_SECOND_FACTOR is in "SecondFactorAuthentication", or in
/// "secondFactorAuthentication" as some answers have it: case matters.
/// Lives as long as `error`. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_error_extra(error: *const ropc_error, name: *const c_char) -> *const c_char {
    let find = || {
        // SAFETY: rule 3 of the header; into_raw made the head the first field
        // of an Owned.
        let owned = unsafe { handle("error", error.cast::<Owned>()) };
        // SAFETY: rule 1 of the header.
        owned.map_or(null(), |owned| unsafe { extra(&owned.extras, name) })
    };
    caught(find).unwrap_or(null())
}
