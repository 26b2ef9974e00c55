//! What a session learns of a flight that comes to no answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::{held, tokens, word};
use crate::oauth::call::{Call, TimeLimits};
use crate::oauth::clock::Clock;
use crate::oauth::error::Error;
use crate::oauth::profile::RFC6749;
use crate::oauth::reason::Reason;
use crate::oauth::request::Work;
use crate::oauth::session::flight::Flight;
use crate::oauth::session::machine::{Keeper, Trouble, signed_out};
use crate::oauth::session::shared::{Backend, Shared, Terms};
use crate::oauth::store::Binding;
use crate::oauth::task::Task;
use crate::oauth::tokens::Tokens;

/// Answers, or panics before or after it sends.
#[derive(Clone, Copy)]
enum Server {
    Answers,
    PanicsUnsent,
    PanicsSent,
}

struct Line {
    server: Server,
    time: Duration,
}

impl Backend for Line {
    fn refresh(&self, call: &Arc<Call>, _: &str) -> Result<Tokens, Error> {
        match self.server {
            Server::Answers => return Ok(tokens("access-2", 900)),
            Server::PanicsUnsent => {}
            Server::PanicsSent => call.set_sent(),
        }
        std::panic::resume_unwind(Box::new("a bug"))
    }

    fn prepare(&self, _: Work) -> Arc<Task> {
        unreachable!("the test flies by itself")
    }

    fn start(&self, _: &Arc<Task>) -> Result<(), Error> {
        unreachable!("the test flies by itself")
    }

    fn time(&self) -> Duration {
        self.time
    }
}

/// A flight that has begun, of refreshes that may take so long.
fn begun(server: Server, time_ms: u64) -> (Arc<Shared>, Flight) {
    let terms = Terms {
        profile: &RFC6749,
        ended: Vec::new(),
        clock: Clock::made(Arc::new(|| 0), Arc::new(|| 0)),
        keeper: Keeper::Nobody,
        store: None,
        binding: Binding { origin: "https://a.example".into(), client_id: "app".into(), user_key: "ada".into() },
    };
    let line = Line { server, time: Duration::from_millis(time_ms) };
    let shared = Shared::new(Box::new(line), terms, Some(held(1, 0, 900)));
    let step = shared.core().change(&shared, |machine, now_ms| machine.demand(now_ms, true));
    assert_eq!(word(step), "start");
    let flight = Flight::new(shared.clone(), shared.core().clone());
    (shared, flight)
}

/// Which tokens the session has after a flight, and its trouble.
fn told(shared: &Shared) -> (u64, Option<(&'static str, Reason, String)>) {
    let machine = shared.core().lock().expect("nobody panics with it");
    assert!(!machine.is_flying());
    let trouble = machine.trouble().map(|trouble| {
        let kind = match trouble {
            Trouble::Kept(_) => "kept",
            Trouble::Unclear(_) => "unclear",
            Trouble::Gone(_) => "gone",
        };
        (kind, trouble.error().reason, trouble.error().message.clone())
    });
    (machine.current().expect("tokens").generation, trouble)
}

#[test]
fn what_is_begun_too_late_is_not_sent() {
    let minute = TimeLimits { connect_ms: 60_000, total_ms: 60_000 };
    // A quarter of the time must be left, so that an answer can still come.
    for (time_ms, sent) in [(120_000, true), (300_000, false)] {
        let (shared, flight) = begun(Server::Answers, time_ms);
        flight.fly(&Arc::new(Call::whole(minute)));
        let (generation, trouble) = told(&shared);
        assert_eq!((generation, trouble.is_none()), if sent { (2, true) } else { (1, false) });
        if let Some((kind, reason, message)) = trouble {
            assert_eq!((kind, reason), ("kept", Reason::TimedOut));
            assert!(message.contains("Too little time was left"), "{message}");
        }
    }
}

#[test]
fn a_flight_that_is_dropped_says_why() {
    for (time_ms, reason, part) in
        [(0, Reason::TimedOut, "No thread was free"), (3_600_000, Reason::Cancelled, "stopped before it began")]
    {
        let (shared, flight) = begun(Server::Answers, time_ms);
        drop(flight);
        let (generation, trouble) = told(&shared);
        let (kind, found, message) = trouble.expect("a failure");
        assert_eq!((generation, kind, found), (1, "kept", reason));
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_panic_is_unclear_once_the_refresh_is_sent() {
    for (server, kind, reason) in
        [(Server::PanicsUnsent, "kept", Reason::Bug), (Server::PanicsSent, "unclear", Reason::Bug)]
    {
        let (shared, flight) = begun(server, 1000);
        let call = Arc::new(Call::whole(TimeLimits { connect_ms: 60_000, total_ms: 60_000 }));
        catch_unwind(AssertUnwindSafe(|| flight.fly(&call))).expect_err("it panics");
        drop(flight);
        let (generation, trouble) = told(&shared);
        let (told_kind, told_reason, _) = trouble.expect("a failure");
        assert_eq!((generation, told_kind, told_reason), (1, kind, reason));
    }
}

#[test]
fn a_flight_that_meets_a_sign_out_sends_nothing() {
    let (shared, flight) = begun(Server::Answers, 120_000);
    shared.core().change(&shared, |machine, _| machine.begin_leaving());
    flight.fly(&Arc::new(Call::whole(TimeLimits { connect_ms: 60_000, total_ms: 60_000 })));
    let newest = shared.core().change(&shared, |machine, _| machine.leave(signed_out()));
    assert_eq!(newest.map(|held| held.generation), Some(1), "the tokens that the server is to end");
}
