//! What a client can do at its server: what is sent for each operation, and
//! what its answer yields.

use std::fmt;
use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::{Asked, Expects, Sent};
use super::body::{self, Params};
use super::call::Call;
use super::choices::{EndpointKind, Hint, Level, SecretMethod};
use super::client::Inner;
use super::error::Error;
use super::http::{Answer, Ask, Target};
use super::limits;
use super::profile::IdentityApi;
use super::reason::Reason;
use super::request::Outcome;
use super::secret::Secret;

/// Shorter values of a free-form grant are too common to be searched for in
/// what a server says.
const SECRET_FROM_BYTES: usize = 4;

/// What is to be done. Blocking calls borrow it, requests bring theirs along.
pub(super) enum Operation<'a> {
    Grant { grant_type: &'a str, params: &'a [(&'a str, &'a str)] },
    Connect,
    Refresh { token: &'a str },
    Revoke { token: &'a str, hint: Hint },
    Userinfo { token: &'a str },
    Profile { token: &'a str, fields: Option<&'a str> },
    Validate { token: &'a str },
    Invalidate { token: &'a str },
    VerifyIdToken { id_token: &'a str, access_token: Option<&'a str>, nonce: Option<&'a str> },
}

/// One request to an endpoint, and what must not come back in an error.
pub(super) struct Exchange<'a> {
    /// For log lines.
    pub name: &'a dyn fmt::Display,
    pub target: &'a Target,
    pub ask: Ask<'a>,
    pub sent: Sent,
    pub expects: Expects,
    /// What the caller gave, of which some is secret: a password is always.
    pub params: &'a [(&'a str, &'a str)],
}

impl Operation<'_> {
    /// Checks what the caller gave, before anything else is done.
    pub fn check(&self) -> Result<(), Error> {
        match self {
            Operation::Grant { .. } | Operation::Connect => Ok(()),
            Operation::Refresh { token } => limits::secret("refresh_token", token),
            Operation::Revoke { token, .. } => limits::secret("token", token),
            Operation::Userinfo { token } | Operation::Validate { token } | Operation::Invalidate { token } => {
                bearer_token("access_token", token)
            }
            Operation::Profile { token, fields } => {
                bearer_token("access_token", token)?;
                fields.map_or(Ok(()), |fields| limits::text("fields", fields))
            }
            Operation::VerifyIdToken { id_token, access_token, nonce } => {
                limits::secret("id_token", id_token)?;
                access_token.map_or(Ok(()), |token| limits::secret("access_token", token))?;
                nonce.map_or(Ok(()), |nonce| limits::text("nonce", nonce))
            }
        }
    }
}

/// A token that can stand in a header: visible ASCII, and not longer than
/// servers read (RFC 6750, 2.1).
pub(super) fn bearer_token(what: &str, token: &str) -> Result<(), Error> {
    limits::check(what, token.len(), limits::BEARER)?;
    if !limits::is_visible(token, false) {
        return Err(Error::argument(format_args!("{what} is no token: it has a byte that no token has")));
    }
    Ok(())
}

/// `Authorization` for a token (RFC 6750, 2.1).
pub(super) fn bearer(token: &str) -> Secret {
    let mut header = String::with_capacity(7 + token.len());
    header.push_str("Bearer ");
    header.push_str(token);
    Secret::from_string(header)
}

impl Inner {
    /// Does it, in the thread of the caller or of a worker.
    pub(super) fn perform(&self, call: &Arc<Call>, operation: &Operation<'_>) -> Result<Outcome, Error> {
        match operation {
            Operation::Grant { grant_type, params } => self.grant(call, operation, grant_type, params),
            Operation::Connect => {
                let target = self.token()?;
                self.log.line(call, Level::Info, format_args!("{operation}: to {}", target.endpoint()));
                self.http.connect(call, target).map(|()| Outcome::Done)
            }
            Operation::Refresh { token } => {
                let mut outcome = self.grant(call, operation, "refresh_token", &[("refresh_token", token)])?;
                if let Outcome::Tokens(tokens) = &mut outcome {
                    // RFC 6749, 6: none in the answer means that this one stays.
                    tokens.refresh_token.get_or_insert_with(|| Secret::new(token));
                }
                Ok(outcome)
            }
            Operation::Revoke { token, hint } => self.revoke(call, operation, token, *hint),
            Operation::Userinfo { token } => {
                let target = self.target(EndpointKind::Userinfo, "userinfo")?;
                self.with_bearer(call, operation, &target, token, Expects::Object)
            }
            Operation::Profile { token, fields } => {
                let target = self.identity(|identity| identity.profile, *fields)?;
                self.with_bearer(call, operation, &target, token, Expects::Object)
            }
            Operation::Validate { token } => {
                let target = self.identity(|identity| identity.validate, None)?;
                self.with_bearer(call, operation, &target, token, Expects::Tokens)
            }
            Operation::Invalidate { token } => {
                let target = self.identity(|identity| identity.invalidate, None)?;
                self.with_bearer(call, operation, &target, token, Expects::Posted)
            }
            Operation::VerifyIdToken { id_token, access_token, nonce } => {
                self.verify_id_token(call, id_token, *access_token, *nonce).map(Outcome::Text)
            }
        }
    }

    /// Asks, and says what the answer means.
    pub(super) fn exchange(&self, call: &Arc<Call>, exchange: &Exchange<'_>) -> Result<Outcome, Error> {
        let Exchange { name, target, ask, sent, expects, params } = exchange;
        let answer = self.ask(call, *name, target, ask)?;
        let secrets = || {
            let mut secrets: Vec<&str> =
                params.iter().filter(|param| is_secret(param)).map(|(_, value)| *value).collect();
            secrets.extend(self.options.secret.iter().map(|(secret, _)| secret.expose()));
            secrets.extend(self.options.api_key.iter().map(|key| key.expose()));
            secrets.extend(ask.authorization.and_then(|header| Some(header.expose().split_once(' ')?.1)));
            secrets
        };
        let asked = Asked::new(self.options.profile, target.endpoint(), *sent, &secrets);
        let result = asked.outcome(&answer, *expects);
        if asked.was_repeated() {
            self.http.close_idle(target);
        }
        result
    }

    /// Asks, and gives the answer whatever it is.
    pub(super) fn ask(
        &self,
        call: &Arc<Call>,
        name: &dyn fmt::Display,
        target: &Target,
        ask: &Ask<'_>,
    ) -> Result<Answer, Error> {
        self.log.line(call, Level::Info, format_args!("{name}: {} {}", ask.method, target.endpoint()));
        let answer = self.http.ask(call, target, ask)?;
        let (status, bytes) = (answer.status, answer.body.expose().len());
        self.log.line(call, Level::Debug, format_args!("answer: HTTP {status}, {bytes} bytes"));
        Ok(answer)
    }

    /// A GET with an access token.
    fn with_bearer(
        &self,
        call: &Arc<Call>,
        name: &dyn fmt::Display,
        target: &Target,
        token: &str,
        expects: Expects,
    ) -> Result<Outcome, Error> {
        let authorization = bearer(token);
        let ask = Ask::get(Some(&authorization));
        self.exchange(call, &Exchange { name, target, ask, sent: Sent::Bearer, expects, params: &[] })
    }

    fn grant(
        &self,
        call: &Arc<Call>,
        name: &dyn fmt::Display,
        grant_type: &str,
        params: &[(&str, &str)],
    ) -> Result<Outcome, Error> {
        let options = &self.options;
        let body = body::write(options.encoding, &self.params(grant_type, params))?;
        let sent = if grant_type == "password" { Sent::Password } else { Sent::Grant };
        let authorization = self.authorization();
        let ask = Ask::post(body::content_type(options.encoding), authorization.as_ref(), body.expose());
        self.exchange(call, &Exchange { name, target: self.token()?, ask, sent, expects: Expects::Tokens, params })
    }

    fn revoke(&self, call: &Arc<Call>, operation: &Operation<'_>, token: &str, hint: Hint) -> Result<Outcome, Error> {
        let target = self.target(EndpointKind::Revoke, "revocation")?;
        let mut params = self.client_params();
        params.extend(self.options.profile.revoked_names.iter().map(|name| (*name, token)));
        match hint {
            Hint::Access if self.options.profile.revoke_hint => params.push(("token_type_hint", "access_token")),
            Hint::Refresh if self.options.profile.revoke_hint => params.push(("token_type_hint", "refresh_token")),
            _ => {}
        }
        let body = body::write(self.options.encoding, &params)?;
        let authorization = self.authorization();
        let ask = Ask::post(body::content_type(self.options.encoding), authorization.as_ref(), body.expose());
        let (sent, expects) = (Sent::Grant, Expects::Nothing);
        self.exchange(
            call,
            &Exchange { name: operation, target: &target, ask, sent, expects, params: &[("password", token)] },
        )
        // RFC 7009, 2.2.1, says so of 503; nothing else proves more.
        .map_err(|error| error.adding("The token must be taken to be still valid."))
    }

    /// The client's secret as a header, if that is how it is sent.
    fn authorization(&self) -> Option<Secret> {
        let id = &self.options.client_id;
        match &self.options.secret {
            Some((secret, SecretMethod::Basic)) => Some(body::basic(id, secret.expose(), true)),
            Some((secret, SecretMethod::BasicRaw)) => Some(body::basic(id, secret.expose(), false)),
            _ => None,
        }
    }

    /// What is sent, in the order of LoginRadius' guide.
    fn params<'a>(&'a self, grant_type: &'a str, params: &[(&'a str, &'a str)]) -> Params<'a> {
        let options = &self.options;
        let mut all = Params::with_capacity(params.len() + options.params.len() + 5);
        all.extend(self.client_id());
        all.push(("grant_type", grant_type));
        all.extend_from_slice(params);
        if let Some(value) = options.response_type.as_deref().filter(|_| grant_type == "password") {
            all.push(("response_type", value));
        }
        all.extend(self.client_secret());
        // RFC 6749, 6: not more than was granted, which may be less than this.
        if let Some(scope) = options.scope_to_send().filter(|_| grant_type != "refresh_token") {
            all.push(("scope", scope));
        }
        all.extend(options.params.iter().map(|(name, value)| (name.as_str(), value.expose())));
        all
    }

    /// Who asks, where no grant is asked for.
    fn client_params(&self) -> Params<'_> {
        self.client_id().into_iter().chain(self.client_secret()).collect()
    }

    fn client_id(&self) -> Option<(&str, &str)> {
        let options = &self.options;
        let basic = options.secret.as_ref().is_some_and(|(_, method)| *method != SecretMethod::Post);
        (!basic || options.profile.client_id_beside_basic).then_some(("client_id", options.client_id.as_str()))
    }

    fn client_secret(&self) -> Option<(&str, &str)> {
        match &self.options.secret {
            Some((secret, SecretMethod::Post)) => Some(("client_secret", secret.expose())),
            _ => None,
        }
    }

    /// The token endpoint, which every client has.
    pub(super) fn token(&self) -> Result<&Target, Error> {
        self.token.as_ref().ok_or_else(|| {
            Error::argument("there is no token endpoint: ropc_options_set_endpoint() or ropc_discover() sets one")
        })
    }

    /// Where an operation goes that is not for the token endpoint.
    pub(super) fn target(&self, kind: EndpointKind, what: &str) -> Result<Target, Error> {
        match self.options.endpoint(kind) {
            Some(endpoint) => Target::new(endpoint),
            None => Err(Error::new(
                Reason::Unsupported,
                format_args!("No {what} endpoint is known: ropc_options_set_endpoint() or ropc_discover() sets one"),
            )),
        }
    }

    /// A path of the identity API, with the API key in its query: no other
    /// host ever gets it.
    fn identity(&self, path: fn(&IdentityApi) -> &'static str, fields: Option<&str>) -> Result<Target, Error> {
        let unknown = || Error::new(Reason::Unsupported, "This server has no identity API; LoginRadius has");
        let identity = self.options.profile.identity.ok_or_else(unknown)?;
        let base = self.options.endpoint(EndpointKind::Identity).ok_or_else(unknown)?;
        let key = self.options.api_key.as_ref().ok_or_else(|| {
            Error::argument("the identity API wants the site's API key: ropc_options_set_api_key() sets it")
        })?;
        let path = path(identity);
        let first = if path.contains('?') { '&' } else { '?' };
        let base_path = base.path_and_query.trim_end_matches('/');
        let key = utf8_percent_encode(key.expose(), NON_ALPHANUMERIC);
        let mut url = format!("{base_path}/{path}{first}{}={key}", identity.key_name);
        if let Some(fields) = fields {
            url.push_str("&fields=");
            url.extend(utf8_percent_encode(fields, NON_ALPHANUMERIC));
        }
        Target::new(base.origin.endpoint(url))
    }
}

/// Whether a parameter must not come back in an error.
fn is_secret((name, value): &(&str, &str)) -> bool {
    match *name {
        "password" => true,
        "username" => false,
        _ => value.len() >= SECRET_FROM_BYTES,
    }
}

impl fmt::Display for Operation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::Grant { grant_type, .. } => return write!(f, "grant {grant_type}"),
            Operation::Connect => "connect",
            Operation::Refresh { .. } => "refresh",
            Operation::Revoke { .. } => "revoke",
            Operation::Userinfo { .. } => "userinfo",
            Operation::Profile { .. } => "profile",
            Operation::Validate { .. } => "validate",
            Operation::Invalidate { .. } => "invalidate",
            Operation::VerifyIdToken { .. } => "ID token",
        })
    }
}
