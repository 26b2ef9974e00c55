//! Points in time as servers write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 9999-12-31T23:59:59Z: nothing ends later, and no arithmetic overflows.
pub(super) const LATEST_AT: i64 = 253_402_300_799;

/// A wait longer than this is no answer to "when may I try again".
const LONGEST_WAIT_MS: i64 = 24 * 60 * 60 * 1000;

/// Seconds since 1970 UTC by the wall clock.
pub fn now_at() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(LATEST_AT).min(LATEST_AT)
}

/// `seconds` after `start_at`; never before it, never past the year 9999.
pub fn after(start_at: i64, seconds: i64) -> i64 {
    start_at.saturating_add(seconds.max(0)).min(LATEST_AT)
}

/// An HTTP date (RFC 9110, 5.6.7); 0 when it is none.
pub fn http_date_at(text: &str) -> i64 {
    let Ok(date) = httpdate::parse_http_date(text) else {
        return 0;
    };
    let since = date.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_secs()).unwrap_or(0)
}

/// The same the other way round.
pub fn http_date(seconds: u64) -> String {
    let latest = u64::try_from(LATEST_AT).unwrap_or_default();
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds.min(latest)))
}

/// `Retry-After` (RFC 9110, 10.2.3) in seconds or as a date, which is measured
/// against the server's own `Date` when it sent one. 0 when it cannot be
/// understood; a day when it is longer.
pub fn retry_after_ms(text: &str, server_date_at: i64) -> i64 {
    let text = text.trim();
    let seconds = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that do not fit are a very long time.
        text.parse::<i64>().unwrap_or(i64::MAX)
    } else {
        let until = http_date_at(text);
        let now = if server_date_at > 0 { server_date_at } else { now_at() };
        if until == 0 { 0 } else { until.saturating_sub(now).max(0) }
    };
    seconds.saturating_mul(1000).min(LONGEST_WAIT_MS)
}

/// An ISO 8601 date and time as LoginRadius writes it ("2018-10-11T21:40:44.875Z",
/// also without zone or with an offset). 0 when it is none, or is the year 1,
/// which stands for "none" there.
pub fn iso_at(text: &str) -> i64 {
    parse_iso(text).filter(|&at| (0..=LATEST_AT).contains(&at)).unwrap_or(0)
}

fn parse_iso(text: &str) -> Option<i64> {
    let number = |from: usize, len: usize| -> Option<i64> {
        let digits = text.get(from..from + len)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let marks = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    if !text.is_ascii() || marks.iter().any(|&(at, mark)| text.get(at..at + 1) != Some(mark)) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = text.get(19..)?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()),
        None => rest,
    };
    let offset = match zone.as_bytes() {
        [] | [b'Z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let at = text.len() - zone.len();
            let (hours, minutes) = (number(at + 1, 2)?, number(at + 4, 2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            if *sign == b'+' { seconds } else { -seconds }
        }
        _ => return None,
    };
    Some(days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. Counted from
/// March, so that a leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_dates() {
        assert_eq!(iso_at("2018-10-11T21:40:44.875Z"), 1_539_294_044);
        assert_eq!(iso_at("2018-10-11T21:40:44"), 1_539_294_044);
        assert_eq!(iso_at("2018-10-11T23:40:44+02:00"), 1_539_294_044);
        assert_eq!(iso_at("2018-10-11T19:10:44-02:30"), 1_539_294_044);
        assert_eq!(iso_at("2018-10-12T21:39:44+23:59"), 1_539_294_044);
        assert_eq!(iso_at("1970-01-01T00:00:00Z"), 0);
        assert_eq!(iso_at("2000-02-29T00:00:00Z"), 951_782_400);
        // A leap second.
        assert_eq!(iso_at("2016-12-31T23:59:60Z"), 1_483_228_800);
        for none in [
            "0001-01-01T00:00:00",
            "",
            "soon",
            "2018-13-11T21:40:44Z",
            "2018-10-11T24:40:44Z",
            "2018-10-11T21:60:44Z",
            "2018-10-11T21:40:61Z",
            "2018-10-11 21:40:44",
            "2018-10-11T21:40:44+2",
            "2018-10-11T21:40:44+-1:00",
            "2018-10-11T21:40:44-01:+1",
            "2018-10-11T21:40:44+24:00",
            "2018-10-11T21:40:44+01:60",
        ] {
            assert_eq!(iso_at(none), 0, "{none}");
        }
    }

    #[test]
    fn retry_after_in_both_forms() {
        assert_eq!(retry_after_ms("7", 0), 7_000);
        assert_eq!(retry_after_ms(" 120 ", 0), 120_000);
        assert_eq!(retry_after_ms("99999999999999999999999", 0), 86_400_000);
        assert_eq!(retry_after_ms("-5", 0), 0);
        assert_eq!(retry_after_ms("soon", 0), 0);
        let date = "Thu, 11 Oct 2018 21:40:44 GMT";
        assert_eq!(http_date_at(date), 1_539_294_044);
        assert_eq!(retry_after_ms(date, 1_539_294_014), 30_000);
        assert_eq!(retry_after_ms(date, 1_539_294_999), 0);
        // Without a date of the server's, by this machine's clock.
        assert_eq!(retry_after_ms("Sun, 01 Jan 2090 00:00:00 GMT", 0), 86_400_000);
        assert_eq!(retry_after_ms("Thu, 01 Jan 1970 23:00:00 GMT", 0), 0);
    }

    #[test]
    fn lifetimes_saturate() {
        assert_eq!(after(1000, 3600), 4600);
        assert_eq!(after(1000, -1), 1000);
        assert_eq!(after(1000, i64::MAX), LATEST_AT);
        assert_eq!(after(1000, i64::MIN), 1000);
    }
}
