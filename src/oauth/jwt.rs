//! Reading a JWT (RFC 7519) without verifying it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::error::Error;
use super::json::Members;
use super::reason::Reason;
use super::secret::Secret;

/// The payload of `token`, which messages call `what`, as JSON text, which is an object without repeated
/// members and of bounded depth.
pub fn unverified_claims(what: &str, token: Option<&str>) -> Result<Secret, Error> {
    let claims = |token| {
        let [_, payload, _] = parts(token)?;
        let payload = decoded(payload)?;
        let (text, _) = object(&payload)?;
        Ok(Secret::new(text))
    };
    let no = |problem| Error::new(Reason::NotAJwt, format_args!("The {what} {problem}"));
    token.ok_or("was not issued").and_then(claims).map_err(no)
}

/// Header, payload and signature of a JWT in compact form (RFC 7515, 7.1),
/// or what `token` is instead.
pub fn parts(token: &str) -> Result<[&str; 3], &'static str> {
    let parts: Vec<&str> = token.splitn(6, '.').collect();
    match *parts.as_slice() {
        [header, payload, signature] => Ok([header, payload, signature]),
        [_, _, _, _, _] => Err("is encrypted (JWE)"),
        _ => Err("is opaque, not a JWT"),
    }
}

/// One of the parts in the only way it may be written: no padding, no white
/// space, no bits left over.
pub fn decoded(part: &str) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    URL_SAFE_NO_PAD.decode(part).map(Zeroizing::new).map_err(|_| "is not base64url inside")
}

/// A decoded header or payload: its text, and its members.
pub fn object(json: &[u8]) -> Result<(&str, Members<'_>), &'static str> {
    let text = std::str::from_utf8(json).map_err(|_| "is not UTF-8 inside")?;
    let members = Members::parse(text.as_bytes()).ok_or("holds no JSON object")?;
    Ok((text.trim_start_matches('\u{feff}'), members))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(token: &str) -> Result<String, Reason> {
        let claims = unverified_claims("token", Some(token));
        claims.map(|claims| claims.expose().to_owned()).map_err(|error| error.reason)
    }

    #[test]
    fn payloads() {
        assert_eq!(claims("e30.eyJzdWIiOiJhZGEifQ.sig").as_deref(), Ok(r#"{"sub":"ada"}"#));
        for token in [
            "",
            "a.b",
            "a.b.c.d.e",
            "e30.W10.sig",
            "e30.!!!.sig",
            "e30..sig",
            "e30.eyJzdWIiOiJhZGEifQ==.sig",
            "e30.eyJhIjoxLCJhIjoyfQ.s",
        ] {
            assert_eq!(claims(token), Err(Reason::NotAJwt), "{token}");
        }
        for (token, kind) in [("a.b.c.d", "opaque"), ("a.b.c.d.e", "encrypted"), ("a.b.c.d.e.f", "opaque")] {
            assert!(parts(token).is_err_and(|what| what.contains(kind)), "{token}");
        }
    }
}
