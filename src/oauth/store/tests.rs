//! The file store within one process; see `processes` for several.

mod processes;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::oauth::error::Error;
use crate::oauth::reason::Reason;
use crate::oauth::secret::Secret;
use crate::oauth::sys::file::Lock;
use crate::oauth::sys::fork::tests::forked;

/// A folder of its own, gone with the value.
pub struct Place(PathBuf);

impl Place {
    pub fn new() -> Place {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("ropc-store-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder");
        Place(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("UTF-8").to_owned()
    }

    pub fn file(&self) -> String {
        self.path("store")
    }

    pub fn store(&self) -> FileStore {
        FileStore::open(&self.file()).expect("a store")
    }

    /// Makes the store's file, as its owner would.
    fn put(&self, text: &str) {
        fs::write(self.file(), text).expect("a file");
        self.mode(0o600);
    }

    fn mode(&self, mode: u32) {
        fs::set_permissions(self.file(), PermissionsExt::from_mode(mode)).expect("a mode");
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).expect("a file")
    }

    /// The names in it that `wanted` chooses.
    pub fn names(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_str().expect("UTF-8").to_owned());
        let mut names: Vec<String> = names.filter(|name| wanted(name)).collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn user(key: &str) -> Binding {
    Binding { origin: "https://a.example".into(), client_id: "app".into(), user_key: key.into() }
}

/// Records differ in all their bytes, so that no mixture of two is one.
pub fn record(generation: u64) -> Record {
    let token = format!("{generation}.").repeat(2000);
    Record { generation, refresh_token: Some(Secret::new(&token)), ..Record::default() }
}

/// For locks that nobody has.
pub fn at_once(_: Duration) -> Result<(), Error> {
    Err(Error::new(Reason::StoreBusy, "Somebody has the lock"))
}

/// For locks that somebody lets go of.
pub fn soon() -> impl FnMut(Duration) -> Result<(), Error> {
    let until = Instant::now() + Duration::from_secs(120);
    move |pause| {
        assert!(Instant::now() < until, "nobody lets go of the lock");
        thread::sleep(pause);
        Ok(())
    }
}

#[track_caller]
pub fn save(store: &FileStore, binding: &Binding, record: &Record) {
    store.lock(binding, &mut at_once).expect("the lock").write(record).expect("saved");
}

fn read(store: &FileStore, key: &str) -> Option<Record> {
    store.read(&user(key)).expect("readable")
}

#[track_caller]
fn refused<T>(result: Result<T, Error>, reason: Reason) -> String {
    let error = result.err().expect("refused");
    assert_eq!(error.reason, reason, "{error}");
    error.message.clone()
}

/// Neither reading nor writing nor removing works, and nothing is changed.
#[track_caller]
fn all_refused(place: &Place, store: &FileStore, reason: Reason) {
    let before = fs::read(place.file()).unwrap_or_default();
    let lock = store.lock(&user("ada"), &mut at_once).expect("the lock");
    refused(store.read(&user("ada")), reason);
    refused(lock.read(), reason);
    refused(lock.write(&record(9)), reason);
    refused(lock.remove(), reason);
    assert_eq!(fs::read(place.file()).unwrap_or_default(), before);
    assert_eq!(place.names(|name| name.ends_with(".new")), [""; 0]);
}

#[test]
fn what_is_saved_is_there_for_the_next_program() {
    let place = Place::new();
    let store = place.store();
    assert_eq!(read(&store, "ada"), None);
    let lock = store.lock(&user("ada"), &mut at_once).expect("the lock");
    lock.remove().expect("nothing to remove");
    assert!(!Path::new(&place.file()).exists());
    lock.write(&record(1)).expect("saved");
    lock.write(&record(2)).expect("saved");
    assert_eq!(lock.read().expect("readable"), Some(record(2)));
    drop(lock);
    assert_eq!(read(&place.store(), "ada"), Some(record(2)));
    store.lock(&user("ada"), &mut at_once).expect("the lock").remove().expect("removed");
    assert_eq!((read(&store, "ada"), place.text().as_str()), (None, "{\"ropc_store\":1,\"users\":{}}\n"));
}

#[test]
fn users_do_not_disturb_each_other() {
    let place = Place::new();
    let store = place.store();
    let ada = store.lock(&user("ada"), &mut at_once).expect("the lock");
    let odd = "b\u{f6}b\"\\\n\u{0}\u{1f600}";
    save(&store, &user(odd), &record(2));
    ada.write(&record(1)).expect("saved");
    save(&store, &user(odd), &record(3));
    assert_eq!((read(&store, "ada"), read(&store, odd)), (Some(record(1)), Some(record(3))));
    ada.remove().expect("removed");
    assert_eq!((read(&store, "ada"), read(&place.store(), odd)), (None, Some(record(3))));
    // The same user at another server is another one for the lock, too.
    let elsewhere = Binding { origin: "https://b.example".into(), ..user("ada") };
    assert!(store.lock(&elsewhere, &mut at_once).is_ok());
    refused(store.lock(&user("ada"), &mut at_once), Reason::StoreBusy);
}

#[test]
fn a_file_that_others_can_use_is_refused() {
    let place = Place::new();
    let store = place.store();
    save(&store, &user("ada"), &record(1));
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666] {
        place.mode(mode);
        let message = refused(FileStore::open(&place.file()), Reason::StoreExposed);
        assert!(message.contains(&place.file()), "{message}");
        all_refused(&place, &store, Reason::StoreExposed);
    }
    place.mode(0o600);
    assert_eq!(read(&store, "ada"), Some(record(1)));
    // Whoever may open a lock file can keep us out.
    for lock in place.names(|name| name.ends_with(".lock")) {
        fs::set_permissions(place.path(&lock), PermissionsExt::from_mode(0o666)).expect("a mode");
    }
    refused(store.lock(&user("ada"), &mut at_once), Reason::StoreExposed);
}

#[test]
fn a_file_of_another_user_is_refused() {
    let place = Place::new();
    place.put("{\"ropc_store\":1,\"users\":{}}");
    // Only root can give it away; for everybody else there is one of root's.
    let given = std::os::unix::fs::chown(place.file(), Some(12_345), None).is_ok();
    let theirs = if given { place.file() } else { "/etc/passwd".to_owned() };
    let message = refused(FileStore::open(&theirs), Reason::StoreExposed);
    assert!(message.contains("another user"), "{message}");
}

#[test]
fn what_is_no_file_is_refused_and_never_waited_for() {
    let place = Place::new();
    let (store, path) = (place.store(), place.file());
    let elsewhere = place.path("elsewhere");
    save(&FileStore::open(&elsewhere).expect("a store"), &user("ada"), &record(1));
    symlink(&elsewhere, &path).expect("a link");
    refused(FileStore::open(&path), Reason::StoreBroken);
    all_refused(&place, &store, Reason::StoreBroken);
    fs::remove_file(&path).expect("a link");
    symlink(place.path("nowhere"), &path).expect("a link");
    all_refused(&place, &store, Reason::StoreBroken);
    fs::remove_file(&path).expect("a link");
    fs::create_dir(&path).expect("a folder");
    all_refused(&place, &store, Reason::StoreBroken);
    fs::remove_dir(&path).expect("a folder");
    assert!(Command::new("mkfifo").args(["-m", "600", &path]).status().expect("mkfifo").success());
    refused(FileStore::open(&path), Reason::StoreBroken);
    fs::remove_file(&path).expect("a pipe");
    save(&store, &user("ada"), &record(1));
}

#[test]
fn what_is_not_ours_is_left_as_it_is() {
    let place = Place::new();
    let store = place.store();
    for text in ["", "hello", "{}", r#"{"ropc_store":2,"users":{}}"#, r#"{"ropc_store":1,"users":{"ada":{},"ada":{}}}"#]
    {
        place.put(text);
        let message = refused(FileStore::open(&place.file()), Reason::StoreBroken);
        assert!(message.contains(&place.file()), "{message}");
        all_refused(&place, &store, Reason::StoreBroken);
    }
    // One record of a later version: its user cannot go on, others can.
    place.put(r#"{"ropc_store":1,"users":{"ada":{"ropc_record":2,"x" : 1}}}"#);
    all_refused(&place, &place.store(), Reason::StoreBroken);
    save(&store, &user("bob"), &record(1));
    assert!(place.text().contains(r#"{"ropc_record":2,"x" : 1}"#));
    // Another application, which calls its user the same.
    fs::remove_file(place.file()).expect("the file");
    save(&store, &Binding { client_id: "other".into(), ..user("ada") }, &record(1));
    all_refused(&place, &store, Reason::StoreForeign);
    let message = refused(store.read(&user("ada")), Reason::StoreForeign);
    assert!(message.contains(&place.file()) && message.contains("application"), "{message}");
}

#[test]
fn paths_that_cannot_be_are_refused() {
    let place = Place::new();
    for path in ["", "/", "..", "store/", "a\0b", &"x".repeat(5000)] {
        refused(FileStore::open(path), Reason::Argument);
    }
    let message = refused(FileStore::open(&place.path("none/store")), Reason::StoreAccess);
    assert!(message.contains("none"), "{message}");
    place.put("{\"ropc_store\":1,\"users\":{}}");
    refused(FileStore::open(&place.path("store/store")), Reason::StoreAccess);
    let store = place.store();
    fs::rename(&place.0, place.0.with_extension("away")).expect("renamed");
    refused(store.lock(&user("ada"), &mut at_once), Reason::StoreAccess);
    fs::rename(place.0.with_extension("away"), &place.0).expect("renamed");
    save(&store, &user("ada"), &record(1));
}

#[test]
fn a_file_has_an_end() {
    let place = Place::new();
    let store = place.store();
    const MOST: usize = 16 * 1024 * 1024;
    let around = r#"{"ropc_store":1,"users":{"bob":""}}"#.len();
    let bob = "b".repeat(MOST - around);
    place.put(&format!(r#"{{"ropc_store":1,"users":{{"bob":"{bob}"}}}}"#));
    let ada = store.lock(&user("ada"), &mut at_once).expect("the lock");
    assert_eq!(read(&place.store(), "ada"), None);
    let message = refused(ada.write(&record(1)), Reason::StoreAccess);
    assert!(message.contains("full"), "{message}");
    assert_eq!(place.names(|name| name.ends_with(".new")), [""; 0]);
    assert!(place.text().ends_with("bb\"}}") && place.text().len() == MOST, "the file was changed");
    fs::File::options().write(true).open(place.file()).expect("the file").set_len(MOST as u64 + 1).expect("longer");
    let message = refused(FileStore::open(&place.file()), Reason::StoreBroken);
    assert!(message.contains("too large"), "{message}");
    let users: Vec<String> = (0..500).map(|at| format!("\"{at}\":{{}}")).collect();
    place.put(&format!(r#"{{"ropc_store":1,"users":{{{}}}}}"#, users.join(",")));
    let message = refused(ada.write(&record(1)), Reason::StoreAccess);
    assert!(message.contains("full"), "{message}");
}

#[test]
fn a_file_may_be_full_to_its_last_byte() {
    let place = Place::new();
    let store = place.store();
    let ada = store.lock(&user("ada"), &mut at_once).expect("the lock");
    ada.write(&record(1)).expect("saved");
    const MOST: usize = 16 * 1024 * 1024;
    let more = MOST - place.text().len() - r#","bob":"""#.len();
    for (more, fits) in [(more, true), (more + 1, false)] {
        // What is written has a newline at its end, what is read need not.
        place.put(&format!(r#"{{"ropc_store":1,"users":{{"bob":"{}"}}}}"#, "b".repeat(more)));
        let result = ada.write(&record(1));
        assert_eq!((result.is_ok(), place.text().len() == MOST), (fits, fits), "{result:?}");
    }
}

#[test]
fn threads_take_turns() {
    let place = Place::new();
    let inside = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store = place.store();
                for _ in 0..25 {
                    let lock = store.lock(&user("ada"), &mut soon()).expect("the lock");
                    assert!(!inside.swap(true, Ordering::SeqCst), "two have the lock");
                    let old = lock.read().expect("readable").unwrap_or_default();
                    lock.write(&record(old.generation + 1)).expect("saved");
                    inside.store(false, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(read(&place.store(), "ada"), Some(record(100)));
}

#[test]
fn whoever_waits_decides_how_long() {
    let place = Place::new();
    let store = place.store();
    let held = store.lock(&user("ada"), &mut at_once).expect("the lock");
    let mut pauses = Vec::new();
    let mut wait = |pause: Duration| {
        pauses.push(pause.as_millis());
        if pauses.len() < 8 { Ok(()) } else { Err(Error::new(Reason::Cancelled, "The program asked for it")) }
    };
    refused(store.lock(&user("ada"), &mut wait), Reason::Cancelled);
    assert_eq!(pauses, [2, 4, 8, 16, 32, 50, 50, 50]);
    let mut held = Some(held);
    let mut wait = |_: Duration| {
        held = None;
        Ok(())
    };
    assert!(store.lock(&user("ada"), &mut wait).is_ok(), "the lock was let go of in the first pause");
}

#[test]
fn a_write_does_not_wait_for_ever() {
    let place = Place::new();
    let mut store = place.store();
    store.patience = Duration::from_millis(100);
    save(&store, &user("ada"), &record(1));
    let mut all = Lock::open(Path::new(&place.path("store.lock"))).expect("a lock");
    assert!(all.try_take().expect("locks work"));
    let lock = store.lock(&user("ada"), &mut at_once).expect("the lock");
    let started = Instant::now();
    refused(lock.write(&record(2)), Reason::StoreBusy);
    assert!((100..10_000).contains(&started.elapsed().as_millis()));
    assert_eq!(lock.read().expect("reading needs no lock"), Some(record(1)));
    drop(all);
    lock.write(&record(2)).expect("saved");
}

#[test]
fn the_child_of_a_fork_must_lock_for_itself() {
    let place = Place::new();
    let store = place.store();
    let lock = store.lock(&user("ada"), &mut at_once).expect("the lock");
    lock.write(&record(1)).expect("saved");
    let refused_in_child = forked(|| {
        let state = |result: Result<(), Error>| result.is_err_and(|error| error.reason == Reason::State);
        state(lock.write(&record(2))) && state(lock.remove()) && read(&store, "ada") == Some(record(1))
    });
    assert!(refused_in_child());
    drop(lock);
    assert!(forked(|| store.lock(&user("ada"), &mut at_once).is_ok_and(|lock| lock.write(&record(3)).is_ok()))());
    assert_eq!(read(&store, "ada"), Some(record(3)));
}

#[test]
fn a_reader_never_sees_half_a_file() {
    let place = Place::new();
    let store = place.store();
    save(&store, &user("ada"), &record(1));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut last, mut seen) = (0, 0);
            while !done.load(Ordering::Relaxed) {
                let found = read(&store, "ada").expect("a record");
                assert!(found.generation >= last && found == record(found.generation));
                seen += u32::from(found.generation > last);
                last = found.generation;
            }
            seen
        });
        let lock = store.lock(&user("ada"), &mut at_once).expect("the lock");
        for generation in 2..=500 {
            lock.write(&record(generation)).expect("saved");
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().expect("all was well") > 5, "the reader saw nothing of it");
    });
    assert_eq!(place.names(|name| name.ends_with(".new")), [""; 0]);
}

#[test]
fn what_killed_processes_left_is_removed() {
    let place = Place::new();
    save(&place.store(), &user("ada"), &record(1));
    let left = ["store.1-0.new", "store.4294967295-18446744073709551615.new"];
    let kept = ["store.1-0.newer", "store.-0.new", "store.1-.new", "store.new", "store.1-0-1.new", "store2.1-0.new"];
    for name in left.iter().chain(&kept) {
        fs::write(place.path(name), "x").expect("a file");
    }
    let unrelated = |name: &str| name != "store" && !name.ends_with(".lock");
    let mut all = Lock::open(Path::new(&place.path("store.lock"))).expect("a lock");
    assert!(all.try_take().expect("locks work"));
    place.store();
    assert_eq!(place.names(unrelated).len(), left.len() + kept.len(), "somebody is in the middle of a write");
    drop(all);
    place.store();
    let mut kept = kept.map(str::to_owned);
    kept.sort();
    assert_eq!(place.names(unrelated), kept);
}
