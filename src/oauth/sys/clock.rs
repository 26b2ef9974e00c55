//! Time that passes, a machine's sleep included; std's does not count that.

/// Milliseconds since some point in the past, often the start of the system.
#[cfg(unix)]
pub fn elapsed_ms() -> u64 {
    // Apple's monotonic clock goes on in sleep, the one std uses does not; the
    // BSDs have none that does.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: libc::clockid_t = libc::CLOCK_BOOTTIME;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes into `time` and nowhere else. It fails only for a
    // clock that does not exist, and then leaves the zeros.
    unsafe { libc::clock_gettime(CLOCK, &mut time) };
    (time.tv_sec as u64).saturating_mul(1000) + time.tv_nsec as u64 / 1_000_000
}

/// Milliseconds since the start of the system.
#[cfg(windows)]
pub fn elapsed_ms() -> u64 {
    // SAFETY: takes nothing and only reads a counter.
    unsafe { windows_sys::Win32::System::SystemInformation::GetTickCount64() }
}

/// Seconds since 1970 by the wall clock, or the one before: the system keeps it
/// ready, and nothing is to be looked up.
#[cfg(unix)]
pub fn wall_at() -> i64 {
    // SAFETY: NULL is no place to write to.
    unsafe { libc::time(std::ptr::null_mut()) as i64 }
}

/// Seconds since 1970 by the wall clock.
#[cfg(windows)]
pub fn wall_at() -> i64 {
    crate::oauth::time::now_at()
}

/// Now, or at most three seconds later: for who asks for nanoseconds' sake.
/// Three of them, where [`elapsed_ms`] takes 24.
///
/// The wall clock's second, which the system keeps ready, tells whether the last
/// look at the other clock was in this very second; it goes on while the machine
/// sleeps. Only where it is set back into the very second of the last look does
/// this lag behind, until that second is over.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn soon_ms() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A second by the wall clock, and the one by the other clock that it was.
    static SEEN: AtomicU64 = AtomicU64::new(0);
    let wall = wall_at() as u32;
    let seen = SEEN.load(Ordering::Relaxed);
    // All ones are no time.
    if (seen >> 32) as u32 == wall && wall != u32::MAX {
        // One for the part of a second that was not noted, one that may have
        // passed since, and one because the wall's second may begin a little
        // late.
        return (u64::from(seen as u32) + 3) * 1000;
    }
    // After the wall clock: a thread that is stopped in between must not take an
    // old time for that of a later second.
    let now_ms = elapsed_ms();
    SEEN.store(u64::from(wall) << 32 | (now_ms / 1000), Ordering::Relaxed);
    now_ms
}

/// Now.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn soon_ms() -> u64 {
    elapsed_ms()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{elapsed_ms, soon_ms, wall_at};

    #[test]
    fn it_goes_on_as_time_passes() {
        let (start, start_ms) = (Instant::now(), elapsed_ms());
        while start.elapsed() < Duration::from_millis(40) {}
        let passed_ms = elapsed_ms() - start_ms;
        // Windows counts in steps of 16 ms.
        assert!((20..20_000).contains(&passed_ms), "{passed_ms}");
    }

    #[test]
    fn the_wall_clock_is_that_of_everybody() {
        let before_at = crate::oauth::time::now_at();
        let seen_at = wall_at();
        assert!((before_at - 1..=crate::oauth::time::now_at()).contains(&seen_at), "{seen_at} at {before_at}");
    }

    #[test]
    fn soon_is_never_past_and_never_far() {
        let start = Instant::now();
        // Long enough for the end of a second.
        while start.elapsed() < Duration::from_millis(1500) {
            let before_ms = elapsed_ms();
            let soon_ms = soon_ms();
            let after_ms = elapsed_ms();
            assert!((before_ms..=after_ms + 3000).contains(&soon_ms), "{soon_ms} at {before_ms}");
            std::thread::sleep(Duration::from_millis(3));
        }
    }
}
