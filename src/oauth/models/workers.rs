//! The workers: what is started runs once, never too much at a time, and nothing
//! is forgotten in the queue.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use super::{CANCELLED, Count, FOR_EVER, Gate, HASTY, PATIENT, Process};
use super::{check, gated, join, one_of, quick, task, tokens};
use crate::oauth::calls::Owner;
use crate::oauth::reason::{Reason, Status};
use crate::oauth::request::Progress;
use crate::oauth::sys::thread::make_scarce;

/// Three requests from two threads, one or two workers that stay or go:
/// each request runs once, never too many at a time.
#[test]
fn each_request_runs_once() {
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

/// Every other thread cannot be started, while another thread cancels:
/// whoever is told so can start again, and the rest still runs.
#[test]
fn they_do_with_few_threads() {
    check(|| {
        let process = Process::new(2);
        make_scarce(true);
        let count = Arc::new(Count::default());
        let requests = [(); 2].map(|()| quick(&count));
        let starters = requests.clone().map(|request| {
            process.beside(move |process| {
                while let Err(error) = process.start(&request) {
                    assert_eq!((error.reason, request.poll()), (Reason::Resources, Progress::Unusable));
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

/// The limit is raised while a request waits for one that is still in the
/// queue.
#[test]
fn a_raised_limit_serves_the_queue() {
    check(|| {
        let process = Process::new(1);
        let (gate, count) = (Arc::new(Gate::default()), Arc::new(Count::default()));
        let waits = gated(Owner::new(), PATIENT, &gate, &count);
        let opens = task(
            Owner::new(),
            PATIENT,
            Box::new(move |_| {
                gate.open();
                Ok(tokens())
            }),
        );
        let raiser = process.beside(|process| process.workers.set_most(2));
        process.start(&waits).expect("threads");
        process.start(&opens).expect("threads");
        assert_eq!(waits.wait(FOR_EVER), Progress::Succeeded);
        assert_eq!(opens.wait(FOR_EVER), Progress::Succeeded);
        assert!(join([raiser]).iter().all(Result::is_ok));
        process.end([waits, opens]);
    });
}

/// All workers are busy for ever, and the limit changes: the time of what
/// waits in the queue still runs out.
#[test]
fn time_runs_out_in_the_queue() {
    check(|| {
        let (before, then) = one_of([(1, 2), (2, 1), (3, 2)]);
        let process = Process::new(before);
        let (gate, count) = (Arc::new(Gate::default()), Arc::new(Count::default()));
        let busy = [(); 2].map(|()| gated(Owner::new(), PATIENT, &gate, &count));
        let hasty = task(Owner::new(), HASTY, Box::new(|_| Ok(tokens())));
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
