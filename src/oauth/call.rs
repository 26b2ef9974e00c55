//! One operation under way: its clock, how far it has come, and the way to
//! stop it from another thread.

use std::fmt;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::Error;
use super::reason::{Reason, Stage};
use super::sys::fork::depth;
use super::sys::stream::Stream;
use super::sys::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use super::sys::sync::{Mutex, lock, now};

/// How long a call may take; a client's are those of
/// [`Options::set_timeouts`](super::Options::set_timeouts).
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimits {
    /// To get a connection, once an exchange is begun.
    pub connect_ms: u32,
    /// In all, waiting for a worker included.
    pub total_ms: u32,
}

/// What a call waits for, ended by a cancel.
pub(crate) trait Wait: Send + Sync {
    /// Ends the wait of a call at `stage` now. Does not block; whoever waited
    /// looks at its call.
    fn end(&self, stage: Stage);
}

impl Wait for Stream {
    /// Whoever reads is woken without a packet, which would cost the caller
    /// ten times as much; whoever waited closes the connection. Only a request
    /// is more than a socket takes at once: there it may be a write that waits.
    fn end(&self, stage: Stage) {
        let silently = cfg!(unix) && stage != Stage::Send;
        // Fails only when the connection is gone already.
        let _ = self.shutdown(if silently { Shutdown::Read } else { Shutdown::Both });
    }
}

/// One operation, used once; any thread may cancel it.
/// [`Client::call`](super::Client::call) makes one, for
/// [`Client::login_in`](super::Client::login_in) and
/// [`Client::connect_in`](super::Client::connect_in); its clock runs from there.
pub struct Call {
    depth: u64,
    limits: TimeLimits,
    created: Instant,
    /// When its exchange began, after `created`.
    begun_ns: AtomicU64,
    /// Whether a worker runs it while the caller does something else.
    beside: bool,
    /// Whether it may not be stopped any more once it is sent.
    whole: bool,
    stage: AtomicU8,
    sent: AtomicBool,
    cancelled: AtomicBool,
    used: AtomicBool,
    /// Whether no worker has it yet.
    queued: AtomicBool,
    wait: Mutex<Option<Arc<dyn Wait>>>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}

impl Call {
    /// A call that may take so long, from now.
    pub(crate) fn new(limits: TimeLimits) -> Call {
        Call {
            depth: depth(),
            limits,
            created: now(),
            begun_ns: AtomicU64::new(0),
            beside: false,
            whole: false,
            stage: AtomicU8::new(Stage::Setup as u8),
            sent: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            used: AtomicBool::new(false),
            queued: AtomicBool::new(false),
            wait: Mutex::new(None),
        }
    }

    /// The same, to be run by a worker.
    pub(crate) fn beside(limits: TimeLimits) -> Call {
        Call { beside: true, queued: AtomicBool::new(true), ..Call::new(limits) }
    }

    /// The same, and a cancel that comes after its request was sent is too
    /// late: what the server answers must not get lost.
    pub(crate) fn whole(limits: TimeLimits) -> Call {
        Call { whole: true, ..Call::beside(limits) }
    }

    pub(crate) fn is_beside(&self) -> bool {
        self.beside
    }

    /// Stops the call: whatever it waits for ends now. Returns at once; the
    /// call itself says CANCELLED unless it had ended before.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        // In the child of a fork the socket is the parent's: shutting it down
        // would end the parent's call.
        if self.depth == depth() {
            let wait = lock(&self.wait).clone();
            let stage = self.stage();
            // Whoever is about to send looks at `cancelled` once more.
            let too_late = self.whole && stage as u8 >= Stage::Send as u8;
            if let Some(wait) = wait.filter(|_| !too_late) {
                wait.end(stage);
            }
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst) && !(self.whole && self.is_sent())
    }

    /// Whether the call may begin: it is one operation.
    pub(crate) fn begin(&self) -> Result<(), Error> {
        if self.used.swap(true, Ordering::Relaxed) {
            return Err(Error::new(Reason::State, "A call is used once, and this one was used before"));
        }
        self.check_stopped()
    }

    /// Begins one exchange with a server, of which an operation may have
    /// several, one after the other.
    pub(crate) fn begin_exchange(&self) -> Result<(), Error> {
        self.enter(Stage::Setup);
        self.sent.store(false, Ordering::Relaxed);
        let now = now();
        let begun_ns = u64::try_from(now.saturating_duration_since(self.created).as_nanos()).unwrap_or(u64::MAX);
        self.begun_ns.store(begun_ns, Ordering::Relaxed);
        self.left_at(now).map(|_| ())
    }

    /// Whether the call may go on.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.left().map(|_| ())
    }

    /// Whether nobody stopped the call: what [`Call::check`] says without a
    /// look at the clock.
    pub(crate) fn check_stopped(&self) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(self.error(Reason::Cancelled, "The program cancelled the call"));
        }
        if self.depth != depth() {
            return Err(self.error(Reason::State, "The process forked during the call, which belongs to the parent"));
        }
        Ok(())
    }

    /// How long the present stage may still take: never zero.
    pub(crate) fn left(&self) -> Result<Duration, Error> {
        self.left_at(now())
    }

    fn left_at(&self, now: Instant) -> Result<Duration, Error> {
        self.check_stopped()?;
        let left = self.end_by().saturating_duration_since(now);
        if left.is_zero() {
            let doing = match self.stage() {
                Stage::Setup if self.queued.load(Ordering::Relaxed) => "waiting for a worker",
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

    /// When the present stage ends at the latest.
    pub(crate) fn end_by(&self) -> Instant {
        let ms = |ms: u32| Duration::from_millis(ms.into());
        let total = self.created + ms(self.limits.total_ms);
        match self.stage() as u8 {
            stage if (Stage::Lookup as u8..=Stage::Tls as u8).contains(&stage) => {
                let begun = Duration::from_nanos(self.begun_ns.load(Ordering::Relaxed));
                total.min(self.created + begun + ms(self.limits.connect_ms))
            }
            _ => total,
        }
    }

    /// How long one blocking system call may wait before the clock is looked
    /// at. A constant for all calls of a client, so that a connection's
    /// timeouts are set once; short enough that only a call near its end needs
    /// another value.
    pub(crate) fn slice(&self) -> Duration {
        Duration::from_millis((self.limits.total_ms / 4).into())
            .clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    pub(crate) fn enter(&self, stage: Stage) {
        // Before the next look at `cancelled`: whoever cancels meanwhile, and
        // sees another stage, is seen.
        self.stage.store(stage as u8, Ordering::SeqCst);
    }

    pub(crate) fn stage(&self) -> Stage {
        Stage::of(self.stage.load(Ordering::SeqCst))
    }

    /// From here on the server may have seen the request.
    pub(crate) fn set_sent(&self) {
        self.sent.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    /// From here on the call waits for this, which `cancel` can end.
    pub(crate) fn attach(&self, wait: Arc<dyn Wait>) -> Result<(), Error> {
        *lock(&self.wait) = Some(wait);
        // A cancel before this line found nothing to end.
        self.check_stopped()
    }

    /// Does what waits for `on`, which `cancel` can end meanwhile.
    pub(crate) fn waiting<T>(&self, on: Arc<dyn Wait>, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let before = lock(&self.wait).replace(on);
        let result = self.check().and_then(|()| work());
        *lock(&self.wait) = before;
        result
    }

    /// From here on a worker runs it.
    pub(crate) fn leave_queue(&self) {
        self.queued.store(false, Ordering::Relaxed);
        self.detach();
    }

    pub(crate) fn detach(&self) {
        let wait = lock(&self.wait).take();
        // Outside the lock: it may be the last of a connection.
        drop(wait);
    }

    /// An error placed where the call is.
    pub(crate) fn error(&self, reason: Reason, what: impl std::fmt::Display) -> Error {
        Error::new(reason, what).at(self.stage(), self.is_sent())
    }

    /// What should never be, placed where the call is.
    pub(crate) fn bug(&self) -> Error {
        Error::bug().at(self.stage(), self.is_sent())
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
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use std::io::{ErrorKind, Read};
    #[cfg(unix)]
    use std::net::{TcpListener, TcpStream};

    const NO_TIME: TimeLimits = TimeLimits { connect_ms: 0, total_ms: 0 };

    #[test]
    fn a_time_limit_says_what_was_waited_for() {
        for (stage, doing) in [
            (Stage::None, "waiting"),
            (Stage::Setup, "waiting"),
            (Stage::Lookup, "looking up the host name"),
            (Stage::Connect, "connecting"),
            (Stage::Proxy, "waiting for the proxy"),
            (Stage::Tls, "waiting for the TLS handshake"),
            (Stage::Send, "sending the request"),
            (Stage::Receive, "waiting for the answer"),
            (Stage::Answer, "waiting"),
        ] {
            let call = Call::new(NO_TIME);
            call.enter(stage);
            let error = call.left().expect_err("no time is left");
            assert_eq!((error.reason, error.stage), (Reason::TimedOut, stage));
            assert!(error.message.contains(&format!("ran out while {doing}.")), "{stage:?}: {}", error.message);
        }
        let call = Call::beside(NO_TIME);
        let error = call.left().expect_err("no time is left");
        assert!(error.message.contains("ran out while waiting for a worker."), "{}", error.message);
        call.leave_queue();
        let error = call.left().expect_err("no time is left");
        assert!(error.message.contains("ran out while waiting."), "{}", error.message);
    }

    #[test]
    fn a_system_call_waits_for_a_quarter_of_the_time_within_bounds() {
        for (total_ms, slice_ms) in [(0, 10), (47, 11), (400, 100), (4000, 1000), (600_000, 1000)] {
            let call = Call::new(TimeLimits { connect_ms: 1, total_ms });
            assert_eq!(call.slice(), Duration::from_millis(slice_ms), "{total_ms}");
        }
    }

    struct Counted(AtomicU8);

    impl Wait for Counted {
        fn end(&self, _: Stage) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn what_is_to_be_whole_is_not_stopped_once_it_is_sent() {
        let minute = TimeLimits { connect_ms: 60_000, total_ms: 60_000 };
        for (stage, sent, whole, stopped) in [
            (Stage::Tls, false, true, true),
            (Stage::Send, false, true, true),
            (Stage::Send, true, true, false),
            (Stage::Receive, true, true, false),
            (Stage::Receive, true, false, true),
        ] {
            let call = if whole { Call::whole(minute) } else { Call::beside(minute) };
            let wait = Arc::new(Counted(AtomicU8::new(0)));
            call.attach(wait.clone()).expect("not cancelled");
            call.enter(stage);
            if sent {
                call.set_sent();
            }
            call.cancel();
            assert_eq!((call.is_cancelled(), call.check().is_err()), (stopped, stopped), "{stage:?}, {sent}, {whole}");
            // Who is about to send looks by itself: a write that has begun ends.
            let woken = !whole || stage == Stage::Tls;
            assert_eq!(wait.0.load(Ordering::Relaxed), u8::from(woken), "{stage:?}, {sent}, {whole}");
            assert!(call.is_beside());
        }
        assert!(!Call::new(minute).is_beside());
    }

    #[cfg(unix)]
    #[test]
    fn a_cancel_sends_no_packet_unless_a_write_may_wait() {
        for (stage, told) in [(Stage::Tls, false), (Stage::Receive, false), (Stage::Send, true)] {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let client = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
            let (mut server, _) = listener.accept().expect("a connection");
            let stream = Stream::new(client).expect("a socket");
            stream.end(stage);
            assert!(matches!((&*stream).read(&mut [0]), Ok(0)), "{stage:?}: whoever reads is woken");
            // On loopback what shutdown sends is there when it returns.
            server.set_nonblocking(true).expect("a socket");
            match server.read(&mut [0]) {
                Ok(0) => assert!(told, "{stage:?}: the server was told"),
                Err(error) if error.kind() == ErrorKind::WouldBlock => assert!(!told, "{stage:?}: a write still waits"),
                odd => panic!("{odd:?}"),
            }
        }
    }
}
