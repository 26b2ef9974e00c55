//! `ropc_login`, `ropc_grant`.

use std::ffi::c_char;

use super::client::ropc_client;
use super::error::ropc_error;
use super::status::ropc_status;
use super::tokens::{into_raw, ropc_tokens};
use super::{bytes, guard, handle, pairs, place, text, utf8};
use crate::oauth::Error;

/// Signs in with a user name and a password (RFC 6749, 4.3). Blocks, up to
/// the total time limit. The password is sent at most once and overwritten
/// in this library's memory before the call returns; your copy is yours to
/// wipe (ropc_wipe()).
///
/// `out` is yours; free it with ropc_tokens_free(). On failure branch on
/// ropc_error.reason: the status ROPC_E_REFUSED covers wrong credentials, a
/// locked account, a second factor that is needed and the like.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_login(
    client: *const ropc_client,
    username: *const c_char,
    password: *const c_char,
    out: *mut *mut ropc_tokens,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (username, password) = unsafe { (text("username", username)?, text("password", password)?) };
        out.put(into_raw(client.client.login(username, password)?));
        Ok(())
    })
}

/// ropc_login() with lengths in bytes, for texts that do not end in NUL or
/// have one inside. Blocks as it does. `out` is yours; free it with
/// ropc_tokens_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_login_n(
    client: *const ropc_client,
    username: *const c_char,
    username_len: usize,
    password: *const c_char,
    password_len: usize,
    out: *mut *mut ropc_tokens,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (username, password) = unsafe { login_texts(username, username_len, password, password_len)? };
        out.put(into_raw(client.client.login(username, password)?));
        Ok(())
    })
}

/// Any grant that the token endpoint offers: `grant_type`, in visible
/// ASCII, and `count` parameters, `names[i]` with `values[i]`, named as
/// those of ropc_options_add_param(); with `count` 0 both may be NULL.
/// Blocks, up to the total time limit. Client id, secret and scope are
/// added; values are overwritten like a password.
///
/// "password" with username, password and one more member answers a
/// CAPTCHA; LoginRadius' "exchange_token", and "client_credentials"
/// (RFC 6749, 4.4) with `count` 0, go this way too.
///
/// `out` is yours; free it with ropc_tokens_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_grant(
    client: *const ropc_client,
    grant_type: *const c_char,
    names: *const *const c_char,
    values: *const *const c_char,
    count: usize,
    out: *mut *mut ropc_tokens,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (grant_type, params) = unsafe { (text("grant_type", grant_type)?, pairs(names, values, count)?) };
        out.put(into_raw(client.client.grant(grant_type, &params)?));
        Ok(())
    })
}

/// A user name and a password with their lengths.
///
/// # Safety
/// Each points to as many bytes, which stay as they are for the call.
pub(crate) unsafe fn login_texts<'a>(
    username: *const c_char,
    username_len: usize,
    password: *const c_char,
    password_len: usize,
) -> Result<(&'a str, &'a str), Error> {
    // SAFETY: as the function's own.
    let username = unsafe { bytes("username", username.cast(), username_len)? };
    // SAFETY: as the function's own.
    let password = unsafe { bytes("password", password.cast(), password_len)? };
    Ok((utf8("username", username)?, utf8("password", password)?))
}
