//! The tokens of a session, with the time they are good for by a clock that
//! nobody can set.

use crate::oauth::clock::Clock;
use crate::oauth::id_token::Identity;
use crate::oauth::secret::Secret;
use crate::oauth::store::Record;
use crate::oauth::tokens::Tokens;

/// A refresh begins so long before the access token ends, in milliseconds; of
/// a short life, a fifth.
const MARGIN_MS: u64 = 60_000;

/// The tokens that a session has at one moment, frozen. What
/// [`Session::token`](super::Session::token) hands out has an access token.
#[derive(Debug)]
#[non_exhaustive]
pub struct Held {
    /// Which save of the record they are.
    pub generation: u64,
    /// None, once it has ended and the record does not have it.
    pub access_token: Option<Secret>,
    /// What gets the next ones.
    pub refresh_token: Option<Secret>,
    /// Who signed in; not verified.
    pub id_token: Option<Secret>,
    /// What was granted.
    pub scope: Option<String>,
    /// When the access token ends; 0 = unknown.
    pub expires_at: i64,
    /// When it came.
    pub received_at: i64,
    /// When it ends by the session's clock; the end of time if unknown.
    pub ends_ms: u64,
    /// From when on it is refreshed although it is good.
    pub early_ms: u64,
    /// How long it lives in all.
    pub lifetime_ms: u64,
}

impl Held {
    /// What a server issued for a request that was sent at `asked_ms`.
    pub fn from_tokens(tokens: Tokens, generation: u64, asked_ms: u64) -> Held {
        let lifetime_ms = lifetime_ms(tokens.expires_at, tokens.received_at);
        Held {
            generation,
            access_token: Some(tokens.access_token.into_kept()),
            refresh_token: tokens.refresh_token.map(Secret::into_kept),
            id_token: tokens.id_token.map(Secret::into_kept),
            scope: tokens.scope,
            expires_at: tokens.expires_at,
            received_at: tokens.received_at,
            ends_ms: asked_ms.saturating_add(lifetime_ms),
            early_ms: early_ms(asked_ms.saturating_add(lifetime_ms), lifetime_ms),
            lifetime_ms,
        }
    }

    /// What a refresh of `old` brought. What the answer does not say stays.
    pub(crate) fn from_refresh(mut tokens: Tokens, old: &Held, asked_ms: u64) -> Held {
        tokens.id_token = tokens.id_token.or_else(|| old.id_token.as_ref().map(Secret::kept_copy));
        tokens.scope = tokens.scope.or_else(|| old.scope.clone());
        Held::from_tokens(tokens, old.generation.saturating_add(1), asked_ms)
    }

    /// Whether `tokens` say that they are of somebody else (OIDC Core, 12.2).
    pub(crate) fn is_of_other(&self, tokens: &Tokens) -> bool {
        let identity = |token: &Option<Secret>| Identity::of_unverified(token.as_ref()?.expose());
        match (identity(&self.id_token), identity(&tokens.id_token)) {
            (Some(before), Some(now)) => !before.same(&now),
            _ => false,
        }
    }

    /// What a record kept. The wall clock was not watched meanwhile: it may
    /// say that the token has less time left than it has, never that it has
    /// more than it ever had.
    pub fn from_record(record: Record, clock: &Clock) -> Held {
        let lifetime_ms = lifetime_ms(record.expires_at, record.received_at);
        let left_ms = match record.expires_at {
            0 => u64::MAX,
            // The second that has begun counts as gone.
            expires_at => lifetime_ms.min(lifetime_ms_from(clock.now_at().saturating_add(1), expires_at)),
        };
        let ends_ms = clock.now_ms().saturating_add(left_ms);
        Held {
            generation: record.generation,
            access_token: record.access_token.map(Secret::into_kept),
            refresh_token: record.refresh_token.map(Secret::into_kept),
            id_token: record.id_token.map(Secret::into_kept),
            scope: record.scope,
            expires_at: record.expires_at,
            received_at: record.received_at,
            ends_ms,
            early_ms: early_ms(ends_ms, lifetime_ms),
            lifetime_ms,
        }
    }

    /// The same as another save of the record.
    pub(crate) fn numbered(&self, generation: u64) -> Held {
        let Held { expires_at, received_at, ends_ms, early_ms, lifetime_ms, .. } = *self;
        Held {
            generation,
            access_token: self.access_token.as_ref().map(Secret::kept_copy),
            refresh_token: self.refresh_token.as_ref().map(Secret::kept_copy),
            id_token: self.id_token.as_ref().map(Secret::kept_copy),
            scope: self.scope.clone(),
            expires_at,
            received_at,
            ends_ms,
            early_ms,
            lifetime_ms,
        }
    }

    /// What is to be kept; `marked_at` when a refresh is about to be sent.
    pub(crate) fn to_record(&self, marked_at: i64) -> Record {
        Record {
            generation: self.generation,
            access_token: self.access_token.as_ref().map(Secret::copy),
            refresh_token: self.refresh_token.as_ref().map(Secret::copy),
            id_token: self.id_token.as_ref().map(Secret::copy),
            scope: self.scope.clone(),
            expires_at: self.expires_at,
            received_at: self.received_at,
            marked_at,
        }
    }

    /// Whether the access token is good, and not so near its end that it is to
    /// be refreshed.
    pub fn is_young(&self, now_ms: u64) -> bool {
        self.is_good(now_ms, 0) && now_ms < self.early_ms
    }

    /// Whether the access token is good for `need_ms` more.
    pub fn is_good(&self, now_ms: u64, need_ms: u64) -> bool {
        // Not even at its very end: a token that never lives is never good.
        self.access_token.is_some() && self.ends_ms.saturating_sub(now_ms) >= need_ms.max(1)
    }
}

/// The end of time when the server did not say.
fn lifetime_ms(expires_at: i64, received_at: i64) -> u64 {
    if expires_at == 0 { u64::MAX } else { lifetime_ms_from(received_at, expires_at) }
}

fn lifetime_ms_from(start_at: i64, end_at: i64) -> u64 {
    u64::try_from(end_at.saturating_sub(start_at)).unwrap_or(0).saturating_mul(1000)
}

fn early_ms(ends_ms: u64, lifetime_ms: u64) -> u64 {
    if ends_ms == u64::MAX { u64::MAX } else { ends_ms.saturating_sub(MARGIN_MS.min(lifetime_ms / 5)) }
}
