//! The core: safe Rust, decides everything, usable from Rust as it is.
//!
//! [`Options`] say what to sign in to, and how; a [`Client`] is made from them
//! once. Then there are three ways, which run the same code and mix:
//!
//! | | | |
//! |---|---|---|
//! | [`Client::login`] | blocks | [`Tokens`], or an [`Error`] with a [`Reason`] to branch on |
//! | [`Client::request_login`] | a [`Request`], which is started, polled and taken | the same |
//! | [`Session::login`] | a [`Session`] in a [`Store`](store::Store) | an access token that is always good |
//!
//! Everything that blocks has a time limit ([`Options::set_timeouts`]) and can
//! be stopped from another thread ([`Client::cancel`], [`Call::cancel`],
//! [`Request::cancel`]). Nothing here is `async`: give a blocking call to a
//! thread that may block, or poll a request.
//!
//! ```
//! use ropc::oauth::{Client, Options, Progress};
//!
//! let options = Options::oauth2("https://login.example.com/token", "client-id")?;
//! # let server = standin::Standin::start();
//! # let mut options = Options::oauth2(&format!("{}/token", server.https()), standin::CLIENT)?;
//! # options.set_ca_pem(server.ca_pem().as_bytes())?;
//! # options.set_proxy("")?;
//! let client = Client::new(&options)?;
//! let request = client.request_login("ada", "correct horse")?;
//! request.start()?;
//! while request.poll() == Progress::Pending {
//!     // One frame of a game, one turn of a loop.
//! #   std::thread::yield_now();
//! }
//! // The tokens, or the error that `login` would have given.
//! if let Some(tokens) = request.take_tokens()? {
//!     println!("good until {}", tokens.expires_at);
//! }
//! # assert_eq!(server.grant_counts().logins, 1);
//! # Ok::<(), ropc::oauth::Error>(())
//! ```
//!
//! Whatever ends in `_ms` is milliseconds, whatever ends in `_at` seconds since
//! 1970 UTC, where 0 is unknown.

// `operation` says what is sent for each call of a `Client`, `answer` what comes
// of it; `profile` holds what differs between servers; `http` is the wire;
// `sys` is the operating system. A call runs in the thread that makes it; a
// `Request` has a `worker` run the same.

#![deny(unsafe_code)]

mod answer;
mod body;
mod call;
mod calls;
mod choices;
mod client;
mod clock;
mod discovery;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod http;
mod id_token;
mod json;
mod jwks;
mod jwt;
pub mod limits;
mod log;
#[cfg(all(test, shuttle))]
mod models;
mod operation;
mod options;
mod profile;
#[cfg(all(test, not(shuttle)))]
mod properties;
mod reason;
mod redact;
mod request;
mod response;
mod secret;
mod session;
mod site;
pub mod store;
#[allow(unsafe_code)]
mod sys;
mod task;
mod threads;
mod time;
mod tokens;
mod url;
mod worker;

pub use call::Call;
pub use choices::{AppKind, Encoding, EndpointKind, Hint, Level, Limit, SecretMethod, TokenKind};
pub use client::Client;
pub use clock::Clock;
pub use error::{Details, Error};
pub(crate) use jwt::unverified_claims;
pub use log::Sink;
pub use options::{Lookup, Options};
pub use reason::{REASONS, Reason, ReasonRow, Stage, Status};
pub use request::{Progress, Request};
pub use response::Response;
pub use secret::{Secret, SecretBytes};
pub use session::{ApiCall, Held, Session, SessionInfo, SessionState};
pub(crate) use sys::registers::wipe_registers;
pub use tokens::Tokens;
pub use url::{Endpoint, Origin};
pub use worker::{DEFAULT_WORKERS, MOST_WORKERS, set_workers, shutdown};
