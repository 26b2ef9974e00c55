//! What ureq asks for a connection: the traits of `ureq::unversioned`.

use std::fmt;
use std::sync::Arc;

use ureq::Agent;
use ureq::Error as UreqError;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use super::conn::Conn;
use super::head::{self, Head};
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::secret::SecretBytes;
use crate::oauth::sys::sync::{Mutex, lock};

/// A ureq agent for one exchange at a time, over the connection it is given.
/// It goes with a connection from exchange to exchange, because making an
/// agent costs more than all else that ureq does before it sends.
pub(crate) struct Line {
    agent: Agent,
    slot: Arc<Slot>,
}

/// What we and ureq hand each other.
#[derive(Default)]
struct Slot {
    /// A connection that waits for ureq to ask for it, and then for us to have
    /// it back.
    lent: Mutex<Option<Lent>>,
    /// The head of the answer, once ureq has got its part of it.
    head: Mutex<Option<Head>>,
}

struct Lent {
    conn: Conn,
    call: Arc<Call>,
    /// What is added to the head of the request, until it is.
    lines: Option<SecretBytes>,
    /// Whether all of the answer's headers are wanted.
    with_headers: bool,
    /// Whether the head of the answer was read.
    head_read: bool,
    /// Whether the exchange ended so that another may follow.
    clean: bool,
}

impl Line {
    /// A line without a connection.
    pub fn new(config: &Config) -> Line {
        let slot = Arc::<Slot>::default();
        Line { agent: Agent::with_parts(config.clone(), Dialer(slot.clone()), NoResolver), slot }
    }

    /// What runs a request, within [`Line::over`].
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// The head of the answer that was received.
    pub fn take_head(&self) -> Option<Head> {
        lock(&self.slot.head).take()
    }

    /// Has `exchange` use `conn`, and gives it back if another exchange may
    /// follow on it.
    pub fn over<T>(
        &self,
        call: &Arc<Call>,
        conn: Conn,
        lines: SecretBytes,
        with_headers: bool,
        exchange: impl FnOnce() -> T,
    ) -> (T, Option<Conn>) {
        let lent = Lent { conn, call: call.clone(), lines: Some(lines), with_headers, head_read: false, clean: false };
        *lock(&self.slot.lent) = Some(lent);
        let result = exchange();
        let lent = lock(&self.slot.lent).take();
        let conn = lent.and_then(|Lent { mut conn, clean, .. }| {
            // Input that is left over is no more to be seen after this; but then
            // ureq did not ask whether the connection is open.
            conn.wipe();
            (clean && conn.is_drained()).then_some(conn)
        });
        (result, conn)
    }
}

/// ureq looks names up before it asks for a connection, warm ones too. Ours
/// are looked up in [`super::dial`], when there is need.
#[derive(Debug)]
struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, UreqError> {
        Ok(self.empty())
    }
}

/// Gives ureq the connection in the slot.
struct Dialer(Arc<Slot>);

impl Connector for Dialer {
    type Out = Loan;

    fn connect(&self, _: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Loan>, UreqError> {
        let lent = lock(&self.0.lent).take().ok_or(UreqError::ConnectionFailed)?;
        Ok(Some(Loan { lent: Some(lent), slot: self.0.clone(), never: super::buffers::Buffers::none() }))
    }
}

/// A connection lent to ureq for one exchange.
struct Loan {
    lent: Option<Lent>,
    slot: Arc<Slot>,
    never: super::buffers::Buffers,
}

/// ureq learns only that it failed; the call keeps why.
fn refuse(call: &Call, error: Error) -> UreqError {
    call.set_fault(error);
    UreqError::ConnectionFailed
}

impl Transport for Loan {
    fn buffers(&mut self) -> &mut dyn Buffers {
        match &mut self.lent {
            Some(lent) => &mut lent.conn.buffers,
            None => &mut self.never,
        }
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), UreqError> {
        let Lent { conn, call, lines, .. } = self.lent.as_mut().ok_or(UreqError::ConnectionFailed)?;
        // Held back: header and body leave together when the answer is awaited.
        let is_much = conn.buffers.fill_out(amount);
        let sent = match lines {
            Some(waiting) if conn.buffers.reopen_head() => {
                let sent = head::send_lines(conn, call, waiting);
                *lines = None;
                sent
            }
            _ if is_much => conn.flush(call),
            _ => Ok(()),
        };
        sent.map_err(|error| refuse(call, error))
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, UreqError> {
        let Lent { conn, call, lines, with_headers, head_read, .. } =
            self.lent.as_mut().ok_or(UreqError::ConnectionFailed)?;
        if lines.is_some() {
            return Err(refuse(call, call.error(Reason::Bug, "The head of a request does not end as it should")));
        }
        if *head_read {
            return conn.receive(call).map_err(|error| refuse(call, error));
        }
        let head = head::receive(conn, call, *with_headers).map_err(|error| refuse(call, error))?;
        *head_read = head.is_some();
        *lock(&self.slot.head) = head;
        Ok(*head_read)
    }

    /// ureq asks this once, after an answer that ended as it should and allows
    /// another, to put the connection into its own pool. We note it, say no,
    /// and put it into ours.
    fn is_open(&mut self) -> bool {
        if let Some(lent) = &mut self.lent {
            lent.clean = true;
        }
        false
    }

    fn is_tls(&self) -> bool {
        self.lent.as_ref().is_some_and(|lent| lent.conn.is_tls())
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        *lock(&self.slot.lent) = self.lent.take();
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dialer")
    }
}

impl fmt::Debug for Loan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loan")
    }
}
