//! `ropc` signs a user in from native code: the OAuth 2.0 Resource Owner
//! Password Credentials grant (RFC 6749, 4.3) against LoginRadius or any
//! RFC 6749 server.
//!
//! [`oauth`] is the safe core: it decides everything and is usable from Rust
//! as it is. [`capi`] is what C sees: it checks pointers, calls one function
//! of the core and hands the result out. `include/ropc.h` is generated from it
//! and is the manual for everyone who is not writing Rust.
//!
//! ```
//! use ropc::oauth::{Client, Options, Reason};
//!
//! let mut options = Options::loginradius("acme.hub.loginradius.com", "my-app", "client-id")?;
//! # let server = standin::Standin::start();
//! # options = Options::loginradius(&server.https(), "demo", standin::CLIENT)?;
//! # options.set_ca_pem(server.ca_pem().as_bytes())?;
//! # options.set_proxy("")?;
//! options.set_timeouts(5_000, 20_000)?;
//! let client = Client::new(&options)?;
//! match client.login("ada", "correct horse") {
//!     Ok(tokens) => println!("signed in until {}", tokens.expires_at),
//!     Err(error) if error.reason == Reason::Locked => println!("locked until {}", error.locked_until_at),
//!     Err(error) => println!("{error}"),
//! }
//! # assert_eq!(server.grant_counts().logins, 1);
//! # Ok::<(), ropc::oauth::Error>(())
//! ```
//!
//! One call of the network each; nothing here is `async`. A [`Client`] is
//! cheap to clone and shared by threads. What a program may not wait for runs
//! as a [`Request`]; who stays signed in is a [`Session`]; `examples/login.rs`
//! is a whole program.
//!
//! # In a Rust program
//!
//! - The password goes out at most once a call, over TLS. It is in no error,
//!   log line or `Debug`; [`Secret`] overwrites what it held when dropped.
//!   Copies of your own are yours, and what dependencies free is not
//!   overwritten: only the shared library has an allocator that does.
//! - It needs `panic = "unwind"`, and refuses to be built without it.
//! - Leave the features alone: they are for those who build the C library.
//!
//! RFC 9700 (2.4) says that this grant must not be used. The README says what
//! this library is for all the same.
//!
//! [`Client`]: oauth::Client
//! [`Request`]: oauth::Request
//! [`Secret`]: oauth::Secret
//! [`Session`]: oauth::Session

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
