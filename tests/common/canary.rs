//! No password, secret or token in what the library shows: the log lines of
//! every client that a test makes, at every level, and the errors and tokens
//! that the tests' own helpers see.

use ropc::oauth::Level;
use standin::{PASSWORD, SECRET};

/// Whether a text shows what it must not: a password or secret of the
/// stand-in's, a token (which begins as JWTs do, or with a mark), or one of the
/// words that tests have in passwords of their own.
pub fn shows_secret(text: &str) -> bool {
    let encoded = [PASSWORD.replace(' ', "+"), PASSWORD.replace(' ', "%20"), "Y29ycmVjdCBob3JzZ".to_owned()];
    let words = [PASSWORD, SECRET, "standin-api-key", "eyJ", "canary", "Canary", "Q2FuYXJ5", "Y2FuYXJ5"];
    words.into_iter().chain(encoded.iter().map(String::as_str)).any(|word| text.contains(word))
}

/// A text that may be shown.
#[track_caller]
pub fn clean(what: &str, text: &str) {
    assert!(!shows_secret(text), "{what} shows a secret: {text}");
}

/// What every client logs to, unless its test wants the lines for itself.
pub fn log(_: Level, line: &str) {
    if shows_secret(line) {
        // A panic in here may be caught on its way, and taken for a bug.
        eprintln!("a log line shows a secret: {line}");
        std::process::abort();
    }
}
