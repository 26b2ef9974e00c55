//! The socket of a connection. A host may close descriptors that it does not
//! know, as daemons do, or one of its own twice: then ours is gone, and its
//! number may be the host's log file, or another socket. What is not ours is
//! neither used nor closed.

use std::io;
use std::mem::ManuallyDrop;
use std::net::TcpStream;
use std::ops::Deref;

/// A connected socket, closed with the value if it is still there.
pub struct Stream {
    socket: ManuallyDrop<TcpStream>,
    identity: Identity,
}

impl Stream {
    /// Takes over a socket, which is ours now.
    pub fn new(socket: TcpStream) -> io::Result<Stream> {
        let identity = identity(&socket)?;
        Ok(Stream { socket: ManuallyDrop::new(socket), identity })
    }

    /// Whether its number still leads to it: a system call.
    pub fn is_ours(&self) -> bool {
        identity(&self.socket).is_ok_and(|now| now == self.identity)
    }
}

impl Deref for Stream {
    type Target = TcpStream;

    fn deref(&self) -> &TcpStream {
        &self.socket
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.is_ours() {
            // SAFETY: dropped here only, and not used after this.
            unsafe { ManuallyDrop::drop(&mut self.socket) };
        }
    }
}

/// Device, number and kind of the file behind a descriptor. (Apple numbers no
/// sockets: there only a file in the place of one is seen.)
#[cfg(unix)]
type Identity = (libc::dev_t, libc::ino_t, libc::mode_t);

#[cfg(unix)]
fn identity(socket: &TcpStream) -> io::Result<Identity> {
    use std::mem::MaybeUninit;
    use std::os::fd::AsRawFd;
    let mut about = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: a number, open or not, and a place for what is told of it.
    if unsafe { libc::fstat(socket.as_raw_fd(), about.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: fstat has filled it in.
    let about = unsafe { about.assume_init() };
    Ok((about.st_dev, about.st_ino, about.st_mode & libc::S_IFMT))
}

/// Windows' programs have no numbers to go through: a handle is closed by who
/// has it.
#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn identity(_: &TcpStream) -> io::Result<Identity> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::File;
    use std::net::TcpListener;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    fn stream() -> Stream {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let socket = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
        Stream::new(socket).expect("a socket")
    }

    #[test]
    fn what_the_host_put_in_its_place_is_left_alone() {
        let (file, socket) = (File::open("/dev/null").expect("a file"), stream());
        for host in [file.as_raw_fd(), socket.as_raw_fd()] {
            let ours = stream();
            assert!(ours.is_ours());
            let number = ours.as_raw_fd();
            // SAFETY: what was there is closed by it, as by a host that goes
            // through the numbers; the copy is nobody else's.
            let put = unsafe {
                assert_eq!(libc::dup2(host, number), number);
                OwnedFd::from_raw_fd(number)
            };
            assert!(!ours.is_ours());
            drop(ours);
            File::from(put.try_clone().expect("it is still open")).metadata().expect("a file or a socket");
        }
        assert!(socket.is_ours());
    }
}
