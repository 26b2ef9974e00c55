//! Brings about the reasons for what can fail after a login: discovery, ID
//! tokens, sessions and their stores.

use std::fs;

use ropc::oauth::store::{Binding, FileStore};
use ropc::oauth::{Client, EndpointKind, Error, Options, Reason, Session};
use serde_json::json;
use standin::{CLIENT, PASSWORD, Standin};

use crate::common::after::{answer_at, bare};
use crate::common::issued::{claims, id_token, issuing, now_at};
use crate::common::session::{Place, WAIT_MS, host_store};
use crate::common::{client, expect_tokens, generic, trusting};

/// What fails for `reason`; `None` when nothing here does.
pub fn bring_about(server: &Standin, reason: Reason) -> Option<Result<(), Error>> {
    let client = client(&generic(server));
    let result = match reason {
        Reason::SaveFirst => {
            let session = Session::login(&client, "ada", PASSWORD, Some(host_store(None)), None);
            session.and_then(|session| token(&session))
        }
        Reason::OtherIssuer => discover(server, "/wrong-issuer"),
        Reason::OtherHost => discover(server, "/other-host"),
        Reason::SignedOut => {
            let session = signed_in(&revoking_at(server, "/revoke"));
            session.sign_out().and_then(|()| token(&session))
        }
        Reason::RefreshEnded => {
            let session = signed_in(&client);
            server.kill_refresh();
            session.refresh(false, WAIT_MS).map(|_| ())
        }
        Reason::NoRefreshToken => {
            let mut tokens = expect_tokens(client.login("ada", PASSWORD));
            tokens.refresh_token = None;
            let refused = tokens.access_token.expose().to_owned();
            let session = Session::new(&client, tokens, None, "ada").expect("tokens");
            session.expire(&refused).and_then(|()| token(&session))
        }
        Reason::NothingStored => resume(&client, &Place::new()),
        Reason::OtherUser => {
            let session = signed_in(&self::client(&issuing(server)));
            let eve = id_token(server, json!({"sub": "eve"}), false);
            let body = format!(r#"{{"access_token":"a","token_type":"Bearer","id_token":"{eve}"}}"#);
            answer_at(server, "/token", "200 OK", "", &body);
            let result = session.refresh(false, WAIT_MS);
            server.unscript();
            result.map(|_| ())
        }
        Reason::Unclear => {
            let session = signed_in(&client);
            server.lose_refresh_answers(1);
            session.refresh(false, WAIT_MS).map(|_| ())
        }
        Reason::TooShort => {
            let session = signed_in(&client);
            session.token(u32::MAX, WAIT_MS, |_| ())
        }
        Reason::NotRevoked => signed_in(&revoking_at(server, "/revoke-503")).sign_out(),
        Reason::OriginNotAllowed => {
            let session = signed_in(&client);
            session.call(&bare("GET", "https://somewhere-else.test/")).map(|_| ())
        }
        Reason::StoreAccess => FileStore::open("/nowhere/at/all/store").map(|_| ()),
        Reason::StoreExposed => {
            let place = Place::new();
            expose(&place.file());
            FileStore::open(&place.file()).map(|_| ())
        }
        Reason::StoreBroken => {
            let place = Place::new();
            drop(kept(&client, &place));
            // Into the file as it is, with its mode.
            fs::write(place.file(), "no store").expect("the file is ours");
            FileStore::open(&place.file()).map(|_| ())
        }
        Reason::StoreForeign => {
            let place = Place::new();
            drop(kept(&client, &place));
            let other = Options::oauth2(&format!("{}/token", server.https()), "another");
            resume(&self::client(&trusting(server, other)), &place)
        }
        Reason::StoreBusy => {
            let place = Place::new();
            let mut options = generic(server);
            options.set_timeouts(1000, 1000).expect("time limits");
            let session = kept(&self::client(&options), &place);
            let binding = Binding { origin: server.https(), client_id: CLIENT.to_owned(), user_key: "ada".to_owned() };
            let file = FileStore::open(&place.file()).expect("a store");
            let _held = file.lock(&binding, &mut |_| Ok(())).expect("nobody has it");
            session.refresh(false, WAIT_MS).map(|_| ())
        }
        Reason::SaveFailed => {
            let place = Place::new();
            let store = place.store();
            fs::remove_dir_all(place.folder()).expect("a folder");
            let tokens = expect_tokens(client.login("ada", PASSWORD));
            let session = Session::new(&client, tokens, Some(store), "ada");
            token(&session.expect("it says so later"))
        }
        _ => return of_id_tokens(server, reason),
    };
    Some(result)
}

fn of_id_tokens(server: &Standin, reason: Reason) -> Option<Result<(), Error>> {
    let token = |changes| id_token(server, changes, false);
    let under = |header: &str| server.sign_jwt(header, &claims(server, json!({})), false);
    let token = match reason {
        Reason::IdTokenMalformed => "no JWT".to_owned(),
        Reason::IdTokenAlgorithm => under(r#"{"alg":"none"}"#),
        Reason::IdTokenKey => under(r#"{"alg":"RS256","kid":"nobody's"}"#),
        Reason::IdTokenSignature => {
            let (one, other) = (token(json!({})), token(json!({"sub": "eve"})));
            let (signed, _) = one.rsplit_once('.').expect("a JWT");
            let (_, signature) = other.rsplit_once('.').expect("a JWT");
            format!("{signed}.{signature}")
        }
        Reason::IdTokenIssuer => token(json!({"iss": "https://somebody.else"})),
        Reason::IdTokenAudience => token(json!({"aud": "another"})),
        Reason::IdTokenExpired => token(json!({"exp": now_at() - 3600})),
        Reason::IdTokenEarly => token(json!({"nbf": now_at() + 3600})),
        Reason::IdTokenNonce => token(json!({"nonce": "another"})),
        Reason::IdTokenAccess => token(json!({"at_hash": "another"})),
        _ => return None,
    };
    let nonce = (reason == Reason::IdTokenNonce).then_some("nonce");
    Some(client(&issuing(server)).verify_id_token(&token, Some("access token"), nonce).map(|_| ()))
}

/// Asks for an access token, which must be had first.
fn token(session: &Session) -> Result<(), Error> {
    session.token(0, WAIT_MS, |_| ())
}

fn discover(server: &Standin, issuer: &str) -> Result<(), Error> {
    let options = trusting(server, Options::undiscovered(CLIENT));
    options.discover(&format!("{}{issuer}", server.https()), false).map(|_| ())
}

fn revoking_at(server: &Standin, path: &str) -> Client {
    let mut options = generic(server);
    options.set_endpoint(EndpointKind::Revoke, &format!("{}{path}", server.https())).expect("a URL");
    client(&options)
}

/// Ada's session, which nobody keeps.
fn signed_in(client: &Client) -> Session {
    Session::login(client, "ada", PASSWORD, None, None).expect("it signs in")
}

/// Ada's session, kept in `place`.
fn kept(client: &Client, place: &Place) -> Session {
    Session::login(client, "ada", PASSWORD, Some(place.store()), None).expect("it signs in")
}

/// Ada's session in `place`.
fn resume(client: &Client, place: &Place) -> Result<(), Error> {
    Session::resume(client, place.store(), "ada").map(|_| ())
}

/// A file that others can read.
fn expose(path: &str) {
    fs::write(path, r#"{"ropc_store":1,"users":{}}"#).expect("a file");
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("a mode");
}
