//! One request: started, waited for, cancelled and taken by several threads.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use super::{Count, FOR_EVER, Gate, PATIENT, Process, SOON, check, join, one_of, task, tokens};
use crate::oauth::calls::Owner;
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::request::{Outcome, Progress, Yields};

/// Two threads start, wait and take, a third cancels, or whatever the
/// operation waits for comes: it ends once, in one way, and is taken once.
#[test]
fn it_ends_once_and_is_taken_once() {
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
        let secret = Arc::new("the password");
        let password = Arc::downgrade(&secret);
        let does = one_of([Does::Succeed, Does::WaitFirst, Does::Fail, Does::Panic]);
        let request = task(Owner::new(), PATIENT, {
            let (gate, count, yielded) = (gate.clone(), count.clone(), yielded.clone());
            Box::new(move |call| {
                assert_eq!(*secret, "the password");
                count.run(|| match does {
                    Does::WaitFirst => gate.pass(call),
                    Does::Fail => Err(call.error(Reason::ServerFault, "The server is ill")),
                    // Without a message.
                    Does::Panic => resume_unwind(Box::new("a bug")),
                    Does::Succeed => Ok(()),
                })?;
                yielded.store(true, SeqCst);
                Ok(tokens())
            })
        });
        let takers = [(); 2].map(|()| {
            let (request, password) = (request.clone(), password.clone());
            process.beside(move |process| {
                let started = process.start(&request).is_ok();
                let lost = request.take(Yields::Done).expect_err("it yields something else");
                assert_eq!(lost.reason, Reason::State);
                request.wait(one_of([Duration::ZERO, SOON]));
                let progress = request.wait(FOR_EVER);
                assert!(password.upgrade().is_none(), "the password is still there");
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
        let is_state = |taken: &Result<_, Error>| taken.as_ref().is_err_and(|error| error.reason == Reason::State);
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
                assert!(error.reason == own || cancelled && error.reason == Reason::Cancelled, "{error}");
            }
        }
        process.end([request]);
    });
}
