//! Signing out, and leaving without it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use super::host::Host;
use super::server::{Does, HOLDS, Holds, Server};
use super::{Age, User, file, reason};
use crate::oauth::models::{FOR_EVER, HASTY, PATIENT, check, join, one_of};
use crate::oauth::reason::Reason;
use crate::oauth::session::held::Held;
use crate::oauth::store::{HostStore, Store};

/// Asks twice; what is given after `out` is a failure.
fn asks(user: &User, out: &AtomicBool, wanted: Reason) {
    for waits in [true, false] {
        let was_out = out.load(SeqCst);
        let given = if waits { user.ask(PATIENT).map(Some) } else { user.poll() };
        if was_out {
            assert_eq!(reason(&given), Reason::SignedOut, "{given:?} after the sign-out");
        }
        let save_first = !waits && reason(&given) == Reason::SaveFirst;
        assert!([Reason::None, Reason::SignedOut, wanted].contains(&reason(&given)) || save_first, "{given:?}");
    }
}

/// Two ask, a refresh may be under way, a save too, and the user signs out:
/// nobody gets a token afterwards, the newest tokens are those that the server
/// is told to end, and nothing is left in the store.
#[test]
fn nobody_gets_a_token_after_a_sign_out() {
    check(|| {
        let (does, wanted) = one_of([
            (Does::Answer, Reason::None),
            (Does::Answer, Reason::None),
            (Does::Fail, Reason::ServerFault),
            (Does::Lose, Reason::Unclear),
        ]);
        let server = Server::new(does, one_of(HOLDS));
        let age = one_of([Age::Young, Age::Old, Age::Ended]);
        let (mut host, mut in_file) = (None, false);
        let user = match one_of(["nobody", "host", "file"]) {
            "nobody" => User::new(&server, None, age),
            "file" => {
                in_file = true;
                User::new(&server, Some(&Arc::new(file())), age)
            }
            _ => {
                let (theirs, user) = Host::new(&server, age, 0);
                host = Some(theirs);
                user
            }
        };
        let out = Arc::new(AtomicBool::new(false));
        let asking = [(); 2].map(|()| {
            let out = out.clone();
            user.beside(move |user| asks(user, &out, wanted))
        });
        let leaving = user.beside({
            let out = out.clone();
            move |user| {
                let ended = user.sign_out(PATIENT);
                out.store(true, SeqCst);
                ended
            }
        });
        server.let_go();
        let ended = join([leaving]);
        join(asking);
        asks(&user, &out, wanted);
        let newest = server.newest();
        let (tokens, all_done) = &ended[0];
        assert!(*tokens == [newest] || does == Does::Lose && *tokens == [1], "{tokens:?} of {newest}");
        assert!(all_done, "something is left undone");
        assert!(host.is_none_or(|host| host.saved().is_none()), "the program still has the tokens");
        assert!(!in_file || user.in_file().is_none(), "the file still has the tokens");
        user.end();
    });
}

/// Something else changes while the user signs out: what is given without a
/// lock is gone with the rest.
#[test]
fn nothing_is_left_to_be_given() {
    check(|| {
        let user = User::new(&Server::new(Does::Answer, Holds::Nothing), None, Age::Young);
        let changing = user.beside(|user| user.expire(0));
        assert_eq!(user.sign_out(PATIENT), (vec![1], true));
        join([changing]);
        let given = user.ask(PATIENT);
        assert_eq!(reason(&given), Reason::SignedOut, "{given:?} after the sign-out");
        user.end();
    });
}

/// There are tokens to be saved, one asks, and the user signs out: what the
/// program was given to save, it is told to forget.
#[test]
fn a_save_and_a_sign_out_take_turns() {
    check(|| {
        let server = Server::new(Does::Answer, Holds::Nothing);
        let (host, user) = Host::new(&server, Age::Young, 0);
        user.log_in();
        let asking = user.beside(|user| user.ask(PATIENT));
        let (tokens, all_done) = user.sign_out(PATIENT);
        assert!(all_done && tokens == [2], "{tokens:?}, or something is left undone");
        let given = join([asking]);
        assert!(matches!(given[0], Ok(2)) || reason(&given[0]) == Reason::SignedOut, "{:?}", given[0]);
        assert_eq!(host.saved(), None);
        user.end();
    });
}

/// A sign-out does not wait long for a refresh that takes for ever: it ends,
/// nobody gets what the refresh brings, and that stays nowhere, or the sign-out
/// has said so.
#[test]
fn a_sign_out_ends_though_a_refresh_does_not() {
    check(|| {
        let server = Server::new(Does::Answer, one_of([Holds::Connect, Holds::Answer]));
        let with_file = one_of([true, false]).then(|| Arc::new(file()));
        let user = User::new(&server, with_file.as_ref(), Age::Ended);
        let out = Arc::new(AtomicBool::new(false));
        let asking = user.beside({
            let out = out.clone();
            move |user| asks(user, &out, Reason::None)
        });
        let (_, all_done) = user.sign_out(HASTY);
        out.store(true, SeqCst);
        server.let_go();
        join([asking]);
        asks(&user, &out, Reason::None);
        user.process.shutdown(FOR_EVER);
        // What was sent ended after the sign-out.
        let is_gone = all_done || server.sent() == 1;
        assert!(!is_gone || with_file.is_none() || user.in_file().is_none(), "the file still has the tokens");
        user.end();
    });
}

/// The program ends the session in the middle of a refresh, and then all there
/// are: what was sent is waited for and kept, what was not is stopped.
#[test]
fn what_was_sent_is_saved_when_the_session_ends() {
    check(|| {
        let server = Server::new(Does::Answer, one_of(HOLDS));
        let store = Arc::new(one_of([file, || Store::Host(HostStore::new(None))])());
        let user = User::new(&server, Some(&store), one_of([Age::Ended, Age::Old]));
        // To look at the file.
        let other = User::new(&server, Some(&store), Age::Ended);
        let begun = user.poll();
        assert!(matches!(begun, Ok(None | Some(1 | 2))) || reason(&begun) == Reason::SaveFirst, "{begun:?}");
        let User { process, shared, .. } = user;
        shared.orphan();
        let left = Arc::downgrade(&shared);
        drop(shared);
        server.let_go();
        assert_eq!(process.shutdown(FOR_EVER), 0);
        let newest = server.newest();
        assert_eq!(server.sent() + 1, newest);
        match &*store {
            Store::File(_) => assert_eq!(other.in_file(), Some((newest, false))),
            Store::Host(host) => {
                // For the next session of that user.
                let given = host.take(&other.shared.binding).expect("a record of this user");
                let given = given
                    .map(|(record, saved)| (super::number(&Held::from_record(record, &other.shared.clock)), saved));
                assert_eq!(given, (newest == 2).then_some((2, false)));
            }
        }
        assert!(left.upgrade().is_none(), "the session is kept by something");
        process.end([]);
        other.end();
    });
}
