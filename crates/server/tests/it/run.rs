//! Runs `realmward-server analyze` and looks at what came of it.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What came of a run.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The JSON lines of a kind.
    pub(crate) fn lines(&self, kind: &str) -> Vec<serde_json::Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .filter(|it| it["kind"] == kind)
            .collect()
    }

    /// The only line on standard error.
    pub(crate) fn complaint(&self) -> &str {
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        self.err.trim_end()
    }
}

/// Runs `analyze --quiet` with these arguments.
pub(crate) fn analyze<S: AsRef<OsStr>>(arguments: &[S]) -> Run {
    with_input(arguments, b"", &[])
}

/// Runs `analyze --quiet` with standard input and environment.
pub(crate) fn with_input<S: AsRef<OsStr>>(
    arguments: &[S],
    input: &[u8],
    environment: &[(&str, &str)],
) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_realmward-server"))
        .args(["analyze", "--quiet"])
        .args(arguments)
        .env_remove("NO_COLOR")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not read its input closes the pipe; that is no fault of the test.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
