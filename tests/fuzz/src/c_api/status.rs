//! What each function of ropc.h may return, as its comment says.

use ropc::capi::status::ropc_status::{self, *};

/// One function of the header, or a group that is documented alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// A constructor or setter of options, and a client's.
    Settings,
    /// A call that asks a server.
    Call,
    VerifyIdToken,
    SessionLogin,
    SessionNew,
    SessionResume,
    /// What hands out a session's token, or waits for one.
    SessionToken,
    SessionSignOut,
    SessionPending,
    SessionSaved,
    /// What fails for a wrong argument only.
    Plain,
    StoreFile,
    StoreGive,
    /// A request that is prepared.
    Prepare,
    Start,
    Claims,
}

const CALL: [ropc_status; 15] = [
    ROPC_E_ARG,
    ROPC_E_UNSUPPORTED,
    ROPC_E_RESOURCES,
    ROPC_E_RESOLVE,
    ROPC_E_CONNECT,
    ROPC_E_TLS,
    ROPC_E_TIMEOUT,
    ROPC_E_IO,
    ROPC_E_CANCELLED,
    ROPC_E_PROXY,
    ROPC_E_REFUSED,
    ROPC_E_CLIENT,
    ROPC_E_RATE_LIMITED,
    ROPC_E_SERVER,
    ROPC_E_ANSWER,
];

/// What says which statuses a function may return. ROPC_E_BUG is never one.
pub trait Documented: Copy {
    fn may(self, status: ropc_status) -> bool;
}

/// The result of a request that does what this function does.
#[derive(Clone, Copy)]
pub struct Taken(pub Function);

impl Documented for Taken {
    fn may(self, status: ropc_status) -> bool {
        let of_all = [ROPC_PENDING, ROPC_E_STATE, ROPC_E_ARG, ROPC_E_CANCELLED, ROPC_E_TIMEOUT];
        of_all.contains(&status) || self.0.may(status)
    }
}

impl Documented for Function {
    fn may(self, status: ropc_status) -> bool {
        let beside: &[ropc_status] = match self {
            Function::Settings | Function::Prepare | Function::Claims => &[ROPC_E_UNSUPPORTED],
            Function::Call | Function::Plain => &[],
            Function::VerifyIdToken => &[ROPC_E_ID_TOKEN],
            Function::SessionLogin => &[ROPC_E_STORE],
            Function::SessionNew => &[],
            Function::SessionResume => &[ROPC_E_SIGNED_OUT, ROPC_E_STORE],
            Function::SessionToken => {
                &[ROPC_PENDING, ROPC_SAVE_FIRST, ROPC_E_STATE, ROPC_E_SIGNED_OUT, ROPC_E_UNCLEAR, ROPC_E_STORE]
            }
            // The limit of time and a cancel are those of every call that blocks.
            Function::SessionSignOut => {
                &[ROPC_E_NOT_REVOKED, ROPC_E_STATE, ROPC_E_STORE, ROPC_E_TIMEOUT, ROPC_E_CANCELLED]
            }
            Function::SessionPending | Function::SessionSaved => &[ROPC_E_STATE],
            Function::StoreFile => &[ROPC_E_STORE],
            Function::StoreGive => &[ROPC_E_UNSUPPORTED, ROPC_E_STORE],
            Function::Start => &[ROPC_E_STATE, ROPC_E_RESOURCES],
        };
        let calls = match self {
            Function::Call | Function::VerifyIdToken | Function::SessionLogin | Function::SessionToken => &CALL[..],
            _ => &[ROPC_E_ARG],
        };
        status == ROPC_OK || beside.contains(&status) || calls.contains(&status)
    }
}
