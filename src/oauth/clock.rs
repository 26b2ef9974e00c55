//! The two clocks of sessions and ID tokens: one that counts time as it passes,
//! also while the machine sleeps, and that nobody can set; and the wall's, for
//! dates that people and servers read.

use std::fmt;
use std::sync::Arc;

use super::sys::clock::{elapsed_ms, soon_ms};
use super::time::now_at;

type Read<T> = Arc<dyn Fn() -> T + Send + Sync>;

/// Where the time comes from.
#[derive(Clone)]
pub struct Clock(Option<(Read<u64>, Read<i64>)>);

impl Clock {
    /// The system's.
    pub fn system() -> Clock {
        Clock(None)
    }

    /// One of a test's: milliseconds that pass, and seconds since 1970 UTC.
    #[doc(hidden)] // Public for our own tests.
    pub fn made(now_ms: Read<u64>, now_at: Read<i64>) -> Clock {
        Clock(Some((now_ms, now_at)))
    }

    /// Milliseconds since some point in the past, time asleep included.
    pub fn now_ms(&self) -> u64 {
        self.0.as_ref().map_or_else(elapsed_ms, |(now_ms, _)| now_ms())
    }

    /// The same, or a little later: what still holds then holds now. Costs next
    /// to nothing.
    pub fn soon_ms(&self) -> u64 {
        self.0.as_ref().map_or_else(soon_ms, |(now_ms, _)| now_ms())
    }

    /// Seconds since 1970 UTC.
    pub fn now_at(&self) -> i64 {
        self.0.as_ref().map_or_else(now_at, |(_, now_at)| now_at())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
