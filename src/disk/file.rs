//! One file: read without blocking, without following links, within a limit, and with a [`Stamp`] that
//! tells whether it changed since.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::rules::Content;
use crate::files::{ContentHash, ModFile};

/// A file whose times are younger than this when it is read may change again without a new stamp: some
/// file systems keep whole or even seconds.
const STAMP_GRAIN: Duration = Duration::from_secs(2);

/// What tells one version of a file from the next without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    /// Device, inode, and the time of the last change of anything, where the system has them.
    identity: (u64, u64, i64, i64),
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            size: metadata.len(),
            modified: metadata.modified().ok(),
            identity: identity(metadata),
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Whether a later change is bound to give another stamp, for a file read at `read_at`.
    pub(super) fn is_certain(&self, read_at: SystemTime) -> bool {
        let is_old = |time: SystemTime| {
            read_at
                .duration_since(time)
                .is_ok_and(|age| age >= STAMP_GRAIN)
        };
        self.modified.is_some_and(is_old) && changed(self.identity).is_none_or(is_old)
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    let (seconds, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
    (metadata.dev(), metadata.ino(), seconds, nanoseconds)
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64, i64, i64) {
    (0, 0, 0, 0)
}

fn changed((_, _, seconds, _): (u64, u64, i64, i64)) -> Option<SystemTime> {
    let seconds = u64::try_from(seconds).ok().filter(|s| *s > 0)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// Used for a file over its limit, in bytes.
    TooLarge(u64),
    /// Used for a directory, FIFO, socket or device.
    NotAFile,
    /// Used for one that is not there (any more).
    Gone,
    /// Used for everything that the system refuses.
    Failed(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Unread {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Unread::Gone,
            _ => Unread::Failed(error),
        }
    }
}

/// Reads a regular file that is no link, and its stamp from before reading.
pub(super) fn read(path: &Path, content: Content) -> Result<(ModFile, Stamp), Unread> {
    let (mut file, metadata) = open(path)?;
    let stamp = Stamp::of(&metadata);
    let limit = content.bytes_max();
    if stamp.size > limit {
        return Err(Unread::TooLarge(limit));
    }
    let file = match content {
        Content::Kept(limit) => ModFile::text(read_bytes(&mut file, stamp.size, limit)?),
        Content::Hashed(limit) => hash(&mut file, limit)?,
    };
    Ok((file, stamp))
}

/// Opens a regular file. A FIFO that takes its place meanwhile must not block us, nor a link lead us away.
fn open(path: &Path) -> Result<(File, Metadata), Unread> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW);
        // Opening alone can have an effect on a device, and fails on a socket: look first.
        if !std::fs::symlink_metadata(path)?.is_file() {
            return Err(Unread::NotAFile);
        }
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Unread::NotAFile);
    }
    Ok((file, metadata))
}

/// The whole content; a file that grows while it is read ends at its limit.
fn read_bytes(file: &mut File, size: u64, limit: u64) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Unread::TooLarge(limit));
    }
    Ok(bytes)
}

fn hash(file: &mut File, limit: u64) -> Result<ModFile, Unread> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        size += count as u64;
        if size > limit {
            return Err(Unread::TooLarge(limit));
        }
        hasher.update(&buffer[..count]);
    }
    Ok(ModFile {
        hash: ContentHash::from_bytes(*hasher.finalize().as_bytes()),
        size,
        content: None,
    })
}

/// Reads a whole file of at most `bytes_max` bytes.
///
/// # Errors
/// What the system says; [`io::ErrorKind::FileTooLarge`] over the limit; [`io::ErrorKind::InvalidInput`]
/// for what is no regular file (also for a link).
pub fn read_file_limited(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let read = || {
        let (mut file, metadata) = open(path)?;
        if metadata.len() > bytes_max {
            return Err(Unread::TooLarge(bytes_max));
        }
        read_bytes(&mut file, metadata.len(), bytes_max)
    };
    read().map_err(|unread| match unread {
        Unread::TooLarge(limit) => io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("the file is larger than {limit} bytes"),
        ),
        Unread::NotAFile => io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"),
        Unread::Gone => io::ErrorKind::NotFound.into(),
        Unread::Failed(error) => error,
    })
}

/// Reads an asset: `path` is relative to the folder `mods`, as a reading lists it.
///
/// # Errors
/// As [`read_file_limited`]; [`io::ErrorKind::PermissionDenied`] for a path that leads out of the mods
/// folder, or, unless `follow_symlinks`, through any link.
pub fn read_asset(
    mods: &Path,
    path: &str,
    follow_symlinks: bool,
    bytes_max: u64,
) -> io::Result<Vec<u8>> {
    let root = mods.canonicalize()?;
    let plain = root.join(path);
    let real = plain.canonicalize()?;
    if !real.starts_with(&root) || (!follow_symlinks && real != plain) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the path leads out of the mods folder or through a link",
        ));
    }
    read_file_limited(&real, bytes_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_certain_only_when_it_is_older_than_the_grain_of_any_clock() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let stamp = Stamp::of(&file.as_file().metadata().unwrap());
        let made = stamp.modified.unwrap();
        assert!(!stamp.is_certain(made));
        assert!(!stamp.is_certain(made + Duration::from_millis(1999)));
        assert!(stamp.is_certain(made + Duration::from_secs(4)));
        // A time in the future never is.
        assert!(!stamp.is_certain(made - Duration::from_secs(3600)));
    }
}
