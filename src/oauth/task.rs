//! What a request and its worker share: the operation, and the steps it takes,
//! each once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::call::{Call, TimeLimits, Wait};
use super::calls::{Calls, Owner};
use super::error::Error;
use super::reason::{Reason, Stage, Status};
use super::request::{Outcome, Progress, Work, Yields};
use super::sys::fork::depth;
use super::sys::registers::wipe_registers;
use super::sys::sync::atomic::{AtomicU8, Ordering};
use super::sys::sync::{Condvar, Mutex, MutexGuard, after, lock, now, wait};
use super::worker::Workers;

/// See the module.
pub struct Task {
    /// The process it was prepared in.
    depth: u64,
    owner: Owner,
    limits: TimeLimits,
    /// Whether a cancel is too late once it is sent.
    whole: bool,
    yields: Yields,
    /// One of the steps below, or the number of the status it failed with.
    step: AtomicU8,
    slot: Mutex<Slot>,
    ended: Condvar,
}

struct Slot {
    /// Until it runs.
    work: Option<Work>,
    /// While it is under way.
    running: Option<Running>,
    /// From its end until it is taken.
    outcome: Option<Result<Outcome, Error>>,
}

struct Running {
    call: Arc<Call>,
    calls: Arc<Calls>,
}

const PREPARED: u8 = 255;
const PENDING: u8 = 254;
const SUCCEEDED: u8 = 253;

/// The queue as what a call waits for.
struct InQueue {
    workers: Arc<Workers>,
    task: Weak<Task>,
}

impl Task {
    pub fn new(owner: Owner, limits: TimeLimits, yields: Yields, work: Work) -> Arc<Task> {
        Arc::new(Task::prepared(owner, limits, yields, work))
    }

    /// One that a cancel does not stop any more once it is sent.
    pub fn whole(owner: Owner, limits: TimeLimits, work: Work) -> Arc<Task> {
        Arc::new(Task { whole: true, ..Task::prepared(owner, limits, Yields::Done, work) })
    }

    fn prepared(owner: Owner, limits: TimeLimits, yields: Yields, work: Work) -> Task {
        Task {
            depth: depth(),
            owner,
            limits,
            whole: false,
            yields,
            step: AtomicU8::new(PREPARED),
            slot: Mutex::new(Slot { work: Some(work), running: None, outcome: None }),
            ended: Condvar::new(),
        }
    }

    pub fn start(self: &Arc<Task>, workers: &Arc<Workers>, calls: &Arc<Calls>) -> Result<(), Error> {
        self.check_process()?;
        let mut slot = lock(&self.slot);
        match self.step.load(Ordering::Relaxed) {
            PREPARED => {}
            PENDING => return Err(Error::new(Reason::State, "The request was started before")),
            _ => {
                return Err(Error::new(
                    Reason::State,
                    "The request has ended, or was cancelled, and cannot be started",
                ));
            }
        }
        let call = Arc::new(if self.whole { Call::whole(self.limits) } else { Call::beside(self.limits) });
        let in_queue = InQueue { workers: workers.clone(), task: Arc::downgrade(self) };
        // Whoever runs it asks again.
        let _ = call.attach(Arc::new(in_queue));
        calls.add(self.owner, &call);
        // Under the lock: whoever ends it now waits until it has begun.
        match workers.start(self.clone(), call.end_by()) {
            Ok(()) => {
                slot.running = Some(Running { call: call.clone(), calls: calls.clone() });
                self.step.store(PENDING, Ordering::Release);
            }
            Err(error) => {
                calls.remove(&call);
                return Err(error);
            }
        }
        drop(slot);
        // Cancelled while it was listed and not in the queue: again, to find it
        // there.
        if call.is_cancelled() {
            call.cancel();
        }
        Ok(())
    }

    pub fn poll(&self) -> Progress {
        let step = self.step.load(Ordering::Acquire);
        match step {
            _ if self.depth != depth() => Progress::Unusable,
            PREPARED => Progress::Unusable,
            PENDING => Progress::Pending,
            SUCCEEDED => Progress::Succeeded,
            at => Progress::Failed(Status::of(at)),
        }
    }

    pub fn wait(&self, most: Duration) -> Progress {
        if self.poll() == Progress::Pending {
            let until = after(most);
            let mut slot = lock(&self.slot);
            while self.poll() == Progress::Pending {
                let left = until.saturating_duration_since(now());
                if left.is_zero() {
                    break;
                }
                slot = wait(&self.ended, slot, left);
            }
        }
        self.poll()
    }

    pub fn take(&self, yields: Yields) -> Result<Option<Outcome>, Error> {
        self.check_process()?;
        if yields != self.yields {
            return Err(Error::new(Reason::State, "The request yields something else; its result is still there"));
        }
        match self.poll() {
            Progress::Pending => return Ok(None),
            Progress::Unusable => return Err(Error::new(Reason::State, "The request was not started")),
            Progress::Succeeded | Progress::Failed(_) => {}
        }
        match lock(&self.slot).outcome.take() {
            Some(outcome) => outcome.map(Some),
            None => Err(Error::new(Reason::State, "The result of the request was taken before")),
        }
    }

    pub fn cancel(&self) -> Result<(), Error> {
        self.check_process()?;
        let slot = lock(&self.slot);
        if let Some(Running { call, .. }) = &slot.running {
            let call = call.clone();
            drop(slot);
            call.cancel();
        } else if self.step.load(Ordering::Relaxed) == PREPARED {
            drop(self.end(slot, Err(Error::new(Reason::Cancelled, "The program cancelled the request"))));
        }
        Ok(())
    }

    /// Runs it, on a worker.
    pub fn run(&self) {
        let mut slot = lock(&self.slot);
        let (Some(work), Some(Running { call, .. })) = (slot.work.take(), &slot.running) else {
            return;
        };
        let call = call.clone();
        drop(slot);
        call.leave_queue();
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&call)));
        let outcome = outcome.unwrap_or_else(|_| Err(call.bug()));
        self.settle(outcome);
        // This thread may do nothing for a while.
        wipe_registers();
    }

    /// Ends it without a worker: it was taken out of the queue, because its
    /// time is over or because it was cancelled.
    pub fn give_up(&self) {
        let call = lock(&self.slot).running.as_ref().map(|running| running.call.clone());
        let why = call.and_then(|call| call.check().err());
        self.settle(Err(why.unwrap_or_else(|| Error::new(Reason::Cancelled, "The program cancelled the request"))));
    }

    /// Ends it because what was to run it fell over.
    pub fn fall(&self) {
        self.settle(Err(Error::bug()));
    }

    fn settle(&self, outcome: Result<Outcome, Error>) {
        let running = self.end(lock(&self.slot), outcome);
        if let Some(Running { call, calls }) = running {
            call.detach();
            calls.remove(&call);
        }
    }

    /// The last step.
    fn end(&self, mut slot: MutexGuard<'_, Slot>, outcome: Result<Outcome, Error>) -> Option<Running> {
        let step = match &outcome {
            Ok(_) => SUCCEEDED,
            Err(error) => error.status() as u8,
        };
        // Before anyone sees the end: a password may be in it.
        drop(slot.work.take());
        let running = slot.running.take();
        slot.outcome = Some(outcome);
        self.step.store(step, Ordering::Release);
        drop(slot);
        self.ended.notify_all();
        running
    }

    fn check_process(&self) -> Result<(), Error> {
        if self.depth == depth() {
            return Ok(());
        }
        Err(Error::new(Reason::State, "The request belongs to the process that forked this one"))
    }
}

impl Wait for InQueue {
    fn end(&self, _: Stage) {
        if let Some(task) = self.task.upgrade()
            && self.workers.remove(&task)
        {
            task.give_up();
        }
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use super::*;
    use crate::oauth::reason::REASONS;

    /// What becomes of work that may take so long.
    fn outcome(total_ms: u32, work: Work) -> (Progress, Error) {
        let limits = TimeLimits { connect_ms: total_ms, total_ms };
        let task = Task::new(Owner::new(), limits, Yields::Done, work);
        task.start(Workers::of_process(), Calls::of_process()).expect("a worker");
        let progress = task.wait(Duration::from_secs(60));
        (progress, task.take(Yields::Done).expect_err("it fails"))
    }

    #[test]
    fn a_failure_polls_as_the_status_of_its_reason() {
        for row in REASONS {
            let (progress, error) = outcome(60_000, Box::new(|_| Err(Error::new(row.reason, "It failed"))));
            assert_eq!((progress, error.reason), (Progress::Failed(row.status), row.reason));
        }
    }

    #[test]
    fn what_has_a_worker_does_not_run_out_of_time_for_want_of_one() {
        let work = |call: &Arc<Call>| {
            // As what waits for somebody else's exchange: it has begun none.
            while call.check().is_ok() {
                std::thread::yield_now();
            }
            call.check().map(|()| Outcome::Done)
        };
        let (_, error) = outcome(50, Box::new(work));
        assert_eq!((error.reason, error.stage), (Reason::TimedOut, Stage::Setup));
        assert!(error.message.starts_with("The time limit ran out while waiting. "), "{error}");
    }
}
