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
    let no = |problem: &str| Error::new(Reason::NotAJwt, format_args!("The {what} {problem}"));
    let token = token.ok_or_else(|| no("was not issued"))?;
    let parts: Vec<&str> = token.splitn(6, '.').collect();
    let payload = match parts.as_slice() {
        [_, payload, _] => payload,
        [_, _, _, _, _] => return Err(no("is encrypted (JWE)")),
        _ => return Err(no("is opaque, not a JWT")),
    };
    let decoded = URL_SAFE_NO_PAD.decode(payload).map(Zeroizing::new).map_err(|_| no("is not base64url inside"))?;
    if Members::parse(&decoded).is_none() {
        return Err(no("holds no JSON object"));
    }
    let text = std::str::from_utf8(&decoded).map_err(|_| no("is not UTF-8 inside"))?;
    Ok(Secret::new(text.trim_start_matches('\u{feff}')))
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
    }
}
