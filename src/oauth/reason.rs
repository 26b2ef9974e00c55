//! Why a call failed: the table that maps each reason to its status, the
//! stage it belongs to, whether trying again can help, and what to do. `Reason`
//! and `Stage` of the header are generated from here; `capi/status.rs` writes
//! `Status` once more, for C. `tests/reasons.rs` holds the documents to it.

use std::ffi::CStr;

/// What a failed call came to: the coarse answer. C knows it as `ropc_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// New tokens are to be saved first: no failure.
    SaveFirst = 2,
    /// An argument or option is wrong. Nothing was sent.
    Arg = 10,
    /// The handle cannot do that now.
    State = 11,
    /// Asked for something this library does not do.
    Unsupported = 12,
    /// The process is short of threads or descriptors.
    Resources = 13,
    /// The host name did not resolve.
    Resolve = 20,
    /// No connection could be made.
    Connect = 21,
    /// The TLS handshake failed or the certificate is not trusted.
    Tls = 22,
    /// A time limit ran out.
    Timeout = 23,
    /// The connection broke.
    Io = 24,
    /// Stopped by the program.
    Cancelled = 25,
    /// The proxy could not be used.
    Proxy = 26,
    /// The server refused this user or this password.
    Refused = 30,
    /// The server refused this application or its request.
    Client = 31,
    /// The server asks to wait.
    RateLimited = 32,
    /// The server failed.
    Server = 33,
    /// The answer is not what such an endpoint answers.
    Answer = 34,
    /// The ID token does not prove who signed in.
    IdToken = 35,
    /// Nobody is signed in any more.
    SignedOut = 40,
    /// A refresh was sent and its answer never came.
    Unclear = 41,
    /// The store cannot be read or written.
    Store = 42,
    /// Signed out here, and not everywhere.
    NotRevoked = 43,
    /// A bug in this library.
    Bug = 90,
}

impl Status {
    /// The one with this number.
    pub(crate) fn of(number: u8) -> Status {
        REASONS.iter().map(|row| row.status).find(|status| *status as u8 == number).unwrap_or(Status::Bug)
    }
}

/// Why a call failed, for a program to branch on. Numbers are never
/// reused; treat an unknown one by its status. 10 to 19: the program; 20
/// to 39: network and proxy; 40 to 59: TLS; 60 to 79: the answer; 80 to
/// 99: what the server decided; 100 to 119: the session and its store; 120
/// on: the ID token.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// No failure.
    None = 0,
    /// An argument or option is NULL, empty, too long, not UTF-8 or not
    /// allowed; the message names it. Nothing was sent.
    Argument = 10,
    /// The handle cannot do that now, as in the child of a fork.
    State = 11,
    /// This library does not do that, as a SOCKS proxy.
    Unsupported = 12,
    /// http:// leads to an address that is not loopback. Nothing was sent.
    PlainHttp = 13,
    /// The token is opaque or encrypted: it has no claims to show.
    NotAJwt = 14,
    /// No thread or no descriptor could be had, or too many name lookups
    /// are stuck.
    Resources = 15,
    /// A bug in this library; the process is still sound.
    Bug = 16,
    /// A session has new tokens, which are to be saved before they are
    /// used: no failure.
    SaveFirst = 17,
    /// The host name did not resolve.
    Unresolved = 20,
    /// The host answered that nothing listens at that port.
    ConnectionRefused = 21,
    /// No way to the host: no network, no route, or a firewall.
    Unreachable = 22,
    /// A time limit ran out; `stage` says where, `request_sent` whether
    /// the request was out.
    TimedOut = 23,
    /// The connection ended before the request was sent.
    CutOffBeforeSent = 24,
    /// The connection ended after the request was sent and before its
    /// answer was complete: what the server did is not known.
    CutOffAfterSent = 25,
    /// Stopped by the program.
    Cancelled = 26,
    /// The proxy could not be reached.
    ProxyUnreachable = 27,
    /// The proxy wants a user name and password (407), or other ones.
    ProxyLogin = 28,
    /// The proxy refused to connect, or is no proxy.
    ProxyRefused = 29,
    /// The server's certificate has ended, or this clock is wrong.
    TlsExpired = 40,
    /// The server's certificate is not valid yet, or this clock is wrong.
    TlsNotYetValid = 41,
    /// The certificate is for another host.
    TlsWrongHost = 42,
    /// No trusted authority issued the certificate, or the server does not
    /// send its intermediate.
    TlsUnknownIssuer = 43,
    /// The certificate is trusted, and no key in its chain is pinned.
    TlsPin = 44,
    /// The other side does not speak TLS 1.2 or 1.3.
    TlsProtocol = 45,
    /// The certificate is broken or made for another purpose.
    TlsCertificate = 46,
    /// The server wants a client certificate, or another one.
    TlsClientCertificate = 47,
    /// The server redirects; a password never follows.
    RedirectRefused = 60,
    /// The answer is no token answer: a web page, broken JSON, or a member
    /// that cannot be used.
    AnswerNotUnderstood = 61,
    /// The answer is larger than allowed.
    AnswerTooLarge = 62,
    /// The token is of a type that is not Bearer (RFC 6749, 7.1).
    TokenType = 63,
    /// Nothing is served at this URL (404, 405, 410).
    NotFound = 64,
    /// The server refused and did not say why.
    Unexplained = 65,
    /// Too many requests; retry_after_ms says how long to wait, if known.
    RateLimited = 66,
    /// The server failed (5xx).
    ServerFault = 67,
    /// The server's metadata names another issuer than the one asked for.
    OtherIssuer = 68,
    /// The server's metadata has an endpoint at another host.
    OtherHost = 69,
    /// No such user, or not this password.
    WrongCredentials = 80,
    /// The e-mail address or phone number was never confirmed.
    NotVerified = 81,
    /// Locked after failed attempts; locked_until_at says until when, if
    /// known.
    Locked = 82,
    /// Blocked by an administrator.
    Blocked = 83,
    /// A second factor is needed, which this grant cannot carry.
    SecondFactor = 84,
    /// The server found this sign-in risky and wants an extra step.
    RiskCheck = 85,
    /// The server wants a solved CAPTCHA.
    Captcha = 86,
    /// A consent, a privacy policy or a PIN must be dealt with first.
    Consent = 87,
    /// This user may not sign in this way, or from here.
    LoginNotAllowed = 88,
    /// The user is signed in at too many places.
    SessionLimit = 89,
    /// Unknown application, wrong secret, or grant not allowed to it.
    ClientRefused = 90,
    /// The server does not offer this grant.
    UnsupportedGrant = 91,
    /// The scope is unknown or more than allowed.
    ScopeRefused = 92,
    /// The server calls the request malformed.
    RequestRefused = 93,
    /// What was offered in place of a password is invalid or has ended.
    GrantRefused = 94,
    /// The access token is invalid or has ended.
    TokenRefused = 95,
    /// The session was signed out, by this program or by another that
    /// shares its store.
    SignedOut = 100,
    /// The refresh token is invalid, was revoked or has ended.
    RefreshEnded = 101,
    /// The access token has ended, and there is no refresh token.
    NoRefreshToken = 102,
    /// The store holds nothing for this user.
    NothingStored = 103,
    /// A refresh was answered with tokens of somebody else.
    OtherUser = 104,
    /// A refresh was sent and its answer never came: the server may have
    /// replaced the refresh token, or not.
    Unclear = 105,
    /// The server's access tokens end sooner than was asked for.
    TooShort = 106,
    /// Signed out here; the server could not be told, or not all of it.
    NotRevoked = 107,
    /// The store's file or folder cannot be read or written.
    StoreAccess = 108,
    /// Others can read the store's file.
    StoreExposed = 109,
    /// The store's file is none, or of a newer version of this library.
    StoreBroken = 110,
    /// The record is of another server, application or user.
    StoreForeign = 111,
    /// Another process uses the record and does not let go.
    StoreBusy = 112,
    /// New tokens are there and could not be saved; they are kept.
    SaveFailed = 113,
    /// The access token may not be sent to that origin.
    OriginNotAllowed = 114,
    /// The ID token is no signed JWT of bounded size.
    IdTokenMalformed = 120,
    /// The ID token is signed in a way that is not allowed.
    IdTokenAlgorithm = 121,
    /// No key of the server fits the ID token.
    IdTokenKey = 122,
    /// The signature of the ID token is wrong.
    IdTokenSignature = 123,
    /// The ID token is of another issuer.
    IdTokenIssuer = 124,
    /// The ID token is for another application.
    IdTokenAudience = 125,
    /// The ID token has ended.
    IdTokenExpired = 126,
    /// The ID token is not valid yet, or this clock is wrong.
    IdTokenEarly = 127,
    /// The ID token belongs to another sign-in.
    IdTokenNonce = 128,
    /// The ID token came with another access token.
    IdTokenAccess = 129,
}

/// How far a call had come when it failed.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Not begun.
    None = 0,
    /// Checking arguments and options.
    Setup = 1,
    /// Looking up the host name.
    Lookup = 2,
    /// Connecting.
    Connect = 3,
    /// Talking to the proxy.
    Proxy = 4,
    /// The TLS handshake.
    Tls = 5,
    /// Sending the request.
    Send = 6,
    /// Waiting for the answer, or receiving it.
    Receive = 7,
    /// The answer came: it says so, or cannot be used.
    Answer = 8,
}

impl Stage {
    /// The one with this number.
    pub(crate) fn of(number: u8) -> Stage {
        const STAGES: [Stage; 9] = [
            Stage::None,
            Stage::Setup,
            Stage::Lookup,
            Stage::Connect,
            Stage::Proxy,
            Stage::Tls,
            Stage::Send,
            Stage::Receive,
            Stage::Answer,
        ];
        STAGES.get(usize::from(number)).copied().unwrap_or(Stage::None)
    }
}

/// One row of the table.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReasonRow {
    /// The reason this row is about.
    pub reason: Reason,
    /// Its name in C.
    pub name: &'static CStr,
    /// The status that goes with it.
    pub status: Status,
    /// The stage it always belongs to; `None`: where the call was.
    pub stage: Option<Stage>,
    /// Whether the same call, made later and unchanged, can succeed.
    pub retryable: bool,
    /// What to do, for the person who reads it.
    pub advice: &'static CStr,
}

const fn row(
    reason: Reason,
    name: &'static CStr,
    status: Status,
    stage: Option<Stage>,
    retryable: bool,
    advice: &'static CStr,
) -> ReasonRow {
    ReasonRow { reason, name, status, stage, retryable, advice }
}

const SETUP: Option<Stage> = Some(Stage::Setup);
const TLS: Option<Stage> = Some(Stage::Tls);
const PROXY: Option<Stage> = Some(Stage::Proxy);
const ANSWER: Option<Stage> = Some(Stage::Answer);

/// Every reason, in the order of its number.
#[rustfmt::skip]
pub static REASONS: &[ReasonRow] = &[
    row(Reason::Argument, c"ROPC_REASON_ARGUMENT", Status::Arg, SETUP, false, c"Correct the argument; nothing was sent."),
    row(Reason::State, c"ROPC_REASON_STATE", Status::State, None, false, c"Use the handle as its documentation says; in the child of a fork, start again."),
    row(Reason::Unsupported, c"ROPC_REASON_UNSUPPORTED", Status::Unsupported, SETUP, false, c"Choose a setting that this library knows."),
    row(Reason::PlainHttp, c"ROPC_REASON_PLAIN_HTTP", Status::Arg, None, false, c"Use https://; plain http is only for a server on this machine."),
    row(Reason::NotAJwt, c"ROPC_REASON_NOT_A_JWT", Status::Unsupported, ANSWER, false, c"Ask the server's userinfo endpoint instead; this token is not meant to be read."),
    row(Reason::Resources, c"ROPC_REASON_RESOURCES", Status::Resources, None, true, c"Close what is not needed (files, sockets, threads) or raise the limit, then try again."),
    row(Reason::Bug, c"ROPC_REASON_BUG", Status::Bug, None, false, c"Please report this with the version and what was called; the program can go on."),
    row(Reason::SaveFirst, c"ROPC_REASON_SAVE_FIRST", Status::SaveFirst, SETUP, true, c"Save what ropc_session_pending() gives, say so with ropc_session_saved(), and ask again."),
    row(Reason::Unresolved, c"ROPC_REASON_UNRESOLVED", Status::Resolve, Some(Stage::Lookup), true, c"Check the network and the spelling of the host."),
    row(Reason::ConnectionRefused, c"ROPC_REASON_CONNECTION_REFUSED", Status::Connect, Some(Stage::Connect), true, c"Check host and port, and that the server runs."),
    row(Reason::Unreachable, c"ROPC_REASON_UNREACHABLE", Status::Connect, Some(Stage::Connect), true, c"Check the network, the firewall and whether a proxy is needed."),
    row(Reason::TimedOut, c"ROPC_REASON_TIMED_OUT", Status::Timeout, None, true, c"Try again later, or allow more time; if the request was sent, the attempt may have counted."),
    row(Reason::CutOffBeforeSent, c"ROPC_REASON_CUT_OFF_BEFORE_SENT", Status::Io, None, true, c"Try again; nothing was sent."),
    row(Reason::CutOffAfterSent, c"ROPC_REASON_CUT_OFF_AFTER_SENT", Status::Io, None, true, c"Try again if the person asks for it; the attempt may have counted."),
    row(Reason::Cancelled, c"ROPC_REASON_CANCELLED", Status::Cancelled, None, true, c"Nothing to do; the program asked for it."),
    row(Reason::ProxyUnreachable, c"ROPC_REASON_PROXY_UNREACHABLE", Status::Proxy, PROXY, true, c"Check the proxy's address, or switch the proxy off."),
    row(Reason::ProxyLogin, c"ROPC_REASON_PROXY_LOGIN", Status::Proxy, PROXY, false, c"Give the proxy's user name and password in its URL."),
    row(Reason::ProxyRefused, c"ROPC_REASON_PROXY_REFUSED", Status::Proxy, PROXY, false, c"Ask whoever runs the proxy to allow this host, or switch the proxy off."),
    row(Reason::TlsExpired, c"ROPC_REASON_TLS_EXPIRED", Status::Tls, TLS, false, c"Check this machine's date; if it is right, the server's owner must renew the certificate."),
    row(Reason::TlsNotYetValid, c"ROPC_REASON_TLS_NOT_YET_VALID", Status::Tls, TLS, false, c"Check this machine's date; if it is right, the server's owner must replace the certificate."),
    row(Reason::TlsWrongHost, c"ROPC_REASON_TLS_WRONG_HOST", Status::Tls, TLS, false, c"Check the host name; something else may be answering in its place."),
    row(Reason::TlsUnknownIssuer, c"ROPC_REASON_TLS_UNKNOWN_ISSUER", Status::Tls, TLS, false, c"If the authority is your company's, set its certificate or the system's trust; else do not go on."),
    row(Reason::TlsPin, c"ROPC_REASON_TLS_PIN", Status::Tls, TLS, false, c"The server's keys changed, or someone is in between: update the pins only when the owner confirms."),
    row(Reason::TlsProtocol, c"ROPC_REASON_TLS_PROTOCOL", Status::Tls, TLS, false, c"Check the port; the server must offer TLS 1.2 or newer."),
    row(Reason::TlsCertificate, c"ROPC_REASON_TLS_CERTIFICATE", Status::Tls, TLS, false, c"The server's owner must replace the certificate."),
    row(Reason::TlsClientCertificate, c"ROPC_REASON_TLS_CLIENT_CERTIFICATE", Status::Tls, TLS, false, c"Set the client certificate that this server accepts."),
    row(Reason::RedirectRefused, c"ROPC_REASON_REDIRECT_REFUSED", Status::Answer, ANSWER, false, c"Configure the address it leads to if you trust it; a captive portal does this too."),
    row(Reason::AnswerNotUnderstood, c"ROPC_REASON_ANSWER_NOT_UNDERSTOOD", Status::Answer, ANSWER, false, c"Check site, application and network; a captive portal or firewall may have answered."),
    row(Reason::AnswerTooLarge, c"ROPC_REASON_ANSWER_TOO_LARGE", Status::Answer, ANSWER, false, c"Check the URL; if the server is right, raise the limit."),
    row(Reason::TokenType, c"ROPC_REASON_TOKEN_TYPE", Status::Answer, ANSWER, false, c"Have the server issue Bearer tokens to this application."),
    row(Reason::NotFound, c"ROPC_REASON_NOT_FOUND", Status::Client, ANSWER, false, c"Check the URL: with LoginRadius the site, the application's name and its kind."),
    row(Reason::Unexplained, c"ROPC_REASON_UNEXPLAINED", Status::Refused, ANSWER, false, c"Check what was sent first, user name and password or the token; a firewall may also have refused."),
    row(Reason::RateLimited, c"ROPC_REASON_RATE_LIMITED", Status::RateLimited, ANSWER, true, c"Wait as long as the server asks before the next attempt."),
    row(Reason::ServerFault, c"ROPC_REASON_SERVER_FAULT", Status::Server, ANSWER, true, c"Try again later; the fault is the server's."),
    row(Reason::OtherIssuer, c"ROPC_REASON_OTHER_ISSUER", Status::Answer, ANSWER, false, c"Ask for the issuer exactly as the server writes it; if that is not the server you mean, do not use it."),
    row(Reason::OtherHost, c"ROPC_REASON_OTHER_HOST", Status::Answer, ANSWER, false, c"Allow other hosts if you trust this issuer to name them."),
    row(Reason::WrongCredentials, c"ROPC_REASON_WRONG_CREDENTIALS", Status::Refused, ANSWER, false, c"Ask for user name and password again; repeated failures lock the account."),
    row(Reason::NotVerified, c"ROPC_REASON_NOT_VERIFIED", Status::Refused, ANSWER, false, c"The person must follow the link or code in the confirmation message."),
    row(Reason::Locked, c"ROPC_REASON_LOCKED", Status::Refused, ANSWER, false, c"Wait until the lock ends, or reset the password."),
    row(Reason::Blocked, c"ROPC_REASON_BLOCKED", Status::Refused, ANSWER, false, c"Only the site's administrator can unblock the account."),
    row(Reason::SecondFactor, c"ROPC_REASON_SECOND_FACTOR", Status::Refused, ANSWER, false, c"Sign in through the browser, or finish with the second-factor token in the error."),
    row(Reason::RiskCheck, c"ROPC_REASON_RISK_CHECK", Status::Refused, ANSWER, false, c"Sign in through the browser, where the extra step can be taken."),
    row(Reason::Captcha, c"ROPC_REASON_CAPTCHA", Status::Refused, ANSWER, false, c"Solve a CAPTCHA and send its answer as an extra member of the grant."),
    row(Reason::Consent, c"ROPC_REASON_CONSENT", Status::Refused, ANSWER, false, c"Sign in once through the browser and accept what it asks."),
    row(Reason::LoginNotAllowed, c"ROPC_REASON_LOGIN_NOT_ALLOWED", Status::Refused, ANSWER, false, c"Use another way to sign in, or ask the site's administrator."),
    row(Reason::SessionLimit, c"ROPC_REASON_SESSION_LIMIT", Status::Refused, ANSWER, false, c"Sign out somewhere else first."),
    row(Reason::ClientRefused, c"ROPC_REASON_CLIENT_REFUSED", Status::Client, ANSWER, false, c"Check client id, secret and how it is sent, and that the grant is enabled for the application."),
    row(Reason::UnsupportedGrant, c"ROPC_REASON_UNSUPPORTED_GRANT", Status::Client, ANSWER, false, c"Enable the grant for the application, or use another one."),
    row(Reason::ScopeRefused, c"ROPC_REASON_SCOPE_REFUSED", Status::Client, ANSWER, false, c"Ask for a scope that the application is allowed."),
    row(Reason::RequestRefused, c"ROPC_REASON_REQUEST_REFUSED", Status::Client, ANSWER, false, c"Check encoding, parameters and client authentication against the server's documentation."),
    row(Reason::GrantRefused, c"ROPC_REASON_GRANT_REFUSED", Status::Refused, ANSWER, false, c"Sign in again; what was offered is no longer good."),
    row(Reason::TokenRefused, c"ROPC_REASON_TOKEN_REFUSED", Status::Refused, ANSWER, false, c"Get a new access token."),
    row(Reason::SignedOut, c"ROPC_REASON_SIGNED_OUT", Status::SignedOut, SETUP, false, c"Ask the person to sign in."),
    row(Reason::RefreshEnded, c"ROPC_REASON_REFRESH_ENDED", Status::SignedOut, ANSWER, false, c"Ask the person to sign in again."),
    row(Reason::NoRefreshToken, c"ROPC_REASON_NO_REFRESH_TOKEN", Status::SignedOut, SETUP, false, c"Ask the person to sign in again; enable the refresh grant for the application to avoid it."),
    row(Reason::NothingStored, c"ROPC_REASON_NOTHING_STORED", Status::SignedOut, SETUP, false, c"Ask the person to sign in, as at the first start of a program."),
    row(Reason::OtherUser, c"ROPC_REASON_OTHER_USER", Status::SignedOut, ANSWER, false, c"Ask the person to sign in again, and tell the server's owner."),
    row(Reason::Unclear, c"ROPC_REASON_UNCLEAR", Status::Unclear, None, false, c"Try once more if the server forgives that a refresh token comes twice; else ask the person to sign in."),
    row(Reason::TooShort, c"ROPC_REASON_TOO_SHORT", Status::Answer, ANSWER, false, c"Ask for less time, or have the server issue tokens that live longer."),
    row(Reason::NotRevoked, c"ROPC_REASON_NOT_REVOKED", Status::NotRevoked, None, false, c"Nothing is left on this machine; what the server was not told ends by itself."),
    row(Reason::StoreAccess, c"ROPC_REASON_STORE_ACCESS", Status::Store, SETUP, true, c"Check that the folder exists, is yours and is not full."),
    row(Reason::StoreExposed, c"ROPC_REASON_STORE_EXPOSED", Status::Store, SETUP, false, c"Make it readable by its owner only (chmod 600), and have the person sign in again if others may have read it."),
    row(Reason::StoreBroken, c"ROPC_REASON_STORE_BROKEN", Status::Store, SETUP, false, c"Move the file away; nothing was written to it."),
    row(Reason::StoreForeign, c"ROPC_REASON_STORE_FOREIGN", Status::Store, SETUP, false, c"Use another store or another user key for this server and application."),
    row(Reason::StoreBusy, c"ROPC_REASON_STORE_BUSY", Status::Store, SETUP, true, c"Try again; another process is in the middle of a refresh."),
    row(Reason::SaveFailed, c"ROPC_REASON_SAVE_FAILED", Status::Store, SETUP, true, c"Make room or repair the store, then ask again; the new tokens wait in memory."),
    row(Reason::OriginNotAllowed, c"ROPC_REASON_ORIGIN_NOT_ALLOWED", Status::Arg, SETUP, false, c"Add the origin to the options if it may have this user's token."),
    row(Reason::IdTokenMalformed, c"ROPC_REASON_ID_TOKEN_MALFORMED", Status::IdToken, ANSWER, false, c"Do not trust it; ask whether the server issues signed ID tokens to this application."),
    row(Reason::IdTokenAlgorithm, c"ROPC_REASON_ID_TOKEN_ALGORITHM", Status::IdToken, ANSWER, false, c"Have the server sign with RS256 or ES256; do not trust this one."),
    row(Reason::IdTokenKey, c"ROPC_REASON_ID_TOKEN_KEY", Status::IdToken, ANSWER, false, c"Check the URL of the server's keys; do not trust the token."),
    row(Reason::IdTokenSignature, c"ROPC_REASON_ID_TOKEN_SIGNATURE", Status::IdToken, ANSWER, false, c"Do not trust it: it was changed, or signed by somebody else."),
    row(Reason::IdTokenIssuer, c"ROPC_REASON_ID_TOKEN_ISSUER", Status::IdToken, ANSWER, false, c"Set the issuer exactly as the server writes it, slash by slash; if it is right, do not trust the token."),
    row(Reason::IdTokenAudience, c"ROPC_REASON_ID_TOKEN_AUDIENCE", Status::IdToken, ANSWER, false, c"Do not trust it: it was issued to another application."),
    row(Reason::IdTokenExpired, c"ROPC_REASON_ID_TOKEN_EXPIRED", Status::IdToken, ANSWER, false, c"Get a new one; if it is new, check this machine's clock."),
    row(Reason::IdTokenEarly, c"ROPC_REASON_ID_TOKEN_EARLY", Status::IdToken, ANSWER, false, c"Check this machine's clock."),
    row(Reason::IdTokenNonce, c"ROPC_REASON_ID_TOKEN_NONCE", Status::IdToken, ANSWER, false, c"Do not trust it: it belongs to another sign-in."),
    row(Reason::IdTokenAccess, c"ROPC_REASON_ID_TOKEN_ACCESS", Status::IdToken, ANSWER, false, c"Do not trust it: it was issued with another access token."),
];

impl Reason {
    /// The row of this reason; `None` for [`Reason::None`].
    pub fn row(self) -> Option<&'static ReasonRow> {
        REASONS.iter().find(|row| row.reason == self)
    }

    /// The row of a number that came from outside.
    pub fn row_of(number: i32) -> Option<&'static ReasonRow> {
        REASONS.iter().find(|row| row.reason as i32 == number)
    }

    /// The status that goes with this reason.
    pub fn status(self) -> Status {
        self.row().map_or(Status::Bug, |row| row.status)
    }
}
