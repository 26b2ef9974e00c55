//! A signed-in user: an access token that is always good, refreshed once
//! however many ask, saved before it is used, until the user signs out.

mod api;
mod flight;
pub(super) mod held;
mod info;
pub(super) mod leave;
pub(super) mod machine;
pub(super) mod shared;
#[cfg(test)]
mod tests;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

pub use api::ApiCall;
pub use held::Held;
pub use info::{Info, State};

use super::call::{Call, Limits};
use super::calls::{Calls, Listed};
use super::choices::EndpointKind;
use super::client::Client;
use super::error::Error;
use super::limits;
use super::operation::Operation;
use super::reason::Reason;
use super::request::{Task, Work};
use super::secret::Secret;
use super::store::{Binding, FileStore, Store};
use super::tokens::Tokens;
use super::worker::Workers;
use flight::{lock_record, unanswered};
use machine::{End, Keeper};
use shared::{Backend, Patience, Shared, Terms};

/// One signed-in user. Any thread may use it. Dropped, it stops what was not
/// sent; a refresh that was sent goes on until its tokens are saved.
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
        Task::whole(self.0.owner, self.0.limits(), work)
    }

    fn start(&self, task: &Arc<Task>) -> Result<(), Error> {
        task.start(Workers::of_sessions(), Calls::of_process())
    }

    fn time(&self) -> Duration {
        Duration::from_millis(self.0.limits().total_ms.into())
    }
}

impl Session {
    /// A session from tokens of `client`, to be kept in `store` as the record
    /// of `user_key`. Without a store it lives as long as the program. A save
    /// that fails is reported by the next call that wants a token. Blocks as
    /// long as a file takes.
    pub fn new(client: &Client, tokens: Tokens, store: Option<Arc<Store>>, user_key: &str) -> Result<Session, Error> {
        let binding = binding(client, user_key)?;
        let clock = &client.0.options.clock;
        // They may have come a while ago.
        let age_ms = u64::try_from(clock.now_at().saturating_sub(tokens.received_at)).unwrap_or(0).saturating_mul(1000);
        let held = Held::from_tokens(tokens, 1, clock.now_ms().saturating_sub(age_ms));
        let session = Session::made(client, store, binding, None);
        let shared = &session.shared;
        let end = match shared.store.as_deref() {
            None => End::Saved { held: Arc::new(held), refreshed: false },
            Some(Store::Host(_)) => End::Unsaved(Arc::new(held), None),
            Some(Store::File(file)) => session.save_first(file, held),
        };
        shared.core().change(shared, |machine, now_ms| machine.ended(now_ms, end));
        Ok(session)
    }

    /// Puts the first tokens in the place of whatever the file had of the user.
    fn save_first(&self, file: &FileStore, mut held: Held) -> End {
        let call = self.client.call();
        let _listed = Listed::new(self.client.0.owner, &call);
        let saved = lock_record(&self.shared, &call, file).and_then(|user| {
            // Newer than whatever was there before somebody signed out: another
            // process may still know that.
            let now = self.shared.clock.now_at().unsigned_abs();
            held.generation = user.read()?.map_or(now, |found| now.max(found.generation.saturating_add(1)));
            user.write(&held.to_record(0))
        });
        let held = Arc::new(held);
        match saved {
            Ok(()) => End::Saved { held, refreshed: false },
            Err(problem) => {
                let what = format_args!("The tokens could not be saved: {}", problem.happened());
                End::Unsaved(held, Some(Error::new(Reason::SaveFailed, what)))
            }
        }
    }

    /// Signs in and begins a session. Blocks.
    pub fn login(
        client: &Client,
        username: &str,
        password: &str,
        store: Option<Arc<Store>>,
        user_key: Option<&str>,
    ) -> Result<Session, Error> {
        let user_key = user_key.unwrap_or(username);
        // Before a password is sent for nothing.
        binding(client, user_key)?;
        Session::new(client, client.login(username, password)?, store, user_key)
    }

    /// The session that `store` has for `user_key`. Blocks as long as reading
    /// a file takes; asks no server.
    pub fn resume(client: &Client, store: Arc<Store>, user_key: &str) -> Result<Session, Error> {
        let binding = binding(client, user_key)?;
        let record = match &*store {
            Store::File(file) => file.read(&binding)?,
            Store::Host(host) => host.take(&binding)?,
        };
        let record =
            record.ok_or_else(|| Error::new(Reason::NothingStored, "The store holds nothing for this user"))?;
        let marked = record.marked_at != 0;
        let held = Arc::new(Held::from_record(record, &client.0.options.clock));
        let session = Session::made(client, Some(store), binding, Some(held));
        // What a file says is read again, under its lock.
        if marked && session.shared.keeper == Keeper::Host {
            let shared = &session.shared;
            let end = End::Unclear(unanswered(), None);
            shared.core().change(shared, |machine, now_ms| machine.ended(now_ms, end));
        }
        Ok(session)
    }

    fn made(client: &Client, store: Option<Arc<Store>>, binding: Binding, saved: Option<Arc<Held>>) -> Session {
        let options = &client.0.options;
        let keeper = match store.as_deref() {
            None => Keeper::Nobody,
            Some(Store::Host(_)) => Keeper::Host,
            Some(Store::File(_)) => Keeper::File,
        };
        let terms = Terms {
            profile: options.profile,
            ended: options.ended.clone(),
            clock: options.clock.clone(),
            keeper,
            store,
            binding,
        };
        Session { client: client.clone(), shared: Shared::new(Box::new(client.clone()), terms, saved) }
    }

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
    /// an earlier refresh had no answer, or the server asked to wait. Blocks at
    /// most `wait_ms`; false when the refresh is still under way then.
    pub fn refresh(&self, force: bool, wait_ms: u32) -> Result<bool, Error> {
        if wait_ms == 0 {
            return Ok(self.shared.renew(force, Patience::None)?.is_some());
        }
        self.waiting(wait_ms, |patience| self.shared.renew(force, patience)).map(|_| true)
    }

    fn waiting(
        &self,
        wait_ms: u32,
        ask: impl FnOnce(Patience<'_>) -> Result<Option<Arc<Held>>, Error>,
    ) -> Result<Arc<Held>, Error> {
        let call = Arc::new(Call::new(Limits { connect_ms: wait_ms, total_ms: wait_ms }));
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
        let held = self.shared.core().lock()?.unsaved().cloned();
        let Some(held) = held else {
            return Ok(None);
        };
        let record = held.to_record(0).to_json(&self.shared.binding)?;
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
        self.shared.abandon();
    }
}

/// Whose record it is.
fn binding(client: &Client, user_key: &str) -> Result<Binding, Error> {
    limits::text("user_key", user_key)?;
    let endpoint = client.0.options.endpoint(EndpointKind::Token);
    let origin = endpoint.map(|endpoint| endpoint.origin.to_string()).unwrap_or_default();
    Ok(Binding { origin, client_id: client.0.options.client_id.clone(), user_key: user_key.to_owned() })
}
