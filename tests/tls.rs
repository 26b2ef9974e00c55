//! Whom TLS trusts. Wherever it does not, the password has not left: the
//! server has seen no request, and the error says which check failed.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::trouble::{alone, expect_failure, is_alone, login_with_canary};
use common::{client, expect_reason, expect_tokens, loginradius, refuses, trusting};
use ropc::oauth::{Client, EndpointKind, Hint, Limit, Options, Reason, Stage};
use standin::{API_KEY, CLIENT, PASSWORD, Standin, Trap};

/// Settings for one more listener of the stand-in, and its origin.
fn at(server: &Standin, trap: Trap) -> (Options, String) {
    let origin = format!("https://localhost:{}", server.trap(trap));
    (trusting(server, Options::loginradius(&origin, "demo", CLIENT)), origin)
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A pin that fits nothing.
const OTHER: [u8; 32] = [7; 32];

const UNTRUSTED: &[(Trap, Reason)] = &[
    (Trap::Expired, Reason::TlsExpired),
    (Trap::NotYetValid, Reason::TlsNotYetValid),
    (Trap::SelfSigned, Reason::TlsUnknownIssuer),
    (Trap::WrongHost, Reason::TlsWrongHost),
    (Trap::UnknownCa, Reason::TlsUnknownIssuer),
    (Trap::MissingIntermediate, Reason::TlsUnknownIssuer),
    (Trap::CnOnly, Reason::TlsWrongHost),
    (Trap::ClientAuthOnly, Reason::TlsCertificate),
    (Trap::Tls11Only, Reason::TlsProtocol),
    (Trap::PlainOnTls, Reason::TlsProtocol),
    (Trap::StalledHandshake, Reason::TimedOut),
    (Trap::SilentClose, Reason::CutOffBeforeSent),
];

#[test]
fn nothing_is_sent_to_whom_tls_does_not_trust() {
    let server = Standin::start();
    for (trap, reason) in UNTRUSTED {
        let (mut options, _) = at(&server, *trap);
        if *trap == Trap::StalledHandshake {
            options.set_timeouts(300, 60_000).expect("valid");
        }
        let connections = server.connections();
        expect_failure(login_with_canary(&client(&options)), *reason, Stage::Tls, false);
        assert_eq!(server.connections(), connections + 1, "{trap:?} was tried again");
        assert!(server.requests().is_empty(), "{trap:?} got the password");
    }
}

#[test]
fn what_is_in_order_works() {
    let server = Standin::start();
    for trap in [Trap::WithIntermediate, Trap::DecoyChain, Trap::Tls12Only] {
        let (options, _) = at(&server, trap);
        expect_tokens(client(&options).login("ada", PASSWORD));
    }
    // Addresses are names, too.
    let by_address = Options::loginradius(&format!("127.0.0.1:{}", server.https_port()), "demo", CLIENT);
    expect_tokens(client(&trusting(&server, by_address)).login("ada", PASSWORD));
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn a_client_certificate_is_demanded() {
    let (server, stranger) = (Standin::start(), Standin::start());
    let (options, origin) = at(&server, Trap::ClientCert);
    // At another endpoint, for which a certificate may be set, too.
    let elsewhere = format!("{}/revoke", server.https());
    let with = |origin: &str, of: &Standin| {
        let mut options = options.clone();
        options.set_endpoint(EndpointKind::Revoke, &elsewhere).expect("a URL");
        let (cert, key) = (of.client_cert_pem(), of.client_key_pem());
        options.set_client_cert_pem(origin, cert.as_bytes(), key.as_bytes()).expect("a pair");
        options
    };
    let refused = [options.clone(), with(&origin, &stranger), with(&server.https(), &server)];
    for options in refused {
        let error = expect_reason(login_with_canary(&client(&options)), Reason::TlsClientCertificate);
        // TLS 1.3 tells only after our last message, which the request goes
        // with. The server has not read it, but nobody can promise that.
        assert_eq!((error.stage, error.request_sent), (Stage::Tls, true), "{error:?}");
        assert!(server.requests().is_empty());
    }
    expect_tokens(client(&with(&origin, &server)).login("ada", PASSWORD));
    // The last one set for an origin counts; another origin's changes nothing.
    let mut both = with(&origin, &stranger);
    for at in [&origin, &server.https()] {
        let (cert, key) = (server.client_cert_pem(), server.client_key_pem());
        both.set_client_cert_pem(at, cert.as_bytes(), key.as_bytes()).expect("a pair");
    }
    expect_tokens(client(&both).login("ada", PASSWORD));
    let seen = server.take_requests();
    assert!(seen.len() == 2 && seen.iter().all(|request| request.client_cert));
}

/// A listener, the pins set for it, and whether it passes.
type Pinned<'a> = (Option<Trap>, &'a [[u8; 32]], bool);

#[test]
fn pins() {
    let server = Standin::start();
    let leaf = server.leaf_spki_sha256();
    let ca = server.ca_spki_sha256();
    let intermediate = server.intermediate_spki_sha256();
    let decoy = server.decoy_spki_sha256();
    let cases: &[Pinned<'_>] = &[
        (None, &[leaf], true),
        (None, &[ca], true),
        (None, &[OTHER], false),
        (None, &[OTHER, leaf], true),
        (None, &[ca, OTHER], true),
        // Of the right authority, but not in this chain.
        (None, &[intermediate], false),
        (Some(Trap::WithIntermediate), &[intermediate], true),
        (Some(Trap::WithIntermediate), &[ca], true),
        (Some(Trap::WithIntermediate), &[leaf], false),
        // Presented, but no part of the chain that was verified.
        (Some(Trap::DecoyChain), &[decoy], false),
        (Some(Trap::DecoyChain), &[decoy, leaf], true),
        (Some(Trap::Tls12Only), &[leaf], true),
        (Some(Trap::Tls12Only), &[OTHER], false),
    ];
    for (trap, pins, trusted) in cases {
        let (options, origin) = match trap {
            Some(trap) => at(&server, *trap),
            None => (loginradius(&server), server.https()),
        };
        for write in [hex, |pin| STANDARD.encode(pin)] {
            let mut options = options.clone();
            for pin in *pins {
                options.add_pin(&origin, &write(*pin)).expect("a pin");
            }
            let client = client(&options);
            if *trusted {
                expect_tokens(client.login("ada", PASSWORD));
                assert_eq!(server.take_requests().len(), 1);
            } else {
                expect_failure(login_with_canary(&client), Reason::TlsPin, Stage::Tls, false);
                assert!(server.requests().is_empty(), "{trap:?}");
            }
        }
    }
}

#[test]
fn a_pin_belongs_to_an_origin() {
    let server = Standin::start();
    let port = server.https_port();
    // The origins of other endpoints: other ports, other names.
    let others = [
        (EndpointKind::Revoke, "https://localhost".to_owned()),
        (EndpointKind::Userinfo, format!("https://localhost:{}", port ^ 1)),
        (EndpointKind::Jwks, format!("https://127.0.0.1:{port}")),
    ];
    let mut options = loginradius(&server);
    for (kind, origin) in others {
        options.set_endpoint(kind, &format!("{origin}/x")).expect("a URL");
        options.add_pin(&origin, &hex(OTHER)).expect("a pin");
    }
    expect_tokens(client(&options).login("ada", PASSWORD));
    // Spelled otherwise, it is the same origin.
    options.add_pin(&format!("HTTPS://LOCALHOST:{port}/"), &hex(OTHER)).expect("a pin");
    expect_failure(login_with_canary(&client(&options)), Reason::TlsPin, Stage::Tls, false);
    // For an origin that is nobody's, it would protect nothing.
    let mut options = loginradius(&server);
    options.add_pin("https://localhost", &hex(OTHER)).expect("a pin");
    let error = expect_failure(Client::new(&options), Reason::Argument, Stage::Setup, false);
    assert!(error.message.contains("https://localhost"), "{error}");
}

#[test]
fn a_pin_or_certificate_for_a_place_nobody_talks_to_is_a_mistake() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.add_pin("login.example", &"00".repeat(32)).expect("a pin");
    refuses(Client::new(&options), "https://login.example", "no endpoint is at");
    // With its own port it is the same place as the endpoint.
    let mut options = loginradius(&server);
    options.add_pin(&server.https(), &"00".repeat(32)).expect("a pin");
    expect_reason(client(&options).login("ada", PASSWORD), Reason::TlsPin);
    let mut options = loginradius(&server);
    let (cert, key) = (server.client_cert_pem(), server.client_key_pem());
    options.set_client_cert_pem("login.example", cert.as_bytes(), key.as_bytes()).expect("a certificate");
    refuses(Client::new(&options), "https://login.example", "no endpoint is at");
}

#[test]
fn each_origin_is_held_to_its_own_pins_whichever_is_asked_first() {
    let server = Standin::start();
    let (mut options, origin) = at(&server, Trap::WithIntermediate);
    options.set_endpoint(EndpointKind::Revoke, &format!("{}/api/oauth/demo/revoke", server.https())).expect("a URL");
    let pinned = |origin: &str, pin: [u8; 32]| {
        let mut options = options.clone();
        options.add_pin(origin, &hex(pin)).expect("a pin");
        options
    };
    for login_first in [true, false] {
        // The key of one origin is none of the other's, which has no pin.
        let good = client(&pinned(&origin, server.intermediate_spki_sha256()));
        let bad = client(&pinned(&server.https(), OTHER));
        for login in [login_first, !login_first] {
            if login {
                expect_tokens(good.login("ada", PASSWORD));
                expect_tokens(bad.login("ada", PASSWORD));
            } else {
                good.revoke("token", Hint::Refresh).expect("no pin is set there");
                expect_failure(bad.revoke("token", Hint::Refresh), Reason::TlsPin, Stage::Tls, false);
            }
        }
    }
}

#[test]
fn a_pin_does_not_replace_trust() {
    let (server, stranger) = (Standin::start(), Standin::start());
    for (trap, reason) in [(Trap::Expired, Reason::TlsExpired), (Trap::WrongHost, Reason::TlsWrongHost)] {
        let (mut options, origin) = at(&server, trap);
        options.add_pin(&origin, &hex(server.ca_spki_sha256())).expect("a pin");
        expect_failure(login_with_canary(&client(&options)), reason, Stage::Tls, false);
    }
    let mut options = loginradius(&server);
    options.add_pin(&server.https(), &hex(server.leaf_spki_sha256())).expect("a pin");
    options.set_ca_pem(stranger.ca_pem().as_bytes()).expect("a CA");
    expect_failure(login_with_canary(&client(&options)), Reason::TlsUnknownIssuer, Stage::Tls, false);
    assert!(server.requests().is_empty());
}

#[test]
fn the_last_trust_that_was_set_counts() {
    let (server, stranger) = (Standin::start(), Standin::start());
    // The bundled roots, which know no stand-in.
    let mut bundled = Options::loginradius(&server.https(), "demo", CLIENT).expect("valid");
    bundled.set_proxy("").expect("no proxy");
    let mut back = loginradius(&server);
    back.set_system_trust(false);
    let mut replaced = loginradius(&server);
    replaced.set_ca_pem(stranger.ca_pem().as_bytes()).expect("a CA");
    for options in [bundled, back, replaced] {
        expect_failure(login_with_canary(&client(&options)), Reason::TlsUnknownIssuer, Stage::Tls, false);
    }
    assert!(server.requests().is_empty());
    // Several in one file: any of them.
    let mut both = loginradius(&server);
    let bundle = format!("{}\n# our own\n{}", stranger.ca_pem(), server.ca_pem());
    both.set_ca_pem(bundle.as_bytes()).expect("two CAs");
    expect_tokens(client(&both).login("ada", PASSWORD));
}

#[test]
fn the_system_s_trust_follows_its_variables() {
    let file = std::env::temp_dir().join(format!("ropc-roots-{}.pem", std::process::id()));
    let name = file.to_str().expect("a name in UTF-8").to_owned();
    let before = std::env::var("SSL_CERT_FILE");
    alone("the_system_s_trust_follows_its_variables", &[("SSL_CERT_FILE", &name)], || {
        let file = before.expect("alone() set it");
        let server = Standin::start();
        let mut options = loginradius(&server);
        let identity = server.https().replace("localhost", "127.0.0.1");
        options.set_api_key(API_KEY).expect("a key");
        options.set_endpoint(EndpointKind::Identity, &identity).expect("a URL");
        options.add_pin(&identity, &hex(server.leaf_spki_sha256())).expect("a pin");
        options.set_system_trust(true);
        // Not there: nobody is trusted, and nothing takes its place.
        expect_failure(login_with_canary(&client(&options)), Reason::TlsUnknownIssuer, Stage::Tls, false);
        let stranger = Standin::start();
        std::fs::write(&file, stranger.ca_pem()).expect("a file");
        expect_failure(login_with_canary(&client(&options)), Reason::TlsUnknownIssuer, Stage::Tls, false);
        // Read with the first connection, and not when the client is made.
        let client = client(&options);
        std::fs::write(&file, server.ca_pem()).expect("a file");
        let tokens = expect_tokens(client.login("ada", PASSWORD));
        assert_eq!(server.requests().len(), 1);
        // And never again, also for an origin that has pins of its own.
        std::fs::write(&file, stranger.ca_pem()).expect("a file");
        client.validate(tokens.access_token.expose()).expect("a good token");
        // Off again, the variable counts for nothing.
        options.set_system_trust(false);
        expect_failure(login_with_canary(&common::client(&options)), Reason::TlsUnknownIssuer, Stage::Tls, false);
    });
    // Only there when this is the process that began.
    let _ = std::fs::remove_file(&file);
}

/// Nobody writes to the file, as to one on a share that does not answer.
#[cfg(unix)]
#[test]
fn a_certificate_file_that_never_ends_does_not_hold_the_call() {
    let fifo = std::env::temp_dir().join(format!("ropc-fifo-{}", std::process::id()));
    let name = fifo.to_str().expect("a name in UTF-8").to_owned();
    let made = || std::process::Command::new("mkfifo").arg(&fifo).status().is_ok_and(|made| made.success());
    assert!(is_alone() || made(), "no fifo");
    alone("a_certificate_file_that_never_ends_does_not_hold_the_call", &[("SSL_CERT_FILE", &name)], || {
        let server = Standin::start();
        let mut options = loginradius(&server);
        options.set_system_trust(true);
        options.set_timeouts(300, 600).expect("limits");
        let client = client(&options);
        // The second call waits for the same file, and is not held by the first.
        for _ in 0..2 {
            expect_failure(login_with_canary(&client), Reason::TimedOut, Stage::Tls, false);
        }
        assert_eq!(server.requests().len(), 0);
    });
    // Only there when this is the process that began.
    let _ = std::fs::remove_file(&fifo);
}

#[test]
fn sessions_are_resumed_by_the_client_that_had_them() {
    let server = Standin::start();
    for (options, origin) in [(loginradius(&server), server.https()), at(&server, Trap::Tls12Only)] {
        let mut options = options;
        options.set_limit(Limit::IdleConnections, 0).expect("valid");
        let first = client(&options);
        for _ in 0..3 {
            expect_tokens(first.login("ada", PASSWORD));
        }
        // The same server, other trust.
        options.add_pin(&origin, &hex(server.leaf_spki_sha256())).expect("a pin");
        expect_tokens(client(&options).login("ada", PASSWORD));
        let resumed: Vec<bool> = server.take_requests().iter().map(|seen| seen.resumed).collect();
        // Each request came once, and all but the first of a client resumed.
        assert_eq!(resumed, [false, true, true, false]);
    }
}

#[test]
fn a_session_that_was_not_trusted_is_not_resumed() {
    let server = Standin::start();
    let mut options = loginradius(&server);
    options.add_pin(&server.https(), &hex(OTHER)).expect("a pin");
    let client = client(&options);
    for _ in 0..3 {
        expect_failure(login_with_canary(&client), Reason::TlsPin, Stage::Tls, false);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn keys_are_not_written_down() {
    let file = std::env::temp_dir().join(format!("ropc-keys-{}.log", std::process::id()));
    let name = file.to_str().expect("a name in UTF-8").to_owned();
    alone("keys_are_not_written_down", &[("SSLKEYLOGFILE", &name)], || {
        let server = Standin::start();
        expect_tokens(client(&loginradius(&server)).login("ada", PASSWORD));
    });
    assert!(!file.exists(), "{name} was written");
}
