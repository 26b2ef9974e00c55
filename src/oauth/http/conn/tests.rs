//! A connection without TLS, and what the other side does to it.

use std::net::{Ipv4Addr, TcpListener};

use super::*;
use crate::oauth::call::TimeLimits;

pub fn call(total_ms: u32) -> Arc<Call> {
    Arc::new(Call::new(TimeLimits { connect_ms: total_ms, total_ms }))
}

/// A connection, and its other end.
pub fn pair(call: &Call) -> (Box<Conn>, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let socket = TcpStream::connect(listener.local_addr().expect("its address")).expect("a connection");
    let (server, _) = listener.accept().expect("a connection");
    (Conn::new(socket, call).expect("it works"), server)
}

impl Conn {
    /// Its own port.
    pub fn port(&self) -> u16 {
        self.socket.local_addr().expect("its address").port()
    }
}

#[test]
fn a_connection_is_alive_while_it_is_open_and_silent() {
    let call = call(60_000);
    let (mut conn, server) = pair(&call);
    assert!(conn.is_alive() && conn.is_ours() && conn.is_drained());
    conn.buffers.room()[0] = b'x';
    conn.buffers.received(1);
    assert!(!conn.is_drained(), "something was left over");
    drop(server);
    assert!(!conn.is_alive(), "closed");
    let (mut conn, mut server) = pair(&call);
    server.write_all(b"HTTP/1.1 408").expect("sent");
    assert!(!conn.is_alive(), "not silent");
    let (mut conn, server) = pair(&call);
    // Closed with something unread, it is reset.
    (&**conn.socket).write_all(b"unread").expect("sent");
    drop(server);
    assert!(!conn.is_alive(), "reset");
}

#[test]
fn a_cancel_ends_the_wait_of_the_call_that_has_the_connection() {
    let (first, second) = (call(60_000), call(60_000));
    let (conn, _server) = pair(&first);
    first.detach();
    conn.attach(&second).expect("not cancelled");
    let read = || {
        conn.socket.set_nonblocking(true).expect("a socket");
        (&**conn.socket).read(&mut [0]).map_err(|error| error.kind())
    };
    first.cancel();
    assert_eq!(read(), Err(ErrorKind::WouldBlock), "the connection is another call's");
    second.cancel();
    assert_eq!(read(), Ok(0));
}

#[test]
fn a_system_call_waits_for_a_slice_or_what_is_left() {
    let long = call(60_000);
    let (mut conn, _server) = pair(&long);
    let set = |conn: &Conn| {
        let timeouts = [conn.socket.read_timeout(), conn.socket.write_timeout()];
        timeouts.map(|timeout| timeout.expect("a socket").expect("a timeout").as_millis())
    };
    assert_eq!(set(&conn), [1000, 1000]);
    // Systems round up, by less than ten milliseconds.
    let near_its_end = (0..100).find_map(|_| {
        let short = call(400);
        conn.arm(&short).ok()?;
        assert!(set(&conn).iter().all(|timeout| (100..110).contains(timeout)), "{:?}", set(&conn));
        while short.left().ok()? > Duration::from_millis(80) {
            std::thread::yield_now();
        }
        // Unless this thread had to wait for too long.
        conn.arm(&short).ok()?;
        Some(set(&conn))
    });
    let near_its_end = near_its_end.expect("a thread that runs now and then");
    assert!(near_its_end.iter().all(|timeout| (1..90).contains(timeout)), "{near_its_end:?}");
    conn.arm(&long).expect("time is left");
    assert_eq!(set(&conn), [1000, 1000]);
}
