//! What options may be set to. C has these under names of its own (see
//! cbindgen.toml), with these comments. It passes them as integers, so that a
//! number that is none of them is refused, never taken for one.

/// The two kinds of LoginRadius applications.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppKind {
    /// /api/oauth/{app}/...
    Oauth = 0,
    /// /api/oidc/{app}/...; asks for scope "openid" unless you set another.
    Oidc = 1,
}

/// The endpoints whose URLs can be set.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// Where tokens are issued (RFC 6749, 3.2).
    Token = 1,
    /// Where they are revoked (RFC 7009).
    Revoke = 2,
    /// Where a server says who somebody is (OIDC Core, 5.3).
    Userinfo = 3,
    /// The server's public keys (RFC 7517).
    Jwks = 4,
    /// The base of LoginRadius' identity API.
    Identity = 5,
}

/// How a client secret is sent (RFC 6749, 2.3.1). Servers differ; a wrong
/// choice is answered with ROPC_REASON_CLIENT_REFUSED, by some with
/// ROPC_REASON_REQUEST_REFUSED.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretMethod {
    /// As client_secret in the body.
    Post = 1,
    /// HTTP Basic, form-encoded first, as the RFC says.
    Basic = 2,
    /// HTTP Basic as it is.
    BasicRaw = 3,
}

/// How the body of a request is written.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// application/json, as LoginRadius documents it.
    Json = 1,
    /// application/x-www-form-urlencoded, as RFC 6749 says.
    Form = 2,
}

/// Bounds that can be moved.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of an answer's body. 1024 to 67108864; default 1048576.
    AnswerBytes = 1,
    /// Idle connections that a client keeps. 0 to 1024; default 64.
    IdleConnections = 2,
    /// How long it keeps one, in milliseconds: the next call after that
    /// closes it. 0 to 600000; default 4000. Keep it shorter than the
    /// server does: a login on a connection that the server is closing is
    /// lost, never repeated.
    IdleMs = 3,
}

/// How much is logged; each level includes the ones before it.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    Off = 0,
    /// Calls that failed.
    Error = 1,
    /// What went wrong and was mended.
    Warn = 2,
    /// Each call and how it ended.
    Info = 3,
    /// Each step of a call.
    Debug = 4,
}

/// One of the tokens of ropc_tokens.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// access_token
    Access = 1,
    /// id_token
    Id = 2,
}

impl TokenKind {
    /// What messages call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            TokenKind::Access => "access token",
            TokenKind::Id => "ID token",
        }
    }
}

/// What kind a token to be revoked is (RFC 7009, 2.1): a help for the server,
/// which finds the token all the same. LoginRadius is not told.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Not said.
    None = 0,
    /// access_token
    Access = 1,
    /// refresh_token
    Refresh = 2,
}
