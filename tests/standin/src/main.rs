//! The stand-in as a program, driven by a pipe: see `--help`.

use std::error::Error;
use std::io::{self, BufRead, Write};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Map, Value, json};
use standin::{Seen, Standin, Trap};

const HELP: &str = "\
A LoginRadius on loopback, for tests.

standin [--port N] [--tickets N] [--ca FILE] [--client-cert FILE] [--client-key FILE]
standin --accounts     prints the accounts it knows
standin --help

Prints one line of JSON with its ports, then `ready`. Commands on standard
input, one a line, each answered by one line; the end of input ends it:
requests               every request since the last time, as JSON
counts                 {connections, flights, open, requests}
close_idle             closes the connections that wait for a request
refresh USER           treats refreshes as that user's login; without USER no more
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
        let answer = match command {
            "requests" => {
                let seen = standin.take_requests();
                total += seen.len();
                seen.iter().map(request).collect()
            }
            "counts" => json!({
                "connections": standin.connections(),
                "flights": standin.flights(),
                "open": standin.open(),
                "requests": total + standin.requests().len(),
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
            "quit" => break,
            _ => json!({"error": format!("unknown command {command}")}),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
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
