//! A server on loopback that answers as it is told: one thread for all
//! connections, which are what it counts.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The connection stays, for the next request or for nothing.
    Stay,
    Close,
    Reset,
}

/// What is answered to one request.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Written one by one. One that ends in `@ECHO@"}` repeats the request's
    /// body there.
    pub pieces: Vec<Vec<u8>>,
    pub end: End,
}

impl Reply {
    /// A whole answer of HTTP.
    pub fn of(status: u16, headers: &str, body: &[u8]) -> Reply {
        let head = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        Reply { pieces: vec![[head.as_bytes(), body].concat()], end: End::Stay }
    }
}

/// What happened so far.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The connection that each request came on, and the request.
    pub requests: Vec<(u64, Vec<u8>)>,
    /// Requests that were answered as far as they will be.
    pub answered: usize,
    /// Connections that are open.
    pub open: usize,
    /// The port of the client that came last.
    last: u16,
}

#[derive(Default)]
struct State {
    seen: Seen,
    replies: VecDeque<Reply>,
    /// What is answered when there is nothing else.
    usual: Option<Reply>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("never poisoned")
    }
}

pub struct Server {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Connection {
    id: u64,
    stream: TcpStream,
    received: Vec<u8>,
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
        let of_thread = shared.clone();
        let thread = std::thread::Builder::new().name("fuzz-server".to_owned());
        thread.spawn(move || serve(&listener, &of_thread)).expect("a thread");
        Server { port, shared }
    }

    /// Forgets what happened, and answers so from now on.
    pub fn begin(&self, replies: Vec<Reply>, usual: Option<Reply>) {
        let mut state = self.shared.lock();
        let Seen { open, last, .. } = state.seen;
        *state = State { seen: Seen { open, last, ..Seen::default() }, replies: replies.into(), usual };
    }

    /// What is answered next, after what was said before.
    pub fn answer(&self, reply: Reply) {
        self.shared.lock().replies.push_back(reply);
    }

    /// Returns when every connection was closed by whoever made it, those too
    /// that were never taken notice of: they are accepted one after the other.
    pub fn settle(&self) {
        let last = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        let port = last.local_addr().expect("it is connected").port();
        drop(last);
        self.seen("all connections were closed", |seen| seen.last == port && seen.open == 0);
    }

    /// What happened, once `ready` says that it is enough.
    pub fn seen(&self, what: &str, ready: impl Fn(&Seen) -> bool) -> Seen {
        let waiting = |state: &mut State| !ready(&state.seen);
        let limit = Duration::from_secs(10);
        let waited = self.shared.changed.wait_timeout_while(self.shared.lock(), limit, waiting);
        let (state, waited) = waited.expect("never poisoned");
        assert!(!waited.timed_out(), "the server waited 10 s until {what}: {:?}", state.seen);
        state.seen.clone()
    }
}

fn serve(listener: &TcpListener, shared: &Shared) {
    let mut connections: Vec<Connection> = Vec::new();
    let (mut next, mut last) = (0, 0);
    loop {
        let all = std::iter::once(listener.as_raw_fd()).chain(connections.iter().map(|one| one.stream.as_raw_fd()));
        let mut polled: Vec<libc::pollfd> =
            all.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 }).collect();
        // SAFETY: the array is valid for the call, and its descriptors are open.
        unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, -1) };
        // From the last on: who goes is replaced by one that was looked at.
        for at in (0..connections.len()).rev() {
            if polled[at + 1].revents != 0 && !turn(&mut connections[at], shared) {
                drop(connections.swap_remove(at));
            }
        }
        if polled[0].revents != 0
            && let Ok((stream, client)) = listener.accept()
        {
            last = client.port();
            stream.set_nodelay(true).expect("a socket");
            connections.push(Connection { id: next, stream, received: Vec::new() });
            next += 1;
        }
        {
            let mut state = shared.lock();
            (state.seen.open, state.seen.last) = (connections.len(), last);
        }
        shared.changed.notify_all();
    }
}

/// Reads what is there, and answers if it is a request. Whether the connection
/// stays.
fn turn(connection: &mut Connection, shared: &Shared) -> bool {
    let mut piece = [0; 16 * 1024];
    match connection.stream.read(&mut piece) {
        Ok(count) if count > 0 => connection.received.extend_from_slice(&piece[..count]),
        _ => return false,
    }
    let Some(end) = end_of_request(&connection.received) else {
        return true;
    };
    let request: Vec<u8> = connection.received.drain(..end).collect();
    let body = String::from_utf8_lossy(&request).split("\r\n\r\n").nth(1).unwrap_or_default().replace('"', "\\\"");
    let reply = {
        let mut state = shared.lock();
        state.seen.requests.push((connection.id, request));
        state.replies.pop_front().or_else(|| state.usual.clone())
    };
    let Some(reply) = reply else {
        return true;
    };
    for piece in &reply.pieces {
        let echoes = piece.ends_with(b"@ECHO@\"}");
        let echo = || String::from_utf8_lossy(piece).replace("@ECHO@", &body).into_bytes();
        let piece = if echoes { &echo() } else { piece };
        // Who has gone away needs no answer.
        if connection.stream.write_all(piece).is_err() {
            break;
        }
        std::thread::yield_now();
    }
    if reply.end == End::Reset {
        let socket = socket2::SockRef::from(&connection.stream);
        socket.set_linger(Some(Duration::ZERO)).expect("a socket");
    }
    if reply.end != End::Stay {
        // Closed before it is counted as answered.
        let socket = std::mem::replace(&mut connection.stream, nowhere());
        drop(socket);
    }
    shared.lock().seen.answered += 1;
    reply.end == End::Stay
}

/// A socket that is connected to nothing.
fn nowhere() -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    socket.into()
}

/// Where the first request ends, once it is there: as our client writes it.
fn end_of_request(received: &[u8]) -> Option<usize> {
    let head = received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&received[..head]).to_ascii_lowercase();
    let length = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
    let end = head + length.unwrap_or(0usize);
    (received.len() >= end).then_some(end)
}
