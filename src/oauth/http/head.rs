//! The heads of a request and of its answer. ureq would make maps of them, with
//! allocations for each line. It has the lines that tell where a body ends, and
//! those only: the others are written and read here, where they lie.

#[cfg(test)]
mod tests;

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};

use ureq::http::{HeaderName, HeaderValue};

use super::Ask;
use super::conn::Conn;
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::limits;
use crate::oauth::reason::Reason;
use crate::oauth::secret::SecretBytes;
use crate::oauth::time;

/// A server may say "wait" so many times before its answer begins.
const INTERIM_ANSWERS: usize = 16;

/// How many lines a head may have. Known servers send some thirty.
const LINES: usize = 128;

/// How much of a request's lines is written at a time: a fourth of what the
/// buffer holds, which is never fuller than that before.
const LINES_BYTES: usize = 4096;

/// What decides where a body ends, and whether another answer may follow
/// (RFC 9112, 6 and 9.3).
const FRAMING: [&str; 3] = ["content-length", "transfer-encoding", "connection"];

/// What is wanted of a head.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub status: u16,
    /// `Date`; 0 when unknown.
    pub date_at: i64,
    /// `Retry-After`; 0 when absent or not understood.
    pub retry_after_ms: i64,
    /// Whether `Content-Type` is that of a web page.
    pub is_html: bool,
    /// How long the body is said to be.
    pub body_bytes: Option<usize>,
    /// All lines in the order they came, names in lower case, when they are
    /// wanted.
    pub headers: Vec<(String, String)>,
}

/// What the bytes that came so far begin with.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// A head that goes on.
    Part,
    /// An interim answer of so many bytes.
    Interim(usize),
    /// A head of so many bytes.
    Whole(usize, Head),
}

/// The lines of a request that ureq does not write.
pub(crate) fn request_lines(ask: &Ask<'_>, user_agent: &str) -> Result<SecretBytes, Error> {
    let authorization = ask.authorization.map(|authorization| authorization.expose());
    if !authorization.is_none_or(|value| limits::is_visible(value, true)) {
        return Err(Error::argument("client id, secret or token cannot be put into a header"));
    }
    let ours = [
        ("accept", Some("application/json")),
        ("user-agent", Some(user_agent)),
        ("content-type", ask.content_type),
        ("authorization", authorization),
    ];
    let is_theirs = |name: &str| ask.headers.iter().any(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
    let ours = ours.into_iter().filter(|(name, _)| !is_theirs(name)).filter_map(|(name, value)| Some((name, value?)));
    let bytes: usize =
        ours.clone().chain(ask.headers.iter().copied()).map(|(name, value)| name.len() + value.len() + 4).sum();
    let mut lines = SecretBytes::with_capacity(bytes);
    for (name, value) in ask.headers {
        let wrong = || Error::argument(format_args!("header {name:?} has a name or value that HTTP does not allow"));
        // In lower case, as ours are.
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong())?;
        push_line(&mut lines, name.as_str(), value);
    }
    ours.for_each(|(name, value)| push_line(&mut lines, name, value));
    Ok(lines)
}

fn push_line(lines: &mut SecretBytes, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        lines.push(part.as_bytes());
    }
}

/// Adds `lines` to a head that lacks its empty line, and that line.
pub(crate) fn send_lines(conn: &mut Conn, call: &Call, lines: &SecretBytes) -> Result<(), Error> {
    let empty: &[u8] = b"";
    for part in [empty].into_iter().chain(lines.expose().chunks(LINES_BYTES)).chain([&b"\r\n"[..]]) {
        if conn.buffers.push_out(part) {
            conn.flush(call)?;
        }
    }
    Ok(())
}

/// Waits for the head of an answer, and passes over interim ones (RFC 9110,
/// 15.2). `None` when the connection ends before it is whole.
pub(crate) fn receive(conn: &mut Conn, call: &Call, with_headers: bool) -> Result<Option<Head>, Error> {
    let mut interim = 0;
    while conn.receive(call)? {
        loop {
            let (input, framing) = conn.buffers.input_and_framing();
            match read(call, input, with_headers, framing)? {
                Found::Part => break,
                Found::Interim(bytes) => {
                    interim += 1;
                    if interim > INTERIM_ANSWERS {
                        let what = format_args!("More than {INTERIM_ANSWERS} interim answers (1xx) came and no answer");
                        return Err(call.error(Reason::AnswerTooLarge, what));
                    }
                    conn.buffers.pass_over(bytes);
                }
                Found::Whole(bytes, head) => {
                    conn.buffers.pass_over(bytes);
                    return Ok(Some(head));
                }
            }
        }
    }
    Ok(None)
}

/// What `input` begins with. Of a whole head `framing` gets what ureq wants.
fn read(call: &Call, input: &[u8], with_headers: bool, framing: &mut Vec<u8>) -> Result<Found, Error> {
    let not_http = || call.error(Reason::AnswerNotUnderstood, "What came back is not HTTP/1.1");
    let mut lines = [MaybeUninit::uninit(); LINES];
    let mut response = httparse::Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut response, input, &mut lines);
    let bytes = match parsed {
        Ok(Status::Complete(bytes)) => bytes,
        Ok(Status::Partial) => return Ok(Found::Part),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(call.error(Reason::AnswerTooLarge, "The head of the answer has too many lines"));
        }
        Err(_) => return Err(not_http()),
    };
    let lines = &*response.headers;
    let (status, version) = response.code.zip(response.version).ok_or_else(not_http)?;
    match status {
        101 | 200..=999 => {}
        100..=199 => return Ok(Found::Interim(bytes)),
        _ => return Err(not_http()),
    }
    if find(lines, "content-length").is_some() && find(lines, "transfer-encoding").is_some() {
        // RFC 9112, 6.3: the sign of an answer smuggled into another.
        return Err(call.error(Reason::AnswerNotUnderstood, "The answer states its length in two ways"));
    }
    frame(status, version, lines, framing);
    Ok(Found::Whole(bytes, head(status, lines, with_headers)))
}

/// The head as ureq is to see it.
fn frame(status: u16, version: u8, lines: &[Header<'_>], framing: &mut Vec<u8>) {
    framing.extend_from_slice(if version == 0 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    framing.extend_from_slice(&[status / 100, status / 10 % 10, status % 10].map(|digit| b'0' + digit as u8));
    framing.extend_from_slice(b"\r\n");
    for line in lines.iter().filter(|line| FRAMING.iter().any(|name| line.name.eq_ignore_ascii_case(name))) {
        for part in [line.name.as_bytes(), b":", line.value, b"\r\n"] {
            framing.extend_from_slice(part);
        }
    }
    framing.extend_from_slice(b"\r\n");
}

fn head(status: u16, lines: &[Header<'_>], with_headers: bool) -> Head {
    let text = |name| std::str::from_utf8(find(lines, name)?).ok();
    let date_at = text("date").map_or(0, time::http_date_at);
    let is_html = |kind: &[u8]| kind.get(..9).is_some_and(|kind| kind.eq_ignore_ascii_case(b"text/html"));
    let all = lines.iter().filter(|_| with_headers);
    Head {
        status,
        date_at,
        retry_after_ms: text("retry-after").map_or(0, |text| time::retry_after_ms(text, date_at)),
        is_html: find(lines, "content-type").is_some_and(is_html),
        body_bytes: text("content-length").and_then(|text| text.parse().ok()),
        headers: all
            .map(|line| (line.name.to_ascii_lowercase(), String::from_utf8_lossy(line.value).into_owned()))
            .collect(),
    }
}

/// The first value of `name`.
fn find<'a>(lines: &[Header<'a>], name: &str) -> Option<&'a [u8]> {
    lines.iter().find(|line| line.name.eq_ignore_ascii_case(name)).map(|line| line.value)
}
