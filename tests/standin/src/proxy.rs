//! HTTP CONNECT proxies, obliging and otherwise.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::http::Answer;
use crate::hub::Hub;

/// How a proxy treats its clients.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manners {
    /// Tunnels to loopback.
    Open,
    /// The same, for who knows this user name and password.
    Login(&'static str, &'static str),
    /// Refuses with a page.
    Html,
    /// Reads and never answers.
    Silent,
}

const HEAD_BYTES: usize = 64 << 10;

/// Serves one client of the proxy.
pub(crate) fn serve(hub: &Hub, client: TcpStream, manners: Manners) -> io::Result<()> {
    let client = Arc::new(client);
    hub.add_tunnel(&client);
    let head = read_head(&client)?;
    hub.add_proxy_head(head.clone());
    let refusal = match manners {
        Manners::Silent => {
            // Until the client, or the stand-in, ends it.
            io::copy(&mut &*client, &mut io::sink())?;
            return Ok(());
        }
        Manners::Html => Some(Answer::html(403, "Blocked by your administrator")),
        Manners::Login(user, password) if !knows(&head, user, password) => {
            let answer = Answer::html(407, "Sign in to the proxy");
            Some(answer.with("Proxy-Authenticate", "Basic realm=\"standin proxy\""))
        }
        Manners::Open | Manners::Login(..) => None,
    };
    let target = target(&head);
    let answer = match (refusal, target) {
        (Some(refusal), _) => refusal,
        (None, None) => Answer::html(403, "This proxy tunnels to loopback only"),
        (None, Some(port)) => match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            Ok(server) => return tunnel(hub, client, server),
            Err(_) => Answer::html(502, "Nobody answers there"),
        },
    };
    let answer = answer.with("Connection", "close");
    (&*client).write_all(&answer.to_bytes())?;
    client.shutdown(Shutdown::Write)
}

/// Reads up to the end of the head and no further: what follows belongs to
/// the tunnel.
fn read_head(mut client: &TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > HEAD_BYTES {
            return Err(ErrorKind::InvalidData.into());
        }
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The port to tunnel to, if the head asks for loopback.
fn target(head: &str) -> Option<u16> {
    let rest = head.strip_prefix("CONNECT ")?;
    let (host, port) = rest.split(' ').next()?.rsplit_once(':')?;
    let port = port.parse().ok()?;
    matches!(host, "localhost" | "127.0.0.1" | "[::1]").then_some(port)
}

fn knows(head: &str, user: &str, password: &str) -> bool {
    let right = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    headers.any(|(name, value)| name.eq_ignore_ascii_case("proxy-authorization") && value.trim() == right)
}

fn tunnel(hub: &Hub, client: Arc<TcpStream>, server: TcpStream) -> io::Result<()> {
    let server = Arc::new(server);
    hub.add_tunnel(&server);
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    (&*client).write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (from, to) = (Arc::clone(&server), Arc::clone(&client));
    let back = thread::spawn(move || pump(&from, &to));
    pump(&client, &server);
    let _ = back.join();
    Ok(())
}

/// Copies one direction until it ends, and passes the end on.
fn pump(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
