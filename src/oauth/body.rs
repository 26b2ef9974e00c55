//! Request bodies and the Basic header: where secrets are encoded. Everything
//! is written into memory that is overwritten when it is dropped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::choices::Encoding;
use super::error::Error;
use super::reason::Reason;
use super::secret::{Secret, SecretBytes};

/// Parameters in the order they are sent.
pub type Params<'a> = Vec<(&'a str, &'a str)>;

/// The `Content-Type` of an encoding.
pub fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => "application/json",
        Encoding::Form => "application/x-www-form-urlencoded",
    }
}

/// The body.
pub fn write(encoding: Encoding, params: &Params<'_>) -> Result<SecretBytes, Error> {
    // Room for the usual case; SecretBytes wipes what it outgrows.
    let plain: usize = params.iter().map(|(name, value)| name.len() + value.len() + 6).sum();
    let mut body = SecretBytes::with_capacity(plain + plain / 2 + 2);
    match encoding {
        Encoding::Json => write_json(&mut body, params)?,
        Encoding::Form => write_form(&mut body, params),
    }
    Ok(body)
}

fn write_json(body: &mut SecretBytes, params: &Params<'_>) -> Result<(), Error> {
    for (at, (name, value)) in params.iter().enumerate() {
        body.push(if at == 0 { b"{" } else { b"," });
        push_json(body, name)?;
        body.push(b":");
        push_json(body, value)?;
    }
    body.push(b"}");
    Ok(())
}

fn push_json(body: &mut SecretBytes, text: &str) -> Result<(), Error> {
    serde_json::to_writer(body, text).map_err(|_| Error::new(Reason::Bug, "The JSON body could not be written"))
}

fn write_form(body: &mut SecretBytes, params: &Params<'_>) {
    for (at, (name, value)) in params.iter().enumerate() {
        if at > 0 {
            body.push(b"&");
        }
        push_form(body, name);
        body.push(b"=");
        push_form(body, value);
    }
}

/// `application/x-www-form-urlencoded` (RFC 6749, appendix B).
fn push_form(body: &mut SecretBytes, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => body.push(&[byte]),
            b' ' => body.push(b"+"),
            _ => body.push(&[b'%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

/// `Basic …`; `encoded` as RFC 6749, 2.3.1 says, else as most servers expect.
pub fn basic(id: &str, secret: &str, encoded: bool) -> Secret {
    let mut pair = SecretBytes::with_capacity(id.len() + secret.len() + 1);
    if encoded {
        push_form(&mut pair, id);
        pair.push(b":");
        push_form(&mut pair, secret);
    } else {
        pair.push(id.as_bytes());
        pair.push(b":");
        pair.push(secret.as_bytes());
    }
    // Reserved in full beforehand, so that growing leaves no copy behind.
    let mut header = String::with_capacity(6 + pair.expose().len().div_ceil(3) * 4);
    header.push_str("Basic ");
    STANDARD.encode_string(pair.expose(), &mut header);
    Secret::from_string(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let params = vec![("username", "bøb"), ("password", "p&s=w+r%d é€\"\\\n")];
        let form = write(Encoding::Form, &params).expect("a body");
        assert_eq!(form.expose(), b"username=b%C3%B8b&password=p%26s%3Dw%2Br%25d+%C3%A9%E2%82%AC%22%5C%0A");
        let json = write(Encoding::Json, &params).expect("a body");
        assert_eq!(json.expose(), "{\"username\":\"bøb\",\"password\":\"p&s=w+r%d é€\\\"\\\\\\n\"}".as_bytes());
    }

    #[test]
    fn basic_both_ways() {
        // base64 of "a:s%3Ae+c%25" and of "a:s:e c%".
        assert_eq!(basic("a", "s:e c%", true).expose(), "Basic YTpzJTNBZStjJTI1");
        assert_eq!(basic("a", "s:e c%", false).expose(), "Basic YTpzOmUgYyU=");
    }
}
