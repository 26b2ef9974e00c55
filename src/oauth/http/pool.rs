//! Connections that wait for the next request.

use std::time::Duration;

use super::conn::Conn;
use crate::oauth::sys::clock::{elapsed_ms, wall_at};
use crate::oauth::sys::sync::{Mutex, lock};
use crate::oauth::url::Origin;

/// A host that closes our descriptors is not quicker: a connection that rested
/// for less is not looked at, which saves calls in a row a system call each.
const RESTED: Duration = Duration::from_millis(10);

/// A point in time by two clocks: one that goes on while a machine sleeps, and
/// the wall's, which is right again after a virtual machine was halted. Else
/// yesterday's connection would look new.
#[derive(Clone, Copy)]
struct Moment {
    elapsed_ms: u64,
    wall_at: i64,
}

impl Moment {
    fn now() -> Moment {
        Moment { elapsed_ms: elapsed_ms(), wall_at: wall_at() }
    }

    /// The time since `earlier`; none if that came later, in another thread.
    fn since(self, earlier: Moment) -> Duration {
        let elapsed = Duration::from_millis(self.elapsed_ms.saturating_sub(earlier.elapsed_ms));
        // Less one: the first second had begun before.
        let wall = Duration::from_secs(u64::try_from(self.wall_at - earlier.wall_at - 1).unwrap_or(0));
        elapsed.max(wall)
    }
}

/// A connection, and how long it may wait.
pub(crate) struct Idle {
    pub origin: Origin,
    since: Moment,
    keep: Duration,
    pub conn: Box<Conn>,
}

impl Idle {
    /// A connection that waits from now on, at most `keep`.
    pub fn new(origin: Origin, conn: Box<Conn>, keep: Duration) -> Idle {
        Idle { origin, since: Moment::now(), keep, conn }
    }

    /// How long it may still wait.
    pub fn left(&self) -> Duration {
        self.left_at(Moment::now())
    }

    fn left_at(&self, now: Moment) -> Duration {
        self.keep.saturating_sub(now.since(self.since))
    }
}

/// The idle connections of one client in one process.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Idle>>);

impl Pool {
    /// The connection to `origin` used last, if one is young and alive.
    pub fn take(&self, origin: &Origin) -> Option<Idle> {
        loop {
            let now = Moment::now();
            let mut idle = {
                let mut pool = lock(&self.0);
                pool.retain(|idle| !idle.left_at(now).is_zero());
                let at = pool.iter().rposition(|idle| idle.origin == *origin)?;
                pool.remove(at)
            };
            // Outside the lock: it is a system call.
            if (now.since(idle.since) < RESTED || idle.conn.is_ours()) && idle.conn.is_alive() {
                return Some(idle);
            }
        }
    }

    /// Keeps a connection whose last exchange ended cleanly, or that had none
    /// yet.
    pub fn put(&self, idle: Idle, most: usize) {
        let now = idle.since;
        let mut pool = lock(&self.0);
        pool.retain(|idle| !idle.left_at(now).is_zero());
        if pool.len() >= most {
            let oldest = pool.iter().enumerate().min_by_key(|(_, idle)| idle.since.elapsed_ms).map(|(at, _)| at);
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

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::super::conn::tests::{call, pair};
    use super::*;

    fn origin(port: u16) -> Origin {
        Origin { https: true, host: "a.example".into(), port }
    }

    /// An idle connection, its other end, and by which port of its own it is known.
    fn idle(port: u16, keep: Duration) -> (Idle, TcpStream, u16) {
        let (conn, server) = pair(&call(60_000));
        let known = server.peer_addr().expect("its address").port();
        (Idle::new(origin(port), conn, keep), server, known)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_connection_that_was_used_last_comes_first() {
        let pool = Pool::default();
        assert!(pool.take(&origin(443)).is_none());
        let mut ends = Vec::new();
        for port in [443, 443, 444] {
            let (idle, server, known) = idle(port, MINUTE);
            ends.push((server, known));
            pool.put(idle, 3);
        }
        let taken = |port| pool.take(&origin(port)).map(|idle| idle.conn.port());
        assert_eq!([taken(443), taken(443), taken(443)], [Some(ends[1].1), Some(ends[0].1), None]);
        assert_eq!([taken(444), taken(444)], [Some(ends[2].1), None]);
    }

    #[test]
    fn no_more_are_kept_than_may_be_and_none_that_is_old_or_closed() {
        let pool = Pool::default();
        let (one, _one_end, _) = idle(443, MINUTE);
        pool.put(one, 0);
        assert!(pool.take(&origin(443)).is_none(), "none may be kept");
        let (first, _first_end, _) = idle(443, MINUTE);
        let (second, second_end, _) = idle(443, MINUTE);
        let (third, _third_end, known) = idle(443, MINUTE);
        pool.put(first, 2);
        pool.put(second, 2);
        pool.put(third, 2);
        // The one that waited longest went; the next is dead.
        drop(second_end);
        assert_eq!(pool.take(&origin(443)).map(|idle| idle.conn.port()), Some(known));
        assert!(pool.take(&origin(443)).is_none());
        let (old, _end, _) = idle(443, Duration::ZERO);
        assert!(old.left().is_zero());
        pool.put(old, 2);
        assert!(pool.take(&origin(443)).is_none());
    }

    #[test]
    fn a_connection_that_came_back_meanwhile_is_young() {
        let pool = Pool::default();
        let (mut later, _end, known) = idle(443, MINUTE);
        later.since.elapsed_ms += 60_000;
        later.since.wall_at += 60;
        assert_eq!(later.left(), MINUTE);
        pool.put(later, 2);
        let (old, _old_end, old_known) = idle(443, MINUTE);
        pool.put(old, 2);
        assert_eq!(
            [pool.take(&origin(443)), pool.take(&origin(443))].map(|idle| idle.map(|idle| idle.conn.port())),
            [Some(old_known), Some(known)]
        );
    }

    #[test]
    fn a_connection_is_as_old_as_the_clock_that_saw_more_of_it() {
        let at = |elapsed_ms, wall_at| Moment { elapsed_ms, wall_at };
        let start = at(1000, 100);
        for (now, expected_ms) in [
            (start, 0),
            (at(1009, 100), 9),
            (at(1009, 101), 9),
            (at(1009, 103), 2000),
            (at(9000, 40), 8000),
            (at(0, 0), 0),
        ] {
            assert_eq!(now.since(start).as_millis(), expected_ms, "{} {}", now.elapsed_ms, now.wall_at);
        }
    }

    #[test]
    fn one_origin_is_closed_and_the_others_stay() {
        let pool = Pool::default();
        let (of_one, one_end, _) = idle(443, MINUTE);
        let (of_other, _other_end, known) = idle(444, MINUTE);
        pool.put(of_one, 2);
        pool.put(of_other, 2);
        pool.close(&origin(443));
        assert!(pool.take(&origin(443)).is_none());
        assert_eq!(std::io::Read::read(&mut &one_end, &mut [0]).ok(), Some(0), "the server is told");
        assert_eq!(pool.take(&origin(444)).map(|idle| idle.conn.port()), Some(known));
    }
}
