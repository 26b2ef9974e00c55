//! Listeners that are wrong in one way each.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use rustls::version::{TLS12, TLS13};
use socket2::{Domain, SockRef, Socket as RawSocket, Type};

use crate::hub::{Hub, Socket};
use crate::pki::Flavor;
use crate::proxy::Manners;
use crate::serve::Service;

/// What is wrong with a listener, or unusual about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    /// The certificate ended in 2020.
    Expired,
    /// The certificate begins in 2090.
    NotYetValid,
    /// The certificate is signed by its own key.
    SelfSigned,
    /// The certificate is for another host.
    WrongHost,
    /// The certificate is from a CA nobody trusts.
    UnknownCa,
    /// The certificate is from an intermediate that is not sent.
    MissingIntermediate,
    /// The intermediate is sent: this one works.
    WithIntermediate,
    /// The main certificate, and an unrelated one behind it in the chain.
    DecoyChain,
    /// The certificate names the host in its common name only.
    CnOnly,
    /// The certificate is for clients, by its extended key usage.
    ClientAuthOnly,
    /// A client certificate is demanded.
    ClientCert,
    /// TLS 1.2 and nothing newer: works.
    Tls12Only,
    /// Answers the ClientHello with the alert protocol_version.
    Tls11Only,
    /// Answers the ClientHello with HTTP 400 in plain text.
    PlainOnTls,
    /// Reads the ClientHello and never answers.
    StalledHandshake,
    /// Reads the ClientHello and closes.
    SilentClose,
    /// Connects do not complete: the backlog is full.
    BlackHole,
    /// Resets each connection as it is accepted.
    ResetOnAccept,
    /// A CONNECT proxy to loopback.
    ProxyOpen,
    /// The same, for one user name and password (Basic).
    ProxyNeedsLogin(&'static str, &'static str),
    /// A proxy that refuses with 403 and a page.
    ProxyHtml,
    /// A proxy that reads and never answers.
    ProxySilent,
}

impl Trap {
    /// One of each; the proxy's login is `proxy-user`, `proxy-pass`.
    pub const ALL: [Trap; 22] = [
        Trap::Expired,
        Trap::NotYetValid,
        Trap::SelfSigned,
        Trap::WrongHost,
        Trap::UnknownCa,
        Trap::MissingIntermediate,
        Trap::WithIntermediate,
        Trap::DecoyChain,
        Trap::CnOnly,
        Trap::ClientAuthOnly,
        Trap::ClientCert,
        Trap::Tls12Only,
        Trap::Tls11Only,
        Trap::PlainOnTls,
        Trap::StalledHandshake,
        Trap::SilentClose,
        Trap::BlackHole,
        Trap::ResetOnAccept,
        Trap::ProxyOpen,
        Trap::ProxyNeedsLogin("proxy-user", "proxy-pass"),
        Trap::ProxyHtml,
        Trap::ProxySilent,
    ];

    /// The name in snake case, as the binary prints it.
    pub fn name(self) -> &'static str {
        match self {
            Trap::Expired => "expired",
            Trap::NotYetValid => "not_yet_valid",
            Trap::SelfSigned => "self_signed",
            Trap::WrongHost => "wrong_host",
            Trap::UnknownCa => "unknown_ca",
            Trap::MissingIntermediate => "missing_intermediate",
            Trap::WithIntermediate => "with_intermediate",
            Trap::DecoyChain => "decoy_chain",
            Trap::CnOnly => "cn_only",
            Trap::ClientAuthOnly => "client_auth_only",
            Trap::ClientCert => "client_cert",
            Trap::Tls12Only => "tls12_only",
            Trap::Tls11Only => "tls11_only",
            Trap::PlainOnTls => "plain_on_tls",
            Trap::StalledHandshake => "stalled_handshake",
            Trap::SilentClose => "silent_close",
            Trap::BlackHole => "black_hole",
            Trap::ResetOnAccept => "reset_on_accept",
            Trap::ProxyOpen => "proxy_open",
            Trap::ProxyNeedsLogin(..) => "proxy_needs_login",
            Trap::ProxyHtml => "proxy_html",
            Trap::ProxySilent => "proxy_silent",
        }
    }

    /// What its listener does; None for the one that does not even accept.
    pub(crate) fn service(self, hub: &Hub) -> Option<Service> {
        let tickets = hub.settings.tickets;
        let tls = |flavor, versions: &[_], ask_client| {
            let config = hub.authority.server_config(flavor, versions, tickets, ask_client);
            Some(Service::Endpoints(Some(config)))
        };
        let wrong = |flavor| tls(flavor, &[&TLS13, &TLS12], false);
        match self {
            Trap::Expired => wrong(Flavor::Expired),
            Trap::NotYetValid => wrong(Flavor::NotYetValid),
            Trap::SelfSigned => wrong(Flavor::SelfSigned),
            Trap::WrongHost => wrong(Flavor::WrongHost),
            Trap::UnknownCa => wrong(Flavor::UnknownCa),
            Trap::MissingIntermediate => wrong(Flavor::MissingIntermediate),
            Trap::WithIntermediate => wrong(Flavor::WithIntermediate),
            Trap::DecoyChain => wrong(Flavor::Decoy),
            Trap::CnOnly => wrong(Flavor::CnOnly),
            Trap::ClientAuthOnly => wrong(Flavor::ClientAuthOnly),
            Trap::ClientCert => tls(Flavor::Good, &[&TLS13, &TLS12], true),
            Trap::Tls12Only => tls(Flavor::Good, &[&TLS12], false),
            Trap::Tls11Only => Some(Service::Other(|_, socket| {
                // Fatal alert 70 in a TLS 1.1 record.
                after_hello(socket, b"\x15\x03\x02\x00\x02\x02\x46");
            })),
            Trap::PlainOnTls => Some(Service::Other(|_, socket| {
                let page = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\
                    Connection: close\r\n\r\n";
                after_hello(socket, page);
            })),
            Trap::StalledHandshake => Some(Service::Other(|_, socket| {
                let _ = io::copy(&mut &socket.tcp, &mut io::sink());
            })),
            Trap::SilentClose => Some(Service::Other(|_, socket| after_hello(socket, b""))),
            Trap::ResetOnAccept => Some(Service::Other(|_, socket| {
                let _ = SockRef::from(&socket.tcp).set_linger(Some(Duration::ZERO));
            })),
            Trap::BlackHole => None,
            Trap::ProxyOpen => Some(Service::Proxy(Manners::Open)),
            Trap::ProxyNeedsLogin(user, password) => Some(Service::Proxy(Manners::Login(user, password))),
            Trap::ProxyHtml => Some(Service::Proxy(Manners::Html)),
            Trap::ProxySilent => Some(Service::Proxy(Manners::Silent)),
        }
    }
}

/// Reads the one TLS record that a ClientHello is, answers and closes. Read
/// whole, so that the close is a FIN and not a reset.
fn after_hello(socket: &Socket, answer: &[u8]) {
    let mut tcp = &socket.tcp;
    let mut head = [0; 5];
    if tcp.read_exact(&mut head).is_err() {
        return;
    }
    let length = u16::from_be_bytes([head[3], head[4]]);
    let mut rest = vec![0; usize::from(length)];
    if tcp.read_exact(&mut rest).is_ok() {
        let _ = tcp.write_all(answer);
        let _ = tcp.shutdown(Shutdown::Write);
    }
}

/// A listener whose backlog is full, so that the system drops what comes.
pub(crate) struct BlackHole {
    pub port: u16,
    _listener: RawSocket,
    _fill: Vec<TcpStream>,
}

impl BlackHole {
    pub fn start() -> BlackHole {
        let listener = RawSocket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
        listener.bind(&any.into()).expect("some port is free");
        listener.listen(0).expect("it is bound");
        let addr = listener.local_addr().ok().and_then(|a| a.as_socket());
        let addr = addr.expect("it is bound to IPv4");
        // Systems round the backlog up as they like: fill it until one waits.
        let patience = Duration::from_millis(200);
        let mut fill = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&addr, patience) {
            fill.push(stream);
        }
        BlackHole { port: addr.port(), _listener: listener, _fill: fill }
    }
}
