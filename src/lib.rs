//! `ropc` signs a user in from native code: the OAuth 2.0 Resource Owner
//! Password Credentials grant (RFC 6749, 4.3) against LoginRadius or any
//! RFC 6749 server.
//!
//! [`oauth`] is the safe core: it decides everything and is usable from Rust
//! as it is. [`capi`] is what C sees: it checks pointers, calls one function
//! of the core and hands the result out. `include/ropc.h` is generated from it
//! and is the manual for everyone who is not writing Rust.
//!
//! RFC 9700 (2.4) says that this grant must not be used. The README says what
//! this library is for all the same.

#![deny(missing_docs, unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks)]
// Nothing that came from outside may end the program; tests may.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable)
)]

#[cfg(all(panic = "abort", not(test)))]
compile_error!(
    "ropc promises that a bug of its own never ends the host program, and that needs unwinding: \
     build with panic = \"unwind\" in the workspace's profile"
);

pub mod capi;
pub mod oauth;
