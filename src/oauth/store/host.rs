//! The program's own store: it keeps the text of each record itself.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Binding, Record};
use crate::oauth::error::Error;
use crate::oauth::limits;
use crate::oauth::secret::Secret;
use crate::oauth::sys::sync::{Mutex, lock};

/// Saves the record of a user, or forgets it when there is none; says whether
/// that is done.
pub type Save = Arc<dyn Fn(&str, Option<&str>) -> bool + Send + Sync>;

/// Records that the program gave, and how it saves others.
pub struct HostStore {
    save: Option<Save>,
    given: Mutex<Vec<(String, Secret)>>,
}

impl HostStore {
    /// A store that calls `save` inside blocking calls; without it the program
    /// asks each session for what is to be saved.
    pub fn new(save: Option<Save>) -> HostStore {
        HostStore { save, given: Mutex::default() }
    }

    /// A record that was saved before, for [`super::super::Session::resume`].
    pub fn give(&self, user_key: &str, record: &str) -> Result<(), Error> {
        limits::text("user_key", user_key)?;
        limits::check("record", record.len(), limits::RECORD)?;
        let mut given = lock(&self.given);
        given.retain(|(known, _)| known != user_key);
        given.push((user_key.to_owned(), Secret::new(record)));
        Ok(())
    }

    /// Takes what was given for a user: it is good for one session.
    pub fn take(&self, binding: &Binding) -> Result<Option<Record>, Error> {
        let mut given = lock(&self.given);
        let Some(at) = given.iter().position(|(key, _)| *key == binding.user_key) else {
            return Ok(None);
        };
        // A record that is not understood stays, for the message to be true.
        let record = given.get(at).map(|(_, json)| Record::parse(json.expose(), binding)).transpose()?;
        given.remove(at);
        Ok(record)
    }

    /// Whether the program gave a function.
    pub fn has_save(&self) -> bool {
        self.save.is_some()
    }

    /// Has the program save or forget a record. False when it could not.
    pub fn save(&self, user_key: &str, record: Option<&Secret>) -> bool {
        let record = record.map(Secret::expose);
        let call = |save: &Save| catch_unwind(AssertUnwindSafe(|| save(user_key, record))).unwrap_or(false);
        self.save.as_ref().is_some_and(call)
    }
}

impl fmt::Debug for HostStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostStore")
    }
}
