//! Where a session's tokens live between two runs of the program, and what
//! keeps two processes that share them from refreshing with the same token.
//!
//! The file store is ours. A host that has a better place (a keychain, a
//! profile in the cloud) keeps the text of a [`Record`] there itself: see
//! [`HostStore`]. A program makes a [`Store`] and hands it to its sessions; what
//! else is here they use.
//!
//! A refresh goes through these steps, in this order:
//!
//! 1. **Lock** the user's record, with the caller's deadline.
//! 2. **Read** it. Another generation than the one in memory, whether higher or
//!    not, was saved by somebody else meanwhile: adopt it, and do not refresh if
//!    it is good.
//! 3. **Mark** it: write `marked_at`. From here on a process that dies leaves
//!    the trace that the refresh token may have been used.
//! 4. **Send** the refresh token.
//! 5. **Save** what came, as the next generation and without the mark, before
//!    anybody uses it.
//! 6. **Unlock**.
//!
//! A record that is found marked and unlocked is therefore *unclear*: the
//! server may have replaced the refresh token or not, and nobody was told.

mod file;
mod host;
mod record;
#[cfg(all(test, unix, not(shuttle)))]
mod tests;
mod users;

#[cfg(all(test, shuttle))]
pub use super::models::file::{FileStore, UserLock};
#[cfg(not(all(test, shuttle)))]
pub use file::{FileStore, UserLock};
pub use host::{HostStore, Save};
pub use record::{Binding, Record};

use super::error::Error;
use super::json::Members;
use super::reason::Reason;

/// Where sessions keep their tokens.
#[derive(Debug)]
pub enum Store {
    /// In a file of ours.
    File(FileStore),
    /// With the program.
    Host(HostStore),
}

impl Store {
    /// [`HostStore::give`]; a file store reads its records itself.
    pub fn give(&self, user_key: &str, record: &str) -> Result<(), Error> {
        match self {
            Store::Host(host) => host.give(user_key, record),
            Store::File(_) => Err(Error::new(Reason::Unsupported, "A file store reads its records itself")),
        }
    }
}

/// The version of both formats, which stands in the member that names them. A
/// reader passes over members that it does not know, so that only a change
/// that an old reader must not overlook needs another number.
const VERSION: u64 = 1;

/// That `members` are what `name` stands for, of this version; else what they
/// are, to follow a noun.
fn check_version(members: &Members<'_>, name: &str) -> Result<(), &'static str> {
    match members.get(name).and_then(|version| version.get().parse::<u64>().ok()) {
        Some(VERSION) => Ok(()),
        Some(version) if version > VERSION => Err("was written by a newer version of this library"),
        _ => Err("was not written by this library"),
    }
}
