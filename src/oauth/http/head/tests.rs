//! Heads, whole and in parts, and what ureq gets to see of them.

use std::io::Write as _;

use ureq::unversioned::transport::Buffers as _;

use super::super::conn::tests::{call, pair};
use super::*;
use crate::oauth::secret::Secret;

/// What a head means, and what ureq sees of it.
fn found(text: &str) -> Result<(Found, String), Reason> {
    let mut framing = Vec::new();
    let found = read(&call(60_000), text.as_bytes(), false, &mut framing).map_err(|error| error.reason)?;
    Ok((found, String::from_utf8(framing).expect("text")))
}

#[test]
fn a_head_tells_what_is_wanted_and_ureq_what_frames() {
    let text = "HTTP/1.1 429 Slow Down\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-One: 1\r\nretry-after: 7\r\n\
                CONTENT-LENGTH: 12\r\nContent-Type: text/html; charset=x\r\nConnection: close, x\r\nX-One: 2\r\n\r\nbody";
    let (found, framing) = found(text).expect("a head");
    let head = Head {
        status: 429,
        date_at: 784_111_777,
        retry_after_ms: 7000,
        is_html: true,
        body_bytes: Some(12),
        headers: Vec::new(),
    };
    assert_eq!(found, Found::Whole(text.len() - 4, head));
    assert_eq!(framing, "HTTP/1.1 429\r\nCONTENT-LENGTH:12\r\nConnection:close, x\r\n\r\n");
}

#[test]
fn all_lines_are_kept_when_they_are_wanted() {
    let text = b"HTTP/1.0 200 OK\r\nB: \xff1\r\nTransfer-Encoding: chunked\r\nb: 2\r\n\r\n";
    let mut framing = Vec::new();
    let Ok(Found::Whole(_, head)) = read(&call(60_000), text, true, &mut framing) else { panic!("no head") };
    let headers: Vec<(&str, &str)> = head.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(headers, [("b", "\u{fffd}1"), ("transfer-encoding", "chunked"), ("b", "2")]);
    assert_eq!(framing, b"HTTP/1.0 200\r\nTransfer-Encoding:chunked\r\n\r\n");
}

#[test]
fn a_request_has_our_lines_unless_the_program_has_them() {
    let authorization = Secret::new("Basic eA==");
    let lines = |ask: &Ask<'_>| match request_lines(ask, "me/1") {
        Ok(lines) => Ok(String::from_utf8(lines.expose().to_vec()).expect("text")),
        Err(error) => Err(error.reason),
    };
    let ask = Ask::post("text/plain", Some(&authorization), b"");
    let expected =
        "accept: application/json\r\nuser-agent: me/1\r\ncontent-type: text/plain\r\nauthorization: Basic eA==\r\n";
    assert_eq!(lines(&ask), Ok(expected.to_owned()));
    let ask = Ask { headers: &[("Accept", "*/*"), ("X", "\t1"), ("x", ""), ("USER-agent", "you")], ..Ask::get(None) };
    assert_eq!(lines(&ask), Ok("accept: */*\r\nx: \t1\r\nx: \r\nuser-agent: you\r\n".to_owned()));
    for (name, value) in [("", "x"), ("a b", "x"), ("a:", "x"), ("a", "x\r\nb: c"), ("a", "\0"), ("a", "\u{7f}")] {
        let refused = lines(&Ask { headers: &[(name, value)], ..Ask::get(None) });
        assert_eq!(refused, Err(Reason::Argument), "{name:?}: {value:?}");
    }
    for secret in ["Bearer a\r\nb: c", "Bearer \u{e9}"] {
        let refused = lines(&Ask::get(Some(&Secret::new(secret))));
        assert_eq!(refused, Err(Reason::Argument), "{secret:?}");
    }
}

#[test]
fn lines_are_sent_before_the_empty_one_however_many_they_are() {
    let sizes = [(1, 0), (1, 4095), (1, 4096), (1, 100_000), (4_096, 4_096), (12_400, 4_500), (16_300, 20_000)];
    for (path, length) in sizes {
        let call = call(60_000);
        let (mut conn, mut server) = pair(&call);
        let read = std::thread::spawn(move || {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut server, &mut text).expect("sent");
            text
        });
        let mut lines = SecretBytes::default();
        lines.push(&vec![b'l'; length]);
        let head = format!("GET {} HTTP/1.1\r\n", "/".repeat(path));
        conn.buffers.push_out(format!("{head}\r\n").as_bytes());
        assert!(conn.buffers.reopen_head());
        send_lines(&mut conn, &call, &lines).expect("the server reads");
        conn.buffers.push_out(b"body");
        conn.flush(&call).expect("the server reads");
        drop(conn);
        call.detach();
        let expected = format!("{head}{}\r\nbody", "l".repeat(length));
        assert!(read.join().expect("it ended") == expected.as_bytes(), "{path} {length}");
    }
    let (mut conn, _server) = pair(&call(60_000));
    conn.buffers.push_out(b"GET / HTTP/1.1\r\nhalf: a\r\n");
    assert!(!conn.buffers.reopen_head(), "it goes on");
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
        let found = found(text).map(|(found, _)| match found {
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
        let Ok((Found::Whole(_, head), _)) = found(&format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n")) else {
            panic!("no head")
        };
        assert_eq!(head.is_html, expected, "{kind}");
    }
}

#[test]
fn sixteen_interim_answers_may_come_before_the_head() {
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    for (count, expected) in [(0, Ok(Some(200))), (16, Ok(Some(200))), (17, Err(Reason::AnswerTooLarge))] {
        let call = call(60_000);
        let (mut conn, mut server) = pair(&call);
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        server.write_all(format!("{}{head}", interim.repeat(count)).as_bytes()).expect("sent");
        let result = receive(&mut conn, &call, false);
        assert_eq!(result.map(|head| Some(head?.status)).map_err(|error| error.reason), expected, "{count}");
        if expected.is_ok() {
            assert_eq!(conn.buffers.input(), b"HTTP/1.1 200\r\nContent-Length:2\r\n\r\n");
            assert_eq!(conn.buffers.input_and_framing().0, b"ok");
        }
    }
}

#[test]
fn a_head_may_come_in_pieces_and_may_not_end_early() {
    for (pieces, expected) in [
        (&["HTTP/1.1 100 Continue\r\n", "\r\nHTTP/1.1 2", "01 Created\r\nContent-Length: 0\r\n\r\n"][..], Some(201)),
        (&["HTTP/1.1 201 Created\r\nContent-Length: 0\r\n"][..], None),
        (&["HTTP/1.1 100 Continue\r\n\r\n"][..], None),
        (&[][..], None),
    ] {
        let call = call(60_000);
        let (mut conn, mut server) = pair(&call);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for piece in pieces {
                    server.write_all(piece.as_bytes()).expect("sent");
                }
            });
            let head = receive(&mut conn, &call, false).expect("no fault");
            assert_eq!(head.map(|head| head.status), expected, "{pieces:?}");
        });
    }
}
