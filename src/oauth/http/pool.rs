//! Connections that wait for the next request.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use super::conn::Conn;
use crate::oauth::sys::fork::lock;
use crate::oauth::url::Origin;

struct Idle {
    origin: Origin,
    since: Instant,
    /// The wall clock too: the other one stops while a machine sleeps, and
    /// yesterday's connection would look new.
    since_wall: SystemTime,
    conn: Conn,
}

/// The idle connections of one client in one process.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Idle>>);

impl Pool {
    /// The connection to `origin` used last, if one is young and alive.
    pub fn take(&self, origin: &Origin, idle_ms: u32) -> Option<Conn> {
        loop {
            let mut idle = {
                let mut pool = lock(&self.0);
                purge(&mut pool, idle_ms);
                let at = pool.iter().rposition(|idle| idle.origin == *origin)?;
                pool.remove(at)
            };
            // Outside the lock: it is a system call.
            if idle.conn.is_alive() {
                return Some(idle.conn);
            }
        }
    }

    /// Keeps a connection whose last exchange ended cleanly.
    pub fn put(&self, origin: Origin, conn: Conn, most: usize, idle_ms: u32) {
        let mut pool = lock(&self.0);
        purge(&mut pool, idle_ms);
        if pool.len() >= most {
            let oldest = pool.iter().enumerate().min_by_key(|(_, idle)| idle.since).map(|(at, _)| at);
            match oldest {
                Some(at) => drop(pool.remove(at)),
                None => return,
            }
        }
        pool.push(Idle { origin, since: Instant::now(), since_wall: SystemTime::now(), conn });
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

fn purge(pool: &mut Vec<Idle>, idle_ms: u32) {
    let age = Duration::from_millis(idle_ms.into());
    let young =
        |idle: &Idle| idle.since.elapsed() < age && idle.since_wall.elapsed().is_ok_and(|elapsed| elapsed < age);
    pool.retain(young);
}
