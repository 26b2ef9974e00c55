//! A process that forks: parent and child go on with the same client, each on
//! connections of its own, and nothing hangs on what another thread was doing
//! at that moment. Each test is a process of its own.

#![cfg(unix)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use common::child::{Child, Signal, end_child};
use common::trouble::{SOON, alone, ended, expect_failure, patient, soon, started, until};
use common::{client, expect_tokens, trusting};
use ropc::oauth::{Client, Level, Options, Progress, Reason, Request, Stage, set_workers, shutdown};
use standin::{After, CLIENT, PASSWORD, Standin};

/// Settings without a look-up: the resolver of the C library is not made for
/// a child of a process with threads.
fn by_address(server: &Standin) -> Options {
    let site = format!("127.0.0.1:{}", server.https_port());
    trusting(server, Options::loginradius(&site, "demo", CLIENT))
}

/// Holds the answer to the first request until the sender is dropped.
fn hold_first(server: &Standin) -> Sender<()> {
    let (release, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let first = AtomicBool::new(true);
    server.script(move |_, _| {
        if first.swap(false, Ordering::SeqCst) {
            let _ = wait.lock().expect("nobody panics").recv();
        }
        After::Answer
    });
    release
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

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_frees_what_it_never_used_lets_go_of_it_too() {
    alone("a_child_that_frees_what_it_never_used_lets_go_of_it_too", &[], || {
        let server = Standin::start();
        let client = client(&by_address(&server));
        expect_tokens(client.login("ada", PASSWORD));
        let child = Child::start(|| {
            let open = || std::fs::read_dir("/proc/self/fd").expect("Linux has it").count();
            let before = open();
            drop(client);
            assert_eq!(open(), before - 1, "the parent's connection");
        });
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
        let release = hold_first(&server);
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
            for beside in [false, false, true, true] {
                let (done, newest) = (&done, &newest);
                scope.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        let client = newest.lock().expect("nobody panics").clone();
                        expect_tokens(match beside {
                            false => client.login("ada", PASSWORD),
                            true => ended(&started(client.request_login("ada", PASSWORD))),
                        });
                    }
                });
            }
            for _ in 0..CHILDREN {
                let shared = Arc::new(client(&options));
                *newest.lock().expect("nobody panics") = shared.clone();
                thread::sleep(Duration::from_millis(3));
                let child = Child::start(|| {
                    expect_tokens(shared.login("ada", PASSWORD));
                    expect_tokens(ended(&started(shared.request_login("ada", PASSWORD))));
                    assert_eq!(shutdown(SOON), 0);
                });
                child.join();
            }
            done.store(true, Ordering::Relaxed);
        });
        assert!(server.requests().len() >= 2 * CHILDREN);
    });
}

/// What a child may do with a request of its parent: nothing, and it is told
/// so at once.
#[track_caller]
fn is_not_ours(request: &Request) {
    soon(|| {
        assert_eq!((request.poll(), request.wait(2 * SOON)), (Progress::Unusable, Progress::Unusable));
        let refusals =
            [request.start(), request.cancel(), request.take_tokens().map(drop), request.take_done().map(drop)];
        for refusal in refusals {
            let error = expect_failure(refusal, Reason::State, Stage::Setup, false);
            assert!(error.message.contains("forked"), "{error}");
        }
    });
}

#[test]
fn requests_stay_with_the_parent() {
    alone("requests_stay_with_the_parent", &[], || {
        // Two run while one waits in the queue.
        set_workers(2).expect("allowed");
        let server = Standin::start();
        let client = client(&patient(by_address(&server)));
        let login = || client.request_login("ada", PASSWORD);
        let done = started(login());
        assert_eq!(done.wait(SOON), Progress::Succeeded);
        let release = hold_first(&server);
        let running = started(login());
        assert!(server.wait_requests(2, SOON));
        let never = started(client.request_login("fault:never", PASSWORD));
        assert!(server.wait_requests(3, SOON));
        let mut all = [Some(login().expect("valid")), Some(running), Some(never), Some(started(login())), Some(done)];
        let child = Child::start(|| {
            all.iter().flatten().for_each(is_not_ours);
            // Neither this nor the end of the child's own concerns them.
            client.cancel();
            all.fill_with(|| None);
            assert_eq!(shutdown(SOON), 0);
            for _ in 0..3 {
                expect_tokens(ended(&started(login())));
            }
            expect_tokens(client.login("ada", PASSWORD));
            assert_eq!(soon(|| shutdown(SOON)), 0);
        });
        child.join();
        let [prepared, running, never, queued, done] = all.map(|request| request.expect("only the child's are gone"));
        let polled = [&prepared, &running, &never, &queued, &done].map(Request::poll);
        let pending = Progress::Pending;
        assert_eq!(polled, [Progress::Unusable, pending, pending, pending, Progress::Succeeded]);
        drop(release);
        prepared.start().expect("a thread");
        for request in [running, queued, done, prepared] {
            expect_tokens(ended(&request));
        }
        never.cancel().expect("it is ours");
        expect_failure(ended(&never), Reason::Cancelled, Stage::Receive, true);
        assert_eq!(shutdown(SOON), 0);
    });
}

#[test]
fn a_connection_made_ahead_stays_with_the_parent() {
    alone("a_connection_made_ahead_stays_with_the_parent", &[], || {
        let server = Standin::start();
        let client = client(&by_address(&server));
        client.connect().expect("a connection");
        let child = Child::start(|| {
            client.connect().expect("a connection");
            expect_tokens(client.login("ada", PASSWORD));
        });
        child.join();
        expect_tokens(client.login("ada", PASSWORD));
        assert_eq!((connections(&server), server.connections()), (vec![2, 1], 2));
    });
}

#[test]
fn a_fork_in_the_log_of_a_request() {
    alone("a_fork_in_the_log_of_a_request", &[], || {
        static FORKED: OnceLock<i32> = OnceLock::new();
        let server = Standin::start();
        let mut options = by_address(&server);
        let sink = |_: Level, _: &str| {
            if FORKED.get().is_none() {
                // SAFETY: the child returns from here into the wait, whose end
                // is below, where it leaves by _exit.
                FORKED.set(unsafe { libc::fork() }).expect("once");
            }
        };
        options.set_log(Level::Info, Some(Arc::new(sink)));
        let client = client(&options);
        let request = started(client.request_login("ada", PASSWORD));
        until("it has ended", || request.poll() != Progress::Pending);
        let progress = request.wait(SOON);
        match FORKED.get() {
            Some(0) => end_child(|| is_not_ours(&request)),
            Some(child) => Child(*child).join(),
            None => panic!("nothing was logged"),
        }
        assert_eq!(progress, Progress::Succeeded);
        expect_tokens(ended(&request));
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
                assert_eq!((error.reason, error.request_sent), (Reason::State, false), "{error:?}");
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
