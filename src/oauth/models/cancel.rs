//! A cancel at any moment: it ends what it should, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use super::{CANCELLED, Count, FOR_EVER, Gate, PATIENT, Process};
use super::{check, gated, join, one_of, quick, task, tokens};
use crate::oauth::calls::Owner;
use crate::oauth::reason::Reason;
use crate::oauth::request::{Progress, Yields};

/// One worker; two requests of one owner wait for what never comes, and
/// one of another owner is in the queue with them: a cancel ends the two,
/// wherever they are, and leaves the third alone.
#[test]
fn it_ends_the_owner_s_requests_and_no_others() {
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
            assert_eq!(error.reason, Reason::Cancelled);
        }
        assert_eq!(theirs.wait(FOR_EVER), Progress::Succeeded);
        let [one, two] = stuck;
        process.end([one, two, theirs]);
    });
}

/// The only worker is busy; a request is cancelled while it is started. It
/// ends now, or it was started after the cancel and knows nothing of it.
#[test]
fn what_is_being_started_does_not_stay_in_the_queue() {
    check(|| {
        let process = Process::new(1);
        let (gate, owner) = (Arc::new(Gate::default()), Owner::new());
        let busy = gated(Owner::new(), PATIENT, &gate, &Arc::default());
        process.start(&busy).expect("threads");
        let late = Arc::new(AtomicBool::new(false));
        let request = task(owner, PATIENT, {
            let late = late.clone();
            Box::new(move |call| {
                late.store(call.check().is_err(), SeqCst);
                Ok(tokens())
            })
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
