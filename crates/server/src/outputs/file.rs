//! Alerts as JSON lines at the end of a file.

use super::channel::Failure;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// A file that grows. Whoever rotates it may move it away at any time.
pub(super) struct Lines {
    path: PathBuf,
}

impl Lines {
    pub(super) fn new(folder: &Path, name: &str) -> Self {
        Self {
            path: folder.join(name),
        }
    }

    pub(super) async fn send(&self, line: io::Result<Vec<u8>>) -> Result<(), Failure> {
        let line = line.map_err(|error| Failure::Refused(error.to_string()))?;
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || append(&path, &line)).await;
        let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
        written.map_err(|error| Failure::Away(format!("{}: {error}", self.path.display())))
    }
}

/// Appends a line, which is on disk then. A line that a fall of the machine cut is closed first.
fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut last = [b'\n'];
    if 0 < file.metadata()?.len() {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let mut octets = Vec::new();
    if last != [b'\n'] {
        octets.push(b'\n');
    }
    octets.extend_from_slice(line);
    file.write_all(&octets)?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_does_not_spoil_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outputs/alerts.jsonl");
        append(&path, b"{}\n").unwrap();
        fs::write(&path, "{}\n{\"ki").unwrap();
        append(&path, b"[]\n").unwrap();
        append(&path, b"{}\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}\n{\"ki\n[]\n{}\n");
    }
}
