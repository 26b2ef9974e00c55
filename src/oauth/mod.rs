//! The core: safe Rust, decides everything, usable from Rust as it is.
//!
//! ```no_run
//! use ropc::oauth::{Client, Options};
//!
//! # fn main() -> Result<(), ropc::oauth::Error> {
//! let options = Options::loginradius("acme.hub.loginradius.com", "demo", "client-id")?;
//! let client = Client::new(&options)?;
//! let tokens = client.login("ada@example.com", "correct horse")?;
//! println!("good until {}", tokens.expires_at);
//! # Ok(())
//! # }
//! ```
//!
//! `Client` writes the request and reads the answer; `answer` decides what it
//! means; `profile` holds what differs between servers; `http` is the wire;
//! `sys` is the operating system. A call runs in the thread that makes it; a
//! `Request` has a `worker` run the same.

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
mod keys;
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
mod threads;
mod time;
mod tokens;
mod url;
mod worker;

pub use call::{Call, Limits};
pub use choices::{AppKind, Encoding, EndpointKind, Hint, Level, Limit, SecretMethod, Which};
pub use client::Client;
pub use clock::Clock;
pub use error::{Details, Error};
pub use jwt::unverified_claims;
pub use log::Sink;
pub use options::{Lookup, Options};
pub use reason::{Reason, Row, Stage, Status, TABLE};
pub use request::{Progress, Request};
pub use response::Response;
pub use secret::{Secret, SecretBytes};
pub use session::{ApiCall, Held, Info, Session, State};
pub(crate) use sys::registers::wipe_registers;
pub use tokens::Tokens;
pub use url::{Endpoint, Origin};
pub use worker::{DEFAULT_WORKERS, MOST_WORKERS, set_workers, shutdown};
