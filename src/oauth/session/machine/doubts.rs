//! Access tokens that an API refused.

use super::{DOUBT_MS, MOST_DOUBTED, Machine};

impl Machine {
    /// An API refused this access token. A newer one is not thrown away.
    pub fn expire(&mut self, access_token: &str) {
        let current = self.current.as_ref().and_then(|held| held.access_token.as_ref());
        if current.is_some_and(|token| token.expose() == access_token) {
            self.refused = true;
        }
    }

    /// The same, seen by this library itself; whether to ask `api` once more. One
    /// that refuses new tokens too does not want any, and is not to make the
    /// session refresh with each call.
    pub fn refused_by_api(&mut self, now_ms: u64, access_token: &str, api: &str) -> bool {
        let current = self.current.as_ref().and_then(|held| held.access_token.as_ref());
        if self.refused || current.is_none_or(|token| token.expose() != access_token) {
            return true;
        }
        self.doubted.retain(|(_, until_ms)| now_ms < *until_ms);
        if self.doubted.len() == MOST_DOUBTED || self.doubted.iter().any(|(known, _)| known == api) {
            return false;
        }
        self.doubted.push((api.to_owned(), now_ms.saturating_add(DOUBT_MS)));
        self.refused = true;
        true
    }

    /// `api` took the access token.
    pub fn taken_by_api(&mut self, api: &str) {
        self.doubted.retain(|(known, _)| known != api);
    }

    /// Whether any API refused a token and took none since.
    pub fn has_doubts(&self) -> bool {
        !self.doubted.is_empty()
    }
}
