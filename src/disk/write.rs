//! [`write_atomic`]: a file is either as it was or as it should be, whatever happens meanwhile.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file so that readers, and a power failure, meet the old content or the new, never a part:
/// a temporary file in the same folder, synced, renamed over it, and the folder synced. Makes missing
/// folders. Takes some 10 ms on a disk, so it is not for the game's thread.
///
/// # Errors
/// What the system says; the old content is still there then.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A device or a FIFO would be replaced by a file.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    let folder = make_folder_above(path)?;
    let file = written_beside(folder, path, bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// As [`write_atomic`], but only where nothing is yet.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if there is anything at `path`, which is left as it is; otherwise what the
/// system says.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = make_folder_above(path)?;
    let file = written_beside(folder, path, bytes)?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// What is to be at `path`, written and synced under another name.
fn written_beside(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = temporary();
    if let Some(permissions) = permissions_for(path) {
        builder.permissions(permissions);
    }
    let mut file = builder.tempfile_in(folder).map_err(without_path)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The folder that `path` is in; it is made if it is missing.
pub(super) fn make_folder_above(path: &Path) -> io::Result<&Path> {
    let folder = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(io::ErrorKind::InvalidInput.into()),
    };
    fs::create_dir_all(folder)?;
    Ok(folder)
}

/// The same error in the words of the system alone: the crate adds the absolute path.
pub(super) fn without_path(error: io::Error) -> io::Error {
    error.kind().into()
}

/// How the name of what is not finished yet begins.
pub(super) const TEMPORARY_PREFIX: &str = ".lunation-";

/// What is not finished yet, under a name that the default ignore patterns know.
pub(super) fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).suffix(".tmp");
    builder
}

/// Those of the file that is replaced; a new one is as any program makes it (the umask applies).
#[cfg(unix)]
fn permissions_for(path: &Path) -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    let existing = fs::metadata(path).map(|metadata| metadata.permissions());
    Some(existing.unwrap_or_else(|_| fs::Permissions::from_mode(0o666)))
}

#[cfg(not(unix))]
fn permissions_for(_: &Path) -> Option<fs::Permissions> {
    None
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder can't be opened, and a rename is durable by itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
