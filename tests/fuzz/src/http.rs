//! The head and body of an answer through the real transport: whatever a server
//! writes, in whatever pieces, and however it stops.

use std::sync::OnceLock;

use ropc::oauth::fuzzing::call;
use ropc::oauth::{Client, Limit, Options, Status};

use crate::input::Input;
use crate::server::{End, Reply, Server};
use crate::{rules, token_answer};

const PASSWORD: &str = "correct horse";
const GOOD: &[u8] = br#"{"access_token":"the-good-one","token_type":"Bearer"}"#;

struct Place {
    server: Server,
    client: Client,
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let server = Server::start();
        let url = format!("http://127.0.0.1:{}/token", server.port);
        let mut options = Options::oauth2(&url, "client").expect("a URL");
        options.set_limit(Limit::AnswerBytes, 4096).expect("a limit");
        options.set_limit(Limit::IdleMs, 600_000).expect("a limit");
        options.set_proxy("").expect("no proxy");
        Place { server, client: Client::new(&options).expect("a client") }
    })
}

/// The input: a byte that says how it ends and in how many pieces it comes,
/// so many lengths, and what is written.
pub fn http(input: &[u8]) {
    let mut input = Input::new(input);
    let choices = input.byte();
    let end = [End::Close, End::Close, End::Reset, End::Stay][usize::from(choices & 3)];
    let lengths: Vec<u8> = (0..choices >> 2 & 3).map(|_| input.byte()).collect();
    let written = input.rest();
    let Place { server, client } = place();
    let reply = Reply { pieces: pieces(written, &lengths), end };
    server.begin(vec![reply], Some(Reply::of(200, "", GOOD)));

    // Who stays without a word costs the whole limit.
    let outcome = client.login_in(&call(if end == End::Stay { 20 } else { 5_000 }), "ada", PASSWORD);
    if matches!(&outcome, Err(error) if error.status() == Status::Timeout && !error.request_sent) {
        // This machine was too slow for the limit: nobody was asked.
        return;
    }
    let seen = server.seen("the answer was written", |seen| seen.answered == 1);
    assert!(seen.requests.len() <= 1, "{} requests for one login", seen.requests.len());
    let read = read(written, end);
    match outcome {
        Ok(tokens) => {
            let body = read.as_ref().and_then(|read| read.body.clone()).expect("an answer that is whole");
            let said = token_answer::read(&body, false).expect("a token answer");
            assert_eq!(tokens.access_token.expose(), said.access_token);
            assert_eq!(read.map(|read| read.status), Some(200));
        }
        Err(error) => {
            rules::error(&error, &[PASSWORD.to_owned()]);
            use Status::{Answer, Client, Connect, Io, RateLimited, Refused, Server, Timeout};
            let known = [Answer, Client, Connect, Io, RateLimited, Refused, Server, Timeout];
            assert!(known.contains(&error.status()), "{error}");
            assert!(error.status() != Timeout || end == End::Stay, "{error}");
        }
    }

    // The next login is answered as if nothing had been; on the same connection
    // only when nothing was left on it.
    let tokens =
        client.login_in(&call(10_000), "ada", PASSWORD).unwrap_or_else(|error| panic!("the next login: {error}"));
    assert_eq!(tokens.access_token.expose(), "the-good-one");
    let seen = server.seen("the next login came", |seen| seen.answered == 2);
    if let [(first, _), (second, _)] = seen.requests.as_slice() {
        let clean = self::read(written, end).is_some_and(|read| read.clean);
        assert!(first != second || clean, "a connection is used again after {:?}", String::from_utf8_lossy(written));
    }
}

/// `written` in pieces of these lengths, and the rest.
fn pieces(written: &[u8], lengths: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = Input::new(written);
    let mut pieces: Vec<_> = lengths.iter().map(|length| rest.bytes(usize::from(*length)).to_vec()).collect();
    pieces.push(rest.rest().to_vec());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// What was written, read as RFC 9112 says, where that leaves a choice as
/// generously as may be.
struct Read {
    status: u16,
    /// `None`: not all of it came.
    body: Option<Vec<u8>>,
    /// Whether it ended by its own word, with nothing behind it, on a
    /// connection that stays.
    clean: bool,
}

fn read(written: &[u8], end: End) -> Option<Read> {
    let (status, headers, rest) = head(written)?;
    if (100..200).contains(&status) && status != 101 {
        return read(rest, end);
    }
    let values = |name: &str| -> Vec<&str> {
        headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
    };
    let stays = end == End::Stay && !values("connection").join(",").to_ascii_lowercase().contains("close");
    let (body, behind) = if matches!(status, 101 | 204 | 304) {
        (Some(Vec::new()), rest)
    } else if values("transfer-encoding").join(",").to_ascii_lowercase().contains("chunked") {
        chunked(rest).map_or((None, rest), |(body, behind)| (Some(body), behind))
    } else if let Some(length) = values("content-length").first() {
        match length.trim().parse::<usize>() {
            Ok(length) if length <= rest.len() => (Some(rest[..length].to_vec()), &rest[length..]),
            _ => (None, rest),
        }
    } else {
        // Only the end of the connection tells: no reset, and no limit of time.
        let whole = (end == End::Close).then(|| rest.to_vec());
        return Some(Read { status, body: whole, clean: false });
    };
    let clean = stays && body.is_some() && behind.is_empty();
    Some(Read { status, body, clean })
}

type Head<'a> = (u16, Vec<(String, String)>, &'a [u8]);

fn head(written: &[u8]) -> Option<Head<'_>> {
    let mut rest = written;
    let mut lines = Vec::new();
    loop {
        let at = rest.iter().position(|byte| *byte == b'\n')?;
        let line = &rest[..at];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        rest = &rest[at + 1..];
        match line.is_empty() {
            // Empty lines in front are passed over (RFC 9112, 2.2).
            true if lines.is_empty() => {}
            true => break,
            false => lines.push(String::from_utf8_lossy(line).into_owned()),
        }
    }
    let first = lines.remove(0);
    let status = first.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let header = |line: &String| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    Some((status, lines.iter().filter_map(header).collect(), rest))
}

/// The body, which is whole with its last chunk (RFC 9112, 8), and what stands
/// behind it, be it the end that is missing there.
fn chunked(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut body = Vec::new();
    loop {
        let at = rest.iter().position(|byte| *byte == b'\n')?;
        let line = String::from_utf8_lossy(&rest[..at]).into_owned();
        let digits = line.split(';').next().unwrap_or_default().trim();
        // ureq passes over empty lines here, which is no harm: nothing is lost.
        if line.trim().is_empty() {
            rest = &rest[at + 1..];
            continue;
        }
        let length = usize::from_str_radix(digits, 16).ok()?;
        rest = &rest[at + 1..];
        if length == 0 {
            break;
        }
        body.extend_from_slice(rest.get(..length)?);
        rest = &rest[length..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    }
    // Trailers, and the empty line; in them a line feed alone ends nothing.
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        rest = &rest[at + 2..];
        if at == 0 {
            return Some((body, rest));
        }
    }
    Some((body, b"no end"))
}
