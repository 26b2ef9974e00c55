//! The one error of this library: what happened, to what, what to do next.
//! No password, secret or token is ever in its texts.

use std::fmt;

use super::reason::{Reason, Stage, Status};
use super::secret::Secret;

/// Why a call failed. What it tells are the fields of [`Details`], to which it
/// dereferences; `Display` is the message, for a person.
///
/// ```
/// use ropc::oauth::{Client, Options, Reason, Status};
/// # let server = standin::Standin::start();
/// # let mut options = Options::loginradius(&server.https(), "demo", standin::CLIENT)?;
/// # options.set_ca_pem(server.ca_pem().as_bytes())?;
/// # options.set_proxy("")?;
/// # let client = Client::new(&options)?;
///
/// let Err(error) = client.login("locked", "correct horse") else { panic!("it is locked") };
/// assert_eq!((error.reason, error.status()), (Reason::Locked, Status::Refused));
/// assert!(error.request_sent && !error.retryable() && error.locked_until_at > 0);
/// assert!(error.to_string().contains("Wait until the lock ends, or reset the password."));
/// # Ok::<(), ropc::oauth::Error>(())
/// ```
// Boxed: results stay small.
pub struct Error(Box<Details>);

/// What an [`Error`] tells. A program branches on `reason`, and treats one that
/// it does not know by [`Error::status`].
#[non_exhaustive]
pub struct Details {
    /// Why, for a program to branch on.
    pub reason: Reason,
    /// How far the call had come.
    pub stage: Stage,
    /// Whether any byte of the request had left.
    pub request_sent: bool,
    /// HTTP status of the answer; 0 when there was none.
    pub http_status: u16,
    /// LoginRadius' `ErrorCode`; 0 when there was none.
    pub provider_code: i64,
    /// How long to wait: as the server asks or, from a session, until it tries
    /// again; 0 when neither says.
    pub retry_after_ms: i64,
    /// When a lock ends, seconds since 1970 UTC; 0 when unknown.
    pub locked_until_at: i64,
    /// The answer's `Date`, seconds since 1970 UTC; 0 when unknown.
    pub server_date_at: i64,
    /// One line for a person: what happened, to what, what to do.
    pub message: String,
    /// RFC 6749 `error`.
    pub oauth_error: Option<String>,
    /// RFC 6749 `error_description`.
    pub oauth_description: Option<String>,
    /// LoginRadius' `Message`.
    pub provider_message: Option<String>,
    /// LoginRadius' `Description`.
    pub provider_description: Option<String>,
    /// Other members of the error body, as JSON text.
    pub extras: Vec<(String, Secret)>,
}

impl Error {
    /// An error whose message says `what` happened and adds the advice of its
    /// reason. `what` has no full stop and never holds a secret.
    pub(crate) fn new(reason: Reason, what: impl fmt::Display) -> Error {
        let row = reason.row();
        let advice = row.and_then(|row| row.advice.to_str().ok()).unwrap_or_default();
        Error(Box::new(Details {
            reason,
            stage: row.and_then(|row| row.stage).unwrap_or(Stage::Setup),
            request_sent: false,
            http_status: 0,
            provider_code: 0,
            retry_after_ms: 0,
            locked_until_at: 0,
            server_date_at: 0,
            message: format!("{what}. {advice}"),
            oauth_error: None,
            oauth_description: None,
            provider_message: None,
            provider_description: None,
            extras: Vec::new(),
        }))
    }

    /// A wrong argument or option, named by `what`.
    pub(crate) fn argument(what: impl fmt::Display) -> Error {
        Error::new(Reason::Argument, what)
    }

    /// What should never be.
    pub(crate) fn bug() -> Error {
        Error::new(Reason::Bug, "The library ran into a bug of its own")
    }

    /// The refusal of an option, reported later by whoever uses the options.
    pub(crate) fn refused_by(setter: &str, reason: Reason, message: &str) -> Error {
        let mut error = Error::new(reason, "");
        error.0.message = format!("{setter}: {message}");
        error
    }

    /// The same error once more, for another who asks. By name and not
    /// `Clone`: what a server added may hold secrets.
    pub(crate) fn again(&self) -> Error {
        let Details { reason, stage, request_sent, http_status, provider_code, .. } = *self.0;
        let Details { retry_after_ms, locked_until_at, server_date_at, .. } = *self.0;
        Error(Box::new(Details {
            reason,
            stage,
            request_sent,
            http_status,
            provider_code,
            retry_after_ms,
            locked_until_at,
            server_date_at,
            message: self.message.clone(),
            oauth_error: self.oauth_error.clone(),
            oauth_description: self.oauth_description.clone(),
            provider_message: self.provider_message.clone(),
            provider_description: self.provider_description.clone(),
            extras: self.extras.iter().map(|(name, json)| (name.clone(), json.copy())).collect(),
        }))
    }

    /// The same error, found in an answer that was a success by its status.
    pub(crate) fn in_answer(mut self) -> Error {
        self.0.http_status = 200;
        self.at(Stage::Answer, true)
    }

    /// The same answer of a server, which means something else here: `what`
    /// happened, as in [`Error::new`].
    pub(crate) fn meaning(mut self, reason: Reason, what: impl fmt::Display) -> Error {
        self.0.reason = reason;
        self.0.message = Error::new(reason, what).0.message;
        self
    }

    /// What happened, without the advice: to stand in another message.
    pub(crate) fn happened(&self) -> &str {
        let advice = self.0.reason.row().and_then(|row| row.advice.to_str().ok()).unwrap_or_default();
        let what = self.0.message.strip_suffix(advice).unwrap_or(&self.0.message);
        what.trim_end_matches(['.', ' '])
    }

    /// The same error with one more sentence.
    pub(crate) fn adding(mut self, sentence: impl fmt::Display) -> Error {
        self.0.message = format!("{} {sentence}", self.0.message);
        self
    }

    /// The same error, placed where the call was; a reason that always
    /// belongs to one stage keeps that.
    pub(crate) fn at(mut self, stage: Stage, request_sent: bool) -> Error {
        if self.0.reason.row().is_some_and(|row| row.stage.is_none()) {
            self.0.stage = stage;
        }
        self.0.request_sent = request_sent;
        self
    }

    /// What it tells, for whoever completes it. Not `DerefMut`: a program cannot
    /// make one that contradicts itself.
    pub(crate) fn details_mut(&mut self) -> &mut Details {
        &mut self.0
    }

    /// The coarse answer that goes with the reason.
    pub fn status(&self) -> Status {
        self.0.reason.status()
    }

    /// Whether the same call, made later and unchanged, can succeed.
    pub fn retryable(&self) -> bool {
        self.0.reason.row().is_some_and(|row| row.retryable)
    }

    /// Another member of the error body, as JSON text.
    pub fn extra(&self, name: &str) -> Option<&str> {
        let found = self.0.extras.iter().find(|(known, _)| known == name);
        found.map(|(_, json)| json.expose())
    }
}

impl std::ops::Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extras: Vec<&str> = self.extras.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Error")
            .field("reason", &self.reason)
            .field("stage", &self.stage)
            .field("request_sent", &self.request_sent)
            .field("http_status", &self.http_status)
            .field("provider_code", &self.provider_code)
            .field("message", &self.message)
            .field("oauth_error", &self.oauth_error)
            .field("extras", &extras)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}
