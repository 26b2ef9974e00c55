//! Heads, whole and in parts.

use std::io::Write as _;

use super::super::conn::tests::{call, pair};
use super::*;

/// What a head means as the answer to a GET.
fn found(text: &str) -> Result<Found, Reason> {
    read(&call(60_000), text.as_bytes(), &Ask::get(None)).map_err(|error| error.reason)
}

/// Where the body of an answer ends, and whether another may follow.
fn framed(method: &'static str, text: &str) -> Result<(Framing, bool), String> {
    let ask = Ask { method, ..Ask::get(None) };
    match read(&call(60_000), text.as_bytes(), &ask)
        .map_err(|error| error.message.split(". ").next().unwrap_or_default().to_owned())?
    {
        Found::Whole(_, head) => Ok((head.framing, head.persists)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_head_tells_what_is_wanted() {
    let text = "HTTP/1.1 429 Slow Down\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-One: 1\r\nretry-after: 7\r\n\
                CONTENT-LENGTH: 12\r\nContent-Type: text/html; charset=x\r\nConnection: close, x\r\nX-One: 2\r\n\
                Date: x\r\nRetry-After: 9\r\nContent-Type: text/plain\r\n\r\nbody";
    let head = Head {
        status: 429,
        date_at: 784_111_777,
        retry_after_ms: 7000,
        is_html: true,
        framing: Framing::Stated(12),
        persists: false,
        headers: Vec::new(),
    };
    assert_eq!(found(text), Ok(Found::Whole(text.len() - 4, head)));
}

#[test]
fn all_lines_are_kept_when_they_are_wanted() {
    let text = b"HTTP/1.0 200 OK\r\nB: \xff1\r\nTransfer-Encoding: chunked\r\nb: 2\r\n\r\n";
    let ask = Ask { whole: true, ..Ask::get(None) };
    let Ok(Found::Whole(_, head)) = read(&call(60_000), text, &ask) else { panic!("no head") };
    let headers: Vec<(&str, &str)> = head.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(headers, [("b", "\u{fffd}1"), ("transfer-encoding", "chunked"), ("b", "2")]);
}

#[test]
fn a_body_ends_where_the_lines_say() {
    let not_http = Err("What came back is not HTTP/1.1".to_owned());
    let lies = Err("The answer states its length in two ways".to_owned());
    for (lines, expected) in [
        ("", Ok((Framing::ToEnd, false))),
        ("Content-Length: 0\r\n", Ok((Framing::Empty, true))),
        ("Content-Length: 7\r\n", Ok((Framing::Stated(7), true))),
        ("Content-Length: 007 , 7\r\ncontent-length:7\r\n", Ok((Framing::Stated(7), true))),
        ("Content-Length: 18446744073709551615\r\n", Ok((Framing::Stated(u64::MAX), true))),
        ("Content-Length: 18446744073709551616\r\n", not_http.clone()),
        ("Content-Length: 7\r\nContent-Length: 8\r\n", not_http.clone()),
        ("Content-Length: 7, 8\r\n", not_http.clone()),
        ("Content-Length: 7,\r\n", not_http.clone()),
        ("Content-Length: +7\r\n", not_http.clone()),
        ("Content-Length: 0x7\r\n", not_http.clone()),
        ("Content-Length:\r\n", not_http.clone()),
        ("Transfer-Encoding: chunked\r\n", Ok((Framing::Chunked, true))),
        ("Transfer-Encoding: \tCHUNKED \r\n", Ok((Framing::Chunked, true))),
        ("Transfer-Encoding: chunked\r\nConnection: close\r\n", Ok((Framing::Chunked, false))),
        ("Transfer-Encoding: x, chunked\r\n", not_http.clone()),
        ("Transfer-Encoding: chunked, x\r\n", not_http.clone()),
        ("Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", not_http.clone()),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", not_http.clone()),
        ("Transfer-Encoding: gzip\r\n", not_http.clone()),
        ("Transfer-Encoding: xchunked\r\n", not_http.clone()),
        ("Transfer-Encoding:\r\n", not_http.clone()),
        ("Content-Length: 7\r\nTransfer-Encoding: chunked\r\n", lies.clone()),
        ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", lies.clone()),
        ("Content-Length: 7\r\nTransfer-Encoding: gzip\r\n", not_http.clone()),
        ("Content-Length: 7\r\nConnection: Close\r\n", Ok((Framing::Stated(7), false))),
        ("Content-Length: 7\r\nConnection: x , close\r\n", Ok((Framing::Stated(7), false))),
        ("Content-Length: 7\r\nConnection: x\r\nConnection: close\r\n", Ok((Framing::Stated(7), false))),
        ("Content-Length: 7\r\nConnection: closed\r\n", Ok((Framing::Stated(7), true))),
    ] {
        assert_eq!(framed("GET", &format!("HTTP/1.1 200 OK\r\n{lines}\r\n")), expected, "{lines:?}");
    }
    for (lines, expected) in [
        ("", (Framing::ToEnd, false)),
        ("Content-Length: 7\r\n", (Framing::Stated(7), false)),
        ("Content-Length: 7\r\nConnection: Keep-Alive\r\n", (Framing::Stated(7), true)),
        ("Content-Length: 7\r\nConnection: keep-alive, close\r\n", (Framing::Stated(7), false)),
        ("Connection: keep-alive\r\n", (Framing::ToEnd, false)),
        ("Transfer-Encoding: chunked\r\n", (Framing::ToEnd, false)),
    ] {
        assert_eq!(framed("GET", &format!("HTTP/1.0 200 OK\r\n{lines}\r\n")), Ok(expected), "{lines:?}");
    }
    // RFC 9112, 6.1: whoever sent this does not know what it does.
    let text = "HTTP/1.0 304 Same\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(framed("GET", text), Ok((Framing::Empty, false)));
    assert_eq!(framed("GET", &text.replace("Transfer-Encoding", "X")), Ok((Framing::Empty, true)));
    for (method, status, expected) in [
        ("HEAD", 200, (Framing::Empty, true)),
        ("GET", 204, (Framing::Empty, false)),
        ("GET", 304, (Framing::Empty, true)),
        ("GET", 101, (Framing::Empty, false)),
        ("GET", 302, (Framing::Stated(9), true)),
        ("POST", 205, (Framing::Stated(9), true)),
    ] {
        let text = format!("HTTP/1.1 {status} x\r\nContent-Length: 9\r\n\r\n");
        assert_eq!(framed(method, &text), Ok(expected), "{method} {status}");
        let text = format!("HTTP/1.1 {status} x\r\n\r\n");
        let without =
            if expected.0 == Framing::Empty { (Framing::Empty, status != 101) } else { (Framing::ToEnd, false) };
        assert_eq!(framed(method, &text), Ok(without), "{method} {status}");
    }
}

#[test]
fn what_no_head_begins_with_is_refused() {
    let lines = |count: usize| format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(count));
    for (text, expected) in [
        ("", Ok("part")),
        ("HTTP/1.1 200 OK\r\nDate: ", Ok("part")),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP", Ok("interim")),
        ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", Ok("interim")),
        ("HTTP/1.1 101 Switching\r\n\r\n", Ok("whole")),
        ("HTTP/1.1 200\n\n", Ok("whole")),
        ("HTTP/1.1 999 x\r\n\r\n", Ok("whole")),
        ("HTTP/1.1 099 x\r\n\r\n", Err(Reason::AnswerNotUnderstood)),
        ("HTTP/2 200\r\n\r\n", Err(Reason::AnswerNotUnderstood)),
        ("SSH-2.0-x\r\n", Err(Reason::AnswerNotUnderstood)),
        ("HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", Err(Reason::AnswerNotUnderstood)),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            Err(Reason::AnswerNotUnderstood),
        ),
        (&lines(LINES), Ok("whole")),
        (&lines(LINES + 1), Err(Reason::AnswerTooLarge)),
    ] {
        let found = found(text).map(|found| match found {
            Found::Part => "part",
            Found::Interim(_) => "interim",
            Found::Whole(..) => "whole",
        });
        assert_eq!(found, expected, "{text:.60}");
    }
}

#[test]
fn a_web_page_says_that_it_is_one() {
    for (kind, expected) in [
        ("text/html", true),
        ("Text/HTML; charset=utf-8", true),
        ("text/htm", false),
        ("application/json", false),
        ("\u{fc}", false),
    ] {
        let Ok(Found::Whole(_, head)) = found(&format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n")) else {
            panic!("no head")
        };
        assert_eq!(head.is_html, expected, "{kind}");
    }
}

#[test]
fn sixteen_interim_answers_may_come_before_the_head() {
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    for (count, expected) in [(0, Ok(200)), (16, Ok(200)), (17, Err(Reason::AnswerTooLarge))] {
        let call = call(60_000);
        let (mut conn, mut server) = pair(&call);
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        server.write_all(format!("{}{head}", interim.repeat(count)).as_bytes()).expect("sent");
        let result = receive(&call, &mut conn, &Ask::get(None));
        assert_eq!(result.map(|head| head.status).map_err(|error| error.reason), expected, "{count}");
        if expected.is_ok() {
            assert_eq!(conn.buffers.input(), b"ok");
        }
    }
}

#[test]
fn a_head_has_at_most_16_kib() {
    let begin = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: ";
    for (bytes, expected) in [(16_384, Ok(200)), (16_385, Err(Reason::AnswerTooLarge))] {
        let call = call(60_000);
        let (mut conn, mut server) = pair(&call);
        let head = format!("{begin}{}\r\n\r\n", "x".repeat(bytes - begin.len() - 4));
        server.write_all(head.as_bytes()).expect("sent");
        let result = receive(&call, &mut conn, &Ask::get(None));
        assert_eq!(result.map(|head| head.status).map_err(|error| error.reason), expected, "{bytes}");
    }
}

const ENDED: Result<u16, Reason> = Err(Reason::CutOffBeforeSent);

#[test]
fn a_head_may_come_in_pieces_and_may_not_end_early() {
    for (pieces, expected) in [
        (&["HTTP/1.1 100 Continue\r\n", "\r\nHTTP/1.1 2", "01 Created\r\nContent-Length: 0\r\n\r\n"][..], Ok(201)),
        (&["HTTP/1.1 201 Created\r\nContent-Length: 0\r\n"][..], ENDED),
        (&["HTTP/1.1 100 Continue\r\n\r\n"][..], ENDED),
        (&[][..], ENDED),
    ] {
        let call = call(60_000);
        let (mut conn, mut server) = pair(&call);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for piece in pieces {
                    server.write_all(piece.as_bytes()).expect("sent");
                }
            });
            let head = receive(&call, &mut conn, &Ask::get(None));
            assert_eq!(head.map(|head| head.status).map_err(|error| error.reason), expected, "{pieces:?}");
        });
    }
}
