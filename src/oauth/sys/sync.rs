//! Locks and atomics: std's; under `--cfg shuttle` those of the model checker,
//! which runs threads in every order it can think of (src/oauth/models).

#[cfg(shuttle)]
pub use modelled::{now, wait};
#[cfg(shuttle)]
pub use shuttle::sync::{Condvar, Mutex, MutexGuard, atomic};
use std::sync::PoisonError;
#[cfg(not(shuttle))]
pub use std::sync::{Condvar, Mutex, MutexGuard, atomic};
use std::time::{Duration, Instant};

/// The time.
#[cfg(not(shuttle))]
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
#[cfg(not(shuttle))]
pub fn wait<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>, most: Duration) -> MutexGuard<'a, T> {
    condvar.wait_timeout(guard, most).unwrap_or_else(PoisonError::into_inner).0
}

/// Time in a model stands still, except that a wait may run out of it: at
/// random, so that a schedule can be repeated.
#[cfg(shuttle)]
mod modelled {
    use std::cell::Cell;
    use std::sync::PoisonError;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use shuttle::rand::{Rng, thread_rng};
    use shuttle::sync::{Condvar, MutexGuard};
    use shuttle::thread;

    /// A wait as long as this never runs out of time: where a wake-up was
    /// lost, the checker sees a deadlock.
    const FOR_EVER: Duration = Duration::from_secs(24 * 3600);

    thread_local! {
        // All threads of a model run in one of the system's.
        static NOW: Cell<Instant> = Cell::new(Instant::now());
    }

    pub fn now() -> Instant {
        NOW.get()
    }

    pub fn wait<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>, most: Duration) -> MutexGuard<'a, T> {
        if most.is_zero() || thread_rng().gen_ratio(1, 4) {
            return guard;
        }
        let block = |guard| condvar.wait(guard).unwrap_or_else(PoisonError::into_inner);
        if most >= FOR_EVER {
            return block(guard);
        }
        let until = now() + most;
        let woken = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..thread_rng().gen_range(0..8) {
                    thread::yield_now();
                }
                if !woken.load(Ordering::Relaxed) {
                    NOW.set(now().max(until));
                }
                // Again: it may not have begun to wait.
                while !woken.load(Ordering::Relaxed) {
                    condvar.notify_all();
                    thread::yield_now();
                }
            });
            let guard = block(guard);
            woken.store(true, Ordering::Relaxed);
            guard
        })
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use super::*;

    #[test]
    fn an_instant_that_cannot_be_expressed_is_a_year_away() {
        let left = |most| after(most).saturating_duration_since(now());
        assert!((1..=60).contains(&left(Duration::from_secs(60)).as_secs()));
        assert!((364..=365).contains(&(left(Duration::MAX).as_secs() / 86_400)));
    }
}
