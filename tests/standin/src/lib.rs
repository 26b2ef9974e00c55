//! A LoginRadius on loopback, for ropc's tests and its demo.
//!
//! It speaks TLS under a throw-away CA of its own, serves the documented
//! endpoints, has one account for each documented outcome (see [`ACCOUNTS`]),
//! misbehaves when told to, and remembers every byte it was sent. Everything
//! listens on 127.0.0.1 and ends when the [`Standin`] is dropped.

mod accounts;
mod api;
mod builder;
mod clock;
mod door;
mod endpoints;
mod errors;
mod faults;
mod grants;
mod http;
mod hub;
mod identity;
mod issuers;
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
pub use builder::Builder;
pub use door::{CLIENT, SECRET, SECRET_CLIENT};
pub use endpoints::APPS;
pub use faults::NAMES as FAULTS;
pub use grants::GrantCounts;
pub use http::Seen;
pub use identity::{API_KEY, VALIDATIONS};
pub use issuers::ISSUERS;
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
                access_lifetime_s: 900,
                lifetime_text: None,
                grace: Duration::ZERO,
                one_access: false,
                es256: false,
            },
        }
    }

    fn start_as(settings: Settings) -> Standin {
        let hub = Arc::new(Hub::new(settings));
        let tls = hub.authority.server_config(Flavor::Good, &[&TLS13, &TLS12], hub.settings.tickets, false);
        let https = Listener::start(&hub, hub.settings.port, Service::Endpoints(Some(tls)));
        let http = Listener::start(&hub, 0, Service::Endpoints(None));
        let ports = Ports { https: https.port, http: http.port };
        hub.ports.get_or_init(|| ports);
        Standin { hub, listeners: Mutex::new(vec![https, http]), holes: Mutex::default() }
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
        self.hub.set_script(None, Arc::new(answer));
    }

    /// The same for one path, its query left aside, of whatever endpoint or
    /// none. It goes before a script for all token endpoints.
    pub fn script_path(&self, path: &str, answer: impl Fn(&mut dyn ReadWrite, &Seen) -> After + Send + Sync + 'static) {
        self.hub.set_script(Some(path.to_owned()), Arc::new(answer));
    }

    /// Takes every script away: all is answered as usual again.
    pub fn unscript(&self) {
        self.hub.clear_scripts();
    }

    /// Treats every refresh that would succeed as this user's login: refused,
    /// misshapen or lost, but with the refresh token rotated all the same.
    /// None ends it.
    pub fn treat_refresh_as(&self, user: Option<&str>) {
        self.hub.set_refresh_as(user.map(|user| (user.to_owned(), u64::MAX)));
    }

    /// Loses the answers of the next so many refreshes that would succeed:
    /// the refresh token is rotated, and the connection cut without a word.
    /// Zero ends it, and it ends what `treat_refresh_as` asked for.
    pub fn lose_refresh_answers(&self, times: u64) {
        let lost = ("fault:cut_before".to_owned(), times);
        self.hub.set_refresh_as((times > 0).then_some(lost));
    }

    /// What was done with tokens so far.
    pub fn grant_counts(&self) -> GrantCounts {
        lock(&self.hub.grants).counts()
    }

    /// Makes every access token an expired one; refresh tokens stay good.
    pub fn expire_access(&self) {
        lock(&self.hub.grants).expire_access();
    }

    /// Ends every refresh token, as an administrator would; access tokens
    /// stay good.
    pub fn kill_refresh(&self) {
        lock(&self.hub.grants).kill_refresh();
    }

    /// Signs with new keys under new ids from now on. The old ones stay in
    /// the key set, or all leave it.
    pub fn rotate_keys(&self, keep_old: bool) {
        lock(&self.hub.grants).keys.rotate(keep_old);
    }

    /// The id of the key that signs now, of the ES256 one or the RS256 one.
    pub fn key_id(&self, es256: bool) -> String {
        lock(&self.hub.grants).keys.id(es256)
    }

    /// The key set as it is served.
    pub fn key_set(&self) -> String {
        lock(&self.hub.grants).keys.set().to_string()
    }

    /// A JWT of these two JSON texts, right or wrong, signed with the current
    /// ES256 key or the RS256 one.
    pub fn sign_jwt(&self, header: &str, claims: &str, es256: bool) -> String {
        lock(&self.hub.grants).keys.sign_text(header, claims, es256)
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
