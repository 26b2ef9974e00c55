//! The stand-in as a program.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::client::Client;

struct Program {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    http_port: u16,
}

impl Program {
    fn start(args: &[&str]) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was built");
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut program = Program { child, input, output, http_port: 0 };
        let ports = program.line();
        program.http_port = ports["http_port"].as_u64().and_then(|n| n.try_into().ok()).expect("a port");
        assert_eq!(program.output.next().expect("a line").expect("text"), "ready");
        program
    }

    fn line(&mut self) -> Value {
        let line = self.output.next().expect("a line").expect("text");
        serde_json::from_str(&line).expect("JSON")
    }

    fn tell(&mut self, command: &str) -> Value {
        writeln!(self.input, "{command}").expect("it listens");
        self.line()
    }

    fn client(&self) -> Client {
        Client::plain_at(self.http_port)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = writeln!(self.input, "quit");
        let _ = self.child.wait();
    }
}

#[test]
fn the_pipe_commands_of_tokens() {
    let mut program = Program::start(&[]);
    let mut client = program.client();
    let first = client.login("ada");
    assert_eq!(program.tell("expire_access"), json!({"expire_access": true}));
    assert_eq!(client.get("/api/echo", &first.member("access_token")).status, 401);
    assert_eq!(program.tell("rotate_keys keep"), json!({"rs256": "standin-2", "es256": "standin-2-es"}));
    assert_eq!(client.get("/jwks", "").json()["keys"].as_array().map(Vec::len), Some(4));
    assert!(program.tell("rotate_keys away")["error"].is_string());
    assert!(program.tell("lose")["error"].is_string());
    assert_eq!(program.tell("lose 1"), json!({"lose": 1}));
    let lost = client.send(&crate::grants::refresh_request(&first.member("refresh_token")));
    assert!(lost.is_err());
    let mut client = program.client();
    let second = client.login("ada");
    assert_eq!(program.tell("kill_refresh"), json!({"kill_refresh": true}));
    assert_eq!(client.refresh(&second.member("refresh_token")).status, 403);
    let counts = program.tell("counts");
    assert_eq!(
        counts["grants"],
        json!({
            "logins": 2, "refreshed": 1, "reused": 0, "graced": 0, "refused": 1, "dead_families": 2,
            "access_issued": 3, "revoked": 0, "invalidated": 0,
        })
    );
    assert_eq!(counts["requests"], 6);
}

#[test]
fn the_flags_of_tokens() {
    let program = Program::start(&["--lifetime-text", "\"soon\"", "--no-rotation", "--one-access", "--es256"]);
    let mut client = program.client();
    let first = client.login("ada");
    assert_eq!(first.member("expires_in"), "soon");
    let again = client.refresh(&first.member("refresh_token"));
    assert!(again.status == 200 && again.member("refresh_token").is_empty());
    assert_eq!(client.get("/api/echo", &first.member("access_token")).status, 401);
    assert!(again.member("access_token").starts_with("eyJhbGciOiJFUzI1NiIs"), "another algorithm");

    let program = Program::start(&["--lifetime", "5", "--no-reuse-detection", "--grace", "0"]);
    let mut client = program.client();
    let first = client.login("ada");
    assert_eq!(first.json()["expires_in"], 5);
    let second = client.refresh(&first.member("refresh_token"));
    assert_eq!(client.refresh(&first.member("refresh_token")).status, 403);
    assert_eq!(client.refresh(&second.member("refresh_token")).status, 200);

    let program = Program::start(&["--grace", "3600000"]);
    let mut client = program.client();
    let first = client.login("ada").member("refresh_token");
    assert_eq!(client.refresh(&first).body, client.refresh(&first).body);
}
