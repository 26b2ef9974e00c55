//! What tests/fuzz reaches that nobody else may: there only under
//! `--cfg fuzzing`, which no build of the library sets.

pub use super::answer::{Asked, Expects, Sent};
pub use super::http::{Answer, Proxy};
pub use super::id_token::{Expected, Token};
pub use super::json::{Members, integer};
pub use super::jwks::Keys;
pub use super::profile::{LOGINRADIUS, Profile, RFC6749};
pub use super::redact::repeats;
pub use super::request::Outcome;
pub use super::time::{after, http_date_at, iso_at, retry_after_ms};

use std::sync::Arc;

use super::call::{Call, TimeLimits};
use super::error::Error;
use super::secret::Secret;

/// A call that may take so long, whatever its client allows.
pub fn call(total_ms: u32) -> Arc<Call> {
    Arc::new(Call::new(TimeLimits { connect_ms: total_ms, total_ms }))
}

/// The claims of any text as a token.
pub fn unverified_claims(token: &str) -> Result<Secret, Error> {
    super::jwt::unverified_claims("token", Some(token))
}
