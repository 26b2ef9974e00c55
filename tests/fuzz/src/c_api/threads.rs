//! Several calls at the same time, of handles that the header lets all threads
//! use.

use ropc::capi::client::{ropc_client, ropc_client_cancel};
use ropc::capi::library::ropc_shutdown;
use ropc::capi::login::ropc_login;
use ropc::capi::request::{
    ropc_request, ropc_request_cancel, ropc_request_poll, ropc_request_start, ropc_request_wait,
};
use ropc::capi::session::{
    ropc_session, ropc_session_free, ropc_session_poll, ropc_session_refresh, ropc_session_resume,
    ropc_session_sign_out, ropc_session_token,
};
use ropc::capi::store::ropc_store;
use ropc::capi::token::ropc_token_free;
use ropc::capi::tokens::ropc_tokens_free;

use super::World;
use super::check::{doing, expected, getting};
use super::status::Function;
use crate::input::Input;

/// What a thread does, and what with.
#[derive(Clone, Copy)]
struct Part {
    what: u8,
    client: *mut ropc_client,
    request: *mut ropc_request,
    session: *mut ropc_session,
    store: *mut ropc_store,
}

// SAFETY: the header says that any thread may use these; none is freed meanwhile.
unsafe impl Send for Part {}

impl World {
    pub fn together(&mut self, input: &mut Input<'_>) {
        let parts: Vec<Part> = (0..2 + input.byte() % 2)
            .map(|_| {
                let at = input.byte();
                Part {
                    what: input.byte(),
                    client: self.clients.get(at),
                    request: self.requests.get(at),
                    session: self.sessions.get(at),
                    store: self.stores.get(at),
                }
            })
            .collect();
        std::thread::scope(|scope| {
            let threads: Vec<_> = parts.into_iter().map(|part| scope.spawn(move || part.play())).collect();
            for thread in threads {
                if let Err(panic) = thread.join() {
                    std::panic::resume_unwind(panic);
                }
            }
        });
    }
}

impl Part {
    fn play(self) {
        let Part { what, client, request, session, store } = self;
        let wait_ms = u32::from(what >> 5);
        // SAFETY, in each: handles live or are NULL, and what comes is freed here.
        match what % 12 {
            0 => {
                let got = getting("ropc_login", Function::Call, |out, err| unsafe {
                    ropc_login(client, c"ada".as_ptr(), c"canary-of-the-fuzzer".as_ptr(), out, err)
                });
                unsafe { ropc_tokens_free(got.1) };
            }
            1 => expected("ropc_client_cancel", Function::Plain, unsafe { ropc_client_cancel(client) }),
            2 => drop(doing("ropc_request_start", Function::Start, |err| unsafe { ropc_request_start(request, err) })),
            3 => drop(unsafe { ropc_request_wait(request, wait_ms) }),
            4 => expected("ropc_request_cancel", Function::Plain, unsafe { ropc_request_cancel(request) }),
            5 => drop(unsafe { ropc_request_poll(request) }),
            6 | 7 => {
                let got = getting("ropc_session_token", Function::SessionToken, |out, err| unsafe {
                    ropc_session_token(session, 1000, wait_ms, out, err)
                });
                unsafe { ropc_token_free(got.1) };
            }
            8 => {
                let got = getting("ropc_session_poll", Function::SessionToken, |out, err| unsafe {
                    ropc_session_poll(session, 0, out, err)
                });
                unsafe { ropc_token_free(got.1) };
            }
            9 => drop(doing("ropc_session_refresh", Function::SessionToken, |err| unsafe {
                ropc_session_refresh(session, 1, wait_ms, err)
            })),
            10 => drop(doing("ropc_session_sign_out", Function::SessionSignOut, |err| unsafe {
                ropc_session_sign_out(session, err)
            })),
            _ if what & 16 == 0 => drop(ropc_shutdown(wait_ms)),
            _ => {
                let got = getting("ropc_session_resume", Function::SessionResume, |out, err| unsafe {
                    ropc_session_resume(client, store, c"ada".as_ptr(), out, err)
                });
                unsafe { ropc_session_free(got.1) };
            }
        }
    }
}
