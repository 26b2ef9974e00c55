//! The threads that requests run on: a few, started when there is work, gone
//! soon after it, and never more than a limit.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use super::calls::Calls;
use super::error::Error;
use super::reason::Reason;
use super::sys::fork::Local;
use super::sys::sync::{Condvar, Mutex, after, lock, now, wait};
use super::sys::thread::give_way;
use super::task::Task;
use super::threads::Threads;

/// Workers of a process unless it says otherwise.
pub const DEFAULT_WORKERS: usize = 8;
/// The most it may say.
pub const MOST_WORKERS: usize = 64;

/// How long a worker without work stays: the next attempt of somebody who
/// mistyped a password finds it.
const IDLE: Duration = Duration::from_secs(2);
/// A call needs less than half of it (tests/c/smallstack.c), unless it is
/// compiled without optimization.
const STACK_BYTES: usize = if cfg!(debug_assertions) { 1024 * 1024 } else { 256 * 1024 };
/// The clock keeper only compares times.
const KEEPER_STACK_BYTES: usize = STACK_BYTES / 4;

/// The workers of one process.
pub struct Workers {
    threads: Arc<Threads>,
    idle: Duration,
    state: Mutex<State>,
    /// For workers: there is work, or they are to end.
    work: Condvar,
    /// For the clock keeper: the queue is another.
    queue: Condvar,
}

struct State {
    most: usize,
    /// What waits for a worker, and when its time is over.
    queue: VecDeque<(Arc<Task>, Instant)>,
    /// Raised by each shutdown: workers of an earlier one end.
    epoch: u64,
    /// Of this epoch.
    workers: usize,
    /// Those of them that have not looked into the queue yet.
    starting: usize,
    /// Those of them that wait for work.
    idle: usize,
    /// Whether this epoch has a clock keeper.
    keeper: bool,
}

impl State {
    /// How much of the queue has no worker to come for it.
    fn waiting(&self) -> usize {
        self.queue.len().saturating_sub(self.starting + self.idle)
    }
}

impl Workers {
    /// Those of this process; a child of fork begins with none.
    pub fn of_process() -> &'static Arc<Workers> {
        static WORKERS: OnceBox<Local<Arc<Workers>>> = OnceBox::new();
        WORKERS.get_or_init(|| Box::new(Local::new(Workers::made))).get()
    }

    /// Those that refresh sessions: requests wait for them, and must not be
    /// what they wait for.
    pub fn of_sessions() -> &'static Arc<Workers> {
        static WORKERS: OnceBox<Local<Arc<Workers>>> = OnceBox::new();
        WORKERS.get_or_init(|| Box::new(Local::new(Workers::made))).get()
    }

    fn made() -> Arc<Workers> {
        Workers::new(Threads::of_process().clone(), IDLE)
    }

    /// Workers that stay so long without work.
    pub fn new(threads: Arc<Threads>, idle: Duration) -> Arc<Workers> {
        let state = State {
            most: DEFAULT_WORKERS,
            queue: VecDeque::new(),
            epoch: 0,
            workers: 0,
            starting: 0,
            idle: 0,
            keeper: false,
        };
        Arc::new(Workers { threads, idle, state: Mutex::new(state), work: Condvar::new(), queue: Condvar::new() })
    }

    /// Never more than `most` from now on; those that are too many end when
    /// they have done what they do.
    pub fn set_most(self: &Arc<Workers>, most: usize) -> Result<(), Error> {
        if !(1..=MOST_WORKERS).contains(&most) {
            return Err(Error::argument(format_args!("most must be 1 to {MOST_WORKERS}")));
        }
        let mut state = lock(&self.state);
        state.most = most;
        self.staff(&mut state);
        self.work.notify_all();
        Ok(())
    }

    /// Has `task` run, now or when a worker is free, but not after `end_by`.
    /// Fails when there is no worker and none can be started.
    pub fn start(self: &Arc<Workers>, task: Arc<Task>, end_by: Instant) -> Result<(), Error> {
        let mut state = lock(&self.state);
        state.queue.push_back((task, end_by));
        self.staff(&mut state);
        if state.workers == 0 {
            state.queue.pop_back();
            return Err(Error::new(Reason::Resources, "No thread could be started to run the request"));
        }
        // The one that wakes up wants the lock.
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Starts the workers that the queue needs and may have; what has to wait
    /// all the same gets a clock keeper.
    fn staff(self: &Arc<Workers>, state: &mut State) {
        let epoch = state.epoch;
        while state.waiting() > 0 && state.workers < state.most {
            let workers = self.clone();
            if self.threads.start("ropc-worker", STACK_BYTES, move || workers.live(epoch)).is_err() {
                break;
            }
            state.workers += 1;
            state.starting += 1;
        }
        if state.waiting() > 0 && !state.keeper {
            let workers = self.clone();
            // Without one, a worker notices as soon as one is free.
            let started =
                self.threads.start("ropc-clock", KEEPER_STACK_BYTES, move || workers.live_by_the_clock(epoch));
            state.keeper = started.is_ok();
        }
        self.queue.notify_one();
    }

    /// Takes `task` out of the queue; false when it is not there any more.
    pub fn remove(&self, task: &Task) -> bool {
        let mut state = lock(&self.state);
        let at = state.queue.iter().rposition(|(queued, _)| std::ptr::eq(&**queued, task));
        let removed = at.and_then(|at| state.queue.remove(at));
        if state.queue.is_empty() {
            self.queue.notify_one();
        }
        removed.is_some()
    }

    /// Stops `calls`, ends every thread and waits for them, at most so long;
    /// says how many are left.
    pub fn shutdown(&self, calls: &Calls, most: Duration) -> usize {
        let until = after(most);
        // First: what a cancelled call leaves to do is not done by new workers.
        self.dismiss();
        calls.cancel(None);
        self.threads.join(until)
    }

    /// Has every worker end when it has done what it does. What is started
    /// from now on gets new ones, beside those that have not ended yet; what
    /// waits in the queue gets none of them.
    fn dismiss(&self) {
        let mut state = lock(&self.state);
        state.epoch += 1;
        (state.workers, state.starting, state.idle, state.keeper) = (0, 0, 0, false);
        self.work.notify_all();
        self.queue.notify_all();
    }

    /// A worker's life. A task tells of its own panic; one between two tasks
    /// would leave the next unrun, and nobody would hear of it.
    fn live(self: &Arc<Workers>, epoch: u64) {
        let mut idle = false;
        if catch_unwind(AssertUnwindSafe(|| self.work(epoch, &mut idle))).is_ok() {
            return;
        }
        let mut state = lock(&self.state);
        if state.epoch == epoch {
            state.idle -= usize::from(idle);
            state.workers -= 1;
        }
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        queue.iter().for_each(|(task, _)| task.fall());
    }

    /// `idle`: whether it is counted among those that wait for work.
    fn work(self: &Arc<Workers>, epoch: u64, idle: &mut bool) {
        give_way();
        let mut state = lock(&self.state);
        if state.epoch == epoch {
            state.starting -= 1;
        }
        let mut idle_until = after(self.idle);
        while state.epoch == epoch && state.workers <= state.most {
            if let Some((task, _)) = state.queue.pop_front() {
                if state.queue.is_empty() {
                    self.queue.notify_one();
                }
                drop(state);
                task.run();
                drop(task);
                state = lock(&self.state);
                idle_until = after(self.idle);
                continue;
            }
            let left = idle_until.saturating_duration_since(now());
            if left.is_zero() {
                break;
            }
            state.idle += 1;
            *idle = true;
            state = wait(&self.work, state, left);
            *idle = false;
            if state.epoch == epoch {
                state.idle -= 1;
            }
        }
        if state.epoch == epoch {
            state.workers -= 1;
            // It may have been the one that something counted on.
            self.staff(&mut state);
        }
    }

    /// A clock keeper's life; if it falls over there can be another.
    fn live_by_the_clock(&self, epoch: u64) {
        if catch_unwind(AssertUnwindSafe(|| self.keep_clock(epoch))).is_err() {
            let mut state = lock(&self.state);
            state.keeper &= state.epoch != epoch;
        }
    }

    /// Ends what waits in the queue and whose time is over, as long as
    /// anything waits there.
    fn keep_clock(&self, epoch: u64) {
        give_way();
        let mut state = lock(&self.state);
        while state.epoch == epoch && !state.queue.is_empty() {
            let now = now();
            let late = state.queue.iter().position(|(_, end_by)| *end_by <= now);
            if let Some((task, _)) = late.and_then(|at| state.queue.remove(at)) {
                drop(state);
                task.give_up();
                state = lock(&self.state);
                continue;
            }
            let next = state.queue.iter().map(|(_, end_by)| *end_by).min().unwrap_or(now);
            state = wait(&self.queue, state, next.saturating_duration_since(now));
        }
        if state.epoch == epoch {
            state.keeper = false;
        }
    }
}

/// How many requests may run at once in this process, and how many refreshes
/// of sessions beside them, [`DEFAULT_WORKERS`] unless set: 1 to
/// [`MOST_WORKERS`]. Others wait in a queue.
pub fn set_workers(most: usize) -> Result<(), Error> {
    Workers::of_process().set_most(most)?;
    Workers::of_sessions().set_most(most)
}

/// Stops every call and every started request of the process, ends all of its
/// threads and waits for them, at most so long. Says how many are left: a name
/// look-up that the system does not come back from, say. The library can be
/// used again afterwards. Not from a log sink or a look-up.
pub fn shutdown(most: Duration) -> usize {
    Workers::of_sessions().dismiss();
    Workers::of_process().shutdown(Calls::of_process(), most)
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;
    use crate::oauth::call::{Call, TimeLimits};
    use crate::oauth::calls::Owner;
    use crate::oauth::request::{Outcome, Work, Yields};

    const LIMITS: TimeLimits = TimeLimits { connect_ms: 60_000, total_ms: 60_000 };

    /// Panics when it is dropped, once it may.
    struct Bomb(Receiver<()>);

    impl Drop for Bomb {
        fn drop(&mut self) {
            let _ = self.0.recv();
            std::panic::resume_unwind(Box::new("a bug"));
        }
    }

    fn task(work: Work) -> Arc<Task> {
        Task::new(Owner::new(), LIMITS, Yields::Done, work)
    }

    /// Never started as a request: its work is dropped and not done.
    fn bombed() -> (Arc<Task>, Sender<()>) {
        let (now_it_may, may) = channel();
        let bomb = Bomb(may);
        let work = move |_: &Arc<Call>| {
            let _bomb = &bomb;
            Ok(Outcome::Done)
        };
        (task(Box::new(work)), now_it_may)
    }

    fn counts(workers: &Workers) -> (usize, usize, usize, usize) {
        let state = lock(&workers.state);
        (state.workers, state.starting, state.idle, state.queue.len())
    }

    #[test]
    fn a_panic_between_two_tasks_ends_what_waits_and_not_the_workers() {
        let workers = Workers::new(Threads::of_process().clone(), Duration::from_secs(60));
        workers.set_most(1).expect("a number");
        let (first, now_it_may) = bombed();
        let second = task(Box::new(|_| Ok(Outcome::Done)));
        workers.start(first, after(Duration::from_secs(60))).expect("a worker");
        assert!(!lock(&workers.state).keeper, "nothing waits that has no worker");
        second.start(&workers, Calls::of_process()).expect("a place in the queue");
        assert_eq!(counts(&workers).0, 1);
        now_it_may.send(()).expect("a bomb");
        second.wait(Duration::from_secs(60));
        let error = second.take(Yields::Done).expect_err("nothing did it");
        assert_eq!(error.reason, Reason::Bug);
        assert_eq!(counts(&workers), (0, 0, 0, 0));
        let third = task(Box::new(|_| Ok(Outcome::Done)));
        third.start(&workers, Calls::of_process()).expect("a new worker");
        third.wait(Duration::from_secs(60));
        assert!(matches!(third.take(Yields::Done), Ok(Some(Outcome::Done))));
        workers.dismiss();
    }

    #[test]
    fn what_is_to_be_whole_is_not_stopped_once_it_is_sent() {
        let workers = Workers::new(Threads::of_process().clone(), Duration::from_secs(60));
        for whole in [false, true] {
            let ((sent, is_sent), (go, may_go)) = (channel(), channel::<()>());
            let work: Work = Box::new(move |call| {
                call.set_sent();
                let _ = (sent.send(()), may_go.recv());
                call.check().map(|()| Outcome::Done)
            });
            let task = if whole { Task::whole(Owner::new(), LIMITS, work) } else { task(work) };
            task.start(&workers, Calls::of_process()).expect("a worker");
            is_sent.recv().expect("it is sent");
            task.cancel().expect("a request of this process");
            go.send(()).expect("it waits");
            task.wait(Duration::from_secs(60));
            assert_eq!(task.take(Yields::Done).is_ok(), whole);
        }
        workers.dismiss();
    }

    #[test]
    fn a_clock_keeper_that_falls_is_replaced() {
        let workers = Workers::new(Threads::of_process().clone(), Duration::from_secs(60));
        workers.set_most(1).expect("a number");
        let (release, released) = channel::<()>();
        let busy = task(Box::new(move |_| {
            let _ = released.recv();
            Ok(Outcome::Done)
        }));
        busy.start(&workers, Calls::of_process()).expect("a worker");
        let (late, now_it_may) = bombed();
        now_it_may.send(()).expect("a bomb");
        workers.start(late, now()).expect("a place in the queue");
        while lock(&workers.state).keeper {
            std::thread::yield_now();
        }
        let limits = TimeLimits { connect_ms: 1, total_ms: 1 };
        let next = Task::new(Owner::new(), limits, Yields::Done, Box::new(|_| Ok(Outcome::Done)));
        next.start(&workers, Calls::of_process()).expect("a place in the queue");
        next.wait(Duration::from_secs(60));
        assert_eq!(next.take(Yields::Done).expect_err("no worker was free").reason, Reason::TimedOut);
        // The keeper goes when nothing waits, and another comes.
        let soon = after(Duration::from_secs(10));
        while lock(&workers.state).keeper && now() < soon {
            std::thread::yield_now();
        }
        let last = Task::new(Owner::new(), limits, Yields::Done, Box::new(|_| Ok(Outcome::Done)));
        last.start(&workers, Calls::of_process()).expect("a place in the queue");
        last.wait(Duration::from_secs(60));
        assert_eq!(last.take(Yields::Done).expect_err("no worker was free").reason, Reason::TimedOut);
        release.send(()).expect("a worker");
        busy.wait(Duration::from_secs(60));
        workers.dismiss();
    }
}
