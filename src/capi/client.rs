//! `ropc_client_*`.

use std::ffi::c_char;

use super::error::ropc_error;
use super::options::{refusal, ropc_options};
use super::status::ropc_status;
use super::{free, guard, handle, place, string};
use crate::oauth::{Client, Level};

/// One application at one server, with its connections. Any thread may use
/// it at any time; free it when none does.
pub struct ropc_client {
    pub(crate) client: Client,
}

/// Rule 6 of the header rests on this.
const _: () = {
    const fn shared_by_threads<T: Send + Sync>() {}
    shared_by_threads::<ropc_client>();
};

/// A client from settings, which are copied. Connects to nothing yet; does
/// not block. `out` is yours; free it with ropc_client_free().
///
/// Reads the environment, as ropc_discover() and ropc_request_discover()
/// do: no other thread may change that meanwhile, as with any getenv(). No
/// other function does, except that the first connection with
/// ROPC_TRUST_SYSTEM may.
///
/// Fails with the first refusal of a setter, whose name is in the message;
/// with ROPC_E_ARG when no token endpoint is known, which
/// ropc_options_set_endpoint() or ropc_discover() sets, and for a pin or
/// certificate of an origin that this client has no use for; and for a
/// proxy in the environment that cannot be used, which it names
/// (ROPC_E_UNSUPPORTED for SOCKS).
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_client_new(
    options: *const ropc_options,
    out: *mut *mut ropc_client,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, options) = unsafe { (place("out", out)?, handle("options", options)?) };
        refusal(options)?;
        out.give(ropc_client { client: Client::new(&options.options)? });
        Ok(())
    })
}

/// Frees a client. Requests and sessions go on without it; its connections
/// close when the last of them has ended. NULL does nothing. Tokens and
/// errors that came from it live on. No call of another thread may be
/// inside it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_client_free(client: *mut ropc_client) {
    // SAFETY: rule 2 of the header.
    unsafe { free(client) };
}

/// Connects ahead of a login, while the user still types: looks the token
/// endpoint's host up, connects, makes the TLS handshake. The login after
/// it costs one turn to the server and back instead of three, as long as
/// the connection is kept: 15 seconds, or ROPC_LIMIT_IDLE_MS if that is
/// longer. One that is there already and kept for another 7 seconds or more
/// will do: then nothing is done. No secret is sent.
///
/// Blocks, up to the time limits; ropc_request_connect() does not. Fails
/// as a login would that gets no connection; ROPC_E_UNSUPPORTED when
/// ROPC_LIMIT_IDLE_CONNECTIONS or ROPC_LIMIT_IDLE_MS is 0.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_client_connect(client: *const ropc_client, err: *mut *mut ropc_error) -> ropc_status {
    guard(err, move || {
        // SAFETY: rule 6 of the header.
        unsafe { handle("client", client)? }.client.connect()
    })
}

/// Stops all calls of this client that are under way: blocking ones in
/// other threads, and requests that were started. Each ends as
/// ROPC_E_CANCELLED unless it had ended before. Later calls are not
/// touched. A session's refresh that was sent goes on, for its tokens would
/// be lost; who waits for it does not. Returns at once. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_client_cancel(client: *const ropc_client) -> ropc_status {
    guard(std::ptr::null_mut(), move || {
        // SAFETY: rule 6 of the header.
        unsafe { handle("client", client)? }.client.cancel();
        Ok(())
    })
}

/// The HTTP proxy through which the token endpoint is reached, as host:port
/// and without its login; NULL in `out` when it is reached directly: no
/// proxy is set, no_proxy excepts the host, or it is plain http to loopback.
/// Does not block. `out` is yours; free it with ropc_string_free().
/// ROPC_E_ARG for NULL; nothing else can fail.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_client_proxy(
    client: *const ropc_client,
    out: *mut *mut c_char,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        if let Some(proxy) = client.client.proxy() {
            out.put(string::give(&proxy)?);
        }
        Ok(())
    })
}

/// The oldest line of the log's queue (256 lines; the oldest is dropped
/// first), or NULL when it is empty. Lines come here when
/// ropc_options_set_log() was given a level and no function; those of
/// requests always do, and go from here to the function, if there is one,
/// in the next ropc_request_wait(), _take or blocking call of this client.
///
/// `level`, which may be NULL, receives one of ropc_log: ROPC_LOG_OFF
/// without a line. `out` is yours; free it with ropc_string_free(). Does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_client_next_log(
    client: *const ropc_client,
    level: *mut i32,
    out: *mut *mut c_char,
) -> ropc_status {
    guard(std::ptr::null_mut(), move || {
        let tell = |how: Level| {
            if !level.is_null() {
                // SAFETY: a place for a number, for the call; it need not hold
                // one yet.
                unsafe { level.write(how as i32) };
            }
        };
        tell(Level::Off);
        // SAFETY: rules 2 and 6 of the header.
        let (out, client) = unsafe { (place("out", out)?, handle("client", client)?) };
        if let Some((how, line)) = client.client.next_log() {
            out.put(string::give(&line)?);
            tell(how);
        }
        Ok(())
    })
}
