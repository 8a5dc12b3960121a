//! Takes the files of a form, as they come, onto the disk.

use crate::web::refusal::Refusal;
use crate::web::upload::{Upload, broken};
use axum::body::Bytes;
use realmward_export::words::size;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::{self, Sender};

/// What comes to the thread that writes.
enum Part {
    /// A file of this name begins.
    Begin(String),
    Octets(Bytes),
}

/// Writes the files of a form into the folder [`SENT`] of `folder`; returns their names. What was
/// written before a refusal is removed by whoever made `folder`.
pub(super) async fn receive(folder: &Path, upload: Upload) -> Result<Vec<String>, Refusal> {
    let folder = folder.join(SENT);
    let (sender, parts) = mpsc::channel(PARTS_WAITING_MAX);
    let writing = tokio::task::spawn_blocking(move || write(&folder, parts));
    let sent = send(upload, sender).await;
    writing
        .await
        .map_err(|_| Refusal::Stopping)?
        .map_err(|error| unwritten(&error))?;
    sent
}

async fn send(Upload(mut form): Upload, sender: Sender<Part>) -> Result<Vec<String>, Refusal> {
    let mut names: Vec<String> = Vec::new();
    let mut octets = 0_u64;
    while let Some(mut field) = form.next_field().await.map_err(|it| broken(&it))? {
        let name = match field.file_name() {
            Some(name) if !name.is_empty() => fresh(&harmless(name), &names),
            // A form in which nothing was chosen has a file without a name.
            _ => continue,
        };
        if FILES_MAX <= names.len() {
            return Err(Refusal::TooMuch(format!(
                "more than {FILES_MAX} files are not taken at once"
            )));
        }
        names.push(name.clone());
        let mut part = Part::Begin(name);
        // When the writer has ended it says why itself.
        while sender.send(part).await.is_ok() {
            let Some(more) = field.chunk().await.map_err(|it| broken(&it))? else {
                break;
            };
            octets += more.len() as u64;
            if OCTETS_MAX < octets {
                return Err(too_much());
            }
            part = Part::Octets(more);
        }
    }
    if names.is_empty() {
        return Err(Refusal::Bad("no file was chosen".into()));
    }
    Ok(names)
}

fn write(folder: &Path, mut parts: mpsc::Receiver<Part>) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = None;
    while let Some(part) = parts.blocking_recv() {
        match (part, &mut file) {
            (Part::Begin(name), _) => file = Some(File::create_new(folder.join(name))?),
            (Part::Octets(octets), Some(file)) => file.write_all(&octets)?,
            (Part::Octets(_), None) => {}
        }
    }
    Ok(())
}

fn unwritten(error: &io::Error) -> Refusal {
    tracing::error!(%error, "a capture could not be written");
    if error.kind() == io::ErrorKind::StorageFull {
        return Refusal::Unavailable("the disk of the server is full".into());
    }
    Refusal::Fault
}

/// More than is taken at once.
pub(super) fn too_much() -> Refusal {
    Refusal::TooMuch(format!(
        "more than {} is not taken at once; `realmward-server analyze` reads captures of any size",
        size(OCTETS_MAX)
    ))
}

/// A folder that goes when it is dropped, unless it is to stay.
pub(super) struct Passing(pub(super) Option<PathBuf>);

impl Passing {
    pub(super) fn stays(mut self) {
        self.0 = None;
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        if let Some(folder) = self.0.take() {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// A file name that means nothing to a shell, a terminal or a file system.
fn harmless(name: &str) -> String {
    let own = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept = |it: char| {
        let is_plain = it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
        if is_plain { it } else { '_' }
    };
    let name: String = own.chars().take(NAME_CHARACTERS_MAX).map(kept).collect();
    let name = name.trim_start_matches(['.', '-']);
    if name.is_empty() {
        "capture".to_owned()
    } else {
        name.to_owned()
    }
}

/// The name, or one with a number if it was there before. File systems may not tell `A` from `a`.
fn fresh(name: &str, names: &[String]) -> String {
    let is_free = |it: &str| !names.iter().any(|other| other.eq_ignore_ascii_case(it));
    let numbered = (2_u32..).map(|it| format!("{it}-{name}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|it| is_free(it))
        .unwrap_or_default()
}

/// Folder of the captures.
pub(super) const SENT: &str = "sent";

/// All files of a form together: what a browser sends in some minutes.
pub(super) const OCTETS_MAX: u64 = 1_000_000_000;

/// An hour of rotated captures.
pub(super) const FILES_MAX: usize = 60;

/// Parts between network and disk.
const PARTS_WAITING_MAX: usize = 16;
const NAME_CHARACTERS_MAX: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder() {
        for (sent, kept) in [
            ("day one.pcapng", "day_one.pcapng"),
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\a.pcap", "a.pcap"),
            ("--out", "out"),
            (".report", "report"),
            ("..", "capture"),
            ("", "capture"),
            ("a\n\u{202e}b", "a__b"),
        ] {
            assert_eq!(harmless(sent), kept, "{sent}");
        }
    }

    #[test]
    fn two_files_of_one_name_are_two() {
        let names = ["a.pcap".to_owned(), "2-a.pcap".to_owned()];
        assert_eq!(fresh("A.pcap", &names), "3-A.pcap");
        assert_eq!(fresh("b.pcap", &names), "b.pcap");
    }
}
