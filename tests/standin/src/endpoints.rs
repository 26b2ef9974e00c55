//! Which path is what, and every endpoint but the token endpoint.

use serde_json::json;

use crate::door::{Door, Kind, SECRET_CLIENT};
use crate::grants::{Access, Useless};
use crate::http::{Answer, Seen, unescape};
use crate::hub::Hub;
use crate::token::{self, Reply};
use crate::{api, errors, identity, issuers};

/// The apps that exist. The last two refuse to revoke, as their names say.
pub const APPS: [&str; 4] = ["demo", "my app", "revoke-503", "revoke-unsupported"];

/// Answers a request.
pub(crate) fn answer(hub: &Hub, seen: &Seen) -> Reply {
    if let Some(reply) = issuers::answer(hub, seen) {
        return reply;
    }
    let segments: Vec<&str> = seen.path().split('/').skip(1).collect();
    let plain = match segments[..] {
        ["api", what] => return api::answer(hub, seen, what),
        ["api", side @ ("oauth" | "oidc"), app, what] => {
            return match (door(hub, seen, side, app), what) {
                (None, _) => Reply::Plain(no_app()),
                (Some(door), "token") => post(seen, |seen| token::answer(hub, &door, seen)),
                (Some(door), "revoke") => post(seen, |seen| revoke(hub, &door, seen, app)),
                (Some(door), "introspect") => post(seen, |seen| introspect(hub, &door, seen)),
                _ => Reply::Plain(not_found()),
            };
        }
        ["oauth", app, ".well-known", "oauth-authorization-server"] => metadata(hub, seen, "oauth", app),
        ["service", "oidc", app, ".well-known", "openid-configuration"] => metadata(hub, seen, "oidc", app),
        ["service", "oauth" | "oidc", app, "jwks"] if app_exists(app) => key_set(hub),
        ["service", "oidc", app, "userinfo"] if app_exists(app) => userinfo(hub, seen),
        ["service", _, app, _] if !app_exists(app) => no_app(),
        ["identity", "v2", "auth", ..] => identity::answer(hub, seen, &segments[3..]),
        ["stolen"] => Answer::html(200, "Thank you for the password"),
        _ => not_found(),
    };
    Reply::Plain(plain)
}

/// The request goes to a token endpoint, which a script may take over.
pub(crate) fn is_token(seen: &Seen) -> bool {
    let last = seen.path().rsplit('/').next();
    matches!(last, Some("token" | "token-raw"))
}

pub(crate) fn post(seen: &Seen, serve: impl FnOnce(&Seen) -> Reply) -> Reply {
    if seen.method == "POST" {
        return serve(seen);
    }
    Reply::Plain(Answer::empty(405).with("Allow", "POST"))
}

pub(crate) fn not_found() -> Answer {
    Answer::json(404, &json!({"Message": "Nothing is here"}))
}

fn no_app() -> Answer {
    errors::oauth(403, "unauthorized_client", "The app does not exist")
}

fn app_exists(segment: &str) -> bool {
    unescape(segment).is_some_and(|app| APPS.contains(&app.as_str()))
}

fn door(hub: &Hub, seen: &Seen, side: &str, app: &str) -> Option<Door> {
    app_exists(app).then(|| Door {
        kind: Kind::LoginRadius,
        oidc: side == "oidc",
        issuer: format!("{}/service/{side}/{app}", hub.origin(seen.tls)),
    })
}

/// Revokes, or refuses in this manner. The hint on the token's type helps
/// nobody here: both kinds are looked for.
pub(crate) fn revoke(hub: &Hub, door: &Door, seen: &Seen, manner: &str) -> Reply {
    let answer = match (manner, door.admit(seen)) {
        ("revoke-503", _) => Answer::empty(503).with("Retry-After", "7"),
        ("revoke-unsupported", _) => errors::oauth(400, "unsupported_token_type", "This is not revoked here"),
        (_, Err(refusal)) => *refusal,
        (_, Ok((params, _))) => match params.get("token").or(params.get("refresh_token")) {
            None => errors::oauth(400, "invalid_request", "token is missing"),
            Some(token) => {
                let mut grants = hub.grants.lock().expect("held for an instant");
                grants.revoke(token);
                Answer::empty(200)
            }
        },
    };
    Reply::Plain(answer)
}

fn introspect(hub: &Hub, door: &Door, seen: &Seen) -> Reply {
    let answer = match door.admit(seen) {
        Err(refusal) => *refusal,
        Ok((_, client)) if client != SECRET_CLIENT => {
            errors::oauth(401, "invalid_client", "A client secret is needed here")
        }
        Ok((params, _)) => {
            let token = params.get("token").unwrap_or_default();
            let grants = hub.grants.lock().expect("held for an instant");
            let body = match (grants.live_access(token), grants.live_refresh(token)) {
                (Ok(access), _) => json!({
                    "active": true,
                    "sub": access.subject.id(),
                    "username": access.subject.user,
                    "client_id": access.subject.client,
                    "scope": access.subject.scope,
                    "iss": access.subject.issuer,
                    "token_type": "Bearer",
                    "exp": access.expires_at,
                }),
                (Err(_), Some(subject)) => json!({
                    "active": true,
                    "sub": subject.id(),
                    "client_id": subject.client,
                }),
                (Err(_), None) => json!({"active": false}),
            };
            Answer::json(200, &body)
        }
    };
    Reply::Plain(answer)
}

/// As thin as the vendor's: `password` is not among the grants, and the
/// OAuth document names OpenID Connect addresses.
fn metadata(hub: &Hub, seen: &Seen, side: &str, app: &str) -> Answer {
    if !app_exists(app) {
        return no_app();
    }
    let origin = hub.origin(seen.tls);
    Answer::json(
        200,
        &json!({
            "issuer": format!("{origin}/service/{side}/{app}"),
            "authorization_endpoint": format!("{origin}/service/oidc/{app}/authorize"),
            "token_endpoint": format!("{origin}/api/oidc/{app}/token"),
            "revocation_endpoint": format!("{origin}/api/oidc/{app}/revoke"),
            "introspection_endpoint": format!("{origin}/api/oidc/{app}/introspect"),
            "userinfo_endpoint": format!("{origin}/service/oidc/{app}/userinfo"),
            "jwks_uri": format!("{origin}/service/oidc/{app}/jwks"),
            "response_types_supported": ["code", "token"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "token_endpoint_auth_methods_supported":
                ["none", "client_secret_post", "client_secret_basic"],
        }),
    )
}

/// The access token of a request.
pub(crate) fn bearer(seen: &Seen) -> Option<&str> {
    let (kind, token) = seen.header("authorization")?.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then_some(token)
}

/// What its access token is good for.
pub(crate) fn live_access(hub: &Hub, seen: &Seen) -> Result<Access, Useless> {
    let token = bearer(seen).ok_or(Useless::Unknown)?;
    let grants = hub.grants.lock().expect("held for an instant");
    grants.live_access(token).cloned()
}

pub(crate) fn userinfo(hub: &Hub, seen: &Seen) -> Answer {
    match live_access(hub, seen) {
        Ok(access) => Answer::json(
            200,
            &json!({
                "sub": access.subject.id(),
                "preferred_username": access.subject.user,
                "email": access.subject.email(),
                "email_verified": true,
            }),
        ),
        Err(_) => errors::invalid_token(),
    }
}

pub(crate) fn key_set(hub: &Hub) -> Answer {
    let grants = hub.grants.lock().expect("held for an instant");
    Answer::json(200, &grants.keys.set())
}
