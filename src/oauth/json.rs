//! A JSON object taken apart into its members, each still in its own text: a
//! server's unknown members are kept as they came, and no value is built for
//! what nobody asks for.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memchr2};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::limits;
use super::secret::Secret;

/// How deep an answer may nest. Nothing recurses over the text, but what is
/// handed to the program must not be a trap for its own parser.
const DEEPEST: usize = 64;

/// A control character all the same.
const DELETE: u8 = 0x7f;

/// How many members an object may have: four times the largest answer that is
/// documented. Each is compared with all before it.
pub(crate) const MOST_MEMBERS: usize = 512;

/// The members of one JSON object, in the order they came, without duplicates
/// (RFC 6749, 3.2: a parameter is not repeated).
pub struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Takes `text` apart; `None` when it is no JSON object, repeats a member,
    /// has too many or nests too deep. A byte-order mark is passed over (RFC 8259, 8.1).
    pub fn parse(text: &'a [u8]) -> Option<Members<'a>> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let members: Members<'a> = serde_json::from_str(std::str::from_utf8(text).ok()?).ok()?;
        let flat = members.0.iter().all(|(_, value)| depth(value.get()) < DEEPEST);
        flat.then_some(members)
    }

    /// No members at all.
    pub fn none() -> Members<'a> {
        Members(Vec::new())
    }

    /// All of them, as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
    }

    /// The value of `name`, still as JSON text; `null` counts as absent.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value).filter(|value| value.get() != "null")
    }

    /// The first of `names` that is there.
    pub fn first(&self, names: &[&str]) -> Option<&'a RawValue> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The members that are in none of `names`, copied, as JSON text.
    pub fn others(&self, names: &[&[&str]]) -> Vec<(String, Secret)> {
        let known = |name: &str| names.iter().any(|list| list.contains(&name));
        let others = self.0.iter().filter(|(name, _)| !known(name));
        others.map(|(name, value)| (name.to_string(), Secret::new(value.get()))).collect()
    }
}

/// The text of a JSON string; borrowed when nothing in it is escaped.
pub fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = value.get().strip_prefix('"')?;
    // It was read before, as a part of its object: only escapes are left.
    if memchr(b'\\', quoted.as_bytes()).is_none() {
        return quoted.strip_suffix('"').map(Cow::Borrowed);
    }
    serde_json::from_str::<Text>(value.get()).ok().map(|text| text.0)
}

/// A token: text of visible ASCII, and nothing that could break out of a
/// header; with blanks where it enters none.
pub fn token(value: &RawValue, blank: bool) -> Option<Secret> {
    let first = if blank { DELETE } else { b' ' };
    match string(value).filter(|text| !text.is_empty())? {
        // No control character stands unescaped in JSON (RFC 8259, 7), but this one.
        Cow::Borrowed(text) => {
            let is_visible = text.is_ascii() && memchr2(first, DELETE, text.as_bytes()).is_none();
            is_visible.then(|| Secret::new(text))
        }
        Cow::Owned(text) => limits::is_visible(&text, blank).then(|| Secret::from_string(text)),
    }
}

/// The elements of a JSON array, each still in its own text.
pub fn elements(array: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(array.get()).ok()
}

/// A number, or a string that holds one, without its fraction. What is beyond
/// an i64 becomes its end.
pub fn integer(value: &RawValue) -> Option<i64> {
    let text = string(value);
    whole_part(text.as_deref().unwrap_or(value.get()).trim())
}

/// By hand: all of floating point is a lot of code for one lifetime.
fn whole_part(number: &str) -> Option<i64> {
    // As nearly all are; std's reading alone takes a plus sign.
    if let Ok(whole) = number.parse()
        && !number.starts_with('+')
    {
        return Some(whole);
    }
    let (negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let after_plus = exponent.strip_prefix('+').filter(|rest| !rest.starts_with('-'));
            (mantissa, after_plus.unwrap_or(exponent))
        }
        None => (digits, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let small = exponent.strip_prefix('-');
    if whole.is_empty()
        || small.unwrap_or(exponent).is_empty()
        || !all_digits(whole)
        || !all_digits(fraction)
        || !all_digits(small.unwrap_or(exponent))
    {
        return None;
    }
    // Moving the point: digits beyond what was written are zeros.
    let places = small.unwrap_or(exponent).parse::<usize>().unwrap_or(usize::MAX);
    let mut shifted = String::with_capacity(whole.len() + fraction.len());
    let mut kept = whole.len();
    shifted.extend([whole, fraction]);
    match small {
        Some(_) => kept = kept.saturating_sub(places),
        None if shifted.bytes().all(|byte| byte == b'0') => return Some(0),
        // An i64 has 19 digits; longer is its end, whatever the digits.
        None => kept = kept.saturating_add(places),
    }
    let mut value: i64 = 0;
    let zeros = std::iter::repeat(b'0');
    for byte in shifted.bytes().chain(zeros).take(kept) {
        let digit = i64::from(byte - b'0');
        value = match value.checked_mul(10).and_then(|value| value.checked_add(digit)) {
            Some(value) => value,
            None => return Some(if negative { i64::MIN } else { i64::MAX }),
        };
    }
    Some(if negative { -value } else { value })
}

/// The nesting of a value that is known to be valid JSON. Tokens, which are
/// long, are texts, and a text does not nest.
fn depth(json: &str) -> usize {
    if !json.starts_with(['{', '[']) {
        return 0;
    }
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                let mut members: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::with_capacity(8);
                while let Some((Text(name), value)) = map.next_entry()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(M::Error::custom("a member is repeated"));
                    }
                    if members.len() == MOST_MEMBERS {
                        return Err(M::Error::custom("there are too many members"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        input.deserialize_map(Object)
    }
}

/// serde borrows a bare `Cow<str>` only through a visitor of one's own.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Str;
        impl<'de> Visitor<'de> for Str {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        input.deserialize_str(Str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_taken_apart() {
        let members = Members::parse(br#"{"a":"x\ny","b":{"c":[1]},"d":null}"#).expect("an object");
        assert_eq!(members.get("a").and_then(string).as_deref(), Some("x\ny"));
        assert!(members.get("d").is_none());
        let others = members.others(&[&["a"]]);
        assert_eq!(others.first().map(|(name, json)| (name.as_str(), json.expose())), Some(("b", r#"{"c":[1]}"#)));
    }

    #[test]
    fn what_is_no_plain_object_is_refused() {
        let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        for text in
            ["", "[]", "null", r#"{"a":1}x"#, r#"{"a":1,"a":1}"#, r#"{"a":"\ud800"}"#, "{\"a\":\"\u{1}\"}", &deep]
        {
            let parsed = Members::parse(text.as_bytes());
            // A lone surrogate is only seen when its string is read.
            assert!(parsed.is_none_or(|members| members.get("a").and_then(string).is_none()), "{text:.40}");
        }
        let wide = |count: usize| {
            let members: Vec<String> = (0..count).map(|at| format!("\"{at}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(Members::parse(wide(MOST_MEMBERS).as_bytes()).is_some());
        assert!(Members::parse(wide(MOST_MEMBERS + 1).as_bytes()).is_none());
        // The same name, written in two ways.
        assert!(Members::parse(br#"{"a":1,"\u0061":2}"#).is_none());
        assert!(Members::parse(b"{\"a\":\"\xff\"}").is_none());
        assert!(Members::parse(b"\xef\xbb\xbf{}").is_some());
    }

    #[test]
    fn numbers_lose_their_fraction_and_saturate() {
        for (text, expected) in [
            ("3600", Some(3600)),
            ("3600.5", Some(3600)),
            ("-1", Some(-1)),
            ("0", Some(0)),
            ("3.6e3", Some(3600)),
            ("36000E-1", Some(3600)),
            ("1e-99999999999999999999", Some(0)),
            ("0e99999999999999999999", Some(0)),
            ("1e300", Some(i64::MAX)),
            ("-1e99999999999999999999", Some(i64::MIN)),
            ("9223372036854775807", Some(i64::MAX)),
            ("99999999999999999999", Some(i64::MAX)),
            ("", None),
            ("-", None),
            ("+5", None),
            ("-7", Some(-7)),
            ("soon", None),
            ("1x", None),
            ("1e", None),
            ("1e+2", Some(100)),
            ("1e+-1", None),
            ("NaN", None),
            ("0x10", None),
        ] {
            assert_eq!(whole_part(text), expected, "{text}");
        }
    }

    #[test]
    fn brackets_in_text_do_not_nest() {
        assert_eq!(depth(r#""[[\"[[""#), 0);
        assert_eq!(depth(r#"[{"a":"]"},[[]]]"#), 3);
        assert_eq!(depth(r#"["[[{\"[[{","\\",[]]"#), 2);
        assert_eq!(depth(r#"[[],[],{}]"#), 2);
    }

    #[test]
    fn an_object_nests_so_deep_and_no_deeper() {
        let nested = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(Members::parse(nested(DEEPEST - 1).as_bytes()).is_some());
        assert!(Members::parse(nested(DEEPEST).as_bytes()).is_none());
    }
}
