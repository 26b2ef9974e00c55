//! Refreshes that a program insists on.

use super::{ask, failure, machine, word};
use crate::oauth::reason::Reason;
use crate::oauth::session::machine::{End, Keeper};

#[test]
fn who_forces_is_not_told_what_was_not_forced() {
    let mut machine = machine(Keeper::File);
    machine.demand(0, false);
    machine.ended(0, End::Unclear(failure(Reason::Unclear), None));
    assert_eq!(ask(&mut machine, 900_000, 0), "start", "a look at the store");
    assert_eq!(word(machine.demand(900_000, true)), "wait");
    machine.ended(900_000, End::Unclear(failure(Reason::Unclear), None));
    assert_eq!(ask(&mut machine, 900_000, 0), "start", "forced, although nobody waited");
    assert!(machine.plan().force);
    machine.ended(900_000, End::Unclear(failure(Reason::Unclear), None));
    assert_eq!(word(machine.outcome(900_000, true)), "Unclear", "that one was");
}

#[test]
fn that_somebody_forced_is_remembered_for_a_minute() {
    for (later_ms, forced) in [(59_999, true), (60_000, false)] {
        let mut machine = machine(Keeper::File);
        assert_eq!(ask(&mut machine, 900_000, 0), "start");
        assert_eq!(word(machine.demand(900_000, true)), "wait");
        machine.ended(900_000, End::Unclear(failure(Reason::Unclear), None));
        ask(&mut machine, 900_000 + later_ms, 0);
        assert_eq!(machine.plan().force, forced, "{later_ms}");
    }
    let mut machine = machine(Keeper::File);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    assert_eq!(ask(&mut machine, 900_000, 0), "wait");
    machine.ended(900_000, End::Unclear(failure(Reason::Unclear), None));
    assert_eq!(ask(&mut machine, 900_001, 0), "Unclear", "who only waited forced nothing");
}

#[test]
fn who_forces_has_it_done_again_where_nothing_was_sent() {
    for (request_sent, then) in [(false, "start"), (true, "Unclear")] {
        let mut machine = machine(Keeper::File);
        assert_eq!(ask(&mut machine, 900_000, 0), "start", "by somebody who does not force");
        assert_eq!(word(machine.demand(900_000, true)), "wait");
        let mut failure = failure(Reason::Unclear);
        failure.details_mut().request_sent = request_sent;
        machine.ended(900_000, End::Unclear(failure, None));
        assert_eq!(word(machine.outcome(900_000, true)), then, "sent: {request_sent}");
        assert_eq!(machine.plan().force, !request_sent);
    }
}
