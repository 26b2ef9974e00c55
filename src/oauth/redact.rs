//! Finding a secret in what a server says, however it was quoted on its way
//! there and back: servers echo requests in errors, escaped once or twice, as
//! JSON, as a form, or inside HTML.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

/// What a text that repeats a secret is replaced with.
pub const WITHHELD: &str = "[withheld: the server's text repeated a secret]";

type Form = Zeroizing<String>;

/// Whether `text` holds one of `secrets`.
pub fn repeats(text: &str, secrets: &[&str]) -> bool {
    let holds = |form: &str| secrets.iter().any(|secret| !secret.is_empty() && form.contains(secret));
    let once = json_unescaped(text);
    let twice = json_unescaped(&once);
    [text, &once, &twice].into_iter().any(|form| {
        holds(form)
            || holds(&percent_decoded(form))
            || holds(&percent_decoded(&Zeroizing::new(form.replace('+', " "))))
            || holds(&html_unescaped(form))
    })
}

fn percent_decoded(text: &str) -> Form {
    Zeroizing::new(percent_decode_str(text).decode_utf8_lossy().into_owned())
}

/// HTML's character references undone (HTML, 13.5): the five that every language
/// writes, and numbers, which .NET writes for many more.
fn html_unescaped(text: &str) -> Form {
    unescaped(text, '&', one_reference)
}

/// JSON's escapes undone wherever they stand (RFC 8259, 7).
fn json_unescaped(text: &str) -> Form {
    unescaped(text, '\\', one_escape)
}

/// Every escape undone that begins with `mark` and that `one` reads. Lenient:
/// what is no escape stays as it is, for this is a search and no parser.
fn unescaped(text: &str, mark: char, one: fn(&str) -> Option<(char, usize)>) -> Form {
    // No escape is shorter than what it stands for.
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let (char, length) = one(escape).unwrap_or((mark, mark.len_utf8()));
        plain.push(char);
        rest = escape.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// The character that `reference` begins with, and how many bytes it takes.
fn one_reference(reference: &str) -> Option<(char, usize)> {
    let end = reference.bytes().take(12).position(|byte| byte == b';')?;
    let char = match reference.get(1..end)? {
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "amp" => '&',
        name => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((char, end + 1))
}

/// The character that `escape` begins with, and how many bytes it takes.
fn one_escape(escape: &str) -> Option<(char, usize)> {
    let unit = |at: usize| -> Option<u32> {
        let digits = escape.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    let simple = match escape.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => {
            let high = unit(0)?;
            if !(0xd800..0xdc00).contains(&high) {
                return Some((char::from_u32(high)?, 6));
            }
            let low = unit(6).filter(|low| (0xdc00..0xe000).contains(low))?;
            return Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, 12));
        }
    };
    Some((simple, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_however_it_is_quoted() {
        let secret = "p\"ä/ss\\w+rd & <🔑> 100%";
        for text in [
            "p\"ä/ss\\w+rd & <🔑> 100%",
            r#"{"password":"p\"ä/ss\\w+rd & <🔑> 100%"}"#,
            r#"p\"\u00e4\/ss\\w+rd \u0026 \u003c\ud83d\udd11> 100%"#,
            r#"{\"password\":\"p\\\"ä/ss\\\\w+rd & <🔑> 100%\"}"#,
            "password=p%22%C3%A4%2Fss%5Cw%2Brd+%26+%3C%F0%9F%94%91%3E+100%25",
            "p%22%C3%A4/ss%5Cw+rd%20%26%20%3C%F0%9F%94%91%3E%20100%25",
            "p&quot;ä/ss\\w+rd &amp; &lt;🔑&gt; 100%",
            "p&#34;&#xE4;/ss&#92;w&#x2b;rd &#X26; &lt;&#128273;> 100%",
        ] {
            assert!(repeats(&format!("you sent {text}."), &["other", secret]), "{text}");
        }
        let control = "a\tb\u{8}c\u{c}d\r\ne";
        for text in [r#""a\tb\bc\fd\r\ne""#, r#""a\u0009b\u0008c\u000cd\u000d\u000ae""#] {
            assert!(repeats(text, &[control]), "{text}");
        }
        assert!(repeats("it&apos;s &#39;", &["it's '"]));
        for text in
            ["", "&", "&;", "&#;", "&#x110000;", "&quot", "\\", "\\u", "\\ud83d", "\\ud83d\\u0041", "p\"ä/ss", "100%"]
        {
            assert!(!repeats(text, &[secret, ""]), "{text}");
        }
    }
}
