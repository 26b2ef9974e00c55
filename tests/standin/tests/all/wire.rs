//! Connections: turns, endings, scripts, traps.

use std::collections::HashSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Barrier;
use std::time::Duration;

use rustls::version::{TLS12, TLS13};
use standin::{After, Standin, Trap};

use crate::client::{self, Client};

const SOON: Duration = Duration::from_secs(10);

fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).expect("it listens")
}

#[test]
fn threads_may_share_it() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Standin::start());
}

#[test]
fn turns_of_a_login() {
    for tickets in [0, 2, 6] {
        let standin = Standin::builder().tickets(tickets).start();
        let mut client = Client::tls(&standin);
        assert_eq!(client.login("ada").status, 200);
        assert_eq!(standin.flights(), 3, "cold");
        assert_eq!(client.login("ada").status, 200);
        assert_eq!(standin.flights(), 4, "warm");
        drop(client);
        assert!(standin.wait_open(0, SOON));
        assert_eq!(standin.flights(), 4, "a goodbye is no turn");
    }
    let standin = Standin::start();
    let tcp = connect(standin.trap(Trap::Tls12Only));
    let mut client = Client::over(&standin, tcp, &TLS12).expect("it works");
    assert_eq!(client.login("ada").status, 200);
    assert_eq!(standin.flights(), 4, "TLS 1.2");
    assert_eq!(Client::plain(&standin).login("ada").status, 200);
    assert_eq!(standin.flights(), 6, "plain: connect and request");
}

#[test]
fn idle_connections_are_closed_on_demand() {
    let standin = Standin::start();
    let mut plain = Client::plain(&standin);
    let mut tls = Client::tls(&standin);
    assert_eq!(plain.login("ada").status, 200);
    assert_eq!(tls.login("ada").status, 200);
    assert_eq!(standin.open(), 2);
    standin.close_idle();
    assert_eq!(standin.open(), 0);
    let mut rest = Vec::new();
    // rustls reads an end without close_notify as an error: this is proper.
    assert_eq!(tls.stream.read_to_end(&mut rest).expect("a goodbye"), 0);
    assert_eq!(plain.stream.read_to_end(&mut rest).expect("an end"), 0);
}

#[test]
fn idle_connections_are_closed_by_age() {
    let standin = Standin::builder().idle_close_ms(20).start();
    let mut client = Client::tls(&standin);
    assert_eq!(client.login("ada").status, 200);
    assert!(standin.wait_open(0, SOON));
    let count = client.stream.read(&mut [0]).expect("a goodbye");
    assert_eq!(count, 0);
}

#[test]
fn without_keep_alive_each_answer_is_the_last() {
    let standin = Standin::builder().keep_alive(false).start();
    let mut client = Client::tls(&standin);
    assert!(client.login("ada").head.contains("Connection: close"));
    assert_eq!(client.stream.read(&mut [0]).expect("a goodbye"), 0);
}

#[test]
fn the_endings_differ() {
    let standin = Standin::start();
    let ending = |user: &str| {
        let mut client = Client::tls(&standin);
        let body = client::login(user, standin::PASSWORD);
        let request = client::json_request("/api/oauth/demo/token", &body);
        client.stream.write_all(request.as_bytes()).expect("sent");
        client.stream.read_to_end(&mut Vec::new()).map_err(|e| e.kind())
    };
    assert_eq!(ending("fault:drop_before"), Ok(0));
    assert_eq!(ending("fault:cut_before"), Err(ErrorKind::UnexpectedEof));
    assert_eq!(ending("fault:reset_before"), Err(ErrorKind::ConnectionReset));
    assert!(ending("fault:close_after").is_ok_and(|count| count > 500));
    assert_eq!(ending("fault:no_close_notify"), Err(ErrorKind::UnexpectedEof));
}

#[test]
fn hangs_up_before_the_body() {
    let standin = Standin::start();
    let mut client = Client::plain(&standin);
    let head = "POST /early-close HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n";
    let error = client.send(head).err().expect("no answer");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(standin.requests()[0].raw, head.as_bytes());
}

#[test]
fn redirects_lead_to_the_other_listener() {
    let standin = Standin::start();
    let location = |answer: client::Answer| {
        let mut lines = answer.head.lines().map(str::to_owned);
        lines.find(|line| line.starts_with("Location")).unwrap_or_default()
    };
    let from_tls = location(Client::tls(&standin).login("fault:redirect_307"));
    assert_eq!(from_tls, format!("Location: {}/stolen", standin.http()));
    let from_plain = location(Client::plain(&standin).login("fault:redirect_308"));
    assert_eq!(from_plain, format!("Location: {}/stolen", standin.https()));
}

#[test]
fn every_variant_and_quick_fault_answers_something() {
    let standin = Standin::start();
    for name in standin::VARIANTS {
        let mut client = Client::plain(&standin);
        assert_eq!(client.login(&format!("variant:{name}")).status, 200, "{name}");
    }
    let slow = ["delay_MS", "never", "drip"];
    for name in standin::FAULTS.iter().filter(|name| !slow.contains(name)) {
        let mut client = Client::plain(&standin);
        let body = client::login(&format!("fault:{name}"), standin::PASSWORD);
        let request = client::json_request("/api/oauth/demo/token", &body);
        client.stream.write_all(request.as_bytes()).expect("sent");
        // Some answer with nothing; what counts is that none is refused as
        // unknown, which would be a 400.
        let mut start = [0; 12];
        if client.stream.read_exact(&mut start).is_ok() {
            assert_ne!(&start, b"HTTP/1.1 400", "{name}");
        }
    }
    drop(standin);
}

#[test]
fn a_script_answers_until_it_is_taken_away() {
    let standin = Standin::start();
    standin.script(|stream, seen| {
        assert_eq!(seen.method, "POST");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").expect("the client reads");
        After::Keep
    });
    let mut client = Client::tls(&standin);
    assert_eq!(client.login("ada").body, "hi");
    standin.unscript();
    assert_eq!(client.login("ada").status, 200);
}

#[test]
fn a_script_may_hold_a_request_and_let_it_pass() {
    let standin = Standin::start();
    let gate = Arc::new(Barrier::new(2));
    let inner = Arc::clone(&gate);
    standin.script(move |_, _| {
        inner.wait();
        After::Answer
    });
    let mut client = Client::plain(&standin);
    let login = std::thread::spawn(move || client.login("ada").status);
    assert!(standin.wait_requests(1, SOON));
    gate.wait();
    assert_eq!(login.join().expect("no panic"), 200);
}

#[test]
fn every_trap_starts() {
    let standin = Standin::start();
    let mut ports = HashSet::new();
    let mut names = HashSet::new();
    for trap in Trap::ALL {
        assert!(ports.insert(standin.trap(trap)), "{trap:?}");
        assert!(names.insert(trap.name()), "{trap:?}");
    }
}

#[test]
fn traps_are_wrong_or_right_as_named() {
    let standin = Standin::start();
    let works = |trap| {
        let tcp = connect(standin.trap(trap));
        let client = Client::over(&standin, tcp, &TLS13);
        client.is_ok_and(|mut client| client.login("ada").status == 200)
    };
    assert!(works(Trap::WithIntermediate));
    assert!(works(Trap::DecoyChain));
    for trap in [
        Trap::Expired,
        Trap::NotYetValid,
        Trap::SelfSigned,
        Trap::WrongHost,
        Trap::UnknownCa,
        Trap::MissingIntermediate,
        Trap::CnOnly,
        Trap::ClientAuthOnly,
        Trap::Tls11Only,
        Trap::PlainOnTls,
        Trap::SilentClose,
        Trap::ResetOnAccept,
    ] {
        assert!(!works(trap), "{trap:?}");
    }
    assert_ne!(standin.decoy_spki_sha256(), standin.leaf_spki_sha256());
}

#[test]
fn a_black_hole_takes_no_connection() {
    let standin = Standin::start();
    let port = standin.trap(Trap::BlackHole);
    let error =
        TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_millis(100)).expect_err("it hangs");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[test]
fn proxies() {
    let standin = Standin::start();
    let through = |trap, more: &str| {
        let mut proxy = Client { stream: Box::new(connect(standin.trap(trap))) };
        let host = format!("localhost:{}", standin.http_port());
        let head = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
        let status = proxy.send(&head).expect("an answer").status;
        assert_eq!(standin.proxy_heads().last(), Some(&head));
        if status == 200 {
            assert_eq!(proxy.login("ada").status, 200);
        }
        status
    };
    assert_eq!(through(Trap::ProxyOpen, ""), 200);
    assert_eq!(through(Trap::ProxyHtml, ""), 403);
    let login = Trap::ProxyNeedsLogin("Aladdin", "open sesame");
    assert_eq!(through(login, ""), 407);
    let right = "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";
    assert_eq!(through(login, right), 200);
}

#[test]
fn dropping_it_cuts_everything() {
    let standin = Standin::start();
    let mut idle = connect(standin.http_port());
    let mut silent = connect(standin.trap(Trap::ProxySilent));
    let mut stalled = connect(standin.trap(Trap::StalledHandshake));
    silent.write_all(b"CONNECT localhost:1 HTTP/1.1\r\n\r\n").expect("sent");
    assert!(standin.wait_connections(2, SOON));
    drop(standin);
    for stream in [&mut idle, &mut silent, &mut stalled] {
        assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
    }
}
