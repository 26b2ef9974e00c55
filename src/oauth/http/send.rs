//! A request: its head and its body leave in one write, unless they are large.

#[cfg(test)]
mod tests;

use super::conn::Conn;
use super::{Ask, Target};
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::secret::Secret;

/// Writes a request that was checked (RFC 9112, 3 to 6), which leaves when the answer is
/// awaited. Names of headers go out in lower case.
pub(crate) fn request(
    call: &Call,
    conn: &mut Conn,
    target: &Target,
    ask: &Ask<'_>,
    user_agent: &str,
) -> Result<(), Error> {
    let body = sent_body(ask);
    conn.write(call, ask.method.as_bytes())?;
    conn.write(call, target.place.as_bytes())?;
    let mut line = |name: &str, value: &str| -> Result<(), Error> {
        [name, ": ", value, "\r\n"].iter().try_for_each(|part| conn.write(call, part.as_bytes()))
    };
    if let Some(body) = body {
        line("content-length", &body.len().to_string())?;
    }
    for (name, value) in ask.headers {
        line(name, value)?;
    }
    let ours = [
        ("accept", Some("application/json")),
        ("user-agent", Some(user_agent)),
        ("content-type", ask.content_type),
        ("authorization", ask.authorization.map(Secret::expose)),
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
