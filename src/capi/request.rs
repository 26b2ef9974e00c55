//! `ropc_request_*`.

use std::ffi::c_char;
use std::time::Duration;

use super::client::ropc_client;
use super::error::ropc_error;
use super::login::login_texts;
use super::options::ropc_options;
use super::status::ropc_status;
use super::tokens::{into_raw, ropc_tokens};
use super::{caught, free, guard, handle, pairs, place, string, text};
use crate::oauth::Request;

/// One operation that runs beside the program, on a thread of this library:
/// prepared, started, polled or waited for, taken, freed. Any thread may
/// use it at any time; free it when none does.
pub struct ropc_request {
    pub(crate) request: Request,
}

/// Rule 6 of the header rests on this.
const _: () = {
    const fn shared_by_threads<T: Send + Sync>() {}
    shared_by_threads::<ropc_request>();
};

/// Prepares what ropc_login() does. Texts are copied and checked; nothing
/// is started, nothing blocks. The copy of the password is overwritten
/// before the request's end is told, or when it is freed unstarted.
///
/// `out` is yours; free it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_login(
    client: *const ropc_client,
    username: *const c_char,
    password: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (username, password) = unsafe { (text("username", username)?, text("password", password)?) };
        out.give(ropc_request { request: client.client.request_login(username, password)? });
        Ok(())
    })
}

/// ropc_request_login() with lengths in bytes, as ropc_login_n(). `out` is
/// yours; free it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_login_n(
    client: *const ropc_client,
    username: *const c_char,
    username_len: usize,
    password: *const c_char,
    password_len: usize,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (username, password) = unsafe { login_texts(username, username_len, password, password_len)? };
        out.give(ropc_request { request: client.client.request_login(username, password)? });
        Ok(())
    })
}

/// Prepares what ropc_grant() does, with the same arguments. `out` is
/// yours; free it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_grant(
    client: *const ropc_client,
    grant_type: *const c_char,
    names: *const *const c_char,
    values: *const *const c_char,
    count: usize,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (grant_type, params) = unsafe { (text("grant_type", grant_type)?, pairs(names, values, count)?) };
        out.give(ropc_request { request: client.client.request_grant(grant_type, &params)? });
        Ok(())
    })
}

/// Prepares what ropc_client_connect() does. `out` is yours; free it with
/// ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_connect(
    client: *const ropc_client,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        out.give(ropc_request { request: client.client.request_connect() });
        Ok(())
    })
}

/// Starts a request, once. Its time limit runs from here, a wait for a free
/// thread included (ropc_set_workers()). Does not block: it takes as long
/// as starting a thread, when one has to be started. Any thread.
///
/// ROPC_E_RESOURCES when no thread can be had: the request is as it was,
/// and may be started again. ROPC_E_STATE when it was started or cancelled
/// before.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_start(request: *const ropc_request, err: *mut *mut ropc_error) -> ropc_status {
    guard(err, move || {
        // SAFETY: rule 6 of the header.
        unsafe { handle("request", request)? }.request.start()
    })
}

/// How far a request is: ROPC_PENDING while it is under way, then what it
/// came to, also after its result was taken: ROPC_OK, ROPC_E_* or, from
/// ropc_request_session_call(), ROPC_SAVE_FIRST. Never blocks, calls
/// nothing of yours, costs a few nanoseconds: ask every frame. Any thread.
///
/// ROPC_E_STATE when it was not started, or in the child of a fork();
/// ROPC_E_ARG for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_poll(request: *const ropc_request) -> ropc_status {
    let poll = || {
        // SAFETY: rule 6 of the header.
        unsafe { request.as_ref() }.map_or(ropc_status::ROPC_E_ARG, |request| request.request.poll().into())
    };
    caught(poll).unwrap_or(ropc_status::ROPC_E_BUG)
}

/// Waits until a request has ended, or `wait_ms` at most, and returns what
/// ropc_request_poll() then does. Blocks, up to `wait_ms`; with 0 it does
/// not. Log lines of requests come out here. Any thread; several may wait.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_wait(request: *const ropc_request, wait_ms: u32) -> ropc_status {
    guard(std::ptr::null_mut(), move || {
        // SAFETY: rule 6 of the header.
        Ok(unsafe { handle("request", request)? }.request.wait(Duration::from_millis(wait_ms.into())))
    })
}

/// The tokens of a request made by ropc_request_login(), _grant(),
/// _refresh() or _validate(), or why there are none: what the call without
/// "request" in its name would have returned. Once; does
/// not block, except as long as your log function takes: log lines of
/// requests come out here. Any thread.
///
/// `out` is yours; free it with ropc_tokens_free(). ROPC_PENDING, with
/// `out` and `err` NULL, while it is under way. ROPC_E_STATE when it was
/// not started, was taken before, or yields no tokens; ROPC_E_ARG for
/// NULL: in all of these nothing is lost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_take_tokens(
    request: *const ropc_request,
    out: *mut *mut ropc_tokens,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, request) = unsafe { (place("out", out)?, handle("request", request)?) };
        let tokens = request.request.take_tokens()?;
        Ok(tokens.map_or(ropc_status::ROPC_PENDING, |tokens| {
            out.put(into_raw(tokens));
            ropc_status::ROPC_OK
        }))
    })
}

/// The text of a request made by ropc_request_userinfo(), _profile() or
/// _verify_id_token(); else as ropc_request_take_tokens(). `out` is yours;
/// free it with ropc_string_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_take_text(
    request: *const ropc_request,
    out: *mut *mut c_char,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, request) = unsafe { (place("out", out)?, handle("request", request)?) };
        let Some(text) = request.request.take_text()? else {
            return Ok(ropc_status::ROPC_PENDING);
        };
        out.put(string::give(text.expose())?);
        Ok(ropc_status::ROPC_OK)
    })
}

/// The settings of a request made by ropc_request_discover(); else as
/// ropc_request_take_tokens(). `out` is yours; free it with
/// ropc_options_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_take_options(
    request: *const ropc_request,
    out: *mut *mut ropc_options,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, request) = unsafe { (place("out", out)?, handle("request", request)?) };
        let options = request.request.take_options()?;
        Ok(options.map_or(ropc_status::ROPC_PENDING, |options| {
            out.give(ropc_options::new(options));
            ropc_status::ROPC_OK
        }))
    })
}

/// The end of a request that yields nothing but success, as one made by
/// ropc_request_connect(), _revoke(), _invalidate() or _session_sign_out();
/// else as ropc_request_take_tokens().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_take_done(
    request: *const ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rule 6 of the header.
        let done = unsafe { handle("request", request)? }.request.take_done()?;
        Ok(done.map_or(ropc_status::ROPC_PENDING, ropc_status::from))
    })
}

/// Stops a request. Returns at once; the request ends as ROPC_E_CANCELLED,
/// in a moment, unless it had ended before: tokens that have come are
/// never thrown away. One that was not started never will be. Any thread.
///
/// ROPC_OK, also when it had ended; ROPC_E_STATE in the child of a fork();
/// ROPC_E_ARG for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_cancel(request: *const ropc_request) -> ropc_status {
    guard(std::ptr::null_mut(), move || {
        // SAFETY: rule 6 of the header.
        unsafe { handle("request", request)? }.request.cancel()
    })
}

/// Frees a request, and cancels it if it is under way. NULL does nothing.
/// Never blocks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_free(request: *mut ropc_request) {
    // SAFETY: rule 2 of the header.
    unsafe { free(request) };
}
