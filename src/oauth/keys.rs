//! Verifying an ID token with keys that the server publishes (RFC 7517).

use std::sync::Arc;

use super::answer::{Expects, Sent};
use super::call::Call;
use super::choices::EndpointKind;
use super::client::Inner;
use super::error::Error;
use super::http::Ask;
use super::id_token::{Expected, Token};
use super::jwks::{Keys, Next};
use super::operation::Exchange;
use super::secret::Secret;
use super::sys::sync::lock;

impl Inner {
    /// The claims of `id_token`, proven.
    pub(super) fn verify_id_token(
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
        // Not kept locked: another token may be verified meanwhile.
        if let Next::Use(keys) = lock(self.keys.get()).next(kid, clock.now_ms()) {
            return Ok(keys);
        }
        let fetched = self.fetch_keys(call);
        let mut cache = lock(self.keys.get());
        match fetched {
            Ok(keys) => Ok(cache.fetched(keys, clock.now_ms())),
            Err(error) => cache.failed(kid, clock.now_ms()).ok_or(error),
        }
    }

    fn fetch_keys(&self, call: &Arc<Call>) -> Result<Keys, Error> {
        let target = self.target(EndpointKind::Jwks, "key")?;
        let (ask, sent, expects, secrets) = (Ask::get(None), Sent::Nothing, Expects::Object, Vec::new());
        let exchange = Exchange { name: &"keys", target: &target, ask, sent, expects, secrets };
        let body = self.exchange(call, exchange)?.into_text()?;
        Keys::parse(body.expose().as_bytes()).map_err(Error::in_answer)
    }
}
