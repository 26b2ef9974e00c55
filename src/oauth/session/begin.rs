//! How a session begins: with tokens, with a password, or where the last run
//! of the program left it.

use std::sync::Arc;

use super::Session;
use super::flight::{first_save, lock_record, unanswered, unsaved};
use super::held::Held;
use super::machine::{End, Keeper};
use super::shared::{Shared, Terms};
use crate::oauth::call::Call;
use crate::oauth::calls::Listed;
use crate::oauth::choices::EndpointKind;
use crate::oauth::client::Client;
use crate::oauth::error::Error;
use crate::oauth::limits;
use crate::oauth::operation::Operation;
use crate::oauth::reason::Reason;
use crate::oauth::request::{Outcome, Request, Yields};
use crate::oauth::secret::Secret;
use crate::oauth::store::{Binding, Store};
use crate::oauth::tokens::Tokens;

impl Session {
    /// A session from tokens of `client`, to be kept in `store` as the record
    /// of `user_key`. Without a store it lives as long as the program. A save
    /// that fails is reported by the next call that wants a token. Blocks as
    /// long as a file takes; when another process refreshes this user, up to
    /// half of the total time limit.
    pub fn new(client: &Client, tokens: Tokens, store: Option<Arc<Store>>, user_key: &str) -> Result<Session, Error> {
        let binding = binding(client, user_key)?;
        let call = client.call();
        let _listed = Listed::new(client.0.owner, &call);
        let asked_ms = asked_ms(client, &tokens);
        Ok(begin(client, &call, asked_ms, tokens, store, binding))
    }

    /// The same beside the program.
    pub fn request_new(
        client: &Client,
        tokens: Tokens,
        store: Option<Arc<Store>>,
        user_key: &str,
    ) -> Result<Request, Error> {
        let binding = binding(client, user_key)?;
        let theirs = client.clone();
        let asked_ms = asked_ms(client, &tokens);
        let work = move |call: &Arc<Call>| Ok(begun(begin(&theirs, call, asked_ms, tokens, store, binding)));
        Ok(client.request(Yields::Session, Box::new(work)))
    }

    /// Signs in and begins a session; without a `user_key` the user name is
    /// that. Blocks.
    pub fn login(
        client: &Client,
        username: &str,
        password: &str,
        store: Option<Arc<Store>>,
        user_key: Option<&str>,
    ) -> Result<Session, Error> {
        // Before a password is sent for nothing.
        let binding = binding(client, user_key.unwrap_or(username))?;
        check_store(store.as_deref(), &binding)?;
        let call = client.call();
        let asked_ms = client.0.options.clock.now_ms();
        let tokens = client.login_in(&call, username, password)?;
        let _listed = Listed::new(client.0.owner, &call);
        Ok(begin(client, &call, asked_ms, tokens, store, binding))
    }

    /// The same beside the program.
    pub fn request_login(
        client: &Client,
        username: &str,
        password: &str,
        store: Option<Arc<Store>>,
        user_key: Option<&str>,
    ) -> Result<Request, Error> {
        let binding = binding(client, user_key.unwrap_or(username))?;
        let params = client.login_params(username, password)?;
        let kept = params.map(|(name, value)| (name, Secret::kept(value)));
        let theirs = client.clone();
        let work = move |call: &Arc<Call>| {
            let params = kept.each_ref().map(|(name, value)| (*name, value.expose()));
            let operation = Operation::Grant { grant_type: "password", params: &params };
            check_store(store.as_deref(), &binding)?;
            let asked_ms = theirs.0.options.clock.now_ms();
            let tokens = theirs.0.run(call, &operation)?.into_tokens()?;
            Ok(begun(begin(&theirs, call, asked_ms, tokens, store, binding)))
        };
        Ok(client.request(Yields::Session, Box::new(work)))
    }

    /// The session that `store` has for `user_key`. Blocks as long as reading
    /// a file takes; asks no server.
    pub fn resume(client: &Client, store: Arc<Store>, user_key: &str) -> Result<Session, Error> {
        let binding = binding(client, user_key)?;
        let found = match &*store {
            Store::File(file) => file.read(&binding)?.map(|record| (record, true)),
            Store::Host(host) => host.take(&binding)?,
        };
        let (record, saved) =
            found.ok_or_else(|| Error::new(Reason::NothingStored, "The store holds nothing for this user"))?;
        let marked = record.marked_at != 0;
        let held = Arc::new(Held::from_record(record, &client.0.options.clock));
        let session = Session::made(client, Some(store), binding, (saved || marked).then(|| held.clone()));
        let shared = &session.shared;
        // What a file says is read again, under its lock.
        if marked && shared.keeper == Keeper::Host {
            shared.core().change(shared, |machine, now_ms| {
                machine.ended(now_ms, End::Unclear(unanswered(), None));
                if saved {
                    machine.set_marked();
                }
            });
        } else if !saved {
            let end = End::Unsaved { held, refreshed: false, failure: None };
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
}

fn begun(session: Session) -> Outcome {
    Outcome::Session(Box::new(session))
}

/// When tokens were asked for that came a while ago, at the latest: the second
/// that has begun counts as gone.
fn asked_ms(client: &Client, tokens: &Tokens) -> u64 {
    let clock = &client.0.options.clock;
    let age = clock.now_at().saturating_add(1).saturating_sub(tokens.received_at);
    clock.now_ms().saturating_sub(u64::try_from(age).unwrap_or(0).saturating_mul(1000))
}

/// The session that begins with `tokens`, saved if there is a file.
fn begin(
    client: &Client,
    call: &Arc<Call>,
    asked_ms: u64,
    tokens: Tokens,
    store: Option<Arc<Store>>,
    binding: Binding,
) -> Session {
    // As first_save() numbers them.
    let generation = client.0.options.clock.now_at().unsigned_abs();
    let held = Arc::new(Held::from_tokens(tokens, generation, asked_ms));
    let session = Session::made(client, store, binding, None);
    let shared = &session.shared;
    let end = match shared.store.as_deref() {
        None => End::Saved { held, refreshed: false },
        Some(Store::Host(host)) => {
            // Whoever signs in anew means that, as with a file.
            let _ = host.take(&shared.binding);
            End::Unsaved { held, refreshed: false, failure: None }
        }
        Some(Store::File(file)) => match lock_record(shared, call, file) {
            Ok(user) => first_save(shared, &user, &held),
            Err(problem) => unsaved(held, false, &problem),
        },
    };
    shared.core().change(shared, |machine, now_ms| machine.ended(now_ms, end));
    session
}

/// Whether a file can be read, and what it has of this user replaced.
fn check_store(store: Option<&Store>, binding: &Binding) -> Result<(), Error> {
    match store {
        Some(Store::File(file)) => file.read(binding).map(drop),
        _ => Ok(()),
    }
}

/// Whose record it is.
fn binding(client: &Client, user_key: &str) -> Result<Binding, Error> {
    limits::text("user_key", user_key)?;
    if user_key.contains('\0') {
        // A program in C could never name it again.
        return Err(Error::argument(
            "user_key, or the user name that stands for it, has a NUL inside: pass a user_key",
        ));
    }
    let endpoint = client.0.options.endpoint(EndpointKind::Token);
    let origin = endpoint.map(|endpoint| endpoint.origin.to_string()).unwrap_or_default();
    Ok(Binding { origin, client_id: client.0.options.client_id.clone(), user_key: user_key.to_owned() })
}
