//! The floor over TLS: a request that is ready is written, its answer is read to
//! the end and looked at no further.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use peers::{CLIENT_ID, PASSWORD, Place, USER, drive};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

#[derive(Clone)]
struct Client {
    tls: Arc<ClientConfig>,
    address: String,
    request: Arc<[u8]>,
    cold: bool,
}

struct Wire {
    tls: ClientConnection,
    tcp: TcpStream,
}

fn client(place: &Place) -> Client {
    let address = place.base.strip_prefix("https://").expect("over TLS only").to_owned();
    let body = format!(
        "{{\"client_id\":\"{CLIENT_ID}\",\"grant_type\":\"password\",\"username\":\"{USER}\",\
         \"password\":\"{PASSWORD}\",\"response_type\":\"token\"}}"
    );
    let request = format!(
        "POST /api/oauth/bench/token HTTP/1.1\r\nHost: {address}\r\nUser-Agent: raw\r\nAccept: application/json\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    Client { tls: place.tls(), address, request: request.into_bytes().into(), cold: place.cold }
}

fn connect(client: &Client) -> Wire {
    let tcp = TcpStream::connect(&client.address).expect("the server is there");
    tcp.set_nodelay(true).expect("a socket can");
    let name = ServerName::try_from("127.0.0.1").expect("an address");
    Wire { tls: ClientConnection::new(Arc::clone(&client.tls), name).expect("a good configuration"), tcp }
}

/// Sends the request and reads to the end of its answer.
fn exchange(wire: &mut Wire, request: &[u8], buffer: &mut [u8]) {
    let Wire { tls, tcp } = wire;
    tls.writer().write_all(request).expect("rustls buffers it");
    if tls.is_handshaking() {
        tls.complete_io(tcp).expect("the handshake succeeds");
    }
    while tls.wants_write() {
        tls.write_tls(tcp).expect("the server reads");
    }
    let mut filled = 0;
    while !whole(&buffer[..filled]) {
        tls.read_tls(tcp).expect("the server answers");
        tls.process_new_packets().expect("TLS as it should be");
        // Tickets come without data of ours.
        filled += tls.reader().read(&mut buffer[filled..]).unwrap_or(0);
    }
}

fn whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = std::str::from_utf8(&answer[..head]).expect("an ASCII head");
    assert!(text.starts_with("HTTP/1.1 200 "), "signed in");
    let (_, rest) = text.split_once("Content-Length: ").expect("it has a length");
    let length: usize = rest.lines().next().and_then(|number| number.parse().ok()).expect("a number");
    answer.len() >= head + 4 + length
}

fn user(client: Client) -> Box<dyn FnMut()> {
    let mut wire = None;
    let mut buffer = vec![0; 16384];
    Box::new(move || {
        exchange(wire.get_or_insert_with(|| connect(&client)), &client.request, &mut buffer);
        if client.cold {
            wire = None;
        }
    })
}

fn main() {
    drive(client, user);
}
