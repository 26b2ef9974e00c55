//! One application at one server.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::body::Params;
use super::call::{Call, TimeLimits};
use super::calls::{Calls, Listed, Owner};
use super::choices::{EndpointKind, Hint, Level};
use super::error::Error;
use super::http::{Http, Target};
use super::jwks::KeyRing;
use super::limits;
use super::log::Log;
use super::operation::Operation;
use super::options::{Options, param_name};
use super::request::{Outcome, Request, Work, Yields};
use super::secret::Secret;
use super::sys::fork::Local;
use super::tokens::Tokens;
use super::url::Origin;

/// One application at one server: frozen, shared by threads, connections kept.
/// A clone is the same client.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

/// What a client's calls, requests and sessions share.
pub(super) struct Inner {
    pub options: Options,
    pub token: Option<Target>,
    pub http: Http,
    pub log: Arc<Log>,
    pub owner: Owner,
    pub keys: Local<Arc<KeyRing>>,
}

/// What a request keeps for an operation on tokens.
struct Kept {
    token: Secret,
    access_token: Option<Secret>,
    text: Option<String>,
    hint: Hint,
}

impl Kept {
    fn new(token: &str) -> Kept {
        Kept { token: Secret::kept(token), access_token: None, text: None, hint: Hint::None }
    }

    fn token(&self) -> &str {
        self.token.expose()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// A client with a copy of `options`. Connects to nothing yet.
    pub fn new(options: &Options) -> Result<Client, Error> {
        options.check_origins()?;
        let inner = Inner::new(options, &options.origins())?;
        inner.token()?;
        Ok(Client(Arc::new(inner)))
    }

    /// A call with this client's time limits; its clock starts now.
    pub fn call(&self) -> Arc<Call> {
        Arc::new(Call::new(self.0.time_limits()))
    }

    /// Signs in with a user name and a password (RFC 6749, 4.3). Blocks.
    pub fn login(&self, username: &str, password: &str) -> Result<Tokens, Error> {
        self.login_in(&self.call(), username, password)
    }

    /// The same as `call`, which another thread may cancel, and which is used
    /// once.
    pub fn login_in(&self, call: &Arc<Call>, username: &str, password: &str) -> Result<Tokens, Error> {
        let params = self.login_params(username, password)?;
        self.0.run(call, &Operation::Grant { grant_type: "password", params: &params })?.into_tokens()
    }

    /// What a login sends, checked.
    pub(super) fn login_params<'a>(
        &self,
        username: &'a str,
        password: &'a str,
    ) -> Result<[(&'static str, &'a str); 2], Error> {
        let params = login(username, password)?;
        self.0.check_names(&params)?;
        Ok(params)
    }

    /// The same beside the program.
    pub fn request_login(&self, username: &str, password: &str) -> Result<Request, Error> {
        self.request_tokens("password", &login(username, password)?)
    }

    /// Any grant the token endpoint offers, with its parameters. Blocks.
    pub fn grant(&self, grant_type: &str, params: &[(&str, &str)]) -> Result<Tokens, Error> {
        check_grant(grant_type, params)?;
        self.0.check_names(params)?;
        self.0.run(&self.call(), &Operation::Grant { grant_type, params })?.into_tokens()
    }

    /// The same beside the program.
    pub fn request_grant(&self, grant_type: &str, params: &[(&str, &str)]) -> Result<Request, Error> {
        check_grant(grant_type, params)?;
        self.request_tokens(grant_type, params)
    }

    /// Looks the token endpoint up and connects to it, TLS included, ahead of
    /// a login, which then takes one turn. The connection waits for 15 seconds,
    /// or longer where [`Limit::IdleMs`](super::Limit) is. Fails for
    /// [`Reason::Unsupported`](super::Reason) when the client is set to keep no connections.
    /// Blocks.
    pub fn connect(&self) -> Result<(), Error> {
        self.connect_in(&self.call())
    }

    /// The same as `call`, which another thread may cancel, and which is used
    /// once.
    pub fn connect_in(&self, call: &Arc<Call>) -> Result<(), Error> {
        self.0.run(call, &Operation::Connect).map(|_| ())
    }

    /// The same beside the program.
    pub fn request_connect(&self) -> Request {
        let client = self.0.clone();
        self.request(Yields::Done, Box::new(move |call| client.run(call, &Operation::Connect)))
    }

    /// New tokens for a refresh token (RFC 6749, 6). They always hold a refresh
    /// token: the new one, or this one when the server kept it. Blocks.
    pub fn refresh(&self, refresh_token: &str) -> Result<Tokens, Error> {
        self.perform(&Operation::Refresh { token: refresh_token })?.into_tokens()
    }

    /// The same beside the program.
    pub fn request_refresh(&self, refresh_token: &str) -> Result<Request, Error> {
        self.request_with(Yields::Tokens, Kept::new(refresh_token), |kept| Operation::Refresh { token: kept.token() })
    }

    /// Has the server end a token (RFC 7009). Blocks.
    pub fn revoke(&self, token: &str, hint: Hint) -> Result<(), Error> {
        self.perform(&Operation::Revoke { token, hint }).map(|_| ())
    }

    /// The same beside the program.
    pub fn request_revoke(&self, token: &str, hint: Hint) -> Result<Request, Error> {
        let kept = Kept { hint, ..Kept::new(token) };
        self.request_with(Yields::Done, kept, |kept| Operation::Revoke { token: kept.token(), hint: kept.hint })
    }

    /// Who the user is, as JSON (OIDC Core, 5.3). Blocks.
    pub fn userinfo(&self, access_token: &str) -> Result<Secret, Error> {
        self.perform(&Operation::Userinfo { token: access_token })?.into_text()
    }

    /// The same beside the program.
    pub fn request_userinfo(&self, access_token: &str) -> Result<Request, Error> {
        self.request_with(Yields::Text, Kept::new(access_token), |kept| Operation::Userinfo { token: kept.token() })
    }

    /// LoginRadius' profile of the user, as JSON; all of it, or some `fields`,
    /// separated by commas. Blocks.
    pub fn profile(&self, access_token: &str, fields: Option<&str>) -> Result<Secret, Error> {
        self.perform(&Operation::Profile { token: access_token, fields })?.into_text()
    }

    /// The same beside the program.
    pub fn request_profile(&self, access_token: &str, fields: Option<&str>) -> Result<Request, Error> {
        let kept = Kept { text: fields.map(str::to_owned), ..Kept::new(access_token) };
        self.request_with(Yields::Text, kept, |kept| Operation::Profile {
            token: kept.token(),
            fields: kept.text.as_deref(),
        })
    }

    /// Whether LoginRadius takes the access token, and until when. Blocks.
    pub fn validate(&self, access_token: &str) -> Result<Tokens, Error> {
        self.perform(&Operation::Validate { token: access_token })?.into_tokens()
    }

    /// The same beside the program.
    pub fn request_validate(&self, access_token: &str) -> Result<Request, Error> {
        self.request_with(Yields::Tokens, Kept::new(access_token), |kept| Operation::Validate { token: kept.token() })
    }

    /// Has LoginRadius end the access token, and its refresh token with it. A
    /// GET that changes something: never repeated. Blocks.
    pub fn invalidate(&self, access_token: &str) -> Result<(), Error> {
        self.perform(&Operation::Invalidate { token: access_token }).map(|_| ())
    }

    /// The same beside the program.
    pub fn request_invalidate(&self, access_token: &str) -> Result<Request, Error> {
        self.request_with(Yields::Done, Kept::new(access_token), |kept| Operation::Invalidate { token: kept.token() })
    }

    /// The claims of an ID token, as JSON, once it is proven that the server
    /// signed it for this application (OIDC Core, 3.1.3.7). `access_token`: the
    /// one it came with. The issuer is that of [`Options::set_issuer`] or
    /// [`Options::discover`]. Blocks, when the server's keys have to be fetched.
    pub fn verify_id_token(
        &self,
        id_token: &str,
        access_token: Option<&str>,
        nonce: Option<&str>,
    ) -> Result<Secret, Error> {
        self.perform(&Operation::VerifyIdToken { id_token, access_token, nonce })?.into_text()
    }

    /// The same beside the program.
    pub fn request_verify_id_token(
        &self,
        id_token: &str,
        access_token: Option<&str>,
        nonce: Option<&str>,
    ) -> Result<Request, Error> {
        let access_token = access_token.map(Secret::kept);
        let kept = Kept { text: nonce.map(str::to_owned), access_token, ..Kept::new(id_token) };
        self.request_with(Yields::Text, kept, |kept| Operation::VerifyIdToken {
            id_token: kept.token(),
            access_token: kept.access_token.as_ref().map(Secret::expose),
            nonce: kept.text.as_deref(),
        })
    }

    /// Stops all of this client's calls and started requests. Returns at once;
    /// they end as CANCELLED unless they had ended before.
    pub fn cancel(&self) {
        Calls::of_process().cancel(Some(self.0.owner));
    }

    /// The HTTP proxy through which the token endpoint is reached, as host:port
    /// and without its login.
    pub fn proxy(&self) -> Option<String> {
        self.0.token().ok().and_then(|token| self.0.http.proxy_to(token))
    }

    /// The oldest line of the log's queue, and how much it matters.
    pub fn next_log(&self) -> Option<(Level, String)> {
        self.0.log.next()
    }

    fn perform(&self, operation: &Operation<'_>) -> Result<Outcome, Error> {
        operation.check()?;
        self.0.run(&self.call(), operation)
    }

    /// An operation on what the request keeps.
    fn request_with(
        &self,
        yields: Yields,
        kept: Kept,
        operation: for<'a> fn(&'a Kept) -> Operation<'a>,
    ) -> Result<Request, Error> {
        operation(&kept).check()?;
        let client = self.0.clone();
        Ok(self.request(yields, Box::new(move |call| client.run(call, &operation(&kept)))))
    }

    fn request_tokens(&self, grant_type: &str, params: &[(&str, &str)]) -> Result<Request, Error> {
        self.0.check_names(params)?;
        let client = self.0.clone();
        let grant_type = grant_type.to_owned();
        let params: Vec<_> = params.iter().map(|(name, value)| (name.to_string(), Secret::kept(value))).collect();
        let work = move |call: &Arc<Call>| {
            let params: Params<'_> = params.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
            client.run(call, &Operation::Grant { grant_type: &grant_type, params: &params })
        };
        Ok(self.request(Yields::Tokens, Box::new(work)))
    }

    /// `work`, as a request of this client.
    pub(crate) fn request(&self, yields: Yields, work: Work) -> Request {
        Request::new(self.0.owner, self.0.time_limits(), self.0.log.clone(), yields, work)
    }
}

fn login<'a>(username: &'a str, password: &'a str) -> Result<[(&'static str, &'a str); 2], Error> {
    limits::text("username", username)?;
    limits::secret("password", password)?;
    Ok([("username", username), ("password", password)])
}

fn check_grant(grant_type: &str, params: &[(&str, &str)]) -> Result<(), Error> {
    limits::name("grant_type", grant_type)?;
    // A name or a URI (RFC 6749, 4.5); it stands in log lines.
    if !limits::is_visible(grant_type, false) {
        return Err(Error::argument("grant_type must be visible ASCII"));
    }
    if params.len() > limits::PARAMS {
        return Err(Error::argument(format_args!("there may be at most {} parameters", limits::PARAMS)));
    }
    for (name, value) in params {
        param_name(name)?;
        limits::secret(name, value)?;
    }
    Ok(())
}

impl Inner {
    /// What a client has, and what asks a server before there is a client.
    /// `origins`: those that it will talk to, by which the proxy is chosen.
    pub fn new(options: &Options, origins: &[Origin]) -> Result<Inner, Error> {
        let (level, sink) = options.log.clone();
        let log = Arc::new(Log::new(level, sink));
        let http = Http::new(options, origins, log.clone())?;
        let token = options.endpoint(EndpointKind::Token).map(Target::new).transpose()?;
        Ok(Inner { options: options.clone(), token, http, log, owner: Owner::new(), keys: Local::new(Arc::default) })
    }

    pub fn time_limits(&self) -> TimeLimits {
        TimeLimits { connect_ms: self.options.connect_ms, total_ms: self.options.total_ms }
    }

    /// No parameter is sent twice (RFC 6749, 3.2).
    fn check_names(&self, params: &[(&str, &str)]) -> Result<(), Error> {
        for (at, (name, _)) in params.iter().enumerate() {
            let repeated = params.iter().take(at).any(|(known, _)| known == name);
            if repeated || self.options.params.iter().any(|(known, _)| known == name) {
                return Err(Error::argument(format_args!("parameter {name} is set twice")));
            }
        }
        Ok(())
    }

    /// What every call comes to, in the caller's thread or in a worker's.
    pub fn run(&self, call: &Arc<Call>, operation: &Operation<'_>) -> Result<Outcome, Error> {
        self.run_as(call, operation, || self.perform(call, operation))
    }

    /// Runs `work`, which log lines call `name`.
    pub fn run_as(
        &self,
        call: &Arc<Call>,
        name: &dyn fmt::Display,
        work: impl FnOnce() -> Result<Outcome, Error>,
    ) -> Result<Outcome, Error> {
        // Requests are listed when they are started.
        let _listed = (!call.is_beside()).then(|| Listed::new(self.owner, call));
        if !call.is_beside() {
            self.log.deliver();
        }
        // Caught here, where it is known how far the call had come.
        let result = catch_unwind(AssertUnwindSafe(|| call.begin().and_then(|()| work())));
        let result = result.unwrap_or_else(|_| {
            call.detach();
            Err(call.bug())
        });
        match &result {
            Ok(Outcome::Tokens(tokens)) => {
                let until = tokens.expires_at;
                self.log.line(call, Level::Info, format_args!("{name}: tokens, access until {until}"));
            }
            Ok(_) => self.log.line(call, Level::Info, format_args!("{name}: done")),
            Err(error) => self.log.line(call, Level::Error, format_args!("{name}: {error}")),
        }
        result
    }
}
