//! Waits, dates and numbers as servers write them, each compared with a second
//! reading.

use ropc::oauth::fuzzing::{Members, after, http_date_at, integer, iso_at, retry_after_ms};

use crate::input::{Input, text};
use crate::rules::LATEST_AT;

const DAY_MS: i64 = 86_400_000;

/// The input: the server's `Date`, a line feed, and a text that is then read in
/// every way.
pub fn times(input: &[u8]) {
    let mut input = Input::new(input);
    let date = text(input.line());
    let said = text(input.rest());
    let date_at = http_date_at(date);
    same_date(date, date_at);
    same_date(said, http_date_at(said));
    wait(said, date_at);
    iso(said);
    lifetime(said);
}

fn wait(said: &str, date_at: i64) {
    let ms = retry_after_ms(said, date_at);
    assert!((0..=DAY_MS).contains(&ms), "Retry-After {said:?} is {ms} ms");
    let trimmed = said.trim();
    if !trimmed.is_empty() && trimmed.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = trimmed.bytes().fold(0u128, |sum, digit| (sum * 10 + u128::from(digit - b'0')).min(1 << 64));
        assert_eq!(ms as u128, (seconds * 1000).min(DAY_MS as u128), "Retry-After {said:?}");
    } else if http_date_at(trimmed) == 0 {
        assert_eq!(ms, 0, "{said:?} is neither a number nor a date");
    } else if date_at > 0 {
        let left = http_date(trimmed).expect("a date is one for both") - date_at;
        assert_eq!(ms, left.clamp(0, DAY_MS / 1000) * 1000, "Retry-After {said:?}, Date {date_at}");
    }
}

fn same_date(said: &str, at: i64) {
    assert!((0..=LATEST_AT).contains(&at), "{said:?} is {at}");
    if at > 0 {
        assert_eq!(http_date(said), Some(at), "{said:?}");
    }
}

fn iso(said: &str) {
    let at = iso_at(said);
    assert!((0..=LATEST_AT).contains(&at), "{said:?} is {at}");
    let field = |from: usize, to: usize| said.get(from..to).and_then(|digits| digits.parse::<i64>().ok());
    let (Some(year), Some(month), Some(day)) = (field(0, 4), field(5, 7), field(8, 10)) else {
        assert_eq!(at, 0, "{said:?}");
        return;
    };
    if at > 0 {
        // A zone moves it by four days at most: what a text of this form can say.
        let midnight = days(year, month, day) * 86_400;
        assert!((at - midnight).abs() <= 5 * 86_400, "{said:?} is {at}");
        let clock = |from| field(from, from + 2).expect("a clock");
        let exact = midnight + clock(11) * 3600 + clock(14) * 60 + clock(17);
        if said.ends_with('Z') || said.len() == 19 {
            assert_eq!(at, exact, "{said:?}");
        }
    }
}

/// What a number means wherever a server may write one: as JSON, and as a text.
fn lifetime(said: &str) {
    let quoted = format!("{{\"n\":\"{}\"}}", said.replace(['"', '\\'], "").replace(|char: char| char.is_control(), ""));
    let bare = format!("{{\"n\":{said}}}");
    for json in [quoted.as_str(), bare.as_str()] {
        let Some(members) = Members::parse(json.as_bytes()) else {
            continue;
        };
        let Some(value) = members.get("n") else {
            continue;
        };
        let read = integer(value);
        let expected = number(value.get().trim_matches('"'));
        assert_eq!(read.is_some(), expected.is_some(), "{json} is {read:?}, not {expected:?}");
        let (Some(read), Some(expected)) = (read, expected) else {
            continue;
        };
        if expected.abs() < i64::MAX as f64 {
            agrees(read, expected, i64::MAX);
        } else {
            assert_eq!(read > 0, expected > 0.0, "{json} is {read}");
        }
        let ends_at = after(1_700_000_000, read);
        assert!((1_700_000_000..=LATEST_AT).contains(&ends_at), "{json} ends at {ends_at}");
    }
}

/// `read` is `expected` without its fraction, or `most`; as far as a double can
/// tell.
pub fn agrees(read: i64, expected: f64, most: i64) {
    let expected = expected.trunc().min(most as f64);
    let close = (read as f64 - expected).abs() <= 1.0 + expected.abs() * 1e-9;
    assert!(close, "{expected} was read as {read}");
}

/// A number by the rules of JSON, with zeros in front and without digits behind
/// the point as servers write it in texts.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let known = |byte: u8| byte.is_ascii_digit() || b".eE+-".contains(&byte);
    if !digits.starts_with(|char: char| char.is_ascii_digit()) || !digits.bytes().all(known) {
        return None;
    }
    text.parse().ok()
}

/// The three forms of RFC 9110 (5.6.7), with the rule about two-digit years
/// that everyone uses: 70 and later are of the last century.
fn http_date(text: &str) -> Option<i64> {
    // httpdate takes anything for the space before the clock in one of the forms.
    let at = text.find(':')?;
    let spaced = format!("{} {}", text.get(..at.checked_sub(3)?)?, text.get(at - 2..)?);
    let words: Vec<&str> = spaced.trim().split([' ', '-']).filter(|word| !word.is_empty()).collect();
    let (day, month, year, clock) = match words.as_slice() {
        [_, day, month, year, clock, "GMT"] => (*day, *month, *year, *clock),
        [_, month, day, clock, year] => (*day, *month, *year, *clock),
        _ => return None,
    };
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = 1 + months.iter().position(|name| *name == month)? as i64;
    let written: i64 = year.parse().ok()?;
    let year = match year.len() {
        2 if written < 70 => 2000 + written,
        2 => 1900 + written,
        4 => written,
        _ => return None,
    };
    let two_digits = |part: &str| part.parse::<i64>().ok().filter(|_| part.len() <= 2);
    let mut clock = clock.split(':').map(two_digits);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    Some(days(year, month, two_digits(day)?) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days from 1970-01-01, counted year by year and month by month.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum::<i64>()
        - (year..1970).map(|year| if leap(year) { 366 } else { 365 }).sum::<i64>();
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    years + lengths.iter().take((month.max(1) - 1) as usize).sum::<i64>() + day - 1
}
