//! The body of an answer, read as far as it goes and no further than allowed.

#[cfg(test)]
mod tests;

use std::io::Read;
use std::sync::Arc;

use ureq::config::Config;

use super::chunked;
use super::conn::Conn;
use super::fault;
use super::head::Framing;
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::secret::SecretBytes;

/// Room for a body of unknown length, before it grows.
const FIRST_BYTES: usize = 4096;

/// Room kept for the read that finds the end of the chunks.
const END_BYTES: usize = 64;

/// Reads a body of at most `most` bytes. The connection comes back when the
/// body came whole.
pub(crate) fn receive(
    call: &Arc<Call>,
    mut conn: Box<Conn>,
    framing: Framing,
    most: usize,
    config: &Config,
) -> (Result<SecretBytes, Error>, Option<Box<Conn>>) {
    let stated = match framing {
        Framing::Empty => return (Ok(SecretBytes::default()), Some(conn)),
        Framing::Chunked => return chunked::over(config, call, conn, |reader| in_chunks(call, reader, most)),
        Framing::Stated(bytes) => match usize::try_from(bytes) {
            Ok(bytes) if bytes <= most => Some(bytes),
            _ => return (Err(too_large(call, most)), None),
        },
        Framing::ToEnd => None,
    };
    let body = as_it_comes(call, &mut conn, stated, most);
    let conn = body.is_ok().then_some(conn);
    (body, conn)
}

/// As many bytes as are stated, or all to the end of the connection.
fn as_it_comes(call: &Call, conn: &mut Conn, stated: Option<usize>, most: usize) -> Result<SecretBytes, Error> {
    let mut body = SecretBytes::with_capacity(stated.unwrap_or(FIRST_BYTES));
    loop {
        let missing = stated.map_or(usize::MAX, |stated| stated - body.expose().len());
        let input = conn.buffers.input();
        let input = input.get(..missing).unwrap_or(input);
        body.push(input);
        let used = input.len();
        conn.buffers.pass_over(used);
        if used == missing {
            return Ok(body);
        }
        if body.expose().len() > most {
            return Err(too_large(call, most));
        }
        if !conn.receive(call)? {
            return match stated {
                Some(_) => Err(call.cut_off("The connection ended in the middle of the answer")),
                // A cancel ends the connection too.
                None => call.check_stopped().map(|()| body),
            };
        }
    }
}

fn in_chunks(call: &Call, reader: &mut dyn Read, most: usize) -> Result<SecretBytes, Error> {
    let mut body = SecretBytes::with_capacity(FIRST_BYTES);
    loop {
        let read = body.push_from(END_BYTES, |room| reader.read(room));
        if read.map_err(|error| fault::from_chunks(call, &error))? == 0 {
            return Ok(body);
        }
        if body.expose().len() > most {
            return Err(too_large(call, most));
        }
    }
}

fn too_large(call: &Call, most: usize) -> Error {
    call.error(Reason::AnswerTooLarge, format_args!("The answer has more than {most} bytes"))
}
