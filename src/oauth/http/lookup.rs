//! Names to addresses, kept for a while, looked up once however many ask.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use super::aside::Aside;
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

type LookUp = Aside<Vec<IpAddr>>;

/// What a client knows of names, in one process.
#[derive(Default)]
pub(crate) struct Addresses(Mutex<Vec<(String, Arc<LookUp>)>>);

impl Addresses {
    /// The addresses of `host`: given as one, known, or looked up.
    pub fn find(&self, call: &Call, lookup: Option<&Lookup>, host: &str) -> Result<Vec<IpAddr>, Error> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let look_up = {
            let mut entries = lock(&self.0);
            entries.retain(|(_, look_up)| look_up.serves(KEEP, |addresses| !addresses.is_empty()));
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
        lock(&self.0).retain(|(known, look_up)| known != host || look_up.is_running());
    }
}

fn begin(call: &Call, lookup: Option<Lookup>, host: &str) -> Result<Arc<LookUp>, Error> {
    let host = host.to_owned();
    Aside::start(call, "the name look-up", move || {
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
