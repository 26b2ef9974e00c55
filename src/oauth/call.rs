//! One operation under way: its clock, how far it has come, and the way to
//! stop it from another thread.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::error::Error;
use super::reason::{Reason, Stage};
use super::sys::fork::{generation, lock};

/// One operation, used once. The clock runs from [`Call::new`]; any thread may
/// cancel.
#[derive(Debug)]
pub struct Call {
    generation: u64,
    connect_by: Instant,
    end_by: Instant,
    total: Duration,
    stage: AtomicU8,
    sent: AtomicBool,
    cancelled: AtomicBool,
    used: AtomicBool,
    head_read: AtomicBool,
    /// The connection in use, for `cancel` to end whatever waits on it.
    socket: Mutex<Option<Arc<TcpStream>>>,
    /// What our transport ran into; ureq's own error would say less.
    fault: Mutex<Option<Error>>,
}

const STAGES: [Stage; 9] = [
    Stage::None,
    Stage::Setup,
    Stage::Lookup,
    Stage::Connect,
    Stage::Proxy,
    Stage::Tls,
    Stage::Send,
    Stage::Receive,
    Stage::Answer,
];

impl Call {
    /// A call that may take `connect_ms` to get a connection and `total_ms` in
    /// all, from now.
    pub fn new(connect_ms: u32, total_ms: u32) -> Call {
        let now = Instant::now();
        let total = Duration::from_millis(total_ms.into());
        Call {
            generation: generation(),
            connect_by: now + Duration::from_millis(connect_ms.min(total_ms).into()),
            end_by: now + total,
            total,
            stage: AtomicU8::new(Stage::Setup as u8),
            sent: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            used: AtomicBool::new(false),
            head_read: AtomicBool::new(false),
            socket: Mutex::new(None),
            fault: Mutex::new(None),
        }
    }

    /// Stops the call: whatever it waits for ends now. Returns at once; the
    /// call itself says CANCELLED unless it had ended before.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        // In the child of a fork the socket is the parent's: shutting it down
        // would end the parent's call.
        if self.generation == generation()
            && let Some(socket) = lock(&self.socket).as_ref()
        {
            // Fails only when the connection is gone already.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    /// Whether the call may begin: it is one operation, and knows one
    /// connection and one fault.
    pub(crate) fn begin(&self) -> Result<(), Error> {
        if self.used.swap(true, Ordering::Relaxed) {
            return Err(Error::new(Reason::State, "A call is used once, and this one was used before"));
        }
        self.check()
    }

    /// Whether the call may go on.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.left().map(|_| ())
    }

    /// How long the present stage may still take: never zero.
    pub(crate) fn left(&self) -> Result<Duration, Error> {
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(self.error(Reason::Cancelled, "The program cancelled the call"));
        }
        if self.generation != generation() {
            return Err(self.error(Reason::State, "The process forked during the call, which belongs to the parent"));
        }
        let connecting = self.stage() as u8 <= Stage::Tls as u8;
        let by = if connecting { self.connect_by.min(self.end_by) } else { self.end_by };
        let left = by.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let doing = match self.stage() {
                Stage::Lookup => "looking up the host name",
                Stage::Connect => "connecting",
                Stage::Proxy => "waiting for the proxy",
                Stage::Tls => "waiting for the TLS handshake",
                Stage::Send => "sending the request",
                Stage::Receive => "waiting for the answer",
                _ => "waiting",
            };
            return Err(self.error(Reason::TimedOut, format_args!("The time limit ran out while {doing}")));
        }
        Ok(left)
    }

    /// How long one blocking system call may wait before the clock is looked
    /// at. A constant for all calls of a client, so that a connection's
    /// timeouts are set once; short enough that only a call near its end needs
    /// another value.
    pub(crate) fn slice(&self) -> Duration {
        (self.total / 4).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    pub(crate) fn enter(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    pub(crate) fn stage(&self) -> Stage {
        let at = usize::from(self.stage.load(Ordering::Relaxed));
        STAGES.get(at).copied().unwrap_or(Stage::None)
    }

    /// From here on the server may have seen the request.
    pub(crate) fn set_sent(&self) {
        self.sent.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    /// The head of the answer itself is there: no interim answer follows.
    pub(crate) fn set_head_read(&self) {
        self.head_read.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_head_read(&self) -> bool {
        self.head_read.load(Ordering::Relaxed)
    }

    /// Lets `cancel` reach the connection.
    pub(crate) fn attach(&self, socket: &Arc<TcpStream>) -> Result<(), Error> {
        *lock(&self.socket) = Some(socket.clone());
        // A cancel before this line found no socket to end.
        self.check()
    }

    pub(crate) fn detach(&self) {
        *lock(&self.socket) = None;
    }

    /// An error placed where the call is.
    pub(crate) fn error(&self, reason: Reason, what: impl std::fmt::Display) -> Error {
        Error::new(reason, what).at(self.stage(), self.is_sent())
    }

    /// The connection ended: which of the two reasons that is.
    pub(crate) fn cut_off(&self, what: &str) -> Error {
        // A cancel ends the connection too, and is the better answer.
        if let Err(error) = self.check() {
            return error;
        }
        let reason = if self.is_sent() { Reason::CutOffAfterSent } else { Reason::CutOffBeforeSent };
        self.error(reason, what)
    }

    /// Keeps the first fault.
    pub(crate) fn set_fault(&self, fault: Error) {
        lock(&self.fault).get_or_insert(fault);
    }

    pub(crate) fn take_fault(&self) -> Option<Error> {
        lock(&self.fault).take()
    }
}
