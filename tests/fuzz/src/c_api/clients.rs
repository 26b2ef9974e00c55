//! Clients, what they ask, and requests that ask it beside the program.
//!
//! Functions that do nearly the same share a number, and bits that nothing else
//! reads tell them apart.

use std::ffi::{CStr, CString, c_char};
use std::ptr::{dangling_mut, null};

use ropc::capi::api::ropc_request_take_response;
use ropc::capi::client::*;
use ropc::capi::discover::*;
use ropc::capi::identity::*;
use ropc::capi::login::*;
use ropc::capi::renew::*;
use ropc::capi::request::*;
use ropc::capi::session::{
    ropc_request_session_login, ropc_request_session_login_n, ropc_request_session_new, ropc_request_session_sign_out,
    ropc_request_take_session,
};
use ropc::capi::status::ropc_status::*;

use super::check::{CANARY, doing, expected, getting};
use super::status::{Function, Taken};
use super::{World, c_text};
use crate::input::Input;

const SECRET: *const c_char = c"canary-of-the-fuzzer".as_ptr();
const NAMES: [*const c_char; 2] = [c"password".as_ptr(), c"username".as_ptr()];
const VALUES: [*const c_char; 2] = [SECRET, c"ada".as_ptr()];

impl World {
    pub fn new_client(&mut self, input: &mut Input<'_>) {
        let options = self.options.get(input.byte());
        // SAFETY: no other thread has them.
        let made =
            getting("ropc_client_new", Function::Settings, |out, err| unsafe { ropc_client_new(options, out, err) });
        self.clients.keep(made.1);
    }

    pub fn use_client(&mut self, input: &mut Input<'_>) {
        let client = self.clients.get(input.byte());
        let how = input.byte();
        match how % 3 {
            // SAFETY: it lives, or is NULL.
            0 => drop(doing("ropc_client_connect", Function::Call, |err| unsafe { ropc_client_connect(client, err) })),
            1 if how & 8 != 0 => {
                // SAFETY: the same.
                let got = getting("ropc_client_proxy", Function::Plain, |out, err| unsafe {
                    ropc_client_proxy(client, out, err)
                });
                assert!(got.1.is_null(), "a proxy that nobody set");
            }
            // SAFETY: the same.
            1 => expected("ropc_client_cancel", Function::Plain, unsafe { ropc_client_cancel(client) }),
            _ => {
                let (mut level, mut line) = (-1, dangling_mut());
                // SAFETY: the same, and the places live.
                let status = unsafe { ropc_client_next_log(client, &mut level, &mut line) };
                expected("ropc_client_next_log", Function::Plain, status);
                assert_ne!(line, dangling_mut(), "ropc_client_next_log left `out` as it was");
                if !line.is_null() {
                    // SAFETY: it is ours.
                    let text = unsafe { CStr::from_ptr(line) }.to_str().expect("UTF-8");
                    assert!((1..=4).contains(&level) && !text.contains(CANARY), "{level} {text}");
                } else if status == ROPC_OK {
                    assert_eq!(level, 0, "no line, and a level");
                }
                self.strings.keep(line);
            }
        }
    }

    /// A call that blocks.
    pub fn ask(&mut self, input: &mut Input<'_>) {
        let (at, which, hint) = (input.byte(), input.byte(), i32::from(input.byte() % 5) - 1);
        let client = self.clients.get(at);
        let (options, issuer) = (self.options.get(at), self.issuer());
        let own = self.token_text(which);
        let (token, count) = (own, usize::from(which >> 6));
        let (names, values) = if count == 0 { (null(), null()) } else { (NAMES.as_ptr(), VALUES.as_ptr()) };
        // SAFETY, here and below: handles live or are NULL, texts live.
        match which % 12 {
            0 | 1 => {
                let got = getting("ropc_login", Function::Call, |out, err| unsafe {
                    ropc_login(client, c"ada".as_ptr(), SECRET, out, err)
                });
                self.tokens.keep(got.1);
            }
            2 => {
                let got = getting("ropc_discover", Function::Call, |out, err| unsafe {
                    ropc_discover(options, issuer.as_ptr(), hint, out, err)
                });
                self.options.keep(got.1);
            }
            3 => {
                let bytes = b"pass\0word".as_ptr().cast();
                let got = getting("ropc_login_n", Function::Call, |out, err| unsafe {
                    ropc_login_n(client, c"ada".as_ptr(), 3, bytes, usize::from(at & 15) % 10, out, err)
                });
                self.tokens.keep(got.1);
            }
            4 => {
                let got = getting("ropc_grant", Function::Call, |out, err| unsafe {
                    ropc_grant(client, c"password".as_ptr(), names, values, count.min(2), out, err)
                });
                self.tokens.keep(got.1);
            }
            5 => {
                let got = getting("ropc_refresh", Function::Call, |out, err| unsafe {
                    ropc_refresh(client, token, out, err)
                });
                self.tokens.keep(got.1);
            }
            6 => drop(doing("ropc_revoke", Function::Call, |err| unsafe { ropc_revoke(client, token, hint, err) })),
            7 => {
                let got = getting("ropc_userinfo", Function::Call, |out, err| unsafe {
                    ropc_userinfo(client, token, out, err)
                });
                self.strings.keep(got.1);
            }
            8 => {
                let fields = if hint < 1 { null() } else { c"Uid,Email".as_ptr() };
                let got = getting("ropc_profile", Function::Call, |out, err| unsafe {
                    ropc_profile(client, token, fields, out, err)
                });
                self.strings.keep(got.1);
            }
            9 => {
                let got = getting("ropc_validate", Function::Call, |out, err| unsafe {
                    ropc_validate(client, token, out, err)
                });
                self.tokens.keep(got.1);
            }
            10 => drop(doing("ropc_invalidate", Function::Call, |err| unsafe { ropc_invalidate(client, token, err) })),
            _ => {
                let jwt = c"eyJhbGciOiJFUzI1NiJ9.e30.c2ln".as_ptr();
                let got = getting("ropc_verify_id_token", Function::VerifyIdToken, |out, err| unsafe {
                    ropc_verify_id_token(client, jwt, null(), null(), out, err)
                });
                self.strings.keep(got.1);
            }
        }
    }

    /// Our server, as it names itself in its metadata.
    fn issuer(&self) -> CString {
        c_text(format!("http://127.0.0.1:{}", self.server.port).as_bytes())
    }

    /// The access token of some tokens, or a secret, or nothing.
    fn token_text(&self, which: u8) -> *const c_char {
        // SAFETY: they live, or there are none.
        match (unsafe { self.tokens.get(which >> 4).as_ref() }, which >> 4) {
            (_, 15) => null(),
            (Some(tokens), 0..=7) => tokens.access_token,
            _ => SECRET,
        }
    }

    /// A request, prepared. What it may come to is remembered.
    pub fn prepare(&mut self, input: &mut Input<'_>) {
        let (at, which, other) = (input.byte(), input.byte(), input.byte());
        let client = self.clients.get(at);
        let token = self.token_text(which);
        let (options, session, store) = (self.options.get(other), self.sessions.get(at), self.stores.get(other));
        let tokens = self.tokens.get(other);
        let (issuer, second) = (self.issuer(), other & 8 != 0);
        let (ada, jwt) = (c"ada".as_ptr(), c"eyJhbGciOiJFUzI1NiJ9.e30.c2ln".as_ptr());
        let kind = match which % 14 {
            9 => Function::VerifyIdToken,
            11 => Function::SessionLogin,
            12 => Function::SessionNew,
            13 => Function::SessionSignOut,
            _ => Function::Call,
        };
        // SAFETY: handles live or are NULL, texts live, settings are ours alone.
        let (_, request) = getting("ropc_request_*", Function::Prepare, |out, err| unsafe {
            match which % 14 {
                0 | 1 if second => ropc_request_login_n(client, ada, 3, SECRET, usize::from(at >> 4), out, err),
                0 | 1 => ropc_request_login(client, ada, SECRET, out, err),
                2 => ropc_request_grant(client, c"password".as_ptr(), NAMES.as_ptr(), VALUES.as_ptr(), 2, out, err),
                3 => ropc_request_connect(client, out, err),
                4 => ropc_request_refresh(client, token, out, err),
                5 => ropc_request_revoke(client, token, 0, out, err),
                6 if second => ropc_request_profile(client, token, null(), out, err),
                6 => ropc_request_userinfo(client, token, out, err),
                7 => ropc_request_validate(client, token, out, err),
                8 => ropc_request_invalidate(client, token, out, err),
                9 => ropc_request_verify_id_token(client, jwt, null(), null(), out, err),
                10 => ropc_request_discover(options, issuer.as_ptr(), i32::from(other & 1), out, err),
                11 if second => {
                    let length = usize::from(at >> 4);
                    ropc_request_session_login_n(client, ada, 3, SECRET, length, store, null(), out, err)
                }
                11 => ropc_request_session_login(client, ada, SECRET, store, null(), out, err),
                12 => ropc_request_session_new(client, tokens, store, ada, out, err),
                _ => ropc_request_session_sign_out(session, out, err),
            }
        });
        self.requests.keep(request);
        self.kinds.push((request, kind));
    }

    /// What a request of ours may come to, once it runs: a cancel, at least.
    fn kind_of(&self, request: *mut ropc_request) -> Function {
        let found = self.kinds.iter().rev().find(|(known, _)| *known == request);
        found.map_or(Function::Plain, |(_, kind)| *kind)
    }

    /// A request is started, asked, waited for or cancelled.
    pub fn run(&mut self, input: &mut Input<'_>) {
        let request = self.requests.get(input.byte());
        let how = input.byte();
        // SAFETY, in each: it lives, or is NULL.
        match how % 5 {
            0 | 1 => {
                doing("ropc_request_start", Function::Start, |err| unsafe { ropc_request_start(request, err) });
            }
            2 => self.came_to(request, unsafe { ropc_request_poll(request) }),
            3 => self.came_to(request, unsafe { ropc_request_wait(request, u32::from(how >> 4)) }),
            _ => expected("ropc_request_cancel", Function::Plain, unsafe { ropc_request_cancel(request) }),
        }
    }

    fn came_to(&self, request: *mut ropc_request, status: ropc::capi::status::ropc_status) {
        expected("a request", Taken(self.kind_of(request)), status);
    }

    /// The result of a request, of the right kind or another.
    pub fn take(&mut self, input: &mut Input<'_>) {
        let request = self.requests.get(input.byte());
        let (what, of) = ("ropc_request_take_*", Taken(self.kind_of(request)));
        // SAFETY, in each: it lives, or is NULL.
        match input.byte() % 6 {
            0 => {
                let got = getting(what, of, |out, err| unsafe { ropc_request_take_tokens(request, out, err) });
                self.tokens.keep(got.1);
            }
            1 => {
                let got = getting(what, of, |out, err| unsafe { ropc_request_take_response(request, out, err) });
                self.responses.keep(got.1);
            }
            2 => {
                let got = getting(what, of, |out, err| unsafe { ropc_request_take_text(request, out, err) });
                self.strings.keep(got.1);
            }
            3 => {
                let got = getting(what, of, |out, err| unsafe { ropc_request_take_options(request, out, err) });
                self.options.keep(got.1);
            }
            4 => {
                let got = getting(what, of, |out, err| unsafe { ropc_request_take_session(request, out, err) });
                self.sessions.keep(got.1);
            }
            _ => drop(doing(what, of, |err| unsafe { ropc_request_take_done(request, err) })),
        }
    }
}
