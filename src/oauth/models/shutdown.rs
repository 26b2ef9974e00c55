//! Shutdowns, beside whatever else goes on, and the threads they wait for.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;

use super::{CANCELLED, Count, FOR_EVER, Gate, HASTY, PATIENT, Process, SOON};
use super::{check, gated, join, one_of, quick};
use crate::oauth::calls::Owner;
use crate::oauth::request::Progress;
use crate::oauth::sys::sync::after;
use crate::oauth::sys::thread::make_scarce;
use crate::oauth::threads::Threads;

/// Requests that would never end are started during a shutdown, then come
/// two shutdowns at once: all is over, and the next request runs.
#[test]
fn it_ends_everything_and_is_no_end() {
    check(|| {
        let process = Process::new(one_of([1, 2]));
        let count = Arc::new(Count::default());
        let stuck = [(); 3].map(|()| gated(Owner::new(), PATIENT, &Arc::default(), &count));
        let [one, two, _] = stuck.clone();
        let starter = process.beside(move |process| {
            process.start(&one).expect("threads");
            process.start(&two).expect("threads");
        });
        // Not for ever: what is started after it is ended by the next.
        let first = process.beside(|process| process.shutdown(SOON));
        process.start(&stuck[2]).expect("threads");
        join([starter]);
        let second = process.beside(|process| process.shutdown(FOR_EVER));
        assert_eq!(process.shutdown(FOR_EVER), 0);
        assert_eq!(count.running.load(SeqCst), 0, "it runs after the shutdown");
        for request in &stuck {
            // In a moment, when another shutdown took it out of the queue.
            assert_eq!(request.wait(FOR_EVER), CANCELLED);
        }
        assert_eq!(join([second]), [0]);
        join([first]);
        let next = quick(&count);
        process.start(&next).expect("threads");
        assert_eq!(next.wait(FOR_EVER), Progress::Succeeded);
        let [one, two, three] = stuck;
        process.end([one, two, three, next]);
    });
}

/// A request is started during a shutdown: the shutdown ends it, or it runs.
#[test]
fn what_is_started_meanwhile_is_not_forgotten() {
    check(|| {
        let process = Process::new(1);
        let requests = [(); 2].map(|()| quick(&Arc::default()));
        let other = process.beside(|process| process.shutdown(SOON));
        for request in &requests {
            process.start(request).expect("threads");
        }
        for request in &requests {
            let end = request.wait(FOR_EVER);
            assert!(matches!(end, Progress::Succeeded | CANCELLED), "{end:?}");
        }
        join([other]);
        process.end(requests);
    });
}

/// Three threads do anything at all: what was started is over after the
/// last shutdown.
#[test]
fn anything_goes() {
    check(|| {
        let process = Process::new(one_of([1, 2]));
        make_scarce(one_of([true, false]));
        let (gate, count) = (Arc::new(Gate::default()), Arc::new(Count::default()));
        let owner = Owner::new();
        let requests = [
            quick(&count),
            gated(owner, PATIENT, &Arc::default(), &count),
            gated(owner, HASTY, &gate, &count),
            gated(Owner::new(), HASTY, &gate, &count),
        ];
        let threads = [(); 3].map(|()| {
            let (requests, gate) = (requests.clone(), gate.clone());
            process.beside(move |process| {
                for _ in 0..3 {
                    let request = &requests[thread_rng().gen_range(0..requests.len())];
                    match thread_rng().gen_range(0..10) {
                        0..=3 => drop(process.start(request)),
                        4 => drop(request.cancel()),
                        5 => drop(request.wait(SOON)),
                        6 => process.calls.cancel(Some(owner)),
                        7 => drop(process.workers.set_most(one_of([1, 2]))),
                        8 => drop(process.shutdown(SOON)),
                        _ => gate.open(),
                    }
                }
            })
        });
        join(threads);
        let left = process.shutdown(FOR_EVER);
        assert_eq!((left, count.running.load(SeqCst)), (0, 0));
        assert!(requests.iter().all(|request| request.poll() != Progress::Pending), "it never ends");
        process.end(requests);
    });
}

/// Threads are started and waited for by several at a time.
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
        let mut started = usize::from(start(&threads));
        let joiners = [(); 2].map(|()| {
            let threads = threads.clone();
            thread::spawn(move || threads.join(after(FOR_EVER)))
        });
        started += usize::from(start(&threads)) + usize::from(start(&threads));
        assert_eq!(threads.join(after(FOR_EVER)), 0);
        assert_eq!((count.begun.load(SeqCst), count.running.load(SeqCst)), (started, 0));
        assert_eq!(join(joiners), [0, 0]);
        assert_eq!(Arc::strong_count(&threads), 1, "a thread is left");
    });
}
