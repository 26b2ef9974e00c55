//! What an API answered.

use super::secret::SecretBytes;

/// The answer to an API call, whatever its status.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body, at most as long as the client's limit.
    pub body: SecretBytes,
}
