//! [`PrivateFolder`]: files that nobody but this user can have written: what must not be forged, for it is run.
//!
//! The folder, and each file in it, is the user's own and open to nobody else; and each file begins with a checksum
//! under a key that is made at random for the folder and never leaves it. So a file that was written elsewhere and
//! brought here, in an archive or by a program that synchronises folders, is not taken for one of ours. Whoever can
//! read the key runs as this user, and needs no such way.

use std::io;
use std::path::{Path, PathBuf};

use super::file::read_file_limited;

/// The name of the key.
const KEY: &str = "key";

/// The bytes of a key, and those of a checksum.
const KEY_BYTES: usize = 32;

/// A folder that only its owner can read or write.
#[derive(Debug)]
pub struct PrivateFolder {
    root: PathBuf,
    key: [u8; KEY_BYTES],
}

impl PrivateFolder {
    /// Opens the folder `root`; makes it if it is not there.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::PermissionDenied`] if it is somebody else's, or open to others;
    /// [`io::ErrorKind::Unsupported`] where the system does not tell that.
    pub fn open(root: &Path) -> io::Result<PrivateFolder> {
        make(root)?;
        check(root, true)?;
        let path = root.join(KEY);
        let key = match read_own(&path, KEY_BYTES as u64) {
            Ok(bytes) => bytes.try_into().map_err(|_| damaged())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = random()?;
                write(&path, &key)?;
                key
            }
            Err(error) => return Err(error),
        };
        let root = root.to_owned();
        Ok(PrivateFolder { root, key })
    }

    /// Reads a file of at most `bytes_max`.
    ///
    /// # Errors
    /// It is not there, can't be read, or was not written by [`PrivateFolder::write`] of this folder.
    pub fn read(&self, name: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
        let limit = bytes_max.saturating_add(KEY_BYTES as u64);
        let mut bytes = read_own(&self.root.join(name), limit)?;
        let content = bytes.get(KEY_BYTES..).ok_or_else(damaged)?;
        // The comparison of hashes takes the same time whatever they are.
        let said: [u8; KEY_BYTES] = bytes[..KEY_BYTES].try_into().map_err(|_| damaged())?;
        if self.checksum(name, content) != blake3::Hash::from_bytes(said) {
            return Err(damaged());
        }
        bytes.drain(..KEY_BYTES);
        Ok(bytes)
    }

    /// Writes a file, in place of the one that had the name.
    ///
    /// # Errors
    /// What the system says; then the one before is still there.
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut bytes = self.checksum(name, content).as_bytes().to_vec();
        bytes.extend_from_slice(content);
        write(&self.root.join(name), &bytes)
    }

    /// Keeps the `count` newest of the files whose names begin with `prefix`, and removes the others.
    pub fn keep_newest(&self, prefix: &str, count: usize) {
        let entries = std::fs::read_dir(&self.root)
            .into_iter()
            .flatten()
            .flatten();
        let mut found: Vec<_> = entries
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        found.sort_unstable();
        let surplus = found.len().saturating_sub(count);
        // What can't be removed now is tried again the next time.
        for (_, path) in found.into_iter().take(surplus) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// The name is part of it: a file can't stand in for another one.
    fn checksum(&self, name: &str, content: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(content);
        hasher.finalize()
    }
}

fn damaged() -> io::Error {
    let why = "is not a file that was written for this folder";
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn read_own(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    check(path, false)?;
    read_file_limited(path, bytes_max)
}

#[cfg(unix)]
mod system {
    use std::fs::{self, DirBuilder, File, Permissions};
    use std::io::{self, Read, Write};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    use std::path::Path;

    use super::KEY_BYTES;
    use crate::disk::write::temporary;

    /// What others than the owner may do.
    const OTHERS: u32 = 0o077;

    pub(super) fn make(root: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(root)
    }

    /// Refuses what is a link, is somebody else's, or is open to others.
    pub(super) fn check(path: &Path, is_folder: bool) -> io::Result<()> {
        let metadata = fs::symlink_metadata(path)?;
        let is_kind = match is_folder {
            true => metadata.is_dir(),
            false => metadata.is_file(),
        };
        let folder = if is_folder { Some(path) } else { path.parent() };
        // What we make now is ours: that says who we are.
        let own = temporary().tempfile_in(folder.unwrap_or(Path::new(".")))?;
        let is_own = metadata.uid() == own.as_file().metadata()?.uid();
        if is_kind && is_own && metadata.mode() & OTHERS == 0 {
            Ok(())
        } else {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }

    /// It may be lost with the power, like anything that can be made again: nothing waits for the disk.
    pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut builder = temporary();
        builder.permissions(Permissions::from_mode(0o600));
        let mut file = builder.tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    pub(super) fn random() -> io::Result<[u8; KEY_BYTES]> {
        let mut key = [0; KEY_BYTES];
        File::open("/dev/urandom")?.read_exact(&mut key)?;
        Ok(key)
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;
    use std::path::Path;

    use super::KEY_BYTES;

    pub(super) fn make(_: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn check(_: &Path, _: bool) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn write(_: &Path, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn random() -> io::Result<[u8; KEY_BYTES]> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

use system::{check, make, random, write};

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn kind(read: io::Result<Vec<u8>>) -> io::ErrorKind {
        read.unwrap_err().kind()
    }

    #[test]
    fn what_was_written_is_read_by_the_next_process() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("deep/cache");
        PrivateFolder::open(&path)
            .unwrap()
            .write("a", b"code")
            .unwrap();
        let folder = PrivateFolder::open(&path).unwrap();
        assert_eq!(folder.read("a", 4).unwrap(), b"code");
        assert_eq!(kind(folder.read("a", 3)), io::ErrorKind::FileTooLarge);
        assert_eq!(kind(folder.read("b", 4)), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_file_of_another_folder_or_name_is_refused_and_so_is_a_changed_one() {
        let root = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| root.path().join(name));
        let (one, two) = (
            PrivateFolder::open(&one).unwrap(),
            PrivateFolder::open(&two).unwrap(),
        );
        one.write("a", b"code").unwrap();
        fs::copy(one.root.join("a"), two.root.join("a")).unwrap();
        assert_eq!(kind(two.read("a", 99)), io::ErrorKind::InvalidData);
        fs::copy(one.root.join("a"), one.root.join("b")).unwrap();
        assert_eq!(kind(one.read("b", 99)), io::ErrorKind::InvalidData);
        let path = one.root.join("a");
        for at in 0..fs::read(&path).unwrap().len() {
            let mut bytes = fs::read(&path).unwrap();
            bytes[at] ^= 1;
            fs::write(one.root.join("b"), &bytes).unwrap();
            fs::rename(one.root.join("b"), one.root.join("c")).unwrap();
            fs::set_permissions(one.root.join("c"), fs::Permissions::from_mode(0o600)).unwrap();
            assert_eq!(
                kind(one.read("c", 99)),
                io::ErrorKind::InvalidData,
                "byte {at}"
            );
        }
        fs::write(&path, b"short").unwrap();
        assert_eq!(kind(one.read("a", 99)), io::ErrorKind::InvalidData);
    }

    #[test]
    fn what_others_could_have_written_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("cache");
        let folder = PrivateFolder::open(&path).unwrap();
        folder.write("a", b"code").unwrap();
        let open_to = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        open_to(&path.join("a"), 0o620);
        assert_eq!(kind(folder.read("a", 99)), io::ErrorKind::PermissionDenied);
        open_to(&path, 0o770);
        let opened = PrivateFolder::open(&path);
        assert_eq!(opened.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        open_to(&path, 0o700);
        let link = root.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let opened = PrivateFolder::open(&link);
        assert_eq!(opened.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn only_the_newest_are_kept() {
        let root = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::open(&root.path().join("cache")).unwrap();
        for (age, name) in ["pack-a", "pack-b", "pack-c", "other"].iter().enumerate() {
            folder.write(name, b"code").unwrap();
            let file = fs::File::options()
                .write(true)
                .open(folder.root.join(name))
                .unwrap();
            let then =
                std::time::SystemTime::now() - std::time::Duration::from_secs(age as u64 * 9);
            file.set_modified(then).unwrap();
        }
        folder.keep_newest("pack-", 2);
        let is_there = ["pack-a", "pack-b", "pack-c", "other"].map(|it| folder.read(it, 9).is_ok());
        assert_eq!(is_there, [true, true, false, true]);
    }
}
