//! What a stand-in should be like before it starts.

use std::time::Duration;

use crate::Standin;
use crate::hub::Settings;

/// What a stand-in should be like before it starts.
#[derive(Clone, Debug)]
pub struct Builder {
    pub(crate) settings: Settings,
}

impl Builder {
    /// TLS 1.3 session tickets sent after each handshake; 2 by default.
    pub fn tickets(mut self, count: usize) -> Builder {
        self.settings.tickets = count;
        self
    }

    /// Connections stay open after an answer; on by default.
    pub fn keep_alive(mut self, on: bool) -> Builder {
        self.settings.keep_alive = on;
        self
    }

    /// The port of the HTTPS listener; any free one by default.
    pub fn port(mut self, port: u16) -> Builder {
        self.settings.port = port;
        self
    }

    /// Closes a connection that asks nothing for so long; never by default.
    pub fn idle_close_ms(mut self, ms: u64) -> Builder {
        self.settings.idle_close = Some(Duration::from_millis(ms));
        self
    }

    /// A refresh token that comes a second time ends its whole login; on by
    /// default. Off, it is merely refused.
    pub fn reuse_detection(mut self, on: bool) -> Builder {
        self.settings.reuse_detection = on;
        self
    }

    /// A refresh token is good once and replaced by another; on by default.
    /// Off, the first one stays good and answers carry none.
    pub fn rotation(mut self, on: bool) -> Builder {
        self.settings.rotation = on;
        self
    }

    /// A refresh token that comes again within so many milliseconds of its
    /// first use gets the very answer it got then; 0, the default, is never.
    pub fn grace_ms(mut self, ms: u64) -> Builder {
        self.settings.grace = Duration::from_millis(ms);
        self
    }

    /// How many seconds an access token lives; 900 by default.
    pub fn access_lifetime_s(mut self, seconds: u64) -> Builder {
        self.settings.access_lifetime_s = seconds;
        self
    }

    /// Writes this text, letter by letter, as the value of `expires_in`,
    /// whatever the true lifetime: `-5`, `1e300`, `"soon"` with its quotes.
    /// An empty text leaves the member out. `variant:` users are not touched.
    pub fn lifetime_text(mut self, text: &str) -> Builder {
        self.settings.lifetime_text = Some(text.to_owned());
        self
    }

    /// A refresh ends the earlier access tokens of its login at once; off by
    /// default: they live until they expire.
    pub fn one_access(mut self, on: bool) -> Builder {
        self.settings.one_access = on;
        self
    }

    /// Signs tokens with the ES256 key instead of the RS256 one; off by
    /// default. The key set holds both either way.
    pub fn sign_with_es256(mut self, on: bool) -> Builder {
        self.settings.es256 = on;
        self
    }

    /// Starts it.
    pub fn start(self) -> Standin {
        Standin::start_as(self.settings)
    }
}
