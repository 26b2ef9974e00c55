//! A request: its head and its body leave in one write, unless they are large.

#[cfg(test)]
mod tests;

use std::io::Write as _;

use super::conn::Conn;
use super::{Ask, Target};
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::limits;

/// Digits of the longest length.
const LENGTH_BYTES: usize = 20;

/// Writes a request (RFC 9112, 3 to 6), which leaves when the answer is
/// awaited. Names of headers go out in lower case.
pub(crate) fn request(
    call: &Call,
    conn: &mut Conn,
    target: &Target,
    ask: &Ask<'_>,
    user_agent: &str,
) -> Result<(), Error> {
    let authorization = ask.authorization.map(|authorization| authorization.expose());
    if !authorization.is_none_or(|value| limits::is_visible(value, true)) {
        return Err(Error::argument("client id, secret or token cannot be put into a header"));
    }
    let body = sent_body(ask);
    let mut digits = [0; LENGTH_BYTES];
    let length = body.and_then(|body| decimal(body.len(), &mut digits));

    conn.write(call, ask.method.as_bytes())?;
    conn.write(call, target.place.as_bytes())?;
    let mut line = |name: &str, value: &str| -> Result<(), Error> {
        [name, ": ", value, "\r\n"].iter().try_for_each(|part| conn.write(call, part.as_bytes()))
    };
    if let Some(length) = length {
        line("content-length", length)?;
    }
    for (name, value) in ask.headers {
        line(name, value)?;
    }
    let ours = [
        ("accept", Some("application/json")),
        ("user-agent", Some(user_agent)),
        ("content-type", ask.content_type),
        ("authorization", authorization),
    ];
    for (name, value) in ours {
        let is_theirs = ask.headers.iter().any(|(theirs, _)| *theirs == name);
        if let Some(value) = value.filter(|_| !is_theirs) {
            line(name, value)?;
        }
    }
    conn.write(call, b"\r\n")?;
    conn.write(call, body.unwrap_or_default())
}

/// What is sent as the body. A method that has one gets an empty one at least:
/// the server might wait for one (RFC 9110, 8.6).
fn sent_body<'a>(ask: &Ask<'a>) -> Option<&'a [u8]> {
    let empty = matches!(ask.method, "POST" | "PUT" | "PATCH").then_some(&[][..]);
    ask.body.or(empty)
}

/// `number` written into `digits`.
fn decimal(number: usize, digits: &mut [u8; LENGTH_BYTES]) -> Option<&str> {
    let mut room = &mut digits[..];
    write!(room, "{number}").ok()?;
    let left = room.len();
    std::str::from_utf8(digits.get(..LENGTH_BYTES - left)?).ok()
}
