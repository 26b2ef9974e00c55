//! The session without I/O: what happened goes in, what to do comes out, and
//! the time is what a test says.

mod doubts;
mod flight;
mod forced;
mod held;
mod leaving;
mod pauses;
mod saves;
mod short;
mod unclear;
mod verdict;

use std::sync::Arc;

use super::held::Held;
use super::machine::{End, Keeper, Machine, Step};
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
fn without_an_access_token_nothing_is_good() {
    let record = Record { generation: 3, refresh_token: Some(Secret::new("r")), ..Record::default() };
    let held = Arc::new(Held::from_record(record, &Clock::system()));
    for keeper in KEEPERS {
        assert_eq!(ask(&mut Machine::new(keeper, Some(held.clone())), 0, 0), "start");
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
