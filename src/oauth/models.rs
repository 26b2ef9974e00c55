//! Models: requests, workers, cancels and shutdowns in every order of their
//! threads that a model checker can think of. What runs is the library itself;
//! only what an operation does and what it waits for are made up here.
//!
//! A thread that is never woken is a deadlock, which the checker reports;
//! `tests/models.py` shows that each model finds faults planted into the code.
//! A failure prints a schedule; `shuttle::replay(model, schedule)` runs it
//! again. The checker knows no weaker memory order than SeqCst.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::thread::{self, JoinHandle};
use shuttle::{Config, Runner};

use super::call::{Call, Limits, Wait};
use super::calls::{Calls, Owner};
use super::error::Error;
use super::reason::{Reason, Stage, Status};
use super::request::{Outcome, Progress, Task, Yields};
use super::secret::Secret;
use super::sys::sync::{Condvar, Mutex, after, lock, wait};
use super::sys::thread::make_scarce;
use super::threads::Threads;
use super::tokens::Tokens;
use super::worker::Workers;

/// Orders tried: at random, and half as many with few changes of thread, which
/// find other faults.
const ORDERS: usize = 30000;
const CHANGES: usize = 3;

const FOR_EVER: Duration = Duration::MAX;
/// A time that may run out, or not.
const SOON: Duration = Duration::from_secs(2);

const PATIENT: Limits = Limits { connect_ms: u32::MAX, total_ms: u32::MAX };
const HASTY: Limits = Limits { connect_ms: 1000, total_ms: 1000 };

const CANCELLED: Progress = Progress::Failed(Status::Cancelled);

/// Runs `model` in many orders.
fn check(model: fn()) {
    let mut config = Config::new();
    // A failed assertion prints a backtrace.
    config.stack_size = 1 << 18;
    config.silence_warnings = true;
    Runner::new(RandomScheduler::new(ORDERS), config.clone()).run(model);
    Runner::new(PctScheduler::new(CHANGES, ORDERS / 2), config).run(model);
}

/// One of `choices`, as the checker likes.
fn one_of<T: Copy, const N: usize>(choices: [T; N]) -> T {
    choices[thread_rng().gen_range(0..N)]
}

fn join<T>(threads: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    threads.into_iter().map(|thread| thread.join().expect("the checker reports panics itself")).collect()
}

/// What a process has one of.
#[derive(Clone)]
struct Process {
    workers: Arc<Workers>,
    calls: Arc<Calls>,
}

impl Process {
    fn new(most: usize) -> Process {
        make_scarce(false);
        let workers = Workers::new(Arc::default(), one_of([Duration::ZERO, SOON, FOR_EVER]));
        workers.set_most(most).expect("a limit that is allowed");
        Process { workers, calls: Arc::default() }
    }

    fn start(&self, task: &Arc<Task>) -> Result<(), Error> {
        task.start(&self.workers, &self.calls)
    }

    fn shutdown(&self, most: Duration) -> usize {
        self.workers.shutdown(&self.calls, most)
    }

    /// Runs `work` in a thread of the program's.
    fn beside<T: Send + 'static>(&self, work: impl FnOnce(&Process) -> T + Send + 'static) -> JoinHandle<T> {
        let process = self.clone();
        thread::spawn(move || work(&process))
    }

    /// The end of every model: nothing is left of `tasks`, nor of anything.
    fn end<const N: usize>(self, tasks: [Arc<Task>; N]) {
        assert_eq!(self.shutdown(FOR_EVER), 0);
        assert!(self.calls.is_empty(), "a call that ended is listed");
        let left: Vec<Weak<Task>> = tasks.iter().map(Arc::downgrade).collect();
        drop(tasks);
        assert!(left.iter().all(|task| task.upgrade().is_none()), "a request is kept by something");
        assert_eq!(Arc::strong_count(&self.workers), 1, "the workers are kept by something");
    }
}

/// What an operation waits for, as it would for a server's answer.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn open(&self) {
        *lock(&self.open) = true;
        self.opened.notify_all();
    }

    fn pass(self: &Arc<Gate>, call: &Call) -> Result<(), Error> {
        call.waiting(self.clone(), || {
            let mut open = lock(&self.open);
            while !*open {
                call.check()?;
                open = wait(&self.opened, open, FOR_EVER);
            }
            Ok(())
        })
    }
}

impl Wait for Gate {
    fn end(&self, _: Stage) {
        let _open = lock(&self.open);
        self.opened.notify_all();
    }
}

/// Counts operations as they run.
#[derive(Default)]
struct Count {
    begun: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
}

impl Count {
    fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        self.begun.fetch_add(1, SeqCst);
        self.most.fetch_max(self.running.fetch_add(1, SeqCst) + 1, SeqCst);
        thread::yield_now();
        let result = work();
        self.running.fetch_sub(1, SeqCst);
        result
    }
}

fn tokens() -> Outcome {
    Outcome::Tokens(Tokens {
        access_token: Secret::new("the token"),
        token_type: "Bearer".to_owned(),
        refresh_token: None,
        id_token: None,
        scope: None,
        expires_at: 0,
        received_at: 0,
        extras: Vec::new(),
    })
}

type Result_ = Result<Outcome, Error>;

fn task(owner: Owner, limits: Limits, work: impl FnOnce(&Arc<Call>) -> Result_ + Send + 'static) -> Arc<Task> {
    Task::new(owner, limits, Yields::Tokens, Box::new(work))
}

/// A request that gets its tokens at once.
fn quick(count: &Arc<Count>) -> Arc<Task> {
    let count = count.clone();
    task(Owner::new(), PATIENT, move |_| count.run(|| Ok(tokens())))
}

/// A request that gets its tokens when `gate` is open.
fn gated(owner: Owner, limits: Limits, gate: &Arc<Gate>, count: &Arc<Count>) -> Arc<Task> {
    let (gate, count) = (gate.clone(), count.clone());
    task(owner, limits, move |call| count.run(|| gate.pass(call).map(|()| tokens())))
}

/// (a) Two threads start, wait and take, a third cancels, or whatever the
/// operation waits for comes: it ends once, in one way, and is taken once.
#[test]
fn request_ends_once_and_is_taken_once() {
    #[derive(Clone, Copy, PartialEq)]
    enum Does {
        Succeed,
        WaitFirst,
        Fail,
        Panic,
    }
    check(|| {
        let process = Process::new(2);
        let (gate, count) = (Arc::new(Gate::default()), Arc::new(Count::default()));
        let yielded = Arc::new(AtomicBool::new(false));
        let does = one_of([Does::Succeed, Does::WaitFirst, Does::Fail, Does::Panic]);
        let request = task(Owner::new(), PATIENT, {
            let (gate, count, yielded) = (gate.clone(), count.clone(), yielded.clone());
            move |call| {
                count.run(|| match does {
                    Does::WaitFirst => gate.pass(call),
                    Does::Fail => Err(call.error(Reason::ServerFault, "The server is ill")),
                    // Without a message.
                    Does::Panic => resume_unwind(Box::new("a bug")),
                    Does::Succeed => Ok(()),
                })?;
                yielded.store(true, SeqCst);
                Ok(tokens())
            }
        });
        let takers = [(); 2].map(|()| {
            let request = request.clone();
            process.beside(move |process| {
                let started = process.start(&request).is_ok();
                let lost = request.take(Yields::Done).expect_err("it yields something else");
                assert_eq!(lost.reason(), Reason::State);
                let progress = request.wait(FOR_EVER);
                assert!(!matches!(progress, Progress::Unusable | Progress::Pending), "{progress:?} after the wait");
                let taken = request.take(Yields::Tokens);
                assert_eq!(request.poll(), progress, "another end");
                (started, progress, taken)
            })
        });
        let cancelled = one_of([true, false]);
        if cancelled {
            request.cancel().expect("the same process");
        } else {
            gate.open();
        }
        let ends = join(takers);
        let started = ends.iter().filter(|(started, ..)| *started).count();
        assert!(started == 1 || cancelled && started == 0, "started {started} times");
        assert!(count.begun.load(SeqCst) <= started, "ran more often than it was started");
        let is_state = |taken: &Result<_, Error>| taken.as_ref().is_err_and(|error| error.reason() == Reason::State);
        let taken: Vec<_> = ends.into_iter().filter(|(_, _, taken)| !is_state(taken)).collect();
        let [(_, progress, taken)] = taken.as_slice() else { panic!("taken {} times", taken.len()) };
        match taken {
            Ok(Some(Outcome::Tokens(tokens))) => {
                assert_eq!((tokens.access_token.expose(), *progress), ("the token", Progress::Succeeded));
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                assert_eq!(*progress, Progress::Failed(error.status()));
                assert!(!yielded.load(SeqCst), "tokens that came are lost: {error}");
                let own = match does {
                    Does::Fail => Reason::ServerFault,
                    Does::Panic => Reason::Bug,
                    Does::Succeed | Does::WaitFirst => Reason::Cancelled,
                };
                assert!(error.reason() == own || cancelled && error.reason() == Reason::Cancelled, "{error}");
            }
        }
        process.end([request]);
    });
}

/// (b) Three requests from two threads, one or two workers that stay or go:
/// each request runs once, never too many at a time.
#[test]
fn workers_run_each_request_once() {
    check(|| {
        let most = one_of([1, 2]);
        let process = Process::new(most);
        let count = Arc::new(Count::default());
        let requests = [(); 3].map(|()| quick(&count));
        let [one, two, _] = requests.clone();
        let other = process.beside(move |process| {
            process.start(&one).expect("threads");
            assert_eq!(one.wait(FOR_EVER), Progress::Succeeded);
            process.start(&two).expect("threads");
        });
        process.start(&requests[2]).expect("threads");
        join([other]);
        for request in &requests {
            assert_eq!(request.wait(FOR_EVER), Progress::Succeeded);
        }
        assert_eq!(count.begun.load(SeqCst), 3);
        assert!(count.most.load(SeqCst) <= most, "more than {most} at once");
        process.end(requests);
    });
}

/// (b) Every other thread cannot be started, while another thread cancels:
/// whoever is told so can start again, and the rest still runs.
#[test]
fn workers_do_with_few_threads() {
    check(|| {
        let process = Process::new(2);
        make_scarce(true);
        let count = Arc::new(Count::default());
        let requests = [(); 2].map(|()| quick(&count));
        let starters = requests.clone().map(|request| {
            process.beside(move |process| {
                while let Err(error) = process.start(&request) {
                    assert_eq!((error.reason(), request.poll()), (Reason::Resources, Progress::Unusable));
                }
                request.wait(FOR_EVER)
            })
        });
        let cancels = one_of([true, false]);
        if cancels {
            process.calls.cancel(None);
        }
        let ends = join(starters);
        let succeeded = ends.iter().filter(|end| **end == Progress::Succeeded).count();
        let cancelled = ends.iter().filter(|end| **end == CANCELLED).count();
        assert!(succeeded == 2 || cancels && succeeded + cancelled == 2, "{ends:?}");
        assert!((succeeded..=2).contains(&count.begun.load(SeqCst)));
        process.end(requests);
    });
}

/// (b) The limit is raised while a request waits for one that is still in the
/// queue.
#[test]
fn workers_serve_the_queue_when_the_limit_is_raised() {
    check(|| {
        let process = Process::new(1);
        let (gate, count) = (Arc::new(Gate::default()), Arc::new(Count::default()));
        let waits = gated(Owner::new(), PATIENT, &gate, &count);
        let opens = task(Owner::new(), PATIENT, move |_| {
            gate.open();
            Ok(tokens())
        });
        let raiser = process.beside(|process| process.workers.set_most(2));
        process.start(&waits).expect("threads");
        process.start(&opens).expect("threads");
        assert_eq!(waits.wait(FOR_EVER), Progress::Succeeded);
        assert_eq!(opens.wait(FOR_EVER), Progress::Succeeded);
        assert!(join([raiser]).iter().all(Result::is_ok));
        process.end([waits, opens]);
    });
}

/// (b) All workers are busy for ever, and the limit changes: the time of what
/// waits in the queue still runs out.
#[test]
fn workers_notice_when_time_is_over_in_the_queue() {
    check(|| {
        let (before, then) = one_of([(1, 2), (2, 1), (3, 2)]);
        let process = Process::new(before);
        let (gate, count) = (Arc::new(Gate::default()), Arc::new(Count::default()));
        let busy = [(); 2].map(|()| gated(Owner::new(), PATIENT, &gate, &count));
        let hasty = task(Owner::new(), HASTY, |_| Ok(tokens()));
        let other = process.beside(move |process| process.workers.set_most(then));
        for request in &busy {
            process.start(request).expect("threads");
        }
        process.start(&hasty).expect("threads");
        let end = hasty.wait(FOR_EVER);
        assert!(end == Progress::Failed(Status::Timeout) || before > 2 && end == Progress::Succeeded, "{end:?}");
        gate.open();
        for request in &busy {
            assert_eq!(request.wait(FOR_EVER), Progress::Succeeded);
        }
        assert!(join([other]).iter().all(Result::is_ok));
        let [one, two] = busy;
        process.end([one, two, hasty]);
    });
}

/// (c) One worker; two requests of one owner wait for what never comes, and
/// one of another owner is in the queue with them: a cancel ends the two,
/// wherever they are, and leaves the third alone.
#[test]
fn cancel_ends_the_owner_s_requests_and_no_others() {
    check(|| {
        let process = Process::new(1);
        let (owner, count) = (Owner::new(), Arc::new(Count::default()));
        let stuck = [(); 2].map(|()| gated(owner, PATIENT, &Arc::default(), &count));
        let theirs = quick(&Arc::default());
        let starters = [stuck[0].clone(), stuck[1].clone(), theirs.clone()]
            .map(|request| process.beside(move |process| process.start(&request).expect("threads")));
        process.calls.cancel(Some(owner));
        join(starters);
        // Those that were started after it.
        if one_of([true, false]) {
            process.calls.cancel(Some(owner));
        } else {
            stuck.iter().for_each(|request| request.cancel().expect("the same process"));
        }
        for request in &stuck {
            assert_eq!(request.wait(FOR_EVER), CANCELLED);
            let error = request.take(Yields::Tokens).expect_err("it was cancelled");
            assert_eq!(error.reason(), Reason::Cancelled);
        }
        assert_eq!(theirs.wait(FOR_EVER), Progress::Succeeded);
        let [one, two] = stuck;
        process.end([one, two, theirs]);
    });
}

/// (c) The only worker is busy; a request is cancelled while it is started. It
/// ends now, or it was started after the cancel and knows nothing of it.
#[test]
fn cancel_of_what_is_being_started_leaves_nothing_in_the_queue() {
    check(|| {
        let process = Process::new(1);
        let (gate, owner) = (Arc::new(Gate::default()), Owner::new());
        let busy = gated(Owner::new(), PATIENT, &gate, &Arc::default());
        process.start(&busy).expect("threads");
        let late = Arc::new(AtomicBool::new(false));
        let request = task(owner, PATIENT, {
            let late = late.clone();
            move |call| {
                late.store(call.check().is_err(), SeqCst);
                Ok(tokens())
            }
        });
        let other = process.beside(move |process| process.calls.cancel(Some(owner)));
        process.start(&request).expect("threads");
        join([other]);
        gate.open();
        let end = request.wait(FOR_EVER);
        assert!(matches!(end, Progress::Succeeded | CANCELLED), "{end:?}");
        assert!(!late.load(SeqCst), "it was cancelled in the queue, and stayed there");
        assert_eq!(busy.wait(FOR_EVER), Progress::Succeeded);
        process.end([busy, request]);
    });
}

/// (d) Requests that would never end are started during a shutdown, then come
/// two shutdowns at once: all is over, and the next request runs.
#[test]
fn shutdown_ends_everything_and_is_no_end() {
    check(|| {
        let process = Process::new(one_of([1, 2]));
        let count = Arc::new(Count::default());
        let stuck = [(); 3].map(|()| gated(Owner::new(), PATIENT, &Arc::default(), &count));
        let [one, two, _] = stuck.clone();
        let starter = process.beside(move |process| {
            process.start(&one).expect("threads");
            process.start(&two).expect("threads");
        });
        // As long as it may: what is started after it ends by the next.
        let first = process.beside(|process| process.shutdown(SOON));
        process.start(&stuck[2]).expect("threads");
        join([starter]);
        if one_of([true, false]) {
            join([first]);
        }
        let second = process.beside(|process| process.shutdown(FOR_EVER));
        assert_eq!(process.shutdown(FOR_EVER), 0);
        assert_eq!(count.running.load(SeqCst), 0, "it runs after the shutdown");
        for request in &stuck {
            // In a moment, when another shutdown took it out of the queue.
            assert_eq!(request.wait(FOR_EVER), CANCELLED);
        }
        assert_eq!(join([second]), [0]);
        let next = quick(&count);
        process.start(&next).expect("threads");
        assert_eq!(next.wait(FOR_EVER), Progress::Succeeded);
        let [one, two, three] = stuck;
        process.end([one, two, three, next]);
    });
}

/// (d) Threads are started and waited for by several at a time.
#[test]
fn threads_are_all_joined() {
    check(|| {
        make_scarce(one_of([true, false]));
        let threads = Arc::<Threads>::default();
        let count = Arc::new(Count::default());
        let start = |threads: &Arc<Threads>| {
            let count = count.clone();
            threads.start("model", 1 << 16, move || count.run(|| ())).is_ok()
        };
        let for_ever = || -> Instant { after(FOR_EVER) };
        let mut started = usize::from(start(&threads));
        let joiners = [(); 2].map(|()| {
            let threads = threads.clone();
            let until = for_ever();
            thread::spawn(move || threads.join(until))
        });
        started += usize::from(start(&threads)) + usize::from(start(&threads));
        assert_eq!(threads.join(for_ever()), 0);
        assert_eq!((count.begun.load(SeqCst), count.running.load(SeqCst)), (started, 0));
        assert_eq!(join(joiners), [0, 0]);
        assert_eq!(Arc::strong_count(&threads), 1, "a thread is left");
    });
}
