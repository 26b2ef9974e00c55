//! `ropc_session_call`.

use std::ffi::c_char;
use std::ptr::null;

use super::error::ropc_error;
use super::request::ropc_request;
use super::session::ropc_session;
use super::status::ropc_status;
use super::{Extras, Text, bytes, caught, free, guard, handle, pairs, place, text};
use crate::oauth::{ApiCall, Error, Response, SecretBytes};

/// What an API answered. Read only; free with ropc_response_free(). Later
/// versions add fields at the end only.
#[repr(C)]
pub struct ropc_response {
    /// The HTTP status.
    pub http_status: i32,
    /// The body, with a NUL behind it that is not counted. Never NULL.
    pub body: *const u8,
    /// Its length in bytes.
    pub body_len: usize,
    /// Content-Type; NULL when there was none.
    pub content_type: *const c_char,
}

/// The head is what C sees; the rest owns what it points to.
#[repr(C)]
struct Owned {
    head: ropc_response,
    _body: SecretBytes,
    headers: Extras,
}

/// Calls an API with the user's access token, which is refreshed before if
/// need be. `method` is GET, HEAD, OPTIONS, PUT, DELETE, POST or PATCH;
/// `url` https, or http to this machine; `names[i]` with `values[i]` are
/// `count` headers, at most ROPC_MAX_PARAMS, whose values may be empty (with
/// 0 both may be NULL): "Accept" is application/json unless it is among
/// them, a Content-Type is yours to give; Authorization and what HTTP
/// itself needs are not. `body` is `body_len` bytes; NULL for none, as GET,
/// HEAD and OPTIONS have. All are copied.
///
/// The token goes to the origins of ropc_options_add_api_origin(), its
/// defaults among them; for any other: ROPC_REASON_ORIGIN_NOT_ALLOWED, and
/// nothing is sent. Redirects are not followed. When the API does not take
/// the token (401, or LoginRadius' 905 or 906) it is refreshed once, and
/// the request sent once more, unless it is a POST or PATCH. An API that
/// refuses the new token too brings about one refresh a minute, not one
/// each call.
///
/// Blocks, up to the total time limit. Every HTTP status is ROPC_OK: look
/// at `out->http_status`. Else fails as ropc_session_token() and as any
/// call. `out` is yours; free it with ropc_response_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_session_call(
    session: *const ropc_session,
    method: *const c_char,
    url: *const c_char,
    names: *const *const c_char,
    values: *const *const c_char,
    count: usize,
    body: *const u8,
    body_len: usize,
    out: *mut *mut ropc_response,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, session) = unsafe { (place("out", out)?, handle("session", session)?) };
        // SAFETY: rule 1 of the header.
        let asked = unsafe { asked(method, url, names, values, count, body, body_len)? };
        out.put(into_raw(session.session.call(&asked.ask())?));
        Ok(())
    })
}

/// Prepares what ropc_session_call() does, with the same arguments;
/// ropc_request_take_response() takes it. With a store of the program's it
/// may end as ROPC_SAVE_FIRST: save, and make another. `out` is yours; free
/// it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_session_call(
    session: *const ropc_session,
    method: *const c_char,
    url: *const c_char,
    names: *const *const c_char,
    values: *const *const c_char,
    count: usize,
    body: *const u8,
    body_len: usize,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, session) = unsafe { (place("out", out)?, handle("session", session)?) };
        // SAFETY: rule 1 of the header.
        let asked = unsafe { asked(method, url, names, values, count, body, body_len)? };
        out.give(ropc_request { request: session.session.request_call(&asked.ask())? });
        Ok(())
    })
}

/// The response of a request made by ropc_request_session_call(); else as
/// ropc_request_take_tokens(). `out` is yours; free it with
/// ropc_response_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_take_response(
    request: *const ropc_request,
    out: *mut *mut ropc_response,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, request) = unsafe { (place("out", out)?, handle("request", request)?) };
        let response = request.request.take_response()?;
        Ok(response.map_or(ropc_status::ROPC_PENDING, |response| {
            out.put(into_raw(response));
            ropc_status::ROPC_OK
        }))
    })
}

/// A header of the answer by its name, in whatever case, or NULL; of
/// several the first. Lives as long as `response`. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_response_header(response: *const ropc_response, name: *const c_char) -> *const c_char {
    let find = || {
        // SAFETY: rule 3 of the header; into_raw made the head the first field
        // of an Owned.
        let owned = unsafe { handle("response", response.cast::<Owned>()) }.ok()?;
        // SAFETY: rule 1 of the header.
        let name = unsafe { text("name", name) }.ok()?;
        let (_, value) = owned.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value.as_ptr())
    };
    caught(find).flatten().unwrap_or(null())
}

/// Overwrites and frees a response. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_response_free(response: *mut ropc_response) {
    // SAFETY: rule 2 of the header; into_raw boxed an Owned.
    unsafe { free(response.cast::<Owned>()) };
}

/// What the caller gave for one call.
struct Asked<'a> {
    method: &'a str,
    url: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: Option<&'a [u8]>,
}

impl Asked<'_> {
    fn ask(&self) -> ApiCall<'_> {
        ApiCall { method: self.method, url: self.url, headers: &self.headers, body: self.body }
    }
}

/// # Safety
/// Texts as [`text`] wants them; the arrays hold `count` of them, `body` as
/// many bytes as it says; all stay as they are for the call.
#[allow(clippy::too_many_arguments)]
unsafe fn asked<'a>(
    method: *const c_char,
    url: *const c_char,
    names: *const *const c_char,
    values: *const *const c_char,
    count: usize,
    body: *const u8,
    body_len: usize,
) -> Result<Asked<'a>, Error> {
    // SAFETY: as the function's own.
    let (method, url) = unsafe { (text("method", method)?, text("url", url)?) };
    // SAFETY: as the function's own.
    let (headers, bytes) = unsafe { (pairs(names, values, count)?, bytes("body", body, body_len)?) };
    // An empty body is another thing than none.
    Ok(Asked { method, url, headers, body: (!body.is_null()).then_some(bytes) })
}

fn into_raw(response: Response) -> *mut ropc_response {
    let mut body = response.body;
    let body_len = body.expose().len();
    body.push(&[0]);
    let headers: Extras = response.headers.into_iter().map(|(name, value)| (name, Text::new(&value))).collect();
    let content_type = headers.iter().find(|(name, _)| name == "content-type");
    let head = ropc_response {
        http_status: response.status.into(),
        body: body.expose().as_ptr(),
        body_len,
        content_type: content_type.map_or(null(), |(_, value)| value.as_ptr()),
    };
    Box::into_raw(Box::new(Owned { head, _body: body, headers })).cast()
}
