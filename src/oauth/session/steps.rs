//! What goes into the machine and what comes out of it: steps, flights and how
//! they end.

use std::sync::Arc;

use super::held::Held;
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;

/// How long an API that refuses every token brings about no other, nor tokens
/// that do not live long enough.
pub(super) const DOUBT_MS: u64 = 60_000;

/// Tokens that came with too little left are asked for again after this.
const HARDLY_MS: u64 = 1_000;

/// Who saves tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// Nobody: the session lives as long as the program.
    Nobody,
    /// The program, when it is told that it must.
    Host,
    /// The worker that got them, under the lock of a file.
    File,
}

/// What to do now.
#[derive(Debug)]
pub enum Step {
    /// Hand this token out.
    Give(Arc<Held>),
    /// Hand this token out, and begin a flight beside.
    GiveAndStart(Arc<Held>),
    /// Begin a flight, then wait for it.
    Start,
    /// Wait: a flight is under way.
    Wait,
    /// Fail.
    Refuse(Error),
}

/// What a flight is for.
#[derive(Debug)]
pub struct Plan {
    /// The newest tokens that are saved.
    pub current: Option<Arc<Held>>,
    /// Newer ones, which are only to be saved.
    pub fresh: Option<Arc<Held>>,
    /// Whether the file has had a record of this session.
    pub filed: bool,
    /// Whether to send the refresh token although an earlier one had no
    /// answer, and although the access token is good.
    pub force: bool,
}

impl Plan {
    /// The newest tokens in memory.
    pub fn newest(&self) -> Option<&Arc<Held>> {
        self.fresh.as_ref().or(self.current.as_ref())
    }
}

/// Tokens that need not be asked for.
#[derive(Debug)]
pub struct Free {
    /// The tokens.
    pub held: Arc<Held>,
    /// Until when, if their access token is good for so long.
    pub until_ms: u64,
}

/// How a flight ended.
#[derive(Debug)]
pub enum End {
    /// There are new tokens, and they are saved; `refreshed` by this flight, or
    /// found in the store.
    Saved { held: Arc<Held>, refreshed: bool },
    /// There are new tokens, to be saved by the host, or again after an error.
    Unsaved { held: Arc<Held>, refreshed: bool, failure: Option<Error> },
    /// Nothing was replaced, except by newer tokens that the store had.
    Kept(Error, Option<Arc<Held>>),
    /// The refresh token was sent, and no answer came. The store may have had
    /// newer ones before.
    Unclear(Error, Option<Arc<Held>>),
    /// Nobody is signed in any more.
    Gone(Error),
}

/// Why there are no new tokens.
#[derive(Debug)]
pub enum Trouble {
    /// Tried again after a pause.
    Kept(Error),
    /// Not tried again by itself.
    Unclear(Error),
    /// Over.
    Gone(Error),
}

impl Trouble {
    /// What it is about.
    pub fn error(&self) -> &Error {
        match self {
            Trouble::Kept(error) | Trouble::Unclear(error) | Trouble::Gone(error) => error,
        }
    }
}

/// What a refresh brought.
#[derive(Clone, Copy, Debug)]
pub struct Brought {
    /// When they came.
    pub at_ms: u64,
    lifetime_ms: u64,
    /// How much of that was left when it came.
    pub left_ms: u64,
    /// How much was left of the one before, when that came.
    before_ms: u64,
}

impl Brought {
    /// These tokens, which came now, and after those of `before`.
    pub fn new(held: &Held, now_ms: u64, before: Option<Brought>) -> Brought {
        Brought {
            at_ms: now_ms,
            lifetime_ms: held.lifetime_ms,
            left_ms: held.ends_ms.saturating_sub(now_ms),
            before_ms: before.map_or(u64::MAX, |before| before.left_ms),
        }
    }

    /// Whether another refresh would bring what is too short again: tokens that
    /// never live so long, or one that is hardly older than this. A machine may
    /// have slept in the middle of one refresh, but not of two.
    pub fn is_too_short(self, now_ms: u64, need_ms: u64) -> bool {
        let since_ms = now_ms.saturating_sub(self.at_ms);
        let need_ms = need_ms.max(1);
        let never = self.lifetime_ms < need_ms && since_ms < DOUBT_MS;
        let hardly = self.left_ms.max(self.before_ms) < need_ms && since_ms < HARDLY_MS;
        never || hardly || (need_ms > 1 && since_ms < (self.left_ms / 5).min(DOUBT_MS))
    }
}

/// What a session says whose server issued no refresh token.
pub fn no_refresh_token() -> Error {
    Error::new(Reason::NoRefreshToken, "The access token has ended and cannot be refreshed")
}

/// What a session says once its user signed out.
pub fn signed_out() -> Error {
    Error::new(Reason::SignedOut, "The session was signed out")
}
