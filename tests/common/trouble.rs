//! For tests of what goes wrong: how a call must have failed, how long it may
//! take, and tests that need a process of their own.

// Every test program compiles this file, and none uses all of it.
#![allow(dead_code)]

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use ropc::oauth::{Client, Error, Reason, Stage, Tokens};

use crate::common::expect_reason;

/// Far more than anything here takes, far less than a person would wait. A
/// bound on hangs, not a measure of speed.
pub const SOON: Duration = Duration::from_secs(15);

/// A password that no server of ours knows: where it turns up, it leaked.
pub const CANARY: &str = "canary-9f2c \"é\" never-leaves";

/// The error of what must fail so, there, and with the request sent or not.
#[track_caller]
pub fn expect_failure<T>(result: Result<T, Error>, reason: Reason, stage: Stage, request_sent: bool) -> Error {
    let error = expect_reason(result, reason);
    assert_eq!((error.stage, error.request_sent), (stage, request_sent), "{error:?}");
    assert!(!format!("{error:?}{error}").contains("canary"), "{error:?}");
    error
}

/// What `work` gives, which must come before [`SOON`] is over.
#[track_caller]
pub fn soon<T>(work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    assert!(started.elapsed() < SOON, "took {:?}", started.elapsed());
    result
}

/// Signs in with a password that must not get anywhere.
pub fn login_with_canary(client: &Client) -> Result<Tokens, Error> {
    soon(|| client.login("ada", CANARY))
}

/// Waits until `done`, for what nothing announces; panics after [`SOON`].
#[track_caller]
pub fn until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < SOON, "still waiting until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Set in the processes that [`alone`] starts.
const ALONE: &str = "ROPC_TEST_ALONE";

/// Variables that would change what a client does. Tests see none of them
/// but those they set.
const ENVIRONMENT: &[&str] = &[
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
];

/// Whether this is a process that [`alone`] started.
pub fn is_alone() -> bool {
    std::env::var_os(ALONE).is_some()
}

/// Runs the test named `test`, which calls this first, again in a process of
/// its own with these variables; there, `body` runs. For what belongs to a
/// whole process: its environment, its forks, its count of stuck look-ups.
#[track_caller]
pub fn alone(test: &str, variables: &[(&str, &str)], body: impl FnOnce()) {
    if is_alone() {
        return body();
    }
    let program = std::env::current_exe().expect("the test program");
    let mut command = Command::new(program);
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(ALONE, "1");
    for name in ENVIRONMENT {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).output().expect("a process");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // A misspelled name would run nothing and succeed.
    assert!(output.status.success() && told.contains("1 passed"), "{test} with {variables:?}:\n{told}");
}
