//! A token endpoint on loopback, for clients to be measured at: it answers every
//! login with the same tokens, and does as little as it can about it.
//!
//!     server FOLDER
//!
//! Writes the certificates of its authorities into FOLDER and one line of JSON
//! to standard output: the base URL of each listener, and those files. Ends when
//! standard input does.

mod pki;
mod reply;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Connections that one listener serves at a time, a thread each; the threads
/// are there before the connections, so that accepting one starts none.
const AT_ONCE: usize = 64;

/// TLS 1.3 tickets that a server sends after a handshake, as most do.
const TICKETS: usize = 2;

fn main() {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: server FOLDER");
        std::process::exit(2);
    };
    let mut told = vec![("http".to_owned(), listen(None, false))];
    for kind in [pki::Kind::Ec, pki::Kind::Rsa] {
        let authority = pki::Authority::new(kind);
        let name = kind.name();
        let file = Path::new(&folder).join(format!("{name}.pem"));
        std::fs::write(&file, authority.ca_pem()).expect("the folder can be written");
        told.push((format!("{name}-ca"), file.display().to_string()));
        // Without tickets every handshake is a full one.
        told.push((format!("{name}-full"), listen(Some(authority.server_config(0)), false)));
        told.push((format!("{name}-chunks"), listen(Some(authority.server_config(TICKETS)), true)));
        told.push((name.to_owned(), listen(Some(authority.server_config(TICKETS)), false)));
    }
    let members: Vec<String> = told.iter().map(|(name, value)| format!("{name:?}: {value:?}")).collect();
    println!("{{{}}}", members.join(", "));
    io::copy(&mut io::stdin(), &mut io::sink()).expect("standard input can be read");
}

/// Starts a listener; its base URL.
fn listen(tls: Option<Arc<ServerConfig>>, in_chunks: bool) -> String {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listener = Arc::new(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port"));
    let port = listener.local_addr().expect("it is bound").port();
    for _ in 0..AT_ONCE {
        let (listener, tls) = (Arc::clone(&listener), tls.clone());
        thread::spawn(move || {
            loop {
                // Clients come and go as they like; that ends nothing.
                let _ = listener.accept().and_then(|(tcp, _)| serve(tcp, tls.as_ref(), in_chunks));
            }
        });
    }
    format!("{scheme}://127.0.0.1:{port}")
}

fn serve(tcp: TcpStream, tls: Option<&Arc<ServerConfig>>, in_chunks: bool) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    match tls {
        None => converse(tcp, in_chunks),
        Some(config) => {
            let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
            converse(StreamOwned::new(connection, tcp), in_chunks)
        }
    }
}

/// Answers requests until the client closes the connection.
fn converse(mut wire: impl Read + Write, in_chunks: bool) -> io::Result<()> {
    let mut buffer = [0; 16384];
    let mut filled = 0;
    loop {
        let end = loop {
            if let Some(end) = reply::request_end(&buffer[..filled]) {
                break end;
            }
            match wire.read(&mut buffer[filled..])? {
                0 => return Ok(()),
                count => filled += count,
            }
        };
        wire.write_all(reply::to(&buffer[..end], in_chunks))?;
        buffer.copy_within(end..filled, 0);
        filled -= end;
    }
}
