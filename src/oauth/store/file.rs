//! The file store. The file is never changed: a new one takes its place, so
//! that readers need no lock and find the old one or the new one, whole, even
//! after a crash in the middle.
//!
//! Beside it lie lock files, which stay: one for each user, held as long as a
//! refresh takes, and one for the whole file, held as long as a write takes.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ring::digest::{SHA256, digest};

use super::record::{Binding, Record};
use super::users::Users;
use crate::oauth::error::Error;
use crate::oauth::limits;
use crate::oauth::reason::Reason;
use crate::oauth::secret::SecretBytes;
use crate::oauth::sys::file::{self as sys, Lock, Unfit};
use crate::oauth::sys::is_short;

/// The file is never larger.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Pauses between two tries to get a lock: they double from the first to the
/// longest.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// How long a write waits for writes of others, each of which takes the time
/// of one fsync.
const PATIENCE: Duration = Duration::from_secs(3);

/// A file that holds the records of several users.
#[derive(Debug)]
pub struct FileStore {
    /// Absolute: the program may change its current folder.
    path: PathBuf,
    folder: PathBuf,
    pub(super) patience: Duration,
}

impl FileStore {
    /// The store at `path`, which need not exist yet; its folder must. What
    /// can be checked is checked now.
    pub fn open(path: &str) -> Result<FileStore, Error> {
        limits::text("path", path)?;
        let unusable = || Error::argument(format_args!("path must name a file: {path:?} does not"));
        if path.contains('\0') || path.ends_with(std::path::is_separator) {
            return Err(unusable());
        }
        let path = std::path::absolute(path).map_err(|error| failed("found", Path::new(path), &error))?;
        let (Some(folder), Some(_)) = (path.parent(), path.file_name()) else {
            return Err(unusable());
        };
        let store = FileStore { folder: folder.to_owned(), patience: PATIENCE, path };
        if !store.folder.is_dir() {
            let what = format_args!("There is no folder {}", store.folder.display());
            return Err(Error::new(Reason::StoreAccess, what));
        }
        if let Some(text) = store.load()? {
            store.users(&text)?;
        }
        store.remove_left_overs();
        Ok(store)
    }

    /// The record as it is now; `None` when there is none. Takes no lock.
    pub fn read(&self, binding: &Binding) -> Result<Option<Record>, Error> {
        match self.load()? {
            Some(text) => self.record(&self.users(&text)?, binding),
            None => Ok(None),
        }
    }

    /// Gets the record for one holder at a time, among all processes and
    /// threads. While somebody else has it, `wait` is called with a short
    /// time to sleep; its error ends the waiting.
    pub fn lock(
        &self,
        binding: &Binding,
        wait: &mut dyn FnMut(Duration) -> Result<(), Error>,
    ) -> Result<UserLock<'_>, Error> {
        // An origin holds no NUL, so that no two pairs look the same.
        let name = digest(&SHA256, format!("{}\0{}", binding.origin, binding.user_key).as_bytes());
        let short: String = name.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let lock = self.take(&self.beside(&format!(".{short}.lock")), wait)?;
        Ok(UserLock { store: self, binding: binding.clone(), lock })
    }

    /// The path of a file that belongs to the store's.
    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    fn take(&self, path: &Path, wait: &mut dyn FnMut(Duration) -> Result<(), Error>) -> Result<Lock, Error> {
        let mut lock = Lock::open(path).map_err(|unfit| self.unfit(path, unfit))?;
        let mut pause = FIRST_PAUSE;
        while !lock.try_take().map_err(|error| failed("locked", path, &error))? {
            wait(pause)?;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
        Ok(lock)
    }

    /// The lock of the whole file.
    fn take_all(&self) -> Result<Lock, Error> {
        let until = Instant::now() + self.patience;
        self.take(&self.beside(".lock"), &mut |pause| {
            if Instant::now() >= until {
                let what = format_args!("Others write to {} without a pause", self.path.display());
                return Err(Error::new(Reason::StoreBusy, what));
            }
            thread::sleep(pause);
            Ok(())
        })
    }

    /// The text of the file; `None` when there is none.
    fn load(&self) -> Result<Option<SecretBytes>, Error> {
        let file = match sys::open(&self.path) {
            Ok(file) => file,
            Err(Unfit::Missing) => return Ok(None),
            Err(unfit) => return Err(self.unfit(&self.path, unfit)),
        };
        let size = file.metadata().map(|about| usize::try_from(about.len()).unwrap_or(usize::MAX));
        let text = size
            .and_then(|size| read_up_to(file, size, MOST_BYTES))
            .map_err(|error| failed("read", &self.path, &error))?;
        text.map(Some).ok_or_else(|| self.broken("is too large"))
    }

    fn users<'a>(&self, text: &'a SecretBytes) -> Result<Users<'a>, Error> {
        Users::parse(text.expose()).map_err(|what| self.broken(what))
    }

    fn record(&self, users: &Users<'_>, binding: &Binding) -> Result<Option<Record>, Error> {
        let record = users.get(&binding.user_key).map(|json| Record::parse(json, binding)).transpose();
        record.map_err(|mut error| {
            error.details_mut().message = format!("{}: {}", self.path.display(), error.message);
            error
        })
    }

    /// Puts `record` in the place of the one that is there, or removes that;
    /// what is not of `binding`, or not understood, is not overwritten.
    fn replace(&self, binding: &Binding, record: Option<&Record>) -> Result<(), Error> {
        let json = record.map(|record| record.to_json(binding)).transpose()?;
        let _lock = self.take_all()?;
        let old = self.load()?;
        let users = old.as_ref().map_or_else(|| Ok(Users::none()), |text| self.users(text))?;
        let found = self.record(&users, binding)?;
        if found.is_none() && json.is_none() {
            return Ok(());
        }
        let full =
            |what: &str| Error::new(Reason::StoreAccess, format_args!("The store {} {what}", self.path.display()));
        let text = users.with(&binding.user_key, json.as_ref().map(|json| json.expose())).map_err(full)?;
        if text.expose().len() > MOST_BYTES {
            return Err(full("is full: it would be larger than 16 MiB"));
        }
        self.put(&text)
    }

    /// Replaces the file. After an error the old one is there as it was,
    /// unless only the last step failed: then it may be the new one.
    fn put(&self, text: &SecretBytes) -> Result<(), Error> {
        let (new, path) = self.create().map_err(|error| failed("written", &self.folder, &error))?;
        let renamed = fill(new, text).and_then(|()| fs::rename(&path, &self.path));
        if let Err(error) = renamed {
            let _ = fs::remove_file(&path);
            return Err(failed("written", &self.path, &error));
        }
        sys::sync_folder(&self.folder).map_err(|error| failed("written", &self.folder, &error))
    }

    /// A new file in the same folder, with a name that nobody else chooses
    /// even if the file system's locks do not work.
    fn create(&self) -> io::Result<(File, PathBuf)> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = self.beside(&format!(".{}-{count}.new", std::process::id()));
            match sys::create(&path) {
                // Of a killed process that had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => return Ok((result?, path)),
            }
        }
    }

    /// Removes what killed processes left in the middle of a write. While the
    /// file is locked nobody else is in the middle of one. Nothing depends on
    /// it, so nothing is said when it does not succeed.
    fn remove_left_overs(&self) {
        let find = || -> io::Result<Vec<PathBuf>> {
            let entries = fs::read_dir(&self.folder)?.flatten();
            Ok(entries.map(|entry| entry.path()).filter(|path| self.is_new(path)).collect())
        };
        // std panics when a drive fails in the close of a folder.
        let left = catch_unwind(AssertUnwindSafe(find)).unwrap_or_else(|_| Ok(Vec::new())).unwrap_or_default();
        if left.is_empty() {
            return;
        }
        if let Ok(mut lock) = Lock::open(&self.beside(".lock"))
            && lock.try_take().unwrap_or(false)
        {
            for path in left {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Whether `path` has a name as [`create`](FileStore::create) makes them.
    fn is_new(&self, path: &Path) -> bool {
        let name = |path: &Path| path.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
        let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        let (theirs, ours) = (name(path), name(&self.path));
        let middle = theirs.strip_prefix(ours.as_slice()).and_then(|rest| rest.strip_prefix(b"."));
        let middle = middle.and_then(|rest| rest.strip_suffix(b".new")).unwrap_or_default();
        let mut numbers = middle.splitn(2, |byte| *byte == b'-');
        numbers.next().is_some_and(digits) && numbers.next().is_some_and(digits)
    }

    fn unfit(&self, path: &Path, unfit: Unfit) -> Error {
        let file = path.display();
        match unfit {
            Unfit::Missing => {
                Error::new(Reason::StoreAccess, format_args!("The folder {} is gone", self.folder.display()))
            }
            Unfit::NoFile => Error::new(Reason::StoreBroken, format_args!("{file} is a folder, a link or the like")),
            Unfit::Exposed(how) => Error::new(Reason::StoreExposed, format_args!("{file} {how}")),
            Unfit::Failed(error) => failed("opened", path, &error),
        }
    }

    fn broken(&self, what: &str) -> Error {
        Error::new(Reason::StoreBroken, format_args!("The file {} {what}", self.path.display()))
    }
}

/// One user's record, for as long as it lives.
#[derive(Debug)]
pub struct UserLock<'a> {
    store: &'a FileStore,
    binding: Binding,
    lock: Lock,
}

impl UserLock<'_> {
    /// The record as it is now; `None` when there is none.
    pub fn read(&self) -> Result<Option<Record>, Error> {
        self.store.read(&self.binding)
    }

    /// Saves `record` so that it outlasts a loss of power.
    pub fn write(&self, record: &Record) -> Result<(), Error> {
        self.check()?;
        self.store.replace(&self.binding, Some(record))
    }

    /// Removes the record; nothing happens when there is none.
    pub fn remove(&self) -> Result<(), Error> {
        self.check()?;
        self.store.replace(&self.binding, None)
    }

    fn check(&self) -> Result<(), Error> {
        match self.lock.is_ours() {
            true => Ok(()),
            false => Err(Error::new(Reason::State, "The lock of this record belongs to the parent of this process")),
        }
    }
}

/// All of `file`, which has about `size` bytes; `None` when it has more than
/// `most`.
fn read_up_to(mut file: impl Read, size: usize, most: usize) -> io::Result<Option<SecretBytes>> {
    let mut text = SecretBytes::with_capacity(size.min(most) + 1);
    while text.expose().len() <= most {
        match text.push_from(1, |room| file.read(room)) {
            Ok(0) => return Ok(Some(text)),
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
    }
    Ok(None)
}

/// Writes all of `text` to the disk, and closes the file, which Windows wants
/// before it renames it.
fn fill(mut file: File, text: &SecretBytes) -> io::Result<()> {
    sys::make_private(&file)?;
    sys::check_size(text.expose().len())?;
    file.write_all(text.expose())?;
    file.sync_all()
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    let reason = if is_short(error) { Reason::Resources } else { Reason::StoreAccess };
    // The system's own text depends on the host's language.
    let number = error.raw_os_error().unwrap_or(0);
    Error::new(reason, format_args!("{} cannot be {what} ({}, system error {number})", path.display(), error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    /// Answers each read with the next of these.
    struct Pieces(Vec<io::Result<&'static [u8]>>);

    impl Read for Pieces {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let mut piece = self.0.remove(0)?;
            piece.read(room)
        }
    }

    #[test]
    fn a_read_goes_on_after_a_signal_and_ends_with_any_other_error() {
        let interrupted = || Err(Error::from(ErrorKind::Interrupted));
        let text = |pieces, most| {
            let text = read_up_to(Pieces(pieces), 4, most)?;
            Ok(text.map(|text| text.expose().to_vec()))
        };
        let whole = || vec![interrupted(), Ok(&b"ab"[..]), interrupted(), Ok(b"c"), Ok(b"")];
        assert_eq!(text(whole(), 3).expect("a text"), Some(b"abc".to_vec()));
        assert_eq!(text(whole(), 2).expect("a text"), None);
        let broken: io::Result<_> = text(vec![Ok(b"ab"), Err(Error::other("a disk")), Ok(b"c"), Ok(b"")], 3);
        assert_eq!(broken.expect_err("an error").kind(), ErrorKind::Other);
    }
}
