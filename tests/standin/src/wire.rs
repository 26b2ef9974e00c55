//! One connection: TCP, TLS if its listener has it, and the count of turns.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustls::{HandshakeKind, ProtocolVersion, ServerConfig, ServerConnection};
use socket2::SockRef;

use crate::hub::{Hub, Socket};

/// What becomes of a connection once its answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It waits for the next request.
    Keep,
    /// From a script: the request is answered as if there were no script.
    Answer,
    /// It ends properly: close_notify, then FIN.
    Close,
    /// It ends by FIN alone, which over TLS is a truncation.
    Cut,
    /// It ends by RST.
    Reset,
}

/// The decrypted stream a script answers on.
pub trait ReadWrite: Read + Write {
    /// Waits until the client has closed its end or the time is over; true
    /// means that it is still there. What it sends meanwhile is kept.
    fn client_stays(&mut self, time: Duration) -> bool;
}

/// A connection as its thread sees it.
pub(crate) struct Wire {
    pub hub: Arc<Hub>,
    socket: Arc<Socket>,
    tls: Option<Box<ServerConnection>>,
    /// Received, but not yet asked for.
    early: Vec<u8>,
    /// The server was the last to say something the client may wait for.
    spoke: bool,
}

impl Wire {
    /// Takes a connection over; it is TLS if there is a configuration.
    pub fn new(hub: Arc<Hub>, socket: Arc<Socket>, tls: Option<Arc<ServerConfig>>) -> io::Result<Wire> {
        socket.tcp.set_nodelay(true)?;
        let session = tls.map(ServerConnection::new).transpose();
        Ok(Wire { hub, socket, tls: session.map_err(io::Error::other)?.map(Box::new), early: Vec::new(), spoke: true })
    }

    /// Does the TLS handshake. On failure the client has been told why.
    pub fn handshake(&mut self) -> io::Result<()> {
        while self.session(|tls| tls.is_handshaking()) == Some(true) {
            let more = self.fill();
            if more.is_err() {
                // Wait for the client to read the alert and go: closing with
                // bytes of its on the way would reset the connection, and a
                // reset can overtake the alert.
                let _ = self.socket.tcp.shutdown(Shutdown::Write);
                self.patience(Some(Duration::from_secs(1)));
                let _ = io::copy(&mut &self.socket.tcp, &mut io::sink());
            }
            if !more? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        self.socket.idle.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// The number of this connection, counted from 1.
    pub fn id(&self) -> u64 {
        self.socket.id
    }

    /// The port of the listener it came in by.
    pub fn port(&self) -> u16 {
        self.socket.tcp.local_addr().map_or(0, |addr| addr.port())
    }

    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    pub fn has_client_cert(&self) -> bool {
        self.session(|tls| tls.peer_certificates().is_some()) == Some(true)
    }

    pub fn is_resumed(&self) -> bool {
        self.session(|tls| tls.handshake_kind() == Some(HandshakeKind::Resumed)) == Some(true)
    }

    /// The name the client asked for in its ClientHello.
    pub fn server_name(&self) -> Option<String> {
        self.session(|tls| tls.server_name().map(str::to_owned)).flatten()
    }

    fn session<T>(&self, look: impl FnOnce(&ServerConnection) -> T) -> Option<T> {
        self.tls.as_deref().map(look)
    }

    /// How long a read may wait; None is for ever.
    pub fn patience(&self, time: Option<Duration>) {
        // Zero is refused by the system; no read needs less than this.
        let time = time.map(|time| time.max(Duration::from_millis(1)));
        let _ = self.socket.tcp.set_read_timeout(time);
    }

    /// Puts bytes back, to be read again.
    pub fn unread(&mut self, bytes: &[u8]) {
        self.early.splice(..0, bytes.iter().copied());
    }

    /// Ends the connection. Dropping it right after is part of the ending.
    pub fn finish(&mut self, how: After) {
        let tcp = &self.socket.tcp;
        match how {
            After::Keep | After::Answer => {}
            After::Reset => {
                let _ = SockRef::from(tcp).set_linger(Some(Duration::ZERO));
            }
            After::Cut => {
                let _ = tcp.shutdown(Shutdown::Write);
                self.drain();
            }
            After::Close => {
                if let Some(tls) = &mut self.tls {
                    tls.send_close_notify();
                    let _ = flush(tls, tcp);
                }
                let _ = tcp.shutdown(Shutdown::Write);
                self.drain();
            }
        }
    }

    /// Reads what is there already: a socket closed with unread bytes is
    /// reset by the system, and a reset can destroy the answer before it.
    fn drain(&self) {
        let mut scrap = [0; 4096];
        let _ = self.socket.tcp.set_nonblocking(true);
        while matches!((&self.socket.tcp).read(&mut scrap), Ok(n) if n > 0) {}
    }

    /// The client said something: a new turn if the server spoke before.
    fn heard(&mut self) {
        self.socket.idle.store(false, Ordering::SeqCst);
        if std::mem::take(&mut self.spoke) {
            self.hub.add_flight();
        }
    }

    fn speak(&mut self) {
        self.spoke = true;
        self.socket.idle.store(true, Ordering::SeqCst);
    }

    /// Reads TLS records once and answers what the protocol itself asks for.
    /// False at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        let socket = Arc::clone(&self.socket);
        let tls = self.tls.as_mut().expect("only called with TLS");
        let handshaking = tls.is_handshaking();
        let count = tls.read_tls(&mut &socket.tcp)?;
        let outcome = tls.process_new_packets();
        let plain = outcome.as_ref().map_or(0, |s| s.plaintext_bytes_to_read());
        // Session tickets are no turn: no client waits for them. Neither is
        // a client's goodbye, which carries no plaintext, nor TLS 1.3's
        // Finished, which gets no answer: with a request behind it, that is.
        let tls12 = tls.protocol_version() == Some(ProtocolVersion::TLSv1_2);
        let speaks = handshaking && tls.wants_write() && (tls.is_handshaking() || tls12);
        if count > 0 && (speaks || plain > 0) {
            self.heard();
        }
        self.spoke |= speaks;
        let tls = self.tls.as_mut().expect("only called with TLS");
        let flushed = flush(tls, &socket.tcp);
        outcome.map_err(|e| io::Error::new(ErrorKind::InvalidData, e))?;
        flushed?;
        Ok(count > 0)
    }

    fn receive(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.tls.is_none() {
            let count = (&self.socket.tcp).read(buf)?;
            if count > 0 {
                self.heard();
            }
            return Ok(count);
        }
        loop {
            let tls = self.tls.as_mut().expect("checked above");
            match tls.reader().read(buf) {
                Ok(count) => {
                    let idle = &self.socket.idle;
                    idle.fetch_and(count == 0, Ordering::SeqCst);
                    return Ok(count);
                }
                Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Ok(0),
                Err(e) if e.kind() != ErrorKind::WouldBlock => return Err(e),
                Err(_) => {
                    self.fill()?;
                }
            }
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.early.is_empty() {
            return self.receive(buf);
        }
        let count = buf.len().min(self.early.len());
        buf[..count].copy_from_slice(&self.early[..count]);
        self.early.drain(..count);
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.speak();
        let mut tcp = &self.socket.tcp;
        match &mut self.tls {
            None => tcp.write(buf),
            Some(tls) => {
                let count = tls.writer().write(buf)?;
                flush(tls, tcp)?;
                Ok(count)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ReadWrite for Wire {
    fn client_stays(&mut self, time: Duration) -> bool {
        let end = Instant::now() + time;
        let mut block = [0; 4096];
        let stays = loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break true;
            }
            self.patience(Some(left));
            match self.receive(&mut block) {
                Ok(0) => break false,
                Ok(count) => self.early.extend_from_slice(&block[..count]),
                Err(e) if is_timeout(&e) => {}
                Err(_) => break false,
            }
        };
        self.patience(None);
        stays
    }
}

/// A read gave up waiting; the name differs between systems.
pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn flush(tls: &mut ServerConnection, mut tcp: &std::net::TcpStream) -> io::Result<()> {
    while tls.wants_write() {
        tls.write_tls(&mut tcp)?;
    }
    Ok(())
}
