//! What holds for any value: bodies, numbers and dates, as the inside reads and
//! writes them. What the crate shows is in tests/properties.rs.

use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use super::answer::{Asked, Expects, Sent};
use super::body;
use super::choices::Encoding;
use super::http::Answer;
use super::profile::RFC6749;
use super::redact::repeats;
use super::request::Outcome;
use super::secret::SecretBytes;
use super::time;
use super::tokens::Tokens;
use super::url::Origin;

const LATEST_AT: i64 = 253_402_300_799;

/// Numbers of all sizes, most of them near an end of something.
fn numbers() -> impl Strategy<Value = i128> {
    let ends = [0, i128::from(i64::MAX), i128::from(i64::MIN), i128::from(u64::MAX), i128::from(LATEST_AT)];
    prop_oneof![
        any::<i64>().prop_map(i128::from),
        any::<u64>().prop_map(i128::from),
        -10_000..10_000i128,
        (prop::sample::select(ends.to_vec()), -3..3i128).prop_map(|(end, more)| end + more),
    ]
}

/// What a token answer with this `expires_in` yields.
fn tokens(expires_in: &str) -> Tokens {
    let mut body = SecretBytes::default();
    body.push(format!("{{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":{expires_in}}}").as_bytes());
    let answer = Answer { status: 200, date_at: 0, retry_after_ms: 0, is_html: false, headers: Vec::new(), body };
    let origin = Origin { https: true, host: "id.example".into(), port: 443 };
    let endpoint = origin.endpoint("/token".to_owned());
    let asked = Asked::new(&RFC6749, &endpoint, Sent::Password, &Vec::new);
    match asked.outcome(&answer, Expects::Tokens) {
        Ok(Outcome::Tokens(tokens)) => tokens,
        _ => panic!("no tokens for {expires_in}"),
    }
}

proptest! {
    #[test]
    fn a_form_says_what_was_put_in(pairs in prop::collection::vec((".{0,20}", ".{0,60}"), 0..6)) {
        let params = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let written = body::write(Encoding::Form, &params).expect("a body");
        let text = std::str::from_utf8(written.expose()).expect("ASCII");
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._*+%&=".contains(&byte)), "{text}");
        let decoded = |part: &str| {
            percent_decode_str(&part.replace('+', " ")).decode_utf8().expect("UTF-8").into_owned()
        };
        let read: Vec<(String, String)> = text
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').expect("a pair"))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        prop_assert_eq!(read, pairs);
    }

    #[test]
    fn a_json_body_says_what_was_put_in(value in ".{0,80}", control in any::<char>()) {
        let value = format!("{value}{control}");
        let written = body::write(Encoding::Json, &vec![("name", &value)]).expect("a body");
        let read: serde_json::Value = serde_json::from_slice(written.expose()).expect("JSON");
        prop_assert_eq!(read, serde_json::json!({ "name": value }));
        // Whoever echoes the body repeats the secret, and is found out.
        let body = String::from_utf8_lossy(written.expose()).into_owned();
        prop_assert!(repeats(&body, &[&value]), "{}", body);
    }

    #[test]
    fn a_lifetime_is_what_was_written_and_never_more(
        number in numbers(),
        places in 0..19u32,
        fraction in "[0-9]{0,30}",
        form in 0..7usize,
    ) {
        let power = 10i128.pow(places);
        let (text, exact) = match form {
            0 => (number.to_string(), number),
            1 => (format!("\"{number}\""), number),
            2 => (format!("{number}.0{fraction}"), number),
            3 => (format!("\" {number}.{fraction} \""), number),
            4 => (format!("{number}e{places}"), number.saturating_mul(power)),
            5 => (format!("{number}E+0{places}"), number.saturating_mul(power)),
            _ => (format!("{number}.{fraction}e-{places}"), number / power),
        };
        // Without a digit behind its point it is no number of JSON.
        let text = if form == 6 { text.replace(".e", ".0e") } else { text };
        let tokens = tokens(&text);
        let most = i128::from(LATEST_AT - tokens.received_at);
        prop_assert_eq!(i128::from(tokens.expires_at - tokens.received_at), exact.clamp(0, most), "{}", text);
    }

    #[test]
    fn an_end_lies_between_now_and_the_year_9999(start_at in 0..=LATEST_AT, seconds in any::<i64>()) {
        let end_at = time::after(start_at, seconds);
        let exact = i128::from(start_at) + i128::from(seconds.max(0));
        prop_assert_eq!(i128::from(end_at), exact.min(i128::from(LATEST_AT)));
    }

    #[test]
    fn a_wait_is_at_most_a_day(seconds in numbers(), date_at in 0..=LATEST_AT) {
        let exact = if seconds < 0 { 0 } else { (seconds * 1000).min(86_400_000) };
        prop_assert_eq!(i128::from(time::retry_after_ms(&seconds.to_string(), date_at)), exact);
    }
}
