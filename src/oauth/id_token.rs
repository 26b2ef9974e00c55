//! Verifying an ID token: OpenID Connect Core 1.0 (3.1.3.7) under the advice of
//! RFC 8725. No input or output: keys and time are brought by the caller.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use zeroize::Zeroizing;

use super::error::Error;
use super::json::{Members, elements, integer, string};
use super::jwks::{Algorithm, Keys};
use super::jwt;
use super::reason::Reason;
use super::secret::Secret;
use super::time;

/// Largest token that is looked at. A usual one has 1 KiB.
const MOST_BYTES: usize = 64 * 1024;

/// How far the server's clock and this one may be apart.
const SKEW_SECONDS: i64 = 60;

/// Longest `sub` (OIDC Core, 2).
const SUBJECT_CHARS: usize = 255;

/// Most of a server's text that a message shows.
const SHOWN_CHARS: usize = 100;

/// What an ID token must say.
pub struct Expected<'a> {
    /// The issuer, compared letter by letter.
    pub issuer: &'a str,
    /// This application.
    pub client_id: &'a str,
    /// What was sent along with the sign-in, if anything was.
    pub nonce: Option<&'a str>,
    /// The access token that came with it, if it is to be compared.
    pub access_token: Option<&'a str>,
    /// Now, seconds since 1970 UTC.
    pub now_at: i64,
}

/// An ID token that is well-formed and signed in an allowed way. Nothing in it
/// is to be believed before [`Token::verify`].
pub struct Token<'a> {
    algorithm: &'static Algorithm,
    kid: Option<String>,
    signed: &'a str,
    payload: Zeroizing<Vec<u8>>,
    signature: Zeroizing<Vec<u8>>,
}

impl<'a> Token<'a> {
    /// Takes an ID token apart: a JWS in compact form.
    pub fn parse(id_token: &'a str) -> Result<Token<'a>, Error> {
        if id_token.len() > MOST_BYTES {
            return Err(malformed("is larger than 64 KiB"));
        }
        let [header, payload, signature] = jwt::parts(id_token).map_err(malformed)?;
        let header = jwt::decoded(header).map_err(malformed)?;
        let (_, header) = jwt::object(&header).map_err(malformed)?;
        let algorithm = algorithm(&header)?;
        let kid = match header.get("kid") {
            Some(kid) => Some(string(kid).ok_or_else(|| malformed("has a kid that is no text"))?.into_owned()),
            None => None,
        };
        let signature = jwt::decoded(signature).map_err(malformed)?;
        if signature.is_empty() {
            return Err(malformed("is not signed"));
        }
        let (signed, _) = id_token.rsplit_once('.').unwrap_or_default();
        Ok(Token { algorithm, kid, signed, payload: jwt::decoded(payload).map_err(malformed)?, signature })
    }

    /// The id of the key it is signed with, if it names one. An opaque text:
    /// it may be compared, and never be part of a path or a query.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The claims as JSON text, if the signature is of one of `keys` and they
    /// say what is `expected`.
    pub fn verify(&self, keys: &Keys, expected: &Expected<'_>) -> Result<Secret, Error> {
        let key = keys.find(self.kid(), self.algorithm).map_err(|problem| refused(Reason::IdTokenKey, problem))?;
        if !key.verifies(self.algorithm, self.signed.as_bytes(), &self.signature) {
            return Err(refused(Reason::IdTokenSignature, "is not signed with the server's key"));
        }
        let (text, claims) = jwt::object(&self.payload).map_err(malformed)?;
        check_issuer(&claims, expected.issuer)?;
        check_audience(&claims, expected.client_id)?;
        check_times(&claims, expected.now_at)?;
        check_subject(&claims)?;
        check_nonce(&claims, expected.nonce)?;
        self.check_access(&claims, expected.access_token)?;
        Ok(Secret::new(text))
    }

    /// OIDC Core 3.1.3.8: the hash is optional when the tokens come from the
    /// token endpoint, and must be right when it is there.
    fn check_access(&self, claims: &Members<'_>, access_token: Option<&str>) -> Result<(), Error> {
        let (Some(at_hash), Some(access_token)) = (claims.get("at_hash"), access_token) else {
            return Ok(());
        };
        if string(at_hash).as_deref() != Some(self.algorithm.half_hash(access_token).as_str()) {
            return Err(refused(Reason::IdTokenAccess, "came with another access token"));
        }
        Ok(())
    }
}

/// What the header says about the signature. Keys in it, or addresses of keys
/// (jwk, jku, x5c, x5u), are never looked at: whoever forges a token can bring
/// a key along (RFC 8725, 3.10).
fn algorithm(header: &Members<'_>) -> Result<&'static Algorithm, Error> {
    let algorithm = header.get("alg").and_then(string).and_then(|alg| Algorithm::named(&alg));
    let algorithm = algorithm
        .ok_or_else(|| refused(Reason::IdTokenAlgorithm, "is not signed with RS256, RS384, RS512, PS256 or ES256"))?;
    // `get` takes null for absent; these may not even be null.
    if header.others(&[]).iter().any(|(name, _)| name == "crit" || name == "zip") {
        return Err(malformed("asks for an extension (crit or zip) that this library does not know"));
    }
    // RFC 8725, 3.11: an access token names its type (RFC 9068) and is none of ours.
    let is_jwt = |typ: &str| typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("application/jwt");
    match header.get("typ") {
        Some(typ) if !string(typ).is_some_and(|typ| is_jwt(&typ)) => Err(malformed("is a token of another type")),
        _ => Ok(algorithm),
    }
}

fn check_issuer(claims: &Members<'_>, issuer: &str) -> Result<(), Error> {
    let iss = claims.get("iss").and_then(string).ok_or_else(|| malformed("names no issuer"))?;
    if iss != issuer {
        let problem = format_args!("is of issuer \"{}\", not of \"{}\"", shown(&iss), shown(issuer));
        return Err(refused(Reason::IdTokenIssuer, problem));
    }
    Ok(())
}

/// Ours, and nobody else's unless it says that it was issued to us: another
/// application that may use it could otherwise pass as this one.
fn check_audience(claims: &Members<'_>, client_id: &str) -> Result<(), Error> {
    let no = |problem: fmt::Arguments<'_>| Err(refused(Reason::IdTokenAudience, problem));
    let audiences = audiences(claims).ok_or_else(|| malformed("names no audience"))?;
    let other = audiences.iter().find(|audience| *audience != client_id);
    if !audiences.iter().any(|audience| audience == client_id) {
        let other = other.map_or("", |other| other);
        return no(format_args!("is for \"{}\", not for \"{}\"", shown(other), shown(client_id)));
    }
    match (claims.get("azp"), other) {
        (Some(azp), _) if string(azp).as_deref() != Some(client_id) => {
            no(format_args!("was issued to another application than \"{}\" (azp)", shown(client_id)))
        }
        (None, Some(other)) => {
            no(format_args!("is also for \"{}\" and does not say to whom it was issued (azp)", shown(other)))
        }
        _ => Ok(()),
    }
}

fn check_times(claims: &Members<'_>, now_at: i64) -> Result<(), Error> {
    let ends_at = date(claims, "exp")?.ok_or_else(|| malformed("does not say when it ends (exp)"))?;
    if now_at.saturating_sub(SKEW_SECONDS) >= ends_at {
        let problem = format_args!("ended at {ends_at}, and it is {now_at} here (seconds since 1970)");
        return Err(refused(Reason::IdTokenExpired, problem));
    }
    let issued_at = date(claims, "iat")?.ok_or_else(|| malformed("does not say when it was issued (iat)"))?;
    let begins_at = date(claims, "nbf")?.unwrap_or(issued_at).max(issued_at);
    if begins_at > now_at.saturating_add(SKEW_SECONDS) {
        let problem = format_args!("begins at {begins_at}, and it is {now_at} here (seconds since 1970)");
        return Err(refused(Reason::IdTokenEarly, problem));
    }
    Ok(())
}

/// A time, seconds since 1970 UTC (RFC 7519, 2), without its fraction. A text is
/// none, and neither is what lies beyond the years 1970 to 9999: a server that
/// counts in other units would otherwise issue tokens that never end.
fn date(claims: &Members<'_>, name: &str) -> Result<Option<i64>, Error> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let number = if value.get().starts_with('"') { None } else { integer(value) };
    match number {
        Some(at) if time::after(0, at) == at => Ok(Some(at)),
        _ => Err(malformed(format_args!("has an {name} that is no time"))),
    }
}

fn check_subject(claims: &Members<'_>) -> Result<(), Error> {
    let sub = claims.get("sub").and_then(string).unwrap_or_default();
    if sub.is_empty() || sub.chars().count() > SUBJECT_CHARS {
        return Err(malformed("names no subject of at most 255 characters (sub)"));
    }
    Ok(())
}

fn check_nonce(claims: &Members<'_>, nonce: Option<&str>) -> Result<(), Error> {
    if nonce.is_some() && claims.get("nonce").and_then(string).as_deref() != nonce {
        return Err(refused(Reason::IdTokenNonce, "has another nonce than the one that was sent, or none"));
    }
    Ok(())
}

/// `aud`, which is a text or a list of them.
fn audiences<'a>(claims: &Members<'a>) -> Option<Vec<Cow<'a, str>>> {
    let aud = claims.get("aud")?;
    match string(aud) {
        Some(one) => Some(vec![one]),
        None => elements(aud)?.into_iter().map(string).collect(),
    }
}

fn refused(reason: Reason, problem: impl fmt::Display) -> Error {
    Error::new(reason, format_args!("The ID token {problem}"))
}

fn malformed(problem: impl fmt::Display) -> Error {
    refused(Reason::IdTokenMalformed, problem)
}

/// A server's text in one short line.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// Whom an ID token is about. The one that a refresh brings must be about the
/// same (OIDC Core, 12.2).
pub struct Identity {
    /// Who says so.
    pub iss: String,
    /// The person, for that issuer.
    pub sub: String,
    /// The applications it is for.
    pub aud: Vec<String>,
}

impl Identity {
    /// As the token says, which is not verified here. `None` when it cannot be
    /// read or leaves something out.
    pub fn of_unverified(id_token: &str) -> Option<Identity> {
        let claims = jwt::unverified_claims("ID token", Some(id_token)).ok()?;
        Identity::of_claims(claims.expose().as_bytes())
    }

    /// As these claims say; `None` when they leave something out.
    fn of_claims(claims_json: &[u8]) -> Option<Identity> {
        let claims = Members::parse(claims_json)?;
        let text = |name| claims.get(name).and_then(string).map(Cow::into_owned);
        let aud = audiences(&claims)?.into_iter().map(Cow::into_owned).collect();
        Some(Identity { iss: text("iss")?, sub: text("sub")?, aud })
    }

    /// Whether both are about the same person, in whatever order the
    /// applications are listed.
    pub fn same(&self, other: &Identity) -> bool {
        let within = |one: &[String], all: &[String]| one.iter().all(|audience| all.contains(audience));
        self.iss == other.iss && self.sub == other.sub && within(&self.aud, &other.aud) && within(&other.aud, &self.aud)
    }
}
