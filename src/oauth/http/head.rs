//! The head of an answer, read where it lies: a map of its lines would be an
//! allocation for each.

#[cfg(test)]
mod tests;

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};

use super::Ask;
use super::conn::Conn;
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::time;

/// A server may say "wait" so many times before its answer begins.
const INTERIM_ANSWERS: usize = 16;

/// How many lines a head may have. Known servers send some thirty.
const LINES: usize = 128;

/// How far a body goes (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none.
    Empty,
    /// So many bytes.
    Stated(u64),
    /// To the last of its chunks.
    Chunked,
    /// To the end of the connection.
    ToEnd,
}

/// What is wanted of a head.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) struct Head {
    pub status: u16,
    /// `Date`; 0 when unknown.
    pub date_at: i64,
    /// `Retry-After`; 0 when absent or not understood.
    pub retry_after_ms: i64,
    /// Whether `Content-Type` is that of a web page.
    pub is_html: bool,
    pub framing: Framing,
    /// Whether another exchange may follow on the connection (RFC 9112, 9.3).
    pub persists: bool,
    /// All lines in the order they came, names in lower case, when they are
    /// wanted.
    pub headers: Vec<(String, String)>,
}

/// What the bytes that came so far begin with.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
enum Found {
    /// A head that goes on.
    Part,
    /// An interim answer of so many bytes.
    Interim(usize),
    /// A head of so many bytes.
    Whole(usize, Head),
}

/// Waits for the head of an answer to `ask`, and passes over interim ones
/// (RFC 9110, 15.2).
pub(crate) fn receive(call: &Call, conn: &mut Conn, ask: &Ask<'_>) -> Result<Head, Error> {
    let mut interim = 0;
    while conn.receive(call)? {
        loop {
            match read(call, conn.buffers.input(), ask)? {
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
                    return Ok(head);
                }
            }
        }
    }
    Err(call.cut_off("The server closed the connection without an answer"))
}

/// What `input` begins with.
fn read(call: &Call, input: &[u8], ask: &Ask<'_>) -> Result<Found, Error> {
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
    let (status, version) = response.code.zip(response.version).ok_or_else(not_http)?;
    match status {
        101 | 200..=999 => {}
        100..=199 => return Ok(Found::Interim(bytes)),
        _ => return Err(not_http()),
    }
    let lines = Lines::of(response.headers).ok_or_else(not_http)?;
    if lines.length.is_some() && lines.is_chunked {
        // RFC 9112, 6.3: the sign of an answer smuggled into another.
        return Err(call.error(Reason::AnswerNotUnderstood, "The answer states its length in two ways"));
    }
    let is_old = version == 0;
    let framing = match lines.length {
        _ if ask.method == "HEAD" || matches!(status, 101 | 204 | 304) => Framing::Empty,
        Some(0) => Framing::Empty,
        Some(bytes) => Framing::Stated(bytes),
        None if lines.is_chunked && !is_old => Framing::Chunked,
        None => Framing::ToEnd,
    };
    let may_persist = !lines.closes && (!is_old || lines.keeps_alive && !lines.is_chunked);
    // It has no body, but says that it has one: what follows is anybody's guess.
    let is_odd = status == 204 && (lines.is_chunked || lines.length.is_some_and(|length| length > 0));
    let headers = response.headers.iter().filter(|_| ask.whole);
    let date_at = lines.date.map_or(0, time::http_date_at);
    let head = Head {
        status,
        date_at,
        retry_after_ms: lines.retry_after.map_or(0, |text| time::retry_after_ms(text, date_at)),
        is_html: lines.is_html,
        framing,
        persists: may_persist && framing != Framing::ToEnd && status != 101 && !is_odd,
        headers: headers
            .map(|line| (line.name.to_ascii_lowercase(), String::from_utf8_lossy(line.value).into_owned()))
            .collect(),
    };
    Ok(Found::Whole(bytes, head))
}

/// The lines that matter to us. Of those that are no lists the first counts.
#[derive(Default)]
struct Lines<'a> {
    date: Option<&'a str>,
    retry_after: Option<&'a str>,
    is_html: bool,
    length: Option<u64>,
    is_chunked: bool,
    closes: bool,
    keeps_alive: bool,
}

impl<'a> Lines<'a> {
    /// `None` when it cannot be said where the body ends.
    fn of(lines: &[Header<'a>]) -> Option<Lines<'a>> {
        let mut found = Lines::default();
        let mut has_type = false;
        for line in lines {
            let is = |name: &str| line.name.eq_ignore_ascii_case(name);
            let text = || std::str::from_utf8(line.value).ok();
            if is("date") {
                found.date = found.date.or_else(text);
            } else if is("retry-after") {
                found.retry_after = found.retry_after.or_else(text);
            } else if is("content-type") {
                let kind = line.value.get(..9).unwrap_or_default();
                found.is_html |= !has_type && kind.eq_ignore_ascii_case(b"text/html");
                has_type = true;
            } else if is("content-length") {
                for element in elements(line.value) {
                    let length = length(element)?;
                    if found.length.is_some_and(|known| known != length) {
                        return None;
                    }
                    found.length = Some(length);
                }
            } else if is("transfer-encoding") {
                // Another coding would have to be asked for (RFC 9110, 10.1.4).
                for coding in elements(line.value) {
                    if found.is_chunked || !coding.eq_ignore_ascii_case(b"chunked") {
                        return None;
                    }
                    found.is_chunked = true;
                }
            } else if is("connection") {
                found.closes |= elements(line.value).any(|option| option.eq_ignore_ascii_case(b"close"));
                found.keeps_alive |= elements(line.value).any(|option| option.eq_ignore_ascii_case(b"keep-alive"));
            }
        }
        Some(found)
    }
}

/// The elements of a list (RFC 9110, 5.6.1).
fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// Digits and nothing else (RFC 9110, 8.6); some servers send the same length
/// twice.
fn length(element: &[u8]) -> Option<u64> {
    let is_number = !element.is_empty() && element.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(element).ok().filter(|_| is_number)?.parse().ok()
}
