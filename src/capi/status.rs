//! `ropc_status`.

use std::ffi::CStr;

use crate::oauth::{Progress, Status};

/// What a call came to: ROPC_OK, ROPC_PENDING, ROPC_SAVE_FIRST or one of
/// ROPC_E_*. Few and stable; what exactly went wrong is ropc_error.reason.
/// Numbers are never reused; treat an unknown one as a failure.
/// cbindgen:rename-all=None
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ropc_status {
    /// Done.
    ROPC_OK = 0,
    /// The request is under way: no failure, ask again.
    ROPC_PENDING = 1,
    /// The session has new tokens to be saved before they are used: no
    /// failure; see ropc_session_pending().
    ROPC_SAVE_FIRST = 2,
    /// An argument or option is wrong. Nothing was sent.
    ROPC_E_ARG = 10,
    /// The handle cannot do that now, as in the child of a fork.
    ROPC_E_STATE = 11,
    /// Asked for something this library does not do.
    ROPC_E_UNSUPPORTED = 12,
    /// The process is short of threads or descriptors.
    ROPC_E_RESOURCES = 13,
    /// The host name did not resolve.
    ROPC_E_RESOLVE = 20,
    /// No connection could be made.
    ROPC_E_CONNECT = 21,
    /// The TLS handshake failed or the certificate is not trusted.
    ROPC_E_TLS = 22,
    /// A time limit ran out.
    ROPC_E_TIMEOUT = 23,
    /// The connection broke; ropc_error.request_sent says before or after
    /// the request was out.
    ROPC_E_IO = 24,
    /// Stopped by the program: ropc_request_cancel(), ropc_client_cancel()
    /// or ropc_shutdown().
    ROPC_E_CANCELLED = 25,
    /// The proxy could not be used.
    ROPC_E_PROXY = 26,
    /// The server refused this user or this password.
    ROPC_E_REFUSED = 30,
    /// The server refused this application or its request.
    ROPC_E_CLIENT = 31,
    /// The server asks to wait: ropc_error.retry_after_ms.
    ROPC_E_RATE_LIMITED = 32,
    /// The server failed.
    ROPC_E_SERVER = 33,
    /// The answer is not what such an endpoint answers.
    ROPC_E_ANSWER = 34,
    /// The ID token does not prove who signed in.
    ROPC_E_ID_TOKEN = 35,
    /// Nobody is signed in any more: ask the person to sign in.
    ROPC_E_SIGNED_OUT = 40,
    /// A refresh was sent and its answer never came; see
    /// ropc_session_refresh().
    ROPC_E_UNCLEAR = 41,
    /// The store cannot be read or written.
    ROPC_E_STORE = 42,
    /// Signed out here; the server was not told, or not all of it.
    ROPC_E_NOT_REVOKED = 43,
    /// A bug in this library; the process is still sound.
    ROPC_E_BUG = 90,
}

use ropc_status::*;

/// Every status with its name.
const ALL: &[(ropc_status, &CStr)] = &[
    (ROPC_OK, c"ROPC_OK"),
    (ROPC_PENDING, c"ROPC_PENDING"),
    (ROPC_SAVE_FIRST, c"ROPC_SAVE_FIRST"),
    (ROPC_E_ARG, c"ROPC_E_ARG"),
    (ROPC_E_STATE, c"ROPC_E_STATE"),
    (ROPC_E_UNSUPPORTED, c"ROPC_E_UNSUPPORTED"),
    (ROPC_E_RESOURCES, c"ROPC_E_RESOURCES"),
    (ROPC_E_RESOLVE, c"ROPC_E_RESOLVE"),
    (ROPC_E_CONNECT, c"ROPC_E_CONNECT"),
    (ROPC_E_TLS, c"ROPC_E_TLS"),
    (ROPC_E_TIMEOUT, c"ROPC_E_TIMEOUT"),
    (ROPC_E_IO, c"ROPC_E_IO"),
    (ROPC_E_CANCELLED, c"ROPC_E_CANCELLED"),
    (ROPC_E_PROXY, c"ROPC_E_PROXY"),
    (ROPC_E_REFUSED, c"ROPC_E_REFUSED"),
    (ROPC_E_CLIENT, c"ROPC_E_CLIENT"),
    (ROPC_E_RATE_LIMITED, c"ROPC_E_RATE_LIMITED"),
    (ROPC_E_SERVER, c"ROPC_E_SERVER"),
    (ROPC_E_ANSWER, c"ROPC_E_ANSWER"),
    (ROPC_E_ID_TOKEN, c"ROPC_E_ID_TOKEN"),
    (ROPC_E_SIGNED_OUT, c"ROPC_E_SIGNED_OUT"),
    (ROPC_E_UNCLEAR, c"ROPC_E_UNCLEAR"),
    (ROPC_E_STORE, c"ROPC_E_STORE"),
    (ROPC_E_NOT_REVOKED, c"ROPC_E_NOT_REVOKED"),
    (ROPC_E_BUG, c"ROPC_E_BUG"),
];

fn row(number: i32) -> Option<&'static (ropc_status, &'static CStr)> {
    ALL.iter().find(|(status, _)| *status as i32 == number)
}

impl From<Status> for ropc_status {
    fn from(status: Status) -> ropc_status {
        // The numbers are the same; a test says so of each.
        row(status as i32).map_or(ROPC_E_BUG, |(status, _)| *status)
    }
}

impl From<()> for ropc_status {
    fn from((): ()) -> ropc_status {
        ROPC_OK
    }
}

impl From<Progress> for ropc_status {
    fn from(progress: Progress) -> ropc_status {
        match progress {
            Progress::Unusable => ROPC_E_STATE,
            Progress::Pending => ROPC_PENDING,
            Progress::Succeeded => ROPC_OK,
            Progress::Failed(status) => status.into(),
        }
    }
}

/// The name of a number that is no status.
pub(crate) const UNKNOWN: &CStr = c"ROPC_UNKNOWN_STATUS";

/// The name of a status that came from outside.
pub(crate) fn name(number: i32) -> &'static CStr {
    row(number).map_or(UNKNOWN, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::REASONS;

    #[test]
    fn statuses_keep_their_numbers_across_the_border() {
        for row in REASONS {
            let status = ropc_status::from(row.status);
            assert_eq!(status as i32, row.status as i32);
            let text = format!("{status:?}");
            assert_eq!(name(status as i32).to_str(), Ok(text.as_str()));
        }
    }
}
