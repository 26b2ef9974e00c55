//! Fetching the keys that a server publishes (RFC 7517), once for all who wait,
//! and verifying an ID token with them.

use std::sync::Arc;

use super::{Cache, Keys, Next};
use crate::oauth::answer::{Expects, Sent};
use crate::oauth::call::{Call, Wait};
use crate::oauth::choices::EndpointKind;
use crate::oauth::client::Inner;
use crate::oauth::error::Error;
use crate::oauth::http::Ask;
use crate::oauth::id_token::{Expected, Token};
use crate::oauth::operation::Exchange;
use crate::oauth::reason::Stage;
use crate::oauth::secret::Secret;
use crate::oauth::sys::sync::{Condvar, Mutex, lock, wait};

/// The keys of a client's server in one process, fetched by one call at a time.
#[derive(Default)]
pub struct KeyRing {
    state: Mutex<State>,
    fetched: Condvar,
}

#[derive(Default)]
struct State {
    cache: Cache,
    fetching: bool,
}

/// A fetch that was begun; dropped, it lets the next one begin.
struct Fetch<'a>(&'a Arc<KeyRing>);

impl Drop for Fetch<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).fetching = false;
        self.0.fetched.notify_all();
    }
}

impl Wait for KeyRing {
    fn end(&self, _: Stage) {
        // The lock: whoever is about to wait has looked at the call before.
        let _state = lock(&self.state);
        self.fetched.notify_all();
    }
}

impl Inner {
    /// The claims of `id_token`, proven.
    pub(in crate::oauth) fn verify_id_token(
        &self,
        call: &Arc<Call>,
        id_token: &str,
        access_token: Option<&str>,
        nonce: Option<&str>,
    ) -> Result<Secret, Error> {
        let options = &self.options;
        let issuer = options.issuer.as_deref().ok_or_else(|| {
            Error::argument("the issuer that the ID token must be of is not known: ropc_options_set_issuer() sets it")
        })?;
        let token = Token::parse(id_token)?;
        let keys = self.keys_for(call, token.kid())?;
        let now_at = options.clock.now_at();
        token.verify(&keys, &Expected { issuer, client_id: &options.client_id, nonce, access_token, now_at })
    }

    fn keys_for(&self, call: &Arc<Call>, kid: Option<&str>) -> Result<Arc<Keys>, Error> {
        let clock = &self.options.clock;
        let ring = self.keys.get();
        let known = call.waiting(ring.clone(), || {
            let mut state = lock(&ring.state);
            loop {
                match state.cache.next(kid, clock.now_ms()) {
                    Next::Use(keys) => return Ok(Some(keys)),
                    Next::Fetch if state.fetching => state = wait(&ring.fetched, state, call.left()?),
                    Next::Fetch => {
                        state.fetching = true;
                        return Ok(None);
                    }
                }
            }
        })?;
        if let Some(keys) = known {
            return Ok(keys);
        }
        let _fetch = Fetch(ring);
        let fetched = self.fetch_keys(call);
        let cache = &mut lock(&ring.state).cache;
        match fetched {
            Ok(keys) => Ok(cache.fetched(keys, clock.now_ms())),
            Err(error) => cache.failed(kid, clock.now_ms()).ok_or(error),
        }
    }

    fn fetch_keys(&self, call: &Arc<Call>) -> Result<Keys, Error> {
        let target = self.target(EndpointKind::Jwks, "key")?;
        let (ask, sent, expects) = (Ask::get(None), Sent::Nothing, Expects::Object);
        let exchange = Exchange { name: &"keys", target: &target, ask, sent, expects, params: &[] };
        let body = self.exchange(call, &exchange)?.into_text()?;
        Keys::parse(body.expose().as_bytes()).map_err(Error::in_answer)
    }
}
