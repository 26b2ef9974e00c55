//! The only place that names ureq and rustls. A request is written and its
//! answer read on a connection of ours, from a pool of ours, under our clock;
//! what comes in chunks ureq reads. Hence one write a request, no thread and no
//! look-up on a warm connection, and a fault that says what happened.

mod aside;
mod body;
mod buffers;
mod chunked;
mod conn;
mod crypto;
mod dial;
mod fault;
mod head;
mod lookup;
mod pem;
mod pool;
mod proxy;
mod send;
mod trust;

use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;

use super::call::Call;
use super::choices::Level;
use super::error::Error;
use super::limits;
use super::log::Log;
use super::options::{Lookup, Options};
use super::reason::{Reason, Stage};
use super::secret::{Secret, SecretBytes};
use super::sys::fork::Local;
use super::url::{Endpoint, Origin};
use conn::Conn;
use head::{Framing, Head};
use pool::Idle;

pub use proxy::Proxy;
pub use trust::{ClientCertificate, Trust};

/// An answer's status line and headers may have this many bytes.
const HEAD_BYTES: usize = 16 * 1024;

/// How long a connection made ahead waits for its first request. Servers wait
/// longer for that (20 s and more) than between two requests.
const AHEAD: Duration = Duration::from_secs(15);

/// An HTTP answer, whatever its status. Not to be shown: it may hold tokens.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// `Date`; 0 when unknown.
    pub date_at: i64,
    /// `Retry-After`; 0 when absent or not understood.
    pub retry_after_ms: i64,
    /// Whether it says that it is a web page.
    pub is_html: bool,
    /// All headers, when they were asked for.
    pub headers: Vec<(String, String)>,
    /// The body, at most as long as the client's limit.
    pub body: SecretBytes,
}

/// What is asked of an endpoint.
pub struct Ask<'a> {
    /// GET, POST and so on, in capitals.
    pub method: &'static str,
    /// `Authorization`, whole.
    pub authorization: Option<&'a Secret>,
    /// `Content-Type`, unless it is among the headers.
    pub content_type: Option<&'static str>,
    /// Further headers, checked, and their names in lower case; `accept` is
    /// application/json unless it is one of them.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; none is another thing than an empty one.
    pub body: Option<&'a [u8]>,
    /// Whether the answer is the program's, whatever it is: with its headers,
    /// and with the body of a redirect.
    pub whole: bool,
}

impl<'a> Ask<'a> {
    /// A GET, with an access token or without.
    pub fn get(authorization: Option<&'a Secret>) -> Ask<'a> {
        Ask { method: "GET", authorization, content_type: None, headers: &[], body: None, whole: false }
    }

    /// A POST of `body`.
    pub fn post(content_type: &'static str, authorization: Option<&'a Secret>, body: &'a [u8]) -> Ask<'a> {
        Ask { method: "POST", content_type: Some(content_type), body: Some(body), ..Ask::get(authorization) }
    }

    /// Whether `Authorization` can stand in a header.
    fn check(&self) -> Result<(), Error> {
        if self.authorization.is_none_or(|value| limits::is_visible(value.expose(), true)) {
            return Ok(());
        }
        Err(Error::argument("client id, secret or token cannot be put into a header"))
    }
}

/// The HTTP side of a client.
pub struct Http {
    chunks: Config,
    usual: send::Usual,
    answer_bytes: usize,
    shared: Arc<Shared>,
}

/// What the connections of a client have in common.
pub(crate) struct Shared {
    pub proxy: Option<proxy::Server>,
    pub trust: Trust,
    pub pins: Vec<(Origin, [u8; 32])>,
    pub certificates: Vec<(Origin, Arc<ClientCertificate>)>,
    pub lookup: Option<Lookup>,
    pub idle_connections: usize,
    pub idle: Duration,
    pub log: Arc<Log>,
    state: Local<State>,
}

/// What a child of fork must not inherit.
#[derive(Default)]
pub(crate) struct State {
    pub pool: pool::Pool,
    pub addresses: lookup::Addresses,
    /// One for each origin with pins or a certificate of its own, one for the
    /// rest: sessions are never resumed across different trust.
    pub tls: trust::Configs,
}

impl Shared {
    /// The state of this process.
    pub(crate) fn state(&self) -> &State {
        self.state.get_after(|inherited| inherited.pool.close_inherited())
    }

    /// The proxy through which `origin` is reached, if there is one.
    fn proxy_to(&self, origin: &Origin) -> Option<&proxy::Server> {
        self.proxy.as_ref().filter(|proxy| origin.https && proxy.serves(origin))
    }
}

impl Drop for Shared {
    /// A child that frees a client which it never used closes its copies of
    /// the parent's connections all the same.
    fn drop(&mut self) {
        self.state();
    }
}

/// An endpoint, and how a request says where it goes.
pub struct Target {
    endpoint: Endpoint,
    /// From behind the method to the end of the `Host` line.
    place: String,
}

impl Target {
    /// A target for `endpoint`.
    pub fn new(endpoint: Endpoint) -> Result<Target, Error> {
        let (path, authority) = (&endpoint.path_and_query, endpoint.origin.authority());
        if !path.starts_with('/') || !limits::is_visible(path, false) || !limits::is_visible(&authority, false) {
            return Err(Error::argument(format_args!("{endpoint} is no URL")));
        }
        let place = format!(" {path} HTTP/1.1\r\nhost: {authority}\r\n");
        Ok(Target { endpoint, place })
    }

    /// Where it is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Http {
    /// The HTTP side of a client with these options, which will talk to
    /// `origins`.
    pub fn new(options: &Options, origins: &[Origin], log: Arc<Log>) -> Result<Http, Error> {
        let shared = Shared {
            proxy: options.proxy.server(origins)?,
            trust: options.trust.clone(),
            pins: options.pins.clone(),
            certificates: options.certificates.clone(),
            lookup: options.lookup.clone(),
            idle_connections: options.idle_connections,
            idle: Duration::from_millis(options.idle_ms.into()),
            log,
            state: Local::new(State::default),
        };
        Ok(Http {
            chunks: chunked::config(),
            usual: send::Usual::new(&options.user_agent),
            answer_bytes: options.answer_bytes,
            shared: Arc::new(shared),
        })
    }

    /// Asks once and reads the answer. A kept-alive connection that turns out
    /// dead before a byte of the request left is replaced; once a byte left,
    /// nothing is repeated.
    pub fn ask(&self, call: &Arc<Call>, target: &Target, ask: &Ask<'_>) -> Result<Answer, Error> {
        ask.check()?;
        call.begin_exchange()?;
        let result = match self.attempt(call, target, ask, false) {
            Err(error) if error.reason == Reason::CutOffBeforeSent && call.stage() == Stage::Send => {
                self.shared.log.line(
                    call,
                    Level::Warn,
                    format_args!("the connection was dead before anything was sent; using a new one"),
                );
                self.attempt(call, target, ask, true)
            }
            result => result,
        };
        if result.is_err() {
            // It may have ended before there was a connection to detach.
            call.detach();
        }
        result
    }

    /// Makes a connection to `target` and keeps it for the next request; or
    /// nothing, when one is there that will be good for a while.
    pub fn connect(&self, call: &Arc<Call>, target: &Target) -> Result<(), Error> {
        call.begin_exchange()?;
        let origin = &target.endpoint.origin;
        let shared = &self.shared;
        let most = shared.idle_connections;
        if most == 0 || shared.idle.is_zero() {
            return Err(Error::new(
                Reason::Unsupported,
                "The client is set to keep no connections, so none is made ahead",
            ));
        }
        let pool = &shared.state().pool;
        if let Some(idle) = pool.take(origin) {
            let enough = idle.left() >= AHEAD / 2;
            pool.put(idle, most);
            if enough {
                return Ok(());
            }
        }
        let made = dial::dial(call, shared, origin).and_then(|mut conn| {
            conn.finish_tls(call)?;
            Ok(conn)
        });
        // As in `attempt`: a cancel must not end what the next call uses.
        call.detach();
        let mut conn = made?;
        call.check()?;
        // A server that speaks before it is asked is not to be heard later.
        if conn.is_drained() {
            pool.put(Idle::new(origin.clone(), conn, AHEAD.max(shared.idle)), most);
        }
        Ok(())
    }

    /// The proxy through which `target` is reached, without its login.
    pub fn proxy_to(&self, target: &Target) -> Option<String> {
        self.shared.proxy_to(&target.endpoint.origin).map(ToString::to_string)
    }

    /// Closes the idle connections to `target`, whose TLS may still hold parts
    /// of the last answers (tests/c/scan.py finds them).
    pub fn close_idle(&self, target: &Target) {
        self.shared.state().pool.close(&target.endpoint.origin);
    }

    fn attempt(&self, call: &Arc<Call>, target: &Target, ask: &Ask<'_>, fresh: bool) -> Result<Answer, Error> {
        let (shared, origin) = (&self.shared, &target.endpoint.origin);
        let kept = if fresh { None } else { shared.state().pool.take(origin) };
        let (origin, conn) = match kept {
            Some(Idle { origin, conn, .. }) => {
                conn.attach(call)?;
                (origin, conn)
            }
            None => (origin.clone(), dial::dial(call, shared, origin)?),
        };
        let (answer, conn) = self.exchange(call, conn, target, ask);
        // A cancel finds nothing to end from here on, or is seen by the check:
        // it must not end what the next call uses.
        call.detach();
        if let Some(mut conn) = conn
            && call.check_stopped().is_ok()
            && conn.is_drained()
        {
            conn.wipe();
            shared.state().pool.put(Idle::new(origin, conn, shared.idle), shared.idle_connections);
        }
        answer
    }

    /// A request and its answer, and the connection if another exchange may
    /// follow on it.
    fn exchange(
        &self,
        call: &Arc<Call>,
        mut conn: Box<Conn>,
        target: &Target,
        ask: &Ask<'_>,
    ) -> (Result<Answer, Error>, Option<Box<Conn>>) {
        let sent = send::request(call, &mut conn, target, ask, &self.usual);
        let head = match sent.and_then(|()| head::receive(call, &mut conn, ask)) {
            Ok(head) => head,
            Err(error) => return (Err(error), None),
        };
        let Head { status, date_at, retry_after_ms, is_html, framing, persists, headers } = head;
        let answer = Answer { status, date_at, retry_after_ms, is_html, headers, body: SecretBytes::default() };
        // Nobody reads what is behind a redirect, unless the program asked.
        if (300..400).contains(&status) && !ask.whole && framing != Framing::Empty {
            return (Ok(answer), None);
        }
        let (body, conn) = body::receive(call, conn, framing, self.answer_bytes, &self.chunks);
        match body {
            Ok(body) => {
                call.enter(Stage::Answer);
                (Ok(Answer { body, ..answer }), conn.filter(|_| persists))
            }
            Err(error) => (Err(error), None),
        }
    }
}
