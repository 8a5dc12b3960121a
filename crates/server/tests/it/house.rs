//! A server in a folder of its own, on a port that the system chose.

use crate::https::{Answer, Client};
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) process: Child,
    lines: Receiver<String>,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), &[])
    }

    pub(crate) fn open_in(folder: tempfile::TempDir, options: &[&str]) -> Self {
        let mut process = program()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut house = Self {
            folder,
            address: "127.0.0.1:0".parse().unwrap(),
            process,
            lines,
        };
        let line = house.line_with("listening on https://");
        let (_, address) = line.split_once("https://").unwrap();
        house.address = address.parse().unwrap();
        house
    }

    /// The next line of the log that holds this text.
    pub(crate) fn line_with(&self, text: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(30)).unwrap();
            if line.contains(text) {
                return line;
            }
        }
    }

    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn authority(&self) -> String {
        std::fs::read_to_string(self.data().join("authority.pem")).unwrap()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.address, &self.authority(), None)
    }

    /// The first administrator, made by the link that the server printed.
    pub(crate) fn administrator(&self) -> Client {
        let line = self.line_with("/setup?token=");
        let mut client = self.client();
        assert_eq!(accept(&mut client, &path_in(&line), "root").status, 303);
        client.csrf = Some(csrf_of(&mut client));
        client
    }

    /// Somebody with this role, invited by an administrator.
    pub(crate) fn person(&self, root: &mut Client, name: &str, role: &str) -> Client {
        let body = json!({"name": name, "role": role});
        let answer = root.call("POST", "/api/v1/accounts", &body);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let mut client = self.client();
        let path = answer.json()["path"].as_str().unwrap().to_owned();
        assert_eq!(accept(&mut client, &path, name).status, 303);
        client.csrf = Some(csrf_of(&mut client));
        client
    }

    /// Another command of the program on the same data.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        program()
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .output()
            .unwrap()
    }

    /// Ends the server as systemd does, and gives back its folder.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> (std::process::ExitStatus, tempfile::TempDir) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        let status = self.process.wait().unwrap();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        (status, folder)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_realmward-server"))
}

/// Chooses a password on the page of a link.
pub(crate) fn accept(client: &mut Client, path: &str, name: &str) -> Answer {
    let page = client.get(path);
    assert_eq!(page.status, 200, "{page:?}");
    let csrf = field(&page.text(), "csrf");
    let token = field(&page.text(), "token");
    client.form(
        "/setup",
        &[
            ("csrf", &csrf),
            ("token", &token),
            ("name", name),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ],
    )
}

/// Logs in by program.
pub(crate) fn log_in(client: &mut Client, name: &str, password: &str) -> Answer {
    let answer = client.call(
        "POST",
        "/api/v1/session",
        &json!({"name": name, "password": password}),
    );
    if answer.status == 200 {
        client.csrf = answer.json()["csrf"].as_str().map(str::to_owned);
    }
    answer
}

fn csrf_of(client: &mut Client) -> String {
    let answer = client.get("/api/v1/session");
    answer.json()["csrf"].as_str().unwrap().to_owned()
}

/// The path of a link in a text.
pub(crate) fn path_in(text: &str) -> String {
    let (_, rest) = text.split_once("/setup?token=").unwrap();
    format!("/setup?token={}", rest.split_whitespace().next().unwrap())
}

/// Value of a hidden field.
pub(crate) fn field(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let found = page.split_once(&mark);
    let (_, rest) = found.unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

pub(crate) const PASSWORD: &str = "correct horse battery";
