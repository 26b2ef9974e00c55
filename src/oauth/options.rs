//! What a client is made from. Every setter checks what it is given, so that a
//! client that exists is one that can work.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::choices::{AppKind, Encoding, EndpointKind, Level, Limit, SecretMethod};
use super::clock::Clock;
use super::error::Error;
use super::http::{ClientCertificate, Proxy, Trust};
use super::limits;
use super::log::Sink;
use super::profile::{LOGINRADIUS, Profile, RFC6749};
use super::reason::Reason;
use super::secret::Secret;
use super::site::Site;
use super::url::{Endpoint, Origin, path_segment};

/// Looks a host name up in place of the system; may block.
pub type Lookup = Arc<dyn Fn(&str) -> std::io::Result<Vec<IpAddr>> + Send + Sync>;

/// Settings of a client. Setters return the refusal; nothing changes then.
#[derive(Clone)]
pub struct Options {
    pub(super) site: Site,
    pub(super) endpoints: Vec<(EndpointKind, Endpoint)>,
    pub(crate) profile: &'static Profile,
    pub(crate) client_id: String,
    pub(crate) secret: Option<(Arc<Secret>, SecretMethod)>,
    pub(crate) encoding: Encoding,
    pub(crate) scope: Option<String>,
    pub(crate) params: Vec<(String, Arc<Secret>)>,
    pub(crate) response_type: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) api_key: Option<Arc<Secret>>,
    pub(crate) api_origins: Vec<Origin>,
    pub(crate) ended: Vec<String>,
    pub(crate) clock: Clock,
    pub(crate) connect_ms: u32,
    pub(crate) total_ms: u32,
    pub(crate) trust: Trust,
    pub(crate) pins: Vec<(Origin, [u8; 32])>,
    pub(crate) certificates: Vec<(Origin, Arc<ClientCertificate>)>,
    pub(crate) proxy: Proxy,
    pub(crate) user_agent: String,
    pub(crate) answer_bytes: usize,
    pub(crate) idle_connections: usize,
    pub(crate) idle_ms: u32,
    pub(crate) lookup: Option<Lookup>,
    pub(crate) log: (Level, Option<Sink>),
}

impl Options {
    /// A LoginRadius application `app` at `site` (host, host:port or origin; a
    /// custom domain the same way). JSON bodies as the password-flow guide
    /// shows them.
    pub fn loginradius(site: &str, app: &str, client_id: &str) -> Result<Options, Error> {
        let site = Origin::parse_site("site", site)?;
        let app = path_segment("app", app)?;
        let site = Site::LoginRadius { site, app, kind: AppKind::Oauth };
        Options::new(site, &LOGINRADIUS, client_id)
    }

    /// Any server that follows RFC 6749. Form bodies.
    pub fn oauth2(token_url: &str, client_id: &str) -> Result<Options, Error> {
        let token = Endpoint::parse("token_url", token_url)?;
        let mut options = Options::undiscovered(client_id)?;
        options.endpoints.push((EndpointKind::Token, token));
        Ok(options)
    }

    /// Any server that follows RFC 6749, whose endpoints [`Options::discover`]
    /// is to find. Form bodies.
    pub fn undiscovered(client_id: &str) -> Result<Options, Error> {
        Options::new(Site::Other, &RFC6749, client_id)
    }

    fn new(site: Site, profile: &'static Profile, client_id: &str) -> Result<Options, Error> {
        limits::text("client_id", client_id)?;
        Ok(Options {
            site,
            endpoints: Vec::new(),
            profile,
            client_id: client_id.to_owned(),
            secret: None,
            encoding: profile.encoding,
            scope: None,
            params: Vec::new(),
            response_type: profile.response_type.map(str::to_owned),
            issuer: None,
            api_key: None,
            api_origins: Vec::new(),
            ended: Vec::new(),
            clock: Clock::system(),
            connect_ms: 10_000,
            total_ms: 30_000,
            trust: Trust::Bundled,
            pins: Vec::new(),
            certificates: Vec::new(),
            proxy: Proxy::Environment,
            user_agent: concat!("ropc/", env!("CARGO_PKG_VERSION")).to_owned(),
            answer_bytes: 1 << 20,
            idle_connections: 64,
            idle_ms: 4_000,
            lookup: None,
            log: (Level::Off, None),
        })
    }

    /// OAuth or OIDC application; LoginRadius only. Default: OAuth.
    pub fn set_app_kind(&mut self, new: AppKind) -> Result<(), Error> {
        match &mut self.site {
            Site::LoginRadius { kind, .. } => *kind = new,
            Site::Other => {
                return Err(Error::new(Reason::Unsupported, "only a LoginRadius application has a kind"));
            }
        }
        Ok(())
    }

    /// The URL of one endpoint, in place of the derived one.
    pub fn set_endpoint(&mut self, kind: EndpointKind, url: &str) -> Result<(), Error> {
        let endpoint = Endpoint::parse("url", url)?;
        self.endpoints.retain(|(known, _)| *known != kind);
        self.endpoints.push((kind, endpoint));
        Ok(())
    }

    /// The `iss` that this server's tokens must carry, compared as text.
    pub fn set_issuer(&mut self, issuer: &str) -> Result<(), Error> {
        limits::text("issuer", issuer)?;
        self.issuer = Some(issuer.to_owned());
        Ok(())
    }

    /// The application's secret. Default: none, a public client.
    pub fn set_secret(&mut self, secret: &str, method: SecretMethod) -> Result<(), Error> {
        limits::check("secret", secret.len(), limits::CLIENT_SECRET)?;
        if self.client_id.len() > limits::CLIENT_SECRET {
            return Err(Error::argument("client_id is too long to be sent with a secret"));
        }
        if method == SecretMethod::BasicRaw && self.client_id.contains(':') {
            return Err(Error::argument("client_id has a : in it, which Basic without encoding cannot carry"));
        }
        self.secret = Some((Arc::new(Secret::kept(secret)), method));
        Ok(())
    }

    /// How bodies are written. Default: JSON for LoginRadius, else form.
    pub fn set_encoding(&mut self, encoding: Encoding) {
        self.encoding = encoding;
    }

    /// Scopes to ask for, separated by single spaces (RFC 6749, 3.3).
    pub fn set_scope(&mut self, scope: &str) -> Result<(), Error> {
        limits::text("scope", scope)?;
        let token_ok = |token: &str| {
            !token.is_empty() && token.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
        };
        if !scope.split(' ').all(token_ok) {
            return Err(Error::argument("scope must be visible ASCII words without \" or \\, one space between them"));
        }
        self.scope = Some(scope.to_owned());
        Ok(())
    }

    /// A parameter to add to every token request, as "resource" or "audience".
    pub fn add_param(&mut self, name: &str, value: &str) -> Result<(), Error> {
        param_name(name)?;
        limits::secret("value", value)?;
        if self.params.iter().any(|(known, _)| known == name) {
            return Err(Error::argument(format_args!("parameter {name} is already set")));
        }
        if self.params.len() == limits::PARAMS {
            return Err(Error::argument(format_args!("there may be at most {} parameters", limits::PARAMS)));
        }
        self.params.push((name.to_owned(), Arc::new(Secret::kept(value))));
        Ok(())
    }

    /// `response_type` of the password grant; `None` leaves it out.
    pub fn set_response_type(&mut self, value: Option<&str>) -> Result<(), Error> {
        if let Some(value) = value {
            limits::name("response_type", value)?;
        }
        self.response_type = value.map(str::to_owned);
        Ok(())
    }

    /// Limits in milliseconds, 1 to 600000 each: for getting a connection, and
    /// for the whole call. Default: 10000 and 30000.
    pub fn set_timeouts(&mut self, connect_ms: u32, total_ms: u32) -> Result<(), Error> {
        for (what, ms) in [("connect_ms", connect_ms), ("total_ms", total_ms)] {
            if !(1..=600_000).contains(&ms) {
                return Err(Error::argument(format_args!("{what} must be from 1 to 600000; there is no \"for ever\"")));
            }
        }
        (self.connect_ms, self.total_ms) = (connect_ms, total_ms);
        Ok(())
    }

    /// Whom to trust for TLS. Default: Mozilla's roots, bundled. Replaces what
    /// [`Options::set_ca_pem`] set.
    pub fn set_system_trust(&mut self, system: bool) {
        self.trust = if system { Trust::System } else { Trust::Bundled };
    }

    /// Trust these authorities and no others.
    pub fn set_ca_pem(&mut self, pem: &[u8]) -> Result<(), Error> {
        self.trust = Trust::from_pem(pem)?;
        Ok(())
    }

    /// Demand that the verified chain of `origin` holds a key with this
    /// SHA-256 (of its SubjectPublicKeyInfo), in base64 or hexadecimal. Several
    /// pins of one origin: any of them.
    pub fn add_pin(&mut self, origin: &str, sha256: &str) -> Result<(), Error> {
        let origin = tls_origin(origin)?;
        let pin = pin_bytes(sha256).ok_or_else(|| {
            Error::argument("sha256 must be 32 bytes in base64 (44 characters) or 64 hexadecimal digits")
        })?;
        self.pins.push((origin, pin));
        Ok(())
    }

    /// Client certificate and key for `origin`, in PEM.
    pub fn set_client_cert_pem(&mut self, origin: &str, cert: &[u8], key: &[u8]) -> Result<(), Error> {
        let origin = tls_origin(origin)?;
        let certificate = ClientCertificate::from_pem(cert, key)?;
        self.certificates.retain(|(known, _)| *known != origin);
        self.certificates.push((origin, Arc::new(certificate)));
        Ok(())
    }

    /// The HTTP proxy; empty for none at all. Default: `HTTPS_PROXY`,
    /// `ALL_PROXY` and `NO_PROXY` of the environment, read when the client is
    /// made.
    pub fn set_proxy(&mut self, url: &str) -> Result<(), Error> {
        self.proxy = Proxy::from_option(url)?;
        Ok(())
    }

    /// The `User-Agent` header. Default: `ropc/` and the version.
    pub fn set_user_agent(&mut self, value: &str) -> Result<(), Error> {
        limits::name("user_agent", value)?;
        if !limits::is_visible(value, true) {
            return Err(Error::argument("user_agent must be printable ASCII on one line"));
        }
        self.user_agent = value.to_owned();
        Ok(())
    }

    /// LoginRadius' API key, for the identity API; sent to that host only.
    pub fn set_api_key(&mut self, key: &str) -> Result<(), Error> {
        limits::check("api_key", key.len(), limits::CLIENT_SECRET)?;
        self.api_key = Some(Arc::new(Secret::kept(key)));
        Ok(())
    }

    /// Lets sessions send the user's access token to `origin` too, which must
    /// be https, or http to this machine. Default: the site, and LoginRadius'
    /// identity host.
    pub fn add_api_origin(&mut self, origin: &str) -> Result<(), Error> {
        let origin = Origin::parse_site("origin", origin)?;
        if self.api_origins.len() == limits::PARAMS {
            return Err(Error::argument(format_args!("there may be at most {} origins", limits::PARAMS)));
        }
        self.api_origins.push(origin);
        Ok(())
    }

    /// What else this server says to a refresh when the refresh token is no
    /// longer good: an `error` of RFC 6749 or, in digits, LoginRadius' number.
    /// "invalid_grant" and 1217 are known.
    pub fn add_ended_error(&mut self, error: &str) -> Result<(), Error> {
        limits::name("error", error)?;
        if self.ended.len() == limits::PARAMS {
            return Err(Error::argument(format_args!("there may be at most {} errors", limits::PARAMS)));
        }
        self.ended.push(error.to_owned());
        Ok(())
    }

    /// The clock of sessions and ID tokens. Default: the system's.
    #[doc(hidden)] // Public for our own tests.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    /// Moves a bound; see [`Limit`].
    pub fn set_limit(&mut self, limit: Limit, value: u64) -> Result<(), Error> {
        let within = |least: u64, most: u64| {
            let problem = || Error::argument(format_args!("{limit:?} must be from {least} to {most}"));
            (least..=most).contains(&value).then_some(value).ok_or_else(problem)
        };
        match limit {
            Limit::AnswerBytes => self.answer_bytes = within(1 << 10, 1 << 26)? as usize,
            Limit::IdleConnections => self.idle_connections = within(0, 1024)? as usize,
            Limit::IdleMs => self.idle_ms = within(0, 600_000)? as u32,
        }
        Ok(())
    }

    /// Where log lines of `level` and below go; without a sink they wait in
    /// the client's queue. Default: off.
    pub fn set_log(&mut self, level: Level, sink: Option<Sink>) {
        self.log = (level, sink);
    }

    /// Looks names up in place of the system, as with DNS over HTTPS.
    pub fn set_lookup(&mut self, lookup: Lookup) {
        self.lookup = Some(lookup);
    }
}

/// What a parameter may be called; those with setters of their own are not
/// parameters.
pub(crate) fn param_name(name: &str) -> Result<(), Error> {
    limits::name("parameter name", name)?;
    if !limits::is_visible(name, false) {
        return Err(Error::argument("a parameter name must be visible ASCII"));
    }
    let taken = ["client_id", "client_secret", "grant_type", "scope", "response_type"];
    if taken.contains(&name) {
        return Err(Error::argument(format_args!("parameter {name} is set by its own function")));
    }
    Ok(())
}

fn tls_origin(text: &str) -> Result<Origin, Error> {
    let origin = Origin::parse_site("origin", text)?;
    if origin.https { Ok(origin) } else { Err(Error::argument("origin must be https")) }
}

fn pin_bytes(text: &str) -> Option<[u8; 32]> {
    if text.len() == 64 {
        let mut pin = [0; 32];
        for (byte, at) in pin.iter_mut().zip((0..64).step_by(2)) {
            let digits = text.get(at..at + 2)?;
            *byte = u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        }
        return Some(pin);
    }
    STANDARD.decode(text).ok()?.try_into().ok()
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Options")
    }
}
