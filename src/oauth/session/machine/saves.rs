//! What the host is to save, and what it says it has.

use std::sync::Arc;

use super::{Held, Keeper, Machine, Trouble};
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;

impl Machine {
    /// What the host is to save now, and whether with the mark of a refresh
    /// that had no answer.
    pub fn to_save(&self) -> Option<(&Arc<Held>, bool)> {
        let fresh = self.fresh.as_ref().map(|held| (held, false));
        fresh.or(self.unmarked().map(|held| (held, true))).filter(|_| !self.leaving)
    }

    /// The same, unless the program said that it goes on without.
    pub fn pending(&self) -> Option<(&Arc<Held>, bool)> {
        self.to_save().filter(|_| !self.goes_without())
    }

    /// What the host has saved, when a refresh of it had no answer and the host
    /// has not saved that: its next start would send the same token again.
    fn unmarked(&self) -> Option<&Arc<Held>> {
        let lost = matches!(self.trouble, Some(Trouble::Unclear(_))) && self.fresh.is_none();
        self.current.as_ref().filter(|_| lost && self.keeper == Keeper::Host && !self.marked)
    }

    /// The record that the host gave says that a refresh had no answer.
    pub fn set_marked(&mut self) {
        self.marked = true;
    }

    /// The tokens that are not saved yet, unless the program said that it goes
    /// on without.
    pub fn unsaved(&self) -> Option<&Arc<Held>> {
        self.fresh.as_ref().filter(|_| !self.goes_without())
    }

    /// Whether the program had tokens handed out that are not saved.
    fn goes_without(&self) -> bool {
        matches!((&self.current, &self.fresh), (Some(current), Some(fresh)) if Arc::ptr_eq(current, fresh))
    }

    /// The newest tokens that are saved.
    pub fn newest_saved(&self) -> Option<&Arc<Held>> {
        self.current.as_ref().filter(|_| !self.goes_without())
    }

    /// The program has the record of `held` in hand.
    pub fn take_out(&mut self, held: Arc<Held>) {
        self.taken_out = Some(held);
    }

    /// The record that the program has in hand is saved, or could not be.
    pub fn put_away(&mut self, ok: bool) -> Result<(), Error> {
        let held = self.taken_out.take().ok_or_else(|| {
            Error::new(Reason::State, "No record was taken: ropc_session_pending() gives the one to be saved")
        })?;
        self.saved(&held, ok);
        Ok(())
    }

    /// The program saved `held`, or could not.
    pub fn saved(&mut self, held: &Arc<Held>, ok: bool) {
        // It may be about tokens that are not the newest any more.
        if self.fresh.as_ref().is_some_and(|fresh| Arc::ptr_eq(fresh, held)) {
            if ok && self.keeper == Keeper::File {
                // Handed out, and still to be written: the file has the old ones.
                (self.current, self.refused) = (Some(held.clone()), false);
            } else if ok {
                self.promote(held.clone());
            } else {
                self.save_failed = true;
            }
        } else if self.unmarked().is_some_and(|current| Arc::ptr_eq(current, held)) {
            (self.marked, self.save_failed) = (ok, !ok);
        }
    }
}
