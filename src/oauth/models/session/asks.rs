//! Several ask at once.

use std::sync::Arc;

use super::server::{Does, Holds, Server};
use super::{Age, User, file};
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::models::{HASTY, PATIENT, check, join, one_of};
use crate::oauth::reason::{Reason, Status};
use crate::oauth::sys::thread::make_scarce;

fn reason(end: &Result<usize, Error>) -> Reason {
    end.as_ref().err().map_or(Reason::None, Error::reason)
}

/// Two wait for ever, one not long, and one polls; the answer is late, or no
/// answer at all: one refresh, of which all learn.
#[test]
fn one_refresh_serves_all() {
    check(|| {
        let does = one_of([Does::Answer, Does::Answer, Does::Refuse, Does::Fail, Does::Lose, Does::End, Does::Panic]);
        let server = Server::new(does, one_of([Holds::Nothing, Holds::Connect, Holds::Answer]));
        let store = one_of([true, false]).then(|| Arc::new(file()));
        let user = User::new(&server, store.as_ref(), one_of([Age::Ended, Age::Old]));
        let old = user.shared.young(0, |_| ()).is_none() && user.poll().is_ok_and(|token| token == Some(1));
        let waiting = [PATIENT, PATIENT, HASTY].map(|limits| user.beside(move |user| user.ask(limits)));
        let polled = user.poll().map(|token| token.unwrap_or(2));
        server.let_go();
        let wanted = match does {
            Does::Answer => Reason::None,
            Does::Refuse => Reason::ConnectionRefused,
            Does::Fail => Reason::ServerFault,
            Does::Lose => Reason::Unclear,
            Does::End => Reason::RefreshEnded,
            Does::Panic => Reason::Bug,
        };
        let mut ends = join(waiting);
        let hasty = ends.pop().expect("three");
        assert!(reason(&hasty) == wanted || reason(&hasty) == Reason::TimedOut || old, "{hasty:?}");
        ends.push(polled);
        for end in ends {
            let good = if old { 1..=2 } else { 2..=2 };
            assert!(reason(&end) == wanted || old, "{end:?} and not {wanted:?}");
            assert!(end.as_ref().map_or(true, |number| good.contains(number)), "{end:?} was given");
        }
        user.process.shutdown(super::FOR_EVER);
        let sent = server.state().sent;
        // Another is begun when a pause is over.
        let once = !matches!(does, Does::Refuse | Does::Fail);
        assert!(sent == 1 || !once, "{sent} refreshes");
        user.end();
    });
}
