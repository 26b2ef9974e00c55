//! What a session does next: a state machine that does no I/O and has no
//! clock. Blocking calls, polls and workers drive it; it decides.
//!
//! At most one refresh is under way. Tokens that have come are handed out once
//! they are saved. Failures are told apart: *kept* (nothing changed; it is
//! tried again later), *unclear* (sent, and no answer came: the program
//! decides), *gone* (sign in again).

mod doubts;
mod pauses;
mod saves;

use std::sync::Arc;

use self::pauses::LOOK_AGAIN_MS;
use super::held::Held;
use super::steps::{Brought, DOUBT_MS};
pub use super::steps::{End, Free, Keeper, Plan, Step, Trouble, no_refresh_token, signed_out};
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::sys::thread::ThreadId;

/// How many APIs are remembered that refused a token.
const MOST_DOUBTED: usize = 32;

/// See the module.
#[derive(Debug)]
pub struct Machine {
    keeper: Keeper,
    /// Whether it was made for the child of a fork.
    inherited: bool,
    /// Saved, or never to be: what is handed out.
    current: Option<Arc<Held>>,
    /// Whether an API refused its access token.
    refused: bool,
    /// APIs that refused one and took none since, and until when they bring
    /// about no other.
    doubted: Vec<(String, u64)>,
    /// Came, and is not saved.
    fresh: Option<Arc<Held>>,
    flying: bool,
    /// Whether the last flight was forced; and since when the next one is to be.
    force: bool,
    force_next_ms: Option<u64>,
    /// Whether a sign-out waits for the flight to end.
    leaving: bool,
    /// Raised with each change, so that nobody who waits misses one.
    pub changes: u64,
    /// Flights that ended.
    flights: u64,
    trouble: Option<Trouble>,
    /// Why the last flight failed, for those who waited for it.
    failure: Option<Error>,
    /// The tokens whose record the program has in hand.
    taken_out: Option<Arc<Held>>,
    /// Whether the host has saved that a refresh had no answer.
    marked: bool,
    /// What the last save came to, when the host could not.
    save_failed: bool,
    /// No flight before; the pause that this is the end of, and its beginning.
    not_before_ms: u64,
    paused_at_ms: u64,
    pause_ms: u64,
    failures: u32,
    /// What the last refresh brought.
    brought: Option<Brought>,
    /// Whether the file has had a record of this session.
    filed: bool,
    /// The thread that runs the host's save function.
    pub saving: Option<ThreadId>,
}

impl Machine {
    /// A session with tokens that are saved, or still without any.
    pub fn new(keeper: Keeper, current: Option<Arc<Held>>) -> Machine {
        Machine {
            keeper,
            inherited: false,
            filed: current.is_some(),
            current,
            refused: false,
            doubted: Vec::new(),
            fresh: None,
            flying: false,
            force: false,
            force_next_ms: None,
            leaving: false,
            changes: 0,
            flights: 0,
            trouble: None,
            failure: None,
            taken_out: None,
            marked: false,
            save_failed: false,
            not_before_ms: 0,
            paused_at_ms: 0,
            pause_ms: 0,
            failures: 0,
            brought: None,
            saving: None,
        }
    }

    /// The session of a parent, as its child may know it; `refused` when its
    /// access token was not to be handed out.
    pub fn inherited(keeper: Keeper, held: Option<Arc<Held>>, refused: bool) -> Machine {
        let trouble = match held {
            Some(_) => None,
            None => Some(Trouble::Gone(Error::new(
                Reason::State,
                "The session belongs to the process that forked this one, and had no tokens to give",
            ))),
        };
        Machine { inherited: true, refused, trouble, ..Machine::new(keeper, held) }
    }

    /// An access token that is good for `need_ms` more, or the way to one.
    /// `waited`: a flight that the caller waited for has ended; if it failed,
    /// its failure is the answer, and not another flight.
    pub fn ask(&mut self, now_ms: u64, need_ms: u64, waited: bool) -> Step {
        self.look_at_clock(now_ms);
        if let Some(error) = self.over() {
            return Step::Refuse(error);
        }
        if let Some(held) = self.current.clone().filter(|held| !self.refused && held.is_good(now_ms, need_ms)) {
            let early = self.given_freely().is_some_and(|free| now_ms >= free.until_ms);
            let start = early && self.why_not(now_ms, 0, false).is_none();
            return if start { self.start(Step::GiveAndStart(held), false) } else { Step::Give(held) };
        }
        match &self.failure {
            Some(failure) if waited && !self.flying && failure.reason != Reason::Cancelled => {
                Step::Refuse(failure.again())
            }
            _ => self.fly(now_ms, need_ms, false),
        }
    }

    /// What the flight came to that was waited for. One that somebody else
    /// cancelled is no answer, nor, for who forces, one that was not forced and
    /// sent nothing: then another.
    pub fn outcome(&mut self, now_ms: u64, force: bool) -> Step {
        let again =
            |failure: &Error| failure.reason == Reason::Cancelled || (force && !self.force && !failure.request_sent);
        if self.failure.as_ref().is_some_and(again) {
            return self.demand(now_ms, force);
        }
        match (self.over(), &self.failure, &self.current) {
            (Some(error), ..) => Step::Refuse(error),
            (_, Some(failure), _) => Step::Refuse(failure.again()),
            (_, None, Some(held)) => Step::Give(held.clone()),
            (_, None, None) => Step::Refuse(signed_out()),
        }
    }

    /// New tokens now, even if the old ones are good; `force` even if a refresh
    /// had no answer or the server asked to wait.
    pub fn demand(&mut self, now_ms: u64, force: bool) -> Step {
        self.look_at_clock(now_ms);
        match self.over() {
            Some(error) => Step::Refuse(error),
            None => self.fly(now_ms, 0, force),
        }
    }

    fn fly(&mut self, now_ms: u64, need_ms: u64, force: bool) -> Step {
        if self.flying {
            if force && !self.force {
                self.force_next_ms = Some(now_ms);
            }
            return Step::Wait;
        }
        let remembered = self.force_next_ms.take().is_some_and(|at_ms| now_ms.saturating_sub(at_ms) < DOUBT_MS);
        let force = remembered || force;
        match self.why_not(now_ms, need_ms, force) {
            Some(error) => Step::Refuse(error),
            None => self.start(Step::Start, force),
        }
    }

    fn start(&mut self, step: Step, force: bool) -> Step {
        (self.flying, self.force) = (true, force);
        step
    }

    /// Why nothing can be had from this session now, if so.
    pub fn over(&self) -> Option<Error> {
        if let Some(Trouble::Gone(error)) = &self.trouble {
            return Some(error.again());
        }
        if self.leaving {
            return Some(signed_out());
        }
        let first = self.fresh.is_some() && self.keeper == Keeper::Host;
        first.then(|| Error::new(Reason::SaveFirst, "The session has new tokens that are not saved yet"))
    }

    /// Why no flight may begin, if so.
    fn why_not(&self, now_ms: u64, need_ms: u64, force: bool) -> Option<Error> {
        let wait_ms = self.not_before_ms.saturating_sub(now_ms);
        match &self.trouble {
            Some(Trouble::Kept(error)) if wait_ms > 0 && !force => {
                let mut error = error.again();
                error.details_mut().retry_after_ms = i64::try_from(wait_ms).unwrap_or(i64::MAX);
                return Some(error);
            }
            // Somebody else may have got further; the store knows.
            Some(Trouble::Unclear(error)) if !force && (wait_ms > 0 || self.keeper != Keeper::File) => {
                return Some(error.again());
            }
            _ => {}
        }
        if self.fresh.is_some() {
            return None;
        }
        if self.inherited && self.keeper != Keeper::File {
            return Some(Error::new(
                Reason::State,
                "The session belongs to the process that forked this one, and no file keeps the two apart",
            ));
        }
        let held = self.current.as_ref();
        if held.is_none_or(|held| held.refresh_token.is_none()) && self.keeper != Keeper::File {
            return Some(no_refresh_token());
        }
        match self.brought {
            Some(brought) if !force && !self.refused && brought.is_too_short(now_ms, need_ms) => {
                let Brought { left_ms, .. } = brought;
                let what = format_args!(
                    "The last access token was good for {left_ms} ms when it came, and {need_ms} ms were asked for"
                );
                return Some(Error::new(Reason::TooShort, what));
            }
            _ => {}
        }
        None
    }

    /// What the flight that begins is for.
    pub fn plan(&self) -> Plan {
        Plan { current: self.current.clone(), fresh: self.fresh.clone(), filed: self.filed, force: self.force }
    }

    /// The flight has ended.
    pub fn ended(&mut self, now_ms: u64, end: End) {
        self.flying = false;
        self.flights += 1;
        // Signed out while it was under way.
        if self.is_gone() {
            return;
        }
        self.failure = match &end {
            End::Saved { .. } | End::Unsaved { failure: None, .. } => None,
            End::Unsaved { failure: Some(error), .. }
            | End::Kept(error, _)
            | End::Unclear(error, _)
            | End::Gone(error) => Some(error.again()),
        };
        if self.failure.as_ref().is_some_and(|failure| failure.request_sent) {
            // Who forces did not know of this.
            self.force_next_ms = None;
        }
        match end {
            End::Saved { held, refreshed } => {
                self.filed = true;
                if refreshed {
                    self.brought = Some(Brought::new(&held, now_ms, self.brought));
                }
                self.promote(held);
            }
            End::Unsaved { held, refreshed, failure } => {
                if refreshed {
                    self.brought = Some(Brought::new(&held, now_ms, self.brought));
                }
                self.fresh = Some(held);
                self.trouble = None;
                match failure {
                    Some(error) => self.keep(now_ms, error),
                    None => self.failures = 0,
                }
            }
            End::Kept(error, newer) => {
                self.adopt(newer);
                self.keep(now_ms, error);
            }
            End::Unclear(error, newer) => {
                self.adopt(newer);
                self.marked &= matches!(self.trouble, Some(Trouble::Unclear(_)));
                self.trouble = Some(Trouble::Unclear(error));
                self.pause(now_ms, LOOK_AGAIN_MS);
            }
            End::Gone(error) => drop(self.leave(error)),
        }
    }

    fn adopt(&mut self, newer: Option<Arc<Held>>) {
        if let Some(held) = newer {
            self.promote(held);
        }
    }

    fn promote(&mut self, held: Arc<Held>) {
        self.current = Some(held);
        (self.refused, self.fresh, self.trouble, self.save_failed) = (false, None, None, false);
        self.force_next_ms = None;
        (self.failures, self.not_before_ms, self.paused_at_ms) = (0, 0, 0);
    }

    /// Whether a sign-out has begun.
    pub fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// From here on nothing is handed out and nothing begun.
    pub fn begin_leaving(&mut self) {
        self.leaving = true;
    }

    /// Nobody is signed in any more, because of `error`. Returns the newest
    /// tokens there were.
    pub fn leave(&mut self, error: Error) -> Option<Arc<Held>> {
        self.trouble = Some(Trouble::Gone(error));
        let newest = self.fresh.take().or_else(|| self.current.take());
        (self.current, self.save_failed) = (None, false);
        newest
    }

    /// What may be handed out without asking this machine, and until when:
    /// then it would begin a flight.
    pub fn given_freely(&self) -> Option<Free> {
        let asks_first = self.over().is_some() || self.refused;
        let held = self.current.clone().filter(|_| !asks_first)?;
        let until_ms = match &self.trouble {
            _ if self.flying => u64::MAX,
            Some(Trouble::Unclear(_)) => u64::MAX,
            _ if self.fresh.is_some() => self.not_before_ms,
            _ if held.refresh_token.is_none() => u64::MAX,
            _ => held.early_ms.max(self.not_before_ms),
        };
        Some(Free { held, until_ms })
    }

    /// Whether nobody is signed in any more.
    pub fn is_gone(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Gone(_)))
    }

    /// The tokens that are handed out.
    pub fn current(&self) -> Option<&Arc<Held>> {
        self.current.as_ref()
    }

    /// Whether a flight is under way.
    pub fn is_flying(&self) -> bool {
        self.flying
    }

    /// How many flights have ended.
    pub fn flights(&self) -> u64 {
        self.flights
    }

    /// Why there are no new tokens.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// Why the last refresh or save failed.
    pub fn last_error(&self) -> Option<Error> {
        let what = "The program could not save the new tokens";
        let failed = self.save_failed.then(|| Error::new(Reason::SaveFailed, what));
        failed.or_else(|| self.trouble.as_ref().map(|trouble| trouble.error().again()))
    }
}
