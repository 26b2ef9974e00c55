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
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use ropc::oauth::store::{HostStore, Store};
/// use ropc::oauth::{Client, Options, Session};
/// # let server = standin::Standin::start();
/// # let mut options = Options::loginradius(&server.https(), "demo", standin::CLIENT)?;
/// # options.set_ca_pem(server.ca_pem().as_bytes())?;
/// # options.set_proxy("")?;
/// # let client = Client::new(&options)?;
///
/// // In place of a keychain.
/// let chain = Arc::new(Mutex::new(None));
/// let theirs = chain.clone();
/// let save = move |_user: &str, record: Option<&str>| {
///     *theirs.lock().unwrap() = record.map(str::to_owned);
///     true
/// };
/// let store = Arc::new(Store::Host(HostStore::new(Some(Arc::new(save)))));
/// let session = Session::login(&client, "ada", "correct horse", Some(store), None)?;
/// session.token(30_000, 10_000, |_| ())?; // Saved by here.
/// drop(session);
///
/// // The next time the program runs.
/// let store = HostStore::new(None);
/// store.give("ada", chain.lock().unwrap().as_deref().expect("it was saved"))?;
/// let session = Session::resume(&client, Arc::new(Store::Host(store)), "ada")?;
/// # session.token(30_000, 10_000, |_| ())?;
/// # assert_eq!(server.grant_counts().logins, 1);
/// # Ok::<(), ropc::oauth::Error>(())
/// ```
pub struct HostStore {
    save: Option<Save>,
    kept: Mutex<Vec<Kept>>,
}

/// A record that waits for the next session of its user.
struct Kept {
    user_key: String,
    json: Secret,
    /// Whether the program has it; else it came when no session was there any
    /// more that could have asked the program to save it.
    saved: bool,
}

impl HostStore {
    /// A store that calls `save` inside blocking calls; without it the program
    /// asks each session for what is to be saved.
    pub fn new(save: Option<Save>) -> HostStore {
        HostStore { save, kept: Mutex::default() }
    }

    /// A record that was saved before, for
    /// [`Session::resume`](crate::oauth::Session::resume).
    pub fn give(&self, user_key: &str, record: &str) -> Result<(), Error> {
        limits::text("user_key", user_key)?;
        limits::check("record", record.len(), limits::RECORD)?;
        self.keep(user_key, record, true);
        Ok(())
    }

    /// The record of tokens that came after their session: the program has yet
    /// to save it.
    pub(crate) fn leave(&self, user_key: &str, record: &Secret) {
        self.keep(user_key, record.expose(), false);
    }

    fn keep(&self, user_key: &str, record: &str, saved: bool) {
        let mut kept = lock(&self.kept);
        kept.retain(|known| known.user_key != user_key || known.saved != saved);
        kept.push(Kept { user_key: user_key.to_owned(), json: Secret::kept(record), saved });
    }

    /// Takes the newest there is for a user, which is good for one session, and
    /// whether the program has saved it.
    pub(crate) fn take(&self, binding: &Binding) -> Result<Option<(Record, bool)>, Error> {
        let mut kept = lock(&self.kept);
        let parse = |saved: bool| {
            let mut of_user = kept.iter().filter(|one| one.user_key == binding.user_key);
            of_user.find(|one| one.saved == saved).map(|one| Record::parse(one.json.expose(), binding)).transpose()
        };
        // A record that is not understood stays, for the message to be true.
        let given = parse(true)?;
        // One of another client is not this session's.
        let left = parse(false).unwrap_or_default();
        let newest = match (given, left) {
            (Some(given), Some(left)) if is_newer(&left, &given) => Some((left, false)),
            (Some(given), _) => Some((given, true)),
            (None, left) => left.map(|left| (left, false)),
        };
        if newest.is_some() {
            let is_of = |one: &Kept| Record::parse(one.json.expose(), binding).is_ok();
            kept.retain(|one| one.user_key != binding.user_key || !is_of(one));
        }
        Ok(newest)
    }

    /// Whether the program gave a function.
    pub(crate) fn has_save(&self) -> bool {
        self.save.is_some()
    }

    /// Has the program save or forget a record. False when it could not.
    pub(crate) fn save(&self, user_key: &str, record: Option<&Secret>) -> bool {
        let record = record.map(Secret::expose);
        let call = |save: &Save| catch_unwind(AssertUnwindSafe(|| save(user_key, record))).unwrap_or(false);
        self.save.as_ref().is_some_and(call)
    }
}

/// Whether what a session left is newer than what the program gave: also when it
/// tells of a refresh without answer.
fn is_newer(left: &Record, given: &Record) -> bool {
    (left.generation, left.marked_at) > (given.generation, given.marked_at)
}

impl fmt::Debug for HostStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostStore")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::reason::Reason;

    fn binding(client_id: &str) -> Binding {
        Binding { origin: "https://a.example".into(), client_id: client_id.into(), user_key: "ada".into() }
    }

    fn record(generation: u64, client_id: &str) -> Secret {
        let record = Record { generation, refresh_token: Some(Secret::new("refresh")), ..Record::default() };
        record.to_json(&binding(client_id)).expect("a record")
    }

    /// The generation that is taken, and whether it counts as saved.
    fn taken(host: &HostStore) -> Option<(u64, bool)> {
        host.take(&binding("app")).expect("it is understood").map(|(record, saved)| (record.generation, saved))
    }

    #[test]
    fn the_newer_one_is_taken_and_the_other_forgotten() {
        for (given, left, newest) in [
            (Some(1), Some(2), Some((2, false))),
            (Some(2), Some(1), Some((2, true))),
            (Some(2), Some(2), Some((2, true))),
            (None, Some(1), Some((1, false))),
            (Some(1), None, Some((1, true))),
            (None, None, None),
        ] {
            let host = HostStore::new(None);
            if let Some(generation) = left {
                host.leave("ada", &record(generation, "app"));
            }
            if let Some(generation) = given {
                host.give("ada", record(generation, "app").expose()).expect("not too long");
            }
            assert_eq!(taken(&host), newest);
            assert_eq!(taken(&host), None);
        }
    }

    #[test]
    fn what_another_client_left_stays_for_it() {
        let host = HostStore::new(None);
        host.leave("ada", &record(9, "other"));
        assert_eq!(taken(&host), None);
        host.give("ada", record(1, "app").expose()).expect("not too long");
        assert_eq!(taken(&host), Some((1, true)));
        let its_own = host.take(&binding("other")).expect("it is understood");
        assert_eq!(its_own.map(|(record, saved)| (record.generation, saved)), Some((9, false)));
        host.give("ada", record(1, "other").expose()).expect("not too long");
        let foreign = host.take(&binding("app")).map(drop);
        assert_eq!(foreign.expect_err("it is of another client").reason, Reason::StoreForeign);
    }
}
