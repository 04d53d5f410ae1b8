//! [`Store`]: a folder that keeps bytes for good: objects by the hash of their content, and named records that
//! refer to them. Knows nothing of mods.
//!
//! ```text
//! lock                      held by the one process that writes
//! objects/ab/cdef…          contents, named by their BLAKE3 hash
//! <shelf>/<name>            records: small, replaced as a whole
//! ```
//!
//! Whatever is written goes into a temporary file first, is synced, and is renamed: a name always has its
//! whole content. A record is written after the objects that it refers to, and removed before them; so at every
//! moment, whatever happens, each record that is there can be read whole. What is found is distrusted: every
//! object is compared with its name, everything has a limit, and no link inside is followed.

mod objects;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::file::read_file_limited;
use super::write::{TEMPORARY_PREFIX, sync_folder, write_atomic};

/// The most records of one shelf that are looked at; more are there only if somebody put them there.
const RECORDS_MAX: usize = 20_000;

/// A folder that keeps objects and records.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    /// Held as long as the store may be written.
    lock: Option<File>,
}

/// Why a store can't be written.
#[derive(Debug, thiserror::Error)]
pub enum Locked {
    /// Used when another process, or another store of this one, has it.
    #[error("another process uses it")]
    InUse,
    /// Used when the system refuses it.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

impl Store {
    /// Opens the store in the folder `root` for reading and writing; makes it if it is not there, and cleans up
    /// what an earlier process left half-written. It is ours until it is dropped.
    ///
    /// # Errors
    /// Somebody else has it, or it can't be written.
    pub fn open(root: &Path) -> Result<Store, Locked> {
        fs::create_dir_all(root)?;
        let path = root.join("lock");
        if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::from(io::ErrorKind::InvalidInput).into());
        }
        let mut options = File::options();
        let lock = options.create(true).append(true).open(path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Locked::InUse),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let store = Store {
            root: root.to_owned(),
            lock: Some(lock),
        };
        store.remove_half_written();
        Ok(store)
    }

    /// Looks into the store in the folder `root` without writing anything.
    pub fn look(root: &Path) -> Store {
        Store {
            root: root.to_owned(),
            lock: None,
        }
    }

    /// Whether it may be written.
    pub fn is_writable(&self) -> bool {
        self.lock.is_some()
    }

    /// The names of the shelves below the shelf `above`, sorted.
    pub fn shelves(&self, above: &str) -> Vec<String> {
        let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
        self.names(above, is_folder)
    }

    /// The names of the records on a shelf, sorted.
    pub fn records(&self, shelf: &str) -> Vec<String> {
        let is_file = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
        self.names(shelf, is_file)
    }

    /// Reads a record of at most `bytes_max`.
    ///
    /// # Errors
    /// What the system says, or that it is too large.
    pub fn read_record(&self, shelf: &str, name: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
        read_file_limited(&self.root.join(shelf).join(name), bytes_max)
    }

    /// Writes a record, in place of the one that had the name.
    ///
    /// # Errors
    /// What the system says; then the one before is still there.
    pub fn write_record(&self, shelf: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = self.folder_to_write(shelf)?;
        write_atomic(&folder.join(name), bytes)
    }

    /// Removes a record.
    ///
    /// # Errors
    /// What the system says. One that is not there is removed already.
    pub fn remove_record(&self, shelf: &str, name: &str) -> io::Result<()> {
        let folder = self.folder_to_write(shelf)?;
        gone(fs::remove_file(folder.join(name)))
    }

    fn names(&self, shelf: &str, is_wanted: impl Fn(&fs::DirEntry) -> bool) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(shelf)).into_iter().flatten();
        let names: BTreeSet<String> = entries
            .take(RECORDS_MAX)
            .flatten()
            .filter(is_wanted)
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.starts_with(TEMPORARY_PREFIX))
            .collect();
        names.into_iter().collect()
    }

    /// A folder of the store, made if it is missing. A link in its place is not followed.
    fn folder_to_write(&self, below: &str) -> io::Result<PathBuf> {
        if self.lock.is_none() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut folder = self.root.clone();
        for part in below.split('/') {
            let above = folder.clone();
            folder.push(part);
            match fs::create_dir(&folder) {
                Ok(()) => sync_folder(&above)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            if !fs::symlink_metadata(&folder)?.is_dir() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
        }
        Ok(folder)
    }

    /// Temporary files of a process that was killed. Nobody else writes here: the lock is ours.
    fn remove_half_written(&self) {
        let mut pending = vec![(self.root.clone(), 0)];
        while let Some((folder, depth)) = pending.pop() {
            let entries = fs::read_dir(folder).into_iter().flatten();
            for entry in entries.take(RECORDS_MAX).flatten() {
                let name = entry.file_name();
                let is_temporary = name.to_string_lossy().starts_with(TEMPORARY_PREFIX);
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && depth < 2 => {
                        pending.push((entry.path(), depth + 1));
                    }
                    // What can't be removed now is tried again at the next start.
                    Ok(kind) if kind.is_file() && is_temporary => {
                        let _ = fs::remove_file(entry.path());
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Removing what is not there is done already.
fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
