//! Where log lines come out: those of a blocking call in its thread, as they
//! arise; those of a request in the queue, and from there to the program's
//! function in the program's own calls, never on a thread of the library.

mod common;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, ThreadId};

use common::trouble::{CANARY, SOON, ended, patient, started, until};
use common::{client, expect_reason, expect_tokens, loginradius};
use ropc::oauth::{Client, Level, Options, Progress, Reason, Request, Stage};
use standin::{PASSWORD, Standin};

/// Lines, and the threads in which they came.
type Lines = Arc<Mutex<Vec<(ThreadId, String)>>>;

/// Settings with a function that keeps what it gets.
fn keeping(server: &Standin, level: Level) -> (Options, Lines) {
    let lines = Lines::default();
    let (keep, mut options) = (lines.clone(), patient(loginradius(server)));
    let sink = move |_: Level, line: &str| {
        keep.lock().expect("nobody panics").push((thread::current().id(), line.to_owned()));
    };
    options.set_log(level, Some(Arc::new(sink)));
    (options, lines)
}

/// The lines so far, all of which must have come in this thread.
#[track_caller]
fn mine(lines: &Lines) -> Vec<String> {
    let lines = std::mem::take(&mut *lines.lock().expect("nobody panics"));
    assert!(lines.iter().all(|(thread, _)| *thread == thread::current().id()), "{lines:?}");
    lines.into_iter().map(|(_, line)| line).collect()
}

/// A request that has ended, and nobody waited.
fn over(client: &Client) -> Request {
    let request = started(client.request_login("ada", PASSWORD));
    until("it has ended", || request.poll() != Progress::Pending);
    request
}

/// All that is in the queue.
fn queued(client: &Client) -> Vec<String> {
    std::iter::from_fn(|| client.next_log()).map(|(_, line)| line).collect()
}

#[track_caller]
fn is_one_login(lines: &[String]) {
    let (first, last) = (lines.first().expect("lines"), lines.last().expect("lines"));
    assert!(first.starts_with("grant password: POST https://"), "{lines:?}");
    assert!(last.starts_with("grant password: tokens"), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line.contains("POST")).count(), 1, "{lines:?}");
}

#[test]
fn lines_of_a_request_come_out_in_the_program_s_own_calls() {
    let server = Standin::start();
    let (options, lines) = keeping(&server, Level::Debug);
    let client = client(&options);
    let wait = |request: &Request| assert_eq!(request.wait(SOON), Progress::Succeeded);
    let take = |request: &Request| drop(expect_tokens(request.take_tokens().map(|tokens| tokens.expect("over"))));
    let take_wrong = |request: &Request| drop(expect_reason(request.take_done(), Reason::State));
    let calls: [&dyn Fn(&Request); 3] = [&wait, &take, &take_wrong];
    for call in calls {
        let request = over(&client);
        // A poll calls nothing.
        assert_eq!(mine(&lines), Vec::<String>::new());
        call(&request);
        is_one_login(&mine(&lines));
        assert_eq!(client.next_log(), None);
    }
}

#[test]
fn a_blocking_call_hands_them_out_before_its_own() {
    let server = Standin::start();
    let (options, lines) = keeping(&server, Level::Info);
    let client = client(&options);
    let request = over(&client);
    expect_tokens(client.login("ada", PASSWORD));
    let lines = mine(&lines);
    let (of_request, of_call) = lines.split_at(lines.len() / 2);
    is_one_login(of_request);
    is_one_login(of_call);
    assert_eq!(of_request[0], of_call[0]);
    expect_tokens(ended(&request));
}

#[test]
fn a_line_comes_to_whoever_asks_first() {
    let server = Standin::start();
    let (options, lines) = keeping(&server, Level::Info);
    let client = client(&options);
    let request = over(&client);
    let pulled = queued(&client);
    is_one_login(&pulled);
    expect_tokens(ended(&request));
    assert!(mine(&lines).is_empty(), "told twice");
    // In another thread than the one that started it.
    let request = over(&client);
    thread::scope(|scope| {
        scope.spawn(|| {
            request.wait(SOON);
            is_one_login(&mine(&lines));
        });
    });
}

#[test]
fn without_a_function_they_wait_in_the_queue() {
    let server = Standin::start();
    let mut options = patient(loginradius(&server));
    options.set_log(Level::Info, None);
    let client = client(&options);
    let request = over(&client);
    expect_tokens(ended(&request));
    is_one_login(&queued(&client));
    expect_tokens(client.login("ada", PASSWORD));
    is_one_login(&queued(&client));
    assert_eq!(client.next_log(), None);
}

#[test]
fn a_level_holds_for_requests() {
    let server = Standin::start();
    let (mut options, lines) = keeping(&server, Level::Error);
    expect_tokens(ended(&over(&client(&options))));
    assert!(mine(&lines).is_empty());
    options.set_log(Level::Off, None);
    let client = client(&options);
    expect_tokens(ended(&over(&client)));
    assert_eq!(client.next_log(), None);
}

#[test]
fn the_queue_holds_256_lines_and_loses_the_oldest() {
    const REQUESTS: usize = 150;
    let server = Standin::start();
    for with_function in [false, true] {
        let (mut options, lines) = keeping(&server, Level::Info);
        if !with_function {
            options.set_log(Level::Info, None);
        }
        options.set_lookup(Arc::new(|_| Err(io::Error::other("no network"))));
        let client = client(&options);
        let mut last = None;
        // Two lines each, told apart by the name of the grant.
        for at in 0..REQUESTS {
            let request = started(client.request_grant(&format!("g{at}"), &[]));
            until("it has ended", || request.poll() != Progress::Pending);
            last = Some(request);
        }
        let kept = if with_function {
            last.expect("some").wait(SOON);
            mine(&lines)
        } else {
            queued(&client)
        };
        assert_eq!(kept.len(), 256);
        let of = |line: &str, at: usize| line.starts_with(&format!("grant g{at}: "));
        for (index, line) in kept.iter().enumerate() {
            assert!(of(line, REQUESTS - 128 + index / 2), "{index}: {line}");
        }
    }
}

#[test]
fn no_line_and_no_debug_has_the_password() {
    let server = Standin::start();
    let (options, lines) = keeping(&server, Level::Debug);
    let client = client(&options);
    for user in ["ada", "fault:never", "fault:bad_status_line"] {
        let request = started(client.request_login(user, CANARY));
        assert!(server.wait_requests(1, SOON));
        server.take_requests();
        request.cancel().expect("any time");
        let error = ended(&request).expect_err("it is not the password");
        assert!(!format!("{error:?}{error}{:?}", request.poll()).contains("canary"), "{error:?}");
    }
    let lines = mine(&lines);
    assert!(lines.len() >= 6 && !format!("{lines:?}").contains("canary"), "{lines:?}");
}

#[test]
fn the_function_may_use_the_library() {
    let server = Standin::start();
    let shared: Arc<OnceLock<(Client, Request)>> = Arc::default();
    let (inside, calls) = (AtomicBool::new(false), Arc::new(Mutex::new(Vec::new())));
    let (theirs, results) = (shared.clone(), calls.clone());
    let sink = move |_: Level, line: &str| {
        // What it does has lines of its own.
        if inside.swap(true, Ordering::SeqCst) {
            return;
        }
        let (client, request) = theirs.get().expect("set before anything is logged");
        let polled = (request.poll(), request.wait(SOON));
        let other = started(client.request_login("ada", PASSWORD));
        expect_tokens(client.login("ada", PASSWORD));
        expect_tokens(ended(&other));
        other.cancel().expect("any time");
        drop(other);
        results.lock().expect("nobody panics").push((polled, line.to_owned(), client.next_log()));
        inside.store(false, Ordering::SeqCst);
    };
    let mut options = patient(loginradius(&server));
    options.set_log(Level::Info, Some(Arc::new(sink)));
    let client = client(&options);
    let request = client.request_login("ada", PASSWORD).expect("valid");
    assert!(shared.set((client, request)).is_ok());
    let (_, request) = shared.get().expect("just set");
    request.start().expect("a thread");
    until("it has ended", || request.poll() != Progress::Pending);
    // Its function takes what it itself may take, and the result stays.
    assert_eq!(request.wait(SOON), Progress::Succeeded);
    let calls = calls.lock().expect("nobody panics");
    assert!(!calls.is_empty());
    assert!(calls.iter().all(|(polled, _, _)| *polled == (Progress::Succeeded, Progress::Succeeded)), "{calls:?}");
    drop(calls);
    expect_tokens(ended(request));
}

#[test]
fn a_bug_after_the_request_left_says_that_it_left() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    // The program's own code: the nearest place for a bug.
    let sink = |_: Level, line: &str| assert!(!line.starts_with("answer:"), "on purpose");
    options.set_log(Level::Debug, Some(Arc::new(sink)));
    let error = expect_reason(client(&options).login("ada", PASSWORD), Reason::Bug);
    assert_eq!((error.stage, error.request_sent), (Stage::Answer, true));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_take_ends_although_there_is_always_another_line() {
    let server = Standin::start();
    let (mut options, client) = (patient(loginradius(&server)), Arc::new(OnceLock::<Client>::new()));
    let (mine, lines) = (client.clone(), Arc::new(Mutex::new(0)));
    let count = lines.clone();
    // Each line that comes out makes others: without a bound for ever.
    let sink = move |_: Level, _: &str| {
        let mut count = count.lock().expect("nobody panics");
        *count += 1;
        if *count < 50 {
            drop(over(mine.get().expect("it is there")));
        }
    };
    options.set_log(Level::Debug, Some(Arc::new(sink)));
    let client = client.get_or_init(|| common::client(&options));
    let request = over(client);
    expect_tokens(request.take_tokens().map(|tokens| tokens.expect("over")));
    let came = *lines.lock().expect("nobody panics");
    assert!((2..10).contains(&came), "{came} lines of one login");
}
