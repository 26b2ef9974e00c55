//! What every error must keep to, and what a server's texts may look like.

use ropc::oauth::{Error, REASONS, Reason, Status};

use crate::json::Json;

const DAY_MS: i64 = 86_400_000;
pub const LATEST_AT: i64 = 253_402_300_799;

/// A text that is shown: one line, and nothing that steers a terminal.
pub fn presentable(text: &str) {
    assert!(!text.chars().any(char::is_control), "a control character is shown: {text:?}");
}

/// Holds for every error, whatever the server said. `secrets`: every form in
/// which something confidential may have been repeated.
pub fn error(error: &Error, secrets: &[String]) {
    let row = REASONS.iter().find(|row| row.reason == error.reason).expect("a reason of the table");
    assert_ne!(error.reason, Reason::Bug, "{error}");
    assert_eq!(error.status(), row.status);
    let Some(advice) = row.advice.to_str().ok() else { panic!("advice is no text") };
    assert!(error.message.contains(advice), "{error}");
    let texts = [&error.oauth_error, &error.oauth_description, &error.provider_message, &error.provider_description];
    for text in texts.into_iter().flatten() {
        presentable(text);
        assert!(text.chars().count() <= 500, "a server's text of {} bytes is passed on", text.len());
    }
    presentable(&error.message);
    for (_, json) in &error.extras {
        assert!(Json::parse(json.expose().as_bytes()).is_some(), "an extra is no JSON: {:?}", json.expose());
    }
    assert!((0..=DAY_MS).contains(&error.retry_after_ms), "{}", error.retry_after_ms);
    assert!((0..=LATEST_AT).contains(&error.locked_until_at), "{}", error.locked_until_at);
    assert!((0..=LATEST_AT).contains(&error.server_date_at), "{}", error.server_date_at);
    for secret in secrets {
        let said = format!("{error} {error:?} {texts:?}");
        assert!(!said.contains(secret.as_str()), "a secret is shown: {said}");
        for (name, json) in &error.extras {
            assert!(!name.contains(secret.as_str()), "a secret is the name of an extra: {name}");
            assert!(!json.expose().contains(secret.as_str()), "a secret is in an extra: {}", json.expose());
        }
    }
}

/// What an answer that is none of a token, of whatever status, may come to.
pub fn of_answer(error: &Error, http_status: u16) {
    use Status::{Answer, Client, RateLimited, Refused, Server};
    let known = [Answer, Client, RateLimited, Refused, Server];
    assert!(known.contains(&error.status()), "{:?} for an answer", error.status());
    assert!(error.request_sent, "the request was sent");
    assert_eq!(error.http_status, http_status);
    let wanted = match http_status {
        429 => Some(RateLimited),
        500..=599 => Some(Server),
        0..=199 | 201..=399 => Some(Answer),
        _ => None,
    };
    assert!(wanted.is_none_or(|wanted| wanted == error.status()), "{:?} for HTTP {http_status}", error.status());
}
