//! Misbehaviour on the wire: user `fault:NAME`.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::clock;
use crate::http::Answer;
use crate::wire::{After, ReadWrite, Wire};

/// Every fault; `delay_MS` stands for `delay_` and any number.
pub const NAMES: &[&str] = &[
    "delay_MS",
    "never",
    "drip",
    "drop_before",
    "cut_before",
    "reset_before",
    "half_head",
    "truncate_length",
    "truncate_chunked",
    "reset_body",
    "both_lengths",
    "two_lengths",
    "flood_body",
    "flood_chunked",
    "flood_headers",
    "flood_100",
    "status_101",
    "status_204",
    "status_407",
    "redirect_301",
    "redirect_302",
    "redirect_303",
    "redirect_307",
    "redirect_308",
    "close_after",
    "reset_after",
    "trailing",
    "no_close_notify",
    "retry_after_absurd",
    "retry_after_date",
    "gzip",
    "lf_only",
    "bad_status_line",
];

/// An endless answer ends at this size or age, in case nobody stops it.
const FLOOD_BYTES: usize = 64 << 20;
const FLOOD_TIME: Duration = Duration::from_secs(60);

/// Longer than any test holds on.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// There is a fault of this name.
pub(crate) fn exists(name: &str) -> bool {
    delay(name).is_some() || name != "delay_MS" && NAMES.contains(&name)
}

fn delay(name: &str) -> Option<Duration> {
    let number = name.strip_prefix("delay_")?.parse().ok()?;
    Some(Duration::from_millis(number))
}

/// Misbehaves as named, in place of the right answer.
pub(crate) fn commit(name: &str, answer: Answer, wire: &mut Wire) -> io::Result<After> {
    if let Some(time) = delay(name) {
        if !wire.client_stays(time) {
            return Ok(After::Close);
        }
        wire.write_all(&answer.to_bytes())?;
        return Ok(After::Keep);
    }
    let right = answer.to_bytes();
    let head = answer.head();
    let body = answer.body.as_slice();
    let length = body.len();
    let framed = |frame: &str| [head.as_bytes(), frame.as_bytes(), b"\r\n\r\n", body].concat();
    match name {
        "never" => {
            wire.client_stays(FOR_EVER);
            Ok(After::Close)
        }
        "drip" => drip(wire, &right),
        "drop_before" => Ok(After::Close),
        "cut_before" => Ok(After::Cut),
        "reset_before" => Ok(After::Reset),
        "half_head" => end(wire, &head.as_bytes()[..head.len() / 2], After::Close),
        "truncate_length" => {
            let bytes = framed(&format!("Content-Length: {}", length + 100));
            end(wire, &bytes, After::Close)
        }
        "truncate_chunked" => {
            let frame = "Transfer-Encoding: chunked";
            let start = format!("{head}{frame}\r\n\r\n{:x}\r\n", length + 100);
            end(wire, &[start.as_bytes(), body].concat(), After::Close)
        }
        "reset_body" => {
            let bytes = framed(&format!("Content-Length: {}", length + 100));
            end(wire, &bytes, After::Reset)
        }
        "both_lengths" => {
            let start = format!("{head}Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n");
            let bytes = [start.as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
            end(wire, &bytes, After::Keep)
        }
        "two_lengths" => {
            let frame = format!("Content-Length: {length}\r\nContent-Length: {}", length / 2);
            end(wire, &framed(&frame), After::Keep)
        }
        "flood_body" => flood(wire, &framed("Connection: close"), |_| vec![b' '; 16 << 10]),
        "flood_chunked" => {
            let start = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
            flood(wire, start.as_bytes(), |_| [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat())
        }
        "flood_headers" => {
            flood(wire, head.as_bytes(), |n| format!("X-Flood-{n}: {}\r\n", "f".repeat(1000)).into_bytes())
        }
        "flood_100" => flood(wire, b"", |_| b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
        "status_101" => {
            let answer = Answer::empty(101).with("Connection", "Upgrade").with("Upgrade", "standin");
            end(wire, &answer.to_bytes(), After::Keep)
        }
        "status_204" => end(wire, &Answer::empty(204).to_bytes(), After::Keep),
        "status_407" => {
            let answer = Answer::html(407, "Proxy login").with("Proxy-Authenticate", "Basic realm=\"nobody asked\"");
            end(wire, &answer.to_bytes(), After::Keep)
        }
        "close_after" => end(wire, &right, After::Close),
        "reset_after" => end(wire, &right, After::Reset),
        "trailing" => {
            let extra = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
            end(wire, &[&right, extra.as_slice()].concat(), After::Keep)
        }
        "no_close_notify" => end(wire, &framed("Connection: close"), After::Cut),
        "retry_after_absurd" => {
            let answer = too_many("99999999999999".to_owned());
            end(wire, &answer.to_bytes(), After::Keep)
        }
        "retry_after_date" => {
            let answer = too_many(clock::http_date(clock::now_at() + 30));
            end(wire, &answer.to_bytes(), After::Keep)
        }
        "gzip" => {
            let mut answer = answer.with("Content-Encoding", "gzip");
            answer.body = b"\x1f\x8b\x08\x00 this is no gzip".to_vec();
            end(wire, &answer.to_bytes(), After::Keep)
        }
        "lf_only" => {
            let text = format!("{head}Content-Length: {length}\r\n\r\n");
            let bytes = [text.replace("\r\n", "\n").as_bytes(), body].concat();
            end(wire, &bytes, After::Keep)
        }
        "bad_status_line" => end(wire, b"HTTP/9.x OK fine\r\n\r\n", After::Close),
        _ => {
            let status = name.strip_prefix("redirect_").and_then(|n| n.parse().ok());
            let status = status.expect("only called for faults that exist");
            // Elsewhere: the stand-in's other listener, where it is seen.
            let target = wire.hub.origin(!wire.is_tls()) + "/stolen";
            let answer = Answer::empty(status).with("Location", target);
            end(wire, &answer.to_bytes(), After::Keep)
        }
    }
}

fn end(wire: &mut Wire, bytes: &[u8], after: After) -> io::Result<After> {
    wire.write_all(bytes)?;
    Ok(after)
}

fn too_many(retry_after: String) -> Answer {
    let body = serde_json::json!({"Message": "Too many requests"});
    Answer::json(429, &body).with("Retry-After", retry_after)
}

fn drip(wire: &mut Wire, bytes: &[u8]) -> io::Result<After> {
    for byte in bytes {
        wire.write_all(&[*byte])?;
        if !wire.client_stays(Duration::from_secs(1)) {
            return Ok(After::Close);
        }
    }
    Ok(After::Keep)
}

fn flood(wire: &mut Wire, start: &[u8], mut more: impl FnMut(usize) -> Vec<u8>) -> io::Result<After> {
    let since = Instant::now();
    wire.write_all(start)?;
    let mut sent = 0;
    for n in 0.. {
        if sent > FLOOD_BYTES || since.elapsed() > FLOOD_TIME {
            break;
        }
        let bytes = more(n);
        sent += bytes.len();
        wire.write_all(&bytes)?;
    }
    Ok(After::Reset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_but_the_pattern_exists() {
        assert!(exists("delay_250") && !exists("delay_MS") && !exists("delay_soon"));
        assert!(NAMES[1..].iter().all(|name| exists(name)));
    }
}
