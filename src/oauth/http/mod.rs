//! The only place that names ureq and rustls. ureq writes and reads what frames
//! a body, and the body; everything below it is ours: the other lines of a head,
//! the pool, the connection, the clock, the trust. Hence one write a request, no
//! thread and no look-up on a warm connection, and a fault that says what
//! happened.

mod aside;
mod buffers;
mod conn;
mod crypto;
mod dial;
mod fault;
mod head;
mod lookup;
mod pool;
mod proxy;
mod transport;
mod trust;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::Body;
use ureq::config::{AutoHeaderValue, Config};
use ureq::http::{HeaderValue, Method, Request, Response, Uri, header};

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
use head::Head;
use pool::Idle;
use transport::Line;

pub use proxy::Proxy;
pub use trust::{ClientCertificate, Trust};

/// An answer's status line and headers may have this many bytes.
const HEAD_BYTES: usize = 16 * 1024;

/// How long a connection made ahead waits for its first request. Servers wait
/// longer for that (20 s and more) than between two requests.
const AHEAD: Duration = Duration::from_secs(15);

/// Room kept for the read that finds the end of a body.
const END_BYTES: usize = 64;

/// An HTTP answer, whatever its status.
#[derive(Debug)]
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
    /// GET, POST and so on.
    pub method: &'a str,
    /// `Authorization`, whole.
    pub authorization: Option<&'a Secret>,
    /// `Content-Type`, unless it is among the headers.
    pub content_type: Option<&'static str>,
    /// Further headers; `Accept` is application/json unless it is one of them.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; none is another thing than an empty one.
    pub body: Option<&'a [u8]>,
    /// Whether the answer's headers are wanted.
    pub with_headers: bool,
}

impl<'a> Ask<'a> {
    /// A GET, with an access token or without.
    pub fn get(authorization: Option<&'a Secret>) -> Ask<'a> {
        Ask { method: "GET", authorization, content_type: None, headers: &[], body: None, with_headers: false }
    }

    /// A POST of `body`.
    pub fn post(content_type: &'static str, authorization: Option<&'a Secret>, body: &'a [u8]) -> Ask<'a> {
        Ask { method: "POST", content_type: Some(content_type), body: Some(body), ..Ask::get(authorization) }
    }
}

/// The HTTP side of a client.
pub struct Http {
    config: Config,
    user_agent: String,
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
}

impl Drop for Shared {
    /// A child that frees a client which it never used closes its copies of
    /// the parent's connections all the same.
    fn drop(&mut self) {
        self.state();
    }
}

/// An endpoint with what ureq wants to have parsed.
pub struct Target {
    endpoint: Endpoint,
    uri: Uri,
    host: HeaderValue,
}

impl Target {
    /// A target for `endpoint`.
    pub fn new(endpoint: Endpoint) -> Result<Target, Error> {
        let wrong = || Error::argument(format_args!("{endpoint} is no URL"));
        let uri = endpoint.url().parse().map_err(|_| wrong())?;
        let host = HeaderValue::from_str(&endpoint.origin.authority()).map_err(|_| wrong())?;
        Ok(Target { endpoint, uri, host })
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
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(AutoHeaderValue::None)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .max_idle_connections(0)
            .build();
        if !limits::is_visible(&options.user_agent, true) {
            return Err(Error::argument("user_agent must be printable ASCII on one line"));
        }
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
            config,
            user_agent: options.user_agent.clone(),
            answer_bytes: options.answer_bytes,
            shared: Arc::new(shared),
        })
    }

    /// Asks once and reads the answer. A kept-alive connection that turns out
    /// dead before a byte of the request left is replaced; once a byte left,
    /// nothing is repeated.
    pub fn ask(&self, call: &Arc<Call>, target: &Target, ask: &Ask<'_>) -> Result<Answer, Error> {
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
        call.detach();
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
        let conn = made?;
        call.check()?;
        pool.put(Idle::new(origin.clone(), conn, Line::new(&self.config), AHEAD.max(shared.idle)), most);
        Ok(())
    }

    /// Closes the idle connections to `target`, whose TLS may still hold parts
    /// of the last answers (tests/c/scan.py finds them).
    pub fn close_idle(&self, target: &Target) {
        self.shared.state().pool.close(&target.endpoint.origin);
    }

    fn attempt(&self, call: &Arc<Call>, target: &Target, ask: &Ask<'_>, fresh: bool) -> Result<Answer, Error> {
        let request = self.request(target, ask)?;
        let lines = head::request_lines(ask, &self.user_agent)?;
        let (shared, origin) = (&self.shared, &target.endpoint.origin);
        let kept = if fresh { None } else { shared.state().pool.take(origin) };
        let (conn, line) = match kept {
            Some(Idle { conn, line, .. }) => {
                conn.attach(call)?;
                (conn, line)
            }
            None => (dial::dial(call, shared, origin)?, Line::new(&self.config)),
        };
        let (result, conn) =
            line.over(call, conn, lines, ask.with_headers, || self.exchange(call, &line, request, ask));
        // A cancel finds nothing to end from here on, or is seen by the check:
        // it must not end what the next call uses.
        call.detach();
        if let Some(conn) = conn
            && call.check_stopped().is_ok()
        {
            shared.state().pool.put(Idle::new(origin.clone(), conn, line, shared.idle), shared.idle_connections);
        }
        // What our own transport ran into says more than what ureq made of it.
        match (call.take_fault(), result) {
            (Some(fault), _) => Err(fault),
            (None, result) => result,
        }
    }

    fn exchange(&self, call: &Call, line: &Line, request: Request<()>, ask: &Ask<'_>) -> Result<Answer, Error> {
        let sent = match sent_body(ask) {
            Some(body) => line.agent().run(request.map(|()| body)),
            None => line.agent().run(request),
        };
        let response = sent.map_err(|error| fault::from_ureq(call, &error))?;
        let head =
            line.take_head().ok_or_else(|| call.cut_off("The server closed the connection without an answer"))?;
        let has_body = ask.method != "HEAD" && head.status != 204;
        self.receive(call, Head { body_bytes: head.body_bytes.filter(|_| has_body), ..head }, response)
    }

    /// The request as ureq is to see it: see [`head`].
    fn request(&self, target: &Target, ask: &Ask<'_>) -> Result<Request<()>, Error> {
        let mut request = Request::new(());
        *request.method_mut() =
            Method::from_bytes(ask.method.as_bytes()).map_err(|_| Error::argument("method is none of HTTP's"))?;
        *request.uri_mut() = target.uri.clone();
        // Else ureq would make them, the host anew for each request.
        request.headers_mut().insert(header::HOST, target.host.clone());
        if let Some(body) = sent_body(ask) {
            request.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
        }
        Ok(request)
    }

    fn receive(&self, call: &Call, head: Head, mut response: Response<Body>) -> Result<Answer, Error> {
        call.enter(Stage::Receive);
        let Head { status, date_at, retry_after_ms, is_html, body_bytes, headers } = head;
        let answer = Answer { status, date_at, retry_after_ms, is_html, headers, body: SecretBytes::default() };
        // Nothing behind a redirect matters, nor is 101 the end of an answer.
        if (300..400).contains(&status) || status == 101 {
            return Ok(answer);
        }
        let body = self.read_body(call, response.body_mut(), body_bytes)?;
        call.enter(Stage::Answer);
        Ok(Answer { body, ..answer })
    }

    fn read_body(&self, call: &Call, body: &mut Body, stated: Option<usize>) -> Result<SecretBytes, Error> {
        let too_large = || {
            let most = self.answer_bytes;
            call.error(Reason::AnswerTooLarge, format_args!("The answer has more than {most} bytes"))
        };
        if stated.is_some_and(|bytes| bytes > self.answer_bytes) {
            return Err(too_large());
        }
        // A little more than stated: the end is noticed without a larger block.
        let mut bytes = SecretBytes::with_capacity(stated.unwrap_or(4096) + END_BYTES);
        let mut reader = body.as_reader();
        loop {
            let read = bytes.push_from(END_BYTES, |room| reader.read(room));
            if read.map_err(|error| fault::from_body(call, error))? == 0 {
                return Ok(bytes);
            }
            if bytes.expose().len() > self.answer_bytes {
                return Err(too_large());
            }
        }
    }
}

/// What is sent as the body. A method that has one gets an empty one at least:
/// ureq, and so the server, would expect one that never comes.
fn sent_body<'a>(ask: &Ask<'a>) -> Option<&'a [u8]> {
    let empty = matches!(ask.method, "POST" | "PUT" | "PATCH").then_some(&[][..]);
    ask.body.or(empty)
}
