//! What is to be saved before it is handed out, by a host or in a file.

use std::sync::Arc;

use super::{ask, failure, held, machine, refresh, unsaved, word};
use crate::oauth::reason::Reason;
use crate::oauth::session::machine::{End, Keeper, Machine};

#[test]
fn a_host_saves_before_anything_is_handed_out() {
    let mut machine = machine(Keeper::Host);
    assert_eq!(ask(&mut machine, 840_000, 0), "give 1 and start");
    let fresh = held(2, 840_000, 900);
    machine.ended(840_000, unsaved(fresh.clone(), None));
    // Not even the old ones.
    assert_eq!(ask(&mut machine, 840_000, 0), "SaveFirst");
    assert_eq!(word(machine.demand(840_000, true)), "SaveFirst");
    assert!(machine.given_freely().is_none());
    assert!(machine.put_away(true).is_err(), "nothing was taken");
    machine.take_out(fresh.clone());
    machine.put_away(false).expect("it was taken");
    assert_eq!(ask(&mut machine, 840_000, 0), "SaveFirst");
    assert_eq!(machine.last_error().expect("told").reason, Reason::SaveFailed);
    machine.take_out(fresh);
    machine.put_away(true).expect("it was taken");
    assert_eq!(ask(&mut machine, 840_000, 0), "give 2");
    assert!(machine.last_error().is_none());
}

#[test]
fn a_save_of_other_tokens_saves_nothing() {
    let mut machine = Machine::new(Keeper::Host, None);
    let (old, new) = (held(1, 0, 900), held(2, 0, 900));
    machine.ended(0, unsaved(old.clone(), None));
    machine.take_out(old.clone());
    // Newer ones came while the program saved.
    machine.ended(0, unsaved(new.clone(), None));
    machine.put_away(true).expect("it was taken");
    assert_eq!(ask(&mut machine, 0, 0), "SaveFirst");
    machine.saved(&new, true);
    assert_eq!(ask(&mut machine, 0, 0), "give 2");
}

#[test]
fn what_a_file_could_not_save_is_saved_later() {
    let mut machine = machine(Keeper::File);
    assert_eq!(ask(&mut machine, 900_000, 0), "start");
    let fresh = held(2, 900_000, 900);
    machine.ended(900_000, unsaved(fresh.clone(), Some(failure(Reason::SaveFailed))));
    assert_eq!(ask(&mut machine, 900_000, 0), "SaveFailed");
    assert_eq!(ask(&mut machine, 901_000, 0), "start");
    let plan = machine.plan();
    assert!(plan.fresh.is_some_and(|held| Arc::ptr_eq(&held, &fresh)), "to be saved, not to be refreshed");
    machine.ended(901_000, refresh(fresh));
    assert_eq!(ask(&mut machine, 901_000, 0), "give 2");
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
