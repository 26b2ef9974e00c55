//! The generic side: issuers as RFC 8414 and OpenID Connect know them, told
//! apart by the path behind the origin.

use serde_json::json;

use crate::door::{Door, Kind};
use crate::endpoints::{self, post};
use crate::http::{Answer, Seen};
use crate::hub::Hub;
use crate::token::{self, Reply};

/// The issuers, as what follows the origin. The names of the last three say
/// what is wrong with their metadata, or where it is missing.
pub const ISSUERS: [&str; 5] = ["", "/tenant/a", "/wrong-issuer", "/other-host", "/only8414"];

/// Answers what belongs to one of the issuers; None if nothing does.
pub(crate) fn answer(hub: &Hub, seen: &Seen) -> Option<Reply> {
    ISSUERS.iter().find_map(|issuer| answer_as(hub, seen, issuer))
}

fn answer_as(hub: &Hub, seen: &Seen, issuer: &str) -> Option<Reply> {
    // RFC 8414, 3.1: the well-known part goes between origin and path.
    if seen.path().strip_prefix("/.well-known/oauth-authorization-server") == Some(issuer) {
        return Some(Reply::Plain(metadata(hub, seen, issuer)));
    }
    let door = |kind| Door { kind, oidc: false, issuer: hub.origin(seen.tls) + issuer };
    let what = seen.path().strip_prefix(issuer)?.strip_prefix('/')?;
    let plain = match what {
        // OpenID Connect Discovery, 4: it goes behind the path.
        ".well-known/openid-configuration" if issuer != "/only8414" => metadata(hub, seen, issuer),
        "token" => return Some(post(seen, |seen| token::answer(hub, &door(Kind::Generic), seen))),
        "token-raw" => return Some(post(seen, |seen| token::answer(hub, &door(Kind::GenericRaw), seen))),
        "revoke" | "revoke-503" | "revoke-unsupported" => {
            return Some(post(seen, |seen| endpoints::revoke(hub, &door(Kind::Generic), seen, what)));
        }
        "userinfo" => endpoints::userinfo(hub, seen),
        "jwks" => endpoints::key_set(hub),
        _ => return None,
    };
    Some(Reply::Plain(plain))
}

fn metadata(hub: &Hub, seen: &Seen, issuer: &str) -> Answer {
    let origin = hub.origin(seen.tls);
    let named = if issuer == "/wrong-issuer" { "/somebody-else" } else { issuer };
    let host = if issuer == "/other-host" { other_host(&origin) } else { origin.clone() };
    let at = |what: &str| format!("{host}{issuer}/{what}");
    Answer::json(
        200,
        &json!({
            "issuer": format!("{origin}{named}"),
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "revocation_endpoint": at("revoke"),
            "userinfo_endpoint": at("userinfo"),
            "jwks_uri": at("jwks"),
            "scopes_supported": ["openid"],
            "response_types_supported": ["code", "token"],
            "grant_types_supported": ["password", "refresh_token", "client_credentials"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "token_endpoint_auth_methods_supported":
                ["none", "client_secret_post", "client_secret_basic"],
        }),
    )
}

/// The same listener by its other name, which its certificate has, too.
fn other_host(origin: &str) -> String {
    let (name, address) = ("localhost", "127.0.0.1");
    if origin.contains(name) { origin.replace(name, address) } else { origin.replace(address, name) }
}
