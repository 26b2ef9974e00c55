//! What std's sockets cannot do: connect without blocking, wait for several,
//! and look for input without waiting.

use std::io;
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

/// Begins to connect and returns at once; [`wait_connected`] tells when it
/// ended.
pub fn begin_connect(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    #[cfg(unix)]
    let socket = super::above_standard(socket)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Ok(()) => Ok(socket),
        Err(error) if is_in_progress(&error) => Ok(socket),
        Err(error) => Err(error),
    }
}

fn is_in_progress(error: &io::Error) -> bool {
    #[cfg(unix)]
    let begun = error.raw_os_error() == Some(libc::EINPROGRESS);
    #[cfg(windows)]
    let begun = error.kind() == io::ErrorKind::WouldBlock;
    begun
}

/// Waits up to `wait` until at least one of `sockets` has connected or failed;
/// says which of them.
pub fn wait_connected(sockets: &[Arc<Socket>], wait: Duration) -> io::Result<Vec<bool>> {
    let wait_ms = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX).max(1);
    poll_writable(sockets, wait_ms)
}

#[cfg(unix)]
fn poll_writable(sockets: &[Arc<Socket>], wait_ms: i32) -> io::Result<Vec<bool>> {
    use std::os::fd::AsRawFd;
    let entry = |socket: &Arc<Socket>| libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
    let mut entries: Vec<libc::pollfd> = sockets.iter().map(entry).collect();
    // SAFETY: the pointer and the count describe `entries`, which outlives the
    // call; the descriptors are open as long as `sockets` is borrowed.
    let ready = unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, wait_ms) };
    if ready < 0 {
        let error = io::Error::last_os_error();
        // A signal is no event: the caller looks at its clock and waits on.
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(entries.iter().map(|entry| entry.revents != 0).collect())
}

#[cfg(windows)]
fn poll_writable(sockets: &[Arc<Socket>], wait_ms: i32) -> io::Result<Vec<bool>> {
    use std::os::windows::io::AsRawSocket;
    use windows_sys::Win32::Networking::WinSock::{POLLWRNORM, SOCKET, WSAPOLLFD, WSAPoll};
    let entry =
        |socket: &Arc<Socket>| WSAPOLLFD { fd: socket.as_raw_socket() as SOCKET, events: POLLWRNORM, revents: 0 };
    let mut entries: Vec<WSAPOLLFD> = sockets.iter().map(entry).collect();
    // SAFETY: the pointer and the count describe `entries`, which outlives the
    // call; the sockets are open as long as `sockets` is borrowed.
    let ready = unsafe { WSAPoll(entries.as_mut_ptr(), entries.len() as u32, wait_ms) };
    if ready < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(entries.iter().map(|entry| entry.revents != 0).collect())
}

/// Writes to a socket without ever raising SIGPIPE, which would end a host
/// program that did not ask for it. std forgets that in vectored writes, which
/// are what rustls makes.
pub struct Silent<'a>(pub &'a TcpStream);

/// Elsewhere the socket itself was told (Apple), or there is no such signal.
#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd"
))]
const NO_SIGNAL: i32 = libc::MSG_NOSIGNAL;
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd"
)))]
const NO_SIGNAL: i32 = 0;

impl io::Write for Silent<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        SockRef::from(self.0).send_with_flags(bytes, NO_SIGNAL)
    }

    fn write_vectored(&mut self, pieces: &[io::IoSlice<'_>]) -> io::Result<usize> {
        SockRef::from(self.0).send_vectored_with_flags(pieces, NO_SIGNAL)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads what is there, without waiting; `WouldBlock` when nothing is.
pub fn read_now(stream: &TcpStream, buffer: &mut [u8; 1024]) -> io::Result<usize> {
    #[cfg(unix)]
    {
        // One call; switching the socket to non-blocking and back takes two.
        let mut space = [MaybeUninit::uninit(); 1024];
        let count = SockRef::from(stream).recv_with_flags(&mut space, libc::MSG_DONTWAIT)?;
        for (to, from) in buffer.iter_mut().zip(space.iter().take(count)) {
            // SAFETY: recv wrote the first `count` bytes.
            *to = unsafe { from.assume_init() };
        }
        Ok(count)
    }
    #[cfg(windows)]
    {
        let mut space = [MaybeUninit::uninit(); 1024];
        let socket = SockRef::from(stream);
        socket.set_nonblocking(true)?;
        let result = socket.recv(&mut space);
        socket.set_nonblocking(false)?;
        let count = result?;
        for (to, from) in buffer.iter_mut().zip(space.iter().take(count)) {
            // SAFETY: recv wrote the first `count` bytes.
            *to = unsafe { from.assume_init() };
        }
        Ok(count)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::oauth::sys::fork::tests::{forked, lower};
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    fn a_connect_that_cannot_even_begin_fails_at_once() {
        begin_connect((Ipv4Addr::BROADCAST, 9).into()).expect_err("TCP has no broadcast");
    }

    #[test]
    fn only_a_signal_is_no_failure_of_a_wait() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let sockets = [Arc::new(begin_connect(listener.local_addr().expect("its address")).expect("begun"))];
        assert_eq!(wait_connected(&sockets, Duration::from_secs(60)).expect("connected"), [true]);
        let failed = forked(|| {
            // poll() takes no more descriptors than a process may have.
            lower(libc::RLIMIT_NOFILE as i32, 0);
            wait_connected(&sockets, Duration::from_millis(1)).is_err()
        });
        assert!(failed());
    }
}
