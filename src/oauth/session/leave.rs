//! Signing out: here, in the store, and at the server.

use std::sync::Arc;

use super::Session;
use super::flight::lock_record;
use super::held::Held;
use super::machine::signed_out;
use super::shared::Shared;
use crate::oauth::call::Call;
use crate::oauth::choices::{EndpointKind, Hint};
use crate::oauth::client::{Client, Inner};
use crate::oauth::error::Error;
use crate::oauth::operation::Operation;
use crate::oauth::reason::Reason;
use crate::oauth::request::{Outcome, Request, Yields};
use crate::oauth::secret::Secret;
use crate::oauth::store::{HostStore, Record, Store};
use crate::oauth::sys::sync::now;
use crate::oauth::sys::thread::current;

/// What could not be done.
#[derive(Default)]
pub struct Undone(Vec<Error>);

impl Session {
    /// Ends the session: forgets its tokens and its record, then has the
    /// server end the tokens. What the server could not be told comes back as
    /// [`Reason::NotRevoked`]; the rest is done all the same. Blocks.
    pub fn sign_out(&self) -> Result<(), Error> {
        let call = self.client.call();
        self.client.0.run_as(&call, &"sign out", || leave(&self.client.0, &self.shared, &call)).map(|_| ())
    }

    /// The same beside the program.
    pub fn request_sign_out(&self) -> Request {
        let (Client(client), shared) = (self.client.clone(), self.shared.clone());
        let work = move |call: &Arc<Call>| client.run_as(call, &"sign out", || leave(&client, &shared, call));
        self.client.request(Yields::Done, Box::new(work))
    }
}

fn leave(client: &Inner, shared: &Arc<Shared>, call: &Arc<Call>) -> Result<Outcome, Error> {
    let mut undone = Undone::default();
    for held in forget(shared, call, &mut undone)? {
        revoke(client, call, &held, shared.clock.now_ms(), &mut undone);
    }
    // Whose TLS still holds the answers that the tokens came in.
    client.http.close_idle(client.token()?);
    undone.into_result()
}

/// Everything on this machine. What the server is to end comes back.
pub fn forget(shared: &Arc<Shared>, call: &Arc<Call>, undone: &mut Undone) -> Result<Vec<Arc<Held>>, Error> {
    let core = shared.core();
    drop(core.lock()?);
    core.change(shared, |machine, _| machine.begin_leaving());
    // One that was sent goes on.
    shared.abandon();
    undone.note(settle(shared, call));
    let held = core.change(shared, |machine, _| machine.leave(signed_out()));
    let stored = clear_store(shared, call, held.as_deref(), undone);
    Ok(stored.into_iter().chain(held).collect())
}

/// Waits for a refresh that is under way, whose tokens are to be revoked too,
/// and for the host that saves. Half of the time is for the rest.
fn settle(shared: &Arc<Shared>, call: &Call) -> Result<(), Error> {
    let core = shared.core();
    let until = now() + call.left()? / 2;
    loop {
        let machine = core.lock()?;
        if !machine.is_flying() && machine.saving.is_none() {
            return Ok(());
        }
        let seen = machine.changes;
        drop(machine);
        core.wait_for_change(call, seen, until)?;
    }
}

/// Removes the record. Another process may have saved other tokens there, or
/// an earlier session left some with the host, which are to be ended as well.
fn clear_store(shared: &Shared, call: &Arc<Call>, held: Option<&Held>, undone: &mut Undone) -> Option<Arc<Held>> {
    match shared.store.as_deref()? {
        Store::Host(host) => {
            if host.has_save() && !call.is_beside() {
                undone.note(forget_by_host(shared, host));
            }
            other(held, host.take(&shared.binding).ok()??.0, shared)
        }
        Store::File(file) => {
            let removed = lock_record(shared, call, file).and_then(|user| {
                let found = user.read()?;
                user.remove()?;
                Ok(found)
            });
            other(held, undone.note(removed)??, shared)
        }
    }
}

/// What `record` holds, if that is not `held`.
fn other(held: Option<&Held>, record: Record, shared: &Shared) -> Option<Arc<Held>> {
    // Two sign-ins of one second have one number in a host's store.
    let same = |held: &Held| held.generation == record.generation && held.refresh_token == record.refresh_token;
    (!held.is_some_and(same)).then(|| Arc::new(Held::from_record(record, &shared.clock)))
}

/// Has the host forget the record, when nobody saves any more.
fn forget_by_host(shared: &Shared, host: &HostStore) -> Result<(), Error> {
    let core = shared.core();
    let mut machine = core.lock()?;
    let free = machine.saving.is_none();
    if free {
        machine.saving = Some(current().id());
    }
    drop(machine);
    let forgotten = free && host.save(&shared.binding.user_key, None);
    if free {
        core.change(shared, |machine, _| machine.saving = None);
    }
    let what = "The program's save function did not forget the record";
    if forgotten { Ok(()) } else { Err(Error::new(Reason::SaveFailed, what)) }
}

/// Has the server end what can be ended.
fn revoke(client: &Inner, call: &Arc<Call>, held: &Held, now_ms: u64, undone: &mut Undone) {
    let options = &client.options;
    let can_revoke = options.endpoint(EndpointKind::Revoke).is_some();
    if let Some(token) = &held.refresh_token {
        let operation = Operation::Revoke { token: token.expose(), hint: Hint::Refresh };
        undone.note(client.perform(call, &operation));
    }
    let Some(token) = held.access_token.as_ref().filter(|_| held.is_good(now_ms, 0)).map(Secret::expose) else {
        return;
    };
    if options.profile.identity.is_some() && options.api_key.is_none() {
        let what = "the access token lives until its end: LoginRadius ends it only for the site's API key";
        undone.0.push(Error::new(Reason::NotRevoked, what));
    } else if options.profile.identity.is_some() {
        match client.perform(call, &Operation::Invalidate { token }) {
            // It had ended already.
            Err(error) if error.reason == Reason::TokenRefused => {}
            result => drop(undone.note(result)),
        }
    } else if can_revoke || held.refresh_token.is_none() {
        undone.note(client.perform(call, &Operation::Revoke { token, hint: Hint::Access }));
    }
}

impl Undone {
    fn note<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.0.push(error)).ok()
    }

    /// One error for all of them, with the details of the first.
    pub fn into_result(self) -> Result<Outcome, Error> {
        let told: Vec<&str> = self.0.iter().map(Error::happened).collect();
        let what = format!("Signed out on this machine, but not everywhere ({})", told.join("; "));
        match self.0.into_iter().next() {
            None => Ok(Outcome::Done),
            Some(first) => Err(first.meaning(Reason::NotRevoked, what)),
        }
    }
}
