//! The clocks, and the line of JSON that every driver writes; bench.c has the same
//! for C.

use std::fs;

use rustix::time::{ClockId, clock_gettime};

fn clock_ns(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The clock that the launcher reads too.
pub fn now_ns() -> u64 {
    clock_ns(ClockId::Monotonic)
}

/// The processor's time of this process, all threads together.
pub fn cpu_ns() -> u64 {
    clock_ns(ClockId::ProcessCPUTime)
}

/// A number out of one of the kernel's files about this process.
fn kilobytes(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/self/{file}")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Writes what memory the process had at most, and has written to.
pub fn memory() {
    let (peak, dirty) = (kilobytes("status", "VmHWM:"), kilobytes("smaps_rollup", "Private_Dirty:"));
    println!("{{\"peak_kb\": {peak}, \"dirty_kb\": {dirty}}}");
}

/// Writes what came of it: nanoseconds of the middle one of `times`, and of the
/// processor for each.
pub fn report(times: &mut [u64], cpu: u64) {
    let count = times.len();
    times.sort_unstable();
    println!("{{\"ns\": {}, \"cpu\": {:.1}}}", times[count / 2], cpu as f64 / count as f64);
}
