//! What an API answered.

use std::fmt;

use super::secret::SecretBytes;

/// The answer to an API call, whatever its status.
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body, at most as long as the client's limit.
    pub body: SecretBytes,
}

/// Not what it says: APIs hand out cookies and tokens.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Response").field("status", &self.status).field("headers", &headers).finish_non_exhaustive()
    }
}
