//! What holds for any value, through what the crate shows: names in a path,
//! claims of a JWT, records, and how long a token is good for. What only the
//! inside can say is in src/oauth/properties.rs.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use ropc::oauth::store::{Binding, Record};
use ropc::oauth::{Clock, EndpointKind, Held, Options, Reason, Secret, TokenKind, Tokens};

const LATEST_AT: i64 = 253_402_300_799;

/// Small numbers, and those at the ends.
fn instants() -> impl Strategy<Value = i64> {
    prop_oneof![0..LATEST_AT + 1, 0..10i64, any::<i64>(), LATEST_AT - 10..LATEST_AT + 1]
}

/// When a token ends and when it came: anything, or a life of minutes.
fn lives() -> impl Strategy<Value = (i64, i64)> {
    prop_oneof![(instants(), instants()), (1..LATEST_AT, -5..600i64).prop_map(|(at, life)| (at + life, at))]
}

/// A time after `start_ms`: any, or about `life_ms` later.
fn about(start_ms: u64, life_ms: i128, passed_ms: u32, near: Option<i64>) -> u64 {
    match near {
        Some(near) => start_ms.saturating_add(u64::try_from(life_ms).unwrap_or(u64::MAX)).saturating_add_signed(near),
        None => start_ms.saturating_add(passed_ms.into()),
    }
}

/// What a token is: visible ASCII.
fn tokens() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[!-~]{1,40}")
}

fn issued(expires_at: i64, received_at: i64) -> Tokens {
    Tokens {
        access_token: Secret::new("token"),
        token_type: "Bearer".to_owned(),
        refresh_token: None,
        id_token: None,
        scope: None,
        expires_at,
        received_at,
        server_date_at: 0,
        extras: Vec::new(),
    }
}

/// Milliseconds from one instant to another; none when it is over.
fn between_ms(start_at: i64, end_at: i64) -> i128 {
    (i128::from(end_at) - i128::from(start_at)).max(0) * 1000
}

proptest! {
    #[test]
    fn an_application_is_one_segment_of_a_path(app in "[^\\p{Cc}]{1,60}") {
        prop_assume!(app != "." && app != ".." && app.len() <= 256);
        let options = Options::loginradius("acme.example", &app, "client").expect("a name");
        for kind in [EndpointKind::Token, EndpointKind::Jwks, EndpointKind::Revoke] {
            let path = options.endpoint(kind).expect("LoginRadius has one").path_and_query;
            let segments: Vec<&str> = path.split(['/', '?', '#', ';', '\\']).collect();
            prop_assert_eq!(segments.len(), 5, "{}", path);
            prop_assert_eq!(percent_decode_str(segments[3]).decode_utf8().expect("UTF-8"), app.as_str());
        }
    }

    #[test]
    fn claims_come_out_of_a_jwt_as_they_went_in(name in ".{0,40}", value in any::<i64>(), other in "[^.]{0,20}") {
        let claims = serde_json::json!({ name: value, "list": [null, true, "x"] }).to_string();
        let payload = URL_SAFE_NO_PAD.encode(&claims);
        let claims_of = |token: &str| {
            let tokens = Tokens { access_token: Secret::new(token), ..issued(0, 0) };
            tokens.unverified_claims(TokenKind::Access)
        };
        let read = claims_of(&format!("{other}.{payload}.{other}")).expect("a JWT");
        prop_assert_eq!(read.expose(), claims.as_str());
        // One character more or less is another text, or none.
        for spoilt in [format!("{payload}="), format!("{payload}\n"), format!("{payload}.x"), payload[1..].to_owned()] {
            let read = claims_of(&format!("e30.{spoilt}.x"));
            prop_assert!(read.is_err() || read.is_ok_and(|read| read.expose() != claims), "{}", spoilt);
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_by_its_owner_only(
        generation in any::<u64>(),
        (expires_at, received_at, marked_at) in (instants(), instants(), instants()),
        (access_token, refresh_token, id_token) in (tokens(), tokens(), tokens()),
        scope in proptest::option::of("[^\\p{Cc}]{0,40}"),
        (origin, client_id, user_key) in (".{0,30}", ".{0,30}", ".{0,30}"),
        whose in 0..3usize,
        more in ".",
    ) {
        let secret = |token: &Option<String>| token.as_deref().map(Secret::new);
        let record = Record {
            generation,
            access_token: secret(&access_token),
            refresh_token: secret(&refresh_token),
            id_token: secret(&id_token),
            scope,
            expires_at: expires_at.clamp(0, LATEST_AT),
            received_at: received_at.clamp(0, LATEST_AT),
            marked_at: marked_at.clamp(0, LATEST_AT),
        };
        // What is out of range is written as the end of it.
        let written = Record { expires_at, received_at, marked_at, ..record.copy() };
        let binding = Binding { origin, client_id, user_key };
        let json = written.to_json(&binding).expect("a record");
        prop_assert!(!json.expose().contains(['\n', '\0']), "one line");
        prop_assert_eq!(Record::parse(json.expose(), &binding).expect("the same record"), record);
        let mut other = binding.clone();
        [&mut other.origin, &mut other.client_id, &mut other.user_key][whose].push_str(&more);
        let refused = Record::parse(json.expose(), &other).expect_err("a record of somebody else");
        prop_assert_eq!(refused.reason, Reason::StoreForeign);
    }

    #[test]
    fn no_token_is_good_for_longer_than_was_said(
        (expires_at, received_at) in lives(),
        (asked_ms, passed_ms, need_ms) in (any::<u64>(), any::<u32>(), prop_oneof![Just(0), any::<u32>()]),
        near in proptest::option::of(-3..3i64),
    ) {
        let held = Held::from_tokens(issued(expires_at, received_at), 1, asked_ms);
        let now_ms = about(asked_ms, between_ms(received_at, expires_at), passed_ms, near);
        if expires_at == 0 {
            prop_assert_eq!(held.ends_ms, u64::MAX, "nobody said when");
        } else if held.is_good(now_ms, need_ms.into()) {
            let until = i128::from(now_ms) + i128::from(need_ms.max(1));
            prop_assert!(until <= i128::from(asked_ms) + between_ms(received_at, expires_at), "{held:?}");
        }
        // The margin comes out of its life, and never makes it longer.
        prop_assert!(held.early_ms <= held.ends_ms);
        prop_assert!(!held.is_young(now_ms) || held.is_good(now_ms, 0));
        let margin_ms = held.ends_ms - held.early_ms;
        prop_assert!(margin_ms <= 60_000 && (held.ends_ms == u64::MAX || margin_ms <= held.lifetime_ms / 5));
    }

    #[test]
    fn a_record_that_is_read_later_promises_no_more_whatever_the_wall_clock_says(
        (expires_at, received_at) in lives(),
        (now_ms, now_at, since) in (any::<u64>(), instants(), proptest::option::of(-700..700i64)),
        (passed_ms, near) in (any::<u32>(), proptest::option::of(-3..3i64)),
    ) {
        let now_at = since.map_or(now_at, |since| received_at.saturating_add(since));
        let record = Record { access_token: Some(Secret::new("token")), expires_at, received_at, ..Record::default() };
        let clock = Clock::made(Arc::new(move || now_ms), Arc::new(move || now_at));
        let held = Held::from_record(record, &clock);
        let left_ms = between_ms(received_at, expires_at).min(between_ms(now_at, expires_at));
        let later_ms = about(now_ms, left_ms, passed_ms, near);
        if expires_at != 0 && held.is_good(later_ms, 0) {
            prop_assert!(i128::from(later_ms) < i128::from(now_ms) + left_ms, "{held:?} at {now_at}");
        }
    }
}
