//! Runs the rows that are a certificate: a server that has it, and what a login
//! there comes to. The certificates are made by certificates/make.sh.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use ropc::oauth::{Options, Stage};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use standin::CLIENT;

use crate::answers::{name_of, reason, same};
use crate::common::client;
use crate::common::trouble::{HERE, SOON, login_with_canary};
use crate::table::Row;

/// What the server learned of its one client.
struct Met {
    /// The name in its ClientHello.
    sni: Option<String>,
    /// What it was sent, decrypted.
    sent: Vec<u8>,
}

fn file(name: &str) -> String {
    format!("{}/tests/reliability/certificates/{name}.pem", env!("CARGO_MANIFEST_DIR"))
}

fn config(certificate: &str) -> Arc<ServerConfig> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(file(certificate))
        .unwrap_or_else(|error| panic!("{certificate}: {error}"))
        .map(|one| one.expect("a certificate"))
        .collect();
    let key = PrivateKeyDer::from_pem_file(file("key")).expect("a key");
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("ring has both").with_no_client_auth();
    Arc::new(builder.with_single_cert(chain, key).expect("the key is that of the certificate"))
}

/// Meets one client: a handshake, a request, and tokens for it.
fn serve(mut stream: TcpStream, config: Arc<ServerConfig>) -> Met {
    let mut tls = ServerConnection::new(config).expect("a configuration");
    let (mut sent, mut piece) = (Vec::new(), [0; 4096]);
    let mut wire = Stream::new(&mut tls, &mut stream);
    // An error is the client's way to leave, as is the end.
    while let Ok(count @ 1..) = wire.read(&mut piece) {
        sent.extend_from_slice(&piece[..count]);
        // The end of the password, which is that of the request.
        if sent.ends_with(b"never-leaves") {
            let _ = wire.write_all(
                b"HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n{\"access_token\":\"t\",\"token_type\":\"Bearer\"}",
            );
        }
    }
    Met { sni: tls.server_name().map(str::to_owned), sent }
}

/// Reads the ClientHello and answers it with this alert.
fn alert(mut stream: TcpStream, description: u8) -> Met {
    let _ = stream.read(&mut [0; 4096]);
    let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, description]);
    let mut sent = Vec::new();
    let _ = stream.read_to_end(&mut sent);
    Met { sni: None, sent }
}

/// Runs a row; what is wrong.
pub fn run(row: &Row) -> Result<(), String> {
    for certificate in row.texts("certificate") {
        run_one(row, &certificate).map_err(|why| format!("{}, {certificate}: {why}", row.id))?;
    }
    Ok(())
}

fn run_one(row: &Row, certificate: &str) -> Result<(), String> {
    let listener = TcpListener::bind((HERE, 0)).expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let host = row.text("host").unwrap_or_else(|| "localhost".to_owned());
    let mut options = Options::oauth2(&format!("https://{host}:{port}/token"), CLIENT).expect("valid");
    options.set_ca_pem(&std::fs::read(file("ca")).expect("a file")).expect("a CA");
    options.set_proxy("").expect("no proxy");
    let (config, description) = (config(certificate), row.number("alert"));
    let (result, met) = thread::scope(|scope| {
        let server = scope.spawn(move || {
            let (stream, _) = listener.accept().expect("a client");
            // A client that neither goes on nor goes is found at the end of its call.
            stream.set_read_timeout(Some(SOON)).expect("a time");
            match description {
                Some(description) => alert(stream, u8::try_from(description).expect("a byte")),
                None => serve(stream, config),
            }
        });
        let result = login_with_canary(&client(&options)).map(|_| ());
        (result, server.join().expect("no panic"))
    });
    if let Some(sni) = row.text("sni") {
        same("the name in the ClientHello", met.sni.unwrap_or_default(), sni)?;
    }
    match result {
        Ok(()) => same("the status", Some("ROPC_OK".to_owned()), row.text("status")),
        Err(error) => {
            let say = |why: String| format!("{why}: {error:?}");
            same("what was sent", met.sent.len(), 0)?;
            same("the status", Some(name_of(error.status())), row.text("status")).map_err(say)?;
            same("the reason", error.reason, reason(&row.text("reason").unwrap_or_default())).map_err(say)?;
            same("where, and sent", (error.stage, error.request_sent), (Stage::Tls, false)).map_err(say)
        }
    }
}
