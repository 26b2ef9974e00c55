//! A LoginRadius on loopback, for ropc's tests and its demo.
//!
//! It speaks TLS under a throw-away CA of its own, serves the documented
//! endpoints, has one account for each documented outcome (see [`ACCOUNTS`]),
//! misbehaves when told to, and remembers every byte it was sent. Everything
//! listens on 127.0.0.1 and ends when the [`Standin`] is dropped.

mod accounts;
mod clock;
mod door;
mod endpoints;
mod errors;
mod faults;
mod grants;
mod http;
mod hub;
mod jwt;
mod pki;
mod proxy;
mod serve;
mod token;
mod traps;
mod variants;
mod wire;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use rustls::version::{TLS12, TLS13};

pub use accounts::{ACCOUNTS, Account, Extra, PASSWORD, Shape, account, table};
pub use door::{CLIENT, SECRET, SECRET_CLIENT};
pub use endpoints::{API_KEY, APPS};
pub use faults::NAMES as FAULTS;
pub use http::Seen;
pub use traps::Trap;
pub use variants::NAMES as VARIANTS;
pub use wire::{After, ReadWrite};

use hub::{Hub, Ports, Settings};
use pki::Flavor;
use serve::{Listener, Service};
use traps::BlackHole;

/// A running stand-in. Dropping it cuts every connection.
pub struct Standin {
    hub: Arc<Hub>,
    listeners: Mutex<Vec<Listener>>,
    holes: Mutex<Vec<BlackHole>>,
}

/// What a stand-in should be like before it starts.
#[derive(Clone, Debug)]
pub struct Builder {
    settings: Settings,
}

impl Builder {
    /// TLS 1.3 session tickets sent after each handshake; 2 by default.
    pub fn tickets(mut self, count: usize) -> Builder {
        self.settings.tickets = count;
        self
    }

    /// Connections stay open after an answer; on by default.
    pub fn keep_alive(mut self, on: bool) -> Builder {
        self.settings.keep_alive = on;
        self
    }

    /// The port of the HTTPS listener; any free one by default.
    pub fn port(mut self, port: u16) -> Builder {
        self.settings.port = port;
        self
    }

    /// Closes a connection that asks nothing for so long; never by default.
    pub fn idle_close_ms(mut self, ms: u64) -> Builder {
        self.settings.idle_close = Some(Duration::from_millis(ms));
        self
    }

    /// A refresh token that comes a second time ends its whole login; on by
    /// default. Off, it is merely refused.
    pub fn reuse_detection(mut self, on: bool) -> Builder {
        self.settings.reuse_detection = on;
        self
    }

    /// A refresh token is good once and replaced by another; on by default.
    /// Off, the first one stays good and answers carry none.
    pub fn rotation(mut self, on: bool) -> Builder {
        self.settings.rotation = on;
        self
    }

    /// How many seconds an access token lives; 900 by default.
    pub fn access_lifetime(mut self, seconds: u64) -> Builder {
        self.settings.access_lifetime = seconds;
        self
    }

    /// Starts it.
    pub fn start(self) -> Standin {
        let hub = Arc::new(Hub::new(self.settings));
        let tls = hub.authority.server_config(Flavor::Good, &[&TLS13, &TLS12], hub.settings.tickets, false);
        let https = Listener::start(&hub, hub.settings.port, Service::Endpoints(Some(tls)));
        let http = Listener::start(&hub, 0, Service::Endpoints(None));
        let ports = Ports { https: https.port, http: http.port };
        hub.ports.get_or_init(|| ports);
        Standin { hub, listeners: Mutex::new(vec![https, http]), holes: Mutex::default() }
    }
}

impl Standin {
    /// Starts one as it is by default.
    pub fn start() -> Standin {
        Standin::builder().start()
    }

    /// Decides what one should be like.
    pub fn builder() -> Builder {
        Builder {
            settings: Settings {
                tickets: 2,
                keep_alive: true,
                port: 0,
                idle_close: None,
                reuse_detection: true,
                rotation: true,
                access_lifetime: 900,
            },
        }
    }

    /// The HTTPS origin, `https://localhost:PORT`. The certificate also
    /// serves 127.0.0.1 and ::1, but the listener is on 127.0.0.1 only.
    pub fn https(&self) -> String {
        self.hub.origin(true)
    }

    /// The HTTP origin, `http://127.0.0.1:PORT`.
    pub fn http(&self) -> String {
        self.hub.origin(false)
    }

    /// The port of the HTTPS listener.
    pub fn https_port(&self) -> u16 {
        self.ports().https
    }

    /// The port of the HTTP listener.
    pub fn http_port(&self) -> u16 {
        self.ports().http
    }

    fn ports(&self) -> &Ports {
        self.hub.ports.get().expect("set at the start")
    }

    /// The throw-away CA.
    pub fn ca_pem(&self) -> String {
        self.hub.authority.ca_pem()
    }

    /// SHA-256 of the CA's SubjectPublicKeyInfo.
    pub fn ca_spki_sha256(&self) -> [u8; 32] {
        self.hub.authority.ca_spki_sha256()
    }

    /// The same of the main listener's certificate.
    pub fn leaf_spki_sha256(&self) -> [u8; 32] {
        self.hub.authority.leaf_spki_sha256()
    }

    /// The same of the intermediate of [`Trap::WithIntermediate`].
    pub fn intermediate_spki_sha256(&self) -> [u8; 32] {
        self.hub.authority.intermediate_spki_sha256()
    }

    /// The same of the certificate that [`Trap::DecoyChain`] adds.
    pub fn decoy_spki_sha256(&self) -> [u8; 32] {
        self.hub.authority.decoy_spki_sha256()
    }

    /// A client certificate that [`Trap::ClientCert`] accepts.
    pub fn client_cert_pem(&self) -> String {
        self.hub.authority.client_cert_pem()
    }

    /// Its key.
    pub fn client_key_pem(&self) -> String {
        self.hub.authority.client_key_pem()
    }

    /// Starts one more listener on 127.0.0.1 and returns its port.
    pub fn trap(&self, kind: Trap) -> u16 {
        match kind.service(&self.hub) {
            Some(service) => {
                let listener = Listener::start(&self.hub, 0, service);
                let port = listener.port;
                lock(&self.listeners).push(listener);
                port
            }
            None => {
                let hole = BlackHole::start();
                let port = hole.port;
                lock(&self.holes).push(hole);
                port
            }
        }
    }

    /// Every request read so far, in order of arrival.
    pub fn requests(&self) -> Vec<Seen> {
        self.hub.requests()
    }

    /// The same, and forgets them.
    pub fn take_requests(&self) -> Vec<Seen> {
        self.hub.take_requests()
    }

    /// The heads of all requests the proxies were sent.
    pub fn proxy_heads(&self) -> Vec<String> {
        self.hub.proxy_heads()
    }

    /// TCP connections accepted so far, traps included, proxies not.
    pub fn connections(&self) -> u64 {
        self.hub.connections()
    }

    /// Connections that are open now.
    pub fn open(&self) -> usize {
        self.hub.open()
    }

    /// Turns of the clients: one for each TCP connect, and one each time
    /// something comes from a client after the server last spoke. Session
    /// tickets are no speech and a goodbye is no turn, so a login over TLS
    /// 1.3 is 3 when cold (connect; ClientHello; Finished and request) and 1
    /// when warm, however it is cut into packets.
    pub fn flights(&self) -> u64 {
        self.hub.flights()
    }

    /// Waits until `requests()` has this many; false when the time is over.
    pub fn wait_requests(&self, n: usize, timeout: Duration) -> bool {
        self.hub.wait_requests(n, timeout)
    }

    /// Waits until this many connections were accepted.
    pub fn wait_connections(&self, n: u64, timeout: Duration) -> bool {
        self.hub.wait_connections(n, timeout)
    }

    /// Waits until exactly this many connections are open.
    pub fn wait_open(&self, n: usize, timeout: Duration) -> bool {
        self.hub.wait_open(n, timeout)
    }

    /// Answers the token endpoints by this function from now on. It gets the
    /// decrypted stream, the request read already, and may hold it as long
    /// as it likes.
    pub fn script(&self, answer: impl Fn(&mut dyn ReadWrite, &Seen) -> After + Send + Sync + 'static) {
        self.hub.set_script(Some(Arc::new(answer)));
    }

    /// Answers the token endpoints as usual again.
    pub fn unscript(&self) {
        self.hub.set_script(None);
    }

    /// Treats every refresh that would succeed as this user's login: refused,
    /// misshapen or lost, but with the refresh token rotated all the same.
    /// None ends it.
    pub fn treat_refresh_as(&self, user: Option<&str>) {
        self.hub.set_refresh_as(user.map(str::to_owned));
    }

    /// Closes all connections that wait for a request, properly (close_notify
    /// and FIN), and returns when they are closed.
    pub fn close_idle(&self) {
        self.hub.close_idle();
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.hub.stop();
        lock(&self.listeners).clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("held for an instant")
}

fn random_hex(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    SystemRandom::new().fill(&mut random).expect("the system has randomness");
    hex(&random)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
