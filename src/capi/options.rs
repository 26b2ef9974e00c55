//! `ropc_options_*`.

use std::ffi::{c_char, c_void};

use super::error::ropc_error;
use super::log::{ropc_log_fn, sink};
use super::status::ropc_status;
use super::{bytes, free, guard, handle_mut, optional_text, pick, place, text};
use crate::oauth::{AppKind, Encoding, EndpointKind, Error, Level, Limit, Options, Reason, SecretMethod};

/// Settings for clients. One thread at a time; no setter blocks. A setter
/// gives ROPC_OK, or ROPC_E_ARG for a value it cannot take, and what else
/// its comment says; a refused one changes nothing. The first refusal is
/// remembered, and ropc_client_new() reports it with its message. So
/// setters may be called one after the other and checked once. After a
/// refusal these settings make no client any more: begin with new ones.
pub struct ropc_options {
    pub(crate) options: Options,
    pub(crate) refused: Option<Refusal>,
}

/// The first refusal, kept for ropc_client_new.
pub(crate) struct Refusal {
    pub setter: &'static str,
    pub reason: Reason,
    pub message: String,
}

/// Whose certificates are trusted.
#[repr(C)]
pub enum ropc_trust {
    /// Mozilla's authorities, built in: the same on every machine.
    Bundled = 0,
    /// The operating system's, with what a company added, read with the
    /// first connection; SSL_CERT_FILE and SSL_CERT_DIR count then.
    System = 1,
}

/// Settings for LoginRadius application `app` at `site`, which is a host,
/// host:port or origin ("acme.hub.loginradius.com", your own domain the
/// same way), with the application's client id. Bodies are JSON as in
/// LoginRadius' password-flow guide.
///
/// `out` is yours; free it with ropc_options_free(). ROPC_E_ARG for a site
/// with a path, user name or bad port, for http:// to an address that is
/// not loopback, and for an app named "", "." or "..".
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_loginradius(
    site: *const c_char,
    app: *const c_char,
    client_id: *const c_char,
    out: *mut *mut ropc_options,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 1 and 2 of the header.
        let out = unsafe { place("out", out)? };
        // SAFETY: rule 1 of the header.
        let (site, app, client_id) = unsafe { (text("site", site)?, text("app", app)?, text("client_id", client_id)?) };
        out.give(ropc_options::new(Options::loginradius(site, app, client_id)?));
        Ok(())
    })
}

/// Settings for any RFC 6749 server whose token endpoint is `token_url`:
/// https, or http to a loopback address; a query is kept, a fragment
/// refused. NULL when ropc_discover() is to find it. Bodies are forms.
///
/// `out` is yours; free it with ropc_options_free(). ROPC_E_ARG for a URL
/// that is none.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_oauth2(
    token_url: *const c_char,
    client_id: *const c_char,
    out: *mut *mut ropc_options,
    err: *mut *mut ropc_error,
) -> ropc_status {
    guard(err, move || {
        // SAFETY: rules 1 and 2 of the header.
        let out = unsafe { place("out", out)? };
        // SAFETY: rule 1 of the header.
        let (token_url, client_id) = unsafe { (optional_text("token_url", token_url)?, text("client_id", client_id)?) };
        out.give(ropc_options::new(match token_url {
            Some(url) => Options::oauth2(url, client_id)?,
            None => Options::undiscovered(client_id)?,
        }));
        Ok(())
    })
}

/// Frees settings. NULL does nothing; clients made from them live on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_free(options: *mut ropc_options) {
    // SAFETY: rule 2 of the header.
    unsafe { free(options) };
}

/// Which kind of LoginRadius application this is, one of ropc_app.
/// Default: ROPC_APP_OAUTH. ROPC_E_UNSUPPORTED for another server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_app_kind(options: *mut ropc_options, kind: i32) -> ropc_status {
    // SAFETY: rule 6 of the header.
    unsafe {
        set("ropc_options_set_app_kind", options, &mut move |options| {
            let kind = pick(
                "kind",
                "ropc_app",
                kind,
                &[(AppKind::Oauth as i32, AppKind::Oauth), (AppKind::Oidc as i32, AppKind::Oidc)],
            )?;
            options.set_app_kind(kind)
        })
    }
}

/// The URL of endpoint `which`, one of ropc_endpoint, in place of the
/// derived one; URLs as for ropc_options_oauth2(). Default: LoginRadius'
/// own paths, of which ROPC_ENDPOINT_USERINFO is there with ROPC_APP_OIDC
/// only; for another server only the token endpoint is known, and what
/// ropc_discover() finds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_endpoint(
    options: *mut ropc_options,
    which: i32,
    url: *const c_char,
) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_set_endpoint", options, &mut move |options| {
            let which = pick(
                "which",
                "ropc_endpoint",
                which,
                &[
                    (EndpointKind::Token as i32, EndpointKind::Token),
                    (EndpointKind::Revoke as i32, EndpointKind::Revoke),
                    (EndpointKind::Userinfo as i32, EndpointKind::Userinfo),
                    (EndpointKind::Jwks as i32, EndpointKind::Jwks),
                    (EndpointKind::Identity as i32, EndpointKind::Identity),
                ],
            )?;
            options.set_endpoint(which, text("url", url)?)
        })
    }
}

/// The issuer that ID tokens must be of, compared as text: a slash at its
/// end makes another issuer. ropc_verify_id_token() wants it;
/// ropc_discover() sets it. With LoginRadius
/// "https://<site>/service/oidc/<app>", or what your tenant says. Default:
/// none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_issuer(options: *mut ropc_options, issuer: *const c_char) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe { set("ropc_options_set_issuer", options, &mut move |options| options.set_issuer(text("issuer", issuer)?)) }
}

/// The application's secret and how it is sent, one of ropc_secret.
/// Default: none; a program that people can take apart has no secret
/// (RFC 6749, 10.1). ROPC_SECRET_BASIC_RAW cannot carry a client id with a
/// colon.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_secret(
    options: *mut ropc_options,
    secret: *const c_char,
    method: i32,
) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_set_secret", options, &mut move |options| {
            let method = pick(
                "method",
                "ropc_secret",
                method,
                &[
                    (SecretMethod::Post as i32, SecretMethod::Post),
                    (SecretMethod::Basic as i32, SecretMethod::Basic),
                    (SecretMethod::BasicRaw as i32, SecretMethod::BasicRaw),
                ],
            )?;
            options.set_secret(text("secret", secret)?, method)
        })
    }
}

/// How bodies are written, one of ropc_encoding. Default: JSON for
/// LoginRadius, form for any other server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_encoding(options: *mut ropc_options, encoding: i32) -> ropc_status {
    // SAFETY: rule 6 of the header.
    unsafe {
        set("ropc_options_set_encoding", options, &mut move |options| {
            let encoding = pick(
                "encoding",
                "ropc_encoding",
                encoding,
                &[(Encoding::Json as i32, Encoding::Json), (Encoding::Form as i32, Encoding::Form)],
            )?;
            options.set_encoding(encoding);
            Ok(())
        })
    }
}

/// The scopes to ask for, one space between them (RFC 6749, 3.3). Default:
/// none, or "openid" for an OIDC application.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_scope(options: *mut ropc_options, scope: *const c_char) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe { set("ropc_options_set_scope", options, &mut move |options| options.set_scope(text("scope", scope)?)) }
}

/// One more parameter of every token request, e.g. "resource" (RFC 8707)
/// or "audience"; at most ROPC_MAX_PARAMS. Default: none. ROPC_E_ARG for a
/// name that has a function of its own (client_id, client_secret,
/// grant_type, scope, response_type) or is there already; one that a call
/// sends itself, as "username", makes that call fail.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_add_param(
    options: *mut ropc_options,
    name: *const c_char,
    value: *const c_char,
) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_add_param", options, &mut move |options| {
            options.add_param(text("name", name)?, text("value", value)?)
        })
    }
}

/// response_type of the password grant; NULL leaves it out. Default:
/// "token" for LoginRadius, as its guide has it; none for any other server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_response_type(
    options: *mut ropc_options,
    value: *const c_char,
) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_set_response_type", options, &mut move |options| {
            options.set_response_type(optional_text("value", value)?)
        })
    }
}

/// How long a call may take to get a connection (name look-up, proxy and
/// TLS included), and how long in all; 1 to 600000 each. There is no "for
/// ever". Default: 10000 and 30000.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_timeouts(
    options: *mut ropc_options,
    connect_ms: u32,
    total_ms: u32,
) -> ropc_status {
    // SAFETY: rule 6 of the header.
    unsafe { set("ropc_options_set_timeouts", options, &mut move |options| options.set_timeouts(connect_ms, total_ms)) }
}

/// Whose certificates to trust, one of ropc_trust; replaces what
/// ropc_options_set_ca_pem() set. Default: ROPC_TRUST_BUNDLED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_trust(options: *mut ropc_options, trust: i32) -> ropc_status {
    // SAFETY: rule 6 of the header.
    unsafe {
        set("ropc_options_set_trust", options, &mut move |options| {
            let bundled = ropc_trust::Bundled as i32;
            let system = pick("trust", "ropc_trust", trust, &[(bundled, false), (ropc_trust::System as i32, true)])?;
            options.set_system_trust(system);
            Ok(())
        })
    }
}

/// Trust the authorities in `pem` (`len` bytes) and no others; replaces
/// what ropc_options_set_trust() set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_ca_pem(
    options: *mut ropc_options,
    pem: *const c_char,
    len: usize,
) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_set_ca_pem", options, &mut move |options| options.set_ca_pem(bytes("pem", pem.cast(), len)?))
    }
}

/// Demand that the chain which was verified for `origin` (host, host:port
/// or origin) holds a key with this SHA-256: of its DER
/// SubjectPublicKeyInfo, in base64 or hexadecimal. Several pins of one
/// origin: one of them must fit; keep one for the next key. Default: none.
/// ROPC_E_ARG for an http origin; ropc_client_new() refuses pins for one
/// that is neither an endpoint's nor of ropc_options_add_api_origin().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_add_pin(
    options: *mut ropc_options,
    origin: *const c_char,
    sha256: *const c_char,
) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_add_pin", options, &mut move |options| {
            options.add_pin(text("origin", origin)?, text("sha256", sha256)?)
        })
    }
}

/// The certificate chain (leaf first) and private key to show to `origin`
/// when it asks, both in PEM with their lengths; they replace those that
/// were set for it before. Default: none. ROPC_E_ARG for an http origin;
/// ropc_client_new() refuses them as it does pins.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_client_cert_pem(
    options: *mut ropc_options,
    origin: *const c_char,
    cert: *const c_char,
    cert_len: usize,
    key: *const c_char,
    key_len: usize,
) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_set_client_cert_pem", options, &mut move |options| {
            let (cert, key) = (bytes("cert", cert.cast(), cert_len)?, bytes("key", key.cast(), key_len)?);
            options.set_client_cert_pem(text("origin", origin)?, cert, key)
        })
    }
}

/// The HTTP proxy to go through: `[http://][user:password@]host[:port]`,
/// port 1080 unless given; "" for none at all. It sees the host's name,
/// nothing else. Set here, it serves every host; plain http to loopback
/// never uses one. Default: the environment's https_proxy, HTTPS_PROXY,
/// all_proxy, ALL_PROXY and no_proxy, NO_PROXY as curl reads them, when
/// the client is made, and when discovery is asked for. ROPC_E_UNSUPPORTED
/// for SOCKS and https proxies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_proxy(options: *mut ropc_options, url: *const c_char) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe { set("ropc_options_set_proxy", options, &mut move |options| options.set_proxy(text("url", url)?)) }
}

/// The User-Agent header: printable ASCII, one line. Default: "ropc/" and
/// the version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_user_agent(
    options: *mut ropc_options,
    user_agent: *const c_char,
) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_set_user_agent", options, &mut move |options| {
            options.set_user_agent(text("user_agent", user_agent)?)
        })
    }
}

/// LoginRadius' API key, for ropc_profile(), ropc_validate(),
/// ropc_invalidate() and signing a session out. It goes to the identity
/// host and nowhere else. Default: none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_api_key(options: *mut ropc_options, key: *const c_char) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe { set("ropc_options_set_api_key", options, &mut move |options| options.set_api_key(text("key", key)?)) }
}

/// Lets sessions send the user's access token to `origin` too (https, or
/// http to a loopback address), with ropc_session_call(). At most
/// ROPC_MAX_PARAMS. Default: the origins of the token and the userinfo
/// endpoint, which with LoginRadius are the site, and of LoginRadius'
/// identity API.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_add_api_origin(options: *mut ropc_options, origin: *const c_char) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_add_api_origin", options, &mut move |options| options.add_api_origin(text("origin", origin)?))
    }
}

/// What else this server says to a refresh when the refresh token has
/// ended: an `error` of RFC 6749 ("invalid_request", with some) or, in
/// digits, LoginRadius' ErrorCode. A session that hears it says
/// ROPC_E_SIGNED_OUT; anything else it takes for a failure that may pass.
/// At most ROPC_MAX_PARAMS. Default: "invalid_grant", and 1217 with
/// LoginRadius.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_add_ended_error(options: *mut ropc_options, error: *const c_char) -> ropc_status {
    // SAFETY: rules 1 and 6 of the header.
    unsafe {
        set("ropc_options_add_ended_error", options, &mut move |options| options.add_ended_error(text("error", error)?))
    }
}

/// Moves bound `which`, one of ropc_limit, which tells ranges and defaults.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_limit(options: *mut ropc_options, which: i32, value: u64) -> ropc_status {
    // SAFETY: rule 6 of the header.
    unsafe {
        set("ropc_options_set_limit", options, &mut move |options| {
            let which = pick(
                "which",
                "ropc_limit",
                which,
                &[
                    (Limit::AnswerBytes as i32, Limit::AnswerBytes),
                    (Limit::IdleConnections as i32, Limit::IdleConnections),
                    (Limit::IdleMs as i32, Limit::IdleMs),
                ],
            )?;
            options.set_limit(which, value)
        })
    }
}

/// What is logged, one of ropc_log, and where: to `log`, with `user`
/// passed through, both to outlive every client made from these settings,
/// its requests and its sessions; or, when `log` is NULL, into a queue that
/// ropc_client_next_log() reads. Discovery has no client: what it logs goes
/// to `log` only. Default: ROPC_LOG_OFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_options_set_log(
    options: *mut ropc_options,
    level: i32,
    log: ropc_log_fn,
    user: *mut c_void,
) -> ropc_status {
    // SAFETY: rule 6 of the header.
    unsafe {
        set("ropc_options_set_log", options, &mut move |options| {
            let level = pick(
                "level",
                "ropc_log",
                level,
                &[
                    (Level::Off as i32, Level::Off),
                    (Level::Error as i32, Level::Error),
                    (Level::Warn as i32, Level::Warn),
                    (Level::Info as i32, Level::Info),
                    (Level::Debug as i32, Level::Debug),
                ],
            )?;
            options.set_log(level, sink(log, user));
            Ok(())
        })
    }
}

impl ropc_options {
    pub(crate) fn new(options: Options) -> ropc_options {
        ropc_options { options, refused: None }
    }
}

/// The first refusal of a setter, if there was one.
pub(crate) fn refusal(options: &ropc_options) -> Result<(), Error> {
    match &options.refused {
        Some(refused) => Err(Error::refused_by(refused.setter, refused.reason, &refused.message)),
        None => Ok(()),
    }
}

/// Runs a setter and remembers its refusal if it is the first.
///
/// # Safety
/// `options` is NULL or a handle that this thread has for itself.
unsafe fn set(
    setter: &'static str,
    options: *mut ropc_options,
    body: &mut dyn FnMut(&mut Options) -> Result<(), Error>,
) -> ropc_status {
    guard(std::ptr::null_mut(), move || {
        // SAFETY: as the function's own.
        let options = unsafe { handle_mut("options", options)? };
        let result = body(&mut options.options);
        if let Err(error) = &result
            && options.refused.is_none()
        {
            options.refused = Some(Refusal { setter, reason: error.reason, message: error.message.clone() });
        }
        result
    })
}
