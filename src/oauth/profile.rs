//! What differs between servers in what is sent and what an answer means, as
//! data: the code that decides reads these tables.

use super::choices::Encoding;
use super::reason::Reason;

/// One kind of server.
#[derive(Debug)]
pub struct Profile {
    /// How bodies are written unless an option says otherwise.
    pub encoding: Encoding,
    /// `response_type` of the password grant, where the server documents one.
    pub response_type: Option<&'static str>,
    /// Whether `client_id` stands in the body also when Basic carries it.
    pub client_id_beside_basic: bool,
    /// `token_type` values that mean Bearer, in lower case.
    pub bearer_types: &'static [&'static str],
    /// Whether an answer without `token_type` is refused (RFC 6749, 5.1).
    pub token_type_required: bool,
    /// Members that hold the token's lifetime, first found counts.
    pub lifetime: &'static [&'static str],
    /// Spellings of `id_token`.
    pub id_token: &'static [&'static str],
    /// Members that turn an answer without a token into "second factor
    /// needed".
    pub second_factor: &'static [&'static str],
    /// Numeric error codes that mean something to a program.
    pub provider_codes: &'static [(i64, Reason)],
    /// `error` values that, in answer to a refresh, say that the refresh token
    /// is no longer good.
    pub ended_errors: &'static [&'static str],
    /// Numeric codes that say the same.
    pub ended_codes: &'static [i64],
    /// What a token to be revoked is called; each is sent.
    pub revoked_names: &'static [&'static str],
    /// Whether the kind of a token to be revoked may be said (RFC 7009, 2.1).
    pub revoke_hint: bool,
    /// Paths under the identity endpoint, where there is one.
    pub identity: Option<&'static IdentityApi>,
}

/// The identity API that goes with an access token.
#[derive(Debug)]
pub struct IdentityApi {
    /// Who the user is.
    pub profile: &'static str,
    /// Whether an access token is good.
    pub validate: &'static str,
    /// Ends an access token, and its refresh token with it.
    pub invalidate: &'static str,
    /// What the API key is called in the query.
    pub key_name: &'static str,
}

/// LoginRadius, as its password-flow guide and API reference describe it.
pub static LOGINRADIUS: Profile = Profile {
    encoding: Encoding::Json,
    response_type: Some("token"),
    client_id_beside_basic: true,
    // Older applications answer "access_token"; their native login, none.
    bearer_types: &["bearer", "access_token"],
    token_type_required: false,
    lifetime: &["expires_in", "expire_in"],
    id_token: &["id_token", "Id_token"],
    second_factor: &["SecondFactorAuthentication", "secondFactorAuthentication"],
    provider_codes: &[
        (901, Reason::ClientRefused),
        (905, Reason::TokenRefused),
        (906, Reason::TokenRefused),
        (920, Reason::ClientRefused),
        (922, Reason::ClientRefused),
        (938, Reason::WrongCredentials),
        (966, Reason::WrongCredentials),
        (967, Reason::WrongCredentials),
        (970, Reason::NotVerified),
        (991, Reason::Blocked),
        (1022, Reason::WrongCredentials),
        (1023, Reason::WrongCredentials),
        (1066, Reason::NotVerified),
        (1130, Reason::LoginNotAllowed),
        (1132, Reason::Captcha),
        (1148, Reason::RiskCheck),
        (1162, Reason::NotVerified),
        (1164, Reason::Blocked),
        (1165, Reason::RiskCheck),
        (1166, Reason::RiskCheck),
        (1167, Reason::RiskCheck),
        (1168, Reason::RiskCheck),
        (1169, Reason::RiskCheck),
        (1170, Reason::RiskCheck),
        (1171, Reason::RiskCheck),
        (1176, Reason::SecondFactor),
        (1194, Reason::Consent),
        (1196, Reason::Consent),
        (1197, Reason::Consent),
        (1198, Reason::Locked),
        (1205, Reason::WrongCredentials),
        (1206, Reason::LoginNotAllowed),
        (1217, Reason::GrantRefused),
        (1220, Reason::LoginNotAllowed),
        (1226, Reason::Consent),
        (1243, Reason::Consent),
        (1264, Reason::Locked),
        (1286, Reason::LoginNotAllowed),
        (1338, Reason::SessionLimit),
    ],
    ended_errors: &["invalid_grant"],
    ended_codes: &[1217],
    // The new reference says "token", the old one "refresh_token".
    revoked_names: &["token", "refresh_token"],
    revoke_hint: false,
    identity: Some(&IdentityApi {
        profile: "identity/v2/auth/account",
        validate: "identity/v2/auth/access_token/validate",
        invalidate: "identity/v2/auth/access_token/invalidate?preventRefresh=true",
        key_name: "apikey",
    }),
};

/// Any server that follows RFC 6749.
pub static RFC6749: Profile = Profile {
    encoding: Encoding::Form,
    response_type: None,
    // RFC 6749, 2.3: one way of authentication a request.
    client_id_beside_basic: false,
    bearer_types: &["bearer"],
    token_type_required: true,
    lifetime: &["expires_in"],
    id_token: &["id_token"],
    second_factor: &[],
    provider_codes: &[],
    ended_errors: &["invalid_grant"],
    ended_codes: &[],
    revoked_names: &["token"],
    revoke_hint: true,
    identity: None,
};

/// `error` values of RFC 6749 (5.2) and of extensions in wide use. A password
/// grant's `invalid_grant` is the user's fault; see [`oauth_reason`].
const OAUTH_ERRORS: &[(&str, Reason)] = &[
    ("invalid_client", Reason::ClientRefused),
    ("unauthorized_client", Reason::ClientRefused),
    ("unsupported_grant_type", Reason::UnsupportedGrant),
    ("invalid_scope", Reason::ScopeRefused),
    ("invalid_request", Reason::RequestRefused),
    ("invalid_target", Reason::RequestRefused),
    ("invalid_token", Reason::TokenRefused),
    ("insufficient_scope", Reason::ScopeRefused),
    ("unsupported_token_type", Reason::RequestRefused),
    ("access_denied", Reason::LoginNotAllowed),
    ("mfa_required", Reason::SecondFactor),
    ("consent_required", Reason::Consent),
    ("interaction_required", Reason::RiskCheck),
    ("slow_down", Reason::RateLimited),
    ("expired_token", Reason::GrantRefused),
    ("server_error", Reason::ServerFault),
    ("temporarily_unavailable", Reason::ServerFault),
];

/// The reason for an `error` member, if it is known. `password_grant`: what
/// was presented were a user name and a password.
pub fn oauth_reason(error: &str, password_grant: bool) -> Option<Reason> {
    if error == "invalid_grant" {
        return Some(if password_grant { Reason::WrongCredentials } else { Reason::GrantRefused });
    }
    let found = OAUTH_ERRORS.iter().find(|(name, _)| *name == error);
    found.map(|(_, reason)| *reason)
}

impl Profile {
    /// The reason for a numeric code, if it is known.
    pub fn provider_reason(&self, code: i64) -> Option<Reason> {
        let found = self.provider_codes.iter().find(|(known, _)| *known == code);
        found.map(|(_, reason)| *reason)
    }
}
