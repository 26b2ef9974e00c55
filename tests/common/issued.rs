//! For tests of ID tokens: settings that expect them, and tokens made to
//! order.

use std::time::SystemTime;

use ropc::oauth::{EndpointKind, Options};
use serde_json::{Value, json};
use standin::{CLIENT, Standin};

use crate::common::generic;

/// Settings for the stand-in as an issuer of ID tokens, none discovered.
pub fn issuing(server: &Standin) -> Options {
    let mut options = generic(server);
    options.set_scope("openid").expect("a scope");
    options.set_issuer(&server.https()).expect("an issuer");
    options.set_endpoint(EndpointKind::Jwks, &format!("{}/jwks", server.https())).expect("a URL");
    options
}

/// Seconds since 1970.
pub fn now_at() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs()
}

/// The claims of a good ID token for ada, with these members set or, where
/// they are null, left out.
pub fn claims(server: &Standin, changes: Value) -> String {
    let now = now_at();
    let mut claims = json!({"iss": server.https(), "aud": CLIENT, "sub": "ada", "iat": now, "exp": now + 300});
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims.to_string()
}

/// A token with such claims, signed with the key that the server uses now.
pub fn id_token(server: &Standin, changes: Value, es256: bool) -> String {
    let algorithm = if es256 { "ES256" } else { "RS256" };
    let header = json!({"alg": algorithm, "kid": server.key_id(es256)});
    server.sign_jwt(&header.to_string(), &claims(server, changes), es256)
}
