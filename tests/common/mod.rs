//! What the integration tests share: a stand-in server and clients for it.

// Every test program compiles this file, and none uses all of it.
#![allow(dead_code)]

pub mod after;
pub mod canary;
#[cfg(unix)]
pub mod child;
pub mod issued;
pub mod part;
pub mod session;
pub mod trouble;

use std::sync::Arc;

use ropc::oauth::{Client, Error, Level, Options, Reason, SecretMethod, Stage, Status, Tokens};
use standin::{CLIENT, SECRET, SECRET_CLIENT, Standin};

/// The app that the stand-in knows.
pub const APP: &str = "demo";

/// Settings that trust the stand-in's CA and never go through a proxy; each log
/// line is looked through for secrets.
pub fn trusting(server: &Standin, options: Result<Options, Error>) -> Options {
    let mut options = options.expect("valid settings");
    options.set_ca_pem(server.ca_pem().as_bytes()).expect("the stand-in's CA");
    options.set_proxy("").expect("no proxy");
    options.set_log(Level::Debug, Some(Arc::new(canary::log)));
    options
}

/// Settings for the stand-in as LoginRadius, over TLS.
pub fn loginradius(server: &Standin) -> Options {
    trusting(server, Options::loginradius(&server.https(), APP, CLIENT))
}

/// Settings for the stand-in as any RFC 6749 server, over TLS.
pub fn generic(server: &Standin) -> Options {
    trusting(server, Options::oauth2(&format!("{}/token", server.https()), CLIENT))
}

/// The same for the client that has a secret, at the stand-in's `path`.
pub fn with_secret(server: &Standin, path: &str, method: SecretMethod) -> Options {
    let mut options = trusting(server, Options::oauth2(&format!("{}{path}", server.https()), SECRET_CLIENT));
    options.set_secret(SECRET, method).expect("a secret");
    options
}

/// A client from settings that are right.
pub fn client(options: &Options) -> Client {
    Client::new(options).expect("a client")
}

/// The error of what must fail for `reason`.
#[track_caller]
pub fn expect_reason<T>(result: Result<T, Error>, reason: Reason) -> Error {
    let error = result.err().unwrap_or_else(|| panic!("succeeded instead of failing for {reason:?}"));
    assert_eq!(error.reason, reason, "{error:?}");
    canary::clean("an error", &format!("{error} {error:?} {}", error.message));
    error
}

/// The tokens of what must succeed.
#[track_caller]
pub fn expect_tokens(result: Result<Tokens, Error>) -> Tokens {
    let tokens = result.unwrap_or_else(|error| panic!("failed: {error:?}"));
    canary::clean("Debug of tokens", &format!("{tokens:?}"));
    tokens
}

/// A refused argument: the message has its name and `why` in it.
#[track_caller]
pub fn refuses<T>(result: Result<T, Error>, name: &str, why: &str) -> Error {
    let error = expect_reason(result, Reason::Argument);
    assert_eq!((error.status(), error.stage), (Status::Arg, Stage::Setup), "{error:?}");
    assert!(!error.request_sent && !error.retryable(), "{error:?}");
    assert!(error.message.contains(name) && error.message.contains(why), "{name}, {why}: {}", error.message);
    error
}

/// Texts at their longest and one byte over it.
pub fn at_limit(most: usize) -> (String, String) {
    ("x".repeat(most), "x".repeat(most + 1))
}
