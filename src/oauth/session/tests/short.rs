//! Tokens that live shorter than somebody wants them to.

use super::{ask, held, machine, refresh, word};
use crate::oauth::session::machine::Keeper;

#[test]
fn tokens_that_live_too_short() {
    let mut machine = machine(Keeper::Nobody);
    assert_eq!(ask(&mut machine, 0, 900_001), "start", "the next ones may live longer");
    machine.ended(0, refresh(held(2, 0, 600)));
    assert_eq!(ask(&mut machine, 0, 900_001), "TooShort");
    assert_eq!(ask(&mut machine, 0, 600_000), "give 2");
    assert_eq!(ask(&mut machine, 1, 600_000), "TooShort", "not one refresh for each millisecond");
    assert_eq!(ask(&mut machine, 59_999, 600_000), "TooShort");
    assert_eq!(ask(&mut machine, 60_000, 600_000), "start", "these can be had again");
    machine.ended(60_000, refresh(held(3, 60_000, 0)));
    assert_eq!(ask(&mut machine, 60_000, 0), "TooShort", "a life of nothing");
    assert_eq!(ask(&mut machine, 119_999, 0), "TooShort");
    assert_eq!(ask(&mut machine, 120_000, 0), "start", "once a minute");
    machine.ended(120_000, refresh(held(4, 60_000, 60)));
    assert_eq!(ask(&mut machine, 120_000, 0), "TooShort", "nothing is left when it comes");
    assert_eq!(word(machine.demand(120_000, true)), "start");
}

#[test]
fn who_slept_in_the_middle_of_a_refresh_refreshes_again() {
    let mut machine = machine(Keeper::Nobody);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    // Sent at 900 s, by a machine that then slept for two hours.
    machine.ended(8_100_000, refresh(held(2, 900_000, 900)));
    assert_eq!(word(machine.ask(8_100_000, 0, true)), "start", "the server gives good ones");
    machine.ended(16_200_000, refresh(held(3, 8_100_000, 900)));
    assert_eq!(ask(&mut machine, 16_200_000, 0), "TooShort", "twice is the server's doing");
    assert_eq!(ask(&mut machine, 16_200_999, 0), "TooShort");
    assert_eq!(ask(&mut machine, 16_201_000, 0), "start");
    machine.ended(16_201_000, refresh(held(4, 16_201_000, 900)));
    assert_eq!(ask(&mut machine, 16_201_000, 0), "give 4");
}

#[test]
fn a_short_life_holds_up_neither_a_refusal_nor_an_end() {
    let mut machine = machine(Keeper::Nobody);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    machine.ended(900_000, refresh(held(2, 900_000, 10)));
    assert_eq!(ask(&mut machine, 900_001, 10_000), "TooShort");
    machine.expire("access-2");
    assert_eq!(ask(&mut machine, 900_001, 5_000), "start", "it was refused");
    machine.ended(900_001, refresh(held(3, 900_001, 10)));
    assert_eq!(ask(&mut machine, 902_001, 8_001), "start", "no more in its first fifth");
    machine.ended(902_001, refresh(held(4, 902_001, 10)));
    assert_eq!(ask(&mut machine, 912_001, 0), "start", "it has ended");
    // Four seconds, twice in a row: that is what is asked for.
    machine.ended(912_001, refresh(held(5, 912_001, 4)));
    assert_eq!(ask(&mut machine, 916_001, 0), "start");
    machine.ended(916_001, refresh(held(6, 916_001, 4)));
    assert_eq!(ask(&mut machine, 916_900, 4_001), "TooShort");
    assert_eq!(ask(&mut machine, 916_900, 4_000), "start");
}
