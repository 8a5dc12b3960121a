//! The data folder: everything that the server keeps, readable by its own account alone.

use anyhow::{Context as _, Result, anyhow};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A data folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Opens it; makes it if need be. It is closed to others either way.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| {
            let path = path.display();
            format!("cannot make the data folder {path}; make it, or name another with --data")
        })?;
        close_to_others(path, 0o700).with_context(|| {
            let path = path.display();
            format!("cannot close the data folder {path} to others; it must belong to the account that runs the server")
        })?;
        Ok(Self(path.to_owned()))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Takes the folder for this process alone, for as long as what is returned lives. The system
    /// lets it go when the process ends, however it ends.
    pub(crate) fn occupy(&self) -> Result<File> {
        let path = self.0.join(LOCK);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let opened = options.open(&path).with_context(|| {
            let (path, folder) = (path.display(), self.0.display());
            format!("cannot write {path}; the account that runs the server must be able to write to {folder}")
        })?;
        match opened.try_lock() {
            Ok(()) => Ok(opened),
            Err(TryLockError::WouldBlock) => Err(anyhow!(
                "{} is in use by another server that runs; stop it first, or name another folder with --data",
                self.0.display()
            )),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// The text of a file in it, if there is one.
    pub(crate) fn read(&self, name: &str) -> Result<Option<String>> {
        let path = self.0.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// Writes a file that only the server may read; whole or not at all.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.0.join(name);
        let draft = self.0.join(format!("{name}.new"));
        write_whole(&draft, text)
            .and_then(|()| fs::rename(&draft, &path))
            .and_then(|()| File::open(&self.0)?.sync_all())
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Held by the server that uses the folder; what is in it does not matter.
const LOCK: &str = "lock";

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    close_to_others(path, 0o600)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn close_to_others(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn close_to_others(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn others_read_neither_the_folder_nor_its_files() {
        let above = tempfile::tempdir().unwrap();
        let folder = Folder::open(&above.path().join("a/b")).unwrap();
        folder.write("key", "secret").unwrap();
        folder.write("key", "another").unwrap();
        assert_eq!(folder.read("key").unwrap().as_deref(), Some("another"));
        assert_eq!(folder.read("none").unwrap(), None);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&folder.path().join("key")), 0o600);
    }
}
