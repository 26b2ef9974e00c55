//! Bodies that end in each way, and bodies that do not.

use std::io::Write as _;

use super::super::conn::tests::{call, pair};
use super::*;

/// What is read of `pieces`, of which the first came with the head, and
/// whether the connection is drained behind it.
fn received(framing: Framing, most: usize, pieces: &[&str]) -> (Result<String, Reason>, Option<bool>) {
    let call = call(60_000);
    let (mut conn, mut server) = pair(&call);
    let (first, rest) = pieces.split_first().expect("a piece");
    conn.buffers.room()[..first.len()].copy_from_slice(first.as_bytes());
    conn.buffers.received(first.len());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for piece in rest {
                // It may have seen enough.
                let _ = server.write_all(piece.as_bytes());
            }
        });
        let (body, conn) = receive(&call, conn, framing, most, &chunked::config());
        let body = body.map(|body| String::from_utf8(body.expose().to_vec()).expect("text"));
        (body.map_err(|error| error.reason), conn.map(|mut conn| conn.is_drained()))
    })
}

fn ok(text: &str) -> Result<String, Reason> {
    Ok(text.to_owned())
}

#[test]
fn a_body_ends_where_its_length_says() {
    for (framing, pieces, expected) in [
        (Framing::Empty, &["", "x"][..], ok("")),
        (Framing::Stated(4), &["body"], ok("body")),
        (Framing::Stated(4), &["", "bo", "dy"], ok("body")),
        (Framing::Stated(4), &["bo", "d"], Err(Reason::CutOffBeforeSent)),
        (Framing::Stated(6), &["body", "y!"], ok("bodyy!")),
        (Framing::Stated(7), &["body", "y!"], Err(Reason::AnswerTooLarge)),
        (Framing::Stated(u64::MAX), &["body"], Err(Reason::AnswerTooLarge)),
        (Framing::ToEnd, &[""], ok("")),
        (Framing::ToEnd, &["bo", "dy", "y!"], ok("bodyy!")),
        (Framing::ToEnd, &["bo", "dy", "y!!"], Err(Reason::AnswerTooLarge)),
        (Framing::ToEnd, &["bodyy!!"], Err(Reason::AnswerTooLarge)),
    ] {
        assert_eq!(received(framing, 6, pieces).0, expected, "{framing:?} {pieces:?}");
    }
    assert_eq!(received(Framing::Stated(4), 6, &["body"]).1, Some(true));
    assert_eq!(received(Framing::Stated(4), 6, &["bodyHTTP/1.1 200"]).1, Some(false), "something is left over");
}

#[test]
fn chunks_are_put_together_by_ureq() {
    let good = Some(true);
    for (pieces, expected, drained) in [
        (&["4\r\nbody\r\n0\r\n\r\n"][..], ok("body"), good),
        (&["", "2;x=y\r\nbo\r\n2", "\r\ndy\r", "\n0\r\nTrailer: x\r\n\r\n"], ok("body"), good),
        (&["0\r\n\r\n"], ok(""), good),
        (&["6\r\nbodyy!\r\n0\r\n\r\n"], ok("bodyy!"), good),
        (&["7\r\nbodyy!!\r\n0\r\n\r\n"], Err(Reason::AnswerTooLarge), None),
        (&["4\r\nbody\r\n", "3\r\nbod"], Err(Reason::AnswerTooLarge), None),
        (&["4\r\nbo"], Err(Reason::CutOffBeforeSent), None),
        (&["4\r\nbody\r\n"], Err(Reason::CutOffBeforeSent), None),
        (&["4\r\nbody\r"], Err(Reason::CutOffBeforeSent), None),
        (&["4\r\nbody\r\n2"], Err(Reason::CutOffBeforeSent), None),
        (&["", "4\r\nbody\r\n", "0"], Err(Reason::CutOffBeforeSent), None),
        (&["2\r\nbo\r\n0\r\nTrail"], Err(Reason::CutOffBeforeSent), None),
        (&["2\r\nbo\r\n0\r\n\r"], Err(Reason::CutOffBeforeSent), None),
        (&["four\r\nbody"], Err(Reason::AnswerNotUnderstood), None),
        (&["4\r\nbodyy\r\n"], Err(Reason::AnswerNotUnderstood), None),
        (&["2\r\nbo\r\n0\r\n\r\nHTTP/1.1 200"], ok("bo"), None),
        // It came whole, but ended oddly.
        (&["2\r\nbo\r\n0\r\n"], ok("bo"), None),
    ] {
        assert_eq!(received(Framing::Chunked, 6, pieces), (expected, drained), "{pieces:?}");
    }
}

#[test]
fn a_large_body_in_chunks_is_whole() {
    let chunk = format!("{:x}\r\n{}\r\n", 20_000, "c".repeat(20_000));
    let (body, drained) = received(Framing::Chunked, 1 << 20, &["", &chunk.repeat(10), "0\r\n\r\n"]);
    assert_eq!((body.map(|body| body.len()), drained), (Ok(200_000), Some(true)));
}
