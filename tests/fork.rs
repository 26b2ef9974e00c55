//! A process that forks: parent and child go on with the same client, each on
//! connections of its own, and nothing hangs on what another thread was doing
//! at that moment. Each test is a process of its own.

#![cfg(unix)]

mod common;
#[path = "common/trouble.rs"]
mod trouble;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use common::{client, expect_tokens, trusting};
use ropc::oauth::{Client, Level, Options, Reason, Stage};
use standin::{After, CLIENT, PASSWORD, Standin};
use trouble::{SOON, alone, expect_failure};

/// Settings without a look-up: the resolver of the C library is not made for
/// a child of a process with threads.
fn by_address(server: &Standin) -> Options {
    let site = format!("127.0.0.1:{}", server.https_port());
    trusting(server, Options::loginradius(&site, "demo", CLIENT))
}

/// A child of this process.
struct Child(i32);

impl Child {
    /// Forks; `work` runs in the child only, which then ends.
    fn start(work: impl FnOnce()) -> Child {
        // SAFETY: the child runs `work` and ends by _exit; it never returns
        // into the test harness.
        let id = unsafe { libc::fork() };
        assert!(id >= 0, "no process could be started");
        if id == 0 {
            end_child(work);
        }
        Child(id)
    }

    /// Waits for its end, which must be a good one.
    #[track_caller]
    fn join(self) {
        let mut status = -1;
        // SAFETY: waits for the child this was made for, and writes to a local.
        let ended = unsafe { libc::waitpid(self.0, &mut status, 0) };
        assert_eq!((ended, status), (self.0, 0), "the child failed, or hung and was killed");
    }
}

/// In a child: runs `work` and ends the process, with 0 unless it panics.
fn end_child(work: impl FnOnce()) -> ! {
    // SAFETY: ends a child that hangs; nobody handles that signal.
    unsafe { libc::alarm(SOON.as_secs() as u32) };
    let failed = catch_unwind(AssertUnwindSafe(work)).is_err();
    // SAFETY: no destructors and no handlers run: those are the parent's.
    unsafe { libc::_exit(i32::from(failed)) };
}

/// One end tells the other that it got there, across processes.
struct Signal(std::io::PipeReader, std::io::PipeWriter);

impl Signal {
    fn new() -> Signal {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        Signal(reader, writer)
    }

    fn tell(&self) {
        (&self.1).write_all(b"!").expect("the other end is open");
    }

    /// Hangs when nobody tells; then the child's alarm ends both.
    fn wait(&self) {
        let mut byte = [0];
        std::io::Read::read_exact(&mut &self.0, &mut byte).expect("the other end tells");
    }
}

/// The connections of the requests seen so far.
fn connections(server: &Standin) -> Vec<u64> {
    server.requests().iter().map(|seen| seen.connection).collect()
}

#[test]
fn both_sides_go_on() {
    alone("both_sides_go_on", &[], || {
        let server = Standin::start();
        let client = client(&by_address(&server));
        let login = || expect_tokens(client.login("ada", PASSWORD));
        login();
        // Turn by turn, so that each finds the other's connection in use.
        let (to_parent, to_child) = (Signal::new(), Signal::new());
        let child = Child::start(|| {
            login();
            to_parent.tell();
            to_child.wait();
            login();
        });
        to_parent.wait();
        let flights = server.flights();
        login();
        assert_eq!(server.flights(), flights + 1, "the parent's connection is as warm as before");
        to_child.tell();
        child.join();
        login();
        assert_eq!(connections(&server), [1, 2, 1, 2, 1]);
        assert_eq!(server.connections(), 2);
    });
}

#[test]
fn a_client_that_was_never_used_works_in_both() {
    alone("a_client_that_was_never_used_works_in_both", &[], || {
        let server = Standin::start();
        let client = client(&by_address(&server));
        let child = Child::start(|| {
            expect_tokens(client.login("ada", PASSWORD));
        });
        expect_tokens(client.login("ada", PASSWORD));
        child.join();
        assert_eq!((server.connections(), server.requests().len()), (2, 2));
    });
}

#[test]
fn a_grandchild_works() {
    alone("a_grandchild_works", &[], || {
        let server = Standin::start();
        let client = client(&by_address(&server));
        let login = || expect_tokens(client.login("ada", PASSWORD));
        login();
        let child = Child::start(|| {
            login();
            Child::start(|| {
                login();
                login();
            })
            .join();
            login();
        });
        child.join();
        login();
        assert_eq!(connections(&server), [1, 2, 3, 3, 2, 1]);
    });
}

#[test]
fn a_child_may_free_the_client() {
    alone("a_child_may_free_the_client", &[], || {
        let server = Standin::start();
        let mut clients = [Some(client(&by_address(&server))), Some(client(&by_address(&server)))];
        for client in clients.iter().flatten() {
            expect_tokens(client.login("ada", PASSWORD));
        }
        let child = Child::start(|| {
            // One as it was inherited, one that was used here.
            clients[0] = None;
            expect_tokens(clients[1].take().expect("a client").login("ada", PASSWORD));
        });
        child.join();
        // The parent's connections have not noticed.
        for client in clients.iter().flatten() {
            expect_tokens(client.login("ada", PASSWORD));
        }
        assert_eq!(connections(&server), [1, 2, 3, 1, 2]);
    });
}

#[test]
fn a_child_lets_go_of_the_parent_s_connections() {
    alone("a_child_lets_go_of_the_parent_s_connections", &[], || {
        let server = Standin::start();
        let client = client(&by_address(&server));
        expect_tokens(client.login("ada", PASSWORD));
        let (to_parent, to_child) = (Signal::new(), Signal::new());
        let child = Child::start(|| {
            expect_tokens(client.login("ada", PASSWORD));
            to_parent.tell();
            to_child.wait();
        });
        to_parent.wait();
        assert_eq!(server.open(), 2);
        // The last copy of the first connection: the server sees its end
        // although the child lives.
        drop(client);
        assert!(server.wait_open(1, SOON), "the child still holds it");
        to_child.tell();
        child.join();
    });
}

#[test]
fn a_call_belongs_to_its_process() {
    alone("a_call_belongs_to_its_process", &[], || {
        let server = Standin::start();
        let client = client(&by_address(&server));
        let call = client.call();
        let child = Child::start(|| {
            expect_failure(client.login_in(&call, "ada", PASSWORD), Reason::State, Stage::Setup, false);
            expect_tokens(client.login("ada", PASSWORD));
        });
        child.join();
        expect_tokens(client.login_in(&call, "ada", PASSWORD));
        assert_eq!(server.requests().len(), 2);
    });
}

#[test]
fn a_fork_during_another_thread_s_login() {
    alone("a_fork_during_another_thread_s_login", &[], || {
        let server = Standin::start();
        let (release, wait) = channel::<()>();
        let wait = Mutex::new(wait);
        let first = AtomicBool::new(true);
        server.script(move |_, _| {
            if first.swap(false, Ordering::SeqCst) {
                let _ = wait.lock().expect("nobody panics").recv();
            }
            After::Answer
        });
        let client = client(&by_address(&server));
        let call = client.call();
        thread::scope(|scope| {
            let login = scope.spawn(|| client.login_in(&call, "ada", PASSWORD));
            assert!(server.wait_requests(1, SOON));
            let child = Child::start(|| {
                expect_tokens(client.login("ada", PASSWORD));
                // Not ours to end.
                call.cancel();
            });
            child.join();
            drop(release);
            expect_tokens(login.join().expect("no panic"));
        });
        assert_eq!(connections(&server), [1, 2]);
    });
}

#[test]
fn a_fork_during_another_thread_s_lookup() {
    alone("a_fork_during_another_thread_s_lookup", &[], || {
        let server = Standin::start();
        let (begun, beginning) = channel();
        let (release, wait) = channel::<()>();
        let wait = Mutex::new(wait);
        let first = AtomicBool::new(true);
        let mut options = common::loginradius(&server);
        options.set_lookup(Arc::new(move |_| {
            if first.swap(false, Ordering::SeqCst) {
                begun.send(()).expect("the test waits");
                let _ = wait.lock().expect("nobody panics").recv();
            }
            Ok(vec![[127, 0, 0, 1].into()])
        }));
        let client = client(&options);
        thread::scope(|scope| {
            let login = scope.spawn(|| client.login("ada", PASSWORD));
            beginning.recv_timeout(SOON).expect("it begins");
            // The child does not wait for a look-up that nobody does here.
            let child = Child::start(|| {
                expect_tokens(client.login("ada", PASSWORD));
            });
            child.join();
            drop(release);
            expect_tokens(login.join().expect("no panic"));
        });
    });
}

#[test]
fn forks_at_any_moment() {
    const CHILDREN: usize = 40;
    alone("forks_at_any_moment", &[], || {
        let server = Standin::start();
        let options = by_address(&server);
        let done = AtomicBool::new(false);
        // New ones all the time: a first use has more to set up than others.
        let newest: Mutex<Arc<Client>> = Mutex::new(Arc::new(client(&options)));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let client = newest.lock().expect("nobody panics").clone();
                        expect_tokens(client.login("ada", PASSWORD));
                    }
                });
            }
            for _ in 0..CHILDREN {
                let shared = Arc::new(client(&options));
                *newest.lock().expect("nobody panics") = shared.clone();
                thread::sleep(Duration::from_millis(3));
                let child = Child::start(|| {
                    expect_tokens(shared.login("ada", PASSWORD));
                    expect_tokens(shared.login("ada", PASSWORD));
                });
                child.join();
            }
            done.store(true, Ordering::Relaxed);
        });
        assert!(server.requests().len() >= 2 * CHILDREN);
    });
}

/// Forks within the log line that has this in it, once.
fn fork_in_the_log(test: &str, at: &'static str) {
    alone(test, &[], || {
        static FORKED: OnceLock<i32> = OnceLock::new();
        let server = Standin::start();
        let mut options = by_address(&server);
        let sink = move |_: Level, line: &str| {
            if line.contains(at) && FORKED.get().is_none() {
                // SAFETY: the child returns from here into the login, whose
                // end is below, where it leaves by _exit.
                let id = unsafe { libc::fork() };
                FORKED.set(id).expect("once");
                if id > 0 {
                    // The child goes first: what it does to the connection
                    // they share, the parent would notice.
                    Child(id).join();
                }
            }
        };
        options.set_log(Level::Debug, Some(Arc::new(sink)));
        let client = client(&options);
        let result = client.login("ada", PASSWORD);
        match FORKED.get() {
            Some(0) => end_child(|| {
                let error = result.expect_err("the call is the parent's");
                assert_eq!((error.reason(), error.request_sent), (Reason::State, false), "{error:?}");
                // A call of its own works.
                expect_tokens(client.login("ada", PASSWORD));
            }),
            _ => drop(expect_tokens(result)),
        }
        expect_tokens(client.login("ada", PASSWORD));
        // The child's one, and the parent's two on one connection.
        assert_eq!((server.connections(), server.requests().len()), (2, 3));
        let connections = connections(&server);
        assert_eq!(connections[1], connections[2]);
    });
}

#[test]
fn a_fork_in_the_log_before_anything() {
    fork_in_the_log("a_fork_in_the_log_before_anything", "POST");
}

#[test]
fn a_fork_in_the_log_when_connected() {
    fork_in_the_log("a_fork_in_the_log_when_connected", "connected to");
}
