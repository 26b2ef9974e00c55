//! Signing out.

use super::{ask, held, machine, refresh, unsaved};
use crate::oauth::session::machine::{Keeper, signed_out};

#[test]
fn leaving_waits_for_the_flight_and_gives_its_tokens() {
    let mut machine = machine(Keeper::Nobody);
    assert_eq!(ask(&mut machine, 840_000, 0), "give 1 and start");
    machine.begin_leaving();
    assert_eq!(ask(&mut machine, 840_000, 0), "SignedOut");
    assert!(machine.is_flying() && machine.given_freely().is_none());
    machine.ended(841_000, refresh(held(2, 840_000, 900)));
    assert_eq!(ask(&mut machine, 841_000, 0), "SignedOut");
    assert_eq!(machine.leave(signed_out()).expect("the newest").generation, 2);
    assert!(machine.is_gone() && machine.leave(signed_out()).is_none());
}

#[test]
fn nothing_is_to_be_saved_while_the_user_leaves() {
    let mut machine = machine(Keeper::Host);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    machine.begin_leaving();
    machine.ended(900_000, unsaved(held(2, 900_000, 900), None));
    assert!(machine.to_save().is_none());
    assert!(machine.pending().is_none(), "the record of tokens that are about to be ended");
}

#[test]
fn leaving_gives_the_newest_tokens_there_are() {
    let mut machine = machine(Keeper::Host);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    machine.ended(900_000, unsaved(held(2, 900_000, 900), None));
    assert_eq!(machine.leave(signed_out()).expect("the newest").generation, 2);
    assert!(machine.current().is_none() && machine.unsaved().is_none());
}
