//! The stand-in as a program, driven by a pipe: see `--help`.

use std::error::Error;
use std::io::{self, BufRead, Write};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Map, Value, json};
use standin::{GrantCounts, Seen, Standin, Trap};

const HELP: &str = "\
A LoginRadius on loopback, for tests.

standin [OPTION]...
standin --accounts     prints the accounts it knows
standin --help

--port N               the port of the HTTPS listener
--tickets N            TLS 1.3 session tickets after each handshake
--ca FILE, --client-cert FILE, --client-key FILE
                       where to write these as PEM
--lifetime SECONDS     how long an access token lives; 900 by default
--lifetime-text TEXT   written as the value of expires_in whatever the true
                       lifetime, such as -5 or 1e300; an empty one leaves it out
--no-rotation          refresh tokens stay good and are not replaced
--no-reuse-detection   a replaced refresh token is refused, no more
--grace MS             for so long it gets its answer once more
--one-access           a refresh ends the earlier access token of its login
--es256                signs tokens with the ES256 key

Prints one line of JSON with its ports, then `ready`. Commands on standard
input, one a line, each answered by one line; the end of input ends it:
requests               every request since the last time, as JSON
counts                 {connections, flights, open, requests, grants: {logins,
                       refreshed, reused, graced, refused, dead_families,
                       access_issued, revoked, invalidated}}
close_idle             closes the connections that wait for a request
refresh USER           treats refreshes as that user's login; without USER no more
lose N                 cuts the next N refreshes that would succeed, tokens
                       rotated; 0 no more
expire_access          makes every access token an expired one
kill_refresh           ends every refresh token
rotate_keys [keep]     signs with new keys; `keep` leaves the old ones in the set
quit                   ends it
";

fn main() -> Result<(), Box<dyn Error>> {
    let mut builder = Standin::builder();
    let (mut ca, mut client_cert, mut client_key) = (None, None, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--port" => builder = builder.port(value()?.parse()?),
            "--tickets" => builder = builder.tickets(value()?.parse()?),
            "--lifetime" => builder = builder.access_lifetime_s(value()?.parse()?),
            "--lifetime-text" => builder = builder.lifetime_text(&value()?),
            "--no-rotation" => builder = builder.rotation(false),
            "--no-reuse-detection" => builder = builder.reuse_detection(false),
            "--grace" => builder = builder.grace_ms(value()?.parse()?),
            "--one-access" => builder = builder.one_access(true),
            "--es256" => builder = builder.sign_with_es256(true),
            "--ca" => ca = Some(value()?),
            "--client-cert" => client_cert = Some(value()?),
            "--client-key" => client_key = Some(value()?),
            "--accounts" => {
                print!("{}", standin::table());
                return Ok(());
            }
            "--help" => {
                print!("{HELP}");
                return Ok(());
            }
            _ => return Err(format!("{arg} is unknown; try --help").into()),
        }
    }
    let standin = builder.start();
    let files =
        [(ca, standin.ca_pem()), (client_cert, standin.client_cert_pem()), (client_key, standin.client_key_pem())];
    for (path, pem) in files {
        if let Some(path) = path {
            std::fs::write(path, pem)?;
        }
    }
    let mut out = io::stdout();
    writeln!(out, "{}\nready", describe(&standin))?;
    let mut total = 0;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        if command == "quit" {
            break;
        }
        let answer = obey(&standin, command, argument, &mut total);
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// Does what one line asks for: the line to answer. `total` counts the
/// requests that were shown already.
fn obey(standin: &Standin, command: &str, argument: &str, total: &mut usize) -> Value {
    match command {
        "requests" => {
            let seen = standin.take_requests();
            *total += seen.len();
            seen.iter().map(request).collect()
        }
        "counts" => json!({
            "connections": standin.connections(),
            "flights": standin.flights(),
            "open": standin.open(),
            "requests": *total + standin.requests().len(),
            "grants": grants(standin.grant_counts()),
        }),
        "close_idle" => {
            standin.close_idle();
            json!({"open": standin.open()})
        }
        "refresh" => {
            let user = Some(argument).filter(|user| !user.is_empty());
            standin.treat_refresh_as(user);
            json!({"refresh": user})
        }
        "lose" => match argument.parse() {
            Ok(times) => {
                standin.lose_refresh_answers(times);
                json!({"lose": times})
            }
            Err(_) => json!({"error": "lose needs a number"}),
        },
        "expire_access" => {
            standin.expire_access();
            json!({"expire_access": true})
        }
        "kill_refresh" => {
            standin.kill_refresh();
            json!({"kill_refresh": true})
        }
        "rotate_keys" if matches!(argument, "" | "keep") => {
            standin.rotate_keys(argument == "keep");
            json!({"rs256": standin.key_id(false), "es256": standin.key_id(true)})
        }
        "rotate_keys" => json!({"error": "rotate_keys takes nothing or keep"}),
        _ => json!({"error": format!("unknown command {command}")}),
    }
}

/// Starts every trap, and says where everything is.
fn describe(standin: &Standin) -> Value {
    let traps: Map<String, Value> =
        Trap::ALL.iter().map(|&trap| (trap.name().to_owned(), standin.trap(trap).into())).collect();
    json!({
        "https": standin.https(),
        "http": standin.http(),
        "https_port": standin.https_port(),
        "http_port": standin.http_port(),
        "traps": traps,
        "spki_sha256": {
            "ca": hex(standin.ca_spki_sha256()),
            "leaf": hex(standin.leaf_spki_sha256()),
            "intermediate": hex(standin.intermediate_spki_sha256()),
            "decoy": hex(standin.decoy_spki_sha256()),
        },
    })
}

fn grants(counts: GrantCounts) -> Value {
    json!({
        "logins": counts.logins,
        "refreshed": counts.refreshed,
        "reused": counts.reused,
        "graced": counts.graced,
        "refused": counts.refused,
        "dead_families": counts.dead_families,
        "access_issued": counts.access_issued,
        "revoked": counts.revoked,
        "invalidated": counts.invalidated,
    })
}

fn request(seen: &Seen) -> Value {
    json!({
        "connection": seen.connection,
        "port": seen.port,
        "method": seen.method,
        "target": seen.target,
        "headers": seen.headers,
        "body": seen.text(),
        "raw": String::from_utf8_lossy(&seen.raw),
        "raw_base64": BASE64_STANDARD.encode(&seen.raw),
        "tls": seen.tls,
        "client_cert": seen.client_cert,
        "resumed": seen.resumed,
        "server_name": seen.server_name,
    })
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
