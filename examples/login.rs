//! Signs a user in once, finds the user signed in the next time, calls an API, signs out.
//!
//!     make lib
//!     python3 bindings/standin.py cargo run --example login -- [--sign-out] ada build/ada.login
//!
//! What to sign in to is in ROPC_SITE, ROPC_APP, ROPC_CLIENT_ID, ROPC_CA (a PEM file, if it is no public authority) and
//! ROPC_API (an API that takes the token); bindings/standin.py sets them for a server on this machine, where the
//! password is "correct horse". It is asked for at the terminal, or is the first line of what is piped in.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ropc::oauth::store::{FileStore, Store};
use ropc::oauth::{self, ApiCall, AppKind, Client, Options, Secret, Session, Status};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (user, path, sign_out) = match words[..] {
        ["--sign-out", user, path] => (user, path, true),
        [user, path] if !user.starts_with("--") => (user, path, false),
        _ => {
            eprintln!("usage: login [--sign-out] USER STORE");
            return ExitCode::from(2);
        }
    };
    let Err(error) = visit(user, path, sign_out) else {
        return ExitCode::SUCCESS;
    };
    eprintln!("{error}");
    if let Some(error) = error.downcast_ref::<oauth::Error>() {
        // What a program branches on, beside the text for the person.
        eprintln!("({:?})", error.reason);
    }
    ExitCode::FAILURE
}

fn visit(user: &str, path: &str, sign_out: bool) -> Result<(), Box<dyn Error>> {
    let site = told("ROPC_SITE")?;
    let client = Client::new(&options(&site)?)?;
    let store = Arc::new(Store::File(FileStore::open(path)?));
    // The same name at another site is another user.
    let session = session(&client, store, user, &format!("{user} at {site}"))?;
    if let Ok(api) = env::var("ROPC_API") {
        let answer = session.call(&ApiCall { method: "GET", url: &api, headers: &[], body: None })?;
        println!("The API answers {}, {} bytes.", answer.status, answer.body.expose().len());
    }
    println!("{user} is signed in; the access token ends {}.", until(session.status()?.expires_at));
    if sign_out {
        match session.sign_out() {
            // Here it is done in any case; the message says what the server was not told.
            Err(error) if error.status() == Status::NotRevoked => println!("{error}"),
            done => done?,
        }
        println!("{user} is signed out.");
    }
    Ok(())
}

/// What to sign in to.
fn options(site: &str) -> Result<Options, Box<dyn Error>> {
    let mut options = Options::loginradius(site, &told("ROPC_APP")?, &told("ROPC_CLIENT_ID")?)?;
    options.set_app_kind(AppKind::Oidc)?;
    if let Ok(file) = env::var("ROPC_CA") {
        options.set_ca_pem(&fs::read(file)?)?;
    }
    Ok(options)
}

/// The session of the last time, or one that begins with the password.
fn session(client: &Client, store: Arc<Store>, user: &str, key: &str) -> Result<Session, Box<dyn Error>> {
    match Session::resume(client, store.clone(), key) {
        Ok(session) => {
            println!("Still signed in, without the password.");
            Ok(session)
        }
        // The first time, or after a sign-out.
        Err(error) if error.status() == Status::SignedOut => {
            let password = password(user)?;
            let session = Session::login(client, user, password.expose(), Some(store), Some(key))?;
            println!("Signed in with the password.");
            Ok(session)
        }
        Err(error) => Err(error.into()),
    }
}

/// Overwritten when it is dropped.
fn password(user: &str) -> io::Result<Secret> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("Password of {user}: ")).map(Secret::from_string);
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::from_string(line))
}

/// An instant as what is left until then.
fn until(at: i64) -> String {
    let end = UNIX_EPOCH + Duration::from_secs(at.unsigned_abs());
    match end.duration_since(SystemTime::now()) {
        _ if at == 0 => "when the server says so".to_owned(),
        Ok(left) => format!("in {} seconds", left.as_secs()),
        Err(_) => "now".to_owned(),
    }
}

fn told(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set; bindings/standin.py sets it for a server on this machine"))
}
