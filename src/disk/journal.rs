//! [`Journal`]: a file that lines are added to, and that is turned over when it is full.
//!
//! Several processes may write into one: each adds whole lines at the end, and whoever finds it full turns it
//! over, under a lock. A line that a crash left torn is ended before the next one begins; readers pass it over.
//! Nothing is synced: what is written outlives the process, not a power failure.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use super::file::read_file_limited;
use super::write::make_folder_above;

/// How often the lock is asked for before lines are added without it, a millisecond apart. Whoever holds it only
/// adds a few lines.
const TRIES: u32 = 100;

/// A file that lines are added to.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
}

impl Journal {
    /// The journal at `path`. Nothing is touched yet.
    pub fn new(path: impl Into<PathBuf>) -> Journal {
        Journal { path: path.into() }
    }

    /// Adds `lines`, each with its end; makes the file, and the folders above it. A file that would have more
    /// than `bytes_max` becomes the old one first, in place of the one before.
    ///
    /// # Errors
    /// What the system says; a part of the lines may be there. Something that is no regular file is not written.
    pub fn append(&self, lines: &[u8], bytes_max: u64) -> io::Result<()> {
        make_folder_above(&self.path)?;
        let lock = lock(&self.path.with_extension("lock"))?;
        let mut file = open(&self.path)?;
        if lock.is_some() {
            let length = file.metadata()?.len();
            if length > 0 && length + lines.len() as u64 > bytes_max {
                fs::rename(&self.path, self.old())?;
                file = open(&self.path)?;
            }
            if is_torn(&mut file)? {
                file.write_all(b"\n")?;
            }
        }
        file.write_all(lines)
    }

    /// Every line, oldest first: those of the old file, then those of this one, as far as they have at most
    /// `bytes_max` each. A last line without its end is left out.
    ///
    /// # Errors
    /// What the system says. There are no lines where there is no file.
    pub fn lines(&self, bytes_max: u64) -> io::Result<Vec<Vec<u8>>> {
        let mut lines = Vec::new();
        for path in [&self.old(), &self.path] {
            let bytes = match read_file_limited(path, bytes_max) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                bytes => bytes?,
            };
            let whole = bytes.split_inclusive(|byte| *byte == b'\n');
            lines.extend(whole.filter_map(|line| Some(line.strip_suffix(b"\n")?.to_vec())));
        }
        Ok(lines)
    }

    fn old(&self) -> PathBuf {
        let extension = self.path.extension().unwrap_or_default();
        let extension = format!("old.{}", extension.to_string_lossy());
        self.path.with_extension(extension)
    }
}

/// What the clock on the wall says: seconds since the beginning of 1970, UTC.
pub fn seconds_since_1970() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_millis() as f64 / 1000.0)
}

/// The lock, until it is dropped; `None` if somebody keeps it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = open(path)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => thread::park_timeout(Duration::from_millis(1)),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// Opens a file to read it and to add to it; makes it if it is not there.
fn open(path: &Path) -> io::Result<File> {
    // A link would lead elsewhere, a FIFO would block.
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    File::options()
        .create(true)
        .read(true)
        .append(true)
        .open(path)
}

/// Whether the last line has no end: a crash, or a full disk, came between.
fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, Journal) {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path().join("deep/er/audit.jsonl"));
        (folder, journal)
    }

    #[track_caller]
    fn check(journal: &Journal, expected: &[&str]) {
        let lines = journal.lines(1 << 20).unwrap();
        let lines: Vec<String> = lines
            .into_iter()
            .map(|line| String::from_utf8(line).unwrap())
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_are_added_and_a_full_file_becomes_the_old_one() {
        let (_folder, journal) = place();
        check(&journal, &[]);
        for line in ["one\n", "two\n", "three\n"] {
            journal.append(line.as_bytes(), 9).unwrap();
        }
        check(&journal, &["one", "two", "three"]);
        journal.append(b"four\n", 9).unwrap();
        check(&journal, &["three", "four"]);
    }

    #[test]
    fn a_line_longer_than_the_file_may_be_stands_alone() {
        let (_folder, journal) = place();
        journal.append(b"far too long\n", 4).unwrap();
        journal.append(b"x\n", 4).unwrap();
        check(&journal, &["far too long", "x"]);
    }

    #[test]
    fn a_torn_line_is_left_out_and_spoils_no_other() {
        let (_folder, journal) = place();
        journal.append(b"whole\n", 100).unwrap();
        journal.append(b"{\"torn", 100).unwrap();
        check(&journal, &["whole"]);
        journal.append(b"after\n", 100).unwrap();
        check(&journal, &["whole", "{\"torn", "after"]);
    }

    #[test]
    fn two_that_write_at_once_lose_nothing() {
        let (_folder, journal) = place();
        thread::scope(|scope| {
            for name in ["a", "b"] {
                let other = Journal::new(journal.path.clone());
                scope.spawn(move || {
                    for i in 0..200 {
                        other
                            .append(format!("{name} {i}\n").as_bytes(), 1 << 20)
                            .unwrap();
                    }
                });
            }
        });
        let lines = journal.lines(1 << 20).unwrap();
        for name in ["a", "b"] {
            let own: Vec<_> = lines
                .iter()
                .filter(|line| line.starts_with(name.as_bytes()))
                .collect();
            let expected: Vec<_> = (0..200)
                .map(|i| format!("{name} {i}").into_bytes())
                .collect();
            assert_eq!(own, expected.iter().collect::<Vec<_>>());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let (folder, journal) = place();
        journal.append(b"", 100).unwrap();
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "precious").unwrap();
        fs::remove_file(&journal.path).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &journal.path).unwrap();
        assert!(journal.append(b"x\n", 100).is_err());
        assert_eq!(fs::read(elsewhere).unwrap(), b"precious");
    }
}
