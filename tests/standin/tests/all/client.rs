//! A client of the few lines the tests need.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use serde_json::{Value, json};
use standin::Standin;

pub trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

pub struct Client {
    pub stream: Box<dyn Stream>,
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the answer is JSON")
    }

    /// The value of a header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = |line| str::strip_prefix(line, name).and_then(|rest| rest.strip_prefix(": "));
        self.head.lines().find_map(value).unwrap_or_default()
    }

    pub fn member(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }
}

impl Client {
    pub fn plain(standin: &Standin) -> Client {
        Client::plain_at(standin.http_port())
    }

    pub fn plain_at(port: u16) -> Client {
        let tcp = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        Client { stream: Box::new(tcp) }
    }

    pub fn tls(standin: &Standin) -> Client {
        let tcp = TcpStream::connect(("127.0.0.1", standin.https_port())).expect("it listens");
        Client::over(standin, tcp, &TLS13).expect("the certificate is good")
    }

    /// Does the handshake by itself, so that Finished and request are sent
    /// apart from each other.
    pub fn over(
        standin: &Standin,
        mut tcp: TcpStream,
        version: &'static SupportedProtocolVersion,
    ) -> std::io::Result<Client> {
        let ca = CertificateDer::from_pem_slice(standin.ca_pem().as_bytes()).expect("PEM");
        let mut roots = RootCertStore::empty();
        roots.add(ca).expect("a CA");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .expect("ring serves it")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let mut session = ClientConnection::new(config.into(), name).expect("a session");
        while session.is_handshaking() {
            session.complete_io(&mut tcp)?;
        }
        Ok(Client { stream: Box::new(StreamOwned::new(session, tcp)) })
    }

    pub fn send(&mut self, request: &str) -> std::io::Result<Answer> {
        self.stream.write_all(request.as_bytes())?;
        self.answer()
    }

    /// Reads the head of an answer.
    pub fn head(&mut self) -> std::io::Result<String> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            self.stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        Ok(String::from_utf8(head).expect("the head is text"))
    }

    pub fn answer(&mut self) -> std::io::Result<Answer> {
        let head = self.head()?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .map_or(0, |text| text.parse().expect("a number"));
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Answer {
            status: head[9..12].parse().expect("a status"),
            head,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    pub fn get(&mut self, target: &str, token: &str) -> Answer {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
        self.send(&request).expect("an answer")
    }

    /// Sends this with a body and headers of its own, each with its CRLF.
    pub fn call(&mut self, method: &str, target: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        let request =
            format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        self.send(&request).expect("an answer")
    }

    pub fn post_json(&mut self, target: &str, body: &Value) -> Answer {
        self.send(&json_request(target, body)).expect("an answer")
    }

    pub fn post_form(&mut self, target: &str, header: &str, body: &str) -> Answer {
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\n{header}\
             Content-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.send(&request).expect("an answer")
    }

    pub fn login(&mut self, user: &str) -> Answer {
        self.post_json("/api/oauth/demo/token", &login(user, standin::PASSWORD))
    }

    pub fn refresh(&mut self, token: &str) -> Answer {
        let body = json!({
            "client_id": standin::CLIENT, "grant_type": "refresh_token", "refresh_token": token,
        });
        self.post_json("/api/oauth/demo/token", &body)
    }
}

pub fn login(user: &str, password: &str) -> Value {
    json!({
        "client_id": standin::CLIENT,
        "grant_type": "password",
        "username": user,
        "password": password,
        "response_type": "token",
    })
}

pub fn json_request(target: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
