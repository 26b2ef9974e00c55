//! A server that gives each refresh token out once and takes it once: one that
//! comes again is a failure of the model, unless somebody insisted.

use std::sync::Arc;

use crate::oauth::call::{Call, Wait};
use crate::oauth::error::Error;
use crate::oauth::reason::{Reason, Stage};
use crate::oauth::secret::Secret;
use crate::oauth::sys::sync::{Condvar, Mutex, lock, wait};
use crate::oauth::tokens::Tokens;

/// What comes of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// New tokens.
    Answer,
    /// No connection.
    Refuse,
    /// The server is ill; the refresh token is as good as before.
    Fail,
    /// The server has replaced the tokens, and the connection ends.
    Lose,
    /// The refresh token is no longer good.
    End,
}

/// What a refresh waits for until it is let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Nothing,
    /// The connection.
    Connect,
    /// The answer.
    Answer,
}

/// Each of them.
pub(super) const HOLDS: [Holds; 3] = [Holds::Nothing, Holds::Connect, Holds::Answer];

pub struct Server {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    does: Does,
    holds: Holds,
    /// Tokens have numbers; this is the last that was issued.
    newest: usize,
    /// Refresh tokens that came.
    sent: usize,
    /// Whether one that comes twice is refused, and no failure.
    forgiving: bool,
}

/// The connection of one refresh, which a cancel ends.
struct Line {
    server: Arc<Server>,
    cut: Mutex<bool>,
}

impl Wait for Line {
    fn end(&self, _: Stage) {
        *lock(&self.cut) = true;
        let _state = lock(&self.server.state);
        self.server.changed.notify_all();
    }
}

impl Server {
    /// One that has issued the first tokens.
    pub fn new(does: Does, holds: Holds) -> Arc<Server> {
        let state = State { does, holds, newest: 1, sent: 0, forgiving: false };
        Arc::new(Server { state: Mutex::new(state), changed: Condvar::new() })
    }

    /// How many refresh tokens came.
    pub fn sent(&self) -> usize {
        lock(&self.state).sent
    }

    /// The number of the newest tokens.
    pub fn newest(&self) -> usize {
        lock(&self.state).newest
    }

    /// From now on.
    pub fn does(&self, does: Does) {
        lock(&self.state).does = does;
    }

    /// Does not mind a refresh token that comes again.
    pub fn forgive(&self) {
        lock(&self.state).forgiving = true;
    }

    /// Issues tokens for a login.
    pub fn log_in(&self) -> usize {
        let mut state = lock(&self.state);
        state.newest += 1;
        state.newest
    }

    /// Lets go what is held.
    pub fn let_go(&self) {
        lock(&self.state).holds = Holds::Nothing;
        self.changed.notify_all();
    }

    /// One refresh, with the steps of an HTTP call.
    pub fn refresh(self: &Arc<Server>, call: &Arc<Call>, token: &str, now_ms: u64) -> Result<Tokens, Error> {
        call.begin_exchange()?;
        let line = Arc::new(Line { server: self.clone(), cut: Mutex::new(false) });
        call.attach(line.clone())?;
        call.enter(Stage::Connect);
        self.pass(call, &line, Holds::Connect)?;
        if lock(&self.state).does == Does::Refuse {
            return Err(call.error(Reason::ConnectionRefused, "Nobody is there"));
        }
        call.enter(Stage::Send);
        call.check()?;
        call.set_sent();
        let issued = self.take(call, token);
        call.enter(Stage::Receive);
        self.pass(call, &line, Holds::Answer)?;
        call.detach();
        Ok(tokens(issued?, now_ms))
    }

    /// Waits as long as that is held, and the connection is there.
    fn pass(&self, call: &Call, line: &Line, held: Holds) -> Result<(), Error> {
        loop {
            let state = lock(&self.state);
            if *lock(&line.cut) {
                return Err(call.cut_off("The connection is gone"));
            }
            if state.holds != held {
                return Ok(());
            }
            drop(wait(&self.changed, state, call.left()?));
        }
    }

    /// What the server makes of a refresh token.
    fn take(&self, call: &Call, token: &str) -> Result<usize, Error> {
        let mut state = lock(&self.state);
        state.sent += 1;
        let used = token != format!("r{}", state.newest);
        assert!(!used || state.forgiving, "refreshed with {token} again, after r{} was issued", state.newest);
        match state.does {
            Does::Fail => {
                let mut error = call.error(Reason::ServerFault, "The server is ill");
                error.details_mut().http_status = 503;
                return Err(error);
            }
            Does::End => {}
            _ if used => {}
            does => {
                state.newest += 1;
                let newest = state.newest;
                return if does == Does::Lose { Err(call.cut_off("The connection is gone")) } else { Ok(newest) };
            }
        }
        let mut error = call.error(Reason::GrantRefused, "The refresh token is not good");
        error.details_mut().http_status = 400;
        error.details_mut().oauth_error = Some("invalid_grant".to_owned());
        Err(error)
    }
}

/// The tokens of that number, which live 900 seconds from `now_ms` on.
pub fn tokens(number: usize, now_ms: u64) -> Tokens {
    let received_at = i64::try_from(now_ms / 1000).expect("some time in this century");
    Tokens {
        access_token: Secret::new(&format!("a{number}")),
        token_type: "Bearer".to_owned(),
        refresh_token: Some(Secret::new(&format!("r{number}"))),
        id_token: None,
        scope: None,
        expires_at: received_at + 900,
        received_at,
        server_date_at: 0,
        extras: Vec::new(),
    }
}
