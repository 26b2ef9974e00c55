//! An operation that runs beside the program: prepared, started, asked how far
//! it is, and taken when it has ended.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::call::{Call, TimeLimits};
use super::calls::{Calls, Owner};
use super::error::Error;
use super::log::Log;
use super::options::Options;
use super::reason::{Reason, Status};
use super::response::Response;
use super::secret::Secret;
use super::session::Session;
use super::task::Task;
use super::tokens::Tokens;
use super::worker::Workers;

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Not started, or of the process that forked this one.
    Unusable,
    /// Under way.
    Pending,
    /// It succeeded; the result can be taken, or was.
    Succeeded,
    /// It failed; the error can be taken, or was.
    Failed(Status),
}

/// What an operation yields.
#[derive(Debug)]
pub enum Outcome {
    /// Tokens: a login or another grant.
    Tokens(Tokens),
    /// JSON: who somebody is.
    Text(Secret),
    /// Settings with the endpoints that a server named.
    Options(Box<Options>),
    /// The answer of an API.
    Response(Response),
    /// A user who signed in.
    Session(Box<Session>),
    /// Nothing but success: a connection made ahead.
    Done,
}

impl Outcome {
    /// The tokens of what yields tokens.
    pub(crate) fn into_tokens(self) -> Result<Tokens, Error> {
        match self {
            Outcome::Tokens(tokens) => Ok(tokens),
            _ => Err(Error::new(Reason::Bug, "The operation yielded no tokens")),
        }
    }

    /// The text of what yields a text.
    pub(crate) fn into_text(self) -> Result<Secret, Error> {
        match self {
            Outcome::Text(text) => Ok(text),
            _ => Err(Error::new(Reason::Bug, "The operation yielded no text")),
        }
    }
}

/// Which of them an operation yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Yields {
    Tokens,
    Text,
    Options,
    Response,
    Session,
    Done,
}

/// The operation, with all it needs.
pub(crate) type Work = Box<dyn FnOnce(&Arc<Call>) -> Result<Outcome, Error> + Send>;

/// One operation that runs beside the program, on a thread of this library:
/// prepared by a `request_` function, then started, polled or waited for, and
/// its result taken once. Any thread may use it. Dropped under way, it is
/// cancelled; dropping never blocks.
pub struct Request {
    task: Arc<Task>,
    log: Arc<Log>,
}

impl Request {
    /// A request for `work`, not started.
    pub(crate) fn new(owner: Owner, limits: TimeLimits, log: Arc<Log>, yields: Yields, work: Work) -> Request {
        Request { task: Task::new(owner, limits, yields, work), log }
    }

    /// Starts it; its clock runs from now. Does not block. When no thread can
    /// be had it fails for [`Reason::Resources`] and may be started again.
    pub fn start(&self) -> Result<(), Error> {
        self.task.start(Workers::of_process(), Calls::of_process())
    }

    /// How far it is: reads two atomic numbers, and does nothing else.
    pub fn poll(&self) -> Progress {
        self.task.poll()
    }

    /// Waits until it has ended, at most so long. Log lines of workers come out
    /// here.
    pub fn wait(&self, most: Duration) -> Progress {
        let progress = self.task.wait(most);
        self.log.deliver();
        progress
    }

    /// The tokens of a request that yields some, once; `None` while it is under
    /// way. Log lines of workers come out here.
    pub fn take_tokens(&self) -> Result<Option<Tokens>, Error> {
        match self.take(Yields::Tokens)? {
            Some(Outcome::Tokens(tokens)) => Ok(Some(tokens)),
            _ => Ok(None),
        }
    }

    /// The JSON of a request that yields some; else as
    /// [`Request::take_tokens`].
    pub fn take_text(&self) -> Result<Option<Secret>, Error> {
        match self.take(Yields::Text)? {
            Some(Outcome::Text(text)) => Ok(Some(text)),
            _ => Ok(None),
        }
    }

    /// The settings of a request that yields some; else as
    /// [`Request::take_tokens`].
    pub fn take_options(&self) -> Result<Option<Options>, Error> {
        match self.take(Yields::Options)? {
            Some(Outcome::Options(options)) => Ok(Some(*options)),
            _ => Ok(None),
        }
    }

    /// The answer of an API; else as [`Request::take_tokens`].
    pub fn take_response(&self) -> Result<Option<Response>, Error> {
        match self.take(Yields::Response)? {
            Some(Outcome::Response(response)) => Ok(Some(response)),
            _ => Ok(None),
        }
    }

    /// The session of a request that begins one; else as
    /// [`Request::take_tokens`].
    pub fn take_session(&self) -> Result<Option<Session>, Error> {
        match self.take(Yields::Session)? {
            Some(Outcome::Session(session)) => Ok(Some(*session)),
            _ => Ok(None),
        }
    }

    /// The end of a request that yields nothing but success, once; `None` while
    /// it is under way. Log lines of workers come out here.
    pub fn take_done(&self) -> Result<Option<()>, Error> {
        Ok(self.take(Yields::Done)?.map(|_| ()))
    }

    fn take(&self, yields: Yields) -> Result<Option<Outcome>, Error> {
        self.log.deliver();
        self.task.take(yields)
    }

    /// Stops it. Returns at once; it ends as CANCELLED unless it had ended
    /// before. One that was not started never will be.
    pub fn cancel(&self) -> Result<(), Error> {
        self.task.cancel()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if self.task.cancel().is_err() {
            // Another process': its locks may be held for ever.
            std::mem::forget(self.task.clone());
        }
    }
}
