//! What a client did, line by line, for whoever looks for a fault. No line
//! holds a secret, a token, a body or a query.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::choices::Level;
use super::sys::fork::{Local, lock};

/// Receives lines in the thread of the call they are about.
pub type Sink = Arc<dyn Fn(Level, &str) + Send + Sync>;

/// Lines kept for [`Log::next`] before the oldest is dropped.
const QUEUE: usize = 256;

/// The log of one client.
pub struct Log {
    level: Level,
    sink: Option<Sink>,
    queue: Local<Mutex<VecDeque<String>>>,
}

impl Log {
    /// Lines up to `level`, to `sink` or into the queue.
    pub fn new(level: Level, sink: Option<Sink>) -> Log {
        Log { level, sink, queue: Local::new(Mutex::default) }
    }

    /// One line; made only when somebody wants it.
    pub fn line(&self, level: Level, text: fmt::Arguments<'_>) {
        if level > self.level {
            return;
        }
        let text = text.to_string();
        match &self.sink {
            Some(sink) => sink(level, &text),
            None => {
                let mut queue = lock(self.queue.get());
                if queue.len() == QUEUE {
                    queue.pop_front();
                }
                queue.push_back(text);
            }
        }
    }

    /// The oldest line in the queue.
    pub fn next(&self) -> Option<String> {
        lock(self.queue.get()).pop_front()
    }
}
