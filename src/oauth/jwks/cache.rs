//! When a server's keys are fetched anew. Only decides: whoever asks fetches,
//! and brings the time, which may jump.

use std::sync::Arc;

use super::Keys;

/// How long keys serve without a question: a key that the server withdraws
/// is not trusted for longer.
const FRESH_MS: u64 = 60 * 60 * 1000;

/// How long they serve while no newer ones can be had: an outage of the
/// server's is no reason to sign everybody out.
const OLDEST_MS: u64 = 24 * 60 * 60 * 1000;

/// Least time between two fetches that a token can bring about, so that
/// invented key ids do not become requests.
const FLOOR_MS: u64 = 60 * 1000;

/// What to do about a token.
pub enum Next {
    /// Verify it with these.
    Use(Arc<Keys>),
    /// Fetch the keys, then call [`Cache::fetched`] or [`Cache::failed`].
    Fetch,
}

/// The keys of one server. Two threads may both be told to fetch; a
/// `KeyRing` lets one of them.
#[derive(Default)]
pub struct Cache {
    /// The last keys, and when they came.
    keys: Option<(Arc<Keys>, u64)>,
    /// When the last fetch ended, one way or the other.
    tried_ms: Option<u64>,
}

impl Cache {
    /// What to do about a token that names the key `kid`. One that names none
    /// may be signed with a key that is newer than ours, so it is treated like
    /// one with an unknown key.
    pub fn next(&self, kid: Option<&str>, now_ms: u64) -> Next {
        let tried = self.tried_ms.is_some_and(|at| younger(at, FLOOR_MS, now_ms));
        let current = self.younger_than(FRESH_MS, now_ms);
        let known = current.is_some_and(|keys| kid.is_some_and(|kid| keys.knows(kid)));
        match self.younger_than(OLDEST_MS, now_ms) {
            Some(keys) if known || tried => Next::Use(Arc::clone(keys)),
            // Without keys there is no floor: nothing else could be done.
            _ => Next::Fetch,
        }
    }

    /// A fetch brought `keys`. They replace the old ones also when there are
    /// fewer: that is how a server withdraws a key.
    pub fn fetched(&mut self, keys: Keys, now_ms: u64) -> Arc<Keys> {
        let keys = Arc::new(keys);
        self.keys = Some((Arc::clone(&keys), now_ms));
        self.tried_ms = Some(now_ms);
        keys
    }

    /// A fetch failed. The old keys, if they are of the last 24 hours and have
    /// the one that the token names; else its failure is what to report.
    pub fn failed(&mut self, kid: Option<&str>, now_ms: u64) -> Option<Arc<Keys>> {
        self.tried_ms = Some(now_ms);
        let keys = self.younger_than(OLDEST_MS, now_ms)?;
        kid.is_none_or(|kid| keys.knows(kid)).then(|| Arc::clone(keys))
    }

    fn younger_than(&self, limit_ms: u64, now_ms: u64) -> Option<&Arc<Keys>> {
        let (keys, fetched_ms) = self.keys.as_ref()?;
        younger(*fetched_ms, limit_ms, now_ms).then_some(keys)
    }
}

/// Whether less than `limit_ms` went by. After a jump back nobody can tell, and
/// the answer is no: keys are then fetched again, and no floor stands against it.
fn younger(since_ms: u64, limit_ms: u64, now_ms: u64) -> bool {
    now_ms.checked_sub(since_ms).is_some_and(|age| age < limit_ms)
}
