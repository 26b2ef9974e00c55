//! Settings: how they begin, and every setter.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};

use ropc::capi::options::*;
use ropc::capi::status::ropc_status;

use super::check::{CANARY, borrowed, expected, getting};
use super::status::Function;
use super::{TOTAL_MS, World, c_text};
use crate::input::Input;

impl World {
    /// At our server, whatever else is said of it: nobody else is ever asked.
    pub fn new_options(&mut self, input: &mut Input<'_>) {
        let at = format!("http://127.0.0.1:{}", self.server.port);
        let (url, site) = (c_text(format!("{at}/token").as_bytes()), c_text(at.as_bytes()));
        let app = c_text(input.bytes(2));
        let how = input.byte();
        let (_, options) = getting("a constructor of options", Function::Settings, |out, err| {
            // SAFETY: the texts live, and so do the places.
            unsafe {
                match how % 4 {
                    0 | 1 => ropc_options_oauth2(url.as_ptr(), c"client".as_ptr(), out, err),
                    2 => ropc_options_loginradius(site.as_ptr(), c"app".as_ptr(), c"client".as_ptr(), out, err),
                    _ => ropc_options_loginradius(site.as_ptr(), app.as_ptr(), c"client".as_ptr(), out, err),
                }
            }
        });
        if options.is_null() {
            return;
        }
        let one_path = |path: &str| c_text(format!("{at}{path}").as_bytes());
        let endpoints = [(2, "/revoke"), (3, "/userinfo"), (4, "/keys"), (5, "/")];
        for (which, path) in endpoints.into_iter().filter(|_| how & 4 == 0 || how % 4 > 1) {
            // SAFETY: they are ours alone, and the text lives.
            let status = unsafe { ropc_options_set_endpoint(options, which, one_path(path).as_ptr()) };
            assert_eq!(status, ropc_status::ROPC_OK, "{path}");
        }
        // SAFETY: as above.
        unsafe {
            assert_eq!(ropc_options_set_timeouts(options, TOTAL_MS, TOTAL_MS), ropc_status::ROPC_OK);
            assert_eq!(ropc_options_set_proxy(options, c"".as_ptr()), ropc_status::ROPC_OK);
        }
        self.options.keep(options);
    }

    pub fn set_option(&mut self, input: &mut Input<'_>) {
        let options = self.options.get(input.byte());
        let (which, number) = (input.byte(), i32::from(input.byte() as i8));
        let length = usize::from(input.byte() & 31);
        let bytes = input.bytes(length);
        let given = c_text(bytes);
        let text = if number == -1 { null() } else { given.as_ptr() };
        let origin = c_text(format!("http://127.0.0.1:{}", self.server.port).as_bytes());
        let pem = bytes.as_ptr().cast();
        let secret = c_text(CANARY.as_bytes());
        // SAFETY: the handle is ours alone or NULL, and the texts live.
        let status = unsafe {
            match which % 20 {
                0 => ropc_options_set_app_kind(options, number),
                1 => ropc_options_set_issuer(options, origin.as_ptr()),
                2 => ropc_options_set_secret(options, secret.as_ptr(), number),
                3 => ropc_options_set_encoding(options, number),
                4 => ropc_options_set_scope(options, text),
                5 => ropc_options_add_param(options, text, c"value".as_ptr()),
                6 => ropc_options_set_response_type(options, text),
                // One of the system costs a second, the first time.
                7 => ropc_options_set_trust(options, if number == 1 { 0 } else { number }),
                8 => ropc_options_set_ca_pem(options, pem, bytes.len()),
                9 => ropc_options_add_pin(options, origin.as_ptr(), text),
                10 => ropc_options_set_client_cert_pem(options, text, pem, bytes.len(), pem, bytes.len()),
                11 => ropc_options_set_user_agent(options, text),
                12 => ropc_options_set_api_key(options, secret.as_ptr()),
                13 => ropc_options_add_api_origin(options, origin.as_ptr()),
                14 => ropc_options_add_ended_error(options, text),
                15 => ropc_options_set_limit(options, number & 3, 1 << (number & 15)),
                16 => ropc_options_set_timeouts(options, TOTAL_MS, if number < 0 { 0 } else { TOTAL_MS }),
                17 => ropc_options_set_log(options, number & 7, None, null_mut()),
                18 => ropc_options_set_log(options, number & 7, Some(hear), null_mut()),
                _ => ropc_options_set_endpoint(options, number, origin.as_ptr()),
            }
        };
        expected("a setter", Function::Settings, status);
    }
}

/// Takes log lines, which hold no secret.
unsafe extern "C" fn hear(_: *mut c_void, level: i32, line: *const c_char) {
    assert!((1..=4).contains(&level), "a line of level {level}");
    let line = borrowed(line).expect("a line");
    assert!(!line.contains(CANARY) && !line.contains(['\n', '\0']), "a log line of {line:?}");
    // SAFETY: the line lives as long as this call.
    assert_eq!(unsafe { CStr::from_ptr(line.as_ptr().cast()) }.count_bytes(), line.len());
}
