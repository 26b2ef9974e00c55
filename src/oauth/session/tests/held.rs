//! How long tokens are good for, and how they are kept.

use std::sync::Arc;

use super::{held, tokens};
use crate::oauth::clock::Clock;
use crate::oauth::secret::Secret;
use crate::oauth::session::held::Held;
use crate::oauth::store::Record;
use crate::oauth::tokens::Tokens;

#[test]
fn the_margin_is_a_minute_or_a_fifth() {
    for (seconds, early_ms) in [(900, 840_000), (300, 240_000), (299, 239_200), (10, 8_000), (1, 800), (0, 0)] {
        assert_eq!(held(1, 0, seconds).early_ms, early_ms, "{seconds} s");
    }
    let for_ever = Held::from_tokens(Tokens { expires_at: 0, ..tokens("a", 0) }, 1, 5);
    assert_eq!((for_ever.early_ms, for_ever.ends_ms), (u64::MAX, u64::MAX));
}

#[test]
fn what_is_good_and_what_is_young() {
    let held = held(1, 1_000, 10);
    assert!(held.is_good(1_000, 10_000) && !held.is_good(1_000, 10_001));
    assert!(held.is_good(10_999, 0) && !held.is_good(11_000, 0) && !held.is_good(u64::MAX, 0));
    assert!(held.is_young(8_999) && !held.is_young(9_000));
    let negative = Held::from_tokens(tokens("a", -5), 1, 1_000);
    assert_eq!((negative.ends_ms, negative.is_good(1_000, 0)), (1_000, false));
    // Neither the clock nor a lifetime can be added up to something else.
    let late = Held::from_tokens(tokens("a", i64::MAX / 2), 1, u64::MAX - 1);
    assert_eq!(late.ends_ms, u64::MAX);
}

#[test]
fn a_record_has_at_most_the_life_it_had() {
    let clock = |at: i64| Clock::made(Arc::new(|| 5_000), Arc::new(move || at));
    let record = || Record {
        generation: 7,
        access_token: Some(Secret::new("a")),
        expires_at: 10_900,
        received_at: 10_000,
        ..Record::default()
    };
    let year = 366 * 24 * 3600;
    for (at, left_ms) in [
        // The second that has begun counts as gone.
        (9_999, 900_000),
        (10_000, 899_000),
        (10_100, 799_000),
        (10_898, 1_000),
        (10_899, 0),
        (10_900, 0),
        (10_900 + year, 0),
        (10_000 - year, 900_000),
        (i64::MAX, 0),
        (i64::MIN, 900_000),
    ] {
        let held = Held::from_record(record(), &clock(at));
        assert_eq!((held.ends_ms, held.lifetime_ms), (5_000 + left_ms, 900_000), "at {at}");
        assert_eq!(held.early_ms, (5_000 + left_ms).saturating_sub(60_000), "at {at}");
    }
    let unknown = Held::from_record(Record { expires_at: 0, ..record() }, &clock(10_000 + year));
    assert!(unknown.is_young(u64::MAX - 1));
    // There and back again, with and without a mark.
    let held = Held::from_record(record(), &clock(10_000));
    assert_eq!(held.to_record(0), record());
    assert_eq!(held.to_record(9), Record { marked_at: 9, ..record() });
}

#[test]
fn a_refresh_keeps_what_its_answer_does_not_say() {
    let old = Held {
        id_token: Some(Secret::new("old-id")),
        scope: Some("old".into()),
        ..Held::from_tokens(tokens("a", 900), 7, 0)
    };
    let kept = Held::from_refresh(tokens("b", 900), &old, 0);
    assert_eq!((kept.generation, kept.scope.as_deref()), (8, Some("old")));
    assert_eq!(kept.id_token, old.id_token);
    let said = Tokens { scope: Some("new".into()), id_token: Some(Secret::new("new-id")), ..tokens("b", 900) };
    let new = Held::from_refresh(said, &old, 0);
    assert_eq!((new.scope.as_deref(), new.id_token), (Some("new"), Some(Secret::new("new-id"))));
}
