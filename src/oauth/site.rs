//! Where a client's endpoints are: set, or derived from LoginRadius' site and
//! application.

use super::choices::{AppKind, EndpointKind};
use super::error::Error;
use super::options::Options;
use super::url::{Endpoint, Origin};

const KINDS: [EndpointKind; 5] =
    [EndpointKind::Token, EndpointKind::Revoke, EndpointKind::Userinfo, EndpointKind::Jwks, EndpointKind::Identity];

/// Where the URLs come from.
#[derive(Clone, Debug)]
pub(super) enum Site {
    LoginRadius { site: Origin, app: String, kind: AppKind },
    Other,
}

impl Options {
    /// The URL of an endpoint, set or derived.
    pub fn endpoint(&self, wanted: EndpointKind) -> Option<Endpoint> {
        let set = self.endpoints.iter().find(|(kind, _)| *kind == wanted);
        if let Some((_, endpoint)) = set {
            return Some(endpoint.clone());
        }
        let Site::LoginRadius { site, app, kind } = &self.site else {
            return None;
        };
        let kind_path = match kind {
            AppKind::Oauth => "oauth",
            AppKind::Oidc => "oidc",
        };
        match wanted {
            EndpointKind::Token => Some(site.endpoint(format!("/api/{kind_path}/{app}/token"))),
            EndpointKind::Revoke => Some(site.endpoint(format!("/api/{kind_path}/{app}/revoke"))),
            EndpointKind::Userinfo if *kind == AppKind::Oauth => None,
            EndpointKind::Userinfo => Some(site.endpoint(format!("/service/oidc/{app}/userinfo"))),
            EndpointKind::Jwks => Some(site.endpoint(format!("/service/{kind_path}/{app}/jwks"))),
            EndpointKind::Identity => {
                let host = "api.loginradius.com".into();
                Some(Origin { https: true, host, port: 443 }.endpoint("/".to_owned()))
            }
        }
    }

    /// The origins of these endpoints, and those the program added.
    fn origins_of(&self, mut is_one: impl FnMut(EndpointKind) -> bool) -> Vec<Origin> {
        let kinds = KINDS.into_iter().filter(|kind| is_one(*kind));
        let endpoints = kinds.filter_map(|kind| self.endpoint(kind)).map(|endpoint| endpoint.origin);
        endpoints.chain(self.api_origins.iter().cloned()).collect()
    }

    /// Those that this client talks to by itself: LoginRadius' identity host
    /// wants a key.
    pub(crate) fn origins(&self) -> Vec<Origin> {
        self.origins_of(|kind| kind != EndpointKind::Identity || self.api_key.is_some())
    }

    /// Whether an access token may be sent there: to the site, to whoever says
    /// who the user is, and where the program said.
    pub(crate) fn allows(&self, origin: &Origin) -> bool {
        let kinds = [EndpointKind::Token, EndpointKind::Userinfo, EndpointKind::Identity];
        let endpoints = kinds.into_iter().filter_map(|kind| self.endpoint(kind));
        endpoints.map(|endpoint| endpoint.origin).any(|known| known == *origin) || self.api_origins.contains(origin)
    }

    /// A pin or certificate for an origin that is never talked to is a typing
    /// error that would switch pinning off in silence.
    pub(crate) fn check_origins(&self) -> Result<(), Error> {
        let known = self.origins_of(|_| true);
        let pinned = self.pins.iter().map(|(origin, _)| origin);
        let named = pinned.chain(self.certificates.iter().map(|(origin, _)| origin));
        match named.into_iter().find(|origin| !known.contains(origin)) {
            Some(origin) => {
                Err(Error::argument(format_args!("no endpoint is at {origin}, which has a pin or certificate")))
            }
            None => Ok(()),
        }
    }

    /// The scope to send: the one set, or `openid` for an OIDC application.
    pub(crate) fn scope_to_send(&self) -> Option<&str> {
        match (&self.scope, &self.site) {
            (Some(scope), _) => Some(scope),
            (None, Site::LoginRadius { kind: AppKind::Oidc, .. }) => Some("openid"),
            _ => None,
        }
    }
}
