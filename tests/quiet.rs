//! Every operation, met by every kind of answer, shows nothing of what it was
//! given and of what it got: no password, secret, key or token stands in an
//! error, a log line of any level or a `Debug`.

mod common;

use std::fmt::Debug;

use base64::prelude::{BASE64_STANDARD, Engine};
use common::after::{Lines, answer, say, taken, texts};
use common::issued;
use common::session::identity;
use common::trouble::soon;
use common::{client, loginradius, trusting};
use ropc::oauth::store::{HostStore, Store};
use ropc::oauth::{
    ApiCall, AppKind, Client, EndpointKind, Error, Hint, Options, Request, Secret, SecretMethod, Session,
};
use serde_json::{Value, json};
use standin::{After, CLIENT, SECRET_CLIENT, Seen, Standin};

const PASSWORD: &str = "Canary-password";
const SECRET: &str = "Canary-secret";
const KEY: &str = "Canary-key";
const REFRESH: &str = "Canary-refresh";
const ACCESS: &str = "Canary-access";
const BODY: &str = "Canary-body";

/// Everything that is asked for here.
const PATHS: [&str; 14] = [
    "/api/oidc/demo/token",
    "/api/oidc/demo/revoke",
    "/service/oidc/demo/userinfo",
    "/service/oidc/demo/jwks",
    "/identity/v2/auth/account",
    "/identity/v2/auth/access_token/validate",
    "/identity/v2/auth/access_token/invalidate",
    "/api/any",
    "/token",
    "/revoke",
    "/userinfo",
    "/jwks",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
];

/// What a server may do.
const MANNERS: [&str; 7] = ["success", "echo 200", "echo 403", "echo 500", "redirect", "page", "cut"];

/// Answers in this manner, at every path.
fn behave(server: &Standin, manner: &'static str, id_token: &str) {
    let success = json!({
        "access_token": "Canary-new-access",
        "token_type": "Bearer",
        "refresh_token": "Canary-new-refresh",
        "id_token": id_token,
        "more": "Canary-more",
        "expires_in": 900,
        "sub": "Canary-sub",
        "IsPosted": true,
        "keys": [],
    });
    let origin = server.https();
    for path in PATHS {
        let (success, origin) = (success.to_string(), origin.clone());
        server.script_path(path, move |wire, seen| {
            let echoed = echo(seen);
            let text = match manner {
                "success" => answer("200 OK", "X-Answer: Canary-header\r\n", &success),
                "echo 200" => answer("200 OK", "", &echoed),
                "echo 403" => answer("403 No", "", &echoed),
                "echo 500" => answer("500 Oh", "", &echoed),
                "redirect" => answer("302 Found", &format!("Location: {origin}{}\r\n", seen.target), ""),
                "page" => answer("200 OK", "Content-Type: text/html\r\n", "<html>Canary</html>"),
                _ => return After::Cut,
            };
            say(wire, &text)
        });
    }
}

/// A refusal that says again all that was sent, each part for itself: a text
/// with two secrets in it would be withheld for either.
fn echo(seen: &Seen) -> String {
    let mut said = json!({"error": "invalid_request", "access_token": "Canary-new", "refresh_token": "Canary-new"});
    let body = seen.text();
    let form = || body.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned()).collect();
    let sent: Vec<String> = match serde_json::from_str::<Value>(&body) {
        Ok(Value::Object(members)) => members.values().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => form(),
    };
    let heads = [seen.header("authorization").map(str::to_owned), seen.query("apikey")];
    for (at, text) in sent.into_iter().chain(heads.into_iter().flatten()).enumerate() {
        said[format!("sent {at}")] = json!({"again": text});
        // The last one stands in these, each of them once.
        for name in ["error_description", "Message", "Description"] {
            said[name] = json!(format!("What is {text}?"));
        }
    }
    said.to_string()
}

/// Shows an outcome as a program may log it.
fn show<T: Debug>(result: Result<T, Error>) -> String {
    match result {
        Ok(value) => format!("{value:?}\n"),
        Err(error) => texts(&error),
    }
}

/// What every operation of `client` shows.
fn run(client: &Client, url: &str, id_token: &str) -> String {
    let mut shown = String::new();
    shown += &show(soon(|| client.login("ada", PASSWORD)));
    shown += &show(taken(client.request_login("ada", PASSWORD), Request::take_tokens));
    shown += &show(client.grant("exchange_token", &[("token", ACCESS)]));
    shown += &show(client.refresh(REFRESH));
    shown += &show(taken(client.request_refresh(REFRESH), Request::take_tokens));
    for (token, hint) in [(REFRESH, Hint::Refresh), (ACCESS, Hint::Access)] {
        shown += &show(client.revoke(token, hint));
        shown += &show(taken(client.request_revoke(token, hint), Request::take_done));
    }
    shown += &show(client.userinfo(ACCESS));
    shown += &show(taken(client.request_userinfo(ACCESS), Request::take_text));
    shown += &show(client.profile(ACCESS, Some("Uid")));
    shown += &show(taken(client.request_profile(ACCESS, None), Request::take_text));
    shown += &show(client.validate(ACCESS));
    shown += &show(taken(client.request_validate(ACCESS), Request::take_tokens));
    shown += &show(client.invalidate(ACCESS));
    shown += &show(taken(client.request_invalidate(ACCESS), Request::take_done));
    shown += &show(client.verify_id_token(id_token, Some(ACCESS), Some("Canary-nonce")));
    shown += &show(taken(client.request_verify_id_token(id_token, None, None), Request::take_text));
    shown + &run_session(client, url)
}

/// What a session shows, from its beginning to its end.
fn run_session(client: &Client, url: &str) -> String {
    let mut shown = show(Session::login(client, "ada", PASSWORD, None, None).map(|_| ()));
    let store = std::sync::Arc::new(Store::Host(HostStore::new(None)));
    let record = record(client);
    if let Store::Host(host) = &*store {
        shown += &show(host.give("ada", &record));
    }
    let session = match Session::resume(client, store.clone(), "ada") {
        Ok(session) => session,
        Err(error) => panic!("{error:?}"),
    };
    let ask = ApiCall { method: "POST", url, headers: &[("X-Key", KEY)], body: Some(BODY.as_bytes()) };
    shown += &show(session.token(0, 10_000, |held| format!("{held:?}")));
    shown += &show(session.call(&ask));
    shown += &show(session.request_call(&ask).and_then(|request| taken(Ok(request), Request::take_response)));
    shown += &show(session.expire(ACCESS));
    shown += &show(session.refresh(true, 10_000));
    shown += &show(session.pending());
    shown += &show(session.call(&ask));
    shown += &show(session.status());
    shown += &show(session.sign_out());
    shown + &format!("{:?}{store:?}{:?}", show(session.status()), show(session.call(&ask)))
}

/// What a store has of a session with [`ACCESS`] and [`REFRESH`].
fn record(client: &Client) -> String {
    let tokens = ropc::oauth::Tokens {
        access_token: Secret::new(ACCESS),
        token_type: "Bearer".to_owned(),
        refresh_token: Some(Secret::new(REFRESH)),
        id_token: None,
        scope: None,
        expires_at: 0,
        received_at: 0,
        server_date_at: 0,
        extras: Vec::new(),
    };
    let store = std::sync::Arc::new(Store::Host(HostStore::new(None)));
    let session = Session::new(client, tokens, Some(store), "ada").expect("a session");
    session.pending().expect("not in a save").expect("something to save").expose().to_owned()
}

/// Both kinds of server, each with all that can be set.
fn settings(server: &Standin) -> Vec<Options> {
    let mut oidc = identity(loginradius(server), server);
    oidc.set_app_kind(AppKind::Oidc).expect("LoginRadius");
    let mut other = trusting(server, Options::oauth2(&format!("{}/token", server.https()), SECRET_CLIENT));
    for (kind, path) in
        [(EndpointKind::Revoke, "/revoke"), (EndpointKind::Userinfo, "/userinfo"), (EndpointKind::Jwks, "/jwks")]
    {
        other.set_endpoint(kind, &format!("{}{path}", server.https())).expect("a URL");
    }
    let mut all = Vec::new();
    for method in [SecretMethod::Post, SecretMethod::Basic, SecretMethod::BasicRaw] {
        for mut options in [oidc.clone(), other.clone()] {
            options.set_secret(SECRET, method).expect("a secret");
            options.set_api_key(KEY).expect("a key");
            options.set_issuer(&server.https()).expect("an issuer");
            all.push(options);
        }
    }
    all
}

#[test]
fn no_operation_shows_what_is_secret_whatever_it_meets() {
    let server = Standin::start();
    let id_token = issued::id_token(&server, json!({"sub": "Canary-subject", "aud": CLIENT}), false);
    let (_, claims_and_signature) = id_token.split_once('.').expect("a JWT");
    let url = format!("{}/api/any?key=Canary-query", server.https());
    // The secrets as they are; in Basic; and the ID token.
    let basic = BASE64_STANDARD.encode(format!("{SECRET_CLIENT}:{SECRET}"));
    let words = ["Canary", &basic[..24], &claims_and_signature[..24], "Q2FuYXJ5"];
    for manner in MANNERS {
        behave(&server, manner, &id_token);
        for mut options in settings(&server) {
            let lines = Lines::of(&mut options);
            let client = client(&options);
            let mut shown = format!("{options:?}") + &run(&client, &url, &id_token);
            let mut undiscovered = trusting(&server, Options::undiscovered(CLIENT));
            undiscovered.set_secret(SECRET, SecretMethod::Post).expect("a secret");
            let asked = Lines::of(&mut undiscovered);
            shown += &show(undiscovered.discover(&server.https(), true));
            shown += &lines.text();
            shown += &asked.text();
            for name in ["grant password", "refresh", "revoke", "userinfo", "API call", "sign out", "discover"] {
                assert!(shown.contains(&format!("{name}: ")), "{manner}: nothing of {name}:\n{shown}");
            }
            for word in words {
                let line = shown.lines().find(|line| line.contains(word));
                assert!(line.is_none(), "{manner} shows {word:?}: {}", line.unwrap_or_default());
            }
        }
    }
}
