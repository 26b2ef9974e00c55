//! For tests of what follows a login: requests beside the program, what came
//! over the wire, what is shown, and answers that the test writes.

use std::sync::{Arc, Mutex};

use ropc::oauth::{ApiCall, Error, Level, Options, Progress, Request};
use standin::{After, ReadWrite, Seen, Standin};

use crate::common::trouble::{SOON, soon};

/// What a request yields once it was started and has ended.
#[track_caller]
pub fn taken<T>(
    request: Result<Request, Error>,
    take: impl Fn(&Request) -> Result<Option<T>, Error>,
) -> Result<T, Error> {
    let request = request?;
    request.start()?;
    // Longer than it may take: a wait that misses the end is not soon over.
    assert_ne!(soon(|| request.wait(2 * SOON)), Progress::Pending, "it does not end");
    take(&request).map(|result| result.expect("it has ended"))
}

/// The one request that came.
#[track_caller]
pub fn only_request(server: &Standin) -> Seen {
    let mut seen = server.take_requests();
    assert_eq!(seen.len(), 1, "{:?}", lines_of(&seen));
    seen.remove(0)
}

/// Method and path of each request that came.
pub fn requests(server: &Standin) -> Vec<String> {
    lines_of(&server.take_requests())
}

fn lines_of(seen: &[Seen]) -> Vec<String> {
    seen.iter().map(|seen| format!("{} {}", seen.method, seen.path())).collect()
}

/// Log lines, without their levels.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    /// Everything that these settings let a client log, of every level.
    pub fn of(options: &mut Options) -> Lines {
        let lines = Lines::default();
        let sink = lines.clone();
        let keep = move |_: Level, line: &str| sink.0.lock().expect("nobody panics").push(line.to_owned());
        options.set_log(Level::Debug, Some(Arc::new(keep)));
        lines
    }

    /// Those so far.
    pub fn each(&self) -> Vec<String> {
        self.0.lock().expect("nobody panics").clone()
    }

    /// All so far.
    pub fn text(&self) -> String {
        self.each().join("\n")
    }
}

/// Everything that an error shows.
pub fn texts(error: &Error) -> String {
    let mut all = format!("{error}\n{error:?}\n{}\n", error.message);
    let fields = [&error.oauth_error, &error.oauth_description, &error.provider_message, &error.provider_description];
    for text in fields.into_iter().flatten() {
        all += &format!("{text}\n");
    }
    for (name, value) in &error.extras {
        all += &format!("{name}={}\n", value.expose());
    }
    all
}

/// Has `path` answer every request with this status line, these header lines
/// and this body.
pub fn answer_at(server: &Standin, path: &str, status: &str, headers: &str, body: &str) {
    let answer = answer(status, headers, body);
    server.script_path(path, move |wire, _| say(wire, &answer));
}

/// An answer as it is written: each of `headers` ends with CR LF.
pub fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Writes an answer, and keeps the connection.
pub fn say(wire: &mut dyn ReadWrite, answer: &str) -> After {
    // The client may have hung up, which is no fault of the server's.
    let _ = wire.write_all(answer.as_bytes());
    After::Keep
}

/// A call without headers and body.
pub fn bare<'a>(method: &'a str, url: &'a str) -> ApiCall<'a> {
    ApiCall { method, url, headers: &[], body: None }
}
