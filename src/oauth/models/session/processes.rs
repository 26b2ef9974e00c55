//! Two processes that share a file.

use std::sync::Arc;

use shuttle::rand::{Rng, thread_rng};

use super::server::{Does, HOLDS, Holds, Server};
use super::{Age, User, file, reason};
use crate::oauth::models::{FOR_EVER, HASTY, ORDERS, PATIENT, SOON, check_in, join, one_of};
use crate::oauth::reason::Reason;
use crate::oauth::store::Store;

/// Two processes take long.
const SOME: usize = ORDERS / 3;

fn two(does: Does, age: Age) -> (Arc<Server>, Arc<Store>, [User; 2]) {
    let (server, store) = (Server::new(does, one_of(HOLDS)), Arc::new(file()));
    let users = [(); 2].map(|()| User::new(&server, Some(&store), age));
    (server, store, users)
}

/// Both need new tokens at once, and one needs newer ones: whoever is first
/// gets them, and the other finds them.
#[test]
fn no_refresh_token_is_used_twice() {
    check_in(SOME, || {
        let (server, _, [one, two]) = two(Does::Answer, one_of([Age::Ended, Age::Old]));
        let asking = [&one, &one, &two].map(|user| user.beside(|user| user.ask(PATIENT)));
        let refused = two.beside(|user| {
            user.expire(1);
            user.ask(PATIENT)
        });
        server.let_go();
        for token in join(asking) {
            assert!(matches!(token, Ok(1 | 2)), "{token:?}");
        }
        let token = join([refused]);
        assert!(matches!(token[0], Ok(2)), "{:?} after it was refused", token[0]);
        assert_eq!((server.sent(), one.in_file()), (1, Some((2, false))));
        one.end();
        two.end();
    });
}

/// The answer of a refresh is lost: nobody knows what the server did, in either
/// process, and nobody tries by himself. Somebody insists, and both learn what
/// that came to.
#[test]
fn what_is_unclear_is_unclear_to_all() {
    check_in(SOME, || {
        let (server, _, [one, two]) = two(Does::Lose, Age::Ended);
        let asking = [&one, &two].map(|user| user.beside(|user| user.ask(PATIENT)));
        server.let_go();
        for end in join(asking) {
            assert_eq!(reason(&end), Reason::Unclear);
        }
        for user in [&one, &two] {
            user.later();
            assert_eq!(reason(&user.ask(PATIENT)), Reason::Unclear);
        }
        assert_eq!((server.sent(), one.in_file()), (1, Some((1, true))));
        server.forgive();
        let forced = one.renew(true, PATIENT);
        two.later();
        let other = two.ask(PATIENT);
        assert_eq!([reason(&forced), reason(&other)], [Reason::RefreshEnded, Reason::SignedOut]);
        assert_eq!((server.sent(), one.in_file()), (2, None));
        one.end();
        two.end();
    });
}

/// Writes fail: nothing is sent that was not marked, and what came and could
/// not be saved is saved later.
#[test]
fn a_failed_write_loses_nothing() {
    check_in(SOME, || {
        let (server, store, [one, two]) = two(Does::Answer, Age::Ended);
        let Store::File(file) = &*store else { panic!("no file") };
        let asking = [&one, &two].map(|user| user.beside(|user| user.ask(PATIENT)));
        file.fail(one_of([1, 2]));
        server.let_go();
        for end in join(asking) {
            let told = [Reason::None, Reason::StoreAccess, Reason::SaveFailed, Reason::Unclear];
            assert!(told.contains(&reason(&end)), "{end:?}");
        }
        file.fail(0);
        for user in [&one, &two, &one] {
            user.later();
            let _ = user.ask(PATIENT);
        }
        // Whoever had unsaved tokens has saved them, and all find them.
        let newest = server.newest();
        for user in [&one, &two] {
            user.later();
            let token = user.ask(PATIENT);
            assert!(token.as_ref().is_ok_and(|token| *token >= newest), "{token:?} of {newest}");
        }
        assert_eq!(one.in_file(), Some((server.newest(), false)));
        assert_eq!(server.sent() + 1, server.newest());
        one.end();
        two.end();
    });
}

/// Three threads of two processes do anything at all: nothing hangs, no
/// refresh token is used twice unless somebody insisted, and what was sent and
/// answered is saved.
#[test]
fn anything_goes() {
    check_in(SOME, || {
        let (server, store) = (Server::new(Does::Answer, one_of(HOLDS)), Arc::new(file()));
        let users = [PATIENT, HASTY].map(|limits| User::with_limits(&server, Some(&store), Age::Old, limits));
        let threads = [0, 1, one_of([0, 1])].map(|which| {
            users[which].beside(|user| {
                for _ in 0..3 {
                    match thread_rng().gen_range(0..9) {
                        0 | 1 => drop(user.ask(HASTY)),
                        2 => drop(user.poll()),
                        3 => drop(user.renew(false, HASTY)),
                        4 => user.expire(user.poll().ok().flatten().unwrap_or(1)),
                        5 => user.server.does(one_of([Does::Answer, Does::Fail, Does::Refuse])),
                        6 => user.process.calls.cancel(Some(user.owner)),
                        7 => drop(user.process.shutdown(SOON)),
                        _ => user.server.let_go(),
                    }
                }
            })
        });
        join(threads);
        server.let_go();
        for user in &users {
            assert_eq!(user.process.shutdown(FOR_EVER), 0);
        }
        server.does(Does::Answer);
        for user in &users {
            user.later();
            let end = user.ask(PATIENT);
            let told = [Reason::None, Reason::Unclear, Reason::TimedOut];
            assert!(told.contains(&reason(&end)), "{end:?}");
        }
        let [one, two] = users;
        one.end();
        two.end();
    });
}
