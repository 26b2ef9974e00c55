//! Access tokens that an API refused.

use super::{ask, held, machine, refresh};
use crate::oauth::session::machine::Keeper;

#[test]
fn a_refused_token_only() {
    let mut machine = machine(Keeper::Nobody);
    machine.expire("access-0");
    machine.expire("");
    assert_eq!(ask(&mut machine, 0, 0), "give 1");
    machine.expire("access-1");
    assert!(machine.given_freely().is_none());
    assert_eq!(ask(&mut machine, 0, 0), "start");
    machine.ended(0, refresh(held(2, 0, 900)));
    machine.expire("access-1");
    assert_eq!(ask(&mut machine, 0, 0), "give 2");
}

#[test]
fn an_api_that_refuses_every_token() {
    let mut machine = machine(Keeper::Nobody);
    assert!(machine.refused_by_api(0, "access-1", "bad") && machine.has_doubts());
    assert_eq!(ask(&mut machine, 0, 0), "start");
    // Others hear the same of the same token.
    assert!(machine.refused_by_api(0, "access-1", "other"));
    machine.ended(0, refresh(held(2, 0, 900)));
    assert!(machine.refused_by_api(0, "access-1", "bad"), "an old one: ask again with the new one");
    machine.taken_by_api("good");
    assert!(!machine.refused_by_api(59_999, "access-2", "bad"), "the new one too: it is not the token");
    assert_eq!(ask(&mut machine, 59_999, 0), "give 2");
    assert!(machine.refused_by_api(60_000, "access-2", "bad"));
    assert_eq!(ask(&mut machine, 60_000, 0), "start");
    machine.ended(60_000, refresh(held(3, 60_000, 900)));
    machine.taken_by_api("bad");
    assert!(!machine.has_doubts());
    assert!(machine.refused_by_api(60_001, "access-3", "bad"), "it took one meanwhile");
    machine.ended(60_001, refresh(held(4, 60_001, 900)));
    assert!(machine.refused_by_api(60_001, "access-4", "good"), "it never refused one before");
}
