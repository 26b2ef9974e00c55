//! Several ask at once.

use std::sync::Arc;

use super::server::{Does, HOLDS, Holds, Server};
use super::{Age, LONG_MS, User, file, reason};
use crate::oauth::call::Call;
use crate::oauth::models::{FOR_EVER, HASTY, PATIENT, SOON, check, join, one_of};
use crate::oauth::reason::Reason;
use crate::oauth::session::shared::Patience;
use crate::oauth::store::Store;
use crate::oauth::sys::thread::make_scarce;

fn some_store() -> Option<Arc<Store>> {
    one_of([true, false]).then(|| Arc::new(file()))
}

/// Two wait for ever, one not long, and one polls; what they wait for comes
/// late, or is no answer: there is one refresh, and all learn what it came to.
#[test]
fn one_refresh_serves_all() {
    check(|| {
        let (does, wanted) = one_of([
            (Does::Answer, Reason::None),
            (Does::Refuse, Reason::ConnectionRefused),
            (Does::Fail, Reason::ServerFault),
            (Does::Lose, Reason::Unclear),
            (Does::End, Reason::RefreshEnded),
        ]);
        let server = Server::new(does, one_of(HOLDS));
        let user = User::new(&server, some_store().as_ref(), Age::Ended);
        let waiting = [PATIENT, PATIENT, HASTY].map(|limits| user.beside(move |user| user.ask(limits)));
        let polled = user.poll();
        server.let_go();
        assert!(matches!(polled, Ok(None | Some(2))) || reason(&polled) == wanted, "{polled:?}");
        let ends = join(waiting);
        let late = reason(&ends[2]) == Reason::TimedOut;
        for end in ends.iter().take(if late { 2 } else { 3 }) {
            assert!(reason(end) == wanted && end.as_ref().map_or(true, |token| *token == 2), "{end:?}");
        }
        let sent = server.sent();
        // The pause may be over before the last has begun.
        let again = matches!(does, Does::Refuse | Does::Fail);
        assert!(sent == 1 || again, "{sent} refreshes");
        user.end();
    });
}

/// The token is good and old: nobody waits, though no answer comes. Whoever
/// needs more gets what the one refresh brings that they began.
#[test]
fn an_old_token_is_given_meanwhile() {
    check(|| {
        let server = Server::new(Does::Answer, one_of(HOLDS));
        let user = User::new(&server, some_store().as_ref(), Age::Old);
        let asking = [(); 3].map(|()| user.beside(|user| user.ask(PATIENT)));
        for token in join(asking) {
            assert!(matches!(token, Ok(1 | 2)), "{token:?}");
        }
        server.let_go();
        let call = Arc::new(Call::new(PATIENT));
        let patience = Patience::Call { call: &call, host: true };
        let token = user.shared.held(LONG_MS, patience).map(|held| super::number(&held.expect("a wait has an end")));
        assert_eq!((token.ok(), server.sent()), (Some(2), 1));
        user.end();
    });
}

/// A call, all calls of the client, or all of the process are cancelled: who
/// is meant hears so, others wait on, and who comes later gets a token. A
/// refresh that was sent is not cancelled, and no other is sent.
#[test]
fn a_cancel_strands_nobody() {
    check(|| {
        let server = Server::new(Does::Answer, one_of(HOLDS));
        let store = some_store();
        let user = User::new(&server, store.as_ref(), Age::Ended);
        let call = Arc::new(Call::new(PATIENT));
        let whom = one_of(["the call", "the client", "the process"]);
        let meant = user.beside({
            let call = call.clone();
            move |user| user.ask_in(&call)
        });
        let others = [(); 2].map(|()| user.beside(|user| user.ask(PATIENT)));
        match whom {
            "the call" => call.cancel(),
            "the client" => user.process.calls.cancel(Some(user.owner)),
            // What was sent is waited for.
            _ => _ = user.process.shutdown(SOON),
        }
        if whom != "the call" {
            server.let_go();
        }
        let meant = join([meant]);
        assert!(matches!(meant[0], Ok(2)) || reason(&meant[0]) == Reason::Cancelled, "{:?}", meant[0]);
        server.let_go();
        let later = user.ask(PATIENT);
        assert!(matches!(later, Ok(2)), "after the cancel: {later:?}");
        for other in join(others) {
            assert!(matches!(other, Ok(2)) || whom != "the call" && reason(&other) == Reason::Cancelled, "{other:?}");
        }
        assert_eq!(server.sent(), 1);
        assert!(store.is_none() || user.in_file() == Some((2, false)));
        user.end();
    });
}

/// An API refuses the token that several have, while another begins to refresh
/// it: they all get the next one, and there is one refresh.
#[test]
fn an_expired_token_is_replaced_once() {
    check(|| {
        let server = Server::new(Does::Answer, one_of(HOLDS));
        let user = User::new(&server, some_store().as_ref(), one_of([Age::Young, Age::Old]));
        let refused = [(); 2].map(|()| {
            user.beside(|user| {
                user.expire(1);
                user.ask(PATIENT)
            })
        });
        let other = user.beside(|user| user.ask(PATIENT));
        server.let_go();
        let other = join([other]);
        assert!(matches!(other[0], Ok(1 | 2)), "{:?}", other[0]);
        for token in join(refused) {
            assert!(matches!(token, Ok(2)), "{token:?} after it was refused");
        }
        user.expire(1);
        assert!(matches!(user.ask(PATIENT), Ok(2)), "a newer token was thrown away");
        assert_eq!(server.sent(), 1);
        user.end();
    });
}

/// Two want new tokens whatever the old ones are, one insists, one asks: each
/// gets newer ones than there were, and no more is sent than was wanted.
#[test]
fn a_renewal_brings_newer_tokens() {
    check(|| {
        let server = Server::new(Does::Answer, Holds::Nothing);
        let user = User::new(&server, some_store().as_ref(), one_of([Age::Young, Age::Ended]));
        let renewing = [false, false, true].map(|force| {
            user.beside(move |user| {
                let before = user.poll().ok().flatten().unwrap_or(1);
                (before, user.renew(force, PATIENT))
            })
        });
        assert!(user.ask(PATIENT).is_ok());
        // A change that is none of theirs.
        user.expire(0);
        for (before, token) in join(renewing) {
            assert!(token.as_ref().is_ok_and(|token| *token > before), "{token:?} after {before}");
        }
        let (sent, newest) = (server.sent(), server.newest());
        assert!((1..=4).contains(&sent) && newest == 1 + sent, "{sent} refreshes, and {newest} is the newest");
        user.end();
    });
}

/// Every other thread cannot be started: whoever is told so can ask again in a
/// moment.
#[test]
fn a_refresh_does_with_few_threads() {
    check(|| {
        let server = Server::new(Does::Answer, Holds::Nothing);
        let user = User::new(&server, some_store().as_ref(), Age::Ended);
        make_scarce(true);
        let asking = [(); 2].map(|()| {
            user.beside(|user| {
                loop {
                    match user.ask(PATIENT) {
                        Err(error) if error.reason == Reason::Resources => user.pass(1000),
                        end => return end,
                    }
                }
            })
        });
        for token in join(asking) {
            assert!(matches!(token, Ok(2)), "{token:?}");
        }
        assert_eq!(server.sent(), 1);
        assert_eq!(user.process.shutdown(FOR_EVER), 0);
        user.end();
    });
}
