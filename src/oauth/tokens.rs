//! What a server issued.

use super::choices::TokenKind;
use super::error::Error;
use super::jwt;
use super::secret::Secret;

/// A successful answer of the token endpoint (RFC 6749, 5.1).
#[derive(Debug)]
pub struct Tokens {
    /// The access token: opaque, any length, visible ASCII.
    pub access_token: Secret,
    /// As it came; empty when the server named none. Always sent as Bearer.
    pub token_type: String,
    /// For a new access token; `None` when none was issued.
    pub refresh_token: Option<Secret>,
    /// Who signed in (OIDC Core, 2); its signature is not checked.
    pub id_token: Option<Secret>,
    /// What was granted, when the server says so.
    pub scope: Option<String>,
    /// When the access token ends, seconds since 1970 UTC; 0 = unknown.
    pub expires_at: i64,
    /// When the answer came, seconds since 1970 UTC by this machine's clock.
    pub received_at: i64,
    /// When it came by the server's clock, from its `Date`; 0 when unknown.
    pub server_date_at: i64,
    /// Every other member of the answer, as JSON text.
    pub extras: Vec<(String, Secret)>,
}

impl Tokens {
    /// Another member of the answer, as JSON text.
    pub fn extra(&self, name: &str) -> Option<&str> {
        let found = self.extras.iter().find(|(known, _)| known == name);
        found.map(|(_, json)| json.expose())
    }

    /// What a token says of itself, as JSON text. **Nothing is verified**: fit
    /// to greet the person, not to decide what they may do.
    pub fn unverified_claims(&self, which: TokenKind) -> Result<Secret, Error> {
        let token = match which {
            TokenKind::Access => Some(&self.access_token),
            TokenKind::Id => self.id_token.as_ref(),
        };
        jwt::unverified_claims(which.name(), token.map(Secret::expose))
    }
}
