//! Stores, sessions, what they hand out, and what can be read of it.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicI32, Ordering};

use ropc::capi::api::*;
use ropc::capi::info::*;
use ropc::capi::session::*;
use ropc::capi::status::ropc_status::*;
use ropc::capi::store::*;
use ropc::capi::tokens::*;

use super::check::{borrowed, doing, expected, getting};
use super::status::Function;
use super::{World, c_text, folder};
use crate::input::Input;

/// Who is signed in: few, so that they meet.
const USERS: [&CStr; 3] = [c"ada", c"eve", c"b\xc3\xb8b"];

/// What the save function says next.
static SAVES: AtomicI32 = AtomicI32::new(1);

unsafe extern "C" fn save(_: *mut c_void, user_key: *const c_char, record: *const c_char) -> i32 {
    assert!(borrowed(user_key).is_some(), "a record of nobody");
    assert!(borrowed(record).is_none_or(|record| record.starts_with('{')), "a record that is none");
    SAVES.load(Ordering::Relaxed)
}

impl World {
    pub fn new_store(&mut self, input: &mut Input<'_>) {
        let (how, user) = (input.byte(), input.pick(&USERS));
        match how % 6 {
            0 | 1 => {
                std::fs::create_dir_all(folder()).expect("a folder for stores");
                let path = folder().join(format!("store-{}", how >> 3 & 1));
                let path = c_text(path.to_str().expect("UTF-8").as_bytes());
                // SAFETY: the text lives.
                let made = getting("ropc_store_file", Function::StoreFile, |out, err| unsafe {
                    ropc_store_file(path.as_ptr(), out, err)
                });
                self.stores.keep(made.1);
            }
            2 | 3 => {
                SAVES.store(i32::from(how >> 3 & 3) - 1, Ordering::Relaxed);
                let function: ropc_save_fn = if how & 1 == 0 { Some(save) } else { None };
                // SAFETY: the function is always there.
                let made = getting("ropc_store_host", Function::Plain, |out, err| unsafe {
                    ropc_store_host(function, null_mut(), out, err)
                });
                self.stores.keep(made.1);
            }
            _ => {
                let (store, own) = (self.stores.get(how >> 3), c_text(input.bytes(usize::from(how >> 3))));
                let kept = self.strings.get(how >> 4);
                let record = if how & 1 == 0 && !kept.is_null() { kept.cast_const() } else { own.as_ptr() };
                // SAFETY: the texts live, and the store does or is NULL.
                doing("ropc_store_give", Function::StoreGive, |err| unsafe {
                    ropc_store_give(store, user.as_ptr(), record, err)
                });
            }
        }
    }

    pub fn new_session(&mut self, input: &mut Input<'_>) {
        let (at, how, user) = (input.byte(), input.byte(), input.pick(&USERS));
        let client = self.clients.get(at);
        let store = if how & 8 == 0 { self.stores.get(how >> 4) } else { null_mut() };
        let (tokens, key) = (self.tokens.get(how >> 4), user.as_ptr());
        let password = c"canary-of-the-fuzzer".as_ptr();
        // SAFETY, in each: handles live or are NULL, texts live.
        let made = match how % 4 {
            0 | 1 => getting("ropc_session_login", Function::SessionLogin, |out, err| unsafe {
                let named = if how & 1 == 0 { null() } else { key };
                if how & 4 == 0 {
                    ropc_session_login(client, key, password, store, named, out, err)
                } else {
                    let (user, length) = (user.count_bytes(), usize::from(how >> 4));
                    ropc_session_login_n(client, key, user, password, length, store, named, out, err)
                }
            }),
            2 => getting("ropc_session_new", Function::SessionNew, |out, err| unsafe {
                ropc_session_new(client, tokens, store, key, out, err)
            }),
            _ => getting("ropc_session_resume", Function::SessionResume, |out, err| unsafe {
                ropc_session_resume(client, store, key, out, err)
            }),
        };
        self.sessions.keep(made.1);
    }

    pub fn use_session(&mut self, input: &mut Input<'_>) {
        let session = self.sessions.get(input.byte());
        let (how, wait_ms) = (input.byte(), u32::from(input.byte() % 4));
        let min_ms = [0, 1000, 30_000, u32::MAX][usize::from(how >> 6)];
        // SAFETY, in each: it lives or is NULL, and the places do.
        match how % 11 {
            0 | 1 => {
                let got = getting("ropc_session_token", Function::SessionToken, |out, err| unsafe {
                    ropc_session_token(session, min_ms, wait_ms, out, err)
                });
                assert_ne!(got.0, ROPC_PENDING, "ropc_session_token waits");
                self.token.keep(got.1);
            }
            2 => {
                let got = getting("ropc_session_poll", Function::SessionToken, |out, err| unsafe {
                    ropc_session_poll(session, min_ms, out, err)
                });
                self.token.keep(got.1);
            }
            3 | 4 => {
                let force = i32::from(how >> 4 & 1);
                doing("ropc_session_refresh", Function::SessionToken, |err| unsafe {
                    ropc_session_refresh(session, force, wait_ms, err)
                });
            }
            5 => {
                // SAFETY: the token lives, or there is none.
                let token = unsafe { self.token.get(how >> 4).as_ref() };
                let text = token.map_or(c"access-1".as_ptr(), |token| token.access_token);
                expected("ropc_session_expire", Function::SessionSaved, unsafe { ropc_session_expire(session, text) });
            }
            6 => {
                let got = getting("ropc_session_pending", Function::SessionPending, |out, err| unsafe {
                    ropc_session_pending(session, out, err)
                });
                assert!(borrowed(got.1).is_none_or(|record| record.starts_with('{')), "a record that is none");
                self.strings.keep(got.1);
            }
            7 => {
                let ok = i32::from(how >> 4 & 1);
                expected("ropc_session_saved", Function::SessionSaved, unsafe { ropc_session_saved(session, ok) });
            }
            8 => {
                doing("ropc_session_sign_out", Function::SessionSignOut, |err| unsafe {
                    ropc_session_sign_out(session, err)
                });
            }
            _ => {
                let (status, info) = getting("ropc_session_status", Function::SessionPending, |out, err| unsafe {
                    ropc_session_status(session, out, err)
                });
                if status == ROPC_OK {
                    check_info(unsafe { &*info });
                }
                unsafe { ropc_session_info_free(info) };
            }
        }
    }

    /// An API is called with the user's token, or the call is prepared.
    pub fn call_api(&mut self, input: &mut Input<'_>) {
        let session = self.sessions.get(input.byte());
        let how = input.byte();
        let method = input.pick(&[c"GET", c"POST", c"PUT", c"HEAD", c"TRACE"]);
        let path = if how & 1 == 0 { "/api" } else { "@127.0.0.1/api" };
        let url = c_text(format!("http://127.0.0.1:{}{path}", self.server.port).as_bytes());
        let (names, values) = ([c"X-Own".as_ptr()], [c"value".as_ptr()]);
        let (count, body) = (usize::from(how >> 1 & 1), input.bytes(usize::from(how >> 3)));
        // NULL is no body, which is not the same as an empty one.
        let start = if how >> 3 == 0 { null() } else { body.as_ptr() };
        let of = Function::SessionToken;
        // SAFETY: the session lives or is NULL, and all the rest lives.
        if how & 4 == 0 {
            let (_, response) = getting("ropc_session_call", of, |out, err| unsafe {
                let (names, values) = (names.as_ptr(), values.as_ptr());
                ropc_session_call(
                    session,
                    method.as_ptr(),
                    url.as_ptr(),
                    names,
                    values,
                    count,
                    start,
                    body.len(),
                    out,
                    err,
                )
            });
            self.responses.keep(response);
        } else {
            let (_, request) = getting("ropc_request_session_call", Function::Prepare, |out, err| unsafe {
                let (names, values) = (names.as_ptr(), values.as_ptr());
                ropc_request_session_call(
                    session,
                    method.as_ptr(),
                    url.as_ptr(),
                    names,
                    values,
                    count,
                    start,
                    body.len(),
                    out,
                    err,
                )
            });
            self.requests.keep(request);
            self.kinds.push((request, of));
        }
    }

    /// What was handed out is looked at.
    pub fn look(&mut self, input: &mut Input<'_>) {
        let (at, name) = (input.byte(), c_text(input.bytes(4)));
        let (tokens, response) = (self.tokens.get(at), self.responses.get(at));
        let which = i32::from(at >> 6);
        // SAFETY: handles live or are NULL, and the name lives.
        unsafe {
            let _ = borrowed(ropc_tokens_extra(tokens, name.as_ptr()));
            let _ = borrowed(ropc_response_header(response, c"content-type".as_ptr()));
            if let Some(response) = response.as_ref() {
                assert_eq!(*response.body.add(response.body_len), 0, "no NUL behind a body");
            }
            if let Some(tokens) = tokens.as_ref() {
                assert!(borrowed(tokens.access_token).is_some_and(|token| !token.is_empty()));
                assert!(borrowed(tokens.token_type).is_some() && tokens.expires_at >= 0);
            }
            let claims =
                getting("ropc_tokens_claims", Function::Claims, |out, err| ropc_tokens_claims(tokens, which, out, err));
            self.strings.keep(claims.1);
        }
    }
}

fn check_info(info: &ropc_session_info) {
    assert!((0..=1).contains(&info.refreshing), "refreshing {}", info.refreshing);
    assert!(borrowed(info.user_key).is_some(), "a session of nobody");
    let _ = borrowed(info.scope);
    let failed = info.last_status != ROPC_OK;
    assert_eq!(failed, info.last_reason != ropc::oauth::Reason::None, "{:?}", info.last_status);
    assert_eq!(failed, borrowed(info.last_message).is_some(), "{:?}", info.last_status);
    assert!(info.expires_at >= 0 && info.received_at >= 0);
}
