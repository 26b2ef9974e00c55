//! Names to addresses. The system's look-up can neither be given a deadline nor
//! be stopped, so it runs on a thread of its own that a call may leave behind;
//! how many may be left behind is bounded.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::options::Lookup;
use crate::oauth::reason::Reason;
use crate::oauth::sys::fork::{Local, lock};

/// How long an answer is good. The system tells no lifetime; short enough that
/// a moved site is found again, long enough for a burst of logins.
const KEEP: Duration = Duration::from_secs(30);
/// Addresses used of one answer.
const MOST_ADDRESSES: usize = 16;
/// Look-ups under way at once in the whole process.
const MOST_LOOKUPS: usize = 16;
/// How long a wait may last before cancel and clock are looked at.
const SLICE: Duration = Duration::from_millis(50);
/// glibc's resolver wants more than the smallest stack, far less than 2 MiB.
const STACK_BYTES: usize = 256 * 1024;

type Found = Result<Vec<IpAddr>, String>;

/// One look-up, under way or ended, and everyone who waits for it.
#[derive(Default)]
struct LookUp {
    found: Mutex<Option<(Found, Instant)>>,
    done: Condvar,
}

impl LookUp {
    /// Whether it may serve a call that comes now: under way, or an answer
    /// that is not too old. A failure serves only those who waited for it.
    fn is_good(&self) -> bool {
        match &*lock(&self.found) {
            None => true,
            Some((Ok(addresses), at)) => !addresses.is_empty() && at.elapsed() < KEEP,
            Some((Err(_), _)) => false,
        }
    }

    fn wait(&self, call: &Call) -> Result<Found, Error> {
        let mut found = lock(&self.found);
        loop {
            if let Some((found, _)) = &*found {
                return Ok(found.clone());
            }
            let slice = call.left()?.min(SLICE);
            let (guard, _) = self.done.wait_timeout(found, slice).unwrap_or_else(PoisonError::into_inner);
            found = guard;
        }
    }
}

/// What a client knows of names, in one process.
#[derive(Default)]
pub(crate) struct Addresses(Mutex<Vec<(String, Arc<LookUp>)>>);

impl Addresses {
    /// The addresses of `host`, known, given as an address, or looked up: once,
    /// however many ask.
    pub fn find(&self, call: &Call, lookup: Option<&Lookup>, host: &str) -> Result<Vec<IpAddr>, Error> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let look_up = {
            let mut entries = lock(&self.0);
            entries.retain(|(_, look_up)| look_up.is_good());
            match entries.iter().find(|(known, _)| known == host) {
                Some((_, look_up)) => look_up.clone(),
                None => {
                    let look_up = begin(call, lookup.cloned(), host)?;
                    entries.push((host.to_owned(), look_up.clone()));
                    look_up
                }
            }
        };
        match look_up.wait(call)? {
            Ok(addresses) if !addresses.is_empty() => Ok(addresses),
            Ok(_) => Err(call.error(Reason::Unresolved, format_args!("The name {host} has no address"))),
            Err(problem) => {
                Err(call.error(Reason::Unresolved, format_args!("The name {host} was not found ({problem})")))
            }
        }
    }

    /// Looks `host` up again next time.
    pub fn forget(&self, host: &str) {
        lock(&self.0).retain(|(known, look_up)| known != host || lock(&look_up.found).is_none());
    }
}

/// The count of look-ups in this process: a child of fork has none.
fn running() -> &'static AtomicUsize {
    static RUNNING: OnceBox<Local<AtomicUsize>> = OnceBox::new();
    RUNNING.get_or_init(|| Box::new(Local::new(AtomicUsize::default))).get()
}

fn begin(call: &Call, lookup: Option<Lookup>, host: &str) -> Result<Arc<LookUp>, Error> {
    let running = running();
    if running.fetch_add(1, Ordering::Relaxed) >= MOST_LOOKUPS {
        running.fetch_sub(1, Ordering::Relaxed);
        let what = format_args!("{MOST_LOOKUPS} name look-ups of this process are still without an answer");
        return Err(call.error(Reason::Resources, what));
    }
    let look_up = Arc::new(LookUp::default());
    let (theirs, host) = (look_up.clone(), host.to_owned());
    let work = move || {
        let look = || match lookup {
            Some(lookup) => lookup(&host),
            None => system(&host),
        };
        // The program's own look-up may panic; whoever waits must learn of it.
        let found = catch_unwind(AssertUnwindSafe(look));
        running.fetch_sub(1, Ordering::Relaxed);
        let mut found = match found {
            Ok(found) => found.map_err(|error| reason(&error)),
            Err(_) => Err("the look-up panicked".to_owned()),
        };
        if let Ok(addresses) = &mut found {
            addresses.truncate(MOST_ADDRESSES);
        }
        *lock(&theirs.found) = Some((found, Instant::now()));
        theirs.done.notify_all();
    };
    crate::oauth::sys::stay_loaded();
    let thread = thread::Builder::new().name("ropc-lookup".into()).stack_size(STACK_BYTES).spawn(work);
    match thread {
        Ok(_) => Ok(look_up),
        Err(_) => {
            running.fetch_sub(1, Ordering::Relaxed);
            Err(call.error(Reason::Resources, "No thread could be started for the name look-up"))
        }
    }
}

fn system(host: &str) -> io::Result<Vec<IpAddr>> {
    Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

/// std's text for getaddrinfo's errors, without its preamble.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let short = text.rsplit(": ").next().unwrap_or(&text);
    short.chars().take(120).collect()
}
