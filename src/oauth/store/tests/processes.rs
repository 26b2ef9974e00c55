//! The file store between processes. Each test starts itself again, as a
//! process of its own, which is told its part by the environment: so the shell
//! can give it a umask, limits and another folder, and it can be killed.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::oauth::reason::Reason;
use crate::oauth::secret::Secret;

const PLACE: &str = "ROPC_TEST_STORE";

/// The store's path, in the process that a test started.
fn part() -> Option<String> {
    std::env::var(PLACE).ok()
}

/// Starts the test `name` again for the store at `path`, in a shell where
/// `first` was said.
fn start(name: &str, path: &str, first: &str) -> Child {
    let test = format!("{}::{name}", module_path!().trim_start_matches("ropc::"));
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{first}\nexec \"$0\" \"$@\"")]);
    command.arg(std::env::current_exe().expect("this program")).args(["--exact", &test, "--nocapture"]);
    command.env(PLACE, path).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("a process")
}

/// Waits until `child` has ended well.
#[track_caller]
fn join(child: Child) {
    let output = child.wait_with_output().expect("its end");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// Tells the process that started this one how far it is.
fn say(number: u64) {
    let _ = writeln!(io::stdout(), "\nat {number}");
}

/// The next number that a child says; `None` when it has ended.
fn hear(output: &mut BufReader<ChildStdout>) -> Option<u64> {
    loop {
        let mut line = String::new();
        // What a kill cut off was not said.
        if output.read_line(&mut line).expect("a line") == 0 || !line.ends_with('\n') {
            return None;
        }
        if let Some(number) = line.strip_prefix("at ") {
            return Some(number.trim().parse().expect("a number"));
        }
    }
}

#[test]
fn the_umask_does_not_matter() {
    if let Some(path) = part() {
        let store = FileStore::open(&path).expect("a store");
        // As if a process of the same number had been killed.
        fs::write(format!("{path}.{}-0.new", std::process::id()), "x").expect("a file");
        return save(&store, &user("ada"), &record(1));
    }
    for umask in ["0000", "0777", "0277"] {
        let place = Place::new();
        join(start("the_umask_does_not_matter", &place.file(), &format!("umask {umask}")));
        assert_eq!(place.store().read(&user("ada")).expect("readable"), Some(record(1)));
        let files = place.names(|_| true);
        assert_eq!(files.len(), 3, "{files:?}");
        for file in files {
            let mode = fs::metadata(place.path(&file)).expect("a file").permissions().mode();
            assert_eq!(mode & 0o7777, 0o600, "{file} under umask {umask}");
        }
    }
}

#[test]
fn a_write_that_fails_leaves_the_old_file() {
    if let Some(path) = part() {
        let store = FileStore::open(&path).expect("a store");
        let lock = store.lock(&user("ada"), &mut at_once).expect("the lock");
        let large = "r".repeat(100_000);
        let large = Record { refresh_token: Some(Secret::new(&large)), ..record(2) };
        let error = lock.write(&large).expect_err("no room");
        assert_eq!(error.reason, Reason::StoreAccess, "{error}");
        assert!(error.message.contains(&path), "{error}");
        assert_eq!(lock.read().expect("readable"), Some(record(1)));
        return lock.write(&record(3)).expect("there is room for this");
    }
    let place = Place::new();
    save(&place.store(), &user("ada"), &record(1));
    // Blocks of 512 or 1024 bytes; a file that grows past them is an error
    // like a full disk's.
    join(start("a_write_that_fails_leaves_the_old_file", &place.file(), "trap '' XFSZ; ulimit -f 64"));
    // Before anybody opens the store, who would remove them.
    assert_eq!(place.names(|name| name.ends_with(".new")), [""; 0]);
    assert_eq!(place.store().read(&user("ada")).expect("readable"), Some(record(3)));
}

#[test]
fn a_lack_of_descriptors_is_told_as_such() {
    if let Some(path) = part() {
        let store = FileStore::open(&path).expect("a store");
        let lock = store.lock(&user("ada"), &mut at_once).expect("the lock");
        let mut all = Vec::new();
        while let Ok(file) = fs::File::open("/dev/null") {
            all.push(file);
        }
        assert_eq!(lock.write(&record(2)).expect_err("no descriptor").reason, Reason::Resources);
        drop(all);
        return lock.write(&record(3)).expect("saved");
    }
    let place = Place::new();
    join(start("a_lack_of_descriptors_is_told_as_such", &place.file(), "ulimit -n 32"));
    assert_eq!(place.store().read(&user("ada")).expect("readable"), Some(record(3)));
}

#[test]
fn the_current_folder_may_change() {
    if let Some(path) = part() {
        let store = FileStore::open(&path).expect("a store");
        std::env::set_current_dir("/").expect("a folder");
        return save(&store, &user("ada"), &record(1));
    }
    let place = Place::new();
    join(start("the_current_folder_may_change", "store", &format!("cd '{}'", place.path("."))));
    assert_eq!(place.store().read(&user("ada")).expect("readable"), Some(record(1)));
}

#[test]
fn a_process_that_is_killed_lets_go() {
    if let Some(path) = part() {
        let store = FileStore::open(&path).expect("a store");
        let _lock = store.lock(&user("ada"), &mut at_once).expect("the lock");
        say(1);
        // Until killed, or left alone.
        let _ = io::stdin().read(&mut [0]);
        return;
    }
    let place = Place::new();
    let store = place.store();
    let mut child = start("a_process_that_is_killed_lets_go", &place.file(), "");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    assert_eq!(hear(&mut output), Some(1));
    let error = store.lock(&user("ada"), &mut at_once).expect_err("the child has it");
    assert_eq!(error.reason, Reason::StoreBusy);
    save(&store, &user("bob"), &record(1));
    child.kill().expect("killed");
    child.wait().expect("its end");
    save(&store, &user("ada"), &record(1));
}

#[test]
fn processes_take_turns() {
    const TURNS: u64 = 40;
    if let Some(path) = part() {
        let mut store = FileStore::open(&path).expect("a store");
        // On a busy disk three writes of others can take long.
        store.patience = Duration::from_secs(120);
        for _ in 0..TURNS {
            let lock = store.lock(&user("ada"), &mut soon()).expect("the lock");
            let old = lock.read().expect("readable").unwrap_or_default();
            lock.write(&record(old.generation + 1)).expect("saved");
            drop(lock);
            // Of its own, in the same file.
            save(&store, &user(&std::process::id().to_string()), &record(old.generation));
        }
        return;
    }
    let place = Place::new();
    let children = [1, 2, 3].map(|_| start("processes_take_turns", &place.file(), ""));
    let ids = children.each_ref().map(Child::id);
    children.into_iter().for_each(join);
    let store = place.store();
    assert_eq!(store.read(&user("ada")).expect("readable"), Some(record(3 * TURNS)));
    for id in ids {
        assert!(store.read(&user(&id.to_string())).expect("readable").is_some(), "a user was lost");
    }
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_or_the_new() {
    if let Some(path) = part() {
        let store = FileStore::open(&path).expect("a store");
        let lock = store.lock(&user("ada"), &mut at_once).expect("the killed one let go");
        let start = lock.read().expect("readable").unwrap_or_default().generation;
        for generation in start + 1..start + 5000 {
            lock.write(&record(generation)).expect("saved");
            say(generation);
        }
        return;
    }
    let place = Place::new();
    let mut left_overs = 0;
    for turn in 0..50 {
        let mut child = start("a_kill_at_any_moment_leaves_the_old_or_the_new", &place.file(), "");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let mut said = hear(&mut output).expect("the first write");
        // Somewhere in the next writes, at another place each time.
        let moment = Instant::now() + Duration::from_micros(turn * 83);
        while Instant::now() < moment {}
        child.kill().expect("killed");
        child.wait().expect("its end");
        while let Some(more) = hear(&mut output) {
            said = more;
        }
        left_overs += place.names(|name| name.ends_with(".new")).len();
        let store = place.store();
        let found = store.read(&user("ada")).expect("readable").expect("a record");
        assert!([said, said + 1].contains(&found.generation), "{} after {said}", found.generation);
        let generation = found.generation;
        assert!(found == record(generation), "a mixture of records");
        assert_eq!(place.names(|name| name.ends_with(".new")), [""; 0]);
    }
    assert!(left_overs > 0, "no kill came in the middle of a write");
}
