//! Any sequence of calls of ropc.h, over whatever handles live, at a server that
//! answers whatever: each call keeps to the header, and at the end nothing is
//! left.

mod check;
mod clients;
mod replies;
mod sessions;
mod settings;
mod status;
mod threads;

use std::collections::BTreeSet;
use std::ffi::{CString, c_char};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ropc::capi::api::{ropc_response, ropc_response_free};
use ropc::capi::client::{ropc_client, ropc_client_free};
use ropc::capi::library::{ropc_set_workers, ropc_shutdown, ropc_string_free};
use ropc::capi::options::{ropc_options, ropc_options_free};
use ropc::capi::request::{ropc_request, ropc_request_free};
use ropc::capi::session::{ropc_session, ropc_session_free};
use ropc::capi::status::ropc_status::{ROPC_E_ARG, ROPC_OK};
use ropc::capi::store::{ropc_store, ropc_store_free};
use ropc::capi::token::{ropc_token, ropc_token_free};
use ropc::capi::tokens::{ropc_tokens, ropc_tokens_free};

use crate::input::Input;
use crate::server::Server;
use check::Handles;
use status::Function;

/// Calls in one sequence: enough for any two to meet.
const MOST_CALLS: usize = 48;

/// How long a call takes that gets no answer.
const TOTAL_MS: u32 = 60;

/// Everything that lives, and the server.
struct World {
    server: &'static Server,
    options: Handles<ropc_options>,
    clients: Handles<ropc_client>,
    requests: Handles<ropc_request>,
    /// What the requests may come to.
    kinds: Vec<(*mut ropc_request, Function)>,
    stores: Handles<ropc_store>,
    sessions: Handles<ropc_session>,
    tokens: Handles<ropc_tokens>,
    token: Handles<ropc_token>,
    responses: Handles<ropc_response>,
    strings: Handles<c_char>,
}

/// The input: calls, each a byte and what it takes.
pub fn c_api(input: &[u8]) {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let server = SERVER.get_or_init(Server::start);
    let before = descriptors(server);
    server.begin(Vec::new(), Some(replies::usual()));
    let mut world = World::new(server);
    let mut input = Input::new(input);
    for _ in 0..MOST_CALLS {
        if input.is_empty() {
            break;
        }
        world.call(&mut input);
    }
    drop(world);
    let left = ropc_shutdown(10_000);
    assert_eq!(left, 0, "threads that did not end: {:?}", threads_of_library());
    // The system takes a moment to take down what has ended.
    let until = Instant::now() + Duration::from_secs(10);
    while !threads_of_library().is_empty() {
        assert!(Instant::now() < until, "threads 10 s after the end: {:?}", threads_of_library());
        std::thread::yield_now();
    }
    let after = descriptors(server);
    let left: Vec<_> = after.difference(&before).collect();
    assert!(left.is_empty(), "descriptors that are left open: {left:?}");
    let _ = std::fs::remove_dir_all(folder());
}

impl World {
    fn new(server: &'static Server) -> World {
        World {
            server,
            options: Handles::new(ropc_options_free),
            clients: Handles::new(ropc_client_free),
            requests: Handles::new(ropc_request_free),
            kinds: Vec::new(),
            stores: Handles::new(ropc_store_free),
            sessions: Handles::new(ropc_session_free),
            tokens: Handles::new(ropc_tokens_free),
            token: Handles::new(ropc_token_free),
            responses: Handles::new(ropc_response_free),
            strings: Handles::new(ropc_string_free),
        }
    }

    fn call(&mut self, input: &mut Input<'_>) {
        match input.byte() % 24 {
            0 => self.new_options(input),
            1 | 2 => self.set_option(input),
            3 | 4 => self.new_client(input),
            5 => self.use_client(input),
            6 | 7 => self.ask(input),
            8 | 9 => self.prepare(input),
            10 | 11 => self.run(input),
            12 => self.take(input),
            13 => self.new_store(input),
            14 | 15 => self.new_session(input),
            16 | 17 => self.use_session(input),
            18 => self.call_api(input),
            19 | 20 => self.reply(input),
            21 => self.look(input),
            22 => self.together(input),
            _ => self.free(input),
        }
    }

    /// What the server answers to one of the next requests.
    fn reply(&mut self, input: &mut Input<'_>) {
        self.server.answer(replies::reply(input.byte(), self.server.port));
    }

    /// Something is freed, in whatever order.
    fn free(&mut self, input: &mut Input<'_>) {
        let (what, at) = (input.byte(), input.byte());
        match what % 12 {
            0 => self.options.free(at),
            1 => self.clients.free(at),
            2 => self.requests.free(at),
            3 => self.stores.free(at),
            4 => self.sessions.free(at),
            5 => self.tokens.free(at),
            6 => self.token.free(at),
            7 => self.responses.free(at),
            8 => self.strings.free(at),
            9 => {
                let most = u32::from(at);
                let expected = if (1..=64).contains(&most) { ROPC_OK } else { ROPC_E_ARG };
                assert_eq!(ropc_set_workers(most), expected, "ropc_set_workers({most})");
            }
            // With everything under way, and used again afterwards.
            _ => drop(ropc_shutdown(u32::from(at % 4))),
        }
    }
}

/// A text for C, with what came from the input up to its first NUL.
fn c_text(bytes: &[u8]) -> CString {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).expect("no NUL up to there")
}

/// Where stores are; made when one is.
fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("ropc-fuzz-{}", std::process::id()))
}

/// The descriptors that are open once the server has let go of every
/// connection, which it does when its client did.
fn descriptors(server: &Server) -> BTreeSet<PathBuf> {
    server.settle();
    let open = std::fs::read_dir("/proc/self/fd").expect("/proc is there");
    // Not the folder itself, which is not there any more when it is looked up.
    open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter(|target| !target.starts_with("/proc"))
        .collect()
}

fn threads_of_library() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("/proc is there");
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("ropc-")).collect()
}
