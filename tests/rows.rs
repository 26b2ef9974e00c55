//! Runs the rows of tests/reliability that carry data through the real client
//! at the stand-in. A row that nothing here understands fails.

#[path = "reliability/answers.rs"]
mod answers;
#[path = "reliability/certificates.rs"]
mod certificates;
mod common;
#[path = "reliability/table.rs"]
mod table;

use std::fs;
use std::sync::Arc;
use std::thread;

use answers::{name_of, reason, same};
use common::after;
use common::issued;
use common::session::{Place, Site, Time};
use common::{client, generic, loginradius};
use ropc::oauth::store::{FileStore, HostStore, Store};
use ropc::oauth::{EndpointKind, Error, Options, Request, Session, Stage, Status};
use serde_json::Value;
use standin::{After, FAULTS, PASSWORD, Standin};
use table::{Kind, Row, rows};

/// The rows of one kind; there are some.
fn of(kind: Kind) -> Vec<Row> {
    let rows: Vec<Row> = rows().into_iter().filter(|row| row.kind == kind).collect();
    assert!(!rows.is_empty(), "{kind:?}: no row is left to run");
    rows
}

/// Runs all of them, and tells at the end what is wrong with each.
#[track_caller]
fn all(kind: Kind, run: impl Fn(&Row) -> Result<(), String>) {
    are_so(of(kind).iter().map(run));
}

#[track_caller]
fn are_so(results: impl Iterator<Item = Result<(), String>>) {
    let wrong: Vec<String> = results.filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} rows are not so:\n{}", wrong.len(), wrong.join("\n"));
}

/// The status and reason of a failure that sent nothing, and what it says.
fn refused<T>(row: &Row, result: Result<T, Error>) -> Result<(), String> {
    let error = result.err().ok_or_else(|| format!("{}: it was accepted", row.id))?;
    let say = |why: String| format!("{}: {why}: {error:?}", row.id);
    same("the reason", error.reason, reason(&row.text("reason").expect("a reason"))).map_err(say)?;
    same("the status", Some(name_of(error.status())), row.text("status")).map_err(say)?;
    same("request_sent", error.request_sent, false).map_err(say)?;
    let says = row.text("says").is_none_or(|says| error.message.contains(&says));
    same("what is said", says, true).map_err(say)
}

#[test]
fn answers() {
    // Most of the time is spent in waiting.
    const THREADS: usize = 4;
    let rows = of(Kind::Answer);
    let part = &|first| {
        let server = Standin::start();
        rows.iter().skip(first).step_by(THREADS).map(|row| answers::run(row, &server)).collect::<Vec<_>>()
    };
    let results: Vec<_> = thread::scope(|scope| {
        let parts: Vec<_> = (0..THREADS).map(|first| scope.spawn(move || part(first))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("no panic")).collect()
    });
    are_so(results.into_iter());
}

#[test]
fn a_row_that_is_not_so_is_found() {
    let server = Standin::start();
    let row = |cells: &str| {
        let cells = format!("id = \"planted\"\n{cells}").parse().expect("a row");
        Row::new(cells).expect("it is understood").expect("it carries data")
    };
    let success = row(r#"body = '{"access_token":"a","token_type":"Bearer","expires_in":7}'
                         status = "ROPC_OK""#);
    let refusal = row(r#"http = "429 Slow"
                         head = "Retry-After: 7"
                         body = '{"error":"invalid_grant","ErrorCode":966}'
                         status = "ROPC_E_RATE_LIMITED"
                         reason = "ROPC_REASON_RATE_LIMITED"
                         code = 966
                         wait_ms = 7000"#);
    for right in [&success, &refusal] {
        answers::run(right, &server).expect("as it is, it is so");
    }
    for (wrong, what) in [
        (success.clone().with("access_token", "b"), "access_token"),
        (success.clone().with("lifetime_s", 8), "lifetime"),
        (success.clone().with("refresh_token", "r"), "refresh_token"),
        (success.clone().with("scope", "s"), "scope"),
        (success.with("reason", "ROPC_REASON_TIMED_OUT"), "succeeded"),
        (refusal.clone().with("status", "ROPC_E_SERVER"), "status"),
        (refusal.clone().with("reason", "ROPC_REASON_LOCKED"), "reason"),
        (refusal.clone().with("code", 967), "code"),
        (refusal.clone().with("wait_ms", 6000), "wait"),
        (refusal.clone().with("says", "Sparrow"), "says"),
        (refusal.with("refresh", "ROPC_REASON_LOCKED"), "refresh"),
    ] {
        let found = answers::run(&wrong, &server);
        assert!(found.as_ref().is_err_and(|why| why.contains(what)), "{what} was not found: {found:?}");
    }
    for unknown in ["body = 'x'\nnot_known = 1", "status = 'ROPC_OK'", "wait_ms = 3"] {
        let cells = format!("id = \"planted\"\n{unknown}").parse().expect("a row");
        assert!(Row::new(cells).is_err(), "{unknown} is understood");
    }
}

#[test]
fn every_fault_of_the_stand_in_has_a_row() {
    let faults: Vec<String> = rows().iter().filter_map(|row| row.text("fault")).collect();
    let is_there = |name: &str| match name.strip_suffix("MS") {
        Some(start) => faults.iter().any(|fault| fault.starts_with(start)),
        None => faults.iter().any(|fault| fault == name),
    };
    let missing: Vec<_> = FAULTS.iter().filter(|name| !is_there(name)).collect();
    assert!(missing.is_empty(), "{missing:?} have no row");
}

/// `Retry-After` as servers send it; the answer's own clock says 21:40:14.
#[test]
fn waits() {
    let server = Standin::start();
    let client = client(&loginradius(&server));
    all(Kind::Wait, |row| {
        let text = row.text("retry_after").expect("a text");
        server.take_requests();
        for (http, status) in [(429, Status::RateLimited), (503, Status::Server), (403, Status::Refused)] {
            let head = format!("Date: Thu, 11 Oct 2018 21:40:14 GMT\r\nRetry-After: {text}\r\n");
            let answer = after::answer(&format!("{http} No"), &head, "");
            server.script(move |wire, _| after::say(wire, &answer));
            let login = client.login("ada", PASSWORD);
            let request = after::taken(client.request_login("ada", PASSWORD), Request::take_tokens);
            for result in [login, request, client.refresh("a-token")] {
                let error = result.err().ok_or_else(|| format!("{}: it succeeded", row.id))?;
                let found = (error.status(), Some(error.retry_after_ms), error.server_date_at);
                same(&row.id, found, (status, row.number("wait_ms"), 1_539_294_014))?;
            }
            same(&row.id, server.take_requests().len(), 3)?;
        }
        Ok(())
    });
}

#[test]
fn addresses() {
    type Way = fn(&str) -> Result<Options, Error>;
    let site: Way = |site| Options::loginradius(site, "app", "id");
    let url: Way = |url| Options::oauth2(url, "id");
    // Set later, it is looked at as closely.
    let endpoint: Way = |url| {
        let mut options = Options::loginradius("acme.example", "app", "id")?;
        options.set_endpoint(EndpointKind::Token, url).map(|()| options)
    };
    let app: Way = |app| Options::loginradius("acme.example", app, "id");
    let proxy: Way = |url| {
        let mut options = Options::loginradius("acme.example", "app", "id")?;
        options.set_proxy(url).map(|()| options)
    };
    let ways = [("site", site), ("url", url), ("url", endpoint), ("app", app), ("proxy", proxy)];
    all(Kind::Address, |row| {
        for (key, way) in ways {
            for text in row.texts(key) {
                let result = way(&text);
                match row.text("leads_to") {
                    None => refused(row, result).map_err(|why| format!("{why} ({text:.80})"))?,
                    Some(wanted) => {
                        let options = result.map_err(|error| format!("{}, {text:.80}: {error:?}", row.id))?;
                        let found = options.endpoint(EndpointKind::Token).map(|endpoint| endpoint.url());
                        same(&row.id, found, Some(wanted))?;
                    }
                }
            }
        }
        Ok(())
    });
}

#[test]
fn credentials() {
    let server = Standin::start();
    let clients = [client(&loginradius(&server)), client(&generic(&server))];
    all(Kind::Credentials, |row| {
        let of = |key: &str, right: &str| {
            let texts = row.texts(key);
            if texts.is_empty() { vec![right.to_owned()] } else { texts }
        };
        for client in &clients {
            for user in of("login_user", "ada") {
                for password in of("login_password", PASSWORD) {
                    refused(row, client.login(&user, &password))?;
                    refused(row, client.request_login(&user, &password))?;
                    refused(row, Session::login(client, &user, &password, None, None))?;
                }
            }
        }
        same(&format!("{}: what was sent", row.id), server.connections(), 0)
    });
}

#[test]
fn id_tokens() {
    let server = Standin::start();
    let (mut options, time) = (issued::issuing(&server), Time::new());
    options.set_clock(time.clock());
    let client = client(&options);
    // The server's keys are known: from here on nothing but the token decides.
    let first = issued::id_token(&server, serde_json::json!({}), false);
    client.verify_id_token(&first, None, None).expect("a good one");
    all(Kind::IdToken, |row| {
        for es256 in [false, true] {
            let right = format!(r#"{{"alg":"{}","kid":"{}"}}"#, if es256 { "ES256" } else { "RS256" }, {
                server.key_id(es256)
            });
            let or = |key: &str, default: &str| {
                let texts = row.texts(key);
                if texts.is_empty() { vec![default.to_owned()] } else { texts }
            };
            let mut tokens = row.texts("token");
            if tokens.is_empty() {
                for header in or("header", &right) {
                    let header = header.replace("KID", &server.key_id(es256));
                    for claims in or("claims", "{}") {
                        let now = i64::try_from(issued::now_at()).expect("a time");
                        let claims = claims.replace("\"NOW+30\"", &(now + 30).to_string());
                        let claims = claims.replace("\"NOW-30\"", &(now - 30).to_string());
                        let changes: Value = serde_json::from_str(&claims).expect("claims are JSON");
                        tokens.push(server.sign_jwt(&header, &issued::claims(&server, changes), es256));
                    }
                }
            }
            for token in tokens {
                let (access, nonce) = (row.text("access"), row.text("nonce"));
                let result = client.verify_id_token(&token, access.as_deref(), nonce.as_deref());
                if row.text("status").as_deref() == Some("ROPC_OK") {
                    result.map_err(|error| format!("{}: {error:?}", row.id))?;
                } else {
                    refused(row, result)?;
                }
            }
        }
        Ok(())
    });
}

#[test]
fn stored() {
    let site = Site::start();
    all(Kind::Stored, |row| {
        for record in row.texts("record") {
            let record = record.replace("ORIGIN", &site.server.https()).replace("CLIENT", standin::CLIENT);
            let host = HostStore::new(None);
            let result = host.give("ada", &record).and_then(|()| site.resume(&Arc::new(Store::Host(host))));
            stored_came_to(row, result)?;
        }
        for text in row.texts("file") {
            let place = Place::new();
            let text = text.replace("ORIGIN", &site.server.https()).replace("CLIENT", standin::CLIENT);
            // Made by the library, so with the right mode.
            drop(site.login(Some(&place.store())));
            fs::write(place.file(), &text).expect("a file");
            let result = FileStore::open(&place.file())
                .and_then(|file| Session::resume(&site.client, Arc::new(Store::File(file)), "ada"));
            stored_came_to(row, result)?;
            same(&format!("{}: the file", row.id), place.text(), text)?;
        }
        Ok(())
    });
}

fn stored_came_to(row: &Row, result: Result<Session, Error>) -> Result<(), String> {
    match (row.text("status").as_deref(), result) {
        (Some("ROPC_OK"), Ok(_)) => Ok(()),
        (Some("ROPC_OK"), Err(error)) => Err(format!("{}: {error:?}", row.id)),
        (_, result) => {
            let stage = result.as_ref().err().map(|error| error.stage);
            refused(row, result)?;
            same(&row.id, stage, Some(Stage::Setup))
        }
    }
}

#[test]
fn certificates() {
    all(Kind::Certificate, certificates::run);
}

#[test]
fn a_scripted_answer_is_what_arrives() {
    // Or the rows would show nothing: the bytes of a row are those on the wire.
    let server = Standin::start();
    server.script(|wire, _| {
        let _ = wire.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Length: 46\r\n\r\n{\"access_token\":\"t0ken\",\"token_type\":\"Bearer\"}",
        );
        After::Close
    });
    let tokens = client(&loginradius(&server)).login("ada", PASSWORD).expect("tokens");
    assert_eq!(tokens.access_token.expose(), "t0ken");
}

#[test]
fn what_the_documents_must_say() {
    let one_line = |text: &str| text.replace("\n * ", " ").replace('\n', " ");
    let (readme, header) = (one_line(include_str!("../README.md")), one_line(include_str!("../include/ropc.h")));
    for text in [&readme, &header] {
        assert!(text.contains("RFC 9700 (2.4) says that this grant must not be used"));
    }
    assert!(header.contains("a program that people can take apart has no secret"));
}
