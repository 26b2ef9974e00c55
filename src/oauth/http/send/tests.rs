//! Requests, byte for byte.

use super::super::conn::tests::{call, pair};
use super::*;
use crate::oauth::reason::Reason;
use crate::oauth::secret::Secret;
use crate::oauth::url::Endpoint;

fn target(path: &str) -> Target {
    let Endpoint { origin, .. } = Endpoint::parse("url", "https://a.example:8443/").expect("a URL");
    Target::new(origin.endpoint(path.to_owned())).expect("a target")
}

/// What arrives of a request.
fn arrives(path: &str, ask: &Ask<'_>) -> Result<Vec<u8>, Reason> {
    let call = call(60_000);
    let (mut conn, mut server) = pair(&call);
    let reads = std::thread::spawn(move || {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut server, &mut text).expect("sent");
        text
    });
    let sent = request(&call, &mut conn, &target(path), ask, &Usual::new("me/1")).and_then(|()| conn.flush(&call));
    drop(conn);
    call.detach();
    let arrived = reads.join().expect("it ended");
    sent.map(|()| arrived).map_err(|error| error.reason)
}

fn text(ask: &Ask<'_>) -> Result<String, Reason> {
    arrives("/", ask).map(|bytes| String::from_utf8(bytes).expect("text"))
}

#[test]
fn a_request_has_our_lines_unless_the_program_has_them() {
    let authorization = Secret::new("Basic eA==");
    let ask = Ask::post("text/plain", Some(&authorization), b"body");
    let expected = "POST / HTTP/1.1\r\nhost: a.example:8443\r\naccept: application/json\r\nuser-agent: me/1\r\n\
                    content-length: 4\r\ncontent-type: text/plain\r\nauthorization: Basic eA==\r\n\r\nbody";
    assert_eq!(text(&ask), Ok(expected.to_owned()));
    let ask = Ask { headers: &[("accept", "*/*"), ("x", "\t1"), ("x", ""), ("user-agent", "you")], ..Ask::get(None) };
    let expected = "GET / HTTP/1.1\r\nhost: a.example:8443\r\naccept: */*\r\nx: \t1\r\nx: \r\nuser-agent: you\r\n\r\n";
    assert_eq!(text(&ask), Ok(expected.to_owned()));
    for secret in ["Bearer a\r\nb: c", "Bearer \u{e9}"] {
        let refused = Ask::get(Some(&Secret::new(secret))).check().map_err(|error| error.reason);
        assert_eq!(refused, Err(Reason::Argument), "{secret:?}");
    }
    assert!(Ask::get(Some(&authorization)).check().is_ok() && Ask::get(None).check().is_ok());
}

#[test]
fn a_method_that_has_a_body_says_how_long_it_is() {
    let stated = |method, body| {
        let text = text(&Ask { method, body, ..Ask::get(None) }).expect("it is sent");
        let lines: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("content-length: ")).collect();
        lines.join(",")
    };
    for method in ["POST", "PUT", "PATCH"] {
        assert_eq!([stated(method, None), stated(method, Some(b"ab"))], ["0", "2"], "{method}");
    }
    for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
        assert_eq!(stated(method, None), "", "{method}");
    }
    assert_eq!([stated("DELETE", Some(b"")), stated("DELETE", Some(b"0123456789"))], ["0", "10"]);
}

#[test]
fn a_request_is_whole_however_large_its_parts_are() {
    for (path, value, body) in
        [(1, 4095, 0), (16_361, 0, 1), (16_362, 1, 1), (16_400, 16_384, 16_384), (4_096, 100_000, 1_000_000)]
    {
        let (path, value, body) = (format!("/{}", "p".repeat(path)), "v".repeat(value), vec![b'b'; body]);
        let ask = Ask { headers: &[("accept", &value)], body: Some(&body), ..Ask::get(None) };
        let length = body.len();
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: a.example:8443\r\nuser-agent: me/1\r\ncontent-length: {length}\r\naccept: {value}\r\n\r\n"
        );
        assert!(arrives(&path, &ask) == Ok([head.as_bytes(), &body].concat()), "{}", head.len());
    }
}

#[test]
fn a_place_that_would_break_the_request_line_is_refused() {
    let Endpoint { origin, .. } = Endpoint::parse("url", "https://a.example/").expect("a URL");
    for path in ["/a b", "/a\r\nhost: b", "/\u{e9}", ""] {
        let refused = Target::new(origin.endpoint(path.to_owned())).map_err(|error| error.reason);
        assert_eq!(refused.err(), Some(Reason::Argument), "{path:?}");
    }
    let host = crate::oauth::url::Origin { host: "a b".into(), ..origin };
    assert!(Target::new(host.endpoint("/".to_owned())).is_err());
}
