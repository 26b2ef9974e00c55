//! One refresh, on a worker: with a file, in the order that `store` tells.

use std::sync::Arc;
use std::time::Instant;

use super::held::Held;
use super::machine::{End, Plan, no_refresh_token, signed_out};
use super::shared::{Core, Shared};
use super::verdict::verdict;
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::store::{FileStore, Store, UserLock};
use crate::oauth::sys::sync::atomic::{AtomicBool, Ordering};
use crate::oauth::sys::sync::{Mutex, lock, now};
use crate::oauth::sys::thread::sleep;

/// A flight that was begun. However it ends, also when it is dropped in the
/// queue or panics, the session learns of it.
pub struct Flight {
    shared: Arc<Shared>,
    core: Arc<Core>,
    /// Once it runs.
    call: Mutex<Option<Arc<Call>>>,
    begun: Instant,
    ended: AtomicBool,
}

impl Flight {
    /// The flight that `core`'s machine has begun.
    pub fn new(shared: Arc<Shared>, core: Arc<Core>) -> Flight {
        Flight { shared, core, call: Mutex::new(None), begun: now(), ended: AtomicBool::new(false) }
    }

    /// Tells the session, once.
    pub fn end(&self, end: End) {
        if !self.ended.swap(true, Ordering::SeqCst) {
            self.core.change(&self.shared, |machine, now_ms| machine.ended(now_ms, end));
        }
    }

    /// Runs it, on a worker.
    pub fn fly(&self, call: &Arc<Call>) {
        *lock(&self.call) = Some(call.clone());
        let plan = lock(&self.core.machine).plan();
        let end = match self.shared.store.as_deref() {
            Some(Store::File(file)) => match lock_record(&self.shared, call, file) {
                Ok(user) => self.fly_with(call, &user, &plan),
                Err(error) => End::Kept(error, None),
            },
            store => match self.refresh(call, plan.newest()) {
                // The tokens in memory are the newest there are.
                Ok(held) if store.is_some() => End::Unsaved { held, refreshed: true, failure: None },
                Ok(held) => End::Saved { held, refreshed: true },
                Err(end) => end,
            },
        };
        self.end(end);
    }

    fn fly_with(&self, call: &Arc<Call>, user: &UserLock<'_>, plan: &Plan) -> End {
        if self.core.is_gone() {
            // What is there now may be of whoever signed in after that.
            return End::Gone(signed_out());
        }
        let end = self.fly_locked(call, user, plan);
        if self.core.is_gone() {
            // A sign-out that did not wait for this could not remove the record.
            let _ = user.remove();
        }
        end
    }

    fn fly_locked(&self, call: &Arc<Call>, user: &UserLock<'_>, plan: &Plan) -> End {
        let found = match user.read() {
            Ok(found) => found,
            Err(error) => return End::Kept(error, None),
        };
        if let Some(fresh) = plan.fresh.as_ref().filter(|_| !plan.filed) {
            return first_save(&self.shared, user, fresh);
        }
        let Some(found) = found else {
            return End::Gone(Error::new(Reason::SignedOut, "The user's record was removed from the store"));
        };
        let clock = &self.shared.clock;
        let marked_at = found.marked_at;
        // Only who had the lock has written: another record is a later one. Its
        // generation may be lower, after a sign-out, or a clock set back.
        let known = plan.newest().map_or(0, |held| held.generation);
        let is_later = match plan.fresh {
            Some(_) => found.generation >= known,
            None => found.generation != known,
        };
        let adopted = is_later.then(|| Arc::new(Held::from_record(found, clock)));
        if let (None, Some(fresh)) = (&adopted, &plan.fresh) {
            return self.save(user, fresh.clone());
        }
        if marked_at != 0 && !plan.force {
            return End::Unclear(unanswered(), adopted);
        }
        if let Some(held) = adopted.as_ref().filter(|held| !plan.force && held.is_young(clock.now_ms())) {
            return End::Saved { held: held.clone(), refreshed: false };
        }
        let held = adopted.as_ref().or(plan.newest());
        self.refresh_marked(call, user, held, marked_at, &adopted)
    }

    /// Marks, sends, saves. `marked_at`: the mark of an earlier refresh, which
    /// one that comes to nothing leaves as it was.
    fn refresh_marked(
        &self,
        call: &Arc<Call>,
        user: &UserLock<'_>,
        held: Option<&Arc<Held>>,
        marked_at: i64,
        adopted: &Option<Arc<Held>>,
    ) -> End {
        let Some(held) = held.filter(|held| held.refresh_token.is_some()) else {
            return End::Kept(no_refresh_token(), adopted.clone());
        };
        if let Err(error) = user.write(&held.to_record(self.shared.clock.now_at().max(1))) {
            // It may be there all the same, and nothing was sent.
            let _ = user.write(&held.to_record(marked_at));
            return End::Kept(error, adopted.clone());
        }
        match self.refresh(call, Some(held)) {
            Ok(held) => self.save(user, held),
            Err(End::Gone(error)) => {
                // If it cannot be removed, its mark tells the next start enough.
                let _ = user.remove();
                End::Gone(error)
            }
            Err(End::Kept(error, _)) => {
                let unmarked = user.write(&held.to_record(marked_at));
                let error = match unmarked {
                    Ok(()) => error,
                    Err(problem) => error.adding(format_args!("The store could not be told: {}.", problem.happened())),
                };
                End::Kept(error, adopted.clone())
            }
            Err(End::Unclear(error, _)) => End::Unclear(error, adopted.clone()),
            Err(end) => end,
        }
    }

    fn save(&self, user: &UserLock<'_>, held: Arc<Held>) -> End {
        if self.core.is_gone() {
            return End::Gone(signed_out());
        }
        match user.write(&held.to_record(0)) {
            Ok(()) => End::Saved { held, refreshed: true },
            Err(problem) => unsaved(held, true, &problem),
        }
    }

    /// Sends the refresh token, once.
    fn refresh(&self, call: &Arc<Call>, held: Option<&Arc<Held>>) -> Result<Arc<Held>, End> {
        let Some((held, token)) = held.and_then(|held| Some((held, held.refresh_token.as_ref()?))) else {
            return Err(End::Kept(no_refresh_token(), None));
        };
        if self.core.is_leaving() {
            return Err(End::Kept(signed_out(), None));
        }
        let left = call.left().map_err(|error| End::Kept(error, None))?;
        if left < self.shared.backend.time() / 4 {
            let what = "Too little time was left to refresh, and nothing was sent";
            return Err(End::Kept(Error::new(Reason::TimedOut, what), None));
        }
        let asked_ms = self.shared.clock.now_ms();
        match self.shared.backend.refresh(call, token.expose()) {
            Ok(tokens) if held.is_of_other(&tokens) => {
                let what = "The refresh was answered with an ID token of somebody else";
                Err(End::Gone(Error::new(Reason::OtherUser, what).in_answer()))
            }
            Ok(tokens) => Ok(Arc::new(Held::from_refresh(tokens, held, asked_ms))),
            Err(error) => Err(verdict(error, &self.shared)),
        }
    }
}

/// Half of the time is for waiting until others have refreshed: what is sent
/// late may have its answer cut off.
pub fn lock_record<'a>(shared: &Shared, call: &Call, file: &'a FileStore) -> Result<UserLock<'a>, Error> {
    // Once in any case, also when no time is left.
    let until = now() + call.left().unwrap_or_default() / 2;
    file.lock(&shared.binding, &mut |pause| {
        call.check()?;
        if now() >= until {
            return Err(Error::new(Reason::StoreBusy, "Another process holds the user's record"));
        }
        sleep(pause);
        Ok(())
    })
}

/// Puts a session's first tokens in the place of whatever the store has of the
/// user: whoever signs in anew means that.
pub fn first_save(shared: &Shared, user: &UserLock<'_>, held: &Arc<Held>) -> End {
    let now = shared.clock.now_at().unsigned_abs();
    let saved = user.read().and_then(|found| {
        // Newer than what was there before, also before somebody signed out:
        // another process may still know that.
        let generation = found.map_or(now, |found| now.max(found.generation.saturating_add(1)));
        let held = Arc::new(held.numbered(generation));
        user.write(&held.to_record(0)).map(|()| held)
    });
    match saved {
        Ok(held) => End::Saved { held, refreshed: false },
        Err(problem) => unsaved(held.clone(), false, &problem),
    }
}

/// The end of a flight whose tokens the store did not take.
pub fn unsaved(held: Arc<Held>, refreshed: bool, problem: &Error) -> End {
    let what = format_args!("The new tokens could not be saved: {}", problem.happened());
    End::Unsaved { held, refreshed, failure: Some(Error::new(Reason::SaveFailed, what)) }
}

/// What a flight says that was stopped in time.
pub fn cancelled() -> Error {
    Error::new(Reason::Cancelled, "The refresh was stopped before it began")
}

/// What a mark tells.
pub fn unanswered() -> Error {
    Error::new(Reason::Unclear, "A refresh was sent, by this or another process, and its answer never came")
}

impl Drop for Flight {
    fn drop(&mut self) {
        let call = lock(&self.call).take();
        let end = match call {
            None if now().saturating_duration_since(self.begun) >= self.shared.backend.time() => {
                End::Kept(Error::new(Reason::TimedOut, "No thread was free to refresh within the time limit"), None)
            }
            None => End::Kept(cancelled(), None),
            Some(call) if call.is_sent() => End::Unclear(call.bug(), None),
            Some(call) => End::Kept(call.bug(), None),
        };
        self.end(end);
    }
}
