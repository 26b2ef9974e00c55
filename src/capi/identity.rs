//! Who the user is: userinfo, LoginRadius' identity API, ID tokens.

use std::ffi::c_char;

use super::client::ropc_client;
use super::error::ropc_error;
use super::request::ropc_request;
use super::status::ropc_status;
use super::tokens::{into_raw, ropc_tokens};
use super::{guard, handle, optional_text, place, string, text};

/// Who the user is, as the JSON text of one object (OIDC Core, 5.3), from
/// ROPC_ENDPOINT_USERINFO. Blocks, up to the total time limit. Compare its
/// "sub" with the ID token's, if there is one.
///
/// `out` is yours; free it with ropc_string_free(). ROPC_REASON_TOKEN_REFUSED
/// when the access token is not good (any more); ROPC_E_UNSUPPORTED when no
/// such endpoint is known, as with LoginRadius unless ROPC_APP_OIDC is set.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_userinfo(
    client: *const ropc_client,
    access_token: *const c_char,
    out: *mut *mut c_char,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let access_token = unsafe { text("access_token", access_token)? };
        out.put(string::give(client.client.userinfo(access_token)?.expose())?);
        Ok(())
    })
}

/// Prepares what ropc_userinfo() does; ropc_request_take_text() takes it.
/// `out` is yours; free it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_userinfo(
    client: *const ropc_client,
    access_token: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let access_token = unsafe { text("access_token", access_token)? };
        out.give(ropc_request { request: client.client.request_userinfo(access_token)? });
        Ok(())
    })
}

/// LoginRadius' profile of the user, as the JSON text of one object:
/// everything, or with `fields` ("Email,FirstName"; NULL for all) only
/// those members. Blocks, up to the total time limit. Wants the site's API
/// key (ropc_options_set_api_key()), which goes to the identity host and
/// nowhere else.
///
/// `out` is yours; free it with ropc_string_free(). ROPC_REASON_TOKEN_REFUSED
/// when the access token is not good (any more); ROPC_E_ARG without an API
/// key; ROPC_E_UNSUPPORTED for another server.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_profile(
    client: *const ropc_client,
    access_token: *const c_char,
    fields: *const c_char,
    out: *mut *mut c_char,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (access_token, fields) = unsafe { (text("access_token", access_token)?, optional_text("fields", fields)?) };
        out.put(string::give(client.client.profile(access_token, fields)?.expose())?);
        Ok(())
    })
}

/// Prepares what ropc_profile() does; ropc_request_take_text() takes it.
/// `out` is yours; free it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_profile(
    client: *const ropc_client,
    access_token: *const c_char,
    fields: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let (access_token, fields) = unsafe { (text("access_token", access_token)?, optional_text("fields", fields)?) };
        out.give(ropc_request { request: client.client.request_profile(access_token, fields)? });
        Ok(())
    })
}

/// Asks LoginRadius whether an access token is good, and until when:
/// `out->expires_at`. Blocks, up to the total time limit; wants the API
/// key, as ropc_profile().
///
/// `out` is yours; free it with ropc_tokens_free(); it has a refresh token
/// only if the server sent one. ROPC_REASON_TOKEN_REFUSED when the token is
/// not good.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_validate(
    client: *const ropc_client,
    access_token: *const c_char,
    out: *mut *mut ropc_tokens,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let access_token = unsafe { text("access_token", access_token)? };
        out.put(into_raw(client.client.validate(access_token)?));
        Ok(())
    })
}

/// Prepares what ropc_validate() does. `out` is yours; free it with
/// ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_validate(
    client: *const ropc_client,
    access_token: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let access_token = unsafe { text("access_token", access_token)? };
        out.give(ropc_request { request: client.client.request_validate(access_token)? });
        Ok(())
    })
}

/// Has LoginRadius end an access token, and its refresh token with it.
/// Blocks, up to the total time limit; wants the API key, as
/// ropc_profile(). A GET that changes something: it is never repeated.
/// After a failure the token must be taken to be still valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_invalidate(
    client: *const ropc_client,
    access_token: *const c_char,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 1 and 6 of the header.
        let (client, access_token) = unsafe { (handle("client", client)?, text("access_token", access_token)?) };
        client.client.invalidate(access_token)
    })
}

/// Prepares what ropc_invalidate() does. `out` is yours; free it with
/// ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_invalidate(
    client: *const ropc_client,
    access_token: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let access_token = unsafe { text("access_token", access_token)? };
        out.give(ropc_request { request: client.client.request_invalidate(access_token)? });
        Ok(())
    })
}

/// Proves an ID token (OIDC Core, 3.1.3.7), and gives what it says, as the
/// JSON text of one object: signed with RS256, RS384, RS512, PS256 or ES256
/// by a key that the server publishes at ROPC_ENDPOINT_JWKS; issued by the
/// issuer of ropc_options_set_issuer(), compared as text; for this
/// application; not ended and not from the future (60 s are forgiven); and
/// about `nonce`, when that is not NULL. With `access_token` (may be NULL)
/// it is also checked that the two came together, if the token says so
/// (at_hash).
///
/// Blocks, up to the total time limit, when the keys have to be fetched:
/// the first time, after an hour, and for a token whose key is not known or
/// that names none, then at most once a minute. While they cannot be
/// fetched, those of the last 24 hours serve: a key that the server
/// withdraws may be trusted for as long.
///
/// `out` is yours; free it with ropc_string_free(). ROPC_E_ID_TOKEN with a
/// reason when it proves nothing; ROPC_E_ARG when no issuer is set;
/// ROPC_E_UNSUPPORTED when no such endpoint is known; and as any call when
/// the keys cannot be fetched.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_verify_id_token(
    client: *const ropc_client,
    id_token: *const c_char,
    access_token: *const c_char,
    nonce: *const c_char,
    out: *mut *mut c_char,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let [access_token, nonce] =
            unsafe { [optional_text("access_token", access_token)?, optional_text("nonce", nonce)?] };
        // SAFETY: as above.
        let id_token = unsafe { text("id_token", id_token)? };
        out.put(string::give(client.client.verify_id_token(id_token, access_token, nonce)?.expose())?);
        Ok(())
    })
}

/// Prepares what ropc_verify_id_token() does; ropc_request_take_text()
/// takes it. `out` is yours; free it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_verify_id_token(
    client: *const ropc_client,
    id_token: *const c_char,
    access_token: *const c_char,
    nonce: *const c_char,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        // SAFETY: rule 1 of the header.
        let [access_token, nonce] =
            unsafe { [optional_text("access_token", access_token)?, optional_text("nonce", nonce)?] };
        // SAFETY: as above.
        let id_token = unsafe { text("id_token", id_token)? };
        out.give(ropc_request { request: client.client.request_verify_id_token(id_token, access_token, nonce)? });
        Ok(())
    })
}
