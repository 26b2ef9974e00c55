//! For tests of sessions: a server, a client of it, and a clock that only the
//! test moves; places for stores; answers that wait.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use ropc::oauth::store::Store;
use ropc::oauth::store::{FileStore, HostStore, Save};
use ropc::oauth::{ApiCall, Client, Clock, EndpointKind, Error, Held, Options, Reason, Secret, Session, Tokens};
use standin::{API_KEY, After, Builder, PASSWORD, Seen, Standin};

use crate::common::trouble::{SOON, soon, until};
use crate::common::{client, expect_reason, expect_tokens, generic, loginradius};

/// What a call may wait for a refresh: longer than a test goes on.
pub const WAIT_MS: u32 = 2 * SOON.as_secs() as u32 * 1000;

/// How long the stand-in's access tokens live unless a test says otherwise.
pub const LIFETIME_S: u64 = 900;

/// How long before their end they are refreshed.
pub const MARGIN_S: u64 = 60;

pub const YEAR_S: u64 = 366 * 24 * 3600;

/// A clock that stands still until the test moves it.
pub struct Time {
    passed_ms: AtomicU64,
    wall_at: AtomicI64,
}

impl Time {
    /// The wall shows what it shows: the server's answers are dated by it.
    pub fn new() -> Arc<Time> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs();
        Arc::new(Time { passed_ms: AtomicU64::new(77 * YEAR_S * 1000), wall_at: AtomicI64::new(now as i64) })
    }

    pub fn clock(self: &Arc<Time>) -> Clock {
        let (passed, wall) = (self.clone(), self.clone());
        Clock::made(
            Arc::new(move || passed.passed_ms.load(Ordering::SeqCst)),
            Arc::new(move || wall.wall_at.load(Ordering::SeqCst)),
        )
    }

    /// So many seconds pass, here and on the wall.
    pub fn pass_s(&self, seconds: u64) {
        self.pass_ms(seconds * 1000);
        self.move_wall_s(seconds as i64);
    }

    /// Time passes, and the wall's clock does not show it.
    pub fn pass_ms(&self, ms: u64) {
        self.passed_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// As a machine that started again: its clock begins anew.
    pub fn restart(&self) {
        self.passed_ms.store(0, Ordering::SeqCst);
    }

    /// Somebody sets the wall's clock ahead, or back.
    pub fn move_wall_s(&self, seconds: i64) {
        self.wall_at.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// A server and a client of it.
pub struct Site {
    pub server: Standin,
    pub time: Arc<Time>,
    pub client: Client,
}

impl Site {
    /// LoginRadius with an API key, as most tests want it.
    pub fn start() -> Site {
        Site::of(Standin::builder())
    }

    pub fn of(builder: Builder) -> Site {
        Site::with(builder, |server| identity(loginradius(server), server))
    }

    /// Any server that follows RFC 6749, with its revocation endpoint.
    pub fn generic() -> Site {
        Site::with(Standin::builder(), |server| {
            let mut options = generic(server);
            let url = format!("{}/revoke", server.https());
            options.set_endpoint(EndpointKind::Revoke, &url).expect("a URL");
            options
        })
    }

    pub fn with(builder: Builder, options: impl FnOnce(&Standin) -> Options) -> Site {
        let server = builder.start();
        let time = Time::new();
        let mut options = options(&server);
        options.set_clock(time.clock());
        Site { client: client(&options), server, time }
    }

    /// Signs ada in.
    pub fn login(&self, store: Option<&Arc<Store>>) -> Session {
        Session::login(&self.client, "ada", PASSWORD, store.cloned(), None).expect("a session")
    }

    /// Goes on with what the store has of ada.
    pub fn resume(&self, store: &Arc<Store>) -> Result<Session, Error> {
        Session::resume(&self.client, store.clone(), "ada")
    }

    /// Goes on with this record of ada, which the program had kept.
    pub fn resume_from(&self, record: &str) -> Result<Session, Error> {
        let store = HostStore::new(None);
        store.give("ada", record).expect("not too long");
        self.resume(&Arc::new(Store::Host(store)))
    }

    /// How many refreshes were sent.
    pub fn refreshes(&self) -> usize {
        let sent = |seen: &&Seen| is_refresh(seen);
        self.server.requests().iter().filter(sent).count()
    }

    /// The server takes this token.
    pub fn accepts(&self, session: &Session) -> bool {
        let url = format!("{}/api/echo", self.server.https());
        // Not repeated with another one.
        let ask = ApiCall { method: "POST", url: &url, headers: &[], body: Some(b"{}") };
        session.call(&ask).expect("an answer").status == 200
    }

    /// Holds the answers to refreshes until what comes back is dropped.
    pub fn hold(&self) -> Sender<()> {
        let (release, wait) = channel::<()>();
        let wait = Mutex::new(wait);
        self.server.script(move |_, seen| {
            if is_refresh(seen) {
                // An error is the end of the sender.
                let _ = wait.lock().expect("nobody panics").recv();
            }
            After::Answer
        });
        release
    }

    /// Answers refreshes by this, in place of the server.
    pub fn answer_refreshes(&self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        self.server.script(move |stream, seen| {
            if !is_refresh(seen) {
                return After::Answer;
            }
            stream.write_all(text.as_bytes()).expect("the client listens");
            After::Keep
        });
    }

    /// Waits until so many refreshes were sent.
    #[track_caller]
    pub fn await_refreshes(&self, count: usize) {
        until(&format!("refresh {count} is sent"), || self.refreshes() >= count);
    }
}

fn is_refresh(seen: &Seen) -> bool {
    let body = seen.text();
    body.contains("\"grant_type\":\"refresh_token\"") || body.contains("grant_type=refresh_token")
}

/// The identity API at the stand-in, with its key.
pub fn identity(mut options: Options, server: &Standin) -> Options {
    options.set_endpoint(EndpointKind::Identity, &server.https()).expect("a URL");
    options.set_api_key(API_KEY).expect("a key");
    options
}

/// The text of an access token.
pub fn text(held: &Held) -> String {
    held.access_token.as_ref().expect("it was handed out").expose().to_owned()
}

/// The session's access token, waited for if need be.
#[track_caller]
pub fn token(session: &Session) -> String {
    try_token(session).unwrap_or_else(|error| panic!("no token: {error:?}"))
}

pub fn try_token(session: &Session) -> Result<String, Error> {
    soon(|| session.token(0, WAIT_MS, text))
}

/// Why the session has none.
#[track_caller]
pub fn no_token(session: &Session, reason: Reason) -> Error {
    let waited = expect_reason(try_token(session), reason);
    // Who comes later is told the same, and how long a pause lasts.
    let error = expect_reason(session.poll(0, text), reason);
    assert_eq!(error.message, waited.message);
    error
}

/// Waits until no refresh is under way.
#[track_caller]
pub fn rest(session: &Session) {
    until("the refresh has ended", || !session.status().expect("a status").refreshing);
}

/// New tokens, of a client's own login.
pub fn tokens_of(site: &Site) -> Tokens {
    expect_tokens(site.client.login("ada", PASSWORD))
}

/// A folder of its own, gone with the value.
pub struct Place(PathBuf);

impl Place {
    pub fn new() -> Place {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ropc-session-{}-{count}", std::process::id()));
        fs::create_dir(&path).expect("a folder");
        Place(path)
    }

    pub fn folder(&self) -> &Path {
        &self.0
    }

    pub fn file(&self) -> String {
        self.0.join("store").to_str().expect("UTF-8").to_owned()
    }

    /// A store at its file, opened anew.
    pub fn store(&self) -> Arc<Store> {
        file_store(&self.file())
    }

    /// What the file holds.
    pub fn text(&self) -> String {
        fs::read_to_string(self.file()).expect("a file")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn file_store(path: &str) -> Arc<Store> {
    Arc::new(Store::File(FileStore::open(path).expect("a store")))
}

/// A store of the program's own.
pub fn host_store(save: Option<Save>) -> Arc<Store> {
    Arc::new(Store::Host(HostStore::new(save)))
}

/// Takes what is to be saved, and says how that went.
#[track_caller]
pub fn take_record(session: &Session, ok: bool) -> Secret {
    let record = session.pending().expect("not in a save").expect("something to save");
    session.saved(ok).expect("it was taken");
    record
}
