//! A body in chunks (RFC 9112, 7.1), which ureq reads: that HTTP is ureq's is a
//! condition of this project, and docs/performance.md says what was taken from it
//! all the same, and why. Its decoder is only to be had by way of an agent and a
//! transport. So it gets a head that says no more than that chunks follow, and
//! behind it what the connection brings; the request that it writes before goes
//! nowhere.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use ureq::config::{AutoHeaderValue, Config};
use ureq::http::{Request, Uri};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Agent, Error as UreqError};

use super::conn::Conn;
use super::fault;
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::sys::sync::{Mutex, lock};

/// The head that ureq sees.
const HEAD: &[u8] = b"HTTP/1.1 200\r\ntransfer-encoding: chunked\r\n\r\n";

/// Room for the request that ureq writes.
const REQUEST_BYTES: usize = 256;

/// Made once for a client: ureq looks for a proxy in the environment.
pub(crate) fn config() -> Config {
    Config::builder()
        .max_redirects(0)
        .proxy(None)
        .user_agent(AutoHeaderValue::None)
        .accept(AutoHeaderValue::None)
        .accept_encoding(AutoHeaderValue::None)
        .max_idle_connections(0)
        .build()
}

/// Has `take` read the body that comes over `conn`, and gives that back when
/// the body ended as it should.
pub(crate) fn over<T>(
    config: &Config,
    call: &Arc<Call>,
    conn: Box<Conn>,
    take: impl FnOnce(&mut dyn Read) -> Result<T, Error>,
) -> (Result<T, Error>, Option<Box<Conn>>) {
    let lent = Lent { conn, call: call.clone(), head: HEAD, request: [0; REQUEST_BYTES], fault: None, clean: false };
    let slot = Slot(Arc::new(Mutex::new(Some(Box::new(lent)))));
    let result = {
        let agent = Agent::with_parts(config.clone(), slot.clone(), NoResolver);
        let mut request = Request::new(());
        *request.uri_mut() = Uri::from_static("http://chunked/");
        match agent.run(request) {
            Ok(mut response) => take(&mut response.body_mut().as_reader()),
            Err(error) => Err(fault::from_chunks(call, &error.into_io())),
        }
    };
    let lent = lock(&slot.0).take();
    match lent.map(|lent| *lent) {
        // What our own transport ran into says more than what ureq made of it.
        Some(Lent { fault: Some(fault), .. }) => (Err(fault), None),
        Some(Lent { conn, clean, .. }) => (result, clean.then_some(conn)),
        None => (result, None),
    }
}

/// A connection that waits for ureq to ask for it, and then for us to have it
/// back.
#[derive(Clone)]
struct Slot(Arc<Mutex<Option<Box<Lent>>>>);

struct Lent {
    conn: Box<Conn>,
    call: Arc<Call>,
    /// What ureq has yet to see of the head.
    head: &'static [u8],
    request: [u8; REQUEST_BYTES],
    /// What the connection ran into.
    fault: Option<Error>,
    /// Whether the body ended so that another answer may follow.
    clean: bool,
}

/// A connection lent to ureq.
struct Loan {
    /// There until it is given back.
    lent: Option<Box<Lent>>,
    slot: Slot,
    /// Whether ureq used some of the input it saw last.
    progress: bool,
}

/// There is nothing to look up.
#[derive(Debug)]
struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, UreqError> {
        Ok(self.empty())
    }
}

impl Connector for Slot {
    type Out = Loan;

    fn connect(&self, _: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Loan>, UreqError> {
        let lent = lock(&self.0).take().ok_or(UreqError::ConnectionFailed)?;
        Ok(Some(Loan { lent: Some(lent), slot: self.clone(), progress: false }))
    }
}

impl Transport for Loan {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self
    }

    /// The true request was sent before.
    fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), UreqError> {
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, UreqError> {
        let Lent { conn, call, head, fault, .. } = self.lent.as_deref_mut().ok_or(UreqError::ConnectionFailed)?;
        if !head.is_empty() {
            return Ok(true);
        }
        let more = conn.receive(call).and_then(|more| {
            if !more && !conn.buffers.input().is_empty() {
                // Part of a line, and no more of it will come.
                return Err(call.cut_off("The connection ended in the middle of the answer"));
            }
            Ok(more)
        });
        more.map_err(|error| {
            *fault = Some(error);
            UreqError::ConnectionFailed
        })
    }

    /// ureq asks this once, after a body that ended as it should, to put the
    /// connection into its own pool. We note it, say no, and put it into ours.
    fn is_open(&mut self) -> bool {
        if let Some(lent) = &mut self.lent {
            lent.clean = true;
        }
        false
    }
}

impl Buffers for Loan {
    fn output(&mut self) -> &mut [u8] {
        self.lent.as_mut().map(|lent| &mut lent.request[..]).unwrap_or_default()
    }

    fn input(&self) -> &[u8] {
        match &self.lent {
            Some(lent) if lent.head.is_empty() => lent.conn.buffers.input(),
            Some(lent) => lent.head,
            None => &[],
        }
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.lent.as_mut().map(|lent| lent.conn.buffers.room()).unwrap_or_default()
    }

    fn input_appended(&mut self, amount: usize) {
        if let Some(lent) = &mut self.lent {
            lent.conn.buffers.received(amount);
        }
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        if let Some(lent) = &mut self.lent {
            match lent.head.get(amount..) {
                Some(rest) if !lent.head.is_empty() => lent.head = rest,
                _ => lent.conn.buffers.pass_over(amount),
            }
        }
    }

    /// For bodies of requests, of which ureq sends none.
    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        (&mut [], &mut [])
    }

    fn can_use_input(&self) -> bool {
        self.progress && !self.input().is_empty()
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        *lock(&self.slot.0) = self.lent.take();
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

impl fmt::Debug for Loan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loan")
    }
}
