//! `ropc_refresh`, `ropc_revoke`.

use std::ffi::c_char;

use super::client::ropc_client;
use super::error::ropc_error;
use super::request::ropc_request;
use super::status::ropc_status;
use super::tokens::{into_raw, ropc_tokens};
use super::{guard, handle, pick, place, text};
use crate::oauth::{Error, Hint};

/// New tokens for a refresh token (RFC 6749, 6). Blocks, up to the total
/// time limit. The answer always has a usable refresh token: the new one,
/// or this one when the server kept it. Keep the new one before you use
/// anything else of it: the old one may be worth nothing any more. A
/// session (ropc_session_new()) does all this by itself.
///
/// `out` is yours; free it with ropc_tokens_free(). The refresh token is
/// sent at most once: when ropc_error.request_sent is 1 and no answer of
/// the server came (http_status 0, 502 or 504, or 2xx with ROPC_E_ANSWER),
/// the server may have replaced it, and to send it again may sign the user
/// out everywhere. ROPC_REASON_GRANT_REFUSED says that it has ended.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_refresh(
    client: *const ropc_client,
    refresh_token: *const c_char,
    out: *mut *mut ropc_tokens,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let refresh_token = unsafe { text("refresh_token", refresh_token)? };
        out.put(into_raw(client.client.refresh(refresh_token)?));
        Ok(())
    })
}

/// Prepares what ropc_refresh() does. `out` is yours; free it with
/// ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_refresh(
    client: *const ropc_client,
    refresh_token: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let refresh_token = unsafe { text("refresh_token", refresh_token)? };
        out.give(ropc_request { request: client.client.request_refresh(refresh_token)? });
        Ok(())
    })
}

/// Has the server end a token (RFC 7009), with ROPC_ENDPOINT_REVOKE. Blocks,
/// up to the total time limit. `hint` is one of ropc_hint.
///
/// LoginRadius ends refresh tokens this way; an access token lives on until
/// ropc_invalidate(). Elsewhere either may end the other, or not. A token
/// that the server does not know is a success. After any failure the token
/// must be taken to be still valid; ropc_error.retry_after_ms says when to
/// try again, if the server did. ROPC_E_UNSUPPORTED when no such endpoint is
/// known.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_revoke(
    client: *const ropc_client,
    token: *const c_char,
    hint: i32,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 1 and 6 of the header.
        let (client, token) = unsafe { (handle("client", client)?, text("token", token)?) };
        client.client.revoke(token, kind(hint)?)
    })
}

/// Prepares what ropc_revoke() does. `out` is yours; free it with
/// ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_revoke(
    client: *const ropc_client,
    token: *const c_char,
    hint: i32,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let token = unsafe { text("token", token)? };
        out.give(ropc_request { request: client.client.request_revoke(token, kind(hint)?)? });
        Ok(())
    })
}

fn kind(hint: i32) -> Result<Hint, Error> {
    let known =
        [(Hint::None as i32, Hint::None), (Hint::Access as i32, Hint::Access), (Hint::Refresh as i32, Hint::Refresh)];
    pick("hint", "ropc_hint", hint, &known)
}
