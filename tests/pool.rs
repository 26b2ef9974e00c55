//! Kept connections: when one is used again, when it must not be, and that a
//! request is sent once however its connection ends.

mod common;

use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use common::trouble::{SOON, expect_failure, soon};
use common::{client, expect_reason, expect_tokens, loginradius, trusting};
use ropc::oauth::{Client, Limit, Options, Reason, Stage};
use standin::{After, CLIENT, PASSWORD, Seen, Standin, Trap};

/// Clients over TLS and without it.
fn both(server: &Standin) -> [Client; 2] {
    let plain = trusting(server, Options::loginradius(&server.http(), "demo", CLIENT));
    [client(&loginradius(server)), client(&plain)]
}

fn connections(seen: &[Seen]) -> Vec<u64> {
    let first = seen.first().map_or(0, |seen| seen.connection);
    seen.iter().map(|seen| seen.connection - first).collect()
}

#[test]
fn a_warm_login_is_one_turn() {
    let server = Standin::start();
    let tls12 = format!("localhost:{}", server.trap(Trap::Tls12Only));
    let tls12 = client(&trusting(&server, Options::loginradius(&tls12, "demo", CLIENT)));
    let [tls13, plain] = both(&server);
    for (client, cold) in [(&tls13, 3), (&tls12, 4), (&plain, 2)] {
        let (connections, flights) = (server.connections(), server.flights());
        expect_tokens(client.login("ada", PASSWORD));
        assert_eq!(server.flights() - flights, cold);
        for warm in 1..=4 {
            expect_tokens(client.login("ada", PASSWORD));
            assert_eq!(server.flights() - flights, cold + warm);
        }
        // A refusal is an answer like any other.
        expect_reason(client.login("ada", "not the password"), Reason::WrongCredentials);
        expect_tokens(client.login("ada", PASSWORD));
        assert_eq!(server.connections() - connections, 1);
    }
}

#[test]
fn session_tickets_are_no_closed_connection() {
    for tickets in [0, 1, 4] {
        let server = Standin::builder().tickets(tickets).start();
        let client = client(&loginradius(&server));
        for _ in 0..4 {
            expect_tokens(client.login("ada", PASSWORD));
        }
        assert_eq!(server.connections(), 1, "{tickets} tickets");
    }
}

#[test]
fn each_client_has_its_own_connections() {
    let server = Standin::start();
    let options = loginradius(&server);
    let first = client(&options);
    expect_tokens(first.login("ada", PASSWORD));
    let second = client(&options);
    expect_tokens(second.login("ada", PASSWORD));
    assert_eq!(connections(&server.requests()), [0, 1]);
    // And closes them when it goes.
    drop(first);
    assert!(server.wait_open(1, SOON));
    expect_tokens(second.login("ada", PASSWORD));
    assert_eq!(server.connections(), 2);
}

#[test]
fn threads_share_the_connections() {
    const THREADS: usize = 32;
    const LOGINS: usize = 4;
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for _ in 0..LOGINS {
                    expect_tokens(client.login("ada", PASSWORD));
                }
            });
        }
    });
    assert!(server.connections() <= THREADS as u64, "{} connections", server.connections());
    assert_eq!(server.requests().len(), THREADS * LOGINS);
}

#[test]
fn no_more_than_allowed_are_kept() {
    const THREADS: usize = 6;
    for kept in [0, 2] {
        let server = Standin::start();
        let mut options = loginradius(&server);
        options.set_limit(Limit::IdleConnections, kept as u64).expect("valid");
        let client = client(&options);
        // Answered only when all have asked: so many connections at once.
        let all = Arc::new(Barrier::new(THREADS));
        server.script(move |_, _| {
            all.wait();
            After::Answer
        });
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| expect_tokens(client.login("ada", PASSWORD)));
            }
        });
        assert_eq!(server.connections(), THREADS as u64);
        assert!(server.wait_open(kept, SOON), "{} are open", server.open());
    }
}

#[test]
fn an_old_connection_is_not_used() {
    const AGE: Duration = Duration::from_millis(100);
    let server = Standin::start();
    for (idle_ms, connections) in [(0, 2), (AGE.as_millis() as u64, 2), (60_000, 1)] {
        let before = server.connections();
        let mut options = loginradius(&server);
        options.set_limit(Limit::IdleMs, idle_ms).expect("valid");
        let client = client(&options);
        expect_tokens(client.login("ada", PASSWORD));
        thread::sleep(AGE);
        expect_tokens(client.login("ada", PASSWORD));
        assert_eq!(server.connections() - before, connections, "{idle_ms} ms");
    }
}

#[test]
fn a_connection_that_was_closed_is_replaced() {
    let server = Standin::start();
    let idle = |_: &Client| server.close_idle();
    let by = |user: &'static str| {
        let server = &server;
        move |client: &Client| {
            expect_tokens(client.login(user, PASSWORD));
            assert!(server.wait_open(0, SOON), "the server closes after its answer");
            server.take_requests();
        }
    };
    let ends: [&dyn Fn(&Client); 3] = [&idle, &by("fault:close_after"), &by("fault:reset_after")];
    for client in both(&server) {
        for end in ends {
            expect_tokens(client.login("ada", PASSWORD));
            server.take_requests();
            end(&client);
            let connections = server.connections();
            expect_tokens(client.login("ada", PASSWORD));
            assert_eq!((server.connections() - connections, server.take_requests().len()), (1, 1));
        }
        // The next client begins with no connection of this one.
        drop(client);
        assert!(server.wait_open(0, SOON));
    }
}

#[test]
fn all_kept_connections_may_be_dead() {
    const THREADS: usize = 4;
    let server = Standin::start();
    let client = client(&loginradius(&server));
    let all = Arc::new(Barrier::new(THREADS));
    server.script(move |_, _| {
        all.wait();
        After::Answer
    });
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| expect_tokens(client.login("ada", PASSWORD)));
        }
    });
    server.unscript();
    server.close_idle();
    server.take_requests();
    expect_tokens(client.login("ada", PASSWORD));
    assert_eq!((server.connections(), server.requests().len()), (THREADS as u64 + 1, 1));
}

#[test]
fn a_server_that_keeps_no_connection() {
    let server = Standin::builder().keep_alive(false).start();
    for client in both(&server) {
        for _ in 0..3 {
            expect_tokens(client.login("ada", PASSWORD));
        }
    }
    assert_eq!((server.connections(), server.requests().len()), (6, 6));
}

#[test]
fn a_connection_that_ends_after_the_request_is_not_replaced() {
    let server = Standin::start();
    for client in both(&server) {
        for user in ["fault:reset_before", "fault:drop_before", "fault:cut_before", "fault:half_head"] {
            expect_tokens(client.login("ada", PASSWORD));
            server.take_requests();
            let connections = server.connections();
            let result = client.login(user, PASSWORD);
            expect_failure(result, Reason::CutOffAfterSent, Stage::Receive, true);
            assert_eq!((server.connections(), server.take_requests().len()), (connections, 1), "{user}");
        }
    }
}

/// Answers after which nobody knows where the next one would begin.
const SPOILED: &[(&str, Option<Reason>)] = &[
    ("fault:trailing", None),
    ("fault:never", Some(Reason::TimedOut)),
    ("fault:both_lengths", Some(Reason::AnswerNotUnderstood)),
    ("fault:two_lengths", Some(Reason::AnswerNotUnderstood)),
    ("fault:flood_body", Some(Reason::AnswerTooLarge)),
    ("fault:flood_chunked", Some(Reason::AnswerTooLarge)),
    ("fault:flood_headers", Some(Reason::AnswerTooLarge)),
    ("fault:status_101", Some(Reason::AnswerNotUnderstood)),
    ("fault:bad_status_line", Some(Reason::AnswerNotUnderstood)),
];

#[test]
fn a_spoiled_connection_is_not_used_again() {
    let server = Standin::start();
    for site in [server.https(), server.http()] {
        let mut options = trusting(&server, Options::loginradius(&site, "demo", CLIENT));
        options.set_timeouts(2_000, 2_000).expect("valid");
        for (user, reason) in SPOILED {
            let client = client(&options);
            match (soon(|| client.login(user, PASSWORD)), reason) {
                (Ok(_), None) => {}
                (result, reason) => drop(expect_reason(result, reason.unwrap_or(Reason::None))),
            }
            expect_tokens(client.login("ada", PASSWORD));
            assert_eq!(connections(&server.take_requests()), [0, 1], "{user} at {site}");
        }
    }
}

#[test]
fn a_redirect_with_a_body_spoils_its_connection() {
    let server = Standin::start();
    for client in both(&server) {
        server.script(|stream, _| {
            let body = token_answer("from-the-redirect");
            let head = format!("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).expect("the client reads");
            After::Keep
        });
        expect_reason(client.login("ada", PASSWORD), Reason::RedirectRefused);
        server.unscript();
        expect_tokens(client.login("ada", PASSWORD));
        assert_eq!(connections(&server.take_requests()), [0, 1]);
    }
}

/// A whole answer with this access token.
fn token_answer(token: &str) -> String {
    let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer"}}"#);
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The same in one chunk.
fn in_a_chunk(token: &str) -> String {
    let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer"}}"#);
    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

#[test]
fn a_connection_is_kept_behind_chunks_unless_something_follows_them() {
    for (more, expected) in [("", [0, 0, 0]), ("smuggled", [0, 1, 2])] {
        let server = Standin::start();
        server.script(move |stream, _| {
            let more = if more.is_empty() { String::new() } else { in_a_chunk(more) };
            // In a record of its own when it is large: then only TLS has it.
            let both = in_a_chunk(&"r".repeat(16_300)) + &more;
            stream.write_all(both.as_bytes()).expect("the client reads");
            After::Keep
        });
        for client in both(&server) {
            for _ in 0..3 {
                assert_ne!(expect_tokens(client.login("ada", PASSWORD)).access_token.expose(), "smuggled");
            }
            assert_eq!(connections(&server.take_requests()), expected, "{more}");
        }
    }
}

#[test]
fn a_server_that_says_close_is_believed() {
    let server = Standin::start();
    for line in ["HTTP/1.1 200 OK\r\nConnection: close", "HTTP/1.0 200 OK"] {
        server.script(move |stream, _| {
            let answer = token_answer("right").replacen("HTTP/1.1 200 OK", line, 1);
            stream.write_all(answer.as_bytes()).expect("the client reads");
            After::Keep
        });
        for client in both(&server) {
            for _ in 0..2 {
                expect_tokens(client.login("ada", PASSWORD));
            }
            assert_eq!(connections(&server.take_requests()), [0, 1], "{line}");
        }
    }
}

#[test]
fn an_answer_that_nobody_asked_for_is_nobody_s_answer() {
    // The right answer may fill a read, a record, or more than one of either:
    // what follows it waits in another place each time.
    for size in [1, 1_000, 4_000, 15_900, 16_384, 17_400, 20_000, 33_000, 70_000] {
        let server = Standin::start();
        server.script(move |stream, _| {
            let both = token_answer(&"a".repeat(size)) + &token_answer("smuggled");
            stream.write_all(both.as_bytes()).expect("the client reads");
            After::Keep
        });
        for client in both(&server) {
            for _ in 0..3 {
                let tokens = expect_tokens(client.login("ada", PASSWORD));
                assert_ne!(tokens.access_token.expose(), "smuggled", "after {size} bytes");
            }
            assert_eq!(connections(&server.take_requests()), [0, 1, 2], "after {size} bytes");
        }
    }
}

/// It comes when the connection has been idle for a while.
#[test]
fn nor_is_one_that_comes_later() {
    let server = Standin::start();
    let (now_it_may, may) = channel::<()>();
    let (came, has_come) = channel();
    let ends = Mutex::new((may, came));
    server.script(move |stream, _| {
        let ends = ends.lock().expect("one at a time");
        stream.write_all(token_answer("right").as_bytes()).expect("the client reads");
        if ends.0.recv().is_ok() {
            stream.write_all(token_answer("smuggled").as_bytes()).expect("the client is there");
            ends.1.send(()).expect("the test waits");
        }
        After::Keep
    });
    for client in both(&server) {
        for _ in 0..3 {
            assert_eq!(expect_tokens(client.login("ada", PASSWORD)).access_token.expose(), "right");
            now_it_may.send(()).expect("the server waits");
            has_come.recv().expect("it was sent");
        }
        assert_eq!(connections(&server.take_requests()), [0, 1, 2]);
    }
}

#[test]
fn nor_is_what_waits_inside_tls() {
    // As much as the client reads at once. The first record ends within the
    // head; the second fills what room is left to the last byte with the rest
    // of the answer, and carries another one, which only TLS has by then.
    const BUFFER: usize = 17 * 1024;
    let server = Standin::start();
    server.script(|stream, _| {
        let right = token_answer(&"r".repeat(5_000));
        let filler = "f".repeat(BUFFER - right.len() - "X-Filler: \r\n".len());
        let right = right.replacen("\r\n", &format!("\r\nX-Filler: {filler}\r\n"), 1);
        assert_eq!(right.len(), BUFFER);
        let both = right + &token_answer("smuggled");
        let (first, second) = both.as_bytes().split_at(8_000);
        for record in [first, second] {
            stream.write_all(record).expect("the client reads");
        }
        After::Keep
    });
    let client = client(&loginradius(&server));
    for _ in 0..2 {
        assert_eq!(expect_tokens(client.login("ada", PASSWORD)).access_token.expose().len(), 5_000);
    }
    assert_eq!(connections(&server.requests()), [0, 1]);
}
