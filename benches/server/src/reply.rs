//! Where a request ends, and what is answered: always the same.

use std::sync::LazyLock;

const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

/// Letters of each token of a shape with dots; LoginRadius' are about as long.
const JWT_LENGTH: usize = 860;

static TOKENS: LazyLock<Vec<u8>> = LazyLock::new(|| answer(false));
static TOKENS_IN_CHUNKS: LazyLock<Vec<u8>> = LazyLock::new(|| answer(true));

fn answer(in_chunks: bool) -> Vec<u8> {
    let body = format!(
        concat!(
            r#"{{"access_token":"{}","token_type":"Bearer","refresh_token":"{}","expires_in":3599,"#,
            r#""scope":"openid profile email","id_token":"{}"}}"#
        ),
        letters(1, JWT_LENGTH, true),
        letters(2, 36, false),
        letters(3, JWT_LENGTH, true),
    );
    let head = concat!(
        "HTTP/1.1 200 OK\r\nDate: Mon, 05 Jan 2026 10:00:00 GMT\r\nContent-Type: application/json; charset=utf-8\r\n",
        "Cache-Control: no-store\r\nPragma: no-cache\r\nX-Request-Id: 0b1f6a0d8c2e4f57\r\n",
        "Strict-Transport-Security: max-age=31536000\r\nVary: Accept-Encoding\r\nConnection: keep-alive\r\n",
    );
    let length = body.len();
    if in_chunks {
        return format!("{head}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n").into_bytes();
    }
    format!("{head}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// The same letters each time, in no order that a parser could profit from.
fn letters(seed: u64, length: usize, dots: bool) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(ALPHABET[(state >> 58) as usize])
    };
    (0..length).map(|at| if dots && (at == 90 || at == length - 343) { '.' } else { next() }).collect()
}

/// The length of the request that `bytes` begins with, once it is whole.
pub fn request_end(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let length = bytes[..head].split(|&byte| byte == b'\n').find_map(content_length).unwrap_or(0);
    (bytes.len() >= head + length).then_some(head + length)
}

fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// The answer to a request: tokens, wherever a path ends like a token endpoint's.
pub fn to(request: &[u8], in_chunks: bool) -> &'static [u8] {
    let line = request.split(|&byte| byte == b'\r').next().unwrap_or_default();
    match line.starts_with(b"POST ") && line.ends_with(b"/token HTTP/1.1") {
        true if in_chunks => &TOKENS_IN_CHUNKS,
        true => &TOKENS,
        false => NOT_FOUND,
    }
}
