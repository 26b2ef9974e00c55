//! The command line of every driver, for those in Rust; bench.c has it for C:
//!
//!     DRIVER WORK COUNT BASE_URL CA_FILE [THREADS]

mod measure;

use std::env;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

pub use measure::{cpu_ns, report};

/// Logins before the first that is timed.
const BEFORE: usize = 5;

/// The user who signs in.
pub const USER: &str = "ada@example.com";
/// Her password.
pub const PASSWORD: &str = "correct horse battery staple";
/// The application she uses.
pub const CLIENT_ID: &str = "5f0c7a3e-1b2d-4c6f-8a9b-0d1e2f3a4b5c";

/// Where to sign in, and how.
pub struct Place {
    /// The server, without the path.
    pub base: String,
    /// A new connection for each login.
    pub cold: bool,
    ca: String,
}

impl Place {
    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/api/oauth/bench/token", self.base)
    }

    /// The file with what is trusted.
    pub fn ca_pem(&self) -> Vec<u8> {
        std::fs::read(&self.ca).expect("the file of the authority can be read")
    }

    /// The same, for rustls.
    pub fn tls(&self) -> Arc<rustls::ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&self.ca_pem()).flatten());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            rustls::ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13]);
        Arc::new(builder.expect("ring has TLS 1.3").with_root_certificates(roots).with_no_client_auth())
    }
}

/// Does what the command line says with a client that threads share, of which
/// `user` makes what each of them has: a function that signs in once.
pub fn drive<C: Clone + Send>(client: fn(&Place) -> C, user: fn(C) -> Box<dyn FnMut()>) {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [work, count, base, ca, rest @ ..] = &arguments[..] else {
        panic!("usage: DRIVER WORK COUNT BASE_URL CA_FILE [THREADS]");
    };
    let count = count.parse().expect("COUNT is a number");
    let threads = rest.first().map_or(1, |threads| threads.parse().expect("THREADS is a number"));
    let client = client(&Place { base: base.clone(), cold: work == "cold", ca: ca.clone() });
    match work.as_str() {
        "warm" | "cold" => one_by_one(user(client), count),
        "threads" => together(&client, user, count, threads),
        "once" => {
            user(client)();
            println!("{{\"at\": {}}}", measure::now_ns());
        }
        "memory" => {
            let mut login = user(client);
            (0..count).for_each(|_| login());
            measure::memory();
        }
        other => panic!("this driver has no {other}"),
    }
}

fn one_by_one(mut login: Box<dyn FnMut()>, count: usize) {
    (0..BEFORE).for_each(|_| login());
    let mut times = Vec::with_capacity(count);
    let cpu = cpu_ns();
    for _ in 0..count {
        let start = Instant::now();
        login();
        times.push(start.elapsed().as_nanos() as u64);
    }
    report(&mut times, cpu_ns() - cpu);
}

fn together<C: Clone + Send>(client: &C, user: fn(C) -> Box<dyn FnMut()>, count: usize, threads: usize) {
    let barrier = Barrier::new(threads + 1);
    let (start, cpu) = thread::scope(|scope| {
        for _ in 0..threads {
            let (client, barrier) = (client.clone(), &barrier);
            scope.spawn(move || {
                let mut login = user(client);
                login();
                // All are there; and the clock runs.
                barrier.wait();
                barrier.wait();
                (0..count / threads).for_each(|_| login());
            });
        }
        barrier.wait();
        let started = (Instant::now(), cpu_ns());
        barrier.wait();
        started
    });
    // One figure for all: how long a login took when the whole is shared out.
    let done = (count / threads * threads) as u64;
    let each = start.elapsed().as_nanos() as u64 / done;
    report(&mut vec![each; done as usize], cpu_ns() - cpu);
}
