//! Runs the rows that are an answer of a server: as a login and as a refresh,
//! each in one call and beside the program, at both kinds of server, with TLS
//! and without.

use std::sync::Arc;

use ropc::oauth::{
    Client, EndpointKind, Error, Hint, Options, REASONS, Reason, Request, Secret, Stage, Status, Tokens,
};
use standin::{After, CLIENT, PASSWORD, ReadWrite, Seen, Standin};

use crate::common::after::{answer, taken};
use crate::common::trouble::{SOON, soon};
use crate::common::{APP, client, expect_tokens, trusting};
use crate::table::Row;

/// An operation of a client, in one call or beside the program. A refresh gets
/// the refresh token, a login the user.
type Way = fn(&Client, &str) -> Result<Option<Tokens>, Error>;

/// The operations and their two ways, by the name that rows call them.
const OPERATIONS: &[(&str, [Way; 2])] = &[
    (
        "login",
        [
            |client, user| client.login(user, PASSWORD).map(Some),
            |client, user| taken(client.request_login(user, PASSWORD), Request::take_tokens).map(Some),
        ],
    ),
    (
        "refresh",
        [
            |client, token| client.refresh(token).map(Some),
            |client, token| taken(client.request_refresh(token), Request::take_tokens).map(Some),
        ],
    ),
    (
        "revoke",
        [
            |client, token| client.revoke(token, Hint::None).map(|()| None),
            |client, token| taken(client.request_revoke(token, Hint::None), Request::take_done).map(|()| None),
        ],
    ),
    (
        "userinfo",
        [
            |client, token| client.userinfo(token).map(|_| None),
            |client, token| taken(client.request_userinfo(token), Request::take_text).map(|_| None),
        ],
    ),
];

/// The last second of the year 9999: a token that does not end.
const NEVER_AT: i64 = 253_402_300_799;

/// What is handed in where the server does not look at it.
const OLD_TOKEN: &str = "the-old-refresh-token";

/// Settings for one kind of server, with every endpoint that rows ask for.
fn settings(server: &Standin, kind: &str, origin: &str) -> Options {
    let mut options = match kind {
        "loginradius" => trusting(server, Options::loginradius(origin, APP, CLIENT)),
        "oauth2" => trusting(server, Options::oauth2(&format!("{origin}/token"), CLIENT)),
        kind => panic!("there is no server {kind}"),
    };
    if kind == "oauth2" {
        options.set_endpoint(EndpointKind::Revoke, &format!("{origin}/revoke")).expect("a URL");
    }
    options.set_endpoint(EndpointKind::Userinfo, &format!("{origin}/userinfo")).expect("a URL");
    options
}

fn or(texts: Vec<String>, default: &[&str]) -> Vec<String> {
    if texts.is_empty() { default.iter().map(|text| (*text).to_owned()).collect() } else { texts }
}

/// What the server writes: each of the row's answers.
fn answers(row: &Row) -> Vec<Arc<Vec<u8>>> {
    let http = row.text("http").unwrap_or_else(|| "200 OK".to_owned());
    let head: String = row.texts("head").iter().map(|line| format!("{line}\r\n")).collect();
    let bytes = |text: String| match row.is("latin1") {
        true => text.chars().map(|char| u8::try_from(u32::from(char)).expect("a byte")).collect(),
        false => text.into_bytes(),
    };
    let bodies = row.texts("body").into_iter().map(|body| {
        let body: Vec<u8> = bytes(body);
        // The head is written around an empty body, with the length of the right one.
        let empty = answer(&http, &head, "");
        [empty.replace("Content-Length: 0", &format!("Content-Length: {}", body.len())).into_bytes(), body].concat()
    });
    row.texts("wire").into_iter().map(&bytes).chain(bodies).map(Arc::new).collect()
}

fn after(row: &Row) -> After {
    match row.text("after").as_deref() {
        None if row.has("wire") => After::Close,
        None | Some("keep") => After::Keep,
        Some("close") => After::Close,
        Some("cut") => After::Cut,
        Some("reset") => After::Reset,
        Some(other) => panic!("{}: after {other}?", row.id),
    }
}

/// Runs a row in every way there is; what is wrong.
pub fn run(row: &Row, server: &Standin) -> Result<(), String> {
    let origins = if row.is("tls_only") { vec![server.https()] } else { vec![server.https(), server.http()] };
    for kind in or(row.texts("server"), &["loginradius", "oauth2"]) {
        for origin in &origins {
            let mut options = settings(server, &kind, origin);
            if let Some(limit_ms) = row.number("limit_ms") {
                let limit_ms = u32::try_from(limit_ms).expect("a time limit");
                options.set_timeouts(limit_ms, limit_ms).expect("a time limit");
            }
            let client = client(&options);
            for operation in or(row.texts("of"), &["login", "refresh"]) {
                run_operation(row, server, &client, &operation)
                    .map_err(|why| format!("{}, {operation} at {kind} {origin}: {why}", row.id))?;
            }
            // Whoever met all of that still signs in, and gets no answer that was for another.
            server.unscript();
            settle(row, server);
            let tokens = client.login("ada", PASSWORD).map_err(|error| format!("{}, afterwards: {error:?}", row.id))?;
            server.take_requests();
            if Some(tokens.access_token.expose().to_owned()) == row.text("access_token") {
                return Err(format!("{}: the next login got the row's answer", row.id));
            }
        }
    }
    Ok(())
}

/// A connection that the server is about to close would lose the next request.
fn settle(row: &Row, server: &Standin) {
    let closes = row.text("fault").is_some_and(|fault| fault.ends_with("_after")) || after(row) != After::Keep;
    assert!(!closes || server.wait_open(0, SOON), "{}: the server did not hang up", row.id);
}

fn run_operation(row: &Row, server: &Standin, client: &Client, operation: &str) -> Result<(), String> {
    let (_, ways) = OPERATIONS.iter().find(|(name, _)| *name == operation).ok_or("no such operation")?;
    let mut scripts: Vec<Option<Arc<Vec<u8>>>> = answers(row).into_iter().map(Some).collect();
    if row.has("fault") {
        scripts.push(None);
    }
    for (number, script) in scripts.into_iter().enumerate() {
        for (way, run) in ways.iter().enumerate() {
            settle(row, server);
            let given = prepare(row, server, client, operation, script.clone());
            server.take_requests();
            let result = soon(|| run(client, &given));
            let seen = server.take_requests();
            server.treat_refresh_as(None);
            let label = format!("answer {number}, way {way}");
            if seen.len() != 1 {
                return Err(format!("{label}: sent {} times", seen.len()));
            }
            match result {
                Ok(tokens) => succeeded(row, operation, tokens),
                Err(error) => failed(row, operation, &error),
            }
            .map_err(|why| format!("{label}: {why}"))?;
        }
    }
    Ok(())
}

/// Has the server answer so; what the operation is given.
fn prepare(row: &Row, server: &Standin, client: &Client, operation: &str, script: Option<Arc<Vec<u8>>>) -> String {
    server.unscript();
    let Some(bytes) = script else {
        let user = format!("fault:{}", row.text("fault").expect("a fault"));
        if operation != "refresh" {
            return user;
        }
        let tokens = expect_tokens(client.login("ada", PASSWORD));
        server.treat_refresh_as(Some(&user));
        return tokens.refresh_token.as_ref().map(Secret::expose).expect("a refresh token").to_owned();
    };
    let after = after(row);
    let script = move |wire: &mut dyn ReadWrite, _: &Seen| {
        // The client may have hung up before the end, which is no fault of the server's.
        let _ = wire.write_all(&bytes);
        after
    };
    match operation {
        // A script of everything is of the token endpoints.
        "login" | "refresh" => server.script(script),
        operation => server.script_path(&format!("/{operation}"), script),
    }
    if operation == "login" { "ada".to_owned() } else { OLD_TOKEN.to_owned() }
}

/// Nothing of what an error shows may be what was sent in confidence.
fn is_quiet(error: &Error) -> bool {
    !format!("{error}{error:?}").contains(PASSWORD)
}

/// The row of the library's table for this name.
pub fn reason(name: &str) -> Reason {
    let row = REASONS.iter().find(|row| row.name.to_str() == Ok(name));
    row.unwrap_or_else(|| panic!("there is no reason {name}")).reason
}

/// A status as the header has it: `RateLimited` is `ROPC_E_RATE_LIMITED`.
pub fn name_of(status: Status) -> String {
    let mut name = "ROPC_E".to_owned();
    for char in format!("{status:?}").chars() {
        if char.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(char.to_ascii_uppercase());
    }
    name
}

/// Says what of two values is not the same.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what} is {found:?}, wanted {wanted:?}")) }
}

fn failed(row: &Row, operation: &str, error: &Error) -> Result<(), String> {
    let own = row.text("refresh").filter(|_| operation == "refresh");
    let wanted = reason(&own.clone().or(row.text("reason")).ok_or(format!("it must not fail: {error:?}"))?);
    let say = |why: String| format!("{why}: {error:?}");
    same("the reason", error.reason, wanted).map_err(say)?;
    if own.is_none() {
        same("the status", Some(name_of(error.status())), row.text("status")).map_err(say)?;
    }
    let (stage, repeats) = match error.status() {
        Status::Io | Status::Timeout => (Stage::Receive, true),
        _ => (Stage::Answer, matches!(wanted, Reason::RateLimited | Reason::ServerFault)),
    };
    same("the stage", error.stage, stage).map_err(say)?;
    same("retryable", error.retryable(), repeats).map_err(say)?;
    same("request_sent", error.request_sent, true).map_err(say)?;
    if let Some(http) = row.text("http") {
        same("the HTTP status", error.http_status.to_string().as_str(), &http[..3]).map_err(say)?;
    }
    same("the code", error.provider_code, row.number("code").unwrap_or(0)).map_err(say)?;
    if let Some(oauth_error) = row.text("oauth_error") {
        same("error", error.oauth_error.clone(), Some(oauth_error)).map_err(say)?;
    }
    let least_ms = row.number("wait_least_ms").unwrap_or(row.number("wait_ms").unwrap_or(0));
    let most_ms = row.number("wait_ms").unwrap_or(0);
    same("the wait", error.retry_after_ms.clamp(least_ms, most_ms), error.retry_after_ms).map_err(say)?;
    if let Some(says) = row.text("says") {
        let shown = format!("{error:?}");
        same("says", shown.contains(&says), true).map_err(say)?;
    }
    same("that nothing secret is shown", is_quiet(error), true).map_err(say)
}

fn succeeded(row: &Row, operation: &str, tokens: Option<Tokens>) -> Result<(), String> {
    if row.has("reason") {
        return Err(format!("succeeded, wanted {:?}", row.text("reason")));
    }
    same("the status", Some("ROPC_OK".to_owned()), row.text("status"))?;
    let Some(tokens) = tokens else { return Ok(()) };
    if let Some(text) = row.text("access_token") {
        same("access_token", tokens.access_token.expose(), text.as_str())?;
    }
    if let Some(text) = row.text("token_type") {
        same("token_type", tokens.token_type.clone(), text)?;
    }
    match row.number("lifetime_s") {
        None => {}
        // Unknown, and without end.
        Some(-1) => same("expires_at", tokens.expires_at, 0)?,
        Some(i64::MAX) => same("expires_at", tokens.expires_at, NEVER_AT)?,
        Some(seconds) => same("the lifetime", tokens.expires_at - tokens.received_at, seconds)?,
    }
    if row.has("refresh_token") {
        let none = if operation == "refresh" { OLD_TOKEN } else { "" };
        let found = tokens.refresh_token.as_ref().map_or("", Secret::expose);
        let wanted = row.text("refresh_token").filter(|text| !text.is_empty());
        same("refresh_token", found, wanted.as_deref().unwrap_or(none))?;
    }
    if row.has("scope") {
        same("scope", tokens.scope.clone().unwrap_or_default(), row.text("scope").unwrap_or_default())?;
    }
    for (name, json) in row.pairs("extra") {
        same(&name, tokens.extra(&name), Some(json.as_str()))?;
    }
    Ok(())
}
