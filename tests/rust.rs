//! The crate as a Rust program has it: examples/login.rs at the stand-in, and
//! what may be shared between threads and handed on as an error.

mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::canary;
use ropc::oauth::store::Store;
use ropc::oauth::{
    ApiCall, Call, Client, Error, Held, Options, Reason, Request, Response, Secret, Session, SessionInfo, Tokens,
};
use standin::{PASSWORD, Standin};

/// How the example ended.
struct Ended {
    code: Option<i32>,
    output: String,
    errors: String,
    /// What the server was asked for meanwhile: the last part of each path.
    asked: Vec<String>,
}

/// The example at a server, with a folder for its store.
struct Example {
    server: Standin,
    folder: PathBuf,
}

impl Example {
    fn new(name: &str) -> Example {
        let folder = std::env::temp_dir().join(format!("ropc-rust-{name}-{}", std::process::id()));
        fs::create_dir(&folder).expect("a folder");
        let server = Standin::start();
        fs::write(folder.join("ca.pem"), server.ca_pem()).expect("a file");
        Example { server, folder }
    }

    fn store(&self) -> PathBuf {
        self.folder.join("login")
    }

    fn run(&self, words: &[&str], password: &str) -> Ended {
        let mut command = Command::new(built());
        for (name, _) in std::env::vars().filter(|(name, _)| name.to_ascii_lowercase().ends_with("_proxy")) {
            command.env_remove(name);
        }
        command.args(words).env("ROPC_SITE", self.server.https()).env("ROPC_APP", "demo");
        command.env("ROPC_CLIENT_ID", standin::CLIENT).env("ROPC_CA", self.folder.join("ca.pem"));
        command.env("ROPC_API", format!("{}/api/echo", self.server.https()));
        self.server.take_requests();
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut program = piped.expect("it starts");
        // Who does not ask for it closes the pipe.
        let _ = writeln!(program.stdin.take().expect("a pipe"), "{password}\nnot the password");
        let ended = program.wait_with_output().expect("it ends");
        let asked = self.server.take_requests();
        let last = |target: &str| target.rsplit('/').next().unwrap_or_default().to_owned();
        let [output, errors] = [ended.stdout, ended.stderr].map(|text| String::from_utf8(text).expect("UTF-8"));
        canary::clean("the example", &format!("{output}{errors}"));
        Ended { code: ended.status.code(), output, errors, asked: asked.iter().map(|one| last(&one.target)).collect() }
    }

    /// The same for ada, or whoever `user` is, at the store.
    fn visit(&self, options: &[&str], user: &str, password: &str) -> Ended {
        let store = self.store();
        let words = [options, &[user, store.to_str().expect("UTF-8")]].concat();
        self.run(&words, password)
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// examples/login.rs, which `cargo test` builds beside this test.
fn built() -> PathBuf {
    let this = std::env::current_exe().expect("a path");
    let folder = this.parent().and_then(Path::parent).expect("a folder of test programs, in that of all programs");
    let program = folder.join("examples").join(format!("login{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "{} is missing: run `cargo build --examples` before", program.display());
    program
}

#[test]
fn the_example_signs_in_stays_signed_in_and_signs_out() {
    let example = Example::new("stays");
    let first = example.visit(&[], "ada", PASSWORD);
    assert_eq!((first.code, first.errors.as_str()), (Some(0), ""), "{}", first.output);
    assert_eq!(first.asked, ["token", "echo"]);
    assert!(first.output.starts_with("Signed in with the password.\nThe API answers 200"), "{}", first.output);
    assert!(first.output.contains("ada is signed in; the access token ends in 8"), "{}", first.output);

    example.server.expire_access();
    let second = example.visit(&[], "ada", "not asked for");
    assert_eq!((second.code, second.errors.as_str()), (Some(0), ""), "{}", second.output);
    assert_eq!(second.asked, ["echo", "token", "echo"], "a refused token is refreshed");
    assert!(second.output.starts_with("Still signed in, without the password.\n"), "{}", second.output);

    let third = example.visit(&["--sign-out"], "ada", "not asked for");
    assert_eq!((third.code, third.asked.as_slice()), (Some(0), &["echo".to_owned(), "revoke".to_owned()][..]));
    assert!(third.output.ends_with("ada is signed out.\n"), "{}", third.output);
    assert!(third.output.contains("Signed out on this machine, but not everywhere"), "{}", third.output);

    let fourth = example.visit(&[], "ada", PASSWORD);
    assert_eq!((fourth.code, fourth.asked.as_slice()), (Some(0), &["token".to_owned(), "echo".to_owned()][..]));
}

#[test]
fn the_example_says_why_not() {
    let example = Example::new("why");
    for (user, password, reason) in
        [("ada", "canary-wrong", "WrongCredentials"), ("locked", PASSWORD, "Locked"), ("mfa", PASSWORD, "SecondFactor")]
    {
        let ended = example.visit(&[], user, password);
        assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""), "{user}: {}", ended.errors);
        assert!(ended.errors.ends_with(&format!("\n({reason})\n")), "{user}: {}", ended.errors);
        assert_eq!(ended.asked, ["token"], "{user}");
        assert!(!example.store().exists(), "{user}: nobody signed in, and something was saved");
    }
    for words in [&[][..], &["ada"], &["--unknown", "ada", "login"], &["--sign-out", "login"], &["a", "b", "c"]] {
        let ended = example.run(words, "");
        assert_eq!((ended.code, ended.asked.len()), (Some(2), 0), "{words:?}: {}", ended.errors);
        assert!(ended.errors.starts_with("usage: "), "{words:?}: {}", ended.errors);
    }
    let nowhere = example.folder.join("none").join("login");
    let ended = example.run(&["ada", nowhere.to_str().expect("UTF-8")], PASSWORD);
    assert_eq!((ended.code, ended.asked.len()), (Some(1), 0), "a password was sent for nothing");
    assert!(ended.errors.ends_with("\n(StoreAccess)\n"), "{}", ended.errors);
}

/// Compiles, or does not.
fn is_shared<T: Send + Sync + 'static>() {}

#[test]
fn what_threads_share_is_send_and_sync() {
    is_shared::<Options>();
    is_shared::<Client>();
    is_shared::<Call>();
    is_shared::<Request>();
    is_shared::<Session>();
    is_shared::<Store>();
    is_shared::<(Tokens, Secret, Held, SessionInfo, Response)>();
    is_shared::<ApiCall<'static>>();
    is_shared::<Error>();
}

#[test]
fn a_failure_is_an_error_that_a_program_can_hand_on() {
    fn fails() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Options::loginradius("https://site.example/path", "app", "client")?;
        Ok(())
    }
    let error = fails().expect_err("a site has no path");
    let text = error.to_string();
    assert!(text.starts_with("site must be a host, host:port or origin"), "{text}");
    assert!(text.ends_with("Correct the argument; nothing was sent."), "{text}");
    assert_eq!(error.downcast_ref::<Error>().map(|error| error.reason), Some(Reason::Argument));
}
