//! How long what a program passes may be. Far above any real value, far below
//! what could hurt; the header states each. What is too long is refused with
//! [`Reason::Argument`](super::Reason::Argument).

use super::error::Error;

/// Names: an application's, a parameter's, a user agent.
pub const NAME: usize = 256;
/// URLs, scopes, client ids, user names.
pub const TEXT: usize = 4096;
/// Passwords, secrets, tokens, values of parameters.
pub const SECRET: usize = 65_536;
/// A client secret, which also has to fit into a header.
pub const CLIENT_SECRET: usize = 1024;
/// Access tokens that go into a header: what servers read as one.
pub const BEARER: usize = 12_288;
/// What a session keeps in a store. The largest known answers are a tenth of it.
pub const RECORD: usize = 262_144;
/// Certificates and keys in PEM.
pub const PEM: usize = 4_194_304;
/// Parameters of one grant, and added to every request.
pub const PARAMS: usize = 64;

/// A name: not empty, not longer than [`NAME`].
pub(crate) fn name(what: &str, value: &str) -> Result<(), Error> {
    check(what, value.len(), NAME)
}

/// A text: not empty, not longer than [`TEXT`].
pub(crate) fn text(what: &str, value: &str) -> Result<(), Error> {
    check(what, value.len(), TEXT)
}

/// A secret: not empty, not longer than [`SECRET`].
pub(crate) fn secret(what: &str, value: &str) -> Result<(), Error> {
    check(what, value.len(), SECRET)
}

/// Whether all of `text` is ASCII that is seen, and where `blank` also blanks:
/// nothing that could end a line. Tokens are long, so eight bytes are looked at
/// together; in each of them the highest bit tells what is wrong.
pub(crate) fn is_visible(text: &str, blank: bool) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let first = if blank { 0x20 } else { 0x21 };
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let wrong = words.iter().fold(0, |wrong, bytes| {
        let word = u64::from_ne_bytes(*bytes);
        // Below `first` it borrows, DEL and above reach the highest bit.
        wrong | word.wrapping_sub(ONES * first) | word.wrapping_add(ONES) | word
    });
    wrong & HIGH == 0 && rest.iter().all(|byte| (first..=0x7e).contains(&u64::from(*byte)))
}

/// `len` bytes: at least 1 and at most `most`.
pub(crate) fn check(what: &str, len: usize, most: usize) -> Result<(), Error> {
    if len == 0 {
        return Err(Error::argument(format_args!("{what} must not be empty")));
    }
    if len > most {
        return Err(Error::argument(format_args!("{what} has {len} bytes and may have at most {most}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_visible_is_told_for_each_byte_at_each_place() {
        for length in [1, 8, 13, 24] {
            for at in 0..length {
                for byte in 0..=0x7f {
                    let mut text = vec![b'a'; length];
                    text[at] = byte;
                    let text = String::from_utf8(text).expect("ASCII");
                    let seen = byte.is_ascii_graphic();
                    assert_eq!(is_visible(&text, false), seen, "{byte:#x} at {at} of {length}");
                    assert_eq!(is_visible(&text, true), seen || byte == b' ', "{byte:#x} at {at} of {length}");
                }
            }
        }
        // Two bytes beyond ASCII, in a word and across two.
        for text in ["aaaaaa\u{e9}", "aaaaaaa\u{e9}aaaaaaa", "\u{7ff}", "aaaaaaaaa\u{80}"] {
            assert!(!is_visible(text, true), "{text}");
        }
        assert!(is_visible("", false));
    }
}
