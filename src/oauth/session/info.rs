//! What a program shows of a session.

use super::Session;
use super::machine::Trouble;
use crate::oauth::error::Error;

/// How a session is.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionState {
    /// An access token is there, and good.
    SignedIn = 1,
    /// None is, and a refresh is under way or will be at the next call.
    Refreshing = 2,
    /// New tokens are to be saved first.
    SaveFirst = 3,
    /// None is good, and the last refresh failed; it is tried again.
    Waiting = 4,
    /// None is good, and a refresh was sent whose answer never came.
    Unclear = 5,
    /// Nobody is signed in any more.
    SignedOut = 6,
}

/// A session at one moment.
#[derive(Debug)]
#[non_exhaustive]
pub struct SessionInfo {
    /// How it is.
    pub state: SessionState,
    /// Who it is, as the program says.
    pub user_key: String,
    /// What was granted, when the server says so.
    pub scope: Option<String>,
    /// When the access token ends; 0 = unknown.
    pub expires_at: i64,
    /// When the tokens came; 0 when there are none.
    pub received_at: i64,
    /// Whether a refresh is under way.
    pub refreshing: bool,
    /// Why the last refresh or save failed; none once one succeeded.
    pub last_error: Option<Error>,
}

impl Session {
    /// How the session is now. Does not block.
    pub fn status(&self) -> Result<SessionInfo, Error> {
        let now_ms = self.shared.clock.now_ms();
        let machine = self.shared.core().lock()?;
        let good = machine.given_freely().is_some_and(|free| free.held.is_good(now_ms, 0));
        let state = match machine.trouble() {
            Some(Trouble::Gone(_)) => SessionState::SignedOut,
            _ if machine.is_leaving() => SessionState::SignedOut,
            _ if machine.over().is_some() => SessionState::SaveFirst,
            _ if good => SessionState::SignedIn,
            Some(Trouble::Unclear(_)) => SessionState::Unclear,
            Some(Trouble::Kept(_)) if !machine.is_flying() => SessionState::Waiting,
            _ => SessionState::Refreshing,
        };
        let held = machine.current().or(machine.unsaved());
        Ok(SessionInfo {
            state,
            user_key: self.shared.binding.user_key.clone(),
            scope: held.and_then(|held| held.scope.clone()),
            expires_at: held.map_or(0, |held| held.expires_at),
            received_at: held.map_or(0, |held| held.received_at),
            refreshing: machine.is_flying(),
            last_error: machine.last_error(),
        })
    }
}
