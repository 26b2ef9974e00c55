//! What every thread of one stand-in shares: settings, what was seen, which
//! connections are open, and what tests asked to be done differently.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, Weak};
use std::time::{Duration, Instant};

use crate::grants::Grants;
use crate::http::Seen;
use crate::pki::Authority;
use crate::wire::{After, ReadWrite};

/// What a test writes in place of an endpoint's answer.
pub(crate) type Script = dyn Fn(&mut dyn ReadWrite, &Seen) -> After + Send + Sync;

/// What the builder decided; fixed while the stand-in runs.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub tickets: usize,
    pub keep_alive: bool,
    pub port: u16,
    pub idle_close: Option<Duration>,
    pub reuse_detection: bool,
    pub rotation: bool,
    pub access_lifetime_s: u64,
    pub lifetime_text: Option<String>,
    pub grace: Duration,
    pub one_access: bool,
    pub es256: bool,
}

/// The ports of the two main listeners.
pub(crate) struct Ports {
    pub https: u16,
    pub http: u16,
}

/// One accepted TCP connection. Its thread owns it; the hub only knows of it.
pub(crate) struct Socket {
    pub id: u64,
    pub tcp: TcpStream,
    /// Nothing the client asked for is unanswered.
    pub idle: AtomicBool,
}

#[derive(Default)]
struct Log {
    requests: Vec<Seen>,
    proxy_heads: Vec<String>,
    connections: u64,
    flights: u64,
    open: HashMap<u64, Weak<Socket>>,
    /// Both ends of proxy tunnels: not counted, but closed at the end.
    tunnels: Vec<Weak<TcpStream>>,
}

pub(crate) struct Hub {
    pub settings: Settings,
    pub authority: Authority,
    pub grants: Mutex<Grants>,
    pub ports: OnceLock<Ports>,
    log: Mutex<Log>,
    changed: Condvar,
    /// By path; without one, for all token endpoints.
    scripts: Mutex<HashMap<Option<String>, Arc<Script>>>,
    /// The user whom refreshes are treated as, and how many more of them.
    refresh_as: Mutex<Option<(String, u64)>>,
    stopping: AtomicBool,
}

/// Keeps a connection in the count of open ones until dropped.
pub(crate) struct Open {
    hub: Arc<Hub>,
    id: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.hub.log().open.remove(&self.id);
        self.hub.changed.notify_all();
    }
}

impl Hub {
    pub fn new(settings: Settings) -> Hub {
        Hub {
            grants: Mutex::new(Grants::new(&settings)),
            authority: Authority::new(),
            settings,
            ports: OnceLock::new(),
            log: Mutex::default(),
            changed: Condvar::new(),
            scripts: Mutex::default(),
            refresh_as: Mutex::default(),
            stopping: AtomicBool::new(false),
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().expect("no thread panics with the log")
    }

    /// The origin a client reaches the main listener by.
    pub fn origin(&self, tls: bool) -> String {
        let ports = self.ports.get().expect("the main listeners start first");
        if tls { format!("https://localhost:{}", ports.https) } else { format!("http://127.0.0.1:{}", ports.http) }
    }

    /// Counts a new connection. Drop what it returns after the socket, so
    /// that whoever waits for the count finds the connection really closed.
    pub fn opened(self: &Arc<Hub>, tcp: TcpStream) -> (Open, Arc<Socket>) {
        let mut log = self.log();
        log.connections += 1;
        log.flights += 1;
        let id = log.connections;
        let idle = AtomicBool::new(true);
        let socket = Arc::new(Socket { id, tcp, idle });
        log.open.insert(id, Arc::downgrade(&socket));
        drop(log);
        if self.stopping() {
            // Too late for stop() to have seen it.
            let _ = socket.tcp.shutdown(Shutdown::Both);
        }
        self.changed.notify_all();
        let hub = Arc::clone(self);
        (Open { hub, id }, socket)
    }

    pub fn add_flight(&self) {
        self.log().flights += 1;
    }

    pub fn add_request(&self, seen: Seen) {
        self.log().requests.push(seen);
        self.changed.notify_all();
    }

    pub fn add_proxy_head(&self, head: String) {
        self.log().proxy_heads.push(head);
        self.changed.notify_all();
    }

    pub fn add_tunnel(&self, end: &Arc<TcpStream>) {
        self.log().tunnels.push(Arc::downgrade(end));
        if self.stopping() {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.log().requests.clone()
    }

    pub fn take_requests(&self) -> Vec<Seen> {
        std::mem::take(&mut self.log().requests)
    }

    pub fn proxy_heads(&self) -> Vec<String> {
        self.log().proxy_heads.clone()
    }

    pub fn connections(&self) -> u64 {
        self.log().connections
    }

    pub fn flights(&self) -> u64 {
        self.log().flights
    }

    pub fn open(&self) -> usize {
        self.log().open.len()
    }

    pub fn wait_requests(&self, n: usize, timeout: Duration) -> bool {
        self.wait(timeout, |log| log.requests.len() >= n)
    }

    pub fn wait_connections(&self, n: u64, timeout: Duration) -> bool {
        self.wait(timeout, |log| log.connections >= n)
    }

    pub fn wait_open(&self, n: usize, timeout: Duration) -> bool {
        self.wait(timeout, |log| log.open.len() == n)
    }

    fn wait(&self, timeout: Duration, done: impl Fn(&Log) -> bool) -> bool {
        let end = Instant::now() + timeout;
        let mut log = self.log();
        while !done(&log) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            log = self.changed.wait_timeout(log, left).expect("no thread panics with the log").0;
        }
        true
    }

    /// Ends the idle connections the way a server does that is tired of
    /// waiting, and returns when each of them is closed.
    pub fn close_idle(&self) {
        let mut closing = Vec::new();
        for socket in self.log().open.values().filter_map(Weak::upgrade) {
            if socket.idle.load(Ordering::SeqCst) {
                // Its thread wakes from the read and says goodbye itself:
                // only it may write to the TLS session.
                let _ = socket.tcp.shutdown(Shutdown::Read);
                closing.push(socket.id);
            }
        }
        self.wait(Duration::from_secs(5), |log| closing.iter().all(|id| !log.open.contains_key(id)));
    }

    /// The script for this path, or the one for all token endpoints.
    pub fn script(&self, path: &str, is_token: bool) -> Option<Arc<Script>> {
        let scripts = self.scripts.lock().expect("held for an instant");
        let general = || scripts.get(&None).filter(|_| is_token);
        scripts.get(&Some(path.to_owned())).or_else(general).cloned()
    }

    pub fn set_script(&self, path: Option<String>, script: Arc<Script>) {
        self.scripts.lock().expect("held for an instant").insert(path, script);
    }

    pub fn clear_scripts(&self) {
        self.scripts.lock().expect("held for an instant").clear();
    }

    /// The user whom this refresh is treated as, which uses up one time.
    pub fn take_refresh_as(&self) -> Option<String> {
        let mut held = self.refresh_as.lock().expect("held for an instant");
        let (user, times) = held.as_mut()?;
        *times -= 1;
        if *times > 0 { Some(user.clone()) } else { held.take().map(|(user, _)| user) }
    }

    pub fn set_refresh_as(&self, user: Option<(String, u64)>) {
        *self.refresh_as.lock().expect("held for an instant") = user;
    }

    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Cuts every connection; its thread then ends by itself.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        let log = self.log();
        for socket in log.open.values().filter_map(Weak::upgrade) {
            let _ = socket.tcp.shutdown(Shutdown::Both);
        }
        for end in log.tunnels.iter().filter_map(Weak::upgrade) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}
