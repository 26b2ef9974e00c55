//! What tests/fuzz reaches that nobody else may: there only under
//! `--cfg fuzzing`, which no build of the library sets.

pub use super::answer::{Asked, Expects, Sent};
pub use super::http::{Answer, Proxy};
pub use super::id_token::{Expected, Token};
pub use super::json::{Members, integer};
pub use super::jwks::Keys;
pub use super::profile::{LOGINRADIUS, Profile, RFC6749};
pub use super::redact::{WITHHELD, repeats};
pub use super::request::Outcome;
pub use super::secret::SecretBytes;
pub use super::time::{after, http_date_at, iso_at, retry_after_ms};
