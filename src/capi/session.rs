//! `ropc_session_*`.

use std::ffi::c_char;

use super::client::ropc_client;
use super::error::ropc_error;
use super::login::login_texts;
use super::request::ropc_request;
use super::status::ropc_status;
use super::store::{optional, ropc_store};
use super::token::{ropc_token, token_into_raw};
use super::tokens::{copy, ropc_tokens};
use super::{free, guard, guard_in_place, handle, optional_text, place, string, text};
use crate::oauth::Session;

/// A signed-in user: an access token that is always good. Any thread may
/// use it at any time; free it when none does.
///
/// From a minute before the access token ends (with a short one, in the
/// last fifth of its life) the next call that asks begins a refresh, on a
/// thread of this library, and gets the old one; only who finds none that
/// is good waits. A session that nobody asks refreshes nothing. However many
/// ask, one refresh is sent, and its tokens are saved before they are
/// handed out. (Some servers end the old access token as soon as they
/// answer: an API may then refuse the one or other call in that moment.
/// Tell ropc_session_expire(), and repeat the call.) When a refresh fails,
/// it is one of these:
///
/// - It may pass: the error of the network or the server. The tokens are
///   kept. It is tried again when somebody asks, after a pause of 1 s that
///   doubles up to 5 min, or as long as the server asks; until then the
///   same error comes at once, with retry_after_ms.
/// - Somebody has to mend it, as ROPC_E_CLIENT: the same, with pauses from
///   1 min to 1 h.
/// - ROPC_E_UNCLEAR: the refresh was sent and no answer of the server came
///   (none at all, a gateway's 502 or 504, or a 2xx that cannot be read).
///   The server may have replaced the refresh token, or not; sent again, a
///   strict server would sign the user out. ropc_session_refresh() with
///   `force` tries it all the same; else sign in again.
/// - ROPC_E_SIGNED_OUT: over; ropc_error.reason says why. Sign in again.
///
/// In the child of a fork() a session hands out what is good, and refreshes
/// if its store is a file; else ROPC_E_STATE.
pub struct ropc_session {
    pub(crate) session: Session,
}

/// Rule 6 of the header rests on this.
const _: () = {
    const fn shared_by_threads<T: Send + Sync>() {}
    shared_by_threads::<ropc_session>();
};

/// A session from `tokens` of `client`, which are copied, kept in `store`
/// as the record of `user_key`. A record that is there is replaced, but
/// not that of another server or application: the next call for a token
/// says ROPC_E_STORE then. NULL for `store`: the session ends with the
/// program. The session keeps what it needs of all of them.
///
/// `out` is yours; free it with ropc_session_free(). Blocks as long as its
/// file takes; when another process refreshes this user, up to half of the
/// total time limit. When the tokens cannot be saved there is a session all
/// the same, and the next call for a token says ROPC_E_STORE.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_new(
    client: *const ropc_client,
    tokens: *const ropc_tokens,
    store: *const ropc_store,
    user_key: *const c_char,
    out: *mut *mut ropc_session,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rules 1 and 3 of the header.
        let (tokens, user_key) = unsafe { (copy(tokens)?, text("user_key", user_key)?) };
        // SAFETY: rule 6 of the header.
        let store = unsafe { optional(store) };
        out.give(ropc_session { session: Session::new(&client.client, tokens, store, user_key)? });
        Ok(())
    })
}

/// ropc_login() and ropc_session_new() in one. `user_key` may be NULL: then
/// it is the user name. Blocks, up to the total time limit; fails as
/// ropc_login(), and before the password is sent with ROPC_E_STORE when
/// the file cannot be read, or its record is of another server or
/// application. An ID token is not to be had from it: that takes
/// ropc_login(), ropc_verify_id_token(), then ropc_session_new(). `out` is
/// yours; free it with ropc_session_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_login(
    client: *const ropc_client,
    username: *const c_char,
    password: *const c_char,
    store: *const ropc_store,
    user_key: *const c_char,
    out: *mut *mut ropc_session,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (username, password) = unsafe { (text("username", username)?, text("password", password)?) };
        // SAFETY: rules 1 and 6 of the header.
        let (user_key, store) = unsafe { (optional_text("user_key", user_key)?, optional(store)) };
        out.give(ropc_session { session: Session::login(&client.client, username, password, store, user_key)? });
        Ok(())
    })
}

/// ropc_session_login() with lengths in bytes of user name and password, as
/// ropc_login_n(). A user name with a NUL inside needs a `user_key`. Blocks
/// as it does. `out` is yours; free it with ropc_session_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_login_n(
    client: *const ropc_client,
    username: *const c_char,
    username_len: usize,
    password: *const c_char,
    password_len: usize,
    store: *const ropc_store,
    user_key: *const c_char,
    out: *mut *mut ropc_session,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (username, password) = unsafe { login_texts(username, username_len, password, password_len)? };
        // SAFETY: rules 1 and 6 of the header.
        let (user_key, store) = unsafe { (optional_text("user_key", user_key)?, optional(store)) };
        out.give(ropc_session { session: Session::login(&client.client, username, password, store, user_key)? });
        Ok(())
    })
}

/// Prepares what ropc_session_new() does; ropc_request_take_session() takes
/// it. For a program that must not wait for a disk. `tokens` are copied.
/// `out` is yours; free it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_session_new(
    client: *const ropc_client,
    tokens: *const ropc_tokens,
    store: *const ropc_store,
    user_key: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rules 1 and 3 of the header.
        let (tokens, user_key) = unsafe { (copy(tokens)?, text("user_key", user_key)?) };
        // SAFETY: rule 6 of the header.
        let store = unsafe { optional(store) };
        out.give(ropc_request { request: Session::request_new(&client.client, tokens, store, user_key)? });
        Ok(())
    })
}

/// Prepares what ropc_session_login() does; ropc_request_take_session()
/// takes it. The password is kept and overwritten as by
/// ropc_request_login(). `out` is yours; free it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_session_login(
    client: *const ropc_client,
    username: *const c_char,
    password: *const c_char,
    store: *const ropc_store,
    user_key: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (username, password) = unsafe { (text("username", username)?, text("password", password)?) };
        // SAFETY: rules 1 and 6 of the header.
        let (user_key, store) = unsafe { (optional_text("user_key", user_key)?, optional(store)) };
        out.give(ropc_request {
            request: Session::request_login(&client.client, username, password, store, user_key)?,
        });
        Ok(())
    })
}

/// ropc_request_session_login() with lengths in bytes, as
/// ropc_session_login_n(). `out` is yours; free it with
/// ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_session_login_n(
    client: *const ropc_client,
    username: *const c_char,
    username_len: usize,
    password: *const c_char,
    password_len: usize,
    store: *const ropc_store,
    user_key: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (username, password) = unsafe { login_texts(username, username_len, password, password_len)? };
        // SAFETY: rules 1 and 6 of the header.
        let (user_key, store) = unsafe { (optional_text("user_key", user_key)?, optional(store)) };
        out.give(ropc_request {
            request: Session::request_login(&client.client, username, password, store, user_key)?,
        });
        Ok(())
    })
}

/// The session of a request made by ropc_request_session_new() or _login();
/// else as ropc_request_take_tokens(). `out` is yours; free it with
/// ropc_session_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_take_session(
    request: *const ropc_request,
    out: *mut *mut ropc_session,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, request) = unsafe { (place("out", out)?, handle("request", request)?) };
        let session = request.request.take_session()?;
        Ok(session.map_or(ropc_status::ROPC_PENDING, |session| {
            out.give(ropc_session { session });
            ropc_status::ROPC_OK
        }))
    })
}

/// The session that `store` has for `user_key`, as when the program is
/// started again. Asks no server. Blocks only as long as its file takes.
///
/// `out` is yours; free it with ropc_session_free(). ROPC_E_SIGNED_OUT when
/// the store holds nothing for this user; else ROPC_E_STORE:
/// ROPC_REASON_STORE_FOREIGN when its record is of another server or
/// application, ROPC_REASON_STORE_BROKEN when it is none, also one of
/// ropc_store_give(), and what ropc_store_file() says of a file. A refresh
/// that a crash cut off is known once the session has to refresh:
/// ROPC_E_UNCLEAR.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_resume(
    client: *const ropc_client,
    store: *const ropc_store,
    user_key: *const c_char,
    out: *mut *mut ropc_session,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rules 1 and 6 of the header.
        let (user_key, store) = unsafe { (text("user_key", user_key)?, handle("store", store)?) };
        out.give(ropc_session { session: Session::resume(&client.client, store.store.clone(), user_key)? });
        Ok(())
    })
}

/// An access token that is good for `min_ms` more. While there is one that
/// is not near its end: no system call, no waiting. Near its end no waiting
/// either, but a refresh is begun (ropc_session). Else blocks until a
/// refresh has brought one, at most `wait_ms`: ROPC_E_TIMEOUT then, and the
/// refresh goes on.
///
/// `out` is yours; free it with ropc_token_free(). ROPC_SAVE_FIRST when
/// there are new tokens that the program must save (ropc_store_host()):
/// `err` is NULL then;
/// ROPC_REASON_TOO_SHORT when the server's tokens do not live that long;
/// else as ropc_session tells.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_token(
    session: *const ropc_session,
    min_ms: u32,
    wait_ms: u32,
    out: *mut *mut ropc_token,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard_in_place(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, session) = unsafe { (place("out", out)?, handle("session", session)?) };
        out.put(session.session.token(min_ms, wait_ms, token_into_raw)?);
        Ok(ropc_status::ROPC_OK)
    })
}

/// The same without ever blocking: ROPC_PENDING, with `out` and `err` NULL,
/// while a refresh is under way, which is begun here when it is needed. Ask
/// every frame, or wait a while. Calls nothing of yours: with a save
/// function too it says ROPC_SAVE_FIRST. `out` is yours; free it with
/// ropc_token_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_poll(
    session: *const ropc_session,
    min_ms: u32,
    out: *mut *mut ropc_token,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, session) = unsafe { (place("out", out)?, handle("session", session)?) };
        Ok(match session.session.poll(min_ms, token_into_raw)? {
            Some(token) => {
                out.put(token);
                ropc_status::ROPC_OK
            }
            None => ropc_status::ROPC_PENDING,
        })
    })
}

/// Gets newer tokens now, although the access token is good: after the
/// user's rights changed, say (tokens that another process got meanwhile
/// count, and so does a refresh that is under way). With `force` 1 also
/// when an earlier refresh had no answer (ROPC_E_UNCLEAR) or a pause is
/// on: the refresh token is sent once more, and a server that takes that
/// for theft may end all of the user's tokens. Blocks, at most `wait_ms`;
/// with 0 it only begins. Ends as ropc_session_token() would; ROPC_PENDING,
/// with `err` NULL, with `wait_ms` 0.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_refresh(
    session: *const ropc_session,
    force: i32,
    wait_ms: u32,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rule 6 of the header.
        let session = unsafe { handle("session", session)? };
        let done = session.session.refresh(force != 0, wait_ms)?;
        Ok(if done { ropc_status::ROPC_OK } else { ropc_status::ROPC_PENDING })
    })
}

/// An API answered 401 to this access token: it is not handed out any more,
/// and the next call refreshes. A newer one is not thrown away. Repeat the
/// API call once: a second 401 is about the user's rights, and to expire
/// each new token too would refresh without end. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_expire(session: *const ropc_session, access_token: *const c_char) -> ropc_status {
    guard(std::ptr::null_mut(), move || {
        // SAFETY: rules 1 and 6 of the header.
        let (session, token) = unsafe { (handle("session", session)?, text("access_token", access_token)?) };
        session.session.expire(token)
    })
}

/// The record that is to be saved: a line of text that holds tokens, to be
/// kept as safe as a password; then say how it went: ropc_session_saved().
/// NULL in `out` when everything is saved. There is one after the sign-in,
/// after each refresh, and after one that had no answer: see
/// ropc_store_host(). A record that a file store could not save can be had
/// here too. Does not block.
///
/// `out` is yours; free it with ropc_string_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_pending(
    session: *const ropc_session,
    out: *mut *mut c_char,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, session) = unsafe { (place("out", out)?, handle("session", session)?) };
        if let Some(record) = session.session.pending()? {
            out.put(string::give(record.expose())?);
        }
        Ok(())
    })
}

/// The record of ropc_session_pending() is saved (`ok` 1), or could not be
/// (0): then nothing is lost, the session says ROPC_SAVE_FIRST again, and
/// ropc_session_status() tells. From 1 on its tokens are handed out; a
/// program that would rather go on without a copy says 1 too. ROPC_E_STATE
/// when no record was taken before. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_saved(session: *const ropc_session, ok: i32) -> ropc_status {
    guard(std::ptr::null_mut(), move || {
        // SAFETY: rule 6 of the header.
        unsafe { handle("session", session)? }.session.saved(ok != 0)
    })
}

/// Signs out: forgets the tokens, removes the record from the store, has
/// the server end the refresh token (ropc_revoke()) and the access token
/// (ropc_invalidate() with LoginRadius, for which the API key must be set).
/// A refresh that is under way is waited for. Blocks, up to the total time
/// limit.
///
/// The part on this machine works offline too. What could not be done is
/// told: ROPC_E_NOT_REVOKED, and ropc_error.message says what. The session
/// then says ROPC_E_SIGNED_OUT; to sign out again is a success. A host's
/// save function gets NULL as the record; without one, forget the record
/// yourself. ROPC_E_CANCELLED and ROPC_E_TIMEOUT: it was stopped before it
/// began, and the session is as it was.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_sign_out(session: *const ropc_session, err: *mut *mut ropc_error) -> ropc_status {
    guard(err, move || {
        // SAFETY: rule 6 of the header.
        unsafe { handle("session", session)? }.session.sign_out()
    })
}

/// Prepares what ropc_session_sign_out() does; ropc_request_take_done()
/// takes it. A save function is not called. `out` is yours; free it with
/// ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_session_sign_out(
    session: *const ropc_session,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, session) = unsafe { (place("out", out)?, handle("session", session)?) };
        out.give(ropc_request { request: session.session.request_sign_out() });
        Ok(())
    })
}

/// Frees a session. NULL does nothing. A refresh that was not sent is
/// stopped; one that was goes on until its tokens are in the file, or wait
/// in the program's store (ropc_store_host()). The end of the process ends
/// it too: ropc_shutdown() before that waits for it. Nothing is revoked, and
/// the record stays: ropc_session_resume(). Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_free(session: *mut ropc_session) {
    // SAFETY: rule 2 of the header.
    unsafe { free(session) };
}
