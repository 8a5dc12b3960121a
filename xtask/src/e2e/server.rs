//! A demonstration that runs, and what it printed.

use crate::house;
use anyhow::{Result, bail, ensure};
use std::path::Path;
use std::process::Child;
use std::sync::mpsc;
use std::time::Duration;

/// A server with a story in it.
pub(super) struct Server {
    process: Child,
    /// How to get in, as it was printed.
    pub(super) greeting: Greeting,
}

/// What the demonstration tells whoever starts it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Greeting {
    /// `https://HOST:PORT`.
    pub(super) address: String,
    pub(super) name: String,
    pub(super) password: String,
}

impl Server {
    /// Starts it on this folder and waits for its greeting. What it prints is kept beside the folder.
    pub(super) fn start(program: &Path, data: &Path) -> Result<Self> {
        let (tell, greetings) = mpsc::channel();
        let way = ["demo", "--no-browser", "--port", "0"];
        let mut process = house::start(program, &way, data, move |line| {
            if let Some(greeting) = greeting(line) {
                let _ = tell.send(greeting);
            }
        })?;
        match greetings.recv_timeout(STORY_TIME_MAX) {
            Ok(greeting) => Ok(Self { process, greeting }),
            Err(_) => {
                let _ = process.kill();
                let _ = process.wait();
                bail!("the demonstration did not say how to log in")
            }
        }
    }

    /// Ends it as systemd does, and waits.
    pub(super) fn stop(&mut self) -> Result<()> {
        let status = house::stop_within(&mut self.process, PATIENCE)?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `... open ADDRESS and log in as NAME with PASSWORD`.
fn greeting(line: &str) -> Option<Greeting> {
    let (_, rest) = line.split_once("open https://")?;
    let (address, rest) = rest.split_once(" and log in as ")?;
    let (name, password) = rest.split_once(" with ")?;
    Some(Greeting {
        address: format!("https://{address}"),
        name: name.to_owned(),
        password: password.trim().to_owned(),
    })
}

/// In a debug build on a busy machine.
const STORY_TIME_MAX: Duration = Duration::from_secs(120);
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_line_says_how_to_get_in() {
        let line = "realmward-server: open https://127.0.0.1:8443 and log in as demo with vyDHkVt";
        let expected = Greeting {
            address: "https://127.0.0.1:8443".to_owned(),
            name: "demo".to_owned(),
            password: "vyDHkVt".to_owned(),
        };
        assert_eq!(greeting(line), Some(expected));
        assert_eq!(greeting("listening on https://127.0.0.1:8443"), None);
    }
}
