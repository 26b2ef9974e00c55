//! When a refresh that failed is tried again.

use super::{Machine, Trouble};
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;

/// Pauses after a failure that may pass by itself, and after one that somebody
/// has to mend: doubled with each failure up to the longest.
const PASSING_MS: (u64, u64) = (1_000, 5 * 60_000);
const REFUSED_MS: (u64, u64) = (60_000, 60 * 60_000);

/// How long a shortage of threads is told before another is tried.
const SHORTAGE_MS: u64 = 100;

/// How long after an unclear end the store is looked at again.
pub(super) const LOOK_AGAIN_MS: u64 = 5_000;

impl Machine {
    /// Tries again later, because of `error`: nothing has changed.
    pub fn keep(&mut self, now_ms: u64, error: Error) {
        let asked_ms = u64::try_from(error.retry_after_ms).unwrap_or(0);
        // What an earlier refresh did is still not known.
        if matches!(self.trouble, Some(Trouble::Unclear(_))) {
            self.pause(now_ms, LOOK_AGAIN_MS.max(asked_ms));
            return;
        }
        // No server was asked, and none is to be spared.
        let at_once = match error.reason {
            Reason::Cancelled => Some(0),
            Reason::Resources => Some(SHORTAGE_MS),
            _ => None,
        };
        if let Some(pause_ms) = at_once {
            self.trouble = Some(Trouble::Kept(error));
            self.pause(now_ms, pause_ms);
            return;
        }
        let (first, longest) = if error.retryable() { PASSING_MS } else { REFUSED_MS };
        let pause_ms = first.saturating_mul(1 << self.failures.min(20)).min(longest);
        let pause_ms = pause_ms.max(asked_ms);
        self.pause(now_ms, pause_ms);
        if let Some(failure) = &mut self.failure {
            failure.details_mut().retry_after_ms = i64::try_from(pause_ms).unwrap_or(i64::MAX);
        }
        self.failures = self.failures.saturating_add(1);
        self.trouble = Some(Trouble::Kept(error));
    }

    /// No flight for so long.
    pub fn pause(&mut self, now_ms: u64, pause_ms: u64) {
        (self.paused_at_ms, self.pause_ms) = (now_ms, pause_ms);
        self.not_before_ms = now_ms.saturating_add(pause_ms);
    }

    /// A clock that went back, as that of a restored machine, makes no pause
    /// longer.
    pub fn look_at_clock(&mut self, now_ms: u64) {
        if now_ms < self.paused_at_ms {
            self.pause(now_ms, self.pause_ms);
        }
        if self.brought.is_some_and(|brought| now_ms < brought.at_ms) {
            self.brought = None;
            self.doubted.clear();
        }
    }
}
