//! Listeners, and what happens on a connection from its start to its end.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustls::ServerConfig;

use crate::endpoints;
use crate::faults;
use crate::http::{self, EARLY_CLOSE, Seen};
use crate::hub::{Hub, Socket};
use crate::token::Reply;
use crate::wire::{After, Wire};

/// What a listener's connections are.
#[derive(Clone)]
pub(crate) enum Service {
    /// The endpoints, over TLS if there is a configuration.
    Endpoints(Option<Arc<ServerConfig>>),
    /// Something else, counted as a connection.
    Other(fn(&Hub, &Socket)),
    /// A proxy, which is not counted: the other end of its tunnel is.
    Proxy(crate::proxy::Manners),
}

/// A listener with its thread.
pub(crate) struct Listener {
    pub port: u16,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens on loopback; port 0 is any free one.
    pub fn start(hub: &Arc<Hub>, port: u16, service: Service) -> Listener {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .unwrap_or_else(|e| panic!("port {port} of 127.0.0.1 is not to be had: {e}"));
        let port = socket.local_addr().expect("it is bound").port();
        let hub = Arc::clone(hub);
        let thread = thread::spawn(move || accept(&hub, &socket, &service));
        Listener { port, thread: Some(thread) }
    }
}

impl Drop for Listener {
    /// Call after `Hub::stop`: the thread looks there when it wakes.
    fn drop(&mut self) {
        let _ = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept(hub: &Arc<Hub>, listener: &TcpListener, service: &Service) {
    for tcp in listener.incoming() {
        if hub.stopping() {
            return;
        }
        // A client may be gone before it is accepted; that ends nothing.
        let Ok(tcp) = tcp else { continue };
        let hub = Arc::clone(hub);
        let service = service.clone();
        thread::spawn(move || match service {
            Service::Endpoints(tls) => endpoints(hub, tcp, tls),
            Service::Other(act) => {
                let (_open, socket) = hub.opened(tcp);
                act(&hub, &socket);
                drop(socket);
            }
            Service::Proxy(manners) => {
                // Peers go when they like.
                let _ = crate::proxy::serve(&hub, tcp, manners);
            }
        });
    }
}

fn endpoints(hub: Arc<Hub>, tcp: TcpStream, tls: Option<Arc<ServerConfig>>) {
    // In this order, so that the socket is closed before it is said to be.
    let (_open, socket) = hub.opened(tcp);
    let Ok(mut wire) = Wire::new(hub, socket, tls) else {
        return;
    };
    if wire.handshake().is_ok() {
        let after = converse(&mut wire).unwrap_or(After::Close);
        wire.finish(after);
    }
}

/// Answers requests until the connection is to end.
fn converse(wire: &mut Wire) -> io::Result<After> {
    while let Some(seen) = http::read_request(wire)? {
        wire.hub.add_request(seen.clone());
        let after = respond(wire, &seen)?;
        if after != After::Keep {
            return Ok(after);
        }
    }
    Ok(After::Close)
}

fn respond(wire: &mut Wire, seen: &Seen) -> io::Result<After> {
    if seen.target == EARLY_CLOSE {
        return Ok(After::Reset);
    }
    if let Some(script) = wire.hub.script(seen.path(), endpoints::is_token(seen)) {
        match script(wire, seen) {
            After::Answer => {}
            after => return Ok(after),
        }
    }
    match endpoints::answer(&wire.hub, seen) {
        Reply::Fault(name, answer) => faults::commit(&name, answer, wire),
        Reply::Plain(answer) if wire.hub.settings.keep_alive && !seen.wants_close() => {
            wire.write_all(&answer.to_bytes())?;
            Ok(After::Keep)
        }
        Reply::Plain(answer) => {
            let answer = answer.with("Connection", "close");
            wire.write_all(&answer.to_bytes())?;
            Ok(After::Close)
        }
    }
}
