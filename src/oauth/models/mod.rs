//! Models: requests, workers, cancels, shutdowns and sessions in every order of
//! their threads that a model checker can think of. What runs is the library
//! itself; only what an operation does and what it waits for are made up here.
//!
//! A thread that is never woken is a deadlock, which the checker reports;
//! `tests/models.py` shows that each model finds faults planted into the code.
//! A failure prints a schedule; `shuttle::replay(model, schedule)` runs it
//! again. The checker knows no weaker memory order than SeqCst.

mod cancel;
pub mod file;
mod request;
mod session;
mod shutdown;
mod workers;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::time::Duration;

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::thread::{self, JoinHandle};
use shuttle::{Config, Runner};

use super::call::{Call, TimeLimits, Wait};
use super::calls::{Calls, Owner};
use super::error::Error;
use super::reason::{Stage, Status};
use super::request::{Outcome, Progress, Work, Yields};
use super::secret::Secret;
use super::sys::sync::{Condvar, Mutex, lock, wait};
use super::sys::thread::make_scarce;
use super::task::Task;
use super::tokens::Tokens;
use super::worker::Workers;

/// Orders tried: at random, and half as many with few changes of thread, which
/// find other faults.
const ORDERS: usize = 15000;
const CHANGES: usize = 3;

const FOR_EVER: Duration = Duration::MAX;
/// A time that may run out, or not.
const SOON: Duration = Duration::from_secs(2);

const PATIENT: TimeLimits = TimeLimits { connect_ms: u32::MAX, total_ms: u32::MAX };
const HASTY: TimeLimits = TimeLimits { connect_ms: 1000, total_ms: 1000 };

const CANCELLED: Progress = Progress::Failed(Status::Cancelled);

/// Runs `model` in many orders.
fn check(model: fn()) {
    check_in(ORDERS, model);
}

/// Runs `model` in so many orders, and half as many.
fn check_in(orders: usize, model: fn()) {
    let mut config = Config::new();
    // A failed assertion prints a backtrace.
    config.stack_size = 1 << 18;
    config.silence_warnings = true;
    Runner::new(RandomScheduler::new(orders), config.clone()).run(model);
    Runner::new(PctScheduler::new(CHANGES, orders / 2), config).run(model);
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
        server_date_at: 0,
        extras: Vec::new(),
    })
}

fn task(owner: Owner, limits: TimeLimits, work: Work) -> Arc<Task> {
    Task::new(owner, limits, Yields::Tokens, work)
}

/// A request that gets its tokens at once.
fn quick(count: &Arc<Count>) -> Arc<Task> {
    let count = count.clone();
    task(Owner::new(), PATIENT, Box::new(move |_| count.run(|| Ok(tokens()))))
}

/// A request that gets its tokens when `gate` is open.
fn gated(owner: Owner, limits: TimeLimits, gate: &Arc<Gate>, count: &Arc<Count>) -> Arc<Task> {
    let (gate, count) = (gate.clone(), count.clone());
    task(owner, limits, Box::new(move |call| count.run(|| gate.pass(call).map(|()| tokens()))))
}
