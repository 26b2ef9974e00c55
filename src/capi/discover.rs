//! `ropc_discover`.

use std::ffi::c_char;

use super::error::ropc_error;
use super::options::{refusal, ropc_options};
use super::request::ropc_request;
use super::status::ropc_status;
use super::{guard, handle, place, text};

/// Asks a server where its endpoints are (RFC 8414; OpenID Connect
/// Discovery), and gives settings like `options` with those endpoints,
/// except where `options` has one already, and with `issuer` as the issuer
/// of its ID tokens. Blocks, up to the total time limit. Reads the
/// environment for a proxy, as ropc_client_new().
///
/// `issuer` is a URL without query; the metadata must name the very same,
/// letter by letter, else it is not used: ROPC_REASON_OTHER_ISSUER. With
/// `other_hosts` 0 an endpoint at another origin than the issuer's is
/// refused: ROPC_REASON_OTHER_HOST; with 1 it is taken, for then the
/// issuer decides where passwords go. The endpoints of an https issuer are
/// https. What metadata leaves out may exist all the same:
/// ropc_options_set_endpoint().
///
/// `out` is yours; free it with ropc_options_free(). Fails with the first
/// refusal of a setter and for a proxy in the environment that cannot be
/// used, as ropc_client_new(); with ROPC_E_ARG for an issuer that is no
/// such URL; with ROPC_E_UNSUPPORTED for LoginRadius, whose endpoints
/// follow from site and application.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_discover(
    options: *const ropc_options,
    issuer: *const c_char,
    other_hosts: i32,
    out: *mut *mut ropc_options,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, options) = unsafe { (place("out", out)?, handle("options", options)?) };
        // SAFETY: rule 1 of the header.
        let issuer = unsafe { text("issuer", issuer)? };
        refusal(options)?;
        out.give(ropc_options::new(options.options.discover(issuer, other_hosts != 0)?));
        Ok(())
    })
}

/// Prepares what ropc_discover() does; ropc_request_take_options() takes
/// it. `options` are copied, and the environment is read here. What is
/// wrong with them, the issuer or the proxy is told here too. `out` is
/// yours; free it with ropc_request_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_request_discover(
    options: *const ropc_options,
    issuer: *const c_char,
    other_hosts: i32,
    out: *mut *mut ropc_request,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, options) = unsafe { (place("out", out)?, handle("options", options)?) };
        // SAFETY: rule 1 of the header.
        let issuer = unsafe { text("issuer", issuer)? };
        refusal(options)?;
        out.give(ropc_request { request: options.options.request_discover(issuer, other_hosts != 0)? });
        Ok(())
    })
}
