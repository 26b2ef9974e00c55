//! An answer of the token endpoint: what a login returns for it, compared with
//! a second reading of the same bytes.

use std::time::{SystemTime, UNIX_EPOCH};

use ropc::oauth::fuzzing::{Answer, Asked, Expects, LOGINRADIUS, Outcome, Profile, RFC6749, Sent};
use ropc::oauth::{Endpoint, Origin, Secret, SecretBytes, Tokens};

use crate::input::Input;
use crate::json::{Json, Kind, member};
use crate::{rules, times};

/// What an answer that is a success says, by our own reading.
pub struct Said {
    pub access_token: String,
    token_type: String,
    refresh_token: Option<String>,
    id_token: Option<String>,
    scope: Option<String>,
    /// As a number of seconds, if it is one.
    lifetime: Option<f64>,
}

/// The input: a byte of choices, one for the status, and the body.
pub fn token_answer(input: &[u8]) {
    let mut input = Input::new(input);
    let choices = input.byte();
    let loginradius = choices & 1 == 1;
    let profile = if loginradius { &LOGINRADIUS } else { &RFC6749 };
    let status = input.pick(&[200, 200, 200, 201, 204, 101, 206, 302, 400, 401, 403, 404, 429, 500, 503, 999]);
    let answer = answer(status, input.rest());
    let before = now_at();
    let sent = if choices & 2 == 0 { Sent::Password } else { Sent::Grant };
    let outcome = Asked::new(profile, &endpoint(), sent, &|| vec!["correct horse"]).outcome(&answer, Expects::Tokens);
    let said = read(answer.body.expose(), loginradius).filter(|_| status == 200);
    match (outcome, said) {
        (Ok(Outcome::Tokens(tokens)), Some(said)) => compare(&tokens, &said, profile, before),
        (Ok(_), Some(_)) => panic!("a login yields tokens"),
        (Ok(_), None) => panic!("a success, and the answer is none"),
        (Err(error), Some(_)) => panic!("a good answer is refused: {error}"),
        (Err(error), None) => {
            rules::error(&error, &["correct horse".to_owned()]);
            rules::of_answer(&error, status);
        }
    }
}

pub fn endpoint() -> Endpoint {
    let origin = Origin { https: true, host: "id.example".into(), port: 443 };
    Endpoint { origin, path_and_query: "/token".to_owned() }
}

pub fn answer(status: u16, body: &[u8]) -> Answer {
    let mut bytes = SecretBytes::default();
    bytes.push(body);
    Answer { status, date_at: 0, retry_after_ms: 0, is_html: false, headers: Vec::new(), body: bytes }
}

fn now_at() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64
}

/// RFC 6749 (5.1) and, for `loginradius`, what its documents say besides.
pub fn read(body: &[u8], loginradius: bool) -> Option<Said> {
    let members = Json::members(body)?;
    let no_error = |name: &&str| {
        member(&members, &[name]).is_none_or(|value| ["\"\"", "false", "0", "\"0\""].contains(&value.raw))
    };
    if !["error", "ErrorCode", "errorCode"].iter().all(no_error) {
        return None;
    }
    let bytes = |least: u8| move |text: &str| text.bytes().all(|byte| (least..=b'~').contains(&byte));
    let access_token = member(&members, &["access_token"])?.text()?;
    let zeros = access_token.bytes().all(|byte| b"0-".contains(&byte));
    if access_token.is_empty() || zeros || !bytes(b'!')(access_token) {
        return None;
    }
    let token_type = match member(&members, &["token_type"]) {
        None if loginradius => "",
        None => return None,
        Some(value) => value.text()?,
    };
    match token_type.to_ascii_lowercase().as_str() {
        "bearer" => {}
        "access_token" if loginradius => {}
        "" if loginradius && member(&members, &["token_type"]).is_none() => {}
        _ => return None,
    }
    let optional = |names: &[&str], least| match member(&members, names).map(|value| value.text()) {
        None | Some(Some("")) => Some(None),
        Some(text) => text.filter(|text| bytes(least)(text)).map(|text| Some(text.to_owned())),
    };
    let id_names: &[&str] = if loginradius { &["id_token", "Id_token"] } else { &["id_token"] };
    let lifetimes: &[&str] = if loginradius { &["expires_in", "expire_in"] } else { &["expires_in"] };
    Some(Said {
        access_token: access_token.to_owned(),
        token_type: token_type.to_owned(),
        refresh_token: optional(&["refresh_token"], b' ')?,
        id_token: optional(id_names, b'!')?,
        scope: member(&members, &["scope"]).and_then(scope),
        lifetime: member(&members, lifetimes).and_then(|value| times::number(value.text().unwrap_or(value.raw))),
    })
}

fn scope(value: &Json<'_>) -> Option<String> {
    let text = match &value.kind {
        Kind::Text(text) => text.clone()?,
        Kind::List(values) => values.iter().map(Json::text).collect::<Option<Vec<_>>>()?.join(" "),
        _ => return None,
    };
    (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
}

fn compare(tokens: &Tokens, said: &Said, profile: &Profile, before: i64) {
    let text = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    assert_eq!(tokens.access_token.expose(), said.access_token);
    assert_eq!(tokens.token_type, said.token_type);
    assert_eq!(text(&tokens.refresh_token), said.refresh_token);
    assert_eq!(text(&tokens.id_token), said.id_token);
    assert_eq!(tokens.scope, said.scope);
    assert!((before..=now_at()).contains(&tokens.received_at), "received at {}", tokens.received_at);
    assert!((0..=rules::LATEST_AT).contains(&tokens.expires_at), "ends at {}", tokens.expires_at);
    if let Some(lifetime) = said.lifetime {
        times::agrees(tokens.expires_at - tokens.received_at, lifetime.max(0.0), rules::LATEST_AT - tokens.received_at);
    }
    let shown = format!("{tokens:?}");
    assert!(said.access_token.len() < 24 || !shown.contains(&said.access_token), "Debug shows the token");
    for (name, json) in &tokens.extras {
        assert!(Json::parse(json.expose().as_bytes()).is_some(), "extra {name} is no JSON");
        let own = [&["access_token", "token_type", "refresh_token", "scope"], profile.id_token, profile.lifetime];
        assert!(!own.iter().any(|names| names.contains(&name.as_str())), "{name} is told twice");
    }
}
