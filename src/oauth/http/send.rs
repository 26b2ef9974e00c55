//! A request: its head and its body leave in one write, unless they are large.

#[cfg(test)]
mod tests;

use super::conn::Conn;
use super::{Ask, Target};
use crate::oauth::call::Call;
use crate::oauth::error::Error;

/// Writes a request that was checked (RFC 9112, 3 to 6), which leaves when the answer is
/// awaited. Names of headers go out in lower case.
pub(crate) fn request(
    call: &Call,
    conn: &mut Conn,
    target: &Target,
    ask: &Ask<'_>,
    usual: &Usual,
) -> Result<(), Error> {
    let body = sent_body(ask);
    conn.write(call, ask.method.as_bytes())?;
    conn.write(call, target.place.as_bytes())?;
    for (name, line) in &usual.0 {
        if !is_theirs(ask, name) {
            conn.write(call, line.as_bytes())?;
        }
    }
    let mut line = |name: &str, value: &str| -> Result<(), Error> {
        [name, ": ", value, "\r\n"].iter().try_for_each(|part| conn.write(call, part.as_bytes()))
    };
    if let Some(body) = body {
        line("content-length", itoa::Buffer::new().format(body.len()))?;
    }
    if let Some(kind) = ask.content_type.filter(|_| !is_theirs(ask, "content-type")) {
        line("content-type", kind)?;
    }
    if let Some(value) = ask.authorization {
        line("authorization", value.expose())?;
    }
    for (name, value) in ask.headers {
        line(name, value)?;
    }
    conn.write(call, b"\r\n")?;
    conn.write(call, body.unwrap_or_default())
}

/// Lines that each request of a client has, by their names, unless its own
/// replace them.
pub(crate) struct Usual([(&'static str, String); 2]);

impl Usual {
    pub fn new(user_agent: &str) -> Usual {
        let line = |name, value| (name, format!("{name}: {value}\r\n"));
        Usual([line("accept", "application/json"), line("user-agent", user_agent)])
    }
}

fn is_theirs(ask: &Ask<'_>, name: &str) -> bool {
    ask.headers.iter().any(|(theirs, _)| *theirs == name)
}

/// What is sent as the body. A method that has one gets an empty one at least:
/// the server might wait for one (RFC 9110, 8.6).
fn sent_body<'a>(ask: &Ask<'a>) -> Option<&'a [u8]> {
    let empty = matches!(ask.method, "POST" | "PUT" | "PATCH").then_some(&[][..]);
    ask.body.or(empty)
}
