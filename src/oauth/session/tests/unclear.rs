//! Refreshes that were sent and had no answer, and what others saved meanwhile.

use super::{ask, failure, held, machine, refresh, word};
use crate::oauth::reason::Reason;
use crate::oauth::session::machine::{End, Keeper};

#[test]
fn unclear_is_for_the_program_to_decide() {
    for keeper in [Keeper::Nobody, Keeper::Host] {
        let mut machine = machine(keeper);
        assert_eq!(ask(&mut machine, 840_000, 0), "give 1 and start");
        machine.ended(840_000, End::Unclear(failure(Reason::Unclear), None));
        assert_eq!(ask(&mut machine, 899_999, 0), "give 1");
        // Without a lock: there is nothing to begin.
        assert_eq!(machine.given_freely().map(|free| free.until_ms), Some(u64::MAX));
        for now_ms in [900_000, 1_000_000, u64::MAX] {
            assert_eq!(ask(&mut machine, now_ms, 0), "Unclear");
            assert_eq!(word(machine.demand(now_ms, false)), "Unclear");
        }
        assert_eq!(word(machine.demand(900_000, true)), "start");
        assert!(machine.plan().force);
        // It was not even sent: still nobody knows.
        machine.ended(900_000, End::Kept(failure(Reason::ConnectionRefused), None));
        assert_eq!(word(machine.outcome(900_000, true)), "ConnectionRefused");
        assert_eq!(ask(&mut machine, u64::MAX, 0), "Unclear");
        assert_eq!(word(machine.demand(2_000_000, true)), "start");
        machine.ended(2_000_000, refresh(held(2, 2_000_000, 900)));
        assert_eq!(ask(&mut machine, 2_000_000, 0), "give 2");
        assert!(machine.trouble().is_none());
    }
}

#[test]
fn a_store_is_looked_at_again_when_it_is_unclear() {
    let mut machine = machine(Keeper::File);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    machine.ended(900_000, End::Unclear(failure(Reason::Unclear), None));
    assert_eq!(ask(&mut machine, 904_999, 0), "Unclear");
    assert_eq!(ask(&mut machine, 905_000, 0), "start");
    assert!(!machine.plan().force, "only to look");
    machine.ended(905_000, End::Saved { held: held(2, 905_000, 900), refreshed: false });
    assert_eq!(ask(&mut machine, 905_000, 0), "give 2");
}

#[test]
fn newer_tokens_of_others_are_kept_whatever_came_of_the_flight() {
    let newer = || Some(held(5, 900_000, 900));
    for end in [End::Kept(failure(Reason::ServerFault), newer()), End::Unclear(failure(Reason::Unclear), newer())] {
        let mut machine = machine(Keeper::File);
        assert_eq!(ask(&mut machine, 900_000, 0), "start");
        machine.ended(900_000, end);
        assert_eq!(ask(&mut machine, 900_000, 0), "give 5");
    }
}
