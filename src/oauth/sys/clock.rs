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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::elapsed_ms;

    #[test]
    fn it_goes_on_as_time_passes() {
        let (start, start_ms) = (Instant::now(), elapsed_ms());
        while start.elapsed() < Duration::from_millis(40) {}
        let passed_ms = elapsed_ms() - start_ms;
        // Windows counts in steps of 16 ms.
        assert!((20..20_000).contains(&passed_ms), "{passed_ms}");
    }
}
