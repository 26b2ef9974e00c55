//! What the server answers.

use crate::server::{End, Reply};

pub fn usual() -> Reply {
    tokens(900)
}

const REFUSES_WITH_ECHO: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n\r\n\
    {\"error\":\"invalid_grant\",\"error_description\":\"You sent: @ECHO@\"}";

fn tokens(lifetime: i64) -> Reply {
    let body = format!(
        "{{\"access_token\":\"access-1\",\"token_type\":\"Bearer\",\"expires_in\":{lifetime},\
         \"refresh_token\":\"refresh-1\",\"id_token\":\"e30.eyJzdWIiOiJhZGEifQ.c2ln\",\"IsPosted\":true}}"
    );
    json(200, "", &body)
}

fn json(status: u16, headers: &str, body: &str) -> Reply {
    Reply::of(status, &format!("Content-Type: application/json\r\n{headers}"), body.as_bytes())
}

/// One of them, by a byte. Each does something of its own to a call.
pub fn reply(which: u8, port: u16) -> Reply {
    let cut = |piece: &[u8], end| Reply { pieces: vec![piece.to_vec()], end };
    match which % 20 {
        0 => tokens(900),
        1 => tokens(0),
        2 => tokens(1),
        3 => cut(REFUSES_WITH_ECHO, End::Close),
        4 => json(500, "", "{}"),
        5 => json(429, "Retry-After: 1\r\n", r#"{"error":"slow_down"}"#),
        6 => json(
            400,
            "",
            r#"{"ErrorCode":1198,"Message":"m\u0007","Data":{"LoginLockedTimeout":"2031-10-11T21:40:44Z"}}"#,
        ),
        7 => Reply::of(200, "Content-Type: text/html\r\n", b"<html>Sign in to this network</html>"),
        8 => cut(b"", End::Close),
        9 => cut(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"acc", End::Reset),
        10 => cut(b"", End::Stay),
        11 => json(200, "", r#"{"access_token":"access-2","token_type":"Bearer"}"#),
        12 => json(200, "", r#"{"keys":[]}"#),
        13 => json(401, "", r#"{"error":"invalid_token"}"#),
        14 => json(403, "", r#"{"ErrorCode":905,"Message":"m","Description":"d"}"#),
        15 => json(302, "Location: /elsewhere\r\n", ""),
        16 => json(200, "", &format!("{{\"access_token\":\"{}\",\"token_type\":\"Bearer\"}}", "t".repeat(100_000))),
        17 => Reply { end: End::Close, ..tokens(900) },
        18 => {
            let at = format!("http://127.0.0.1:{port}");
            json(
                200,
                "",
                &format!("{{\"issuer\":\"{at}\",\"token_endpoint\":\"{at}/token\",\"jwks_uri\":\"{at}/keys\"}}"),
            )
        }
        // Another user, in the token that a refresh brings.
        _ => json(
            200,
            "",
            r#"{"access_token":"access-3","token_type":"Bearer","expires_in":900,"id_token":"e30.eyJzdWIiOiJldmUifQ.c2ln"}"#,
        ),
    }
}
