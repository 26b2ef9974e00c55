//! For tests of what goes wrong: how a call must have failed, how long it may
//! take, and tests that need a process of their own.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use ropc::oauth::{Client, Error, Lookup, Options, Progress, Reason, Request, Stage, Tokens};

use crate::common::expect_reason;

/// Where the stand-in listens.
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A port of loopback at which nothing listens.
pub fn closed_port() -> u16 {
    let listener = TcpListener::bind((HERE, 0)).expect("a port");
    listener.local_addr().expect("it is bound").port()
}

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

/// Settings under which no time limit ends a call before the test would fail
/// for slowness.
pub fn patient(mut options: Options) -> Options {
    options.set_timeouts(60_000, 60_000).expect("valid");
    options
}

/// A request that was started.
#[track_caller]
pub fn started(request: Result<Request, Error>) -> Request {
    let request = request.expect("what it asks for is right");
    request.start().expect("a thread for it");
    request
}

/// What a request ended with, which must come before [`SOON`] is over.
#[track_caller]
pub fn ended(request: &Request) -> Result<Tokens, Error> {
    // Longer than it may take: a wait that misses the end is not soon over.
    assert_ne!(soon(|| request.wait(2 * SOON)), Progress::Pending, "it does not end");
    request.take_tokens().map(|tokens| tokens.expect("it has ended"))
}

/// Waits for what another thread announces.
#[track_caller]
pub fn await_event(event: &Receiver<()>) {
    event.recv_timeout(SOON).expect("it happens");
}

/// A look-up that hangs until this is dropped, and then finds [`HERE`].
pub struct Hang {
    begun: Receiver<()>,
    _release: Sender<()>,
}

impl Hang {
    /// Waits until somebody hangs.
    #[track_caller]
    pub fn await_begin(&self) {
        await_event(&self.begun);
    }
}

/// Never finds anything until the other is dropped.
pub fn hangs() -> (Lookup, Hang) {
    let (begin, begun) = channel();
    let (release, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let lookup = move |_: &str| {
        // Nobody may be interested.
        let _ = begin.send(());
        // An error is the end of the sender.
        let _ = wait.lock().expect("nobody panics").recv();
        Ok(vec![HERE])
    };
    (Arc::new(lookup), Hang { begun, _release: release })
}

/// A listener at which something arrives, and then nothing more happens.
pub fn silent_listener() -> (u16, Receiver<()>) {
    let listener = TcpListener::bind((HERE, 0)).expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let (arrived, arrival) = channel();
    // Ends when the client hangs up.
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        stream.read_exact(&mut [0]).expect("its first byte");
        arrived.send(()).expect("the test waits");
        while stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
    });
    (port, arrival)
}

/// How many threads of this process have a name that begins so. One that was
/// joined is listed a moment longer, and not counted.
#[cfg(target_os = "linux")]
pub fn threads(name: &str) -> usize {
    /// In the flags: it runs nothing but its own end.
    const PF_EXITING: u32 = 4;
    let lives = |stat: String| {
        // "id (name) state parent group session terminal its-group flags ..."
        let (before, after) = stat.rsplit_once(')')?;
        let (_, found) = before.split_once('(')?;
        let flags: u32 = after.split_whitespace().nth(6)?.parse().ok()?;
        Some(found.starts_with(name) && flags & PF_EXITING == 0)
    };
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux tells its threads");
    // One that ends meanwhile can no longer be read.
    let stats = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok());
    stats.filter_map(lives).filter(|lives| *lives).count()
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
