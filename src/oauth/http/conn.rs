//! One connection: a socket, perhaps TLS over it, and its buffers. Everything
//! here blocks, in slices, and looks at the call's clock between them.

#[cfg(test)]
pub mod tests;

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, ClientConnection, pki_types::ServerName};

use super::buffers::Buffers;
use super::fault;
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::reason::{Reason, Stage};
use crate::oauth::secret::wipe;
use crate::oauth::sys::socket::{Silent, read_now};
use crate::oauth::sys::stream::Stream;

/// How many times 1 KiB an idle connection may have to say. A few session
/// tickets fit; a server that never stops would hold the call for ever.
const IDLE_READS: usize = 16;

/// A connection that works, or did when last looked at.
pub(crate) struct Conn {
    socket: Arc<Stream>,
    tls: Option<Box<ClientConnection>>,
    pub buffers: Buffers,
    /// The timeouts that are set on the socket.
    armed: Duration,
}

impl Conn {
    /// Takes over a connected socket.
    pub fn new(socket: TcpStream, call: &Call) -> Result<Box<Conn>, Error> {
        let broken = |_: io::Error| call.cut_off("The connection broke as soon as it was made");
        socket.set_nonblocking(false).map_err(broken)?;
        // Each turn is one write, and must not wait for another.
        socket.set_nodelay(true).map_err(broken)?;
        let socket = Arc::new(Stream::new(socket).map_err(broken)?);
        call.attach(socket.clone())?;
        let mut conn = Box::new(Conn { socket, tls: None, buffers: Buffers::new(), armed: Duration::ZERO });
        conn.arm(call)?;
        Ok(conn)
    }

    /// Lets `call` end what waits on this connection.
    pub fn attach(&self, call: &Call) -> Result<(), Error> {
        call.attach(self.socket.clone())
    }

    /// Makes TLS of it. The last message of the handshake leaves with the
    /// first request.
    pub fn start_tls(
        &mut self,
        call: &Call,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> Result<(), Error> {
        let mut tls = ClientConnection::new(config, name).map_err(|error| fault::from_tls(call, &error))?;
        while tls.is_handshaking() {
            if tls.wants_write() {
                self.write_tls(call, &mut tls)?;
            } else if self.read_tls(call, &mut tls)? == 0 {
                return Err(call.cut_off("The server closed the connection in the TLS handshake"));
            }
        }
        self.tls = Some(Box::new(tls));
        Ok(())
    }

    /// Sends what is left of the handshake, for a connection that gets its
    /// first request later.
    pub fn finish_tls(&mut self, call: &Call) -> Result<(), Error> {
        match self.tls.take() {
            Some(mut tls) => {
                let result = self.write_tls(call, &mut tls);
                self.tls = Some(tls);
                result
            }
            None => Ok(()),
        }
    }

    /// Adds to what is to be sent, which leaves when the buffer is full or an
    /// answer is awaited: a request and its body are one write.
    pub fn write(&mut self, call: &Call, bytes: &[u8]) -> Result<(), Error> {
        let mut rest = self.buffers.push(bytes);
        while !rest.is_empty() {
            self.flush(call)?;
            rest = self.buffers.push(rest);
        }
        Ok(())
    }

    /// Sends what waits in the buffer.
    pub fn flush(&mut self, call: &Call) -> Result<(), Error> {
        if self.buffers.to_send().is_empty() {
            return Ok(());
        }
        call.enter(Stage::Send);
        match self.tls.take() {
            Some(mut tls) => {
                let queued = tls.writer().write_all(self.buffers.to_send());
                let result = match queued {
                    Ok(()) => self.write_tls(call, &mut tls),
                    Err(_) => Err(call.cut_off("The server ended TLS before the request was sent")),
                };
                self.tls = Some(tls);
                result?;
            }
            None => self.write_plain(call)?,
        }
        self.buffers.sent();
        Ok(())
    }

    /// Sends, then waits for input; false at the end of the connection.
    pub fn receive(&mut self, call: &Call) -> Result<bool, Error> {
        self.flush(call)?;
        call.enter(Stage::Receive);
        if self.buffers.room().is_empty() {
            return Err(call.error(
                Reason::AnswerTooLarge,
                "The head of the answer, or a line among its chunks, is larger than 16 KiB",
            ));
        }
        let count = match self.tls.take() {
            Some(mut tls) => {
                let result = self.receive_tls(call, &mut tls);
                self.tls = Some(tls);
                result?
            }
            None => {
                let (socket, room) = (&**self.socket, self.buffers.room());
                let mut armed = self.armed;
                let count = blocking(call, socket, &mut armed, |mut socket| socket.read(room));
                self.armed = armed;
                count?
            }
        };
        self.buffers.received(count);
        Ok(count > 0)
    }

    /// Overwrites what an exchange leaves: in our buffers, and as far as rustls
    /// lets us (not after the server has closed TLS) in the one where it
    /// decrypts, which it keeps as it is until the next answer. So does a drop.
    pub fn wipe(&mut self) {
        self.buffers.wipe();
        if let Some(tls) = &mut self.tls {
            let _ = tls.read_tls(&mut Wiper);
        }
    }

    /// Whether everything that came was read. What is left over would become
    /// the answer to the next request, which may be another user's.
    pub fn is_drained(&mut self) -> bool {
        self.buffers.input().is_empty() && self.tls.as_mut().is_none_or(|tls| is_quiet(tls))
    }

    /// Whether the host has left its descriptor alone: a system call.
    pub fn is_ours(&self) -> bool {
        self.socket.is_ours()
    }

    /// Whether the connection can carry another request: open, and silent
    /// except for what TLS says between requests (session tickets come then).
    pub fn is_alive(&mut self) -> bool {
        let mut bytes = [0; 1024];
        for _ in 0..IDLE_READS {
            let count = match read_now(&self.socket, &mut bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) | Ok(0) => return false,
                Ok(count) => count,
            };
            let (Some(tls), Some(mut read)) = (self.tls.as_mut(), bytes.get(..count)) else {
                return false;
            };
            while !read.is_empty() {
                if tls.read_tls(&mut read).is_err() || !is_quiet(tls) {
                    return false;
                }
            }
        }
        false
    }

    /// Sends bytes that are no request: to a proxy.
    pub fn write_raw(&mut self, call: &Call, bytes: &[u8]) -> Result<(), Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let count = blocking(call, &self.socket, &mut self.armed, |socket| Silent(socket).write(rest))?;
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Reads bytes that are no answer: from a proxy. 0 at the end.
    pub fn read_raw(&mut self, call: &Call, room: &mut [u8]) -> Result<usize, Error> {
        blocking(call, &self.socket, &mut self.armed, |mut socket| socket.read(room))
    }

    fn write_plain(&mut self, call: &Call) -> Result<(), Error> {
        let mut at = 0;
        while let Some(rest) = self.buffers.to_send().get(at..).filter(|rest| !rest.is_empty()) {
            at += blocking(call, &self.socket, &mut self.armed, |socket| Silent(socket).write(rest))?;
            call.set_sent();
        }
        Ok(())
    }

    fn write_tls(&mut self, call: &Call, tls: &mut ClientConnection) -> Result<(), Error> {
        while tls.wants_write() {
            let count = blocking(call, &self.socket, &mut self.armed, |socket| tls.write_tls(&mut Silent(socket)))?;
            if count > 0 && call.stage() == Stage::Send {
                call.set_sent();
            }
        }
        Ok(())
    }

    /// Reads and takes in TLS records; 0 at the end of the connection.
    fn read_tls(&mut self, call: &Call, tls: &mut ClientConnection) -> Result<usize, Error> {
        let count = blocking(call, &self.socket, &mut self.armed, |mut socket| tls.read_tls(&mut socket))?;
        if let Err(error) = tls.process_new_packets() {
            // Tell the server why, if it still listens; it changes nothing here.
            let _ = tls.write_tls(&mut Silent(&self.socket));
            return Err(fault::from_tls(call, &error));
        }
        Ok(count)
    }

    fn receive_tls(&mut self, call: &Call, tls: &mut ClientConnection) -> Result<usize, Error> {
        loop {
            match tls.reader().read(self.buffers.room()) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // The connection ended without TLS saying so: whoever cut it
                // may have cut the answer.
                Err(_) => return Err(call.cut_off("The connection ended in the middle of the answer")),
            }
            self.read_tls(call, tls)?;
            // A key update or a renegotiation refused: rustls has an answer.
            if tls.wants_write() {
                self.write_tls(call, tls)?;
            }
        }
    }

    fn arm(&mut self, call: &Call) -> Result<(), Error> {
        arm(call, &self.socket, &mut self.armed)
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// Has nothing to read, and overwrites the room for it.
struct Wiper;

impl Read for Wiper {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        wipe(room);
        Err(ErrorKind::WouldBlock.into())
    }
}

/// Whether TLS is up and holds nothing for us.
fn is_quiet(tls: &mut ClientConnection) -> bool {
    tls.process_new_packets().is_ok_and(|state| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed())
}

/// Sets the socket's timeouts to the slice, or to what is left when that is
/// less. On all but the last slice of a call this finds them set already.
fn arm(call: &Call, socket: &TcpStream, armed: &mut Duration) -> Result<(), Error> {
    let slice = call.slice();
    // Below a millisecond some systems read "for ever".
    let wanted = call.left()?.min(slice).max(Duration::from_millis(1));
    if *armed == slice && wanted == slice {
        return Ok(());
    }
    let set = socket.set_read_timeout(Some(wanted)).and_then(|()| socket.set_write_timeout(Some(wanted)));
    set.map_err(|_| call.cut_off("The connection broke"))?;
    *armed = wanted;
    Ok(())
}

/// One system call that may block, again and again until it does something or
/// the call's time is over.
fn blocking(
    call: &Call,
    socket: &TcpStream,
    armed: &mut Duration,
    mut step: impl FnMut(&TcpStream) -> io::Result<usize>,
) -> Result<usize, Error> {
    loop {
        arm(call, socket, armed)?;
        match step(socket) {
            Ok(count) => return Ok(count),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                _ => return Err(call.cut_off("The connection broke")),
            },
        }
    }
}
