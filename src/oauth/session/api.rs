//! Calling an API with the user's access token.

use std::sync::Arc;

use super::Session;
use super::shared::{Patience, Shared};
use crate::oauth::call::Call;
use crate::oauth::client::{Client, Inner};
use crate::oauth::error::Error;
use crate::oauth::http::{Answer, Ask, Target};
use crate::oauth::json::{self, Members};
use crate::oauth::limits;
use crate::oauth::operation::{bearer, bearer_token};
use crate::oauth::reason::Reason;
use crate::oauth::request::{Outcome, Request, Yields};
use crate::oauth::response::Response;
use crate::oauth::secret::{Secret, SecretBytes};
use crate::oauth::url::Endpoint;

/// Methods, and whether a request with them may be sent again (RFC 9110,
/// 9.2.2).
const METHODS: [(&str, bool); 7] = [
    ("GET", true),
    ("HEAD", true),
    ("OPTIONS", true),
    ("PUT", true),
    ("DELETE", true),
    ("POST", false),
    ("PATCH", false),
];

/// Headers that are this library's own, or would change where a request ends.
const RESERVED: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What to ask of an API.
pub struct ApiCall<'a> {
    /// GET, HEAD, OPTIONS, PUT, DELETE, POST or PATCH.
    pub method: &'a str,
    /// Where.
    pub url: &'a str,
    /// Headers of the program's.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; GET, HEAD and OPTIONS have none.
    pub body: Option<&'a [u8]>,
}

/// The same, checked and kept.
struct Prepared {
    method: &'static str,
    repeatable: bool,
    target: Target,
    headers: Vec<(String, Secret)>,
    body: Option<SecretBytes>,
}

impl Session {
    /// Calls an API with the user's access token, refreshed before if need be.
    /// A token that the API refuses is refreshed once, and the request sent
    /// once more if its method allows that. Redirects are not followed. Every
    /// HTTP status is a success. Blocks.
    pub fn call(&self, ask: &ApiCall<'_>) -> Result<Response, Error> {
        let prepared = self.prepare(ask)?;
        let call = self.client.call();
        let outcome =
            self.client.0.run_as(&call, &"API call", || send(&self.client.0, &self.shared, &call, &prepared))?;
        match outcome {
            Outcome::Response(response) => Ok(response),
            _ => Err(Error::new(Reason::Bug, "An API call yielded no response")),
        }
    }

    /// The same beside the program.
    pub fn request_call(&self, ask: &ApiCall<'_>) -> Result<Request, Error> {
        let prepared = self.prepare(ask)?;
        let (Client(client), shared) = (self.client.clone(), self.shared.clone());
        let work = move |call: &Arc<Call>| client.run_as(call, &"API call", || send(&client, &shared, call, &prepared));
        Ok(self.client.request(Yields::Response, Box::new(work)))
    }

    fn prepare(&self, ask: &ApiCall<'_>) -> Result<Prepared, Error> {
        let known = METHODS.into_iter().find(|(method, _)| *method == ask.method);
        let (method, repeatable) = known.ok_or_else(|| {
            Error::argument("method must be GET, HEAD, OPTIONS, PUT, DELETE, POST or PATCH, in capitals")
        })?;
        let endpoint = Endpoint::parse("url", ask.url)?;
        if !self.client.0.options.allows(&endpoint.origin) {
            let what = format_args!("The user's access token may not be sent to {}", endpoint.origin);
            return Err(Error::new(Reason::OriginNotAllowed, what));
        }
        if ask.body.is_some() && matches!(method, "GET" | "HEAD" | "OPTIONS") {
            return Err(Error::argument(format_args!("{method} has no body")));
        }
        let mut headers = Vec::with_capacity(ask.headers.len());
        for (name, value) in ask.headers {
            limits::name("header name", name)?;
            // RFC 9110, 5.6.2.
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            if !name.bytes().all(allowed) {
                return Err(Error::argument(format_args!("header {name:?} has a name that HTTP does not allow")));
            }
            if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
                return Err(Error::argument(format_args!("header {name:?} is this library's own")));
            }
            if value.len() > limits::TEXT || !value.bytes().all(|byte| byte == b'\t' || byte >= b' ' && byte != 0x7f) {
                return Err(Error::argument(format_args!("header {name:?} is too long or has a control character")));
            }
            headers.push((name.to_ascii_lowercase(), Secret::kept(value)));
        }
        let body = ask.body.map(|body| {
            let mut kept = SecretBytes::with_capacity(body.len());
            kept.push(body);
            kept
        });
        Ok(Prepared { method, repeatable, target: Target::new(endpoint)?, headers, body })
    }
}

fn send(client: &Inner, shared: &Arc<Shared>, call: &Arc<Call>, prepared: &Prepared) -> Result<Outcome, Error> {
    let mut may_repeat = prepared.repeatable;
    let api = prepared.target.endpoint().to_string();
    loop {
        let patience = Patience::Call { call, host: !call.is_beside() };
        let held = shared.held(0, patience)?;
        let token = held.as_ref().and_then(|held| held.access_token.as_ref());
        let token = token.ok_or_else(|| Error::new(Reason::Bug, "A wait ended without a token"))?.expose();
        bearer_token("access_token", token)?;
        let answer = ask(client, call, prepared, token)?;
        let again = shared.told_by_api(token, &api, is_refusal(client, &answer));
        if !again || !std::mem::take(&mut may_repeat) {
            let Answer { status, headers, body, .. } = answer;
            return Ok(Outcome::Response(Response { status, headers, body }));
        }
    }
}

fn ask(client: &Inner, call: &Arc<Call>, prepared: &Prepared, token: &str) -> Result<Answer, Error> {
    let authorization = bearer(token);
    let headers: Vec<_> = prepared.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    let ask = Ask {
        method: prepared.method,
        headers: &headers,
        body: prepared.body.as_ref().map(SecretBytes::expose),
        whole: true,
        ..Ask::get(Some(&authorization))
    };
    client.ask(call, &"API call", &prepared.target, &ask)
}

/// Whether the API did not take the token: 401 (RFC 6750, 3.1), or a number
/// that says so.
fn is_refusal(client: &Inner, answer: &Answer) -> bool {
    let said = || {
        let members = Members::parse(answer.body.expose())?;
        let code = members.first(&["ErrorCode", "errorCode"]).and_then(json::integer)?;
        client.options.profile.provider_reason(code)
    };
    answer.status == 401 || (answer.status >= 400 && said() == Some(Reason::TokenRefused))
}
