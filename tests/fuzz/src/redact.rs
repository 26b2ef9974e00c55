//! Finding a secret in a text, however it was quoted.

use ropc::oauth::fuzzing::repeats;

use crate::input::{Input, text};
use crate::quoted::{JSON, OTHER, quote};

/// The input: a byte of choices, the secret on a line, what stands before it on
/// another, and what stands behind it.
pub fn redact(input: &[u8]) {
    let mut input = Input::new(input);
    let choices = usize::from(input.byte());
    let (secret, before, behind) = (text(input.line()), text(input.line()), text(input.rest()));
    // Must not panic, whatever it finds.
    repeats(behind, &[secret, before]);
    if secret.is_empty() {
        assert!(!repeats(behind, &[secret]), "an empty secret is found in everything");
        return;
    }
    // The innermost first: a form, then as a JSON string once or twice.
    let inner = quote(secret, OTHER[choices % 5]);
    let quoted = quote(&quote(&inner, JSON[choices / 5 % 3]), JSON[choices / 15 % 3]);
    // What would join with the secret's own quoting, and so is no repetition.
    let plain = |text: &str| text.replace(['\\', '%', '&', ';', '#'], "");
    let said = format!("{}{quoted}{}", plain(before), plain(behind));
    assert!(repeats(&said, &["another", secret]), "{secret:?} is not found in {said:?}");
    // Without one of its letters anywhere it cannot be there: an accusation of
    // what is not so would hide every text of the server.
    let missing = |char: char| char.is_alphabetic() && !char.is_ascii() && !behind.contains(char);
    if secret.chars().any(missing) && !behind.contains(['\\', '%', '&']) {
        assert!(!repeats(behind, &[secret]), "{secret:?} is found in {behind:?}");
    }
}
