//! What a client did, line by line, for whoever looks for a fault. No line
//! holds a secret, a token, a body or a query.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use super::call::Call;
use super::choices::Level;
use super::sys::fork::Local;
use super::sys::sync::{Mutex, lock};

/// Receives lines in the thread of the call they are about; those of a request
/// in a thread that makes a blocking call, waits for a request or takes its
/// result.
pub type Sink = Arc<dyn Fn(Level, &str) + Send + Sync>;

/// Lines kept before the oldest is dropped.
const QUEUE: usize = 256;

type Queue = VecDeque<(Level, String)>;

/// The log of one client.
pub struct Log {
    level: Level,
    sink: Option<Sink>,
    queue: Local<Mutex<Queue>>,
}

impl Log {
    /// Lines up to `level`, to `sink` or into the queue.
    pub fn new(level: Level, sink: Option<Sink>) -> Log {
        Log { level, sink, queue: Local::new(Mutex::default) }
    }

    /// One line about `call`; made only when somebody wants it.
    pub fn line(&self, call: &Call, level: Level, text: fmt::Arguments<'_>) {
        if level > self.level {
            return;
        }
        let text = text.to_string();
        match &self.sink {
            // A worker is no thread of the program's.
            Some(sink) if !call.is_beside() => sink(level, &text),
            _ => {
                let mut queue = lock(self.queue.get());
                if queue.len() == QUEUE {
                    queue.pop_front();
                }
                queue.push_back((level, text));
            }
        }
    }

    /// The oldest line in the queue.
    pub fn next(&self) -> Option<(Level, String)> {
        lock(self.queue.get()).pop_front()
    }

    /// Hands the lines of workers to the sink, in this thread.
    pub fn deliver(&self) {
        if let Some(sink) = &self.sink {
            // No more than there are now: workers may add others all the time.
            let count = lock(self.queue.get()).len();
            for _ in 0..count {
                // Outside the lock: it may call us.
                if let Some((level, line)) = self.next() {
                    sink(level, &line);
                }
            }
        }
    }
}
