//! HTTP/1.1 as far as the stand-in needs it: requests in, answers out.

use std::io::{self, ErrorKind, Read, Write};

use serde_json::Value;

use crate::clock;
use crate::wire::{Wire, is_timeout};

const HEAD_BYTES: usize = 1 << 20;
const BODY_BYTES: usize = 64 << 20;

/// The path at which the stand-in hangs up without reading the body.
pub(crate) const EARLY_CLOSE: &str = "/early-close";

/// One request as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The connection it came on, numbered from 1 in order of acceptance.
    pub connection: u64,
    /// The port of the listener it came to.
    pub port: u16,
    /// The method.
    pub method: String,
    /// The request target, escapes and query included.
    pub target: String,
    /// The headers in order, names as they were spelled.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Every byte of the request, after TLS.
    pub raw: Vec<u8>,
    /// It came over TLS.
    pub tls: bool,
    /// The client presented a certificate, and it was accepted.
    pub client_cert: bool,
    /// The TLS session resumed an earlier one.
    pub resumed: bool,
    /// The name the client sent in its ClientHello.
    pub server_name: Option<String>,
}

impl Seen {
    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(p, _)| p)
    }

    /// The value of a query parameter, unescaped.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = parse_form(query.as_bytes())?.into_iter();
        pairs.find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The body as text, what is not UTF-8 replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Reads one request. None when the client has nothing more to ask.
pub(crate) fn read_request(wire: &mut Wire) -> io::Result<Option<Seen>> {
    wire.patience(wire.hub.settings.idle_close);
    let mut raw = Vec::new();
    let head_end = loop {
        if let Some(at) = find(&raw, b"\r\n\r\n") {
            break at + 4;
        }
        if raw.len() > HEAD_BYTES {
            return Err(bad("the head is too long"));
        }
        match read_more(wire, &mut raw) {
            Ok(0) if raw.is_empty() => return Ok(None),
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(_) => wire.patience(None),
            Err(e) if is_timeout(&e) => return Ok(None),
            Err(e) => return Err(e),
        }
    };
    let head = std::str::from_utf8(&raw[..head_end]).map_err(|_| bad("the head is not UTF-8"))?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(bad("no request line"));
    };
    let mut headers = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(|| bad("no header"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut seen = Seen {
        connection: wire.id(),
        port: wire.port(),
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: Vec::new(),
        raw: Vec::new(),
        tls: wire.is_tls(),
        client_cert: wire.has_client_cert(),
        resumed: wire.is_resumed(),
        server_name: wire.server_name(),
    };
    if seen.target == EARLY_CLOSE {
        seen.raw = raw;
        return Ok(Some(seen));
    }
    if seen.header("transfer-encoding").is_some() {
        return Err(bad("the stand-in reads bodies with a length only"));
    }
    let length = match seen.header("content-length") {
        Some(text) => text.parse().map_err(|_| bad("no length"))?,
        None => 0_usize,
    };
    if length > BODY_BYTES {
        return Err(bad("the body is too long"));
    }
    if seen.header("expect").is_some() {
        wire.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    while raw.len() < head_end + length {
        if read_more(wire, &mut raw)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    wire.unread(&raw[head_end + length..]);
    raw.truncate(head_end + length);
    seen.body = raw[head_end..].to_vec();
    seen.raw = raw;
    Ok(Some(seen))
}

fn read_more(wire: &mut Wire, raw: &mut Vec<u8>) -> io::Result<usize> {
    let mut block = [0; 16 << 10];
    let count = wire.read(&mut block)?;
    raw.extend_from_slice(&block[..count]);
    Ok(count)
}

fn bad(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|bytes| bytes == needle)
}

/// One answer before it is written.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer without body or content type.
    pub fn empty(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new() }
    }

    /// An answer in JSON.
    pub fn json(status: u16, body: &Value) -> Answer {
        Answer::json_text(status, body.to_string())
    }

    /// An answer that claims to be JSON.
    pub fn json_text(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        let mut answer = Answer::empty(status).with("Cache-Control", "no-store");
        answer.body = body.into();
        answer.with("Content-Type", "application/json; charset=utf-8")
    }

    /// A page, as firewalls and broken gateways answer.
    pub fn html(status: u16, title: &str) -> Answer {
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\
             <body><h1>{title}</h1><p>Incident 0a1b2c3d</p></body></html>\n"
        );
        let mut answer = Answer::empty(status).with("Content-Type", "text/html");
        answer.body = page.into_bytes();
        answer
    }

    /// The same answer with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer to a HEAD request: the body's length, but no body.
    pub fn without_body(self) -> Answer {
        let length = self.body.len().to_string();
        let answer = if self.status == 204 { self } else { self.with("Content-Length", length) };
        Answer { body: Vec::new(), ..answer }
    }

    /// The status line and all headers but those that frame the body.
    pub fn head(&self) -> String {
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nDate: {}\r\n",
            self.status,
            reason(self.status),
            clock::http_date(clock::now_at())
        );
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head
    }

    /// The answer as it goes out.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut head = self.head();
        let framed = self.headers.iter().any(|(n, _)| matches!(*n, "Transfer-Encoding" | "Content-Length"));
        if self.status >= 200 && self.status != 204 && !framed {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

/// Undoes percent-escapes. None when one is malformed or the result is not
/// UTF-8: a client that escapes wrongly should not get away with it.
pub(crate) fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push((high * 16 + low) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Undoes the escapes of a form, where a space may be a plus sign.
pub(crate) fn unescape_form(text: &str) -> Option<String> {
    unescape(&text.replace('+', " "))
}

/// Reads `application/x-www-form-urlencoded`.
pub(crate) fn parse_form(body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescape_form(name)?, unescape_form(value)?))
        })
        .collect()
}
