//! What an answer means, beyond what a whole login can show.

use super::*;
use crate::oauth::SecretBytes;

fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}

#[test]
fn a_token_is_visible_ascii_and_may_have_blanks_where_it_enters_no_header() {
    for (text, access, refresh) in [
        (r#""!~""#, true, true),
        (r#""a b""#, false, true),
        (r#""a\u001fb""#, false, false),
        (r#""a\r\nb""#, false, false),
        (r#""a\u007f""#, false, false),
        (r#""ä""#, false, false),
        (r#""""#, false, false),
        ("7", false, false),
    ] {
        let value = json(text);
        assert_eq!(
            (json::token(&value, false).is_some(), json::token(&value, true).is_some()),
            (access, refresh),
            "{text}"
        );
    }
    assert_eq!(optional(None, false).map(|token| token.is_none()), Ok(true));
    assert_eq!(optional(Some(&json(r#""""#)), false).map(|token| token.is_none()), Ok(true));
    assert!(optional(Some(&json(r#"" ""#)), false).is_err());
}

#[test]
fn a_scope_is_one_line_of_text_or_a_list() {
    for (text, expected) in [
        (r#""a b""#, Some("a b")),
        (r#"["a","b"]"#, Some("a b")),
        (r#""a\nb""#, None),
        (r#"["a\u0000"]"#, None),
        (r#""""#, None),
        ("[]", None),
        (r#"["a",7]"#, None),
        ("{}", None),
    ] {
        assert_eq!(scope(&json(text)).as_deref(), expected, "{text}");
    }
}

#[test]
fn what_is_no_token_answer_is_called_what_it_is() {
    let endpoint = Endpoint::parse("url", "https://a.example/token").expect("a URL");
    for (status, is_html, sent, part) in [
        (200, true, Sent::Password, "answered with a web page"),
        (403, true, Sent::Grant, "answered with a web page"),
        (200, false, Sent::Password, "something that is no token answer"),
        (200, false, Sent::Grant, "something that is no token answer"),
        (200, false, Sent::Bearer, "something that is no JSON object"),
        (403, false, Sent::Bearer, "refused and did not say why"),
    ] {
        let asked = Asked::new(&profile::RFC6749, &endpoint, sent, &Vec::new);
        let answer = Answer {
            status,
            date_at: 0,
            retry_after_ms: 0,
            is_html,
            headers: Vec::new(),
            body: SecretBytes::default(),
        };
        let Err(error) = asked.outcome(&answer, Expects::Tokens) else { panic!("no refusal") };
        assert!(error.message.contains(part), "{status}, {sent:?}: {error}");
    }
}

/// What becomes of a refusal with this `error`, padded to `length` bytes;
/// and whether it is taken to repeat a secret.
fn refused(error: &str, length: usize) -> (Error, bool) {
    let endpoint = Endpoint::parse("url", "https://a.example/token").expect("a URL");
    let asked = Asked::new(&profile::RFC6749, &endpoint, Sent::Password, &|| vec!["secret"]);
    let mut body = SecretBytes::with_capacity(length);
    body.push(format!(r#"{{"error":"{error}","error_description":"As it is"}}"#).as_bytes());
    body.push(" ".repeat(length.saturating_sub(body.expose().len())).as_bytes());
    let answer = Answer { status: 400, date_at: 0, retry_after_ms: 0, is_html: false, headers: Vec::new(), body };
    let Err(error) = asked.outcome(&answer, Expects::Tokens) else { panic!("no refusal") };
    (error, asked.was_repeated())
}

#[test]
fn a_refusal_is_searched_and_passed_on_up_to_256_kib() {
    let (error, repeated) = refused("invalid_grant", 256 * 1024);
    assert_eq!((error.oauth_description.as_deref(), repeated), (Some("As it is"), false));
    let (error, repeated) = refused("invalid_grant", 256 * 1024 + 1);
    assert_eq!((error.oauth_description.as_deref(), repeated), (None, true));
    // The error itself is shown all the same, unless it is that long.
    assert_eq!((error.reason, error.oauth_error.as_deref()), (Reason::WrongCredentials, Some("invalid_grant")));
    let (error, _) = refused(&"e".repeat(256 * 1024), 0);
    assert_eq!(error.oauth_error.as_deref(), Some("e".repeat(TEXT_CHARS).as_str()));
    let (error, _) = refused(&"e".repeat(256 * 1024 + 1), 0);
    assert_eq!(error.oauth_error.as_deref(), Some(redact::WITHHELD));
    let (error, repeated) = refused("my secret is out", 0);
    assert_eq!((error.oauth_error.as_deref(), repeated), (Some(redact::WITHHELD), true));
}
