//! The file store of a model: a record in memory, behind a lock that is asked
//! for as the file's is, again and again. Sessions that share one are processes
//! that share a file.

use std::time::Duration;

use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;

use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::store::{Binding, Record};
use crate::oauth::sys::sync::{Condvar, Mutex, lock, wait};

/// One user's record.
#[derive(Debug, Default)]
pub struct FileStore {
    state: Mutex<State>,
    unlocked: Condvar,
}

#[derive(Debug, Default)]
struct State {
    record: Option<Record>,
    locked: bool,
    /// How many more writes fail.
    failing: usize,
}

impl FileStore {
    /// An empty one.
    pub fn open(_: &str) -> Result<FileStore, Error> {
        Ok(FileStore::default())
    }

    /// Has the next writes fail.
    pub fn fail(&self, writes: usize) {
        lock(&self.state).failing = writes;
    }

    /// The record as it is now.
    pub fn read(&self, _: &Binding) -> Result<Option<Record>, Error> {
        Ok(lock(&self.state).record.as_ref().map(Record::copy))
    }

    /// Gets the record for one holder at a time.
    pub fn lock(
        &self,
        _: &Binding,
        pause: &mut dyn FnMut(Duration) -> Result<(), Error>,
    ) -> Result<UserLock<'_>, Error> {
        let mut state = lock(&self.state);
        while state.locked {
            drop(state);
            pause(Duration::ZERO)?;
            // Mostly others run meanwhile; sometimes time passes, too.
            thread::yield_now();
            state = lock(&self.state);
            if state.locked && thread_rng().gen_ratio(1, 8) {
                state = wait(&self.unlocked, state, Duration::from_millis(400));
            }
        }
        state.locked = true;
        Ok(UserLock(self))
    }
}

/// The record, for one holder at a time.
#[derive(Debug)]
pub struct UserLock<'a>(&'a FileStore);

impl UserLock<'_> {
    /// The record as it is now.
    pub fn read(&self) -> Result<Option<Record>, Error> {
        Ok(lock(&self.0.state).record.as_ref().map(Record::copy))
    }

    /// Saves `record`.
    pub fn write(&self, record: &Record) -> Result<(), Error> {
        self.put(Some(record.copy()))
    }

    /// Removes the record.
    pub fn remove(&self) -> Result<(), Error> {
        self.put(None)
    }

    fn put(&self, record: Option<Record>) -> Result<(), Error> {
        let mut state = lock(&self.0.state);
        if state.failing > 0 {
            state.failing -= 1;
            return Err(Error::new(Reason::StoreAccess, "The disk is full"));
        }
        state.record = record;
        Ok(())
    }
}

impl Drop for UserLock<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).locked = false;
        self.0.unlocked.notify_all();
    }
}
