//! When a refresh that failed is tried again, and what is told meanwhile.

use super::{ask, failure, held, machine, refresh, word};
use crate::oauth::reason::Reason;
use crate::oauth::session::machine::{End, Keeper, Step, Trouble};

#[test]
fn pauses_double_and_end() {
    for (reason, first_ms, longest_ms) in
        [(Reason::ServerFault, 1_000, 300_000), (Reason::ClientRefused, 60_000, 3_600_000)]
    {
        let mut machine = machine(Keeper::Nobody);
        let mut now_ms = 900_000;
        let mut pause_ms = first_ms;
        for _ in 0..80 {
            assert_eq!(ask(&mut machine, now_ms, 0), "start");
            machine.ended(now_ms, End::Kept(failure(reason), None));
            match machine.ask(now_ms, 0, false) {
                Step::Refuse(error) => assert_eq!(error.retry_after_ms, pause_ms),
                step => panic!("{step:?}"),
            }
            assert_eq!(ask(&mut machine, now_ms + pause_ms as u64 - 1, 0), format!("{reason:?}"));
            now_ms += pause_ms as u64;
            pause_ms = longest_ms.min(pause_ms * 2);
        }
        // A success forgets them.
        assert_eq!(ask(&mut machine, now_ms, 0), "start");
        machine.ended(now_ms, refresh(held(2, now_ms, 900)));
        now_ms += 900_000;
        assert_eq!(ask(&mut machine, now_ms, 0), "start");
        machine.ended(now_ms, End::Kept(failure(reason), None));
        assert_eq!(ask(&mut machine, now_ms + first_ms as u64, 0), "start");
    }
}

#[test]
fn a_server_may_ask_for_more_than_any_pause() {
    for (asked_ms, pause_ms) in
        [(7_000, 7_000), (10, 1_000), (i64::MAX, i64::MAX as u64), (-1, 1_000), (i64::MIN, 1_000)]
    {
        let mut machine = machine(Keeper::Nobody);
        let mut error = failure(Reason::RateLimited);
        error.details_mut().retry_after_ms = asked_ms;
        assert_eq!(ask(&mut machine, 900_000, 0), "start");
        machine.ended(900_000, End::Kept(error, None));
        assert_eq!(ask(&mut machine, 900_000 + (pause_ms - 1), 0), "RateLimited", "{asked_ms}");
        assert_eq!(ask(&mut machine, 900_000 + pause_ms, 0), "start", "{asked_ms}");
    }
}

#[test]
fn what_nobody_answered_makes_no_pause() {
    // A cancel of others is no answer to who waited.
    for (reason, told) in [(Reason::Cancelled, "start"), (Reason::Resources, "Resources")] {
        let mut machine = machine(Keeper::File);
        for at in [900_000, 900_100, 900_200] {
            assert_eq!(ask(&mut machine, at, 0), "start");
            machine.ended(at, End::Kept(failure(reason), None));
            assert_eq!(word(machine.ask(at, 0, true)), told);
            machine.ended(at, End::Kept(failure(reason), None));
            assert_eq!(word(machine.outcome(at, false)), told);
            machine.ended(at, End::Kept(failure(reason), None));
            // Told to who polls, too, and not to each a thread.
            assert_eq!(ask(&mut machine, at + 99, 0), told);
            if machine.is_flying() {
                machine.ended(at, End::Kept(failure(reason), None));
            }
        }
    }
}

#[test]
fn a_clock_that_goes_back_makes_no_pause_longer() {
    let mut machine = machine(Keeper::Nobody);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    machine.ended(900_000, End::Kept(failure(Reason::ClientRefused), None));
    machine.expire("access-1");
    // Begun anew, and as long as it was.
    assert_eq!(ask(&mut machine, 100, 0), "ClientRefused");
    assert_eq!(ask(&mut machine, 60_099, 0), "ClientRefused");
    assert_eq!(ask(&mut machine, 60_100, 0), "start");
}

#[test]
fn a_failure_leaves_what_is_good() {
    for reason in [Reason::ServerFault, Reason::ClientRefused, Reason::StoreBusy] {
        let mut machine = machine(Keeper::File);
        assert_eq!(ask(&mut machine, 840_000, 0), "give 1 and start");
        machine.ended(840_000, End::Kept(failure(reason), None));
        assert_eq!(ask(&mut machine, 840_001, 0), "give 1", "no flight in the pause");
        assert_eq!(ask(&mut machine, 840_001, 60_000), format!("{reason:?}"));
        assert!(matches!(machine.trouble(), Some(Trouble::Kept(_))));
    }
}

#[test]
fn who_waited_for_a_failure_gets_it_however_late_it_looks() {
    let mut machine = machine(Keeper::Nobody);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    machine.ended(900_000, End::Kept(failure(Reason::ServerFault), None));
    // The pause of a second is over: whoever comes now begins another.
    assert_eq!(word(machine.ask(902_000, 0, true)), "ServerFault");
    assert_eq!(word(machine.ask(902_000, 0, false)), "start");
    assert_eq!(word(machine.ask(902_000, 0, true)), "wait", "another is under way already");
}
