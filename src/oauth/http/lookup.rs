//! Names to addresses, kept for a while, looked up once however many ask.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use super::aside::{Aside, Place};
use crate::oauth::call::Call;
use crate::oauth::error::Error;
use crate::oauth::options::Lookup;
use crate::oauth::reason::Reason;
use crate::oauth::sys::sync::{Mutex, lock};

/// How long an answer is good. The system tells no lifetime; short enough that
/// a moved site is found again, long enough for a burst of logins.
const KEEP: Duration = Duration::from_secs(30);
/// Addresses used of one answer.
const MOST_ADDRESSES: usize = 16;

type Search = Aside<Vec<IpAddr>>;

/// What a client knows of names, in one process.
#[derive(Default)]
pub(crate) struct Addresses(Mutex<Vec<(String, Arc<Search>)>>);

impl Addresses {
    /// The addresses of `host`: given as one, known, or looked up.
    pub fn find(&self, call: &Call, lookup: Option<&Lookup>, host: &str) -> Result<Vec<IpAddr>, Error> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let known = known(&mut lock(&self.0), host);
        let search = known.map_or_else(|| self.begin(call, lookup, host), Ok)?;
        match search.wait(call)? {
            Ok(addresses) if !addresses.is_empty() => Ok(addresses),
            Ok(_) => Err(call.error(Reason::Unresolved, format_args!("The name {host} has no address"))),
            Err(problem) => {
                Err(call.error(Reason::Unresolved, format_args!("The name {host} was not found ({problem})")))
            }
        }
    }

    fn begin(&self, call: &Call, lookup: Option<&Lookup>, host: &str) -> Result<Arc<Search>, Error> {
        let place = Place::take(call)?;
        let mut entries = lock(&self.0);
        // Another call may have been quicker.
        if let Some(search) = known(&mut entries, host) {
            return Ok(search);
        }
        let search = start(call, place, lookup.cloned(), host)?;
        entries.push((host.to_owned(), search.clone()));
        Ok(search)
    }

    /// Looks `host` up again next time.
    pub fn forget(&self, host: &str) {
        lock(&self.0).retain(|(known, search)| known != host || search.is_running());
    }
}

/// The look-up of `host` that serves now, if there is one.
fn known(entries: &mut Vec<(String, Arc<Search>)>, host: &str) -> Option<Arc<Search>> {
    entries.retain(|(_, search)| search.serves(KEEP, |addresses| !addresses.is_empty()));
    entries.iter().find(|(known, _)| known == host).map(|(_, search)| search.clone())
}

fn start(call: &Call, place: Place, lookup: Option<Lookup>, host: &str) -> Result<Arc<Search>, Error> {
    let host = host.to_owned();
    Aside::start(call, place, "the name look-up", move || {
        let found = match lookup {
            Some(lookup) => lookup(&host),
            None => system(&host),
        };
        let mut addresses = found.map_err(|error| reason(&error))?;
        addresses.truncate(MOST_ADDRESSES);
        Ok(addresses)
    })
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

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::oauth::call::TimeLimits;

    #[test]
    fn only_the_name_that_is_forgotten_is_looked_up_again() {
        let call = Call::new(TimeLimits { connect_ms: 60_000, total_ms: 60_000 });
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let lookup: Lookup = Arc::new(move |_: &str| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(vec![Ipv4Addr::LOCALHOST.into()])
        });
        let addresses = Addresses::default();
        let found = |host| {
            assert_eq!(addresses.find(&call, Some(&lookup), host).expect("an address"), [Ipv4Addr::LOCALHOST]);
            count.load(Ordering::Relaxed)
        };
        assert_eq!(["one.test", "two.test", "one.test"].map(found), [1, 2, 2]);
        addresses.forget("one.test");
        assert_eq!(["two.test", "one.test", "two.test"].map(found), [2, 3, 3]);
    }

    #[test]
    fn what_is_under_way_is_not_begun_a_second_time() {
        let call = |total_ms| Call::new(TimeLimits { connect_ms: total_ms, total_ms });
        let (count, (release, released)) = (Arc::new(AtomicUsize::new(0)), std::sync::mpsc::channel::<()>());
        let (counted, released) = (count.clone(), std::sync::Mutex::new(released));
        let lookup: Lookup = Arc::new(move |_: &str| {
            counted.fetch_add(1, Ordering::Relaxed);
            let _ = released.lock().map(|released| released.recv());
            Ok(vec![Ipv4Addr::LOCALHOST.into()])
        });
        let addresses = Addresses::default();
        for _ in 0..2 {
            let error = addresses.find(&call(50), Some(&lookup), "slow.test").expect_err("it hangs");
            assert_eq!(error.reason, Reason::TimedOut);
            addresses.forget("slow.test");
        }
        assert_eq!(count.load(Ordering::Relaxed), 1);
        release.send(()).expect("it waits");
        assert_eq!(addresses.find(&call(60_000), Some(&lookup), "slow.test").expect("found"), [Ipv4Addr::LOCALHOST]);
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_failure_is_told_in_the_system_s_words_alone() {
        let error = |text: &str| reason(&io::Error::other(text.to_owned()));
        assert_eq!(
            error("failed to lookup address information: Name or service not known"),
            "Name or service not known"
        );
        assert_eq!(error("no such host"), "no such host");
        assert_eq!(error(&"long ".repeat(100)).len(), 120);
    }
}
