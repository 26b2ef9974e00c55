//! Successes of unusual form: user `variant:NAME`.

use serde_json::{Map, Value, json};

use crate::http::Answer;

/// Every variant.
pub const NAMES: &[&str] = &[
    "expire_in_text",
    "expires_text",
    "expires_float",
    "expires_negative",
    "expires_huge",
    "expires_date",
    "no_expiry",
    "type_absent",
    "type_access_token",
    "type_lower",
    "type_mac",
    "nul_token",
    "big_token",
    "empty_token",
    "null_token",
    "zero_token",
    "no_token",
    "duplicate",
    "deep",
    "huge",
    "bad_utf8",
    "bom",
    "html",
    "error_in_200",
    "both",
    "no_refresh",
    "id_token_capital",
    "chunked",
    "scope_array",
    "unknown_members",
    "empty",
    "array",
    "trailing_garbage",
    "lone_surrogate",
];

/// The answer of this variant; None if there is no such variant.
pub(crate) fn answer(name: &str, members: impl FnOnce() -> Map<String, Value>) -> Option<Answer> {
    if !NAMES.contains(&name) {
        return None;
    }
    let mut members = members();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    match name {
        "expire_in_text" => {
            set("expire_in", json!("3600"));
            members.remove("expires_in");
        }
        "expires_text" => drop(set("expires_in", json!("3600"))),
        "expires_float" => drop(set("expires_in", json!(3600.5))),
        "expires_negative" => drop(set("expires_in", json!(-1))),
        "expires_huge" => drop(set("expires_in", json!(1e300))),
        "expires_date" => drop(set("expires_in", json!("0001-01-01T00:00:00"))),
        "no_expiry" => drop(members.remove("expires_in")),
        "type_absent" => drop(members.remove("token_type")),
        "type_access_token" => drop(set("token_type", json!("access_token"))),
        "type_lower" => drop(set("token_type", json!("bearer"))),
        "type_mac" => drop(set("token_type", json!("mac"))),
        "nul_token" => drop(set("access_token", json!("before\0after"))),
        "big_token" => drop(set("access_token", json!("t".repeat(200 << 10)))),
        "empty_token" => drop(set("access_token", json!(""))),
        "null_token" => drop(set("access_token", Value::Null)),
        "zero_token" => {
            set("access_token", json!("00000000-0000-0000-0000-000000000000"));
        }
        "no_token" => drop(members.remove("access_token")),
        "both" => drop(set("error", json!("invalid_grant"))),
        "no_refresh" => drop(members.remove("refresh_token")),
        "id_token_capital" => {
            let token = members.remove("id_token");
            let token = token.unwrap_or_else(|| json!("eyJhbGciOiJub25lIn0.e30."));
            members.insert("Id_token".into(), token);
        }
        "scope_array" => drop(set("scope", json!(["openid", "email"]))),
        "unknown_members" => {
            set("extra_text", json!("kept as it is"));
            set("extra_object", json!({"list": [1, 2.5, null, true]}));
        }
        "error_in_200" => {
            members = Map::from_iter([
                ("Description".into(), json!("The account is blocked")),
                ("ErrorCode".into(), json!(991)),
                ("Message".into(), json!("The account is blocked")),
            ]);
        }
        _ => return Some(bytes(name, members)),
    }
    Some(Answer::json(200, &members.into()))
}

/// The variants that no JSON value expresses.
fn bytes(name: &str, members: Map<String, Value>) -> Answer {
    let text = Value::from(members).to_string();
    // The object but for its closing brace, to add members to.
    let open = text.strip_suffix('}').expect("an object").to_owned();
    let body: Vec<u8> = match name {
        "duplicate" => (open + ",\"access_token\":\"another\"}").into(),
        "deep" => {
            let (down, up) = ("[".repeat(10_000), "]".repeat(10_000));
            format!("{open},\"deep\":{down}{up}}}").into()
        }
        "huge" => format!("{open},\"huge\":\"{}\"}}", "h".repeat(50 << 20)).into(),
        "bad_utf8" => [open.as_bytes(), b",\"name\":\"\xff\xfe\"}"].concat(),
        "bom" => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        "html" => return Answer::html(200, "Welcome"),
        "empty" => Vec::new(),
        "array" => format!("[{text}]").into(),
        "trailing_garbage" => (text + "{}garbage").into(),
        "lone_surrogate" => (open + ",\"name\":\"\\ud800\"}").into(),
        "chunked" => {
            let answer = Answer::json_text(200, chunks(text.as_bytes()));
            return answer.with("Transfer-Encoding", "chunked");
        }
        _ => unreachable!("every name is served"),
    };
    Answer::json_text(200, body)
}

/// The chunked form, in pieces small enough to be several.
fn chunks(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in body.chunks(100) {
        out.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        out.extend_from_slice(piece);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_served() {
        for name in NAMES {
            let members = || Map::from_iter([("access_token".to_owned(), json!("t"))]);
            assert!(answer(name, members).is_some(), "{name}");
        }
    }
}
