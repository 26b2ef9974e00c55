//! A secret as a server may repeat it: in the forms that it takes on its way
//! there and back.

/// How a text is quoted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Plain,
    /// As a JSON string, with as few escapes as there may be.
    Json,
    /// The same with everything escaped that can be.
    JsonAll,
    /// `application/x-www-form-urlencoded`.
    Urlencoded,
    /// Percent-encoded, all but letters and digits.
    Percent,
    /// Inside HTML.
    Html,
    /// The same with all but letters and digits as numbers.
    HtmlAll,
}

/// Forms that may be wrapped around each other.
pub const JSON: [Form; 3] = [Form::Plain, Form::Json, Form::JsonAll];

/// Forms that stand for themselves.
pub const OTHER: [Form; 5] = [Form::Plain, Form::Urlencoded, Form::Percent, Form::Html, Form::HtmlAll];

pub fn quote(text: &str, form: Form) -> String {
    match form {
        Form::Plain => text.to_owned(),
        Form::Json => text.chars().map(|char| json(char, false)).collect(),
        Form::JsonAll => text.chars().map(|char| json(char, true)).collect(),
        Form::Urlencoded => text.bytes().map(|byte| percent(byte, b"*-._", true)).collect(),
        Form::Percent => text.bytes().map(|byte| percent(byte, b"", false)).collect(),
        Form::Html => text.chars().map(html).collect(),
        Form::HtmlAll => text.chars().map(numbered).collect(),
    }
}

fn json(char: char, all: bool) -> String {
    match char {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\0'..='\u{1f}' => format!("\\u{:04x}", char as u32),
        '/' if all => "\\/".to_owned(),
        _ if all => char.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")).collect(),
        _ => char.to_string(),
    }
}

fn percent(byte: u8, plain: &[u8], plus: bool) -> String {
    match byte {
        b' ' if plus => "+".to_owned(),
        _ if byte.is_ascii_alphanumeric() || plain.contains(&byte) => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    }
}

fn html(char: char) -> String {
    match char {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        _ => char.to_string(),
    }
}

fn numbered(char: char) -> String {
    match char {
        _ if char.is_ascii_alphanumeric() => char.to_string(),
        // Both ways to write a number are in use.
        _ if char.is_ascii() => format!("&#{};", char as u32),
        _ => format!("&#x{:X};", char as u32),
    }
}
