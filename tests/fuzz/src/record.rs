//! The record of a session: whatever is stored, and by whom.

use ropc::oauth::store::{Binding, Record};
use ropc::oauth::{Reason, Secret};

use crate::input::{Input, text};
use crate::json::{Json, member};
use crate::rules;

/// The input: a byte that says what is done with the rest.
pub fn record(input: &[u8]) {
    let mut input = Input::new(input);
    match input.byte() % 3 {
        0 => any(input.rest()),
        1 => written(&mut input),
        _ => spoilt(&mut input),
    }
}

fn ada() -> Binding {
    Binding { origin: "https://id.example".into(), client_id: "app".into(), user_key: "ada".into() }
}

/// Any text as a record of Ada's. What is taken for one says whose it is, and
/// comes back as it is when it is written.
fn any(bytes: &[u8]) {
    let record = match Record::parse(text(bytes), &ada()) {
        Ok(record) => record,
        Err(error) => {
            assert!(matches!(error.reason, Reason::StoreBroken | Reason::StoreForeign), "{error}");
            return rules::error(&error, &[]);
        }
    };
    let members = Json::members(text(bytes).as_bytes()).expect("a record is an object");
    let said = |name| member(&members, &[name]);
    assert_eq!(said("ropc_record").map(|version| version.raw), Some("1"));
    for (name, expected) in [("origin", "https://id.example"), ("client_id", "app"), ("user_key", "ada")] {
        assert_eq!(said(name).and_then(Json::text), Some(expected), "{name}");
    }
    assert_eq!(said("generation").and_then(|number| number.raw.parse().ok()), Some(record.generation));
    for (name, token) in [
        ("access_token", &record.access_token),
        ("refresh_token", &record.refresh_token),
        ("id_token", &record.id_token),
    ] {
        assert_eq!(said(name).and_then(Json::text), token.as_ref().map(Secret::expose), "{name}");
    }
    for at in [record.expires_at, record.received_at, record.marked_at] {
        assert!((0..=rules::LATEST_AT).contains(&at), "an instant of {at}");
    }
    comes_back(&record, &ada());
}

/// What is written is read as it was, by its owner only.
fn written(input: &mut Input<'_>) {
    let number = |input: &mut Input<'_>| i64::from_le_bytes(std::array::from_fn(|_| input.byte()));
    let token = |input: &mut Input<'_>| match text(input.line()) {
        "" => None,
        token => Some(Secret::new(token)),
    };
    let record = Record {
        generation: number(input) as u64,
        expires_at: number(input),
        received_at: number(input),
        marked_at: number(input),
        access_token: token(input),
        refresh_token: token(input),
        id_token: token(input),
        scope: Some(text(input.line()).to_owned()).filter(|scope| !scope.is_empty()),
    };
    let mut owner = || text(input.line()).to_owned();
    let binding = Binding { origin: owner(), client_id: owner(), user_key: owner() };
    if record.to_json(&binding).is_err() {
        let ascii = |token: &Option<Secret>| {
            token.as_ref().is_none_or(|token| token.expose().bytes().all(|byte| (b'!'..=b'~').contains(&byte)))
        };
        let plain = ascii(&record.access_token) && ascii(&record.refresh_token) && ascii(&record.id_token);
        let scope = record.scope.as_ref().is_none_or(|scope| !scope.contains(char::is_control));
        assert!(!plain || !scope, "a record of good tokens is not written");
        return;
    }
    comes_back(&record, &binding);
    for other in [
        Binding { origin: format!("{}x", binding.origin), ..binding.clone() },
        Binding { client_id: format!("{}x", binding.client_id), ..binding.clone() },
        Binding { user_key: format!("{}x", binding.user_key), ..binding.clone() },
    ] {
        let json = record.to_json(&binding).expect("it was written before");
        let error = Record::parse(json.expose(), &other).expect_err("a record of somebody else");
        assert_eq!(error.reason, Reason::StoreForeign);
    }
}

fn comes_back(record: &Record, binding: &Binding) {
    let json = record.to_json(binding).expect("what was read can be written");
    assert!(!json.expose().contains(['\n', '\r', '\0']), "a record is one line");
    let mut expected = record.copy();
    for at in [&mut expected.expires_at, &mut expected.received_at, &mut expected.marked_at] {
        *at = (*at).clamp(0, rules::LATEST_AT);
    }
    assert_eq!(Record::parse(json.expose(), binding).expect("what was written can be read"), expected);
}

/// A good record with a bit turned over, or cut off: an error, or a record of
/// Ada's whose bits say something else; never somebody else's.
fn spoilt(input: &mut Input<'_>) {
    let good = Record {
        generation: 7,
        access_token: Some(Secret::new("access-token-of-ada")),
        refresh_token: Some(Secret::new("refresh token of ada")),
        id_token: Some(Secret::new("e30.e30.c2ln")),
        scope: Some("openid email".to_owned()),
        expires_at: 1_700_000_900,
        received_at: 1_700_000_000,
        marked_at: 0,
    };
    let json = good.to_json(&ada()).expect("a good record");
    let mut bytes = json.expose().as_bytes().to_vec();
    let (at, how) = (usize::from(input.number()) % bytes.len(), input.byte());
    if how & 8 == 0 {
        bytes[at] ^= 1 << (how & 7);
    } else {
        bytes.truncate(at);
        assert!(Record::parse(text(&bytes), &ada()).is_err(), "a record that was cut off is read");
    }
    any(&bytes);
}
