//! What the machine says to those who waited, and of tokens that cannot be
//! refreshed or whose refresh was lost.

use std::sync::Arc;

use super::{KEEPERS, ask, failure, held, machine, refresh, tokens, unsaved, word};
use crate::oauth::reason::Reason;
use crate::oauth::session::held::Held;
use crate::oauth::session::machine::{End, Keeper, Machine};
use crate::oauth::tokens::Tokens;

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

#[test]
fn without_a_refresh_token_only_a_file_may_know_more() {
    for keeper in KEEPERS {
        let held = Held::from_tokens(Tokens { refresh_token: None, ..tokens("access-1", 900) }, 1, 0);
        let mut machine = Machine::new(keeper, Some(Arc::new(held)));
        // There is nothing to begin before its end, and so no reason to look.
        assert_eq!(machine.given_freely().map(|free| free.until_ms), Some(u64::MAX));
        let expected = if keeper == Keeper::File { "start" } else { "NoRefreshToken" };
        assert_eq!(ask(&mut machine, 900_000, 0), expected, "{keeper:?}");
    }
}

#[test]
fn a_mark_is_saved_anew_for_each_refresh_that_was_lost() {
    let mut machine = machine(Keeper::Host);
    let wanted = |machine: &Machine| machine.pending().map(|(held, marked)| (held.generation, marked));
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    machine.ended(900_000, End::Unclear(failure(Reason::Unclear), None));
    assert_eq!(wanted(&machine), Some((1, true)));
    let lost = machine.current().expect("tokens").clone();
    machine.saved(&lost, true);
    assert_eq!(wanted(&machine), None);
    // Tried again, and lost again: the same mark says so.
    assert_eq!(word(machine.demand(900_000, true)), "start");
    machine.ended(900_000, End::Unclear(failure(Reason::Unclear), None));
    assert_eq!(wanted(&machine), None);
    assert_eq!(word(machine.demand(900_000, true)), "start");
    let newer = held(2, 900_000, 900);
    machine.ended(900_000, unsaved(newer.clone(), None));
    machine.saved(&newer, true);
    assert_eq!(ask(&mut machine, 1_800_000, 0), "start");
    machine.ended(1_800_000, End::Unclear(failure(Reason::Unclear), None));
    assert_eq!(wanted(&machine), Some((2, true)), "the record of these has no mark");
    assert_eq!(word(machine.demand(1_800_000, true)), "start");
    machine.ended(1_800_000, refresh(held(3, 1_800_000, 900)));
    assert_eq!(wanted(&machine), None);
}

#[test]
fn what_a_program_had_handed_out_unsaved_is_saved_after_the_pause() {
    let mut machine = machine(Keeper::File);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    let fresh = held(2, 900_000, 900);
    machine.ended(900_000, unsaved(fresh.clone(), Some(failure(Reason::SaveFailed))));
    // The program says that it goes on without: the file is still to be written.
    machine.saved(&fresh, true);
    let free = machine.given_freely().expect("they are handed out");
    assert_eq!((free.held.generation, free.until_ms), (2, 901_000));
    assert!(machine.unsaved().is_none(), "nobody is asked again");
    assert!(machine.newest_saved().is_none(), "they are in no file");
    assert_eq!(ask(&mut machine, 901_000, 0), "give 2 and start");
    machine.ended(901_000, refresh(fresh));
    assert_eq!(machine.given_freely().map(|free| free.until_ms), Some(1_740_000));
    assert_eq!(machine.newest_saved().map(|held| held.generation), Some(2));
}
