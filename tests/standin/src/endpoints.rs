//! Which path is what, and every endpoint but the token endpoint.

use serde_json::{Value, json};

use crate::door::{Door, Kind, SECRET_CLIENT};
use crate::grants::Access;
use crate::http::{Answer, Seen, unescape};
use crate::hub::Hub;
use crate::token::{self, Reply};
use crate::{clock, errors, jwt};

/// The API key of the identity endpoints.
pub const API_KEY: &str = "standin-api-key";

/// The apps that exist.
pub const APPS: [&str; 2] = ["demo", "my app"];

/// Answers a request.
pub(crate) fn answer(hub: &Hub, seen: &Seen) -> Reply {
    let segments: Vec<&str> = seen.path().split('/').skip(1).collect();
    let plain = match segments[..] {
        ["token"] => return post(seen, |seen| token::answer(hub, &generic(hub, seen, false), seen)),
        ["token-raw"] => {
            return post(seen, |seen| token::answer(hub, &generic(hub, seen, true), seen));
        }
        ["revoke"] => return post(seen, |seen| revoke(hub, &generic(hub, seen, false), seen)),
        ["api", side @ ("oauth" | "oidc"), app, what] => {
            return match (door(hub, seen, side, app), what) {
                (None, _) => Reply::Plain(no_app()),
                (Some(door), "token") => post(seen, |seen| token::answer(hub, &door, seen)),
                (Some(door), "revoke") => post(seen, |seen| revoke(hub, &door, seen)),
                (Some(door), "introspect") => post(seen, |seen| introspect(hub, &door, seen)),
                _ => Reply::Plain(not_found()),
            };
        }
        ["oauth", app, ".well-known", "oauth-authorization-server"] => metadata(hub, seen, "oauth", app),
        ["service", "oidc", app, ".well-known", "openid-configuration"] => metadata(hub, seen, "oidc", app),
        ["service", "oauth" | "oidc", app, "jwks"] if app_exists(app) => Answer::json(200, &jwt::key_set()),
        ["service", "oidc", app, "userinfo"] if app_exists(app) => userinfo(hub, seen),
        ["service", _, app, _] if !app_exists(app) => no_app(),
        ["identity", "v2", "auth", ..] => identity(hub, seen, &segments[3..]),
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

fn post(seen: &Seen, serve: impl FnOnce(&Seen) -> Reply) -> Reply {
    if seen.method == "POST" {
        return serve(seen);
    }
    Reply::Plain(Answer::empty(405).with("Allow", "POST"))
}

fn not_found() -> Answer {
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

fn generic(hub: &Hub, seen: &Seen, raw: bool) -> Door {
    Door { kind: if raw { Kind::GenericRaw } else { Kind::Generic }, oidc: false, issuer: hub.origin(seen.tls) }
}

fn revoke(hub: &Hub, door: &Door, seen: &Seen) -> Reply {
    let answer = match door.admit(seen) {
        Err(refusal) => *refusal,
        Ok((params, _)) => match params.get("token").or(params.get("refresh_token")) {
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
            let live = |access: &&Access| access.expires > clock::now();
            let body = match (grants.access(token).filter(live), grants.live_refresh(token)) {
                (Some(access), _) => json!({
                    "active": true,
                    "sub": access.subject.id(),
                    "username": access.subject.user,
                    "client_id": access.subject.client,
                    "scope": access.subject.scope,
                    "iss": access.subject.issuer,
                    "token_type": "Bearer",
                    "exp": access.expires,
                }),
                (None, Some(subject)) => json!({
                    "active": true,
                    "sub": subject.id(),
                    "client_id": subject.client,
                }),
                (None, None) => json!({"active": false}),
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
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported":
                ["none", "client_secret_post", "client_secret_basic"],
        }),
    )
}

fn bearer(seen: &Seen) -> Option<&str> {
    let (kind, token) = seen.header("authorization")?.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then_some(token)
}

fn userinfo(hub: &Hub, seen: &Seen) -> Answer {
    let grants = hub.grants.lock().expect("held for an instant");
    let access = bearer(seen).and_then(|token| grants.access(token));
    match access.filter(|access| access.expires > clock::now()) {
        Some(access) => Answer::json(
            200,
            &json!({
                "sub": access.subject.id(),
                "preferred_username": access.subject.user,
                "email": access.subject.email(),
                "email_verified": true,
            }),
        ),
        None => Answer::json(401, &json!({"error": "invalid_token"}))
            .with("WWW-Authenticate", "Bearer error=\"invalid_token\""),
    }
}

/// The identity API: access token and API key, and errors of its own.
fn identity(hub: &Hub, seen: &Seen, what: &[&str]) -> Answer {
    if seen.method != "GET" {
        return Answer::empty(405).with("Allow", "GET");
    }
    if seen.query("apikey").as_deref() != Some(API_KEY) {
        return errors::vendor(403, 901, "The API key is not valid");
    }
    let mut grants = hub.grants.lock().expect("held for an instant");
    let token = bearer(seen).unwrap_or_default();
    let Some(access) = grants.access(token).cloned() else {
        return errors::vendor(403, 905, "The access token is not valid");
    };
    if access.expires <= clock::now() {
        return errors::vendor(403, 906, "The access token has expired");
    }
    match what {
        ["account"] => Answer::json(200, &profile(&access, seen.query("fields"))),
        ["access_token", "validate"] => Answer::json(
            200,
            &json!({
                "access_token": token,
                "expires_in": clock::iso_date(access.expires),
            }),
        ),
        ["access_token", "invalidate"] => {
            let prevent_refresh = seen.query("preventRefresh").as_deref() == Some("true");
            grants.invalidate(token, prevent_refresh);
            Answer::json(200, &json!({"IsPosted": true}))
        }
        _ => not_found(),
    }
}

fn profile(access: &Access, fields: Option<String>) -> Value {
    let subject = &access.subject;
    let mut profile = json!({
        "Uid": subject.id(),
        "ID": subject.id(),
        "UserName": subject.user,
        "FirstName": subject.user,
        "LastName": null,
        "FullName": subject.user,
        "Email": [{"Type": "Primary", "Value": subject.email()}],
        "EmailVerified": true,
        "PhoneId": null,
        "PhoneIdVerified": false,
        "Provider": "Email",
        "IsActive": true,
        "NoOfLogins": 1,
        "CustomFields": null,
        "LastLoginDate": clock::iso_date(clock::now()),
    });
    if let (Some(fields), Value::Object(members)) = (fields, &mut profile) {
        members.retain(|name, _| fields.split(',').any(|field| field == name));
    }
    profile
}
