//! The one case in which a request is begun again: the kept connection is dead
//! and does not look it, so that not even the first byte of the request leaves.

#![cfg(unix)]

mod common;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use common::trouble::{CANARY, alone, expect_failure, soon};
use common::{client, expect_tokens, loginradius, trusting};
use ropc::oauth::{Level, Options, Reason, Stage, Status};
use standin::{After, CLIENT, PASSWORD, Standin};

/// The right answer, whole.
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 46\r\n\r\n{\"access_token\":\"right\",\"token_type\":\"Bearer\"}";

/// What the log says, with its levels.
type Lines = Arc<Mutex<Vec<(Level, String)>>>;

fn logged(options: &mut Options) -> Lines {
    let lines = Lines::default();
    let sink = lines.clone();
    let sink = move |level: Level, line: &str| sink.lock().expect("nobody panics").push((level, line.to_owned()));
    options.set_log(Level::Debug, Some(Arc::new(sink)));
    lines
}

/// How often a request was begun again, by the log.
fn repeats(lines: &Lines) -> usize {
    let again = (Level::Warn, "the connection was dead before anything was sent; using a new one".to_owned());
    lines.lock().expect("nobody panics").iter().filter(|line| **line == again).count()
}

/// Makes the next write on this process's connection to `port` fail, which a
/// look at the connection does not show: it reads as open and silent.
fn make_writes_fail(port: u16) {
    let mut copies = (3..256).filter_map(|number| {
        // SAFETY: makes a descriptor that is only ours, or none.
        let copy = unsafe { libc::dup(number) };
        // SAFETY: as said.
        (copy >= 0).then(|| TcpStream::from(unsafe { OwnedFd::from_raw_fd(copy) }))
    });
    let kept = copies.find(|copy| copy.peer_addr().is_ok_and(|peer| peer.port() == port));
    let kept = kept.expect("the kept connection");
    kept.shutdown(Shutdown::Write).expect("it is connected");
}

#[test]
fn a_write_that_fails_before_its_first_byte_is_made_once_more() {
    alone("a_write_that_fails_before_its_first_byte_is_made_once_more", &[], || {
        let server = Standin::start();
        let (release, held) = channel::<()>();
        let held = Mutex::new(held);
        server.script(move |stream, _| {
            stream.write_all(ANSWER).expect("the client reads");
            // Does not look at the connection, so does not see it end, until
            // the sender is gone.
            let _ = held.lock().expect("nobody panics").recv();
            After::Close
        });
        let plain = trusting(&server, Options::loginradius(&server.http(), "demo", CLIENT));
        for (mut options, port) in [(loginradius(&server), server.https_port()), (plain, server.http_port())] {
            let (lines, connections) = (logged(&mut options), server.connections());
            let client = client(&options);
            expect_tokens(client.login("ada", PASSWORD));
            make_writes_fail(port);
            expect_tokens(soon(|| client.login("ada", PASSWORD)));
            assert_eq!(repeats(&lines), 1, "{lines:?}");
            let seen = server.take_requests();
            assert_eq!((seen.len(), server.connections() - connections), (2, 2), "{seen:?}");
            assert_ne!(seen[0].connection, seen[1].connection);
        }
        drop(release);
    });
}

#[test]
fn what_the_second_attempt_meets_is_the_error() {
    alone("what_the_second_attempt_meets_is_the_error", &[], || {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        // Answers one request, then listens no more; the connection stays.
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            // Head and body leave in one write.
            let size = stream.read(&mut [0; 16 * 1024]).expect("the client writes");
            assert!(size > 0);
            stream.write_all(ANSWER).expect("the client reads");
            stream
        });
        let mut options = Options::oauth2(&format!("http://127.0.0.1:{port}/token"), CLIENT).expect("valid");
        options.set_proxy("").expect("no proxy");
        let lines = logged(&mut options);
        let client = client(&options);
        expect_tokens(client.login("ada", PASSWORD));
        let mut first = server.join().expect("it answers");
        make_writes_fail(port);
        let error =
            expect_failure(soon(|| client.login("ada", CANARY)), Reason::ConnectionRefused, Stage::Connect, false);
        assert_eq!((error.status(), repeats(&lines)), (Status::Connect, 1), "{lines:?}");
        let mut rest = Vec::new();
        first.read_to_end(&mut rest).expect("it ended");
        assert!(rest.is_empty(), "the dead connection carried {} bytes", rest.len());
    });
}
