//! Asking a server where its endpoints are (RFC 8414; OpenID Connect
//! Discovery).

use std::sync::Arc;

use super::answer::{Expects, Sent};
use super::call::Call;
use super::choices::EndpointKind;
use super::client::Inner;
use super::error::Error;
use super::http::{Ask, Target};
use super::json::{self, Members};
use super::operation::Exchange;
use super::options::Options;
use super::reason::Reason;
use super::request::{Outcome, Request, Yields};
use super::secret::Secret;
use super::site::Site;
use super::url::{Endpoint, Origin};

/// What the metadata calls the endpoints.
const NAMES: [(&str, EndpointKind); 4] = [
    ("token_endpoint", EndpointKind::Token),
    ("revocation_endpoint", EndpointKind::Revoke),
    ("userinfo_endpoint", EndpointKind::Userinfo),
    ("jwks_uri", EndpointKind::Jwks),
];

/// Who is asked, and how far its answer is trusted.
struct Issuer {
    name: String,
    endpoint: Endpoint,
    other_hosts: bool,
}

impl Options {
    /// These settings with the endpoints that `issuer` names and that are not
    /// set yet, and with `issuer` as the issuer of its tokens. Endpoints at
    /// other hosts than the issuer's are refused unless `other_hosts`. Reads the
    /// environment for a proxy, as [`Client::new`](super::Client::new) does.
    /// Blocks.
    pub fn discover(&self, issuer: &str, other_hosts: bool) -> Result<Options, Error> {
        let issuer = self.issuer(issuer, other_hosts)?;
        let asker = self.asker(&issuer)?;
        let call = Arc::new(Call::new(asker.time_limits()));
        match asker.run_as(&call, &"discover", || asker.discover(&call, &issuer))? {
            Outcome::Options(options) => Ok(*options),
            _ => Err(Error::new(Reason::Bug, "Discovery yielded no settings")),
        }
    }

    /// The same beside the program.
    pub fn request_discover(&self, issuer: &str, other_hosts: bool) -> Result<Request, Error> {
        let issuer = self.issuer(issuer, other_hosts)?;
        let asker = self.asker(&issuer)?;
        let (owner, limits, log) = (asker.owner, asker.time_limits(), asker.log.clone());
        let work = move |call: &Arc<Call>| asker.run_as(call, &"discover", || asker.discover(call, &issuer));
        Ok(Request::new(owner, limits, log, Yields::Options, Box::new(work)))
    }

    /// Who asks: it talks to the issuer, whatever endpoints are known already.
    fn asker(&self, issuer: &Issuer) -> Result<Inner, Error> {
        Inner::new(self, std::slice::from_ref(&issuer.endpoint.origin))
    }

    /// RFC 8414, 2: a URL without query and fragment.
    fn issuer(&self, issuer: &str, other_hosts: bool) -> Result<Issuer, Error> {
        if matches!(self.site, Site::LoginRadius { .. }) {
            return Err(Error::new(
                Reason::Unsupported,
                "LoginRadius' endpoints follow from site and application; nothing is to be discovered",
            ));
        }
        let endpoint = Endpoint::parse("issuer", issuer)?;
        if issuer.contains('?') {
            return Err(Error::argument("issuer must not have a query"));
        }
        Ok(Issuer { name: issuer.to_owned(), endpoint, other_hosts })
    }
}

impl Inner {
    fn discover(&self, call: &Arc<Call>, issuer: &Issuer) -> Result<Outcome, Error> {
        let (openid, oauth) = issuer.places();
        let metadata = match self.metadata(call, openid) {
            // The other place is another document, and may be the only one; a
            // portal page counts as none.
            Err(error)
                if matches!(error.http_status, 404 | 405 | 410) || error.reason == Reason::AnswerNotUnderstood =>
            {
                self.metadata(call, oauth)?
            }
            result => result?,
        };
        let endpoints = issuer.endpoints(metadata.expose()).map_err(Error::in_answer)?;
        let mut options = self.options.clone();
        for (kind, endpoint) in endpoints {
            if options.endpoint(kind).is_none() {
                options.endpoints.push((kind, endpoint));
            }
        }
        options.issuer = Some(issuer.name.clone());
        Ok(Outcome::Options(Box::new(options)))
    }

    fn metadata(&self, call: &Arc<Call>, place: Endpoint) -> Result<Secret, Error> {
        let target = Target::new(place)?;
        let ask = Ask::get(None);
        let (sent, expects) = (Sent::Nothing, Expects::Object);
        let exchange = Exchange { name: &"discover", target: &target, ask, sent, expects, params: &[] };
        self.exchange(call, &exchange)?.into_text()
    }
}

impl Issuer {
    /// Where its metadata may be: for OpenID Connect behind its path, for RFC
    /// 8414 (3.1) before it.
    fn places(&self) -> (Endpoint, Endpoint) {
        let origin: &Origin = &self.endpoint.origin;
        let path = self.endpoint.path_and_query.trim_end_matches('/');
        (
            origin.endpoint(format!("{path}/.well-known/openid-configuration")),
            origin.endpoint(format!("/.well-known/oauth-authorization-server{path}")),
        )
    }

    /// The endpoints in the metadata of this issuer, and of no other.
    fn endpoints(&self, metadata: &str) -> Result<Vec<(EndpointKind, Endpoint)>, Error> {
        let members = Members::parse(metadata.as_bytes())
            .ok_or_else(|| Error::new(Reason::AnswerNotUnderstood, "The metadata is no JSON object"))?;
        // RFC 8414, 3.3: character by character.
        let named = members.get("issuer").and_then(json::string);
        if named.as_deref() != Some(self.name.as_str()) {
            let what = "The metadata names another issuer than the one asked for, and is not used";
            return Err(Error::new(Reason::OtherIssuer, what));
        }
        let mut endpoints = Vec::with_capacity(NAMES.len());
        for (name, kind) in NAMES {
            let Some(value) = members.get(name) else {
                continue;
            };
            let unusable = || Error::new(Reason::AnswerNotUnderstood, format_args!("The metadata's {name} is no URL"));
            let url = json::string(value).ok_or_else(unusable)?;
            // Whatever is wrong with it is the server's fault, not the program's.
            let endpoint = Endpoint::parse(name, &url).map_err(|_| unusable())?;
            if self.endpoint.origin.https && !endpoint.origin.https {
                let what = format_args!("The metadata's {name} is not https");
                return Err(Error::new(Reason::AnswerNotUnderstood, what));
            }
            if endpoint.origin != self.endpoint.origin && !self.other_hosts {
                let what =
                    format_args!("The metadata's {name} is at {}, another host than the issuer's", endpoint.origin);
                return Err(Error::new(Reason::OtherHost, what));
            }
            endpoints.push((kind, endpoint));
        }
        Ok(endpoints)
    }
}
