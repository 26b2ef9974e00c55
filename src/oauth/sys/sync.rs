//! Locks and atomics: std's; under `--cfg shuttle` those of the model checker,
//! which runs threads in every order it can think of (src/oauth/models.rs).

#[cfg(shuttle)]
pub use shuttle::sync::{Condvar, Mutex, MutexGuard, atomic};
use std::sync::PoisonError;
#[cfg(not(shuttle))]
pub use std::sync::{Condvar, Mutex, MutexGuard, atomic};
use std::time::{Duration, Instant};

/// The time.
pub fn now() -> Instant {
    Instant::now()
}

/// The instant `most` from now; some year when it cannot be expressed.
pub fn after(most: Duration) -> Instant {
    const LONG: Duration = Duration::from_secs(365 * 24 * 3600);
    let now = now();
    now.checked_add(most).unwrap_or(now + LONG)
}

/// Locks, also after a panic in another holder: every state kept behind our
/// locks is valid between any two statements.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until notified or until `most` is over, or for no reason: whoever
/// calls looks again.
pub fn wait<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>, most: Duration) -> MutexGuard<'a, T> {
    // The checker has no clock: at random this is the time that is over, or a
    // wake-up for no reason.
    #[cfg(shuttle)]
    if most.is_zero() || shuttle::rand::Rng::r#gen(&mut shuttle::rand::thread_rng()) {
        return guard;
    }
    condvar.wait_timeout(guard, most).unwrap_or_else(PoisonError::into_inner).0
}
