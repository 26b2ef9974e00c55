//! Connections that wait for the next request.

use std::time::{Duration, Instant, SystemTime};

use super::conn::Conn;
use crate::oauth::sys::sync::{Mutex, lock};
use crate::oauth::url::Origin;

/// A host that closes our descriptors is not quicker: a connection that rested
/// for less is not looked at, which saves calls in a row a system call each.
const RESTED: Duration = Duration::from_millis(10);

/// A connection, and how long it may wait.
pub(crate) struct Idle {
    origin: Origin,
    since: Instant,
    /// The wall clock too: the other one stops while a machine sleeps, and
    /// yesterday's connection would look new.
    since_wall: SystemTime,
    keep: Duration,
    pub conn: Conn,
}

impl Idle {
    /// A connection that waits from now on, at most `keep`.
    pub fn new(origin: Origin, conn: Conn, keep: Duration) -> Idle {
        Idle { origin, since: Instant::now(), since_wall: SystemTime::now(), keep, conn }
    }

    /// How long it may still wait.
    pub fn left(&self) -> Duration {
        // A wall clock that went back tells nothing of the time since.
        let wall = self.since_wall.elapsed().unwrap_or(Duration::MAX);
        self.keep.saturating_sub(self.since.elapsed().max(wall))
    }
}

/// The idle connections of one client in one process.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Idle>>);

impl Pool {
    /// The connection to `origin` used last, if one is young and alive.
    pub fn take(&self, origin: &Origin) -> Option<Idle> {
        loop {
            let mut idle = {
                let mut pool = lock(&self.0);
                pool.retain(|idle| !idle.left().is_zero());
                let at = pool.iter().rposition(|idle| idle.origin == *origin)?;
                pool.remove(at)
            };
            // Outside the lock: it is a system call.
            if (idle.since.elapsed() < RESTED || idle.conn.is_ours()) && idle.conn.is_alive() {
                return Some(idle);
            }
        }
    }

    /// Keeps a connection whose last exchange ended cleanly, or that had none
    /// yet.
    pub fn put(&self, idle: Idle, most: usize) {
        let mut pool = lock(&self.0);
        pool.retain(|idle| !idle.left().is_zero());
        if pool.len() >= most {
            let oldest = pool.iter().enumerate().min_by_key(|(_, idle)| idle.since).map(|(at, _)| at);
            match oldest {
                Some(at) => drop(pool.remove(at)),
                None => return,
            }
        }
        pool.push(idle);
    }

    /// Closes all connections to `origin`.
    pub fn close(&self, origin: &Origin) {
        lock(&self.0).retain(|idle| idle.origin != *origin);
    }

    /// In the child of a fork: closes this process's copies, which does not
    /// disturb the parent's. If another thread held the lock at that moment,
    /// the copies stay open until exec or exit.
    pub fn close_inherited(&self) {
        if let Ok(mut pool) = self.0.try_lock() {
            pool.clear();
        }
    }
}
