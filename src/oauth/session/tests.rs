//! The session without I/O: what happened goes in, what to do comes out, and
//! the time is what a test says.

mod flight;
mod held;
mod machine;
mod verdict;

use std::sync::Arc;

use super::held::Held;
use super::machine::{End, Keeper, Machine, Step, Trouble, signed_out};
use crate::oauth::clock::Clock;
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::secret::Secret;
use crate::oauth::store::Record;
use crate::oauth::tokens::Tokens;

const KEEPERS: [Keeper; 3] = [Keeper::Nobody, Keeper::Host, Keeper::File];

/// Tokens that a server issued at `at_ms`, to live for so many seconds.
fn held(generation: u64, at_ms: u64, seconds: i64) -> Arc<Held> {
    Arc::new(Held::from_tokens(tokens(&format!("access-{generation}"), seconds), generation, at_ms))
}

fn tokens(access: &str, seconds: i64) -> Tokens {
    Tokens {
        access_token: Secret::new(access),
        token_type: "Bearer".into(),
        refresh_token: Some(Secret::new("refresh")),
        id_token: None,
        scope: None,
        expires_at: 1_000_000 + seconds,
        received_at: 1_000_000,
        server_date_at: 0,
        extras: Vec::new(),
    }
}

/// A session of `keeper` whose tokens came at 0 and live for 900 seconds.
fn machine(keeper: Keeper) -> Machine {
    Machine::new(keeper, Some(held(1, 0, 900)))
}

fn refresh(held: Arc<Held>) -> End {
    End::Saved { held, refreshed: true }
}

fn unsaved(held: Arc<Held>, failure: Option<Error>) -> End {
    End::Unsaved { held, refreshed: true, failure }
}

/// What a step is, in a word, and about which tokens.
fn word(step: Step) -> String {
    match step {
        Step::Give(held) => format!("give {}", held.generation),
        Step::GiveAndStart(held) => format!("give {} and start", held.generation),
        Step::Start => "start".into(),
        Step::Wait => "wait".into(),
        Step::Refuse(error) => format!("{:?}", error.reason),
    }
}

fn ask(machine: &mut Machine, now_ms: u64, need_ms: u64) -> String {
    word(machine.ask(now_ms, need_ms, false))
}

fn failure(reason: Reason) -> Error {
    Error::new(reason, "It failed")
}

#[test]
fn the_life_of_a_token() {
    for keeper in KEEPERS {
        let mut machine = machine(keeper);
        assert_eq!(ask(&mut machine, 0, 0), "give 1");
        assert_eq!(ask(&mut machine, 839_999, 0), "give 1");
        // In the margin: one flight, however often it is asked.
        assert_eq!(ask(&mut machine, 840_000, 0), "give 1 and start");
        assert_eq!(ask(&mut machine, 840_000, 60_000), "give 1");
        assert_eq!(ask(&mut machine, 840_000, 60_001), "wait");
        assert_eq!(ask(&mut machine, 899_999, 1), "give 1");
        assert_eq!(ask(&mut machine, 899_999, 2), "wait");
        assert_eq!(ask(&mut machine, 900_000, 0), "wait");
        machine.ended(900_500, refresh(held(2, 900_000, 900)));
        assert_eq!(ask(&mut machine, 900_500, 0), "give 2");
        assert_eq!(ask(&mut machine, 1_800_000, 0), "start");
    }
}

#[test]
fn without_an_access_token_nothing_is_good() {
    let record = Record { generation: 3, refresh_token: Some(Secret::new("r")), ..Record::default() };
    let held = Arc::new(Held::from_record(record, &Clock::system()));
    for keeper in KEEPERS {
        assert_eq!(ask(&mut Machine::new(keeper, Some(held.clone())), 0, 0), "start");
    }
}

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

#[test]
fn once_over_always_over() {
    for keeper in KEEPERS {
        let mut machine = machine(keeper);
        assert_eq!(ask(&mut machine, 840_000, 0), "give 1 and start");
        machine.ended(840_000, End::Gone(failure(Reason::RefreshEnded)));
        for force in [false, true] {
            assert_eq!(word(machine.demand(840_000, force)), "RefreshEnded");
        }
        assert_eq!(ask(&mut machine, 840_000, 0), "RefreshEnded");
        // Whatever still comes in.
        machine.ended(840_000, refresh(held(2, 840_000, 900)));
        machine.expire("access-1");
        assert_eq!(ask(&mut machine, 840_000, 0), "RefreshEnded");
        assert!(machine.current().is_none() && machine.unsaved().is_none() && machine.given_freely().is_none());
    }
}

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

#[test]
fn the_child_of_a_fork() {
    for (keeper, at_the_end) in [(Keeper::Nobody, "State"), (Keeper::Host, "State"), (Keeper::File, "start")] {
        let mut child = Machine::inherited(keeper, Some(held(1, 0, 900)), false);
        assert_eq!(ask(&mut child, 0, 0), "give 1");
        assert_eq!(ask(&mut child, 900_000, 0), at_the_end, "{keeper:?}");
        let mut refused = Machine::inherited(keeper, Some(held(1, 0, 900)), true);
        assert_eq!(ask(&mut refused, 0, 0), at_the_end, "{keeper:?}");
        let mut empty = Machine::inherited(keeper, None, false);
        assert_eq!(ask(&mut empty, 0, 0), "State");
    }
}
