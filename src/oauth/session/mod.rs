//! A signed-in user: an access token that is always good, refreshed once
//! however many ask, saved before it is used, until the user signs out.

mod api;
mod begin;
mod flight;
pub(super) mod held;
mod info;
pub(super) mod leave;
pub(super) mod machine;
pub(super) mod shared;
mod steps;
#[cfg(test)]
mod tests;
mod verdict;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use api::ApiCall;
pub use held::Held;
pub use info::{SessionInfo, SessionState};

use super::call::{Call, TimeLimits};
use super::calls::{Calls, Listed};
use super::client::Client;
use super::error::Error;
use super::limits;
use super::operation::Operation;
use super::reason::Reason;
use super::request::Work;
use super::secret::Secret;
use super::task::Task;
use super::tokens::Tokens;
use super::worker::Workers;
use shared::{Backend, Patience, Shared};

/// One signed-in user. Any thread may use it. Dropped, it stops what was not
/// sent; a refresh that was sent goes on until its tokens are saved.
///
/// ```
/// use std::sync::Arc;
///
/// use ropc::oauth::store::{FileStore, Store};
/// use ropc::oauth::{ApiCall, Client, Options, Session, Status};
/// # let server = standin::Standin::start();
/// # let mut options = Options::loginradius(&server.https(), "demo", standin::CLIENT)?;
/// # options.set_ca_pem(server.ca_pem().as_bytes())?;
/// # options.set_proxy("")?;
/// # let client = Client::new(&options)?;
/// # let folder = std::env::temp_dir().join(format!("ropc-doc-{}", std::process::id()));
/// # std::fs::create_dir(&folder)?;
/// # let path = folder.join("login").to_string_lossy().into_owned();
/// # let api = format!("{}/api/echo", server.https());
///
/// let store = Arc::new(Store::File(FileStore::open(&path)?));
/// let session = match Session::resume(&client, store.clone(), "ada") {
///     // No password, no call to the server.
///     Ok(session) => session,
///     Err(error) if error.status() == Status::SignedOut => {
///         Session::login(&client, "ada", "correct horse", Some(store), Some("ada"))?
///     }
///     Err(error) => return Err(error.into()),
/// };
/// // Good for 30 seconds more; waits for a refresh 10 seconds at most.
/// let token = session.token(30_000, 10_000, |held| held.access_token.as_ref().map(|token| token.expose().len()))?;
/// let answer = session.call(&ApiCall { method: "GET", url: &api, headers: &[], body: None })?;
/// # assert!(token > Some(20) && answer.status == 200, "{token:?}, {answer:?}");
/// # drop(session);
/// # let session = Session::resume(&client, Arc::new(Store::File(FileStore::open(&path)?)), "ada")?;
/// # session.sign_out().expect_err("without an API key LoginRadius cannot be told of the access token");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session {
    client: Client,
    shared: Arc<Shared>,
}

impl Backend for Client {
    fn refresh(&self, call: &Arc<Call>, token: &str) -> Result<Tokens, Error> {
        let operation = Operation::Refresh { token };
        operation.check()?;
        self.0.run(call, &operation)?.into_tokens()
    }

    fn prepare(&self, work: Work) -> Arc<Task> {
        Task::whole(self.0.owner, self.0.time_limits(), work)
    }

    fn start(&self, task: &Arc<Task>) -> Result<(), Error> {
        task.start(Workers::of_sessions(), Calls::of_process())
    }

    fn time(&self) -> Duration {
        Duration::from_millis(self.0.time_limits().total_ms.into())
    }
}

impl Session {
    /// Hands `give` an access token that is good for `min_ms` more. While one
    /// is there: no system call, no lock. Else waits for a refresh, at most
    /// `wait_ms`; the refresh goes on when that is over.
    pub fn token<T>(&self, min_ms: u32, wait_ms: u32, give: impl Fn(&Held) -> T) -> Result<T, Error> {
        if let Some(given) = self.shared.young(min_ms.into(), &give) {
            return Ok(given);
        }
        let held = self.waiting(wait_ms, |patience| self.shared.held(min_ms.into(), patience))?;
        Ok(give(&held))
    }

    /// The same without waiting, and without calling anything of the program's:
    /// `None` while a refresh is under way, which is begun when it is needed.
    pub fn poll<T>(&self, min_ms: u32, give: impl Fn(&Held) -> T) -> Result<Option<T>, Error> {
        if let Some(given) = self.shared.young(min_ms.into(), &give) {
            return Ok(Some(given));
        }
        let held = self.shared.held(min_ms.into(), Patience::None)?;
        Ok(held.map(|held| give(&held)))
    }

    /// Gets new tokens now, even if the access token is good. `force`: even if
    /// an earlier refresh had no answer, or the server asked to wait. With
    /// `wait_ms` 0 it only begins, and is false. Else blocks that long at most;
    /// a wait that runs out is [`Reason::TimedOut`], and the refresh goes on.
    pub fn refresh(&self, force: bool, wait_ms: u32) -> Result<bool, Error> {
        if wait_ms == 0 {
            return self.shared.renew(force, Patience::None).map(|_| false);
        }
        self.waiting(wait_ms, |patience| self.shared.renew(force, patience)).map(|_| true)
    }

    fn waiting(
        &self,
        wait_ms: u32,
        ask: impl FnOnce(Patience<'_>) -> Result<Option<Arc<Held>>, Error>,
    ) -> Result<Arc<Held>, Error> {
        let call = Arc::new(Call::new(TimeLimits { connect_ms: wait_ms, total_ms: wait_ms }));
        let _listed = Listed::new(self.client.0.owner, &call);
        self.client.0.log.deliver();
        let held = ask(Patience::Call { call: &call, host: true });
        held?.ok_or_else(|| Error::new(Reason::Bug, "A wait ended without an end"))
    }

    /// An API refused this access token: it is not handed out any more. A newer
    /// one is not thrown away.
    pub fn expire(&self, access_token: &str) -> Result<(), Error> {
        limits::secret("access_token", access_token)?;
        let core = self.shared.core();
        drop(core.lock()?);
        core.change(&self.shared, |machine, _| machine.expire(access_token));
        Ok(())
    }

    /// The record to be saved; `None` when all is saved.
    pub fn pending(&self) -> Result<Option<Secret>, Error> {
        let pending = self.shared.core().lock()?.pending().map(|(held, marked)| (held.clone(), marked));
        let Some((held, marked)) = pending else {
            return Ok(None);
        };
        let record = self.shared.record(&held, marked)?;
        self.shared.core().change(&self.shared, |machine, _| machine.take_out(held));
        Ok(Some(record))
    }

    /// The record that [`Session::pending`] gave is saved, or could not be.
    pub fn saved(&self, ok: bool) -> Result<(), Error> {
        let core = self.shared.core();
        drop(core.lock()?);
        core.change(&self.shared, |machine, _| machine.put_away(ok))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shared.orphan();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}
