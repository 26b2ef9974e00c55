//! A test that starts itself again, as a process of its own that plays another
//! part and speaks with the first by lines.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const PART: &str = "ROPC_TEST_PART";

/// The other process.
pub struct Part {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// What this process was told, if it plays the other part.
pub fn part() -> Option<Vec<String>> {
    let told = std::env::var(PART).ok()?;
    Some(told.split('\n').map(str::to_owned).collect())
}

impl Part {
    /// Starts `test` again, which asks [`part`] what it is told.
    pub fn start(test: &str, told: &[&str]) -> Part {
        let mut command = Command::new(std::env::current_exe().expect("the test program"));
        command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(PART, told.join("\n"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        let (input, output) = (child.stdin.take(), child.stdout.take().expect("its output"));
        Part { child, input, output: BufReader::new(output) }
    }

    /// Tells it a line.
    pub fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it listens");
        writeln!(input, "{line}").expect("it lives");
    }

    /// The next line it says; `None` when it has ended.
    pub fn hear(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            // What a kill cut off was not said.
            if self.output.read_line(&mut line).expect("text") == 0 || !line.ends_with('\n') {
                return None;
            }
            if let Some(said) = line.strip_prefix(SAID) {
                return Some(said.trim_end().to_owned());
            }
        }
    }

    /// Ends it in the middle of what it does.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("its end");
    }

    /// Says that nothing more will be told; it must end, and well.
    #[track_caller]
    pub fn join(mut self) {
        drop(self.input.take());
        let mut rest = Vec::new();
        while let Some(line) = self.hear() {
            rest.push(line);
        }
        assert!(self.child.wait().expect("its end").success(), "the other process failed: {rest:?}");
    }
}

/// The test program prints lines of its own.
const SAID: &str = "part: ";

/// In the other process: says a line.
pub fn say(line: impl std::fmt::Display) {
    // Fails when the first one is gone, which then says why.
    let _ = writeln!(io::stdout(), "\n{SAID}{line}");
}

/// In the other process: the lines it is told, until there are no more.
pub fn told() -> impl Iterator<Item = String> {
    io::stdin().lines().map(|line| line.expect("text"))
}
