//! How long what a program passes may be. Far above any real value, far below
//! what could hurt; the header states each.

use super::error::Error;

/// Names: an application's, a parameter's, a user agent.
pub const NAME: usize = 256;
/// URLs, scopes, client ids, user names.
pub const TEXT: usize = 4096;
/// Passwords, secrets, tokens, values of parameters.
pub const SECRET: usize = 65_536;
/// A client secret, which also has to fit into a header.
pub const CLIENT_SECRET: usize = 1024;
/// Access tokens that go into a header: what servers read as one.
pub const BEARER: usize = 12_288;
/// What a session keeps in a store.
pub const RECORD: usize = 262_144;
/// Certificates and keys in PEM.
pub const PEM: usize = 4_194_304;
/// Parameters of one grant, and added to every request.
pub const PARAMS: usize = 64;

/// A name: not empty, not longer than [`NAME`].
pub fn name(what: &str, value: &str) -> Result<(), Error> {
    check(what, value.len(), NAME)
}

/// A text: not empty, not longer than [`TEXT`].
pub fn text(what: &str, value: &str) -> Result<(), Error> {
    check(what, value.len(), TEXT)
}

/// A secret: not empty, not longer than [`SECRET`].
pub fn secret(what: &str, value: &str) -> Result<(), Error> {
    check(what, value.len(), SECRET)
}

/// `len` bytes: at least 1 and at most `most`.
pub fn check(what: &str, len: usize, most: usize) -> Result<(), Error> {
    if len == 0 {
        return Err(Error::argument(format_args!("{what} must not be empty")));
    }
    if len > most {
        return Err(Error::argument(format_args!("{what} has {len} bytes and may have at most {most}")));
    }
    Ok(())
}
