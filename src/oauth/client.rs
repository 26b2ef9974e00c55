//! One application at one server.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::answer::Asked;
use super::body::{self, Params};
use super::call::{Call, Limits};
use super::calls::{Calls, Listed, Owner};
use super::choices::{EndpointKind, Level, SecretMethod};
use super::error::Error;
use super::http::{Http, Post, Target};
use super::limits;
use super::log::Log;
use super::options::{Options, param_name};
use super::reason::Reason;
use super::request::{Outcome, Request, Work, Yields};
use super::secret::Secret;
use super::tokens::Tokens;

/// Shorter values of a free-form grant are too common to be searched for in
/// what a server says.
const SECRET_FROM_BYTES: usize = 4;

/// One application at one server: frozen, shared by threads, connections kept.
pub struct Client(Arc<Inner>);

struct Inner {
    options: Options,
    token: Target,
    http: Http,
    log: Arc<Log>,
    owner: Owner,
}

/// What is to be done. Blocking calls borrow it, requests bring theirs along.
enum Operation<'a> {
    Grant { grant_type: &'a str, params: &'a [(&'a str, &'a str)] },
    Connect,
}

impl Client {
    /// A client with a copy of `options`. Connects to nothing yet.
    pub fn new(options: &Options) -> Result<Client, Error> {
        let token =
            options.endpoint(EndpointKind::Token).ok_or_else(|| Error::argument("there is no token endpoint"))?;
        let (level, sink) = options.log.clone();
        let log = Arc::new(Log::new(level, sink));
        options.check_origins()?;
        let http = Http::new(options, &token.origin, log.clone())?;
        let inner = Inner { options: options.clone(), token: Target::new(token)?, http, log, owner: Owner::new() };
        Ok(Client(Arc::new(inner)))
    }

    /// A call with this client's time limits; its clock starts now.
    pub fn call(&self) -> Arc<Call> {
        Arc::new(Call::new(self.0.limits()))
    }

    /// Signs in with a user name and a password (RFC 6749, 4.3). Blocks.
    pub fn login(&self, username: &str, password: &str) -> Result<Tokens, Error> {
        self.login_in(&self.call(), username, password)
    }

    /// The same as `call`, which another thread may cancel, and which is used
    /// once.
    pub fn login_in(&self, call: &Arc<Call>, username: &str, password: &str) -> Result<Tokens, Error> {
        let params = login(username, password)?;
        self.0.check_names(&params)?;
        self.0.tokens(call, "password", &params)
    }

    /// The same beside the program.
    pub fn request_login(&self, username: &str, password: &str) -> Result<Request, Error> {
        self.request_tokens("password", &login(username, password)?)
    }

    /// Any grant the token endpoint offers, with its parameters. Blocks.
    pub fn grant(&self, grant_type: &str, params: &[(&str, &str)]) -> Result<Tokens, Error> {
        self.grant_in(&self.call(), grant_type, params)
    }

    /// The same as `call`, which another thread may cancel, and which is used
    /// once.
    pub fn grant_in(&self, call: &Arc<Call>, grant_type: &str, params: &[(&str, &str)]) -> Result<Tokens, Error> {
        check_grant(grant_type, params)?;
        self.0.check_names(params)?;
        self.0.tokens(call, grant_type, params)
    }

    /// The same beside the program.
    pub fn request_grant(&self, grant_type: &str, params: &[(&str, &str)]) -> Result<Request, Error> {
        check_grant(grant_type, params)?;
        self.request_tokens(grant_type, params)
    }

    /// Looks the token endpoint up and connects to it, TLS included, ahead of
    /// a login, which then takes one turn. The connection waits for 15 seconds.
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

    /// Stops all of this client's calls and started requests. Returns at once;
    /// they end as CANCELLED unless they had ended before.
    pub fn cancel(&self) {
        Calls::of_process().cancel(Some(self.0.owner));
    }

    /// The oldest line of the log's queue.
    pub fn next_log(&self) -> Option<String> {
        self.0.log.next()
    }

    fn request_tokens(&self, grant_type: &str, params: &[(&str, &str)]) -> Result<Request, Error> {
        self.0.check_names(params)?;
        let client = self.0.clone();
        let grant_type = grant_type.to_owned();
        let params: Vec<_> = params.iter().map(|(name, value)| (name.to_string(), Secret::new(value))).collect();
        let work = move |call: &Arc<Call>| {
            let params: Params<'_> = params.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
            client.run(call, &Operation::Grant { grant_type: &grant_type, params: &params })
        };
        Ok(self.request(Yields::Tokens, Box::new(work)))
    }

    fn request(&self, yields: Yields, work: Work) -> Request {
        Request::new(self.0.owner, self.0.limits(), self.0.log.clone(), yields, work)
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
    if !grant_type.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
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
    fn limits(&self) -> Limits {
        Limits { connect_ms: self.options.connect_ms, total_ms: self.options.total_ms }
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

    fn tokens(&self, call: &Arc<Call>, grant_type: &str, params: &[(&str, &str)]) -> Result<Tokens, Error> {
        match self.run(call, &Operation::Grant { grant_type, params })? {
            Outcome::Tokens(tokens) => Ok(tokens),
            Outcome::Done => Err(Error::new(Reason::Bug, "A grant yielded no tokens")),
        }
    }

    /// What every call comes to, in the caller's thread or in a worker's.
    fn run(&self, call: &Arc<Call>, operation: &Operation<'_>) -> Result<Outcome, Error> {
        // Requests are listed when they are started.
        let _listed = (!call.is_beside()).then(|| Listed::new(self.owner, call));
        if !call.is_beside() {
            self.log.deliver();
        }
        let verb = if matches!(operation, Operation::Connect) { "to" } else { "POST" };
        self.log.line(call, Level::Info, format_args!("{operation}: {verb} {}", self.token.endpoint()));
        // Caught here, where it is known how far the call had come.
        let result = catch_unwind(AssertUnwindSafe(|| match operation {
            Operation::Grant { grant_type, params } => self.send(call, grant_type, params).map(Outcome::Tokens),
            Operation::Connect => self.http.connect(call, &self.token).map(|()| Outcome::Done),
        }));
        let result = result.unwrap_or_else(|_| {
            call.detach();
            Err(call.error(Reason::Bug, "The library ran into a bug of its own"))
        });
        match &result {
            Ok(Outcome::Tokens(tokens)) => {
                let until = tokens.expires_at;
                self.log.line(call, Level::Info, format_args!("{operation}: tokens, access until {until}"));
            }
            Ok(Outcome::Done) => self.log.line(call, Level::Info, format_args!("{operation}: done")),
            Err(error) => self.log.line(call, Level::Error, format_args!("{operation}: {error}")),
        }
        result
    }

    fn send(&self, call: &Arc<Call>, grant_type: &str, params: &[(&str, &str)]) -> Result<Tokens, Error> {
        let options = &self.options;
        let password_grant = grant_type == "password";
        let body = body::write(options.encoding, &self.params(grant_type, params))?;
        let authorization = match &options.secret {
            Some((secret, SecretMethod::Basic)) => Some(body::basic(&options.client_id, secret.expose(), true)),
            Some((secret, SecretMethod::BasicRaw)) => Some(body::basic(&options.client_id, secret.expose(), false)),
            _ => None,
        };
        let post = Post {
            content_type: body::content_type(options.encoding),
            authorization: authorization.as_ref(),
            body: body.expose(),
        };
        let answer = self.http.post(call, &self.token, &post)?;
        let (status, bytes) = (answer.status, answer.body.expose().len());
        self.log.line(call, Level::Debug, format_args!("answer: HTTP {status}, {bytes} bytes"));
        let secrets = self.secrets(params, authorization.as_ref());
        let asked = Asked::new(options.profile, self.token.endpoint(), password_grant, secrets);
        let result = asked.tokens(&answer);
        if asked.was_repeated() {
            self.http.close_idle(&self.token);
        }
        result
    }

    /// What is sent, in the order of LoginRadius' guide.
    fn params<'a>(&'a self, grant_type: &'a str, params: &[(&'a str, &'a str)]) -> Params<'a> {
        let options = &self.options;
        let mut all = Params::with_capacity(params.len() + options.params.len() + 5);
        let basic = options.secret.as_ref().is_some_and(|(_, method)| *method != SecretMethod::Post);
        if !basic || options.profile.client_id_beside_basic {
            all.push(("client_id", &options.client_id));
        }
        all.push(("grant_type", grant_type));
        all.extend_from_slice(params);
        if let Some(value) = options.response_type.as_deref().filter(|_| grant_type == "password") {
            all.push(("response_type", value));
        }
        if let Some((secret, SecretMethod::Post)) = &options.secret {
            all.push(("client_secret", secret.expose()));
        }
        if let Some(scope) = options.scope_to_send() {
            all.push(("scope", scope));
        }
        all.extend(options.params.iter().map(|(name, value)| (name.as_str(), value.expose())));
        all
    }

    /// What must not come back in an error.
    fn secrets<'a>(&'a self, params: &[(&'a str, &'a str)], authorization: Option<&'a Secret>) -> Vec<&'a str> {
        let sent = params
            .iter()
            .filter(|(name, value)| *name == "password" || (*name != "username" && value.len() >= SECRET_FROM_BYTES));
        let own = self.options.secret.iter().map(|(secret, _)| secret.expose());
        let key = self.options.api_key.iter().map(|key: &Arc<Secret>| key.expose());
        let header = authorization.and_then(|header| header.expose().strip_prefix("Basic "));
        sent.map(|(_, value)| *value).chain(own).chain(key).chain(header).collect()
    }
}

impl fmt::Display for Operation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Grant { grant_type, .. } => write!(f, "grant {grant_type}"),
            Operation::Connect => f.write_str("connect"),
        }
    }
}
